"""SymbolicArray: an array of terms that behaves like any other array of the array API.

Shapes are known, values are not: asking for a value (``if``, ``float``, ``numpy.asarray``) is an error that
names the remedy. Entries of constants (:func:`~ntr_spec.verify.symbolic.constants`) are exact algebraic numbers.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np

from ntr_spec.arrays import simplest_rational
from ntr_spec.errors import UntraceableError
from ntr_spec.verify.symbolic import term as t
from ntr_spec.verify.symbolic.term import Term


class DType(enum.Enum):
    """What the entries are: real numbers, integers or truth values. All exact."""

    REAL = "real"
    INTEGER = "integer"
    BOOLEAN = "bool"

    def __str__(self) -> str:
        return self.value


class SymbolicArray:
    """An array whose entries are exact terms. Immutable.

    Attributes:
        terms: NumPy object array of :class:`~ntr_spec.verify.symbolic.term.Term`.
        dtype: a :class:`DType`.
    """

    __slots__ = ("dtype", "rank_of", "terms")

    terms: np.ndarray
    dtype: DType
    rank_of: SymbolicArray | None
    """For an ``argsort``: the ranks, which are its own ``argsort``."""

    def __init__(self, terms: Any, dtype: DType, rank_of: SymbolicArray | None = None) -> None:
        if not isinstance(terms, np.ndarray):
            box = np.empty((), dtype=object)
            box[()] = terms
            terms = box
        self.terms = terms
        self.dtype = dtype
        self.rank_of = rank_of

    # ---- what an array is -------------------------------------------------------------------------------

    @property
    def shape(self) -> tuple[int, ...]:
        """Sizes of the axes."""
        return tuple(self.terms.shape)

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return self.terms.ndim

    @property
    def size(self) -> int:
        """Number of entries."""
        return self.terms.size

    @property
    def device(self) -> str:
        """Always ``"exact"``."""
        return "exact"

    @property
    def T(self) -> SymbolicArray:  # noqa: N802
        """The transposed matrix."""
        return SymbolicArray(self.terms.T, self.dtype)

    @property
    def mT(self) -> SymbolicArray:  # noqa: N802
        """Each matrix of a stack, transposed."""
        return SymbolicArray(np.swapaxes(self.terms, -1, -2), self.dtype)

    def to_device(self, device: Any, /, *, stream: Any = None) -> SymbolicArray:
        """The array itself."""
        return self

    def __array_namespace__(self, api_version: str | None = None) -> Any:
        from ntr_spec.verify.symbolic.namespace import NAMESPACE

        return NAMESPACE

    @property
    def expressions(self) -> np.ndarray:
        """The entries as SymPy expressions, in a NumPy object array."""
        from ntr_spec.verify.symbolic.reading import to_sympy

        result = np.empty(self.shape, dtype=object)
        for index, term in np.ndenumerate(self.terms):
            result[index] = to_sympy(term)
        return result

    def __repr__(self) -> str:
        return f"SymbolicArray({self.expressions.tolist()})"

    @property
    def term(self) -> Term:
        """The entry of an array that has one entry."""
        found: Term = self.terms.reshape(()).item()
        return found

    # ---- what a symbol cannot do -----------------------------------------------------------------------------

    def _constant(self, verb: str) -> Term:
        if self.size == 1 and (self.term.ground or self.term in (t.TRUE, t.FALSE)):
            return self.term
        raise UntraceableError(
            f"{verb} was asked of a value that depends on the input; use xp.where to choose between results"
        )

    def __bool__(self) -> bool:
        found = self._constant("bool()")
        return found is t.TRUE if t.is_boolean(found) else t.eq(found, t.ZERO) is t.FALSE

    def __float__(self) -> float:
        from ntr_spec.verify.symbolic.ground import float_of

        return float_of(t.number_of(self._constant("float()")))

    def __int__(self) -> int:
        return int(float(self))

    def __index__(self) -> int:
        found = self._constant("int()")
        if found.op == "const" and found.value.denominator == 1:
            return int(found.value)
        raise TypeError("only whole numbers can be an index")

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        raise UntraceableError("a symbolic array was handed to NumPy; call the xp functions that the hook receives")

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        # NumPy scalars on the left of an operator arrive here; anything else is a call of NumPy by name.
        operation = _UFUNCS.get(ufunc.__name__)
        if operation is None or method != "__call__" or kwargs or len(inputs) != 2:
            raise UntraceableError(
                f"numpy.{ufunc.__name__} was called on a symbolic array; call xp functions, not numpy's"
            )
        return operation(*inputs)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        raise UntraceableError(
            f"numpy.{function.__name__} was called on a symbolic array; call xp functions, not numpy's"
        )

    def __setitem__(self, key: Any, value: Any) -> None:
        raise UntraceableError(
            "an entry was assigned to; build the result with xp.where or xp.concat, as JAX needs too"
        )

    __hash__ = None  # type: ignore[assignment]

    # ---- indexing ----------------------------------------------------------------------------------------

    def __getitem__(self, key: Any) -> SymbolicArray:
        if isinstance(key, SymbolicArray):
            return self._pick(key)
        parts = key if isinstance(key, tuple) else (key,)
        if any(isinstance(p, SymbolicArray) for p in parts):
            parts = tuple(p.__index__() if isinstance(p, SymbolicArray) and p.ndim == 0 else p for p in parts)
            if any(isinstance(p, SymbolicArray) for p in parts):
                raise UntraceableError("indexing by several arrays is not traced; use xp.take or xp.take_along_axis")
        return SymbolicArray(self.terms[parts], self.dtype)

    def _pick(self, key: SymbolicArray) -> SymbolicArray:
        from ntr_spec.verify.symbolic.ordering import take

        if key.dtype is DType.BOOLEAN:
            raise UntraceableError("indexing by a mask gives a shape that depends on the input; use xp.where")
        if key.ndim == 0:
            flat = SymbolicArray(key.terms.reshape(1), DType.INTEGER)
            return take(self, flat, axis=0)[0, ...]
        return take(self, key, axis=0)

    def __iter__(self) -> Iterator[SymbolicArray]:
        if self.ndim == 0:
            raise TypeError("iteration over a 0-d array")
        return (self[k, ...] for k in range(self.shape[0]))

    # ---- operators ----------------------------------------------------------------------------------------

    def __add__(self, other: Any) -> Any:
        return binary(t.add, self, other)

    def __radd__(self, other: Any) -> Any:
        return binary(t.add, other, self)

    def __sub__(self, other: Any) -> Any:
        return binary(t.sub, self, other)

    def __rsub__(self, other: Any) -> Any:
        return binary(t.sub, other, self)

    def __mul__(self, other: Any) -> Any:
        return binary(t.mul, self, other)

    def __rmul__(self, other: Any) -> Any:
        return binary(t.mul, other, self)

    def __truediv__(self, other: Any) -> Any:
        return binary(t.div, self, other, DType.REAL)

    def __rtruediv__(self, other: Any) -> Any:
        return binary(t.div, other, self, DType.REAL)

    def __pow__(self, other: Any) -> Any:
        return binary(power, self, other)

    def __rpow__(self, other: Any) -> Any:
        return binary(power, other, self)

    def __matmul__(self, other: Any) -> Any:
        from ntr_spec.verify.symbolic.linalg import matmul

        return matmul(self, as_array(other))

    def __rmatmul__(self, other: Any) -> Any:
        from ntr_spec.verify.symbolic.linalg import matmul

        return matmul(as_array(other), self)

    def __neg__(self) -> SymbolicArray:
        return unary(t.neg, self)

    def __pos__(self) -> SymbolicArray:
        return self

    def __abs__(self) -> SymbolicArray:
        return unary(t.absolute, self)

    def __lt__(self, other: Any) -> Any:
        return binary(t.lt, self, other, DType.BOOLEAN)

    def __le__(self, other: Any) -> Any:
        return binary(t.le, self, other, DType.BOOLEAN)

    def __gt__(self, other: Any) -> Any:
        return binary(t.lt, other, self, DType.BOOLEAN)

    def __ge__(self, other: Any) -> Any:
        return binary(t.le, other, self, DType.BOOLEAN)

    def __eq__(self, other: Any) -> Any:
        return binary(equal, self, other, DType.BOOLEAN)

    def __ne__(self, other: Any) -> Any:
        return binary(lambda a, b: t.negation(equal(a, b)), self, other, DType.BOOLEAN)

    def __and__(self, other: Any) -> Any:
        return binary(t.conjunction, self, other, DType.BOOLEAN)

    def __or__(self, other: Any) -> Any:
        return binary(t.disjunction, self, other, DType.BOOLEAN)

    def __xor__(self, other: Any) -> Any:
        return binary(t.exclusive, self, other, DType.BOOLEAN)

    __rand__, __ror__, __rxor__ = __and__, __or__, __xor__

    def __invert__(self) -> SymbolicArray:
        return unary(t.negation, self, DType.BOOLEAN)


# ---- from plain values, and entry by entry ---------------------------------------------------------------------


def as_term(value: Any) -> Term:
    """A Python or NumPy number as a term. Floats are read as the rational that their author meant.

    NaN and infinity are not real numbers: they become undefined, which matters only where a result depends on them.
    """
    if isinstance(value, Term):
        return value
    if isinstance(value, bool | np.bool_):
        return t.truth(bool(value))
    if isinstance(value, int | np.integer):
        return t.const(int(value))
    if isinstance(value, float | np.floating):
        number = float(value)
        return (
            t.const(simplest_rational(number)) if np.isfinite(number) else t.undefined(f"{number} is not a real number")
        )
    if isinstance(value, Fraction):
        return t.const(value)
    if isinstance(value, SymbolicArray) and value.ndim == 0:
        return value.term
    raise TypeError(f"expected a real number, got {type(value).__name__}")


def as_array(value: Any, dtype: DType | None = None) -> SymbolicArray:
    """A number, nested lists of numbers, a NumPy array or a symbolic array as a symbolic array."""
    if isinstance(value, SymbolicArray):
        return value if dtype is None or dtype is value.dtype else convert(value, dtype)
    if isinstance(value, list | tuple):
        rows = [as_array(v) for v in value]
        kinds = {r.dtype for r in rows}
        found = SymbolicArray(np.stack([r.terms for r in rows]) if rows else np.empty(0, dtype=object), _join(kinds))
    elif isinstance(value, np.ndarray):
        found = SymbolicArray(_each(as_term, value.astype(object)), _kind_of_numpy(value))
    else:
        term = as_term(value)
        kind = DType.BOOLEAN if t.is_boolean(term) else DType.REAL
        found = SymbolicArray(
            term, DType.INTEGER if isinstance(value, int | np.integer) and kind is DType.REAL else kind
        )
    return found if dtype is None or dtype is found.dtype else convert(found, dtype)


def _kind_of_numpy(value: np.ndarray) -> DType:
    return {"b": DType.BOOLEAN, "i": DType.INTEGER, "u": DType.INTEGER}.get(value.dtype.kind, DType.REAL)


def _join(kinds: set[DType]) -> DType:
    if DType.REAL in kinds or not kinds:
        return DType.REAL
    return DType.INTEGER if DType.INTEGER in kinds else DType.BOOLEAN


def convert(x: SymbolicArray, dtype: DType) -> SymbolicArray:
    """``astype``: truth values become 0 and 1; numbers become truth values by being nonzero."""
    if dtype is DType.BOOLEAN and x.dtype is not DType.BOOLEAN:
        return unary(lambda a: t.negation(t.eq(a, t.ZERO)), x, dtype)
    if dtype is DType.INTEGER and x.dtype is DType.REAL:
        raise UntraceableError("a real array was cast to integers, which rounds; use xp.where on comparisons instead")
    return unary(t.number_of, x, dtype) if dtype is not DType.BOOLEAN else x


def _each(function: Callable[..., Any], *arrays: Any) -> np.ndarray:
    """``function`` entry by entry, with broadcasting; always an object array."""
    return np.asarray(np.frompyfunc(function, len(arrays), 1)(*arrays), dtype=object)


def unary(function: Callable[[Term], Term], x: SymbolicArray, dtype: DType | None = None) -> SymbolicArray:
    """``function`` on each entry."""
    return SymbolicArray(_each(function, x.terms), dtype or x.dtype)


def binary(function: Callable[[Term, Term], Term], a: Any, b: Any, dtype: DType | None = None) -> Any:
    """``function`` on each pair of entries, broadcast; NotImplemented for operands that are not numbers."""
    try:
        left, right = as_array(a), as_array(b)
    except TypeError:
        return NotImplemented
    kind = dtype or _join({left.dtype, right.dtype})
    if dtype is DType.BOOLEAN or {left.dtype, right.dtype} == {DType.BOOLEAN}:
        return SymbolicArray(_each(function, left.terms, right.terms), kind)
    return SymbolicArray(_each(function, convert(left, kind).terms, convert(right, kind).terms), kind)


def equal(a: Term, b: Term) -> Term:
    """a = b, for numbers and for truth values."""
    return t.same_truth(a, b) if t.is_boolean(a) and t.is_boolean(b) else t.eq(t.number_of(a), t.number_of(b))


def power(a: Term, exponent: Term) -> Term:
    """a to a constant rational exponent."""
    if exponent.op != "const":
        raise UntraceableError("pow: the exponent depends on the input; use a constant rational exponent")
    return t.power(a, exponent.value)


_UFUNCS: dict[str, Callable[[Any, Any], Any]] = {
    "add": lambda a, b: binary(t.add, a, b),
    "subtract": lambda a, b: binary(t.sub, a, b),
    "multiply": lambda a, b: binary(t.mul, a, b),
    "divide": lambda a, b: binary(t.div, a, b, DType.REAL),
    "power": lambda a, b: binary(power, a, b),
    "less": lambda a, b: binary(t.lt, a, b, DType.BOOLEAN),
    "less_equal": lambda a, b: binary(t.le, a, b, DType.BOOLEAN),
    "greater": lambda a, b: binary(t.lt, b, a, DType.BOOLEAN),
    "greater_equal": lambda a, b: binary(t.le, b, a, DType.BOOLEAN),
    "equal": lambda a, b: binary(equal, a, b, DType.BOOLEAN),
}
