"""``PolarExpress``: the polar factor by the composition of odd quintics that is best on [lower, 1].

Reference: Amsel, Persson, Musco and Gower, *The Polar Express* (2025).
"""

from __future__ import annotations

import dataclasses
import functools
import math
from typing import Any, Literal, final

from ntr_spec.arrays import Namespace, free_to_read
from ntr_spec.errors import InputError
from ntr_spec.norms.polar.base import Certified, Polar
from ntr_spec.norms.polar.closing import rounded
from ntr_spec.norms.polar.gram_side import STEEPEST, GramIterate, certify_gram, on_gram_side
from ntr_spec.norms.polar.image import Quintic, check_interval, feasible, image, lost
from ntr_spec.norms.polar.iteration import Iterate, begin, certify, eps_of, iteration_dtype, slack
from ntr_spec.norms.polar.remez import best_composition

Array = Any

_LEAST = 1e-12
# See best_composition. In half precision errors must not grow at all; elsewhere 50 times the smallest is nothing.
_CUSHION, _HALF_CUSHION, _GRAM_CUSHION = 0.02, 0.1, 0.2
# How much longer than wide a matrix is for which the Gram side pays.
_LONG = 3


@final
@dataclasses.dataclass(frozen=True, repr=False)
class PolarExpress(Polar):
    """V = p(x/s): p is the composition of ``steps`` odd quintics that is nearest to 1 on [lower, 1], over its maximum.

    s = (Σσ⁸)^⅛ lies between σ₁ and r^⅛σ₁. Singular values of at least lower·s become 1 − δ or more; smaller ones lose
    more, and the certificate says how much that matters. Feasible: ‖V‖₂ ≤ 1.

    Args:
        steps: how many. Every one costs two symmetric products and a general one.
        lower: in [1e-12, 1); None: where what is lost below balances what is lost above, for singular values that are
            spread evenly.
        dtype: in what precision to iterate, such as ``"bfloat16"``; None: in that of x.
        gram: True iterates on XᵀX, which is cheaper the longer X is, and less accurate the worse its condition, as δ
            tells; not in half precision. None: where one side is at least three times the other, a value may be read
            for nothing, and it turns out well-conditioned enough.

    Raises:
        InputError: an argument is out of its range.
        DTypeError: when run, the library of x has no such dtype.

    >>> import numpy as np
    >>> from ntr_spec.arrays import namespace_of
    >>> x = np.array([[3.0, 0.0], [0.0, -4.0]])
    >>> found = PolarExpress().certified(x, namespace_of(x))
    >>> np.round(found.factor, 6).tolist(), bool(found.delta < 1e-6)
    ([[1.0, 0.0], [0.0, -1.0]], True)
    """

    steps: int = 7
    lower: float | None = None
    dtype: Literal["bfloat16", "float32", "float64"] | None = None
    gram: bool | None = None

    def __post_init__(self) -> None:
        if isinstance(self.steps, bool) or not isinstance(self.steps, int) or not 1 <= self.steps <= 100:
            raise InputError(
                f"PolarExpress: expected a number of steps from 1 to 100, got steps={self.steps!r}; 7 suits float32"
            )
        if self.lower is not None and not (isinstance(self.lower, int | float) and _LEAST <= self.lower < 1):
            raise InputError(f"PolarExpress: expected {_LEAST} ≤ lower < 1, got lower={self.lower!r}; None balances it")
        if self.gram is not None and not isinstance(self.gram, bool):
            raise InputError(f"PolarExpress: expected gram as True, False or None, got {self.gram!r}; None decides")
        if self.dtype not in (None, "bfloat16", "float32", "float64"):
            raise InputError(
                f'PolarExpress: expected a dtype such as "bfloat16", got {self.dtype!r}; None keeps that of x'
            )

    def table(self, eps: float = 2.0**-52) -> tuple[Quintic, ...]:
        """The steps, made for an iteration of machine epsilon ``eps``; the first is applied first."""
        lower = balanced(self.steps, eps) if self.lower is None else float(self.lower)
        return optimal_steps(self.steps, lower, eps)

    def image(self, lower: float, upper: float = 1.0) -> tuple[float, float]:
        """(min, max) of p over [lower, upper], rounded outwards; exact arithmetic.

        >>> least, largest = PolarExpress(5, 1e-2).image(1e-2)
        >>> least > 1 - 1e-5, largest <= 1
        (True, True)
        """
        check_interval("PolarExpress", lower, upper)
        return image(self.table(), lower, upper)

    def delta(self, lower: float) -> float:
        """δ for every matrix with σ_min ≥ lower·s, rounded up; exact arithmetic.

        >>> PolarExpress(5, 1e-2).delta(1e-2) < 1e-5
        True
        """
        check_interval("PolarExpress", lower)
        return lost(self.table(), lower)

    def factor(self, x: Array, xp: Namespace) -> Array:
        """V, in the dtype of x."""
        found = (self.gram_run(x, xp) or self.run(x, xp)).v
        return rounded(found, x, xp)

    def certified(self, x: Array, xp: Namespace) -> Certified:
        """V and its δ, from ⟨x, V⟩ and ‖V‖_F alone."""
        short = self.gram_run(x, xp)
        if short is not None:
            return Certified(short.v, certify_gram(x, short, xp), repr(self))
        v, delta = certify(x, self.run(x, xp), xp)
        return Certified(v, delta, repr(self))

    def run(self, x: Array, xp: Namespace) -> Iterate:
        """The iteration, to be continued or certified; not on the Gram side."""
        dtype = iteration_dtype("PolarExpress", self.dtype, x, xp)
        return begin(x, self.table(eps_of(x, xp, dtype)), xp, dtype)

    def gram_run(self, x: Array, xp: Namespace) -> GramIterate | None:
        """The iteration on the Gram matrix, where it was asked for or pays; else None."""
        eps = eps_of(x, xp, iteration_dtype("PolarExpress", self.dtype, x, xp))
        short, long = sorted(x.shape[-2:])
        if self.gram is False or eps > 1e-6 or eps != eps_of(x, xp, x.dtype):
            return None
        if self.gram is None and (long < _LONG * short or not free_to_read(x, xp)):
            return None
        lower = balanced(self.steps, eps, _GRAM_CUSHION) if self.lower is None else float(self.lower)
        steps = optimal_steps(self.steps, lower, eps, _GRAM_CUSHION)
        return on_gram_side(x, steps, xp, math.inf if self.gram else STEEPEST)


@functools.lru_cache(maxsize=1024)
def optimal_steps(steps: int, lower: float, eps: float, cushion: float | None = None) -> tuple[Quintic, ...]:
    """The best composition on [lower, 1], divided by its maximum, with room for rounding of this machine epsilon."""
    room = slack(eps)
    if cushion is None:
        cushion = _CUSHION if eps < 1e-6 else _HALF_CUSHION
    return feasible(best_composition(steps, lower, room, cushion), room)


@functools.lru_cache(maxsize=128)
def balanced(steps: int, eps: float, cushion: float | None = None) -> float:
    """ℓ at which ``steps`` steps lose about ℓ² on [ℓ, 1]: what evenly spread singular values below ℓ weigh.

    >>> [f"{balanced(steps, 2.0**-23):.0e}" for steps in (4, 5, 6, 7)]
    ['2e-02', '7e-03', '2e-03', '7e-04']
    """
    low, high = _LEAST, 0.5
    for _ in range(60):
        middle = (low * high) ** 0.5
        least, _ = image(optimal_steps(steps, middle, eps, cushion), middle)
        low, high = (low, middle) if 1.0 - least < middle * middle + 2 * eps else (middle, high)
    return float(f"{high:.3g}")
