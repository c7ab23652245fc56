"""Norms of matrices beside the gauges of singular values: ``Frobenius``, ``RMSOperator`` and its dual.

Hooks work on the last two axes. References: Bernstein and Newhouse, *Modular Duality in Deep Learning* (2024); Pethick
et al., *Training Deep Learning Models with Norm-Constrained LMOs* (2025).
"""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar, final

from ntr_spec.arrays import Namespace, device_of
from ntr_spec.norms.base import Norm
from ntr_spec.norms.claims import Claim
from ntr_spec.norms.leading import FullSVD, Leading
from ntr_spec.norms.leading.base import check_leading, rank_one
from ntr_spec.norms.polar import SVD, Polar
from ntr_spec.norms.polar.base import check_polar
from ntr_spec.norms.spectral import Nuclear, Spectral
from ntr_spec.trees import Shape

Array = Any


@final
@dataclasses.dataclass(frozen=True)
class Frobenius(Norm):
    """√ΣΣxᵢⱼ², the ℓ₂ norm of a matrix's entries. Dual: itself. LMO: −G/‖G‖_F. ρ = 1.

    >>> import numpy as np
    >>> float(Frobenius()(np.array([[3.0, 0.0], [0.0, -4.0]])))
    5.0
    """

    event_rank: ClassVar[int | None] = 2
    batched: ClassVar[bool] = True

    def _value(self, x: Array, xp: Namespace) -> Array:
        return xp.sqrt(xp.sum(x * x, axis=(-2, -1)))

    def _lmo(self, g: Array, xp: Namespace) -> Array:
        size = xp.sqrt(xp.sum(g * g, axis=(-2, -1), keepdims=True))
        return g / -xp.where(size == 0, xp.ones_like(size), size)  # as in L2

    def _project(self, x: Array, radius: Array, xp: Namespace) -> Array:
        size = xp.sqrt(xp.sum(x * x, axis=(-2, -1), keepdims=True))
        inside = size <= radius
        return xp.where(inside, x, x * (radius / xp.where(inside, xp.ones_like(size), size)))

    def _rho(self, shape: Shape, xp: Namespace) -> Array:
        return xp.asarray(1.0)

    def _rho_weighted(self, scales: Array, xp: Namespace) -> Array:
        return xp.max(scales)

    @property
    def dual(self) -> Norm:
        """Frobenius itself."""
        return self

    @property
    def claims(self) -> frozenset[Claim]:
        """Absolute, symmetric, unitarily invariant and Euclidean."""
        return frozenset({Claim.ABSOLUTE, Claim.SYMMETRIC, Claim.UNITARILY_INVARIANT, Claim.EUCLIDEAN})

    def _notation(self, x: str) -> str:
        return f"‖{x}‖_F"


@final
@dataclasses.dataclass(frozen=True, repr=False)
class RMSOperator(Norm):
    """√(in/out)·σ₁(X) of an out×in matrix: the operator norm between root-mean-square norms. Gives Scion's layers.

    Dual: √(out/in)·Σσᵢ(G). LMO: −√(out/in)·U·Vᵀ. ρ = √(out/in)·√min(out, in).

    Args:
        polar: the solver that finds U·Vᵀ.

    Source: Bernstein and Newhouse, *Modular Duality in Deep Learning* (2024); Pethick et al. (2025), Scion.

    >>> import numpy as np
    >>> w = np.array([[3.0, 0.0, 0.0, 0.0]])
    >>> round(float(RMSOperator()(w)), 6), round(float(RMSOperator().dual(w)), 6)
    (6.0, 1.5)
    """

    polar: Polar = SVD()  # noqa: RUF009 (immutable)

    def __post_init__(self) -> None:
        check_polar("RMSOperator", self.polar)

    event_rank: ClassVar[int | None] = 2
    batched: ClassVar[bool] = True
    takes_half: ClassVar[bool] = True

    @property
    def scale_free(self) -> bool:
        """True with a polar solver that is to see the point as it came, faults included."""
        return self.polar.absolute

    def _value(self, x: Array, xp: Namespace) -> Array:
        return Spectral()._value(x, xp) * _root_of_ratio(x.shape[-1], x.shape[-2], x, xp)

    def _lmo(self, g: Array, xp: Namespace) -> Array:
        return -self.polar.solve(g, xp) * _root_of_ratio(g.shape[-2], g.shape[-1], g, xp)

    def _project(self, x: Array, radius: Array, xp: Namespace) -> Array:
        return Spectral()._project(x, radius * _root_of_ratio(x.shape[-2], x.shape[-1], x, xp), xp)

    def _rho(self, shape: Shape, xp: Namespace) -> Array:
        rows, columns = shape.dims
        return Spectral()._rho(shape, xp) * xp.sqrt(xp.asarray(rows / columns))

    @property
    def dual(self) -> Norm:
        """RMSOperatorDual."""
        return RMSOperatorDual()

    @property
    def claims(self) -> frozenset[Claim]:
        """Unitarily invariant."""
        return frozenset({Claim.UNITARILY_INVARIANT})

    def _notation(self, x: str) -> str:
        return f"‖{x}‖_{{RMS→RMS}}"


@final
@dataclasses.dataclass(frozen=True, repr=False)
class RMSOperatorDual(Norm):
    """√(out/in)·Σσᵢ(X) of an out×in matrix. Dual: RMSOperator. LMO: −√(in/out)·u₁v₁ᵀ. ρ = √(in/out).

    Args:
        leading: the solver that finds u₁ and v₁; see :mod:`ntr_spec.norms.leading`.

    >>> import numpy as np
    >>> round(float(RMSOperatorDual()(np.array([[3.0, 0.0, 0.0, 0.0]]))), 6)
    1.5
    """

    leading: Leading = FullSVD()  # noqa: RUF009 (immutable)

    def __post_init__(self) -> None:
        check_leading("RMSOperatorDual", self.leading)

    event_rank: ClassVar[int | None] = 2
    batched: ClassVar[bool] = True
    takes_half: ClassVar[bool] = True

    def _value(self, x: Array, xp: Namespace) -> Array:
        return Nuclear()._value(x, xp) * _root_of_ratio(x.shape[-2], x.shape[-1], x, xp)

    def _lmo(self, g: Array, xp: Namespace) -> Array:
        left, right = self.leading.solve(g, xp)
        return rank_one(-left * _root_of_ratio(g.shape[-1], g.shape[-2], left, xp), right, g, xp)

    def _project(self, x: Array, radius: Array, xp: Namespace) -> Array:
        return Nuclear()._project(x, radius * _root_of_ratio(x.shape[-1], x.shape[-2], x, xp), xp)

    def _rho(self, shape: Shape, xp: Namespace) -> Array:
        rows, columns = shape.dims
        return xp.sqrt(xp.asarray(columns / rows))

    @property
    def dual(self) -> Norm:
        """RMSOperator."""
        return RMSOperator()

    @property
    def claims(self) -> frozenset[Claim]:
        """Unitarily invariant."""
        return frozenset({Claim.UNITARILY_INVARIANT})

    def _notation(self, x: str) -> str:
        return f"√(out/in)·‖σ({x})‖₁"


def _root_of_ratio(a: int, b: int, like: Array, xp: Namespace) -> Array:
    """√(a/b) in the dtype of ``like``; exact on symbols, hence not ``math.sqrt``."""
    return xp.sqrt(xp.asarray(a / b, dtype=like.dtype, device=device_of(like)))
