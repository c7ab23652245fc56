"""Two objectives in the plane, for pictures: a quadratic bowl and Rosenbrock's valley."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar, final

import numpy as np

from ntr_spec.arrays import Namespace
from ntr_spec.errors import InputError
from ntr_spec.norms.base import Norm
from ntr_spec.norms.vector import L2
from ntr_spec.problems.baseline import Baseline
from ntr_spec.problems.problem import Problem, to_host

Array = Any


@final
@dataclasses.dataclass(frozen=True, eq=False)
class Quadratic(Problem):
    """f(x) = ½⟨x − t, A(x − t)⟩ with A symmetric positive definite; least at t, where f = 0.

    Args:
        matrix: A.
        target: t.
        x0: where to start.

    Raises:
        InputError: A is not symmetric positive definite, or sizes differ.

    >>> problem = Quadratic()
    >>> float(problem.value_and_gradient(problem.x0)[0]), problem.objective(problem.target)
    (10.4, 0.0)
    """

    arrays: ClassVar[tuple[str, ...]] = ("matrix", "target", "x0")

    matrix: Array = dataclasses.field(default_factory=lambda: np.asarray([[1.0, 0.6], [0.6, 3.0]]))
    target: Array = dataclasses.field(default_factory=lambda: np.zeros(2))
    x0: Array = dataclasses.field(default_factory=lambda: np.asarray([-2.0, -2.0]))

    def __post_init__(self) -> None:
        if self.matrix.ndim != 2 or not self.matrix.shape == 2 * tuple(self.x0.shape) == 2 * tuple(self.target.shape):
            raise InputError("Quadratic: expected an n×n matrix with a target and x0 of size n; make the sizes agree")
        host = to_host(self.matrix)
        if not (np.array_equal(host, host.T) and np.linalg.eigvalsh(host)[0] > 0):
            raise InputError("Quadratic: expected a symmetric positive definite matrix; pass one")

    def _value_and_gradient(self, x: Array, step: int | None, xp: Namespace) -> tuple[Array, Array]:
        away = x - self.target
        gradient = self.matrix @ away
        return xp.sum(away * gradient) / 2, gradient

    def _baseline(self, steps: int) -> Baseline:
        return Baseline("the least point", self.target, True)

    @property
    def norm(self) -> Norm:
        """ℓ₂."""
        return L2()


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
