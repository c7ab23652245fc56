"""What laws of problems are written with: a problem beside a point, and what is known of it in each norm.

A problem carries its data in one array library. A law is about points of any library, or symbols, so it first puts the
problem beside the point.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np

from ntr_spec.arrays import Namespace, device_of, namespace_of, simplest_rational
from ntr_spec.norms import L1, L2, LInf, Norm, Nuclear, PerLeaf, Spectral, TopK
from ntr_spec.norms.claims import Claim
from ntr_spec.problems.known import Constant, Known
from ntr_spec.problems.problem import Problem, to_host
from ntr_spec.steps import Zero
from ntr_spec.theory import Constants
from ntr_spec.trees import Tree, is_container, leaves, shapes, tree_map

Array = Any
P = TypeVar("P", bound=Problem)
T = TypeVar("T")


NORMS: tuple[Norm, ...] = (
    *(L1(), L2(), LInf(), TopK(2), Spectral(), Nuclear()),
    *(PerLeaf(L2(), outer=L2()), PerLeaf(LInf()), PerLeaf(L1(), outer=L1())),
)
"""Besides a problem's own norm, constants are asked about in those of these that its points suit: with corners and
without, of entries and of singular values, of blocks."""

_ROUNDED, _PLAIN = 2.0**-46, 10**6


def rounded_up(value: float) -> float:
    """A constant with room for its own rounding, 64 units; as it is where it is a fraction that somebody wrote down.

    >>> rounded_up(2.7), rounded_up(2**0.5) > 2**0.5
    (2.7, True)
    """
    return value if simplest_rational(value).denominator <= _PLAIN else value * (1 + _ROUNDED)


class Measured(NamedTuple):
    """What is known of a problem in one norm.

    Attributes:
        norm: ‖·‖.
        known: L and H, where they are known.
        constants: what the theorems are told.
        offset: ‖∇f(0)‖_*.
        dual: ‖·‖_*.
    """

    norm: Norm
    known: dict[str, Constant]
    constants: Constants
    offset: float
    dual: Norm

    @property
    def where(self) -> str:
        """For witnesses."""
        return f"for {self.norm!r}"

    def bound(self, name: str, share: float = 1.0) -> float:
        """A share of L or H, up to its own rounding."""
        return share * rounded_up(self.known[name].value)

    def value(self, name: str) -> float | None:
        """L or H, or None where it is not known."""
        constant = self.known.get(name)
        return None if constant is None else constant.value


class _Same:
    """An object as a key that is equal to itself alone; arrays in a problem can be neither compared nor hashed."""

    def __init__(self, one: Any) -> None:
        self.one = one

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.one is self.one

    def __hash__(self) -> int:
        return id(self.one)


def remembered(function: Callable[..., T]) -> Callable[..., T]:
    """The function of a problem, and perhaps more that can be hashed, asked once for each of the last of them."""

    @functools.lru_cache(maxsize=64)
    def of(key: _Same, *rest: Any) -> T:
        return function(key.one, *rest)

    return functools.wraps(function)(lambda problem, *rest: of(_Same(problem), *rest))


@remembered
def measured(problem: Known) -> tuple[Measured, ...]:
    """What is known in the problem's own norm, which comes first, and in others that suit its points."""
    shape = shapes(problem.x0)
    blocks = is_container(shape)
    others = [norm for norm in NORMS if isinstance(norm, PerLeaf) == blocks and norm._accepts(shape) is None]
    zero = tree_map(lambda leaf: np.zeros(leaf.dims), shape)
    slope = beside(problem, zero).value_and_gradient(zero)[1]
    found = []
    for norm in dict.fromkeys([problem.norm, *others]):
        known = problem.known(norm)
        if known or norm == problem.norm:
            dual = norm.dual
            found.append(Measured(norm, known, problem.constants(norm), float(dual(slope)), dual))
    return tuple(found)


@remembered
def euclidean_one(problem: Known) -> Measured:
    """What is known in ℓ₂, or where nothing is, in the problem's own norm: for laws that no norm matters to."""
    found = measured(problem)
    return next((m for m in found if Claim.EUCLIDEAN in m.norm.claims and "L" in m.known), found[0])


def where_known(problem: Known, *names: str) -> list[Measured]:
    """Those norms in which all of these constants are known."""
    return [m for m in measured(problem) if all(name in m.known for name in names)]


def beside(problem: P, x: Tree) -> P:
    """The same problem with its data in the library, dtype and device of a point; rational on symbols."""
    leaf = leaves(x)[0]
    xp, dtype, device = namespace_of(leaf), leaf.dtype, device_of(leaf)
    if device is None:  # while JAX traces, what is made belongs to the trace
        return _moved(problem, xp, dtype, device)
    return cast(P, _moved_once(problem, xp, dtype, device))


def _moved(problem: P, xp: Namespace, dtype: Any, device: Any) -> P:
    # Not made anew, since constructors look at data with NumPy, which reads no symbols.
    twin = copy.copy(problem)
    for name in (*problem.arrays, "x0"):
        value = getattr(problem, name)
        if isinstance(value, Problem):
            moved: Any = _moved(value, xp, dtype, device)
        else:
            moved = tree_map(lambda data: _array(to_host(data), xp, dtype, device), value)
        object.__setattr__(twin, name, moved)
    return twin


_moved_once = remembered(_moved)


def _array(host: Any, xp: Namespace, dtype: Any, device: Any) -> Array:
    return xp.asarray(host) if xp.exact else xp.asarray(host, dtype=dtype, device=device)


def point(data: Tree, x: Tree) -> Tree:
    """A point of the problem's, such as x*, in the library, dtype and device of another."""
    leaf = leaves(x)[0]
    xp, device = namespace_of(leaf), device_of(leaf)
    return tree_map(lambda part: _array(to_host(part), xp, leaf.dtype, device), data)


def number(value: float, x: Tree) -> Array:
    """A number as a 0-d array beside a point."""
    leaf = leaves(x)[0]
    return _array(value, namespace_of(leaf), leaf.dtype, device_of(leaf))


def minus(x: Tree, y: Tree) -> Tree:
    """x − y."""
    return tree_map(lambda a, b: a - b, x, y)


def objective(problem: Known, x: Tree) -> Array:
    """F(x) = f(x) + R(x)."""
    value = beside(problem, x).value_and_gradient(x)[0]
    R = problem.regularizer
    return value if isinstance(R, Zero) else value + R(x)


def gradient(problem: Known, x: Tree) -> Tree:
    """∇f(x)."""
    return beside(problem, x).value_and_gradient(x)[1]


def bend(problem: Known, x: Tree, v: Tree) -> Tree:
    """∇²f(x)v."""
    return beside(problem, x).hessian_vector(x, v)


def slopes(problem: Known, m: Measured, *points: Tree) -> Array:
    """How large the numbers are that ∇f is computed from at some points, in the dual norm: ‖∇f(0)‖_* + ΣL‖x‖.

    A gradient that is small because large terms cancel still carries their rounding errors. Where L is not known in the
    norm, the sum is that of the Euclidean norm times ρ.
    """
    via = m if "L" in m.known else euclidean_one(problem)
    scale = via.value("L") or 0.0
    total = sum((scale * via.norm(x) for x in points), number(via.offset, points[0]))
    return total if via is m else total * (m.constants.rho or 1.0)


def heights(problem: Known, *points: Tree) -> Array:
    """How large the numbers are that f is computed from: |f| at x0 and 0, and Σ‖∇f(0)‖_*‖x‖ + L‖x‖² at some points."""
    m = euclidean_one(problem)
    scale = m.value("L") or 0.0
    total = number(_usual(problem), points[0])
    for x in points:
        size = m.norm(x)
        total = total + (m.offset + scale * size) * size
    return total


@remembered
def _usual(problem: Known) -> float:
    x0 = tree_map(lambda leaf: np.asarray(to_host(leaf), dtype=np.float64), problem.x0)
    ends = (x0, tree_map(np.zeros_like, x0))
    return sum(abs(float(beside(problem, x).value_and_gradient(x)[0])) for x in ends)
