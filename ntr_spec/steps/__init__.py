"""One step of the method: regularizers R, and argmin{⟨m, x⟩ + R(x) : ‖x − center‖ ≤ radius} with a certificate."""

from ntr_spec.steps.box import Box
from ntr_spec.steps.conjugate import fenchel_gap
from ntr_spec.steps.normed import Ball, Penalty
from ntr_spec.steps.product import Product, as_regularizer
from ntr_spec.steps.regularizer import Bound, Regularizer
from ntr_spec.steps.simple import Origin, Ridge, Zero
from ntr_spec.steps.step import Step, trust_region_step
from ntr_spec.steps.sums import Sum

__all__ = [
    "Ball",
    "Bound",
    "Box",
    "Origin",
    "Penalty",
    "Product",
    "Regularizer",
    "Ridge",
    "Step",
    "Sum",
    "Zero",
    "as_regularizer",
    "fenchel_gap",
    "trust_region_step",
]
