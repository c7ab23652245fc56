"""The ``linalg`` that hooks receive: the library's own, with one behaviour on bad matrices instead of five.

Libraries differ where a matrix has no decomposition to give: NumPy and torch raise, for a whole stack; JAX gives NaN;
CuPy gives whatever cuSOLVER left behind, because looking at its status would wait for the device. Here the matrix
itself becomes NaN and the others of its stack are untouched, decided without a value read on the host:

* a matrix with NaN or infinity in it is replaced by zeros before, and its results by NaN after;
* ``cholesky`` of a matrix that is not positive definite is NaN;
* what CuPy returns must keep the invariants that cost one pass to check: Σσᵢ² or Σλᵢ² is ‖X‖_F², a Cholesky factor's
  rows have the squared lengths of the diagonal. (A residual would cost a product; certificates measure more.)

LAPACK and cuSOLVER know no half precision; float16 and bfloat16 run in float32. On CuPy, too, ``solve`` broadcasts.

Reference: Python array API standard, extension ``linalg``; the CuPy manual's warning on ``cupyx.errstate(linalg=…)``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

Array = Any

# An invariant off by this share of itself is not rounding: cuSOLVER stopped before it was done.
_BROKEN = 1e-2


class Decompositions:
    """``xp.linalg``, mended. Attribute access falls through to the library.

    Args:
        base: the library's array-API namespace.
        name: its short name.
        eps: machine epsilon of a dtype.
    """

    def __init__(self, base: Any, name: str, eps: Callable[[Any], float]) -> None:
        self._base = base
        self._name = name
        self._eps = eps

    def __getattr__(self, name: str) -> Any:
        # Only reached for names not yet stored on the instance; storing makes the next access plain.
        value = getattr(self._base.linalg, name)
        setattr(self, name, value)
        return value

    def svd(self, x: Array, full_matrices: bool = True) -> tuple[Array, Array, Array]:
        """U, σ and Vᵀ with X = U·diag(σ)·Vᵀ."""
        clean, poison = self._clean(x)
        u, s, vh = self._base.linalg.svd(clean, full_matrices=full_matrices)
        u, s, vh = self._poisoned((u, s, vh), self._judged(poison, s, clean), x)
        return u, s, vh

    def svdvals(self, x: Array) -> Array:
        """σ, largest first."""
        clean, poison = self._clean(x)
        s = self._base.linalg.svdvals(clean)
        return self._poisoned((s,), self._judged(poison, s, clean), x)[0]

    def eigh(self, x: Array) -> tuple[Array, Array]:
        """λ, smallest first, and Q with X = Q·diag(λ)·Qᵀ, of a symmetric X."""
        clean, poison = self._clean(x)
        values, vectors = self._base.linalg.eigh(clean)
        values, vectors = self._poisoned((values, vectors), self._judged(poison, values, clean), x)
        return values, vectors

    def eigvalsh(self, x: Array) -> Array:
        """λ, smallest first, of a symmetric X."""
        clean, poison = self._clean(x)
        values = self._base.linalg.eigvalsh(clean)
        return self._poisoned((values,), self._judged(poison, values, clean), x)[0]

    def qr(self, x: Array, mode: str = "reduced") -> tuple[Array, Array]:
        """Q and R with X = Q·R."""
        clean, poison = self._clean(x)
        q, r = self._poisoned(self._base.linalg.qr(clean, mode=mode), poison, x)
        return q, r

    def cholesky(self, x: Array) -> Array:
        """L, lower triangular, with X = L·Lᵀ; NaN where X is not positive definite."""
        base = self._base
        wide = self._widened(x)
        good = self._finite(wide)
        unit = base.eye(x.shape[-1], dtype=wide.dtype, device=_device_of(wide))
        clean = base.where(good, wide, unit)
        factor = self._factor(clean)
        good = good & self._finite(factor)
        if self._name == "cupy":
            lengths, wanted = base.sum(factor * factor, axis=-1), base.linalg.diagonal(clean)
            kept = (base.linalg.diagonal(factor) > 0) & (base.abs(lengths - wanted) <= _BROKEN * wanted)
            good = good & base.all(kept, axis=-1)[..., None, None]
        return self._narrowed((factor + _poison(good, clean, base),), x)[0]

    def solve(self, a: Array, b: Array) -> Array:
        """X with A·X = B; leading axes broadcast."""
        base = self._base
        wide_a, wide_b = self._widened(a), self._widened(b)
        if self._name == "cupy" and b.ndim > 1:
            batch = base.broadcast_shapes(a.shape[:-2], b.shape[:-2])
            wide_a = base.broadcast_to(wide_a, batch + a.shape[-2:])
            wide_b = base.broadcast_to(wide_b, batch + b.shape[-2:])
        return self._narrowed((base.linalg.solve(wide_a, wide_b),), b)[0]

    def _factor(self, x: Array) -> Array:
        """The library's Cholesky factor; where there is none, something not finite or, on CuPy, garbage."""
        base = self._base
        if self._name == "torch":
            factor, info = base.linalg.cholesky_ex(x)
            return base.where((info == 0)[..., None, None], factor, math.nan)
        if self._name not in ("numpy", "array_api_strict"):
            return base.linalg.cholesky(x)
        from numpy.linalg import LinAlgError

        try:
            return base.linalg.cholesky(x)
        except LinAlgError:
            if x.ndim == 2:
                return base.full_like(x, math.nan)
        flat = base.reshape(x, (-1, *x.shape[-2:]))
        return base.reshape(base.stack([self._factor(flat[k, ...]) for k in range(flat.shape[0])]), x.shape)

    def _clean(self, x: Array) -> tuple[Array, Array | None]:
        """A stack of matrices with those that are not finite zeroed, and the 0-or-NaN to add to what is made of it.

        None stands for zeros where NumPy, in which a look costs nothing, finds that all are finite.
        """
        base = self._base
        wide = self._widened(x)
        if self._name == "numpy" and bool(base.all(base.isfinite(wide))):
            return wide, None
        good = self._finite(wide)
        return base.where(good, wide, base.zeros_like(wide)), _poison(good, wide, base)

    def _finite(self, x: Array) -> Array:
        return self._base.all(self._base.isfinite(x), axis=(-2, -1), keepdims=True)

    def _judged(self, poison: Array | None, spectrum: Array, x: Array) -> Array | None:
        """The poison, and NaN too for a matrix whose singular values or eigenvalues cannot be those that CuPy gave."""
        base = self._base
        if self._name != "cupy":
            return poison
        scale = base.max(base.abs(x), axis=(-2, -1), keepdims=True)
        scale = base.where(scale == 0, base.ones_like(scale), scale)
        unit, values = x / scale, spectrum / scale[..., 0]
        wanted = base.sum(unit * unit, axis=(-2, -1), keepdims=True)
        found = base.sum(values * values, axis=-1)[..., None, None]
        return poison + _poison(base.abs(found - wanted) <= _BROKEN * wanted, x, base)  # NaN is never <=

    def _poisoned(self, parts: tuple[Array, ...], poison: Array | None, like: Array) -> tuple[Array, ...]:
        """Parts of a decomposition, spoilt where they must be, in the dtype of the matrix."""
        if poison is not None:
            parts = tuple(part + (poison if part.ndim == like.ndim else poison[..., 0]) for part in parts)
        return self._narrowed(parts, like)

    def _widened(self, x: Array) -> Array:
        return self._base.astype(x, self._base.float32) if self._eps(x.dtype) > 1e-6 else x

    def _narrowed(self, parts: tuple[Array, ...], like: Array) -> tuple[Array, ...]:
        return tuple(part if part.dtype == like.dtype else self._base.astype(part, like.dtype) for part in parts)


def _poison(good: Array, x: Array, base: Any) -> Array:
    """0 where good, NaN elsewhere: one number per matrix, of x's dtype."""
    zero = base.zeros_like(x[..., :1, :1])
    return base.where(good, zero, zero + math.nan)


def _device_of(x: Array) -> Any:
    return getattr(x, "device", None)  # JAX tracers have none
