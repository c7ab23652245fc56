"""The judge of certificates, judged: against mpmath, and by certificates that are wrong in their last digit."""

import mpmath
import numpy as np
import pytest
import torch

from tests.norms import spectra
from tests.norms.spectra import NAMES, NUCLEAR, SPECTRAL, held, judged, ky_fan


def by_mpmath(x):
    return sorted((mpmath.mpf(s) for s in mpmath.svd_r(mpmath.matrix(x.tolist()), compute_uv=False)), reverse=True)


def to_mpmath(s):
    high = float(s)
    return mpmath.mpf(high) + mpmath.mpf(float(s - np.longdouble(high)))


@pytest.mark.parametrize("shape", [(1, 1), (1, 4), (4, 3), (3, 6)])
def test_singular_values_to_more_digits_than_float64_has(shape):
    for name, x in spectra.matrices([shape]):
        found, error = spectra.singular_values(x)
        assert len(found) == min(shape)
        assert error < 2e-17
        with mpmath.workdps(50):
            exact = by_mpmath(x)
            for mine, theirs in ((sum(found), sum(exact)), (found[0], exact[0])):
                assert abs(to_mpmath(mine) - theirs) <= error * theirs, name
        unit = x / float(found[0])
        top, bound = spectra.largest_singular_value(unit)
        assert abs(top - spectra.singular_values(unit)[0][0]) <= bound + error, name


def test_every_matrix_is_there_finite_and_the_same_at_every_call():
    assert len(set(NAMES)) == len(NAMES) >= 35
    for name, x in spectra.matrices():
        assert np.all(np.isfinite(x)), name
        assert np.any(x), name
    np.testing.assert_array_equal(spectra.matrix("gaussian", (3, 4)), spectra.matrix("gaussian", (3, 4)))
    kappa = [float(s[0] / s[-1]) for s in (spectra.singular_values(spectra.matrix("geometric_1e12", (9, 9)))[0],)]
    np.testing.assert_allclose(kappa, 1e12, rtol=1e-3)
    scaled = spectra.stack((3, 2), "float32", 1e30)
    assert 1e29 < np.max(np.abs(scaled)) < 1e31
    np.testing.assert_array_equal(scaled.astype(np.float32).astype(float), scaled)


X = np.diag([3.0, 4.0])
EXACT = np.eye(2)


@pytest.mark.parametrize(
    ("v", "delta", "fault"),
    [
        (EXACT, 0.0, ""),
        (EXACT, 1.0, ""),
        (0.5 * EXACT, 0.5, ""),
        (0.5 * EXACT, np.nextafter(0.5, 0), "certified"),
        (EXACT * (1 - 2.0**-53), 2.0**-53, ""),
        (EXACT * (1 - 2.0**-53), 2.0**-54, "certified"),
        (EXACT * (1 + 2.0**-52), 0.5, "‖v‖ = 1 + 2.2"),
        (-EXACT, 1.0, "certified"),
        (EXACT, -1e-300, "outside"),
        (EXACT, 1.1, "outside"),
        (EXACT, np.nan, "outside"),
        (EXACT * np.nan, 0.1, "v is not"),
        (EXACT[:1], 0.1, "shape"),
    ],
)
def test_the_judge_forgives_nothing(v, delta, fault):
    found = held(X, v, np.asarray(delta))
    assert fault in found
    assert bool(found) == bool(fault)
    assert bool(judged(X, v, np.asarray(delta))) != bool(fault)


def test_zero_and_what_is_not_finite():
    zero, nan, one = np.zeros((2, 2)), np.full((2, 2), np.nan), np.asarray(1.0)
    assert not held(zero, zero, 0 * one)
    assert held(zero, zero, 1e-9 * one)
    assert held(zero, EXACT, 0 * one)
    for bad in (np.nan, np.inf, -np.inf):
        x = X.copy()
        x[0, 1] = bad
        assert not held(x, nan, np.nan * one)
        assert held(x, nan, one)
        assert held(x, EXACT, np.nan * one)


def test_other_norms_and_libraries():
    rank_one = np.diag([0.0, 1.0])
    assert not held(X, rank_one, np.asarray(0.0), NUCLEAR)
    assert "‖v‖" in held(X, EXACT, np.asarray(0.0), NUCLEAR)
    assert "certified" in held(X, np.diag([1.0, 0.0]), np.asarray(0.2), NUCLEAR)
    assert not held(X, np.diag([1.0, 0.0]), np.asarray(0.25), NUCLEAR)
    wide = np.diag([4.0, 3.0, 3.0])
    assert not held(wide, np.eye(3) / 2, np.asarray(0.0), ky_fan(2))
    assert "certified" in held(wide, np.diag([1.0, 0, 0]), np.asarray(0.19), ky_fan(2))
    assert not held(wide, np.diag([1.0, 0, 0]), np.asarray(0.2000001), ky_fan(2))
    half = torch.tensor(X, dtype=torch.bfloat16)
    assert not held(half, torch.eye(2, dtype=torch.bfloat16), torch.tensor(0.0))


def test_stacks_have_a_certificate_for_each():
    x = np.stack([X, 0 * X, 2 * X])
    v = np.stack([EXACT, 0 * EXACT, 0.5 * EXACT])
    assert not held(x, v, np.asarray([0.0, 0.0, 0.5]))
    assert held(x, v, np.asarray([0.0, 0.0, 0.4])).startswith("matrix (2,)")
    assert held(x, v, np.asarray([0.0, 0.5, 0.5])).startswith("matrix (1,)")
    assert "shape" in held(x, v, np.asarray(0.5))


@pytest.mark.parametrize("gauge", [SPECTRAL, NUCLEAR, ky_fan(2)], ids=lambda gauge: gauge.name)
def test_the_gauges_are_dual_to_each_other(gauge):
    rng = np.random.default_rng(0)
    for _ in range(50):
        s, t = (np.sort(np.abs(rng.normal(size=4)))[::-1] for _ in range(2))
        assert s @ t <= gauge.value(s) * gauge.dual(t) * (1 + 1e-12)
