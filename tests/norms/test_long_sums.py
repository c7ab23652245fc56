"""Certificates where rounding errors do not have random sign: long sums of equal terms, roundings that point one way.

Every one of these matrices once broke a certificate.
"""

import numpy as np
import pytest
import torch

import ntr_spec as ntr
from ntr_spec import polar
from tests.norms import spectra

SOLVERS = (
    polar.SVD(),
    polar.GramEigh(),
    polar.QDWH(),
    polar.PolarExpress(),
    polar.PolarExpress(9, 1e-2),
    polar.PolarExpress(16, 1e-7, gram=False),
    polar.PolarExpress(gram=True),
    polar.NewtonSchulz(),
    polar.Auto(1e-5),
)


@pytest.mark.parametrize("solver", SOLVERS, ids=repr)
@pytest.mark.parametrize("name", spectra.LONG)
def test_long_sums_of_equal_terms(name, solver):
    norm = ntr.Spectral(polar=solver)
    x = spectra.LONG[name]().astype(np.float32)
    cases = [x, np.ascontiguousarray(x.T)]
    if min(x.shape) <= 64:
        cases.append(torch.tensor(x))
    if x.size <= 32_000:
        cases.append(spectra.LONG[name]())
    for g in cases:
        v, certificate = norm.lmo(g, certificate=True)
        assert not spectra.held(g, -v, certificate.delta)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("solver", [polar.SVD(), polar.GramEigh(), polar.QDWH(), polar.PolarExpress(9)], ids=repr)
def test_roundings_that_point_one_way(solver, dtype):
    matrix = spectra.rounded_one_way(spectra.EPS[dtype])
    plain = torch.tensor(matrix / (1 + spectra.EPS[dtype])).to(getattr(torch, dtype))
    assert spectra.largest_singular_value(spectra.exactly(plain))[0] > 1 + 0.2 * spectra.EPS[dtype]
    for scale in (1.97 * 240**0.5, 1.0):  # the magnitude of the entries decides which way they round
        g = torch.tensor(matrix * scale).to(getattr(torch, dtype))
        v, certificate = ntr.Spectral(polar=solver).lmo(g, certificate=True)
        assert not spectra.held(g, -v, certificate.delta)


def test_reflectors_in_half_precision():
    """Entries of two magnitudes, which round the way of one vector of alternating signs."""
    u = (-1.0) ** np.arange(318)
    reflector = np.eye(318) - 2 / 318 * np.outer(u, u)
    for scale in (1.97265625, 1.92578125, 1.87890625):
        g = torch.tensor(0.9 * scale * np.vstack([reflector] * 2)).bfloat16()
        for solver in (polar.SVD(), polar.QDWH()):
            v, certificate = ntr.Spectral(polar=solver).lmo(g, certificate=True)
            assert not spectra.held(g, -v, certificate.delta)


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
@pytest.mark.parametrize("radius", [3.7, 1e-3, 0.7])
def test_another_radius_is_rounded_too(radius, dtype):
    for name in ("flat-8x400", "hadamard-320x64"):
        g = torch.tensor(spectra.LONG[name]()).to(getattr(torch, dtype))
        for solver in (polar.SVD(), polar.PolarExpress(9, 1e-2)):
            v, certificate = ntr.Spectral(polar=solver).lmo(g, radius, certificate=True)
            unit = -spectra.exactly(v) / radius
            allowed = 4 * 2.0**-23 if dtype == "float32" else 2 * spectra.EPS[dtype]
            assert not spectra.held(g, unit, certificate.delta, allowance=allowed)
