"""Laws that some point must satisfy: where to look for it.

The starts are ones, Gaussian points, unit vectors and ones on parts of the point, and the points to which v ← −lmo(v)
leads from them: the extreme points of the ball among which suprema of convex functions lie.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ntr_spec.laws import FloatLaw, Law
from ntr_spec.trees import Shape, Tree, leaves, tree_map
from ntr_spec.verify.backends import Backend
from ntr_spec.verify.judging import Case, Failure

Judge = Callable[[Case], Failure | None]

_SOME_SHAPES = 5
_MOST_FACES = 96
_MOST_BLOCKS = 5


def exists(
    norm: Any,
    judge: Judge,
    shapes: list[Tree],
    targets: list[tuple[Backend, tuple[str, ...]]],
    deadline: float,
    law: Law | FloatLaw,
    seed: int,
) -> Failure | None:
    """None if on every shape some start satisfies the law (or time is up), else the nearest miss.

    The first backend and dtype search all shapes; the others see a few, where they try first what the search found.
    """
    name = law.variables[0][0]
    some = shapes[:: max(1, len(shapes) // _SOME_SHAPES)]
    for shape in shapes:
        good: list[Tree] = []
        for k, (backend, dtypes) in enumerate(targets):
            for dtype in dtypes if shape in some else dtypes[: 1 - min(k, 1)]:
                failure = _search(norm, judge, name, Case({}, backend, dtype), shape, good, deadline, seed)
                if time.perf_counter() > deadline:
                    return None
                if failure is not None:
                    return failure
    return None


def _search(
    norm: Any, judge: Judge, name: str, case: Case, shape: Tree, good: list[Tree], deadline: float, seed: int
) -> Failure | None:
    """None once a start satisfies the law (it is then added to ``good``), else the nearest miss."""
    best: Failure | None = None
    for start in itertools.chain(good, _starts(norm, shape, seed)):
        found = judge(dataclasses.replace(case, values={name: start}))
        if found is None:
            if not any(start is known for known in good):
                good.append(start)
            return None
        best = found if best is None or found.gap < best.gap else best
        if math.isinf(found.gap) or time.perf_counter() > deadline:
            break
    return best


def _filled(shape: Tree, make: Callable[[Shape], Any]) -> Tree:
    return tree_map(make, shape)


def _unit(shape: Tree, position: int) -> Tree:
    seen = 0

    def leaf(s: Shape) -> Any:
        nonlocal seen
        x = np.zeros(s.dims)
        if 0 <= position - seen < s.size:
            x.flat[position - seen] = 1.0
        seen += s.size
        return x

    return _filled(shape, leaf)


def _starts(norm: Any, shape: Tree, seed: int) -> Iterator[Tree]:
    """Ones, Gaussian points, unit vectors, and where −lmo leads from them."""
    rng = np.random.default_rng(seed)
    ones = _filled(shape, lambda s: np.ones(s.dims))
    yield ones
    for k in range(3):
        start = _filled(shape, lambda s: rng.standard_normal(s.dims))
        yield start
        yield _follow(norm, start)
        if k == 0:
            yield from (_unit(shape, position) for position in range(min(sum(leaf.size for leaf in leaves(shape)), 64)))
    yield _follow(norm, ones)
    for start in _faces(shape):
        yield start
        yield _follow(norm, start)


def _faces(shape: Tree) -> Iterator[Tree]:
    """Ones on a part and zeros elsewhere: some blocks, one slice along some axes, the first few entries.

    Norms of norms have local maxima on the whole and on single entries, with the largest in between.
    """
    parts = leaves(shape)
    for k, part in enumerate(parts):
        for mask in itertools.islice(_masks(part), _MOST_FACES // len(parts)):
            yield _only(shape, (k,), mask)
    blocks = range(min(len(parts), _MOST_BLOCKS))
    for count in range(2, len(parts)):
        for some in itertools.combinations(blocks, count):
            yield _only(shape, some, None)


def _only(shape: Tree, positions: tuple[int, ...], value: Any) -> Tree:
    """The value (or ones) for the leaves at these positions, zeros for the others."""
    blocks = itertools.count()

    def leaf(s: Shape) -> Any:
        return np.zeros(s.dims) if next(blocks) not in positions else np.ones(s.dims) if value is None else value

    return _filled(shape, leaf)


def _masks(shape: Shape) -> Iterator[Any]:
    yield np.ones(shape.dims)
    axes = range(shape.ndim)
    for fixed in itertools.chain.from_iterable(itertools.combinations(axes, count) for count in range(1, shape.ndim)):
        for index in itertools.product(*(range(shape.dims[axis]) for axis in fixed)):
            mask = np.zeros(shape.dims)
            mask[tuple(dict(zip(fixed, index, strict=True)).get(axis, slice(None)) for axis in axes)] = 1.0
            yield mask
    for count in range(2, shape.size):
        yield (np.arange(shape.size) < count).astype(float).reshape(shape.dims)


def _follow(norm: Any, start: Tree, steps: int = 400) -> Tree:
    """Where v ← −lmo(v) leads from a start: points of the ball, ever longer."""
    v, length = start, 0.0
    for k in range(steps):
        try:
            v = tree_map(np.negative, norm.lmo(v))
        except Exception:  # the law itself will report it
            return start
        if k % 16 == 15:
            before, length = length, float(np.sqrt(sum(np.sum(leaf * leaf) for leaf in leaves(v))))
            if length <= before * (1 + 1e-15):
                break
    return v
