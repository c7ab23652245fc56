"""Functions φ of one variable that objectives are made of, with sup|φ″| and sup|φ‴| exactly.

Convex: ``Square`` t²/2, ``LogCosh`` log cosh t, ``Softplus`` log(1 + e^−t). Star-convex: ``Cosine(a)``, that is
t²/2 + a(1 − cos t). Neither: ``Wave`` 1 − cos t, ``Cauchy`` ½log(1 + t²), ``Welsch`` 1 − e^{−t²/2}. References: Huber
and Ronchetti, *Robust Statistics* (2009), 3 and 7; Barron, *A General and Adaptive Robust Loss Function* (CVPR 2019).
"""

from __future__ import annotations

import abc
import dataclasses
import math
from typing import Any, ClassVar, final

from ntr_spec.arrays import Namespace
from ntr_spec.errors import InputError

Array = Any


class Scalar(abc.ABC):
    """φ: ℝ → [0, ∞) with sup|φ″| = φ″(0) and inf φ = 0, twice differentiable, φ″ Lipschitz.

    All but :class:`Softplus` are even and least at 0, so that φ‴ is odd and takes both signs of its largest magnitude.

    Attributes:
        curvature: sup|φ″|, which is φ″(0).
        third: sup|φ‴|, attained.
        convex: whether φ is convex.
        star_convex: whether t ↦ φ(t)/|t| does not decrease away from 0, which is star-convexity at 0 for φ(0) = 0.
        centred: whether φ is even, φ(0) = 0 its least value.
    """

    curvature: ClassVar[float]
    third: ClassVar[float]
    convex: ClassVar[bool] = False
    centred: ClassVar[bool] = True

    @abc.abstractmethod
    def value(self, t: Array, xp: Namespace) -> Array:
        """φ(t), entry by entry."""

    @abc.abstractmethod
    def slope(self, t: Array, xp: Namespace) -> Array:
        """φ′(t)."""

    @abc.abstractmethod
    def bend(self, t: Array, xp: Namespace) -> Array:
        """φ″(t)."""

    @property
    def star_convex(self) -> bool:
        """Convex and least at 0, or shown otherwise."""
        return self.convex and self.centred


@final
@dataclasses.dataclass(frozen=True)
class Square(Scalar):
    """t²/2: φ″ = 1, φ‴ = 0."""

    curvature: ClassVar[float] = 1.0
    third: ClassVar[float] = 0.0
    convex: ClassVar[bool] = True

    def value(self, t: Array, xp: Namespace) -> Array:
        """t²/2."""
        return t * t / 2

    def slope(self, t: Array, xp: Namespace) -> Array:
        """t."""
        return t

    def bend(self, t: Array, xp: Namespace) -> Array:
        """1."""
        return xp.ones_like(t)


@final
@dataclasses.dataclass(frozen=True)
class LogCosh(Scalar):
    """log cosh t: φ″ = sech²t ∈ (0, 1], |φ‴| = 2 sech²t·|tanh t| ≤ 4/(3√3), at tanh²t = 1/3."""

    curvature: ClassVar[float] = 1.0
    third: ClassVar[float] = 4 / (3 * math.sqrt(3))
    convex: ClassVar[bool] = True

    def value(self, t: Array, xp: Namespace) -> Array:
        """|t| + log(1 + e^−2|t|) − log 2, which does not overflow."""
        size = xp.abs(t)
        return size + xp.log1p(xp.exp(-2 * size)) - math.log(2)

    def slope(self, t: Array, xp: Namespace) -> Array:
        """tanh t."""
        return xp.tanh(t)

    def bend(self, t: Array, xp: Namespace) -> Array:
        """1 − tanh²t."""
        y = xp.tanh(t)
        return (1 - y) * (1 + y)


@final
@dataclasses.dataclass(frozen=True)
class Softplus(Scalar):
    """log(1 + e^−t), the logistic loss of a margin: φ″ = p(1−p) ≤ ¼ at p = ½, |φ‴| = p(1−p)|1−2p| ≤ 1/(6√3)."""

    curvature: ClassVar[float] = 0.25
    third: ClassVar[float] = 1 / (6 * math.sqrt(3))
    convex: ClassVar[bool] = True
    centred: ClassVar[bool] = False

    def value(self, t: Array, xp: Namespace) -> Array:
        """max(−t, 0) + log(1 + e^−|t|), which does not overflow."""
        return xp.maximum(-t, xp.zeros_like(t)) + xp.log1p(xp.exp(-xp.abs(t)))

    def slope(self, t: Array, xp: Namespace) -> Array:
        """−1/(1 + e^t)."""
        small = xp.exp(-xp.abs(t))
        return -xp.where(t > 0, small, xp.ones_like(small)) / (1 + small)

    def bend(self, t: Array, xp: Namespace) -> Array:
        """e^−|t|/(1 + e^−|t|)²."""
        small = xp.exp(-xp.abs(t))
        return small / ((1 + small) * (1 + small))


@final
@dataclasses.dataclass(frozen=True)
class Cosine(Scalar):
    """t²/2 + a(1 − cos t): φ″ = 1 + a cos t ∈ [1−a, 1+a], |φ‴| ≤ a. Not convex for a > 1; star-convex for a ≤ 3/2.

    Star-convexity is tφ′(t) ≥ φ(t), that is t²/2 + a(t sin t + cos t − 1) ≥ 0: linear in a, clear at a = 0, and at
    a = 3/2 proved for all t in ``proofs/star_convex_cosine.py``. It fails from a ≈ 1.71.

    Args:
        a: 0 ≤ a ≤ 3/2.

    Raises:
        InputError: a is not in that range.

    >>> Cosine().curvature, Cosine().third, Cosine().convex, Cosine().star_convex
    (2.5, 1.5, False, True)
    """

    a: float = 1.5

    def __post_init__(self) -> None:
        if isinstance(self.a, bool) or not 0 <= self.a <= 1.5:
            raise InputError(f"Cosine: expected 0 ≤ a ≤ 3/2, got {self.a!r}; beyond that star-convexity is not proved")

    @property
    def curvature(self) -> float:  # type: ignore[override]  # a constant of the instance
        """1 + a."""
        return 1 + self.a

    @property
    def third(self) -> float:  # type: ignore[override]
        """a."""
        return self.a

    @property
    def convex(self) -> bool:  # type: ignore[override]
        """Whether a ≤ 1."""
        return self.a <= 1

    @property
    def star_convex(self) -> bool:
        """True."""
        return True

    def value(self, t: Array, xp: Namespace) -> Array:
        """t²/2 + 2a sin²(t/2)."""
        half = xp.sin(t / 2)
        return t * t / 2 + 2 * self.a * half * half

    def slope(self, t: Array, xp: Namespace) -> Array:
        """t + a sin t."""
        return t + self.a * xp.sin(t)

    def bend(self, t: Array, xp: Namespace) -> Array:
        """1 + a cos t."""
        return 1 + self.a * xp.cos(t)


@final
@dataclasses.dataclass(frozen=True)
class Wave(Scalar):
    """1 − cos t: φ″ = cos t ∈ [−1, 1], |φ‴| ≤ 1. Far from convex, with maxima, minima and saddle points everywhere."""

    curvature: ClassVar[float] = 1.0
    third: ClassVar[float] = 1.0

    def value(self, t: Array, xp: Namespace) -> Array:
        """2 sin²(t/2)."""
        half = xp.sin(t / 2)
        return 2 * half * half

    def slope(self, t: Array, xp: Namespace) -> Array:
        """sin t."""
        return xp.sin(t)

    def bend(self, t: Array, xp: Namespace) -> Array:
        """cos t."""
        return xp.cos(t)


@final
@dataclasses.dataclass(frozen=True)
class Cauchy(Scalar):
    """½log(1 + t²): φ″ = (1−t²)/(1+t²)² ∈ [−⅛, 1], |φ‴| ≤ ¾ + 1/√2. Not convex; outliers count by their logarithm.

    With t = tan θ, φ‴ = −2cos³θ sin 3θ, whose derivative −6cos²θ cos 4θ vanishes at θ = π/8: 2cos⁴(π/8) = ½(1 + 1/√2)².
    """

    curvature: ClassVar[float] = 1.0
    third: ClassVar[float] = 0.75 + 1 / math.sqrt(2)

    def value(self, t: Array, xp: Namespace) -> Array:
        """½log(1 + t²)."""
        return xp.log1p(t * t) / 2

    def slope(self, t: Array, xp: Namespace) -> Array:
        """t/(1 + t²)."""
        return t / (1 + t * t)

    def bend(self, t: Array, xp: Namespace) -> Array:
        """(1 − t²)/(1 + t²)²."""
        square = t * t
        return (1 - square) / ((1 + square) * (1 + square))


@final
@dataclasses.dataclass(frozen=True)
class Welsch(Scalar):
    """1 − e^{−t²/2}: φ″ = (1−t²)e^{−t²/2} ∈ [−2e^{−3/2}, 1]. Not convex; an outlier counts at most 1.

    φ‴ = (t³ − 3t)e^{−t²/2} is largest where t⁴ − 6t² + 3 = 0: at t² = 3 − √6, √6·√(3−√6)·e^{−(3−√6)/2}.
    """

    curvature: ClassVar[float] = 1.0
    third: ClassVar[float] = math.sqrt(6 * (3 - math.sqrt(6))) * math.exp(-(3 - math.sqrt(6)) / 2)

    def value(self, t: Array, xp: Namespace) -> Array:
        """1 − e^{−t²/2}."""
        return -xp.expm1(-t * t / 2)

    def slope(self, t: Array, xp: Namespace) -> Array:
        """t·e^{−t²/2}."""
        return t * xp.exp(-t * t / 2)

    def bend(self, t: Array, xp: Namespace) -> Array:
        """(1 − t²)e^{−t²/2}."""
        return (1 - t * t) * xp.exp(-t * t / 2)
