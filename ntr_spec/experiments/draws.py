"""Random problems, norms, noise and regularizers, each of which the constants are known of."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np

from ntr_spec.norms import (
    L1,
    L2,
    Ellipsoidal,
    Frobenius,
    KyFan,
    Linear,
    LInf,
    Lp,
    Mixed,
    Norm,
    Nuclear,
    Product,
    RMSOperator,
    Scaled,
    Schatten,
    Spectral,
    TopK,
    Weighted,
)
from ntr_spec.problems import (
    Cauchy,
    Cosine,
    Gaussian,
    Known,
    LogCosh,
    MatrixRegression,
    Noise,
    OneEntry,
    Quadratic,
    Rare,
    Separable,
    Signs,
    Sphere,
    Square,
    Wave,
    Welsch,
)
from ntr_spec.problems.scalars import Scalar
from ntr_spec.steps import Ball, Penalty, Regularizer, Ridge
from ntr_spec.steps.table import serving
from ntr_spec.trees import Shape, Tree, as_shape, is_container, tree_map

Array = Any
Draw = np.random.Generator
T = TypeVar("T")


def pick(draw: Draw, options: Sequence[T]) -> T:
    """One of them."""
    return options[int(draw.integers(len(options)))]


def between(draw: Draw, low: float, high: float) -> float:
    """A number whose logarithm is uniform.

    >>> 0.1 <= between(np.random.default_rng(0), 0.1, 10.0) <= 10.0
    True
    """
    return float(math.exp(draw.uniform(math.log(low), math.log(high))))


def quadratic(draw: Draw) -> Known:
    """Least at 0 in a third of the cases, so that a penalty moves nothing; diagonal in another third."""
    size = int(draw.integers(1, 9))
    values = between(draw, 0.1, 10.0) * np.exp(-draw.uniform(0.0, 4.0, size))
    matrix = np.diag(values)
    if draw.random() < 0.67:
        turn = np.linalg.qr(draw.standard_normal((size, size)))[0]
        matrix = turn @ matrix @ turn.T
        matrix = (matrix + matrix.T) / 2
    target = np.zeros(size) if draw.random() < 0.33 else draw.standard_normal(size)
    return Quadratic(matrix, target, target + between(draw, 0.1, 10.0) * draw.standard_normal(size))


SCALARS: tuple[Scalar, ...] = (Square(), LogCosh(), Cosine(), Wave(), Cauchy(), Welsch())


def separable(draw: Draw) -> Known:
    """A sum over the entries of a vector, a matrix or a pytree: convex, star-convex or neither."""
    scalar = pick(draw, SCALARS)
    shape = as_shape(pick(draw, (int(draw.integers(1, 9)), _sizes(draw), {"W": _sizes(draw), "b": 3})))
    width, far = between(draw, 0.1, 10.0), between(draw, 0.3, 10.0)
    still = draw.random() < 0.33
    target = tree_map(lambda s: np.zeros(s.dims) if still else draw.standard_normal(s.dims), shape)
    x0 = tree_map(lambda t: t + far * width * draw.standard_normal(t.shape), target)
    return Separable(scalar, target, x0, height=between(draw, 0.1, 10.0), width=width)


def matrix_regression(draw: Draw) -> Known:
    """Least squares for a matrix."""
    rows, columns = _sizes(draw)
    count = int(draw.integers(2, 9))
    features, targets = draw.standard_normal((count, rows)), draw.standard_normal((count, columns))
    return MatrixRegression(features, targets, between(draw, 0.1, 10.0) * draw.standard_normal((rows, columns)))


PROBLEMS: tuple[Callable[[Draw], Known], ...] = (quadratic, separable, separable, matrix_regression)


def norm_for(draw: Draw, shape: Tree) -> Norm:
    """A norm of the catalogue on points of this shape."""
    if is_container(shape):
        blocks = {name: norm_for(draw, block) for name, block in shape.items()}
        outer: tuple[Norm, ...] = (LInf(), LInf(), L1(), L2())
        return Product(blocks, outer=pick(draw, outer))
    size = shape.size
    vector: list[Callable[[], Norm]] = [
        L1,
        L2,
        LInf,
        lambda: Lp(pick(draw, (1.25, 1.5, 3.0, 6.0))),
        lambda: TopK(int(draw.integers(1, size + 1))),
        lambda: Scaled(pick(draw, (L1(), L2(), LInf())), round(between(draw, 0.1, 10.0), 3)),
        lambda: Weighted(pick(draw, (L1(), L2(), LInf())), _weights(draw, shape)),
    ]
    if shape.ndim == 1:
        vector += [lambda: Ellipsoidal(_definite(draw, size)), lambda: _linear(draw, size)]
        return pick(draw, vector)()
    matrix: list[Callable[[], Norm]] = [
        Spectral,
        Nuclear,
        Frobenius,
        RMSOperator,
        lambda: Schatten(pick(draw, (1.5, 3.0))),
        lambda: KyFan(int(draw.integers(1, min(shape) + 1))),
        lambda: Mixed(LInf(), pick(draw, (L1(), L2())), axis=int(draw.integers(2))),
        lambda: Mixed(pick(draw, (L1(), L2())), L2(), axis=int(draw.integers(2))),
    ]
    return pick(draw, matrix if draw.random() < 0.75 else vector)()


def noise_of(draw: Draw, sigma: float) -> Noise:
    """Noise of this size: spread, on one entry, in ±1, normal, or in rare bursts."""
    whole: Noise = pick(draw, (Sphere(sigma), Gaussian(sigma), OneEntry(sigma), Signs(sigma)))
    return Rare(whole, pick(draw, (0.05, 0.2))) if draw.random() < 0.2 else whole


def regularizer_for(draw: Draw, problem: Known, norm: Norm, unmoved: bool) -> Regularizer | None:
    """R with R(x0) < ∞ for which a step takes at most a search for a multiplier, or None where the draw has none.

    Args:
        draw: of the choice.
        problem: with R = 0 of its own.
        norm: of the step.
        unmoved: whether x* must be least of f + R as well, with R(x*) = 0.
    """
    inner = pick(draw, (L1(), L2(), LInf()))
    kinds: list[Callable[[], Regularizer]] = []
    star = problem.minimizer
    if is_container(problem.x0):
        return None
    if star is not None:
        reach = max(float(inner(problem.x0)), float(inner(star)))
        kinds.append(lambda: Ball(inner, between(draw, 1.0, 2.0) * (reach or 1.0)))
    if not unmoved or (star is not None and not np.any(star)):
        kinds.append(lambda: Penalty(inner, between(draw, 0.01, 1.0)))
        kinds.append(lambda: Ridge(between(draw, 0.01, 1.0)))
    if not kinds:
        return None
    found = pick(draw, kinds)()
    solvers = serving(norm, found)
    return found if solvers and solvers[0].name != "splitting" else None


def _sizes(draw: Draw) -> tuple[int, int]:
    return int(draw.integers(1, 5)), int(draw.integers(1, 5))


def _weights(draw: Draw, shape: Shape) -> Array:
    return np.round(np.exp(draw.uniform(-1.0, 1.0, shape.size)), 3)


def _definite(draw: Draw, size: int) -> Array:
    factor = np.round(draw.standard_normal((size, size)), 2)
    return factor @ factor.T + np.eye(size)


def _linear(draw: Draw, size: int) -> Norm:
    matrix = np.round(draw.uniform(-0.5, 0.5, (size, size)), 2) + 2 * np.eye(size)
    return Linear(pick(draw, (L1(), LInf())), matrix)
