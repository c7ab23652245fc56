"""T1 to T5: the convergence theorems of [Kovalev25], with constants, for steps whose LMO is exact up to δ.

Bounds and plans are plain arithmetic (:mod:`ntr_spec.theory.arithmetic`). With δ = 0 the bounds are the paper's, but
for one term of T5: see there. An inexact step is one with ⟨m + s, x₊ − c⟩ ≤ −(1−δ)η‖m + s‖_*, s ∈ ∂R(x₊), ‖x₊ − c‖ ≤ η;
with R = 0, ⟨m, v⟩ ≤ −(1−δ)‖m‖_* and ‖v‖ ≤ 1.
"""

from __future__ import annotations

import dataclasses
import math
from fractions import Fraction
from typing import ClassVar, final

from ntr_spec.errors import InputError
from ntr_spec.theory.arithmetic import (
    Number,
    ceiling,
    greatest,
    least,
    logarithm,
    ratio,
    remaining,
    representable,
    symbolic,
)
from ntr_spec.theory.constants import Constants
from ntr_spec.theory.theorem import Numbers, Theorem

HALF = Fraction(1, 2)


class _Stationarity(Theorem):
    """Bounds on E min ‖∇f(x_k) + s_k‖_*: β = 0, and everything is divided by 1 − δ."""

    measure: ClassVar[str] = "stationarity"
    decays: ClassVar[bool] = False

    def _exact(self, c: Constants, eps: Number, delta: Number) -> tuple[Constants, Number]:
        return c, (1 - delta) * eps

    def _continuous_steps(self, faded: Number, budget: Number, decay: Number) -> float:
        return float(faded / budget)


class _Gap(Theorem):
    """Bounds on E F(x_K) − F(x*): β > 0, ‖x₀‖ ≤ η/β and ‖x*‖ ≤ (1−δ)η/β; δ enters nowhere else."""

    measure: ClassVar[str] = "gap"
    decays: ClassVar[bool] = True

    def _exact(self, c: Constants, eps: Number, delta: Number) -> tuple[Constants, Number]:
        return (c if delta == 0 else dataclasses.replace(c, D=c.D / (1 - delta))), eps

    def _continuous_steps(self, faded: Number, budget: Number, decay: Number) -> float:
        return (
            math.inf if decay <= 0 else math.log(max(1.0, faded / budget)) / -math.log1p(-decay) if decay < 1 else 1.0
        )

    def _check_numbers(self, subject: str, c: Constants, n: Numbers) -> None:
        if symbolic(n.radius, n.decay, n.delta, c.D):
            return
        if not 0 < n.decay <= 1:
            raise InputError(f"{subject}: {self.name} is about the method with decay in (0, 1], got {n.decay}")
        if n.radius / n.decay * (1 - n.delta) < c.D * (1 - 1e-12):
            raise InputError(
                f"{subject}: expected (1−δ)·radius/decay of at least D = {c.D}, the bound on ‖x₀‖ and ‖x*‖, got "
                f"{n.radius / n.decay * (1 - n.delta)}; lower decay"
            )

    def _check_eps(self, subject: str, c: Constants, eps: Number) -> None:
        super()._check_eps(subject, c, eps)
        if not symbolic(eps) and eps >= c.delta0:
            raise InputError(
                f"{subject}: eps = {eps} is too large, for F(x₀) − F(x*) ≤ Δ₀ = {c.delta0} already; ask for less"
            )


@final
@dataclasses.dataclass(frozen=True)
class Deterministic(_Stationarity):
    """T1: exact gradients, no momentum (α = 1), no decay. Noise, if the constants know of any, is not looked at."""

    name: ClassVar[str] = "T1"
    title: ClassVar[str] = "exact gradients"
    assumptions: ClassVar[tuple[str, ...]] = ("A2",)
    needs: ClassVar[tuple[str, ...]] = ("L", "delta0")
    momentum: ClassVar[bool] = False
    extrapolates: ClassVar[bool] = False
    fading: ClassVar[tuple[str, ...]] = ("start",)

    def _terms(self, c: Constants, n: Numbers) -> dict[str, Number]:
        slack = 1 - n.delta
        return {
            "start": c.delta0 / (n.radius * n.steps) / slack,
            "curvature": (Fraction(3, 2) - n.delta) * c.L * n.radius / slack,
        }

    def _plan(self, c: Constants, eps: Number) -> tuple[Number, Number, Number]:
        return eps / (3 * c.L), 1, ceiling(greatest(1, 6 * c.L * c.delta0 / (eps * eps)))


@final
@dataclasses.dataclass(frozen=True)
class Momentum(_Stationarity):
    """T2: noisy gradients, momentum, no decay."""

    name: ClassVar[str] = "T2"
    title: ClassVar[str] = "momentum"
    assumptions: ClassVar[tuple[str, ...]] = ("A1", "A2", "A3")
    needs: ClassVar[tuple[str, ...]] = ("L", "noise", "delta0")
    momentum: ClassVar[bool] = True
    extrapolates: ClassVar[bool] = False
    fading: ClassVar[tuple[str, ...]] = ("start", "first_noise")

    def _terms(self, c: Constants, n: Numbers) -> dict[str, Number]:
        slack, lag = 1 - n.delta, 2 - n.delta
        return {
            "start": c.delta0 / (n.radius * n.steps) / slack,
            "first_noise": lag * c.noise / (n.alpha * n.steps) / slack,
            "noise": lag * n.alpha**HALF * c.noise / slack,
            "curvature": (Fraction(3, 2) - n.delta) * c.L * n.radius / slack,
            "drift": lag * c.L * n.radius / n.alpha / slack,
        }

    def _plan(self, c: Constants, eps: Number) -> tuple[Number, Number, Number]:
        # [Kovalev25]'s η = min{ε/(16L), ε³/(256ρ²σ²L)} and K = max{2048LΔ₀ρ²σ²/ε⁴, 256ρ³σ³/ε³, 128LΔ₀/ε², 16ρσ/ε}, with
        # α taken out.
        alpha = weight(ratio(eps, 4 * c.noise))
        radius = eps * alpha / (16 * c.L)
        steps = greatest(1, 128 * c.L * c.delta0 / (eps * eps * alpha), 16 * c.noise / (eps * alpha))
        return radius, alpha, ceiling(steps)


@final
@dataclasses.dataclass(frozen=True)
class Decay(_Gap):
    """T3: star-convex f, noisy gradients, momentum, decay β = η/D."""

    name: ClassVar[str] = "T3"
    title: ClassVar[str] = "star-convex, with decay"
    assumptions: ClassVar[tuple[str, ...]] = ("A1", "A2", "A3", "A5")
    needs: ClassVar[tuple[str, ...]] = ("L", "noise", "delta0", "D")
    momentum: ClassVar[bool] = True
    extrapolates: ClassVar[bool] = False
    fading: ClassVar[tuple[str, ...]] = ("start",)

    def _terms(self, c: Constants, n: Numbers) -> dict[str, Number]:
        reach = n.radius / n.decay
        return {
            "start": remaining(n.decay, n.steps) * c.delta0,
            "first_noise": 2 * n.radius * c.noise / n.alpha,
            "noise": 2 * reach * n.alpha**HALF * c.noise,
            "drift": 4 * reach * c.L * n.radius / n.alpha,
            "curvature": 4 * reach * c.L * n.radius,
        }

    def _plan(self, c: Constants, eps: Number) -> tuple[Number, Number, Number]:
        alpha = weight(ratio(eps, 8 * c.D * c.noise))
        radius = least(c.D, eps * alpha / (32 * c.D * c.L), ratio(eps * alpha, 8 * c.noise))
        return radius, alpha, ceiling(greatest(1, c.D / radius * logarithm(4 * c.delta0 / eps)))


@final
@dataclasses.dataclass(frozen=True)
class Extrapolation(_Stationarity):
    """T4: second-order smooth f, noisy gradients taken ahead, momentum, no decay."""

    name: ClassVar[str] = "T4"
    title: ClassVar[str] = "extrapolation"
    assumptions: ClassVar[tuple[str, ...]] = ("A1", "A2", "A3", "A4")
    needs: ClassVar[tuple[str, ...]] = ("L", "H", "noise", "delta0")
    momentum: ClassVar[bool] = True
    extrapolates: ClassVar[bool] = True
    fading: ClassVar[tuple[str, ...]] = ("start", "first_noise")

    def _terms(self, c: Constants, n: Numbers) -> dict[str, Number]:
        slack, lag = 1 - n.delta, 2 - n.delta
        ahead = n.radius / n.alpha
        return {
            "start": c.delta0 / (n.radius * n.steps) / slack,
            "first_noise": lag * c.noise / (n.alpha * n.steps) / slack,
            "noise": lag * n.alpha**HALF * c.noise / slack,
            "curvature": (Fraction(3, 2) - n.delta) * c.L * n.radius / slack,
            "drift": lag * c.H * ahead * ahead / 2 / slack,
        }

    def _plan(self, c: Constants, eps: Number) -> tuple[Number, Number, Number]:
        alpha = weight(ratio(eps, 4 * c.noise))
        radius = least(eps / (12 * c.L), alpha * ratio(eps, 8 * c.H) ** HALF)
        return radius, alpha, ceiling(greatest(1, 8 * c.delta0 / (radius * eps), 16 * c.noise / (alpha * eps)))


@final
@dataclasses.dataclass(frozen=True)
class DecayExtrapolation(_Gap):
    """T5: star-convex and second-order smooth f, noisy gradients taken ahead, momentum, decay β = η/D, 2β ≤ α.

    The first gradient's noise contributes 2ηρσ·Σ_{k<K}(1−β)^{K−1−k}(1−α)^k. [Kovalev25] bounds the sum by 1/α, which
    does not vanish and would ask for η of order ε³; here it is ((1−β)^K − (1−α)^K)/(α−β) ≤ 2(1−β)^K/α, which gives
    the rate that the paper states.
    """

    name: ClassVar[str] = "T5"
    title: ClassVar[str] = "star-convex, with decay and extrapolation"
    assumptions: ClassVar[tuple[str, ...]] = ("A1", "A2", "A3", "A4", "A5")
    needs: ClassVar[tuple[str, ...]] = ("L", "H", "noise", "delta0", "D")
    momentum: ClassVar[bool] = True
    extrapolates: ClassVar[bool] = True
    fading: ClassVar[tuple[str, ...]] = ("start", "first_noise")

    def _terms(self, c: Constants, n: Numbers) -> dict[str, Number]:
        reach, ahead, left = n.radius / n.decay, n.radius / n.alpha, remaining(n.decay, n.steps)
        return {
            "start": left * c.delta0,
            "first_noise": 4 * ahead * c.noise * left,
            "noise": 2 * reach * n.alpha**HALF * c.noise,
            "drift": 4 * reach * c.H * ahead * ahead,
            "curvature": 4 * reach * c.L * n.radius,
        }

    def _plan(self, c: Constants, eps: Number) -> tuple[Number, Number, Number]:
        alpha = weight(ratio(eps, 8 * c.D * c.noise))
        radius = least(alpha * c.D / 2, eps / (16 * c.D * c.L), alpha * ratio(eps, 16 * c.D * c.H) ** HALF)
        start = 4 * (c.delta0 + 2 * c.D * c.noise) / eps
        return radius, alpha, ceiling(greatest(1, c.D / radius * logarithm(start)))

    def _check_numbers(self, subject: str, c: Constants, n: Numbers) -> None:
        super()._check_numbers(subject, c, n)
        if not symbolic(n.decay, n.alpha) and 2 * n.decay > n.alpha * (1 + 1e-12):
            raise InputError(
                f"{subject}: T5 asks for 2·decay ≤ 1 − momentum, got decay {n.decay} and momentum "
                f"{1 - n.alpha}; lower decay and radius together"
            )


def weight(root: Number) -> Number:
    """α = min{1, root²}, such that 1 − momentum gives it again."""
    bounded = least(1, root)
    return representable(bounded * bounded)


T1 = Deterministic()
T2 = Momentum()
T3 = Decay()
T4 = Extrapolation()
T5 = DecayExtrapolation()
THEOREMS: tuple[Theorem, ...] = (T1, T2, T3, T4, T5)
