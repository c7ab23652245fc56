"""Laws of norms on vectors of unspecified length: the very hooks, traced on formal vectors, proved by certificates.

``check`` gives evidence for laws that hold for every n, and nothing where a hook does not trace or no
certificate is found.
"""

from __future__ import annotations

import time
from typing import Any

import sympy as sp

from ntr_spec.errors import NtrError, UntraceableError
from ntr_spec.laws import EXACT_LAWS, Kind, Law, Quantifier
from ntr_spec.norms.base import Norm
from ntr_spec.verify.findings import Evidence, Status
from ntr_spec.verify.generic.array import Length, Scalar, Vector
from ntr_spec.verify.generic.pattern import Pattern, initial
from ntr_spec.verify.generic.prove import DEFINITION, settle
from ntr_spec.verify.generic.trace import Trace, paths
from ntr_spec.verify.kernel import CertificateError
from ntr_spec.verify.settings import Settings

Expr = Any
_KINDS = frozenset({Kind.POINT, Kind.SCALAR, Kind.POSITIVE})
_HOMOGENEOUS = next(law for law in EXACT_LAWS if law.name == "homogeneous")
_MOST_ENTRIES = 8  # laws whose constant the code computes from a known n are proved for n = 1, …, 8


def check(norm: Norm, law: Law, settings: Settings) -> tuple[Evidence, ...]:
    """PROVED evidence for one law at every length, or nothing."""
    if norm.event_rank == 2:
        return ()
    if law.name != "homogeneous" and not all(_runs_as_written(n, settings) for n in (norm, norm.dual)):
        return ()
    start = time.perf_counter()
    deadline = time.monotonic() + settings.timeout
    lemmas = _every_length(norm, law, deadline)
    scope = "R^n, every n"
    if lemmas is None and law.name.startswith("rho_"):
        lemmas, scope = frozenset(), f"R^n, n ≤ {_MOST_ENTRIES}"
        for n in range(1, _MOST_ENTRIES + 1):
            found = _prove(norm, law, n, deadline)
            if found is None:
                return ()
            lemmas |= found
    if lemmas is None:
        return ()
    seconds = time.perf_counter() - start
    names = tuple(sorted(lemmas - {DEFINITION}))
    return (Evidence(law.name, "kernel", Status.PROVED, scope, lemmas=names, seconds=seconds),)


def _runs_as_written(norm: Norm, settings: Settings) -> bool:
    """Whether a hook means the same on x and on x divided by its scale, which is what runs on floats."""
    return norm.scale_free or bool(check(norm, _HOMOGENEOUS, settings))


def _every_length(norm: Norm, law: Law, deadline: float) -> frozenset[str] | None:
    unknown = Length()
    lemmas = _prove(norm, law, unknown, deadline)
    if lemmas is not None and unknown.more_than_one:
        alone = _prove(norm, law, 1, deadline)
        return None if alone is None else lemmas | alone
    return lemmas


def _prove(norm: Norm, law: Law, length: Length | int, deadline: float) -> frozenset[str] | None:
    """The names of what the certificates rest on, or None."""
    try:
        if law.quantifier is Quantifier.EXISTS:
            starts = (_ones, _first)
            return next((r for s in starts if (r := _exists(norm, law, length, s, deadline)) is not None), None)
        return _for_all(norm, law, length, deadline)
    except (NtrError, CertificateError, ArithmeticError):
        return None
    except Exception:
        # A hook that raises on a formal vector is not a finding here: the other engines run it on real arrays.
        return None


def _for_all(norm: Norm, law: Law, length: Length | int, deadline: float) -> frozenset[str] | None:
    if any(kind not in _KINDS for _, kind in law.variables):
        return None
    points = [name for name, kind in law.variables if kind is Kind.POINT]

    def run(trace: Trace) -> Any:
        values = [_input(trace, name, kind, length) for name, kind in law.variables]
        return law.relation(norm, *values)

    return _settled(paths(initial(points), _size(length), run), deadline)


def _input(trace: Trace, name: str, kind: Kind, length: Length | int) -> Any:
    if kind is Kind.POINT:
        return Vector({p: p.values[name] for p in trace.patterns}, length)
    size = sp.Symbol(f"|{name}|", positive=True)
    return Scalar(size if kind is Kind.POSITIVE else (1, 0, -1)[trace.choose(3)] * size)


def _size(length: Length | int) -> Expr:
    return sp.Symbol("n", positive=True, integer=True) if isinstance(length, Length) else sp.Integer(length)


def _exists(norm: Norm, law: Law, length: Length | int, start: Any, deadline: float) -> frozenset[str] | None:
    runs = paths([Pattern.make("all", {}, ())], _size(length), lambda trace: law.relation(norm, start(trace, length)))
    try:
        return _settled(runs, deadline)
    except UntraceableError:
        return None


def _ones(trace: Trace, length: Length | int) -> Vector:
    return Vector(dict.fromkeys(trace.patterns, sp.S.One), length)


def _first(trace: Trace, length: Length | int) -> Vector:
    index = trace.anywhere()
    return Vector(dict.fromkeys(trace.patterns, sp.S.Zero), length, (index, sp.S.One))


def _settled(runs: Any, deadline: float) -> frozenset[str] | None:
    names: frozenset[str] = frozenset()
    for trace, relations in runs:
        trace.deadline = deadline
        for relation in relations:
            if time.monotonic() > deadline:
                return None
            if relation.given is not None and trace.clean(relation.given.value) == 0:
                continue
            if relation.lhs.ndim or relation.rhs.ndim:
                return None  # a value that is not one number
            facts = settle(trace, relation.rhs.value - relation.lhs.value, relation.op)
            if facts is None:
                return None
            for fact in facts:
                names |= fact.hypotheses
    return names
