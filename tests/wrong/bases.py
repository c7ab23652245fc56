"""Right declarations, from which a mutant differs in one hook. Every law holds for each of these.

They are plain bases rather than the catalogue's classes: those are final, and a mutant must be what a user writes.
"""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

import ntr_spec as ntr
from ntr_spec.norms import Norm

Array = Any


def first_largest(size: Array, xp: Any) -> Array:
    """A mask of the first largest entry."""
    best = xp.argmax(size, axis=-1, keepdims=True)
    return xp.arange(size.shape[-1], dtype=best.dtype, device=size.device) == best


def counted(x: Array, xp: Any) -> Array:
    """1, 2, …, n like x."""
    return xp.arange(1, x.shape[-1] + 1, dtype=x.dtype, device=x.device)


class Flat(Norm):
    """A norm on vectors whose hooks are safe at every scale."""

    event_rank: ClassVar[int | None] = 1
    scale_free: ClassVar[bool] = True


class Largest(Flat):
    """max|xᵢ|, right."""

    def _value(self, x: Array, xp: Any) -> Array:
        return xp.max(xp.abs(x))

    def _lmo(self, g: Array, xp: Any) -> Array:
        return -xp.sign(g)

    @property
    def dual(self) -> Norm:
        return ntr.L1()


class Total(Flat):
    """Σ|xᵢ|, right."""

    def _value(self, x: Array, xp: Any) -> Array:
        return xp.sum(xp.abs(x))

    def _lmo(self, g: Array, xp: Any) -> Array:
        return xp.where(first_largest(xp.abs(g), xp), -xp.sign(g), xp.zeros_like(g))

    @property
    def dual(self) -> Norm:
        return ntr.LInf()


class Length(Norm):
    """√Σxᵢ², right."""

    event_rank: ClassVar[int | None] = 1

    def _value(self, x: Array, xp: Any) -> Array:
        return xp.sqrt(xp.sum(x * x))

    def _lmo(self, g: Array, xp: Any) -> Array:
        size = xp.sqrt(xp.sum(g * g))
        return -g / xp.where(size == 0, xp.ones_like(size), size)

    @property
    def dual(self) -> Norm:
        return ntr.L2()


class Ramp(Norm):
    """Σ i·|xᵢ|, right; its dual is max|gᵢ|/i."""

    event_rank: ClassVar[int | None] = 1

    def _value(self, x: Array, xp: Any) -> Array:
        return xp.sum(counted(x, xp) * xp.abs(x))

    def _lmo(self, g: Array, xp: Any) -> Array:
        weight = counted(g, xp)
        return xp.where(first_largest(xp.abs(g) / weight, xp), -xp.sign(g) / weight, xp.zeros_like(g))

    @property
    def dual(self) -> Norm:
        return SteepLargest(-1)


@dataclasses.dataclass(frozen=True)
class SteepLargest(Norm):
    """max i^power·|xᵢ|, a right norm with a right LMO; for power −1 it is the dual of :class:`Ramp`."""

    power: int

    event_rank: ClassVar[int | None] = 1

    def _weight(self, x: Array, xp: Any) -> Array:
        return counted(x, xp) ** self.power

    def _value(self, x: Array, xp: Any) -> Array:
        return xp.max(self._weight(x, xp) * xp.abs(x))

    def _lmo(self, g: Array, xp: Any) -> Array:
        return -xp.sign(g) / self._weight(g, xp)


class RunningSums(Norm):
    """Σ|x₁ + … + xₖ| over k, right; neither absolute nor symmetric. Its dual is max|gₖ − gₖ₊₁| with gₙ₊₁ = 0."""

    event_rank: ClassVar[int | None] = 1

    def _value(self, x: Array, xp: Any) -> Array:
        return xp.sum(xp.abs(xp.cumulative_sum(x)))

    def _lmo(self, g: Array, xp: Any) -> Array:
        zero = xp.zeros_like(g[:1])
        drop = g - xp.concat([g[1:], zero])
        jump = xp.where(first_largest(xp.abs(drop), xp), -xp.sign(drop), xp.zeros_like(drop))
        return jump - xp.concat([zero, jump[:-1]])


class Stretch(Norm):
    """The largest singular value of a matrix, right."""

    event_rank: ClassVar[int | None] = 2

    def _value(self, x: Array, xp: Any) -> Array:
        return xp.max(xp.linalg.svdvals(x))

    def _lmo(self, g: Array, xp: Any) -> Array:
        u, s, vh = xp.linalg.svd(g, full_matrices=False)
        tiny = xp.finfo(g.dtype).eps * max(g.shape) * xp.max(s)
        return -(u * xp.astype(s > tiny, g.dtype)) @ vh


class Sheet(Norm):
    """Σ|xᵢⱼ| of a matrix, right."""

    event_rank: ClassVar[int | None] = 2
    scale_free: ClassVar[bool] = True

    def _value(self, x: Array, xp: Any) -> Array:
        return xp.sum(xp.abs(x))

    def _lmo(self, g: Array, xp: Any) -> Array:
        flat = xp.reshape(g, (-1,))
        best = xp.where(first_largest(xp.abs(flat), xp), -xp.sign(flat), xp.zeros_like(flat))
        return xp.reshape(best, g.shape)
