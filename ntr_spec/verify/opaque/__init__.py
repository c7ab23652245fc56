"""Norms about which nothing is known but named laws: what a combinator is proved for, whatever its parts are.

A combinator's own code runs with its parts replaced by :class:`Opaque` norms; their values and LMOs are
fresh symbols. Every fact about those symbols enters the kernel under the name ``law@part``, so that a
certificate says which laws of which part it rests on, and the engine can ask for these alone.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import Any

import sympy as sp

from ntr_spec.laws import Kind, Law
from ntr_spec.norms.base import Norm
from ntr_spec.trees import Tree, leaves
from ntr_spec.verify.kernel import Fact, Sign, assume, normal
from ntr_spec.verify.opaque.certify import search
from ntr_spec.verify.opaque.facts import facts_about
from ntr_spec.verify.opaque.session import SESSION, Opaque, Session
from ntr_spec.verify.symbolic import symbols

__all__ = ["Opaque", "certificates", "prove"]

Array = Any
Expr = Any
_SIGNS = {"<=": Sign.NONNEGATIVE, "==": Sign.ZERO, "<": Sign.POSITIVE}
_MOST_CASES = 64


def prove(norm: Norm, law: Law, shape: Tree) -> frozenset[str] | None:
    """The laws of its parts from which a norm with opaque parts has this law at this shape, or None."""
    facts = certificates(norm, law, shape)
    if facts is None:
        return None
    names: frozenset[str] = frozenset()
    return names.union(*(fact.hypotheses for fact in facts)) - {"maximum"}


def certificates(norm: Norm, law: Law, shape: Tree) -> tuple[Fact, ...] | None:
    """Facts that together prove a law of a norm with opaque parts at this shape, or None."""
    session = Session()
    token = SESSION.set(session)
    try:
        points = []
        for name, kind in law.variables:
            if kind not in (Kind.POINT, Kind.SCALAR):
                return None
            points.append(symbols(name, shape) if kind is Kind.POINT else _scalar(name))
        relations = law.relation(norm, *points)
    finally:
        SESSION.reset(token)
    inputs = [e for p in points for leaf in leaves(p) for e in session.read(leaf)]
    found: list[Fact] = []
    for relation in relations:
        gap = session.read(relation.rhs - relation.lhs)[0]
        facts = _settle(session, gap, relation.op, inputs if law.name == "definite" else [])
        if facts is None:
            return None
        found += facts
    return tuple(found)


def _scalar(name: str) -> Array:
    array = symbols(name, 1)
    return array[0]


def _settle(session: Session, gap: Expr, op: str, inputs: Sequence[Expr]) -> list[Fact] | None:
    sign = _SIGNS[op]
    if sign is Sign.ZERO and normal(gap) != 0:  # two inequalities
        below, above = (_settle(session, side, "<=", inputs) for side in (gap, -gap))
        return None if below is None or above is None else below + above
    found = []
    for nonzero in inputs or [None]:
        facts = facts_about(session, nonzero)
        for goal, extra in _without_maxima(gap):
            fact = search(goal, [*facts, *extra], sign)
            if fact is None:
                return None
            found.append(fact)
    return found


def _without_maxima(gap: Expr) -> Iterable[tuple[Expr, list[Fact]]]:
    """The gap with each maximum named, case by case of which argument attains it."""
    atoms = sorted(gap.atoms(sp.Max), key=str)
    if any(a.atoms(sp.Max) - {a} for a in atoms):
        return [(sp.nan, [])]
    names = {a: sp.Symbol(f"max{k}", real=True) for k, a in enumerate(atoms)}
    above = [assume(names[a] - e, "maximum") for a in atoms for e in a.args]
    goal = gap.xreplace(names)
    cases = list(itertools.islice(itertools.product(*(a.args for a in atoms)), _MOST_CASES + 1))
    if len(cases) > _MOST_CASES:
        return [(sp.nan, [])]
    return [
        (goal, above + [assume(names[a] - e, "maximum", Sign.ZERO) for a, e in zip(atoms, case, strict=True)])
        for case in cases
    ]
