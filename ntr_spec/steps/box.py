"""``Box``: bounds on every entry, non-negativity included, and its conjugate.

Reference: Bauschke and Combettes, *Convex Analysis*, example 13.3 and proposition 29.15.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any, final

from ntr_spec.arrays import Namespace, Parameter, namespace_of
from ntr_spec.errors import InputError
from ntr_spec.steps.entrywise import clipped_corner
from ntr_spec.steps.regularizer import Bound, Regularizer
from ntr_spec.trees import Shape, Tree

Array = Any


@final
@dataclasses.dataclass(frozen=True)
class Box(Regularizer):
    """The indicator of {lower ≤ x ≤ upper}. Conjugate: Σ max(lowerᵢsᵢ, upperᵢsᵢ). Prox: clipping.

    ``Box(0)`` is non-negativity. The argument is one array.

    Args:
        lower, upper: numbers, or arrays in the shape of the points; None means no bound on that side.

    Raises:
        InputError: a bound is not finite, or some lower bound exceeds its upper one.

    >>> import numpy as np
    >>> R, x = Box(0, [1, 2]), np.array([3.0, -4.0])
    >>> float(R(x)), R.prox(x).tolist(), float(R.conjugate(x))
    (inf, [1.0, 0.0], 3.0)
    """

    lower: Any = None
    upper: Any = None

    def __post_init__(self) -> None:
        for name in ("lower", "upper"):
            object.__setattr__(self, name, _bound(name, getattr(self, name)))
        if self.lower is not None and self.upper is not None:
            low, high = (b.host if isinstance(b, Parameter) else b for b in (self.lower, self.upper))
            try:
                crossed = bool((low > high).any()) if hasattr(low > high, "any") else bool(low > high)
            except ValueError:
                raise InputError(
                    f"Box: expected bounds of one shape, got {self.lower!r} and {self.upper!r}; give both one shape"
                ) from None
            if crossed:
                raise InputError(f"Box: expected lower ≤ upper, got {self.lower!r} and {self.upper!r}; swap them")

    def bounds(self, x: Array, xp: Namespace) -> tuple[Array | None, Array | None]:
        """Both bounds in the library, dtype and shape of a point; None where there is none."""

        def like(bound: Any) -> Array | None:
            if bound is None:
                return None
            if isinstance(bound, Parameter):
                return xp.reshape(bound.like(x, xp), x.shape)
            return xp.zeros_like(x) + bound

        return like(self.lower), like(self.upper)

    def _clip(self, x: Array, xp: Namespace) -> Array:
        low, high = self.bounds(x, xp)
        x = x if low is None else xp.maximum(x, low)
        return x if high is None else xp.minimum(x, high)

    def _value(self, x: Array, xp: Namespace) -> Array:
        return 0 * xp.max(xp.abs(x))

    def _domain(self, x: Array, xp: Namespace) -> tuple[Bound, ...]:
        low, high = self.bounds(x, xp)
        found = []
        if low is not None:
            found.append(xp.max(low - x))
        if high is not None:
            found.append(xp.max(x - high))
        return tuple(Bound(value, 0 * value) for value in found)

    def _prox(self, x: Array, step: Array, xp: Namespace) -> Array:
        return self._clip(x, xp)

    def _subgradient(self, x: Array, xp: Namespace) -> Array:
        return xp.zeros_like(x)

    def _box_argmin(self, g: Array, lower: Array, upper: Array, xp: Namespace) -> tuple[Array, Array]:
        low, high = self.bounds(g, xp)
        return clipped_corner(g, low, high, lower, upper, xp)

    def _accepts(self, shape: Tree) -> str | None:
        if not isinstance(shape, Shape):
            return "an array, not a pytree; give each block a Box of its own"
        for bound in (self.lower, self.upper):
            if isinstance(bound, Parameter) and Shape(bound.shape) != shape:
                return f"the shape of its bounds, {bound.shape}"
        return None

    def _shapes(self, dims: tuple[int, ...]) -> tuple[Tree, ...]:
        for bound in (self.lower, self.upper):
            if isinstance(bound, Parameter):
                return (Shape(bound.shape),)
        return tuple(Shape((n,)) for n in dims)

    def _notation(self, x: str) -> str:
        low = "" if self.lower is None else f"{_text(self.lower)} ≤ "
        high = "" if self.upper is None else f" ≤ {_text(self.upper)}"
        return f"δ({low}{x}{high})"

    @property
    def conjugate(self) -> Regularizer:
        """The support function of the box."""
        return BoxSupport(self)

    @property
    def domain(self) -> Regularizer:
        """Itself."""
        return self


@final
@dataclasses.dataclass(frozen=True)
class BoxSupport(Regularizer):
    """The support function Σ max(lowerᵢsᵢ, upperᵢsᵢ) of a box; infinite where a side without bound pays."""

    box: Box

    def _value(self, x: Array, xp: Namespace) -> Array:
        low, high = self.box.bounds(x, xp)
        zero = xp.zeros_like(x)
        gain = xp.maximum(x, zero) * (zero if high is None else high)
        return xp.sum(gain + xp.minimum(x, zero) * (zero if low is None else low))

    def _domain(self, x: Array, xp: Namespace) -> tuple[Bound, ...]:
        found = []
        if self.box.lower is None:
            found.append(xp.max(-x))
        if self.box.upper is None:
            found.append(xp.max(x))
        return tuple(Bound(value, 0 * value) for value in found)

    def _prox(self, x: Array, step: Array, xp: Namespace) -> Array:
        return x - step * self.box._clip(x / step, xp)

    def _subgradient(self, x: Array, xp: Namespace) -> Array:
        low, high = self.box.bounds(x, xp)
        zero = xp.zeros_like(x)
        rest = self.box._clip(zero, xp)
        return xp.where(x > 0, rest if high is None else high, xp.where(x < 0, rest if low is None else low, rest))

    def _accepts(self, shape: Tree) -> str | None:
        return self.box._accepts(shape)

    def _shapes(self, dims: tuple[int, ...]) -> tuple[Tree, ...]:
        return self.box._shapes(dims)

    def _notation(self, x: str) -> str:
        return f"sup{{⟨{x}, y⟩ : {self.box._notation('y')[2:-1]}}}"

    @property
    def conjugate(self) -> Regularizer:
        """The indicator of the box."""
        return self.box

    @property
    def domain(self) -> Regularizer:
        """The signs that the sides without bound allow."""
        if self.box.lower is not None and self.box.upper is not None:
            from ntr_spec.steps.simple import Zero

            return Zero()
        return Box(0 if self.box.lower is None else None, 0 if self.box.upper is None else None)


def _bound(name: str, value: Any) -> Any:
    if value is None or isinstance(value, Parameter):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        if math.isinf(value) and (value < 0) == (name == "lower"):
            return None
        if not math.isfinite(value):
            raise InputError(f"Box: expected a finite {name} bound, got {value!r}; None means no bound")
        return float(value)
    if _is_unbounded(value, -math.inf if name == "lower" else math.inf):
        return None
    return Parameter(value, f"Box.{name}")


def _is_unbounded(value: Any, infinity: float) -> bool:
    try:
        xp = namespace_of(value)
        return bool(xp.all(value == infinity))
    except TypeError:
        return False


def _text(bound: Any) -> str:
    return f"{bound:g}" if isinstance(bound, float) else repr(bound)
