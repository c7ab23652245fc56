"""Making a refutation small enough to check on paper: fewer entries first, then plainer numbers.

Hypothesis shrinks the recipe of an example (its style, its shape); this shrinks the numbers that the recipe made,
which Hypothesis does not see. A step is kept only if the law still fails clearly, not by a rounding error.
"""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ntr_spec.trees import Tree, is_container, leaves, tree_map
from ntr_spec.verify.judging import Case, Failure

Array = Any


def shrink(
    failure: Failure,
    retry: Callable[[Case], Failure | None],
    resizable: bool,
    seconds: float,
    calls: int = 600,
) -> Failure:
    """The smallest failure found within so many calls and seconds.

    Args:
        failure: where to start.
        retry: judges a case; None where the law holds, or where the case is outside the norm's domain.
        resizable: whether the shape may change.
        seconds: time to spend.
        calls: calls of ``retry`` to spend.
    """
    deadline = time.perf_counter() + seconds
    # A marginal failure would not convince: keep at least a hundredth of the gap, or one per cent.
    enough = min(0.01, failure.gap / 100) if math.isfinite(failure.gap) else 0.0
    progress = True
    while progress:
        progress = False
        for values in _smaller(failure.case.values, resizable):
            calls -= 1
            if calls < 0 or time.perf_counter() > deadline:
                return failure
            if _weight(values) >= _weight(failure.case.values):
                continue
            found = retry(dataclasses.replace(failure.case, values=values, layout="C"))
            if found is None and failure.case.layout != "C":
                found = retry(dataclasses.replace(failure.case, values=values))
            if found is not None and (found.gap >= enough):
                failure, progress = found, True
                break
    return failure


def _weight(values: dict[str, Any]) -> tuple[int, float]:
    """Smaller is better: fewer entries, then shorter numbers."""
    parts = [leaf for value in values.values() for leaf in leaves(value)]
    size = sum(int(np.size(part)) for part in parts)
    return size, sum(_digits(float(entry)) for part in parts for entry in np.ravel(part))


def _digits(entry: float) -> float:
    """How much there is to write: 0 is shortest, then 1, −1, small integers, halves, short decimals."""
    if entry == 0:
        return 0.5 if math.copysign(1.0, entry) < 0 else 0.0
    if not math.isfinite(entry):
        return 1.5
    text = f"{abs(entry):.17g}"
    return len(text) + (0.5 if entry < 0 else 0.0) + min(9.0, abs(math.log10(abs(entry)))) / 10


def _smaller(values: dict[str, Any], resizable: bool) -> Iterator[dict[str, Any]]:
    points = [name for name, value in values.items() if not isinstance(value, float)]
    if resizable and points and not any(is_container(values[name]) for name in points):
        shape = values[points[0]].shape
        for axis, length in enumerate(shape):
            for index in range(length if length > 1 else 0):
                yield {
                    name: np.delete(value, index, axis) if name in points else value for name, value in values.items()
                }
    for name, value in values.items():
        for change in _PLAINER:
            yield {**values, name: change(value) if isinstance(value, float) else tree_map(change, value)}
    for name in points:
        for position, plain in _entries(values[name]):
            yield {**values, name: _with_entry(values[name], position, plain)}


def _entries(value: Tree) -> Iterator[tuple[tuple[int, int], float]]:
    for k, leaf in enumerate(leaves(value)):
        for i, entry in enumerate(np.ravel(leaf)):
            for plain in dict.fromkeys(float(change(np.float64(entry))) for change in _ENTRY):
                if _digits(plain) < _digits(float(entry)):
                    yield (k, i), plain


def _with_entry(value: Tree, position: tuple[int, int], plain: float) -> Tree:
    count = -1

    def leaf(x: Array) -> Array:
        nonlocal count
        count += 1
        if count != position[0]:
            return x
        changed = np.array(x)
        changed.flat[position[1]] = plain
        return changed

    return tree_map(leaf, value)


def _significant(x: Any, digits: int) -> Any:
    return np.float64(f"{float(x):.{digits - 1}e}")


def _tidy(x: Any, digits: int) -> Any:
    """Rounded to so many decimals, and without the noise of binary fractions."""
    return np.round(x, digits)


def _plainer(*changes: Callable[[Any], Any]) -> tuple[Callable[[Any], Any], ...]:
    """Changes of arrays that also take Python floats to Python floats."""
    return tuple(
        lambda x, change=change: change(x) if isinstance(x, np.ndarray) else float(change(x)) for change in changes
    )


def _normalised(x: Any) -> Any:
    top = np.max(np.abs(x))
    return x / (top + (top == 0))


_PLAINER = _plainer(
    lambda x: 0 * np.abs(x),
    lambda x: 0 * np.abs(x) + 1.0,
    np.sign,
    lambda x: 2 * np.sign(x),
    lambda x: np.sign(x) / 2,
    np.round,
    lambda x: np.round(2 * x) / 2,
    lambda x: np.round(_normalised(x)),
    _normalised,
    lambda x: _tidy(x, 1),
    lambda x: _tidy(x, 2),
    np.abs,
)
_ENTRY: tuple[Callable[[Any], Any], ...] = (
    lambda x: 0.0 * np.abs(x),
    lambda x: np.float64(1.0),
    np.abs,
    np.sign,
    lambda x: 2 * np.sign(x),
    np.round,
    lambda x: np.round(2 * x) / 2,
    lambda x: _tidy(x, 1),
    lambda x: _significant(x, 2),
)
