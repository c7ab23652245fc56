"""Formulas as trees: what the parser of notation and the reader of SymPy expressions make, and what writers write."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import TypeAlias


@dataclasses.dataclass(frozen=True)
class Letter:
    """One variable."""

    name: str


@dataclasses.dataclass(frozen=True)
class Number:
    """Digits."""

    digits: str


@dataclasses.dataclass(frozen=True)
class Word:
    """Upright text: words of a sentence."""

    text: str


@dataclasses.dataclass(frozen=True)
class Function:
    """The upright name of a function: max, lmo, …; what follows it is its argument."""

    name: str


@dataclasses.dataclass(frozen=True)
class Sign:
    """An operator, a relation or a separator."""

    text: str


@dataclasses.dataclass(frozen=True)
class Row:
    """Things beside each other."""

    items: tuple[Node, ...]


@dataclasses.dataclass(frozen=True)
class Scripted:
    """A base with an index, an exponent, or both."""

    base: Node
    below: Node | None = None
    above: Node | None = None


@dataclasses.dataclass(frozen=True)
class Fraction:
    """A quotient."""

    above: Node
    below: Node


@dataclasses.dataclass(frozen=True)
class Root:
    """A square root."""

    inside: Node


@dataclasses.dataclass(frozen=True)
class Fence:
    """Something between two brackets or bars."""

    left: str
    inside: Node
    right: str


Node: TypeAlias = Letter | Number | Word | Function | Sign | Row | Scripted | Fraction | Root | Fence

# A colon between spaces ("such that", ∶ here) is a relation; one after a word is a separator.
RELATIONS = ("≤", "≥", "<", ">", "=", "≈", "∈", "⊂", "↦", "∶", "⟹", "⟺", "↔", "→", "≻", "≠", ":=")
OPERATORS = ("+", "−", "±", "∘", "×")
SEPARATORS = (",", ";", ":", ".")


def row(items: Iterable[Node]) -> Node:
    """The items beside each other; rows in it are opened, and one alone stays itself."""
    flat: list[Node] = []
    for item in items:
        flat += item.items if isinstance(item, Row) else [item]
    return flat[0] if len(flat) == 1 else Row(tuple(flat))


def group(inside: Node) -> Node:
    """In parentheses."""
    return Fence("(", inside, ")")


def is_sum(node: Node) -> bool:
    """Whether something beside it would bind closer than what it is made of."""
    return isinstance(node, Row) and any(isinstance(e, Sign) and e.text in (*OPERATORS, *RELATIONS) for e in node.items)
