"""Trying points on a law: cheaply in floating point, then exactly; a point at which it fails becomes a Witness."""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from ntr_spec.errors import UntraceableError
from ntr_spec.laws import Kind, Law, Relation
from ntr_spec.trees import Shape, Tree, is_container, leaves, tree_map
from ntr_spec.verify import candidates
from ntr_spec.verify.findings import Witness
from ntr_spec.verify.symbolic import SymbolicArray, constants, to_sympy
from ntr_spec.verify.symbolic import term as t
from ntr_spec.verify.symbolic.ground import float_of
from ntr_spec.verify.symbolic.term import Term

COMPARE = {"<=": t.le, "<": t.lt, "==": t.eq}
_SEARCH_POINTS = 1500
_MORE_POINTS = 400  # of a larger shape, where a smaller one has been searched thoroughly
_FAINT = 1e-9  # relative; a smaller violation counts only if floating point sees it too


def entry(side: Any) -> Term:
    """The number that a side of a relation is.

    Raises:
        UntraceableError: it is something else, such as an array.
    """
    if not isinstance(side, SymbolicArray) or side.ndim != 0:
        raise UntraceableError(f"a side of the law is not one number but {_kind(side)}; return a 0-d array")
    return side.term


def _kind(side: Any) -> str:
    return f"an array with {side.ndim} axes" if isinstance(side, SymbolicArray) else f"a {type(side).__name__}"


def holds(relation: Relation) -> Term:
    """TRUE, FALSE, or an undefined term, of a relation between constants."""
    if relation.given is not None:
        given = entry(relation.given)
        if given is not t.TRUE:
            return t.TRUE if given is t.FALSE else given
    return COMPARE[relation.op](entry(relation.lhs), entry(relation.rhs))


class Trial:
    """Tries points on one law of one subject on one shape. ``doubt`` remembers why a failing point was not accepted."""

    def __init__(self, subject: Any, law: Law, shape: Tree) -> None:
        self.subject, self.law, self.shape = subject, law, shape
        self.kinds = [kind for _, kind in law.variables]
        self.doubt = ""
        self.faint = False

    def shape_of(self, kind: Kind) -> Tree:
        """The shape of a variable of this kind."""
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
                return any(_fails(relation) for relation in self.law.relation(self.subject, *arguments))
            except Exception:  # the property engine reports what hooks raise
                return False

    def confirm(self, values: Sequence[candidates.Point]) -> Witness | None:
        """The witness, if the law fails at these values in exact arithmetic."""
        arguments = self.arrange(values)
        for relation in self.law.relation(self.subject, *[constants(a) for a in arguments]):
            verdict = holds(relation)
            if verdict is t.TRUE:
                continue
            witness = self._witness(arguments, relation, verdict)
            at = ", ".join(f"{name} = {value}" for name, value in witness.inputs.items())
            if verdict.op == "undefined" and not self.fails_in_floats(values):
                self.doubt = f"exact arithmetic is undefined at {at} ({verdict.value}), floating point is not"
            elif verdict is t.FALSE and self._faint(relation) and not self.fails_in_floats(values):
                self.faint = True
                self.doubt = f"fails at {at} by less than rounding; compute constants with xp.sqrt"
            else:
                return witness
        return None

    def _faint(self, relation: Relation) -> bool:
        left, right = float_of(entry(relation.lhs)), float_of(entry(relation.rhs))
        gap = float_of(t.sub(entry(relation.lhs), entry(relation.rhs)))
        scale = 0.0 if relation.scale is None else float_of(entry(relation.scale))
        return gap != 0 and abs(gap) <= _FAINT * max(abs(left), abs(right), abs(scale))

    def _witness(self, arguments: Sequence[Tree], relation: Relation, verdict: Term) -> Witness:
        names = [name for name, _ in self.law.variables]
        left, right = describe(entry(relation.lhs)), describe(entry(relation.rhs))
        note = str(verdict.value) if verdict.op == "undefined" else ""
        text = f"{left} {relation.op} {right} {relation.where}".rstrip()
        return make_witness(dict(zip(names, arguments, strict=True)), text, note)


def make_witness(arguments: Mapping[str, Tree], relation: str, note: str = "") -> Witness:
    """A witness at exact values (NumPy object arrays of Fractions, or pytrees of them)."""
    return Witness(
        inputs={name: _text(value) for name, value in arguments.items()},
        relation=relation,
        context="exact arithmetic",
        points={name: _floats(value) for name, value in arguments.items()},
        note=note,
    )


def _fails(relation: Relation) -> bool:
    if relation.given is not None and not bool(relation.given):
        return False
    left, right = float(relation.lhs), float(relation.rhs)
    scale = 0.0 if relation.scale is None else abs(float(relation.scale))
    gap, size = left - right, max(abs(left), abs(right), scale)
    if not np.isfinite(gap):
        return True
    if relation.op == "==":
        return abs(gap) > _FAINT * size
    return gap > _FAINT * size if relation.op == "<=" else gap >= -_FAINT * size


def search(trial: Trial, seconds: float, thorough: bool = True) -> Witness | None:
    """The first of the small points at which the law fails."""
    deadline = time.perf_counter() + seconds
    sizes = tuple(candidates.shape_size(trial.shape_of(kind)) for kind in trial.kinds)
    for values in candidates.assignments(tuple(trial.kinds), sizes, _SEARCH_POINTS if thorough else _MORE_POINTS):
        if time.perf_counter() > deadline:
            return None
        if trial.fails_in_floats(values):
            witness = trial.confirm(values)
            if witness is not None:
                return witness
    return None


def from_model(trial: Trial, model: Mapping[Term, Fraction], variables: Sequence[Tree]) -> Witness | None:
    """Z3's counterexample, rounded to the coarsest denominator that still fails."""
    exact = [
        tuple(model.get(term, Fraction(1)) for leaf in leaves(v) for term in leaf.terms.reshape(-1)) for v in variables
    ]
    for bound in (1, 2, 4, 16, 256, 10**6, None):
        values = [
            tuple(entry if bound is None else entry.limit_denominator(bound) for entry in point) for point in exact
        ]
        if any(k is Kind.POSITIVE and v[0] <= 0 for k, v in zip(trial.kinds, values, strict=True)):
            continue
        witness = trial.confirm(values)
        if witness is not None:
            return witness
    return None


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


def describe(term: Term) -> str:
    """A constant as text: exact if that is short."""
    if term.op == "undefined":
        return "undefined"
    text = str(to_sympy(term))
    return text if len(text) <= 60 else f"{float_of(term):.12g}"
