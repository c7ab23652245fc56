"""``FullSVD``: the leading pair out of a full singular value decomposition."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar, final

from ntr_spec.arrays import Namespace
from ntr_spec.arrays.sums import widened
from ntr_spec.norms.leading.base import CertifiedPair, Leading, certify, room, slack, times_vector

Array = Any


@final
@dataclasses.dataclass(frozen=True, repr=False)
class FullSVD(Leading):
    """u₁ and v₁ from a full singular value decomposition: exact up to rounding, and slow on large matrices.

    >>> import numpy as np
    >>> from ntr_spec.arrays import namespace_of
    >>> x = np.array([[3.0, 0.0], [0.0, -4.0]])
    >>> u, v = FullSVD().pair(x, namespace_of(x))
    >>> float(np.round(u @ x @ v, 12))
    4.0
    """

    exact: ClassVar[bool] = True

    def pair(self, x: Array, xp: Namespace) -> tuple[Array, Array]:
        """The first columns of U and V."""
        left, right, _ = self._solve(widened(x, xp), room(x, xp), xp)
        return left, right

    def certified(self, x: Array, xp: Namespace) -> CertifiedPair:
        """The same; δ is what rounding may have cost."""
        wide = widened(x, xp)
        left, right, upper = self._solve(wide, room(x, xp), xp)
        value = xp.sum(left * times_vector(wide, right, xp), axis=-1)
        return CertifiedPair(left, right, upper, certify(value, upper, slack(x, xp), xp), repr(self))

    def _solve(self, x: Array, shrink: float, xp: Namespace) -> tuple[Array, Array, Array]:
        u, s, vh = xp.linalg.svd(x, full_matrices=False)
        left = xp.where(s[..., :1] == 0, xp.zeros_like(u[..., :, 0]), u[..., :, 0])
        return (left * (1 - shrink) if shrink else left), vh[..., 0, :], s[..., 0]
