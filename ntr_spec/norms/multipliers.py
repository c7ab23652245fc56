"""Projections that have no closed form: the root of one monotone function of the multiplier.

Each runs a fixed number of iterations, without reading a value, on stacks of vectors along the last axis. They are
limits of iterations, so that they have no exact meaning on symbols. Reference: Moré and Sorensen, *Computing a trust
region step* (1983), for Newton's method on 1/‖y‖, which is nearly linear where ‖y‖ is not.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ntr_spec.arrays import Namespace
from ntr_spec.errors import UntraceableError

Array = Any

_NEWTON = 14  # measured: at most 9 bring the residual to rounding, for p from 1.001 to 500 and conditions to 1e8
_TINY = 1e-30  # in float32, too, a number of size 1 may be divided by it


def project_lp(size: Array, radius: Array, p: float, xp: Namespace) -> Array:
    """Magnitudes of the point nearest to ``size`` ≥ 0 (outside the ball, largest entry near 1) with ‖y‖_p = radius.

    y = rz with rz + νz^{p−1} = size entry by entry, and ν ≥ 0, which is ‖size − y‖_q, such that ‖z‖_p = 1.
    """
    _refuse_symbols("Lp", xp)
    q = p / (p - 1)
    most = _length(size, q, xp)
    ends = xp.zeros_like(most), most
    start = xp.maximum(most * (1 - radius / _positive(_length(size, p, xp), xp)), ends[0])

    def gap(nu: Array) -> tuple[Array, Array]:
        z = _lp_entries(size, radius, nu, p, xp)
        norm = _positive(_length(z, p, xp), xp)
        # −dz/dν = z^{p−1}/(r + (p−1)νz^{p−2}), with numerator and denominator multiplied by z
        fall = z**p / _positive(radius * z + (p - 1) * nu * z ** (p - 1), xp)
        return 1 / norm - 1, xp.sum((z / norm) ** (p - 1) * fall, axis=-1, keepdims=True) / norm**2

    z = _lp_entries(size, radius, _increasing_root(gap, start, ends, xp), p, xp)
    return radius * (z / _positive(_length(z, p, xp), xp))


def _lp_entries(a: Array, radius: Array, nu: Array, p: float, xp: Namespace) -> Array:
    """z ≥ 0 with rz + νz^{p−1} = a, where z ≤ 1: Newton from above on Au + Bu^e, convex in u = z or z^{p−1}."""
    steep = p >= 2
    e = p - 1 if steep else 1 / (p - 1)
    A, B = (radius, nu) if steep else (nu, radius)
    A, B = A + 0 * a, B + 0 * a
    # Either term alone is at most a. Any z above 1 tells that ν is too small, so that no power need exceed 2.
    u = xp.minimum(a / xp.maximum(A, _TINY + 0 * a), (a / xp.maximum(B, _TINY + 0 * a)) ** (1 / e))
    u = xp.minimum(u, 2 ** (1 / e) + 0 * a)
    for _ in range(8 + 2 * math.ceil(math.log2(1 + e))):
        power = u ** (e - 1)
        step = (A * u + B * power * u - a) / _positive(A + e * B * power, xp)
        u = xp.maximum(xp.minimum(u, u - step), 0 * a)
    return u if steep else u**e


def project_ellipsoid(x: Array, d: Array, radius: Array, xp: Namespace) -> Array:
    """The point nearest to x (outside the ball) with Σ dᵢyᵢ² = radius²: y = rx/(r + νd), ν ≥ 0."""
    _refuse_symbols("Ellipsoidal", xp)
    image = xp.sqrt(d) * x
    excess = xp.maximum(_length(image, 2.0, xp) - radius, 0 * radius)
    ends = excess / xp.max(d), excess / xp.min(d)

    def gap(nu: Array) -> tuple[Array, Array]:
        below = _positive(radius + nu * d, xp)
        z = image / below
        norm = _positive(_length(z, 2.0, xp), xp)
        return 1 / norm - 1, xp.sum(z * z * d / below, axis=-1, keepdims=True) / norm**3

    nu = _increasing_root(gap, ends[0], ends, xp)
    z = image / _positive(radius + nu * d, xp)
    return radius * (z / _positive(_length(z, 2.0, xp), xp)) / xp.sqrt(d)


def multiplier(size: Callable[[Array], Array], most: Array, radius: Array, xp: Namespace) -> Array:
    """λ in [0, most] with size(λ) = radius, for a size that decreases and is at most the radius at ``most``.

    By bisection to the last bit, from the side where size(λ) ≤ radius. With size(λ) = ‖prox_{λ‖·‖}(x)‖ and
    most = ‖x‖_* the prox is the projection of x on the ball.
    """
    _refuse_symbols("a projection by bisection", xp)
    low, high = 0 * most, most
    limits = xp.limits(most.dtype)
    assert limits is not None  # admitted points are floating
    for _ in range(2 - round(math.log2(limits.eps))):
        middle = low + (high - low) / 2
        outside = size(middle) > radius
        low, high = xp.where(outside, middle, low), xp.where(outside, high, middle)
    return high


def _increasing_root(
    gap: Callable[[Array], tuple[Array, Array]], start: Array, ends: tuple[Array, Array], xp: Namespace
) -> Array:
    """Where gap, increasing and given with its derivative, is zero: Newton, halving where a step leaves the ends."""
    t, (low, high) = start, ends
    for _ in range(_NEWTON):
        value, slope = gap(t)
        low, high = xp.where(value < 0, t, low), xp.where(value > 0, t, high)
        step = t - value / _positive(slope, xp)
        t = xp.where((step >= low) & (step <= high), step, low + (high - low) / 2)
    return t


def _length(x: Array, p: float, xp: Namespace) -> Array:
    return xp.sum(xp.abs(x) ** p, axis=-1, keepdims=True) ** (1 / p)


def _positive(x: Array, xp: Namespace) -> Array:
    """x to divide by: 1 where it is 0."""
    return xp.where(x == 0, xp.ones_like(x), x)


def _refuse_symbols(subject: str, xp: Namespace) -> None:
    if xp.exact:
        raise UntraceableError(
            f"{subject}: the projection is the limit of an iteration and has no exact meaning on symbols; "
            "let the property engine test it"
        )
