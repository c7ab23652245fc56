"""Minkowski's inequality for sums of every length: Z ≤ X + Y, where X, Y, Z are the ℓ_p norms of x, y, x + y.

With c = |x + y| ≤ a + b, a = |x|, b = |y|: cᵖ ≤ a·c^{p−1} + b·c^{p−1}; summed, and by Hölder's inequality with
(p − 1)q = p, Zᵖ ≤ (X + Y)Z^{p−1}. Divide by Z^{p−1} > 0 (where Z = 0 there is nothing to prove).
"""

import sympy as sp

from ntr_spec.verify.kernel import Fact, Sign, Sums, assume, certify, evident, total
from proofs import holder_lp
from proofs.young import p, q

a, b, c = sp.symbols("a_i b_i c_i", positive=True)
n = sp.Symbol("n", positive=True)
X, Y, Z = sp.symbols("X Y Z", positive=True)
HYPOTHESES = ("|x+y| <= |x| + |y|", "Z^p = Σc^p", "holder_lp")


def minkowski() -> Fact:
    """X + Y − Z ≥ 0."""
    holder_lp.holder()  # what is assumed under its name below, with g = c^{p−1}: G = (Σc^{(p−1)q})^{1/q} = Z^{p−1}
    sums = Sums((a, b, c), n)
    triangle = assume(a + b - c, "|x+y| <= |x| + |y|")
    summed = total(certify(c ** (p - 1) * (a + b - c), [(c ** (p - 1), triangle)]), sums)
    first = assume(Z ** (p - 1) * X - sums.of(a * c ** (p - 1)), "holder_lp")
    second = assume(Z ** (p - 1) * Y - sums.of(b * c ** (p - 1)), "holder_lp")
    norm_z = assume(Z**p - sums.of(c**p), "Z^p = Σc^p", Sign.ZERO)
    return certify(X + Y - Z, [(1, summed), (1, first), (1, second), (-1, norm_z)], multiplier=Z ** (p - 1))


def proof() -> tuple[Fact, ...]:
    """The inequality; that c^{(p−1)q} = cᵖ; and the case Z = 0."""
    return minkowski(), certify(c ** ((p - 1) * q) - c**p, [], Sign.ZERO), evident(X + Y)
