"""Norms about which nothing is known but named laws: what a combinator is proved for, whatever its parts are.

A combinator's own code runs with its parts replaced by :class:`Opaque` norms; their values and LMOs are
fresh symbols. Every fact about those symbols enters the kernel under the name ``law@part``, so that a
certificate says which laws of which part it rests on, and the engine can ask for these alone.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import sympy as sp

from ntr_spec.laws import Kind, Law
from ntr_spec.norms.base import Norm
from ntr_spec.trees import Tree, leaves
from ntr_spec.verify import kernel
from ntr_spec.verify.kernel import Fact, Sign, assume, normal
from ntr_spec.verify.opaque.certify import search
from ntr_spec.verify.opaque.facts import facts_about
from ntr_spec.verify.opaque.session import SESSION, Opaque, Session
from ntr_spec.verify.symbolic import DType, SymbolicArray, symbols
from ntr_spec.verify.symbolic.term import Term
from ntr_spec.verify.witnesses import entry

__all__ = ["Opaque", "certificates", "prove"]

Array = Any
Expr = Any
_SIGNS = {"<=": Sign.NONNEGATIVE, "==": Sign.ZERO, "<": Sign.POSITIVE}
_MOST_CASES = 64
GIVEN = "given"  # the condition of a relation, as the name of a hypothesis


def prove(norm: Norm, law: Law, shape: Tree) -> frozenset[str] | None:
    """The laws of its parts from which a norm with opaque parts has this law at this shape, or None."""
    facts = certificates(norm, law, shape)
    if facts is None:
        return None
    names: frozenset[str] = frozenset()
    return names.union(*(fact.hypotheses for fact in facts)) - {"maximum", GIVEN}


def certificates(norm: Norm, law: Law, shape: Tree) -> tuple[Fact, ...] | None:
    """Facts that together prove a law of a norm with opaque parts at this shape, or None."""
    session = Session()
    token = SESSION.set(session)
    try:
        points = []
        for name, kind in law.variables:
            if kind is Kind.POSITIVE:
                points.append(symbols(name, (), True))
            elif kind in (Kind.POINT, Kind.SCALAR):
                points.append(symbols(name, shape) if kind is Kind.POINT else _scalar(name))
            else:
                return None
        relations = law.relation(norm, *points)
    finally:
        SESSION.reset(token)
    inputs = [e for p in points for leaf in leaves(p) for e in session.read(leaf)]
    found: list[Fact] = []
    for relation in relations:
        gap = session.read(relation.rhs - relation.lhs)[0]
        given = [] if relation.given is None else list(_conditions(session, entry(relation.given)))
        facts = _settle(session, gap, relation.op, inputs if law.name == "definite" else [], given)
        if facts is None:
            return None
        found += facts
    return tuple(found)


def _scalar(name: str) -> Array:
    array = symbols(name, 1)
    return array[0]


def _conditions(session: Session, given: Term) -> Iterator[Fact]:
    """The comparisons that hold together where the condition does; others are not made use of."""
    if given.op == "and":
        for part in given.args:
            yield from _conditions(session, part)
    elif given.op in ("le", "lt"):
        low, high = (session.read(SymbolicArray(side, DType.REAL))[0] for side in given.args)
        yield assume(high - low, GIVEN)


def _settle(session: Session, gap: Expr, op: str, inputs: Sequence[Expr], given: Sequence[Fact]) -> list[Fact] | None:
    sign = _SIGNS[op]
    gap = gap.replace(lambda e: isinstance(e, sp.Abs) and sp.expand(e.args[0]) == 0, lambda e: sp.S.Zero)
    if sign is Sign.ZERO and normal(gap) != 0:  # two inequalities
        below, above = (_settle(session, side, "<=", inputs, given) for side in (gap, -gap))
        return None if below is None or above is None else below + above
    found = []
    for nonzero in inputs or [None]:
        facts = [*facts_about(session, nonzero), *given]
        for goal, extra in _without_maxima(gap):
            fact = _cleared(goal, [*facts, *extra], sign, [*given, *(f for f in facts if _is_bound(f))])
            if fact is None:
                return None
            found.append(fact)
    return found


def _is_bound(fact: Fact) -> bool:
    """Whether a fact bounds one norm by numbers, as feasibility does."""
    return fact.gap.is_Add and sum(not s.is_positive for s in fact.gap.free_symbols) == 1


def _cleared(goal: Expr, facts: Sequence[Fact], sign: Sign, bounds: Sequence[Fact]) -> Fact | None:
    """A certificate of the goal by way of the goal times its denominator, where that is evidently positive."""
    bottom = sp.denom(sp.together(goal))
    if bottom.is_number or not bottom.is_positive:
        return search(goal, facts, sign, bounds)
    fact = search(sp.expand(goal * bottom), facts, sign, bounds)
    return None if fact is None else kernel.certify(goal, [(1, fact)], sign, multiplier=bottom)


def _without_maxima(gap: Expr) -> Iterable[tuple[Expr, list[Fact]]]:
    """The gap with each maximum named, case by case of which argument attains it."""
    atoms = sorted(gap.atoms(sp.Max), key=str)
    if any(a.atoms(sp.Max) - {a} for a in atoms):
        return [(sp.nan, [])]
    names = {a: sp.Symbol(f"max{{{', '.join(sorted(map(str, a.args)))}}}", real=True) for a in atoms}
    above = [assume(names[a] - e, "maximum") for a in atoms for e in a.args]
    goal = gap.xreplace(names)
    cases = list(itertools.islice(itertools.product(*(a.args for a in atoms)), _MOST_CASES + 1))
    if len(cases) > _MOST_CASES:
        return [(sp.nan, [])]
    return [
        (goal, above + [assume(names[a] - e, "maximum", Sign.ZERO) for a, e in zip(atoms, case, strict=True)])
        for case in cases
    ]
