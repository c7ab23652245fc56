"""Sums over entries and boxes: which norms have a box for a ball or are weighted ℓ₁, and linear functions on boxes.

Read off the norm's declaration: ``LInf`` and ``L1`` themselves, scaled, weighted or reshaped, and either over parts.
"""

from __future__ import annotations

from typing import Any

from ntr_spec.arrays import Namespace, device_of
from ntr_spec.norms.base import Norm
from ntr_spec.norms.blocks import Product
from ntr_spec.norms.fibres import Mixed, Stacked
from ntr_spec.norms.leaves import PerLeaf
from ntr_spec.norms.transforms import Reshaped, Scaled, Weighted
from ntr_spec.norms.vector import L1, LInf
from ntr_spec.trees import Tree, leaves, tree_map

Array = Any


def has_box_ball(norm: Norm) -> bool:
    """Whether ‖x‖ = max wᵢ|xᵢ| for some weights."""
    return _is(norm, LInf)


def is_weighted_l1(norm: Norm) -> bool:
    """Whether ‖x‖ = Σ wᵢ|xᵢ| for some weights."""
    return _is(norm, L1)


def is_uniform(norm: Norm) -> bool:
    """Whether such a norm is a multiple of ℓ_∞ or ℓ₁, of points of any shape."""
    return isinstance(norm, L1 | LInf) or (isinstance(norm, Scaled) and is_uniform(norm.norm))


def weights(norm: Norm, like: Tree, xp: Namespace) -> Tree:
    """The weights wᵢ of a norm that has a box for a ball or is weighted ℓ₁, in the shape of a point."""
    if isinstance(norm, L1 | LInf):
        return tree_map(xp.ones_like, like)
    if isinstance(norm, Scaled):
        return tree_map(lambda w: w * norm._factor(xp), weights(norm.norm, like, xp))
    if isinstance(norm, Reshaped):
        return xp.reshape(weights(norm.norm, norm._inside(like, xp), xp), like.shape)
    if isinstance(norm, Weighted):
        ones = xp.reshape(xp.ones_like(like), norm.w.shape)
        inner = xp.reshape(weights(norm.norm, ones, xp), norm.w.shape)
        return xp.reshape(norm._times(inner, not norm.inverse, xp), like.shape)
    if isinstance(norm, Stacked):
        over, inner = like[(slice(None), *(0,) * (like.ndim - 1))], weights(norm.norm, like[0, ...], xp)
        return xp.reshape(weights(norm.outer, over, xp), (-1,) + (1,) * inner.ndim) * inner
    if isinstance(norm, Mixed):
        fibres = norm._fibres(like, xp)
        over, inner = weights(norm.outer, fibres[:, 0], xp), weights(norm.inner, fibres[0, :], xp)
        return norm._array(over[:, None] * inner, like, xp)
    assert isinstance(norm, Product | PerLeaf)
    blocks = norm._split(like) if isinstance(norm, Product) else leaves(like)
    parts = norm._parts if isinstance(norm, Product) else (norm.norm,) * len(blocks)
    first = leaves(like)[0]
    over = weights(norm.outer, xp.ones((len(blocks),), dtype=first.dtype, device=device_of(first)), xp)

    def scaled(k: int) -> Tree:
        inner = weights(parts[k], blocks[k], xp)
        # Blocks may be of several dtypes; plain norms outside change nothing.
        return (
            inner if isinstance(norm.outer, L1 | LInf) else tree_map(lambda w: w * xp.astype(over[k], w.dtype), inner)
        )

    found = iter([leaf for k in range(len(blocks)) for leaf in leaves(scaled(k))])
    return tree_map(lambda leaf: next(found), like)


def broadcast_weights(norm: Norm, like: Tree, xp: Namespace) -> Tree:
    """As :func:`weights`, but the one number 1 for a plain norm, which saves an array of the point's size."""
    if type(norm) in (L1, LInf):
        return tree_map(lambda leaf: xp.asarray(1.0, dtype=leaf.dtype, device=device_of(leaf)), like)
    if isinstance(norm, Scaled):
        return tree_map(lambda w: w * norm._factor(xp), broadcast_weights(norm.norm, like, xp))
    return weights(norm, like, xp)


def soft_threshold(x: Array, by: Array, xp: Namespace) -> Array:
    """sign(x)·max(|x| − by, 0), for by > 0."""
    return x - xp.minimum(xp.maximum(x, -by), by)


# Minimizers over boxes take no `where`, which costs NumPy some ten times as much as arithmetic does: they clip a point
# beyond the corner that is wanted. NaN stays NaN that way.


def corner(g: Array, lower: Array, upper: Array, xp: Namespace) -> Array:
    """argmin{g·x : lower ≤ x ≤ upper}, the middle where g = 0."""
    width = upper - lower
    beyond = lower + width / 2 - xp.sign(g) * width
    return xp.minimum(xp.maximum(beyond, lower), upper)


def kinked_corner(g: Array, left: Array, right: Array, lower: Array, upper: Array, xp: Namespace) -> Array:
    """argmin{g·x + max(left·x, right·x) : lower ≤ x ≤ upper}, for left ≤ right; as near to 0 as may be on ties."""
    flat = xp.minimum(xp.maximum(g, -right), -left)  # slopes that do not carry x away from 0
    beyond = xp.sign(flat - g) * xp.maximum(-lower, upper)
    return xp.minimum(xp.maximum(beyond, lower), upper)


def kinked_slope(x: Array, g: Array, left: Array, right: Array, xp: Namespace) -> Array:
    """The subgradient of max(left·x, right·x) nearest to −g."""
    near = xp.minimum(xp.maximum(-g, left), right)
    return xp.where(x > 0, right, xp.where(x < 0, left, near))


def normal_to_interval(x: Array, g: Array, low: Array | None, high: Array | None, xp: Namespace) -> Array:
    """The element nearest to −g of the normal cone of [low, high] at its point x; None bounds nothing."""
    zero = s = 0 * g + 0 * x  # NaN stays NaN
    if low is not None:
        s = s + xp.where(x <= low, xp.minimum(-g, zero), zero)
    if high is not None:
        s = s + xp.where(x >= high, xp.maximum(-g, zero), zero)
    return s


def _is(norm: Norm, kind: type[Norm]) -> bool:
    if type(norm) is kind:  # first, as it is asked at every step, and classes that are abstract are slow to tell
        return True
    if isinstance(norm, Scaled | Weighted | Reshaped):
        return _is(norm.norm, kind)
    if isinstance(norm, Mixed):
        return _is(norm.outer, kind) and _is(norm.inner, kind)
    if isinstance(norm, Stacked):
        return _is(norm.outer, kind) and _is(norm.norm, kind)
    if isinstance(norm, PerLeaf):
        return _is(norm.outer, kind) and _is(norm.norm, kind)
    if isinstance(norm, Product):
        return _is(norm.outer, kind) and all(_is(part, kind) for part in norm._parts)
    return False
