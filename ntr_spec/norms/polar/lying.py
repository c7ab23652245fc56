"""What solvers that decompose matrices share: one orientation, a precision that LAPACK knows, a last step by products.

LAPACK's U, V and Q are orthogonal to a few eps, except where many terms of a sum are equal: U·Vᵀ of a 2000×200 matrix
of ones below its diagonal is 900 eps too long in float32 (measured). A last Newton–Schulz step squares that, costs
two products beside a decomposition of twenty, and knows how long its own products may have made the factor
(:mod:`ntr_spec.norms.polar.closing`). Tall matrices are worked on lying on their side, half precision in float32.
"""

from __future__ import annotations

import math
from typing import Any

from ntr_spec.arrays import Namespace
from ntr_spec.arrays.reading import free_to_read
from ntr_spec.arrays.sums import dots, widened
from ntr_spec.arrays.symmetric import gram, squared
from ntr_spec.norms.polar.closing import last_step, rounded
from ntr_spec.norms.polar.image import Quintic

Array = Any

# x(3 − x²)/2: at most 1 on [0, √3], and 1 − 3d²/2 at 1 ± d.
CUBIC = Quintic(1.5, -0.5, 0.0)
# x(15 − 10x² + 3x⁴)/8: at most 1 on [0, 1], and 1 ± 5d³/2 at 1 ± d.
QUINTIC = Quintic(15 / 8, -10 / 8, 3 / 8)


def enter(x: Array, xp: Namespace) -> Array:
    """x as matrices with no more rows than columns, in float32 if it is in half precision.

    >>> import numpy as np
    >>> from ntr_spec.arrays import namespace_of
    >>> x = np.ones((3, 2), dtype=np.float16)
    >>> enter(x, namespace_of(x)).shape, enter(x, namespace_of(x)).dtype
    ((2, 3), dtype('float32'))
    """
    y = widened(x, xp)
    return xp.matrix_transpose(y) if x.shape[-2] > x.shape[-1] else y


def leave(y: Array, x: Array, xp: Namespace) -> Array:
    """What was made of ``enter(x)``, in the shape and dtype of x."""
    return rounded(xp.matrix_transpose(y) if x.shape[-2] > x.shape[-1] else y, x, xp)


def precision(x: Array, xp: Namespace) -> float:
    """Machine epsilon of x's dtype; 0 for exact numbers."""
    limits = xp.limits(x.dtype)
    return 0.0 if limits is None else limits.eps


def polished(v: Array, step: Quintic, x: Array, xp: Namespace) -> tuple[Array, Array]:
    """V after one more step, divided by 1 + a, lest rounding, to x's dtype at last, make it longer than 1; and a + e.

    See :func:`ntr_spec.norms.polar.closing.last_step`: a + e is what V may have lost.

    NaN or infinity anywhere in V, such as a decomposition leaves behind that does not say that it failed, is NaN
    everywhere in the result: it is in a row and a column of V·Vᵀ.

    Args:
        v: a stack of lying matrices.
        step: an odd polynomial.
        x: what the solver was given.
        xp: the namespace.
    """
    eps = precision(x, xp)
    a = gram(v, False, xp)
    b = squared(a, xp)
    one = xp.ones_like(v[..., 0, 0])
    numbers, narrow = (step.a * one, step.b * one, step.c * one), eps if eps > 1e-6 else 0.0
    v, allowed, error = last_step(v, a, b, numbers, False, narrow, xp)
    return v, allowed + error


def poisoned(v: Array, number: Array, xp: Namespace) -> Array:
    """Each matrix of a stack, NaN as a whole where its number is not finite; products do not warn about NaN."""
    good = xp.isfinite(number)
    if free_to_read(v, xp) and bool(xp.all(good)):
        return v
    nothing = xp.zeros_like(number)
    return v + xp.where(good, nothing, nothing + math.nan)[..., None, None]


def narrowed(delta: Array, y: Array, v: Array, factor: Array, xp: Namespace) -> Array:
    """δ of a factor that was rounded to half precision, given δ of V before.

    Args:
        delta: δ of V.
        y: x as :func:`enter` gives it.
        v: V, as long as y.
        factor: O, what :func:`leave` made of V.
        xp: the namespace.
    """
    if factor.dtype != y.dtype:
        reached = dots(y, v, xp)
        share = dots(y, enter(factor, xp), xp) / xp.where(reached == 0, xp.ones_like(reached), reached)
        kept = xp.minimum(share, xp.ones_like(share)) * (1.0 - delta)
        delta = xp.where(reached == 0, delta, 1.0 - kept)
    return xp.minimum(delta, xp.ones_like(delta))
