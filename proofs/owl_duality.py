"""Duality of Ω(x) = Σwᵢaᵢ, a = |x| sorted, with D(g) = max_k (b₁+…+b_k)/(w₁+…+w_k), b = |g| sorted: every n.

The rearrangement inequality gives ⟨g, x⟩ ≤ Σaᵢbᵢ. That Σaᵢbᵢ ≤ D·Ω(x) is summation by parts, by induction
on the number of entries: with A = Σaᵢbᵢ, B = Σbᵢ, W = Σwᵢ, U = Σwᵢaᵢ and c the last (smallest) aᵢ,

    first  D·W − B ≥ 0                            (what D means: B = D·W − e with e ≥ 0 after every entry),
    then   D·(U − cW) − (A − cB) ≥ 0              (grows by (c − a)(D·W − B) when an entry a ≤ c is appended),

and with c ≥ 0 both give D·U − A ≥ 0.
"""

import sympy as sp

from ntr_spec.verify.kernel import Fact, Sign, assume, certify, evident, induction

A, B, W, U, c, D = sp.symbols("A B W U c D", real=True)
w, d, e = sp.symbols("w d e", nonnegative=True)
START = {A: 0, B: 0, W: 0, U: 0, c: sp.Symbol("c0", real=True), D: sp.Symbol("D0", real=True)}
A_NEW = c - d  # the next magnitude, no larger than the last
B_NEW = D * (W + w) - e - B  # the next |g|: whatever keeps the partial sums below D·W
UPDATE = {A: A + A_NEW * B_NEW, B: B + B_NEW, W: W + w, U: U + w * A_NEW, c: A_NEW, D: D}
HYPOTHESES = ("reachable", "the last magnitude is >= 0")


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
    """D·U − A ≥ 0."""
    size = sp.Symbol("|c|", nonnegative=True)
    last = assume(c - size, "the last magnitude is >= 0", Sign.ZERO)
    rest = certify(c * (D * W - B), [(size, partial_sums()), (D * W - B, last)])
    return certify(D * U - A, [(1, by_parts()), (1, rest)])


def proof() -> tuple[Fact, ...]:
    """Hölder on sorted magnitudes. The LMOs, −sign/W_k on the k largest and −sign·w at the ranks, attain."""
    k_sum = sp.Symbol("W_k", positive=True)
    return partial_sums(), by_parts(), holder(), certify(k_sum / k_sum - 1, [], Sign.ZERO)
