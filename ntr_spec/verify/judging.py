"""Whether a law holds at one case: relations in floating point, and what counts as their failing.

``lhs <= rhs`` and ``lhs == rhs`` fail when they miss by more than the tolerance of the dtype and size
(:func:`ntr_spec.arrays.tolerance`) relative to the largest of |lhs|, |rhs| and the relation's scale. ``lhs < rhs``
fails when lhs ≥ rhs, without tolerance: its margin may rightly be tiny, but it is never zero. NaN, infinity and
exceptions fail always.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Any, final

from ntr_spec.arrays import tolerance
from ntr_spec.errors import NotDeclaredError, NtrError, UntraceableError
from ntr_spec.laws import FloatLaw, Kind, Law, Relation
from ntr_spec.laws.floating import Defect
from ntr_spec.trees import Tree, is_container, leaves, tree_map
from ntr_spec.verify.backends import Backend
from ntr_spec.verify.bench import Bench
from ntr_spec.verify.blame import blame
from ntr_spec.verify.misbehaviour import MisbehaviourError
from ntr_spec.verify.subjects import kind_of

Array = Any


@dataclasses.dataclass(frozen=True)
class Case:
    """One input on one backend: values are float64 NumPy points (or pytrees) and Python floats."""

    values: dict[str, Any]
    backend: Backend
    dtype: str
    layout: str = "C"


@dataclasses.dataclass(frozen=True)
class Failure:
    """A law that fails at a case.

    Attributes:
        case: where.
        relation: both sides evaluated, or words.
        note: what went wrong, where the relation does not say it.
        gap: by how much, relative to the size of both sides; infinite for exceptions, NaN and wrong kinds of results.
        shown: the input at which it fails, where that is not the case's own; a float law tries points made of it.
        where: the part of the law that fails, as its relation says.
    """

    case: Case
    relation: str
    note: str = ""
    gap: float = math.inf
    shown: dict[str, Any] | None = None
    where: str = ""


@dataclasses.dataclass(frozen=True)
class Vacuous:
    """The verdict on a case of which the law says nothing, and why."""

    reason: str


class NotApplicableError(Exception):
    """The law needs something that a part of the subject does not declare; the message says what."""


def judge(subject: Any, law: Law | FloatLaw, case: Case) -> Failure | Vacuous | None:
    """None if the law holds at the case, :class:`Vacuous` if it says nothing there, else the failure.

    Raises:
        NotApplicableError: the law needs an optional part that is not declared.
    """
    found = failures(subject, law, case)
    return found if isinstance(found, Vacuous) else next(iter(found), None)


def failures(subject: Any, law: Law | FloatLaw, case: Case) -> tuple[Failure, ...] | Vacuous:
    """As :func:`judge`, with a failure for every relation that does not hold.

    Raises:
        NotApplicableError: as there.
    """
    kinds = dict(law.variables)
    try:
        arrays = [_typed(case, value, kinds[name]) for name, value in case.values.items()]
        if isinstance(law, FloatLaw):
            return _float(subject, law, case, arrays[0])
        found = law.relation(kind_of(subject).watched(subject), *arrays)
        return _of_relations(case, found)
    except NotDeclaredError as error:
        raise NotApplicableError(str(error)) from None
    except UntraceableError as error:
        return Vacuous(str(error))
    except MisbehaviourError as error:
        return (Failure(case, law.statement, str(error)),)
    except Exception as error:
        return (Failure(case, law.statement, blame(error)),)


def _typed(case: Case, value: Any, kind: Kind) -> Any:
    if kind in (Kind.SCALAR, Kind.POSITIVE):
        return case.backend.asarray(value, case.dtype)
    return tree_map(lambda leaf: case.backend.asarray(leaf, case.dtype, case.layout), value)


def _float(subject: Any, law: FloatLaw, case: Case, x: Tree) -> tuple[Failure, ...]:
    bench = _Recorder(Bench(case.backend, case.dtype))
    try:
        defect = law.check(subject, bench, x)
    except NtrError:
        raise
    except Exception as error:
        defect = Defect(law.statement, blame(error))
    if defect is None:
        return ()
    _complain(subject, tree_map(lambda leaf: case.backend.asarray(leaf, case.dtype), case.values["x"]))
    shown = {"x": bench.last} if law.elsewhere and bench.last is not None else None
    return (Failure(case, defect.relation, defect.note, shown=shown),)


@final
class _Recorder:
    """A bench that remembers the last point that it made, which is where such a law fails."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self.last: Tree | None = None
        self.eps, self.max, self.smallest = bench.eps, bench.max, bench.smallest

    def asarray(self, host: Tree) -> Tree:
        self.last = host
        return self._bench.asarray(host)

    def to_numpy(self, x: Tree) -> Tree:
        return self._bench.to_numpy(x)

    def elsewhere(self, x: Tree) -> Tree:
        return self._bench.elsewhere(x)

    def watch_host(self, function: Callable[[Tree], Any], x: Tree) -> str | None:
        return self._bench.watch_host(function, x)

    def face_gap(self, subject: Any, x: Tree) -> tuple[str, str] | None:
        return self._bench.face_gap(subject, x)


def _complain(subject: Any, x: Tree) -> None:
    """Where a hook raises or returns the wrong kind of thing, that says more than what a float law makes of it.

    Raises:
        MisbehaviourError: a hook does.
    """
    kind = kind_of(subject)
    for verb in kind.verbs(kind.watched(subject)):
        try:
            verb(x)
        except MisbehaviourError:
            raise
        except NtrError:  # not declared, say; the law has met it already
            continue
        except Exception as error:
            raise MisbehaviourError(blame(error)) from None


def _of_relations(case: Case, relations: tuple[Relation, ...]) -> tuple[Failure, ...] | Vacuous:
    slack = case_tolerance(case)
    said = False
    found: list[Failure] = []
    for relation in relations:
        if relation.given is not None and not bool(relation.given):
            continue
        said = True
        lhs, rhs = _number(relation.lhs), _number(relation.rhs)
        shown = f"{_show(lhs, case.dtype)} {relation.op} {_show(rhs, case.dtype)} {relation.where}".rstrip()
        if not (math.isfinite(lhs) and math.isfinite(rhs)):
            kind = "NaN" if math.isnan(lhs) or math.isnan(rhs) else "infinity"
            found.append(Failure(case, shown, f"{kind} at a finite input of moderate size", where=relation.where))
            continue
        scale = max(abs(lhs), abs(rhs), 0.0 if relation.scale is None else _number(relation.scale))
        excess = abs(lhs - rhs) if relation.op == "==" else lhs - rhs
        failed = lhs >= rhs if relation.op == "<" else excess > slack * scale
        if failed:
            found.append(Failure(case, shown, gap=excess / scale if scale else 0.0, where=relation.where))
    return (
        tuple(found) if said else Vacuous("no drawn point meets the law's condition: it says nothing in these shapes")
    )


def case_tolerance(case: Case) -> float:
    """The relative tolerance at a case: that of its dtype and of the number of entries of a point."""
    import numpy as np

    points = [value for value in case.values.values() if not isinstance(value, float)]
    size = max((sum(leaf.size for leaf in leaves(p)) for p in points), default=1)
    return tolerance(float(np.finfo(case.dtype).eps), size)


def _number(value: Array) -> float:
    shape = tuple(value.shape) if not isinstance(value, int | float) else ()
    if shape:
        raise MisbehaviourError(f"a side of the law has shape {shape} where a number was expected; return 0-d values")
    return float(value)


def _show(value: float, dtype: str) -> str:
    return f"{value:.9g}" if dtype == "float32" else f"{value:.17g}" if value != round(value, 12) else f"{value:.12g}"


def literal(value: Tree, dtype: str) -> str:
    """A point as text that can be typed back in, with as many digits as the dtype needs.

    >>> import numpy as np
    >>> literal({"W": np.array([[0.1, 2.0]])}, "float32")
    "{'W': [[0.1, 2.0]]}"
    """
    return repr(nested(value, dtype))


def nested(value: Tree, dtype: str = "float64") -> Any:
    """A point as nested lists of floats that round to the entries in this dtype."""
    import numpy as np

    def leaf(x: Any) -> Any:
        cast = np.asarray(x, dtype=dtype)
        short = np.array([float(str(entry)) for entry in cast.ravel()])
        return short.reshape(cast.shape).tolist()

    if is_container(value):
        if isinstance(value, dict):
            return {key: nested(part, dtype) for key, part in value.items()}
        return type(value)(nested(part, dtype) for part in value)
    return leaf(value)
