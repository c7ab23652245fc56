"""Remez's quintics against linear programming on a grid, and their composition against the order of convergence."""

import numpy as np
import pytest
from scipy.optimize import linprog

from ntr_spec.norms.polar.image import image
from ntr_spec.norms.polar.remez import best_composition, best_quintic


def least_error(low, high):
    """min max |1 − q| over odd quintics q, on a fine grid: never above that on the whole interval."""
    x = np.unique(np.concatenate([np.linspace(low, high, 2001), np.geomspace(low, high, 2001)]))
    powers, one = np.stack([x, x**3, x**5], axis=1), np.ones((len(x), 1))
    sides = np.concatenate([np.ones(len(x)), -np.ones(len(x))])
    found = linprog(
        [0, 0, 0, 1], np.block([[powers, -one], [-powers, -one]]), sides, bounds=[(None, None)] * 3 + [(0, None)]
    )
    return found.fun


@pytest.mark.parametrize(
    ("low", "high"), [(1e-3, 1.0), (0.03, 1.0), (0.3, 1.0), (0.5, 1.5), (1e-3, 1.98), (0.9, 1.0), (0.98, 1.02)]
)
def test_no_odd_quintic_is_better(low, high):
    quintic, error = best_quintic(low, high)
    least, largest = image((quintic,), low, high)
    assert max(1 - least, largest - 1) == pytest.approx(error, rel=1e-9)
    assert error == pytest.approx(least_error(low, high), rel=2e-3, abs=5e-8)  # HiGHS's tolerance


@pytest.mark.parametrize("low", [1e-10, 1e-4, 0.2, 0.7])
def test_errors_alternate_at_four_points(low):
    """The criterion of Chebyshev, which characterises the best approximation."""
    quintic, error = best_quintic(low, 1.0)
    roots = np.roots([5 * quintic.c, 0, 3 * quintic.b, 0, quintic.a])
    inner = np.sort([r.real for r in roots if abs(r.imag) < 1e-9 and low < r.real < 1])
    points = np.array([low, *inner, 1.0])
    assert len(points) == 4
    np.testing.assert_allclose((1 - quintic.value(points)) / error, [1, -1, 1, -1], atol=1e-6)


@pytest.mark.parametrize("width", [1e-3, 1e-5, 1e-9, 0.0])
def test_narrow_intervals_end_in_the_fixed_point(width):
    quintic, _ = best_quintic(1 - width, 1 + width + 1e-15)
    np.testing.assert_allclose([quintic.a, quintic.b, quintic.c], [15 / 8, -10 / 8, 3 / 8], atol=1e-5)
    assert quintic.value(1.0) == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize(("low", "steps"), [(1e-1, 4), (1e-2, 6), (1e-3, 8), (1e-5, 11), (1e-8, 16)])
def test_enough_steps_reach_the_last_digits(low, steps):
    """Counts from the literature for δ = 1e-12; one fewer is not enough for 1e-6 at these intervals' ends."""
    least, largest = image(best_composition(steps, low), low)
    assert 1 - least / largest < 1e-11
    least, largest = image(best_composition(steps - 2, low), low)
    assert 1 - least / largest > 1e-12


def test_greed_is_best():
    """No two steps found by search are nearer to a constant on the interval than the greedy ones."""
    from scipy.optimize import minimize

    from ntr_spec.norms.polar.image import Quintic

    low, greedy = 0.05, best_composition(2, 0.05)
    x = np.unique(np.concatenate([np.linspace(low, 1, 800), np.geomspace(low, 1, 800)]))

    def ratio(c):
        y = Quintic(*c[3:]).value(Quintic(*c[:3]).value(x))
        return 1 - np.min(y) / np.max(y) if np.max(y) > 0 else 1.0

    start = np.array([*(greedy[0].a, greedy[0].b, greedy[0].c), *(greedy[1].a, greedy[1].b, greedy[1].c)])
    rng = np.random.default_rng(0)
    found = min(
        minimize(ratio, start * (1 + 0.02 * rng.normal(size=6)), method="Nelder-Mead", options={"maxiter": 600}).fun
        for _ in range(4)
    )
    assert found >= ratio(start) - 1e-6


def test_a_cushion_keeps_values_from_zero():
    """With it no step takes a value of its interval to less than a tenth of what it could be."""
    plain, soft = best_composition(6, 1e-4), best_composition(6, 1e-4, cushion=0.1)
    least = [image(steps[:1], 0.5)[0] / image(steps[:1], 0.0)[1] for steps in (plain, soft)]
    assert least[0] < 1e-3
    assert least[1] > 0.1
    assert 1e-4 * soft[0].a > 0.75 * 1e-4 * plain[0].a / image(plain[:1], 0.0)[1]


def test_slack_makes_room_for_what_is_too_long():
    steps = best_composition(5, 1e-2, slack=1e-3)
    high = 1.0
    for step in steps:
        inside = image((step,), 0.0, high)[1]
        assert image((step,), 0.0, high * (1 + 1e-3))[1] <= inside * (1 + 1e-9)
        high = inside
