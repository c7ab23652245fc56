"""Order: sort, argsort, argmax, argmin, take, take_along_axis, where positions depend on the input.

``argmax`` is a selection: "0 if entry 0 is a largest one, else 1 if …", the first of the largest as every library has
it. ``sort`` is a sorting network of exact compare-exchanges. ``argsort`` is the inverse of the ranks,
rank(i) = #{j : x_j before x_i}, ties by position.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from ntr_spec.errors import InputError, UntraceableError
from ntr_spec.verify.symbolic import term as t
from ntr_spec.verify.symbolic.array import DType, SymbolicArray, as_array
from ntr_spec.verify.symbolic.reduction import along, reduce_axes
from ntr_spec.verify.symbolic.term import Term

_LONGEST = 12  # entries that a sort or a selection may have; its trace grows with the square


def _check_length(name: str, length: int) -> None:
    if length > _LONGEST:
        raise UntraceableError(f"{name}: {length} entries are too many to trace (at most {_LONGEST}); use smaller dims")


def sort(x: Any, *, axis: int = -1, descending: bool = False, stable: bool = True) -> SymbolicArray:
    """Entries in order along an axis, by odd-even transposition (a sorting network)."""
    x = as_array(x)

    def network(row: list[Term]) -> list[Term]:
        _check_length("sort", len(row))
        if all(entry.ground for entry in row):
            row = [row[k] for k in _order_of_constants(row)]
        else:
            for step in range(len(row)):
                for k in range(step % 2, len(row) - 1, 2):
                    row[k], row[k + 1] = t.minimum(row[k], row[k + 1]), t.maximum(row[k], row[k + 1])
        return row[::-1] if descending else row

    return along(x, axis, network, x.dtype)


def _order_of_constants(row: list[Term]) -> list[int]:
    def compare(i: int, j: int) -> int:
        difference = t.sign(t.sub(row[i], row[j]))
        return int(difference.value) if difference.op == "const" else 0

    return sorted(range(len(row)), key=functools.cmp_to_key(compare))


def _ranks(row: list[Term], descending: bool) -> list[Term]:
    _check_length("argsort", len(row))

    def before(j: int, i: int) -> Term:
        a, b = (row[i], row[j]) if descending else (row[j], row[i])
        return t.le(a, b) if j < i else t.lt(a, b)

    count = range(len(row))
    return [functools.reduce(t.add, [t.number_of(before(j, i)) for j in count if j != i], t.ZERO) for i in count]


def _inverse(ranks: list[Term]) -> list[Term]:
    """Position k holds the index whose rank is k."""

    def index_at(k: int) -> Term:
        chosen = t.const(len(ranks) - 1)
        for i in reversed(range(len(ranks) - 1)):
            chosen = t.where(t.eq(ranks[i], t.const(k)), t.const(i), chosen)
        return chosen

    return [index_at(k) for k in range(len(ranks))]


def argsort(x: Any, *, axis: int = -1, descending: bool = False, stable: bool = True) -> SymbolicArray:
    """The indices that sort; ties keep their order."""
    x = as_array(x)
    known: SymbolicArray | None = x.rank_of
    if known is not None and not descending and x.ndim == 1:
        return known  # the argsort of a permutation is its inverse
    ranks = along(x, axis, lambda row: _ranks(row, descending), DType.INTEGER)
    result = along(ranks, axis, _inverse, DType.INTEGER)
    return SymbolicArray(result.terms, DType.INTEGER, rank_of=ranks if x.ndim == 1 else None)


def _first_best(entries: list[Term], largest: bool) -> Term:
    _check_length("argmax", len(entries))
    best = functools.reduce(t.maximum if largest else t.minimum, entries)
    if best.op == "undefined":
        return best
    chosen = t.const(len(entries) - 1)
    for k in reversed(range(len(entries) - 1)):
        rest = functools.reduce(t.maximum if largest else t.minimum, entries[:k] + entries[k + 1 :])
        # Entry k is a best one: at least as good as every other. Earlier ones were asked first.
        wins = t.le(rest, entries[k]) if largest else t.le(entries[k], rest)
        chosen = t.where(wins, t.const(k), chosen)
    return chosen


def argmax(x: Any, *, axis: int | None = None, keepdims: bool = False) -> SymbolicArray:
    """The first index of the largest entry."""
    return reduce_axes(as_array(x), lambda e: _first_best(list(e), True), axis, keepdims, DType.INTEGER)


def argmin(x: Any, *, axis: int | None = None, keepdims: bool = False) -> SymbolicArray:
    """The first index of the smallest entry."""
    return reduce_axes(as_array(x), lambda e: _first_best(list(e), False), axis, keepdims, DType.INTEGER)


def _entry_at(row: list[Term], index: Term) -> Term:
    """row[index], where the index is a choice among known positions."""
    if index.op == "undefined":
        return index
    if index.leaves is None:
        raise UntraceableError("take: the index is computed from the input; use indices from argmax, argsort or counts")
    positions = sorted(k for k in index.leaves if k.denominator == 1 and -len(row) <= k < len(row))
    if not positions:
        raise InputError(f"take: no index in {sorted(map(int, index.leaves))} is on an axis of {len(row)} entries")
    if len(positions) == len(index.leaves):
        chosen = row[int(positions.pop())]
    else:
        chosen = t.undefined(f"index outside an axis of {len(row)} entries")
    for k in reversed(positions):
        chosen = t.where(t.eq(index, t.const(k)), row[int(k)], chosen)
    return chosen


def take(x: Any, indices: Any, *, axis: int | None = None) -> SymbolicArray:
    """Entries (or slices) at the given positions of an axis."""
    x, indices = as_array(x), as_array(indices)
    axis = 0 if axis is None and x.ndim == 1 else axis
    if axis is None:
        raise UntraceableError("take: an array with several axes needs an axis; pass axis=-1")
    wanted = list(indices.terms.reshape(-1))
    picked = along(x, axis, lambda row: [_entry_at(row, k) for k in wanted], x.dtype)
    if indices.ndim == 1:
        return picked
    place = axis % x.ndim
    shape = x.shape[:place] + indices.shape + x.shape[place + 1 :]
    return SymbolicArray(picked.terms.reshape(shape), x.dtype)


def take_along_axis(x: Any, indices: Any, /, *, axis: int = -1) -> SymbolicArray:
    """Entries at positions given row by row."""
    x, indices = as_array(x), as_array(indices)
    rows, wanted = np.moveaxis(x.terms, axis, -1), np.moveaxis(indices.terms, axis, -1)
    outer = np.broadcast_shapes(rows.shape[:-1], wanted.shape[:-1])
    rows, wanted = (
        np.broadcast_to(rows, (*outer, rows.shape[-1])),
        np.broadcast_to(wanted, (*outer, wanted.shape[-1])),
    )
    result = np.empty(wanted.shape, dtype=object)
    for index in np.ndindex(*outer):
        row = list(rows[index])
        for k in range(wanted.shape[-1]):
            result[(*index, k)] = _entry_at(row, wanted[(*index, k)])
    return SymbolicArray(np.moveaxis(result, -1, axis), x.dtype)
