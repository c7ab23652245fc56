"""The same comparison without its square roots, where squaring both sides removes some.

* For R ≥ 0:  L ≤ R  ⇔  L ≤ 0 or L² ≤ R²,  and  L < R  ⇔  L < 0 or L² < R².
* For L ≥ 0:  L ≤ R  ⇔  R ≥ 0 and L² ≤ R²,  and  L < R  ⇔  R > 0 and L² < R².
* For L, R ≥ 0:  L = R  ⇔  L² = R².

Z3 decides the triangle inequality of ℓ₂ in this form in a fraction of the time.
"""

from __future__ import annotations

from fractions import Fraction

from ntr_spec.verify.symbolic import term as t
from ntr_spec.verify.symbolic.term import Term


def without_roots(formula: Term) -> Term | None:
    """An equivalent of a formula (wherever both sides are defined), or None if squaring would remove no root."""
    if formula.op in ("or", "and"):
        parts = [without_roots(part) for part in formula.args]
        if all(part is None for part in parts):
            return None
        join = t.disjunction if formula.op == "or" else t.conjunction
        return join(*(new or old for new, old in zip(parts, formula.args, strict=True)))
    if formula.op not in ("lt", "le", "eq"):
        return None
    left, right = formula.args
    if not (_has_root(left) or _has_root(right)) or not (left.nonneg or right.nonneg) or t.ZERO in (left, right):
        return None
    compare = {"le": t.le, "lt": t.lt, "eq": t.eq}[formula.op]
    squares = compare(square(left), square(right))
    if left.nonneg and right.nonneg:
        return squares
    if formula.op == "eq":
        return None
    return (
        t.conjunction(compare(t.ZERO, right), squares) if left.nonneg else t.disjunction(compare(left, t.ZERO), squares)
    )


def _has_root(term: Term) -> bool:
    """Whether a square root is a factor or a summand, so that squaring removes it."""
    if term.op == "pow":
        return bool(term.value.denominator == 2)
    return term.op in ("add", "mul", "div") and any(_has_root(a) for a in term.args)


def square(term: Term) -> Term:
    """term², multiplied out far enough that roots disappear."""
    if term.op == "pow" and term.args[0].nonneg:
        return t.power(term.args[0], 2 * term.value)
    if term.op == "abs":
        return t.power(term.args[0], Fraction(2))
    if term.op == "mul":
        return t.mul(square(term.args[0]), square(term.args[1]))
    if term.op == "div":
        return t.div(square(term.args[0]), square(term.args[1]))
    if term.op == "add":
        a, b = term.args
        return t.add(t.add(square(a), square(b)), t.mul(t.const(2), t.mul(a, b)))
    return t.power(term, Fraction(2))
