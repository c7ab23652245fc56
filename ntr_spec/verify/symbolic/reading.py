"""Terms as SymPy expressions, for reading, for exact constants and for differentiation."""

from __future__ import annotations

from typing import Any

import sympy

from ntr_spec.verify.symbolic.term import Term

Expr = Any


def to_sympy(term: Term, away_from_zero: bool = False) -> Expr:
    """The SymPy expression of a term (a number or a truth value).

    Args:
        term: what to translate.
        away_from_zero: leave out guards against division by zero: a denominator "1 if s = 0, else s" is
            written s. Nicer to read, and equal wherever s ≠ 0.
    """
    return _Reader(away_from_zero).read(term)


class _Reader:
    def __init__(self, away_from_zero: bool) -> None:
        self.away_from_zero = away_from_zero
        self.known: dict[Term, Expr] = {}

    def read(self, term: Term) -> Expr:
        found = self.known.get(term)
        if found is None:
            found = self.known[term] = self._read(term)
        return found

    def _read(self, term: Term) -> Expr:
        op = term.op
        if op == "const":
            return sympy.Rational(term.value.numerator, term.value.denominator)
        if op == "symbol":
            return (
                sympy.Symbol(str(term.value), positive=True) if term.positive else sympy.Symbol(term.value, real=True)
            )
        if op == "undefined":
            return sympy.nan
        if op in ("true", "false"):
            return sympy.true if op == "true" else sympy.false
        if op == "div":
            top, bottom = term.args
            return self.read(top) / self._denominator(bottom)
        if op == "where":
            return self._choice(term)
        if op == "pow":
            return self.read(term.args[0]) ** sympy.Rational(term.value.numerator, term.value.denominator)
        return _PLAIN[op](*(self.read(a) for a in term.args))

    def _denominator(self, bottom: Term) -> Expr:
        """A denominator without the guard that it, or what it is a multiple of, has against zero."""
        if self.away_from_zero and bottom.op == "mul" and bottom.args[0].op == "const":
            return self.read(bottom.args[0]) * self._denominator(bottom.args[1])
        if self.away_from_zero and bottom.op == "where":
            condition, yes, no = bottom.args
            if condition.op == "eq" and yes.op == "const" and no in condition.args:
                return self.read(no)
        return self.read(bottom)

    def _choice(self, term: Term) -> Expr:
        pieces = []
        while term.op == "where":
            condition, yes, term = term.args
            pieces.append((self.read(yes), self.read(condition)))
        pieces.append((self.read(term), sympy.true))
        return sympy.Piecewise(*pieces, evaluate=False)


def _lattice(kind: Any) -> Any:
    """Max or Min without SymPy's simplifications, which are slow; nested ones are merged."""

    def build(*args: Expr) -> Expr:
        if all(a.is_number for a in args):
            return kind(*args)
        parts: list[Expr] = []
        for a in args:
            parts += a.args if isinstance(a, kind) else [a]
        return kind(*dict.fromkeys(parts), evaluate=False)

    return build


_PLAIN = {
    "add": lambda a, b: a + b,
    "mul": lambda a, b: a * b,
    "abs": sympy.Abs,
    "sign": sympy.sign,
    "max": _lattice(sympy.Max),
    "min": _lattice(sympy.Min),
    "lt": lambda a, b: sympy.StrictLessThan(a, b, evaluate=False),
    "le": lambda a, b: sympy.LessThan(a, b, evaluate=False),
    "eq": lambda a, b: sympy.Equality(a, b, evaluate=False),
    "not": sympy.Not,
    "and": sympy.And,
    "or": sympy.Or,
}
