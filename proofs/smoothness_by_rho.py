"""From Euclidean constants to those of any norm: L = ρ²λ and H ≤ ρ³H₂, where |⟨u, ∇²f w⟩| ≤ λ‖u‖₂‖w‖₂.

A3, ‖x‖_* ≤ ρ‖x‖₂, says on the other side of the duality ‖u‖₂ ≤ ρ‖u‖: by Hölder ‖u‖₂² = ⟨u, u⟩ ≤ ‖u‖_*‖u‖. It is
attained there if it is here: ⟨g, u⟩ = ‖g‖_*, ‖u‖ = 1 and ‖g‖_* = ρ‖g‖₂ give ‖u‖₂ ≥ ρ. Where ∇²f = λI, that u has
⟨u, ∇²f u⟩ = λρ²‖u‖², so that no smaller L will do. These are the rules of :mod:`ntr_spec.problems.known`.
"""

import sympy as sp

from ntr_spec.verify.kernel import Fact, assume, certify

HYPOTHESES = (
    "⟨u, u⟩ ≤ ‖u‖_*‖u‖",
    "‖u‖_* ≤ ρ‖u‖₂",
    "⟨g, u⟩ ≤ ‖g‖₂‖u‖₂",
    "⟨g, u⟩ = ‖g‖_*",
    "‖g‖_* = ρ‖g‖₂",
    "|∇²f| ≤ λ",
    "|∇³f| ≤ H₂",
)

rho, lam, third = sp.symbols("rho lambda H_2", nonnegative=True)
form, cubic = sp.Symbol("|⟨u, ∇²f w⟩|", nonnegative=True), sp.Symbol("|∇³f[u, u, w]|", nonnegative=True)
u, w = sp.symbols("‖u‖ ‖w‖", nonnegative=True)
u2, w2, g2 = sp.symbols("‖u‖₂ ‖w‖₂ ‖g‖₂", positive=True)
u_dual, w_dual, g_dual = sp.symbols("‖u‖_* ‖w‖_* ‖g‖_*", real=True)
inner = sp.Symbol("⟨g, u⟩", real=True)


def euclidean(norm: sp.Symbol, length: sp.Symbol, dual: sp.Symbol) -> Fact:
    """‖u‖₂ ≤ ρ‖u‖, u ≠ 0."""
    holder = assume(dual * norm - length**2, "⟨u, u⟩ ≤ ‖u‖_*‖u‖")
    equivalence = assume(rho * length - dual, "‖u‖_* ≤ ρ‖u‖₂")
    return certify(rho * norm - length, [(1, holder), (norm, equivalence)], multiplier=length)


def smoothness() -> Fact:
    """|⟨u, ∇²f w⟩| ≤ ρ²λ‖u‖‖w‖."""
    bound = assume(lam * u2 * w2 - form, "|∇²f| ≤ λ")
    longer_u, longer_w = euclidean(u, u2, u_dual), euclidean(w, w2, w_dual)
    return certify(rho**2 * lam * u * w - form, [(1, bound), (lam * w2, longer_u), (lam * rho * u, longer_w)])


def attained() -> Fact:
    """λ‖u‖₂² ≥ λρ² for a u in the unit ball, where ∇²f = λI."""
    facts = [
        assume(inner - g_dual, "⟨g, u⟩ = ‖g‖_*"),
        assume(g_dual - rho * g2, "‖g‖_* = ρ‖g‖₂"),
        assume(g2 * u2 - inner, "⟨g, u⟩ ≤ ‖g‖₂‖u‖₂"),
    ]
    reach = certify(u2 - rho, [(1, fact) for fact in facts], multiplier=g2)
    return certify(lam * u2**2 - lam * rho**2, [(lam * (u2 + rho), reach)])


def second_smoothness() -> Fact:
    """|∇³f[u, u, w]| ≤ ρ³H₂‖u‖²‖w‖."""
    bound = assume(third * u2**2 * w2 - cubic, "|∇³f| ≤ H₂")
    longer_u, longer_w = euclidean(u, u2, u_dual), euclidean(w, w2, w_dual)
    parts = [(1, bound), (third * w2 * (rho * u + u2), longer_u), (third * rho**2 * u**2, longer_w)]
    return certify(rho**3 * third * u**2 * w - cubic, parts)


def proof() -> tuple[Fact, ...]:
    """L and H hold, and L is attained."""
    return smoothness(), attained(), second_smoothness()
