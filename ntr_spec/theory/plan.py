"""``Plan``: parameters of the method and the number of steps that they are for."""

from __future__ import annotations

import dataclasses
from typing import Any, final

from ntr_spec.algorithms import TrustRegion
from ntr_spec.norms.base import Norm
from ntr_spec.steps import Regularizer, Zero
from ntr_spec.theory.arithmetic import Number


@final
@dataclasses.dataclass(frozen=True)
class Plan:
    """What to run.

    Attributes:
        radius: η.
        momentum: the weight kept, 1 − α.
        decay: β.
        extrapolation: whether gradients are taken ahead.
        steps: K, the number of updates.

    >>> import ntr_spec as ntr
    >>> Plan(0.1, 0.9, 0.0, False, 50).method(ntr.LInf())
    TrustRegion(norm=LInf(), radius=0.1)
    """

    radius: Number
    momentum: Number
    decay: Number
    extrapolation: bool
    steps: Any

    @property
    def alpha(self) -> Number:
        """α, the weight of the new gradient."""
        return 1 - self.momentum

    def method(self, norm: Norm, regularizer: Regularizer = Zero()) -> TrustRegion:  # noqa: B008 (immutable)
        """The method with these parameters."""
        return TrustRegion(
            norm,
            radius=self.radius,
            momentum=self.momentum,
            decay=self.decay,
            extrapolation=self.extrapolation,
            regularizer=regularizer,
        )
