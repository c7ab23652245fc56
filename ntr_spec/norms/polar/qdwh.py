"""``QDWH``: the polar factor by dynamically weighted Halley iterations, for matrices of any condition.

X ← X(aI + bXᵀX)(I + cXᵀX)⁻¹ maps every singular value by x(a + bx²)/(1 + cx²); the weights of a step are the best ones
for the interval [ℓ, 1] that the step before left. While c is large, the inverse is never formed: with [√c·X; I] = QR,
(I + cXᵀX)⁻¹ = R⁻¹R⁻ᵀ, so that X ← (b/c)X + (a − b/c)/√c·Q₁Q₂ᵀ, which is backward stable at any condition.
The last step is a quintic one, by products alone.

Reference: Nakatsukasa, Bai and Gygi, *Optimizing Halley's iteration for computing the matrix polar decomposition*
(2010); Nakatsukasa and Higham, *Backward stability of iterations for computing the polar decomposition* (2012).
"""

from __future__ import annotations

import dataclasses
import functools
import math
from typing import Any, final

from ntr_spec.arrays import Namespace, device_of, lapack
from ntr_spec.arrays.products import product_eps
from ntr_spec.arrays.sums import dots
from ntr_spec.arrays.symmetric import gram, plus_diagonal
from ntr_spec.errors import InputError
from ntr_spec.norms.polar.base import Certified, Polar
from ntr_spec.norms.polar.image import Halley, Quintic, Step, check_interval, image, lost, mapped
from ntr_spec.norms.polar.lying import QUINTIC, enter, leave, narrowed, polished, precision
from ntr_spec.norms.polar.posterior import posterior

Array = Any

_LEAST = 1e-30


@final
@dataclasses.dataclass(frozen=True, repr=False)
class QDWH(Polar):
    """Dynamically weighted Halley iterations from x/‖x‖_F, as many as ``lower`` asks for.

    Five reach the last digit of float32 at any condition, six that of float64. Every step maps [0, 1] into itself, so
    that the factor is feasible. Singular values below ``lower``·‖x‖_F are mapped to less than 1; they cost no more of
    ⟨x, O⟩ than they weigh. Matrices of aspect 2 and more are first reduced to square ones, by X = QR.

    Args:
        lower: the smallest σ/‖x‖_F that is mapped to 1 up to rounding, in [1e-30, 1]; None: the machine epsilon of the
            dtype.

    Raises:
        InputError: ``lower`` is out of its range.

    >>> import numpy as np
    >>> from ntr_spec.arrays import namespace_of
    >>> x = np.array([[3.0, 0.0], [0.0, -4e-12]])
    >>> np.round(QDWH().factor(x, namespace_of(x)), 12).tolist()
    [[1.0, 0.0], [0.0, -1.0]]
    >>> QDWH(lower=1e-3).delta(1e-3) < 1e-14, round(QDWH(lower=1e-3).delta(1e-4), 3)
    (True, 0.238)
    """

    lower: float | None = None

    def __post_init__(self) -> None:
        if self.lower is not None and not (isinstance(self.lower, int | float) and _LEAST <= self.lower <= 1):
            raise InputError(
                f"QDWH: expected {_LEAST} ≤ lower ≤ 1, got lower={self.lower!r}; None means the dtype's machine epsilon"
            )

    def factor(self, x: Array, xp: Namespace) -> Array:
        """The last iterate; NaN for a matrix that holds NaN or infinity, or for which LAPACK failed."""
        return leave(self._found(enter(x, xp), x, xp)[0], x, xp)

    def certified(self, x: Array, xp: Namespace) -> Certified:
        """δ from ⟨X, O⟩, ‖O‖_F and the rational map; see :mod:`ntr_spec.norms.polar.posterior`."""
        y = enter(x, xp)
        v, less, size = self._found(y, x, xp)
        eps, rank = precision(y, xp), y.shape[-2]
        reached = dots(y, v, xp) / xp.where(size == 0, xp.ones_like(size), size) * (1.0 + less)
        lacking = rank * (1.0 + 4.0 * eps) - dots(v, v, xp)
        present = xp.where(size == 0, size, 0 * size + 1.0)  # ‖X‖_F of X = x/‖x‖_F
        p = mapped(self.steps(eps))
        delta = posterior(reached, lacking, present, rank, p, 2.0 * product_eps(y, xp), xp)
        delta = xp.where(size == 0, delta, delta + less)  # see iteration.certify
        factor = leave(v, x, xp)
        return Certified(factor, narrowed(delta, y, v, factor, xp), repr(self))

    def image(self, lower: float, upper: float = 1.0) -> tuple[float, float]:
        """(min, max) of what the singular values in [lower, upper]·‖x‖_F become, in exact arithmetic; rigorous.

        ``lower=None`` means the machine epsilon of float64 here.
        """
        check_interval("QDWH", lower, upper)
        return image(self.steps(), lower, upper)

    def delta(self, lower: float) -> float:
        """δ of every matrix whose singular values are all at least lower·‖x‖_F, in exact arithmetic; rigorous."""
        check_interval("QDWH", lower)
        return lost(self.steps(), lower)

    def steps(self, eps: float = 2.0**-52) -> tuple[Step, ...]:
        """The steps, made for machine epsilon ``eps``; the first is applied first."""
        halley, last = _schedule(eps if self.lower is None else self.lower, eps)
        return (*halley, last)

    def _found(self, y: Array, x: Array, xp: Namespace) -> tuple[Array, Array, Array]:
        """The factor of y = enter(x), what it may have lost, and ‖x‖_F."""
        size = xp.sqrt(dots(y, y, xp))
        size = xp.where(xp.isfinite(size), size, xp.full_like(size, math.nan))
        iterate, q = y / xp.where(size == 0, xp.ones_like(size), size)[..., None, None], None
        if y.shape[-1] >= 2 * y.shape[-2]:
            q, r = lapack.qr(xp.matrix_transpose(iterate), xp)
            iterate = xp.matrix_transpose(r)
        eps = precision(y, xp)
        halley, last = _schedule(eps if self.lower is None else self.lower, eps)
        largest = product_eps(y, xp) ** -0.5
        for step in halley:
            iterate = _halley(iterate, step, largest, xp)
        v = iterate if q is None else xp.matmul(iterate, xp.matrix_transpose(q))
        v, less = polished(v, last, x, xp)
        return v, less, size


def _halley(x: Array, step: Halley, largest: float, xp: Namespace) -> Array:
    """One step, of lying matrices; by an inverse if c, which bounds its condition, is at most ``largest``."""
    a, b, c = step.a, step.b, step.c
    if c <= largest:
        inverse = lapack.inverse(plus_diagonal(gram(x, False, xp) * c, 1.0, xp), xp)
        return xp.matmul(plus_diagonal(inverse * (a - b / c), b / c, xp), x)
    rows = x.shape[-2]
    one = xp.eye(rows, dtype=x.dtype, device=device_of(x))
    one = xp.broadcast_to(one, (*x.shape[:-2], rows, rows))
    q, _ = lapack.qr(xp.matrix_transpose(xp.concat([x * math.sqrt(c), one], axis=-1)), xp)
    lying = xp.matrix_transpose(q)
    product = xp.matmul(q[..., -rows:, :], lying[..., :-rows])
    return x * (b / c) + product * ((a - b / c) / math.sqrt(c))


@functools.lru_cache(maxsize=64)
def _schedule(lower: float, eps: float) -> tuple[tuple[Halley, ...], Quintic]:
    """Halley's steps with the best weights, and a quintic one that ends in [1 − eps, 1] on [lower, 1]."""
    steps: list[Halley] = []
    low = lower
    while not steps or 2.5 * (1.0 - low) ** 3 > eps:
        square = low * low
        # a of Nakatsukasa et al., (3.16): b = (a − 1)²/4 and c = a + b − 1 keep [0, 1] in itself.
        d = (4.0 * (1.0 - square) / (square * square)) ** (1 / 3)
        root = math.sqrt(1.0 + d)
        a = root + 0.5 * math.sqrt(8.0 - 4.0 * d + 8.0 * (2.0 - square) / (square * root))
        b = (a - 1.0) ** 2 / 4.0
        steps.append(Halley(a, b, a + b - 1.0))
        low = min(1.0, low * (a + b * square) / (1.0 + steps[-1].c * square))
    last, over = QUINTIC, 1.0
    while over > 0:  # the coefficients are rounded, so that a last bit may be too much
        over = image((*steps, last), 0.0)[1] - 1.0
        last = last.divided(1.0 + 2.0 * max(over, 0.0))
    return tuple(steps), last
