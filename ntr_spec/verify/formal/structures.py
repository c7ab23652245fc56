"""What a symbol of a vocabulary stands for: a norm, inner product, function value, number, mean or integral."""

from __future__ import annotations

import dataclasses
import enum
from typing import Any

from ntr_spec.verify.formal.vectors import Atom, Point, Vector, atom

Expr = Any


class Kind(enum.Enum):
    """Which norm."""

    PRIMAL = "‖·‖"
    DUAL = "‖·‖_*"
    EUCLIDEAN = "‖·‖₂"
    SMOOTH = "‖·‖_κ"


@dataclasses.dataclass(frozen=True)
class Norm:
    """‖v‖, ‖v‖_*, ‖v‖₂ or ‖v‖_κ."""

    kind: Kind
    of: Vector

    def __str__(self) -> str:
        return self.kind.value.replace("·", str(self.of))


@dataclasses.dataclass(frozen=True)
class Inner:
    """⟨a, b⟩ of two atoms."""

    left: Atom
    right: Atom

    def __str__(self) -> str:
        return f"⟨{self.left}, {self.right}⟩"


@dataclasses.dataclass(frozen=True)
class Value:
    """f(v) or R(v)."""

    function: str
    at: Vector

    def __str__(self) -> str:
        return f"{self.function}({self.at})"


@dataclasses.dataclass(frozen=True)
class Number:
    """A term of a sequence of numbers, known by its name."""

    name: str
    index: Expr

    def __str__(self) -> str:
        return str(Point(self.name, self.index))


@dataclasses.dataclass(frozen=True)
class Mean:
    """The expectation of a monomial in the symbols of a vocabulary."""

    of: Expr

    def __str__(self) -> str:
        return f"E[{self.of}]"


@dataclasses.dataclass(frozen=True)
class Integral:
    """The integral of a monomial in the symbols of a vocabulary, over its variable in [0, 1]."""

    of: Expr

    def __str__(self) -> str:
        return f"∫[{self.of}]"


Structure = Norm | Inner | Value | Number | Mean | Integral


def symbols_of(structure: Norm | Inner | Value | Number) -> set[Any]:
    """The symbols within a structure."""
    if isinstance(structure, Norm):
        return structure.of.free_symbols
    if isinstance(structure, Inner):
        return atom(structure.left).free_symbols | atom(structure.right).free_symbols
    if isinstance(structure, Value):
        return structure.at.free_symbols
    return set(structure.index.free_symbols)
