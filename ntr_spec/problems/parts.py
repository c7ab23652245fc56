"""The parts of a norm of norms: what its outer norm is, and which entries of a point each inner norm sees."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ntr_spec.norms.base import Norm
from ntr_spec.norms.blocks import Product
from ntr_spec.norms.fibres import Mixed, Stacked
from ntr_spec.norms.leaves import PerLeaf
from ntr_spec.norms.matrix import Frobenius
from ntr_spec.norms.vector import L1, L2, LInf
from ntr_spec.trees import Tree, leaves, shapes, tree_map

Array = Any


class Part(NamedTuple):
    """An inner norm, the shape of its points, and their entries' places in the whole point read as one vector."""

    norm: Norm
    shape: Tree
    places: Array


def parts(norm: Norm, shape: Tree) -> tuple[Norm, list[Part]] | None:
    """The outer norm and the parts of a norm φ(n₁(x₁), n₂(x₂), …), or None for any other norm.

    >>> from ntr_spec.trees import Shape
    >>> outer, inner = parts(Mixed(L1(), L2(), axis=0), Shape((2, 3)))
    >>> outer, [part.places.tolist() for part in inner]
    (L1(), [[0, 3], [1, 4], [2, 5]])
    """
    places = _numbered(shape)
    match norm:
        case Product():
            return norm.outer, [_part(n, p) for n, p in zip(norm._parts, norm._split(places), strict=True)]
        case PerLeaf():
            return norm.outer, [_part(norm.norm, p) for p in leaves(places)]
        case Stacked():
            return norm.outer, [_part(norm.norm, p) for p in places]
        case Mixed():
            fibres = np.moveaxis(places, norm.axis, -1)
            return norm.outer, [_part(norm.inner, p) for p in fibres.reshape(-1, fibres.shape[-1])]
    return None


def flattened(norm: Norm) -> Norm:
    """A norm of norms that is one ℓ₁, ℓ₂ or ℓ_∞ norm of all entries, as that norm; any other as it is."""
    match norm:
        case Product():
            inside, outer = norm._parts, norm.outer
        case PerLeaf() | Stacked():
            inside, outer = (norm.norm,), norm.outer
        case Mixed():
            inside, outer = (norm.inner,), norm.outer
        case _:
            return norm
    whole = [flattened(part) for part in inside]
    for kind, like in ((L1, L1), (L2, L2 | Frobenius), (LInf, LInf)):
        if isinstance(outer, kind) and all(isinstance(part, like) for part in whole):
            return kind()
    return norm


def _part(norm: Norm, places: Tree) -> Part:
    return Part(norm, shapes(places), np.concatenate([leaf.ravel() for leaf in leaves(places)]))


def _numbered(shape: Tree) -> Tree:
    """Each entry's place."""
    start = 0

    def numbers(leaf: Any) -> Array:
        nonlocal start
        start += leaf.size
        return np.arange(start - leaf.size, start).reshape(leaf.dims)

    return tree_map(numbers, shape)
