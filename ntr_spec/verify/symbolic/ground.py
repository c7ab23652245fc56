"""Deciding numbers: the sign of a term without symbols, exactly.

Such a term is built from rationals with +, ×, / and rational powers of positive numbers, so it is a real algebraic
number. Interval arithmetic (mpmath) settles every nonzero one; SymPy's and then Z3's algebra of algebraic numbers
settle zero. Nothing is ever decided by rounding.
"""

from __future__ import annotations

import functools
from typing import Any

import mpmath  # type: ignore[import-untyped]

from ntr_spec.errors import UntraceableError
from ntr_spec.verify.symbolic import term as t
from ntr_spec.verify.symbolic.term import Term

_PRECISIONS = (80, 400)  # bits; the second is tried only when the first cannot tell a number from zero
_ZERO_TEST_SECONDS = 2.0


def interval(term: Term, bits: int) -> Any:
    """An mpmath interval that contains a ground term."""
    context = mpmath.iv
    before = context.prec
    context.prec = bits
    try:
        return _enclose(term, {})
    finally:
        context.prec = before


def _enclose(term: Term, known: dict[Term, Any]) -> Any:
    found = known.get(term)
    if found is None:
        found = known[term] = _enclose_new(term, known)
    return found


def _enclose_new(term: Term, known: dict[Term, Any]) -> Any:
    iv = mpmath.iv
    if term.op == "const":
        return iv.mpf(term.value.numerator) / term.value.denominator
    inner = [_enclose(a, known) for a in term.args]
    if term.op == "add":
        return inner[0] + inner[1]
    if term.op == "mul":
        return inner[0] * inner[1]
    if term.op == "div":
        return inner[0] / inner[1]
    if term.op == "pow":
        base, exponent = inner[0], term.value
        if exponent.denominator == 1:
            return base ** int(exponent)
        if base.a <= 0:  # known to be positive, but not from this interval
            return iv.mpf([0, mpmath.inf])
        root = iv.sqrt(base) if exponent.denominator == 2 else iv.exp(iv.log(base) / exponent.denominator)
        return root**exponent.numerator
    raise AssertionError(f"{term.op} is not an operation on ground numbers")


@functools.lru_cache(maxsize=4096)
def sign_of(term: Term) -> int:
    """−1, 0 or 1.

    Raises:
        UntraceableError: the number is so close to zero that it could not be told from zero.
    """
    for bits in _PRECISIONS:
        box = interval(term, bits)
        if box.a > 0:
            return 1
        if box.b < 0:
            return -1
        if bits == _PRECISIONS[0] and _is_zero(term):
            return 0
    raise UntraceableError(
        f"a constant could not be told from zero ({float_of(term):.3g}); use rational constants, or roots of them"
    )


def _is_zero(term: Term) -> bool:
    """True only if the number is zero: by SymPy's arithmetic of radicals, else by Z3."""
    import sympy

    from ntr_spec.verify.smt import decide_zero
    from ntr_spec.verify.symbolic.reading import to_sympy

    if sympy.expand(to_sympy(term)) == 0:
        return True
    return decide_zero(term, _ZERO_TEST_SECONDS)


def float_of(term: Term) -> float:
    """The nearest float, or nearly so."""
    if term.op == "const":
        return float(term.value)
    if term.op == "undefined":
        return float("nan")
    middle = interval(term, 80).mid
    return float(mpmath.mpf(middle.a))


def definedness(term: Term) -> Term:
    """The condition under which a term is a real number: no division by zero, no root of a negative number.

    A choice asks this of the branch that it takes only; every other operation asks it of all its operands.
    """
    return _definedness(term, {})


def _definedness(term: Term, known: dict[Term, Term]) -> Term:
    if term.total:
        return t.TRUE
    found = known.get(term)
    if found is None:
        found = known[term] = _definedness_new(term, known)
    return found


def _definedness_new(term: Term, known: dict[Term, Term]) -> Term:
    if term.op == "undefined":
        return t.FALSE
    inner = [_definedness(a, known) for a in term.args]
    if term.op == "where":
        return t.conjunction(inner[0], t.choose(term.args[0], inner[1], inner[2]))
    everything = t.conjunction(*inner)
    if term.op == "div":
        return t.conjunction(everything, t.negation(t.eq(term.args[1], t.ZERO)))
    if term.op == "pow" and term.value.denominator != 1:
        return t.conjunction(everything, t.le(t.ZERO, term.args[0]))
    return everything
