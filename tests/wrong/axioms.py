"""Functions that are not norms, each with an LMO that is right for it where such a thing exists."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar, final

from ntr_spec.norms import Norm
from tests.wrong.bases import Flat, Largest, Length, Total, counted

Array = Any


class OneCoordinate(Flat):
    """LMO at a vertex ±eⱼ, which is right for every function that lies between ‖·‖₁ and its concave relatives."""

    def _lmo(self, g: Array, xp: Any) -> Array:
        return Total()._lmo(g, xp)


@final
@dataclasses.dataclass(frozen=True)
class HalfPower(OneCoordinate):
    """ℓ_{1/2}: (Σ√|xᵢ|)²."""

    def _value(self, x: Array, xp: Any) -> Array:
        return xp.sum(xp.sqrt(xp.abs(x))) ** 2


@final
@dataclasses.dataclass(frozen=True)
class HeavierWhenSmaller(OneCoordinate):
    """Σ i·|x|₍ᵢ₎ with weights that grow along the sorted magnitudes; OWL needs them to fall."""

    def _value(self, x: Array, xp: Any) -> Array:
        return xp.sum(counted(x, xp) * xp.sort(xp.abs(x), descending=True))


@final
@dataclasses.dataclass(frozen=True)
class LargestPlusSmallest(OneCoordinate):
    """A norm on R¹ and R²; from R³ on it is not subadditive."""

    def _value(self, x: Array, xp: Any) -> Array:
        size = xp.abs(x)
        return xp.max(size) + xp.min(size) if x.shape[0] > 1 else xp.max(size)


@final
@dataclasses.dataclass(frozen=True)
class Squared(Norm):
    """‖x‖₂²: the root was forgotten. Without normalisation, so that floats run the same function."""

    event_rank: ClassVar[int | None] = 1
    scale_free: ClassVar[bool] = True

    def _value(self, x: Array, xp: Any) -> Array:
        return xp.sum(x * x)

    def _lmo(self, g: Array, xp: Any) -> Array:
        size = xp.sqrt(xp.sum(g * g))
        return -g / xp.where(size == 0, xp.ones_like(size), size)


@final
@dataclasses.dataclass(frozen=True)
class SquaredUnnoticed(Length):
    """‖x‖₂² with normalisation, which makes what runs homogeneous: ‖x‖₂²/‖x‖_∞, neither this nor a norm."""

    def _value(self, x: Array, xp: Any) -> Array:
        return xp.sum(x * x)


@final
@dataclasses.dataclass(frozen=True)
class Offset(Largest):
    def _value(self, x: Array, xp: Any) -> Array:
        return xp.max(xp.abs(x)) + 1


@final
@dataclasses.dataclass(frozen=True)
class Saturating(Flat):
    """‖x‖_∞/(1 + ‖x‖_∞): subadditive and definite, not homogeneous."""

    def _value(self, x: Array, xp: Any) -> Array:
        size = xp.max(xp.abs(x))
        return size / (1 + size)

    def _lmo(self, g: Array, xp: Any) -> Array:
        return -xp.sign(g)


@final
@dataclasses.dataclass(frozen=True)
class Range(Flat):
    """max xᵢ − min xᵢ: a seminorm, zero on constant vectors."""

    def _value(self, x: Array, xp: Any) -> Array:
        return xp.max(x) - xp.min(x)

    def _lmo(self, g: Array, xp: Any) -> Array:
        return -xp.sign(g) / 2


@final
@dataclasses.dataclass(frozen=True)
class LastForgotten(Flat):
    """max|xᵢ| over all coordinates but the last: a seminorm."""

    def _value(self, x: Array, xp: Any) -> Array:
        return xp.max(xp.abs(x[:-1])) if x.shape[0] > 1 else xp.max(xp.abs(x))

    def _lmo(self, g: Array, xp: Any) -> Array:
        return -xp.sign(g)


@final
@dataclasses.dataclass(frozen=True)
class CheaperDownwards(Flat):
    """max of xᵢ and −2xᵢ: subadditive and positively homogeneous, but f(−x) ≠ f(x)."""

    def _value(self, x: Array, xp: Any) -> Array:
        return xp.max(xp.maximum(x, -2 * x))

    def _lmo(self, g: Array, xp: Any) -> Array:
        return xp.where(g > 0, -xp.sign(g) / 2, -xp.sign(g))


@final
@dataclasses.dataclass(frozen=True)
class Signed(Flat):
    """Σxᵢ without the magnitudes: negative at some points."""

    def _value(self, x: Array, xp: Any) -> Array:
        return xp.sum(x)

    def _lmo(self, g: Array, xp: Any) -> Array:
        return Total()._lmo(g, xp)
