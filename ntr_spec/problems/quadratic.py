"""``Quadratic``: ½⟨x − t, A(x − t)⟩, of which everything is known."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar, final

import numpy as np

from ntr_spec.arrays import Namespace
from ntr_spec.errors import InputError
from ntr_spec.norms.base import Norm
from ntr_spec.norms.vector import L2
from ntr_spec.problems.baseline import Baseline
from ntr_spec.problems.forms import largest_value
from ntr_spec.problems.known import Constant, Known
from ntr_spec.problems.problem import to_host
from ntr_spec.trees import shapes

Array = Any


@final
@dataclasses.dataclass(frozen=True, eq=False)
class Quadratic(Known):
    """f(x) = ½⟨x − t, A(x − t)⟩ with A symmetric positive definite; least at t, where f = 0.

    L = sup{⟨u, Au⟩ : ‖u‖ ≤ 1}, exactly where :func:`ntr_spec.problems.forms.largest_value` knows it; H = 0.

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

    def _hessian_vector(self, x: Array, v: Array, xp: Namespace) -> Array:
        return self.matrix @ v

    def _smoothness(self, norm: Norm) -> Constant | None:
        return largest_value(np.asarray(to_host(self.matrix), dtype=np.float64), norm, shapes(self.x0))

    def _second_smoothness(self, norm: Norm) -> Constant | None:
        return Constant(0.0, True, "the Hessian is constant")

    def _baseline(self, steps: int) -> Baseline:
        return Baseline("the least point", self.target, True)

    @property
    def minimizer(self) -> Array:
        """t."""
        return self.target

    @property
    def infimum(self) -> float:
        """0."""
        return 0.0

    @property
    def star_convex(self) -> bool:
        """True: f is convex."""
        return True

    @property
    def norm(self) -> Norm:
        """ℓ₂."""
        return L2()
