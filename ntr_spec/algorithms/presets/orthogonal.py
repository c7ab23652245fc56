"""``orthogonal_sgdm``: momentum on orthogonalised gradients, the contrast to Muon."""

from __future__ import annotations

from ntr_spec.algorithms.contrast import MomentumAfterLMO
from ntr_spec.algorithms.presets.decoupled import decoupled
from ntr_spec.algorithms.setting import Setting
from ntr_spec.norms.leaves import PerLeaf
from ntr_spec.norms.polar import SVD, Polar
from ntr_spec.norms.shaped import ShapeScaled
from ntr_spec.norms.spectral import Spectral


def orthogonal_sgdm(
    radius: Setting = 0.02,
    momentum: Setting = 0.9,
    weight_decay: float = 0.0,
    polar: Polar = SVD(),  # noqa: B008 (immutable)
) -> MomentumAfterLMO:
    """M ← μM + UVᵀ of the gradient, from zero; W ← (1−λη)W − ηM, on every matrix of any pytree. A CONTRAST.

    The LMO comes before the momentum, so no theorem here covers it; compare it with :func:`muon`.

    Args:
        radius: η, a number or a schedule of the step.
        momentum: μ, the weight kept.
        weight_decay: λ.
        polar: the solver for U·Vᵀ.

    Raises:
        InputError: an argument is out of its range; when run, a leaf is no matrix.

    Source: Tuddenham, Prügel-Bennett and Hare, *Orthogonalising gradients to speed up neural network optimisation*
    (2022); [Kovalev25], Appendix B.

    >>> import numpy as np
    >>> method = orthogonal_sgdm(radius=1.0, momentum=0.5)
    >>> state = method.init(np.zeros((1, 1)))
    >>> for g in (100.0, -1e-9):
    ...     state = method.update(state, np.array([[g]]))
    >>> round(state.x.item(), 6), round(state.momentum.item(), 6)
    (-0.5, 0.5)
    """
    norm = PerLeaf(ShapeScaled(Spectral(polar)))
    return MomentumAfterLMO(norm, radius, momentum, decoupled("orthogonal_sgdm", weight_decay, radius))
