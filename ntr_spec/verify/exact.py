"""The exact engine: a law, run on symbols, decided for all real inputs by Z3, or refuted by an exact witness.

1. The law runs on symbolic arrays. What it computes is a relation between terms.
2. Z3 decides "the relation holds and both sides are defined" for all real inputs; unsatisfiable negation is PROVED.
3. Otherwise small points are tried, in floating point first because that is cheap; one that fails is confirmed by
   running the law again on exact constants. Failing that, Z3's own counterexample is confirmed in the same way. Only a
   confirmed one is REFUTED.
4. What is left is UNDECIDED, with the reason.

A refutation must also be one for the code as it runs: where exact arithmetic is undefined or fails by less than
rounding, and floating point does not fail, the answer is UNDECIDED (the cause is a constant computed in floating
point, or ``finfo``).
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from ntr_spec.errors import UntraceableError
from ntr_spec.laws import CLAIM_LAWS, Kind, Law, Quantifier, Relation
from ntr_spec.norms.base import Norm
from ntr_spec.norms.claims import Claim
from ntr_spec.trees import Tree, tree_map
from ntr_spec.verify import candidates, smt
from ntr_spec.verify.findings import Evidence, Status, Witness
from ntr_spec.verify.formulas import formulas
from ntr_spec.verify.settings import Settings
from ntr_spec.verify.symbolic import DType, SymbolicArray, constants, symbols
from ntr_spec.verify.symbolic import term as t
from ntr_spec.verify.symbolic.cases import contains, split
from ntr_spec.verify.symbolic.ground import definedness
from ntr_spec.verify.symbolic.squaring import without_roots
from ntr_spec.verify.symbolic.structure import is_piecewise_linear, second_derivative
from ntr_spec.verify.symbolic.term import Term
from ntr_spec.verify.witnesses import (
    COMPARE,
    Trial,
    describe,
    entry,
    from_model,
    holds,
    make_witness,
    search,
    space,
)

__all__ = ["Outcome", "check", "formulas"]

_SHAPE_SECONDS = 3.0  # Z3's budget for one law on one shape, if settings allow as much
_QUICK_SECONDS = 0.5  # Z3's first try, before small points are searched
_SEARCH_SECONDS = 1.0
_SPLIT_DEPTH = 2
_BENDS_TRIED = 3


def check(norm: Norm, law: Law, settings: Settings) -> tuple[Evidence, ...]:
    """Decide one law of one norm on the shapes that the settings name.

    Returns:
        PROVED with the shapes on which it is, REFUTED with a witness, UNDECIDED with the reason for the rest.
    """
    started = time.perf_counter()
    outcomes: list[Outcome] = []
    for shape in settings.exact_shapes(norm):
        remaining = settings.timeout - (time.perf_counter() - started)
        outcomes.append(_guarded(norm, law, shape, min(_SHAPE_SECONDS, remaining)))
        if outcomes[-1].status is Status.REFUTED:
            break
    return tuple(_gather(law, outcomes, time.perf_counter() - started))


@dataclasses.dataclass(frozen=True)
class Outcome:
    """The verdict on one shape."""

    scope: str
    status: Status
    engine: str
    reason: str = ""
    witness: Witness | None = None


def _gather(law: Law, outcomes: Sequence[Outcome], seconds: float) -> Iterator[Evidence]:
    """One piece of evidence per status and reason; the time goes to the first."""
    groups: dict[tuple[Any, ...], list[Outcome]] = {}
    for outcome in outcomes:
        groups.setdefault((outcome.status, outcome.reason), []).append(outcome)
    for group in groups.values():
        first = group[0]
        engines = {o.engine for o in group}
        yield Evidence(
            law=law.name,
            engine="smt" if "smt" in engines else "symbolic",
            status=first.status,
            scope=", ".join(o.scope for o in group),
            reason=first.reason,
            witness=first.witness,
            seconds=seconds,
        )
        seconds = 0.0


def _guarded(norm: Norm, law: Law, shape: Tree, seconds: float) -> Outcome:
    """One shape; whatever a hook raises becomes a reason."""
    scope = space(shape)
    if seconds <= 0:
        return Outcome(
            scope, Status.UNDECIDED, "symbolic", "the time budget of the law was spent before this shape"
        )
    try:
        if law is CLAIM_LAWS[Claim.POLYHEDRAL]:
            return _polyhedral(norm, law, shape)
        if law.quantifier is Quantifier.EXISTS:
            return _exists(norm, law, shape, seconds)
        return _for_all(norm, law, shape, seconds)
    except UntraceableError as error:
        return Outcome(scope, Status.UNDECIDED, "symbolic", str(error))
    except Exception as error:  # a user's hook may raise anything
        return Outcome(scope, Status.UNDECIDED, "symbolic", f"hook raised {type(error).__name__}: {error}")


# ---- all inputs ------------------------------------------------------------------------------------------------


def _for_all(norm: Norm, law: Law, shape: Tree, seconds: float) -> Outcome:
    scope = space(shape)
    deadline = time.perf_counter() + seconds
    goals = [part for goal in _goals(law.relation(norm, *_variables(law, shape))) for part in _parts(goal)]
    if not goals:
        return Outcome(scope, Status.PROVED, "symbolic")
    pending, counterexample = _decide(goals, min(_QUICK_SECONDS, seconds), deadline)
    if counterexample is None and not pending:
        return Outcome(scope, Status.PROVED, "smt")
    trial = Trial(norm, law, shape)
    witness = search(trial, min(_SEARCH_SECONDS, seconds))
    if witness is not None:
        return Outcome(scope, Status.REFUTED, "symbolic", witness=witness)
    if counterexample is None and seconds > _QUICK_SECONDS:
        pending, counterexample = _decide(pending, seconds, deadline)
    if counterexample is not None:
        witness = from_model(trial, counterexample, _variables(law, shape))
        if witness is not None:
            return Outcome(scope, Status.REFUTED, "smt", witness=witness)
        return Outcome(scope, Status.UNDECIDED, "smt", trial.doubt or _UNCONFIRMED)
    if pending:
        return Outcome(scope, Status.UNDECIDED, "smt", f"Z3 gave up on {scope} after {seconds:.1f} s")
    return Outcome(scope, Status.PROVED, "smt")


def _parts(goal: Term) -> list[Term]:
    """Formulas that hold together if and only if the goal does; smaller ones where roots or quotients make it hard."""
    if not contains(goal, {"pow", "div"}):
        return [goal]
    return [without_roots(part) or part for part in split(goal, _SPLIT_DEPTH)]


def _decide(
    goals: Sequence[Term], seconds: float, deadline: float
) -> tuple[list[Term], dict[Term, Fraction] | None]:
    """What Z3 left open, and a counterexample if it found one (then the rest is not looked at)."""
    pending: list[Term] = []
    for goal in goals:
        left = min(seconds, deadline - time.perf_counter())
        verdict = smt.decide(goal, left) if left > 0 else smt.Verdict(None)
        if verdict.holds is False:
            return pending, verdict.counterexample
        if verdict.holds is None:
            pending.append(goal)
            if seconds > _QUICK_SECONDS:
                break  # one open part leaves the whole open
    return pending, None


_UNCONFIRMED = "Z3 found a counterexample that is irrational, and no rational point near it confirms it"


def _variables(law: Law, shape: Tree) -> list[Tree]:
    return [
        symbols(name, shape if kind in (Kind.POINT, Kind.GENERIC) else (), kind is Kind.POSITIVE)
        for name, kind in law.variables
    ]


def _goals(relations: Sequence[Relation]) -> list[Term]:
    """What must hold for all inputs: wherever ``given``, both sides are defined and compare as they should."""
    goals = []
    for relation in relations:
        left, right = entry(relation.lhs), entry(relation.rhs)
        given = t.TRUE if relation.given is None else entry(relation.given)
        defined = t.conjunction(definedness(left), definedness(right))
        outside = t.negation(given)
        comparison = COMPARE[relation.op](left, right)
        if outside.op == "undefined" or comparison.op == "undefined":  # for every input
            return [t.FALSE]
        for claim in (
            definedness(given),
            t.disjunction(outside, defined),
            t.disjunction(outside, t.negation(defined), comparison),
        ):
            if claim is not t.TRUE and claim not in goals:
                goals.append(claim)
    return goals


# ---- some input ----------------------------------------------------------------------------------------------


def _exists(norm: Norm, law: Law, shape: Tree, seconds: float) -> Outcome:
    scope = space(shape)
    deadline = time.perf_counter() + seconds
    size = candidates.shape_size(shape)
    starts = [(Fraction(1),) * size, *(tuple(Fraction(i == k) for i in range(size)) for k in range(size))]
    for start in starts:
        point = constants(candidates.arrange(start, shape))
        relations = law.relation(norm, point)
        if all(holds(r) is t.TRUE for r in relations):
            return Outcome(scope, Status.PROVED, "symbolic")
        if time.perf_counter() > deadline:
            break
    return Outcome(
        scope,
        Status.UNDECIDED,
        "symbolic",
        "none of the simple starting points (ones, unit vectors) attains it",
    )


# ---- polyhedral norms ------------------------------------------------------------------------------------------


def _polyhedral(norm: Norm, law: Law, shape: Tree) -> Outcome:
    """A piecewise linear norm is polyhedral (it is convex by the axioms); one that bends somewhere is not."""
    scope = space(shape)
    if is_piecewise_linear(entry(norm(symbols("x", shape)))):
        return Outcome(scope, Status.PROVED, "symbolic")
    size = candidates.shape_size(shape)
    time_symbol = t.symbol("t")
    for k in range(_BENDS_TRIED):
        # Generic points: no two entries alike in size.
        x = [Fraction(i + 2 + k, 1 + (i + k) % 2) * (-1) ** i for i in range(size)]
        h = [Fraction(1 + (i * i + k) % 3) for i in range(size)]
        point, along = candidates.arrange(x, shape), candidates.arrange(h, shape)
        moving = tree_map(
            lambda a, b: a + b * SymbolicArray(time_symbol, DType.REAL), constants(point), constants(along)
        )
        bend = second_derivative(entry(norm(moving)), time_symbol)
        if bend is not None and t.sign(bend) is not t.ZERO:
            arguments = dict(zip((name for name, _ in law.variables), (point, along), strict=True))
            relation = f"d²/dt² ‖x + t·h‖ at t = 0 is {describe(bend)} == 0"
            return Outcome(scope, Status.REFUTED, "symbolic", witness=make_witness(arguments, relation))
    return Outcome(
        scope,
        Status.UNDECIDED,
        "symbolic",
        "the value is not visibly piecewise linear, yet no bend was found",
    )
