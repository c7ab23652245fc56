"""Arrays of unspecified length, as hooks see them: vectors given pattern by pattern, scalars, an index, a length.

They obey the array API as far as the ℓ_p hooks and most elementwise ones need; anything else is an
:class:`~ntr_spec.errors.UntraceableError`, and then nothing is claimed.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any, final

import sympy as sp

from ntr_spec.arrays import simplest_rational
from ntr_spec.errors import UntraceableError
from ntr_spec.verify.generic.pattern import Pattern
from ntr_spec.verify.generic.trace import CURRENT, Index

Expr = Any
REAL, BOOLEAN, INTEGER = "real", "bool", "integer"


def number(value: Any) -> Expr:
    """A Python number as an exact one; floats are read as their author meant them."""
    if isinstance(value, bool):
        return sp.S.One if value else sp.S.Zero
    if isinstance(value, int):
        return sp.Integer(value)
    if isinstance(value, float):
        try:
            found = simplest_rational(value)
        except (ValueError, OverflowError):
            return sp.nan
        return sp.Rational(found.numerator, found.denominator)
    if isinstance(value, Fraction):
        return sp.Rational(value.numerator, value.denominator)
    raise UntraceableError(f"{type(value).__name__} is not a number that can be traced at generic length")


@final
class Length:
    """The unspecified number n of entries. It can be handed on but not looked at.

    One look is allowed, whether n is 1: the answer is no, and remembered, so that n = 1 is proved apart.
    """

    def __init__(self) -> None:
        self.more_than_one = False

    def _peek(self, *_: Any) -> Any:
        raise UntraceableError("the hook looked at the number of entries, which is unspecified here")

    # ``isinstance(n, int)`` is true of every real length, and reads this.
    __class__ = property(_peek)

    __int__ = __index__ = __float__ = __bool__ = _peek
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = __pow__ = _peek
    __hash__ = __str__ = __format__ = _peek  # a table by length, or by the text of one, would miss every entry

    def _at_least(self, bound: Any) -> bool:
        if type(bound) is not int or bound > 2:
            self._peek()
        self.more_than_one = self.more_than_one or bound == 2
        return True

    def __ge__(self, other: Any) -> bool:
        return self._at_least(other)

    def __gt__(self, other: Any) -> bool:
        return self._at_least(other + 1)

    def __lt__(self, other: Any) -> bool:
        return not self._at_least(other)

    def __le__(self, other: Any) -> bool:
        return not self._at_least(other + 1)

    def __eq__(self, other: object) -> bool:
        if other is self:
            return True
        return not self._at_least(other + 1 if type(other) is int else None)


class Formal:
    """What vectors and scalars share: operators, and errors for what no symbol can do."""

    dtype: str
    device = "exact"

    def __array_namespace__(self, api_version: str | None = None) -> Any:
        from ntr_spec.verify.generic.namespace import NAMESPACE

        return NAMESPACE

    def _peek(self, *_: Any) -> Any:
        raise UntraceableError("the hook looked at a value, or used an operation that is not traced at generic length")

    __float__ = __int__ = __index__ = __iter__ = __array__ = __setitem__ = _peek
    __matmul__ = __rmatmul__ = __mod__ = __rmod__ = __floordiv__ = __rfloordiv__ = _peek
    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        self._peek()
        return False

    def __add__(self, other: Any) -> Any:
        return elementwise(lambda a, b: a + b, self, other)

    def __radd__(self, other: Any) -> Any:
        return elementwise(lambda a, b: a + b, other, self)

    def __sub__(self, other: Any) -> Any:
        return elementwise(lambda a, b: a - b, self, other)

    def __rsub__(self, other: Any) -> Any:
        return elementwise(lambda a, b: a - b, other, self)

    def __mul__(self, other: Any) -> Any:
        return elementwise(lambda a, b: a * b, self, other)

    def __rmul__(self, other: Any) -> Any:
        return elementwise(lambda a, b: a * b, other, self)

    def __truediv__(self, other: Any) -> Any:
        return signed(lambda a, b, sign: a / b if sign(b) else sp.nan, self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return signed(lambda a, b, sign: a / b if sign(b) else sp.nan, other, self)

    def __pow__(self, other: Any) -> Any:
        return power(self, other)

    def __rpow__(self, other: Any) -> Any:
        return power(other, self)

    def __neg__(self) -> Any:
        return elementwise(lambda a: -a, self)

    def __pos__(self) -> Any:
        return self

    def __abs__(self) -> Any:
        return signed(lambda a, sign: a * sign(a), self)

    def __lt__(self, other: Any) -> Any:
        return compare(lambda s: s < 0, self, other)

    def __le__(self, other: Any) -> Any:
        return compare(lambda s: s <= 0, self, other)

    def __gt__(self, other: Any) -> Any:
        return compare(lambda s: s > 0, self, other)

    def __ge__(self, other: Any) -> Any:
        return compare(lambda s: s >= 0, self, other)

    def __eq__(self, other: Any) -> Any:
        return compare(lambda s: s == 0, self, other)

    def __ne__(self, other: Any) -> Any:
        return compare(lambda s: s != 0, self, other)

    def __and__(self, other: Any) -> Any:
        return elementwise(lambda a, b: a * b, self, other, dtype=BOOLEAN)

    def __or__(self, other: Any) -> Any:
        return elementwise(lambda a, b: a + b - a * b, self, other, dtype=BOOLEAN)

    def __invert__(self) -> Any:
        return elementwise(lambda a: 1 - a, self, dtype=BOOLEAN)


@final
class Scalar(Formal):
    """One number: 0-d, or of shape (1,) where a reduction kept its axis."""

    def __init__(self, value: Expr, ndim: int = 0, dtype: str = REAL, index: Index | None = None) -> None:
        self.value = sp.sympify(value)
        self.ndim = ndim
        self.dtype = dtype
        self.index = index

    @property
    def shape(self) -> tuple[int, ...]:
        """() or (1,)."""
        return (1,) * self.ndim

    @property
    def size(self) -> int:
        """One entry."""
        return 1

    def __repr__(self) -> str:
        return f"Scalar({self.value})"


@final
class Vector(Formal):
    """n numbers: an expression on each pattern, with at most one entry that differs from its pattern's.

    Attributes:
        values: the entry on each pattern.
        point: an index and the entry there, or None.
        order: names the permutation in which the entries stand; vectors of different orders do not mix.
    """

    def __init__(
        self,
        values: dict[Pattern, Expr],
        length: Any,
        point: tuple[Index, Expr] | None = None,
        dtype: str = REAL,
        order: str = "",
    ) -> None:
        self.values = values
        self.length = length
        self.point = point
        self.dtype = dtype
        self.order = order
        self.ndim = 1

    @property
    def shape(self) -> tuple[Any, ...]:
        """(n,)."""
        return (self.length,)

    @property
    def size(self) -> Any:
        """n."""
        return self.length

    def at(self, index: Index) -> Expr:
        """Entry j."""
        if self.point is not None:
            if self.point[0] is not index:
                raise UntraceableError("two selected entries may or may not be the same one")
            return self.point[1]
        return index.value(self.values)

    def __getitem__(self, key: Any) -> Any:
        pieces = {"None:1": "head", "1:None": "tail", "None:2": "pair", "2:None": "rest"}
        if isinstance(key, tuple) and len(key) == 1:
            key = key[0]
        if isinstance(key, slice) and key.step in (None, 1) and not self.order and self.point is None:
            found = "whole" if self.length == 1 else pieces.get(f"{key.start or None}:{key.stop}")
            if found is not None:
                return Piece(self, found)
        raise UntraceableError("entries were picked by position, which is not traced at generic length")


@final
class Positions(Formal):
    """``arange(n)``: comparing it with a selected index marks that entry."""

    dtype = INTEGER
    ndim = 1

    def __init__(self, length: Any) -> None:
        self.length = length
        self.shape = (length,)

    def __eq__(self, other: Any) -> Any:
        if isinstance(other, Scalar) and other.index is not None:
            zero = dict.fromkeys(CURRENT.get().patterns, sp.S.Zero)
            return Vector(zero, self.length, (other.index, sp.S.One), BOOLEAN)
        return self._peek()

    def __ne__(self, other: Any) -> Any:
        return ~(self == other)


@final
class Piece:
    """A part of a vector, on its way into a permutation of it."""

    def __init__(self, vector: Vector, part: str) -> None:
        self.vector = vector
        self.part = part


def lift(value: Any) -> Any:
    """A number as a scalar; arrays as they are."""
    return value if isinstance(value, Formal) else Scalar(number(value))


def elementwise(function: Callable[..., Expr], *operands: Any, dtype: str | None = None) -> Any:
    """``function`` on every entry, scalars broadcast."""
    return _map(lambda *parts, sign: function(*parts), operands, dtype)


def signed(function: Callable[..., Expr], *operands: Any, dtype: str | None = None) -> Any:
    """As :func:`elementwise`, for functions that ask for signs: they get ``sign(e)`` as a last argument."""
    return _map(lambda *parts, sign: function(*parts, sign), operands, dtype)


def _map(function: Callable[..., Expr], operands: tuple[Any, ...], dtype: str | None) -> Any:
    trace = CURRENT.get()
    parts = [lift(o) for o in operands]
    if any(isinstance(p, Positions) or (isinstance(p, Scalar) and p.index is not None) for p in parts):
        raise UntraceableError("arithmetic on positions is not traced at generic length")
    kind = dtype or (REAL if any(p.dtype == REAL for p in parts) else parts[0].dtype)
    vectors = [p for p in parts if isinstance(p, Vector)]
    if not vectors:
        value = function(*(trace.clean(p.value) for p in parts), sign=trace.sign)
        return Scalar(value, max(p.ndim for p in parts), kind)
    orders = {v.order for v in vectors}
    constant = all(len({*v.values.values()}) == 1 and v.point is None for v in vectors)
    if len(orders) > 1 and not constant:
        raise UntraceableError("vectors in different orders were combined")
    values = {}
    for pattern in trace.patterns:
        entries = [trace.clean(p.values[pattern] if isinstance(p, Vector) else p.value) for p in parts]
        values[pattern] = sp.sympify(function(*entries, sign=lambda e, at=pattern: trace.entry_sign(e, at)))
    marked = {id(v.point[0]): v.point[0] for v in vectors if v.point is not None}
    if len(marked) > 1:
        raise UntraceableError("two selected entries may or may not be the same one")
    point = None
    for index in marked.values():
        entries = [trace.clean(p.at(index) if isinstance(p, Vector) else p.value) for p in parts]
        point = (index, sp.sympify(function(*entries, sign=trace.sign)))
    return Vector(values, vectors[0].length, point, kind, max(orders))


def compare(test: Callable[[int], bool], left: Any, right: Any) -> Any:
    """Truth values, 1 or 0, from the sign of the difference."""
    return signed(lambda a, b, sign: sp.S.One if test(sign(a - b)) else sp.S.Zero, left, right, dtype=BOOLEAN)


def power(base: Any, exponent: Any) -> Any:
    """A constant rational power."""
    found = lift(exponent)
    if not isinstance(found, Scalar) or not found.value.is_Rational:
        raise UntraceableError("an exponent depends on the input")
    e = found.value
    base = lift(base)
    if isinstance(base, Scalar):
        return Scalar(CURRENT.get().power(base.value, e), base.ndim)
    return signed(lambda a, sign: _entry_power(a, e, sign), base)


def _entry_power(entry: Expr, exponent: Expr, sign: Callable[[Expr], int]) -> Expr:
    if exponent.is_Integer and exponent >= 0:
        return entry**exponent
    found = sign(entry)
    if found == 0:
        return sp.S.Zero if exponent > 0 else sp.nan
    if found < 0 and not exponent.is_Integer:
        return sp.nan
    return sp.expand_power_base(sp.factor(entry) ** exponent)
