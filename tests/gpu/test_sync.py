"""No solver reads a value on the host, with a certificate or without: where none is at hand, as on a GPU.

Three stand-ins, none of them a GPU: array-api-strict's second device with conversions that raise, ``jax.eval_shape``,
and torch's ``meta`` device, whose arrays have no entries at all.
"""

import numpy as np
import pytest

import ntr_spec as ntr
from ntr_spec.verify.backends import backend
from ntr_spec.verify.bench import Bench
from tests.gpu.solvers import SOLVERS

LIBRARIES = ("strict", "jax", "torch")


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("name", SOLVERS)
@pytest.mark.parametrize("shape", [(4, 3), (3, 4), (9, 2)])
def test_solvers_stay_on_their_device(name, library, shape):
    norm = SOLVERS[name]()
    bench = Bench(backend(library), "float32")
    x = bench.asarray(np.random.default_rng(0).normal(size=shape))

    def certified(g):
        v, certificate = norm.lmo(g, certificate=True)
        return v, certificate.delta

    assert bench.watch_host(norm.lmo, x) is None
    assert bench.watch_host(certified, x) is None


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("name", SOLVERS)
def test_so_do_stacks(name, library):
    inner = SOLVERS[name]()
    norm = ntr.Stacked(inner)
    bench = Bench(backend(library), "float32")
    x = bench.asarray(np.random.default_rng(0).normal(size=(2, 4, 3)))

    def certified(g):
        v, certificate = norm.lmo(g, certificate=True)
        return v, certificate.delta

    assert bench.watch_host(certified, x) is None


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_read_is_seen(library):
    bench = Bench(backend(library), "float32")
    x = bench.asarray(np.ones((2, 2)))
    assert bench.watch_host(lambda g: g * float(g[0, 0]), x) is not None


@pytest.mark.parametrize("library", ["strict", "torch"])
def test_a_certificate_lies_beside_its_point(library):
    bench = Bench(backend(library), "float32")
    x = bench.elsewhere(bench.asarray(np.random.default_rng(0).normal(size=(4, 3))))
    for name in ("SVD", "PolarExpress"):
        _, certificate = SOLVERS[name]().lmo(x, certificate=True)
        assert (str(certificate.delta.device), certificate.delta.shape) == (str(x.device), ())
        assert certificate.delta.dtype == x.dtype
