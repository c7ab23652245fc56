"""δ of a polar factor from numbers that cost little: what was reached, and what the factor lacks of orthogonality.

Let X have singular values σᵢ ≤ 1, r of them, and let V = p(X) with 0 ≤ p ≤ 1 on [0, 1]. Known are D = ⟨X, V⟩ = Σσp(σ)
and N = r − ‖V‖_F² = Σ(1 − p(σ)²). For any ℓ in (0, 1], let p ≥ 1 − e on [ℓ, 1]. Then each σ, large or small, has

    σ(1 − p) ≤ eσ + ℓ(1 − p²),

so that Σσ ≤ (D + ℓN)/(1 − e) and δ = 1 − D/Σσ ≤ (eD + ℓN)/(D + ℓN). The best ℓ is found on a grid, afresh for each
matrix: singular values below it are paid for by what they weigh, not by the worst that they could.

**Rounding** (a model, tested and not proved): V is p of some X + F, up to errors in the directions of V itself, with
‖F‖_F ≤ u‖X‖_F. It moves D and Σσ by √r‖F‖_F each at most, hence δ by u(1 + 2√r‖X‖_F/D). Nothing less will do: for
F along the polar factor of X, and σ so small that F turns them over, it comes to √r.
"""

from __future__ import annotations

from typing import Any

from ntr_spec.arrays import Namespace, device_of
from ntr_spec.norms.polar.image import Map

Array = Any


def posterior(reached: Array, lacking: Array, size: Array, rank: int, p: Map, unit: float, xp: Namespace) -> Array:
    """δ of each matrix of a stack; in [0, 1], NaN where a number is NaN, 0 where ``size`` is 0, 1 where D ≤ 0.

    Args:
        reached: D = ⟨X, V⟩, with ‖X‖₂ ≤ 1; less than 0 by rounding alone.
        lacking: N = r − ‖V‖_F², or more.
        size: ‖X‖_F.
        rank: r, the smaller side of X.
        p: the map of the singular values, which maps [0, 1] into itself.
        unit: u, what rounding loses relative to the result.

    >>> import numpy as np
    >>> from ntr_spec.arrays import namespace_of
    >>> from ntr_spec.norms.polar.image import Quintic, mapped
    >>> p = mapped((Quintic(15 / 8, -10 / 8, 3 / 8),) * 3)
    >>> s = np.array([1.0, 0.5])  # the singular values of X
    >>> v = np.array([1.0, 0.99999879])  # and of p(X), nearly
    >>> delta = posterior(s @ v, 2 - v @ v, np.sqrt(s @ s), 2, p, 0.0, namespace_of(s))
    >>> 1 - s @ v / np.sum(s) < delta < 2e-6
    np.True_
    """
    zero = xp.zeros_like(reached)
    d, n, lost = _terms(xp.maximum(reached, zero), xp.maximum(lacking, zero), p, xp)
    whole = d + n
    whole = xp.where(whole == 0, xp.ones_like(whole), whole)
    delta = xp.min((lost * d + n) / whole, axis=-1)
    safe = xp.where(reached > 0, reached, xp.ones_like(reached))
    delta = delta + unit * (1.0 + 2.0 * rank**0.5 * size / safe)
    one = xp.ones_like(delta)
    delta = xp.where(reached > 0, xp.minimum(delta, one), one)
    return xp.where(size == 0, zero, xp.where(xp.isnan(reached), reached, delta))


def total(reached: Array, lacking: Array, p: Map, xp: Namespace) -> Array:
    """At least Σσᵢ, from D = Σσp(σ) and N ≥ Σ(1 − p(σ)²): min (D + ℓN)/(1 − e) over the grid, of the stack's shape.

    >>> import numpy as np
    >>> from ntr_spec.arrays import namespace_of
    >>> from ntr_spec.norms.polar.image import Quintic, mapped
    >>> p = mapped((Quintic(15 / 8, -10 / 8, 3 / 8),) * 3)
    >>> 1.5 <= total(np.asarray(1.4999994), np.asarray(2.4e-6), p, namespace_of(np.ones(1))) < 1.500002
    np.True_
    """
    d, n, lost = _terms(reached, xp.maximum(lacking, xp.zeros_like(lacking)), p, xp)
    kept = 1.0 - lost
    return xp.min((d + n) / xp.where(kept > 0, kept, xp.full_like(kept, 1e-30)), axis=-1)


def _terms(reached: Array, lacking: Array, p: Map, xp: Namespace) -> tuple[Array, Array, Array]:
    """(D, ℓN, e) with the grid along the last axis."""
    like = {"dtype": reached.dtype, "device": device_of(reached)}
    return reached[..., None], xp.asarray(list(p.grid), **like) * lacking[..., None], xp.asarray(list(p.lost), **like)
