"""Symmetric products of stacks of matrices, by the cheapest kernel that each library has.

NumPy hands a product of a matrix with its own transpose to BLAS's ``syrk``, half the work of a general product; below
some size its detour costs more than it saves. Reference: Dongarra et al., *Level 3 BLAS* (1990).
"""

from __future__ import annotations

from typing import Any

from ntr_spec.arrays.namespace import Namespace, device_of

Array = Any

# Sides below which NumPy's syrk, and its copy of one triangle to the other, is slower than a general product.
_SMALL = 320


def gram(x: Array, tall: bool, xp: Namespace) -> Array:
    """xᵀx if ``tall``, else xxᵀ, of each matrix of a stack.

    >>> import numpy as np
    >>> from ntr_spec.arrays import namespace_of
    >>> x = np.asarray([[3.0], [4.0]])
    >>> gram(x, True, namespace_of(x)).tolist(), gram(x, False, namespace_of(x)).tolist()
    ([[25.0]], [[9.0, 12.0], [12.0, 16.0]])
    """
    other = x
    if xp.name == "numpy" and x.shape[-1 if tall else -2] < _SMALL:
        other = xp.asarray(x, copy=True)  # other memory, so that NumPy takes the general product
    return xp.matmul(xp.matrix_transpose(other), x) if tall else xp.matmul(x, xp.matrix_transpose(other))


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


def row_dots(x: Array, y: Array, xp: Namespace) -> Array:
    """⟨xᵢ, yᵢ⟩ of each pair of rows, shaped (…, m); in float32 where x is in half precision.

    >>> import numpy as np
    >>> from ntr_spec.arrays import namespace_of
    >>> x = np.ones((2, 3, 4))
    >>> row_dots(x, 2 * x, namespace_of(x)).tolist()
    [[8.0, 8.0, 8.0], [8.0, 8.0, 8.0]]
    """
    x = widened(x, xp)
    if y.dtype != x.dtype:
        y = xp.astype(y, x.dtype)
    # NumPy's vecdot makes no array of products; that of others is a matrix product with its own ideas of precision.
    return xp.vecdot(x, y) if xp.name == "numpy" else xp.sum(x * y, axis=-1)


def dots(x: Array, y: Array, xp: Namespace) -> Array:
    """⟨x, y⟩ of each pair of matrices of two stacks, row by row; in float32 where x is in half precision.

    >>> import numpy as np
    >>> from ntr_spec.arrays import namespace_of
    >>> x = np.ones((2, 3, 4))
    >>> dots(x, 2 * x, namespace_of(x)).tolist()
    [24.0, 24.0]
    """
    return xp.sum(row_dots(x, y, xp), axis=-1)


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
