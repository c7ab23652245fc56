"""One or two instances of every norm of the library: what is verified when nothing else is named."""

from __future__ import annotations

from ntr_spec.norms.base import Norm
from ntr_spec.norms.blocks import Product
from ntr_spec.norms.ellipsoid import Ellipsoidal
from ntr_spec.norms.fibres import Mixed, Stacked
from ntr_spec.norms.leaves import PerLeaf
from ntr_spec.norms.linear import Linear
from ntr_spec.norms.matrix import Frobenius, RMSOperator, RMSOperatorDual
from ntr_spec.norms.polar import PolarExpress
from ntr_spec.norms.shaped import ShapeScaled
from ntr_spec.norms.sorted import OWL, OWLDual, TopK, TopKDual
from ntr_spec.norms.spectral import KyFan, Nuclear, Schatten, SingularValueNorm, Spectral
from ntr_spec.norms.transforms import Reshaped, Scaled, Weighted
from ntr_spec.norms.vector import L1, L2, LInf, Lp


def catalogue() -> tuple[tuple[str, Norm], ...]:
    """Names and instances, in the order of the documentation.

    >>> dict(catalogue())["TopK"]
    TopK(k=2)
    """
    return (
        ("L1", L1()),
        ("L2", L2()),
        ("LInf", LInf()),
        ("Lp", Lp(3)),
        ("TopK", TopK(2)),
        ("TopKDual", TopKDual(2)),
        ("OWL", OWL([3, 2, 1])),
        ("OWLDual", OWLDual([3, 2, 1])),
        ("Ellipsoidal", Ellipsoidal([[2, 1], [1, 3]])),
        ("Spectral", Spectral()),
        ("Nuclear", Nuclear()),
        ("Spectral certified", Spectral(polar=PolarExpress())),
        ("Frobenius", Frobenius()),
        ("Schatten", Schatten(3)),
        ("KyFan", KyFan(2)),
        ("SingularValueNorm", SingularValueNorm(TopKDual(2))),
        ("RMSOperator", RMSOperator()),
        ("RMSOperatorDual", RMSOperatorDual()),
        ("Scaled", Scaled(LInf(), 0.1)),
        ("Weighted", Weighted(L1(), [1, 2, 4])),
        ("Linear", Linear(LInf(), [[1, 1], [0, 2]])),
        ("Reshaped", Reshaped(Spectral(), (2, -1))),
        ("ShapeScaled", ShapeScaled(Spectral(), "max(1, out/in)")),
        ("Mixed", Mixed(LInf(), L1(), axis=1)),
        ("Mixed group", Mixed(L1(), L2(), axis=0)),
        ("Stacked", Stacked(Spectral())),
        ("Product", Product({"W": Spectral(), "b": LInf()})),
        ("Product sum", Product({"u": LInf(), "v": L1()}, outer=L1())),
        ("PerLeaf", PerLeaf(LInf())),
    )
