"""Evidence for and against a bound on an expectation, from independent draws: e-values.

An e-value against a hypothesis is a number ≥ 0 whose expectation is at most 1 where the hypothesis holds; by Markov's
inequality it then exceeds 1/p with a probability of at most p, however many draws there are and whatever their
distribution. Where E X ≤ B and X ≥ 0, each 1 + λ(X/B − 1) with 0 ≤ λ ≤ 1 is one, so is the product over independent
draws, and so is the mean over several λ. Where besides X ≤ U < ∞, the same of (U − X)/(U − B) speaks against E X ≥ B,
which establishes E X < B rather than failing to contradict it.

References: Waudby-Smith and Ramdas, *Estimating means of bounded random variables by betting* (2024); Ramdas, Grünwald,
Vovk and Shafer, *Game-theoretic statistics and safe anytime-valid inference* (2023).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

_STAKES = np.asarray([0.01, 0.03, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0])  # λ: small ones for slight excesses of noisy draws


def against_mean_at_most_one(ratios: Sequence[float]) -> float:
    """ln of an e-value against E r ≤ 1, for independent draws r ≥ 0; −∞ if it is 0.

    >>> against_mean_at_most_one([0.5] * 100) < 0, against_mean_at_most_one([2.0] * 100) > math.log(1e6)
    (True, True)
    """
    r = np.asarray(ratios, dtype=np.float64)
    if not (r.size and np.all(r >= 0)):
        raise ValueError("expected at least one number, none negative")
    if np.any(np.isinf(r)):
        return math.inf
    with np.errstate(divide="ignore"):
        products = np.sum(np.log1p(np.outer(_STAKES, r - 1.0)), axis=1)
    top = float(np.max(products))
    if top == -math.inf:
        return -math.inf
    return top + math.log(float(np.mean(np.exp(products - top))))


def against_mean_at_least(draws: Sequence[float], bound: float, ceiling: float) -> float:
    """ln of an e-value against E X ≥ bound, for independent draws in [0, ceiling]; ∞ where the ceiling is lower.

    >>> against_mean_at_least([0.1] * 100, 0.5, 1.0) > math.log(1e6), against_mean_at_least([1.0], 1.0, 0.5)
    (True, inf)
    """
    if ceiling < bound:
        return math.inf
    if ceiling == bound:
        return 0.0
    left = [max(0.0, ceiling - draw) / (ceiling - bound) for draw in draws]
    return against_mean_at_most_one(left)


def threshold(probability: float, hypotheses: int) -> float:
    """What ln of an e-value must reach, so that any of so many true hypotheses is rejected with at most this chance.

    >>> round(threshold(1e-6, 100), 3) == round(math.log(1e8), 3)
    True
    """
    return math.log(max(1, hypotheses) / probability)
