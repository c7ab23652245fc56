"""sup{‖u‖_r : ‖u‖ ≤ 1}, r ≥ 2: how far the unit ball of a norm reaches in ℓ_r. At r = 2 it is ρ, at r = 3 it gives H.

For f = Σφ(xᵢ) with sup|φ‴| = M attained with both signs, H = M·reach₃³ is the least H in A4, in every norm:
|Σsᵢuᵢ²wᵢ| ≤ ‖u‖₃²‖w‖₃ for |sᵢ| ≤ 1 (Hölder), with equality at w = u, sᵢ = sign(uᵢ).

As ‖·‖_r is convex, the supremum is attained at extreme points of the ball: corners ±eᵢ of ℓ₁, sign vectors of ℓ_∞, sign
vectors of k or n entries for top-k norms, sorted weights for OWL. Matrices: Σ|uᵢⱼ|^r ≤ Σⱼ((UᵀU)ⱼⱼ)^{r/2} ≤ Σσᵢ^r for
r ≥ 2 by Schur's majorization, with equality for diagonal U: a unitarily invariant norm reaches as far as its gauge.
References: Hardy, Littlewood and Pólya, *Inequalities*, 2.8; Horn and Johnson, *Matrix Analysis*, 4.3.45.
"""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np

from ntr_spec.norms.base import Norm
from ntr_spec.norms.ellipsoid import Ellipsoidal
from ntr_spec.norms.linear import Linear
from ntr_spec.norms.matrix import Frobenius, RMSOperator, RMSOperatorDual
from ntr_spec.norms.shaped import ShapeScaled
from ntr_spec.norms.sorted import OWL, OWLDual, TopK, TopKDual
from ntr_spec.norms.spectral import UnitarilyInvariant
from ntr_spec.norms.transforms import Reshaped, Scaled, Weighted
from ntr_spec.norms.vector import L1, L2, LInf, Lp
from ntr_spec.problems.parts import parts
from ntr_spec.trees import Shape, Tree, leaves

Array = Any

_LARGEST_SIGN_CUBE = 12


def reach(norm: Norm, shape: Tree, r: float) -> float | None:
    """sup{‖u‖_r : ‖u‖ ≤ 1} over points of a shape, r ≥ 2; None where it is not known.

    >>> from ntr_spec import Spectral
    >>> reach(LInf(), Shape((8,)), 3), reach(Spectral(), Shape((8, 9)), 3)
    (2.0, 2.0)
    """
    found = parts(norm, shape)
    if found is not None:
        # ‖x‖_r is that of (‖x_b‖_r)_b over the parts, and ‖x_b‖_r ≤ reach_b·‖x_b‖ is attained in each of them apart.
        outer, inside = found
        known = [far for far in (reach(part.norm, part.shape, r) for part in inside) if far is not None]
        return weighted_reach(outer, np.asarray(known), r) if len(known) == len(inside) else None
    match norm:
        case Scaled():
            return _times(reach(norm.norm, shape, r), 1 / float(norm.c))
        case Reshaped():
            return reach(norm.norm, Shape(norm._resolved(shape.size) or ()), r)
        case ShapeScaled():
            s = norm.scale(shape)
            return _times(reach(norm.norm, Shape(norm._dims(shape.dims)), r), 1 / s if norm.inverse else s)
        case UnitarilyInvariant():
            return reach(norm.gauge, Shape((min(shape.dims),)), r)
        case RMSOperator():
            return math.pow(min(shape.dims), 1 / r) * math.sqrt(shape.dims[0] / shape.dims[1])
        case RMSOperatorDual():
            return math.sqrt(shape.dims[1] / shape.dims[0])
        case Linear():
            return _linear(norm, r)
        case Ellipsoidal() if not np.any(norm.P.host - np.diag(np.diagonal(norm.P.host))):
            d = np.sqrt(np.diagonal(norm.P.host))
            return float(np.max(d if norm.inverse else 1 / d))
    return weighted_reach(norm, np.ones(sum(s.size for s in leaves(shape))), r)


def weighted_reach(norm: Norm, s: Array, r: float) -> float | None:
    """sup{‖s∘u‖_r : ‖u‖ ≤ 1} for s ≥ 0 and a norm of vectors, r ≥ 2; None where it is not known."""
    ordered = np.sort(s)[::-1]
    reached = np.cumsum(ordered**r) ** (1 / r)  # ‖s‖_r of the k largest, k = 1, …, n
    match norm:
        case L1() | L2() | Frobenius():
            return float(ordered[0])
        case LInf():
            return float(reached[-1])
        case Lp(p):
            return float(ordered[0]) if p <= r else float(np.sum(s ** (r * p / (p - r))) ** (1 / r - 1 / p))
        case TopK(k):
            return max(float(ordered[0]), float(reached[-1]) / k)
        case TopKDual(k):
            return float(reached[k - 1])
        case OWL():
            return float(np.max(reached / np.cumsum(norm.w.host)))
        case OWLDual():
            return float(np.sum((ordered * norm.w.host) ** r) ** (1 / r))
        case Scaled():
            return _times(weighted_reach(norm.norm, s, r), 1 / float(norm.c))
        case Weighted():
            w = norm.w.host.ravel()
            return weighted_reach(norm.norm, s * w if norm.inverse else s / w, r)
    return None


def _linear(norm: Linear, r: float) -> float | None:
    B = norm.A.host.T if norm.inverse else np.linalg.inv(norm.A.host)
    if isinstance(norm.norm, L1):
        return float(np.max(np.sum(np.abs(B) ** r, axis=0)) ** (1 / r))
    if isinstance(norm.norm, LInf) and len(B) <= _LARGEST_SIGN_CUBE:
        s = np.asarray([(1.0, *rest) for rest in itertools.product((1.0, -1.0), repeat=len(B) - 1)])
        return float(np.max(np.sum(np.abs(s @ B.T) ** r, axis=1)) ** (1 / r))
    return None


def _times(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor
