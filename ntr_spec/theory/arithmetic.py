"""Arithmetic that reads the same on numbers and on SymPy's symbols, so that a formula is written once.

``+ − · / **`` do already; exponents and coefficients are written as :class:`fractions.Fraction`, which is exact on
symbols. Here are the few functions that do not. SymPy is imported only where a symbol is met.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

Number = Any
"""A Python number, or a SymPy expression."""


def symbolic(*values: Number) -> bool:
    """Whether one of these is SymPy's.

    >>> symbolic(1, 2.0)
    False
    """
    return any(type(value).__module__.partition(".")[0] == "sympy" for value in values)


def plain(value: Number) -> Number:
    """The same number as Python's: NumPy's overflow, or keep fewer digits; ints, fractions and symbols stay.

    >>> import numpy as np
    >>> plain(np.int32(3)), plain(2)
    (3.0, 2)
    """
    return value if symbolic(value) or type(value) in (int, Fraction) else float(value)


def least(*values: Number) -> Number:
    """The least of some numbers.

    >>> least(3.0, 1)
    1
    """
    if symbolic(*values):
        import sympy as sp

        return sp.Min(*values)
    return min(values)


def greatest(*values: Number) -> Number:
    """The greatest of some numbers.

    >>> greatest(3.0, 1)
    3.0
    """
    if symbolic(*values):
        import sympy as sp

        return sp.Max(*values)
    return max(values)


def ceiling(value: Number) -> Number:
    """The least integer that is not less; infinity stays.

    >>> ceiling(2.1)
    3
    """
    if symbolic(value):
        import sympy as sp

        return sp.ceiling(value)
    return math.ceil(value) if math.isfinite(value) else value


def logarithm(value: Number) -> Number:
    """The natural logarithm.

    >>> logarithm(1.0)
    0.0
    """
    if symbolic(value):
        import sympy as sp

        return sp.log(value)
    return math.log(value) if value < math.inf else math.inf


def ratio(above: Number, below: Number) -> Number:
    """above/below, infinite where a number is divided by 0: the limit that a vanishing constant sets.

    >>> ratio(1.0, 0.0), ratio(1.0, 4.0)
    (inf, 0.25)
    """
    return above / below if below != 0 else math.inf


def representable(alpha: Number) -> Number:
    """The α that is 1 − momentum for a momentum in float64, and not 0.

    >>> representable(1e-17), representable(0.5)
    (1.1102230246251565e-16, 0.5)
    """
    if symbolic(alpha):
        return alpha
    return max(1 - (1 - alpha), 2.0**-53)


def remaining(decay: Number, steps: Number) -> Number:
    """(1 − β)^K: what K steps of decay leave; exact to rounding for small β and large K.

    >>> remaining(1.0, 3), remaining(0.5, 2)
    (0.0, 0.25)
    """
    if symbolic(decay, steps):
        return (1 - decay) ** steps
    return 0.0 if decay >= 1 and steps > 0 else math.exp(steps * math.log1p(-decay)) if decay < 1 else 1.0
