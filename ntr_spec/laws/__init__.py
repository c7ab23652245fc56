"""What must hold, as data.

``EXACT_LAWS`` hold for real numbers, ``FLOAT_LAWS`` are about floating-point runs, ``CERTIFIED_LAWS`` about the LMOs of
iterative solvers and their certificates.
"""

from ntr_spec.laws.axioms import AXIOMS
from ntr_spec.laws.certified import CERTIFIED_LAWS
from ntr_spec.laws.claims import CLAIM_LAWS, CLAIMS
from ntr_spec.laws.constants import CONSTANTS
from ntr_spec.laws.duality import DUALITY
from ntr_spec.laws.floating import FLOAT_LAWS, FloatLaw
from ntr_spec.laws.law import Kind, Law, Quantifier, Relation
from ntr_spec.laws.projection import PROJECTION

EXACT_LAWS = AXIOMS + DUALITY + CONSTANTS + PROJECTION + CLAIMS

__all__ = [
    "AXIOMS",
    "CERTIFIED_LAWS",
    "CLAIMS",
    "CLAIM_LAWS",
    "CONSTANTS",
    "DUALITY",
    "EXACT_LAWS",
    "FLOAT_LAWS",
    "PROJECTION",
    "FloatLaw",
    "Kind",
    "Law",
    "Quantifier",
    "Relation",
]
