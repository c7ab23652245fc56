"""The norms that Scion gives to layers, by kind: each is that norm whose LMO is Scion's direction.

A weight is out×in, as in torch. ``radius`` ρ is the size of the unit ball: with ``constrained`` a layer stays within
{‖W‖ ≤ ρ} of the norm as it is usually written. Reference: Pethick et al., *Training Deep Learning Models with
Norm-Constrained LMOs* (2025).
"""

from __future__ import annotations

from typing import Any, Literal

from ntr_spec.norms.base import Norm
from ntr_spec.norms.fibres import Mixed
from ntr_spec.norms.polar import NewtonSchulz, Polar
from ntr_spec.norms.shaped import Scale, ShapeScaled
from ntr_spec.norms.spectral import Spectral
from ntr_spec.norms.vector import L2, LInf
from ntr_spec.trees import Tree, tree_map

_PEER = NewtonSchulz(eps=1e-7, feasible=False)


def spectral(
    radius: float = 1.0, kind: Literal["hidden", "at least 1", "first"] = "hidden", polar: Polar = _PEER
) -> ShapeScaled:
    """σ₁(W)/(ρs): direction −ρs·UVᵀ, s = √(out/in), max(1, √(out/in)) or, for a first layer, √out.

    >>> spectral(2.0).scale((9, 1))
    6.0
    """
    squares: dict[str, Scale] = {"hidden": "out/in", "at least 1": "max(1, out/in)", "first": "out"}
    return ShapeScaled(Spectral(polar), squares[kind], radius)


def convolution(radius: float = 1.0, polar: Polar = _PEER) -> ShapeScaled:
    """σ₁ of the kernel as out×(in·kh·kw), over ρ·√(out/in)/(kh·kw): direction −ρ·√(out/in)/(kh·kw)·UVᵀ.

    >>> convolution().scale((8, 2, 2, 2))
    0.5
    """
    return ShapeScaled(Spectral(polar), "conv", radius)


def sign(radius: float = 1.0, normalized: bool = True) -> ShapeScaled:
    """in·max|wᵢⱼ|/ρ: direction −ρ·sign(G)/in; not ``normalized``, without in. For last layers.

    >>> import numpy as np
    >>> sign().lmo(np.array([[2.0, -1.0]])).tolist()
    [[-0.5, 0.5]]
    """
    return ShapeScaled(LInf(), "1/in²" if normalized else "1", radius)


def column(radius: float = 1.0, normalized: bool = False) -> ShapeScaled:
    """maxⱼ‖w_{:,j}‖₂/(ρ√out): direction −ρ√out·g_{:,j}/‖g_{:,j}‖₂; ``normalized``, over in. For first layers.

    >>> import numpy as np
    >>> column().lmo(np.array([[3.0], [4.0], [0.0], [0.0]])).ravel().tolist()
    [-1.2, -1.6, -0.0, -0.0]
    """
    return ShapeScaled(Mixed(LInf(), L2(), axis=0), "out/in²" if normalized else "out", radius)


def row(radius: float = 1.0, normalized: bool = True) -> ShapeScaled:
    """maxᵢ √in·‖w_{i,:}‖₂/ρ: direction −ρ·g_{i,:}/(√in·‖g_{i,:}‖₂); not ``normalized``, without √in.

    >>> import numpy as np
    >>> row().lmo(np.array([[3.0, 4.0, 0.0, 0.0]])).tolist()
    [[-0.3, -0.4, -0.0, -0.0]]
    """
    return ShapeScaled(Mixed(LInf(), L2(), axis=1), "1/in" if normalized else "1", radius)


def bias(radius: float = 1.0) -> ShapeScaled:
    """rms(b)/ρ: direction −ρ·g/rms(g).

    >>> import numpy as np
    >>> bias().lmo(np.array([3.0, -3.0])).tolist()
    [-1.0, 1.0]
    """
    return ShapeScaled(L2(), "out", radius)


def auto(params: Tree, radius: float = 1.0, polar: Polar = _PEER) -> Tree:
    """A norm for each array by its number of axes: :func:`bias`, :func:`spectral`, :func:`convolution` from 3 on.

    Args:
        params: the pytree of parameters, of which only shapes are read.
        radius: ρ.
        polar: the solver for U·Vᵀ.

    >>> import numpy as np
    >>> [norm.square for norm in auto([np.ones((2, 2)), np.ones(2), np.ones((2, 2, 3, 3))])]
    ['out/in', 'out', 'conv']
    """

    def choose(leaf: Any) -> Norm:
        if leaf.ndim < 2:
            return bias(radius)
        return spectral(radius, polar=polar) if leaf.ndim == 2 else convolution(radius, polar)

    return tree_map(choose, params)
