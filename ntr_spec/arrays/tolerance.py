"""The one place where floating-point tolerances are stated."""

from __future__ import annotations

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
