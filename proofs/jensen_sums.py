"""ℓ_s norms decrease in s: ‖x‖_s ≤ ‖x‖_r for 0 < r < s, every n.

With X = ‖x‖_r > 0: each |xᵢ| ≤ X, since one term is at most the sum; so |xᵢ|ˢ ≤ |xᵢ|ʳX^{s−r}, summed Σ|xᵢ|ˢ ≤ Xˢ.
"""

import sympy as sp

from ntr_spec.verify.kernel import (
    Fact,
    Sign,
    Sums,
    assume,
    certify,
    one_of,
    powers_compare,
    powers_raise,
    substitute,
    total,
)

r, d, a, b, n, X, S = sp.symbols("r d a_i a_j n X S", positive=True)
s = r + d
HYPOTHESES = ("X^r = Σa^r", "S^s = Σa^s")


def jensen() -> tuple[Fact, Fact]:
    """X − a_j ≥ 0 for every index j, and X − S ≥ 0."""
    sums = Sums((a,), n)
    norm_r = assume(X**r - sums.of(a**r), "X^r = Σa^r", Sign.ZERO)
    norm_s = assume(S**s - sums.of(a**s), "S^s = Σa^s", Sign.ZERO)
    each = powers_compare(X, b, r, certify(X**r - b**r, [(1, norm_r), (1, one_of(a**r, {a: b}, sums))]))
    termwise = powers_raise(X, a, d, substitute(each, {b: a}))
    summed = total(certify(a**r * (X**d - a**d), [(a**r, termwise)]), sums)
    powers = certify(X**s - S**s, [(1, summed), (X**d, norm_r), (-1, norm_s)])
    return each, powers_compare(X, S, s, powers)


def proof() -> tuple[Fact, ...]:
    """Each term is at most the norm, then the inequality."""
    return jensen()
