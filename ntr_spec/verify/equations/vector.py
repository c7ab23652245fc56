"""Arrays that stand for a whole point, of no particular shape: what a method does to them is its update equation.

A :class:`Vector` can be added, scaled by a :class:`Scalar` and handed to an opaque function; it keeps the order in
which it was done. Everything else that an array can do raises :class:`~ntr_spec.errors.UntraceableError`.
"""

from __future__ import annotations

import dataclasses
import math
import numbers
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import sympy as sp

from ntr_spec.arrays import simplest_rational
from ntr_spec.errors import UntraceableError

Expr = Any


@dataclasses.dataclass(frozen=True)
class Name:
    """A point known by its name."""

    name: str


@dataclasses.dataclass(frozen=True)
class Combination:
    """Σ cᵢvᵢ, in the order in which it was written; no terms make zero."""

    terms: tuple[tuple[Expr, Vector], ...]


@dataclasses.dataclass(frozen=True)
class Application:
    """A function of points and numbers about which nothing is known."""

    function: str
    points: tuple[Vector, ...]
    numbers: tuple[Expr, ...] = ()


class _Array:
    """What both kinds have in common with arrays of no axes."""

    __slots__ = ()

    shape: tuple[int, ...] = ()
    ndim = 0
    dtype = "real"
    device = "exact"

    def __array_namespace__(self, api_version: str | None = None) -> Any:
        return NAMESPACE

    def __bool__(self) -> bool:
        raise UntraceableError("equations: update asks for the truth of a symbol; choose with xp.where, or by settings")

    def __float__(self) -> float:
        raise UntraceableError("equations: update asks for the value of a symbol; keep to operations on arrays")


class Scalar(_Array):
    """A number: a SymPy expression in the method's settings and the count of steps."""

    __slots__ = ("expression",)

    def __init__(self, expression: Expr) -> None:
        self.expression = expression

    def __add__(self, other: Any) -> Any:
        return self._with(other, lambda a, b: a + b)

    def __sub__(self, other: Any) -> Any:
        return self._with(other, lambda a, b: a - b)

    def __mul__(self, other: Any) -> Any:
        return self._with(other, lambda a, b: a * b)

    def __truediv__(self, other: Any) -> Any:
        return self._with(other, lambda a, b: a / b)

    def __pow__(self, other: Any) -> Any:
        return self._with(other, lambda a, b: a**b)

    def __radd__(self, other: Any) -> Any:
        return self._with(other, lambda a, b: b + a)

    def __rsub__(self, other: Any) -> Any:
        return self._with(other, lambda a, b: b - a)

    def __rmul__(self, other: Any) -> Any:
        return self._with(other, lambda a, b: b * a)

    def __rtruediv__(self, other: Any) -> Any:
        return self._with(other, lambda a, b: b / a)

    def __rpow__(self, other: Any) -> Any:
        return self._with(other, lambda a, b: b**a)

    def __neg__(self) -> Scalar:
        return Scalar(-self.expression)

    def _with(self, other: Any, function: Any) -> Any:
        number = as_number(other)
        return NotImplemented if number is None else Scalar(function(self.expression, number))

    def __eq__(self, other: object) -> Any:
        return self._decided(sp.Eq, other)

    def __lt__(self, other: Any) -> Any:
        return self._decided(sp.Lt, other)

    def __le__(self, other: Any) -> Any:
        return self._decided(sp.Le, other)

    def __gt__(self, other: Any) -> Any:
        return self._decided(sp.Gt, other)

    def __ge__(self, other: Any) -> Any:
        return self._decided(sp.Ge, other)

    def __hash__(self) -> int:
        return hash(self.expression)

    def _decided(self, relation: Any, other: Any) -> Any:
        number = as_number(other)
        if number is None:
            return NotImplemented
        decided = relation(self.expression, number)
        if decided not in (sp.true, sp.false):
            raise UntraceableError(f"equations: update branches on whether {decided}; use xp.where")
        return bool(decided)


@numbers.Integral.register
class Count(Scalar):
    """A count of steps that passes for a Python integer, so that code for integers runs on it."""

    __slots__ = ()


class Vector(_Array):
    """A point, however it came about."""

    __slots__ = ("form",)

    form: Name | Combination | Application

    def __init__(self, form: Name | Combination | Application) -> None:
        self.form = form

    def __add__(self, other: Any) -> Vector:
        return (
            Vector(Combination(((sp.S.One, self), (sp.S.One, other)))) if isinstance(other, Vector) else _refuse(other)
        )

    def __sub__(self, other: Any) -> Vector:
        return self + -other if isinstance(other, Vector) else _refuse(other)

    def __neg__(self) -> Vector:
        return self * -1

    def __mul__(self, other: Any) -> Vector:
        number = as_number(other)
        return _refuse(other) if number is None else Vector(Combination(((number, self),)))

    def __truediv__(self, other: Any) -> Vector:
        number = as_number(other)
        return _refuse(other) if number is None else Vector(Combination(((1 / number, self),)))

    __rmul__ = __mul__


def _refuse(other: Any) -> Any:
    kind = "another point" if isinstance(other, Vector) else type(other).__name__
    raise UntraceableError(
        f"equations: update combines a point with {kind} entry by entry; equations are known for linear combinations, "
        "LMOs and trust-region steps"
    )


def as_number(value: Any) -> Expr | None:
    """A scalar or a Python number as an exact expression; None for anything else."""
    if isinstance(value, Scalar):
        return value.expression
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        return None
    fraction = simplest_rational(float(value))
    return sp.Rational(fraction.numerator, fraction.denominator)


class _Namespace:
    """The few functions of the array API that make sense for points without entries."""

    exact = True
    __name__ = "whole points"

    def asarray(self, value: Any, /, **_: Any) -> Any:
        number = as_number(value)
        return value if number is None else Scalar(number)

    def astype(self, x: Any, dtype: Any, /, **_: Any) -> Any:
        return x

    def reshape(self, x: Any, shape: Any, /, **_: Any) -> Any:
        return x

    def where(self, condition: Any, a: Any, b: Any, /) -> Any:
        if isinstance(condition, bool):  # a comparison of numbers, which is decided at once
            return self.asarray(a if condition else b)
        raise UntraceableError("equations: update chooses entry by entry with xp.where; equations are for whole points")

    def zeros_like(self, x: Vector, /, **_: Any) -> Vector:
        return Vector(Combination(()))

    def isdtype(self, dtype: Any, kind: Any) -> bool:
        return "real floating" in kind or "numeric" in kind

    def finfo(self, dtype: Any) -> Any:
        return SimpleNamespace(eps=0.0, smallest_normal=0.0, max=math.inf)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise UntraceableError(
            f"equations: update calls xp.{name} on points as a whole; equations are known for linear combinations, "
            "LMOs and trust-region steps"
        )


NAMESPACE = _Namespace()


def named(x: Vector, names: Mapping[int, Vector]) -> Vector:
    """The same point with the parts that have names (by their ``id``) replaced, and nested sums opened."""
    if id(x) in names:
        return names[id(x)]
    return opened(x, names)


def opened(x: Vector, names: Mapping[int, Vector]) -> Vector:
    """As :func:`named`, but x itself is written out."""
    form = x.form
    if isinstance(form, Name):
        return x
    if isinstance(form, Application):
        return Vector(Application(form.function, tuple(named(p, names) for p in form.points), form.numbers))
    terms: list[tuple[Expr, Vector]] = []
    for factor, part in form.terms:
        inner = named(part, names)
        if factor == 0:
            continue
        if isinstance(inner.form, Combination) and (factor == 1 or len(inner.form.terms) <= 1):
            terms += [(factor * c, v) for c, v in inner.form.terms]
        else:
            terms.append((factor, inner))
    if len(terms) == 1 and terms[0][0] == 1:
        return terms[0][1]
    return Vector(Combination(tuple(terms)))


def to_sympy(x: Vector) -> Expr:
    """The point as an expression in symbols for points, scalars and applied functions."""
    form = x.form
    if isinstance(form, Name):
        return sp.Symbol(form.name)
    if isinstance(form, Application):
        return sp.Function(form.function)(*(to_sympy(p) for p in form.points), *form.numbers)
    return sp.Add(*(factor * to_sympy(part) for factor, part in form.terms))
