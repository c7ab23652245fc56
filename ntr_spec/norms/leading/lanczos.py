"""``Lanczos``: the leading pair from a Krylov space of the Gram matrix, certified by a Cholesky factorization.

Krylov steps give a vector and, with it, a lower bound of σ₁ for the price of a few matrix-vector products; that no
singular value is larger, no number of them can tell for certain. (With a random start they can tell with a probability:
Kuczyński and Woźniakowski, *Estimating the largest eigenvalue by the power and Lanczos algorithms with a random start*,
1992.) The inertia of shift·I − XᵀX can, and costs less than a matrix product.

Reference: Parlett, *The Symmetric Eigenvalue Problem*, 12 and 13; Sylvester's law of inertia, ibid. 1.
"""

from __future__ import annotations

import dataclasses
import functools
import math
import random
from typing import Any, final

from ntr_spec.arrays import Namespace, device_of
from ntr_spec.arrays.reading import free_to_read
from ntr_spec.errors import InputError
from ntr_spec.norms.leading.base import CertifiedPair, Leading, times_vector, unit
from ntr_spec.norms.leading.gram import Gram, by_remainder, by_shift, gram, safe
from ntr_spec.norms.leading.power import Power, check_tolerance

Array = Any

# Krylov steps between two looks at the Ritz values.
_LOOK = 8


@final
@dataclasses.dataclass(frozen=True, repr=False)
class Lanczos(Leading):
    """u₁ and v₁ from a Krylov space of XᵀX, kept orthogonal: fastest for single large matrices on a CPU.

    It stops as soon as a Cholesky factorization proves that δ ≤ tolerance, and gives the matrices for which none does
    to ``Power(tolerance)``. That is to read values; where reading is not free, on devices and under ``jax.jit``,
    ``Power`` does all of it.

    Args:
        tolerance: δ to reach. Rounding adds its own part: see the page on precision.
        steps: largest dimension of the Krylov space.
        fallback: whether matrices that were not certified go to ``Power``; False: raise instead.

    Raises:
        InputError: an argument is out of its range; or, when run, some matrix was not certified and falling back is
            forbidden.

    >>> import numpy as np
    >>> from ntr_spec import Nuclear
    >>> g = np.random.default_rng(0).normal(size=(40, 30))
    >>> v, certificate = Nuclear(leading=Lanczos(tolerance=1e-6)).lmo(g, certificate=True)
    >>> bool(certificate.delta <= 1e-6), bool(-np.sum(g * v) >= (1 - 1e-6) * np.linalg.norm(g, 2))
    (True, True)
    """

    tolerance: float = 1e-3
    steps: int = 128
    fallback: bool = True

    def __post_init__(self) -> None:
        check_tolerance("Lanczos", self.tolerance)
        if isinstance(self.steps, bool) or not isinstance(self.steps, int) or self.steps < 1:
            raise InputError(f"Lanczos: expected a number of steps of at least 1, got steps={self.steps!r}")
        if not isinstance(self.fallback, bool):
            raise InputError(f"Lanczos: expected fallback=True or False, got {self.fallback!r}; True goes to Power")

    def pair(self, x: Array, xp: Namespace) -> tuple[Array, Array]:
        """The Ritz vector of the Krylov space, and X times it over its length."""
        found = self.certified(x, xp)
        return found.left, found.right

    def certified(self, x: Array, xp: Namespace) -> CertifiedPair:
        """The same with its certificate, without which the vector would not know when to stop."""
        if not free_to_read(x, xp):
            why = "Lanczos: values cannot be read here without waiting for a device"
            return dataclasses.replace(Power(self.tolerance).certified(x, xp), fallback=why)
        a = gram(x, xp)
        q, top, passed = self._adaptive(a, xp)
        found = a.certified(q, top, repr(self), xp)
        return found if xp.all(passed) else self._completed(found, ~passed, x, xp)

    def _adaptive(self, a: Gram, xp: Namespace) -> tuple[Array, Array, Array]:
        """A vector and an upper bound of λ₁, in as few steps as the factorization accepts, and where it did so."""
        krylov, margin, patience = self._krylov(a.unit, xp), self._margin(a), 0
        while True:
            for _ in range(min(_LOOK, krylov.most - krylov.steps)):
                krylov.extend()
            q, error = krylov.ritz()
            reached = _rayleigh(a.unit, q, xp)
            last = krylov.steps == krylov.most
            if last or (krylov.steps >= patience and not xp.any(error > margin * reached)):
                top = by_shift(a.unit, reached * (1 + 1.6 * margin), xp)
                # What the factorization itself may lose by rounding is no reason to give up.
                passed = (top <= reached * (1 + 1.6 * margin + a.slack)) | (a.size == 0)
                if last or xp.all(passed):
                    remainder = by_remainder(a.unit, xp.ones_like(reached), unit(q, xp), xp)
                    return q, xp.minimum(top, remainder), passed
                patience = 2 * krylov.steps  # a factorization costs as much as many steps

    def _completed(self, found: CertifiedPair, failed: Array, x: Array, xp: Namespace) -> CertifiedPair:
        """What the fallback finds, in place of what was not certified. Only where reading a value is free."""
        why = f"Lanczos: {min(self.steps, *x.shape[-2:])} steps did not certify δ ≤ {self.tolerance}"
        if not self.fallback:
            raise InputError(f"{why}; allow more steps, a larger tolerance, or fallback=True")
        if x.ndim == 2:
            return dataclasses.replace(Power(self.tolerance).certified(x, xp), fallback=why)
        other = Power(self.tolerance).certified(x[failed], xp)
        mixed = []
        for mine, theirs in zip(_parts(found), _parts(other), strict=True):
            mixed.append(xp.asarray(mine, copy=True))
            mixed[-1][failed] = theirs
        left, right, upper, delta = mixed
        return CertifiedPair(left, right, upper, delta, repr(self), why, (other.solver,))

    def _margin(self, a: Gram) -> float:
        """How far σ₁ may lie above what q reaches, relatively: what rounding leaves of the tolerance."""
        return max(self.tolerance - a.slack - a.room, self.tolerance / 4, a.slack / 2)

    def _krylov(self, a: Array, xp: Namespace) -> _Krylov:
        """A Krylov space that starts with one vector for every matrix of the stack."""
        start = xp.asarray(_start(a.shape[-1]), dtype=a.dtype, device=device_of(a))
        return _Krylov(a, xp.broadcast_to(start, a.shape[:-1]), min(self.steps, a.shape[-1]), xp)


class _Krylov:
    """An orthonormal basis of span{b, Ab, A²b, …} for every matrix of a stack, and A in that basis.

    Only where reading a value is free, which is where arrays can be written to.
    """

    def __init__(self, a: Array, start: Array, most: int, xp: Namespace) -> None:
        limits = xp.limits(a.dtype)
        assert limits is not None  # admitted points are floating
        self.xp, self.a, self.most, self.steps = xp, a, most, 0
        self._least = 8 * limits.eps  # A has Frobenius norm 1
        self._next = start
        self._basis = xp.zeros((*a.shape[:-2], most, a.shape[-1]), dtype=a.dtype, device=device_of(a))
        self._diagonal: list[Array] = []
        self._beside: list[Array] = []

    def extend(self) -> None:
        """One more vector. Where the space is invariant already, zeros follow, whose Ritz value 0 changes nothing."""
        xp = self.xp
        self._basis[..., self.steps, :] = self._next
        basis = self._basis[..., : self.steps + 1, :]
        w = times_vector(self.a, self._next, xp)
        self._diagonal.append(xp.sum(w * self._next, axis=-1))
        for _ in range(2):  # twice is enough (Kahan)
            inside = times_vector(basis, w, xp)
            w = w - xp.matmul(inside[..., None, :], basis)[..., 0, :]
        size = xp.sqrt(xp.sum(w * w, axis=-1))
        over = size <= self._least
        self._beside.append(xp.where(over, xp.zeros_like(size), size))
        self._next = xp.where(over[..., None], xp.zeros_like(w), w / safe(size, xp)[..., None])
        self.steps += 1

    def ritz(self) -> tuple[Array, Array]:
        """The Ritz vector of the largest Ritz value, and a guess of that value's error, for deciding when to stop."""
        xp, k = self.xp, self.steps
        eye = functools.partial(xp.eye, k, dtype=self.a.dtype, device=device_of(self.a))
        diagonal = xp.stack(self._diagonal, axis=-1)
        beside = xp.stack(self._beside, axis=-1)
        upper = beside[..., None] * eye(k=1)
        t = diagonal[..., None, :] * eye() + upper + xp.matrix_transpose(upper)
        good = xp.all(xp.isfinite(t), axis=(-2, -1), keepdims=True)
        values, vectors = xp.linalg.eigh(xp.where(good, t, xp.zeros_like(t)))  # LAPACK may raise on NaN
        s = vectors[..., :, -1]
        residual = xp.abs(self._beside[-1] * s[..., -1])
        gap = values[..., -1] - values[..., -2] if k > 1 else xp.zeros_like(residual)
        # A residual ‖r‖ with a gap leaves an error of ‖r‖²/gap (Kato and Temple), if the gap is what it seems.
        error = xp.where(gap > residual, residual * residual / safe(gap, xp), residual)
        return xp.matmul(s[..., None, :], self._basis[..., :k, :])[..., 0, :], error


@functools.lru_cache(maxsize=64)
def _start(r: int) -> tuple[float, ...]:
    """A vector of length 1, drawn once and for all: no matrix in use was made to be orthogonal to it."""
    source = random.Random(0)
    found = [source.gauss(0.0, 1.0) for _ in range(r)]
    size = math.hypot(*found)
    return tuple(e / size for e in found)


def _rayleigh(a: Array, q: Array, xp: Namespace) -> Array:
    """qᵀAq over qᵀq; 0 for q = 0."""
    return xp.sum(q * times_vector(a, q, xp), axis=-1) / safe(xp.sum(q * q, axis=-1), xp)


def _parts(found: CertifiedPair) -> tuple[Array, ...]:
    return found.left, found.right, found.upper, found.delta
