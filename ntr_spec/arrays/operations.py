"""Vector-space operations on points (arrays or pytrees of arrays), on any backend."""

from __future__ import annotations

import functools
import operator
from typing import Any

from ntr_spec.arrays.namespace import namespace_of
from ntr_spec.trees import Tree, leaves

Array = Any


def dot(g: Tree, x: Tree) -> Array:
    """⟨g, x⟩ = Σ gᵢxᵢ over every entry of every leaf; a 0-d array.

    >>> import numpy as np
    >>> float(dot(np.array([1.0, 2.0]), np.array([3.0, 4.0])))
    11.0
    """
    xp = namespace_of(leaves(g)[0])
    parts = [xp.sum(a * b) for a, b in zip(leaves(g), leaves(x), strict=True)]
    return functools.reduce(operator.add, parts)


def largest_entry(x: Tree) -> Array:
    """max |xᵢ| over every entry of every leaf; a 0-d array."""
    xp = namespace_of(leaves(x)[0])
    return functools.reduce(xp.maximum, [xp.max(xp.abs(leaf)) for leaf in leaves(x)])


def euclidean(x: Tree) -> Array:
    """‖x‖₂ = √⟨x, x⟩ over every entry of every leaf; a 0-d array."""
    xp = namespace_of(leaves(x)[0])
    return xp.sqrt(dot(x, x))
