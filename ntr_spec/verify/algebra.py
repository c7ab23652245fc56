"""What the kernel asks of algebra: normal forms, whether an expression is zero, and signs that domains make evident.

A :class:`Unit` is a symbol whose domain is an interval, which SymPy's assumptions cannot say: (0, 1] or [0, 1).
The sign of an expression in it is read off after t ↦ 1/(1 + t) or t ↦ t/(1 + t), which map t ≥ 0 onto the interval.
"""

from __future__ import annotations

import functools
from typing import Any, Final

import sympy as sp

Expr = Any
INFINITIES: Final = (sp.nan, sp.oo, -sp.oo, sp.zoo)
_TOTAL: Final = (sp.Add, sp.Mul, sp.Number, sp.NumberSymbol, sp.exp, sp.Abs, sp.Max, sp.Min, sp.ceiling)
"""What is a number wherever its arguments are (real) ones."""


class CertificateError(Exception):
    """A certificate that does not prove what it was offered for."""


class Unit(sp.Symbol):  # type: ignore[misc]
    """A number in (0, 1], if declared positive, or in [0, 1), if declared nonnegative.

    >>> alpha = Unit("α", positive=True)
    >>> nonnegative(1 - alpha), positive(1 - alpha), positive(2 - alpha)
    (True, False, True)
    """

    __slots__ = ()

    def __new__(cls, name: str, **domain: bool) -> Unit:
        """The two intervals are all that there is: another domain would contradict what signs are read off."""
        if domain not in ({"positive": True}, {"nonnegative": True}):
            raise CertificateError(f"Unit: expected positive=True or nonnegative=True, got {domain}")
        unit: Unit = super().__new__(cls, name, **domain)
        return unit


def nonnegative(expression: Expr) -> bool:
    """Whether an expression is ≥ 0 for all values of its symbols that their domains allow; False where in doubt."""
    return bool(expression.is_nonnegative) or bool(_opened(expression).is_nonnegative)


def positive(expression: Expr) -> bool:
    """Whether an expression is > 0 for all values of its symbols that their domains allow; False where in doubt."""
    return bool(expression.is_positive) or bool(_opened(expression).is_positive)


def finite(expression: Expr) -> bool:
    """Whether an expression is a number for all values of its symbols that their domains allow; False where in doubt.

    A sum that is zero by expansion need not be one where a denominator vanishes: 0·(1/0) is not 0.
    """
    for part in sp.preorder_traversal(sp.sympify(expression)):
        if isinstance(part, sp.Pow):
            good = nonnegative(part.exp) or positive(part.base) or positive(-part.base)
        elif isinstance(part, sp.log):
            good = positive(part.args[0])
        elif isinstance(part, sp.Symbol):
            good = part.is_infinite is not True
        else:
            good = isinstance(part, _TOTAL) and not part.has(*INFINITIES)
        if not good:
            return False
    return True


def normal(expression: Expr) -> Expr:
    """A sum of monomials: products multiplied out, (uv)^e split where that is valid, powers of one base gathered."""
    flat = sp.expand(sp.sympify(expression), power_exp=False)
    if all(power.exp.is_Number for power in flat.atoms(sp.Pow)):
        return flat
    gathered = sp.Add(*(sp.powsimp(part, combine="exp") for part in sp.Add.make_args(flat)))
    reduced = gathered.replace(lambda e: e.is_Pow, lambda e: e.base ** sp.cancel(e.exp))
    return sp.expand(reduced, power_exp=False)


def is_zero(expression: Expr) -> bool:
    """Whether an expression is identically zero: by expansion, denominators cleared; False where in doubt."""
    flat = normal(expression)
    if flat == 0:
        return True
    return bool(normal(sp.numer(sp.together(flat))) == 0)


@functools.lru_cache(maxsize=4096)
def _opened(expression: Expr) -> Expr:
    units = [symbol for symbol in expression.free_symbols if isinstance(symbol, Unit)]
    if not units:
        return expression
    values = {}
    for unit in units:
        t = sp.Dummy("t", nonnegative=True)
        values[unit] = 1 / (1 + t) if unit.is_positive else t / (1 + t)
    opened = expression.subs(values, simultaneous=True)
    return sp.factor(opened.replace(lambda e: e.is_Pow, lambda e: sp.factor(e.base) ** e.exp))
