"""Small exact points, simplest first, where a wrong norm is likely to show: zeros, unit vectors, ties, integers."""

from __future__ import annotations

import functools
import heapq
import itertools
import random
from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np

from ntr_spec.laws import Kind
from ntr_spec.trees import Shape, Tree, is_container

Point = tuple[Fraction, ...]

_COMBINATIONS = 6400

_ENTRIES = tuple(Fraction(v) for v in ("0", "1", "-1", "2", "-2", "1/2", "-1/2"))
_NUMBERS = tuple((Fraction(v),) for v in ("1", "-1", "0", "2", "-2", "1/2", "-1/2", "3"))
_POSITIVE = tuple((Fraction(v),) for v in ("1", "2", "1/2", "3"))


def cost(point: Point) -> float:
    """How much there is to check on paper: few, small, whole and positive entries are cheap."""
    return sum((1 + abs(v.numerator) + 4 * (v.denominator - 1) + 0.1 * (v < 0)) for v in point if v != 0)


@functools.lru_cache(maxsize=64)
def points(size: int) -> tuple[Point, ...]:
    """Points of this many entries, cheapest first."""
    if size <= 3:
        found = set(itertools.product(_ENTRIES, repeat=size))
        ladder = [Fraction(k + 1) for k in range(size)]
        found.update(itertools.permutations(ladder))
        found.add(tuple((-1) ** k * v for k, v in enumerate(ladder)))
    else:
        found = set(_structured(size))
        source = random.Random(size)
        for density in (0.3, 0.6, 1.0):
            for _ in range(60):
                found.add(
                    tuple(
                        source.choice(_ENTRIES[1:]) if source.random() < density else _ENTRIES[0] for _ in range(size)
                    )
                )
    return tuple(sorted(found, key=lambda p: (cost(p), [-v for v in p])))


def _structured(size: int) -> Iterator[Point]:
    zero, one = Fraction(0), Fraction(1)

    def place(entries: dict[int, Fraction]) -> Point:
        return tuple(entries.get(k, zero) for k in range(size))

    yield place({})
    for i in range(size):
        for value in (one, -one, 2 * one):
            yield place({i: value})
    for i, j in itertools.islice(itertools.combinations(range(size), 2), 40):
        for a, b in ((1, 1), (1, -1), (-1, 1), (-1, -1), (2, 1), (1, 2)):
            yield place({i: Fraction(a), j: Fraction(b)})
    for count in range(1, size + 1):
        yield tuple(one if k < count else zero for k in range(size))
        yield tuple(one if k < count else one / 2 for k in range(size))
    yield (-one,) * size
    yield tuple((-one) ** k for k in range(size))
    yield tuple(Fraction(k + 1) for k in range(size))
    yield tuple(Fraction(size - k) * (-one) ** k for k in range(size))


@functools.lru_cache(maxsize=64)
def assignments(kinds: tuple[Kind, ...], sizes: tuple[int, ...], limit: int) -> tuple[tuple[Point, ...], ...]:
    """Values for all variables of a law, cheapest first; then some drawn from all over.

    None of the values may be much harder than the others: twice the largest cost is added to the sum of costs.
    """
    pools: list[tuple[Point, ...]] = []
    for kind, size in zip(kinds, sizes, strict=True):
        pools.append({Kind.SCALAR: _NUMBERS, Kind.POSITIVE: _POSITIVE}.get(kind) or points(size))
    width = max(8, int(_COMBINATIONS ** (1 / len(pools))))
    ranked = [[(cost(point), point) for point in pool[:width]] for pool in pools]

    def effort(choice: tuple[tuple[float, Point], ...]) -> float:
        costs = [price for price, _ in choice]
        return 2 * max(costs) + sum(costs)

    cheapest = heapq.nsmallest(limit, itertools.product(*ranked), key=effort)
    chosen = [tuple(point for _, point in choice) for choice in cheapest]
    source = random.Random(0)
    chosen += [tuple(source.choice(pool) for pool in pools) for _ in range(limit // 4)]
    return tuple(dict.fromkeys(chosen))


def shape_size(shape: Tree) -> int:
    """Number of entries of a point of this shape (an array's or a pytree's)."""
    return sum(s.size for s in shape_leaves(shape))


def shape_leaves(shape: Tree) -> list[Shape]:
    """The shapes in a pytree of shapes."""
    if not is_container(shape):
        return [shape]
    import optree

    return list(optree.tree_leaves(shape))


def arrange(values: Sequence[Fraction], shape: Tree) -> Tree:
    """A flat list of entries as NumPy object arrays of this shape (or pytree of shapes)."""
    queue = iter(values)

    def fill(leaf: Shape) -> np.ndarray:
        box = np.empty(leaf.size, dtype=object)
        box[:] = [next(queue) for _ in range(leaf.size)]
        return box.reshape(leaf.dims)

    if not is_container(shape):
        return fill(shape)
    import optree

    return optree.tree_map(fill, shape)
