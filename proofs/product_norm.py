"""φ over the norms of blocks, φ absolute: the code of ``Product`` and ``Stacked`` on norms known by their laws only.

With φ = ℓ_∞, where the LMO is every block's own; and with any absolute φ, which is then monotone (Horn and
Johnson, 5.5.10).
"""

from ntr_spec.norms.blocks import Product
from ntr_spec.norms.fibres import Stacked
from ntr_spec.norms.vector import L1, LInf
from ntr_spec.verify.kernel import Fact
from ntr_spec.verify.opaque import Opaque
from proofs.combinators import HYPOTHESES, PRIMAL, PROJECTION, certificates

__all__ = ["HYPOTHESES", "proof"]


def proof() -> tuple[Fact, ...]:
    """Axioms, LMO and Hölder; the bidual law is feasibility and attainment for the dual product, which is again one."""
    blocks = {"u": Opaque("u", L1()), "v": Opaque("v", LInf())}
    shape = {"u": 2, "v": 1}
    found: list[Fact] = []
    for outer in (LInf(), Opaque("outer", L1())):
        found += certificates(Product(blocks, outer), shape, (*PRIMAL, "absolute"))
        found += certificates(Stacked(Opaque("norm", L1()), outer), (2, 2), (*PRIMAL, "absolute"))
    # With φ = ℓ_∞ the ball is a product of balls, and so is its projection.
    found += certificates(Product(blocks, LInf()), shape, PROJECTION)
    found += certificates(Stacked(Opaque("norm", L1()), LInf()), (2, 2), PROJECTION)
    return tuple(found)
