"""T2's plan meets ε: its terms come to ε/8, ε/8, ε/2, at most 3ε/32 and ε/8. So does [Kovalev25]'s own form of it.

The plan is ``T2.plan`` and the bound ``T2.bound``, both run on symbols; δ-inexact steps included. The paper's form
needs cases: where a minimum is in a denominator, each of its arguments is gone through.
"""

import sympy as sp

from ntr_spec.theory import T2, Plan, Theorem
from ntr_spec.verify.kernel import Fact
from proofs.plans import bounded, facts

S = T2.symbols
NOISE = S.rho * S.sigma
PAPER = Plan(
    radius=sp.Min(S.eps / (16 * S.L), S.eps**3 / (256 * NOISE**2 * S.L)),
    momentum=1 - sp.Min(1, S.eps**2 / (16 * NOISE**2)),
    decay=0.0,
    extrapolation=False,
    steps=sp.ceiling(
        sp.Max(
            2048 * S.L * S.delta0 * NOISE**2 / S.eps**4,
            256 * NOISE**3 / S.eps**3,
            128 * S.L * S.delta0 / S.eps**2,
            16 * NOISE / S.eps,
        )
    ),
)
"""As it is printed in the paper."""


def proof(theorem: Theorem = T2) -> tuple[Fact, ...]:
    """bound ≤ ε, for δ = 0, for every δ in [0, 1) and where σ = 0; what is asked of the plan; and the paper's form."""
    return (*facts(theorem), bounded(theorem, S.constants, PAPER))
