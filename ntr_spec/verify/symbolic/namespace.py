"""The array-API namespace of symbolic arrays: what a hook finds behind ``xp`` when it is traced.

Whatever is missing raises :class:`~ntr_spec.errors.UntraceableError`, naming the function and what to do. Reference:
array API 2024.12.
"""

from __future__ import annotations

import math
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

from ntr_spec.errors import UntraceableError
from ntr_spec.verify.symbolic import linalg, manipulation, ordering, reduction
from ntr_spec.verify.symbolic import term as t
from ntr_spec.verify.symbolic.array import (
    DType,
    SymbolicArray,
    _each,
    _join,
    as_array,
    binary,
    convert,
    equal,
    power,
    unary,
)
from ntr_spec.verify.symbolic.term import Term

_HALF = Fraction(1, 2)


def _real(function: Any) -> Any:
    return lambda x: unary(function, convert(as_array(x), DType.REAL))


def _plain(function: Any) -> Any:
    return lambda x: unary(function, as_array(x))


def _pair(function: Any, dtype: DType | None = None) -> Any:
    return lambda a, b: binary(function, a, b, dtype)


def _choose(condition: Any, a: Any, b: Any) -> SymbolicArray:
    condition, a, b = as_array(condition), as_array(a), as_array(b)
    kind = _join({a.dtype, b.dtype})
    function = t.choose if kind is DType.BOOLEAN else t.where
    return SymbolicArray(_each(function, condition.terms, convert(a, kind).terms, convert(b, kind).terms), kind)


def _clip(x: Any, /, min: Any = None, max: Any = None) -> SymbolicArray:
    result = as_array(x)
    for bound, function in ((min, t.maximum), (max, t.minimum)):
        if bound is None or (isinstance(bound, float) and math.isinf(bound)):
            continue
        result = binary(function, result, bound, result.dtype)
    return result


def _copysign(a: Term, b: Term) -> Term:
    size = t.absolute(a)
    return t.where(t.lt(b, t.ZERO), t.neg(size), size)  # exact numbers have no −0


# A comparison of x with itself is constant where x is defined, and undefined where it is not.
_FUNCTIONS: dict[str, Any] = {
    "abs": _plain(t.absolute),
    "sign": _plain(t.sign),
    "negative": _plain(t.neg),
    "positive": as_array,
    "square": _plain(lambda a: t.mul(a, a)),
    "sqrt": _real(lambda a: t.power(a, _HALF)),
    "reciprocal": _real(lambda a: t.div(t.ONE, a)),
    "isnan": lambda x: unary(lambda a: t.lt(a, a), as_array(x), DType.BOOLEAN),
    "isinf": lambda x: unary(lambda a: t.lt(a, a), as_array(x), DType.BOOLEAN),
    "isfinite": lambda x: unary(lambda a: t.le(a, a), as_array(x), DType.BOOLEAN),
    "signbit": lambda x: unary(lambda a: t.lt(a, t.ZERO), as_array(x), DType.BOOLEAN),
    "logical_not": lambda x: ~as_array(x),
    "add": _pair(t.add),
    "subtract": _pair(t.sub),
    "multiply": _pair(t.mul),
    "divide": _pair(t.div, DType.REAL),
    "pow": _pair(power),
    "maximum": _pair(t.maximum),
    "minimum": _pair(t.minimum),
    "copysign": _pair(_copysign),
    "hypot": _pair(lambda a, b: t.power(t.add(t.mul(a, a), t.mul(b, b)), _HALF)),
    "equal": _pair(equal, DType.BOOLEAN),
    "not_equal": _pair(lambda a, b: t.negation(equal(a, b)), DType.BOOLEAN),
    "less": _pair(t.lt, DType.BOOLEAN),
    "less_equal": _pair(t.le, DType.BOOLEAN),
    "greater": _pair(lambda a, b: t.lt(b, a), DType.BOOLEAN),
    "greater_equal": _pair(lambda a, b: t.le(b, a), DType.BOOLEAN),
    "logical_and": _pair(t.conjunction, DType.BOOLEAN),
    "logical_or": _pair(t.disjunction, DType.BOOLEAN),
    "logical_xor": _pair(t.exclusive, DType.BOOLEAN),
    "where": _choose,
    "clip": _clip,
    "sum": reduction.sum_,
    "prod": reduction.prod,
    "mean": reduction.mean,
    "max": reduction.max_,
    "min": reduction.min_,
    "all": reduction.all_,
    "any": reduction.any_,
    "count_nonzero": reduction.count_nonzero,
    "cumulative_sum": reduction.cumulative_sum,
    "matmul": linalg.matmul,
    "vecdot": linalg.vecdot,
    "tensordot": linalg.tensordot,
}
for _module, _names in (
    (ordering, "sort argsort argmax argmin take take_along_axis"),
    (
        manipulation,
        "asarray zeros ones full zeros_like ones_like full_like empty empty_like eye arange linspace tril triu concat "
        "stack unstack reshape permute_dims moveaxis matrix_transpose flip roll expand_dims squeeze broadcast_to "
        "broadcast_arrays repeat tile astype",
    ),
):
    for _name in _names.split():
        _FUNCTIONS[_name] = getattr(_module, _name)


class _Missing:
    """Names that are not traced raise, with the remedy."""

    _prefix = ""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        raise UntraceableError(
            f"xp.{self._prefix}{name} has no exact meaning on symbols; write the hook with "
            "+, ×, /, roots, abs, max, sort and where, or let the property engine test it"
        )


_LINALG = "matmul vecdot tensordot vector_norm matrix_norm inv solve det trace diagonal outer svd svdvals"


class _Linalg(_Missing):
    _prefix = "linalg."

    def __init__(self) -> None:
        for name in _LINALG.split():
            setattr(self, name, getattr(linalg, name))
        self.matrix_transpose = manipulation.matrix_transpose


class SymbolicNamespace(_Missing):
    """The functions, dtypes and constants; ``exact`` tells :mod:`ntr_spec.norms.apply` not to scale."""

    exact = True
    __name__ = "symbolic"
    __array_api_version__ = "2024.12"

    pi = math.pi
    e = math.e
    inf = math.inf
    nan = math.nan
    newaxis = None

    def __init__(self) -> None:
        for name, function in _FUNCTIONS.items():
            setattr(self, name, function)
        self.float32 = self.float64 = DType.REAL
        self.int8 = self.int16 = self.int32 = self.int64 = self.uint8 = DType.INTEGER
        self.bool = DType.BOOLEAN
        self.linalg = _Linalg()

    def isdtype(self, dtype: Any, kind: Any) -> bool:
        """Whether a dtype is of a kind such as ``"real floating"``."""
        if isinstance(kind, tuple):
            return any(self.isdtype(dtype, k) for k in kind)
        kinds: dict[Any, tuple[DType, ...]] = {
            "real floating": (DType.REAL,),
            "numeric": (DType.REAL, DType.INTEGER),
            "integral": (DType.INTEGER,),
            "signed integer": (DType.INTEGER,),
            "bool": (DType.BOOLEAN,),
        }
        return dtype is kind or dtype in kinds.get(kind, ())

    def result_type(self, *operands: Any) -> DType:
        """The dtype that combines the operands."""
        return _join({o if isinstance(o, DType) else as_array(o).dtype for o in operands})

    def finfo(self, dtype: Any) -> Any:
        """Exact arithmetic has no rounding and no range: eps 0, smallest number 0, largest infinite."""
        return SimpleNamespace(
            eps=0.0, smallest_normal=0.0, tiny=0.0, max=math.inf, min=-math.inf, bits=0, dtype=DType.REAL
        )

    def __repr__(self) -> str:
        return "SymbolicNamespace"


NAMESPACE = SymbolicNamespace()
