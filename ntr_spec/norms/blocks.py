"""``Product``: a norm of the norms of a pytree's blocks, the layers of a network for one.

N(x) = φ(t), t_b = n_b(x_b) for an absolute norm φ has N_*(g) = φ_*(d), d_b = n_b*(g_b), and
lmo(g)_b = t_b·lmo_b(g_b) with t = −lmo_φ(d). With φ = ℓ_∞ the blocks do not meet. References: Large et al., *Scalable
Optimization in the Modular Norm* (2024); Bernstein and Newhouse, *Modular Duality in Deep Learning* (2024).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any, final

from ntr_spec.arrays import Namespace, dot
from ntr_spec.blocks import Blocks
from ntr_spec.norms.apply import apply_lmo, apply_project, apply_value
from ntr_spec.norms.base import Norm, SupportFunction
from ntr_spec.norms.claims import Claim
from ntr_spec.norms.outer import can_project, check_outer, check_project, common_claims
from ntr_spec.norms.vector import LInf
from ntr_spec.trees import Shape, Tree, tree_map

Array = Any


@final
@dataclasses.dataclass(frozen=True, init=False, repr=False)
class Product(Blocks, Norm):
    """φ over the norms of a pytree's blocks. Dual: Product of the duals, φ.dual outside. The points are such pytrees.

    With φ = ℓ_∞ the LMO is every block's own LMO: layer-wise Muon, Scion and their kin. Otherwise block b gets
    t_b·lmo_b(g_b), t = −lmo_φ(d), d_b = −⟨g_b, lmo_b(g_b)⟩. ρ is the weighted constant of φ at the blocks' ρ. There is
    a projection with φ = ℓ_∞ where all blocks have one, and with L2 or Frobenius blocks where φ has one.

    Args:
        blocks: a pytree (dict, list or tuple, nested or not) of norms; it is copied.
        outer: φ, a norm on vectors that claims to be absolute.

    Raises:
        InputError: φ does not claim to be absolute; there is no block, or one is no norm; a point has another
            structure.

    Source: Large et al., *Scalable Optimization in the Modular Norm* (2024); [Kovalev25], section 2.

    >>> import numpy as np
    >>> from ntr_spec import L1, L2
    >>> norm = Product({"W": L2(), "b": L1()})
    >>> x = {"W": np.array([[3.0, -4.0]]), "b": np.array([1.0, 2.0])}
    >>> float(norm(x)), {name: v.tolist() for name, v in norm.lmo(x).items()}
    (5.0, {'W': [[-0.6, 0.8]], 'b': [0.0, -1.0]})
    """

    outer: Norm

    def __init__(self, blocks: Tree, outer: Norm = LInf()) -> None:  # noqa: B008 (immutable)
        check_outer("Product", outer)
        self._hold(blocks, Norm, "norm", "pass one such as L2()")
        object.__setattr__(self, "outer", outer)

    @property
    def scale_free(self) -> bool:
        """True where the blocks do not meet: each is scaled on its own."""
        return isinstance(self.outer, LInf)

    def _value(self, x: Tree, xp: Namespace) -> Array:
        return value_of_blocks(self.outer, self._parts, self._split(x), xp)

    def _lmo(self, g: Tree, xp: Namespace) -> Tree:
        return self._join(lmo_of_blocks(self.outer, self._parts, self._split(g), xp))

    def _project(self, x: Tree, radius: Array, xp: Namespace) -> Tree:
        check_project("Product", self.outer, self._parts)
        return self._join(project_blocks(self.outer, self._parts, self._split(x), radius, xp))

    @property
    def has_projection(self) -> bool:
        """With φ = ℓ_∞ where all blocks have one; with Euclidean blocks where φ has one."""
        return can_project(self.outer, self._parts)

    def _rho(self, shape: Tree, xp: Namespace) -> Array:
        constants = [n._rho(s, xp) for n, s in zip(self._parts, self._split(shape), strict=True)]
        return self.outer._rho_weighted(xp.stack(constants), xp)

    @property
    def has_rho(self) -> bool:
        """Whether all blocks have one and φ has a weighted one."""
        return self.outer.has_weighted_rho and all(part.has_rho for part in self._parts)

    def _accepts(self, shape: Tree) -> str | None:
        return self._refused(shape) or self.outer._accepts(Shape((len(self._parts),)))

    @property
    def dual(self) -> Norm:
        """The dual norms of blocks and outer."""
        outer, duals = self.outer.dual, [part.dual for part in self._parts]
        if any(isinstance(d, SupportFunction) for d in (outer, *duals)):
            return SupportFunction(self)
        return Product(self._join(duals), outer)

    @property
    def claims(self) -> frozenset[Claim]:
        """Absolute, polyhedral, strictly convex or Euclidean where all norms are."""
        return common_claims((self.outer, *self._parts))

    def _notation(self, x: str) -> str:
        names = [name if x == "x" else f"{x}.{name}" for name in self._names()]
        parts = ", ".join(part._notation(name) for part, name in zip(self._parts, names, strict=True))
        return f"max({parts})" if isinstance(self.outer, LInf) else self.outer._notation(f"({parts})")

    def __repr__(self) -> str:
        outer = "" if self.outer == LInf() else f", outer={self.outer!r}"
        return f"Product({self.blocks!r}{outer})"

    def __reduce__(self) -> tuple[type[Product], tuple[Tree, Norm]]:
        return (Product, (self.blocks, self.outer))


def value_of_blocks(outer: Norm, parts: Sequence[Norm], blocks: list[Tree], xp: Namespace) -> Array:
    """φ of the blocks' norms."""
    return apply_value(outer, _sizes(parts, blocks, xp), xp)


def lmo_of_blocks(outer: Norm, parts: Sequence[Norm], blocks: list[Tree], xp: Namespace) -> list[Tree]:
    """The blocks' LMOs, each times −lmo_φ of their dual norms; with φ = ℓ_∞ as they are."""
    v = [apply_lmo(n, b, 1.0, xp) for n, b in zip(parts, blocks, strict=True)]
    if isinstance(outer, LInf):
        return v
    slopes = xp.stack(_alike([-dot(b, p) for b, p in zip(blocks, v, strict=True)], xp))
    t = -apply_lmo(outer, slopes, 1.0, xp)
    return [_times(p, t[i]) for i, p in enumerate(v)]


def project_blocks(outer: Norm, parts: Sequence[Norm], blocks: list[Tree], radius: Array, xp: Namespace) -> list[Tree]:
    """With φ = ℓ_∞ the blocks' projections; else Euclidean blocks, shrunk as φ shrinks their sizes."""
    if isinstance(outer, LInf):
        return [apply_project(n, b, radius, xp) for n, b in zip(parts, blocks, strict=True)]
    sizes = _sizes(parts, blocks, xp)
    kept = apply_project(outer, sizes, radius, xp) / xp.where(sizes == 0, xp.ones_like(sizes), sizes)
    return [_times(b, kept[i]) for i, b in enumerate(blocks)]


def _sizes(parts: Sequence[Norm], blocks: list[Tree], xp: Namespace) -> Array:
    return xp.stack(_alike([apply_value(n, b, xp) for n, b in zip(parts, blocks, strict=True)], xp))


def _alike(values: list[Array], xp: Namespace) -> list[Array]:
    """The same 0-d values in one dtype, the widest; blocks may be of several."""
    dtypes = {v.dtype for v in values}
    if len(dtypes) == 1:
        return values
    wide = xp.result_type(*values)
    return [xp.astype(v, wide) for v in values]


def _times(tree: Tree, factor: Array) -> Tree:
    return tree_map(lambda leaf: leaf * factor, tree)
