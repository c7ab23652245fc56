"""δ and Σσᵢ from ⟨X, V⟩ and ‖V‖_F against naive twins, sixty digits, and perturbations made to hurt."""

import math

import mpmath
import numpy as np
import pytest

from ntr_spec.arrays import namespace_of
from ntr_spec.norms.polar.image import Map, Quintic, feasible, mapped
from ntr_spec.norms.polar.posterior import posterior, total

XP = namespace_of(np.ones(1))
EPS = 2.0**-52
MAPS = {
    "identity": (Quintic(1.0, 0.0, 0.0),),
    "cubic": (Quintic(1.5, -0.5, 0.0),) * 4,
    "quintic": (Quintic(15 / 8, -10 / 8, 3 / 8),) * 7,
    "Muon": feasible((Quintic(3.4445, -4.7750, 2.0315),) * 3),
    "flat at zero": (Quintic(0.0, 2.0, -1.0),) * 2,
}
every_map = pytest.mark.parametrize("name", MAPS)


def through(steps, s):
    for step in steps:
        s = step.value(s)
    return s


def precisely_through(steps, s):
    x = mpmath.mpf(s)
    for step in steps:
        a, b, c = mpmath.mpf(step.a), mpmath.mpf(step.b), mpmath.mpf(step.c)
        x = x * (a + b * x**2 + c * x**4)
    return x


def asked(d, n, size, rank, p, unit=0.0):
    return float(posterior(np.asarray(float(d)), np.asarray(float(n)), np.asarray(float(size)), rank, p, unit, XP))


def spectra(p):
    """Singular values anyhow, at points of the grid and just below them, of one size, zero, and far apart."""
    rng = np.random.default_rng(0)
    grid = np.array(p.grid)
    for _ in range(30):
        yield rng.uniform(size=rng.integers(1, 9)) ** rng.integers(1, 12)
        yield rng.choice(grid, size=rng.integers(1, 9))
        yield np.nextafter(rng.choice(grid, size=rng.integers(1, 5)), 0.0)
        yield np.repeat(10.0 ** rng.uniform(-9, 0), rng.integers(1, 12))
    yield np.array([1.0] + [0.0] * 20)
    yield np.array([1.0] + [1e-9] * 20)
    yield np.array([1e-9])


@every_map
def test_no_spectrum_has_a_greater_delta(name):
    """p in sixty digits: δ of the bound is at least the true one."""
    steps, p = MAPS[name], mapped(MAPS[name])
    for s in spectra(p):
        with mpmath.workdps(60):
            values = [precisely_through(steps, float(x)) for x in s]
            d = sum(x * v for x, v in zip(map(float, s), values, strict=True))
            n = sum(1 - v * v for v in values)
            whole = mpmath.fsum(map(float, s))
            true = float(1 - d / whole)
        assert asked(d, n, np.linalg.norm(s), len(s), p) >= true - 4 * EPS
        assert total(np.asarray(float(d)), np.asarray(float(n)), p, XP) >= float(whole) * (1 - 4 * EPS)


@every_map
def test_it_is_the_least_of_all_bounds_of_the_grid(name):
    """Against a loop over the grid, which takes the formulas as they stand on the page."""
    steps, p = MAPS[name], mapped(MAPS[name])
    for s in spectra(p):
        v = through(steps, s)
        d, n, size = float(s @ v), float(np.sum(1 - v * v)), float(np.linalg.norm(s))
        for u in (0.0, 1e-3):
            least = min((e * d + low * n) / (d + low * n) for low, e in zip(p.grid, p.lost, strict=True))
            least += u * (1 + 2 * math.sqrt(len(s)) * size / d)
            assert asked(d, n, size, len(s), p, u) == pytest.approx(min(least, 1.0), rel=1e-12, abs=1e-300)
        least = min((d + low * n) / (1 - e) for low, e in zip(p.grid, p.lost, strict=True) if e < 1)
        assert float(total(np.asarray(d), np.asarray(n), p, XP)) == pytest.approx(least, rel=1e-12)


@pytest.mark.parametrize("low", [0.5, 1e-3, 1e-8])
@pytest.mark.parametrize("zeros", [1, 7, 100])
def test_a_map_that_drops_what_is_small_is_paid_for_and_no_more(low, zeros):
    """p = 0 below ℓ and 1 from there on. All that lies just below ℓ is lost: the bound is exceeded by nothing less."""
    p = Map(grid=(low, 1.0), lost=(0.0, 0.0))
    s = np.array([1.0, 0.75] + [low * (1 - 1e-12)] * zeros)
    d, n, whole = 1.75, float(zeros), float(np.sum(s))
    assert 1 - d / whole - 4 * EPS <= asked(d, n, np.linalg.norm(s), len(s), p) <= (1 - d / whole) * (1 + 1e-9) + EPS
    assert whole <= total(np.asarray(d), np.asarray(n), p, XP) <= whole * (1 + 1e-9)


# ---- rounding: V is p of X + F ---------------------------------------------------------------------------

STEEP = (Quintic(15 / 8, -10 / 8, 3 / 8),) * 30


@pytest.mark.parametrize("rank", [2, 9, 64, 400])
@pytest.mark.parametrize("unit", [1e-3, 1e-5])
def test_a_perturbation_along_the_polar_factor(rank, unit):
    """X = diag(1, t, …, t) and F = −cI, ‖F‖_F = u‖X‖_F: X + F has t − c < 0, and V all its signs wrong but one.

    V is orthogonal, so that r − ‖V‖_F² says nothing; u alone has to pay, with √r.
    """
    c = unit / math.sqrt(rank)
    x = np.full(rank, c / 2)
    x[0] = 1.0
    c = unit * float(np.linalg.norm(x)) / math.sqrt(rank)
    v = through(STEEP, x - c)
    assert v[0] > 1 - 1e-12
    assert np.all(v[1:] < -1 + 1e-6)
    true = 1 - float(x @ v) / float(np.sum(x))
    found = asked(x @ v, rank - v @ v, np.linalg.norm(x), rank, mapped(STEEP), unit)
    assert true <= found <= 5 * true + 2 * unit


@pytest.mark.parametrize("kind", ["any", "rank one", "back to zero", "against the polar factor"])
@pytest.mark.parametrize("unit", [1e-2, 1e-6])
def test_perturbations_of_matrices(kind, unit):
    for seed in range(60):
        rng = np.random.default_rng(seed)
        r = int(rng.integers(1, 13))
        u, s, vt = np.linalg.svd(rng.normal(size=(r, r + int(rng.integers(0, 4)))), full_matrices=False)
        s = (s / s[0]) ** rng.integers(1, 30) * 0.9
        x = (u * s) @ vt
        f = {
            "any": rng.normal(size=x.shape),
            "rank one": np.outer(u[:, -1], vt[-1]),
            "back to zero": -x,
            "against the polar factor": -u @ vt,
        }[kind]
        f *= unit * np.linalg.norm(x) / np.linalg.norm(f)
        left, values, right = np.linalg.svd(x + f, full_matrices=False)
        v = (left * through(STEEP, values)) @ right
        true = 1 - float(np.sum(x * v)) / float(np.sum(s))
        assert asked(np.sum(x * v), r - np.sum(v * v), np.linalg.norm(x), r, mapped(STEEP), unit) >= true


# ---- what is no number, or nothing -----------------------------------------------------------------------


def test_zero_nan_and_less_than_zero():
    """One δ for each matrix: NaN stays where it is, zero has δ = 0, and ⟨X, V⟩ ≤ 0 has δ = 1."""
    p = mapped(MAPS["cubic"])
    reached = np.array([0.5, 0.0, np.nan, 0.0, -1e-17])
    size = np.array([1.0, 0.0, np.nan, 1.0, 1.0])
    found = posterior(reached, np.array([0.5, 2.0, np.nan, 2.0, 2.0]), size, 2, p, 1e-3, XP)
    assert 0 < found[0] < 1
    np.testing.assert_array_equal(found[1:], [0.0, np.nan, 1.0, 1.0])


def test_more_than_the_rank_in_the_frobenius_norm_counts_as_the_rank():
    """Rounding may leave r − ‖V‖_F² a little below zero, which must not make δ smaller."""
    p = mapped(MAPS["cubic"])
    assert asked(1.5, -1e-3, 1.2, 2, p) == asked(1.5, 0.0, 1.2, 2, p)
    zero = total(np.asarray(1.5), np.asarray(0.0), p, XP)
    assert total(np.asarray(1.5), np.asarray(-1e-3), p, XP) == zero
