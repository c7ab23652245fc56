"""The array-API namespace that hooks receive: the library's own, with its known faults mended.

A hook written plainly must not be blamed for its library. What is mended, and why:

* ``sign(nan)`` is 0 on torch and CuPy; here it is NaN.
* ``linalg`` raises on bad matrices in NumPy and torch and returns garbage in CuPy; here they become NaN, decided
  without a host synchronisation (:mod:`ntr_spec.arrays.decompositions`).
* ``matmul`` of JAX rounds float32 to TF32 or bfloat16 on its accelerators unless told not to; here it is told.

Namespaces are found with array-api-compat (CuPy arrays have no ``__array_namespace__``) and remembered
per array type, because finding one costs more than a small norm.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from typing import Any

from ntr_spec.arrays.decompositions import Decompositions
from ntr_spec.arrays.fused import SIGN
from ntr_spec.errors import DTypeError, InputError
from ntr_spec.trees import Tree, is_container, leaves

Array = Any

_COARSEST = 2.0**-7  # that of bfloat16


@dataclasses.dataclass(frozen=True)
class Limits:
    """What a floating dtype of one library can hold, as Python floats.

    Attributes:
        eps: distance from 1 to the next number.
        smallest: the smallest positive number that arithmetic keeps: subnormal, except that XLA flushes those to zero,
            and CuPy those of float32, as it compiles every kernel with ``-ftz=true``.
        largest_divisor: the largest number to divide by: the largest finite one, but for XLA, which multiplies with the
            reciprocal and flushes that to zero if it is subnormal.
        max: the largest finite number.
    """

    eps: float
    smallest: float
    largest_divisor: float
    max: float


class Namespace:
    """One library's array API, mended. Attribute access falls through to the library.

    Attributes:
        exact: True when numbers are exact (the symbolic namespace), so that scaling against
            overflow is neither needed nor wanted.
        name: the library's short name, such as ``"numpy"``.
        certificates: None; in a copy made by :meth:`certifying`, a list to which solvers add what they certify.
    """

    exact: bool
    name: str
    sign: Any
    matmul: Any
    linalg: Any
    certificates: list[Any] | None = None

    def __init__(self, base: Any) -> None:
        self._base = base
        self.exact = bool(getattr(base, "exact", False))
        self.name = _short_name(base)
        self._limits: dict[Any, Limits | None] = {}
        if self.exact:
            return
        if self.name == "torch":
            self.sign = self._sign
        elif self.name == "cupy":
            self.sign = functools.partial(SIGN, base)
        elif self.name == "numpy":
            import numpy as np

            self.sign = np.sign  # without array-api-compat's wrapper, which is there for complex numbers
        elif self.name == "jax":
            self.matmul = functools.partial(base.matmul, precision="highest")
        self.linalg = Decompositions(base, self.name, self._eps)

    def __getattr__(self, name: str) -> Any:
        # Only reached for names not yet stored on the instance; storing makes the next access plain.
        value = getattr(self._base, name)
        setattr(self, name, value)
        return value

    def __repr__(self) -> str:
        return f"Namespace({self.name})"

    def certifying(self) -> Namespace:
        """A copy that asks solvers for certificates, and collects them.

        It goes to hooks in place of the namespace itself, so that every solver that a hook calls, at whatever depth,
        is asked, and nothing is kept anywhere else.
        """
        found = object.__new__(Namespace)
        found.__dict__.update(self.__dict__)
        found.certificates = []
        return found

    def same_library(self, other: Namespace) -> bool:
        """Whether two namespaces belong to one library."""
        return self._base is other._base

    def limits(self, dtype: Any) -> Limits | None:
        """The limits of a real floating dtype, or None for any other; remembered, as libraries are slow to tell."""
        try:
            return self._limits[dtype]
        except KeyError:
            found = self._limits[dtype] = self._find_limits(dtype)
            return found

    def _find_limits(self, dtype: Any) -> Limits | None:
        base = self._base
        try:
            if not base.isdtype(dtype, "real floating"):
                return None
        except (TypeError, ValueError):
            return None
        info = base.finfo(dtype)
        eps, normal, largest = float(info.eps), float(info.smallest_normal), float(info.max)
        if math.isinf(largest) and not self.exact:  # wider than a Python float: NumPy's longdouble
            return None
        if eps > _COARSEST:  # eight bits, which libraries store but do not compute with
            return None
        if self.name == "jax":
            return Limits(eps, normal, 1 / normal, largest)
        if self.name == "cupy" and dtype == base.float32:
            return Limits(eps, normal, largest, largest)
        return Limits(eps, normal * eps, largest, largest)

    def _eps(self, dtype: Any) -> float:
        limits = self.limits(dtype)
        return 0.0 if limits is None else limits.eps

    def _sign(self, x: Array) -> Array:
        base = self._base
        return base.where(base.isnan(x), x, base.sign(x))


def _short_name(base: Any) -> str:
    """``array_api_compat.torch`` → ``torch``; ``jax.numpy`` → ``jax``; ``array_api_strict`` stays."""
    full = str(getattr(base, "__name__", type(base).__name__))
    return full.removeprefix("array_api_compat.").removesuffix(".numpy")


@functools.cache
def _wrap(base: Any) -> Namespace:
    return Namespace(base)


# A memo, not a registry: what it holds is a pure function of the key.
_KNOWN: dict[type, Namespace] = {}


def namespace_of(x: Array) -> Namespace:
    """The mended namespace of an array of a known library.

    Raises:
        TypeError: ``x`` is not an array of a library that array-api-compat knows.

    >>> import numpy as np
    >>> namespace_of(np.ones(3))
    Namespace(numpy)
    """
    try:
        return _KNOWN[type(x)]
    except KeyError:
        import array_api_compat

        if type(x).__name__ in ("matrix", "MaskedArray"):  # NumPy's subclasses for which * or sums mean other things
            raise TypeError(f"{type(x).__name__} is not a plain array") from None
        found = _KNOWN[type(x)] = _wrap(array_api_compat.array_namespace(x))
        return found


def device_of(x: Array) -> Any:
    """Where an array lies, for the functions that make new ones beside it; None under JAX's transformations.

    >>> import numpy as np
    >>> device_of(np.ones(3))
    'cpu'
    """
    try:
        return x.device
    except AttributeError:  # JAX tracers have no device
        return None


def admit(subject: str, point: Tree) -> Namespace:
    """The namespace of a point, once it is known to be one: floating, not empty, one library and device.

    Args:
        subject: who asks, for the error message, such as ``"L1.lmo"``.
        point: an array or a pytree of arrays.

    Raises:
        DTypeError: a leaf is not a real floating array.
        InputError: a leaf is empty, or leaves differ in library or device.
    """
    if not is_container(point):
        return _admit_leaf(subject, point)
    found = leaves(point)
    if not found:
        raise InputError(f"{subject}: expected at least one block, got an empty {type(point).__name__}")
    if all(isinstance(leaf, int | float) for leaf in found):  # a list of numbers, rather than a pytree of arrays
        raise DTypeError(
            f"{subject}: expected an array, got {type(point).__name__}; convert it with numpy.asarray(x, dtype=float)"
        )
    namespaces = [_admit_leaf(subject, leaf) for leaf in found]
    first = namespaces[0]
    for other in namespaces[1:]:
        if other is not first:
            raise InputError(
                f"{subject}: blocks come from {first.name} and {other.name}; convert all of them to one library"
            )
    devices = {str(leaf.device) for leaf in found} if first.name != "jax" else set()
    if len(devices) > 1:
        raise InputError(f"{subject}: blocks lie on {' and '.join(sorted(devices))}; move all of them to one device")
    return first


def _admit_leaf(subject: str, x: Array) -> Namespace:
    try:
        xp = _KNOWN.get(type(x)) or namespace_of(x)
    except TypeError:
        raise DTypeError(
            f"{subject}: expected an array, got {type(x).__name__}; convert it with numpy.asarray(x, dtype=float)"
        ) from None
    dtype = x.dtype
    if xp.limits(dtype) is None:
        raise DTypeError(f"{subject}: expected a floating array, got {_dtype_name(dtype)}; {_cast_advice(xp, dtype)}")
    if 0 in x.shape:
        raise InputError(f"{subject}: expected at least one entry, got shape {tuple(x.shape)}; drop empty blocks")
    return xp


def _dtype_name(dtype: Any) -> str:
    return str(dtype).removeprefix("torch.").removeprefix("array_api_strict.")


def _cast_advice(xp: Namespace, dtype: Any) -> str:
    name = _dtype_name(dtype)
    if name.startswith("complex"):
        return "take x.real, or stack real and imaginary parts along a new axis"
    if name.startswith(("object", "str", "<U")):
        return "rows of unequal length make such arrays; build a rectangular one with dtype=float"
    if name.startswith(("float128", "longdouble", "float96")):
        return "cast with x.astype(float), as no other library has wider floats"
    return "cast with x.to(torch.float32)" if xp.name == "torch" else "cast with x.astype(float)"
