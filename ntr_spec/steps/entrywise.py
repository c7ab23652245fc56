"""Sums over entries and boxes: which norms have a box for a ball or are weighted ℓ₁, and linear functions on boxes.

Read off the norm's declaration: ``LInf`` and ``L1`` themselves, scaled, weighted or reshaped, and products of them.
"""

from __future__ import annotations

from typing import Any

from ntr_spec.arrays import Namespace
from ntr_spec.norms.base import Norm
from ntr_spec.norms.blocks import Product
from ntr_spec.norms.transforms import Reshaped, Scaled, Weighted
from ntr_spec.norms.vector import L1, LInf
from ntr_spec.trees import Tree, tree_map

Array = Any


def has_box_ball(norm: Norm) -> bool:
    """Whether ‖x‖ = max wᵢ|xᵢ| for some weights."""
    return _is(norm, LInf)


def is_weighted_l1(norm: Norm) -> bool:
    """Whether ‖x‖ = Σ wᵢ|xᵢ| for some weights."""
    return _is(norm, L1)


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
    assert isinstance(norm, Product)
    parts = norm._split(like)
    return norm._join([weights(n, part, xp) for n, part in zip(norm._parts, parts, strict=True)])


def clipped_corner(
    g: Array, low: Array | None, high: Array | None, lower: Array, upper: Array, xp: Namespace
) -> tuple[Array, Array]:
    """argmin{g·x : x in both boxes}, and the element of [low, high]'s normal cone there that is nearest to −g.

    Where the boxes do not meet, the point of [low, high] nearest to the other one.
    """
    a = lower if low is None else xp.maximum(lower, low)
    b = upper if high is None else xp.minimum(upper, high)
    x = xp.where(g > 0, a, xp.where(g < 0, b, a + (b - a) / 2))
    x = xp.where(g == g, x, g)  # NaN stays NaN
    if low is not None:
        x = xp.maximum(x, low)
    if high is not None:
        x = xp.minimum(x, high)
    zero = xp.zeros_like(g)
    s = zero
    if low is not None:
        s = s + xp.where(x == low, xp.minimum(-g, zero), zero)
    if high is not None:
        s = s + xp.where(x == high, xp.maximum(-g, zero), zero)
    return x, s


def _is(norm: Norm, kind: type[Norm]) -> bool:
    if isinstance(norm, Scaled | Weighted | Reshaped):
        return _is(norm.norm, kind)
    if isinstance(norm, Product):
        return isinstance(norm.outer, kind) and all(_is(part, kind) for part in norm._parts)
    return isinstance(norm, kind)
