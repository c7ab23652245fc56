"""E‖n‖_*² of unit noise (E‖n‖₂² = 1) in the dual of a norm, where it is known in closed form or is a finite sum.

Everything is exact but for rounding; ``None`` says that it is not known.
"""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np

from ntr_spec.norms.base import Norm
from ntr_spec.norms.claims import Claim, closure
from ntr_spec.norms.ellipsoid import Ellipsoidal
from ntr_spec.norms.linear import Linear
from ntr_spec.norms.matrix import Frobenius
from ntr_spec.norms.transforms import Reshaped, Scaled, Weighted
from ntr_spec.norms.vector import L1, L2, LInf
from ntr_spec.problems.parts import flattened
from ntr_spec.trees import Shape, Tree, leaves, tree_map

Array = Any

_LARGEST_CUBE = 12
_LARGEST_SUM = 4096


def isotropic(norm: Norm, shape: Tree) -> float | None:
    """E‖n‖_*² for any n with E nnᵀ = I/d: known where the dual norm is √⟨g, Mg⟩, namely tr(M)/d."""
    size, norm = _size(shape), flattened(norm)
    match norm:
        case L2() | Frobenius():
            return 1.0
        case Ellipsoidal():
            return float(np.trace(norm.P.host if norm.inverse else np.linalg.inv(norm.P.host))) / size
        case Linear(norm=L2()):
            B = norm.A.host if norm.inverse else np.linalg.inv(norm.A.host)
            return float(np.sum(B * B)) / size
        case Weighted(norm=L2() | Frobenius()):
            return float(np.sum(_weights(norm) ** 2)) / size
        case Scaled():
            inner = isotropic(norm.norm, shape)
            return None if inner is None else inner / float(norm.c) ** 2
        case Reshaped():
            return isotropic(norm.norm, Shape(norm._resolved(size) or ()))
    return None


def gaussian(norm: Norm, shape: Tree) -> float | None:
    """E‖z‖_*²/d for z ~ N(0, I): in ℓ₁ from E|zᵢ| = √(2/π), in ℓ_∞ by quadrature of one smooth integral."""
    known = isotropic(norm, shape)
    if known is not None:
        return known
    size, norm = _size(shape), flattened(norm)
    match norm:
        case LInf():
            return weighted_absolute_sum(np.ones(size)) / size
        case Weighted(norm=LInf()):
            return weighted_absolute_sum(_weights(norm)) / size
        case L1():
            return largest_square(size) / size
        case Scaled():
            inner = gaussian(norm.norm, shape)
            return None if inner is None else inner / float(norm.c) ** 2
        case Reshaped():
            return gaussian(norm.norm, Shape(norm._resolved(size) or ()))
    return None


def one_entry(norm: Norm, shape: Tree) -> float | None:
    """The mean of ‖eᵢ‖_*² over the entries; one of them stands for all where they are interchangeable."""
    size = _size(shape)
    alike = isinstance(shape, Shape) and not {Claim.SYMMETRIC, Claim.UNITARILY_INVARIANT}.isdisjoint(norm.claims)
    if not alike and size > _LARGEST_SUM:
        return None
    count = 1 if alike else size
    return sum(float(norm.dual(_point(np.eye(1, size, i)[0], shape))) ** 2 for i in range(count)) / count


def signs(norm: Norm, shape: Tree) -> float | None:
    """The mean of ‖s‖_*²/d over sign vectors s; any of them stands for all where only magnitudes matter."""
    size = _size(shape)
    known = isotropic(norm, shape)
    if known is not None:
        return known
    if Claim.ABSOLUTE in closure(norm.claims):
        return float(norm.dual(_point(np.ones(size), shape))) ** 2 / size
    if size > _LARGEST_CUBE:
        return None
    half = [(1.0, *rest) for rest in itertools.product((1.0, -1.0), repeat=size - 1)]
    return sum(float(norm.dual(_point(np.asarray(s), shape))) ** 2 for s in half) / (len(half) * size)


def weighted_absolute_sum(w: Array) -> float:
    """E(Σwᵢ|zᵢ|)² = Σwᵢ² + (2/π)((Σwᵢ)² − Σwᵢ²)."""
    squares, total = float(np.sum(w * w)), float(np.sum(w))
    return squares + 2 / math.pi * (total * total - squares)


def largest_square(count: int) -> float:
    """E max zᵢ² = ∫₀^∞ 2t·(1 − erf(t/√2)ⁿ)dt, by Gauss and Legendre's rule on unit pieces; what lies beyond is < 1e-30.

    >>> round(largest_square(1), 12), round(largest_square(2), 12) == round(1 + 2 / math.pi, 12)
    (1.0, True)
    """
    nodes, weights = np.polynomial.legendre.leggauss(24)
    end = math.ceil(12 + math.sqrt(2 * math.log(count)))
    t = (np.arange(end)[:, None] + (nodes + 1) / 2).ravel()
    # 1 − erfⁿ without cancellation: −expm1(n·log1p(−erfc)).
    tails = np.asarray([math.erfc(s / math.sqrt(2)) for s in t])
    with np.errstate(divide="ignore"):
        above = -np.expm1(count * np.log1p(-tails))
    return float(np.sum(2 * t * above * np.tile(weights / 2, end)))


def _size(shape: Tree) -> int:
    return sum(s.size for s in leaves(shape))


def _weights(norm: Weighted) -> Array:
    """v with ‖g‖_* = ‖v∘g‖ in the dual of the inner norm."""
    return norm.w.host if norm.inverse else 1 / norm.w.host


def _point(flat: Array, shape: Tree) -> Tree:
    start = 0

    def part(leaf: Shape) -> Array:
        nonlocal start
        start += leaf.size
        return flat[start - leaf.size : start].reshape(leaf.dims)

    return tree_map(part, shape)
