"""``Inexact``: a norm whose LMO falls short by δ on purpose."""

from __future__ import annotations

import dataclasses
from typing import Any, final

from ntr_spec.arrays import Namespace, dot
from ntr_spec.errors import InputError
from ntr_spec.norms.apply import apply_lmo, apply_value
from ntr_spec.norms.base import Norm, check_norm
from ntr_spec.trees import Tree, tree_map

Array = Any


@final
@dataclasses.dataclass(frozen=True)
class Inexact(Norm):
    """‖x‖ = n(x), with an LMO that is a δ-LMO and no better: ‖v‖ ≤ 1 and ⟨g, v⟩ = −(1−δ)‖g‖_*.

    v = (1−t)·lmo_n(g) + t·u, where u is a point of the ball that is uphill or level for g, and t ≤ δ such that the
    equation holds. u is ± the LMO of entries 1, 2, 3, …, so that errors of consecutive steps add up rather than cancel.

    Args:
        norm: n.
        delta: 0 ≤ δ < 1.

    >>> import numpy as np
    >>> from ntr_spec import LInf
    >>> norm, g = Inexact(LInf(), 0.25), np.array([3.0, -1.0])
    >>> float(np.sum(g * norm.lmo(g)) / norm.dual(g)), float(norm(norm.lmo(g)))
    (-0.75, 1.0)
    """

    norm: Norm
    delta: float

    def __post_init__(self) -> None:
        check_norm("Inexact", self.norm)
        if not 0 <= self.delta < 1:
            raise InputError(f"Inexact: expected delta in [0, 1), got {self.delta!r}")

    @property
    def event_rank(self) -> int | None:
        """That of the norm."""
        return self.norm.event_rank

    @property
    def takes_half(self) -> bool:
        """That of the norm."""
        return self.norm.takes_half

    def _value(self, x: Tree, xp: Namespace) -> Array:
        return apply_value(self.norm, x, xp)

    def _lmo(self, g: Tree, xp: Namespace) -> Tree:
        v = apply_lmo(self.norm, g, 1.0, xp)
        count = 0

        def numbered(leaf: Array) -> Array:
            nonlocal count
            size = leaf.size
            found = xp.reshape(xp.arange(count + 1, count + 1 + size, dtype=leaf.dtype), leaf.shape)
            count += size
            return found

        u = apply_lmo(self.norm, tree_map(numbered, g), 1.0, xp)
        rise = dot(g, u)
        side = xp.where(rise >= 0, 1.0, -1.0)
        length = -dot(g, v)
        whole = length + side * rise
        t = xp.where(whole > 0, self.delta * length / xp.where(whole > 0, whole, 1.0), 0.0)
        return tree_map(lambda a, b: (1.0 - t) * a + t * side * b, v, u)

    @property
    def dual(self) -> Norm:
        """n's: the norm is n."""
        return self.norm.dual

    def _rho(self, shape: Tree, xp: Namespace) -> Array:
        return self.norm._rho(shape, xp)

    @property
    def has_rho(self) -> bool:
        """Whether n has one."""
        return self.norm.has_rho

    def _accepts(self, shape: Tree) -> str | None:
        return self.norm._accepts(shape)

    def _shapes(self, dims: tuple[int, ...]) -> tuple[Tree, ...]:
        return self.norm._shapes(dims)
