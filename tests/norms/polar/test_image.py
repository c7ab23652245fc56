"""Images by ball arithmetic against sampling and exact rational arithmetic; feasibility to the last bit."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ntr_spec.norms.polar import image as module
from ntr_spec.norms.polar.image import Halley, Quintic, dip, feasible, image, lost, mapped

coefficient = st.floats(-20, 20).filter(lambda c: c == 0 or abs(c) > 1e-6)
quintics = st.lists(st.builds(Quintic, coefficient, coefficient, coefficient), min_size=1, max_size=3)
halleys = st.lists(
    st.builds(Halley, st.floats(0.1, 1e6), st.floats(0.1, 1e6), st.floats(0, 1e6)), min_size=1, max_size=3
)
ends = st.tuples(st.floats(0, 2), st.floats(0, 2)).map(sorted)


def exactly(step, x):
    a, b, c = Fraction(step.a), Fraction(step.b), Fraction(step.c)
    t = x * x
    return x * (a + b * t + c * t * t) if isinstance(step, Quintic) else x * (a + b * t) / (1 + c * t)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.one_of(quintics, halleys), ends)
def test_no_value_lies_outside_and_the_ends_are_attained(steps, ends):
    low, high = ends
    least, largest = image(tuple(steps), low, high)
    for k in range(9):  # exactly, without any rounding
        x = Fraction(low) + (Fraction(high) - Fraction(low)) * Fraction(k, 8)
        for step in steps:
            x = exactly(step, x)
        assert Fraction(least) <= x <= Fraction(largest)
    y = np.linspace(low, high, 5001)
    for step in steps:
        y = step.value(y)
    jump, size = np.max(np.abs(np.diff(y))), np.max(np.abs(y))
    if jump < 0.01 * size:  # else samples are too far apart to tell
        assert least >= np.min(y) - 4 * jump - 1e-9 * size
        assert largest <= np.max(y) + 4 * jump + 1e-9 * size


@pytest.mark.parametrize(
    ("steps", "low", "expected"),
    [
        ((Quintic(0.0, 0.0, 0.0),), 0.0, (0.0, 0.0)),
        ((Quintic(0.0, 0.0, 1.0),), 0.5, (1 / 32, 1.0)),
        ((Quintic(1.5, -0.5, 0.0),), 0.5, (0.6875, 1.0)),
        ((Quintic(-1.5, 0.5, 0.0),), 0.5, (-1.0, -0.6875)),
        ((Quintic(0.0, 1.0, -1.0),), 0.0, (0.0, 0.18590320061795604)),
        ((Halley(3.0, 1.0, 3.0),), 0.5, (0.9285714285714286, 1.0)),
        ((Halley(1.0, 0.0, 1.0),), 0.0, (0.0, 0.5)),
    ],
)
def test_known_images(steps, low, expected):
    assert image(steps, low) == pytest.approx(expected, abs=1e-15)


def test_double_roots_of_the_derivative():
    """15/8, −10/8, 3/8: p′ = 15/8·(1 − x²)², where its two roots meet and a ball around them has to serve."""
    step = Quintic(15 / 8, -10 / 8, 3 / 8)
    assert image((step,), 0.0, 1.0) == (0.0, 1.0)
    assert image((step,), 0.0, 1.5) == (0.0, step.value(1.5))


def test_steep_compositions_keep_their_digits():
    """QDWH's coefficients for σ = 1e-15, of the size of 1e20: the image ends at 1 and not beyond."""
    low, steps = 1e-15, []
    while len(steps) < 7:
        d = (4 * (1 - low * low) / low**4) ** (1 / 3)
        a = math.sqrt(1 + d) + 0.5 * math.sqrt(8 - 4 * d + 8 * (2 - low * low) / (low * low * math.sqrt(1 + d)))
        b = (a - 1) ** 2 / 4
        steps.append(Halley(a, b, a + b - 1))
        low = min(low * (a + b * low * low) / (1 + (a + b - 1) * low * low), 1.0)
    least, largest = image(tuple(steps), 1e-15)
    assert 1 - 1e-12 < least <= largest <= 1 + 1e-12


@settings(max_examples=60, deadline=None, derandomize=True)
@given(quintics, st.floats(0, 1), st.lists(st.floats(0, 1), min_size=3, max_size=3), st.sampled_from([1e-3, 0.3]))
def test_values_that_enter_a_step_too_large_are_inside_too(steps, start, parts, slack):
    """Made longer by anything up to the slack before each step, exactly; what ``feasible`` finds has room for it."""
    for each in ([0.0] * 3, [1.0] * 3, parts):
        for found in (tuple(steps), feasible(tuple(steps), slack)):
            x = Fraction(start)
            for step, part in zip(found, each, strict=False):
                x = exactly(step, x * (1 + Fraction(part) * Fraction(slack)))
            least, largest = image(found, 0.0, 1.0, slack)
            assert Fraction(least) <= x <= Fraction(largest)
        assert -1 <= x <= 1


@settings(max_examples=40, deadline=None, derandomize=True)
@given(quintics, st.sampled_from([0.0, 1e-3]))
def test_feasible_is_feasible_for_certain(steps, slack):
    found = feasible(tuple(steps), slack)
    least, largest = image(found, 0.0, 1.0, slack)
    assert max(largest, -least) <= 1.0
    assert max(largest, -least) > 1 - 1e-12 or largest == least == 0.0
    assert found[:-1] == tuple(steps[:-1])


@pytest.mark.parametrize("a", [5e-324, 1e-323, 3e-323, 1e-310])
def test_the_smallest_coefficients_are_divided_too(monkeypatch, a):
    """A divisor so small that a factor of 1 + 2⁻⁵² does not change it still has to grow."""
    tries, plain = [], module._largest

    def largest(steps, slack):
        tries.append(steps)
        assert len(tries) < 10
        return plain(steps, slack)

    monkeypatch.setattr(module, "_largest", largest)
    for k in range(1, 40):
        tries.clear()
        steps = feasible((Quintic(a, k * a, 0.0),))
        assert 0 < image(steps, 0.0)[1] <= 1


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.floats(0.1, 1.5), st.floats(1e-9, 1))
def test_what_is_lost_is_rounded_up(a, low):
    """p = ax(1 − x²/3) grows on [0, 1]: exactly, p(ℓ) ≥ 1 − e, and e is not one unit too large."""
    steps = (Quintic(a, -a / 3, 0.0),)
    value = exactly(steps[0], Fraction(low))
    e = Fraction(lost(steps, low))
    assert 1 - e <= value
    assert e < 1 - value + Fraction(2.0**-53) or e == 0


@settings(max_examples=60, deadline=None, derandomize=True)
@given(quintics)
def test_a_dip_is_one_and_none_is_missed(steps):
    """At least what a point of a grid has, exactly, up to its last digit; no more than the image; 0 where that is."""
    steps, x = tuple(steps), np.linspace(0, 1, 2001)
    y = x
    for step in steps:
        y = step.value(y)
    found, near = dip(steps), Fraction(float(x[np.argmin(y)]))
    for step in steps:
        near = exactly(step, near)
    least = image(steps, 0.0)[0]
    assert -near * (1 - Fraction(2.0**-51)) <= found <= -least
    assert (found > 0) == (least < -1e-80)


@pytest.mark.parametrize("a", [1.0, 0.1, 1.1, 0.3])
def test_what_touches_zero_does_not_dip_below_it(a):
    assert dip((Quintic(a, -2 * a, a),)) == 0.0  # ax(1 − x²)²
    assert dip((Quintic(a, -a, 0.0),)) == 0.0
    assert dip((Quintic(a, -np.nextafter(a, 9), 0.0),)) > 0.0


def test_the_map_is_certain_at_every_point_of_its_grid():
    p = mapped(feasible((Quintic(3.4445, -4.7750, 2.0315),) * 5))
    x = np.linspace(0, 1, 400001)
    y = x
    for step in feasible((Quintic(3.4445, -4.7750, 2.0315),) * 5):
        y = step.value(y)
    for low, e in zip(p.grid, p.lost, strict=True):
        assert np.min(y[x >= low]) >= 1 - e - 1e-12
    assert list(p.grid) == sorted(p.grid)
    assert list(p.lost) == sorted(p.lost, reverse=True)
