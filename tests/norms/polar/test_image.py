"""Images by ball arithmetic against sampling and exact rational arithmetic; feasibility to the last bit."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ntr_spec.norms.polar.image import Halley, Quintic, feasible, image, mapped

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


@settings(max_examples=40, deadline=None, derandomize=True)
@given(quintics, st.sampled_from([0.0, 1e-3]))
def test_feasible_is_feasible_for_certain(steps, slack):
    found = feasible(tuple(steps), slack)
    least, largest = image(found, 0.0, 1.0, slack)
    assert max(largest, -least) <= 1.0
    assert max(largest, -least) > 1 - 1e-12 or largest == least == 0.0
    assert found[:-1] == tuple(steps[:-1])


def test_the_map_is_certain_at_every_point_of_its_grid():
    p = mapped(feasible((Quintic(3.4445, -4.7750, 2.0315),) * 5))
    x = np.linspace(0, 1, 400001)
    y = x
    for step in feasible((Quintic(3.4445, -4.7750, 2.0315),) * 5):
        y = step.value(y)
    for low, lost in zip(p.grid, p.lost, strict=True):
        assert np.min(y[x >= low]) >= 1 - lost - 1e-12
    assert p.least == 0.0
    assert p.largest == 1.0
    assert list(p.grid) == sorted(p.grid)
    assert list(p.lost) == sorted(p.lost, reverse=True)
