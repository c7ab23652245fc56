"""Impostors and wrong parts: what an engine that reasons about types, names or parts could fall for."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar, final

import ntr_spec as ntr
from ntr_spec.norms import Norm
from tests.wrong.bases import Flat, Largest, counted

Array = Any


@final
@dataclasses.dataclass(frozen=True)
class L2(Norm):
    """Has the name of a right norm, and ‖x‖₁ for its dual."""

    event_rank: ClassVar[int | None] = 1

    def _value(self, x: Array, xp: Any) -> Array:
        return xp.sqrt(xp.sum(x * x))

    def _lmo(self, g: Array, xp: Any) -> Array:
        return -xp.sign(g)

    @property
    def dual(self) -> Norm:
        return ntr.L1()


@dataclasses.dataclass(frozen=True)
class DerivedFromL1(ntr.L1):  # type: ignore[misc]
    """Inherits from a right norm, which is final, and changes its LMO."""

    def _lmo(self, g: Array, xp: Any) -> Array:
        return -xp.sign(g)


@final
@dataclasses.dataclass(frozen=True)
class Lp(Norm):
    """Has the field and the class name of ℓ_p, and the LMO of ℓ_∞."""

    p: float = 3.0

    event_rank: ClassVar[int | None] = 1

    def _value(self, x: Array, xp: Any) -> Array:
        return xp.sum(xp.abs(x) ** self.p) ** (1 / self.p)

    def _lmo(self, g: Array, xp: Any) -> Array:
        return -xp.sign(g)

    @property
    def dual(self) -> Norm:
        return ntr.Lp(1.5)


@final
@dataclasses.dataclass(frozen=True)
class LongIsWrong(Largest):
    """A part that is right up to R⁴: its LMO forgets the coordinates beyond. Right dual."""

    def _lmo(self, g: Array, xp: Any) -> Array:
        return xp.where(counted(g, xp) <= 4, -xp.sign(g), xp.zeros_like(g))


@final
@dataclasses.dataclass(frozen=True)
class NotMonotone(Flat):
    """max(|x₁|, …, |xₙ|, |x₁ − x₂|): right, but as the outer norm of a mixed norm it is not subadditive."""

    def _value(self, x: Array, xp: Any) -> Array:
        size = xp.max(xp.abs(x))
        return size if x.shape[0] < 2 else xp.maximum(size, xp.abs(x[0] - x[1]))

    def _lmo(self, g: Array, xp: Any) -> Array:
        return -xp.sign(g) / 2
