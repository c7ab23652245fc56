"""Straight lines through measurements on logarithmic axes."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np


def slope(x: Sequence[float], y: Sequence[float]) -> float:
    """The least-squares slope of log y against log x.

    >>> round(slope([1, 10, 100], [5.0, 0.5, 0.05]), 9)
    -1.0
    """
    return float(np.polyfit(np.log(x), np.log(y), 1)[0])


def slopes(x: Sequence[float], runs: Sequence[Sequence[float]]) -> tuple[float, float]:
    """The slope of the mean over runs, and its standard error over them (jackknife).

    Args:
        x: K of them.
        runs: for each x the measurements of independent runs, at least two.

    >>> value, error = slopes([1, 10], [[1.0, 1.1, 0.9], [0.1, 0.11, 0.09]])
    >>> round(value, 6), round(error, 6)
    (-1.0, 0.0)
    """
    table = np.asarray(runs, dtype=np.float64)
    count = table.shape[1]
    whole = slope(x, np.mean(table, axis=1).tolist())
    left_out = [slope(x, np.mean(np.delete(table, k, axis=1), axis=1).tolist()) for k in range(count)]
    spread = np.asarray(left_out) - np.mean(left_out)
    return whole, math.sqrt((count - 1) / count * float(np.sum(spread**2)))
