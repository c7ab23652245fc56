"""φ(σ(X)), φ a symmetric gauge, has the dual φ_*(σ(G)) and the LMO U·diag(lmo_φ(σ))·Vᵀ: the code, in singular bases.

Von Neumann's inequality ⟨G, X⟩ ≤ Σσᵢ(G)σᵢ(X) is CITED; all else follows from the laws of φ. The hooks of
``SingularValueNorm`` run on diag(σ), which is what a matrix is in the bases of its own singular vectors; φ is known by
its laws only.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from ntr_spec.arrays import Namespace, dot
from ntr_spec.laws import Kind, Law, Relation
from ntr_spec.norms.sorted import TopK
from ntr_spec.norms.spectral import SingularValueNorm, UnitarilyInvariant
from ntr_spec.verify.kernel import Fact, Sign, assume, certify
from ntr_spec.verify.opaque import Opaque
from ntr_spec.verify.symbolic import NAMESPACE, DType, SymbolicArray
from ntr_spec.verify.symbolic import term as t
from proofs import combinators

Array = Any
VON_NEUMANN = "von_neumann_trace"
HYPOTHESES = (*combinators.HYPOTHESES, VON_NEUMANN)


class _Linalg:
    """U = I and V = I: the bases are the matrix's own."""

    def svd(self, x: Array, full_matrices: bool = False) -> tuple[Array, Array, Array]:
        rows, columns = x.shape
        k = min(rows, columns)
        return NAMESPACE.eye(rows, k), NAMESPACE.linalg.diagonal(x), NAMESPACE.eye(k, columns)

    def svdvals(self, x: Array) -> Array:
        return NAMESPACE.linalg.diagonal(x)


class SingularBases:
    """The symbolic library in which every matrix is diagonal."""

    linalg = _Linalg()

    def __getattr__(self, name: str) -> Any:
        return getattr(NAMESPACE, name)


BASES: Any = Namespace(SingularBases())


def diagonal(values: Array, rows: int, columns: int) -> Array:
    """diag(values), rows × columns."""
    entries = np.empty((rows, columns), dtype=object)
    entries[...] = t.ZERO
    for k in range(min(rows, columns)):
        entries[k, k] = values.terms[k]
    return SymbolicArray(entries, DType.REAL)


def _matrix(values: Array) -> Array:
    return diagonal(values, 2, 3)


def _feasible(norm: UnitarilyInvariant, g: Array) -> tuple[Relation, ...]:
    # The singular values of diag(v) are |v| in decreasing order: one of the two orders.
    v = abs(NAMESPACE.linalg.diagonal(norm._lmo(_matrix(g), BASES)))
    orders = (v, NAMESPACE.flip(v))
    return tuple(Relation(norm._value(_matrix(order), BASES), "<=", 1 + 0 * g[0]) for order in orders)


def _attains(norm: UnitarilyInvariant, g: Array) -> tuple[Relation, ...]:
    lmo = norm._lmo(_matrix(g), BASES)
    return (Relation(dot(_matrix(g), lmo), "==", -norm.dual._value(_matrix(g), BASES)),)


def _holder(norm: UnitarilyInvariant, g: Array, x: Array) -> tuple[Relation, ...]:
    sizes = norm._value(_matrix(x), BASES) * norm.dual._value(_matrix(g), BASES)
    return (Relation(dot(_matrix(g), _matrix(x)), "<=", sizes),)


G, X = ("g", Kind.POINT), ("x", Kind.POINT)
LAWS = (
    Law("feasible", "φ(σ(lmo(G))) ≤ 1", (G,), _feasible),
    Law("attains", "⟨G, lmo(G)⟩ = −φ_*(σ(G))", (G,), _attains),
    Law("singular_holder", "Σσᵢ(G)σᵢ(X) ≤ φ(σ(X))φ_*(σ(G))", (G, X), _holder),
)


def holder(bound: Fact, sizes: sp.Expr, products: sp.Expr) -> Fact:
    """sizes − ⟨G, X⟩ ≥ 0 from a bound of Σσᵢ(G)σᵢ(X) = products, by von Neumann's inequality."""
    pairing = sp.Symbol("⟨G, X⟩", real=True)
    return certify(sizes - pairing, [(1, bound), (1, assume(products - pairing, VON_NEUMANN))])


def subadditive() -> Fact:
    """N(X) + N(Y) − N(X + Y) ≥ 0: some G of φ_*(σ(G)) ≤ 1 attains N(X + Y), and Hölder holds at X and at Y."""
    names = ("N(X)", "N(Y)", "N(X + Y)", "⟨G, X⟩", "⟨G, Y⟩")
    first, second, both, at_x, at_y = (sp.Symbol(name, real=True) for name in names)
    attained = assume(at_x + at_y - both, "lmo_attains@", Sign.ZERO)
    pairings = [assume(n - p, "holder@") for n, p in ((first, at_x), (second, at_y))]
    return certify(first + second - both, [(1, attained), *((1, p) for p in pairings)])


def proof() -> tuple[Fact, ...]:
    """LMO and Hölder from the laws of φ, the triangle inequality from Hölder and attainment."""
    gauge = Opaque("gauge", TopK(1))  # any symmetric gauge of a norm that claims to be one
    found = combinators.certificates(SingularValueNorm(gauge), 2, LAWS)
    values = sp.Symbol("φ·φ_*", real=True)
    products = sp.Symbol("Σσ_i(G)σ_i(X)", real=True)
    gaps = assume(values - products, "holder@gauge")
    return (*found, holder(gaps, values, products), subadditive())
