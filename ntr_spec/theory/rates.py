"""How the number of steps of a plan grows as ε → 0: derived from the symbolic plan by orders of growth.

Every part of the plan is brought to the form c·ε^{−p}·ln(1/ε)^q, c > 0 and free of ε; sums and maxima keep what grows
fastest, minima what grows slowest, and a ceiling disappears where its argument grows. Orders of growth: Hardy, *Orders
of Infinity* (1910).
"""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from typing import TYPE_CHECKING, Any, final

import sympy as sp

from ntr_spec.errors import InputError

if TYPE_CHECKING:
    from ntr_spec.theory.theorem import Theorem

Expr = Any


@final
@dataclasses.dataclass(frozen=True)
class Rate:
    """K is of the order of ε^{−exponent}, times ln(1/ε) if ``logarithm``.

    Attributes:
        exponent: of 1/ε.
        logarithm: whether a factor ln(1/ε) comes with it.
        leading: what K divided by it tends to 1 of, in SymPy's symbols; it says how K depends on the other constants.

    >>> from ntr_spec.theory import T2, T3
    >>> T2.complexity.exponent, str(T2.complexity), str(T3.complexity)
    (Fraction(4, 1), 'ε⁻⁴', 'ε⁻³·ln(1/ε)')
    >>> print(T2.complexity.text)
    K ~ 2048·L·Δ₀·ρ²·σ²/ε⁴
    """

    exponent: Fraction
    logarithm: bool
    leading: Expr

    @property
    def text(self) -> str:
        """K ~ leading, as Unicode text on one line."""
        from ntr_spec.theory.statement import text

        return f"K ~ {text(self.leading)}"

    @property
    def latex(self) -> str:
        """The order as LaTeX."""
        return rf"\varepsilon^{{{-self.exponent}}}" + (r"\ln(1/\varepsilon)" if self.logarithm else "")

    def degree(self, symbol: Expr) -> Fraction | None:
        """The power in which ``leading`` depends on another symbol, or None where it is no power of it."""
        degree = sp.simplify(symbol * sp.diff(self.leading, symbol) / self.leading)
        return Fraction(degree.p, degree.q) if degree.is_Rational else None

    def __str__(self) -> str:
        whole = self.exponent.denominator == 1
        raised = str(-self.exponent).translate(_RAISED) if whole else f"^{{−{self.exponent}}}"
        return f"ε{raised}" + ("·ln(1/ε)" if self.logarithm else "")


_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def complexity(theorem: Theorem) -> Rate:
    """How K of the theorem's plan grows as ε → 0, all constants being positive and fixed.

    Raises:
        InputError: the plan contains what is none of + · ^ min max ⌈⌉ ln, or does not grow like one such power.

    >>> from ntr_spec.theory import T1, T4
    >>> complexity(T1), complexity(T4).exponent
    (Rate(exponent=Fraction(2, 1), logarithm=False, leading=6*L*Δ₀/ε**2), Fraction(7, 2))
    """
    eps = theorem.symbols.eps
    order = _order(sp.sympify(theorem.symbolic_plan().steps), eps)
    if not order.power.is_Rational or order.logs not in (0, 1):
        raise InputError(
            f"{theorem.name}.complexity: K is of the order ε^(−{order.power})·ln(1/ε)^{order.logs}, which is no Rate; "
            "choose η and α as powers of ε"
        )
    leading = order.factor * eps**-order.power * sp.log(1 / eps) ** order.logs
    return Rate(Fraction(int(order.power.p), int(order.power.q)), bool(order.logs), leading)


@dataclasses.dataclass(frozen=True)
class _Order:
    """factor·ε^{−power}·ln(1/ε)^logs."""

    power: Expr
    logs: Expr
    factor: Expr

    @property
    def grows(self) -> bool:
        return (self.power, self.logs) > (0, 0)


def _order(expression: Expr, eps: Expr) -> _Order:
    if not expression.has(eps):
        return _Order(sp.S.Zero, sp.S.Zero, expression)
    if expression == eps:
        return _Order(sp.S.NegativeOne, sp.S.Zero, sp.S.One)
    parts = [_order(part, eps) for part in expression.args]
    if expression.is_Mul:
        return _Order(
            sp.Add(*(p.power for p in parts)), sp.Add(*(p.logs for p in parts)), sp.Mul(*(p.factor for p in parts))
        )
    if expression.is_Pow and not expression.exp.has(eps):
        base, exponent = parts[0], expression.exp
        return _Order(base.power * exponent, base.logs * exponent, _power(base.factor, exponent))
    if expression.is_Add or isinstance(expression, sp.Max | sp.Min):
        first = min(parts, key=_growth) if isinstance(expression, sp.Min) else max(parts, key=_growth)
        among = [p.factor for p in parts if _growth(p) == _growth(first)]
        return _Order(first.power, first.logs, expression.func(*among))
    if isinstance(expression, sp.ceiling) and parts[0].grows:
        return parts[0]
    if isinstance(expression, sp.log) and parts[0].power > 0:
        return _Order(sp.S.Zero, sp.S.One, parts[0].power)
    raise InputError(f"complexity: how {expression} grows as ε → 0 is not known; use + · ^ min max ⌈⌉ and ln")


def _power(factor: Expr, exponent: Expr) -> Expr:
    """factor^exponent, 1/min{a, b} being max{1/a, 1/b}."""
    if isinstance(factor, sp.Max | sp.Min):
        turned = sp.Max if isinstance(factor, sp.Min) else sp.Min
        return (turned if exponent.is_negative else factor.func)(*(a**exponent for a in factor.args))
    return factor**exponent


def _growth(order: _Order) -> tuple[Expr, Expr]:
    return order.power, order.logs
