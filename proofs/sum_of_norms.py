"""x ↦ a(x) + b(x) has the dual g ↦ min{max(a_*(g₁), b_*(g₂)) : g₁ + g₂ = g}: the ℓ₁-product on the diagonal."""

from ntr_spec.norms.vector import L1
from ntr_spec.verify.kernel import Fact
from proofs.max_of_norms import HYPOTHESES, duality

__all__ = ["HYPOTHESES", "proof"]


def proof() -> tuple[Fact, ...]:
    """φ = ℓ₁."""
    return duality(L1())
