"""Right regularizers as users write them, with domains of every kind: no law may refute them."""

from __future__ import annotations

import dataclasses
from typing import Any

from ntr_spec.steps import Bound, Box, Regularizer
from ntr_spec.trees import Shape
from tests.wrong.regularizers import Hinge, LogBarrier, Simplex, UnitBox

Array = Any


class BarrierWithDomain(LogBarrier):
    """Its domain is open, the set that it names is closed."""

    @property
    def domain(self) -> Regularizer:
        return Box(0.0, None)


class UnitBoxWithDomain(UnitBox):
    @property
    def domain(self) -> Regularizer:
        return Box(0.0, 1.0)


@dataclasses.dataclass(frozen=True)
class Entropy(Regularizer):
    """Σ xᵢ·log xᵢ, finite at 0, where it has no subgradient."""

    def _value(self, x: Array, xp: Any) -> Array:
        return xp.sum(xp.where(x == 0, 0 * x, x * xp.log(xp.where(x == 0, 0 * x + 1, x))))

    def _domain(self, x: Array, xp: Any) -> tuple[Bound, ...]:
        least = xp.min(x)
        return (Bound(-least, 0 * least),)

    def _prox(self, x: Array, step: Array, xp: Any) -> Array:
        raise AssertionError

    def _subgradient(self, x: Array, xp: Any) -> Array:
        return 1 + xp.log(x)

    @property
    def has_prox(self) -> bool:
        return False


@dataclasses.dataclass(frozen=True)
class Affine(Regularizer):
    """The indicator of {Σxᵢ = 1}."""

    def _value(self, x: Array, xp: Any) -> Array:
        return 0 * xp.sum(x)

    def _domain(self, x: Array, xp: Any) -> tuple[Bound, ...]:
        return (Bound(xp.abs(xp.sum(x) - 1), 0 * xp.sum(x), 1.0),)

    def _prox(self, x: Array, step: Array, xp: Any) -> Array:
        return x - (xp.sum(x) - 1) / x.shape[0]

    def _subgradient(self, x: Array, xp: Any) -> Array:
        return 0 * x


@dataclasses.dataclass(frozen=True)
class HalfSpace(Regularizer):
    """The indicator of {Σxᵢ ≤ 1}."""

    def _value(self, x: Array, xp: Any) -> Array:
        return 0 * xp.sum(x)

    def _domain(self, x: Array, xp: Any) -> tuple[Bound, ...]:
        total = xp.sum(x)
        return (Bound(total, 0 * total + 1),)

    def _prox(self, x: Array, step: Array, xp: Any) -> Array:
        total = xp.sum(x)
        return x - xp.maximum(total - 1, 0 * total) / x.shape[0]


@dataclasses.dataclass(frozen=True)
class Cone(Regularizer):
    """The indicator of the second-order cone ‖(x₂, …)‖₂ ≤ x₁."""

    def _shapes(self, dims: tuple[int, ...]) -> tuple[Shape, ...]:
        return tuple(Shape((n,)) for n in dims if n > 1)

    def _accepts(self, shape: Any) -> str | None:
        return None if shape.ndim == 1 and shape.size > 1 else "vectors of two entries or more"

    def _value(self, x: Array, xp: Any) -> Array:
        return 0 * xp.sum(x)

    def _domain(self, x: Array, xp: Any) -> tuple[Bound, ...]:
        return (Bound(xp.sqrt(xp.sum(x[1:] ** 2)), x[0], 1.0),)

    def _prox(self, x: Array, step: Array, xp: Any) -> Array:
        top, rest = x[0], x[1:]
        size = xp.sqrt(xp.sum(rest * rest))
        half = (size + top) / 2
        scaled = half * rest / xp.where(size == 0, size + 1, size)
        first = xp.where(size <= top, top, xp.where(size <= -top, 0 * top, half))
        others = xp.where(size <= top, rest, xp.where(size <= -top, 0 * rest, scaled))
        return xp.concat([xp.reshape(first, (1,)), others])


@dataclasses.dataclass(frozen=True)
class Largest(Regularizer):
    """max xᵢ, the support function of the simplex."""

    def _value(self, x: Array, xp: Any) -> Array:
        return xp.max(x)

    def _prox(self, x: Array, step: Array, xp: Any) -> Array:
        return x - step * Simplex()._prox(x / step, 1.0, xp)

    @property
    def conjugate(self) -> Regularizer:
        return Simplex()


class WholeHinge(Hinge):
    def _subgradient(self, x: Array, xp: Any) -> Array:
        return super()._subgradient(x, xp) + 0 * x


RIGHT = (
    LogBarrier(),
    BarrierWithDomain(),
    UnitBox(),
    UnitBoxWithDomain(),
    Simplex(),
    Entropy(),
    Affine(),
    HalfSpace(),
    Cone(),
    Largest(),
    WholeHinge(),
)
