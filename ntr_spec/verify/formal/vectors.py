"""Formal vectors: linear combinations of named vectors, their images and Hessian products, with SymPy coefficients.

Nothing is known of the space but that it is a real inner product space; nothing has coordinates.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable
from typing import Any

import sympy as sp

from ntr_spec.verify.algebra import is_zero

Expr = Any


@dataclasses.dataclass(frozen=True)
class Point:
    """A vector known by its name, and by its index where it is a term of a sequence."""

    name: str
    index: Expr | None = None

    def __str__(self) -> str:
        return self.name if self.index is None else f"{self.name}_{subscript(self.index)}"


@dataclasses.dataclass(frozen=True)
class Image:
    """A function of vectors, applied: ∇f(x), lmo(g)."""

    function: str
    of: Vector

    def __str__(self) -> str:
        return f"{self.function}({self.of})"


@dataclasses.dataclass(frozen=True)
class HessianProduct:
    """∇²f at a point, applied to a vector."""

    at: Vector
    along: Atom

    def __str__(self) -> str:
        return f"∇²f({self.at})[{self.along}]"


Atom = Point | Image | HessianProduct


@dataclasses.dataclass(frozen=True)
class Vector:
    """Σ cᵢaᵢ with different atoms aᵢ, in the order of their texts, and cᵢ ≠ 0. Made by :func:`combination`."""

    terms: tuple[tuple[Expr, Atom], ...]

    def __add__(self, other: Vector) -> Vector:
        return combination((*self.terms, *other.terms))

    def __sub__(self, other: Vector) -> Vector:
        return combination((*self.terms, *((-c, atom) for c, atom in other.terms)))

    def __neg__(self) -> Vector:
        return combination((-c, atom) for c, atom in self.terms)

    def __mul__(self, factor: Expr) -> Vector:
        return combination((sp.sympify(factor) * c, atom) for c, atom in self.terms)

    def __rmul__(self, factor: Expr) -> Vector:
        return combination((sp.sympify(factor) * c, atom) for c, atom in self.terms)

    def __truediv__(self, divisor: Expr) -> Vector:
        return combination((c / sp.sympify(divisor), atom) for c, atom in self.terms)

    def __bool__(self) -> bool:
        return bool(self.terms)

    def __str__(self) -> str:
        return " + ".join(_term(c, str(atom)) for c, atom in self.terms).replace("+ -", "− ") or "0"

    @property
    def free_symbols(self) -> set[Any]:
        """The symbols in coefficients and indices, those of arguments of gradients included."""
        return set().union(*(sp.sympify(c).free_symbols | _symbols_of(atom) for c, atom in self.terms))


ZERO = Vector(())


def combination(terms: Iterable[tuple[Expr, Atom]]) -> Vector:
    """Σ cᵢaᵢ with equal atoms gathered."""
    gathered: dict[Atom, Expr] = {}
    for coefficient, atom in terms:
        gathered[atom] = gathered.get(atom, sp.S.Zero) + coefficient
    kept = [(c, atom) for atom, raw in gathered.items() if (c := _reduced(raw)) != 0]
    return Vector(tuple(sorted(kept, key=lambda term: str(term[1]))))


@functools.lru_cache(maxsize=4096)
def _reduced(coefficient: Expr) -> Expr:
    """The coefficient in lowest terms, 0 if it is zero."""
    if coefficient.is_Number:
        return coefficient
    reduced = sp.cancel(sp.together(coefficient))
    return sp.S.Zero if is_zero(reduced) else reduced


def atom(value: Atom) -> Vector:
    """An atom as a vector."""
    return Vector(((sp.S.One, value),))


def subscript(index: Expr) -> str:
    """An index as it is written under a name."""
    text = str(index).replace(" ", "")
    return text if len(text) == 1 else "{" + text + "}"


def _term(coefficient: Expr, name: str) -> str:
    if coefficient == 1:
        return name
    if coefficient == -1:
        return f"-{name}"
    text = str(coefficient)
    return f"{text}·{name}" if sp.sympify(coefficient).is_Atom else f"({text})·{name}"


def _symbols_of(atom: Atom) -> set[Any]:
    if isinstance(atom, Point):
        return set() if atom.index is None else set(sp.sympify(atom.index).free_symbols)
    if isinstance(atom, Image):
        return atom.of.free_symbols
    return atom.at.free_symbols | _symbols_of(atom.along)
