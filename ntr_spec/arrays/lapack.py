"""Decompositions at the speed of the matrix's own precision, where a library's ``linalg`` would take a slower way.

NumPy's ``linalg`` computes float32 in float64, and inverts a positive definite matrix as if it were any other. For one
matrix, LAPACK's own routines through SciPy take half the time or less; torch has the inverse from a Cholesky factor,
and without a synchronisation. All else goes through ``xp.linalg`` (:mod:`ntr_spec.arrays.decompositions`).

Reference: Anderson et al., *LAPACK Users' Guide* (1999): geqrf, orgqr, syevd, potrf, potri.
"""

from __future__ import annotations

from typing import Any

from ntr_spec.arrays.namespace import Namespace

Array = Any

# Sides below which the wrappers cost as much as they save.
_SMALL = 32


def qr(x: Array, xp: Namespace) -> tuple[Array, Array]:
    """Q and R with X = Q·R, Q of X's shape, of each matrix of a stack; no matrix has more columns than rows.

    >>> import numpy as np
    >>> from ntr_spec.arrays import namespace_of
    >>> x = np.asarray([[3.0], [4.0]])
    >>> np.round(np.abs(qr(x, namespace_of(x))[0]), 12).tolist()
    [[0.6], [0.8]]
    """
    if _single(x, xp):
        from scipy.linalg import qr as decomposed

        q, r = decomposed(x, mode="economic", check_finite=False)
        return q, r
    q, r = xp.linalg.qr(x, mode="reduced")
    return q, r


def eigh(a: Array, xp: Namespace) -> tuple[Array, Array]:
    """λ, smallest first, and Q with A = Q·diag(λ)·Qᵀ, of each symmetric matrix of a stack.

    >>> import numpy as np
    >>> from ntr_spec.arrays import namespace_of
    >>> a = np.asarray([[2.0, 1.0], [1.0, 2.0]])
    >>> np.round(eigh(a, namespace_of(a))[0], 12).tolist()
    [1.0, 3.0]
    """
    if _single(a, xp):
        from scipy.linalg.lapack import ssyevd

        # The transpose is the same matrix in the order of Fortran.
        values, vectors, info = ssyevd(a.T, lower=1)
        if info == 0:
            return values, vectors
    values, vectors = xp.linalg.eigh(a)
    return values, vectors


def inverse(a: Array, xp: Namespace) -> Array:
    """A⁻¹ of each symmetric positive definite matrix of a stack; nothing of use where A is not definite.

    >>> import numpy as np
    >>> from ntr_spec.arrays import namespace_of
    >>> a = np.asarray([[2.0, 0.0], [0.0, 4.0]])
    >>> inverse(a, namespace_of(a)).tolist()
    [[0.5, 0.0], [0.0, 0.25]]
    """
    if xp.name == "torch":
        factor, info = xp.linalg.cholesky_ex(a)
        return xp.where((info == 0)[..., None, None], xp.cholesky_inverse(factor), float("nan"))
    if _single(a, xp, ("float32", "float64")):
        from scipy.linalg import get_lapack_funcs

        factorized, inverted = get_lapack_funcs(("potrf", "potri"), (a,))
        factor, info = factorized(a.T, lower=1)
        if info != 0:
            return xp.full_like(a, float("nan"))
        lower = xp.tril(inverted(factor, lower=1)[0])
        return lower + xp.tril(lower, k=-1).T
    return xp.linalg.inv(a)


def cholesky(a: Array, xp: Namespace) -> Array:
    """L, lower triangular, with A = L·Lᵀ, of each symmetric matrix of a stack; NaN where A is not positive definite.

    >>> import numpy as np
    >>> from ntr_spec.arrays import namespace_of
    >>> a = np.asarray([[4.0, 2.0], [2.0, 2.0]])
    >>> cholesky(a, namespace_of(a)).tolist()
    [[2.0, 0.0], [1.0, 1.0]]
    """
    if _single(a, xp, ("float32", "float64")):
        from scipy.linalg import get_lapack_funcs

        (factorized,) = get_lapack_funcs(("potrf",), (a,))
        factor, info = factorized(a.T, lower=1)
        return factor if info == 0 else xp.full_like(a, float("nan"))
    return xp.linalg.cholesky(a)


def _single(x: Array, xp: Namespace, dtypes: tuple[str, ...] = ("float32",)) -> bool:
    """Whether x is one finite matrix of NumPy, large enough to be worth LAPACK's own routine."""
    if xp.name != "numpy" or x.ndim != 2 or x.shape[-1] < _SMALL or x.dtype.name not in dtypes:
        return False
    return bool(xp.all(xp.isfinite(x)))
