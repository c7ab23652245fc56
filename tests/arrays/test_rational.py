"""The simplest rational that rounds to a float, against a search through all denominators."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ntr_spec.arrays import simplest_rational


@given(st.fractions(min_value=-1000, max_value=1000, max_denominator=1000))
def test_what_an_author_writes_comes_back(fraction):
    assert simplest_rational(float(fraction)) == fraction


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_the_result_rounds_to_the_float(value):
    assert float(simplest_rational(value)) == value


@given(st.integers(1, 4000), st.integers(1, 4000))
def test_no_smaller_denominator_rounds_to_the_float(a, b):
    value = a / b
    found = simplest_rational(value)
    naive = next(
        q for q in range(1, 4001) if any(p / q == value for p in (math.floor(value * q), math.ceil(value * q)))
    )
    assert found.denominator == naive


@given(st.floats(min_value=1e-300, max_value=1e300))
def test_signs_are_symmetric(value):
    assert simplest_rational(-value) == -simplest_rational(value)


@pytest.mark.parametrize("value", [3, Fraction(1, 3), 0.0, -2.0])
def test_what_is_exact_stays(value):
    assert simplest_rational(value) == Fraction(value)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_only_finite_numbers(value):
    with pytest.raises((ValueError, OverflowError)):
        simplest_rational(value)
