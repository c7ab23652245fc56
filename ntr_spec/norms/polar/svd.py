"""``SVD``: the polar factor by a full singular value decomposition. Reference: Higham, *Functions of Matrices*, 8.4."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar, final

from ntr_spec.arrays import Namespace
from ntr_spec.arrays.products import product_eps
from ntr_spec.arrays.sums import dots
from ntr_spec.errors import InputError
from ntr_spec.norms.polar.base import Certified, Polar
from ntr_spec.norms.polar.lying import CUBIC, enter, leave, narrowed, polished, precision

Array = Any

# LAPACK's Σσᵢ is below the true one by no more than these many eps of √r‖X‖_F; 0.9 were seen.
_UNITS = 4.0


@final
@dataclasses.dataclass(frozen=True, repr=False)
class SVD(Polar):
    """The polar factor by a full singular value decomposition.

    Directions whose singular value is at most ``cutoff``·σ_max are dropped: rounding alone may have made them. Dropping
    them changes ⟨g, lmo(g)⟩ by no more than cutoff·rank of its size. LAPACK's U·Vᵀ is orthogonal up to rounding alone;
    one Newton–Schulz step, and division by what that may have lost, make it feasible: ‖O‖₂ ≤ 1.

    Args:
        cutoff: None means the machine epsilon of the dtype (of float32, for half precision).

    Raises:
        InputError: the cutoff is not in [0, 1).

    >>> import numpy as np
    >>> from ntr_spec.arrays import namespace_of
    >>> x = np.array([[3.0, 0.0], [0.0, 0.0]])
    >>> np.round(SVD().factor(x, namespace_of(x)), 12).tolist()
    [[1.0, 0.0], [0.0, 0.0]]
    """

    cutoff: float | None = None

    exact: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if self.cutoff is not None and not 0 <= self.cutoff < 1:
            raise InputError(f"SVD: expected 0 ≤ cutoff < 1, got cutoff={self.cutoff!r}; None means machine epsilon")

    def factor(self, x: Array, xp: Namespace) -> Array:
        """U·Vᵀ over the singular directions that are kept."""
        return leave(self._found(x, xp)[0], x, xp)

    def certified(self, x: Array, xp: Namespace) -> Certified:
        """δ = 1 − ⟨X, O⟩/Σσᵢ, by the singular values that were found, and room for what rounding made of them.

        LAPACK decomposes X + F with ‖F‖_F ≤ u‖X‖_F, which moves Σσᵢ by √r·u‖X‖_F at most.
        """
        y = enter(x, xp)
        v, s, less = self._found(x, xp)
        factor, reached = leave(v, x, xp), dots(y, v, xp)
        total = xp.sum(s, axis=-1)
        bound = xp.maximum(total, reached * (1.0 + less))
        bound = xp.where(total == 0, xp.ones_like(total), bound)
        square = xp.sum(s * s, axis=-1)
        spread = s.shape[-1] ** 0.5 * xp.sqrt(square)
        # Long sums of one sign make LAPACK's σ wrong as a whole, which ‖X‖_F shows.
        scaled = xp.abs(dots(y, y, xp) / xp.where(square == 0, xp.ones_like(square), square) - 1.0)
        delta = 1.0 - reached / bound + scaled + _UNITS * product_eps(y, xp) * (1.0 + spread / bound)
        return Certified(factor, xp.where(total == 0, total, narrowed(delta, y, v, factor, xp)), repr(self))

    def _found(self, x: Array, xp: Namespace) -> tuple[Array, Array, Array]:
        """The factor of enter(x), x's singular values, and what the factor may have lost."""
        # Upright, on which LAPACK is two or three times as fast as on wide matrices.
        u, s, vh = xp.linalg.svd(xp.matrix_transpose(enter(x, xp)), full_matrices=False)
        cutoff = precision(u, xp) if self.cutoff is None else self.cutoff
        # Written so that NaN is kept.
        dropped = s <= cutoff * s[..., :1]
        v = xp.matmul(xp.where(dropped[..., None, :], xp.zeros_like(u), u), vh)
        v, less = polished(xp.matrix_transpose(v), CUBIC, x, xp)
        return v, s, less
