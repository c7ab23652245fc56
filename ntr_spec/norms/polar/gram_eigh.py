"""``GramEigh``: the polar factor from the eigenvalues of the Gram matrix, which is cheap and knows small σ badly.

With XXᵀ = QΛQᵀ the factor is Q·Λ^(−1/2)·Qᵀ·X. The Gram matrix is known up to an error E, so that singular values below
√‖E‖, that is about √eps·σ₁, are noise. Λ + ε with ε ≥ 2‖E‖₂ keeps the first factor V₀ from growing: V₀V₀ᵀ ⪯ (XXᵀ + ε)⁻¹
applied to XXᵀ + E; and a Newton–Schulz step on V₀ itself, which needs only ‖V₀‖₂ ≤ √3, makes it feasible and squares
what E and ε did to it.

**Certificate.** Σσᵢ(X) ≤ (⟨X, P⁻¹X⟩ + tr P)/2 for any positive definite P, by the inequality of arithmetic and
geometric means. With P = Q·(Λ + ε)^(1/2)·Qᵀ, P⁻¹X is V₀, and the bound is off by no more than the square of V₀'s own
error, however wrong Λ may be. It costs one inner product, which rounding moves by up to eps·λ₁/√(λ_min + ε): that is
added to δ.

Reference: Higham, *Functions of Matrices*, 8.4 and 8.9.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any, final

from ntr_spec.arrays import Namespace, lapack, rounding
from ntr_spec.arrays.products import product_eps
from ntr_spec.arrays.reading import free_to_read
from ntr_spec.arrays.sums import dots
from ntr_spec.arrays.symmetric import gram
from ntr_spec.errors import InputError
from ntr_spec.norms.polar.base import Certified, Polar
from ntr_spec.norms.polar.lying import CUBIC, enter, leave, narrowed, poisoned, polished
from ntr_spec.norms.polar.measured import SAFE, maps, product_error
from ntr_spec.norms.polar.svd import SVD

Array = Any

# ⟨X, V₀⟩ and ⟨X, V⟩ are off, beside what is measured, by no more than these many eps of √r‖X‖_F; and of
# λ₁/√(λ_min + ε), because rounding of Q·(Λ + ε)^(−1/2)·Qᵀ lets the largest of its eigenvalues into the direction of the
# largest singular value.
_UNITS = 4.0


@final
@dataclasses.dataclass(frozen=True, repr=False)
class GramEigh(Polar):
    """Q·Λ^(−1/2)·Qᵀ·X with XXᵀ = QΛQᵀ (of the smaller side), and a Newton–Schulz step that mends it.

    Much cheaper than an SVD, the more so the longer the matrix. Singular values below about √eps·σ₁ are lost in the
    rounding of XXᵀ. Where reading a value is free (NumPy, torch on the CPU), matrices that lose more than √eps of Σσᵢ
    by that go to the fallback, each on its own; elsewhere they stay, and the certificate says what they lost.

    Args:
        fallback: another solver for ill-conditioned matrices; None forbids it.

    Raises:
        InputError: ``fallback`` is not a solver; or, when run where reading a value is free, a matrix is too
            ill-conditioned and there is no fallback.

    >>> import numpy as np
    >>> from ntr_spec.arrays import namespace_of
    >>> x = np.array([[3.0, 0.0], [0.0, -4.0]])
    >>> np.round(GramEigh().factor(x, namespace_of(x)), 12).tolist()
    [[1.0, 0.0], [0.0, -1.0]]
    >>> x = np.array([[3.0, 0.0], [0.0, -4e-12]])
    >>> GramEigh().certified(x, namespace_of(x)).solver
    'SVD()'
    """

    fallback: Polar | None = SVD()  # noqa: RUF009 (immutable)

    def __post_init__(self) -> None:
        if self.fallback is not None and not isinstance(self.fallback, Polar):
            raise InputError(
                f"GramEigh: expected a solver as fallback, got {self.fallback!r}; pass one such as SVD(), or None"
            )

    def factor(self, x: Array, xp: Namespace) -> Array:
        """The factor, by the fallback where it must be."""
        y, _ = _entered(x, xp)
        q, root, bad = self._decomposed(y, xp)
        if bad is None:
            return leave(_found(y, q, root, x, xp)[0], x, xp)
        assert self.fallback is not None  # or there would have been an error
        if bool(xp.all(bad)):
            return self.fallback.factor(x, xp)
        factor = leave(_found(y, q, root, x, xp)[0], x, xp)
        return _replaced(factor, bad, self.fallback.factor(_chosen(x, bad, xp), xp), xp)

    def certified(self, x: Array, xp: Namespace) -> Certified:
        """δ = 1 − ⟨X, O⟩/U, with an upper bound U of Σσᵢ from the first factor, and room for rounding."""
        y, square = _entered(x, xp)
        q, root, bad = self._decomposed(y, xp)
        if bad is not None and bool(xp.all(bad)):
            assert self.fallback is not None  # as above
            return _because(self.fallback.certified(x, xp), _reason(bad, y, xp))
        v, start, w, less = _found(y, q, root, x, xp)
        factor, reached = leave(v, x, xp), dots(y, v, xp)
        bound = xp.maximum((dots(y, start, xp) + xp.sum(root, axis=-1)) / 2, reached * (1.0 + less))
        bound = xp.where(square == 0, xp.ones_like(bound), bound)
        spread = y.shape[-2] ** 0.5 * xp.sqrt(square)
        spread = spread + root[..., -1] ** 2 / xp.where(root[..., 0] == 0, xp.ones_like(bound), root[..., 0])
        lost = SAFE * product_error(maps(start, False, xp), w, maps(y, False, xp), xp)
        delta = 1.0 - reached / bound + lost / 2.0 + _UNITS * product_eps(y, xp) * (1.0 + spread / bound)
        delta = xp.where(square == 0, square, narrowed(delta, y, v, factor, xp))
        if bad is None:
            return Certified(factor, delta, repr(self))
        assert self.fallback is not None  # as above
        other = self.fallback.certified(_chosen(x, bad, xp), xp)
        both = dataclasses.replace(
            _because(other, _reason(bad, y, xp)),
            factor=_replaced(factor, bad, other.factor, xp),
            delta=_replaced(delta, bad, other.delta, xp),
        )
        return dataclasses.replace(both, solver=repr(self), also=(other.solver, *other.also))

    def _decomposed(self, y: Array, xp: Namespace) -> tuple[Array, Array, Array | None]:
        """Q, (Λ + ε)^(1/2), and which matrices need the fallback: None if no one does, or no one may ask."""
        values, q = lapack.eigh(gram(y, False, xp), xp)
        values = xp.maximum(values, 0 * values)
        total = xp.sum(values, axis=-1, keepdims=True)
        eps = product_eps(y, xp)
        shift = 2.0 * rounding(eps, y.shape[-2]) * xp.sqrt(values[..., -1:] * total)
        root = xp.sqrt(values + shift)
        if not free_to_read(y, xp):
            return q, root, None
        # Σσ and the upper bound of the certificate differ by half of this, relative to Σσ.
        safe = xp.where(root == 0, xp.ones_like(root), root)
        lost = xp.sum(root * (shift / (safe * safe)) ** 2, axis=-1) / xp.sum(safe, axis=-1)
        bad = lost > 2.0 * eps**0.5
        if not bool(xp.any(bad)):
            return q, root, None
        if self.fallback is None:
            raise InputError(
                f"GramEigh: {_reason(bad, y, xp).removeprefix('GramEigh: ')}; take SVD() or QDWH(), "
                "or allow one as fallback"
            )
        return q, root, bad


def _entered(x: Array, xp: Namespace) -> tuple[Array, Array]:
    """enter(x), with NaN for infinity, and ‖x‖_F²."""
    y = enter(x, xp)
    square = dots(y, y, xp)
    return poisoned(y, square, xp), square


def _found(y: Array, q: Array, root: Array, x: Array, xp: Namespace) -> tuple[Array, Array, Array, Array]:
    """The factor of y = enter(x), V₀ = W·y and W, and what the factor may have lost."""
    inverse = 1.0 / xp.where(root == 0, xp.ones_like(root), root)
    w = xp.matmul(q * inverse[..., None, :], xp.matrix_transpose(q))
    start = xp.matmul(w, y)
    v, less = polished(start, CUBIC, x, xp)
    return v, start, w, less


def _reason(bad: Array, y: Array, xp: Namespace) -> str:
    """Why matrices went to the fallback, in words."""
    share = product_eps(y, xp) ** 0.5
    count, total = int(xp.sum(xp.astype(bad, xp.int64))), math.prod(bad.shape)
    who = "the matrix" if not bad.shape else f"{count} of {total} matrices"
    return f"GramEigh: rounding of its Gram matrix hides more than {share:.0e} of the singular values of {who}"


def _because(found: Certified, reason: str) -> Certified:
    """A fallback's certificate, with the reason why it was asked."""
    return dataclasses.replace(found, fallback=f"{reason}; {found.fallback}" if found.fallback else reason)


def _chosen(x: Array, bad: Array, xp: Namespace) -> Array:
    """The bad matrices of a stack, stacked along one axis; only where values may be read."""
    return xp.reshape(x, (-1, *x.shape[-2:]))[xp.reshape(bad, (-1,))]


def _replaced(found: Array, bad: Array, others: Array, xp: Namespace) -> Array:
    """``found`` (one number or matrix for each matrix of the stack) with those of the bad ones exchanged."""
    shape = found.shape
    flat = xp.asarray(xp.reshape(found, (-1, *shape[bad.ndim :])), copy=True)
    flat[xp.reshape(bad, (-1,))] = others
    return xp.reshape(flat, shape)
