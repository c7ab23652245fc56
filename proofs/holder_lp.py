"""Hölder's inequality for sums of every length: Σab ≤ (Σa^q)^{1/q}(Σbᵖ)^{1/p}, a, b ≥ 0.

Where both norms G, X are positive: Young's inequality at (b/X, a/G), summed: Σab/(GX) ≤ 1/q + 1/p = 1.
Where one is zero every one of its terms is, and both sides are 0.
"""

import sympy as sp

from ntr_spec.verify.kernel import Fact, Sign, Sums, assume, certify, substitute, total, vanish
from proofs import young as young_file
from proofs.young import p, q

a, b = sp.symbols("a_i b_i", positive=True)
n = sp.Symbol("n", positive=True)
G, X = sp.symbols("G X", positive=True)
HYPOTHESES = ("G^q = Σa^q", "X^p = Σb^p", "Σb^p = 0")


def holder() -> Fact:
    """GX − Σab ≥ 0."""
    sums = Sums((a, b), n)
    termwise = substitute(young_file.young(), {young_file.a: b / X, young_file.b: a / G})
    summed = total(termwise, sums)
    norm_g = assume(G**q - sums.of(a**q), "G^q = Σa^q", Sign.ZERO)
    norm_x = assume(X**p - sums.of(b**p), "X^p = Σb^p", Sign.ZERO)
    return certify(
        G * X - sums.of(a * b),
        [(G * X, summed), (G * X / (q * G**q), norm_g), (G * X / (p * X**p), norm_x)],
    )


def degenerate() -> Fact:
    """Σab = 0 where Σbᵖ = 0."""
    sums = Sums((a, b), n)
    return vanish(assume(sums.of(b**p), "Σb^p = 0", Sign.ZERO), b**p, a * b, sums)


def proof() -> tuple[Fact, ...]:
    """Both cases, and 1/p + 1/q = 1."""
    return holder(), degenerate(), certify(1 / p + 1 / q - 1, [], Sign.ZERO)
