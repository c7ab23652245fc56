"""Solvers for the leading singular pair u₁, v₁ of a matrix, on which the LMOs of nuclear and Ky Fan norms rest.

A solver is a value that a norm carries, such as ``Nuclear(leading=Power())``, so that an approximate pair is always a
different norm object from the exact one.
"""

from ntr_spec.norms.leading.base import CertifiedPair, Leading
from ntr_spec.norms.leading.full_svd import FullSVD
from ntr_spec.norms.leading.lanczos import Lanczos
from ntr_spec.norms.leading.power import Power

__all__ = ["CertifiedPair", "FullSVD", "Lanczos", "Leading", "Power"]
