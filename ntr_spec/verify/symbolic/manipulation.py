"""Creation and rearrangement: what moves entries but does not compute. Reference: array API 2024.12.

NumPy does the moving, on object arrays of terms.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ntr_spec.verify.symbolic import term as t
from ntr_spec.verify.symbolic.array import DType, SymbolicArray, _join, as_array, as_term, convert

Shape = int | tuple[int, ...]


def _filled(shape: Shape, value: Any, dtype: DType | None) -> SymbolicArray:
    box = as_array(value)
    result = np.empty(shape, dtype=object)
    result[...] = box.term
    return convert(SymbolicArray(result, box.dtype), dtype) if dtype is not None else SymbolicArray(result, box.dtype)


def asarray(value: Any, *, dtype: Any = None, device: Any = None, copy: Any = None) -> SymbolicArray:
    """A symbolic array of exact constants; a symbolic array is returned as it is."""
    return as_array(value, _real(dtype))


def _real(dtype: Any) -> DType | None:
    return dtype if isinstance(dtype, DType) or dtype is None else DType.REAL


def zeros(shape: Shape, *, dtype: Any = None, device: Any = None) -> SymbolicArray:
    """All entries 0."""
    return _filled(shape, 0, _real(dtype) or DType.REAL)


def ones(shape: Shape, *, dtype: Any = None, device: Any = None) -> SymbolicArray:
    """All entries 1."""
    return _filled(shape, 1, _real(dtype) or DType.REAL)


def full(shape: Shape, fill_value: Any, *, dtype: Any = None, device: Any = None) -> SymbolicArray:
    """All entries the same."""
    return _filled(shape, fill_value, _real(dtype))


def zeros_like(x: Any, *, dtype: Any = None, device: Any = None) -> SymbolicArray:
    """Zeros of the shape and dtype of x."""
    return zeros(as_array(x).shape, dtype=dtype or as_array(x).dtype)


def ones_like(x: Any, *, dtype: Any = None, device: Any = None) -> SymbolicArray:
    """Ones of the shape and dtype of x."""
    return ones(as_array(x).shape, dtype=dtype or as_array(x).dtype)


def full_like(x: Any, fill_value: Any, *, dtype: Any = None, device: Any = None) -> SymbolicArray:
    """A constant of the shape and dtype of x."""
    return _filled(as_array(x).shape, fill_value, _real(dtype) or as_array(x).dtype)


def empty(shape: Shape, *, dtype: Any = None, device: Any = None) -> SymbolicArray:
    """Entries without a value: undefined until replaced."""
    result = np.empty(shape, dtype=object)
    result[...] = t.undefined("an entry of empty() was never given a value")
    return SymbolicArray(result, _real(dtype) or DType.REAL)


def empty_like(x: Any, *, dtype: Any = None, device: Any = None) -> SymbolicArray:
    """As :func:`empty`, of the shape of x."""
    return empty(as_array(x).shape, dtype=dtype)


def eye(n_rows: int, n_cols: int | None = None, *, k: int = 0, dtype: Any = None, device: Any = None) -> SymbolicArray:
    """Ones on a diagonal."""
    return as_array(np.eye(n_rows, n_cols, k=k, dtype=int), _real(dtype) or DType.REAL)


def arange(start: Any, stop: Any = None, step: Any = 1, *, dtype: Any = None, device: Any = None) -> SymbolicArray:
    """Equally spaced constants."""
    first, last = (0, start) if stop is None else (start, stop)
    a, b, c = (as_term(v).value for v in (first, last, step))
    count = max(0, -int(-(b - a) // c))
    values = np.empty(count, dtype=object)
    values[:] = [t.const(a + k * c) for k in range(count)]
    whole = all(v.denominator == 1 for v in (a, c)) and not any(isinstance(v, float) for v in (start, stop, step))
    return SymbolicArray(values, _real(dtype) or (DType.INTEGER if whole else DType.REAL))


def linspace(
    start: Any, stop: Any, num: int, *, dtype: Any = None, device: Any = None, endpoint: bool = True
) -> SymbolicArray:
    """``num`` equally spaced constants."""
    a, b = as_term(start).value, as_term(stop).value
    gap = (b - a) / max(1, num - 1 if endpoint else num)
    values = np.empty(num, dtype=object)
    values[:] = [t.const(a + k * gap) for k in range(num)]
    return SymbolicArray(values, DType.REAL)


def tril(x: Any, *, k: int = 0) -> SymbolicArray:
    """The lower triangle; zeros above."""
    x = as_array(x)
    return _kept(x, lambda i, j: j - i <= k)


def triu(x: Any, *, k: int = 0) -> SymbolicArray:
    """The upper triangle; zeros below."""
    x = as_array(x)
    return _kept(x, lambda i, j: j - i >= k)


def _kept(x: SymbolicArray, keep: Callable[[int, int], bool]) -> SymbolicArray:
    result = x.terms.copy()
    for index in np.ndindex(*x.shape):
        if not keep(index[-2], index[-1]):
            result[index] = t.ZERO
    return SymbolicArray(result, x.dtype)


def concat(arrays: Sequence[Any], *, axis: int | None = 0) -> SymbolicArray:
    """Join along an axis."""
    parts = [as_array(a) for a in arrays]
    kind = _join({p.dtype for p in parts})
    terms = [convert(p, kind).terms for p in parts]
    if axis is None:
        terms, axis = [p.reshape(-1) for p in terms], 0
    return SymbolicArray(np.concatenate(terms, axis=axis), kind)


def stack(arrays: Sequence[Any], *, axis: int = 0) -> SymbolicArray:
    """Join along a new axis."""
    parts = [as_array(a) for a in arrays]
    kind = _join({p.dtype for p in parts})
    return SymbolicArray(np.stack([convert(p, kind).terms for p in parts], axis=axis), kind)


def unstack(x: Any, *, axis: int = 0) -> tuple[SymbolicArray, ...]:
    """The slices along an axis."""
    x = as_array(x)
    rows = np.moveaxis(x.terms, axis, 0)
    return tuple(SymbolicArray(rows[k, ...], x.dtype) for k in range(rows.shape[0]))


def reshape(x: Any, shape: Shape, *, copy: Any = None) -> SymbolicArray:
    """The same entries in row-major order."""
    x = as_array(x)
    return SymbolicArray(x.terms.reshape(shape), x.dtype)


def permute_dims(x: Any, axes: tuple[int, ...]) -> SymbolicArray:
    """Axes in another order."""
    x = as_array(x)
    return SymbolicArray(np.transpose(x.terms, axes), x.dtype)


def moveaxis(x: Any, source: Any, destination: Any) -> SymbolicArray:
    """Axes moved to new places."""
    x = as_array(x)
    return SymbolicArray(np.moveaxis(x.terms, source, destination), x.dtype)


def matrix_transpose(x: Any) -> SymbolicArray:
    """The last two axes exchanged."""
    return as_array(x).mT


def flip(x: Any, *, axis: Any = None) -> SymbolicArray:
    """Entries in reverse order."""
    x = as_array(x)
    return SymbolicArray(np.flip(x.terms, axis=axis), x.dtype)


def roll(x: Any, shift: Any, *, axis: Any = None) -> SymbolicArray:
    """Entries moved round."""
    x = as_array(x)
    return SymbolicArray(np.roll(x.terms, shift, axis=axis), x.dtype)


def expand_dims(x: Any, *, axis: int = 0) -> SymbolicArray:
    """A new axis of size 1."""
    x = as_array(x)
    return SymbolicArray(np.expand_dims(x.terms, axis), x.dtype)


def squeeze(x: Any, axis: Any) -> SymbolicArray:
    """Axes of size 1 removed."""
    x = as_array(x)
    return SymbolicArray(np.squeeze(x.terms, axis=axis), x.dtype)


def broadcast_to(x: Any, shape: tuple[int, ...]) -> SymbolicArray:
    """Entries repeated to a larger shape."""
    x = as_array(x)
    return SymbolicArray(np.broadcast_to(x.terms, shape), x.dtype)


def broadcast_arrays(*arrays: Any) -> list[SymbolicArray]:
    """Arrays repeated to a common shape."""
    parts = [as_array(a) for a in arrays]
    shape = np.broadcast_shapes(*(p.shape for p in parts))
    return [broadcast_to(p, shape) for p in parts]


def repeat(x: Any, repeats: int, *, axis: int | None = None) -> SymbolicArray:
    """Each entry several times."""
    x = as_array(x)
    return SymbolicArray(np.repeat(x.terms, repeats, axis=axis), x.dtype)


def tile(x: Any, repetitions: tuple[int, ...]) -> SymbolicArray:
    """The whole array several times."""
    x = as_array(x)
    return SymbolicArray(np.tile(x.terms, repetitions), x.dtype)


def astype(x: Any, dtype: Any, *, copy: bool = True, device: Any = None) -> SymbolicArray:
    """Another dtype; exact numbers stay exact."""
    return convert(as_array(x), _real(dtype) or DType.REAL)
