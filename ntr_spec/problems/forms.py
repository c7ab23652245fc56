"""sup{⟨u, Au⟩ : ‖u‖ ≤ 1} of a positive semidefinite A: the Lipschitz constant L of ∇f where f has the Hessian A.

That is L because |⟨u, Aw⟩| ≤ √(⟨u, Au⟩⟨w, Aw⟩). It is the largest value of a convex function on a ball: attained at an
extreme point, NP-hard for ℓ_∞, and closed where the ball is Euclidean, has few corners, or A is diagonal:
sup Σaᵢuᵢ² = (sup{‖√a∘g‖_* : ‖g‖₂ ≤ 1})², the norm's weighted ρ, squared.

References: Rohn, *Computing the norm ‖A‖_{∞,1} is NP-hard* (2000); Horn and Johnson, *Matrix Analysis*, 7.6.
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from ntr_spec.arrays import namespace_of
from ntr_spec.norms.base import Norm
from ntr_spec.norms.ellipsoid import Ellipsoidal
from ntr_spec.norms.linear import Linear
from ntr_spec.norms.matrix import Frobenius
from ntr_spec.norms.sorted import TopK
from ntr_spec.norms.transforms import Reshaped, Scaled, Weighted
from ntr_spec.norms.vector import L1, L2, LInf
from ntr_spec.problems.known import Constant, by_rho
from ntr_spec.problems.parts import flattened, parts
from ntr_spec.trees import Shape, Tree

Array = Any

LARGEST_SIGN_CUBE = 16


def largest_value(A: Array, norm: Norm, shape: Tree) -> Constant | None:
    """sup{⟨u, Au⟩ : ‖u‖ ≤ 1}, tight where that is known, else an upper bound; None where there is none.

    Args:
        A: d×d, symmetric positive semidefinite, on the entries of a point in the order of its leaves.
        norm: ‖·‖.
        shape: of the points, d entries in all.

    >>> largest_value(np.asarray([[2.0, -1.0], [-1.0, 2.0]]), LInf(), Shape((2,)))
    Constant(value=6.0, tight=True, why='the largest ⟨s, As⟩ over sign vectors s, A the Hessian')
    """
    return _exact(A, norm, shape) or _bound(A, norm, shape)


def _exact(A: Array, norm: Norm, shape: Tree) -> Constant | None:
    diagonal = np.diagonal(A)
    plain = not np.any(A - np.diag(diagonal))
    if plain and np.all(diagonal == diagonal[0]):
        return by_rho(norm, shape, Constant(float(diagonal[0]), True, "the Hessian is λI"), 2, isotropic=True)
    norm = flattened(norm)
    match norm:
        case L2() | Frobenius():
            return Constant(float(np.linalg.eigvalsh(A)[-1]), True, "the largest eigenvalue of the Hessian")
        case L1():
            return Constant(float(np.max(diagonal)), True, "the largest diagonal entry of the Hessian, at a corner ±eᵢ")
        case Ellipsoidal():
            return _ellipsoidal(A, norm)
        case Scaled():
            inner = _exact(A, norm.norm, shape)
            return inner and inner.times(1 / float(norm.c) ** 2)
        case Weighted():
            w = (norm.w.host if norm.inverse else 1 / norm.w.host).ravel()
            return _exact(A * np.outer(w, w), norm.norm, shape)
        case Linear():
            B = norm.A.host.T if norm.inverse else np.linalg.inv(norm.A.host)
            return _exact(_symmetric(B.T @ A @ B), norm.norm, shape)
        case Reshaped():
            return _exact(A, norm.norm, Shape(norm._resolved(len(A)) or ()))
        case TopK():
            box = _exact(A, LInf(), shape)
            corner = max(float(np.max(diagonal)), box.value / norm.k**2) if box else 0.0
            return box and Constant(corner, True, "the largest form of the Hessian over ±eᵢ and s/k, s sign vectors")
    if plain and norm.has_weighted_rho and isinstance(shape, Shape):
        roots = np.sqrt(np.maximum(diagonal, 0.0))
        reach = float(norm._rho_weighted(roots, namespace_of(roots)))
        return Constant(reach**2, True, "the Hessian is diag(a): (sup{‖√a∘g‖_* : ‖g‖₂ ≤ 1})²")
    if isinstance(norm, LInf):
        return _signs(A)
    return _of_parts(A, norm, shape)


def _of_parts(A: Array, norm: Norm, shape: Tree) -> Constant | None:
    """Of a norm of norms: with φ = ℓ₁ extreme points lie in one part; where A joins no parts, Σc_b‖x_b‖² is left."""
    found = parts(norm, shape)
    if found is None:
        return None
    outer, inside = found
    each = [_exact(A[np.ix_(part.places, part.places)], part.norm, part.shape) for part in inside]
    values = np.asarray([constant.value for constant in each if constant is not None and constant.tight])
    if len(values) < len(inside):
        return None
    if isinstance(outer, L1):
        return Constant(float(np.max(values)), True, "the largest form of the Hessian on a single part")
    joined = A.copy()
    for part in inside:
        joined[np.ix_(part.places, part.places)] = 0.0
    if np.any(joined) or not outer.has_weighted_rho:
        return None
    reach = float(outer._rho_weighted(np.sqrt(values), namespace_of(values)))
    return Constant(reach**2, True, "sup{Σc_b t_b² : φ(t) ≤ 1}, c_b the largest forms of the Hessian's diagonal blocks")


def _signs(A: Array) -> Constant | None:
    if np.all(A >= 0):
        return Constant(float(np.sum(A)), True, "the sum of the Hessian's entries, none of them negative")
    size = len(A)
    if size > LARGEST_SIGN_CUBE:
        return None
    best = 0.0
    tail = np.asarray(list(itertools.product((1.0, -1.0), repeat=min(size - 1, 11))))
    for head in itertools.product((1.0, -1.0), repeat=size - 1 - tail.shape[1]):
        s = np.hstack([np.ones((len(tail), 1)), np.tile(head, (len(tail), 1)), tail])
        best = max(best, float(np.max(np.sum((s @ A) * s, axis=1))))
    return Constant(best, True, "the largest ⟨s, As⟩ over sign vectors s, A the Hessian")


def _ellipsoidal(A: Array, norm: Ellipsoidal) -> Constant:
    root = np.linalg.cholesky(norm.P.host)  # P = CCᵀ: ‖u‖ = ‖Cᵀu‖₂, or ‖C⁻¹u‖₂ with the inverse
    B = root if norm.inverse else np.linalg.inv(root).T
    value = np.linalg.eigvalsh(_symmetric(B.T @ A @ B))[-1]
    return Constant(float(value), True, "the largest eigenvalue of the Hessian relative to the ellipsoid's matrix")


def _bound(A: Array, norm: Norm, shape: Tree) -> Constant | None:
    top = Constant(float(np.linalg.eigvalsh(A)[-1]), True, "the largest eigenvalue of the Hessian")
    found = by_rho(norm, shape, top, 2)
    if isinstance(flattened(norm), LInf):
        total = float(np.sum(np.abs(A)))
        if found is None or total < found.value:
            return Constant(total, False, "Σ|Aᵢⱼ|, A the Hessian")
    return found


def _symmetric(A: Array) -> Array:
    return (A + A.T) / 2
