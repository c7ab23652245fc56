"""Right norms that promise too much: wrong ρ, wrong claims, projections that are not the nearest point."""

from __future__ import annotations

import dataclasses
from typing import Any, final

from ntr_spec.norms import Claim
from tests.wrong.bases import Largest, Length, Ramp, RunningSums, Sheet, Total

Array = Any


@final
@dataclasses.dataclass(frozen=True)
class RhoTooSmall(Largest):
    def _rho(self, shape: Any, xp: Any) -> Array:
        return xp.asarray(1.0)


@final
@dataclasses.dataclass(frozen=True)
class RhoTooLarge(Largest):
    """n where √n is tight."""

    def _rho(self, shape: Any, xp: Any) -> Array:
        return xp.asarray(float(shape.size))


@final
@dataclasses.dataclass(frozen=True)
class RhoOfTheDual(Total):
    """√n, which belongs to the dual norm."""

    def _rho(self, shape: Any, xp: Any) -> Array:
        return xp.sqrt(xp.asarray(float(shape.size)))


@final
@dataclasses.dataclass(frozen=True)
class RhoForTwo(Largest):
    """√2 whatever the dimension: tight on R², too large on R¹, too small beyond."""

    def _rho(self, shape: Any, xp: Any) -> Array:
        return xp.sqrt(xp.asarray(2.0))


@final
@dataclasses.dataclass(frozen=True)
class ClaimsAbsolute(RunningSums):
    @property
    def claims(self) -> frozenset[Claim]:
        return frozenset({Claim.ABSOLUTE})


@final
@dataclasses.dataclass(frozen=True)
class ClaimsMonotone(RunningSums):
    @property
    def claims(self) -> frozenset[Claim]:
        return frozenset({Claim.MONOTONE})


@final
@dataclasses.dataclass(frozen=True)
class ClaimsSymmetric(Ramp):
    @property
    def claims(self) -> frozenset[Claim]:
        return frozenset({Claim.ABSOLUTE, Claim.SYMMETRIC, Claim.POLYHEDRAL})


@final
@dataclasses.dataclass(frozen=True)
class ClaimsUnitarilyInvariant(Sheet):
    @property
    def claims(self) -> frozenset[Claim]:
        return frozenset({Claim.UNITARILY_INVARIANT})


@final
@dataclasses.dataclass(frozen=True)
class ClaimsPolyhedral(Length):
    @property
    def claims(self) -> frozenset[Claim]:
        return frozenset({Claim.POLYHEDRAL})


@final
@dataclasses.dataclass(frozen=True)
class ClaimsStrictlyConvex(Total):
    @property
    def claims(self) -> frozenset[Claim]:
        return frozenset({Claim.STRICTLY_CONVEX})


@final
@dataclasses.dataclass(frozen=True)
class ClaimsEuclidean(Largest):
    @property
    def claims(self) -> frozenset[Claim]:
        return frozenset({Claim.EUCLIDEAN})


@final
@dataclasses.dataclass(frozen=True)
class ProjectsNowhere(Largest):
    """The identity: not in the ball."""

    def _project(self, x: Array, radius: Array, xp: Any) -> Array:
        return x


@final
@dataclasses.dataclass(frozen=True)
class ProjectsOnTheUnitBall(Largest):
    """Forgets the radius."""

    def _project(self, x: Array, radius: Array, xp: Any) -> Array:
        return xp.minimum(xp.maximum(x, -xp.ones_like(x)), xp.ones_like(x))


@final
@dataclasses.dataclass(frozen=True)
class ProjectsTooFar(Largest):
    """Into the ball of half the radius: feasible, not nearest."""

    def _project(self, x: Array, radius: Array, xp: Any) -> Array:
        return xp.minimum(xp.maximum(x, -radius / 2), radius / 2)


@final
@dataclasses.dataclass(frozen=True)
class ProjectsRadially(Total):
    """Scales x down to ‖x‖₁ = r: feasible, not nearest."""

    def _project(self, x: Array, radius: Array, xp: Any) -> Array:
        size = xp.sum(xp.abs(x))
        inside = size <= radius
        return xp.where(inside, x, x * (radius / xp.where(inside, xp.ones_like(size), size)))


@final
@dataclasses.dataclass(frozen=True)
class ProjectsWithFirstThreshold(Total):
    """Soft thresholding that considers the largest entry only: too little where two entries stay."""

    def _project(self, x: Array, radius: Array, xp: Any) -> Array:
        size = xp.abs(x)
        theta = xp.maximum(xp.max(size) - radius, xp.zeros_like(radius))
        return xp.sign(x) * xp.maximum(size - theta, xp.zeros_like(size))


@final
@dataclasses.dataclass(frozen=True)
class ProjectsOnTheSphere(Length):
    """Moves inner points out to the boundary."""

    def _project(self, x: Array, radius: Array, xp: Any) -> Array:
        size = xp.sqrt(xp.sum(x * x))
        return x * (radius / xp.where(size == 0, xp.ones_like(size), size))
