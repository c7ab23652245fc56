"""What ``ntr-spec run`` was told, and what each problem is run with where nothing was said."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any, final

from ntr_spec.errors import InputError


@final
@dataclasses.dataclass(frozen=True)
class Default:
    """How a problem is run where nothing else is said: the radius falls linearly to 0 over the steps.

    Attributes:
        about: the problem in a few words.
        steps: updates.
        radius: of the first step.
        momentum: the weight kept.
    """

    about: str
    steps: int
    radius: float
    momentum: float


DEFAULTS: Mapping[str, Default] = {
    "digits-softmax": Default("softmax regression on images of digits", 300, 0.3, 0.9),
    "digits-network": Default("a network with one hidden layer on the digits, in mini-batches", 300, 0.1, 0.9),
    "digits-completion": Default("hidden pixels of the digits, in a nuclear-norm ball", 60, 3.0, 0.0),
    "breast-cancer": Default("logistic regression with an ℓ₁ penalty", 300, 0.1, 0.9),
    "quadratic": Default("a convex quadratic in the plane", 300, 0.1, 0.0),
    "rosenbrock": Default("Rosenbrock's valley in the plane", 1000, 0.05, 0.98),
    "star-convex": Default("a star-convex bowl with a wave in it, on 8×6 matrices", 300, 0.3, 0.0),
    "robust-regression": Default("robust regression with Cauchy's loss, not convex", 300, 0.1, 0.0),
    "matrix-regression": Default("least squares for a matrix, in the spectral norm", 300, 0.2, 0.0),
}
"""Chosen by trying radii 0.05, 0.1, … and momenta 0, 0.5, 0.9, … on each problem (docs: command line)."""


@final
@dataclasses.dataclass(frozen=True)
class Options:
    """What the command line said; None where it said nothing."""

    problem: str
    norm: str | None = None
    preset: str | None = None
    steps: int | None = None
    radius: str | None = None
    momentum: str | None = None
    decay: str | None = None
    extrapolation: bool = False
    regularizer: str | None = None
    backend: str = "numpy"
    dtype: str = "float64"
    checkpoint: Path | None = None
    every: int = 100
    resume: bool = False
    plot: Path | None = None
    csv: Path | None = None
    seed: int = 0
    batch: int | None = None
    baseline: bool = True

    @property
    def updates(self) -> int:
        """How many updates to make in all."""
        return self.default.steps if self.steps is None else self.steps

    @property
    def default(self) -> Default:
        """What the problem is run with where nothing is said."""
        return DEFAULTS[self.problem]

    def check(self) -> None:
        """Raise InputError if a number is out of range, or two options contradict each other."""
        if self.dtype not in ("float32", "float64"):
            raise InputError(f"--dtype {self.dtype}: expected float32 or float64; choose one")
        for name, number, least in (
            ("--steps", self.updates, 1),
            ("--every", self.every, 1),
            ("--seed", self.seed, 0),
            ("--batch", self.batch, 1),
        ):
            if number is not None and number < least:
                raise InputError(f"{name} {number}: expected a whole number of at least {least}; pass one")
        if self.preset is not None and self.norm is not None:
            raise InputError("--preset and --norm: a preset has a norm of its own; give one of them")
        if self.resume and self.checkpoint is None:
            raise InputError("--resume: there is nothing to resume from; add --checkpoint DIR")

    def identity(self) -> dict[str, Any]:
        """What a resumed run must share with the run that it goes on with, besides the method."""
        shared = {name: getattr(self, name) for name in ("problem", "seed", "batch", "backend", "dtype")}
        # The default radius falls to 0 over the steps, so a longer run is another one from the start.
        return shared | {"steps": self.updates if self.radius is None and self.preset is None else None}
