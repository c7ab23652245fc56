"""σ₁ + … + σ_k has the dual max{σ₁, Σσᵢ/k}: the code of ``KyFan``, top_k_duality and von Neumann's inequality (CITED).

The hooks run on diag(s₁, s₂, s₃) with s₁ ≥ s₂ ≥ s₃ ≥ 0, written as sums of the differences dᵢ ≥ 0; every size is by
top_k_duality for the gauges that the code names.
"""

from __future__ import annotations

import sympy as sp

from ntr_spec.norms.sorted import TopK, TopKDual
from ntr_spec.norms.spectral import KyFan, UnitarilyInvariant
from ntr_spec.verify.kernel import CertificateError, Fact, Sign, certify
from ntr_spec.verify.symbolic import NAMESPACE, symbols
from proofs import top_k_duality
from proofs.unitarily_invariant import BASES, VON_NEUMANN, diagonal, holder

HYPOTHESES = (*top_k_duality.HYPOTHESES, VON_NEUMANN)
d = sp.symbols("d1 d2 d3", nonnegative=True)
SINGULAR = (d[0] + d[1] + d[2], d[1] + d[2], d[2])


def traced(norm: UnitarilyInvariant) -> sp.Expr:
    """What the code computes on a 3×4 matrix with these singular values."""
    gaps = symbols("d", 3)
    values = NAMESPACE.stack([gaps[0] + gaps[1] + gaps[2], gaps[1] + gaps[2], gaps[2]])
    (found,) = norm._value(diagonal(values, 3, 4), BASES).expressions.reshape(-1)
    return sp.sympify(found).xreplace({sp.Symbol(s.name, real=True): s for s in d})


def values(k: int) -> tuple[Fact, Fact]:
    """The code's value is s₁ + … + s_k, and its dual's is max{s₁, Σsᵢ/k}."""
    norm = KyFan(k)
    largest = sp.Max(SINGULAR[0], sp.expand(sum(SINGULAR) / k))
    return (
        certify(traced(norm) - sum(SINGULAR[:k]), [], Sign.ZERO),
        certify(traced(norm.dual) - largest, [], Sign.ZERO),  # type: ignore[arg-type]
    )


def every_size(k: int) -> Fact:
    """φ_*(σ(G))·φ(σ(X)) − ⟨G, X⟩ ≥ 0 for the gauges of the code, φ = T_k."""
    norm = KyFan(k)
    if (norm.gauge, getattr(norm.dual, "gauge", None)) != (TopK(k), TopKDual(k)):
        raise CertificateError(f"{norm!r}: its gauges are not those of top_k_duality")
    bound = top_k_duality.holder()
    sizes = top_k_duality.D * top_k_duality.T
    return holder(bound, sizes, sp.expand(sizes - bound.gap))


def proof() -> tuple[Fact, ...]:
    """Values for k = 1, 2, 3 on three singular values, Hölder for every k and size, attainment of T_k."""
    found = [fact for k in (1, 2, 3) for fact in (*values(k), every_size(k))]
    return (*found, *top_k_duality.attainment())
