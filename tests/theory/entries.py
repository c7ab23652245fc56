"""Functions of one real number with known constants, and two-point noise: what counterexamples are made of."""

from __future__ import annotations

import abc
import dataclasses
import math
from typing import final

import numpy as np


class Entry(abc.ABC):
    """A function of one real number with its least value 0, applied to every entry and summed."""

    minimizer: float = 0.0

    @abc.abstractmethod
    def value(self, x: np.ndarray) -> np.ndarray: ...

    @abc.abstractmethod
    def slope(self, x: np.ndarray) -> np.ndarray: ...


@final
@dataclasses.dataclass(frozen=True)
class Square(Entry):
    """ℓ(x − x*)²/2: slope Lipschitz with constant ℓ, h = 0, convex."""

    curvature: float = 1.0
    minimizer: float = 0.0

    def value(self, x):
        return self.curvature * (x - self.minimizer) ** 2 / 2

    def slope(self, x):
        return self.curvature * (x - self.minimizer)


@final
@dataclasses.dataclass(frozen=True)
class Bowl(Entry):
    """G(√(u² + w²) − w), u = x − x*: ℓ = G/w at u = 0, h = G·48/(25√5)/w² at u = w/2, convex; slope ±G far out."""

    steepness: float = 1.0
    width: float = 1.0
    minimizer: float = 0.0

    def value(self, x):
        u = x - self.minimizer
        return self.steepness * u**2 / (np.hypot(u, self.width) + self.width)

    def slope(self, x):
        u = x - self.minimizer
        return self.steepness * u / np.hypot(u, self.width)

    @property
    def curvature(self) -> float:
        return self.steepness / self.width

    @property
    def third(self) -> float:
        return self.steepness * 48 / (25 * math.sqrt(5)) / self.width**2


@final
@dataclasses.dataclass(frozen=True)
class Ripples(Entry):
    """u²/20 + 1 − cos u: ℓ = 1.1, h = 1, not star-convex at 0, for it has other minima."""

    curvature: float = 1.1
    third: float = 1.0

    def value(self, x):
        return x**2 / 20 + 1 - np.cos(x)

    def slope(self, x):
        return x / 10 + np.sin(x)


@final
@dataclasses.dataclass(frozen=True)
class Noise:
    """What is added to the slope of every entry: ``up`` with this chance, else ``down``; unbiased if the mean is 0."""

    up: float
    down: float
    chance: float

    @classmethod
    def unbiased(cls, size: float, chance: float) -> Noise:
        """Two points with mean 0 and variance size²; the lower one, which comes with this chance, is the nearer."""
        return cls(size * math.sqrt(chance / (1 - chance)), -size * math.sqrt((1 - chance) / chance), 1 - chance)

    def draw(self, source: np.random.Generator, count: int) -> np.ndarray:
        return np.where(source.random(count) < self.chance, self.up, self.down)
