"""Power means for sums of every length: ‖x‖_r ≤ n^{1/r − 1/s}‖x‖_s for 0 < r < s.

With X = ‖x‖_s > 0 and c = n^{1/s}: u = (c|x|/X)^r satisfies u ≤ (r/s)u^{s/r} + 1 − r/s (Young); summed,
cʳΣ|x|ʳ/Xʳ ≤ (r/s)n + (1 − r/s)n = n. So Σ|x|ʳ ≤ n^{1 − r/s}Xʳ; take r-th roots.
"""

import sympy as sp

from ntr_spec.verify.kernel import (
    Fact,
    Sign,
    Sums,
    assume,
    certify,
    convex_minimum,
    powers_compare,
    substitute,
    total,
)

r, d, u, a, n, X, R = sp.symbols("r d u a_i n X R", positive=True)
s = r + d
HYPOTHESES = ("X^s = Σa^s", "R^r = Σa^r")


def power_mean() -> Fact:
    """n^{1/r − 1/s}X − R ≥ 0 for R = ‖x‖_r."""
    sums = Sums((a,), n)
    tangent = convex_minimum(r / s * u ** (s / r) + d / s - u, u, sp.S.One)
    termwise = substitute(tangent, {u: a**r * n ** (r / s) * X**-r})
    norm_s = assume(X**s - sums.of(a**s), "X^s = Σa^s", Sign.ZERO)
    norm_r = assume(R**r - sums.of(a**r), "R^r = Σa^r", Sign.ZERO)
    scale = X**r * n ** (-r / s)
    bound = n ** (1 / r - 1 / s) * X
    powers = certify(
        bound**r - R**r, [(scale, total(termwise, sums)), (scale * n * r / s * X**-s, norm_s), (-1, norm_r)]
    )
    return powers_compare(bound, R, r, powers)


def proof() -> tuple[Fact, ...]:
    """The inequality for X > 0 (X = 0 makes every term 0)."""
    return (power_mean(),)
