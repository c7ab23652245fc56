"""The Gram matrix on a matrix's shorter side, and upper bounds of its largest eigenvalue λ₁ = σ₁².

For the largest singular value nothing is lost by squaring: λ₁ comes out to a few units in the last place.

References: Parlett, *The Symmetric Eigenvalue Problem*, 10 and 11; Higham, *Accuracy and Stability*, chapter 10.
"""

from __future__ import annotations

import dataclasses
from typing import Any, final

from ntr_spec.arrays import Namespace
from ntr_spec.arrays.lapack import cholesky
from ntr_spec.arrays.reading import free_to_read
from ntr_spec.arrays.sums import dots, widened
from ntr_spec.arrays.symmetric import gram as product
from ntr_spec.arrays.symmetric import plus_diagonal
from ntr_spec.norms.leading.base import CertifiedPair, certify, room, slack, times_vector, unit

Array = Any


@final
@dataclasses.dataclass(frozen=True)
class Gram:
    """XᵀX or XXᵀ, whichever is smaller, over its Frobenius norm, and what turns its leading eigenvector into a pair.

    Attributes:
        x: X, in the precision that is computed with; zero in place of a matrix that is not finite.
        unit: the Gram matrix over its Frobenius norm; zero for X = 0.
        size: its Frobenius norm √Σσᵢ⁴, one number per matrix.
        poison: 0, or NaN for a matrix that is not finite.
        room: what a pair is shortened by (see :func:`~ntr_spec.norms.leading.base.room`).
        slack: what δ is given for rounding (see :func:`~ntr_spec.norms.leading.base.slack`).
    """

    x: Array
    unit: Array
    size: Array
    poison: Array
    room: float
    slack: float

    def certified(self, q: Array, top: Array, solver: str, xp: Namespace) -> CertifiedPair:
        """The pair of an approximate leading eigenvector q: q itself, and X·q or Xᵀ·q over its length.

        An error of q enters uᵀXv by its square. ``top`` is an upper bound of the eigenvalues of ``unit``.
        """
        tall = self.x.shape[-2] >= self.x.shape[-1]
        q = unit(q, xp)
        p = times_vector(self.x if tall else xp.matrix_transpose(self.x), q, xp)
        length = xp.sqrt(xp.sum(p * p, axis=-1))
        p = p * ((1 - self.room) / safe(length, xp))[..., None] + self.poison[..., None]
        q = q + self.poison[..., None]
        upper = xp.sqrt(self.size * top) + self.poison
        delta = certify((1 - self.room) * length, upper, self.slack, xp)
        return CertifiedPair(*((p, q) if tall else (q, p)), upper, delta, solver)


def gram(x: Array, xp: Namespace) -> Gram:
    """The Gram matrix of each matrix of a stack."""
    wide = widened(x, xp)
    good = xp.isfinite(frobenius(wide, xp))  # entries are at most 1, NaN or infinite
    if not (free_to_read(x, xp) and xp.all(good)):
        wide = xp.where(good[..., None, None], wide, xp.zeros_like(wide))
    g = product(wide, x.shape[-2] >= x.shape[-1], xp)
    size = frobenius(g, xp)
    poison = xp.where(good, xp.zeros_like(size), xp.full_like(size, float("nan")))
    return Gram(wide, g / safe(size, xp)[..., None, None], size, poison, room(x, xp), slack(x, xp))


def frobenius(a: Array, xp: Namespace) -> Array:
    """‖A‖_F of each matrix of a stack."""
    return xp.sqrt(dots(a, a, xp))


def safe(x: Array, xp: Namespace) -> Array:
    """x to divide by: 1 where it is zero."""
    return xp.where(x == 0, xp.ones_like(x), x)


def by_remainder(b: Array, size: Array, q: Array, xp: Namespace) -> Array:
    """An upper bound of λ₁(B), B symmetric with ‖B‖_F = size, from any unit vector q; never above ‖B‖_F.

    In an orthonormal basis that starts with q, B has ρ = qᵀBq, a column of length ‖r‖ with r = Bq − ρq, and a block C
    with ‖C‖_F² = ‖B‖_F² − ρ² − 2‖r‖². So λ₁(B) is at most the larger eigenvalue of [[ρ, ‖r‖], [‖r‖, ‖C‖_F]], and that
    at most its Frobenius norm, which is no more than ‖B‖_F.
    """
    w = times_vector(b, q, xp)
    rho = xp.sum(q * w, axis=-1)
    r = w - rho[..., None] * q
    r2 = xp.sum(r * r, axis=-1)
    c2 = size * size - rho * rho - 2 * r2
    c = xp.sqrt(xp.where(c2 < 0, xp.zeros_like(c2), c2))
    return (rho + c + xp.sqrt((rho - c) ** 2 + 4 * r2)) / 2


def by_shift(a: Array, shift: Array, xp: Namespace) -> Array:
    """An upper bound of λ₁(A) near the shift if the shift is above λ₁, by a Cholesky factorization; else infinity.

    Whatever L is, L·Lᵀ ⪰ 0; with E = (shift·I − A) − L·Lᵀ measured, λ₁(A) ≤ shift + ‖E‖_F. So a factorization that
    broke down can only make the bound useless, never wrong.
    """
    m = plus_diagonal(-a, shift[..., None, None], xp)
    left = frobenius(m - product(cholesky(m, xp), False, xp), xp)
    return xp.where(xp.isfinite(left), shift + left, xp.full_like(left, float("inf")))
