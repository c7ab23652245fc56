"""T4's plan meets ε: its terms come to ε/8, ε/8, ε/2, ε/8 and ε/8.

The plan is ``T4.plan`` and the bound ``T4.bound``, both run on symbols; δ-inexact steps included.
"""

from ntr_spec.theory import T4, Theorem
from ntr_spec.verify.kernel import Fact
from proofs.plans import facts


def proof(theorem: Theorem = T4) -> tuple[Fact, ...]:
    """bound ≤ ε, for δ = 0, for every δ in [0, 1) and where constants vanish; and what is asked of the plan."""
    return facts(theorem)
