"""Regularizers made of norms: ``Penalty`` is λ‖·‖, ``Ball`` the indicator of a norm ball; each the other's conjugate.

The norm's own verbs do the work: the prox of a ball is the projection on it, the prox of a penalty what the projection
on the dual ball leaves over (Moreau), a subgradient of a norm the dual norm's LMO. Reference: Bauschke and Combettes,
*Convex Analysis*, examples 13.3, 16.32 and 24.20.
"""

from __future__ import annotations

import dataclasses
from typing import Any, final

from ntr_spec.arrays import Namespace
from ntr_spec.norms.apply import apply_lmo, apply_value
from ntr_spec.norms.base import Norm, SupportFunction, check_norm
from ntr_spec.steps.entrywise import (
    broadcast_weights,
    corner,
    has_box_ball,
    is_uniform,
    is_weighted_l1,
    kinked_corner,
    kinked_slope,
    normal_to_interval,
    soft_threshold,
)
from ntr_spec.steps.projecting import can_project, project
from ntr_spec.steps.regularizer import Bound, Regularizer, check_weight
from ntr_spec.trees import Tree, tree_map

Array = Any

_ULPS = 4.0  # a projection divides by the largest entry and multiplies with it again, once for each level of nesting


@final
@dataclasses.dataclass(frozen=True)
class Penalty(Regularizer):
    """R(x) = λ‖x‖ for any norm. Conjugate: the indicator of {‖s‖_* ≤ λ}. Prox: x − (projection of x on ‖·‖_* ≤ step·λ).

    ``Penalty(L1(), lam)`` is the lasso's, ``Penalty(Mixed(L1(), L2(), axis=1), lam)`` the group lasso's,
    ``Penalty(Nuclear(), lam)`` favours low rank.

    Args:
        norm: the norm; its prox is known where the dual norm's projection is.
        weight: λ > 0.

    Raises:
        InputError: the norm is none, or the weight is not a positive finite number.

    >>> import numpy as np
    >>> from ntr_spec import L1
    >>> R, x = Penalty(L1(), 2.0), np.array([3.0, -1.0])
    >>> float(R(x)), R.prox(x, 0.75).tolist(), R.conjugate
    (8.0, [1.5, 0.0], Ball(norm=LInf(), radius=2.0))
    """

    norm: Norm
    weight: float

    def __post_init__(self) -> None:
        check_norm("Penalty", self.norm)
        object.__setattr__(self, "weight", check_weight("Penalty", "weight", self.weight))

    def _value(self, x: Tree, xp: Namespace) -> Array:
        return apply_value(self.norm, x, xp) * self.weight

    def _prox(self, x: Tree, step: Array, xp: Namespace) -> Tree:
        reach = step * self.weight
        if self.separable:  # the projection on a box, without detours
            return tree_map(lambda a, w: soft_threshold(a, reach * w, xp), x, broadcast_weights(self.norm, x, xp))
        rest = project(self.norm.dual, x, reach, xp)
        return tree_map(lambda a, b: _remainder(a, b, xp), x, rest)

    def _subgradient(self, x: Tree, xp: Namespace) -> Tree:
        return tree_map(lambda leaf: -self.weight * leaf, apply_lmo(self.norm.dual, x, 1.0, xp))

    def _box_argmin(self, g: Tree, lower: Tree, upper: Tree, xp: Namespace) -> Tree:
        def solve(a: Array, w: Array, low: Array, high: Array) -> Array:
            return kinked_corner(a, -self.weight * w, self.weight * w, low, high, xp)

        return tree_map(solve, g, broadcast_weights(self.norm, g, xp), lower, upper)

    def _nearest_subgradient(self, x: Tree, g: Tree, xp: Namespace) -> Tree:
        def nearest(y: Array, a: Array, w: Array) -> Array:
            return kinked_slope(y, a, -self.weight * w, self.weight * w, xp)

        return tree_map(nearest, x, g, broadcast_weights(self.norm, x, xp))

    def _accepts(self, shape: Tree) -> str | None:
        return self.norm._accepts(shape)

    def _shapes(self, dims: tuple[int, ...]) -> tuple[Tree, ...]:
        return self.norm._shapes(dims)

    def _notation(self, x: str) -> str:
        inner = self.norm._notation(x)
        return f"{self.weight:g}·({inner})" if " + " in inner else f"{self.weight:g}·{inner}"

    @property
    def conjugate(self) -> Regularizer:
        """The dual norm's ball of radius λ."""
        return Ball(self.norm.dual, self.weight)

    @property
    def has_prox(self) -> bool:
        """Whether the dual norm's projection is known."""
        return self.separable or can_project(self.norm.dual)

    @property
    def has_subgradient(self) -> bool:
        """Whether the dual norm has an LMO, which a support function has not."""
        return not isinstance(self.norm.dual, SupportFunction)

    @property
    def separable(self) -> bool:
        """Whether the norm is weighted ℓ₁."""
        return is_weighted_l1(self.norm)

    @property
    def uniform(self) -> bool:
        """Whether the norm is a multiple of ℓ₁."""
        return self.separable and is_uniform(self.norm)


@final
@dataclasses.dataclass(frozen=True)
class Ball(Regularizer):
    """The indicator of {‖x‖ ≤ radius}: 0 there, ∞ elsewhere. Conjugate: radius·‖s‖_*. Prox: the projection.

    Args:
        norm: the norm; the prox is known where its projection is.
        radius: greater than 0.

    Raises:
        InputError: the norm is none, or the radius is not a positive finite number.

    >>> import numpy as np
    >>> from ntr_spec import L2
    >>> R, x = Ball(L2(), 5.0), np.array([6.0, -8.0])
    >>> float(R(x)), R.prox(x).tolist(), R.conjugate
    (inf, [3.0, -4.0], Penalty(norm=L2(), weight=5.0))
    """

    norm: Norm
    radius: float

    def __post_init__(self) -> None:
        check_norm("Ball", self.norm)
        object.__setattr__(self, "radius", check_weight("Ball", "radius", self.radius))

    def _value(self, x: Tree, xp: Namespace) -> Array:
        return 0 * apply_value(self.norm, x, xp)

    def _domain(self, x: Tree, xp: Namespace) -> tuple[Bound, ...]:
        size = apply_value(self.norm, x, xp)
        return (Bound(size, 0 * size + self.radius, terms=1 if has_box_ball(self.norm) else None),)

    def _prox(self, x: Tree, step: Array, xp: Namespace) -> Tree:
        if self.separable:
            return tree_map(lambda a, h: xp.minimum(xp.maximum(a, -h), h), x, self._half(x, xp))
        return project(self.norm, x, self.radius, xp)

    def _half(self, x: Tree, xp: Namespace) -> Tree:
        """Half the sides of the ball, where it is a box."""
        return tree_map(lambda w: self.radius / w, broadcast_weights(self.norm, x, xp))

    def _subgradient(self, x: Tree, xp: Namespace) -> Tree:
        return tree_map(lambda leaf: 0 * leaf, x)  # NaN stays NaN

    def _box_argmin(self, g: Tree, lower: Tree, upper: Tree, xp: Namespace) -> Tree:
        return self._prox(tree_map(lambda a, b, c: corner(a, b, c, xp), g, lower, upper), 1.0, xp)

    def _nearest_subgradient(self, x: Tree, g: Tree, xp: Namespace) -> Tree:
        return tree_map(lambda y, a, h: normal_to_interval(y, a, -h, h, xp), x, g, self._half(x, xp))

    def _accepts(self, shape: Tree) -> str | None:
        return self.norm._accepts(shape)

    def _shapes(self, dims: tuple[int, ...]) -> tuple[Tree, ...]:
        return self.norm._shapes(dims)

    def _notation(self, x: str) -> str:
        return f"δ({self.norm._notation(x)} ≤ {self.radius:g})"

    @property
    def conjugate(self) -> Regularizer:
        """The dual norm times the radius."""
        return Penalty(self.norm.dual, self.radius)

    @property
    def domain(self) -> Regularizer:
        """Itself."""
        return self

    @property
    def has_prox(self) -> bool:
        """Whether the norm's projection is known."""
        return self.separable or can_project(self.norm)

    @property
    def separable(self) -> bool:
        """Whether the ball is a box."""
        return has_box_ball(self.norm)

    @property
    def uniform(self) -> bool:
        """Whether the ball is a cube."""
        return self.separable and is_uniform(self.norm)


def _remainder(x: Array, y: Array, xp: Namespace) -> Array:
    """x − y, and exactly 0 where y is x but for the rounding of a projection that leaves it alone."""
    limits = xp.limits(x.dtype)
    if xp.exact or limits is None:
        return x - y
    rest = x - y
    return xp.where(xp.abs(rest) <= _ULPS * limits.eps * xp.abs(x), 0 * rest, rest)
