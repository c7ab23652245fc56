"""Odd quintic steps on stacks of matrices, and the certificate of what they have made.

With A = XXᵀ a step is X ← (aI + bA + cA²)X = (c(A + βI)² + αI)X, where β = b/2c and α = a − b²/4c: two symmetric products,
one general one, and next to no pass over the entries. The first step divides by s = (Σσ⁸)^⅛, which A² has already and
which is at least σ₁ and at most r^⅛σ₁, where ‖X‖_F may be √r σ₁.

Reference: Higham, *Functions of Matrices*, 8.3.
"""

from __future__ import annotations

import dataclasses
from typing import Any, final

from ntr_spec.arrays import Namespace
from ntr_spec.arrays.symmetric import gram, plus_diagonal, row_dots, squared
from ntr_spec.norms.polar.image import Quintic, mapped
from ntr_spec.norms.polar.posterior import posterior

Array = Any


@final
@dataclasses.dataclass(frozen=True)
class Iterate:
    """V = p(x/s) of each matrix x of a stack, p composed of the steps.

    Attributes:
        v: V, in the precision of the iteration.
        scale: s ≥ ‖x‖₂, shaped (…, 1, 1), in float32 where x is in half precision; 1 where x is zero, NaN where x holds
            NaN or infinity.
        square: ‖x‖_F², of the stack's shape.
        steps: as they were taken.
    """

    v: Array
    scale: Array
    square: Array
    steps: tuple[Quintic, ...]


def begin(x: Array, steps: tuple[Quintic, ...], xp: Namespace, dtype: Any = None) -> Iterate:
    """The steps from X₀ = x/s, s = (Σσ⁸)^⅛, in the precision of ``dtype`` (None: that of x).

    Args:
        x: a stack of matrices whose largest entry is about 1, or which are zero.
        steps: at least one, made for [0, 1].
        xp: the namespace of x.
        dtype: a floating dtype of the library.
    """
    tall = x.shape[-2] > x.shape[-1]
    wide_x = _widened(x, xp)
    square = row_dots(wide_x, wide_x, xp)
    y = x if dtype is None else xp.astype(x, dtype, copy=False)
    limits = xp.limits(y.dtype)
    assert limits is not None  # admitted points are floating
    size = xp.ones_like(square)[..., None, None]
    if limits.eps > 1e-6:  # half precision: entries of A and A² are to stay in its range
        size = _positive(xp.sqrt(square), xp)[..., None, None]
        y = xp.astype(wide_x / size, y.dtype)
    a = gram(y, tall, xp)
    b = squared(a, xp)
    scale = _positive(xp.sqrt(xp.sqrt(xp.sqrt(row_dots(b, b, xp)))), xp)[..., None, None]
    scale = scale * (1.0 + _INFLATION * limits.eps)
    first = steps[0]
    inverse = 1.0 / (scale * scale)
    m = _narrow(first.b * inverse / scale, y, xp) * a + _narrow(first.c * inverse * inverse / scale, y, xp) * b
    m = plus_diagonal(m, _narrow(first.a / scale, y, xp), xp)
    y = xp.matmul(y, m) if tall else xp.matmul(m, y)
    return further(Iterate(y, scale * size, square, steps[:1]), steps[1:], xp)


def further(found: Iterate, steps: tuple[Quintic, ...], xp: Namespace) -> Iterate:
    """The iterate after more steps."""
    y = found.v
    tall = y.shape[-2] > y.shape[-1]
    for step in steps:
        y = _step(y, step, tall, xp)
    return Iterate(y, found.scale, found.square, found.steps + steps)


def certify(x: Array, found: Iterate, unit: float, xp: Namespace) -> tuple[Array, Array]:
    """(V in the dtype of x, δ) of an iterate whose composed steps stay below 1, by :func:`posterior`.

    Args:
        x: what the iteration began with.
        found: where it stands.
        unit: what rounding loses, relative to the result.
        xp: the namespace of x.
    """
    rank = min(x.shape[-2:])
    v = found.v if found.v.dtype == x.dtype else xp.astype(found.v, x.dtype)
    scale = found.scale[..., 0, 0]
    zero = found.square == 0
    reached = row_dots(x, v, xp) / scale
    lacking = rank * (1.0 + 2.0 * unit) - row_dots(v, v, xp)
    size = xp.where(zero, found.square, xp.sqrt(found.square) / scale)
    return v, posterior(reached, lacking, size, rank, mapped(found.steps), unit, xp)


_INFLATION = 4.0


def _step(y: Array, step: Quintic, tall: bool, xp: Namespace) -> Array:
    a = gram(y, tall, xp)
    if step.c == 0:
        m = plus_diagonal(_scaled(a, step.b, xp), step.a, xp)
    else:
        half = step.b / (2 * step.c)
        m = squared(plus_diagonal(a, half, xp), xp)
        m = plus_diagonal(_scaled(m, step.c, xp), step.a - step.b * half / 2, xp)
    return xp.matmul(y, m) if tall else xp.matmul(m, y)


def _scaled(a: Array, by: float, xp: Namespace) -> Array:
    """by·a, in the place of a where the library can: nobody else needs it."""
    a *= by
    return a


def _positive(x: Array, xp: Namespace) -> Array:
    """x with 1 for 0, and NaN for infinity."""
    x = xp.where(x == 0, xp.ones_like(x), x)
    return xp.where(xp.isfinite(x), x, xp.full_like(x, float("nan")))


def _widened(x: Array, xp: Namespace) -> Array:
    """x, in float32 if it is in half precision."""
    limits = xp.limits(x.dtype)
    assert limits is not None  # admitted points are floating
    return xp.astype(x, xp.float32) if limits.eps > 1e-6 else x


def _narrow(x: Array, like: Array, xp: Namespace) -> Array:
    return x if x.dtype == like.dtype else xp.astype(x, like.dtype)
