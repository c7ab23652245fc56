"""One update in any norm: the code of ``TrustRegion`` on a norm known by its laws only."""

from ntr_spec.algorithms import TrustRegion
from ntr_spec.norms.vector import L2
from ntr_spec.verify.kernel import Fact
from ntr_spec.verify.opaque import Opaque
from proofs.combinators import HYPOTHESES, certificates

__all__ = ["HYPOTHESES", "proof"]

PLAIN = ("first_momentum", "momentum_accumulates", "momentum_before_step")
STEP = ("step_optimal", "step_minimizes", "moves_at_most_radius", "scale_free_step", "next_query")
DECAY = ("decay_bounds_iterates", "decay_bounds_steps")


def proof() -> tuple[Fact, ...]:
    """Momentum, the step and what decay bounds, with extrapolation and without."""
    found: list[Fact] = []
    for extrapolation in (False, True):
        method = TrustRegion(Opaque("norm", L2()), 0.5, 0.9, 0.1, extrapolation=extrapolation)
        found += certificates(method, 2, (*STEP, *DECAY) if extrapolation else (*PLAIN, *STEP, *DECAY))
    return tuple(found)
