"""Symmetric products of stacks of matrices, by the cheapest kernel that each library has.

NumPy hands a product of a matrix with its own transpose to BLAS's ``syrk``, half the work of a general product; below
some size its detour costs more than it saves. Very long sums are taken in pieces, which are added in pairs, because
BLAS adds one block after the other (:mod:`ntr_spec.arrays.sums`).

Reference: Dongarra et al., *Level 3 BLAS* (1990).
"""

from __future__ import annotations

from typing import Any

from ntr_spec.arrays.namespace import Namespace, device_of
from ntr_spec.arrays.sums import in_pairs

Array = Any

# Sides below which NumPy's syrk, and its copy of one triangle to the other, is slower than a general product.
_SMALL = 320
# Terms of a piece of a long sum, at least; four times the shorter side, so that the pieces' products need no more room
# than a quarter of the matrix.
_PIECE = 1024


def gram(x: Array, tall: bool, xp: Namespace) -> Array:
    """xᵀx if ``tall``, else xxᵀ, of each matrix of a stack.

    >>> import numpy as np
    >>> from ntr_spec.arrays import namespace_of
    >>> x = np.asarray([[3.0], [4.0]])
    >>> gram(x, True, namespace_of(x)).tolist(), gram(x, False, namespace_of(x)).tolist()
    ([[25.0]], [[9.0, 12.0], [12.0, 16.0]])
    """
    long, short = (x.shape[-2], x.shape[-1]) if tall else (x.shape[-1], x.shape[-2])
    piece = max(_PIECE, 4 * short)
    if long >= 2 * piece:
        return _gram_in_pieces(x, tall, long // piece, piece, short, xp)
    other = x
    if xp.name == "numpy" and x.shape[-1 if tall else -2] < _SMALL:
        other = xp.asarray(x, copy=True)  # other memory, so that NumPy takes the general product
    return xp.matmul(xp.matrix_transpose(other), x) if tall else xp.matmul(x, xp.matrix_transpose(other))


def _gram_in_pieces(x: Array, tall: bool, count: int, piece: int, short: int, xp: Namespace) -> Array:
    """The same product, of pieces of the long side and what is left over."""
    stack, whole = x.shape[:-2], count * piece
    if tall:
        pieces, rest = xp.reshape(x[..., :whole, :], (*stack, count, piece, short)), x[..., whole:, :]
    else:
        pieces, rest = xp.reshape(x[..., :whole], (*stack, short, count, piece)), x[..., whole:]
        pieces = xp.moveaxis(pieces, -2, -3)
    parts = xp.reshape(gram(pieces, tall, xp), (*stack, count, short * short))
    found = xp.reshape(in_pairs(parts, xp), (*stack, short, short))
    return found + gram(rest, tall, xp) if whole < x.shape[-1 - tall] else found


def squared(a: Array, xp: Namespace) -> Array:
    """a² of each symmetric matrix of a stack.

    >>> import numpy as np
    >>> from ntr_spec.arrays import namespace_of
    >>> a = np.asarray([[0.0, 2.0], [2.0, 0.0]])
    >>> squared(a, namespace_of(a)).tolist()
    [[4.0, 0.0], [0.0, 4.0]]
    """
    half = xp.name == "numpy" and a.shape[-1] >= _SMALL
    return xp.matmul(a, xp.matrix_transpose(a)) if half else xp.matmul(a, a)


def plus_diagonal(a: Array, amount: Array | float, xp: Namespace) -> Array:
    """a + amount·I of each square matrix; a itself is overwritten where the library can.

    Args:
        a: a stack of square matrices that nobody else needs.
        amount: a number, or one for each matrix, shaped (…, 1, 1).
        xp: the namespace of a.

    >>> import numpy as np
    >>> from ntr_spec.arrays import namespace_of
    >>> a = np.zeros((2, 2))
    >>> plus_diagonal(a, 3.0, namespace_of(a)).tolist()
    [[3.0, 0.0], [0.0, 3.0]]
    """
    if xp.name == "numpy":
        diagonal = xp.einsum("...ii->...i", a)  # a view
        diagonal += amount if isinstance(amount, float) else amount[..., 0]
        return a
    if xp.name == "torch" and not a.requires_grad:
        a.diagonal(dim1=-2, dim2=-1).add_(amount if isinstance(amount, float) else amount[..., 0])
        return a
    return a + amount * xp.eye(a.shape[-1], dtype=a.dtype, device=device_of(a))


def diagonal(a: Array, xp: Namespace) -> Array:
    """The diagonal of each square matrix of a stack, shaped (…, r).

    >>> import numpy as np
    >>> from ntr_spec.arrays import namespace_of
    >>> a = np.asarray([[1.0, 2.0], [3.0, 4.0]])
    >>> diagonal(a, namespace_of(a)).tolist()
    [1.0, 4.0]
    """
    side = a.shape[-1]
    return xp.reshape(a, (*a.shape[:-2], side * side))[..., :: side + 1]
