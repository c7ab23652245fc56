"""The calls that a combinator makes of its opaque parts while one law runs, and the parts themselves."""

from __future__ import annotations

import dataclasses
import itertools
from contextvars import ContextVar
from typing import Any

import numpy as np
import sympy as sp

from ntr_spec.arrays import Namespace
from ntr_spec.norms.base import Norm, SupportFunction
from ntr_spec.norms.claims import Claim
from ntr_spec.trees import Tree, leaves, tree_map
from ntr_spec.verify.kernel import Fact
from ntr_spec.verify.symbolic import DType, SymbolicArray
from ntr_spec.verify.symbolic import term as t

Array = Any
Expr = Any


@dataclasses.dataclass(frozen=True, eq=False)
class Call:
    """One value or LMO that was asked for: the arguments, and the symbols that stand for the result."""

    part: str
    dual: bool
    arguments: tuple[Expr, ...]
    result: tuple[Expr, ...]


class Session:
    """The calls made while one law runs."""

    def __init__(self) -> None:
        self.facts: dict[Any, list[Fact]] = {}
        self.values: list[Call] = []
        self.minimizers: list[Call] = []
        self.projections: list[tuple[Call, Expr]] = []
        self.domains: dict[Any, Any] = {}
        self._names: set[str] = set()

    def value(self, part: str, dual: bool, arguments: tuple[Expr, ...]) -> Call:
        """‖arguments‖, the same symbol for the same arguments."""
        for call in self.values:
            same = call.part == part and call.dual == dual and len(call.arguments) == len(arguments)
            if same and all(sp.expand(a - b) == 0 for a, b in zip(call.arguments, arguments, strict=True)):
                return call
        name = self._unused(f"‖{_listed(arguments)}‖{_index(part, dual)}")
        symbol = sp.Symbol(name, nonnegative=True)
        self.domains[sp.Symbol(name, real=True)] = symbol
        call = Call(part, dual, arguments, (symbol,))
        self.values.append(call)
        return call

    def minimizer(self, part: str, dual: bool, arguments: tuple[Expr, ...]) -> Call:
        """lmo(arguments) of the part (or of its dual): one real symbol per entry."""
        for call in self.minimizers:
            if call.part == part and call.dual == dual and call.arguments == arguments:
                return call
        name = f"lmo{_index(part, dual)}({_listed(arguments)})"
        result = tuple(self._entry(name, k) for k in range(1, len(arguments) + 1))
        call = Call(part, dual, arguments, result)
        self.minimizers.append(call)
        self.value(part, dual, result)  # its norm, at most 1
        self.value(part, not dual, arguments)  # what it attains
        return call

    def projection(self, part: str, dual: bool, arguments: tuple[Expr, ...], radius: Expr) -> Call:
        """The point of the part's ball (or of its dual's) that is nearest to the arguments: one symbol per entry."""
        for call, known in self.projections:
            if call.part == part and call.dual == dual and call.arguments == arguments and known == radius:
                return call
        name = f"proj{_index(part, dual)}({_listed(arguments)}; {radius})"
        result = tuple(self._entry(name, k) for k in range(1, len(arguments) + 1))
        call = Call(part, dual, arguments, result)
        self.projections.append((call, radius))
        self.value(part, dual, result)  # at most the radius
        self.value(part, not dual, _differences(arguments, result))  # of what it takes away, which is normal
        return call

    def _entry(self, name: str, k: int) -> Any:
        return sp.Symbol(self._unused(f"{name}_{k}"), real=True)

    def _unused(self, name: str) -> str:
        """The name, primed until nothing in this session has it."""
        while name in self._names:
            name += "′"
        self._names.add(name)
        return name

    def read(self, array: SymbolicArray) -> tuple[Expr, ...]:
        """Entries as expressions in the symbols of this session."""
        return tuple(sp.sympify(e).xreplace(self.domains) for e in array.expressions.reshape(-1))


def _listed(arguments: tuple[Expr, ...]) -> str:
    return ", ".join(str(argument) for argument in arguments)


def _index(part: str, dual: bool) -> str:
    """What tells the norms apart; a part that is only called norm needs nothing."""
    star = "*" if dual else ""
    return (f"_{star}" if star else "") if part == "norm" else f"_{part}{star}"


def _differences(a: tuple[Expr, ...], b: tuple[Expr, ...]) -> tuple[Expr, ...]:
    return tuple(x - y for x, y in zip(a, b, strict=True))


SESSION: ContextVar[Session] = ContextVar("SESSION")


@dataclasses.dataclass(frozen=True, eq=False)
class Opaque(Norm):
    """A norm known by its laws only, on the points that ``like`` takes.

    Attributes:
        part: its name in facts.
        like: the norm in whose place it stands.
        swapped: whether it is the dual of that norm.
    """

    part: str
    like: Norm
    swapped: bool = False

    @property
    def event_rank(self) -> int | None:
        """That of the norm in whose place it stands."""
        return self.like.event_rank

    def _value(self, x: Tree, xp: Namespace) -> Array:
        session = SESSION.get()
        arguments = tuple(itertools.chain.from_iterable(session.read(leaf) for leaf in leaves(x)))
        call = session.value(self.part, self.swapped, arguments)
        return SymbolicArray(t.symbol(str(call.result[0])), DType.REAL)

    def _lmo(self, g: Tree, xp: Namespace) -> Tree:
        session = SESSION.get()
        arguments = tuple(itertools.chain.from_iterable(session.read(leaf) for leaf in leaves(g)))
        return _filled(g, session.minimizer(self.part, self.swapped, arguments).result)

    def _project(self, x: Tree, radius: Array, xp: Namespace) -> Tree:
        session = SESSION.get()
        arguments = tuple(itertools.chain.from_iterable(session.read(leaf) for leaf in leaves(x)))
        (size,) = session.read(radius)
        return _filled(x, session.projection(self.part, self.swapped, arguments, size).result)

    @property
    def has_projection(self) -> bool:
        """Whether the real norm has one, so that the code takes the same way."""
        return (self.like.dual if self.swapped else self.like).has_projection

    @property
    def dual(self) -> Norm:
        """The opaque dual, or the support function where the real norm has no other."""
        if isinstance(self.like.dual, SupportFunction):
            return SupportFunction(self)
        return Opaque(self.part, self.like, not self.swapped)

    @property
    def claims(self) -> frozenset[Claim]:
        """Those of the real norm; facts that need them carry their names."""
        return self.like.claims

    def _accepts(self, shape: Tree) -> str | None:
        return self.like._accepts(shape)

    def _shapes(self, dims: tuple[int, ...]) -> tuple[Tree, ...]:
        return self.like._shapes(dims)


def _filled(like: Tree, symbols: tuple[Expr, ...]) -> Tree:
    """A point with these symbols as entries."""
    names = iter(symbols)

    def fill(leaf: Array) -> Array:
        entries = np.empty(leaf.shape, dtype=object)
        for index in np.ndindex(*leaf.shape):
            entries[index] = t.symbol(str(next(names)))
        return SymbolicArray(entries, DType.REAL)

    return tree_map(fill, like)
