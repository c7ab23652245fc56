"""Impostors and wrong parts: what an engine that reasons about types, names or parts could fall for."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar, final

import ntr_spec as ntr
from ntr_spec.norms import Claim, Norm
from tests.wrong.bases import Largest, Total, counted

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
    """A part that is right up to R⁴: its LMO forgets the coordinates beyond."""

    def _lmo(self, g: Array, xp: Any) -> Array:
        return xp.where(counted(g, xp) <= 4, -xp.sign(g), xp.zeros_like(g))

    @property
    def claims(self) -> frozenset[Claim]:
        return frozenset({Claim.ABSOLUTE, Claim.SYMMETRIC, Claim.POLYHEDRAL})


@final
@dataclasses.dataclass(frozen=True)
class Differences(Norm):
    """Σ|xₖ − xₖ₊₁| with xₙ₊₁ = 0: a right norm that claims to be absolute, which an outer norm must be."""

    event_rank: ClassVar[int | None] = 1

    def _value(self, x: Array, xp: Any) -> Array:
        return xp.sum(xp.abs(x - xp.concat([x[1:], xp.zeros_like(x[:1])])))

    def _lmo(self, g: Array, xp: Any) -> Array:
        sums = xp.cumulative_sum(g)
        best = xp.argmax(xp.abs(sums), keepdims=True)
        index = xp.arange(g.shape[0], dtype=best.dtype, device=g.device)
        side = xp.sum(xp.where(index == best, -xp.sign(sums), xp.zeros_like(sums)))
        return xp.where(index <= best, side, xp.zeros_like(g))

    @property
    def claims(self) -> frozenset[Claim]:
        return frozenset({Claim.ABSOLUTE})


@final
@dataclasses.dataclass(frozen=True)
class GrowingGauge(Norm):
    """Σ i·|x|₍ᵢ₎ with growing weights: claims to be a symmetric gauge and is not even a norm."""

    event_rank: ClassVar[int | None] = 1

    def _value(self, x: Array, xp: Any) -> Array:
        return xp.sum(counted(x, xp) * xp.sort(xp.abs(x), descending=True))

    def _lmo(self, g: Array, xp: Any) -> Array:
        return Total()._lmo(g, xp)

    @property
    def dual(self) -> Norm:
        return ntr.LInf()

    @property
    def claims(self) -> frozenset[Claim]:
        return frozenset({Claim.ABSOLUTE, Claim.SYMMETRIC})
