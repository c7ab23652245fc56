"""Wrong problems: each differs in one place from a right one. The table: ``tests/verify/test_problem_subjects.py``."""

from __future__ import annotations

import dataclasses
import math
from typing import Any, ClassVar

import numpy as np

from ntr_spec.norms import L1, L2, LInf, Norm
from ntr_spec.problems import Constant, Known, Noise, Noisy

Array = Any


@dataclasses.dataclass(frozen=True, eq=False)
class Bowl(Known):
    """f(x) = ½Σaᵢ(xᵢ − tᵢ)², all of it right."""

    arrays: ClassVar[tuple[str, ...]] = ("weights", "target", "x0")

    weights: Array = dataclasses.field(default_factory=lambda: np.asarray([1.0, 3.0]))
    target: Array = dataclasses.field(default_factory=lambda: np.asarray([1.0, -2.0]))
    x0: Array = dataclasses.field(default_factory=lambda: np.zeros(2))

    def _value_and_gradient(self, x: Array, step: int | None, xp: Any) -> tuple[Array, Array]:
        slope = self.weights * (x - self.target)
        return xp.sum(slope * (x - self.target)) / 2, slope

    def _hessian_vector(self, x: Array, v: Array, xp: Any) -> Array:
        return self.weights * v

    def _smoothness(self, norm: Norm) -> Constant | None:
        return {L1(): Constant(3.0, True, ""), L2(): Constant(3.0, True, ""), LInf(): Constant(4.0, True, "")}.get(norm)

    def _second_smoothness(self, norm: Norm) -> Constant | None:
        return Constant(0.0, True, "")

    @property
    def minimizer(self) -> Array:
        return self.target

    @property
    def infimum(self) -> float:
        return 0.0

    @property
    def star_convex(self) -> bool:
        return True

    @property
    def norm(self) -> Norm:
        return L2()


THIRD = 48 / (25 * math.sqrt(5))
"""The largest 3t/(1 + t²)^{5/2}, at t = ½."""


@dataclasses.dataclass(frozen=True, eq=False)
class Cone(Bowl):
    """f(x) = Σaᵢ(√(1 + xᵢ²) − 1), all of it right: convex, with curvature that fades away from 0."""

    target: Array = dataclasses.field(default_factory=lambda: np.zeros(2))
    x0: Array = dataclasses.field(default_factory=lambda: np.ones(2))

    def _value_and_gradient(self, x: Array, step: int | None, xp: Any) -> tuple[Array, Array]:
        root = xp.sqrt(1 + x * x)
        return xp.sum(self.weights * (root - 1)), self.weights * x / root

    def _hessian_vector(self, x: Array, v: Array, xp: Any) -> Array:
        root = xp.sqrt(1 + x * x)
        return self.weights * v / (root * root * root)

    def _second_smoothness(self, norm: Norm) -> Constant | None:
        first = self._smoothness(norm)
        return None if first is None else first.times(THIRD)


# ---- derivatives ---------------------------------------------------------------------------------------------------


class Uphill(Bowl):
    def _value_and_gradient(self, x: Array, step: int | None, xp: Any) -> tuple[Array, Array]:
        value, slope = super()._value_and_gradient(x, step, xp)
        return value, -slope


class UphillCone(Cone):
    def _value_and_gradient(self, x: Array, step: int | None, xp: Any) -> tuple[Array, Array]:
        value, slope = super()._value_and_gradient(x, step, xp)
        return value, -slope


class ForgetsTarget(Bowl):
    """In the gradient only."""

    def _value_and_gradient(self, x: Array, step: int | None, xp: Any) -> tuple[Array, Array]:
        return super()._value_and_gradient(x, step, xp)[0], self.weights * x


class ForgetsHalf(Bowl):
    """f without its ½, with the gradient of ½."""

    def _value_and_gradient(self, x: Array, step: int | None, xp: Any) -> tuple[Array, Array]:
        value, slope = super()._value_and_gradient(x, step, xp)
        return 2 * value, slope


class SlightlySteep(Cone):
    """A gradient that is off by a millionth part."""

    def _value_and_gradient(self, x: Array, step: int | None, xp: Any) -> tuple[Array, Array]:
        value, slope = super()._value_and_gradient(x, step, xp)
        return value, slope * (1 + 2.0**-20)


class OtherHessian(Cone):
    """That of Σaᵢxᵢ²/2, which is right at 0."""

    def _hessian_vector(self, x: Array, v: Array, xp: Any) -> Array:
        return self.weights * v


class Asymmetric(Bowl):
    def _hessian_vector(self, x: Array, v: Array, xp: Any) -> Array:
        return self.weights * v + xp.stack([v[1], 0 * v[1]])


class AbsoluteHessian(Bowl):
    def _hessian_vector(self, x: Array, v: Array, xp: Any) -> Array:
        return self.weights * xp.abs(v)


# ---- constants -----------------------------------------------------------------------------------------------------


class FlatL(Bowl):
    """L a tenth too small."""

    def _smoothness(self, norm: Norm) -> Constant | None:
        found = super()._smoothness(norm)
        return None if found is None else found.times(0.9)


class FlatLInf(Cone):
    """L as in ℓ₂, also in ℓ_∞."""

    def _smoothness(self, norm: Norm) -> Constant | None:
        return None if super()._smoothness(norm) is None else Constant(3.0, False, "")

    def _second_smoothness(self, norm: Norm) -> Constant | None:
        found = super()._smoothness(norm)
        return None if found is None else found.times(THIRD * 4 / 3)


class SteepL(Bowl):
    """L that holds in ℓ_∞ and is not the least there."""

    def _smoothness(self, norm: Norm) -> Constant | None:
        return Constant(4.5, True, "") if norm == LInf() else super()._smoothness(norm)


class FlatH(Cone):
    """H a tenth too small, and not said to be tight."""

    def _second_smoothness(self, norm: Norm) -> Constant | None:
        found = super()._second_smoothness(norm)
        return None if found is None else Constant(0.9 * found.value, False, "")


class SteepH(Cone):
    """H that holds and is not the least."""

    def _second_smoothness(self, norm: Norm) -> Constant | None:
        found = super()._second_smoothness(norm)
        return None if found is None else found.times(1.01)


class NoH(Cone):
    """As if it were quadratic."""

    def _second_smoothness(self, norm: Norm) -> Constant | None:
        return Constant(0.0, True, "")


# ---- the least point -----------------------------------------------------------------------------------------------


class Wells(Cone):
    """f(x) = Σaᵢ(1 − cos xᵢ), said to be star-convex."""

    def _value_and_gradient(self, x: Array, step: int | None, xp: Any) -> tuple[Array, Array]:
        half = xp.sin(x / 2)
        return xp.sum(2 * self.weights * half * half), self.weights * xp.sin(x)

    def _hessian_vector(self, x: Array, v: Array, xp: Any) -> Array:
        return self.weights * xp.cos(x) * v

    def _second_smoothness(self, norm: Norm) -> Constant | None:
        return self._smoothness(norm)


class Saddle(Bowl):
    """f(x) = ½(x₂² − x₁²), said to be star-convex with infimum 0: a wrong claim that numbers settle exactly."""

    def _value_and_gradient(self, x: Array, step: int | None, xp: Any) -> tuple[Array, Array]:
        return (x[1] * x[1] - x[0] * x[0]) / 2, xp.stack([-x[0], x[1]])

    def _hessian_vector(self, x: Array, v: Array, xp: Any) -> Array:
        return xp.stack([-v[0], v[1]])

    def _smoothness(self, norm: Norm) -> Constant | None:
        return {L1(): Constant(1.0, True, ""), L2(): Constant(1.0, True, ""), LInf(): Constant(2.0, True, "")}.get(norm)

    @property
    def minimizer(self) -> Array:
        return 0 * self.target


class Elsewhere(Bowl):
    """x* off by an eighth in one entry."""

    @property
    def minimizer(self) -> Array:
        return self.target + np.asarray([0.0, 0.125])


class TooHigh(Bowl):
    @property
    def infimum(self) -> float:
        return 1.0


class TooLow(Bowl):
    @property
    def infimum(self) -> float:
        return -1.0


# ---- noise ---------------------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Plain(Noise):
    """n = ±σ(1, 0, …, 0), all of it right."""

    sigma: float = 1.0

    def _vector(self, size: int, generator: np.random.Generator) -> Array:
        return self.sigma * (2.0 * generator.integers(2) - 1.0) * np.eye(1, size)[0]

    def _square(self, norm: Norm, shape: Any) -> float | None:
        return 1.0 if norm in (L1(), L2(), LInf()) else None


class Louder(Plain):
    """A third more than is said."""

    def _vector(self, size: int, generator: np.random.Generator) -> Array:
        return super()._vector(size, generator) * 4 / 3


class LouderGaussian(Plain):
    """Of many sizes, and a third more on average."""

    def _vector(self, size: int, generator: np.random.Generator) -> Array:
        return self.sigma * generator.standard_normal(size) * 4 / 3 / math.sqrt(size)

    def _square(self, norm: Norm, shape: Any) -> float | None:
        return None


class Biased(Plain):
    """Of the right size, and more often up than down."""

    def _vector(self, size: int, generator: np.random.Generator) -> Array:
        return self.sigma * (1.0 if generator.random() < 0.75 else -1.0) * np.eye(1, size)[0]


class Constantly(Plain):
    """The same at every step."""

    def _vector(self, size: int, generator: np.random.Generator) -> Array:
        return self.sigma * np.eye(1, size)[0]


class Remembers(Plain):
    """A generator of its own, that goes on where it was."""

    generator: ClassVar[np.random.Generator] = np.random.default_rng(0)

    def _vector(self, size: int, generator: np.random.Generator) -> Array:
        return super()._vector(size, self.generator)


class WrongInTheDual(Plain):
    """‖e₁‖_* is 1 in ℓ₁ too."""

    def _square(self, norm: Norm, shape: Any) -> float | None:
        return 0.5 if norm == L1() else super()._square(norm, shape)


def noisy(noise: Noise) -> Noisy:
    return Noisy(Bowl(), noise)


class Undeclared(Bowl):
    """Gradients with noise that nobody speaks of."""

    def _value_and_gradient(self, x: Array, step: int | None, xp: Any) -> tuple[Array, Array]:
        value, slope = super()._value_and_gradient(x, step, xp)
        return value, slope if step is None else slope + (-1) ** step


# ---- manners -------------------------------------------------------------------------------------------------------


class Mutates(Bowl):
    """As long as nobody watches, that is on NumPy."""

    def _value_and_gradient(self, x: Array, step: int | None, xp: Any) -> tuple[Array, Array]:
        found = super()._value_and_gradient(x, step, xp)
        if xp.name == "numpy":
            x += 1
        return found


class Widens(Bowl):
    def _hessian_vector(self, x: Array, v: Array, xp: Any) -> Array:
        return xp.astype(self.weights * v, xp.float64)


class SwallowsNaN(Bowl):
    def _value_and_gradient(self, x: Array, step: int | None, xp: Any) -> tuple[Array, Array]:
        return super()._value_and_gradient(xp.where(x == x, x, 0 * self.target), step, xp)


class Prints(Bowl):
    def _hessian_vector(self, x: Array, v: Array, xp: Any) -> Array:
        print("here")
        return super()._hessian_vector(x, v, xp)


class ReadsOnHost(Bowl):
    def _hessian_vector(self, x: Array, v: Array, xp: Any) -> Array:
        return super()._hessian_vector(x, v, xp) if bool(xp.all(v == v)) else v


class OnlyValue(Bowl):
    def _value_and_gradient(self, x: Array, step: int | None, xp: Any) -> Any:
        return super()._value_and_gradient(x, step, xp)[0]


class WrongShape(Bowl):
    def _hessian_vector(self, x: Array, v: Array, xp: Any) -> Array:
        return xp.sum(v)


class BareNumber(Bowl):
    def _smoothness(self, norm: Norm) -> Any:
        return 3.0


class Unfinished(Bowl):
    def _hessian_vector(self, x: Array, v: Array, xp: Any) -> Array:
        raise KeyError("later")
