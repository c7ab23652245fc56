"""Renaming entries: the code of ``Reshaped`` on a norm known by its laws only."""

from ntr_spec.norms.spectral import Spectral
from ntr_spec.norms.transforms import Reshaped
from ntr_spec.verify.kernel import Fact
from ntr_spec.verify.opaque import Opaque
from proofs.combinators import DUALITY, HYPOTHESES, PROJECTION, certificates

__all__ = ["HYPOTHESES", "proof"]


def proof() -> tuple[Fact, ...]:
    """Axioms, LMO, Hölder, bidual and projection of a 2×2×1 array read as a matrix."""
    laws = (*DUALITY, *PROJECTION, "absolute")
    return certificates(Reshaped(Opaque("norm", Spectral()), (2, -1)), (2, 2, 1), laws)
