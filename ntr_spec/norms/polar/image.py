"""What an iteration makes of singular values: rigorous images of intervals under composed odd maps.

A step maps every singular value by one odd function. The image of an interval under a continuous function is again an
interval, whose ends lie at the interval's ends or at stationary points; so the image under a composition is found
exactly, one step after another, with nothing lost but the radii of Arb's balls.

Reference: Johansson, *Arb: efficient arbitrary-precision midpoint-radius interval arithmetic* (2017).
"""

from __future__ import annotations

import abc
import dataclasses
import functools
import math
from typing import Any, final

from ntr_spec.errors import InputError

Ball = Any

_PRECISION = 320  # bits; QDWH's coefficients reach 1e40, and roots of quadratics cancel
_GRID = 170  # points, ten for each decade down to 1e-17


class Step(abc.ABC):
    """One odd function of the singular values, with coefficients as they are used."""

    @abc.abstractmethod
    def value(self, x: Ball) -> Ball:
        """The function at x, by +, * and / alone: for balls, floats and arrays."""

    @abc.abstractmethod
    def quadratic(self) -> tuple[Ball, Ball, Ball]:
        """(α, β, γ), as balls: f′(x) = 0 if and only if α + βt + γt² = 0, where t = x²."""


@final
@dataclasses.dataclass(frozen=True)
class Quintic(Step):
    """ax + bx³ + cx⁵, a step of Newton–Schulz type."""

    a: float
    b: float
    c: float

    def value(self, x: Ball) -> Ball:
        """ax + bx³ + cx⁵."""
        t = x * x
        return x * (self.a + t * (self.b + t * self.c))

    def quadratic(self) -> tuple[Ball, Ball, Ball]:
        """a + 3bt + 5ct²."""
        return _ball(self.a), 3 * _ball(self.b), 5 * _ball(self.c)

    def divided(self, by: float) -> Quintic:
        """The same over a positive number, in floating point."""
        return Quintic(self.a / by, self.b / by, self.c / by)


@final
@dataclasses.dataclass(frozen=True)
class Halley(Step):
    """x(a + bx²)/(1 + cx²) with c ≥ 0, a step of (dynamically weighted) Halley type."""

    a: float
    b: float
    c: float

    def value(self, x: Ball) -> Ball:
        """x(a + bx²)/(1 + cx²)."""
        t = x * x
        return x * (self.a + self.b * t) / (1.0 + self.c * t)

    def quadratic(self) -> tuple[Ball, Ball, Ball]:
        """a + (3b − ac)t + bct²."""
        a, b, c = _ball(self.a), _ball(self.b), _ball(self.c)
        return a, 3 * b - a * c, b * c


Steps = tuple[Step, ...]


@final
@dataclasses.dataclass(frozen=True)
class Map:
    """What a composition p of steps does to [0, 1]: certain bounds, rounded outwards.

    Attributes:
        grid: ℓ₁ < ℓ₂ < … ≤ 1.
        lost: e with min p over [ℓ, 1] ≥ 1 − e, for each ℓ of the grid.
    """

    grid: tuple[float, ...]
    lost: tuple[float, ...]


def image(steps: Steps, lower: float, upper: float = 1.0, slack: float = 0.0) -> tuple[float, float]:
    """(min, max) of the composed steps over [lower, upper], rounded outwards: no value lies beyond them.

    Args:
        steps: the first is applied first.
        lower: at least 0.
        upper: at least ``lower``.
        slack: by how much, relatively, a value may be too long when it enters a step.

    >>> image((Quintic(15 / 8, -10 / 8, 3 / 8),), 0.5)
    (0.79296875, 1.0)
    """
    with _precisely():
        low, high = _composed(steps, lower, upper, slack)
        return _below(low), _above(high)


def lost(steps: Steps, lower: float) -> float:
    """e with p ≥ 1 − e on [lower, 1], for certain; at least 0.

    >>> lost((Quintic(15 / 8, -10 / 8, 3 / 8),), 0.5)
    0.20703125
    """
    with _precisely():
        return max(0.0, _above(1 - _composed(steps, lower, 1.0, 0.0)[0]))


@functools.lru_cache(maxsize=256)
def dip(steps: Steps) -> float:
    """How far p certainly goes below zero on [0, 1]: −min p; 0 where p ≥ 0, or the balls do not tell it from that.

    >>> dip((Quintic(1.0, -2.0, 0.0),)), dip((Quintic(1.0, -2.0, 1.0),))
    (1.0, 0.0)
    """
    with _precisely():
        return max(0.0, -_above(_composed(steps, 0.0, 1.0, 0.0)[0]))


def check_interval(subject: str, lower: float, upper: float = 1.0) -> None:
    """Raise InputError unless 0 ≤ lower ≤ upper ≤ 1: singular values are divided by no less than the largest."""
    if not (isinstance(lower, int | float) and isinstance(upper, int | float) and 0 <= lower <= upper <= 1):
        raise InputError(
            f"{subject}: expected an interval with 0 ≤ lower ≤ upper ≤ 1, got {lower!r} and {upper!r}; "
            "give singular values as fractions of the scale"
        )


@functools.lru_cache(maxsize=256)
def mapped(steps: Steps) -> Map:
    """What is certain of the composed steps on [0, 1]; see :class:`Map`."""
    grid = tuple(sorted({*(10.0 ** (-17 * j / _GRID) for j in range(_GRID + 1)), 0.95, 0.9, 0.85, 0.75}))
    return Map(grid, tuple(lost(steps, low) for low in grid))


def feasible(steps: tuple[Quintic, ...], slack: float = 0.0) -> tuple[Quintic, ...]:
    """The steps with the last divided so that the composed p stays in [−1, 1] on [0, 1], for certain.

    Args:
        steps: at least one.
        slack: as in :func:`image`.

    >>> steps = feasible((Quintic(3.4445, -4.7750, 2.0315),) * 5)
    >>> image(steps, 0.0)
    (0.0, 1.0)
    """
    by = _largest(steps, slack) or 1.0
    while True:  # dividing rounds, so that a last bit may be missing
        found = (*steps[:-1], steps[-1].divided(by))
        excess = _largest(found, slack)
        if excess <= 1.0:
            return found
        by = _after(by * excess)


def _largest(steps: Steps, slack: float) -> float:
    """At least max |p| over [0, 1]."""
    least, largest = image(steps, 0.0, 1.0, slack)
    return max(largest, -least)


def _composed(steps: Steps, lower: float, upper: float, slack: float) -> tuple[Ball, Ball]:
    """Balls around the ends of the image of [lower, upper] under all steps; see :func:`image`."""
    low, high, longer = _ball(lower), _ball(upper), 1 + _ball(slack)
    for step in steps:  # values may be negative between steps
        low, high = _image(step, low.min(low * longer), high.max(high * longer), _flint())
    return low, high


def _image(step: Step, low: Ball, high: Ball, flint: Any) -> tuple[Ball, Ball]:
    """Balls around the ends of the image of [low, high] under one step; extra points can only widen it."""
    ends = [step.value(low), step.value(high)]
    ends += [step.value(x) for x in _stationary(step, flint) if not (x < low or x > high)]
    return functools.reduce(lambda p, q: p.min(q), ends), functools.reduce(lambda p, q: p.max(q), ends)


@functools.lru_cache(maxsize=1024)
def _stationary(step: Step, flint: Any) -> tuple[Ball, ...]:
    """Balls that together hold every zero of the step's derivative, which is even."""
    alpha, beta, gamma = step.quadratic()
    roots: tuple[Ball, ...]
    if gamma.is_zero():
        roots = () if beta.is_zero() else (-alpha / beta,)
    else:
        square = beta * beta - 4 * alpha * gamma
        if square < 0:
            return ()
        root = square.nonnegative_part().sqrt()
        half = -(beta + (root if beta >= 0 else -root)) / 2
        # Both roots without cancellation; where they are too close to 0 to be told apart, one ball around them.
        both = ((-beta - root) / (2 * gamma)).union((-beta + root) / (2 * gamma))
        roots = (both,) if half.contains(0) else (half / gamma, alpha / half)
    positive = [t.nonnegative_part().sqrt() for t in roots if not t < 0]
    return (*positive, *(-x for x in positive))


def _ball(x: float) -> Ball:
    return _flint().arb(x)


def _below(x: Ball) -> float:
    """A float no larger than any point of the ball, and not beyond the next one."""
    if x.is_zero():
        return 0.0
    found = float(x.lower())
    return found if _ball(found) <= x.lower() else math.nextafter(found, -math.inf)


def _above(x: Ball) -> float:
    return 0.0 - _below(-x)


def _after(x: float) -> float:
    return math.nextafter(x, math.inf)


def _precisely() -> Any:
    return _flint().ctx.workprec(_PRECISION)


def _flint() -> Any:
    import flint

    return flint
