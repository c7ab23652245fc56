"""Certificates over the facts of one session: the facts themselves, then their products with monomials."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sympy as sp

from ntr_spec.verify.kernel import Fact, Sign, certify, evident, normal, times
from ntr_spec.verify.search import find

Expr = Any


def search(goal: Expr, facts: Sequence[Fact], sign: Sign, bounds: Sequence[Fact] = ()) -> Fact | None:
    """A certificate of ``goal`` from facts, or None; ``bounds`` are those of them to multiply by whatever is there."""
    goal = normal(goal)
    if goal.has(sp.nan, sp.zoo, sp.oo):
        return None
    if goal == 0 and sign is not Sign.POSITIVE:
        return certify(goal, [], sign)
    few = [*facts, *_evident([goal, *(f.gap for f in facts)])]
    found = find(goal, few, sign)
    if found is None:
        many = [*facts, *_products(facts, [goal])]
        found = find(goal, [*many, *_evident([goal, *(f.gap for f in many)])], sign)
        if found is None and bounds:
            many += [p for f in bounds for p in _multiples(f, _monomials(f.gap for f in facts))]
            found = find(goal, [*many, *_evident([goal, *(f.gap for f in many)])], sign)
    return found


def _evident(expressions: Iterable[Expr]) -> list[Fact]:
    return [evident(m) for m in _monomials(expressions) if m.is_nonnegative]


def _products(facts: Sequence[Fact], goals: Iterable[Expr]) -> Iterable[Fact]:
    """Facts times the monomial that turns one of their terms into a term of the goal; twice, for what appears."""
    wanted = _monomials(goals)
    for _ in range(2):
        made = [p for f in facts for p in _multiples(f, wanted)]
        yield from made
        wanted = _monomials(p.gap for p in made)
        if len(wanted) > 60:
            return


def _multiples(fact: Fact, wanted: Sequence[Expr]) -> Iterable[Fact]:
    weights: dict[Expr, None] = {}
    for part in sp.Add.make_args(normal(fact.gap)):
        term = part.as_coeff_Mul()[1]
        for monomial in wanted:
            weight = monomial / term
            if weight.free_symbols and all(s.is_positive for s in sp.denom(weight).free_symbols):
                weights[weight] = None
    for weight in weights:
        if fact.sign is Sign.ZERO or weight.is_nonnegative:
            yield times(fact, weight)


def _monomials(expressions: Iterable[Expr]) -> list[Expr]:
    found: dict[Expr, None] = {}
    for expression in expressions:
        for part in sp.Add.make_args(normal(expression)):
            found[part.as_coeff_Mul()[1]] = None
    return list(found)
