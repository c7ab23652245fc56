"""Norms as objects: value, dual norm, linear minimization oracle, projection and ρ."""

from ntr_spec.norms import leading, polar
from ntr_spec.norms.base import Norm, SupportFunction
from ntr_spec.norms.blocks import Product
from ntr_spec.norms.catalogue import catalogue
from ntr_spec.norms.certificate import Certificate
from ntr_spec.norms.claims import Claim
from ntr_spec.norms.ellipsoid import Ellipsoidal
from ntr_spec.norms.fibres import Mixed, Stacked
from ntr_spec.norms.leaves import PerLeaf
from ntr_spec.norms.linear import Linear
from ntr_spec.norms.matrix import Frobenius, RMSOperator, RMSOperatorDual
from ntr_spec.norms.shaped import ShapeScaled
from ntr_spec.norms.sorted import OWL, OWLDual, TopK, TopKDual
from ntr_spec.norms.spectral import KyFan, Nuclear, Schatten, SingularValueNorm, Spectral, UnitarilyInvariant
from ntr_spec.norms.transforms import Reshaped, Scaled, Weighted
from ntr_spec.norms.vector import L1, L2, LInf, Lp

__all__ = [
    "L1",
    "L2",
    "OWL",
    "Certificate",
    "Claim",
    "Ellipsoidal",
    "Frobenius",
    "KyFan",
    "LInf",
    "Linear",
    "Lp",
    "Mixed",
    "Norm",
    "Nuclear",
    "OWLDual",
    "PerLeaf",
    "Product",
    "RMSOperator",
    "RMSOperatorDual",
    "Reshaped",
    "Scaled",
    "Schatten",
    "ShapeScaled",
    "SingularValueNorm",
    "Spectral",
    "Stacked",
    "SupportFunction",
    "TopK",
    "TopKDual",
    "UnitarilyInvariant",
    "Weighted",
    "catalogue",
    "leading",
    "polar",
]
