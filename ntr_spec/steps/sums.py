"""R + Ridge(w), the elastic net for one, and its conjugate, the Moreau envelope of R*.

Reference: Bauschke and Combettes, *Convex Analysis*, propositions 14.1 and 24.8.
"""

from __future__ import annotations

import dataclasses
from typing import Any, final

from ntr_spec.arrays import Namespace, dot
from ntr_spec.errors import InputError
from ntr_spec.steps.conjugate import Conjugate, moreau
from ntr_spec.steps.product import as_regularizer
from ntr_spec.steps.regularizer import Bound, Regularizer
from ntr_spec.steps.simple import Ridge, Zero
from ntr_spec.trees import Tree, tree_map

Array = Any


def add(first: Regularizer, second: Regularizer) -> Regularizer:
    """The sum of two regularizers of which one is quadratic.

    Raises:
        InputError: neither is a Ridge or Zero.
    """
    if isinstance(first, Zero):
        return second
    if isinstance(second, Zero):
        return first
    if isinstance(second, Ridge):
        if isinstance(first, Ridge):
            return Ridge(first.weight + second.weight)
        if isinstance(first, Sum):
            return Sum(first.regularizer, first.weight + second.weight)
        return Sum(first, second.weight)
    if isinstance(first, Ridge):
        return add(second, first)
    if isinstance(second, Sum):
        return add(add(first, second.regularizer), Ridge(second.weight))
    raise InputError(
        f"{first!r} + {second!r}: the prox of such a sum is not known; one summand must be a Ridge, or write a "
        "Regularizer of your own with the prox of the sum"
    )


@final
@dataclasses.dataclass(frozen=True)
class Sum(Regularizer):
    """R(x) + (w/2)‖x‖₂². Conjugate: the Moreau envelope of R*. Prox: prox_{tR/(1+tw)}(x/(1+tw)).

    Args:
        regularizer: R.
        weight: w > 0.

    Raises:
        InputError: R is no regularizer, or the weight is not a positive finite number.

    >>> import numpy as np
    >>> from ntr_spec import L1
    >>> from ntr_spec.steps import Penalty, Ridge
    >>> R = Penalty(L1(), 1.0) + Ridge(2.0)
    >>> R.prox(np.array([4.0, -1.0]), 0.5).tolist()
    [1.75, -0.25]
    """

    regularizer: Regularizer
    weight: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "regularizer", as_regularizer("Sum", self.regularizer))
        object.__setattr__(self, "weight", Ridge(self.weight).weight)

    @property
    def ridge(self) -> Ridge:
        """The quadratic part."""
        return Ridge(self.weight)

    def _value(self, x: Tree, xp: Namespace) -> Array:
        return self.regularizer._value(x, xp) + self.ridge._value(x, xp)

    def _domain(self, x: Tree, xp: Namespace) -> tuple[Bound, ...]:
        return self.regularizer._domain(x, xp)

    def _prox(self, x: Tree, step: Array, xp: Namespace) -> Tree:
        shrink = 1 + step * self.weight
        return self.regularizer._prox(tree_map(lambda leaf: leaf / shrink, x), step / shrink, xp)

    def _subgradient(self, x: Tree, xp: Namespace) -> Tree:
        return tree_map(lambda a, b: a + self.weight * b, self.regularizer._subgradient(x, xp), x)

    def _box_argmin(self, g: Tree, lower: Tree, upper: Tree, xp: Namespace) -> Tree:
        # Each term is a convex function of one variable: its minimizer over an interval is the free one, clipped.
        x = tree_map(lambda a, b, c: xp.minimum(xp.maximum(a, b), c), self._prox_at(g, xp), lower, upper)
        domain = self.domain
        if domain.has_prox:  # the identity, where R is finite everywhere
            return domain._prox(x, 1.0, xp)
        # Over the box that is this one point, R returns the point or, where it lies outside dom R, the nearest inside.
        return self.regularizer._box_argmin(g, x, x, xp)

    def _nearest_subgradient(self, x: Tree, g: Tree, xp: Namespace) -> Tree:
        slope = tree_map(lambda a, b: b + self.weight * a, x, g)
        s = self.regularizer._nearest_subgradient(x, slope, xp)
        # At the free minimizer −g itself is a subgradient, to first order in what rounding did to x.
        free = self._prox_at(g, xp)
        return tree_map(lambda a, b, c, d: xp.where(a == b, -c, d + self.weight * a), x, free, g, s)

    def _prox_at(self, g: Tree, xp: Namespace) -> Tree:
        """argmin ⟨g, x⟩ + R(x) + (w/2)‖x‖₂²."""
        return self.regularizer._prox(tree_map(lambda leaf: -leaf / self.weight, g), 1 / self.weight, xp)

    def _accepts(self, shape: Tree) -> str | None:
        return self.regularizer._accepts(shape)

    def _shapes(self, dims: tuple[int, ...]) -> tuple[Tree, ...]:
        return self.regularizer._shapes(dims)

    def _notation(self, x: str) -> str:
        return f"{self.regularizer._notation(x)} + {self.ridge._notation(x)}"

    @property
    def conjugate(self) -> Regularizer:
        """The Moreau envelope of R*."""
        return Envelope(self)

    @property
    def domain(self) -> Regularizer:
        """That of R."""
        return self.regularizer.domain

    @property
    def has_prox(self) -> bool:
        """Whether R's is known."""
        return self.regularizer.has_prox

    @property
    def has_subgradient(self) -> bool:
        """Whether R's is."""
        return self.regularizer.has_subgradient

    @property
    def separable(self) -> bool:
        """Whether R is, and has a prox."""
        return self.regularizer.separable and self.regularizer.has_prox

    @property
    def uniform(self) -> bool:
        """Whether R is."""
        return self.regularizer.uniform


@final
@dataclasses.dataclass(frozen=True)
class Envelope(Regularizer):
    """(R + (w/2)‖·‖₂²)*(s) = ⟨s, x⟩ − R(x) − (w/2)‖x‖₂² at x = prox_{R/w}(s/w), which is its gradient."""

    primal: Sum

    def _value(self, x: Tree, xp: Namespace) -> Array:
        best = self._subgradient(x, xp)
        dual = self.primal.regularizer.conjugate
        if isinstance(dual, Conjugate):
            return dot(x, best) - self.primal._value(best, xp)
        # The same without a difference of nearly equal numbers: R*(u) + (w/2)‖best‖², as u = x − w·best ∈ ∂R(best).
        rest = tree_map(lambda a, b: a - self.primal.weight * b, x, best)
        return dual._value(rest, xp) + self.primal.ridge._value(best, xp)

    def _prox(self, x: Tree, step: Array, xp: Namespace) -> Tree:
        return moreau(self.primal, x, step, xp)

    def _subgradient(self, x: Tree, xp: Namespace) -> Tree:
        return self.primal._prox_at(tree_map(lambda leaf: -leaf, x), xp)

    def _accepts(self, shape: Tree) -> str | None:
        return self.primal._accepts(shape)

    def _shapes(self, dims: tuple[int, ...]) -> tuple[Tree, ...]:
        return self.primal._shapes(dims)

    def _notation(self, x: str) -> str:
        return f"({self.primal._notation('·')})*({x})"

    @property
    def conjugate(self) -> Regularizer:
        """The sum."""
        return self.primal

    @property
    def has_prox(self) -> bool:
        """Whether the sum's is known."""
        return self.primal.has_prox
