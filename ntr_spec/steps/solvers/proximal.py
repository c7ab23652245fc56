"""What solvers that call the prox share: its subgradient without rounding noise, and R's own minimizer."""

from __future__ import annotations

import math
from typing import Any

from ntr_spec.errors import NotDeclaredError
from ntr_spec.norms.apply import apply_value
from ntr_spec.steps.problem import Problem, Solution, is_zero, number, subtract, times
from ntr_spec.trees import Tree, tree_map

Array = Any


def prox_subgradient(problem: Problem, z: Tree, x: Tree, t: float) -> Tree:
    """s = (z − x)/t ∈ ∂R(x) for x = prox_{tR}(z); exactly 0 where z − x is no more than rounding."""
    xp, least = problem.xp, 4 * problem.eps

    def difference(a: Array, b: Array) -> Array:
        d = a - b
        return xp.where(xp.abs(d) <= least * (xp.abs(a) + xp.abs(b)), xp.zeros_like(d), d)

    return times(tree_map(difference, z, x), 1 / t)


def settled(problem: Problem, x: Tree) -> Tree:
    """x, projected on dom R once more if the rounding of a prox from far away left it outside."""
    domain = problem.regularizer.domain
    if is_zero(domain) or not domain.has_prox or math.isfinite(number(problem.regularizer(x), problem.xp)):
        return x
    return domain._prox(x, 1.0, problem.xp)


def own_minimizer(problem: Problem, iterations: int) -> Solution | None:
    """x = ∇R*(−m), s = −m: the minimizer of ⟨m, x⟩ + R(x) without a ball, if it is known and inside."""
    conjugate, xp = problem.regularizer.conjugate, problem.xp
    s = times(problem.m, -1.0)
    try:
        finite = conjugate.has_subgradient and math.isfinite(number(conjugate(s), xp))
    except NotDeclaredError:
        return None
    if not finite:
        return None
    x = conjugate._subgradient(s, xp)
    length = number(apply_value(problem.norm, subtract(x, problem.center), xp), xp)
    return Solution(x, s, iterations) if length <= number(problem.radius, xp) else None
