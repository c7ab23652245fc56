"""``Power``: the leading pair by squaring the Gram matrix again and again.

s squarings of A = XᵀX give A^p, p = 2^s, at the price of s products of symmetric matrices. Its largest column points
along the leading eigenvector, and its Frobenius norm bounds λ₁(A)^p from above: by no more than a factor √r, of which
the p-th root is taken. So both sides close in on σ₁ whatever the spectrum, also where the largest singular values are
equal and no single vector is the leading one.

References: Golub and Van Loan, *Matrix Computations*, 8.2; Wilf, *Almost diagonal matrices* (1960), for the powers.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any, final

from ntr_spec.arrays import Namespace, device_of
from ntr_spec.arrays.reading import free_to_read
from ntr_spec.arrays.symmetric import diagonal, squared
from ntr_spec.errors import InputError
from ntr_spec.norms.leading.base import CertifiedPair, Leading, times_vector, unit
from ntr_spec.norms.leading.gram import Gram, by_remainder, frobenius, gram, safe

Array = Any


@final
@dataclasses.dataclass(frozen=True, repr=False)
class Power(Leading):
    """u₁ and v₁ by repeated squaring of the Gram matrix: δ ≤ tolerance for every matrix, in exact arithmetic.

    A fixed number of squarings is enough for any matrix; where reading a value is free, it stops when the certificate
    says so, mostly after half of them. Matrix products alone: made for devices.

    Args:
        tolerance: δ to reach. Rounding adds its own part: see the page on precision.

    Raises:
        InputError: the tolerance is not in (0, 1).

    >>> import numpy as np
    >>> from ntr_spec import Nuclear
    >>> g = np.random.default_rng(0).normal(size=(40, 30))
    >>> v, certificate = Nuclear(leading=Power(tolerance=1e-4)).lmo(g, certificate=True)
    >>> bool(certificate.delta <= 1e-4), bool(-np.sum(g * v) >= (1 - 1e-4) * np.linalg.norm(g, 2))
    (True, True)
    """

    tolerance: float = 1e-3

    def __post_init__(self) -> None:
        check_tolerance("Power", self.tolerance)

    def squarings(self, r: int) -> int:
        """How many squarings guarantee δ ≤ tolerance for every matrix with min(m, n) = r, in exact arithmetic.

        With p = 2^s: the upper bound of σ₁ is at most r^{1/4p}·σ₁, and uᵀXv at least r^{−1/2p}·σ₁, because the largest
        diagonal entry of A^p is at least λ₁^p/r and moments are log-convex. So δ ≤ 1 − r^{−3/4p} ≤ 3·ln r/(4p).

        >>> [Power(tolerance).squarings(1024) for tolerance in (1e-1, 1e-3, 1e-6)]
        [6, 13, 23]
        """
        return max(0, math.ceil(math.log2(3 * math.log(r) / (4 * self.tolerance)))) if r > 1 else 0

    def pair(self, x: Array, xp: Namespace) -> tuple[Array, Array]:
        """X·q over its length, and q, the largest column of a power of XᵀX (or with XXᵀ for a wide X)."""
        found = self.certified(x, xp)
        return found.left, found.right

    def certified(self, x: Array, xp: Namespace) -> CertifiedPair:
        """The same, with the upper bound that the last power gives: next to nothing once the pair is there."""
        a = gram(x, xp)
        least = min(a.slack / 4, 0.5)  # less is lost beside rounding
        count = Power(max(self.tolerance, least)).squarings(a.unit.shape[-1])
        goal = max(self.tolerance - a.slack - a.room, least)
        reading = free_to_read(x, xp)
        # A over its size is B to the power 1/p, times scale; ‖B‖_F = 1.
        power, scale, b = 1.0, xp.ones_like(a.size), a.unit
        for step in range(count + 1):
            if step:
                b = squared(b, xp)
                size = frobenius(b, xp)
                b = b / safe(size, xp)[..., None, None]
                power *= 2
                scale = scale * size ** (1 / power)
            if reading or step == count:
                q = unit(times_vector(b, _largest_column(b, xp), xp), xp)
                top = scale * by_remainder(b, xp.ones_like(scale), q, xp) ** (1 / power)
                if reading and not xp.any(_gap(a, q, top, xp) > goal):
                    break
        return a.certified(q, top, repr(self), xp)


def check_tolerance(subject: str, tolerance: object) -> None:
    """Raise InputError unless a tolerance is a number in (0, 1)."""
    if isinstance(tolerance, bool) or not isinstance(tolerance, int | float) or not 0 < tolerance < 1:
        raise InputError(f"{subject}: expected 0 < tolerance < 1, got tolerance={tolerance!r}; 1e-3 is usual")


def _largest_column(b: Array, xp: Namespace) -> Array:
    """The column of a positive semidefinite matrix in which its largest diagonal entry stands, of length 1."""
    best = xp.argmax(diagonal(b, xp), axis=-1, keepdims=True)
    here = xp.arange(b.shape[-1], dtype=best.dtype, device=device_of(b)) == best
    return unit(times_vector(b, xp.astype(here, b.dtype), xp), xp)


def _gap(a: Gram, q: Array, top: Array, xp: Namespace) -> Array:
    """1 − σ/σ̄ for the σ that q reaches and an upper bound σ̄, given as σ̄² over the Gram matrix's size; 0 for X = 0."""
    reached = xp.sum(q * times_vector(a.unit, q, xp), axis=-1)
    return xp.where(a.size == 0, xp.zeros_like(top), 1 - xp.sqrt(reached / safe(top, xp)))
