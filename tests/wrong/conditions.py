"""Right almost everywhere: wrong only on ties, at zero, from some dimension on, or off the square."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar, final

from ntr_spec.norms import Norm
from tests.wrong.bases import Flat, Largest, Length, Sheet, Stretch, Total, counted

Array = Any


@final
@dataclasses.dataclass(frozen=True)
class EveryTiedCoordinate(Total):
    """Puts a unit on every coordinate of largest magnitude: outside the ball where two tie."""

    def _lmo(self, g: Array, xp: Any) -> Array:
        size = xp.abs(g)
        return xp.where(size == xp.max(size), -xp.sign(g), xp.zeros_like(g))


@final
@dataclasses.dataclass(frozen=True)
class GivesUpOnTies(Total):
    """Returns 0 where the largest magnitude is attained twice."""

    def _lmo(self, g: Array, xp: Any) -> Array:
        size = xp.abs(g)
        mask = size == xp.max(size)
        alone = xp.sum(xp.astype(mask, g.dtype)) == 1
        return xp.where(mask & alone, -xp.sign(g), xp.zeros_like(g))


@final
@dataclasses.dataclass(frozen=True)
class CountsTies(Largest):
    """Adds up all entries of largest magnitude; without ties it is the largest."""

    def _value(self, x: Array, xp: Any) -> Array:
        size = xp.abs(x)
        return xp.sum(xp.where(size == xp.max(size), size, xp.zeros_like(size)))


@final
@dataclasses.dataclass(frozen=True)
class MovesAtZero(Largest):
    """lmo(0) ≠ 0: feasible and optimal, but a step is taken where there is no gradient."""

    def _lmo(self, g: Array, xp: Any) -> Array:
        return xp.where(g >= 0, -xp.ones_like(g), xp.ones_like(g))


@final
@dataclasses.dataclass(frozen=True)
class DividesZeroByZero(Length):
    def _lmo(self, g: Array, xp: Any) -> Array:
        return -g / xp.sqrt(xp.sum(g * g))


@final
@dataclasses.dataclass(frozen=True)
class OneAtZero(Largest):
    """‖0‖ = 1."""

    def _value(self, x: Array, xp: Any) -> Array:
        size = xp.max(xp.abs(x))
        return xp.where(size == 0, xp.ones_like(size), size)


@final
@dataclasses.dataclass(frozen=True)
class OnlyTwoCoordinates(Largest):
    """The LMO of ‖·‖_∞ on R¹ and R², and too short from R³ on."""

    def _lmo(self, g: Array, xp: Any) -> Array:
        return xp.where(counted(g, xp) <= 2, -xp.sign(g), xp.zeros_like(g))


@final
@dataclasses.dataclass(frozen=True)
class OnlyFourCoordinates(Largest):
    """Right up to R⁴, which is as far as exact engines look."""

    def _lmo(self, g: Array, xp: Any) -> Array:
        return xp.where(counted(g, xp) <= 4, -xp.sign(g), xp.zeros_like(g))


@final
@dataclasses.dataclass(frozen=True)
class SmallDimensionsOnly(Flat):
    """‖x‖_∞ up to R⁴ and ‖x‖_∞² beyond."""

    def _value(self, x: Array, xp: Any) -> Array:
        size = xp.max(xp.abs(x))
        return size if x.shape[0] < 5 else size * size

    def _lmo(self, g: Array, xp: Any) -> Array:
        return -xp.sign(g)


@final
@dataclasses.dataclass(frozen=True)
class TallOnly(Stretch):
    """−UVᵀ stretched by √(rows/columns): the recipe for another norm, unnoticed on square matrices."""

    def _lmo(self, g: Array, xp: Any) -> Array:
        return Stretch()._lmo(g, xp) * (g.shape[0] / g.shape[1]) ** 0.5


@final
@dataclasses.dataclass(frozen=True)
class LeadingSquare(Sheet):
    """Sees the leading square block only."""

    def _value(self, x: Array, xp: Any) -> Array:
        side = min(x.shape)
        return xp.sum(xp.abs(x[:side, :side]))


@final
@dataclasses.dataclass(frozen=True)
class AxesSwapped(Norm):
    """The largest row sum of |xᵢⱼ|, with the LMO of the largest column sum."""

    event_rank: ClassVar[int | None] = 2

    def _value(self, x: Array, xp: Any) -> Array:
        return xp.max(xp.sum(xp.abs(x), axis=1))

    def _lmo(self, g: Array, xp: Any) -> Array:
        size = xp.abs(g)
        best = xp.argmax(size, axis=0, keepdims=True)
        row = xp.reshape(xp.arange(g.shape[0], dtype=best.dtype, device=g.device), (-1, 1))
        return xp.where(row == best, -xp.sign(g), xp.zeros_like(g))


@final
@dataclasses.dataclass(frozen=True)
class Transposed(Sheet):
    """Returns the LMO transposed, which off the square does not even have the shape of g."""

    def _lmo(self, g: Array, xp: Any) -> Array:
        return xp.matrix_transpose(Sheet()._lmo(g, xp))
