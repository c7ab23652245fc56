"""``Rosenbrock``: a curved valley in the plane, for pictures."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar, final

import numpy as np

from ntr_spec.arrays import Namespace
from ntr_spec.errors import InputError
from ntr_spec.norms.base import Norm
from ntr_spec.norms.vector import L2
from ntr_spec.problems.baseline import Baseline
from ntr_spec.problems.problem import Problem

Array = Any


@final
@dataclasses.dataclass(frozen=True, eq=False)
class Rosenbrock(Problem):
    """f(x) = (1 − x₁)² + 100(x₂ − x₁²)²; least at (1, 1), where f = 0. Not convex.

    Reference: Rosenbrock (1960).

    >>> import numpy as np
    >>> Rosenbrock().objective(np.asarray([1.0, 1.0]))
    0.0
    """

    arrays: ClassVar[tuple[str, ...]] = ("x0",)

    x0: Array = dataclasses.field(default_factory=lambda: np.asarray([-1.2, 1.0]))

    def __post_init__(self) -> None:
        if tuple(self.x0.shape) != (2,):
            raise InputError(f"Rosenbrock: expected x0 of shape (2,), got {tuple(self.x0.shape)}; pass two numbers")

    def _value_and_gradient(self, x: Array, step: int | None, xp: Namespace) -> tuple[Array, Array]:
        u, v = x[0], x[1]
        off = v - u * u
        value = (1 - u) ** 2 + 100 * off * off
        return value, xp.stack([-2 * (1 - u) - 400 * u * off, 200 * off])

    def _baseline(self, steps: int) -> Baseline:
        return Baseline("the least point", np.ones(2), True)

    @property
    def norm(self) -> Norm:
        """ℓ₂."""
        return L2()
