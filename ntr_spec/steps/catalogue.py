"""One or two instances of every regularizer of the library: what is verified when nothing else is named."""

from __future__ import annotations

from ntr_spec.norms.fibres import Mixed
from ntr_spec.norms.linear import Linear
from ntr_spec.norms.spectral import Nuclear, Spectral
from ntr_spec.norms.vector import L1, L2, LInf
from ntr_spec.steps.box import Box
from ntr_spec.steps.normed import Ball, Penalty
from ntr_spec.steps.product import Product
from ntr_spec.steps.regularizer import Regularizer
from ntr_spec.steps.simple import Origin, Ridge, Zero


def catalogue() -> tuple[tuple[str, Regularizer], ...]:
    """Names and instances, in the order of the documentation.

    >>> dict(catalogue())["Ridge"]
    Ridge(weight=2.0)
    """
    return (
        ("Zero", Zero()),
        ("Origin", Origin()),
        ("Ridge", Ridge(2.0)),
        ("Penalty", Penalty(L1(), 0.5)),
        ("Penalty L2", Penalty(L2(), 0.5)),
        ("Penalty group", Penalty(Mixed(L1(), L2(), axis=0), 0.5)),
        ("Penalty nuclear", Penalty(Nuclear(), 0.5)),
        ("Penalty without prox", Penalty(Linear(LInf(), [[1, 1], [0, 2]]), 0.5)),
        ("Ball", Ball(L2(), 2.0)),
        ("Ball L1", Ball(L1(), 2.0)),
        ("Ball LInf", Ball(LInf(), 2.0)),
        ("Ball spectral", Ball(Spectral(), 2.0)),
        ("Box", Box(0, [1, 2, 3])),
        ("Box orthant", Box(0)),
        ("Box support", Box(-1, 2).conjugate),
        ("Sum", Penalty(L1(), 0.5) + Ridge(2.0)),
        ("Sum conjugate", (Penalty(L1(), 0.5) + Ridge(2.0)).conjugate),
        ("Product", Product({"W": Penalty(L1(), 0.5), "b": Ridge(2.0)})),
    )
