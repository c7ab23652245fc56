"""The LMO of a Ky Fan norm from a polar factor and a leading pair, each found by a solver of its own.

The dual norm is max(σ₁, Σσᵢ/k), and each side has its point: u₁v₁ᵀ and U·Vᵀ/k. Solvers reach both only nearly, so the
point is the candidate that turns out to be better, and its certificate compares it with upper bounds of both sides.

Reference: Bhatia, *Matrix Analysis*, IV.2.
"""

from __future__ import annotations

import math
from typing import Any

from ntr_spec.arrays import Namespace
from ntr_spec.arrays.sums import dots, widened
from ntr_spec.norms.leading import CertifiedPair, Leading
from ntr_spec.norms.leading.base import certify, rank_one, slack
from ntr_spec.norms.polar import Certified, Polar

Array = Any

# A polar factor of so large a δ says nothing of Σσᵢ.
_USELESS = 0.99


def fan_lmo(g: Array, k: int, polar: Polar, leading: Leading, xp: Namespace) -> Array:
    """−uvᵀ or −O/k for each matrix of a stack, whichever has the smaller product with it."""
    r = min(g.shape[-2:])
    if k == 1:  # max(σ₁, Σσᵢ) = Σσᵢ: the norm is the spectral one
        return -polar.solve(g, xp)
    if k == r:  # Σσᵢ/r ≤ σ₁: the norm is the nuclear one
        left, right = leading.solve(g, xp)
        return rank_one(-left, right, g, xp)
    asking = xp if xp.certificates is None else xp.certifying()
    narrow = rank_one(*leading.solve(g, asking), g, xp)
    share = _share(g, k, xp)
    broad = polar.solve(g, asking) * share
    wide = widened(g, xp)
    values = [dots(wide, v, xp) for v in (narrow, broad)]
    point = xp.where((values[0] >= values[1])[..., None, None], narrow, broad)
    if xp.certificates is not None and asking.certificates is not None:
        pair, factor = asking.certificates
        upper = xp.maximum(pair.upper, _sum_bound(wide, values[0], values[1] / share, factor.delta, xp) / k)
        delta = certify(xp.maximum(*values), upper, 2 * slack(g, xp), xp)
        xp.certificates.append(_joint(point, delta, pair, factor))
    return -point


def _share(g: Array, k: int, xp: Namespace) -> float:
    """1/k, and so much less that rounding the entries of O/k leaves the sum of k singular values at most 1.

    Rounding moves O/k by at most eps/2·√r/k in the Frobenius norm, r = min(m, n), and k singular values by √k of that.
    """
    limits = xp.limits(g.dtype)
    eps = 0.0 if limits is None else limits.eps
    return (1 - eps * (1 + math.sqrt(min(g.shape[-2:]) / k))) / k


def _sum_bound(g: Array, narrow: Array, broad: Array, delta: Array, xp: Namespace) -> Array:
    """An upper bound of Σσᵢ from ⟨G, O⟩ ≥ (1 − δ)·Σσᵢ, or from σ₁ alone.

    By Cauchy and Schwarz Σσᵢ ≤ t + √(r − 1)·√(‖G‖_F² − t²) at t = σ₁, which falls from t = ‖G‖_F/√r on, so that any t
    between that and σ₁ serves.
    """
    r = min(g.shape[-2:])
    square = dots(g, g, xp)
    t = xp.maximum(narrow, xp.sqrt(square / r))
    rest = square * (1 + 2 * slack(g, xp)) - t * t
    found = t + math.sqrt(r - 1) * xp.sqrt(xp.where(rest < 0, xp.zeros_like(rest), rest))
    useful = delta < _USELESS
    delta = xp.astype(delta, g.dtype) if delta.dtype != g.dtype else delta
    least = broad / (1 - xp.where(useful, delta, xp.zeros_like(delta)))
    return xp.where(useful, xp.minimum(found, least), found)


def _joint(point: Array, delta: Array, pair: CertifiedPair, factor: Certified) -> Certified:
    """What the two certificates amount to."""
    reasons = dict.fromkeys(why for why in (pair.fallback, factor.fallback) if why)
    return Certified(point, delta, pair.solver, "; ".join(reasons), (*pair.also, factor.solver, *factor.also))
