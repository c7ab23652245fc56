"""``PerLeaf``: the same norm on every array of a pytree of any structure.

N(x) = φ(n(x₁), n(x₂), …) over the leaves, as :class:`Product` with n for every block, but for trees that are not known
beforehand: one optimizer setting for any network. The mathematics is Product's.
"""

from __future__ import annotations

import dataclasses
import itertools
import operator
from collections.abc import Callable
from typing import Any, final

from ntr_spec.arrays import Namespace
from ntr_spec.blocks import name_of
from ntr_spec.norms.base import Norm, SupportFunction, check_norm
from ntr_spec.norms.blocks import lmo_of_blocks, project_blocks, value_of_blocks
from ntr_spec.norms.claims import Claim
from ntr_spec.norms.outer import can_project, check_outer, check_project, common_claims, over
from ntr_spec.norms.vector import LInf
from ntr_spec.trees import Shape, Tree, is_container, leaves

Array = Any


@final
@dataclasses.dataclass(frozen=True, repr=False)
class PerLeaf(Norm):
    """φ over the norms of a pytree's leaves, one n for all. Dual: PerLeaf(n.dual, φ.dual).

    A bare array is one leaf. With φ = ℓ_∞ the LMO is every leaf's own LMO: ``PerLeaf(LInf())`` takes signs,
    ``PerLeaf(Spectral())`` orthogonalises each matrix. ``PerLeaf(L2(), outer=L2())`` is the Euclidean norm of all
    leaves together. ρ is the weighted constant of φ at the leaves' ρ. There is a projection with φ = ℓ_∞ where n has
    one, and with Euclidean n where φ has one.

    Args:
        norm: n, on arrays.
        outer: φ, a norm on vectors that claims to be absolute.

    Raises:
        InputError: φ does not claim to be absolute; a leaf of a point does not fit n.

    Source: Large et al., *Scalable Optimization in the Modular Norm* (2024).

    >>> import numpy as np
    >>> from ntr_spec import L2
    >>> norm = PerLeaf(L2())
    >>> x = {"W": np.array([[3.0, -4.0]]), "b": np.array([1.0, 0.0])}
    >>> float(norm(x)), {name: v.tolist() for name, v in norm.lmo(x).items()}
    (5.0, {'W': [[-0.6, 0.8]], 'b': [-1.0, -0.0]})
    """

    norm: Norm
    outer: Norm = LInf()  # noqa: RUF009 (immutable)

    def __post_init__(self) -> None:
        check_norm("PerLeaf", self.norm)
        check_outer("PerLeaf", self.outer)

    @property
    def scale_free(self) -> bool:
        """True where the leaves do not meet: each is scaled on its own."""
        return isinstance(self.outer, LInf)

    def _value(self, x: Tree, xp: Namespace) -> Array:
        blocks = leaves(x)
        return value_of_blocks(self.outer, [self.norm] * len(blocks), blocks, xp)

    def _lmo(self, g: Tree, xp: Namespace) -> Tree:
        blocks, join = _opened(g)
        return join(lmo_of_blocks(self.outer, [self.norm] * len(blocks), blocks, xp))

    def _project(self, x: Tree, radius: Array, xp: Namespace) -> Tree:
        check_project("PerLeaf", self.outer, (self.norm,))
        blocks, join = _opened(x)
        return join(project_blocks(self.outer, [self.norm] * len(blocks), blocks, radius, xp))

    @property
    def has_projection(self) -> bool:
        """With φ = ℓ_∞ where n has one; with Euclidean n where φ has one."""
        return can_project(self.outer, (self.norm,))

    def _rho(self, shape: Tree, xp: Namespace) -> Array:
        return self.outer._rho_weighted(xp.stack([self.norm._rho(s, xp) for s in leaves(shape)]), xp)

    @property
    def has_rho(self) -> bool:
        """Whether n has one and φ has a weighted one."""
        return self.outer.has_weighted_rho and self.norm.has_rho

    def _accepts(self, shape: Tree) -> str | None:
        found = leaves(shape)
        for k, leaf in enumerate(found):
            expected = self.norm._accepts(leaf)
            if expected is not None and is_container(shape):
                return (
                    f"leaf {_name_of_leaf(shape, k)} to be {expected}, or a Product that gives each leaf its own norm"
                )
            if expected is not None:
                return expected
        return self.outer._accepts(Shape((len(found),)))

    def _shapes(self, dims: tuple[int, ...]) -> tuple[Tree, ...]:
        choices = [s for s in self.norm._shapes(dims) if isinstance(s, Shape)]
        counts = itertools.cycle(max(2, s.size) for s in self.outer._shapes((2, 3)))
        # Each leaf walks through the shapes at its own pace.
        return tuple(
            {f"leaf{j}": choices[(k + j * (k + 1)) % len(choices)] for j in range(count)}
            for k, count in zip(range(max(len(dims), 1)), counts, strict=False)
        )

    @property
    def dual(self) -> Norm:
        """The dual norms of leaves and outer."""
        inner, outer = self.norm.dual, self.outer.dual
        if isinstance(inner, SupportFunction) or isinstance(outer, SupportFunction):
            return SupportFunction(self)
        return PerLeaf(inner, outer)

    @property
    def claims(self) -> frozenset[Claim]:
        """Absolute, polyhedral, strictly convex or Euclidean where both norms are."""
        return common_claims((self.norm, self.outer))

    def _notation(self, x: str) -> str:
        return over(self.outer, self.norm._notation(f"{x}ₗ"), "l")


def _opened(tree: Tree) -> tuple[list[Array], Callable[[list[Array]], Tree]]:
    """The leaves of a tree, and what puts such leaves together again."""
    if not is_container(tree):
        return [tree], operator.itemgetter(0)
    import optree

    found, structure = optree.tree_flatten(tree)
    return found, structure.unflatten


def _name_of_leaf(tree: Tree, k: int) -> str:
    import optree

    return name_of(optree.tree_paths(tree)[k])
