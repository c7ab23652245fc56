"""Points of dom R found from R's conditions alone: its prox, which is what laws are about, is never asked for one.

A drawn point is walked onto the conditions ``value ≤ limit`` that it breaks by steps of Polyak's subgradient method
with differences for slopes, or moved along the line to a point known to be inside. Reference: Polyak, *Minimization of
unsmooth functionals* (1969).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from ntr_spec.steps.regularizer import Regularizer
from ntr_spec.trees import Tree, leaves, tree_map

Array = Any

_STEPS = 60
_LARGEST = 40  # entries of a point beyond which differences cost too much
_BEYOND = (1 + 1e-9, 1.5)  # how far to go for a point on the edge, and for one behind it where R is infinite on it


def inside(R: Regularizer, x: Tree) -> Tree:
    """A point of dom R at which R is finite, made of the NumPy point x; x itself where none is found."""
    if not R.constraints(x) or _finite(R, x):
        return x
    flat = np.concatenate([np.ravel(leaf) for leaf in leaves(x)])
    for candidate in _candidates(R, x, flat):
        point = _like(x, candidate)
        if _finite(R, point):
            return point
    return x


def towards(x: Tree, y: Tree) -> Tree:
    """A point an eighth of the way to y, at which a wrong slope at x shows if it does anywhere beyond."""
    return tree_map(lambda a, b: a + (b - a) / 8, x, y)


def _finite(R: Regularizer, x: Tree) -> bool:
    return bool(R.contains(x)) and not math.isinf(float(R(x)))


def _candidates(R: Regularizer, x: Tree, flat: Array) -> Iterator[Array]:
    if flat.size <= _LARGEST:
        for beyond in _BEYOND:
            yield _walk(R, x, flat, beyond)
    one = np.ones_like(flat)
    for anchor in (0 * one, one / flat.size, one, -one, np.eye(1, flat.size)[0]):
        if bool(R.contains(_like(x, anchor))):
            for t in 2.0 ** -np.arange(0, 40, 2):
                yield anchor + t * (flat - anchor)
            yield anchor


def _walk(R: Regularizer, x: Tree, flat: Array, beyond: float) -> Array:
    """x after steps down the condition that it breaks most, each the best of a few lengths."""
    for _ in range(_STEPS):
        if bool(R.contains(_like(x, flat))):
            break
        excess = _excesses(R, x, flat)
        if not excess or not np.all(np.isfinite(excess)):
            break
        worst = int(np.argmax(excess))
        slope = _slope(R, x, flat, worst, excess[worst])
        length = float(slope @ slope)
        if not 0 < length < math.inf:
            break
        step = beyond * excess[worst] / length
        flat = min(
            (flat - k * step * slope for k in (1, 2, 4, 8, 16)), key=lambda new: abs(_excesses(R, x, new)[worst])
        )
    return flat


def _slope(R: Regularizer, x: Tree, flat: Array, which: int, excess: float) -> Array:
    size = max(1e-3, float(np.max(np.abs(flat))))
    # Less than the excess, for a condition may be flat as soon as it is met; more than an entry's rounding.
    h = np.maximum(1e-15 * np.abs(flat), min(1e-6 * size, excess / 2))
    moves = np.diag(h)
    return np.array([_excesses(R, x, flat + d)[which] - _excesses(R, x, flat - d)[which] for d in moves]) / (2 * h)


def _excesses(R: Regularizer, x: Tree, flat: Array) -> list[float]:
    return [float(value) - float(limit) for value, limit, *_ in R.constraints(_like(x, flat))]


def _like(x: Tree, flat: Array) -> Tree:
    """The entries as a point of x's shape."""
    start = 0

    def leaf(a: Array) -> Array:
        nonlocal start
        start += a.size
        return flat[start - a.size : start].reshape(a.shape)

    return tree_map(leaf, x)
