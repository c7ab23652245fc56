"""Noise for gradients: unbiased, drawn anew at every step, with E‖n‖₂² = σ² exactly.

A draw is a pure function of seed and step (a counter-based generator, apart from that of the mini-batches), so a run
that resumes at a step meets the noise that it would have met. All noise here is isotropic: E nnᵀ = (σ²/d)I on d
entries. Sizes in dual norms are in :mod:`ntr_spec.problems.moments`.
"""

from __future__ import annotations

import abc
import dataclasses
import math
import numbers
from typing import Any, final

import numpy as np

from ntr_spec.arrays import device_of, namespace_of
from ntr_spec.errors import InputError, NotDeclaredError
from ntr_spec.norms.base import Norm
from ntr_spec.problems import moments
from ntr_spec.trees import Tree, as_shape, leaves, tree_map

Array = Any


class Noise(abc.ABC):
    """Unbiased noise with E‖n‖₂² = σ² exactly (A1 of [Kovalev25] with equality).

    A subclass draws a vector and, where it can, says how large it is in dual norms.

    Attributes:
        sigma: σ ≥ 0.
    """

    sigma: float

    def __post_init__(self) -> None:
        given: Any = self.sigma
        if isinstance(given, bool) or not isinstance(given, numbers.Real) or not 0 <= float(given) < math.inf:
            name = type(self).__name__
            raise InputError(f"{name}: expected a finite sigma of at least 0, got {self.sigma!r}; 0 means no noise")

    @abc.abstractmethod
    def _vector(self, size: int, generator: np.random.Generator) -> Array:
        """n on so many entries, in float64."""

    def _square(self, norm: Norm, shape: Tree) -> float | None:
        """E‖n‖_*² for σ = 1, or None where it is not known."""
        return None

    @final
    def draw(self, like: Tree, seed: int, step: int) -> Tree:
        """The noise of a step: a point of the shape, library, dtype and device of another.

        Raises:
            InputError: seed or step is negative.

        >>> Sphere(2.0).draw(np.zeros((2, 3)), seed=0, step=7).shape
        (2, 3)
        """
        for name, number in (("seed", seed), ("step", step)):
            if not 0 <= number < 2**64:
                raise InputError(
                    f"{type(self).__name__}.draw: expected a {name} of at least 0, got {number}; count from 0"
                )
        generator = np.random.Generator(np.random.Philox(key=seed, counter=[0, 0, 1, int(step)]))
        flat = self._vector(sum(math.prod(leaf.shape) for leaf in leaves(like)), generator)
        start = 0

        def filled(leaf: Array) -> Array:
            nonlocal start
            size = math.prod(leaf.shape)
            part = flat[start : start + size].reshape(tuple(leaf.shape))
            start += size
            return namespace_of(leaf).asarray(part, dtype=leaf.dtype, device=device_of(leaf))

        return tree_map(filled, like)

    @final
    def dual(self, norm: Norm, shape: Any) -> float:
        """σ_* = √E‖n‖_*², exactly but for rounding.

        Args:
            norm: ‖·‖, of which ‖·‖_* is the dual.
            shape: of the points: an int, a tuple of ints, or a pytree of them.

        Raises:
            NotDeclaredError: it is not known.
            InputError: the shape is outside the norm's domain.

        >>> from ntr_spec import LInf
        >>> OneEntry(2.0).dual(LInf(), 100), round(Gaussian(2.0).dual(LInf(), 100), 3)
        (2.0, 16.003)
        """
        found = as_shape(shape, f"{type(self).__name__}.dual")
        norm._check_shape("dual", found)
        square = self._square(norm, found)
        if square is None:
            raise NotDeclaredError(
                f"{type(self).__name__}.dual: E‖n‖_*² is not known exactly for the dual of {norm!r}; "
                "use sigma with the norm's rho"
            )
        return self.sigma * math.sqrt(square)


@final
@dataclasses.dataclass(frozen=True)
class Sphere(Noise):
    """n uniform on the sphere ‖n‖₂ = σ.

    >>> round(float(np.linalg.norm(Sphere(3.0).draw(np.zeros(5), 0, 0))), 9)
    3.0
    """

    sigma: float

    def _vector(self, size: int, generator: np.random.Generator) -> Array:
        z = generator.standard_normal(size)
        return self.sigma / np.linalg.norm(z) * z

    def _square(self, norm: Norm, shape: Tree) -> float | None:
        # A Gaussian vector is its length times an independent point of the sphere, so the two agree on every square.
        return moments.gaussian(norm, shape)


@final
@dataclasses.dataclass(frozen=True)
class Gaussian(Noise):
    """n ~ N(0, (σ²/d)I) on d entries."""

    sigma: float

    def _vector(self, size: int, generator: np.random.Generator) -> Array:
        return self.sigma / math.sqrt(size) * generator.standard_normal(size)

    def _square(self, norm: Norm, shape: Tree) -> float | None:
        return moments.gaussian(norm, shape)


@final
@dataclasses.dataclass(frozen=True)
class OneEntry(Noise):
    """n = ±σeᵢ, i uniform, either sign: all of the noise on one entry. Its size in ℓ_∞ is that in ℓ₂.

    >>> OneEntry(3.0).draw(np.zeros(4), 0, 0).tolist()
    [0.0, 0.0, 3.0, 0.0]
    """

    sigma: float

    def _vector(self, size: int, generator: np.random.Generator) -> Array:
        n = np.zeros(size)
        n[generator.integers(size)] = self.sigma * (2 * generator.integers(2) - 1)
        return n

    def _square(self, norm: Norm, shape: Tree) -> float | None:
        return moments.one_entry(norm, shape)


@final
@dataclasses.dataclass(frozen=True)
class Signs(Noise):
    """n = (σ/√d)·(±1, …, ±1), independent fair signs on d entries: the largest noise in ℓ₁ that σ allows.

    >>> Signs(2.0).draw(np.zeros(4), 0, 0).tolist()
    [1.0, 1.0, 1.0, -1.0]
    """

    sigma: float

    def _vector(self, size: int, generator: np.random.Generator) -> Array:
        return self.sigma / math.sqrt(size) * (2.0 * generator.integers(2, size=size) - 1.0)

    def _square(self, norm: Norm, shape: Tree) -> float | None:
        return moments.signs(norm, shape)


@final
@dataclasses.dataclass(frozen=True)
class Rare(Noise):
    """n = noise/√p with probability p, else 0: as much variance in rare bursts. p → 0 has heavy tails.

    Args:
        noise: what comes in bursts.
        probability: 0 < p ≤ 1.

    Raises:
        InputError: the probability is not such.

    >>> Rare(Sphere(3.0), 0.25).sigma
    3.0
    """

    noise: Noise
    probability: float
    sigma: float = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        noise: object = self.noise
        if not isinstance(noise, Noise):
            raise InputError(f"Rare: expected a Noise to come in bursts, got {noise!r}; pass one such as Sphere(1.0)")
        if isinstance(self.probability, bool) or not 0 < self.probability <= 1:
            raise InputError(
                f"Rare: expected a probability above 0 and at most 1, got {self.probability!r}; 1 is always"
            )
        object.__setattr__(self, "sigma", self.noise.sigma)

    def _vector(self, size: int, generator: np.random.Generator) -> Array:
        struck = generator.random() < self.probability
        n = self.noise._vector(size, generator)
        return n / math.sqrt(self.probability) if struck else np.zeros(size)

    def _square(self, norm: Norm, shape: Tree) -> float | None:
        return self.noise._square(norm, shape)
