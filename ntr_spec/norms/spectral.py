"""Unitarily invariant norms: ``Spectral``, ``Nuclear``, ``Schatten``, ``KyFan`` and any ``SingularValueNorm``.

σ(X) are the singular values, σ₁ ≥ σ₂ ≥ …. A unitarily invariant norm is a symmetric gauge of them, ‖X‖ = φ(σ(X)), and
all that it needs comes from φ by von Neumann's trace inequality. Hooks work on the last two axes. References: Horn and
Johnson, *Matrix Analysis*, 7.4; Lewis, *The convex analysis of unitarily invariant matrix functions* (1995).
"""

from __future__ import annotations

import abc
import dataclasses
from typing import Any, ClassVar, final

from ntr_spec.arrays import Namespace
from ntr_spec.errors import InputError
from ntr_spec.norms.apply import apply_lmo, apply_project, apply_value
from ntr_spec.norms.base import Norm, SupportFunction
from ntr_spec.norms.claims import Claim, closure
from ntr_spec.norms.fan import fan_lmo
from ntr_spec.norms.leading import FullSVD, Leading
from ntr_spec.norms.leading.base import check_leading, rank_one
from ntr_spec.norms.polar import SVD, Polar
from ntr_spec.norms.polar.base import check_polar
from ntr_spec.norms.sorted import TopK, TopKDual, check_count
from ntr_spec.norms.vector import L1, LInf, Lp
from ntr_spec.trees import Shape, Tree

Array = Any


class UnitarilyInvariant(Norm):
    """‖X‖ = φ(σ(X)) for a symmetric gauge φ. Dual: φ_*(σ(G)). LMO: U·diag(lmo_φ(σ))·Vᵀ. ρ is that of φ.

    The projection projects the singular values with φ (Lewis). A subclass names its gauge and its dual.
    """

    event_rank: ClassVar[int | None] = 2
    batched: ClassVar[bool] = True

    @property
    @abc.abstractmethod
    def gauge(self) -> Norm:
        """φ, an absolute and symmetric norm on vectors."""

    def _value(self, x: Array, xp: Namespace) -> Array:
        return apply_value(self.gauge, xp.linalg.svdvals(x), xp, x.ndim - 2)

    def _lmo(self, g: Array, xp: Namespace) -> Array:
        u, s, vh = xp.linalg.svd(g, full_matrices=False)
        v = apply_lmo(self.gauge, s, 1.0, xp, s.ndim - 1)
        return xp.matmul(u * v[..., None, :], vh)

    def _project(self, x: Array, radius: Array, xp: Namespace) -> Array:
        u, s, vh = xp.linalg.svd(x, full_matrices=False)
        batch = s.ndim - 1
        if radius.ndim:
            radius = xp.reshape(radius, radius.shape[:batch])
        # What the projection takes away; nothing, exactly, from a point inside the ball.
        excess = s - apply_project(self.gauge, s, radius, xp, batch)
        return x - xp.matmul(u * excess[..., None, :], vh)

    @property
    def has_projection(self) -> bool:
        """Whether the gauge has one."""
        return self.gauge.has_projection

    def _rho(self, shape: Shape, xp: Namespace) -> Array:
        return self.gauge._rho(Shape((min(shape.dims),)), xp)

    @property
    def has_rho(self) -> bool:
        """Whether the gauge has one."""
        return self.gauge.has_rho

    def _accepts(self, shape: Tree) -> str | None:
        if not isinstance(shape, Shape):
            return "an array, not a pytree; combine blocks with Product"
        if shape.ndim != 2:
            return "a matrix (2 axes); wrap the norm in Stacked for stacks or Reshaped for convolution kernels"
        expected = self.gauge._accepts(Shape((min(shape.dims),)))
        return None if expected is None else f"a matrix whose singular values have {expected}"

    def _shapes(self, dims: tuple[int, ...]) -> tuple[Tree, ...]:
        fitting = tuple(Shape((m, n)) for m in dims for n in dims if self._accepts(Shape((m, n))) is None)
        if fitting:
            return fitting
        least = [shape.size for shape in self.gauge._shapes(dims)]
        return tuple(Shape((n + extra, n)) for n in least for extra in (0, 1))

    @property
    def claims(self) -> frozenset[Claim]:
        """Unitarily invariant; strictly convex or Euclidean if the gauge is."""
        inherited = closure(self.gauge.claims) & {Claim.STRICTLY_CONVEX, Claim.EUCLIDEAN}
        return inherited | {Claim.UNITARILY_INVARIANT}

    def _notation(self, x: str) -> str:
        return self.gauge._notation(f"σ({x})")


@final
@dataclasses.dataclass(frozen=True, repr=False)
class Spectral(UnitarilyInvariant):
    """σ₁(X), the largest singular value. Dual: Nuclear. LMO: −U·Vᵀ. ρ = √min(m, n). Gives Muon.

    Singular directions of value zero are dropped from U·Vᵀ, so that lmo(0) = 0. The argument is an m×n matrix.

    Args:
        polar: the solver that finds U·Vᵀ; see :mod:`ntr_spec.norms.polar`.

    Source: [Kovalev25], section 2.

    >>> import numpy as np
    >>> g = np.array([[3.0, 0.0], [0.0, -4.0]])
    >>> round(float(Spectral()(g)), 6), (np.round(Spectral().lmo(g), 6) + 0.0).tolist()
    (4.0, [[-1.0, 0.0], [0.0, 1.0]])
    """

    polar: Polar = SVD()  # noqa: RUF009 (immutable)

    takes_half: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_polar("Spectral", self.polar)

    @property
    def gauge(self) -> Norm:
        """LInf."""
        return LInf()

    @property
    def scale_free(self) -> bool:
        """True with a polar solver that is to see the point as it came, faults included."""
        return self.polar.absolute

    def _lmo(self, g: Array, xp: Namespace) -> Array:
        return -self.polar.solve(g, xp)

    @property
    def dual(self) -> Norm:
        """Nuclear."""
        return Nuclear()


@final
@dataclasses.dataclass(frozen=True, repr=False)
class Nuclear(UnitarilyInvariant):
    """Σσᵢ(X), the sum of the singular values. Dual: Spectral. LMO: −u₁v₁ᵀ. ρ = 1.

    Args:
        leading: the solver that finds u₁ and v₁; see :mod:`ntr_spec.norms.leading`.

    Source: Horn and Johnson, *Matrix Analysis*, 7.4.

    >>> import numpy as np
    >>> g = np.array([[3.0, 0.0], [0.0, -4.0]])
    >>> round(float(Nuclear()(g)), 6), (np.round(Nuclear().lmo(g), 6) + 0.0).tolist()
    (7.0, [[0.0, 0.0], [0.0, 1.0]])
    """

    leading: Leading = FullSVD()  # noqa: RUF009 (immutable)

    takes_half: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_leading("Nuclear", self.leading)

    @property
    def gauge(self) -> Norm:
        """L1."""
        return L1()

    def _lmo(self, g: Array, xp: Namespace) -> Array:
        left, right = self.leading.solve(g, xp)
        return rank_one(-left, right, g, xp)

    @property
    def dual(self) -> Norm:
        """Spectral."""
        return Spectral()


@final
@dataclasses.dataclass(frozen=True)
class Schatten(UnitarilyInvariant):
    """(Σσᵢ(X)^p)^{1/p}, 1 < p < ∞. Dual: Schatten(q), 1/p + 1/q = 1. ρ = min(m, n)^{max(0, 1/q − 1/2)}.

    LMO: −U·diag((σᵢ/‖σ‖_q)^{q−1})·Vᵀ.

    Args:
        p: the exponent; for 1 and ∞ use :class:`Nuclear` and :class:`Spectral`.

    Raises:
        InputError: p is not strictly between 1 and infinity.

    >>> import numpy as np
    >>> round(float(Schatten(3)(np.array([[1.0, 0.0], [0.0, 2.0]]))), 6)
    2.080084
    """

    p: float

    def __post_init__(self) -> None:
        if not (isinstance(self.p, int | float) and 1 < self.p < float("inf")):
            raise InputError(
                f"Schatten: expected 1 < p < ∞, got p={self.p!r}; use Nuclear() for p = 1 and Spectral() for p = ∞"
            )

    @property
    def gauge(self) -> Norm:
        """Lp of the same exponent."""
        return Lp(self.p)

    @property
    def dual(self) -> Norm:
        """Schatten of the conjugate exponent."""
        return Schatten(Lp(self.p).conjugate_exponent)


@final
@dataclasses.dataclass(frozen=True, repr=False)
class KyFan(UnitarilyInvariant):
    """σ₁(X) + … + σ_k(X). Dual: max(σ₁, Σσᵢ/k). ρ = max(1, √min(m, n)/k).

    LMO: −u₁v₁ᵀ if σ₁ ≥ Σσᵢ/k, else −U·Vᵀ/k: whichever of the two candidates that its solvers find is the better.

    Args:
        k: how many singular values to add, at most min(m, n).
        polar: the solver that finds U·Vᵀ; see :mod:`ntr_spec.norms.polar`.
        leading: the solver that finds u₁ and v₁; see :mod:`ntr_spec.norms.leading`.

    Raises:
        InputError: k is not a positive integer, or a matrix has fewer than k singular values; or the polar solver
            depends on the scale of the matrix.

    Source: Bhatia, *Matrix Analysis*, IV.2.

    >>> import numpy as np
    >>> x = np.array([[3.0, 0.0, 0.0], [0.0, -4.0, 0.0]])
    >>> round(float(KyFan(2)(x)), 6), round(float(KyFan(2).dual(x)), 6)
    (7.0, 4.0)
    """

    k: int
    polar: Polar = SVD()  # noqa: RUF009 (immutable)
    leading: Leading = FullSVD()  # noqa: RUF009 (immutable)

    takes_half: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_count("KyFan", self.k)
        check_polar("KyFan", self.polar)
        check_leading("KyFan", self.leading)
        if self.polar.absolute:
            raise InputError(
                f"KyFan: expected a polar solver that takes matrices of every scale, got {self.polar!r}; take eps=0"
            )

    @property
    def gauge(self) -> Norm:
        """TopK of the same k."""
        return TopK(self.k)

    def _lmo(self, g: Array, xp: Namespace) -> Array:
        return fan_lmo(g, self.k, self.polar, self.leading, xp)

    @property
    def dual(self) -> Norm:
        """SingularValueNorm of TopKDual."""
        return SingularValueNorm(TopKDual(self.k))


@final
@dataclasses.dataclass(frozen=True)
class SingularValueNorm(UnitarilyInvariant):
    """φ(σ(X)) for any symmetric gauge φ. Dual: φ_*(σ(G)). LMO: U·diag(lmo_φ(σ))·Vᵀ. ρ is that of φ.

    Args:
        of: the gauge φ, a norm on vectors that claims to be absolute and symmetric.

    Raises:
        InputError: the gauge does not claim both.

    Source: von Neumann (1937); Horn and Johnson, *Matrix Analysis*, 7.4.7.

    >>> import numpy as np
    >>> round(float(SingularValueNorm(L1())(np.array([[3.0, 0.0], [0.0, -4.0]]))), 6)
    7.0
    """

    of: Norm

    def __post_init__(self) -> None:
        if not {Claim.ABSOLUTE, Claim.SYMMETRIC} <= closure(self.of.claims):
            raise InputError(
                f"SingularValueNorm: expected a gauge that claims ABSOLUTE and SYMMETRIC, got {self.of!r}; "
                "add both to its claims if they hold"
            )

    @property
    def gauge(self) -> Norm:
        """φ."""
        return self.of

    @property
    def dual(self) -> Norm:
        """The norm of the dual gauge, under its own name where it has one."""
        dual = self.gauge.dual
        return SupportFunction(self) if isinstance(dual, SupportFunction) else _from_gauge(dual)


def _from_gauge(gauge: Norm) -> Norm:
    """φ∘σ under its own name where it has one, so that KyFan(k).dual.dual is KyFan(k) again."""
    match gauge:
        case L1():
            return Nuclear()
        case LInf():
            return Spectral()
        case Lp(p):
            return Schatten(p)
        case TopK(k):
            return KyFan(k)
        case _:
            return SingularValueNorm(gauge)
