"""T5's plan meets ε: the terms that fade come to ε/4 together, by (1 − β)^K ≤ e^{−βK}, the others to ε/4 each.

The plan is ``T5.plan`` and the bound ``T5.bound``, both run on symbols; δ-inexact steps included.
"""

from ntr_spec.theory import T5, Theorem
from ntr_spec.verify.kernel import Fact
from proofs.plans import facts


def proof(theorem: Theorem = T5) -> tuple[Fact, ...]:
    """bound ≤ ε, for δ = 0, for every δ in [0, 1) and where constants vanish; and what is asked of the plan."""
    return facts(theorem)
