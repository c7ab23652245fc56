"""Wrong regularizers: each differs in one place from a right one. The table: ``tests/verify/test_regularizers.py``."""

from __future__ import annotations

import dataclasses
from typing import Any, final

from ntr_spec.norms import LInf
from ntr_spec.steps import Ball, Bound, Box, Regularizer, Ridge
from ntr_spec.trees import Shape

Array = Any


@dataclasses.dataclass(frozen=True)
class Absolute(Regularizer):
    """Σ|xᵢ|, all of it right."""

    def _value(self, x: Array, xp: Any) -> Array:
        return xp.sum(xp.abs(x))

    def _prox(self, x: Array, step: Array, xp: Any) -> Array:
        return soft(x, step, xp)

    def _subgradient(self, x: Array, xp: Any) -> Array:
        return xp.sign(x)

    @property
    def conjugate(self) -> Regularizer:
        return Ball(LInf(), 1.0)


def soft(x: Array, step: Array, xp: Any) -> Array:
    return x - xp.minimum(xp.maximum(x, 0 * x - step), 0 * x + step)


@dataclasses.dataclass(frozen=True)
class Clipped(Regularizer):
    """The indicator of max|xᵢ| ≤ 1, all of it right."""

    def _value(self, x: Array, xp: Any) -> Array:
        return 0 * xp.max(xp.abs(x))

    def _domain(self, x: Array, xp: Any) -> tuple[Bound, ...]:
        size = xp.max(xp.abs(x))
        return (Bound(size, 0 * size + 1),)

    def _prox(self, x: Array, step: Array, xp: Any) -> Array:
        return xp.minimum(xp.maximum(x, 0 * x - 1), 0 * x + 1)


@dataclasses.dataclass(frozen=True)
class Huber(Regularizer):
    """The example of the tutorial, all of it right."""

    def _value(self, x: Array, xp: Any) -> Array:
        size = xp.abs(x)
        return xp.sum(xp.where(size <= 1, x * x / 2, size - 0.5))

    def _prox(self, x: Array, step: Array, xp: Any) -> Array:
        size = xp.abs(x)
        return xp.where(size <= 1 + step, x / (1 + step), x - step * xp.sign(x))


# ---- prox ------------------------------------------------------------------------------------------------------


class Uphill(Absolute):
    def _prox(self, x: Array, step: Array, xp: Any) -> Array:
        return x + step * xp.sign(x)


class IgnoresStep(Absolute):
    def _prox(self, x: Array, step: Array, xp: Any) -> Array:
        return soft(x, 1 + 0 * step, xp)


class TwiceTheStep(Absolute):
    def _prox(self, x: Array, step: Array, xp: Any) -> Array:
        return soft(x, 2 * step, xp)


class WrongAtTheKink(Absolute):
    """Only where some |xᵢ| is the step to the last bit."""

    def _prox(self, x: Array, step: Array, xp: Any) -> Array:
        return xp.where(xp.abs(x) == step, x, soft(x, step, xp))


class Hard(Absolute):
    """Hard thresholding, the prox of another function."""

    def _prox(self, x: Array, step: Array, xp: Any) -> Array:
        return xp.where(xp.abs(x) <= step, 0 * x, x)


class ForgetsToShrink(Regularizer):
    """The elastic net Σ|xᵢ| + ‖x‖²/2 with the prox of its first term."""

    def _value(self, x: Array, xp: Any) -> Array:
        return xp.sum(xp.abs(x)) + xp.sum(x * x) / 2

    def _prox(self, x: Array, step: Array, xp: Any) -> Array:
        return soft(x, step, xp)


class HuberWithoutStep(Huber):
    """The prox switches where the value does, not where it must."""

    def _prox(self, x: Array, step: Array, xp: Any) -> Array:
        size = xp.abs(x)
        return xp.where(size <= 1, x / (1 + step), x - step * xp.sign(x))


# ---- value and domain ------------------------------------------------------------------------------------------


class Capped(Absolute):
    """Σ min(|xᵢ|, 1) is not convex."""

    def _value(self, x: Array, xp: Any) -> Array:
        return xp.sum(xp.minimum(xp.abs(x), 1 + 0 * x))

    def _subgradient(self, x: Array, xp: Any) -> Array:
        return 0 * x


class Twice(Absolute):
    """2Σ|xᵢ| with the rest of Σ|xᵢ|."""

    def _value(self, x: Array, xp: Any) -> Array:
        return 2 * xp.sum(xp.abs(x))


class DomainTooSmall(Clipped):
    def _domain(self, x: Array, xp: Any) -> tuple[Bound, ...]:
        size = xp.max(xp.abs(x))
        return (Bound(size, 0 * size + 0.5),)


class DomainTooLarge(Clipped):
    def _domain(self, x: Array, xp: Any) -> tuple[Bound, ...]:
        size = xp.max(xp.abs(x))
        return (Bound(size, 0 * size + 2),)


class Outside(Clipped):
    """The points with every |xᵢ| ≥ 1, which are no convex set."""

    def _domain(self, x: Array, xp: Any) -> tuple[Bound, ...]:
        size = xp.min(xp.abs(x))
        return (Bound(1 - size, 0 * size),)

    def _prox(self, x: Array, step: Array, xp: Any) -> Array:
        return xp.where(x < 0, xp.minimum(x, 0 * x - 1), xp.maximum(x, 0 * x + 1))


# ---- conjugate and subgradient ---------------------------------------------------------------------------------


class LargeConjugate(Absolute):
    @property
    def conjugate(self) -> Regularizer:
        return Ball(LInf(), 2.0)


class SmallConjugate(Absolute):
    @property
    def conjugate(self) -> Regularizer:
        return Ball(LInf(), 0.5)


class SelfConjugate(Regularizer):
    """‖x‖², whose conjugate is ‖s‖²/4; it says ‖s‖²."""

    def _value(self, x: Array, xp: Any) -> Array:
        return xp.sum(x * x)

    def _prox(self, x: Array, step: Array, xp: Any) -> Array:
        return x / (1 + 2 * step)

    @property
    def conjugate(self) -> Regularizer:
        return Ridge(2.0)


class BackwardSubgradient(Absolute):
    def _subgradient(self, x: Array, xp: Any) -> Array:
        return -xp.sign(x)


class SteepSubgradient(Absolute):
    def _subgradient(self, x: Array, xp: Any) -> Array:
        return 2 * xp.sign(x)


class SteepAtZero(Absolute):
    """Only where some xᵢ = 0."""

    def _subgradient(self, x: Array, xp: Any) -> Array:
        return xp.where(x == 0, 0 * x + 2, xp.sign(x))


class OtherCorner(Absolute):
    """The minimizer over a box on the wrong side."""

    def _box_argmin(self, g: Array, lower: Array, upper: Array, xp: Any) -> Array:
        return xp.where(g > 0, upper, lower)

    def _nearest_subgradient(self, x: Array, g: Array, xp: Any) -> Array:
        return xp.sign(x)


# ---- as programs -----------------------------------------------------------------------------------------------


class Mutates(Absolute):
    def _prox(self, x: Array, step: Array, xp: Any) -> Array:
        found = soft(x, step, xp)
        x *= 0.5
        return found


class SwallowsNaN(Absolute):
    def _value(self, x: Array, xp: Any) -> Array:
        size = xp.abs(x)
        return xp.sum(xp.where(size > 0, size, xp.zeros_like(size)))


class SwallowsNaNInProx(Absolute):
    def _prox(self, x: Array, step: Array, xp: Any) -> Array:
        size = xp.abs(x)
        return xp.where(size > step, x - step * xp.sign(x), xp.zeros_like(x))


class Widens(Absolute):
    def _prox(self, x: Array, step: Array, xp: Any) -> Array:
        one = xp.asarray([1.0], dtype=xp.float64)
        return soft(x, step, xp) * one


class Prints(Absolute):
    def _value(self, x: Array, xp: Any) -> Array:
        print("here")
        return super()._value(x, xp)


class Remembers(Absolute):
    """Its value depends on how often it was asked."""

    def __init__(self) -> None:
        object.__setattr__(self, "calls", [])

    def _value(self, x: Array, xp: Any) -> Array:
        self.calls.append(1)  # type: ignore[attr-defined]
        return super()._value(x, xp) * (1 + 1e-6 * len(self.calls))  # type: ignore[attr-defined]


class ReadsOnHost(Absolute):
    def _value(self, x: Array, xp: Any) -> Array:
        return xp.sum(xp.abs(x)) * (1 if bool(xp.all(x == x)) else 2)


class ReturnsNothing(Absolute):
    def _prox(self, x: Array, step: Array, xp: Any) -> Array:
        soft(x, step, xp)


class WrongShape(Absolute):
    def _value(self, x: Array, xp: Any) -> Array:
        return xp.abs(x)


class Unbound(Clipped):
    """The domain's condition as a plain pair."""

    def _domain(self, x: Array, xp: Any) -> Any:
        size = xp.max(xp.abs(x))
        return ((size, 0 * size + 1),)


class Raises(Absolute):
    def _prox(self, x: Array, step: Array, xp: Any) -> Array:
        raise KeyError("later")


@final
class NotANumber(Absolute):
    """0/0 at zero."""

    def _prox(self, x: Array, step: Array, xp: Any) -> Array:
        size = xp.abs(x)
        return x / size * xp.maximum(size - step, 0 * size)


# ---- domains ---------------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class LogBarrier(Regularizer):
    """−Σ log xᵢ, all of it right; its domain is known by `_domain` alone."""

    def _value(self, x: Array, xp: Any) -> Array:
        return -xp.sum(xp.log(x))

    def _domain(self, x: Array, xp: Any) -> tuple[Bound, ...]:
        least = xp.min(x)
        return (Bound(-least, 0 * least),)

    def _prox(self, x: Array, step: Array, xp: Any) -> Array:
        root = xp.sqrt(x * x + 4 * step)
        return xp.where(x > 0, (x + root) / 2, 2 * step / xp.where(x > 0, root, root - x))

    def _subgradient(self, x: Array, xp: Any) -> Array:
        return -1 / x


class BarrierForgetsTheStep(LogBarrier):
    def _prox(self, x: Array, step: Array, xp: Any) -> Array:
        return super()._prox(x, 1.0, xp)


@dataclasses.dataclass(frozen=True)
class UnitBox(Regularizer):
    """The indicator of [0, 1]^n, all of it right, in a way that the exact engine does not trace."""

    def _value(self, x: Array, xp: Any) -> Array:
        return 0 * xp.sum(xp.exp(-x * x))

    def _domain(self, x: Array, xp: Any) -> tuple[Bound, ...]:
        least, largest = xp.min(x), xp.max(x)
        return (Bound(-least, 0 * least), Bound(largest, 0 * largest + 1))

    def _prox(self, x: Array, step: Array, xp: Any) -> Array:
        return xp.minimum(xp.maximum(x, 0 * x), 0 * x + 1)


class QuarterBox(UnitBox):
    """Projects on [1/4, 3/4]^n."""

    def _prox(self, x: Array, step: Array, xp: Any) -> Array:
        return xp.minimum(xp.maximum(x, 0 * x + 0.25), 0 * x + 0.75)


class HalfDomain(UnitBox):
    """Says [0, 1/2]^n where it is asked for its domain as a set."""

    @property
    def domain(self) -> Regularizer:
        return Box(0.0, 0.5)


@dataclasses.dataclass(frozen=True)
class SpectralHalf(Regularizer):
    """The indicator of matrices of spectral norm at most 2, projecting on half of that, and not nearest either."""

    def _shapes(self, dims: tuple[int, ...]) -> tuple[Shape, ...]:
        return tuple(Shape((n, 2)) for n in dims)

    def _value(self, x: Array, xp: Any) -> Array:
        return 0 * xp.sum(x)

    def _domain(self, x: Array, xp: Any) -> tuple[Bound, ...]:
        size = xp.max(xp.linalg.svdvals(x))
        return (Bound(size, 0 * size + 2),)

    def _prox(self, x: Array, step: Array, xp: Any) -> Array:
        size = xp.max(xp.linalg.svdvals(x))
        return x / xp.maximum(size, 0 * size + 1)


@dataclasses.dataclass(frozen=True)
class Simplex(Regularizer):
    """The indicator of {x ≥ 0, Σxᵢ = 1}, all of it right."""

    def _value(self, x: Array, xp: Any) -> Array:
        return 0 * xp.sum(x)

    def _domain(self, x: Array, xp: Any) -> tuple[Bound, ...]:
        total, least = xp.sum(x), xp.min(x)
        one = 0 * total + 1
        return (Bound(-least, 0 * least, 1.0), Bound(total, one), Bound(-total, -one))

    def _prox(self, x: Array, step: Array, xp: Any) -> Array:
        n = x.shape[0]
        means = (xp.cumulative_sum(xp.sort(x, descending=True)) - 1) / xp.arange(
            1, n + 1, dtype=x.dtype, device=x.device
        )
        return xp.maximum(x - xp.max(means), 0 * x)


class Barycentre(Simplex):
    """Projects every point on the middle of the simplex."""

    def _prox(self, x: Array, step: Array, xp: Any) -> Array:
        return 0 * x + 1 / x.shape[0]


@dataclasses.dataclass(frozen=True)
class InfiniteValue(Regularizer):
    """The indicator of x ≥ 0 with infinity in its value, where `_domain` should be."""

    def _value(self, x: Array, xp: Any) -> Array:
        return xp.where(xp.min(x) >= 0, 0 * xp.sum(x), 0 * xp.sum(x) + float("inf"))

    def _prox(self, x: Array, step: Array, xp: Any) -> Array:
        return xp.maximum(x, 0 * x)


class Empty(UnitBox):
    """No point is inside."""

    def _domain(self, x: Array, xp: Any) -> tuple[Bound, ...]:
        size = xp.max(xp.abs(x))
        return (Bound(size, 0 * size - 1),)


@dataclasses.dataclass(frozen=True)
class Hinge(Regularizer):
    """Σ max(0, 1 − xᵢ), all of it right but that its slope forgets NaN."""

    def _value(self, x: Array, xp: Any) -> Array:
        return xp.sum(xp.maximum(1 - x, 0 * x))

    def _prox(self, x: Array, step: Array, xp: Any) -> Array:
        return xp.where(x >= 1, x, xp.minimum(x + step, 0 * x + 1))

    def _subgradient(self, x: Array, xp: Any) -> Array:
        return xp.where(x < 1, -xp.ones_like(x), xp.zeros_like(x))
