"""``Imbalanced``: noise as of mini-batches in which one kind of example is rare."""

from __future__ import annotations

import dataclasses
import math
from typing import Any, final

import numpy as np

from ntr_spec.errors import InputError
from ntr_spec.norms.base import Norm
from ntr_spec.problems import Noise
from ntr_spec.trees import Tree, leaves, tree_map

Array = Any


@final
@dataclasses.dataclass(frozen=True)
class Imbalanced(Noise):
    """n = σ√((1−p)/p)·u with probability p, else n₀ = −σ√(p/(1−p))·u, where u = (1, …, 1)/√d: E n = 0, E‖n‖₂² = σ².

    A gradient that mostly misses what a rare example says, and now and then has it in full. At p = ½ it is ±σu. Not
    isotropic: all of it lies on one line.

    If p < ½, more than half of the mass lies at n₀, so the only zero of E lmo(∇f + n) is at ∇f = −n₀, in every norm:
    −E lmo(G + n) is a subgradient of E‖G + n‖_*, a convex function of G with its one minimiser, the median, at −n₀; for
    there lmo(0) may be any point of the ball, and the mean of the others has length at most p < 1 − p.

    Args:
        sigma: σ.
        probability: 0 < p ≤ ½.

    Raises:
        InputError: sigma or the probability is not such.

    >>> Imbalanced(3.0, 0.1).common(np.zeros(4)).tolist()
    [-0.5, -0.5, -0.5, -0.5]
    """

    sigma: float
    probability: float

    def __post_init__(self) -> None:
        Noise.__post_init__(self)
        if isinstance(self.probability, bool) or not 0 < self.probability <= 0.5:
            raise InputError(
                f"Imbalanced: expected a probability above 0 and at most 1/2, got {self.probability!r}; 1/2 is balanced"
            )

    def common(self, like: Array) -> Array:
        """n₀, the outcome of probability 1 − p."""
        p = self.probability
        return np.full(like.shape, -self.sigma * math.sqrt(p / (1 - p) / like.size))

    def rare(self, like: Array) -> Array:
        """The outcome of probability p."""
        p = self.probability
        return np.full(like.shape, self.sigma * math.sqrt((1 - p) / p / like.size))

    def _vector(self, size: int, generator: np.random.Generator) -> Array:
        like = np.empty(size)
        return self.rare(like) if generator.random() < self.probability else self.common(like)

    def _square(self, norm: Norm, shape: Tree) -> float | None:
        size = sum(leaf.size for leaf in leaves(shape))
        return float(norm.dual(tree_map(lambda leaf: np.full(leaf.dims, size**-0.5), shape))) ** 2
