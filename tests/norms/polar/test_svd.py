"""``SVD`` with its certificate: feasible where LAPACK is not, never more lost than it says, one bad matrix alone."""

from types import SimpleNamespace

import jax
import numpy as np
import pytest
import torch

import ntr_spec as ntr
from ntr_spec.arrays import namespace_of
from ntr_spec.norms.polar import lying
from tests.norms.spectra import EPS, exactly, held, judged, matrix

SVD = ntr.polar.SVD
NAMES = ("gaussian", "geometric_1e12", "half_rank", "rank_one", "ones", "triangular", "graded_rows", "near_ties")


def certified(solver, x):
    found = solver.certified(x, namespace_of(x))
    np.testing.assert_array_equal(exactly(found.factor), exactly(solver.factor(x, namespace_of(x))))
    assert found.factor.dtype == x.dtype
    return found


@pytest.mark.parametrize("shape", [(1, 1), (2, 2), (5, 3), (12, 50), (40, 12)])
@pytest.mark.parametrize("name", NAMES)
def test_the_certificate_holds_and_is_small(name, shape):
    x = matrix(name, shape)
    x = x / np.max(np.abs(x))
    arrays = [x, x.astype(np.float32), torch.tensor(x, dtype=torch.float32)]
    for y in arrays:
        found = certified(SVD(), y)
        assert not held(y, found.factor, found.delta)
        assert found.delta < 60 * EPS["float64" if y is x else "float32"] * min(shape) ** 0.5
        assert (found.solver, found.fallback) == ("SVD()", "")
    for y in (x.astype(np.float16), torch.tensor(x).bfloat16()):
        found = certified(SVD(), y)
        assert not held(y, found.factor, found.delta)
        assert found.delta.dtype in (np.float32, torch.float32)
        assert found.delta < 1.5 * EPS["float16" if isinstance(y, np.ndarray) else "bfloat16"]


def test_feasible_where_lapack_is_not():
    """U·Vᵀ of a tall triangle of ones is hundreds of eps too long in float32, and seen to be so here."""
    x = matrix("triangular", (320, 80)).astype(np.float32)
    u, _, vt = torch.linalg.svd(torch.tensor(x), full_matrices=False)
    assert np.linalg.norm(exactly(u @ vt), 2) > 1 + 10 * EPS["float32"]
    for y in (torch.tensor(x), x):
        found = certified(SVD(), y)
        assert not held(y, found.factor, found.delta)


def test_what_the_cutoff_drops_is_in_delta():
    x = np.diag([1.0, 0.4, 0.1])
    found = certified(SVD(cutoff=0.2), x)
    np.testing.assert_allclose(found.factor, np.diag([1.0, 1.0, 0.0]), atol=1e-12)
    np.testing.assert_allclose(found.delta, 0.1 / 1.5, rtol=1e-9)
    assert not held(x, found.factor, found.delta)


@pytest.mark.parametrize("shape", [(4, 3), (3, 4)])
def test_stacks_with_zero_and_faults(shape):
    x = np.random.default_rng(0).normal(size=(2, 2, *shape))
    x[0, 0] = 0.0
    x[0, 1, -1, -1] = np.nan
    x[1, 0, 0, 1] = -np.inf
    for y in (x, torch.tensor(x), x.astype(np.float32), torch.tensor(x).half()):
        found = certified(SVD(), y)
        assert tuple(found.delta.shape) == (2, 2)
        assert not held(y, found.factor, found.delta)
        assert found.delta[0, 0] == 0
        assert np.isnan(exactly(found.delta)[[0, 1], [1, 0]]).all()


def test_a_decomposition_that_fails_in_silence_is_nan():
    """cuSOLVER may leave garbage behind; where that is not finite, the whole matrix is NaN, and δ is."""
    x = np.random.default_rng(1).normal(size=(3, 4, 4))
    xp = namespace_of(x).certifying()
    real = xp.linalg.svd

    def failing(y, full_matrices=True):
        u, s, vh = real(y, full_matrices=full_matrices)
        u = u.copy()
        u[1, 2, 3] = np.inf
        return u, s, vh

    xp.linalg = SimpleNamespace(svd=failing)
    with np.errstate(invalid="ignore"):
        found = SVD().certified(x, xp)
    assert np.isnan(found.factor[1]).all()
    assert np.isnan(found.delta).tolist() == [False, True, False]


def test_compiled_and_without_values():
    x = jax.numpy.asarray(matrix("gaussian", (5, 3)), dtype="float32")
    xp = namespace_of(x)
    factor, delta = jax.jit(lambda y: (SVD().certified(y, xp).factor, SVD().certified(y, xp).delta))(x)
    assert not held(x, factor, delta)
    assert jax.eval_shape(lambda y: SVD().certified(y, xp).delta, x).shape == ()
    meta = torch.empty((2, 5, 3), device="meta")
    found = SVD().certified(meta, namespace_of(meta))
    assert found.factor.shape == (2, 5, 3)
    assert found.delta.shape == (2,)


@pytest.mark.parametrize("name", ["gaussian", "half_rank", "geometric_1e7", "orthogonal", "ones", "signs"])
@pytest.mark.parametrize("shape", [(64, 64), (96, 32)])
def test_products_in_a_coarser_precision_are_in_the_certificate(name, shape):
    x = torch.tensor(matrix(name, shape), dtype=torch.float32)
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("medium")  # bfloat16 units, on a CPU that has them
    try:
        found = [solver.certified(x, namespace_of(x)) for solver in (SVD(), ntr.polar.GramEigh(), ntr.polar.QDWH())]
    finally:
        torch.set_float32_matmul_precision(before)
    for one in found:
        assert not held(x, one.factor, one.delta), one.solver
        assert one.delta > 1e-3


def test_orientation_and_precision_come_and_go():
    x = np.arange(6, dtype=np.float16).reshape(3, 2)
    xp = namespace_of(x)
    y = lying.enter(x, xp)
    assert y.shape == (2, 3)
    assert y.dtype == np.float32
    back = lying.leave(y, x, xp)
    np.testing.assert_array_equal(back, x)
    assert back.dtype == np.float16


def test_the_certificate_reaches_the_norm():
    x = matrix("gaussian", (6, 4))
    v, certificate = ntr.Spectral().lmo(x, certificate=True)
    verdict = judged(x, -v, certificate.delta)
    assert verdict
    assert certificate.solvers == ("SVD()",)
