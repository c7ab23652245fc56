"""Solvers that lie, crash or leak, in every way that a benchmark must tell."""

import dataclasses

import numpy as np

from ntr_spec.bench import Case, Row
from ntr_spec.norms import Spectral
from ntr_spec.norms.polar import SVD, Certified, Polar


@dataclasses.dataclass(frozen=True)
class Fake(Polar):
    """The factor times ``stretch``, with δ as told."""

    stretch: float = 1.0
    delta: float = 0.0

    def factor(self, x, xp):
        u, _, vh = xp.linalg.svd(x, full_matrices=False)
        return xp.matmul(u, vh) * self.stretch

    def certified(self, x, xp):
        delta = xp.zeros_like(x[..., 0, 0]) + self.delta
        return Certified(self.factor(x, xp), delta, "Fake()", "because" if self.delta == 0.25 else "")


@dataclasses.dataclass(frozen=True)
class Crashing(Polar):
    """Raises what no solver should."""

    def factor(self, x, xp):
        raise ZeroDivisionError("in the\nsolver")

    certified = factor


@dataclasses.dataclass(frozen=True)
class Silent(Polar):
    """Certifies nothing."""

    def factor(self, x, xp):
        return x


@dataclasses.dataclass(frozen=True)
class Leaking(Polar):
    """Keeps what it returned."""

    kept: list = dataclasses.field(default_factory=list, hash=False)

    def factor(self, x, xp):
        return SVD().factor(x, xp)

    def certified(self, x, xp):
        self.kept.append(self.factor(x, xp))
        return Certified(self.kept[-1], xp.zeros_like(x[..., 0, 0]) + 0.5, "Leaking()")


def norm(polar):
    return Spectral(polar=polar)


def row(name, kind="solver", seconds=1.0, delta=None, true=None, status=None, **rest):
    """A row with equal samples."""
    status = status or ("held" if kind == "solver" else "measured")
    return Row(name, kind, status, samples=(seconds,) * 3, delta=delta, true=true, **rest)


def case(*rows, **changes):
    about = {
        "library": "numpy",
        "device": "cpu",
        "model": "",
        "dtype": "float32",
        "shape": (64, 64),
        "spectrum": "gaussian",
        "norm": "spectral",
        "floor": 1e-6,
    }
    return Case(**(about | changes), rows=tuple(rows))


def with_values(values, m, n, seed=0):
    """A matrix of given singular values, in float64."""
    rng = np.random.default_rng(seed)
    r = len(values)
    left, right = (np.linalg.qr(rng.normal(size=(size, r)))[0] for size in (m, n))
    return (left * np.asarray(values)) @ right.T
