"""Small pieces of mathematical notation, shared by the norms' ``_notation``."""

from __future__ import annotations

from fractions import Fraction

from ntr_spec.arrays import simplest_rational


def number(value: float | Fraction) -> str:
    """A number as an author would write it: a short fraction where it is one.

    >>> number(2.0), number(1 / 3), number(0.1), number(3.14159)
    ('2', '1/3', '1/10', '3.14159')
    """
    fraction = simplest_rational(value)
    return str(fraction) if fraction.denominator <= 100 else f"{float(value):g}"


def factor(value: float | Fraction) -> str:
    """A number in front of ``·``: fractions in parentheses.

    >>> factor(2.0), factor(0.5)
    ('2', '(1/2)')
    """
    text = number(value)
    return f"({text})" if "/" in text else text


def group(x: str) -> str:
    """Parentheses around what is not a single name.

    >>> group("x"), group("Ax"), group("x.W")
    ('x', '(Ax)', 'x.W')
    """
    plain = x.replace(".", "").replace("_", "")
    return x if len(x) == 1 or ("." in x and plain.isalnum()) else f"({x})"
