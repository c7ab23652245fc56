"""The half of a splitting that knows the ball: projections in units of its radius, around its centre.

Where ‖x‖ = n(Bx) and only n's balls have a projection, as for :class:`~ntr_spec.norms.linear.Linear` and
:class:`~ntr_spec.norms.transforms.Weighted`, v = Bx becomes a variable of its own: n's ball constrains v, and the
projection on {(x, v) : v = Bx} joins the two. Reference: Parikh and Boyd, *Block splitting for distributed
optimization* (2014), where this is called graph form.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from ntr_spec.arrays import Namespace, Parameter
from ntr_spec.norms.base import Norm
from ntr_spec.norms.linear import Linear
from ntr_spec.norms.transforms import Scaled, Weighted
from ntr_spec.steps.projecting import can_project, project
from ntr_spec.trees import Tree, leaves, tree_map

Array = Any


@dataclasses.dataclass(frozen=True)
class _Map:
    """x ↦ Bx, its adjoint, and a ↦ (I + BᵀB)⁻¹a, all on the points of one norm."""

    forward: Callable[[Array], Array]
    adjoint: Callable[[Array], Array]
    join: Callable[[Array], Array]


def can_reflect(norm: Norm) -> bool:
    """Whether the norm's balls have a projection, or those of n where ‖x‖ = n(Bx)."""
    return can_project(norm) or _inner(norm) is not None


class Reflecting:
    """The iteration's second half: from x and z to y, the ball's answer to 2x − z; with a map, v is kept here."""

    def __init__(self, norm: Norm, like: Tree, limit: float, relaxation: float, xp: Namespace) -> None:
        self.norm, self.limit, self.relaxation, self.xp = norm, limit, relaxation, xp
        self.map: _Map | None = None
        if not can_project(norm):
            inner = _inner(norm)
            assert inner is not None
            self.map = _map(norm, like, xp)
            # B is measured in its own size, so that neither variable is special.
            self.size = _size_of(norm)
            self.norm, self.limit = inner, limit / self.size
            self.z = tree_map(xp.zeros_like, like)
            self.v = self.z

    def __call__(self, x: Tree, z: Tree) -> Tree:
        """y; with a map, the nearest pair of graph points to both reflections."""
        moved = tree_map(lambda a, b: 2 * a - b, x, z)
        if self.map is None:
            return project(self.norm, moved, self.limit, self.xp)
        inside = project(self.norm, self.z, self.limit, self.xp)
        y = self.map.join(moved + self.map.adjoint(2 * inside - self.z))
        self.v = self.map.forward(y)
        self.z = self.z + self.relaxation * (self.v - inside)
        return y

    def rescale(self, ratio: float) -> None:
        """The step became ``ratio`` times as long: what was z − y grows with it."""
        if self.map is not None:
            self.z = self.v + ratio * (self.z - self.v)


def _inner(norm: Norm) -> Norm | None:
    """n, where ‖x‖ = n(Bx) and n's balls have a projection."""
    match norm:
        case Linear(inner) | Weighted(inner) if can_project(inner):
            return inner
        case Scaled(inner, c):
            found = _inner(inner)
            return None if found is None else Scaled(found, c)
    return None


def _plain(norm: Norm) -> Linear | Weighted:
    while isinstance(norm, Scaled):
        norm = norm.norm
    assert isinstance(norm, Linear | Weighted)
    return norm


def _size_of(norm: Norm) -> float:
    """About the length of B: the root mean square of its singular values."""
    import numpy as np

    plain = _plain(norm)
    if isinstance(plain, Weighted):
        w = np.asarray(plain.w.host, dtype=float)
        return float(np.sqrt(np.mean(1 / w**2 if plain.inverse else w**2)))
    values = np.linalg.svd(np.asarray(plain.A.host, dtype=float), compute_uv=False)
    return float(np.sqrt(np.mean(1 / values**2 if plain.inverse else values**2)))


def _map(norm: Norm, like: Tree, xp: Namespace) -> _Map:
    """B over its size."""
    plain, size, first = _plain(norm), _size_of(norm), leaves(like)[0]
    if isinstance(plain, Weighted):
        w = xp.reshape(plain.w.like(first, xp), first.shape)
        w = 1 / (w * size) if plain.inverse else w / size
        return _Map(lambda x: w * x, lambda v: w * v, lambda a: a / (1 + w * w))
    count = plain.A.shape[0]
    identity = Parameter([[float(i == j) for j in range(count)] for i in range(count)]).like(first, xp)
    rows = plain._forward(identity, xp) / size  # row j is the image of the unit vector j: Bᵀ
    columns = xp.matrix_transpose(rows)
    joined = xp.linalg.inv(identity + xp.matmul(rows, columns))

    def by(matrix: Array) -> Callable[[Array], Array]:
        return lambda x: xp.reshape(xp.matmul(matrix, xp.reshape(x, (-1, 1))), x.shape)

    return _Map(by(columns), by(rows), by(joined))
