"""The matrices that are measured on: Gaussian ones, and others whose singular values are laid out on purpose."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from ntr_spec.errors import InputError

Matrix = NDArray[np.float64]

CONDITION = 1e6
"""σ₁/σ_min of the geometric spectrum."""


def _geometric(r: int) -> Matrix:
    return np.logspace(0.0, -np.log10(CONDITION), r)


def _low_rank(r: int) -> Matrix:
    return np.where(np.arange(r) < max(1, r // 4), 1.0, 0.0)


_VALUES: Mapping[str, Callable[[int], Matrix] | None] = {
    "gaussian": None,
    "geometric": _geometric,
    "lowrank": _low_rank,
}
SPECTRA = tuple(_VALUES)


def matrices(spectrum: str, shape: tuple[int, ...], seed: int = 0) -> Matrix:
    """A matrix, or a stack of them, in float64.

    ``gaussian``: independent entries. ``geometric``: σ from 1 to 1e-6, evenly in the exponent. ``lowrank``: a quarter
    of them 1, the others 0.

    Raises:
        InputError: there is no spectrum of this name.

    >>> np.linalg.matrix_rank(matrices("lowrank", (12, 8))).item()
    2
    """
    if spectrum not in _VALUES:
        raise InputError(f"--spectrum {spectrum}: expected one of {', '.join(SPECTRA)}; check the spelling")
    rng = np.random.default_rng(seed)
    values = _VALUES[spectrum]
    if values is None:
        return rng.standard_normal(shape)
    *stack, m, n = shape
    r = min(m, n)
    left, right = (np.linalg.qr(rng.standard_normal((*stack, size, r)))[0] for size in (m, n))
    found: Matrix = (left * values(r)) @ np.swapaxes(right, -1, -2)
    return found
