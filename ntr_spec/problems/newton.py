"""Newton's method on the host, with a certificate that a minimiser exists and how far below the infimum can be.

Kantorovich's theorem: if ∇²f(x) ≥ μI, ∇²f is H-Lipschitz in ℓ₂ and H‖∇f(x)‖₂ ≤ μ²/2, then f, convex, has a minimiser x*
with ‖x* − x‖₂ ≤ 2‖∇f(x)‖₂/μ; so, by convexity, f(x) − 2‖∇f(x)‖₂²/μ ≤ inf f ≤ f(x). Where there is no minimiser, as for
logistic regression on separable data, μ vanishes with the gradient and the condition fails at every x.
Reference: Ortega and Rheinboldt, *Iterative Solution of Nonlinear Equations* (1970), 12.6.2.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

Array = Any


class Minimum(NamedTuple):
    """A point that is a minimiser to machine precision, and a lower bound for the infimum.

    Attributes:
        x: the point.
        lower: f(x) − 2‖∇f(x)‖₂²/μ, which is at most inf f but for rounding.
    """

    x: Array
    lower: float


def minimum(
    derivatives: Callable[[Array], tuple[float, Array, Array]], x: Array, third: float, steps: int = 200
) -> Minimum | None:
    """The minimiser of a convex function, certified; None if it cannot be, as where there is none.

    Args:
        derivatives: f(x), ∇f(x) and ∇²f(x) in float64.
        x: where to start.
        third: H, the Lipschitz constant of ∇²f in ℓ₂.
        steps: at most so many.

    >>> import math
    >>> def cosh(x):
    ...     return math.cosh(x[0] - 1), np.sinh(x - 1), np.cosh(x - 1)[:, None]
    >>> minimum(cosh, np.zeros(1), third=1.2).x.round(12).tolist()
    [1.0]
    """
    value, gradient, hessian = derivatives(x)
    for _ in range(steps):
        way = np.linalg.lstsq(hessian, -gradient)[0]
        slope = float(gradient @ way)
        size = 1.0
        after = derivatives(x + way)
        # Halve until f falls; within rounding of the least value, until the gradient does.
        while not (after[0] <= value + 0.25 * size * slope or _smaller(after[1], gradient, value, slope)):
            size /= 2
            if size < 1e-12:
                return _certified(x, value, gradient, hessian, third)
            after = derivatives(x + size * way)
        if _smaller(gradient, after[1], value, slope) and not np.linalg.norm(after[1]) < np.linalg.norm(gradient):
            break
        x = x + size * way
        value, gradient, hessian = after
    return _certified(x, value, gradient, hessian, third)


def _smaller(one: Array, other: Array, value: float, slope: float) -> bool:
    """Whether a gradient is the smaller one, where f is too flat to tell the points apart."""
    return abs(slope) <= 1e-13 * max(1.0, abs(value)) and float(np.linalg.norm(one)) <= float(np.linalg.norm(other))


def _certified(x: Array, value: float, gradient: Array, hessian: Array, third: float) -> Minimum | None:
    left = float(np.linalg.norm(gradient))
    least = float(np.linalg.eigvalsh(hessian)[0])
    if least <= 0 or third * left > least**2 / 2:
        return None
    return Minimum(x, value - 2 * left * left / least)


def span(A: Array) -> Array:
    """Orthonormal columns that span the rows of A."""
    _, values, vh = np.linalg.svd(A, full_matrices=False)
    return vh[values > values[0] * max(A.shape) * np.finfo(float).eps].T
