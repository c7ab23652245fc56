"""Sorting and the finite projections that rest on it, shared by several norms.

Everything here takes stacks of vectors along the last axis and never branches on a value. References: Bogdan et al.,
*SLOPE* (2015); Wu, Ding, Sun and Toh, *On the Moreau–Yosida regularization of the vector k-norm related functions*
(2014); Robertson, Wright and Dykstra, *Order Restricted Statistical Inference* (1988), theorem 1.4.4.
"""

from __future__ import annotations

from typing import Any

from ntr_spec.arrays import Namespace, device_of

Array = Any


def decreasing(x: Array, xp: Namespace) -> Array:
    """|x|₍₁₎ ≥ |x|₍₂₎ ≥ … along the last axis."""
    return xp.sort(xp.abs(x), axis=-1, descending=True)


def ranks(size: Array, xp: Namespace) -> Array:
    """The place of each entry in decreasing order, from 0; ties in order of position."""
    return xp.argsort(xp.argsort(size, axis=-1, descending=True), axis=-1)


def prox_sorted(x: Array, weights: Array, xp: Namespace) -> Array:
    """argmin ½‖y − x‖² + Σ weightsᵢ|y|₍ᵢ₎, weights non-increasing, possibly one row per point.

    Sorted, y is the non-increasing regression of |x|₍ᵢ₎ − weightsᵢ, clipped at zero; by the minimax formula
    yᵢ = min over a ≤ i of max over b ≥ i of the mean of entries a, …, b.
    """
    n = x.shape[-1]
    size = xp.abs(x)
    z = decreasing(x, xp) - weights
    ends = xp.cumulative_sum(z, axis=-1)
    starts = ends - z
    highest = None  # for each a ≤ i, the largest mean over b ≥ i
    pooled = []
    for i in range(n - 1, -1, -1):
        lengths = xp.arange(i + 1, 0, -1, dtype=x.dtype, device=device_of(x))
        means = (ends[..., i : i + 1] - starts[..., : i + 1]) / lengths
        highest = means if highest is None else xp.maximum(highest[..., : i + 1], means)
        pooled.append(xp.min(highest, axis=-1, keepdims=True))
    y = xp.concat(pooled[::-1], axis=-1)
    y = xp.maximum(y, xp.zeros_like(y))
    return xp.sign(x) * xp.take_along_axis(y, ranks(size, xp), axis=-1)


def project_top_k(size: Array, radius: Array, k: int, xp: Namespace) -> Array:
    """Magnitudes of the point nearest to ``size`` ≥ 0 (outside the ball) with TopK(k) equal to ``radius``.

    The nearest point is y = max(x − λ, min(x, θ)) for some λ, θ ≥ 0: with a entries above θ and b − a at θ,
    the sum of the k largest gives C_a − aλ + (k − a)θ = radius and the stationarity (C_b − C_a) − (b − a)θ = (k − a)λ,
    where C are prefix sums of the sorted x. Every pair a < k ≤ b is solved; the one that violates its order least is
    taken. Where fewer than k entries stay positive, θ = 0 and the point is that of the ℓ₁ ball.
    """
    n = size.shape[-1]
    z = xp.sort(size, axis=-1, descending=True)
    total = xp.cumulative_sum(z, axis=-1)
    count = xp.arange(1, n + 1, dtype=size.dtype, device=device_of(size))
    shift = xp.max((total - radius) / count, axis=-1, keepdims=True)
    shift = xp.maximum(shift, xp.zeros_like(shift))
    sparse = xp.maximum(size - shift, xp.zeros_like(size))
    # Subgradients of the zero entries are x/λ, at most 1; if they add up to at most k in all, the ℓ₁ point is nearest.
    enough = xp.sum(xp.minimum(size, shift), axis=-1, keepdims=True) <= shift * float(k)

    zero = xp.zeros_like(z[..., :1])
    sums = xp.concat([zero, total], axis=-1)
    padded = xp.concat([z[..., :1] + total[..., -1:], z, zero], axis=-1)  # entry i is x₍ᵢ₎; no bound at 0, zero after n
    a = xp.arange(k, dtype=size.dtype, device=device_of(size))[:, None]
    b = xp.arange(k, n + 1, dtype=size.dtype, device=device_of(size))
    spare, level = float(k) - a, b - a
    above, through = sums[..., :k, None], sums[..., None, k:]
    r = radius[..., None] if radius.ndim else radius
    theta = (spare * (r - above) + a * (through - above)) / (spare * spare + a * level)
    lam = ((through - above) - level * theta) / spare
    violation = xp.maximum(
        xp.maximum(theta + lam - padded[..., :k, None], padded[..., 1 : k + 1, None] - lam - theta),
        xp.maximum(theta - padded[..., None, k : n + 1], padded[..., None, k + 1 :] - theta),
    )
    shape = (*tuple(violation.shape[:-2]), -1)
    violation, theta, lam = (xp.reshape(t, shape) for t in (violation, theta, lam))
    best = xp.argmin(violation, axis=-1, keepdims=True)
    theta, lam = xp.take_along_axis(theta, best, axis=-1), xp.take_along_axis(lam, best, axis=-1)
    return xp.where(enough, sparse, xp.maximum(size - lam, xp.minimum(size, theta)))


def project_weighted_l1(x: Array, w: Array, radius: Array, rank: int, xp: Namespace) -> Array:
    """y = sign(x)·max(|x| − λw, 0), λ the largest over k of (Σw|x| − radius)/Σw² on the k largest |x|/w, or 0."""
    lead = tuple(x.shape[: x.ndim - rank])
    flat, weights = xp.reshape(x, (*lead, -1)), xp.reshape(w, (*lead, -1))
    r = xp.reshape(radius, (*tuple(radius.shape[: len(lead)]), 1)) if radius.ndim else radius
    size = xp.abs(flat)
    order = xp.argsort(size / weights, axis=-1, descending=True)
    size, weights = xp.take_along_axis(size, order, axis=-1), xp.take_along_axis(weights, order, axis=-1)
    excess = xp.cumulative_sum(size * weights, axis=-1) - r
    lam = xp.max(excess / xp.cumulative_sum(weights * weights, axis=-1), axis=-1, keepdims=True)
    lam = xp.reshape(xp.maximum(lam, xp.zeros_like(lam)), (*lead, *(1,) * rank))
    return xp.sign(x) * xp.maximum(xp.abs(x) - lam * w, xp.zeros_like(x))
