"""Regularizers on any pytree: ``Zero``, the squared Euclidean norm ``Ridge``, a single point ``Origin``."""

from __future__ import annotations

import dataclasses
from typing import Any, final

from ntr_spec.arrays import Namespace, dot, largest_entry
from ntr_spec.steps.entrywise import corner
from ntr_spec.steps.regularizer import Bound, Regularizer, check_weight
from ntr_spec.trees import Tree, tree_map

Array = Any

_LEAST = 2.0**-1022  # a smaller number has an infinite reciprocal, or nearly


@final
@dataclasses.dataclass(frozen=True)
class Zero(Regularizer):
    """R(x) = 0. Conjugate: the indicator of {0}. Prox: the identity.

    >>> import numpy as np
    >>> float(Zero()(np.ones(2))), Zero().prox(np.ones(2)).tolist()
    (0.0, [1.0, 1.0])
    """

    def _value(self, x: Tree, xp: Namespace) -> Array:
        return 0 * largest_entry(x)

    def _prox(self, x: Tree, step: Array, xp: Namespace) -> Tree:
        return x

    def _subgradient(self, x: Tree, xp: Namespace) -> Tree:
        return tree_map(lambda leaf: 0 * leaf, x)  # NaN stays NaN

    def _box_argmin(self, g: Tree, lower: Tree, upper: Tree, xp: Namespace) -> Tree:
        return tree_map(lambda a, b, c: corner(a, b, c, xp), g, lower, upper)

    def _nearest_subgradient(self, x: Tree, g: Tree, xp: Namespace) -> Tree:
        return self._subgradient(x, xp)

    @property
    def uniform(self) -> bool:
        """Yes."""
        return True

    def _notation(self, x: str) -> str:
        return "0"

    @property
    def conjugate(self) -> Regularizer:
        """The indicator of {0}."""
        return Origin()


@final
@dataclasses.dataclass(frozen=True)
class Origin(Regularizer):
    """The indicator of {0}: R(0) = 0 and R(x) = ∞ elsewhere. Conjugate: :class:`Zero`. Prox: 0.

    >>> import numpy as np
    >>> float(Origin()(np.ones(2))), Origin().prox(np.ones(2)).tolist()
    (inf, [0.0, 0.0])
    """

    def _value(self, x: Tree, xp: Namespace) -> Array:
        return 0 * largest_entry(x)

    def _domain(self, x: Tree, xp: Namespace) -> tuple[Bound, ...]:
        largest = largest_entry(x)
        return (Bound(largest, 0 * largest),)

    def _prox(self, x: Tree, step: Array, xp: Namespace) -> Tree:
        return tree_map(lambda leaf: 0 * leaf, x)

    def _subgradient(self, x: Tree, xp: Namespace) -> Tree:
        return tree_map(lambda leaf: 0 * leaf, x)

    def _box_argmin(self, g: Tree, lower: Tree, upper: Tree, xp: Namespace) -> Tree:
        return tree_map(lambda leaf: 0 * leaf, g)

    def _nearest_subgradient(self, x: Tree, g: Tree, xp: Namespace) -> Tree:
        return tree_map(lambda leaf: -leaf, g)

    @property
    def uniform(self) -> bool:
        """Yes."""
        return True

    def _notation(self, x: str) -> str:
        return f"δ({x} = 0)"

    @property
    def conjugate(self) -> Regularizer:
        """Zero."""
        return Zero()

    @property
    def domain(self) -> Regularizer:
        """Itself."""
        return self


@final
@dataclasses.dataclass(frozen=True)
class Ridge(Regularizer):
    """R(x) = (w/2)‖x‖₂². Conjugate: Ridge(1/w). Prox: x/(1 + step·w). The gradient is wx.

    Args:
        weight: w > 0, a number of which the reciprocal is finite.

    Raises:
        InputError: the weight is nothing of the sort.

    >>> import numpy as np
    >>> x = np.array([3.0, -4.0])
    >>> float(Ridge(2.0)(x)), Ridge(2.0).prox(x, 0.5).tolist(), Ridge(2.0).conjugate
    (25.0, [1.5, -2.0], Ridge(weight=0.5))
    """

    weight: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "weight", check_weight("Ridge", "weight", self.weight, _LEAST))

    def _value(self, x: Tree, xp: Namespace) -> Array:
        # Multiplied in this order no square overflows whose term does not.
        return dot(x, tree_map(lambda leaf: leaf * (self.weight / 2), x))

    def _prox(self, x: Tree, step: Array, xp: Namespace) -> Tree:
        return tree_map(lambda leaf: leaf / (1 + step * self.weight), x)

    def _subgradient(self, x: Tree, xp: Namespace) -> Tree:
        return tree_map(lambda leaf: leaf * self.weight, x)

    def _box_argmin(self, g: Tree, lower: Tree, upper: Tree, xp: Namespace) -> Tree:
        return tree_map(lambda a, b, c: xp.minimum(xp.maximum(a / -self.weight, b), c), g, lower, upper)

    def _nearest_subgradient(self, x: Tree, g: Tree, xp: Namespace) -> Tree:
        return self._subgradient(x, xp)

    @property
    def uniform(self) -> bool:
        """Yes."""
        return True

    def _notation(self, x: str) -> str:
        half = self.weight / 2
        return f"‖{x}‖₂²" if half == 1 else f"{half:g}·‖{x}‖₂²"

    @property
    def conjugate(self) -> Regularizer:
        """Ridge(1/w)."""
        return Ridge(1 / self.weight)
