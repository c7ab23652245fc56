"""``Box``: bounds on every entry, non-negativity included, and its conjugate.

Reference: Bauschke and Combettes, *Convex Analysis*, example 13.3 and proposition 29.15.
"""

from __future__ import annotations

import dataclasses
import functools
import math
import numbers
import operator
from typing import Any, final

from ntr_spec.arrays import Namespace, Parameter, device_of, largest_entry, namespace_of
from ntr_spec.errors import InputError
from ntr_spec.steps.entrywise import corner, kinked_corner, kinked_slope
from ntr_spec.steps.regularizer import Bound, Regularizer
from ntr_spec.steps.simple import Zero
from ntr_spec.trees import Shape, Tree

Array = Any


@final
@dataclasses.dataclass(frozen=True, repr=False)
class Side:
    """The bounds on one side: finite numbers, and where there are any.

    Infinity is kept apart, as it is no number on symbols and times zero is NaN.

    Attributes:
        value: one number for all entries, or one for each; 0 where there is no bound.
        bounded: 1 for entries that have a bound, 0 for others; None where all have one.
        sign: −1 for lower bounds, 1 for upper ones.
    """

    value: float | Parameter
    bounded: Parameter | None
    sign: int

    @property
    def shape(self) -> Shape | None:
        """That of the points; None where any will do."""
        return Shape(self.value.shape) if isinstance(self.value, Parameter) else None

    def like(self, x: Array, xp: Namespace) -> Array:
        """The numbers in the library, dtype and shape of a point; one number as a 0-d array."""
        if isinstance(self.value, Parameter):
            return xp.reshape(self.value.like(x, xp), x.shape)
        return xp.asarray(self.value, dtype=x.dtype, device=device_of(x))

    def where(self, given: Array, other: Array, xp: Namespace) -> Array:
        """``given`` for the entries that have a bound, ``other`` for those that have none."""
        if self.bounded is None:
            return given
        return xp.where(xp.reshape(self.bounded.like(given, xp), given.shape) > 0, given, other)

    def clip(self, x: Array, xp: Namespace) -> Array:
        """x, no further out than the bounds."""
        closer = xp.maximum if self.sign < 0 else xp.minimum
        return self.where(closer(x, self.like(x, xp)), x, xp)

    def size(self) -> float:
        """The largest magnitude among the finite bounds."""
        if not isinstance(self.value, Parameter):
            return abs(self.value)
        sizes = abs(self.host())
        return float(sizes[sizes < math.inf].max(initial=0.0))

    def host(self) -> Any:
        """The bounds as NumPy numbers, infinite where there are none."""
        import numpy as np

        if not isinstance(self.value, Parameter):
            return np.asarray(self.value)
        if self.bounded is None:
            return self.value.host
        return np.where(self.bounded.host > 0, self.value.host, self.sign * math.inf)

    def __repr__(self) -> str:
        return repr(self.host().tolist())


@final
@dataclasses.dataclass(frozen=True)
class Box(Regularizer):
    """The indicator of {lower ≤ x ≤ upper}. Conjugate: Σ max(lowerᵢsᵢ, upperᵢsᵢ). Prox: clipping.

    ``Box(0)`` is non-negativity. The argument is one array.

    Args:
        lower, upper: numbers, or arrays in the shape of the points; None and, in arrays, infinity mean no bound.

    Raises:
        InputError: a bound is NaN or infinite on the wrong side, a lower bound exceeds its upper one, or the two differ
            in shape.

    >>> import numpy as np
    >>> R, x = Box(0, [1, 2]), np.array([3.0, -4.0])
    >>> float(R(x)), R.prox(x).tolist(), float(R.conjugate(x))
    (inf, [1.0, 0.0], 3.0)
    """

    lower: Any = None
    upper: Any = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "lower", _side("lower", self.lower, -1))
        object.__setattr__(self, "upper", _side("upper", self.upper, 1))
        if self.lower is None or self.upper is None:
            return
        if None not in (self.lower.shape, self.upper.shape) and self.lower.shape != self.upper.shape:
            raise InputError(
                f"Box: expected bounds of one shape, got {self.lower.shape} and {self.upper.shape}; give both one shape"
            )
        if bool((self.lower.host() > self.upper.host()).any()):
            raise InputError(f"Box: expected lower ≤ upper, got {self.lower!r} and {self.upper!r}; swap them")

    @property
    def _sides(self) -> tuple[Side, ...]:
        return tuple(side for side in (self.lower, self.upper) if side is not None)

    def _value(self, x: Array, xp: Namespace) -> Array:
        return 0 * largest_entry(x)

    def _domain(self, x: Array, xp: Namespace) -> tuple[Bound, ...]:
        found = []
        for side in self._sides:
            if side.shape is None:
                excess = xp.max(x) - side.value if side.sign > 0 else side.value - xp.min(x)
            else:
                excess = xp.max(side.where(side.sign * (x - side.like(x, xp)), 0 * x, xp))
            found.append(Bound(excess, 0 * excess, side.size(), terms=1))
        return tuple(found)

    def _prox(self, x: Array, step: Array, xp: Namespace) -> Array:
        for side in self._sides:
            x = side.clip(x, xp)
        return x

    def _subgradient(self, x: Array, xp: Namespace) -> Array:
        return 0 * x  # NaN stays NaN

    def _box_argmin(self, g: Array, lower: Array, upper: Array, xp: Namespace) -> Array:
        return self._prox(corner(g, lower, upper, xp), 1.0, xp)

    def _nearest_subgradient(self, x: Array, g: Array, xp: Namespace) -> Array:
        zero = s = 0 * g + 0 * x  # NaN stays NaN
        for side in self._sides:
            outward = (xp.minimum if side.sign < 0 else xp.maximum)(-g, zero)
            at_end = xp.where(side.sign * x >= side.sign * side.like(x, xp), outward, zero)
            s = s + side.where(at_end, zero, xp)
        return s

    @property
    def uniform(self) -> bool:
        """Whether both bounds are numbers."""
        return all(side.shape is None for side in self._sides)

    def _accepts(self, shape: Tree) -> str | None:
        if not isinstance(shape, Shape):
            return "an array, not a pytree; give each block a Box of its own"
        for side in self._sides:
            if side.shape not in (None, shape):
                return f"the shape of its bounds, {side.shape}"
        return None

    def _shapes(self, dims: tuple[int, ...]) -> tuple[Tree, ...]:
        given = tuple(side.shape for side in self._sides if side.shape is not None)
        return given[:1] or tuple(Shape((n,)) for n in dims)

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
    """The support function Σ max(lowerᵢsᵢ, upperᵢsᵢ) of a box; infinite where a side without bound would pay.

    Prox: s less the multiple of the bound that it can pay, 0 between. Conjugate: the box.
    """

    box: Box

    def _value(self, x: Array, xp: Namespace) -> Array:
        zero = xp.zeros_like(x)
        gains = [0 * x]
        for side in self.box._sides:
            gains.append((xp.minimum if side.sign < 0 else xp.maximum)(x, zero) * side.like(x, xp))
        return xp.sum(functools.reduce(operator.add, gains))

    def _domain(self, x: Array, xp: Namespace) -> tuple[Bound, ...]:
        found = []
        for side, sign in ((self.box.lower, -1), (self.box.upper, 1)):
            if side is None or side.bounded is not None:
                outward = sign * x if side is None else side.where(0 * x, sign * x, xp)
                found.append(Bound(xp.max(outward), 0 * xp.max(outward)))
        return tuple(found)

    def _prox(self, x: Array, step: Array, xp: Namespace) -> Array:
        # Not by Moreau: its rounding would leave the domain.
        zero = 0 * x
        moved = [zero]
        for side in self.box._sides:
            beyond = (xp.minimum if side.sign < 0 else xp.maximum)(x - step * side.like(x, xp), zero)
            moved.append(side.where(beyond, zero, xp))
        return functools.reduce(operator.add, moved)

    def _subgradient(self, x: Array, xp: Namespace) -> Array:
        rest = self.box._prox(0 * x, 1.0, xp)
        s = rest
        for side in self.box._sides:
            s = xp.where(side.sign * x > 0, side.where(side.like(x, xp), rest, xp), s)
        return s

    def _box_argmin(self, g: Array, lower: Array, upper: Array, xp: Namespace) -> Array:
        zero = xp.zeros_like(g)
        for side, sign in ((self.box.lower, -1), (self.box.upper, 1)):  # a side without a bound is closed to the point
            inward = xp.maximum if sign < 0 else xp.minimum
            for_good = (inward(lower, zero), inward(upper, zero))
            if side is None:
                lower, upper = for_good
            else:
                lower, upper = side.where(lower, for_good[0], xp), side.where(upper, for_good[1], xp)
        left, right = self._slopes(g, xp)
        return kinked_corner(g, left, right, lower, upper, xp)

    def _nearest_subgradient(self, x: Array, g: Array, xp: Namespace) -> Array:
        left, right = self._slopes(g, xp)
        return kinked_slope(x, g, left, right, xp)

    def _slopes(self, g: Array, xp: Namespace) -> tuple[Array, Array]:
        """Those of a term left and right of 0; a side without a bound has one too steep for any g."""
        steep = 2 * xp.abs(g) + 1
        left, right = self.box.lower, self.box.upper
        return (
            -steep if left is None else left.where(left.like(g, xp), -steep, xp),
            steep if right is None else right.where(right.like(g, xp), steep, xp),
        )

    @property
    def uniform(self) -> bool:
        """Whether that of the box is."""
        return self.box.uniform

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
        allowed = Box(_opened(self.box.lower, -1), _opened(self.box.upper, 1))
        return allowed if allowed._sides else Zero()


def _side(name: str, value: Any, sign: int) -> Side | None:
    """A side of a box from what its user writes; None where nothing is bounded."""
    if value is None or isinstance(value, Side):
        return value
    subject = f"Box.{name}"
    if isinstance(value, bool | str):
        raise InputError(f"{subject}: expected a number or an array of them, got {value!r}; pass None for no bound")
    clean, bounded = _read(subject, value, sign)
    if bounded is not None and not bounded.host.any():
        return None
    return Side(clean if clean.shape else float(clean.host), bounded, sign)


def _read(subject: str, value: Any, sign: int) -> tuple[Parameter, Parameter | None]:
    """The bounds, 0 where they are infinite, and ones where they are not; on the device on which they come."""
    import numpy as np

    if isinstance(value, numbers.Real | list | tuple):
        try:
            value = np.asarray(value, dtype=float)
        except (TypeError, ValueError):
            return Parameter(value, subject), None  # which says what is wrong
    try:
        xp = namespace_of(value)
    except TypeError:
        return Parameter(value, subject), None
    if xp.limits(value.dtype) is None:  # integers
        return Parameter(value, subject), None
    infinite = value == sign * math.inf
    clean = Parameter(xp.where(infinite, xp.zeros_like(value), value), subject)
    bounded = Parameter(xp.where(infinite, xp.zeros_like(value), xp.ones_like(value)), subject)
    return clean, None if bounded.host.all() else bounded


def _opened(side: Side | None, sign: int) -> Any:
    """What R* allows on the other side: no bound where the box has one here, 0 where it has none."""
    if side is None:
        return 0.0
    if side.bounded is None:
        return None
    import numpy as np

    return np.where(side.bounded.host > 0, sign * math.inf, 0.0)


def _text(side: Side) -> str:
    return f"{side.value:g}" if isinstance(side.value, float) else repr(side)
