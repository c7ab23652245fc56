"""Duality of Ω(x) = Σwᵢaᵢ, a = |x| sorted, with D(g) = max_k (b₁+…+b_k)/(w₁+…+w_k), b = |g| sorted: every n.

The rearrangement inequality (CITED) gives ⟨g, x⟩ ≤ Σaᵢbᵢ. That Σaᵢbᵢ ≤ D·Ω(x) is summation by parts, by induction
on the number of entries: with A = Σaᵢbᵢ, B = Σbᵢ, W = Σwᵢ, U = Σwᵢaᵢ and c the last (smallest) aᵢ,

    first  D·W − B ≥ 0                            (what D means: B = D·W − e with e ≥ 0 after every entry),
    then   D·(U − cW) − (A − cB) ≥ 0              (grows by (c − a)(D·W − B) when an entry a ≤ c is appended),

and with c ≥ 0 both give D·U − A ≥ 0.
"""

import sympy as sp

from ntr_spec.verify.kernel import Fact, Sign, Sums, assume, certify, evident, induction, total

A, B, W, U, c, D = sp.symbols("A B W U c D", real=True)
w, d, e = sp.symbols("w d e", nonnegative=True)
START = {A: 0, B: 0, W: 0, U: 0, c: sp.Symbol("c0", real=True), D: sp.Symbol("D0", real=True)}
A_NEW = c - d  # the next magnitude, no larger than the last
B_NEW = D * (W + w) - e - B  # the next |g|: whatever keeps the partial sums below D·W
UPDATE = {A: A + A_NEW * B_NEW, B: B + B_NEW, W: W + w, U: U + w * A_NEW, c: A_NEW, D: D}
LMO, DEFINITION, REARRANGED = "the entries of the LMO", "definition", "rearrangement"
HYPOTHESES = ("reachable", "the last magnitude is >= 0", LMO, DEFINITION, REARRANGED)


def partial_sums() -> Fact:
    """D·W − B ≥ 0."""
    gap = D * W - B
    return induction(gap, START, UPDATE, lambda known: certify(e, [(1, evident(e))]))


def by_parts() -> Fact:
    """D·(U − cW) − (A − cB) ≥ 0."""
    gap = D * (U - c * W) - (A - c * B)
    after = gap.subs(UPDATE, simultaneous=True)
    return induction(gap, START, UPDATE, lambda known: certify(after, [(1, known), (d, partial_sums())]))


def holder() -> Fact:
    """D·U − ⟨g, x⟩ ≥ 0, as D·U − A ≥ 0."""
    size = sp.Symbol("|c|", nonnegative=True)
    last = assume(c - size, "the last magnitude is >= 0", Sign.ZERO)
    rest = certify(c * (D * W - B), [(size, partial_sums()), (D * W - B, last)])
    pairing = sp.Symbol("⟨g, x⟩", real=True)
    sorted_above = assume(A - pairing, REARRANGED)
    return certify(D * U - pairing, [(1, by_parts()), (1, rest), (1, sorted_above)])


def decomposition() -> tuple[Fact, Fact]:
    """Σwᵢaᵢ = Σ_{k<n} (w_k − w_{k+1})T_k + w_nT_n, T_k = a₁ + … + a_k: U − V − vT ≥ 0 and ≤ 0, v being the last wᵢ."""
    V, T, v = sp.symbols("V T v", real=True)
    start = {U: 0, V: 0, T: 0, v: sp.Symbol("v0", real=True), c: START[c]}
    update = {U: U + w * A_NEW, V: V + (v - w) * T, T: T + A_NEW, v: w, c: A_NEW}
    gap = U - V - v * T

    def shown(signed: sp.Expr) -> Fact:
        after = signed.subs(update, simultaneous=True)
        return induction(signed, start, update, lambda known: certify(after, [(1, known)]))

    return shown(gap), shown(-gap)


def attainment() -> tuple[Fact, ...]:
    """|lmo| = aᵢ = 1/W_k on the k largest bᵢ, k being where D is attained: Ω(a) = 1 and Σaᵢbᵢ = D; aᵢ = wᵢ: D and Ω(b).

    Of the latter every partial sum is that of the weights, so that D(a) = 1.
    """
    a, b = sp.symbols("a_i b_i", nonnegative=True)
    W_k = sp.Symbol("W_k", positive=True)
    top = Sums((a, b, w), sp.Symbol("k", positive=True), "top")
    everywhere = Sums((a, b, w), sp.Symbol("n", positive=True), "all")
    each, weights = assume(W_k * a - 1, LMO, Sign.ZERO), assume(top.of(w) - W_k, DEFINITION, Sign.ZERO)
    largest = assume(D * W_k - top.of(b), DEFINITION, Sign.ZERO)
    weighted = [total(certify(W_k * a * other - other, [(other, each)], Sign.ZERO), top) for other in (w, b)]
    ranks = assume(a - w, LMO, Sign.ZERO)
    return (
        certify(top.of(w * a) - 1, [(1 / W_k, weighted[0]), (1 / W_k, weights)], Sign.ZERO),
        certify(top.of(a * b) - D, [(1 / W_k, weighted[1]), (-1 / W_k, largest)], Sign.ZERO),
        certify(top.of(a) - W_k, [(1, total(ranks, top)), (1, weights)], Sign.ZERO),
        total(certify(a * b - w * b, [(b, ranks)], Sign.ZERO), everywhere),
    )


def proof() -> tuple[Fact, ...]:
    """Hölder on sorted magnitudes, the sum by T_k, and that the LMOs attain."""
    return (partial_sums(), by_parts(), holder(), *decomposition(), *attainment())
