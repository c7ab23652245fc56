"""Odd quintic steps on stacks of matrices, and the certificate of what they have made.

With A = XXᵀ a step is X ← (aI + bA + cA²)X = (c(A + βI)² + αI)X, where β = b/2c and α = a − b²/4c: two symmetric
products, one general one, and next to no pass over the entries. The first step divides by s = (Σσ⁸)^⅛, which A² has
already: at least σ₁ and at most r^⅛σ₁, where ‖X‖_F may be √r σ₁. Tall matrices are iterated on lying on their side.

Steps but the last may be off by a thousand eps: the polynomials leave that much room above 1, and what turns singular
vectors by an angle θ costs θ². The last one is :func:`ntr_spec.norms.polar.closing.last_step`.

Reference: Higham, *Functions of Matrices*, 8.3.
"""

from __future__ import annotations

import dataclasses
import functools
from typing import Any, final

from ntr_spec.arrays import Namespace
from ntr_spec.arrays.products import product_eps
from ntr_spec.arrays.sums import dots, widened
from ntr_spec.arrays.symmetric import gram, plus_diagonal, squared
from ntr_spec.errors import DTypeError
from ntr_spec.norms.polar.closing import combined, is_half, last_step, rounded
from ntr_spec.norms.polar.image import Quintic, image, mapped
from ntr_spec.norms.polar.posterior import posterior

Array = Any


@final
@dataclasses.dataclass(frozen=True)
class Iterate:
    """V = p(x/s)/(1 + a) of each matrix x of a stack, up to an error of norm e ≤ a; p is composed of the steps.

    Attributes:
        v: V, in the precision of the iteration.
        scale: s ≥ ‖x‖₂, of the stack's shape, in float32 where x is in half precision; 1 where x is zero, NaN where x
            holds NaN or infinity.
        size: ‖x‖_F/s, of the stack's shape.
        allowed: a, by how much V was made shorter lest rounding make it longer than 1.
        error: e.
        narrow: by how much rounding V to the dtype of x may make it longer; 0 if that is no narrower.
        steps: as they were taken.
    """

    v: Array
    scale: Array
    size: Array
    allowed: Array
    error: Array
    narrow: float
    steps: tuple[Quintic, ...]


def begin(x: Array, steps: tuple[Quintic, ...], xp: Namespace, dtype: Any = None) -> Iterate:
    """The steps from X₀ = x/s, s = (Σσ⁸)^⅛, in the precision of ``dtype`` (None: that of x).

    Args:
        x: a stack of matrices whose largest entry is about 1, or which are zero.
        steps: at least one; p stays in [0, 1] on [0, 1].
        xp: the namespace of x.
        dtype: a floating dtype of the library.
    """
    tall = x.shape[-2] > x.shape[-1]
    norm = xp.sqrt(dots(x, x, xp))
    x = quiet(x, norm, xp)
    y = x if dtype is None else xp.astype(x, dtype, copy=False)
    divisor = xp.ones_like(norm)
    if is_half(y, xp):  # the entries of A and A² are to stay in its range
        divisor = positive(norm, xp)
        y = xp.astype(widened(x, xp) / divisor[..., None, None], y.dtype)
    a = gram(y, tall, xp)
    b = squared(a, xp)
    scale = positive(xp.sqrt(xp.sqrt(xp.sqrt(dots(b, b, xp)))), xp) * (1.0 + slack(product_eps(y, xp)))
    scale = xp.where(xp.isfinite(norm), scale, xp.full_like(scale, float("nan")))
    inverse, one = 1.0 / (scale * scale), 1.0 / scale
    first, rest, narrow = steps[0], steps[1:], _narrowing(y, x, xp)
    numbers = first.a * one, first.b * inverse * one, first.c * inverse * inverse * one
    allowed, error, lying = xp.zeros_like(norm), xp.zeros_like(norm), xp.matrix_transpose(y) if tall else y
    if rest:
        d, p, q = numbers
        y = xp.matmul(combined(a, p, b, q, d, xp), lying)
    else:
        y, allowed, error = last_step(lying, a, b, numbers, tall, narrow, xp)
    scale = scale * divisor
    return _continued(Iterate(y, scale, norm / scale, allowed, error, narrow, steps[:1]), rest, tall, xp)


def begin_at(x: Array, steps: tuple[Quintic, ...], xp: Namespace, dtype: Any = None) -> Iterate:
    """The steps from X₀ = x itself, ‖x‖₂ ≤ 1, in the precision of ``dtype`` (None: that of x)."""
    tall = x.shape[-2] > x.shape[-1]
    y = x if dtype is None else xp.astype(x, dtype, copy=False)
    norm = xp.sqrt(dots(x, x, xp))
    one, zero, narrow = xp.ones_like(norm), xp.zeros_like(norm), _narrowing(y, x, xp)
    start = Iterate(xp.matrix_transpose(y) if tall else y, one, norm, zero, zero, narrow, ())
    return _continued(start, steps, tall, xp)


def further(found: Iterate, steps: tuple[Quintic, ...], xp: Namespace) -> Iterate:
    """The iterate after more steps, at least one, whose p stays in [0, 1] on [0, 1]."""
    tall = found.v.shape[-2] > found.v.shape[-1]
    lying = xp.matrix_transpose(found.v) if tall else found.v
    return _continued(dataclasses.replace(found, v=lying), steps, tall, xp)


def certify(x: Array, found: Iterate, xp: Namespace) -> tuple[Array, Array]:
    """(V in the dtype of x, δ) of an iterate whose composed steps stay in [0, 1], by :func:`posterior`.

    V is no longer than p(x/s), as e ≤ a. What of ⟨x, p(x/s)⟩ it may have lost, by a and by e, is added to δ.

    Args:
        x: what the iteration began with.
        found: where it stands.
        xp: the namespace of x.
    """
    eps = product_eps(found.v, xp)
    rank, unit = min(x.shape[-2:]), (0.8 if eps > 1e-6 else 2.0) * eps
    reached = dots(x, found.v, xp)
    less = found.allowed + found.error
    lacking = rank * (1.0 + 2.0 * unit) - dots(found.v, found.v, xp)
    delta = posterior(reached / found.scale * (1.0 + less), lacking, found.size, rank, mapped(found.steps), unit, xp)
    lost = xp.where(found.size == 0, xp.zeros_like(found.size), less + turned(found.steps, eps))
    delta = xp.minimum(delta + lost, xp.ones_like(delta))
    if found.v.dtype == x.dtype:
        return found.v, delta
    v = rounded(found.v, x, xp)  # of ⟨x, V⟩, rounding keeps a share
    share = dots(x, v, xp) / xp.where(reached == 0, xp.ones_like(reached), reached)
    return v, xp.where(reached > 0, 1.0 - xp.minimum(share, xp.ones_like(share)) * (1.0 - delta), delta)


@functools.lru_cache(maxsize=256)
def turned(steps: tuple[Quintic, ...], eps: float) -> float:
    """What ⟨X, V⟩ loses, relatively, because rounding turns singular vectors: by an angle θ it costs θ².

    A step that multiplies one singular value by κ times as much as another lets their rounding errors grow by κ.
    """
    total, high = 0.0, 1.0
    for step in steps:
        square = high * high
        inside = -step.b / (2 * step.c) if step.c else 0.0
        ends = [0.0, square, min(max(inside, 0.0), square)]
        factors = [abs(step.a + t * (step.b + t * step.c)) for t in ends]
        total += min(1.0, 0.3 * eps * max(factors) / max(min(factors), 1e-300)) ** 2
        least, largest = image((step,), 0.0, high)
        high = max(largest, -least)
    return min(1.0, total)


def slack(eps: float) -> float:
    """By how much, relatively, a product may be too long before the last step, where nothing is lost by allowing much.

    Args:
        eps: machine epsilon of the iteration; half precision is accumulated in float32.
    """
    return 2.0 * eps if eps > 1e-6 else 2048.0 * eps


def iteration_dtype(subject: str, name: str | None, x: Array, xp: Namespace) -> Any:
    """The dtype of this name; without one, that of x, or float32 for float16, whose range is too narrow.

    Raises:
        DTypeError: the library has no such dtype.
    """
    if name is None:
        return xp.float32 if 1e-6 < eps_of(x, xp, x.dtype) < 2e-3 else x.dtype
    try:
        return getattr(xp, name)
    except AttributeError:
        raise DTypeError(f"{subject}: {xp.name} has no {name}; take dtype=None, or arrays of torch or JAX") from None


def eps_of(x: Array, xp: Namespace, dtype: Any) -> float:
    """Machine epsilon of an iteration on x in this dtype, or of its products where they are coarser."""
    return product_eps(x, xp, dtype)


def _continued(found: Iterate, steps: tuple[Quintic, ...], tall: bool, xp: Namespace) -> Iterate:
    """The iterate after more steps: it comes lying (more columns than rows), if any are left, and goes as x stood."""
    if not steps:
        return found
    y, last = found.v, steps[-1]
    for step in steps[:-1]:
        y = xp.matmul(factor_of(gram(y, False, xp), step, xp), y)
    a = gram(y, False, xp)
    b = squared(a, xp)
    one = xp.ones_like(found.scale)
    numbers = last.a * one, last.b * one, last.c * one
    v, allowed, error = last_step(y, a, b, numbers, tall, found.narrow, xp)
    allowed, error, steps = found.allowed + allowed, found.error + error, found.steps + steps
    return dataclasses.replace(found, v=v, allowed=allowed, error=error, steps=steps)


def factor_of(a: Array, step: Quintic, xp: Namespace) -> Array:
    """aI + bA + cA², in the place of A where the library can."""
    if step.c == 0:
        a *= step.b
        return plus_diagonal(a, step.a, xp)
    beta = step.b / (2 * step.c)
    m = squared(plus_diagonal(a, beta, xp), xp)
    m *= step.c
    return plus_diagonal(m, step.a - step.c * beta * beta, xp)


def positive(x: Array, xp: Namespace) -> Array:
    """x with 1 for 0, and NaN for infinity."""
    x = xp.where(x == 0, xp.ones_like(x), x)
    return xp.where(xp.isfinite(x), x, xp.full_like(x, float("nan")))


def quiet(x: Array, norm: Array, xp: Namespace) -> Array:
    """x, but 0 for a matrix with NaN or infinity under NumPy, which alone warns of what becomes of these."""
    if xp.name != "numpy" or bool(xp.all(xp.isfinite(norm))):
        return x
    return xp.where(xp.isfinite(norm)[..., None, None], x, xp.zeros_like(x))


def _narrowing(y: Array, x: Array, xp: Namespace) -> float:
    """By how much rounding y to the dtype of x may make it longer: entries may all be rounded the same way."""
    coarse = product_eps(x, xp)
    return coarse if is_half(x, xp) and not is_half(y, xp) else 0.0
