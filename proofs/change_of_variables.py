"""n(Ax) for any norm n and an invertible A: the code of ``Linear`` and ``Weighted`` on a norm known by its laws only.

A is a matrix of unknown invertible kind to the lemma; here the code runs at a shear with unequal diagonal
and at weights.
"""

from ntr_spec.norms.linear import Linear
from ntr_spec.norms.transforms import Weighted
from ntr_spec.norms.vector import L1
from ntr_spec.verify.kernel import Fact
from ntr_spec.verify.opaque import Opaque
from proofs.combinators import DUALITY, HYPOTHESES, certificates

__all__ = ["HYPOTHESES", "proof"]

MATRICES = ([[1, 1], [0, 2]], [[2, -1, 0], [1, 3, 1], [0, 0.5, 1]])


def proof() -> tuple[Fact, ...]:
    """Axioms, LMO, Hölder and bidual, with A and with its inverse transpose."""
    found: list[Fact] = []
    for inverse in (False, True):
        for matrix in MATRICES:
            found += certificates(Linear(Opaque("norm", L1()), matrix, inverse), len(matrix), DUALITY)
        found += certificates(Weighted(Opaque("norm", L1()), [1, 0.5, 3], inverse), 3, (*DUALITY, "absolute"))
    return tuple(found)
