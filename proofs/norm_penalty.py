"""λ‖x‖ in any norm: the code of ``Penalty``, its prox by Moreau's identity, on a norm known by its laws only."""

from ntr_spec.norms.vector import L2
from ntr_spec.steps import Penalty
from ntr_spec.verify.kernel import Fact
from ntr_spec.verify.opaque import Opaque
from proofs.combinators import HYPOTHESES, certificates

__all__ = ["HYPOTHESES", "proof"]

LAWS = ("convex", "prox_optimal", "prox_fenchel_young", "fenchel_young", "biconjugate", "subgradient")


def proof() -> tuple[Fact, ...]:
    """Convexity, prox, conjugate (the indicator of the dual ball) and subgradient."""
    return certificates(Penalty(Opaque("norm", L2()), 0.5), 2, LAWS)
