"""The ℓ_p norms on vectors: ``L1``, ``L2``, ``LInf`` and ``Lp``. A matrix is read as one long vector.

Hooks reduce over the last axis and broadcast over those before it. Reference: Boyd and Vandenberghe, *Convex
Optimization*, A.1; the ℓ₁ projection is Duchi et al. (ICML 2008).
"""

from __future__ import annotations

import dataclasses
import functools
import math
from typing import Any, ClassVar, final

from ntr_spec.arrays import Namespace, device_of, simplest_rational
from ntr_spec.errors import InputError
from ntr_spec.norms.base import Norm
from ntr_spec.norms.claims import Claim
from ntr_spec.norms.multipliers import project_lp
from ntr_spec.trees import Shape

Array = Any


@functools.lru_cache(maxsize=256)
def _exponents(p: float) -> tuple[float, float, float]:
    """1/p, q and q − 1, each rounded once from its exact value, so that symbols read back what was meant."""
    exact = simplest_rational(p)
    return float(1 / exact), float(exact / (exact - 1)), float(1 / (exact - 1))


@final
@dataclasses.dataclass(frozen=True)
class L1(Norm):
    """‖x‖₁ = Σ|xᵢ|. Dual: LInf. LMO: −sign(gⱼ)eⱼ at the first j of largest |gⱼ|. ρ = 1.

    Source: [Kovalev25], section 2; projection by Duchi et al. (2008).

    >>> import numpy as np
    >>> float(L1()(np.array([3.0, -4.0]))), L1().lmo(np.array([3.0, -4.0])).tolist()
    (7.0, [0.0, 1.0])
    """

    event_rank: ClassVar[int | None] = 1
    batched: ClassVar[bool] = True
    scale_free: ClassVar[bool] = True

    def _value(self, x: Array, xp: Namespace) -> Array:
        return xp.sum(xp.abs(x), axis=-1)

    def _lmo(self, g: Array, xp: Namespace) -> Array:
        best = xp.argmax(xp.abs(g), axis=-1, keepdims=True)
        here = xp.arange(g.shape[-1], dtype=best.dtype, device=device_of(g)) == best
        return xp.where(here, -xp.sign(g), 0.0)

    def _project(self, x: Array, radius: Array, xp: Namespace) -> Array:
        # y = sign(x)·max(|x| − θ, 0) with θ = max_k (sum of the k largest |x| − radius)/k, or 0 inside the ball.
        size = xp.abs(x)
        count = xp.arange(1, x.shape[-1] + 1, dtype=x.dtype, device=device_of(x))
        excess = xp.cumulative_sum(xp.sort(size, axis=-1, descending=True), axis=-1) - radius
        theta = xp.max(excess / count, axis=-1, keepdims=True)
        zero = xp.zeros_like(x)
        return xp.sign(x) * xp.maximum(size - xp.maximum(theta, xp.zeros_like(theta)), zero)

    def _rho(self, shape: Shape, xp: Namespace) -> Array:
        return xp.asarray(1.0)

    def _rho_weighted(self, scales: Array, xp: Namespace) -> Array:
        return xp.max(scales)

    @property
    def dual(self) -> Norm:
        """LInf."""
        return LInf()

    @property
    def claims(self) -> frozenset[Claim]:
        """Absolute, symmetric and polyhedral."""
        return frozenset({Claim.ABSOLUTE, Claim.SYMMETRIC, Claim.POLYHEDRAL})

    def _notation(self, x: str) -> str:
        return f"‖{x}‖₁"


@final
@dataclasses.dataclass(frozen=True)
class L2(Norm):
    """‖x‖₂ = √Σxᵢ². Dual: itself. LMO: −g/‖g‖₂. ρ = 1. Gives normalized SGD.

    >>> import numpy as np
    >>> float(L2()(np.array([3.0, -4.0]))), L2().lmo(np.array([3.0, -4.0])).tolist()
    (5.0, [-0.6, 0.8])
    """

    event_rank: ClassVar[int | None] = 1
    batched: ClassVar[bool] = True

    def _value(self, x: Array, xp: Namespace) -> Array:
        return xp.sqrt(xp.sum(x * x, axis=-1))

    def _lmo(self, g: Array, xp: Namespace) -> Array:
        size = xp.sqrt(xp.sum(g * g, axis=-1, keepdims=True))
        return g / -xp.where(size == 0, xp.ones_like(size), size)

    def _project(self, x: Array, radius: Array, xp: Namespace) -> Array:
        size = xp.sqrt(xp.sum(x * x, axis=-1, keepdims=True))
        inside = size <= radius
        return xp.where(inside, x, x * (radius / xp.where(inside, xp.ones_like(size), size)))

    def _rho(self, shape: Shape, xp: Namespace) -> Array:
        return xp.asarray(1.0)

    def _rho_weighted(self, scales: Array, xp: Namespace) -> Array:
        return xp.max(scales)

    @property
    def dual(self) -> Norm:
        """L2 itself."""
        return self

    @property
    def claims(self) -> frozenset[Claim]:
        """Absolute, symmetric and Euclidean."""
        return frozenset({Claim.ABSOLUTE, Claim.SYMMETRIC, Claim.EUCLIDEAN})

    def _notation(self, x: str) -> str:
        return f"‖{x}‖₂"


@final
@dataclasses.dataclass(frozen=True)
class LInf(Norm):
    """‖x‖_∞ = max|xᵢ|. Dual: L1. LMO: −sign(g). ρ = √d. Gives signSGD.

    >>> import numpy as np
    >>> float(LInf()(np.array([3.0, -4.0]))), LInf().lmo(np.array([3.0, -4.0])).tolist()
    (4.0, [-1.0, 1.0])
    """

    event_rank: ClassVar[int | None] = 1
    batched: ClassVar[bool] = True
    scale_free: ClassVar[bool] = True

    def _value(self, x: Array, xp: Namespace) -> Array:
        return xp.max(xp.abs(x), axis=-1)

    def _lmo(self, g: Array, xp: Namespace) -> Array:
        return -xp.sign(g)

    def _project(self, x: Array, radius: Array, xp: Namespace) -> Array:
        return xp.minimum(xp.maximum(x, -radius), radius)

    def _rho(self, shape: Shape, xp: Namespace) -> Array:
        return xp.sqrt(xp.asarray(float(shape.size)))

    def _rho_weighted(self, scales: Array, xp: Namespace) -> Array:
        return xp.sqrt(xp.sum(scales * scales))

    @property
    def dual(self) -> Norm:
        """L1."""
        return L1()

    @property
    def claims(self) -> frozenset[Claim]:
        """Absolute, symmetric and polyhedral."""
        return frozenset({Claim.ABSOLUTE, Claim.SYMMETRIC, Claim.POLYHEDRAL})

    def _notation(self, x: str) -> str:
        return f"‖{x}‖_∞"


@final
@dataclasses.dataclass(frozen=True)
class Lp(Norm):
    """‖x‖_p = (Σ|xᵢ|^p)^{1/p}, 1 < p < ∞. Dual: Lp(q), 1/p + 1/q = 1. ρ = d^{max(0, 1/q − 1/2)}.

    LMO: −sign(gᵢ)(|gᵢ|/‖g‖_q)^{q−1}. Source: Hölder's inequality and its equality case. The projection is found by
    Newton's method, in a fixed number of steps.

    Args:
        p: the exponent; for 1 and ∞ use :class:`L1` and :class:`LInf`.

    Raises:
        InputError: p is not strictly between 1 and infinity.

    >>> import numpy as np
    >>> round(float(Lp(3)(np.array([1.0, 2.0]))), 6), Lp(3).dual
    (2.080084, Lp(p=1.5))
    """

    p: float

    event_rank: ClassVar[int | None] = 1
    batched: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if not (isinstance(self.p, int | float) and 1 < self.p < math.inf):
            raise InputError(f"Lp: expected 1 < p < ∞, got p={self.p!r}; use L1() for p = 1 and LInf() for p = ∞")

    @property
    def conjugate_exponent(self) -> float:
        """q with 1/p + 1/q = 1, rounded once from the exact rational."""
        return _exponents(self.p)[1]

    def _value(self, x: Array, xp: Namespace) -> Array:
        return xp.sum(xp.abs(x) ** self.p, axis=-1) ** _exponents(self.p)[0]

    def _lmo(self, g: Array, xp: Namespace) -> Array:
        # (|gᵢ|/‖g‖_q)^{q−1}, with q − 1 = q/p. The power is taken of |gᵢ| as it is: that of a rounded quotient would
        # magnify its error q − 1 times, which is a hundredfold at p = 1.01.
        over_p, q, less = _exponents(self.p)
        size = xp.sum(xp.abs(g) ** q, axis=-1, keepdims=True) ** over_p
        return -xp.sign(g) * xp.abs(g) ** less / xp.where(size == 0, xp.ones_like(size), size)

    def _project(self, x: Array, radius: Array, xp: Namespace) -> Array:
        size = xp.abs(x)
        inside = self._value(x, xp)[..., None] <= radius
        return xp.where(inside, x, xp.sign(x) * project_lp(size, radius, self.p, xp))

    def _rho(self, shape: Shape, xp: Namespace) -> Array:
        q = simplest_rational(self.conjugate_exponent)
        exponent = float(max(1 / q - simplest_rational(0.5), simplest_rational(0.0)))
        return xp.asarray(float(shape.size)) ** exponent

    def _rho_weighted(self, scales: Array, xp: Namespace) -> Array:
        # sup ‖s∘x‖_q/‖x‖₂ is max s for q ≥ 2, and ‖s‖_r with 1/r = 1/q − 1/2 (Hölder) for q < 2.
        q = simplest_rational(self.conjugate_exponent)
        if q >= 2:
            return xp.max(scales)
        r = 2 * q / (2 - q)
        return xp.sum(scales ** float(r)) ** float(1 / r)

    @property
    def dual(self) -> Norm:
        """Lp of the conjugate exponent."""
        return Lp(self.conjugate_exponent)

    @property
    def claims(self) -> frozenset[Claim]:
        """Absolute, symmetric and strictly convex (Euclidean only at p = 2)."""
        return frozenset({Claim.ABSOLUTE, Claim.SYMMETRIC, Claim.STRICTLY_CONVEX})

    def _notation(self, x: str) -> str:
        return f"‖{x}‖_{self.p:g}"
