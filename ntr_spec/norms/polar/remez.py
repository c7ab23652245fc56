"""Optimal odd quintics for the polar factor, found here by Remez's exchange, and their optimal composition.

Among compositions of k odd quintics, the one nearest to 1 on [ℓ, 1] is greedy: every step is the best odd quintic on
the interval that the steps before it leave.

Reference: Amsel, Persson, Musco and Gower, *The Polar Express: optimal matrix sign methods and their application to the
Muon algorithm* (2025), theorem 3.1; Remez (1934).
"""

from __future__ import annotations

import functools
import math

from ntr_spec.norms.polar.image import Quintic

_EXCHANGES = 60


@functools.lru_cache(maxsize=4096)
def best_quintic(lower: float, upper: float) -> tuple[Quintic, float]:
    """(q, E): the odd quintic with the least E = max |1 − q| over [lower, upper], 0 < lower < upper.

    1 − q takes the values E, −E, E, −E at lower, two points between and upper (equioscillation), in that order. On an
    interval so narrow that E is below rounding, the one of order three at its middle.

    >>> q, error = best_quintic(0.5, 1.0)
    >>> round(error, 6), round(1 - q.value(0.5), 6), round(1 - q.value(1.0), 6)
    (0.024047, 0.024047, -0.024047)
    """
    import numpy as np

    middle, half = (lower * lower + upper * upper) / 2, (upper * upper - lower * lower) / 2
    if half < 1e-4 * middle:
        return _flat(math.sqrt(middle)), (half / middle) ** 3
    # q(x) = x·(g₀ + g₁t + g₂t²) in t = (x² − middle)/half, which lies in [−1, 1]: well conditioned on any interval.
    t = np.asarray([-1.0, -0.5, 0.5, 1.0])
    error = math.inf
    for _ in range(_EXCHANGES):
        x = np.sqrt(np.maximum(middle + half * t, lower * lower))
        system = np.stack([x, x * t, x * t * t, np.asarray([1.0, -1.0, 1.0, -1.0])], axis=1)
        g0, g1, g2, level = np.linalg.solve(system, np.ones(4)).tolist()
        # q′ = 0: with w = half/middle, d/dt of √(1 + wt)·(g₀ + g₁t + g₂t²), times 2√(1 + wt).
        w = half / middle
        square, linear, constant = 5 * w * g2, 3 * w * g1 + 4 * g2, w * g0 + 2 * g1
        root = linear * linear - 4 * square * constant
        if root <= 0:
            break
        turn = -(linear + math.copysign(math.sqrt(root), linear)) / 2
        inner = sorted((turn / square, constant / turn))
        if not -1 < inner[0] < inner[1] < 1 or abs(level - error) <= 1e-15:
            break
        t, error = np.asarray([-1.0, *inner, 1.0]), level
    g = g2 / (half * half)
    c, b = g, g1 / half - 2 * middle * g
    return Quintic(g0 - middle * (g1 / half) + middle * middle * g, b, c), abs(level)


@functools.lru_cache(maxsize=1024)
def best_composition(steps: int, lower: float, slack: float = 0.0, cushion: float = 0.0) -> tuple[Quintic, ...]:
    """The composition of ``steps`` odd quintics that is nearest to a constant on [lower, 1], in floating point.

    The best quintic on [ℓ, 1] for a small ℓ comes as near to 0 as ℓ between its ends, so that rounding errors of large
    singular values outgrow these. A cushion prevents that, at next to no cost.

    Args:
        steps: at least 1.
        lower: in (0, 1).
        slack: by how much, relatively, rounding may carry a value beyond its interval; every interval is made longer
            by it, so that no step meets a value for which it was not made.
        cushion: no step is made for an interval whose ends have a smaller ratio; 0: the composition is the best one.

    >>> from ntr_spec.norms.polar.image import image
    >>> least, largest = image(best_composition(6, 1e-2), 1e-2)
    >>> largest - least < 2e-6
    True
    """
    low, high, found = lower, 1.0 + slack, []
    for _ in range(steps):
        quintic, error = best_quintic(max(low, cushion * high), high)
        found.append(quintic)
        low, high = min(max(1.0 - error, 0.5 * quintic.value(low)), quintic.value(low)), (1.0 + error) * (1.0 + slack)
        low = min(low, high * (1 - 1e-9))
    return tuple(found)


def _flat(middle: float) -> Quintic:
    """(15x − 10x³ + 3x⁵)/8 of x/middle: 1 to the third order at the middle."""
    return Quintic(15 / 8 / middle, -10 / 8 / middle**3, 3 / 8 / middle**5)
