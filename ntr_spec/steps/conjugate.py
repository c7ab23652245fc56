"""What every regularizer has without declaring it: a conjugate by Moreau's identity, and the indicator of its domain.

Reference: Bauschke and Combettes, *Convex Analysis and Monotone Operator Theory in Hilbert Spaces*, chapters 13 and 14.
"""

from __future__ import annotations

import dataclasses
from typing import Any, final

from ntr_spec.arrays import Namespace, dot, largest_entry
from ntr_spec.errors import NotDeclaredError
from ntr_spec.steps.regularizer import Bound, Regularizer
from ntr_spec.trees import Tree, tree_map

Array = Any


@final
@dataclasses.dataclass(frozen=True, repr=False)
class Conjugate(Regularizer):
    """R* where no closed form is declared: its prox is known by Moreau's identity, its value is not.

    prox_{t·R*}(x) = x − t·prox_{R/t}(x/t). The conjugate of the conjugate is R.
    """

    primal: Regularizer

    def _value(self, x: Tree, xp: Namespace) -> Array:
        raise NotDeclaredError(
            f"{type(self.primal).__name__}.conjugate: its value is not declared; override the property `conjugate` "
            f"of {type(self.primal).__name__} with a regularizer in closed form"
        )

    def _prox(self, x: Tree, step: Array, xp: Namespace) -> Tree:
        return moreau(self.primal, x, step, xp)

    def _accepts(self, shape: Tree) -> str | None:
        return self.primal._accepts(shape)

    def _shapes(self, dims: tuple[int, ...]) -> tuple[Tree, ...]:
        return self.primal._shapes(dims)

    def _notation(self, x: str) -> str:
        return f"({self.primal._notation('·')})*({x})"

    @property
    def conjugate(self) -> Regularizer:
        """The regularizer that it came from (Fenchel–Moreau)."""
        return self.primal

    @property
    def has_prox(self) -> bool:
        """Whether R's is known."""
        return self.primal.has_prox

    def __repr__(self) -> str:
        return f"{self.primal!r}.conjugate"


@final
@dataclasses.dataclass(frozen=True, repr=False)
class Domain(Regularizer):
    """The indicator of dom R, known by R's conditions alone: it has no prox."""

    of: Regularizer

    def _value(self, x: Tree, xp: Namespace) -> Array:
        return 0 * largest_entry(x)

    def _domain(self, x: Tree, xp: Namespace) -> tuple[Bound, ...]:
        return self.of._domain(x, xp)

    def _prox(self, x: Tree, step: Array, xp: Namespace) -> Tree:
        raise NotDeclaredError(
            f"{type(self.of).__name__}.domain.prox: no projection on the domain is declared; override the property "
            f"`domain` of {type(self.of).__name__} with an indicator such as Box(0)"
        )

    def _accepts(self, shape: Tree) -> str | None:
        return self.of._accepts(shape)

    def _shapes(self, dims: tuple[int, ...]) -> tuple[Tree, ...]:
        return self.of._shapes(dims)

    def _notation(self, x: str) -> str:
        return f"δ({x} ∈ dom {type(self.of).__name__})"

    @property
    def domain(self) -> Regularizer:
        """Itself."""
        return self

    @property
    def has_prox(self) -> bool:
        """No."""
        return False

    def __repr__(self) -> str:
        return f"{self.of!r}.domain"


def moreau(conjugate: Regularizer, x: Tree, step: Array, xp: Namespace) -> Tree:
    """prox_{t·R}(x) = x − t·prox_{R*/t}(x/t), given R*."""
    inner = conjugate._prox(tree_map(lambda leaf: leaf / step, x), 1 / step, xp)
    return tree_map(lambda a, b: a - step * b, x, inner)


def fenchel_gap(regularizer: Regularizer, x: Tree, s: Tree) -> Array:
    """R(x) + R*(s) − ⟨s, x⟩ ≥ 0, zero exactly if s ∈ ∂R(x).

    Raises:
        NotDeclaredError: the value of the conjugate is not declared.
    """
    return regularizer(x) + regularizer.conjugate(s) - dot(s, x)
