"""Inner products of long rows, in blocks: of many equal terms, a long sum loses what a short one does not.

Added one after the other, n terms of one sign lose up to n/4 eps, always in the same direction: 20 000 times 0.7 in
float32, by BLAS, comes out 5 eps wrong, and an entry of a matrix product 70 at 500 terms. In blocks of ``BLOCK`` terms,
whose sums are added in pairs, it is two or three. Certificates are made of such sums.

Reference: Higham, *Accuracy and Stability of Numerical Algorithms*, 4.2.
"""

from __future__ import annotations

import functools
import operator
from typing import Any

from ntr_spec.arrays.namespace import Namespace

Array = Any

BLOCK = 128
"""Terms that BLAS adds by itself in an inner product, in lanes of a vector register."""

# Terms that BLAS adds by itself in a product with a vector: of so many rows at once it takes them in lanes, too, and is
# twice as fast as inner products; of the columns of Xᵀ·z it adds them one after the other.
_PIECE, _MANY, _ROWS = 512, 16, 8
_FEW = 32


def widened(x: Array, xp: Namespace) -> Array:
    """x, in float32 if it is in half precision.

    >>> import numpy as np
    >>> from ntr_spec.arrays import namespace_of
    >>> x = np.ones(2, dtype=np.float16)
    >>> widened(x, namespace_of(x)).dtype
    dtype('float32')
    """
    limits = xp.limits(x.dtype)
    return xp.astype(x, xp.float32) if limits is not None and limits.eps > 1e-6 else x


def total(x: Array, xp: Namespace) -> Array:
    """Σ along the last axis, in blocks of blocks where the library does not add in pairs by itself.

    >>> import numpy as np
    >>> from ntr_spec.arrays import namespace_of
    >>> x = np.ones((2, 3))
    >>> total(x, namespace_of(x)).tolist()
    [3.0, 3.0]
    """
    length = x.shape[-1]
    if xp.name == "numpy" or length <= BLOCK:
        return xp.sum(x, axis=-1)
    whole = length - length % BLOCK
    found = total(xp.sum(xp.reshape(x[..., :whole], (*x.shape[:-1], whole // BLOCK, BLOCK)), axis=-1), xp)
    return found if whole == length else found + xp.sum(x[..., whole:], axis=-1)


def row_dots(x: Array, y: Array, xp: Namespace) -> Array:
    """⟨xᵢ, yᵢ⟩ of each pair of rows, shaped (…, m); in float32 where x is in half precision.

    Args:
        x: shaped (…, m, n).
        y: likewise, or (…, 1, n): one row for all.
        xp: the namespace of both.

    >>> import numpy as np
    >>> from ntr_spec.arrays import namespace_of
    >>> x = np.ones((2, 3, 4))
    >>> row_dots(x, 2 * x, namespace_of(x)).tolist()
    [[8.0, 8.0, 8.0], [8.0, 8.0, 8.0]]
    """
    x = widened(x, xp)
    if y.dtype != x.dtype:
        y = xp.astype(y, x.dtype)
    if xp.name != "numpy":  # their vecdot is a matrix product with its own ideas of precision
        return total(x * y, xp)
    length = x.shape[-1]
    whole = length - length % BLOCK
    if whole <= BLOCK:
        return xp.vecdot(x, y)
    # NumPy's vecdot makes no array of products, and splitting the last axis copies nothing.
    x_blocks, y_blocks = (xp.reshape(a[..., :whole], (*a.shape[:-1], whole // BLOCK, BLOCK)) for a in (x, y))
    found = xp.sum(xp.vecdot(x_blocks, y_blocks), axis=-1)
    return found if whole == length else found + xp.vecdot(x[..., whole:], y[..., whole:])


def dots(x: Array, y: Array, xp: Namespace) -> Array:
    """⟨x, y⟩ of each pair of matrices of two stacks, row by row; in float32 where x is in half precision.

    >>> import numpy as np
    >>> from ntr_spec.arrays import namespace_of
    >>> x = np.ones((2, 3, 4))
    >>> dots(x, 2 * x, namespace_of(x)).tolist()
    [24.0, 24.0]
    """
    return total(row_dots(x, y, xp), xp)


def times(x: Array, z: Array, xp: Namespace) -> Array:
    """X·z for each matrix of a stack and its vector, shaped (…, m); z is shaped (…, n).

    >>> import numpy as np
    >>> from ntr_spec.arrays import namespace_of
    >>> x = np.asarray([[1.0, 2.0], [3.0, 4.0]])
    >>> times(x, np.asarray([1.0, 10.0]), namespace_of(x)).tolist()
    [21.0, 43.0]
    """
    rows, length = x.shape[-2:]
    whole = 0 if x.ndim > 2 or length > _MANY * _PIECE else rows - rows % _ROWS
    if whole == 0:
        return row_dots(x, z[..., None, :], xp)
    pieces = [xp.matmul(x[:whole, k : k + _PIECE], z[k : k + _PIECE]) for k in range(0, length, _PIECE)]
    found = functools.reduce(operator.add, pieces)
    return found if whole == rows else xp.concat([found, row_dots(x[whole:, :], z[None, :], xp)])


def transposed_times(x: Array, z: Array, xp: Namespace) -> Array:
    """Xᵀ·z for each matrix of a stack and its vector, shaped (…, n); z is shaped (…, m).

    >>> import numpy as np
    >>> from ntr_spec.arrays import namespace_of
    >>> x = np.asarray([[1.0, 2.0], [3.0, 4.0]])
    >>> transposed_times(x, np.asarray([1.0, 10.0]), namespace_of(x)).tolist()
    [31.0, 42.0]
    """
    rows, columns = x.shape[-2:]
    whole = rows - rows % _FEW
    if whole <= _FEW:
        return xp.matmul(z[..., None, :], x)[..., 0, :]
    head = xp.reshape(x[..., :whole, :], (*x.shape[:-2], whole // _FEW, _FEW, columns))
    short = xp.reshape(z[..., :whole], (*z.shape[:-1], whole // _FEW, 1, _FEW))
    parts = xp.matmul(short, head)[..., 0, :]
    found = in_pairs(parts, xp)
    return found if whole == rows else found + xp.matmul(z[..., None, whole:], x[..., whole:, :])[..., 0, :]


def in_pairs(x: Array, xp: Namespace) -> Array:
    """Σ along the last axis but one, in pairs.

    >>> import numpy as np
    >>> from ntr_spec.arrays import namespace_of
    >>> x = np.asarray([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    >>> in_pairs(x, namespace_of(x)).tolist()
    [9.0, 12.0]
    """
    while x.shape[-2] > 1:
        half = x.shape[-2] // 2
        folded = x[..., :half, :] + x[..., half : 2 * half, :]
        x = folded if x.shape[-2] == 2 * half else xp.concat([folded, x[..., 2 * half :, :]], axis=-2)
    return x[..., 0, :]
