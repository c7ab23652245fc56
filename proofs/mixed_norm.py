"""φ over the norms of an array's fibres, φ absolute: the code of ``Mixed`` on norms known by their laws only."""

from ntr_spec.norms.fibres import Mixed
from ntr_spec.norms.vector import L1, L2, LInf
from ntr_spec.verify.kernel import Fact
from ntr_spec.verify.opaque import Opaque
from proofs.combinators import HYPOTHESES, PRIMAL, PROJECTION, certificates

__all__ = ["HYPOTHESES", "proof"]


def proof() -> tuple[Fact, ...]:
    """Axioms, LMO and Hölder, with φ = ℓ_∞ along one axis and with any absolute φ along the other."""
    inner = Opaque("inner", L2())
    found: list[Fact] = []
    for axis, outer in ((0, LInf()), (1, Opaque("outer", L1()))):
        found += certificates(Mixed(outer, inner, axis), (2, 2), (*PRIMAL, "absolute"))
    return (*found, *certificates(Mixed(LInf(), inner, 0), (2, 2), PROJECTION))  # slice by slice
