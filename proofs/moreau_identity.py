"""x = prox_{tR}(x) + t·prox_{R*/t}(x/t), from what prox and conjugate are.

With p = prox_{tR}(x), s = (x − p)/t and q = prox_{R*/t}(x/t): the equation R(p) + R*(s) = ⟨s, p⟩ and Fenchel–Young at
(p, q) say that p is a subgradient of R* at s. So s solves the inequality that q solves, and t‖s − q‖² ≤ 0. Inner
products are bilinear and symmetric, so identities between them may be checked on numbers.
"""

import sympy as sp

from ntr_spec.verify.kernel import Fact, Sign, assume, certify

p, q, s = sp.symbols("p q s", real=True)
t = sp.Symbol("t", positive=True)
Rp, Rs, Rq = sp.symbols("R(p) R*(s) R*(q)", real=True)
HYPOTHESES = ("fenchel_young", "prox_fenchel_young", "prox_optimal of R*")


def proof() -> tuple[Fact, ...]:
    """−t‖s − q‖² ≥ 0."""
    young = assume(Rp + Rq - q * p, "fenchel_young")
    attained = assume(s * p - Rp - Rs, "prox_fenchel_young", Sign.ZERO)
    x = p + t * s
    optimal = assume(Rs - Rq - t * (x / t - q) * (s - q), "prox_optimal of R*")
    return (certify(-t * (s - q) ** 2, [(1, young), (1, attained), (1, optimal)]),)
