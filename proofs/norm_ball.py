"""The indicator of {‖x‖ ≤ r} in any norm: the code of ``Ball`` on a norm known by its laws only."""

from ntr_spec.norms.vector import L2
from ntr_spec.steps import Ball
from ntr_spec.verify.kernel import Fact
from ntr_spec.verify.opaque import Opaque
from proofs.combinators import HYPOTHESES, certificates

__all__ = ["HYPOTHESES", "proof"]

LAWS = ("convex", "prox_in_domain", "prox_optimal", "prox_fenchel_young", "fenchel_young", "biconjugate", "subgradient")


def proof() -> tuple[Fact, ...]:
    """Convexity, prox (the projection) and conjugate (r times the dual norm)."""
    return certificates(Ball(Opaque("norm", L2()), 2.0), 2, LAWS)
