"""Vector-space operations on points (arrays or pytrees of arrays), on any backend."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable
from typing import Any

from ntr_spec.arrays.fused import COMBINE
from ntr_spec.arrays.namespace import Namespace, namespace_of
from ntr_spec.trees import Tree, leaves, tree_map

Array = Any

# Entries per piece of a large NumPy array: 256 KiB in float64, so that a piece stays in a core's own cache.
PIECE = 1 << 15
# Bytes of a piece whose intermediate results are new arrays: glibc maps pages anew for each of 128 KiB or more.
_FRESH = 1 << 16


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


def combine(a: float | Array, x: Tree, b: float | Array, y: Tree) -> Tree:
    """a·x + b·y, leaf by leaf, in new arrays of x's dtypes; a and b are numbers or 0-d arrays.

    >>> import numpy as np
    >>> combine(0.5, np.array([2.0, 4.0]), 3.0, np.array([1.0, 0.0])).tolist()
    [4.0, 2.0]
    """
    plain = isinstance(a, float) and isinstance(b, float)
    whole = plain and a == 1.0
    xp = namespace_of(leaves(x)[0])
    pieces, kernels = xp.name == "numpy", xp.name == "cupy"

    def combined(p: Array, q: Array) -> Array:
        s, t = (a, b) if plain else (_like(a, p), _like(b, p))
        if pieces and p.size > PIECE and _in_order(p, q):
            return _combine_in_pieces(s, p, t, q, whole, xp)
        if kernels and p.dtype == q.dtype:
            return COMBINE(xp, s, p, t, q)
        if whole:
            return p + q * t
        total = p * s
        total += q * t  # in place where the library can, a new binding elsewhere
        return total

    return tree_map(combined, x, y)


def times(factor: float | Array, x: Tree) -> Tree:
    """factor·x, leaf by leaf, in new arrays of x's dtypes; the factor is a number or a 0-d array.

    >>> import numpy as np
    >>> times(0.5, np.ones(2, dtype=np.float32)).dtype
    dtype('float32')
    """
    return tree_map(lambda leaf: leaf * _like(factor, leaf), x)


def in_pieces(function: Callable[..., Array], x: Array, *rest: Array | float) -> Array:
    """function(x, …) of a function that works entry by entry; ``rest`` are arrays of x's shape or numbers.

    NumPy computes one operation at a time; piece by piece, what a large array passes through stays in the cache.

    >>> import numpy as np
    >>> in_pieces(lambda a, b: a * b + 1, np.ones(100_000), 2.0).max()
    np.float64(3.0)
    """
    xp = namespace_of(x)
    step = _FRESH // x.dtype.itemsize if xp.name == "numpy" else 0
    if not 0 < step < x.size or not all(_in_order(x, a) for a in (x, *rest) if getattr(a, "ndim", 0)):
        return function(x, *rest)
    out = xp.empty_like(x)
    flat = xp.reshape(out, (-1,))
    whole = [xp.reshape(a, (-1,)) if getattr(a, "ndim", 0) else a for a in (x, *rest)]
    for start in range(0, x.size, step):
        here = slice(start, start + step)
        flat[here] = function(*(a[here] if getattr(a, "ndim", 0) else a for a in whole))
    return out


def _like(factor: Any, x: Array) -> Any:
    """A number, or a 0-d array in the dtype of what it multiplies, so that it never widens it."""
    if isinstance(factor, int | float) or factor.dtype == x.dtype:
        return factor
    return namespace_of(x).astype(factor, x.dtype)


def _in_order(x: Array, y: Array) -> bool:
    return bool(x.dtype == y.dtype and x.shape == y.shape and x.flags.c_contiguous and y.flags.c_contiguous)


def _combine_in_pieces(a: Any, x: Array, b: Any, y: Array, whole: bool, xp: Namespace) -> Array:
    """NumPy computes one operation at a time; piece by piece, each entry passes through memory only once."""
    out = xp.empty_like(x)
    flat_x, flat_y, flat = xp.reshape(x, (-1,)), xp.reshape(y, (-1,)), xp.reshape(out, (-1,))
    piece = xp.empty(PIECE, dtype=x.dtype)
    for start in range(0, flat.shape[0], PIECE):
        here = slice(start, start + PIECE)
        total = flat[here]
        term = piece[: total.shape[0]]
        xp.multiply(flat_y[here], b, out=term)
        if whole:
            xp.add(flat_x[here], term, out=total)
        else:
            xp.multiply(flat_x[here], a, out=total)
            xp.add(total, term, out=total)
    return out
