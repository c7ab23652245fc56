"""Wrong duals, flipped signs, LMOs that leave the ball or do not reach its far side."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar, final

import ntr_spec as ntr
from ntr_spec.norms import Norm
from tests.wrong.bases import Flat, Largest, Length, Ramp, SteepLargest, Total, first_largest

Array = Any


@final
@dataclasses.dataclass(frozen=True)
class DualWeightsInverted(Ramp):
    @property
    def dual(self) -> Norm:
        return SteepLargest(1)


@final
@dataclasses.dataclass(frozen=True)
class DualWeightsForgotten(Ramp):
    @property
    def dual(self) -> Norm:
        return ntr.LInf()


@final
@dataclasses.dataclass(frozen=True)
class DualWeightsSquared(Ramp):
    @property
    def dual(self) -> Norm:
        return SteepLargest(-2)


@final
@dataclasses.dataclass(frozen=True)
class DualOfAnotherNorm(Largest):
    @property
    def dual(self) -> Norm:
        return ntr.L2()


@final
@dataclasses.dataclass(frozen=True)
class DualIsItself(Largest):
    @property
    def dual(self) -> Norm:
        return self


@final
@dataclasses.dataclass(frozen=True)
class DualExponentNotConjugate(Norm):
    """‖x‖₃ whose dual is said to be ‖g‖₃; the conjugate exponent is 3/2."""

    event_rank: ClassVar[int | None] = 1

    def _value(self, x: Array, xp: Any) -> Array:
        return xp.sum(xp.abs(x) ** 3) ** (1 / 3)

    def _lmo(self, g: Array, xp: Any) -> Array:
        size = xp.sum(xp.abs(g) ** 1.5) ** (2 / 3)
        return -xp.sign(g) * (xp.abs(g) / xp.where(size == 0, xp.ones_like(size), size)) ** 0.5

    @property
    def dual(self) -> Norm:
        return ntr.Lp(3)


@dataclasses.dataclass(frozen=True)
class _LargestUphill(Largest):
    def _lmo(self, g: Array, xp: Any) -> Array:
        return xp.sign(g)


@final
@dataclasses.dataclass(frozen=True)
class DualLMOUphill(Total):
    """Only the LMO of the dual is wrong."""

    @property
    def dual(self) -> Norm:
        return _LargestUphill()


@final
@dataclasses.dataclass(frozen=True)
class _TotalEverywhere(Total):
    def _lmo(self, g: Array, xp: Any) -> Array:
        return -xp.sign(g)


@final
@dataclasses.dataclass(frozen=True)
class DualLMOInfeasible(Largest):
    """Only the LMO of the dual is wrong: it leaves the ball of ‖·‖₁."""

    @property
    def dual(self) -> Norm:
        return _TotalEverywhere()


@final
@dataclasses.dataclass(frozen=True)
class SignFlipped(Largest):
    def _lmo(self, g: Array, xp: Any) -> Array:
        return xp.sign(g)


@final
@dataclasses.dataclass(frozen=True)
class SignFlippedOnLast(Largest):
    def _lmo(self, g: Array, xp: Any) -> Array:
        return xp.concat([-xp.sign(g[:-1]), xp.sign(g[-1:])])


@final
@dataclasses.dataclass(frozen=True)
class SignForgotten(Total):
    def _lmo(self, g: Array, xp: Any) -> Array:
        return xp.where(first_largest(xp.abs(g), xp), -xp.abs(xp.sign(g)), xp.zeros_like(g))


@final
@dataclasses.dataclass(frozen=True)
class UphillLength(Length):
    def _lmo(self, g: Array, xp: Any) -> Array:
        size = xp.sqrt(xp.sum(g * g))
        return g / xp.where(size == 0, xp.ones_like(size), size)


@final
@dataclasses.dataclass(frozen=True)
class AllSigns(Flat):
    """‖x‖₁ with the LMO of ‖x‖_∞; the dual is left to the support function, so attainment holds by itself."""

    def _value(self, x: Array, xp: Any) -> Array:
        return xp.sum(xp.abs(x))

    def _lmo(self, g: Array, xp: Any) -> Array:
        return -xp.sign(g)


@final
@dataclasses.dataclass(frozen=True)
class NotNormalised(Length):
    def _lmo(self, g: Array, xp: Any) -> Array:
        return -g


@final
@dataclasses.dataclass(frozen=True)
class HalfWay(Largest):
    def _lmo(self, g: Array, xp: Any) -> Array:
        return -xp.sign(g) / 2


@final
@dataclasses.dataclass(frozen=True)
class HalfWayUnnoticed(Flat):
    """‖x‖_∞ with an LMO that goes half way and no dual: its support function is half the dual, so Hölder fails."""

    def _value(self, x: Array, xp: Any) -> Array:
        return xp.max(xp.abs(x))

    def _lmo(self, g: Array, xp: Any) -> Array:
        return -xp.sign(g) / 2


@final
@dataclasses.dataclass(frozen=True)
class NormalisedGradient(Largest):
    """Feasible, and −g/‖g‖_∞ is a tempting LMO of ‖·‖_∞, but it does not attain."""

    scale_free: ClassVar[bool] = False

    def _lmo(self, g: Array, xp: Any) -> Array:
        size = xp.max(xp.abs(g))
        return -g / xp.where(size == 0, xp.ones_like(size), size)


@final
@dataclasses.dataclass(frozen=True)
class SmallestCoordinate(Total):
    def _lmo(self, g: Array, xp: Any) -> Array:
        return xp.where(first_largest(-xp.abs(g), xp), -xp.sign(g), xp.zeros_like(g))


@final
@dataclasses.dataclass(frozen=True)
class StaysAtZero(Total):
    def _lmo(self, g: Array, xp: Any) -> Array:
        return xp.zeros_like(g)
