"""x ↦ max|⟨aᵢ, x⟩|, the aᵢ spanning, has the dual D(g) = min{‖λ‖₁ : Σλᵢaᵢ = g}; every number of aᵢ.

Weak duality by certificate: every λ bounds the dual from above, every x from below. Strong duality: the dual norm of D
is max|⟨aᵢ, x⟩|, for g = ±aᵢ has D(g) ≤ 1 and attains it; and a norm is the dual of its dual (CITED).
"""

import sympy as sp

from ntr_spec.verify.kernel import Fact, Sign, Sums, assume, certify, total
from proofs.max_of_norms import BELOW, SPLITS, split_infimum

size, slope = (sp.Symbol(name, nonnegative=True) for name in ("|λ_i|", "|⟨a_i, x⟩|"))
part = sp.Symbol("λ_i·⟨a_i, x⟩", real=True)
N, pairing = (sp.Symbol(name, real=True) for name in ("N(x)", "⟨g, x⟩"))
SUMS = Sums((size, slope, part), sp.Symbol("n", positive=True))
LARGEST, MODULUS, SPLIT = "N is the largest |⟨a_i, x⟩|", "ab ≤ |a||b|", "g = Σλ_i·a_i"
VERTEX = "λ = ±e_i"
HYPOTHESES = (LARGEST, MODULUS, SPLIT, VERTEX, *SPLITS)


def weak() -> Fact:
    """N(x)·Σ|λᵢ| − ⟨g, x⟩ ≥ 0."""
    largest, modulus = assume(N - slope, LARGEST), assume(size * slope - part, MODULUS)
    termwise = certify(N * size - part, [(size, largest), (1, modulus)])
    whole = assume(SUMS.of(part) - pairing, SPLIT, Sign.ZERO)
    return certify(N * SUMS.of(size) - pairing, [(1, total(termwise, SUMS)), (1, whole)])


def attained() -> tuple[Fact, Fact]:
    """g = ±aᵢ at the largest |⟨aᵢ, x⟩|, λ = ±eᵢ: 1 − D(g) ≥ 0, as D(g) ≤ ‖λ‖₁ = 1; and ⟨g, x⟩ = Σλⱼ⟨aⱼ, x⟩ = N(x)."""
    D = sp.Symbol("D(g)", real=True)
    mine = sp.Symbol("|λ_i| at i", nonnegative=True)
    value, length = sp.Symbol("λ_i·⟨a_i, x⟩ at i", real=True), sp.Symbol("|⟨a_i, x⟩| at i", nonnegative=True)
    others = Sums((size, part), sp.Symbol("n-1", nonnegative=True), "others")
    absent = [total(assume(term, VERTEX, Sign.ZERO), others) for term in (size, part)]
    below = assume(mine + others.of(size) - D, BELOW)
    split = assume(value + others.of(part) - pairing, SPLIT, Sign.ZERO)
    signed = assume(value - length, VERTEX, Sign.ZERO)
    return (
        certify(1 - D, [(1, below), (-1, assume(mine - 1, VERTEX, Sign.ZERO)), (-1, absent[0])]),
        certify(
            pairing - N,
            [(-1, split), (1, signed), (1, absent[1]), (1, assume(length - N, LARGEST, Sign.ZERO))],
            Sign.ZERO,
        ),
    )


def triangle() -> Fact:
    """‖λ‖₁ + ‖μ‖₁ − ‖λ + μ‖₁ ≥ 0, so D is subadditive."""
    other, both = sp.symbols("|μ_i| |λ_i+μ_i|", nonnegative=True)
    sums = Sums((size, other, both), sp.Symbol("n", positive=True))
    return total(assume(size + other - both, MODULUS), sums)


def proof() -> tuple[Fact, ...]:
    """Weak duality, attainment by the vertices, and what makes them enough."""
    return (weak(), *attained(), triangle(), *split_infimum())
