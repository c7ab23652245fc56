"""Constants in normal form: what SymPy makes of radicals, as terms again. √3·√3 is 3, 1/√2 is √2/2."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import sympy

from ntr_spec.errors import UntraceableError
from ntr_spec.verify.symbolic import term as t
from ntr_spec.verify.symbolic.reading import to_sympy
from ntr_spec.verify.symbolic.term import Term

_OPERATIONS: dict[str, Callable[..., Any]] = {
    "add": lambda a, b: a + b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: sympy.radsimp(a / b, max_terms=3),
}


_LARGEST = 150  # nodes of a constant's expression, and bytes of its integers; the library's norms stay below forty


def canonical(op: str, args: tuple[Term, ...], exponent: Fraction | None) -> Term:
    """The value of an operation on constants. Roots are of positive numbers, divisors are not zero.

    Raises:
        UntraceableError: the constants are roots of roots so deep that their normal form would take for ever.
    """
    operands = [to_sympy(a) for a in args]
    if sum(_nodes(a) for a in operands) > _LARGEST:
        raise UntraceableError(
            f"a constant has grown past {_LARGEST} operations or bytes; float runs must do for this norm"
        )
    if exponent is not None:
        value = operands[0] ** sympy.Rational(exponent.numerator, exponent.denominator)
    else:
        value = _OPERATIONS[op](*operands)
    return from_sympy(sympy.expand(value))


def _nodes(value: Any) -> int:
    parts = itertools.islice(sympy.preorder_traversal(value), _LARGEST + 1)
    return sum(1 + (_bits(part) // 8 if part.is_Rational else 0) for part in parts)


def _bits(value: Any) -> int:
    return int(value.p).bit_length() + int(value.q).bit_length() - 2


def from_sympy(value: Any) -> Term:
    """A SymPy number made of rationals and radicals, as it stands."""
    if value.is_Rational:
        return t.const(Fraction(int(value.p), int(value.q)))
    if value.is_Pow and value.exp.is_Rational:
        exponent = Fraction(int(value.exp.p), int(value.exp.q))
        base = from_sympy(value.base)
        power = base if abs(exponent) == 1 else t.raw("pow", (base,), abs(exponent), nonneg=True, positive=True)
        return power if exponent > 0 else t.raw("div", (t.ONE, power), nonneg=True, positive=True)
    if value.is_Add or value.is_Mul:
        op = "add" if value.is_Add else "mul"
        parts = [from_sympy(a) for a in value.args]
        found = parts[0]
        for part in parts[1:]:
            found = t.raw(op, (found, part), positive=found.positive and part.positive)
        return found
    raise AssertionError(f"{value} is not made of radicals")
