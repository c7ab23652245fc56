"""A norm applied to a transformed point: ``Scaled``, ``Weighted`` and ``Reshaped``.

If N(x) = n(Bx) with B invertible then N_*(g) = n_*(B⁻ᵀg) and lmo_N(g) = B⁻¹·lmo_n(B⁻ᵀg). Weights are inverted by
dividing, so that the dual holds the same constants as the norm and no rounded reciprocal. Reference: Rockafellar,
*Convex Analysis*, section 15 and corollary 15.3.2.
"""

from __future__ import annotations

import dataclasses
import math
from fractions import Fraction
from typing import Any, final

from ntr_spec.arrays import Namespace, Parameter, simplest_rational
from ntr_spec.errors import InputError, NotDeclaredError
from ntr_spec.norms.apply import apply_lmo, apply_project, apply_value
from ntr_spec.norms.base import Norm, SupportFunction, check_norm
from ntr_spec.norms.claims import LINEAR_CLAIMS, Claim, closure
from ntr_spec.norms.matrix import Frobenius
from ntr_spec.norms.multipliers import project_ellipsoid
from ntr_spec.norms.notation import factor, group
from ntr_spec.norms.projections import project_weighted_l1
from ntr_spec.norms.vector import L1, L2, LInf
from ntr_spec.trees import Shape, Tree, tree_map

Array = Any


@final
@dataclasses.dataclass(frozen=True)
class Scaled(Norm):
    """c·n(x), c > 0. Dual: Scaled(n.dual, 1/c). LMO: lmo_n(g)/c. ρ = ρ_n/c. Projection: that of n on radius/c.

    Args:
        norm: n, on points of any kind.
        c: a number; read as the simplest rational that rounds to it, so that the dual's 1/c is exact.

    Raises:
        InputError: c is not a positive number of which the reciprocal is finite.

    >>> import numpy as np
    >>> norm = Scaled(L1(), 3)
    >>> g = np.array([3.0, -4.0])
    >>> float(norm(g)), norm.dual, round(float(norm.dual(g)), 6)
    (21.0, Scaled(norm=LInf(), c=0.3333333333333333), 1.333333)
    """

    norm: Norm
    c: float | Fraction

    def __post_init__(self) -> None:
        check_norm("Scaled", self.norm)
        c = self.c
        if isinstance(c, bool) or not isinstance(c, int | float | Fraction) or not 1e-300 <= c <= 1e300:
            raise InputError(f"Scaled: expected a number c between 1e-300 and 1e300, got c={c!r}; a factor is positive")

    @property
    def event_rank(self) -> int | None:
        """That of the norm."""
        return self.norm.event_rank

    @property
    def batched(self) -> bool:
        """Whether the rank of one point is known."""
        return self.norm.event_rank is not None

    @property
    def takes_half(self) -> bool:
        """That of the norm."""
        return self.norm.takes_half

    def _factor(self, xp: Namespace) -> float | Fraction:
        return self.c if xp.exact else float(self.c)

    def _value(self, x: Tree, xp: Namespace) -> Array:
        return apply_value(self.norm, x, xp, _batch(self, x), scaled=True) * self._factor(xp)

    def _lmo(self, g: Tree, xp: Namespace) -> Tree:
        v = apply_lmo(self.norm, g, 1.0, xp, _batch(self, g), scaled=True)
        return tree_map(lambda leaf: leaf / self._factor(xp), v)

    def _project(self, x: Tree, radius: Array, xp: Namespace) -> Tree:
        batch = _batch(self, x)
        return apply_project(self.norm, x, _per_point(radius / self._factor(xp), batch, xp), xp, batch)

    @property
    def has_projection(self) -> bool:
        """Whether the norm has one."""
        return self.norm.has_projection

    def _rho(self, shape: Tree, xp: Namespace) -> Array:
        return self.norm._rho(shape, xp) / self._factor(xp)

    @property
    def has_rho(self) -> bool:
        """Whether the norm has one."""
        return self.norm.has_rho

    def _rho_weighted(self, scales: Array, xp: Namespace) -> Array:
        return self.norm._rho_weighted(scales, xp) / self._factor(xp)

    @property
    def has_weighted_rho(self) -> bool:
        """Whether the norm has one."""
        return self.norm.has_weighted_rho

    def _accepts(self, shape: Tree) -> str | None:
        return self.norm._accepts(shape)

    def _shapes(self, dims: tuple[int, ...]) -> tuple[Tree, ...]:
        return self.norm._shapes(dims)

    @property
    def dual(self) -> Norm:
        """The dual norm over c."""
        dual = self.norm.dual
        if isinstance(dual, SupportFunction):
            return SupportFunction(self)
        exact = 1 / simplest_rational(self.c)
        rounded = float(exact)
        return Scaled(dual, rounded if simplest_rational(rounded) == exact else exact)

    @property
    def claims(self) -> frozenset[Claim]:
        """Those of the norm."""
        return self.norm.claims

    def _notation(self, x: str) -> str:
        return f"{factor(self.c)}·{self.norm._notation(x)}"


@final
@dataclasses.dataclass(frozen=True, repr=False)
class Weighted(Norm):
    """n(w∘x), w > 0; with ``inverse`` n(x/w). Dual: n.dual, the other way. LMO: lmo_n(g/w)/w, or w∘lmo_n(w∘g).

    ρ comes from the weighted constant of n where it has one. Projection for n = LInf, a box, n = L1, and n = L2 or
    Frobenius, an ellipsoid.

    Args:
        norm: n.
        w: positive numbers, in the shape of the points; a vector w weights the flattened point.
        inverse: divide by w in place of multiplying.

    Raises:
        InputError: a weight is not positive, or n or a point does not fit the weights.

    >>> import numpy as np
    >>> norm = Weighted(LInf(), [1, 2])
    >>> g = np.array([3.0, -4.0])
    >>> float(norm(g)), float(norm.dual(g)), norm.lmo(g).tolist()
    (8.0, 5.0, [-1.0, 0.5])
    """

    norm: Norm
    w: Any
    inverse: bool = False

    def __post_init__(self) -> None:
        check_norm("Weighted", self.norm)
        w = Parameter(self.w, "Weighted.w")
        if not w.shape or not bool((w.host > 0).all()):
            raise InputError(
                f"Weighted: expected positive weights, one per entry, got w={w!r}; use Scaled for a single factor"
            )
        expected = self.norm._accepts(Shape(w.shape))
        if expected is not None:
            raise InputError(f"Weighted: {type(self.norm).__name__} expects {expected}; got weights of shape {w.shape}")
        object.__setattr__(self, "w", w)

    @property
    def event_rank(self) -> int:
        """As many axes as the weights."""
        return len(self.w.shape)

    @property
    def batched(self) -> bool:
        """Always."""
        return True

    @property
    def takes_half(self) -> bool:
        """That of the norm."""
        return self.norm.takes_half

    def _times(self, x: Array, up: bool, xp: Namespace) -> Array:
        w = self.w.like(x, xp)
        return x * w if up else x / w

    def _value(self, x: Array, xp: Namespace) -> Array:
        return apply_value(self.norm, self._times(x, not self.inverse, xp), xp, _batch(self, x))

    def _lmo(self, g: Array, xp: Namespace) -> Array:
        v = apply_lmo(self.norm, self._times(g, self.inverse, xp), 1.0, xp, _batch(self, g))
        return self._times(v, self.inverse, xp)

    def _project(self, x: Array, radius: Array, xp: Namespace) -> Array:
        w = self._times(xp.ones_like(x), not self.inverse, xp)
        if isinstance(self.norm, LInf):
            return xp.minimum(xp.maximum(x, -radius / w), radius / w)
        if isinstance(self.norm, L1):
            return project_weighted_l1(x, w, radius, self.event_rank, xp)
        if isinstance(self.norm, L2 | Frobenius):
            return self._on_ellipsoid(x, w, radius, xp)
        raise NotDeclaredError(
            f"Weighted.project: no projection is known for weights inside {self.norm!r}; it is for L1, L2, LInf and "
            "Frobenius"
        )

    def _on_ellipsoid(self, x: Array, w: Array, radius: Array, xp: Namespace) -> Array:
        """The point nearest to x with ‖w∘y‖₂ ≤ radius, a point's entries as one vector."""
        batch = _batch(self, x)
        lead = tuple(x.shape[:batch])
        flat, weights = xp.reshape(x, (*lead, -1)), xp.reshape(w, (*lead, -1))
        r = xp.reshape(radius, (*tuple(radius.shape[:batch]), 1)) if radius.ndim else radius
        y = project_ellipsoid(flat, weights * weights, r, xp)
        inside = L2()._value(weights * flat, xp)[..., None] <= r
        return xp.reshape(xp.where(inside, flat, y), x.shape)

    @property
    def has_projection(self) -> bool:
        """Whether the norm is one of those with a finite projection."""
        return isinstance(self.norm, L1 | L2 | LInf | Frobenius)

    def _rho(self, shape: Tree, xp: Namespace) -> Array:
        return self._rho_weighted(xp.ones(shape.size), xp)

    @property
    def has_rho(self) -> bool:
        """Whether the norm has a weighted constant."""
        return self.norm.has_weighted_rho

    def _rho_weighted(self, scales: Array, xp: Namespace) -> Array:
        w = xp.reshape(self.w.like(scales, xp), scales.shape)
        return self.norm._rho_weighted(scales * w if self.inverse else scales / w, xp)

    @property
    def has_weighted_rho(self) -> bool:
        """Whether the norm has one."""
        return self.norm.has_weighted_rho

    def _accepts(self, shape: Tree) -> str | None:
        if not isinstance(shape, Shape):
            return "an array, not a pytree; combine blocks with Product"
        if self.event_rank == 1:
            n = self.w.shape[0]
            return None if shape.size == n else f"{n} entries, as many as there are weights"
        return None if shape.dims == self.w.shape else f"shape {self.w.shape}, that of the weights"

    def _shapes(self, dims: tuple[int, ...]) -> tuple[Tree, ...]:
        return (Shape(self.w.shape),)

    @property
    def dual(self) -> Norm:
        """The dual norm, weighted the other way."""
        dual = self.norm.dual
        return SupportFunction(self) if isinstance(dual, SupportFunction) else Weighted(dual, self.w, not self.inverse)

    @property
    def claims(self) -> frozenset[Claim]:
        """Those of the norm that weights keep: absolute, polyhedral, strictly convex, Euclidean."""
        return closure(self.norm.claims) & (LINEAR_CLAIMS | {Claim.ABSOLUTE})

    def _notation(self, x: str) -> str:
        return self.norm._notation(f"{x}/w" if self.inverse else f"w∘{x}")


@final
@dataclasses.dataclass(frozen=True)
class Reshaped(Norm):
    """n(x reshaped), the shape holding -1 at most once. Dual: Reshaped(n.dual, shape). ρ and projection are those of n.

    A convolution kernel out×in×kh×kw becomes the matrix of its linear map with ``Reshaped(Spectral(), (out, -1))``.

    Args:
        norm: n.
        shape: the shape that n sees.

    Raises:
        InputError: the shape is not made of positive integers and at most one -1, or a point does not fit it.

    >>> import numpy as np
    >>> from ntr_spec import Frobenius
    >>> float(Reshaped(Frobenius(), (2, -1))(np.ones((2, 1, 2, 1))))
    2.0
    """

    norm: Norm
    shape: tuple[int, ...]

    def __post_init__(self) -> None:
        check_norm("Reshaped", self.norm)
        shape = tuple(self.shape)
        whole = all(isinstance(d, int) and not isinstance(d, bool) and (d > 0 or d == -1) for d in shape)
        if not shape or not whole or shape.count(-1) > 1:
            raise InputError(f"Reshaped: expected positive sizes and at most one -1, got shape={self.shape!r}")
        object.__setattr__(self, "shape", shape)

    def _resolved(self, size: int) -> tuple[int, ...] | None:
        """The shape with -1 filled in, or None if ``size`` entries do not fit."""
        known = math.prod(d for d in self.shape if d != -1)
        if size % known or (size != known and -1 not in self.shape):
            return None
        return tuple(size // known if d == -1 else d for d in self.shape)

    @property
    def takes_half(self) -> bool:
        """That of the norm."""
        return self.norm.takes_half

    def _inside(self, x: Array, xp: Namespace) -> Array:
        return xp.reshape(x, self._resolved(math.prod(x.shape)))

    def _value(self, x: Array, xp: Namespace) -> Array:
        return apply_value(self.norm, self._inside(x, xp), xp, scaled=True)

    def _lmo(self, g: Array, xp: Namespace) -> Array:
        return xp.reshape(apply_lmo(self.norm, self._inside(g, xp), 1.0, xp, scaled=True), g.shape)

    def _project(self, x: Array, radius: Array, xp: Namespace) -> Array:
        return xp.reshape(apply_project(self.norm, self._inside(x, xp), radius, xp), x.shape)

    @property
    def has_projection(self) -> bool:
        """Whether the norm has one."""
        return self.norm.has_projection

    def _rho(self, shape: Shape, xp: Namespace) -> Array:
        return self.norm._rho(Shape(self._resolved(shape.size) or ()), xp)

    @property
    def has_rho(self) -> bool:
        """Whether the norm has one."""
        return self.norm.has_rho

    def _accepts(self, shape: Tree) -> str | None:
        if not isinstance(shape, Shape):
            return "an array, not a pytree; combine blocks with Product"
        resolved = self._resolved(shape.size)
        if resolved is None:
            return f"as many entries as fit the shape {self.shape}"
        return self.norm._accepts(Shape(resolved))

    def _shapes(self, dims: tuple[int, ...]) -> tuple[Tree, ...]:
        # The shape itself and one with an axis more, so that reshaping has something to do.
        filled = [tuple(d if s == -1 else s for s in self.shape) for d in dims]
        candidates = [Shape(s) for s in dict.fromkeys(filled)]
        candidates.append(Shape((*filled[-1], 1)))
        return tuple(c for c in candidates if self._accepts(c) is None)

    @property
    def dual(self) -> Norm:
        """The dual norm of the same shape."""
        dual = self.norm.dual
        return SupportFunction(self) if isinstance(dual, SupportFunction) else Reshaped(dual, self.shape)

    @property
    def claims(self) -> frozenset[Claim]:
        """Those of the norm, but for unitary invariance: the point itself is no matrix."""
        return self.norm.claims - {Claim.UNITARILY_INVARIANT}

    def _notation(self, x: str) -> str:
        return self.norm._notation(f"{group(x)}_{{{'×'.join('·' if d == -1 else str(d) for d in self.shape)}}}")


def _batch(norm: Norm, x: Tree) -> int:
    """How many leading axes count points; none where the rank of a point is not known."""
    return 0 if norm.event_rank is None else x.ndim - norm.event_rank


def _per_point(radius: Array, batch: int, xp: Namespace) -> Array:
    """A hook's radius, shaped (stack…, 1, …), as the stack's shape that ``apply_project`` takes."""
    return xp.reshape(radius, tuple(radius.shape[:batch])) if radius.ndim else radius
