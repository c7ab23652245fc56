"""Laws that some point must satisfy, or some for each of their parts: where to look for it.

The starts are ones, Gaussian points, unit vectors and ones on parts of the point, and where the subject's kind says
that a search goes on from them.
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
from ntr_spec.verify.settings import Settings
from ntr_spec.verify.subjects import kind_of

Missed = Callable[[Case], tuple[Failure, ...]]

_SOME_SHAPES = 5
_MOST_FACES = 96
_MOST_BLOCKS = 5


def exists(
    subject: Any,
    missed: Missed,
    count: Callable[[Case], None],
    shapes: list[Tree],
    targets: list[tuple[Backend, tuple[str, ...]]],
    deadline: float,
    law: Law | FloatLaw,
    settings: Settings,
) -> Failure | None:
    """None if on every shape some start satisfies each part of the law (or time is up), else the nearest miss.

    The first backend and dtype search all shapes; the others see a few, where they try first what the search found.

    Args:
        subject: what the law is about.
        missed: the parts that a case does not satisfy.
        count: told of every shape, backend and dtype on which the search succeeds.
        shapes, targets, deadline, law, settings: where to search, and how long.
    """
    name = law.variables[0][0]
    some = shapes[:: max(1, len(shapes) // _SOME_SHAPES)]
    for shape in shapes:
        good: list[Tree] = []
        for k, (backend, dtypes) in enumerate(targets):
            for dtype in dtypes if shape in some else dtypes[: 1 - min(k, 1)]:
                case = Case({}, backend, dtype)
                starts = itertools.chain(tuple(good), _starts(subject, shape, settings.seed))
                failure = _search(missed, name, case, starts, good, deadline)
                if time.perf_counter() > deadline:
                    return None
                if failure is not None:
                    return failure
                count(dataclasses.replace(case, values={name: good[0]}))
    return None


def _search(
    missed: Missed, name: str, case: Case, starts: Iterator[Tree], good: list[Tree], deadline: float
) -> Failure | None:
    """None once each part has a start that satisfies it (``good`` gathers them), else the nearest miss of one left."""
    nearest: dict[str, Failure] = {}
    open_: set[str] | None = None
    for start in starts:
        found = missed(dataclasses.replace(case, values={name: start}))
        misses = {failure.where for failure in found}
        if open_ is None or open_ - misses:
            open_ = misses if open_ is None else open_ & misses
            if not any(start is known for known in good):
                good.append(start)
        if not open_:
            return None
        for failure in found:
            if failure.where not in nearest or failure.gap < nearest[failure.where].gap:
                nearest[failure.where] = failure
        if any(math.isinf(failure.gap) for failure in found) or time.perf_counter() > deadline:
            break
    return next((nearest[where] for where in nearest if open_ is None or where in open_), None)


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


def _starts(subject: Any, shape: Tree, seed: int) -> Iterator[Tree]:
    """Ones, Gaussian points, unit vectors, and where the search goes on from them."""

    def follow(start: Tree) -> Tree:
        try:
            return kind_of(subject).follow(subject, start)
        except Exception:  # the law itself will report it
            return start

    rng = np.random.default_rng(seed)
    ones = _filled(shape, lambda s: np.ones(s.dims))
    yield ones
    for k in range(3):
        start = _filled(shape, lambda s: rng.standard_normal(s.dims))
        yield start
        yield follow(start)
        if k == 0:
            yield from (_unit(shape, position) for position in range(min(sum(leaf.size for leaf in leaves(shape)), 64)))
    yield follow(ones)
    for start in _faces(shape):
        yield start
        yield follow(start)


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
