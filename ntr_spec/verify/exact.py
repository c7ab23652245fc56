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
import enum
import time
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from ntr_spec.errors import UntraceableError
from ntr_spec.laws import CLAIM_LAWS, Kind, Law, Quantifier, Relation
from ntr_spec.norms.claims import Claim
from ntr_spec.trees import Tree, tree_map
from ntr_spec.verify import candidates, smt
from ntr_spec.verify.findings import Evidence, Status, Witness
from ntr_spec.verify.formulas import formulas
from ntr_spec.verify.settings import Settings
from ntr_spec.verify.symbolic import DType, SymbolicArray, constants, symbols
from ntr_spec.verify.symbolic import term as t
from ntr_spec.verify.symbolic.cases import contains, count_symbols, has_high_root, split
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

# Z3 is limited by its own count of steps, so that a busy machine reports what an idle one does; a million takes 0.2 to
# 0.7 s. The first try, before small points are searched, is short; so is every try on a shape larger than one that was
# hard. After a shape that was too hard, larger ones are only searched.
_QUICK_STEPS = 800_000
_STEPS_PER_SECOND = 300_000  # of settings.timeout
_SHARE = 0.25  # of settings.timeout that one question may take, should Z3 miscount its steps
_MOST_OPEN = 2  # parts of a goal that the first try may leave open before it stops
_SPLIT_DEPTH = 2
_MOST_SYMBOLS = 6
_MOST_UNDER_ROOTS = 3
_MARGIN = Fraction(1, 1000)
_BENDS_TRIED = 3


def check(subject: Any, law: Law, settings: Settings) -> tuple[Evidence, ...]:
    """Decide one law of one subject on the shapes that the settings name.

    Returns:
        PROVED with the shapes on which it is, REFUTED with a witness, UNDECIDED with the reason for the rest.
    """
    started = time.perf_counter()
    outcomes: list[Outcome] = []
    steps = int(_STEPS_PER_SECOND * settings.timeout)
    for shape in settings.exact_shapes(subject):
        seconds = settings.timeout - (time.perf_counter() - started)
        outcomes.append(_guarded(subject, law, shape, Budget(steps, seconds)))
        if outcomes[-1].status is Status.REFUTED:
            break
        effort = outcomes[-1].effort
        steps = 0 if effort is Effort.TOO_MUCH else min(steps, _QUICK_STEPS) if effort is Effort.LARGE else steps
    return tuple(_gather(law, outcomes, time.perf_counter() - started))


class Effort(enum.Enum):
    """How hard a shape was, which tells how hard to try on a larger one."""

    SMALL = enum.auto()
    LARGE = enum.auto()
    TOO_MUCH = enum.auto()


@dataclasses.dataclass(frozen=True)
class Outcome:
    """The verdict on one shape."""

    scope: str
    status: Status
    engine: str
    reason: str = ""
    witness: Witness | None = None
    effort: Effort = Effort.SMALL


@dataclasses.dataclass(frozen=True)
class Budget:
    """What one shape may cost: Z3's steps per question, and seconds in all from when the budget was made."""

    steps: int
    seconds: float
    started: float = dataclasses.field(default_factory=time.perf_counter)

    @property
    def left(self) -> float:
        """Seconds that remain."""
        return self.seconds - (time.perf_counter() - self.started)


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


def _guarded(subject: Any, law: Law, shape: Tree, budget: Budget) -> Outcome:
    """One shape; whatever a hook raises becomes a reason."""
    scope = space(shape)
    if budget.left <= 0:
        return Outcome(scope, Status.UNDECIDED, "symbolic", "the time budget of the law was spent before this shape")
    try:
        if law is CLAIM_LAWS[Claim.POLYHEDRAL]:
            return _polyhedral(subject, law, shape)
        if law.quantifier is Quantifier.EXISTS:
            return _exists(subject, law, shape, budget)
        return _for_all(subject, law, shape, budget)
    except UntraceableError as error:
        return Outcome(scope, Status.UNDECIDED, "symbolic", str(error))
    except Exception as error:  # a user's hook may raise anything
        return Outcome(scope, Status.UNDECIDED, "symbolic", f"hook raised {type(error).__name__}: {error}")


# ---- all inputs ------------------------------------------------------------------------------------------------


def _for_all(subject: Any, law: Law, shape: Tree, budget: Budget) -> Outcome:
    scope = space(shape)
    goals = [part for goal in _goals(law.relation(subject, *_variables(law, shape))) for part in _parts(goal)]
    if not goals:
        return Outcome(scope, Status.PROVED, "symbolic")
    pending, counterexample = _decide(goals, budget, quick=True)
    if counterexample is None and not pending:
        effort = Effort.LARGE if any(has_high_root(g) for g in goals) else Effort.SMALL
        return Outcome(scope, Status.PROVED, "smt", effort=effort)
    trial = Trial(subject, law, shape)
    witness = search(trial, budget.left / 2, thorough=budget.steps > 0)
    if witness is not None:
        return Outcome(scope, Status.REFUTED, "symbolic", witness=witness)
    if counterexample is None and budget.steps > _QUICK_STEPS and not any(map(_is_hopeless, pending)):
        pending, counterexample = _decide(pending, budget, quick=False)
    if counterexample is not None:
        variables = _variables(law, shape)
        witness = from_model(trial, counterexample, variables)
        if witness is None and trial.faint:  # ask for one that rounding does not hide
            _, counterexample = _decide(_goals(law.relation(subject, *variables), _MARGIN), budget, quick=True)
            witness = None if counterexample is None else from_model(trial, counterexample, variables)
        if witness is not None:
            return Outcome(scope, Status.REFUTED, "smt", witness=witness)
        return Outcome(scope, Status.UNDECIDED, "smt", trial.doubt or _UNCONFIRMED)
    if pending:
        return Outcome(scope, Status.UNDECIDED, "smt", _gave_up(scope, budget), effort=Effort.TOO_MUCH)
    return Outcome(scope, Status.PROVED, "smt", effort=Effort.LARGE)


def _is_hopeless(goal: Term) -> bool:
    """Roots or quotients of many variables: more steps never helped there, in the whole catalogue."""
    rooted = contains(goal, lambda part: part.op == "pow" and part.value.denominator > 1)
    most = _MOST_UNDER_ROOTS if rooted else _MOST_SYMBOLS
    return count_symbols(goal) > most and contains(goal, lambda part: part.op in ("pow", "div"))


def _gave_up(scope: str, budget: Budget) -> str:
    if budget.left <= 0:
        return f"Z3 gave up on {scope} after {budget.seconds:.1f} s"
    if budget.steps == 0:
        return "only searched for counterexamples, as a smaller shape was already too hard for Z3"
    return f"Z3 gave up on {scope} within {budget.steps:,} steps"


def _parts(goal: Term) -> list[Term]:
    """Formulas that hold together if and only if the goal does; smaller ones where roots or quotients make it hard."""
    if not contains(goal, lambda part: part.op in ("pow", "div")):
        return [goal]
    return [without_roots(part) or part for part in split(goal, _SPLIT_DEPTH)]


def _decide(goals: Sequence[Term], budget: Budget, quick: bool) -> tuple[list[Term], dict[Term, Fraction] | None]:
    """What Z3 left open, and a counterexample if it found one (then the rest is not looked at)."""
    pending: list[Term] = []
    # With few steps Z3 is only to confirm a law that lemmas have settled: where one part is too hard, so is the shape.
    most_open = _MOST_OPEN if budget.steps >= _QUICK_STEPS else 1
    for goal in goals:
        left = min(budget.left, _SHARE * budget.seconds)
        steps = min(budget.steps, _QUICK_STEPS) if quick else budget.steps
        worthwhile = left > 0 and steps > 0 and len(pending) < most_open
        verdict = smt.decide(goal, left, steps) if worthwhile else smt.Verdict(None)
        if verdict.holds is False:
            return pending, verdict.counterexample
        if verdict.holds is None:
            pending.append(goal)
            if not quick:
                break  # one open part leaves the whole open
    return pending, None


_UNCONFIRMED = "Z3 found a counterexample that is irrational, and no rational point near it confirms it"


def _variables(law: Law, shape: Tree) -> list[Tree]:
    return [
        symbols(name, shape if kind in (Kind.POINT, Kind.GENERIC) else (), kind is Kind.POSITIVE)
        for name, kind in law.variables
    ]


def _goals(relations: Sequence[Relation], margin: Fraction = Fraction(0)) -> list[Term]:
    """What must hold for all inputs: wherever ``given``, both sides are defined and compare as they should.

    With a margin, sides that differ by that much, relative to their size, count as equal.
    """
    goals = []
    for relation in relations:
        left, right = entry(relation.lhs), entry(relation.rhs)
        given = t.TRUE if relation.given is None else entry(relation.given)
        defined = t.conjunction(definedness(left), definedness(right))
        outside = t.negation(given)
        comparison = _compare(relation.op, left, right, margin)
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


def _compare(op: str, left: Term, right: Term, margin: Fraction) -> Term:
    if margin == 0:
        return COMPARE[op](left, right)
    slack = t.mul(t.const(margin), t.add(t.absolute(left), t.absolute(right)))
    if op == "==":
        return t.le(t.absolute(t.sub(left, right)), slack)
    return COMPARE[op](left, t.add(right, slack))


# ---- some input ----------------------------------------------------------------------------------------------


def _exists(subject: Any, law: Law, shape: Tree, budget: Budget) -> Outcome:
    scope = space(shape)
    size = candidates.shape_size(shape)
    starts = [(Fraction(1),) * size, *(tuple(Fraction(i == k) for i in range(size)) for k in range(size))]
    missed: set[str] | None = None
    for start in starts:
        point = constants(candidates.arrange(start, shape))
        misses = {r.where for r in law.relation(subject, point) if holds(r) is not t.TRUE}
        missed = misses if missed is None else missed & misses
        if not missed:
            return Outcome(scope, Status.PROVED, "symbolic")
        if budget.left <= 0:
            break
    return Outcome(
        scope,
        Status.UNDECIDED,
        "symbolic",
        "none of the simple starting points (ones, unit vectors) attains it",
    )


# ---- polyhedral norms ------------------------------------------------------------------------------------------


def _polyhedral(subject: Any, law: Law, shape: Tree) -> Outcome:
    """A piecewise linear norm is polyhedral (it is convex by the axioms); one that bends somewhere is not."""
    scope = space(shape)
    if is_piecewise_linear(entry(subject(symbols("x", shape)))):
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
        bend = second_derivative(entry(subject(moving)), time_symbol)
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
