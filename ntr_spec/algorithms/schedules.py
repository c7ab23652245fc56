"""Schedules: numbers that change with the step, as values that print, compare and pickle.

Wherever a method takes a number it takes a schedule: any function of ``state.step`` (0 at the first update). Those here
work on Python integers and on steps that a compiler traces, and multiply: ``decay=0.1 * radius`` is the decoupled
weight decay λ·η_k of AdamW (Loshchilov and Hutter 2019) and of Muon.

>>> radius = Warmup(0.02, 10) * Cosine(1.0, 0.1, 100)
>>> [round(radius(k), 4) for k in (0, 9, 50, 200)]
[0.002, 0.0196, 0.011, 0.002]
"""

from __future__ import annotations

import abc
import dataclasses
import itertools
import math
import numbers
from typing import Any, final

from ntr_spec.arrays import namespace_of
from ntr_spec.errors import InputError

Array = Any


class Curve(abc.ABC):
    """A schedule as a value; ``curve(step)`` is a number, or a 0-d array where the step is one."""

    @abc.abstractmethod
    def __call__(self, step: Any) -> Any:
        """The value at a step."""

    @final
    def __mul__(self, other: Any) -> Curve:
        """The product with a number or another schedule."""
        if not isinstance(other, numbers.Real) and not callable(other):
            return NotImplemented
        return Times(self, as_curve("Times", other))

    __rmul__ = __mul__


@final
@dataclasses.dataclass(frozen=True)
class Constant(Curve):
    """v, at every step.

    >>> Constant(0.1)(7)
    0.1
    """

    value: float

    def __post_init__(self) -> None:
        _check_finite(self, "value")

    def __call__(self, step: Any) -> Any:
        """The value."""
        return self.value


@final
@dataclasses.dataclass(frozen=True)
class Linear(Curve):
    """From ``start`` to ``stop`` in so many steps, then ``stop``: start + (stop − start)·min(k, n)/n.

    >>> [Linear(1.0, 0.0, 4)(k) for k in (0, 1, 4, 9)]
    [1.0, 0.75, 0.0, 0.0]
    """

    start: float
    stop: float
    steps: int

    def __post_init__(self) -> None:
        _check_finite(self, "start", "stop")
        _check_steps(self)

    def __call__(self, step: Any) -> Any:
        """The value at a step."""
        done = _least(step, self.steps) / self.steps
        return self.start * (1 - done) + self.stop * done


@final
@dataclasses.dataclass(frozen=True)
class Warmup(Curve):
    """Up to ``value`` in so many equal steps: value·min(k + 1, n)/n. The first step is not lost.

    >>> [Warmup(1.0, 4)(k) for k in (0, 1, 3, 9)]
    [0.25, 0.5, 1.0, 1.0]
    """

    value: float
    steps: int

    def __post_init__(self) -> None:
        _check_finite(self, "value")
        _check_steps(self)

    def __call__(self, step: Any) -> Any:
        """The value at a step."""
        return self.value * (_least(step + 1, self.steps) / self.steps)


@final
@dataclasses.dataclass(frozen=True)
class Cosine(Curve):
    """From ``start`` to ``stop`` along half a wave: stop + (start − stop)·(1 + cos(π·min(k, n)/n))/2.

    Source: Loshchilov and Hutter, *SGDR* (2017), without restarts.

    >>> [round(Cosine(1.0, 0.0, 4)(k), 3) for k in (0, 1, 2, 4, 9)]
    [1.0, 0.854, 0.5, 0.0, 0.0]
    """

    start: float
    stop: float
    steps: int

    def __post_init__(self) -> None:
        _check_finite(self, "start", "stop")
        _check_steps(self)

    def __call__(self, step: Any) -> Any:
        """The value at a step."""
        angle = _least(step, self.steps) * (math.pi / self.steps)
        left = (1 + (math.cos(angle) if isinstance(angle, float) else namespace_of(angle).cos(angle))) / 2
        return self.start * left + self.stop * (1 - left)


@final
@dataclasses.dataclass(frozen=True)
class Polynomial(Curve):
    """value·(1 + k/scale)^power; power −1/2 is the inverse square root, −1 the harmonic schedule.

    >>> [Polynomial(1.0, -0.5)(k) for k in (0, 3, 8)] == [1.0, 0.5, 1 / 3]
    True
    """

    value: float
    power: float
    scale: float = 1.0

    def __post_init__(self) -> None:
        _check_finite(self, "value", "power", "scale")
        if not self.scale > 0:
            raise InputError(f"Polynomial: expected a scale greater than 0, got {self.scale!r}; pass a number of steps")

    def __call__(self, step: Any) -> Any:
        """The value at a step."""
        return self.value * (1 + step / self.scale) ** self.power


@final
@dataclasses.dataclass(frozen=True)
class Piecewise(Curve):
    """One schedule after another: pairs of a first step and what holds from there, a schedule of the steps since then.

    Args:
        pieces: pairs ``(first, schedule or number)``, the first beginning at 0, each later than the one before.

    >>> radius = Piecewise(((0, Warmup(1.0, 4)), (4, Constant(1.0)), (10, Linear(1.0, 0.0, 10))))
    >>> [radius(k) for k in (0, 3, 9, 15)]
    [0.25, 1.0, 1.0, 0.5]
    """

    pieces: tuple[tuple[int, Any], ...]

    def __post_init__(self) -> None:
        try:
            pairs = tuple((first, as_curve("Piecewise", piece)) for first, piece in self.pieces)
        except (TypeError, ValueError):
            raise InputError(
                f"Piecewise: expected pairs of a first step and a schedule, got {self.pieces!r}; pass ((0, …), (9, …))"
            ) from None
        firsts = [first for first, _ in pairs]
        whole = all(isinstance(first, numbers.Integral) for first in firsts)
        if not whole or not firsts or firsts[0] != 0 or any(b <= a for a, b in itertools.pairwise(firsts)):
            raise InputError(f"Piecewise: expected first steps 0 < … rising, got {firsts}; sort the pieces")
        object.__setattr__(self, "pieces", pairs)

    def __call__(self, step: Any) -> Any:
        """The value at a step."""
        if isinstance(step, numbers.Integral):
            first, piece = next(pair for pair in reversed(self.pieces) if pair[0] <= step)
            return piece(step - first)
        xp = namespace_of(step)
        value = self.pieces[0][1](step)
        for first, piece in self.pieces[1:]:
            # Before its time a piece is asked for its first value, not for one where it may not be defined.
            value = xp.where(step >= first, piece(_most(step - first, 0)), value)
        return value


@final
@dataclasses.dataclass(frozen=True)
class Times(Curve):
    """The product of two schedules; written ``a * b``.

    >>> (0.5 * Linear(1.0, 0.0, 4))(2)
    0.25
    """

    left: Any
    right: Any

    def __call__(self, step: Any) -> Any:
        """The value at a step."""
        return self.left(step) * self.right(step)


def as_curve(subject: str, given: Any) -> Any:
    """A schedule, or a number as a :class:`Constant`.

    Raises:
        InputError: it is neither.
    """
    if isinstance(given, numbers.Real):
        return Constant(float(given))
    if not callable(given):
        raise InputError(f"{subject}: expected a number or a schedule of the step, got {given!r}; pass one")
    return given


def _least(step: Any, bound: int) -> Any:
    return min(step, bound) if isinstance(step, numbers.Real) else _bounded("minimum", step, bound)


def _most(step: Any, bound: int) -> Any:
    return max(step, bound) if isinstance(step, numbers.Real) else _bounded("maximum", step, bound)


def _bounded(name: str, step: Array, bound: int) -> Array:
    xp = namespace_of(step)
    return getattr(xp, name)(step, xp.full_like(step, bound))


def _check_finite(curve: Any, *names: str) -> None:
    for name in names:
        value = getattr(curve, name)
        if isinstance(value, bool) or not isinstance(value, numbers.Real) or not math.isfinite(value):
            raise InputError(f"{type(curve).__name__}: expected a finite {name}, got {value!r}; pass a number")


def _check_steps(curve: Any) -> None:
    if isinstance(curve.steps, bool) or not isinstance(curve.steps, numbers.Integral) or curve.steps < 1:
        raise InputError(
            f"{type(curve).__name__}: expected a whole number of steps of at least 1, got {curve.steps!r}; pass one"
        )
