"""Points on which norms and their like break: zeros, ties, sparsity, mixed magnitudes, rank deficiency, equal spectra.

A point is made from a style (which kind of trouble) and a random generator, so that a draw costs microseconds and
a small pair of integers, a :class:`Recipe`, stands for it. Styles are ordered from plain to involved. Extremes of the
floating range are left to the float laws: entries lie within 1e±9 or so, where a law's own products do not overflow.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

from ntr_spec.laws import Kind
from ntr_spec.trees import Shape, Tree, is_container, leaves, shapes, tree_map
from ntr_spec.verify.subjects import kind_of

Array = Any
Rng = np.random.Generator


@dataclasses.dataclass(frozen=True)
class Recipe:
    """What stands for a drawn example: the style of its points and the seed of its random choices."""

    style: int
    seed: int


def _integers(rng: Rng, shape: tuple[int, ...], bound: int) -> Array:
    return rng.integers(-bound, bound + 1, shape).astype(np.float64)


def _signs(rng: Rng, shape: tuple[int, ...]) -> Array:
    return 2.0 * rng.integers(0, 2, shape) - 1.0


def _unit(rng: Rng, shape: tuple[int, ...]) -> Array:
    x = np.zeros(shape)
    x.flat[rng.integers(x.size)] = rng.choice([1.0, -1.0, 3.0])
    return x


def _sparse(rng: Rng, shape: tuple[int, ...]) -> Array:
    return rng.standard_normal(shape) * rng.integers(0, 2, shape)


def _ties(rng: Rng, shape: tuple[int, ...]) -> Array:
    return rng.choice(np.abs(rng.standard_normal(2)), shape) * _signs(rng, shape)


def _near_ties(rng: Rng, shape: tuple[int, ...]) -> Array:
    return _signs(rng, shape) * (1 + rng.integers(-3, 4, shape) * 2.0**-22)


def _one_differs(rng: Rng, shape: tuple[int, ...]) -> Array:
    x = _signs(rng, shape)
    x.flat[rng.integers(x.size)] *= rng.choice([2.0, 0.5, 10.0, 0.0])
    return x


def _magnitudes(rng: Rng, shape: tuple[int, ...]) -> Array:
    return rng.standard_normal(shape) * 10.0 ** rng.integers(-6, 7, shape)


def _scaled(rng: Rng, shape: tuple[int, ...]) -> Array:
    return rng.standard_normal(shape) * 10.0 ** rng.integers(-6, 7)


_PLAIN: tuple[Callable[[Rng, tuple[int, ...]], Array], ...] = (
    lambda rng, shape: _integers(rng, shape, 1),
    lambda rng, shape: rng.standard_normal(shape),
    _signs,
    _unit,
    lambda rng, shape: np.abs(_integers(rng, shape, 3)),
    lambda rng, shape: _integers(rng, shape, 4),
    _sparse,
    _ties,
    _one_differs,
    _magnitudes,
    _near_ties,
    lambda rng, shape: np.zeros(shape),
    _scaled,
)


def _rank_one(rng: Rng, shape: tuple[int, ...]) -> Array:
    return np.outer(rng.standard_normal(shape[0]), rng.standard_normal(shape[1]))


def _rank_one_integers(rng: Rng, shape: tuple[int, ...]) -> Array:
    return np.outer(_integers(rng, shape[:1], 2), _integers(rng, shape[1:], 2))


def _spectrum(rng: Rng, shape: tuple[int, ...], choose: Callable[[int], Array]) -> Array:
    """A matrix with given singular values and random singular vectors."""
    u, _, vh = np.linalg.svd(rng.standard_normal(shape), full_matrices=False)
    return (u * choose(min(shape))) @ vh


def _diagonal(rng: Rng, shape: tuple[int, ...]) -> Array:
    x = np.zeros(shape)
    np.fill_diagonal(x, _integers(rng, (min(shape),), 2))
    return x


def _permutation(rng: Rng, shape: tuple[int, ...]) -> Array:
    return np.eye(shape[0], shape[1])[rng.permutation(shape[0])] * _signs(rng, (shape[1],))


_MATRIX: tuple[Callable[[Rng, tuple[int, ...]], Array], ...] = (
    _diagonal,
    _rank_one_integers,
    _rank_one,
    _permutation,
    lambda rng, shape: _spectrum(rng, shape, np.ones),
    lambda rng, shape: _spectrum(rng, shape, lambda k: rng.choice([0.0, 1.0, 2.0], k)),
    lambda rng, shape: _spectrum(rng, shape, lambda k: 10.0 ** -np.linspace(0, 9, k)),
)
_EVERY = _PLAIN + _MATRIX


def styles(shape: Tree) -> int:
    """How many styles there are for points of this shape."""
    return max(len(_EVERY if leaf.ndim == 2 else _PLAIN) for leaf in leaves(shape))


def point(shape: Tree, style: int, rng: Rng) -> Tree:
    """A float64 point of this shape in this style; the blocks of a pytree take neighbouring styles, some are zero."""
    if not is_container(shape):
        return _leaf(shape, style, rng)
    count = 0

    def block(one: Shape) -> Array:
        nonlocal count
        count += 1
        # Most trouble with products is between blocks: zero ones, and equal ones (the same style on equal shapes).
        turn = rng.integers(4)
        return np.zeros(one.dims) if turn == 0 else _leaf(one, style + (count if turn > 1 else 0), rng)

    return tree_map(block, shape)


def _leaf(shape: Shape, style: int, rng: Rng) -> Array:
    table = _EVERY if shape.ndim == 2 else _PLAIN
    return table[style % len(table)](rng, shape.dims)


def generic(shape: Tree, rng: Rng) -> Tree:
    """A point in general position whose entries are of one size, so that no entry is negligible beside another."""

    def leaf(one: Shape) -> Array:
        return _signs(rng, one.dims) * (0.9 + 0.2 * rng.random(one.dims))

    def gaussian(one: Shape) -> Array:
        return rng.standard_normal(one.dims)

    return tree_map(leaf if rng.integers(2) else gaussian, shape)


def draw(
    subject: Any, variables: tuple[tuple[str, Kind], ...], shape: Tree, recipe: Recipe, turn: int = 0
) -> dict[str, Any]:
    """Values of a law's variables: float64 points (or pytrees of them) and Python floats.

    Args:
        subject: what is under test; points and radii near its own edges are the telling ones.
        variables: names and kinds, as :class:`~ntr_spec.laws.Law` has them.
        shape: the shape of every point.
        recipe: the style and seed.
        turn: varies style and seed among the shapes on which one recipe is used.
    """
    rng = np.random.default_rng(recipe.seed * 64 + turn)
    values: dict[str, Any] = {}
    first: Tree = None
    for name, kind in variables:
        if kind is Kind.GENERIC:
            values[name] = generic(shape, rng)
        elif kind is Kind.POINT:
            if first is None:
                first = kind_of(subject).near(subject, point(shape, recipe.style + turn, rng), rng)
                values[name] = first
            else:
                values[name] = _companion(subject, first, shape, recipe.style + turn, rng)
        elif kind is Kind.SCALAR:
            values[name] = float(rng.choice([-1.0, 0.0, 2.0, -0.5, 3.0, rng.uniform(-8, 8)]))
        else:
            values[name] = _radius(subject, first, rng)
    return values


def _companion(subject: Any, first: Tree, shape: Tree, style: int, rng: Rng) -> Tree:
    """A second point: unrelated, or related to the first in a way that makes inequalities tight."""
    turn = int(rng.integers(11))
    if turn == 0:
        return tree_map(np.copy, first)
    if turn == 1:
        return tree_map(np.negative, first)
    if turn == 2:
        return tree_map(lambda a: 2.0 * np.sign(a), first)
    if turn in (3, 4):
        try:
            found = kind_of(subject).companions(subject)[turn - 3](first)
            if shapes(found) == shape and all(bool(np.all(np.isfinite(leaf))) for leaf in leaves(found)):
                return found
        except Exception:  # a broken hook is the business of the law under test, not of the draw
            pass
        return point(shape, style, rng)
    if turn == 5:  # the sum is symmetric, hence full of ties
        return tree_map(lambda a: np.flip(a).reshape(a.shape), first)
    if turn == 6:  # the sum has equal entries
        return tree_map(lambda a: np.max(np.abs(a)) + 1.0 - a, first)
    return point(shape, style + int(rng.integers(13)), rng)


def _radius(subject: Any, x: Tree, rng: Rng) -> float:
    """A radius or step: log-uniform, or such that x lies inside, on or outside the ball, or where a prox gets stuck."""
    turn = int(rng.integers(3))
    if turn:
        try:
            value = kind_of(subject).size(subject, x) * float(rng.choice([0.5, 0.125, 0.9, 1.0, 1.5]))
        except Exception:  # as above
            value = 0.0
        if 1e-12 < value < 1e12:
            return value
    return float(10.0 ** rng.uniform(-3, 3))
