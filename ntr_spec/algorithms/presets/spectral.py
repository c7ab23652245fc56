"""``muon`` in the flavours of its four best known implementations.

With m the momentum, u what the step is taken along, O ≈ U·Vᵀ its approximate polar factor and s a factor of the shape:
W ← (1 − λη)W − η·s·O(u). The flavours differ in m, u, s and in how ‖u‖_F is kept from zero.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Literal, final

from ntr_spec.algorithms.convention import Convention
from ntr_spec.algorithms.presets.decoupled import decoupled
from ntr_spec.algorithms.setting import Setting
from ntr_spec.algorithms.trust_region import TrustRegion
from ntr_spec.errors import InputError
from ntr_spec.norms.base import Norm
from ntr_spec.norms.leaves import PerLeaf
from ntr_spec.norms.polar import NewtonSchulz, Polar
from ntr_spec.norms.shaped import Scale, ShapeScaled
from ntr_spec.norms.spectral import Spectral

Name = Literal["jordan", "torch", "moonlight", "optax"]


@final
@dataclasses.dataclass(frozen=True)
class Flavour:
    """What one implementation of Muon does.

    Attributes:
        convention: how it keeps momentum, with Nesterov's step.
        polar: its Newton–Schulz iteration, with the guard that it puts on ‖u‖_F; in the arrays' own precision.
        square: s², the factor of the shape.
        factor: in front of the root.
        out_axis: where a weight has its outputs.
        source: what it was read from.
    """

    convention: Convention
    polar: Polar
    square: Scale
    factor: float
    out_axis: Literal[0, -1]
    source: str


_AVERAGE = Convention(start="zero", nesterov=True)

FLAVOURS: Mapping[str, Flavour] = {
    "jordan": Flavour(
        _AVERAGE,
        NewtonSchulz(eps=1e-7, feasible=False),
        "max(1, out/in)",
        1.0,
        0,
        "KellerJordan/Muon, muon.py at 00ba60d",
    ),
    "torch": Flavour(
        _AVERAGE, NewtonSchulz(eps=1e-7, guard="max", feasible=False), "max(1, out/in)", 1.0, 0, "torch.optim.Muon"
    ),
    "moonlight": Flavour(
        Convention(accumulate="sum", start="zero", nesterov=True),
        NewtonSchulz(eps=1e-7, feasible=False),
        "max(out, in)",
        0.2,
        0,
        "MoonshotAI/Moonlight, examples/toy_train.py at abaa96e",
    ),
    "optax": Flavour(
        Convention(start="zero", nesterov=True, bias_correction=True),
        NewtonSchulz(eps=1e-8, feasible=False),
        "max(1, out/in)",
        1.0,
        -1,
        "optax.contrib.muon",
    ),
}


def muon(
    radius: Setting = 0.02,
    momentum: Setting = 0.95,
    nesterov: bool = True,
    weight_decay: float = 0.0,
    flavour: Name = "jordan",
    polar: Polar | None = None,
    consistent_rms: float | None = None,
    norm: Norm | None = None,
) -> TrustRegion:
    """W ← (1 − λη)W − η·s·O(u) on every matrix of any pytree; u is the momentum, or Nesterov's look ahead.

    ``"jordan"``: m ← μm + (1−μ)g; u = μm + (1−μ)g; O of u/(‖u‖_F + 1e-7); s = √max(1, out/in).
    ``"torch"``: the same, O of u/max(‖u‖_F, 1e-7).
    ``"moonlight"``: m ← μm + g; u = μm + g; s = 0.2·√max(out, in).
    ``"optax"``: ``"jordan"`` with bias corrections, 1e-8 in place of 1e-7, and weights that are in×out.

    Convolution kernels are matrices out×(in·kh·kw), also where s is computed; some of the implementations read other
    axes there. The implementations iterate in bfloat16 on torch; here the precision is that of the arrays unless the
    solver says otherwise. Their guards make the step depend on the gradient's scale; ``polar=NewtonSchulz()`` and
    ``polar=SVD()`` have none.

    Args:
        radius: η, a number or a schedule of the step.
        momentum: μ, the weight kept.
        nesterov: whether the step looks one gradient ahead.
        weight_decay: λ.
        flavour: whose conventions.
        polar: the solver for U·Vᵀ; None: the flavour's Newton–Schulz.
        consistent_rms: c for s = c·√max(out, in): 0.2 is torch's ``adjust_lr_fn="match_rms_adamw"``.
        norm: for pytrees that hold more than matrices, a norm of the whole, such as
            ``Product({"W": muon_norm("jordan"), "b": LInf()})``; None: :func:`muon_norm` on every leaf.

    Raises:
        InputError: an argument is out of its range; when run, a leaf is no matrix.

    Source: Jordan et al., *Muon: An optimizer for hidden layers in neural networks* (2024); Liu et al., *Muon is
    Scalable for LLM Training* (2025).

    >>> import numpy as np
    >>> from ntr_spec import polar
    >>> method = muon(radius=0.5, polar=polar.SVD())
    >>> state = method.update(method.init(np.eye(2)), np.array([[0.0, 3.0], [-4.0, 0.0]]))
    >>> (np.round(state.x, 6) + 0.0).tolist()
    [[1.0, -0.5], [0.5, 1.0]]
    """
    if norm is None:
        norm = PerLeaf(muon_norm(flavour, polar, consistent_rms))
    elif polar is not None or consistent_rms is not None:
        raise InputError("muon: a norm was given, so polar and consistent_rms have no say; give them to muon_norm")
    convention = dataclasses.replace(_flavour(flavour).convention, nesterov=nesterov)
    return TrustRegion(norm, radius, momentum, decoupled("muon", weight_decay, radius), convention=convention)


def muon_norm(flavour: Name = "jordan", polar: Polar | None = None, consistent_rms: float | None = None) -> ShapeScaled:
    """σ₁(X)/s, the norm of one weight in which Muon's step is the LMO. The arguments are those of :func:`muon`.

    >>> from ntr_spec import polar
    >>> norm = muon_norm("moonlight", polar=polar.SVD())
    >>> str(norm), norm.scale((25, 4))
    ('‖σ(x)‖_∞/((1/5)·√max(out, in))', 1.0)
    """
    how = _flavour(flavour)
    square, factor = (how.square, how.factor) if consistent_rms is None else ("max(out, in)", consistent_rms)
    return ShapeScaled(Spectral(how.polar if polar is None else polar), square, factor, how.out_axis)


def _flavour(name: object) -> Flavour:
    if not isinstance(name, str) or name not in FLAVOURS:
        raise InputError(f"muon: expected a flavour among {', '.join(map(repr, FLAVOURS))}, got {name!r}")
    return FLAVOURS[name]
