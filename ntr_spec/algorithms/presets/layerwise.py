"""``scion``: a norm for each layer, with or without the constraint that the weights stay in its ball."""

from __future__ import annotations

from ntr_spec.algorithms.convention import Convention
from ntr_spec.algorithms.presets.decoupled import decoupled
from ntr_spec.algorithms.setting import Setting, check_setting
from ntr_spec.algorithms.trust_region import TrustRegion
from ntr_spec.errors import InputError
from ntr_spec.norms.base import Norm
from ntr_spec.norms.blocks import Product
from ntr_spec.trees import Tree, is_container


def scion(
    norms: Norm | Tree,
    radius: Setting = 1e-3,
    momentum: Setting = 0.9,
    constrained: bool = False,
    weight_decay: float = 0.0,
) -> TrustRegion:
    """m ← μm + (1−μ)g from zero; W ← W + η·lmo(m), or with ``constrained`` W ← (1−η)W + η·lmo(m).

    Constrained, it is a stochastic Frank–Wolfe method on the unit ball of the norm: weights that begin inside stay
    inside. The norms' own radii ρ say how large that ball is for each layer.

    Args:
        norms: a norm for each block of the parameters, such as ``{"W": layers.spectral(50), "b": layers.bias()}`` or
            :func:`layers.auto` of the parameters; or one norm of the whole.
        radius: η, a number or a schedule of the step; Scion's learning rate.
        momentum: μ, the weight kept; Scion's own argument of this name is 1 − μ.
        constrained: whether weights shrink by 1 − η before each step.
        weight_decay: λ, for the unconstrained method: W ← (1−λη)W + η·lmo(m).

    Raises:
        InputError: an argument is out of its range, or both constrained and a weight decay were asked for.

    Source: Pethick et al., *Training Deep Learning Models with Norm-Constrained LMOs* (2025); as LIONS-EPFL/scion
    (scion.py at fed3b0e), and SCION of pytorch_optimizer.

    >>> import numpy as np
    >>> from ntr_spec.algorithms.presets import layers
    >>> method = scion({"b": layers.bias(), "head": layers.sign(10.0)}, radius=0.5, constrained=True)
    >>> x = {"b": np.array([1.0, 1.0]), "head": np.zeros((1, 2))}
    >>> state = method.update(method.init(x), {"b": np.array([2.0, -2.0]), "head": np.array([[1.0, -1.0]])})
    >>> state.x["b"].tolist(), state.x["head"].tolist()
    ([0.0, 1.0], [[-2.5, 2.5]])
    """
    norm = Product(norms) if is_container(norms) else norms
    if constrained and weight_decay:
        raise InputError("scion: constrained is a decay of its own, the radius; drop the weight decay")
    if constrained:
        check_setting("scion", "decay", radius)
    decay = radius if constrained else decoupled("scion", weight_decay, radius)
    return TrustRegion(norm, radius, momentum, decay, convention=Convention(start="zero"))
