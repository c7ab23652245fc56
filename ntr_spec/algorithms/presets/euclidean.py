"""``normalized_sgd``: steps of fixed Euclidean length along the momentum."""

from __future__ import annotations

from ntr_spec.algorithms.convention import Convention
from ntr_spec.algorithms.presets.decoupled import decoupled
from ntr_spec.algorithms.setting import Setting
from ntr_spec.algorithms.trust_region import TrustRegion
from ntr_spec.norms.leaves import PerLeaf
from ntr_spec.norms.vector import L2, LInf


def normalized_sgd(
    radius: Setting = 1e-2, momentum: Setting = 0.9, weight_decay: float = 0.0, per_tensor: bool = False
) -> TrustRegion:
    """m ← μm + (1−μ)g from zero; W ← (1−λη)W − η·m/‖m‖₂, the length that of all arrays of the pytree together.

    Args:
        radius: η, a number or a schedule of the step.
        momentum: μ, the weight kept.
        weight_decay: λ.
        per_tensor: divide each array by its own length instead.

    Raises:
        InputError: an argument is out of its range.

    Source: Cutkosky and Mehta, *Momentum Improves Normalized SGD* (2020); as optax.ema followed by
    optax.contrib.normalize, but that a zero momentum moves nothing where theirs is NaN.

    >>> import numpy as np
    >>> method = normalized_sgd(radius=5.0, momentum=0.0)
    >>> state = method.init([np.zeros(1), np.zeros(1)])
    >>> [x.tolist() for x in method.update(state, [np.array([3.0]), np.array([4.0])]).x]
    [[-3.0], [-4.0]]
    """
    norm = PerLeaf(L2(), outer=LInf() if per_tensor else L2())
    decay = decoupled("normalized_sgd", weight_decay, radius)
    return TrustRegion(norm, radius, momentum, decay, convention=Convention(start="zero"))
