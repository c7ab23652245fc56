"""Reductions along axes: sum, prod, mean, max, min, all, any, cumulative_sum. Reference: array API 2024.12."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ntr_spec.errors import UntraceableError
from ntr_spec.verify.symbolic import term as t
from ntr_spec.verify.symbolic.array import DType, SymbolicArray, as_array, convert
from ntr_spec.verify.symbolic.term import Term

Axis = int | tuple[int, ...] | None


def reduce_axes(
    x: SymbolicArray, function: Callable[[Sequence[Term]], Term], axis: Axis, keepdims: bool, dtype: DType
) -> SymbolicArray:
    """Apply ``function`` to the entries along ``axis`` (all of them for None), in row-major order."""
    axes = tuple(range(x.ndim)) if axis is None else (axis,) if isinstance(axis, int) else tuple(axis)
    axes = tuple(sorted(np.lib.array_utils.normalize_axis_tuple(axes, x.ndim)))
    kept = tuple(k for k in range(x.ndim) if k not in axes)
    outer = tuple(x.shape[k] for k in kept)
    rows = np.transpose(x.terms, kept + axes).reshape((*outer, -1))
    result = np.empty(outer, dtype=object)
    for index in np.ndindex(*outer):
        result[index] = function(list(rows[index]))
    if keepdims:
        result = result.reshape(tuple(1 if k in axes else x.shape[k] for k in range(x.ndim)))
    return SymbolicArray(result, dtype)


def fold(function: Callable[[Term, Term], Term], start: Term | None = None) -> Callable[[Sequence[Term]], Term]:
    """The reduction that combines entries from left to right."""

    def reduce(entries: Sequence[Term]) -> Term:
        if start is not None:
            return functools.reduce(function, entries, start)
        if not entries:
            raise UntraceableError("a reduction over no entries has no value; drop empty axes")
        return functools.reduce(function, entries)

    return reduce


def _numbers(x: Any) -> SymbolicArray:
    x = as_array(x)
    return convert(x, DType.INTEGER) if x.dtype is DType.BOOLEAN else x


def sum_(x: Any, *, axis: Axis = None, dtype: Any = None, keepdims: bool = False) -> SymbolicArray:
    """Σ."""
    x = _numbers(x)
    return reduce_axes(x, fold(t.add, t.ZERO), axis, keepdims, dtype or x.dtype)


def prod(x: Any, *, axis: Axis = None, dtype: Any = None, keepdims: bool = False) -> SymbolicArray:
    """Π."""
    x = _numbers(x)
    return reduce_axes(x, fold(t.mul, t.ONE), axis, keepdims, dtype or x.dtype)


def mean(x: Any, *, axis: Axis = None, keepdims: bool = False) -> SymbolicArray:
    """The arithmetic mean."""

    def average(entries: Sequence[Term]) -> Term:
        return t.div(functools.reduce(t.add, entries, t.ZERO), t.const(len(entries)))

    return reduce_axes(_numbers(x), average, axis, keepdims, DType.REAL)


def max_(x: Any, *, axis: Axis = None, keepdims: bool = False) -> SymbolicArray:
    """The largest entry."""
    x = _numbers(x)
    return reduce_axes(x, fold(t.maximum), axis, keepdims, x.dtype)


def min_(x: Any, *, axis: Axis = None, keepdims: bool = False) -> SymbolicArray:
    """The smallest entry."""
    x = _numbers(x)
    return reduce_axes(x, fold(t.minimum), axis, keepdims, x.dtype)


def all_(x: Any, *, axis: Axis = None, keepdims: bool = False) -> SymbolicArray:
    """Whether all entries are true (or nonzero)."""
    x = convert(as_array(x), DType.BOOLEAN)
    return reduce_axes(x, lambda entries: t.conjunction(*entries), axis, keepdims, DType.BOOLEAN)


def any_(x: Any, *, axis: Axis = None, keepdims: bool = False) -> SymbolicArray:
    """Whether some entry is true (or nonzero)."""
    x = convert(as_array(x), DType.BOOLEAN)
    return reduce_axes(x, lambda entries: t.disjunction(*entries), axis, keepdims, DType.BOOLEAN)


def count_nonzero(x: Any, *, axis: Axis = None, keepdims: bool = False) -> SymbolicArray:
    """How many entries are nonzero."""
    return sum_(convert(as_array(x), DType.BOOLEAN), axis=axis, keepdims=keepdims)


def along(x: SymbolicArray, axis: int, function: Callable[[list[Term]], list[Term]], dtype: DType) -> SymbolicArray:
    """Replace each row along ``axis`` by ``function`` of it."""
    rows = np.moveaxis(x.terms, axis, -1)
    parts = [function(list(rows[index])) for index in np.ndindex(*rows.shape[:-1])]
    width = len(parts[0]) if parts else 0
    result = np.empty((len(parts), width), dtype=object)
    for k, part in enumerate(parts):
        result[k, :] = part
    return SymbolicArray(np.moveaxis(result.reshape((*rows.shape[:-1], width)), -1, axis), dtype)


def cumulative_sum(
    x: Any, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False
) -> SymbolicArray:
    """Partial sums along an axis."""
    x = _numbers(x)
    if axis is None:
        if x.ndim != 1:
            raise UntraceableError(f"cumulative_sum: an array with {x.ndim} axes needs an axis; pass axis=-1")
        axis = 0

    def partial_sums(row: list[Term]) -> list[Term]:
        sums = [t.ZERO]
        for entry in row:
            sums.append(t.add(sums[-1], entry))
        return sums if include_initial else sums[1:]

    return along(x, axis, partial_sums, dtype or x.dtype)
