"""Operator norms that are mixed norms: ℓ₁ → n is the largest n of a column, n → ℓ_∞ the largest n_* of a row.

The code is that of ``Mixed`` with an unknown norm n; n = ℓ_p gives ℓ₁ → ℓ_p and ℓ_p → ℓ_∞. The duals, sums over columns
or rows, are those of mixed_norm with φ = ℓ_∞. Where the operator acts, z, its own norm's code runs.
"""

from __future__ import annotations

from typing import Any

from ntr_spec.arrays import dot
from ntr_spec.laws import Kind, Law, Relation
from ntr_spec.norms.fibres import Mixed
from ntr_spec.norms.vector import L1, L2, LInf
from ntr_spec.verify.kernel import Fact
from ntr_spec.verify.opaque import Opaque
from ntr_spec.verify.symbolic import NAMESPACE
from proofs.combinators import HYPOTHESES, certificates

__all__ = ["HYPOTHESES", "columns", "proof", "rows"]

Array = Any
POINT, SCALAR = Kind.POINT, Kind.SCALAR


def _columns(norm: Mixed, x: Array, s: Array, t: Array) -> tuple[Relation, ...]:
    z = NAMESPACE.stack([s, t])
    image = norm.inner(NAMESPACE.matmul(x, z))
    apart = norm.inner(s * x[:, 0]) + norm.inner(t * x[:, 1])
    return Relation(image, "<=", apart), Relation(apart, "<=", norm(x) * L1()(z))


def _columns_attained(norm: Mixed, x: Array) -> tuple[Relation, ...]:
    images = [NAMESPACE.matmul(x, NAMESPACE.eye(2)[:, k]) for k in range(2)]  # at z = e₁ and z = e₂, of ‖z‖₁ = 1
    return (Relation(norm(x), "==", NAMESPACE.maximum(*map(norm.inner, images))),)


def _rows(norm: Mixed, x: Array, z: Array) -> tuple[Relation, ...]:
    point = z[0, :]
    image = NAMESPACE.matmul(x, point)
    bound = norm(x) * norm.inner.dual(point)
    return tuple(Relation(sign * image[k], "<=", bound) for k in range(2) for sign in (1, -1))


def _rows_attained(norm: Mixed, x: Array) -> tuple[Relation, ...]:
    domain = norm.inner.dual
    points = [-domain.lmo(x[k, :]) for k in range(2)]
    inside = tuple(Relation(domain(z), "<=", 1 + 0 * norm(x)) for z in points)
    best = NAMESPACE.maximum(*(dot(x[k, :], z) for k, z in enumerate(points)))
    return (*inside, Relation(norm(x), "==", best))


X = ("x", POINT)
COLUMNS = (
    Law("columns", "n(Xz) ≤ max_j n(X_j)·‖z‖₁", (X, ("s", SCALAR), ("t", SCALAR)), _columns),
    Law("columns_attained", "max_j n(X_j) = max_j n(Xe_j)", (X,), _columns_attained),
)
ROWS = (
    Law("rows", "‖Xz‖_∞ ≤ max_i n_*(X_i)·n(z)", (X, ("z", POINT)), _rows),
    Law("rows_attained", "max_i n_*(X_i) = max_i ⟨X_i, z_i⟩ with n(z_i) ≤ 1", (X,), _rows_attained),
)
DUALS = ("lmo_feasible", "lmo_attains", "holder")


def columns() -> Mixed:
    """ℓ₁ → n on matrices."""
    return Mixed(LInf(), Opaque("inner", L2()), axis=0)


def rows() -> Mixed:
    """n → ℓ_∞ on matrices."""
    return Mixed(LInf(), Opaque("inner", L2()).dual, axis=1)


def proof() -> tuple[Fact, ...]:
    """Each is the supremum that defines it, attained, and has its dual and its LMO."""
    shape = (2, 2)
    return (*certificates(columns(), shape, (*COLUMNS, *DUALS)), *certificates(rows(), shape, (*ROWS, *DUALS)))
