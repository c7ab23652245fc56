"""Norms as objects: value, dual norm, linear minimization oracle, projection and ρ."""

from ntr_spec.norms.base import Norm, SupportFunction
from ntr_spec.norms.claims import Claim
from ntr_spec.norms.vector import L1, L2, LInf, Lp

__all__ = ["L1", "L2", "Claim", "LInf", "Lp", "Norm", "SupportFunction"]
