"""Float laws as data, and what they may ask of the backend on which they run."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, Protocol

from ntr_spec.laws.law import Kind
from ntr_spec.trees import Tree

Array = Any


class Bench(Protocol):
    """What a float law may ask of the backend on which it runs."""

    eps: float
    max: float
    smallest: float
    """The smallest positive number that arithmetic keeps: subnormal, or normal where subnormals are flushed."""

    def asarray(self, host: Tree) -> Tree:
        """A point of this backend and dtype from NumPy arrays."""

    def to_numpy(self, x: Tree) -> Tree:
        """NumPy copies of the leaves."""

    def elsewhere(self, x: Tree) -> Tree:
        """The point on a second device where there is one, else itself."""

    def watch_host(self, function: Callable[[Tree], Any], x: Tree) -> str | None:
        """Run ``function`` where reading a value on the host is an error; what it read, or None."""

    def face_gap(self, subject: Any, x: Tree) -> tuple[str, str] | None:
        """What the symbolic face of a subject and its numeric one disagree on (both sides), or None."""


@dataclasses.dataclass(frozen=True)
class Defect:
    """How a float law failed: both sides evaluated, and what went wrong in words."""

    relation: str
    note: str


@dataclasses.dataclass(frozen=True)
class FloatLaw:
    """One law about floating-point runs.

    Attributes:
        name, statement, source: as for :class:`~ntr_spec.laws.Law`.
        check: ``check(subject, bench, x)`` gives a defect, or None where the law holds at the point x.
        missing: why the law does not apply to a subject, or None where it does.
        backends: the only backends that can tell; None: all.
        share: what part of the examples of an exact law this one needs.
        largest: the size of the largest point worth trying; None: no limit.
        elsewhere: whether it is about points made of x: multiples, NaN in it, zeros. The last one made is the witness.
    """

    name: str
    statement: str
    check: Callable[[Any, Bench, Tree], Defect | None]
    missing: Callable[[Any], str | None] = lambda subject: None
    backends: frozenset[str] | None = None
    share: float = 0.25
    largest: int | None = None
    elsewhere: bool = False
    source: str = "Higham, Accuracy and Stability of Numerical Algorithms, chapter 27"

    @property
    def variables(self) -> tuple[tuple[str, Kind], ...]:
        """Every float law is about one point."""
        return (("x", Kind.POINT),)
