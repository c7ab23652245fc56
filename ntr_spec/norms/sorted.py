"""Norms of sorted magnitudes: ``TopK`` and ``OWL``, and their duals ``TopKDual`` and ``OWLDual``.

|x|₍₁₎ ≥ |x|₍₂₎ ≥ … are the sorted magnitudes; a matrix is read as one long vector. Hooks reduce over the last axis.
References: Zeng and Figueiredo, *The Ordered Weighted ℓ₁ Norm* (2014); Bogdan et al., *SLOPE* (2015); Wu, Ding, Sun and
Toh, *On the Moreau–Yosida regularization of the vector k-norm related functions* (2014).
"""

from __future__ import annotations

import dataclasses
import itertools
from typing import Any, ClassVar, final

from ntr_spec.arrays import Namespace, Parameter, device_of
from ntr_spec.errors import InputError
from ntr_spec.norms.apply import apply_value
from ntr_spec.norms.base import Norm
from ntr_spec.norms.claims import Claim
from ntr_spec.norms.multipliers import multiplier
from ntr_spec.norms.notation import number
from ntr_spec.norms.projections import decreasing, project_top_k, prox_sorted, ranks
from ntr_spec.trees import Shape, Tree

Array = Any

_CLAIMS = frozenset({Claim.ABSOLUTE, Claim.SYMMETRIC, Claim.POLYHEDRAL})


@final
@dataclasses.dataclass(frozen=True)
class TopK(Norm):
    """|x|₍₁₎ + … + |x|₍ₖ₎, the sum of the k largest magnitudes. Dual: TopKDual(k). ρ = max(1, √n/k).

    LMO: −sign(gⱼ)eⱼ at the first j of largest |gⱼ| if ‖g‖_∞ ≥ ‖g‖₁/k, else −sign(g)/k: the vertices of the unit ball.
    Also called the vector k-norm. The projection compares k·(n − k) candidates at once.

    Args:
        k: how many magnitudes to add; points need at least k entries.

    Raises:
        InputError: k is not a positive integer, or a point has fewer than k entries.

    Source: Bhatia, *Matrix Analysis*, II and IV; projection from the optimality conditions of Wu et al. (2014).

    >>> import numpy as np
    >>> g = np.array([3.0, -4.0, 2.0])
    >>> float(TopK(2)(g)), TopK(2).lmo(g).tolist(), float(TopK(2).dual(g))
    (7.0, [-0.5, 0.5, -0.5], 4.5)
    """

    k: int

    event_rank: ClassVar[int | None] = 1
    batched: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_count("TopK", self.k)

    def _value(self, x: Array, xp: Namespace) -> Array:
        return xp.sum(decreasing(x, xp)[..., : self.k], axis=-1)

    def _lmo(self, g: Array, xp: Namespace) -> Array:
        size = xp.abs(g)
        best = xp.argmax(size, axis=-1, keepdims=True)
        index = xp.arange(g.shape[-1], dtype=best.dtype, device=device_of(g))
        corner = xp.where(index == best, -xp.sign(g), xp.zeros_like(g))
        spread = xp.sum(size, axis=-1, keepdims=True) / float(self.k)
        return xp.where(xp.max(size, axis=-1, keepdims=True) >= spread, corner, -xp.sign(g) / float(self.k))

    def _project(self, x: Array, radius: Array, xp: Namespace) -> Array:
        size = xp.abs(x)
        y = xp.where(self._value(x, xp)[..., None] <= radius, size, project_top_k(size, radius, self.k, xp))
        return xp.sign(x) * y

    def _rho(self, shape: Shape, xp: Namespace) -> Array:
        return xp.maximum(xp.asarray(1.0), xp.sqrt(xp.asarray(float(shape.size))) / float(self.k))

    def _rho_weighted(self, scales: Array, xp: Namespace) -> Array:
        return xp.maximum(xp.max(scales), xp.sqrt(xp.sum(scales * scales)) / float(self.k))

    def _accepts(self, shape: Tree) -> str | None:
        return accepts_count(shape, self.k)

    def _shapes(self, dims: tuple[int, ...]) -> tuple[Tree, ...]:
        return shapes_from(self.k, dims)

    @property
    def dual(self) -> Norm:
        """TopKDual of the same k."""
        return TopKDual(self.k)

    @property
    def claims(self) -> frozenset[Claim]:
        """Absolute, symmetric and polyhedral."""
        return _CLAIMS

    def _notation(self, x: str) -> str:
        return f"Σ_{{i≤{self.k}}}|{x}|₍ᵢ₎"


@final
@dataclasses.dataclass(frozen=True)
class TopKDual(Norm):
    """max(‖x‖_∞, ‖x‖₁/k). Dual: TopK(k). LMO: −sign(g) on the k largest |gᵢ|, zero elsewhere. ρ = √k.

    The projection costs n steps over at most n entries each.

    Args:
        k: as in :class:`TopK`; points need at least k entries.

    Raises:
        InputError: k is not a positive integer, or a point has fewer than k entries.

    Source: Bhatia, *Matrix Analysis*, IV.2.

    >>> import numpy as np
    >>> g = np.array([3.0, -4.0, 1.0])
    >>> float(TopKDual(2)(g)), TopKDual(2).lmo(g).tolist()
    (4.0, [-1.0, 1.0, 0.0])
    """

    k: int

    event_rank: ClassVar[int | None] = 1
    batched: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_count("TopKDual", self.k)

    def _value(self, x: Array, xp: Namespace) -> Array:
        size = xp.abs(x)
        return xp.maximum(xp.max(size, axis=-1), xp.sum(size, axis=-1) / float(self.k))

    def _lmo(self, g: Array, xp: Namespace) -> Array:
        return xp.where(ranks(xp.abs(g), xp) < self.k, -xp.sign(g), xp.zeros_like(g))

    def _project(self, x: Array, radius: Array, xp: Namespace) -> Array:
        index = xp.arange(x.shape[-1], dtype=x.dtype, device=device_of(x))
        weights = xp.where(index < float(self.k), xp.ones_like(index), xp.zeros_like(index))
        return x - prox_sorted(x, radius * weights, xp)

    def _rho(self, shape: Shape, xp: Namespace) -> Array:
        return xp.sqrt(xp.asarray(float(self.k)))

    def _rho_weighted(self, scales: Array, xp: Namespace) -> Array:
        return xp.sqrt(xp.sum(decreasing(scales * scales, xp)[..., : self.k]))

    def _accepts(self, shape: Tree) -> str | None:
        return accepts_count(shape, self.k)

    def _shapes(self, dims: tuple[int, ...]) -> tuple[Tree, ...]:
        return shapes_from(self.k, dims)

    @property
    def dual(self) -> Norm:
        """TopK of the same k."""
        return TopK(self.k)

    @property
    def claims(self) -> frozenset[Claim]:
        """Absolute, symmetric and polyhedral."""
        return _CLAIMS

    def _notation(self, x: str) -> str:
        return f"max(‖{x}‖_∞, ‖{x}‖₁/{self.k})"


@final
@dataclasses.dataclass(frozen=True)
class OWL(Norm):
    """Σ wᵢ|x|₍ᵢ₎, the ordered weighted ℓ₁ norm. Dual: OWLDual(w). ρ = max_k √k/W_k, W_k = w₁ + … + w_k.

    LMO: −sign(gᵢ)/W_k on the k largest |gᵢ|, zero elsewhere, at the k that maximises (sum of those |gᵢ|)/W_k.

    Args:
        w: n weights, w₁ ≥ w₂ ≥ … ≥ wₙ ≥ 0 and w₁ > 0; points have n entries.

    Raises:
        InputError: the weights are not such, or a point has another number of entries.

    Source: Zeng and Figueiredo (2014).

    >>> import numpy as np
    >>> g = np.array([3.0, -4.0, 0.0])
    >>> float(OWL([2, 1, 0])(g)), OWL([2, 1, 0]).lmo(g).tolist()
    (11.0, [-0.3333333333333333, 0.3333333333333333, 0.0])
    """

    w: Any

    event_rank: ClassVar[int | None] = 1
    batched: ClassVar[bool] = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "w", _ordered_weights("OWL", self.w))

    def _value(self, x: Array, xp: Namespace) -> Array:
        return xp.sum(self.w.like(x, xp) * decreasing(x, xp), axis=-1)

    def _lmo(self, g: Array, xp: Namespace) -> Array:
        size = xp.abs(g)
        total = xp.cumulative_sum(self.w.like(g, xp), axis=-1)
        best = xp.argmax(xp.cumulative_sum(decreasing(size, xp), axis=-1) / total, axis=-1, keepdims=True)
        share = xp.take_along_axis(xp.broadcast_to(total, g.shape), best, axis=-1)
        return xp.where(ranks(size, xp) <= best, -xp.sign(g) / share, xp.zeros_like(g))

    def _project(self, x: Array, radius: Array, xp: Namespace) -> Array:
        w = self.w.like(x, xp)
        most = apply_value(OWLDual(self.w), x, xp, x.ndim - 1)[..., None]

        def prox(lam: Array) -> Array:
            return prox_sorted(x, lam * w, xp)

        lam = multiplier(lambda lam: self._value(prox(lam), xp)[..., None], most, radius, xp)
        return xp.where(self._value(x, xp)[..., None] <= radius, x, prox(lam))

    def _rho(self, shape: Shape, xp: Namespace) -> Array:
        return self._rho_weighted(xp.ones(shape.size), xp)

    def _rho_weighted(self, scales: Array, xp: Namespace) -> Array:
        reach = xp.sqrt(xp.cumulative_sum(decreasing(scales * scales, xp), axis=-1))
        return xp.max(reach / xp.cumulative_sum(self.w.like(scales, xp), axis=-1))

    def _accepts(self, shape: Tree) -> str | None:
        return _accepts_exactly(shape, self.w)

    def _shapes(self, dims: tuple[int, ...]) -> tuple[Tree, ...]:
        return (Shape(self.w.shape),)

    @property
    def dual(self) -> Norm:
        """OWLDual of the same weights."""
        return OWLDual(self.w)

    @property
    def claims(self) -> frozenset[Claim]:
        """Absolute, symmetric and polyhedral."""
        return _CLAIMS

    def _notation(self, x: str) -> str:
        return _weighted_sum(self.w, x)


@final
@dataclasses.dataclass(frozen=True)
class OWLDual(Norm):
    """max over k of (|x|₍₁₎ + … + |x|₍ₖ₎)/(w₁ + … + w_k). Dual: OWL(w). ρ = ‖w‖₂.

    LMO: −sign(gᵢ)·w at the rank of |gᵢ|. The projection is x less the proximal point of the OWL norm (Moreau), found by
    the minimax formula of isotonic regression in n steps over at most n entries each.

    Args:
        w: as in :class:`OWL`.

    Raises:
        InputError: the weights are not ordered, or a point has another number of entries.

    Source: Zeng and Figueiredo (2014); proximal point by Bogdan et al. (2015).

    >>> import numpy as np
    >>> g = np.array([3.0, -4.0, 0.0])
    >>> float(OWLDual([2, 1, 0])(g)), OWLDual([2, 1, 0]).lmo(g).tolist()
    (2.3333333333333335, [-1.0, 2.0, -0.0])
    """

    w: Any

    event_rank: ClassVar[int | None] = 1
    batched: ClassVar[bool] = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "w", _ordered_weights("OWLDual", self.w))

    def _value(self, x: Array, xp: Namespace) -> Array:
        total = xp.cumulative_sum(self.w.like(x, xp), axis=-1)
        return xp.max(xp.cumulative_sum(decreasing(x, xp), axis=-1) / total, axis=-1)

    def _lmo(self, g: Array, xp: Namespace) -> Array:
        weights = xp.broadcast_to(self.w.like(g, xp), g.shape)
        return -xp.sign(g) * xp.take_along_axis(weights, ranks(xp.abs(g), xp), axis=-1)

    def _project(self, x: Array, radius: Array, xp: Namespace) -> Array:
        return x - prox_sorted(x, radius * self.w.like(x, xp), xp)

    def _rho(self, shape: Shape, xp: Namespace) -> Array:
        return self._rho_weighted(xp.ones(shape.size), xp)

    def _rho_weighted(self, scales: Array, xp: Namespace) -> Array:
        w = self.w.like(scales, xp)
        return xp.sqrt(xp.sum(w * w * decreasing(scales * scales, xp)))

    def _accepts(self, shape: Tree) -> str | None:
        return _accepts_exactly(shape, self.w)

    def _shapes(self, dims: tuple[int, ...]) -> tuple[Tree, ...]:
        return (Shape(self.w.shape),)

    @property
    def dual(self) -> Norm:
        """OWL of the same weights."""
        return OWL(self.w)

    @property
    def claims(self) -> frozenset[Claim]:
        """Absolute, symmetric and polyhedral."""
        return _CLAIMS

    def _notation(self, x: str) -> str:
        return f"max_k Σ_{{i≤k}}|{x}|₍ᵢ₎/Σ_{{i≤k}}wᵢ"


# ---- validation and notation -----------------------------------------------------------------------------


def check_count(subject: str, k: Any) -> None:
    """Raise InputError unless k is a positive integer."""
    if isinstance(k, bool) or not isinstance(k, int) or k < 1:
        raise InputError(f"{subject}: expected a positive integer k, got k={k!r}; the largest alone is k=1")


def accepts_count(shape: Tree, k: int) -> str | None:
    """What a norm of the k largest entries expects of a shape, or None."""
    if not isinstance(shape, Shape):
        return "an array, not a pytree; combine blocks with Product"
    return None if shape.size >= k else f"at least k={k} entries, or a smaller k"


def shapes_from(k: int, dims: tuple[int, ...]) -> tuple[Tree, ...]:
    """Shapes of vectors with at least k entries."""
    return tuple(Shape((n,)) for n in dims if n >= k) or (Shape((k,)),)


def _ordered_weights(subject: str, w: Any) -> Parameter:
    weights = Parameter(w, f"{subject}.w")
    values = weights.host.reshape(-1).tolist()
    ordered = all(a >= b for a, b in itertools.pairwise(values))
    if len(weights.shape) != 1 or not ordered or values[-1] < 0 or values[0] <= 0:
        raise InputError(
            f"{subject}: expected a vector w₁ ≥ w₂ ≥ … ≥ 0 with w₁ > 0, got w={weights!r}; "
            "sort the weights in decreasing order"
        )
    return weights


def _accepts_exactly(shape: Tree, w: Parameter) -> str | None:
    if not isinstance(shape, Shape):
        return "an array, not a pytree; combine blocks with Product"
    return None if shape.size == w.shape[0] else f"{w.shape[0]} entries, as many as there are weights"


def _weighted_sum(w: Parameter, x: str) -> str:
    if w.shape[0] > 4:
        return f"Σ wᵢ|{x}|₍ᵢ₎"
    terms = [f"{'' if c == 1 else number(c)}|{x}|₍{'₁₂₃₄'[i]}₎" for i, c in enumerate(w.host.tolist()) if c != 0]
    return " + ".join(terms)
