"""Solvers for the polar factor U·Vᵀ of a matrix, on which the spectral norm's LMO rests, each with a certificate.

A solver is a value that a norm carries, such as ``Spectral(polar=SVD())``, so that an approximate factor is always a
different norm object from the exact one.
"""

from ntr_spec.norms.polar.auto import Auto
from ntr_spec.norms.polar.base import Certified, Polar
from ntr_spec.norms.polar.gram_eigh import GramEigh
from ntr_spec.norms.polar.newton_schulz import DION, MUON, NewtonSchulz
from ntr_spec.norms.polar.polar_express import PolarExpress
from ntr_spec.norms.polar.qdwh import QDWH
from ntr_spec.norms.polar.svd import SVD

__all__ = ["DION", "MUON", "QDWH", "SVD", "Auto", "Certified", "GramEigh", "NewtonSchulz", "Polar", "PolarExpress"]
