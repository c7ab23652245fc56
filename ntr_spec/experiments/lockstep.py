"""Many runs at once: the same method on the same problem with independent noise, in lockstep.

Points are stacked along a first axis. The largest of the slices' norms is a norm whose LMO is that of every slice, so
one :class:`TrustRegion` in ``Stacked(norm)`` makes every run's own step; a separable problem on the stack is the sum of
the problems on the slices, and a normal vector on the stack is an independent one on each of them.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any, final

import numpy as np

from ntr_spec.arrays import namespace_of
from ntr_spec.norms import Norm, Stacked
from ntr_spec.norms.apply import apply_value
from ntr_spec.problems import Gaussian, Separable
from ntr_spec.problems.scalars import Scalar
from ntr_spec.problems.separable import separable
from ntr_spec.theory import Plan

Array = Any


@final
@dataclasses.dataclass(frozen=True)
class Reached:
    """What each run reached.

    Attributes:
        least: min_{1≤k≤K} ‖∇f(x_k)‖_*, or None where it was not asked for.
        mean: the mean of ‖∇f(x_k)‖_* over 1 ≤ k ≤ K, which the theorems bound as well; or None.
        gap: f(x_K) − f(x*).
        length: ‖x_K‖.
    """

    least: list[float] | None
    mean: list[float] | None
    gap: list[float]
    length: list[float]


def run_together(
    problem: Separable, norm: Norm, sigma: float, plan: Plan, seed: int, runs: int, stationarity: bool
) -> Reached:
    """Run a plan so many times, with noise N(0, (σ²/d)I).

    >>> from ntr_spec import LInf
    >>> from ntr_spec.problems import Square
    >>> problem = separable(Square(), 3)
    >>> len(run_together(problem, LInf(), 0.1, Plan(0.1, 0.9, 0.0, False, 20), 0, 5, True).gap)
    5
    """
    stack = dataclasses.replace(problem, target=np.stack([problem.target] * runs), x0=np.stack([problem.x0] * runs))
    method, noise = plan.method(Stacked(norm)), Gaussian(sigma * math.sqrt(runs))
    xp, dual = namespace_of(stack.x0), norm.dual
    least, total = np.full(runs, math.inf), np.zeros(runs)

    def note(gradient: Array) -> None:
        nonlocal least, total
        length = apply_value(dual, gradient, xp, batch=1)
        least, total = np.minimum(least, length), total + length

    state = method.init(stack.x0)
    for k in range(plan.steps):
        gradient = stack.value_and_gradient(state.query)[1]
        if stationarity and k and not plan.extrapolation:
            note(gradient)
        state = method.update(state, gradient + noise.draw(gradient, seed, k))
        if stationarity and plan.extrapolation:
            note(stack.value_and_gradient(state.x)[1])
    if stationarity and not plan.extrapolation:
        note(stack.value_and_gradient(state.x)[1])
    gaps = [max(0.0, problem.objective(x) - problem.infimum) for x in state.x]
    lengths = [float(norm(x)) for x in state.x]
    if not stationarity:
        return Reached(None, None, gaps, lengths)
    return Reached(least.tolist(), (total / plan.steps).tolist(), gaps, lengths)


def problem_with(
    scalar: Scalar, shape: Any, norm: Norm, L: float, H: float | None, delta0: float, seed: int
) -> Separable:
    """A separable problem with these constants in a norm, started at 0, where f is Δ₀ above its least value.

    The minimiser is a random direction (of independent normal entries, cut off at 1), as far off as Δ₀ says.

    >>> from ntr_spec import LInf
    >>> from ntr_spec.problems import LogCosh
    >>> found = problem_with(LogCosh(), 4, LInf(), 1.0, 0.5, 2.0, 0).constants(LInf())
    >>> [round(float(number), 6) for number in (found.L, found.H, found.delta0)]
    [1.0, 0.5, 2.0]
    """
    drawn = separable(scalar, shape, norm, L, H, seed=seed)
    direction = np.clip(drawn.target, -drawn.width, drawn.width)

    def at(scale: float) -> Separable:
        return dataclasses.replace(drawn, target=scale * direction, x0=np.zeros_like(direction))

    low, high = 0.0, 1.0
    while at(high).objective(at(high).x0) < delta0:
        high *= 2.0
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if at(middle).objective(at(middle).x0) < delta0 else (low, middle)
    return at(high)
