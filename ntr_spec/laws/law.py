"""Laws as data: what must hold for every norm, regularizer, method or problem, said once for every engine.

A law is a function from such a subject and some points to a :class:`Relation`, written with public verbs only. The
exact engine calls it on symbols, the property engine on arrays; neither has a formula of its own.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Callable
from typing import Any

Array = Any


class Kind(enum.Enum):
    """What a law's variable ranges over."""

    POINT = "point"
    """Every point of the shape, ties and zeros included."""
    SCALAR = "scalar"
    """Every real number (sampled in [−8, 8])."""
    POSITIVE = "positive"
    """Every positive real number."""
    GENERIC = "generic"
    """Points in general position: sampled from a Gaussian, never adversarial."""


class Quantifier(enum.Enum):
    """Whether a law must hold for every value of its variables or for some."""

    FOR_ALL = "for all"
    EXISTS = "exists"


@dataclasses.dataclass(frozen=True)
class Relation:
    """``lhs op rhs``, whenever ``given`` holds.

    Attributes:
        lhs, rhs: 0-d arrays.
        op: one of ``"<="``, ``"=="``, ``"<"``.
        given: a 0-d boolean array; where it is false the relation says nothing. None: always.
        scale: a 0-d array; floating-point tolerance is relative to the largest of |lhs|, |rhs| and this. It is
            needed where both sides are differences that cancel. None: no further scale.
        where: which part of the law this is, in words for a witness, such as ``"for L1()"``. A law for *some* point
            wants one for each of its parts.
    """

    lhs: Array
    op: str
    rhs: Array
    given: Array | None = None
    scale: Array | None = None
    where: str = ""


@dataclasses.dataclass(frozen=True)
class Law:
    """One law.

    Attributes:
        name: an identifier, unique among the laws of a kind of subject.
        statement: the law in mathematical notation.
        variables: name and kind of each variable, in the order in which ``relation`` takes them.
        relation: ``relation(subject, *values)`` gives the relations that must all hold.
        missing: why the law does not apply to a subject, or None where it does.
        quantifier: whether all values of the variables must satisfy it, or some.
        source: where the law comes from.
        admit: ``admit(subject, values)`` moves drawn values, NumPy points and floats by name, to where the law says
            something; what it returns is what is tested and shown. None: they are taken as drawn.
    """

    name: str
    statement: str
    variables: tuple[tuple[str, Kind], ...]
    relation: Callable[..., tuple[Relation, ...]]
    missing: Callable[[Any], str | None] = lambda subject: None
    quantifier: Quantifier = Quantifier.FOR_ALL
    source: str = "[Kovalev25], section 2"
    admit: Callable[[Any, dict[str, Any]], dict[str, Any]] | None = None
