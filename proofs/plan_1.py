"""T1's plan meets ε: η = ε/(3L) and K = ⌈max{1, 6LΔ₀/ε²}⌉ give Δ₀/(ηK) ≤ ε/2 and (3/2)Lη = ε/2.

The plan is ``T1.plan`` and the bound ``T1.bound``, both run on symbols; δ-inexact steps included.
"""

from ntr_spec.theory import T1, Theorem
from ntr_spec.verify.kernel import Fact
from proofs.plans import facts


def proof(theorem: Theorem = T1) -> tuple[Fact, ...]:
    """bound ≤ ε, for δ = 0, for every δ in [0, 1) and where constants vanish; and what is asked of the plan."""
    return facts(theorem)
