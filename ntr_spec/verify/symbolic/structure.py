"""What a term looks like: piecewise linear, or analytic near a point with a second derivative."""

from __future__ import annotations

from typing import Any

import sympy

from ntr_spec.verify.symbolic import term as t
from ntr_spec.verify.symbolic.cases import substitute
from ntr_spec.verify.symbolic.radicals import from_sympy
from ntr_spec.verify.symbolic.reading import to_sympy
from ntr_spec.verify.symbolic.term import Term

_CURVED = 2


def is_piecewise_linear(term: Term) -> bool:
    """Whether a term is made of constants, linear terms, |·|, max, min, sign and choices by linear comparisons.

    Such a function is affine on each of finitely many polyhedra that cover the space.
    """
    return term.total and _degree(term, {}) < _CURVED


def _degree(term: Term, known: dict[Term, int]) -> int:
    """0: piecewise constant; 1: piecewise affine; 2: neither, as far as can be seen."""
    found = known.get(term)
    if found is None:
        found = known[term] = _degree_new(term, known)
    return found


def _degree_new(term: Term, known: dict[Term, int]) -> int:
    if term.ground:
        return 0
    if term.op == "symbol":
        return 1
    inner = [_degree(a, known) for a in term.args]
    if term.op in ("add", "abs", "max", "min"):
        return max(inner)
    if term.op == "mul":
        return sum(inner) if sum(inner) < _CURVED else _CURVED
    if term.op == "div":
        return inner[0] if term.args[1].ground else _CURVED
    if term.op == "pow":
        return 0 if inner[0] == 0 else _CURVED
    if term.op == "where":
        return max(inner[1:]) if inner[0] < _CURVED else _CURVED
    # sign, comparisons and connectives: constant on polyhedra if their arguments are affine on polyhedra.
    return 0 if max(inner) < _CURVED else _CURVED


def second_derivative(term: Term, variable: Term) -> Term | None:
    """The second derivative at 0 of a term in one variable, as a constant; None if 0 lies on a kink or jump."""
    smooth = _Germ(variable).of(term)
    if smooth is None:
        return None
    time = to_sympy(variable)
    value = sympy.diff(to_sympy(smooth), time, 2).subs(time, 0)
    return from_sympy(sympy.expand(value))


class _Germ:
    """The analytic expression that a term equals near 0, if no choice in it is on the edge there."""

    def __init__(self, variable: Term) -> None:
        self._at_zero: dict[Term, Term] = {variable: t.ZERO}
        self._known: dict[Term, Term | None] = {}

    def of(self, term: Term) -> Term | None:
        if term not in self._known:
            self._known[term] = self._of(term)
        return self._known[term]

    def _side(self, term: Term) -> Any:
        """The sign of a term at 0: ONE, MINUS, ZERO, or an undefined term."""
        return t.sign(substitute(term, self._at_zero))

    def _of(self, term: Term) -> Term | None:
        if term.op in ("const", "symbol"):
            return term
        if term.op == "undefined":
            return None
        if term.op in ("max", "min"):
            a, b = term.args
            side = self._side(t.sub(a, b))
            if side is t.ZERO or side.op == "undefined":
                return None
            return self.of(a if (side is t.ONE) == (term.op == "max") else b)
        if term.op == "where":
            condition = self._truth(term.args[0])
            return None if condition is None else self.of(term.args[1] if condition else term.args[2])
        if term.op in ("abs", "sign"):
            side = self._side(term.args[0])
            if side is t.ZERO or side.op == "undefined":
                return None
            if term.op == "sign":
                return t.const(side.value)
            inner = self.of(term.args[0])
            return None if inner is None else t.mul(side, inner)
        return self._arithmetic(term)

    def _arithmetic(self, term: Term) -> Term | None:
        inner = [self.of(a) for a in term.args]
        parts = [a for a in inner if a is not None]
        if len(parts) < len(inner):
            return None
        if term.op == "div":
            bottom = self._side(term.args[1])
            return None if bottom is t.ZERO or bottom.op == "undefined" else t.div(*parts)
        if term.op == "pow":
            needs_positive = term.value.denominator != 1
            return None if needs_positive and self._side(term.args[0]) is not t.ONE else t.power(parts[0], term.value)
        return t.add(*parts) if term.op == "add" else t.mul(*parts)

    def _truth(self, condition: Term) -> bool | None:
        """Whether a condition holds near 0, or None if it changes there."""
        if condition.op in ("true", "false"):
            return condition is t.TRUE
        if condition.op == "not":
            inner = self._truth(condition.args[0])
            return None if inner is None else not inner
        if condition.op in ("and", "or"):
            parts = [self._truth(a) for a in condition.args]
            if any(part is None for part in parts):
                return None
            return all(parts) if condition.op == "and" else any(parts)
        side = self._side(t.sub(*condition.args))
        if side is t.ZERO or side.op == "undefined":
            return None
        return side is t.MINUS and condition.op != "eq"
