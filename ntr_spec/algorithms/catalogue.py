"""A few instances of the method in different geometries: what is verified when nothing else is named."""

from __future__ import annotations

from ntr_spec.algorithms.convention import Convention
from ntr_spec.algorithms.method import Method
from ntr_spec.algorithms.trust_region import TrustRegion
from ntr_spec.norms.spectral import Spectral
from ntr_spec.norms.vector import L1, L2, LInf
from ntr_spec.steps.normed import Penalty


def catalogue() -> tuple[tuple[str, Method], ...]:
    """Names and instances, in the order of the documentation.

    >>> [name for name, _ in catalogue()][0]
    'TrustRegion'
    """
    return (
        ("TrustRegion", TrustRegion(L2(), radius=0.1)),
        ("TrustRegion LInf", TrustRegion(LInf(), radius=0.1, decay=0.25)),
        ("TrustRegion spectral", TrustRegion(Spectral(), radius=0.1, momentum=0.5, extrapolation=True)),
        (
            "TrustRegion Nesterov",
            TrustRegion(LInf(), radius=0.1, convention=Convention(accumulate="sum", start="zero", nesterov=True)),
        ),
        ("TrustRegion composite", TrustRegion(LInf(), radius=0.1, regularizer=Penalty(L1(), 0.5))),
    )
