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
import warnings
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from ntr_spec.errors import UntraceableError
from ntr_spec.laws import Kind, Law, Quantifier, Relation
from ntr_spec.norms.base import Norm
from ntr_spec.trees import Shape, Tree, is_container, leaves, tree_map
from ntr_spec.verify import candidates, smt
from ntr_spec.verify.findings import Evidence, Status, Witness
from ntr_spec.verify.settings import Settings
from ntr_spec.verify.symbolic import SymbolicArray, constants, symbols, to_sympy
from ntr_spec.verify.symbolic import term as t
from ntr_spec.verify.symbolic.ground import definedness, float_of
from ntr_spec.verify.symbolic.term import Term

_SHAPE_SECONDS = 3.0  # Z3's budget for one law on one shape, if settings allow as much
_QUICK_SECONDS = 0.5  # Z3's first try, before small points are searched
_SEARCH_POINTS = 300
_SEARCH_SECONDS = 1.0
_FAINT = 1e-9  # relative; a smaller violation counts only if floating point sees it too
_COMPARE = {"<=": t.le, "<": t.lt, "==": t.eq}


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
        if law.quantifier is Quantifier.EXISTS:
            return _exists(norm, law, shape, seconds)
        return _for_all(norm, law, shape, seconds)
    except UntraceableError as error:
        return Outcome(scope, Status.UNDECIDED, "symbolic", str(error))
    except Exception as error:  # a user's hook may raise anything
        return Outcome(scope, Status.UNDECIDED, "symbolic", f"hook raised {type(error).__name__}: {error}")


# ---- all inputs ------------------------------------------------------------------------------------------------


def _for_all(norm: Norm, law: Law, shape: Tree, seconds: float) -> Outcome:
    started = time.perf_counter()
    scope = space(shape)
    goals = _goals(law.relation(norm, *_variables(law, shape)))
    if not goals:
        return Outcome(scope, Status.PROVED, "symbolic")
    pending: list[Term] = []
    counterexample: dict[Term, Fraction] | None = None
    for goal in goals:
        verdict = smt.decide(goal, min(_QUICK_SECONDS, seconds))
        if verdict.holds is False:
            counterexample = verdict.counterexample
            break
        if verdict.holds is None:
            pending.append(goal)
    if counterexample is None and not pending:
        return Outcome(scope, Status.PROVED, "smt")

    trial = _Trial(norm, law, shape)
    witness = _search(trial, min(_SEARCH_SECONDS, seconds))
    if witness is not None:
        return Outcome(scope, Status.REFUTED, "symbolic", witness=witness)
    for goal in pending if counterexample is None else []:
        left = seconds - (time.perf_counter() - started)
        verdict = smt.decide(goal, left) if left > _QUICK_SECONDS / 2 else smt.Verdict(None)
        if verdict.holds is None:
            return Outcome(scope, Status.UNDECIDED, "smt", f"Z3 gave up on {scope} after {seconds:.1f} s")
        if verdict.holds is False:
            counterexample = verdict.counterexample
            break
    if counterexample is None:
        return Outcome(scope, Status.PROVED, "smt")
    witness = _from_model(trial, counterexample)
    if witness is not None:
        return Outcome(scope, Status.REFUTED, "smt", witness=witness)
    return Outcome(scope, Status.UNDECIDED, "smt", trial.doubt or _UNCONFIRMED)


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
        left, right = _entry(relation.lhs), _entry(relation.rhs)
        given = t.TRUE if relation.given is None else _entry(relation.given)
        defined = t.conjunction(definedness(left), definedness(right))
        outside = t.negation(given)
        for claim in (
            definedness(given),
            t.disjunction(outside, defined),
            t.disjunction(outside, t.negation(defined), _COMPARE[relation.op](left, right)),
        ):
            if claim is not t.TRUE and claim not in goals:
                goals.append(claim)
    return goals


def _entry(side: Any) -> Term:
    if not isinstance(side, SymbolicArray) or side.ndim != 0:
        shape = getattr(side, "shape", None)
        raise UntraceableError(
            f"a side of the law is not one number (type {type(side).__name__}, shape {shape})"
        )
    return side.term


# ---- some input ----------------------------------------------------------------------------------------------


def _exists(norm: Norm, law: Law, shape: Tree, seconds: float) -> Outcome:
    scope = space(shape)
    deadline = time.perf_counter() + seconds
    size = candidates.shape_size(shape)
    starts = [(Fraction(1),) * size, *(tuple(Fraction(i == k) for i in range(size)) for k in range(size))]
    for start in starts:
        point = constants(candidates.arrange(start, shape))
        relations = law.relation(norm, point)
        if all(_holds(r) is t.TRUE for r in relations):
            return Outcome(scope, Status.PROVED, "symbolic")
        if time.perf_counter() > deadline:
            break
    return Outcome(
        scope,
        Status.UNDECIDED,
        "symbolic",
        "none of the simple starting points (ones, unit vectors) attains it",
    )


def _holds(relation: Relation) -> Term:
    """TRUE, FALSE, or an undefined term, of a relation between constants."""
    if relation.given is not None:
        given = _entry(relation.given)
        if given is not t.TRUE:
            return t.TRUE if given is t.FALSE else given
    return _COMPARE[relation.op](_entry(relation.lhs), _entry(relation.rhs))


# ---- witnesses --------------------------------------------------------------------------------------------------


class _Trial:
    """Tries points on one law of one norm on one shape. ``doubt`` remembers why a failing point was not accepted."""

    def __init__(self, norm: Norm, law: Law, shape: Tree) -> None:
        self.norm, self.law, self.shape = norm, law, shape
        self.kinds = [kind for _, kind in law.variables]
        self.doubt = ""

    def shape_of(self, kind: Kind) -> Tree:
        return self.shape if kind in (Kind.POINT, Kind.GENERIC) else Shape(())

    def arrange(self, values: Sequence[candidates.Point]) -> list[Tree]:
        """NumPy object arrays of Fractions for each variable."""
        return [candidates.arrange(v, self.shape_of(k)) for v, k in zip(values, self.kinds, strict=True)]

    def fails_in_floats(self, values: Sequence[candidates.Point]) -> bool:
        """Whether float64 arithmetic sees the law fail, or nearly fail where it asks for strictness."""
        arguments = [tree_map(lambda leaf: leaf.astype(np.float64), point) for point in self.arrange(values)]
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            try:
                return any(_fails(relation) for relation in self.law.relation(self.norm, *arguments))
            except Exception:  # the property engine reports what hooks raise
                return False

    def confirm(self, values: Sequence[candidates.Point]) -> Witness | None:
        """The witness, if the law fails at these values in exact arithmetic."""
        arguments = self.arrange(values)
        for relation in self.law.relation(self.norm, *[constants(a) for a in arguments]):
            verdict = _holds(relation)
            if verdict is t.TRUE:
                continue
            witness = self._witness(arguments, relation, verdict)
            at = ", ".join(f"{name} = {value}" for name, value in witness.inputs.items())
            if verdict.op == "undefined" and not self.fails_in_floats(values):
                self.doubt = f"exact arithmetic is undefined at {at} ({verdict.value}), floating point is not"
            elif verdict is t.FALSE and self._faint(relation) and not self.fails_in_floats(values):
                self.doubt = f"fails at {at} by less than rounding; compute constants with xp.sqrt, not in floating point"
            else:
                return witness
        return None

    def _faint(self, relation: Relation) -> bool:
        left, right = float_of(_entry(relation.lhs)), float_of(_entry(relation.rhs))
        gap = float_of(t.sub(_entry(relation.lhs), _entry(relation.rhs)))
        return gap != 0 and abs(gap) <= _FAINT * max(abs(left), abs(right))

    def _witness(self, arguments: Sequence[Tree], relation: Relation, verdict: Term) -> Witness:
        names = [name for name, _ in self.law.variables]
        sides = [_number(_entry(side)) for side in (relation.lhs, relation.rhs)]
        return Witness(
            inputs={name: _text(value) for name, value in zip(names, arguments, strict=True)},
            relation=f"{sides[0]} {relation.op} {sides[1]}",
            context="exact arithmetic",
            points={name: _floats(value) for name, value in zip(names, arguments, strict=True)},
            note=str(verdict.value) if verdict.op == "undefined" else "",
        )


def _fails(relation: Relation) -> bool:
    if relation.given is not None and not bool(relation.given):
        return False
    left, right = float(relation.lhs), float(relation.rhs)
    gap, size = left - right, max(abs(left), abs(right))
    if not np.isfinite(gap):
        return True
    if relation.op == "==":
        return abs(gap) > _FAINT * size
    return gap > _FAINT * size if relation.op == "<=" else gap >= -_FAINT * size


def _search(trial: _Trial, seconds: float) -> Witness | None:
    """The first of the small points at which the law fails."""
    deadline = time.perf_counter() + seconds
    sizes = [candidates.shape_size(trial.shape_of(kind)) for kind in trial.kinds]
    for values in candidates.assignments(trial.kinds, sizes, _SEARCH_POINTS):
        if time.perf_counter() > deadline:
            return None
        if trial.fails_in_floats(values):
            witness = trial.confirm(values)
            if witness is not None:
                return witness
    return None


def _from_model(trial: _Trial, model: Mapping[Term, Fraction]) -> Witness | None:
    """Z3's counterexample, rounded to the coarsest denominator that still fails."""
    variables = _variables(trial.law, trial.shape)
    exact = [
        tuple(model.get(term, Fraction(1)) for leaf in leaves(v) for term in leaf.terms.reshape(-1))
        for v in variables
    ]
    for bound in (1, 2, 4, 16, 256, 10**6, None):
        values = [
            tuple(entry if bound is None else entry.limit_denominator(bound) for entry in point)
            for point in exact
        ]
        if any(k is Kind.POSITIVE and v[0] <= 0 for k, v in zip(trial.kinds, values, strict=True)):
            continue
        witness = trial.confirm(values)
        if witness is not None:
            return witness
    return None


# ---- words ------------------------------------------------------------------------------------------------------


def space(shape: Tree) -> str:
    """The space of points of a shape, as a scope is written.

    >>> from ntr_spec.trees import as_shape
    >>> space(as_shape(3)), space(as_shape((2, 3))), space(as_shape({"W": (2, 2), "b": 2}))
    ('R^3', 'R^{2×3}', '{W: R^{2×2}, b: R^2}')
    """
    if isinstance(shape, Shape):
        if shape.ndim == 0:
            return "R"
        inner = "×".join(map(str, shape.dims))
        return f"R^{inner}" if shape.ndim == 1 else f"R^{{{inner}}}"
    if isinstance(shape, dict):
        return "{" + ", ".join(f"{key}: {space(value)}" for key, value in shape.items()) + "}"
    return "(" + ", ".join(space(value) for value in shape) + ")"


def _text(value: Tree) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key!r}: {_text(v)}" for key, v in value.items()) + "}"
    if is_container(value):
        return "(" + ", ".join(map(_text, value)) + ")"
    return _nested(value.tolist())


def _nested(value: Any) -> str:
    return "[" + ", ".join(map(_nested, value)) + "]" if isinstance(value, list) else str(value)


def _floats(value: Tree) -> Any:
    return tree_map(lambda leaf: leaf.astype(float).tolist(), value)


def _number(term: Term) -> str:
    if term.op == "undefined":
        return "undefined"
    text = str(to_sympy(term))
    return text if len(text) <= 60 else f"{float_of(term):.12g}"
