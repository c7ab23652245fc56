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

a, d, b = sp.symbols("a_i d_i b_i", nonnegative=True)
k, tau, D = sp.symbols("k tau D", positive=True)
TOP = Sums((a, d, b), k, "top")
REST = Sums((d, b), sp.Symbol("n-k", nonnegative=True), "rest")
T = TOP.of(tau + d)
LMO = "the entries of the LMO"
HYPOTHESES = ("|g_i| <= D", "Σ|g_i| <= kD", "definition", "aᵢ = τ + dᵢ on the top", LMO)


def tau_form() -> Fact:
    """T = Σ_top aᵢ = kτ + Σ(|xᵢ| − τ)₊."""
    each = assume(a - tau - d, "aᵢ = τ + dᵢ on the top", Sign.ZERO)
    return certify(TOP.of(a) - k * tau - TOP.of(d), [(1, total(each, TOP))], Sign.ZERO)


def holder() -> Fact:
    """D·T − Σaᵢbᵢ ≥ 0."""
    pairing = TOP.of((tau + d) * b) + REST.of((tau - d) * b)
    each = assume(D - b, "|g_i| <= D")
    whole = assume(k * D - TOP.of(b) - REST.of(b), "Σ|g_i| <= kD")
    top = total(certify(d * (D - b), [(d, each)]), TOP)
    rest = total(evident(d * b), REST)
    return certify(D * T - pairing, [(tau, whole), (1, top), (1, rest)])


def corner() -> tuple[Fact, Fact]:
    """a = eⱼ at a largest bⱼ = M: the k largest aᵢ are aⱼ and others, T(a) = 1 and Σaᵢbᵢ = M."""
    M, at_j, b_j = sp.symbols("M a_j b_j", nonnegative=True)
    others, rest = Sums((a, b), sp.Symbol("k-1", nonnegative=True), "others"), Sums((a, b), REST.count, "rest")
    one, zero = assume(at_j - 1, LMO, Sign.ZERO), assume(a, LMO, Sign.ZERO)
    products = [(1, total(certify(a * b, [(b, zero)], Sign.ZERO), sums)) for sums in (others, rest)]
    largest = assume(b_j - M, "definition", Sign.ZERO)
    whole = at_j * b_j + others.of(a * b) + rest.of(a * b)
    return (
        certify(at_j + others.of(a) - 1, [(1, one), (1, total(zero, others))], Sign.ZERO),
        certify(whole - M, [(b_j, one), (1, largest), *products], Sign.ZERO),
    )


def spread() -> tuple[Fact, Fact]:
    """aᵢ = 1/k everywhere: T(a) = Σ_top aᵢ = 1, and Σaᵢbᵢ = Σbᵢ/k."""
    each = assume(k * a - 1, LMO, Sign.ZERO)
    everywhere = Sums((a, b), sp.Symbol("n", positive=True), "all")
    paired = total(certify(k * a * b - b, [(b, each)], Sign.ZERO), everywhere)
    return (
        certify(TOP.of(a) - 1, [(1 / k, total(each, TOP))], Sign.ZERO),
        certify(everywhere.of(a * b) - everywhere.of(b) / k, [(1 / k, paired)], Sign.ZERO),
    )


def ones() -> tuple[Fact, ...]:
    """a = 1 on the top of b, 0 on the rest: ‖a‖_∞ ≤ 1 on both, ‖a‖₁/k = 1, and Σaᵢbᵢ = Σ_top bᵢ = T(b)."""
    one, zero = assume(a - 1, LMO, Sign.ZERO), assume(a, LMO, Sign.ZERO)
    rest = Sums((a, b), REST.count, "rest")
    length = [(1 / k, total(one, TOP)), (1 / k, total(zero, rest))]
    products = certify(a * b - b, [(b, one)], Sign.ZERO), certify(a * b, [(b, zero)], Sign.ZERO)
    paired = [(1, total(products[0], TOP)), (1, total(products[1], rest))]
    return (
        certify(1 - a, [(-1, one)]),
        certify(1 - a, [(1, evident(sp.S.One)), (-1, zero)]),
        certify((TOP.of(a) + rest.of(a)) / k - 1, length, Sign.ZERO),
        certify(TOP.of(a * b) + rest.of(a * b) - TOP.of(b), paired, Sign.ZERO),
    )


def attainment() -> tuple[Fact, ...]:
    """That the LMOs of T_k and of D are feasible and attain."""
    return (*corner(), *spread(), *ones())


def proof() -> tuple[Fact, ...]:
    """The τ form, Hölder, attainment."""
    return (tau_form(), holder(), *attainment())
