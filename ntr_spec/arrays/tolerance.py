"""The one place where floating-point tolerances are stated, and the model of rounding that certificates use."""

from __future__ import annotations

import math

_UNITS = 64.0


def tolerance(eps: float, size: int) -> float:
    """Relative tolerance for a law on an array of ``size`` entries: ``64·eps·max(4, size)``.

    A sum of ``size`` terms loses at most ``size·eps`` of the sum of magnitudes, and a LAPACK
    singular value ``max(m, n)·eps`` of the largest, each with a modest constant; 64 covers the
    handful of operations that a hook strings together. Both sides of a law are measured against
    the larger of them, or against the scale that the law names.

    Args:
        eps: machine epsilon of the dtype.
        size: number of entries of the point.

    >>> tolerance(2.0**-52, 10) < 2e-13
    True
    """
    return _UNITS * eps * max(4, size)


def rounding(eps: float, length: int) -> float:
    """What a few sums of ``length`` products lose by rounding, relative to the result: ``(8 + √length)·eps``.

    Errors of either sign that do not know of each other grow like the root of their number. That is a model (Higham and
    Mary, *A new approach to probabilistic rounding error analysis*, 2019), not a bound: what rests on it is tested.

    Args:
        eps: machine epsilon of the dtype in which the sums are accumulated.
        length: how many products each sum has.

    >>> rounding(2.0**-23, 1024) < 5e-6
    True
    """
    return (8.0 + math.sqrt(length)) * eps
