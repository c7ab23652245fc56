"""Solvers for the polar factor U·Vᵀ of a matrix, on which the spectral norm's LMO rests.

A solver is a value that a norm carries, such as ``Spectral(polar=SVD())``, so that an approximate factor is always a
different norm object from the exact one. Reference: Higham, *Functions of Matrices*, chapter 8.
"""

from __future__ import annotations

import abc
import dataclasses
from typing import Any, ClassVar, final

from ntr_spec.arrays import Namespace
from ntr_spec.errors import InputError

Array = Any


class Polar(abc.ABC):
    """Something that finds the polar factor of matrices.

    Attributes:
        exact: True if the factor is exact up to rounding; an approximate one must be certified instead.
    """

    exact: ClassVar[bool] = False

    @abc.abstractmethod
    def factor(self, x: Array, xp: Namespace) -> Array:
        """Σ uᵢvᵢᵀ over the nonzero singular values of each matrix of the stack x; zero for a zero matrix."""


@final
@dataclasses.dataclass(frozen=True)
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
