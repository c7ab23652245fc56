"""``SVD``: the polar factor by a full singular value decomposition. Reference: Higham, *Functions of Matrices*, 8.4."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar, final

from ntr_spec.arrays import Namespace
from ntr_spec.errors import InputError
from ntr_spec.norms.polar.base import Polar

Array = Any


@final
@dataclasses.dataclass(frozen=True, repr=False)
class SVD(Polar):
    """The polar factor by a full singular value decomposition.

    Directions whose singular value is at most ``cutoff``·σ_max are dropped: rounding alone may have made them. Dropping
    them changes ⟨g, lmo(g)⟩ by no more than cutoff·rank of its size.

    Args:
        cutoff: None means the machine epsilon of the dtype.

    Raises:
        InputError: the cutoff is not in [0, 1).

    >>> import numpy as np
    >>> from ntr_spec.arrays import namespace_of
    >>> x = np.array([[3.0, 0.0], [0.0, 0.0]])
    >>> SVD().factor(x, namespace_of(x)).tolist()
    [[1.0, 0.0], [0.0, 0.0]]
    """

    cutoff: float | None = None

    exact: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if self.cutoff is not None and not 0 <= self.cutoff < 1:
            raise InputError(f"SVD: expected 0 ≤ cutoff < 1, got cutoff={self.cutoff!r}; None means machine epsilon")

    def factor(self, x: Array, xp: Namespace) -> Array:
        """U·Vᵀ over the singular directions that are kept."""
        u, s, vh = xp.linalg.svd(x, full_matrices=False)
        cutoff = self.cutoff
        if cutoff is None:
            limits = xp.limits(x.dtype)
            cutoff = limits.eps if limits is not None else 0.0
        # Written so that NaN is kept.
        dropped = s <= cutoff * s[..., :1]
        return xp.matmul(xp.where(dropped[..., None, :], xp.zeros_like(u), u), vh)
