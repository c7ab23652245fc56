"""A norm of the norms of an array's parts: ``Mixed`` over fibres along an axis, ``Stacked`` over leading slices.

N(x) = φ(t), t_b = n(x_b) for an absolute norm φ has N_*(g) = φ_*(d), d_b = n_*(g_b), and lmo(g)_b = t_b·lmo_n(g_b) with
t = −lmo_φ(d). With φ = ℓ_∞ the parts do not meet, and each is minimised alone. Reference: Benedek and Panzone, *The
space L^p with mixed norm* (1961).
"""

from __future__ import annotations

import dataclasses
import itertools
from typing import Any, final

from ntr_spec.arrays import Namespace
from ntr_spec.errors import InputError
from ntr_spec.norms.apply import apply_lmo, apply_project, apply_value
from ntr_spec.norms.base import Norm, SupportFunction, check_norm
from ntr_spec.norms.claims import Claim
from ntr_spec.norms.outer import can_project, check_outer, check_project, common_claims, over
from ntr_spec.norms.vector import LInf
from ntr_spec.trees import Shape, Tree

Array = Any


@final
@dataclasses.dataclass(frozen=True, repr=False)
class Stacked(Norm):
    """φ(n(x₁), …, n(x_k)) over the slices of the first axis. Dual: Stacked(n.dual, φ.dual). ρ = ρ_φ·ρ_n.

    LMO: that of each slice, times −lmo_φ of the slices' dual norms; with φ = ℓ_∞ the slices' own LMOs.

    Args:
        norm: n, on the slices.
        outer: φ, a norm on vectors that claims to be absolute.

    Raises:
        InputError: φ does not claim to be absolute; a point has fewer than 2 axes or its slices do not fit n.

    >>> import numpy as np
    >>> from ntr_spec import L2
    >>> x = np.array([[3.0, -4.0], [1.0, 0.0]])
    >>> float(Stacked(L2())(x)), Stacked(L2()).lmo(x).tolist()
    (5.0, [[-0.6, 0.8], [-1.0, -0.0]])
    """

    norm: Norm
    outer: Norm = LInf()  # noqa: RUF009 (immutable)

    def __post_init__(self) -> None:
        check_norm("Stacked", self.norm)
        check_outer("Stacked", self.outer)

    @property
    def event_rank(self) -> int | None:
        """One axis more than a matrix norm's; not known for norms that flatten their points."""
        rank = self.norm.event_rank
        return None if rank is None or rank == 1 else rank + 1

    @property
    def batched(self) -> bool:
        """Whether the rank of one point is known."""
        return self.event_rank is not None

    @property
    def scale_free(self) -> bool:
        """True where the slices do not meet: each is scaled on its own."""
        return isinstance(self.outer, LInf)

    @property
    def takes_half(self) -> bool:
        """That of the norm."""
        return self.norm.takes_half

    def _batch(self, x: Array) -> int:
        return 0 if self.event_rank is None else x.ndim - self.event_rank

    def _value(self, x: Array, xp: Namespace) -> Array:
        return _stack_value(self.outer, self.norm, x, self._batch(x), xp)

    def _lmo(self, g: Array, xp: Namespace) -> Array:
        return _stack_lmo(self.outer, self.norm, g, self._batch(g), xp)

    def _project(self, x: Array, radius: Array, xp: Namespace) -> Array:
        return _stack_project(self.outer, self.norm, x, radius, self._batch(x), xp)

    @property
    def has_projection(self) -> bool:
        """With φ = ℓ_∞ where n has one; with Euclidean n where φ has one."""
        return can_project(self.outer, (self.norm,))

    def _rho(self, shape: Shape, xp: Namespace) -> Array:
        return self.outer._rho(Shape(shape.dims[:1]), xp) * self.norm._rho(Shape(shape.dims[1:]), xp)

    @property
    def has_rho(self) -> bool:
        """Whether both norms have one."""
        return self.outer.has_rho and self.norm.has_rho

    def _accepts(self, shape: Tree) -> str | None:
        if not isinstance(shape, Shape):
            return "an array, not a pytree; combine blocks with Product"
        if shape.ndim < 2:
            return "at least 2 axes, the first counting slices"
        expected = self.outer._accepts(Shape(shape.dims[:1]))
        if expected is not None:
            return f"an array whose first axis has {expected}"
        expected = self.norm._accepts(Shape(shape.dims[1:]))
        return None if expected is None else f"slices each of which is {expected}"

    def _shapes(self, dims: tuple[int, ...]) -> tuple[Tree, ...]:
        slices = [s for s in self.norm._shapes(dims) if isinstance(s, Shape)]
        counts = itertools.cycle(s.size for s in self.outer._shapes(dims))
        return tuple(Shape((count, *s.dims)) for count, s in zip(counts, slices, strict=False))

    @property
    def dual(self) -> Norm:
        """The dual norms of slices and outer."""
        inner, outer = self.norm.dual, self.outer.dual
        if isinstance(inner, SupportFunction) or isinstance(outer, SupportFunction):
            return SupportFunction(self)
        return Stacked(inner, outer)

    @property
    def claims(self) -> frozenset[Claim]:
        """Absolute, polyhedral, strictly convex or Euclidean where both norms are."""
        return common_claims((self.norm, self.outer))

    def _notation(self, x: str) -> str:
        return over(self.outer, self.norm._notation(f"{x}ᵢ"), "i")


@final
@dataclasses.dataclass(frozen=True)
class Mixed(Norm):
    """φ over what remains of n along an axis: ‖X‖ = φ((n(fibre))). Dual: Mixed(φ.dual, n.dual, axis). ρ = ρ_φ·ρ_n.

    ``Mixed(L1(), L2(), axis=1)`` adds the ℓ₂ norms of a matrix's rows (group lasso); ``Mixed(LInf(), L1(), axis=1)``
    is the operator norm ℓ_∞ → ℓ_∞. LMO: that of each fibre, times −lmo_φ of the fibres' dual norms.

    Args:
        outer: φ, a norm on vectors that claims to be absolute.
        inner: n, a norm on vectors.
        axis: along which n is taken; negative counts from the end.

    Raises:
        InputError: φ does not claim to be absolute; a point has fewer than 2 axes or does not fit.

    Source: Benedek and Panzone, *The space L^p with mixed norm* (1961).

    >>> import numpy as np
    >>> from ntr_spec import L1, L2
    >>> x = np.array([[3.0, -4.0], [1.0, 0.0]])
    >>> norm = Mixed(L1(), L2(), axis=1)
    >>> float(norm(x)), float(norm.dual(x)), norm.lmo(x).tolist()
    (6.0, 5.0, [[-0.6, 0.8], [0.0, 0.0]])
    """

    outer: Norm
    inner: Norm
    axis: int

    def __post_init__(self) -> None:
        check_outer("Mixed", self.outer)
        check_norm("Mixed", self.inner)
        if isinstance(self.axis, bool) or not isinstance(self.axis, int):
            raise InputError(f"Mixed: expected one axis, an integer, got axis={self.axis!r}; nest Mixed for several")

    @property
    def scale_free(self) -> bool:
        """True where the fibres do not meet: each is scaled on its own."""
        return isinstance(self.outer, LInf)

    def _fibres(self, x: Array, xp: Namespace) -> Array:
        """One fibre per row."""
        moved = xp.moveaxis(x, self.axis, -1)
        return xp.reshape(moved, (-1, moved.shape[-1]))

    def _array(self, fibres: Array, like: Array, xp: Namespace) -> Array:
        """Undo ``_fibres``."""
        dims = list(like.shape)
        length = dims.pop(self.axis)
        return xp.moveaxis(xp.reshape(fibres, (*dims, length)), -1, self.axis)

    def _value(self, x: Array, xp: Namespace) -> Array:
        return _stack_value(self.outer, self.inner, self._fibres(x, xp), 0, xp)

    def _lmo(self, g: Array, xp: Namespace) -> Array:
        return self._array(_stack_lmo(self.outer, self.inner, self._fibres(g, xp), 0, xp), g, xp)

    def _project(self, x: Array, radius: Array, xp: Namespace) -> Array:
        return self._array(_stack_project(self.outer, self.inner, self._fibres(x, xp), radius, 0, xp), x, xp)

    @property
    def has_projection(self) -> bool:
        """With φ = ℓ_∞ where n has one; with n = ℓ₂ where φ has one (group soft thresholding)."""
        return can_project(self.outer, (self.inner,))

    def _split(self, shape: Shape) -> tuple[Shape, Shape]:
        """Shapes of what φ and n see."""
        length = shape.dims[self.axis]
        return Shape((shape.size // length,)), Shape((length,))

    def _rho(self, shape: Shape, xp: Namespace) -> Array:
        outer, inner = self._split(shape)
        return self.outer._rho(outer, xp) * self.inner._rho(inner, xp)

    @property
    def has_rho(self) -> bool:
        """Whether both norms have one."""
        return self.outer.has_rho and self.inner.has_rho

    @property
    def _least_rank(self) -> int:
        return max(2, self.axis + 1, -self.axis)

    def _accepts(self, shape: Tree) -> str | None:
        if not isinstance(shape, Shape):
            return "an array, not a pytree; combine blocks with Product"
        if shape.ndim < self._least_rank:
            return f"at least {self._least_rank} axes"
        outer, inner = self._split(shape)
        expected = self.inner._accepts(inner)
        if expected is not None:
            return f"an array whose axis {self.axis} has {expected}"
        expected = self.outer._accepts(outer)
        return None if expected is None else f"an array that has, apart from axis {self.axis}, {expected}"

    def _shapes(self, dims: tuple[int, ...]) -> tuple[Tree, ...]:
        found = []
        for outer in self.outer._shapes(dims):
            for inner in self.inner._shapes(dims):
                sizes = [1] * self._least_rank
                sizes[self.axis] = inner.size
                sizes[next(i for i in range(len(sizes)) if i != self.axis % len(sizes))] = outer.size
                found.append(Shape(tuple(sizes)))
        return tuple(found)

    @property
    def dual(self) -> Norm:
        """The dual norms of fibres and outer."""
        inner, outer = self.inner.dual, self.outer.dual
        if isinstance(inner, SupportFunction) or isinstance(outer, SupportFunction):
            return SupportFunction(self)
        return Mixed(outer, inner, self.axis)

    @property
    def claims(self) -> frozenset[Claim]:
        """Absolute, polyhedral, strictly convex or Euclidean where both norms are."""
        return common_claims((self.inner, self.outer))

    def _notation(self, x: str) -> str:
        fibre, index = {1: ("ᵢ,:", "i"), -1: ("ᵢ,:", "i"), 0: (":,ⱼ", "j"), -2: (":,ⱼ", "j")}.get(
            self.axis, (f"|axis {self.axis}", "i")
        )
        return over(self.outer, self.inner._notation(f"{x}{fibre}"), index)


def _stack_value(outer: Norm, inner: Norm, x: Array, batch: int, xp: Namespace) -> Array:
    return apply_value(outer, apply_value(inner, x, xp, batch + 1), xp, batch)


def _stack_lmo(outer: Norm, inner: Norm, g: Array, batch: int, xp: Namespace) -> Array:
    v = apply_lmo(inner, g, 1.0, xp, batch + 1)
    if isinstance(outer, LInf):
        return v
    slopes = -xp.sum(g * v, axis=tuple(range(batch + 1, g.ndim)))
    t = -apply_lmo(outer, slopes, 1.0, xp, batch)
    return v * xp.reshape(t, tuple(t.shape) + (1,) * (g.ndim - t.ndim))


def _stack_project(outer: Norm, inner: Norm, x: Array, radius: Array, batch: int, xp: Namespace) -> Array:
    if radius.ndim:  # (stack…, 1, …): one number per point
        radius = xp.reshape(radius, tuple(radius.shape[:batch]))
    if isinstance(outer, LInf):
        if radius.ndim:
            radius = xp.broadcast_to(radius[..., None], x.shape[: batch + 1])
        return apply_project(inner, x, radius, xp, batch + 1)
    check_project("Stacked or Mixed", outer, (inner,))
    sizes = apply_value(inner, x, xp, batch + 1)
    kept = apply_project(outer, sizes, radius, xp, batch) / xp.where(sizes == 0, xp.ones_like(sizes), sizes)
    return x * xp.reshape(kept, tuple(kept.shape) + (1,) * (x.ndim - kept.ndim))
