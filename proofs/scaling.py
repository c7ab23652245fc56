"""c·n(x) for any norm n: the code of ``Scaled`` run on a norm of which nothing is known but its laws."""

from ntr_spec.norms.transforms import Scaled
from ntr_spec.norms.vector import L1
from ntr_spec.verify.kernel import Fact
from ntr_spec.verify.opaque import Opaque
from proofs.combinators import DUALITY, HYPOTHESES, PROJECTION, certificates

__all__ = ["HYPOTHESES", "proof"]


def proof() -> tuple[Fact, ...]:
    """Axioms, LMO, Hölder, bidual and projection, each from the norm's own; at c = 3 and c = 1/10."""
    laws = (*DUALITY, *PROJECTION)
    return tuple(fact for c in (3, 0.1) for fact in certificates(Scaled(Opaque("norm", L1()), c), 2, laws))
