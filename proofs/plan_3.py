"""T3's plan meets ε: its terms come to ε/4, ε/4, ε/4, ε/8 and ε/8, the first by (1 − β)^K ≤ e^{−βK} ≤ ε/(4Δ₀).

The plan is ``T3.plan`` and the bound ``T3.bound``, both run on symbols; δ-inexact steps included.
"""

from ntr_spec.theory import T3, Theorem
from ntr_spec.verify.kernel import Fact
from proofs.plans import facts


def proof(theorem: Theorem = T3) -> tuple[Fact, ...]:
    """bound ≤ ε, for δ = 0, for every δ in [0, 1) and where constants vanish; and what is asked of the plan."""
    return facts(theorem)
