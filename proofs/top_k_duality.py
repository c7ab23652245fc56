"""Duality of T_k, the sum of the k largest magnitudes, with D(g) = max{‖g‖_∞, ‖g‖₁/k}, for every n ≥ k.

Let τ be the k-th largest |xᵢ|, *top* a choice of k largest entries (aᵢ = |xᵢ| = τ + dᵢ) and *rest* the
others (aᵢ = τ − dᵢ), d ≥ 0, so T = Σ_top aᵢ = kτ + Σ_top dᵢ (the minimum over τ ≥ 0 of kτ + Σ(|xᵢ| − τ)₊).
With bᵢ = |gᵢ| ≤ D and Σbᵢ ≤ kD:

    Σaᵢbᵢ = τΣbᵢ + Σ_top dᵢbᵢ − Σ_rest dᵢbᵢ ≤ τkD + DΣ_top dᵢ = DT.

The LMO of T_k is −sign(gⱼ)eⱼ or −sign(g)/k, the one of D is −sign(g) on the top: feasible and attaining,
below. T_k is then the support function of {D ≤ 1}, a bounded symmetric set with interior, hence a norm, and so is D.
"""

import sympy as sp

from ntr_spec.verify.kernel import Fact, Sign, Sums, assume, certify, evident, total

d, b = sp.symbols("d_i b_i", nonnegative=True)
k, tau, D = sp.symbols("k tau D", positive=True)
TOP = Sums((d, b), k, "top")
REST = Sums((d, b), sp.Symbol("n-k", nonnegative=True), "rest")
T = TOP.of(tau + d)
HYPOTHESES = ("|g_i| <= D", "Σ|g_i| <= kD", "definition")


def tau_form() -> Fact:
    """T = kτ + Σ(|xᵢ| − τ)₊."""
    return certify(T - k * tau - TOP.of(d), [], Sign.ZERO)


def holder() -> Fact:
    """D·T − Σaᵢbᵢ ≥ 0."""
    pairing = TOP.of((tau + d) * b) + REST.of((tau - d) * b)
    each = assume(D - b, "|g_i| <= D")
    whole = assume(k * D - TOP.of(b) - REST.of(b), "Σ|g_i| <= kD")
    top = total(certify(d * (D - b), [(d, each)]), TOP)
    rest = total(evident(d * b), REST)
    return certify(D * T - pairing, [(tau, whole), (1, top), (1, rest)])


def attainment() -> tuple[Fact, ...]:
    """Norms of what the LMOs return: T(eⱼ) = 1, T(±1/k) = 1, and D of k ones is max{1, k/k} = 1."""
    M, S = sp.symbols("M S", positive=True)  # ‖g‖_∞ and ‖g‖₁
    corner = certify(1 - 1, [], Sign.ZERO)  # one entry 1: the k largest add to 1, and ⟨g, ·⟩ = M
    spread = certify(TOP.of(1 / k) - 1, [], Sign.ZERO)  # all entries 1/k, and ⟨g, ·⟩ = S/k
    upper = assume(S / k - M, "definition")  # the case D = S/k ≥ M
    return corner, spread, certify(S - k * M, [(k, upper)]), certify(TOP.of(1) / k - 1, [], Sign.ZERO)


def proof() -> tuple[Fact, ...]:
    """The τ form, Hölder, attainment."""
    return (tau_form(), holder(), *attainment())
