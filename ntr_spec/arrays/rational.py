"""Reading a float as the rational number that its author meant.

A parameter written 0.1 is stored as 0x1.999999999999ap-4. The symbolic face of a norm reads it back as
the *simplest* rational number that rounds to the stored float, so that 0.1 is 1/10 and 4/3 is 4/3.
"""

from __future__ import annotations

import functools
import math
from fractions import Fraction


@functools.lru_cache(maxsize=1024)
def simplest_rational(value: float | Fraction) -> Fraction:
    """The fraction of smallest denominator among those that round to ``value``.

    Args:
        value: a finite float (an int or a Fraction is returned unchanged, as a Fraction).

    Raises:
        ValueError: ``value`` is NaN or infinite.

    >>> simplest_rational(0.1), simplest_rational(4 / 3), simplest_rational(-2.0)
    (Fraction(1, 10), Fraction(4, 3), Fraction(-2, 1))
    """
    exact = Fraction(value)
    if not isinstance(value, float) or exact.denominator == 1:
        return exact
    if value < 0:
        return -simplest_rational(-value)
    low = (exact + Fraction(math.nextafter(value, 0.0))) / 2
    high = (exact + Fraction(math.nextafter(value, math.inf))) / 2
    found = _simplest_between(low, high)
    # The ends of the interval round to even, which may be the neighbour.
    return found if float(found) == value else exact


def _simplest_between(low: Fraction, high: Fraction) -> Fraction:
    """The simplest fraction in [low, high], 0 < low < high, by continued fractions (Stern-Brocot)."""
    whole = math.floor(low)
    if whole == low:
        return Fraction(whole)
    if whole + 1 <= high:
        return Fraction(whole + 1)
    return whole + 1 / _simplest_between(1 / (high - whole), 1 / (low - whole))
