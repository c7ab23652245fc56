# ruff: noqa: D102 (the functions are those of the array API standard)
"""The array-API namespace of vectors of unspecified length."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import sympy as sp

from ntr_spec.errors import UntraceableError
from ntr_spec.verify.generic.array import (
    BOOLEAN,
    INTEGER,
    REAL,
    Formal,
    Length,
    Piece,
    Positions,
    Scalar,
    Vector,
    compare,
    elementwise,
    lift,
    power,
    signed,
)
from ntr_spec.verify.generic.trace import CURRENT

Array = Any
_ORDERS = {("tail", "head"): "cycle", ("swapped", "rest"): "swap", ("whole", "whole"): ""}
_AXES = (None, -1, 0, (0,), (-1,))


class GenericNamespace:
    """Array-API functions on :class:`Vector` and :class:`Scalar`. A missing one makes the hook untraceable."""

    exact = True
    __name__ = "generic"
    float64 = float32 = REAL
    int64 = int32 = INTEGER
    bool = BOOLEAN
    pi, e, inf, nan = 3.141592653589793, 2.718281828459045, float("inf"), float("nan")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise UntraceableError(f"xp.{name} is not traced at generic length")

    def isdtype(self, dtype: Any, kind: Any) -> Any:
        kinds = kind if isinstance(kind, tuple) else (kind,)
        return dtype == REAL and any(k in ("real floating", "numeric", REAL) for k in kinds)

    def finfo(self, dtype: Any) -> Any:
        # Never used in exact arithmetic; admission of a point asks for it.
        return SimpleNamespace(eps=2.0**-52, smallest_normal=2.0**-1022, max=1.7976931348623157e308)

    def asarray(self, value: Any, dtype: Any = None, device: Any = None, copy: Any = None) -> Array:
        return lift(value)

    def astype(self, x: Array, dtype: Any, copy: Any = True, device: Any = None) -> Array:
        if isinstance(x, Positions) or dtype not in (REAL, x.dtype):
            raise UntraceableError("a cast is not traced at generic length")
        return elementwise(lambda a: a, x, dtype=dtype)

    def arange(self, start: Any, stop: Any = None, step: Any = 1, dtype: Any = None, device: Any = None) -> Array:
        length = start if stop is None else stop
        trace = CURRENT.get()
        whole = isinstance(length, Length) or (trace.length.is_Integer and length == int(trace.length))
        if step == 1 and (stop is None or start == 0) and whole:
            return Positions(length)
        raise UntraceableError("arange of something else than the length is not traced at generic length")

    def zeros_like(self, x: Array, dtype: Any = None, device: Any = None) -> Array:
        return elementwise(lambda a: sp.S.Zero, x, dtype=dtype or x.dtype)

    def ones_like(self, x: Array, dtype: Any = None, device: Any = None) -> Array:
        return elementwise(lambda a: sp.S.One, x, dtype=dtype or x.dtype)

    def full_like(self, x: Array, value: Any, dtype: Any = None, device: Any = None) -> Array:
        return elementwise(lambda a, b: b, x, value)

    def reshape(self, x: Array, shape: Any, copy: Any = None) -> Array:
        # A number is not a vector of one entry: the shape of a point is unspecified.
        if isinstance(x, Scalar) and x.ndim and all(isinstance(d, int) and d in (1, -1) for d in shape):
            return Scalar(x.value, len(shape), x.dtype, x.index)
        if isinstance(x, Vector) and len(shape) == 1 and (shape[0] is x.length or shape[0] == -1):
            return x
        raise UntraceableError("a reshape is not traced at generic length")

    def squeeze(self, x: Array, axis: Any = None) -> Array:
        if isinstance(x, Scalar):
            return Scalar(x.value, 0, x.dtype, x.index)
        raise UntraceableError("squeeze is not traced at generic length")

    def concat(self, arrays: Any, axis: Any = 0) -> Array:
        pieces = list(arrays)
        if len(pieces) == 2 and all(isinstance(p, Piece) for p in pieces) and pieces[0].vector is pieces[1].vector:
            order = _ORDERS.get((pieces[0].part, pieces[1].part))
            vector = pieces[0].vector
            if order is not None:
                return Vector(vector.values, vector.length, None, vector.dtype, order)
        raise UntraceableError("concat is traced at generic length for permutations of one vector only")

    def flip(self, x: Any, axis: Any = None) -> Any:
        if isinstance(x, Piece) and x.part in ("pair", "whole"):
            return Piece(x.vector, "swapped" if x.part == "pair" else "whole")
        raise UntraceableError("flip is not traced at generic length")

    # ---- entry by entry -----------------------------------------------------------------------------------------

    def abs(self, x: Array) -> Array:
        return abs(lift(x))

    def sign(self, x: Array) -> Array:
        return signed(lambda a, sign: sp.Integer(sign(a)), x)

    def positive(self, x: Array) -> Array:
        return x

    def negative(self, x: Array) -> Array:
        return -x

    def square(self, x: Array) -> Array:
        return x * x

    def sqrt(self, x: Array) -> Array:
        return power(x, 0.5)

    def pow(self, x: Array, y: Any) -> Array:
        return power(x, y)

    def add(self, x: Array, y: Array) -> Array:
        return lift(x) + y

    def subtract(self, x: Array, y: Array) -> Array:
        return lift(x) - y

    def multiply(self, x: Array, y: Array) -> Array:
        return lift(x) * y

    def divide(self, x: Array, y: Array) -> Array:
        return lift(x) / y

    def maximum(self, x: Any, y: Any) -> Array:
        return signed(lambda a, b, sign: a if sign(a - b) >= 0 else b, x, y)

    def minimum(self, x: Any, y: Any) -> Array:
        return signed(lambda a, b, sign: a if sign(a - b) <= 0 else b, x, y)

    def clip(self, x: Array, min: Any = None, max: Any = None) -> Array:
        low = x if min is None else self.maximum(x, min)
        return low if max is None else self.minimum(low, max)

    def where(self, condition: Array, x: Any, y: Any) -> Array:
        # The arms must stand side by side before one is picked; undefined values in the other arm do no harm.
        return elementwise(lambda c, a, b: a if c == 1 else b, condition, x, y, dtype=lift(x).dtype)

    def equal(self, x: Any, y: Any) -> Array:
        return lift(x) == y

    def not_equal(self, x: Any, y: Any) -> Array:
        return lift(x) != y

    def less(self, x: Any, y: Any) -> Array:
        return compare(lambda s: s < 0, x, y)

    def less_equal(self, x: Any, y: Any) -> Array:
        return compare(lambda s: s <= 0, x, y)

    def greater(self, x: Any, y: Any) -> Array:
        return compare(lambda s: s > 0, x, y)

    def greater_equal(self, x: Any, y: Any) -> Array:
        return compare(lambda s: s >= 0, x, y)

    def logical_and(self, x: Array, y: Array) -> Array:
        return x & y

    def logical_or(self, x: Array, y: Array) -> Array:
        return x | y

    def logical_not(self, x: Array) -> Array:
        return ~x

    # ---- reductions ----------------------------------------------------------------------------------------------

    def sum(self, x: Array, axis: Any = None, dtype: Any = None, keepdims: Any = False) -> Array:
        self._check(x, axis)
        if isinstance(x, Scalar):
            return Scalar(x.value, 1 if keepdims else 0)
        trace = CURRENT.get()
        total = trace.sum(x.values)
        if x.point is not None:
            index, entry = x.point
            total = total - trace.clean(index.value(x.values)) + entry
        return Scalar(total, 1 if keepdims else 0)

    def vecdot(self, x: Array, y: Array, axis: Any = -1) -> Array:
        return self.sum(x * y, axis=axis)

    def max(self, x: Array, axis: Any = None, keepdims: Any = False) -> Array:
        self._check(x, axis)
        ndim = 1 if keepdims else 0
        if isinstance(x, Scalar):
            return Scalar(x.value, ndim)
        trace = CURRENT.get()
        if x.point is None:
            return Scalar(trace.maximum(x.values), ndim)
        entry = trace.clean(x.point[1])
        if all(trace.clean(x.values[p]) == 0 for p in trace.patterns) and trace.sign(entry) >= 0:
            return Scalar(entry, ndim)
        raise UntraceableError("the maximum of a vector with a selected entry is not traced")

    def min(self, x: Array, axis: Any = None, keepdims: Any = False) -> Array:
        return -self.max(-x, axis=axis, keepdims=keepdims)

    def argmax(self, x: Array, axis: Any = None, keepdims: Any = False) -> Array:
        self._check(x, axis)
        ndim = 1 if keepdims else 0
        if not isinstance(x, Vector):
            raise UntraceableError("argmax of a scalar is not traced at generic length")
        trace = CURRENT.get()
        if x.point is not None:
            zero = all(trace.clean(x.values[p]) == 0 for p in trace.patterns)
            if zero and trace.sign(x.point[1]) > 0:
                return Scalar(sp.nan, ndim, INTEGER, x.point[0])
            raise UntraceableError("the argmax of a vector with a selected entry is not traced")
        trace.maximum(x.values)
        symbol = trace.known_maximum(x.values)
        # No symbol: all entries are equal, so the index is some index.
        index = trace.anywhere() if symbol is None else trace.attained(symbol)
        return Scalar(sp.nan, ndim, INTEGER, index)

    def argmin(self, x: Array, axis: Any = None, keepdims: Any = False) -> Array:
        return self.argmax(-x, axis=axis, keepdims=keepdims)

    def _check(self, x: Array, axis: Any) -> None:
        flat = isinstance(x, Scalar) and x.ndim == 0
        if not isinstance(x, Formal) or isinstance(x, Positions) or flat or axis not in _AXES:
            raise UntraceableError("a reduction is not traced at generic length")


NAMESPACE = GenericNamespace()
