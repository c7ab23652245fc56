"""Runs of a method on a problem whose constants are known, and what the theorems bound of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

from ntr_spec.algorithms import State, TrustRegion
from ntr_spec.algorithms.method import Method
from ntr_spec.problems import Known, Noise
from ntr_spec.steps import trust_region_step
from ntr_spec.trees import Tree, tree_map


def updates(
    problem: Known, noise: Noise | None, seed: int, method: Method, steps: int
) -> Iterator[tuple[State, State]]:
    """So many updates from x₀, each as the state before it and the state after it."""
    return _updates(problem, lambda x: problem.value_and_gradient(x)[1], noise, seed, method, steps)


def _updates(
    problem: Known, exact: Callable[[Tree], Tree], noise: Noise | None, seed: int, method: Method, steps: int
) -> Iterator[tuple[State, State]]:
    state = method.init(problem.x0)
    for k in range(steps):
        gradient = exact(state.query)
        if noise is not None:
            gradient = tree_map(lambda g, n: g + n, gradient, noise.draw(gradient, seed, k))
        before, state = state, method.update(state, gradient)
        yield before, state


def stationarity(problem: Known, noise: Noise | None, seed: int, method: TrustRegion, steps: int) -> float:
    """min_{1≤k≤K} ‖∇f(x_k) + s_k‖_*, with s_k ∈ ∂R(x_k) that of the step to x_k."""
    last: tuple[Tree, Tree] = (None, None)

    def exact(x: Tree) -> Tree:
        """∇f(x), once where x_k is also where the next gradient is wanted."""
        nonlocal last
        if x is not last[0]:
            last = x, problem.value_and_gradient(x)[1]
        return last[1]

    least = math.inf
    for before, after in _updates(problem, exact, noise, seed, method, steps):
        gradient = exact(after.x)
        if method.composite:
            gradient = tree_map(lambda g, s: g + s, gradient, subgradient(method, before, after))
        least = min(least, float(method.dual_length(gradient)))
    return least


def gap(problem: Known, infimum: float, noise: Noise | None, seed: int, method: TrustRegion, steps: int) -> float:
    """F(x_K) − F*, with F = f + the method's R; what rounding makes negative is 0."""
    for _, after in updates(problem, noise, seed, method, steps):
        last = after.x
    return max(0.0, objective(problem, method, last) - infimum)


def objective(problem: Known, method: TrustRegion, x: Tree) -> float:
    """f(x) + R(x), R the method's."""
    return float(problem.value_and_gradient(x)[0]) + float(method.regularizer(x))


def subgradient(method: TrustRegion, before: State, after: State) -> Any:
    """s ∈ ∂R(x₊) that certifies the step to x₊: the solver's, for the step that the method made.

    Raises:
        AssertionError: solving the step again gives another point.
    """
    settings = method.settings(before.step)
    center = tree_map(lambda leaf: (1.0 - settings["decay"]) * leaf, before.x)
    step = trust_region_step(method.norm, after.momentum, center, settings["radius"], method.regularizer)
    away = float(method.length(tree_map(lambda a, b: a - b, step.point, after.x)))
    assert away <= 1e-6 * (settings["radius"] + float(method.length(after.x))), "the step was solved differently"
    return step.subgradient
