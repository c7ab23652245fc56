"""How good an LMO truly was, in float64, told by singular values that nothing measured here has computed.

The reference's own rounding is all that a certificate is allowed on top of what it says.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import final

import numpy as np
from numpy.typing import NDArray

from ntr_spec.arrays import rounding
from ntr_spec.errors import InputError
from ntr_spec.norms.base import Norm
from ntr_spec.norms.spectral import Nuclear, Spectral

Host = NDArray[np.float64]

_EPS = float(np.finfo(np.float64).eps)


@final
@dataclasses.dataclass(frozen=True)
class Truth:
    """What one result v for g is.

    Attributes:
        size: the largest ‖v‖ of a stack.
        delta: the largest 1 + ⟨g, v⟩/‖g‖_*, which may be below 0 where ‖v‖ > 1.
        rescaled: the largest 1 + ⟨g, v⟩/(‖v‖·‖g‖_*): what δ would be after division by ‖v‖, which no peer computes.
        allowance: what the reference itself may be off by, relative.
    """

    size: float
    delta: float
    rescaled: float
    allowance: float

    def held(self, delta: float) -> bool:
        """Whether v is a δ-LMO, as was certified; NaN never holds.

        >>> Truth(size=1.0, delta=0.01, rescaled=0.01, allowance=1e-14).held(0.02)
        True
        """
        return 0 <= delta <= 1 and self.size <= 1 + self.allowance and self.delta <= delta + self.allowance


@final
@dataclasses.dataclass(frozen=True)
class Judge:
    """Judges results for one g.

    Args:
        geometry: the name of the norm.
        g: the point, a matrix or a stack of them.
    """

    geometry: str
    g: Host
    _dual: Host = dataclasses.field(init=False, repr=False)

    def __post_init__(self) -> None:
        values: Host = np.asarray(np.linalg.svd(self.g, compute_uv=False), dtype=np.float64)
        object.__setattr__(self, "_dual", _geometry(self.geometry).dual(values))

    def __call__(self, v: Host) -> Truth:
        """What v is."""
        size = _geometry(self.geometry).size(v)
        reached = np.sum(self.g * v, axis=(-2, -1))
        dual = self._dual
        with np.errstate(divide="ignore", invalid="ignore"):
            delta = np.where(dual > 0, 1 + reached / dual, 0.0)
            rescaled = np.where(dual > 0, np.where(size == 0, 1.0, 1 + reached / (size * dual)), 0.0)
        allowance = rounding(_EPS, self.g.shape[-1] * self.g.shape[-2])
        # max keeps NaN in NumPy, and NaN never holds.
        return Truth(float(np.max(size)), float(np.max(delta)), float(np.max(rescaled)), allowance)


@final
@dataclasses.dataclass(frozen=True)
class Geometry:
    """A norm, as a benchmark of LMOs sees it.

    Attributes:
        norm: the norm with its exact solver.
        dual: ‖g‖_* of the singular values of g.
        size: ‖v‖ of each matrix of a stack.
    """

    norm: Norm
    dual: Callable[[Host], Host]
    size: Callable[[Host], Host]


def _largest(v: Host) -> Host:
    """σ₁, by the Gram matrix on the smaller side, where squaring costs the largest singular value no accuracy."""
    flipped = np.swapaxes(v, -1, -2)
    gram = v @ flipped if v.shape[-2] <= v.shape[-1] else flipped @ v
    if not np.all(np.isfinite(gram)):
        return np.full(v.shape[:-2], np.nan)
    return np.asarray(np.sqrt(np.maximum(np.linalg.eigvalsh(gram)[..., -1], 0.0)))


def _total(v: Host) -> Host:
    if not np.all(np.isfinite(v)):
        return np.full(v.shape[:-2], np.nan)
    return np.asarray(np.sum(np.linalg.svd(v, compute_uv=False), axis=-1))


GEOMETRIES: Mapping[str, Geometry] = {
    "spectral": Geometry(Spectral(), lambda values: np.asarray(np.sum(values, axis=-1)), _largest),
    "nuclear": Geometry(Nuclear(), lambda values: np.asarray(values[..., 0]), _total),
}


def _geometry(name: str) -> Geometry:
    try:
        return GEOMETRIES[name]
    except KeyError:
        raise InputError(
            f"--norm {name}: expected one of {', '.join(GEOMETRIES)}; other norms have closed forms"
        ) from None
