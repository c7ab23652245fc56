"""Performance estimation problems of the Euclidean method: its exact worst case as a semidefinite program.

A performance estimation problem maximizes what a method may still be off by, over all functions of a class, all
starting points and all dimensions, in the Gram matrix of iterates and gradients (Drori and Teboulle 2014; Taylor,
Hendrickx and Glineur 2017; PEPit: Goujaud et al. 2024). Nothing here knows how the theorems are proved.

*Gap* (T3, T5, Frank–Wolfe): steps are linear minimizations over a convex set inside the unit ball, so that the program
is exact for that class of sets; ‖x₀‖, ‖x*‖ ≤ 1, L = 1.

*Stationarity* (T1, T2, T4): x₊ = x − m/‖m‖ is not linear in the Gram matrix. The question is turned round: how small
may F(x₀) − inf F be for a run that keeps every ‖∇f(x_k)‖ ≥ 1, k = 1, …, n?

- *attained*: ‖m_k‖ is fixed to what it is when all gradients are parallel; then the step is linear, and the optimum is
  that of a function that exists;
- *needed*: a step is any v with ‖v‖ ≤ 1, t = −⟨m, v⟩ ≥ lower and ‖m‖² below the chord of t² on [lower, upper], an
  interval that holds ‖m‖ for every run in question: a relaxation, so that no run needs less.
"""

from __future__ import annotations

import contextlib
import dataclasses
import io
import itertools
import math
import warnings
from collections.abc import Callable
from typing import Any

from PEPit import PEP, Expression, Point, null_point
from PEPit.functions import (
    ConvexIndicatorFunction,
    SmoothConvexFunction,
    SmoothFunction,
    SmoothStronglyConvexQuadraticFunction,
)
from PEPit.primitive_steps import linear_optimization_step

FURTHEST = 2.0
"""The largest F(x₀) − F(x*) that ‖x₀‖, ‖x*‖ ≤ 1 and L = 1 allow: L‖x₀ − x*‖²/2."""
REGULARIZATION = 1e-7
"""Of Clarabel's linear systems, corrected by its iterative refinement: at the default 1e-8 it breaks down on the
quadratics of T4 from 8 steps on. Its tolerances are the default ones."""


@dataclasses.dataclass(frozen=True)
class Solved:
    """What the solver says: the two objectives, its own status; the difference of the two is the accuracy."""

    dual: float
    primal: float
    status: str

    @property
    def gap(self) -> float:
        """|dual − primal|."""
        return abs(self.dual - self.primal)


def solve(problem: PEP) -> Solved:
    """Clarabel through cvxpy, at its default tolerances; NaN where it gives up."""
    from cvxpy.error import SolverError

    try:
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Solution may be inaccurate")  # the status says so
            dual = problem.solve(
                wrapper="cvxpy", solver="CLARABEL", verbose=0, static_regularization_constant=REGULARIZATION
            )
    except SolverError:
        return Solved(math.nan, math.nan, "failed")
    status = problem.wrapper.prob.status
    if dual is None:
        return Solved(math.nan, math.nan, status)
    return Solved(float(dual), float(problem.wrapper.objective.value), status)


def function(problem: PEP, kind: str, smoothness: float) -> Any:
    """A function of a class: "convex", "smooth" (not convex) or "quadratic" (convex)."""
    if kind == "quadratic":
        return problem.declare_function(SmoothStronglyConvexQuadraticFunction, mu=0.0, L=smoothness)
    return problem.declare_function(SmoothConvexFunction if kind == "convex" else SmoothFunction, L=smoothness)


def averaged(m: Any, old: Any, new: Any, alpha: float, ahead: bool) -> Any:
    """The next momentum. A quadratic's gradient is affine: the one taken ahead is new + ((1−α)/α)(new − old)."""
    fresh = new + ((1 - alpha) / alpha) * (new - old) if ahead else new
    return (1 - alpha) * m + alpha * fresh


# ---- the gap ----------------------------------------------------------------------------------------------------


def gap(
    steps: int, kind: str, alpha: float, decay: Callable[[int], float], ahead: bool = False, delta: float = 0.0
) -> Solved:
    """max F(x_K) − F(x*) over x₊ = (1−β)x + βv, v ∈ argmin{⟨m, v⟩ : v ∈ C}, C convex, within the unit ball, x* ∈ C.

    The kind "star" relaxes star-convexity: the smooth functions with f(βx* + (1−β)x) ≤ βf(x*) + (1−β)f(x) at the
    iterates and f(x*) ≥ f(x) + ⟨∇f(x), x* − x⟩. With δ > 0 the step goes to any w within the unit ball with
    ⟨m, w⟩ ≤ (1−δ)⟨m, v⟩, and x* ∈ (1−δ)C.
    """
    problem = PEP()
    f = function(problem, "smooth" if kind == "star" else kind, 1.0)
    ball = problem.declare_function(ConvexIndicatorFunction, R=1.0, center=null_point)
    best = f.stationary_point()
    least = f(best)
    ball(best / (1 - delta))
    x = problem.set_initial_point()
    problem.add_constraint(x**2 <= 1)
    problem.add_constraint(f(x) - least <= FURTHEST)
    m = gradient = f.gradient(x)
    for k in range(steps):
        beta = decay(k)
        vertex, _, _ = linear_optimization_step(m, ball)
        if kind == "star":
            problem.add_constraint(f((1 - beta) * x + beta * best) <= beta * least + (1 - beta) * f(x))
            problem.add_constraint(least >= f(x) + gradient * (best - x))
        if delta > 0:
            exact, vertex = vertex, Point()
            problem.add_constraint(vertex**2 <= 1)
            problem.add_constraint(m * vertex <= (1 - delta) * (m * exact))
        x = (1 - beta) * x + beta * vertex
        if k < steps - 1:
            fresh = f.gradient(x)
            m = averaged(m, gradient, fresh, alpha, ahead)
            gradient = fresh
    problem.set_performance_metric(f(x) - least)
    return solve(problem)


# ---- stationarity -----------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Run:
    """F(x₀) − inf F of runs of x₊ = x + v with ‖∇f(x_k)‖ ≥ 1 for k ≥ 1; η = 1."""

    steps: int
    kind: str
    smoothness: float
    alpha: float
    ahead: bool
    delta: float = 0.0

    def parallel(self) -> list[float]:
        """‖∇f(x_k)‖ of the run on which all gradients are parallel and the last is 1.

        Without convexity, the gradient grows from 1 − L to 1 in the first step and stays; on convex quadratics
        gradients can only shrink on the way, by λ each step, and λ = min{L, 1/K} is best.
        """
        if self.kind == "quadratic":
            slope = min(self.smoothness, 1 / self.steps)
            return [1 + slope * (self.steps - k) for k in range(self.steps)]
        return [1 - self.smoothness] + [1.0] * (self.steps - 1)

    def attained(self) -> Solved:
        """The least F(x₀) − inf F with ‖m_k‖ as on that run, gradients free."""
        gradients = self.parallel()
        lengths = gradients[:1]
        for old, new in itertools.pairwise(gradients):
            lengths.append(averaged(lengths[-1], old, new, self.alpha, self.ahead))

        def step(problem: PEP, m: Any, k: int) -> Any:
            problem.add_constraint(m**2 == lengths[k] ** 2)
            return -m / lengths[k]

        return self._least(step)

    def needed(self, enough: float) -> Solved:
        """What no run is below, given that ``enough`` is attained: so ‖∇f‖² ≤ 2L·enough, as F does not grow.

        ‖m_k‖ ≥ 1 − L(1−α)/α, for ‖m_k − ∇f(x_k)‖ ≤ L(1−α)/α; on quadratics with extrapolation the two are the same.
        With δ > 0 there is no upper end, and a step is any v with −⟨m, v⟩ ≥ (1−δ)·lower.
        """
        upper = math.sqrt(2 * self.smoothness * enough)
        lag = 0.0 if self.ahead else self.smoothness * (1 - self.alpha) / self.alpha

        def step(problem: PEP, m: Any, k: int) -> Any:
            lower = 1 - self.smoothness if k == 0 else 1 - lag
            v = Point()
            problem.add_constraint(v**2 <= 1)
            problem.add_constraint(m * v <= -(1 - self.delta) * lower)
            if self.delta == 0:
                problem.add_constraint(m**2 <= -(lower + upper) * (m * v) - lower * upper)
            return v

        return self._least(step)

    def _least(self, step: Callable[[PEP, Any, int], Any]) -> Solved:
        problem = PEP()
        f = function(problem, self.kind, self.smoothness)
        x = problem.set_initial_point()
        gradient, start = f.oracle(x)
        m, seen = gradient, [(gradient, start)]
        infimum = f(f.stationary_point()) if self.kind == "quadratic" else Expression()
        for k in range(self.steps):
            x = x + step(problem, m, k)
            fresh, value = f.oracle(x)
            problem.add_constraint(fresh**2 >= 1)
            seen.append((fresh, value))
            m = averaged(m, gradient, fresh, self.alpha, self.ahead)
            gradient = fresh
        if self.kind == "smooth":  # what an L-smooth function with this infimum satisfies (Drori and Shamir 2020)
            for g, value in seen:
                problem.add_constraint(value - g**2 / (2 * self.smoothness) >= infimum)
        problem.set_performance_metric(infimum - start)
        found = solve(problem)
        return Solved(-found.dual, -found.primal, found.status)
