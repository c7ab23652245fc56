"""``signum`` and ``lion``: steps along the sign, the geometry of ℓ_∞."""

from __future__ import annotations

from ntr_spec.algorithms.convention import Convention
from ntr_spec.algorithms.presets.decoupled import decoupled
from ntr_spec.algorithms.setting import Setting
from ntr_spec.algorithms.trust_region import TrustRegion
from ntr_spec.norms.leaves import PerLeaf
from ntr_spec.norms.vector import LInf


def signum(radius: Setting = 1e-3, momentum: Setting = 0.9, weight_decay: float = 0.0) -> TrustRegion:
    """m ← μm + (1−μ)g from zero; W ← (1−λη)W − η·sign(m), on every array of any pytree. μ = 0 is signSGD.

    Args:
        radius: η, a number or a schedule of the step.
        momentum: μ, the weight kept.
        weight_decay: λ.

    Raises:
        InputError: an argument is out of its range.

    Source: Bernstein et al., *signSGD: Compressed Optimisation for Non-Convex Problems* (2018); as optax.signum, and
    SignSGD of pytorch_optimizer.

    >>> import numpy as np
    >>> method = signum(radius=0.5)
    >>> state = method.update(method.init({"b": np.zeros(2)}), {"b": np.array([3.0, -0.1])})
    >>> state.x["b"].tolist()
    [-0.5, 0.5]
    """
    decay = decoupled("signum", weight_decay, radius)
    return TrustRegion(PerLeaf(LInf()), radius, momentum, decay, convention=Convention(start="zero"))


def lion(radius: Setting = 1e-4, beta1: Setting = 0.9, beta2: Setting = 0.99, weight_decay: float = 0.0) -> TrustRegion:
    """c = β₁m + (1−β₁)g; W ← (1−λη)W − η·sign(c); m ← β₂m + (1−β₂)g from zero, on every array of any pytree.

    Args:
        radius: η, a number or a schedule of the step.
        beta1: weight of the old momentum in the step.
        beta2: weight kept in the momentum.
        weight_decay: λ.

    Raises:
        InputError: an argument is out of its range.

    Source: Chen et al., *Symbolic Discovery of Optimization Algorithms* (2023); as optax.lion, whose default weight
    decay is 1e-3, and Lion of pytorch_optimizer.

    >>> import numpy as np
    >>> method = lion(radius=0.5)
    >>> state = method.update(method.init(np.zeros(2)), np.array([3.0, -0.1]))
    >>> state.x.tolist(), [round(m, 6) for m in state.momentum.tolist()]
    ([-0.5, 0.5], [0.03, -0.001])
    """
    decay = decoupled("lion", weight_decay, radius)
    return TrustRegion(PerLeaf(LInf()), radius, beta2, decay, convention=Convention(start="zero", blend=beta1))
