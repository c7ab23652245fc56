"""``Noisy``: a problem whose stochastic gradients are its exact ones plus noise of known size."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar, final

from ntr_spec.arrays import Namespace
from ntr_spec.errors import InputError
from ntr_spec.norms.base import Norm
from ntr_spec.problems.baseline import Baseline
from ntr_spec.problems.known import Constant, Known
from ntr_spec.problems.noise import Noise
from ntr_spec.steps import Regularizer
from ntr_spec.trees import Tree, tree_map

Array = Any


@final
@dataclasses.dataclass(frozen=True, eq=False)
class Noisy(Known):
    """A known problem of which :meth:`stochastic` gives ∇f(x) + n, n the noise of the step; all else is the problem's.

    Args:
        problem: what is minimised.
        noise: unbiased, with E‖n‖₂² = σ².
        seed: of the noise; the noise of a step is a function of seed and step.

    Raises:
        InputError: the problem is not a :class:`Known` one, or the noise no :class:`Noise`.

    >>> from ntr_spec import L2
    >>> from ntr_spec.problems import Quadratic, Sphere
    >>> problem = Noisy(Quadratic(), Sphere(0.5))
    >>> exact, drawn = problem.value_and_gradient(problem.x0)[1], problem.stochastic(problem.x0, 3)[1]
    >>> round(float(L2()(drawn - exact)), 9), problem.constants(L2()).sigma
    (0.5, 0.5)
    """

    arrays: ClassVar[tuple[str, ...]] = ("problem",)

    problem: Known
    noise: Noise
    seed: int = 0
    x0: Tree = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        for value, kind in ((self.problem, Known), (self.noise, Noise)):
            if not isinstance(value, kind):
                raise InputError(f"Noisy: expected a {kind.__name__}, got {value!r}; pass Noisy(problem, noise)")
        object.__setattr__(self, "x0", self.problem.x0)

    def _value_and_gradient(self, x: Tree, step: int | None, xp: Namespace) -> tuple[Array, Tree]:
        value, gradient = self.problem._value_and_gradient(x, None, xp)
        if step is None:
            return value, gradient
        return value, tree_map(lambda g, n: g + n, gradient, self.noise.draw(self.x0, self.seed, step))

    def _hessian_vector(self, x: Tree, v: Tree, xp: Namespace) -> Tree:
        return self.problem._hessian_vector(x, v, xp)

    def _metrics(self, x: Tree, xp: Namespace) -> dict[str, float]:
        return self.problem._metrics(x, xp)

    def _baseline(self, steps: int) -> Baseline | None:
        return self.problem._baseline(steps)

    def _smoothness(self, norm: Norm) -> Constant | None:
        return self.problem._smoothness(norm)

    def _second_smoothness(self, norm: Norm) -> Constant | None:
        return self.problem._second_smoothness(norm)

    @property
    def _noise(self) -> Noise | None:
        return self.noise

    @property
    def minimizer(self) -> Tree | None:
        """The problem's."""
        return self.problem.minimizer

    @property
    def infimum(self) -> float | None:
        """The problem's."""
        return self.problem.infimum

    @property
    def star_convex(self) -> bool:
        """The problem's."""
        return self.problem.star_convex

    @property
    def norm(self) -> Norm:
        """The problem's."""
        return self.problem.norm

    @property
    def regularizer(self) -> Regularizer:
        """The problem's."""
        return self.problem.regularizer
