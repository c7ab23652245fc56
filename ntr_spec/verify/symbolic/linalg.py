"""Linear algebra on terms: products, norms, determinants, exact solves, and the singular values that have a formula.

Systems are solved by Gaussian elimination, which asks for a constant matrix: pivots of a symbolic one would depend
on the input. Singular values of a matrix in general position have no formula in these operations; those of a row,
of a column and of a visibly diagonal matrix are given exactly.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from ntr_spec.errors import InputError, UntraceableError
from ntr_spec.verify.symbolic import term as t
from ntr_spec.verify.symbolic.array import DType, SymbolicArray, as_array
from ntr_spec.verify.symbolic.ordering import _inverse, _ranks, sort
from ntr_spec.verify.symbolic.reduction import Axis, along, reduce_axes
from ntr_spec.verify.symbolic.term import Term


class SVDResult(NamedTuple):
    """u, s, vh as the array API has them."""

    U: SymbolicArray
    S: SymbolicArray
    Vh: SymbolicArray


def _inner(a: Any, b: Any) -> Term:
    return functools.reduce(t.add, (t.mul(p, q) for p, q in zip(a, b, strict=True)), t.ZERO)


def matmul(a: Any, b: Any) -> SymbolicArray:
    """Matrix product, broadcast over stacks; vectors as the array API treats them."""
    a, b = as_array(a), as_array(b)
    if a.ndim == 0 or b.ndim == 0:
        raise InputError("matmul: expected at least one axis on both sides; use * for numbers")
    left = a.terms[None, :] if a.ndim == 1 else a.terms
    right = b.terms[:, None] if b.ndim == 1 else b.terms
    if left.shape[-1] != right.shape[-2]:
        raise InputError(f"matmul: shapes {a.shape} and {b.shape} do not fit; transpose one of them")
    outer = np.broadcast_shapes(left.shape[:-2], right.shape[:-2])
    left = np.broadcast_to(left, outer + left.shape[-2:])
    right = np.broadcast_to(right, outer + right.shape[-2:])
    result = np.empty((*outer, left.shape[-2], right.shape[-1]), dtype=object)
    for index in np.ndindex(*result.shape):
        *stack, i, k = index
        result[index] = _inner(left[(*stack, i)], right[(*stack, slice(None), k)])
    if a.ndim == 1:
        result = result[..., 0, :]
    if b.ndim == 1:
        result = result[..., 0]
    return SymbolicArray(result, DType.REAL)


def vecdot(a: Any, b: Any, *, axis: int = -1) -> SymbolicArray:
    """Σ aᵢbᵢ along an axis."""
    a, b = as_array(a), as_array(b)
    left, right = np.moveaxis(a.terms, axis, -1), np.moveaxis(b.terms, axis, -1)
    left, right = np.broadcast_arrays(left, right)
    result = np.empty(left.shape[:-1], dtype=object)
    for index in np.ndindex(*result.shape):
        result[index] = _inner(left[index], right[index])
    return SymbolicArray(result, DType.REAL)


def tensordot(a: Any, b: Any, *, axes: Any = 2) -> SymbolicArray:
    """Sums of products over the given axes."""
    a, b = as_array(a), as_array(b)
    if isinstance(axes, int):
        axes = (tuple(range(a.ndim - axes, a.ndim)), tuple(range(axes)))
    first, second = (tuple(k % x.ndim for k in ks) for ks, x in zip(axes, (a, b), strict=True))
    kept_a = tuple(k for k in range(a.ndim) if k not in first)
    kept_b = tuple(k for k in range(b.ndim) if k not in second)
    width = int(np.prod([a.shape[k] for k in first], dtype=int))
    left = np.transpose(a.terms, kept_a + first).reshape(-1, width)
    right = np.transpose(b.terms, second + kept_b).reshape(width, -1)
    product = matmul(SymbolicArray(left, DType.REAL), SymbolicArray(right, DType.REAL)).terms
    shape = tuple(a.shape[k] for k in kept_a) + tuple(b.shape[k] for k in kept_b)
    return SymbolicArray(product.reshape(shape), DType.REAL)


def vector_norm(x: Any, *, axis: Axis = None, keepdims: bool = False, ord: Any = 2) -> SymbolicArray:
    """(Σ|xᵢ|^ord)^{1/ord}; max for inf, min for −inf, the number of nonzeros for 0."""
    from ntr_spec.verify.symbolic.array import as_term

    def measure(entries: Any) -> Term:
        sizes = [t.absolute(e) for e in entries]
        if ord == float("inf"):
            return functools.reduce(t.maximum, sizes)
        if ord == -float("inf"):
            return functools.reduce(t.minimum, sizes)
        if ord == 0:
            return functools.reduce(t.add, (t.number_of(t.lt(t.ZERO, s)) for s in sizes))
        p = as_term(ord).value
        return t.power(functools.reduce(t.add, (t.power(s, p) for s in sizes)), 1 / p)

    return reduce_axes(as_array(x), measure, axis, keepdims, DType.REAL)


def matrix_norm(x: Any, *, keepdims: bool = False, ord: Any = "fro") -> SymbolicArray:
    """Frobenius, nuclear and spectral norms, largest row and column sums."""
    x = as_array(x)
    if ord == "fro":
        return vector_norm(x, axis=(-2, -1), keepdims=keepdims)
    if ord in ("nuc", 2, -2):
        values = svdvals(x)
        pick = {"nuc": t.add, 2: t.maximum, -2: t.minimum}[ord]
        found = reduce_axes(values, lambda e: functools.reduce(pick, e), -1, False, DType.REAL)
    else:
        along_axis, pick = (-2 if abs(ord) == 1 else -1), (t.maximum if ord > 0 else t.minimum)
        sums = vector_norm(x, axis=along_axis, ord=1)
        found = reduce_axes(sums, lambda e: functools.reduce(pick, e), -1, False, DType.REAL)
    return SymbolicArray(found.terms[..., None, None], DType.REAL) if keepdims else found


def _matrices(x: SymbolicArray) -> Any:
    """Every matrix of a stack, with its index."""
    for index in np.ndindex(*x.shape[:-2]):
        yield index, x.terms[index]


def _rational(matrix: np.ndarray, name: str) -> list[list[Fraction]]:
    if any(entry.op != "const" for entry in matrix.reshape(-1)):
        raise UntraceableError(
            f"linalg.{name}: the matrix depends on the input or is irrational; use a constant rational matrix"
        )
    return [[entry.value for entry in row] for row in matrix]


def _invert(rows: list[list[Fraction]]) -> list[list[Fraction]]:
    """The inverse by Gauss–Jordan elimination over the rationals."""
    n = len(rows)
    work = [row + [Fraction(i == j) for j in range(n)] for i, row in enumerate(rows)]
    for k in range(n):
        pivot = next((i for i in range(k, n) if work[i][k] != 0), None)
        if pivot is None:
            raise InputError("linalg: the matrix is singular; use an invertible one")
        work[k], work[pivot] = work[pivot], work[k]
        work[k] = [entry / work[k][k] for entry in work[k]]
        for i in range(n):
            if i != k:
                work[i] = [a - work[i][k] * b for a, b in zip(work[i], work[k], strict=True)]
    return [row[n:] for row in work]


def inv(x: Any) -> SymbolicArray:
    """The inverse of constant rational matrices."""
    x = as_array(x)
    result = np.empty(x.shape, dtype=object)
    for index, matrix in _matrices(x):
        inverse = _invert(_rational(matrix, "inv"))
        for i, row in enumerate(inverse):
            for j, entry in enumerate(row):
                result[(*index, i, j)] = t.const(entry)
    return SymbolicArray(result, DType.REAL)


def solve(a: Any, b: Any) -> SymbolicArray:
    """a⁻¹b for constant rational a and any b."""
    a, b = as_array(a), as_array(b)
    _ = [_rational(matrix, "solve") for _, matrix in _matrices(a)]
    return matmul(inv(a), b)


def det(x: Any) -> SymbolicArray:
    """The determinant, by Laplace expansion."""

    def expand(rows: np.ndarray) -> Term:
        if rows.shape[0] == 0:
            return t.ONE
        total = t.ZERO
        for k, entry in enumerate(rows[0]):
            minor = expand(np.delete(rows[1:], k, axis=1))
            total = t.add(total, t.mul(t.mul(t.const((-1) ** k), entry), minor))
        return total

    return _per_matrix(as_array(x), expand)


def trace(x: Any, *, offset: int = 0, dtype: Any = None) -> SymbolicArray:
    """The sum of the diagonal."""
    return _per_matrix(as_array(x), lambda m: functools.reduce(t.add, np.diagonal(m, offset), t.ZERO))


def _per_matrix(x: SymbolicArray, function: Callable[[np.ndarray], Term]) -> SymbolicArray:
    result = np.empty(x.shape[:-2], dtype=object)
    for index, matrix in _matrices(x):
        result[index] = function(matrix)
    return SymbolicArray(result, DType.REAL)


def diagonal(x: Any, *, offset: int = 0) -> SymbolicArray:
    """The diagonals."""
    x = as_array(x)
    return SymbolicArray(np.diagonal(x.terms, offset, -2, -1), x.dtype)


def outer(a: Any, b: Any) -> SymbolicArray:
    """aᵢbⱼ."""
    return as_array(a)[:, None] * as_array(b)[None, :]  # type: ignore[no-any-return]


def svdvals(x: Any) -> SymbolicArray:
    """Singular values, largest first, of rows, columns and visibly diagonal matrices."""
    x = as_array(x)
    if 1 in x.shape[-2:]:
        length = vector_norm(x, axis=(-2, -1))
        return SymbolicArray(length.terms[..., None], DType.REAL)
    _require_diagonal(x, "svdvals")
    return sort(abs(diagonal(x)), descending=True)


def _require_diagonal(x: SymbolicArray, name: str) -> None:
    for _, matrix in _matrices(x):
        if any(entry is not t.ZERO for (i, j), entry in np.ndenumerate(matrix) if i != j):
            raise UntraceableError(
                f"linalg.{name}: singular values have no formula in traced operations; state the norm through its "
                "gauge (SingularValueNorm), which von Neumann's lemma covers"
            )


def svd(x: Any, *, full_matrices: bool = True) -> SVDResult:
    """The decomposition of rows, columns and visibly diagonal matrices, thin."""
    x = as_array(x)
    m, n = x.shape[-2:]
    if full_matrices and m != n:
        raise UntraceableError("linalg.svd: only the thin form is traced; pass full_matrices=False")
    if m == 1 or n == 1:
        return _svd_of_line(x, m == 1)
    _require_diagonal(x, "svd")
    k = min(m, n)
    entries = diagonal(x)
    values = sort(abs(entries), descending=True)
    # Column j of U is e_i for the i of rank j; the sign goes to V. sign(0) counts as 1, so that V stays orthogonal.
    ranks = along(abs(entries), -1, lambda row: _ranks(row, True), DType.INTEGER)
    order = along(ranks, -1, _inverse, DType.INTEGER)
    u = np.empty((*x.shape[:-2], m, k), dtype=object)
    vh = np.empty((*x.shape[:-2], k, n), dtype=object)
    u[...] = t.ZERO
    vh[...] = t.ZERO
    for index in np.ndindex(*x.shape[:-2]):
        for i in range(k):
            entry = entries.terms[(*index, i)]
            orientation = t.where(t.lt(entry, t.ZERO), t.MINUS, t.ONE)
            for j in range(k):
                here = t.eq(order.terms[(*index, j)], t.const(i))
                u[(*index, i, j)] = t.number_of(here)
                vh[(*index, j, i)] = t.where(here, orientation, t.ZERO)
    return SVDResult(SymbolicArray(u, DType.REAL), values, SymbolicArray(vh, DType.REAL))


def _svd_of_line(x: SymbolicArray, is_row: bool) -> SVDResult:
    """x = 1·‖x‖·(x/‖x‖), with e₁ for the direction of zero."""
    size = vector_norm(x, axis=(-2, -1), keepdims=True).terms
    direction = np.empty(x.shape, dtype=object)
    for *index, i, j in np.ndindex(*x.shape):
        length = size[(*index, 0, 0)]
        zero = t.eq(length, t.ZERO)
        unit = t.div(x.terms[(*index, i, j)], t.where(zero, t.ONE, length))
        direction[(*index, i, j)] = t.where(zero, t.ONE if i == j == 0 else t.ZERO, unit)
    single = np.empty(size.shape, dtype=object)
    single[...] = t.ONE
    line, one = SymbolicArray(direction, DType.REAL), SymbolicArray(single, DType.REAL)
    values = SymbolicArray(size[..., 0], DType.REAL)
    return SVDResult(one, values, line) if is_row else SVDResult(line, values, one)
