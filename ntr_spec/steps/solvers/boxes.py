"""The ball is a box and R a sum over entries: entry by entry, in closed form."""

from __future__ import annotations

from typing import Any

from ntr_spec.norms.base import Norm
from ntr_spec.norms.vector import LInf
from ntr_spec.steps.entrywise import has_box_ball, weights
from ntr_spec.steps.problem import Problem, Solution
from ntr_spec.steps.regularizer import Regularizer
from ntr_spec.trees import tree_map


def serves(norm: Norm, regularizer: Regularizer) -> bool:
    """‖x‖ = max wᵢ|xᵢ| and R is a sum over entries."""
    return has_box_ball(norm) and regularizer.separable


def solve(problem: Problem) -> Solution:
    """R's own minimizer of ⟨m, x⟩ + R(x) over c − η/w ≤ x ≤ c + η/w."""
    c, xp = problem.center, problem.xp
    half = half_widths(problem)
    x, s = problem.regularizer._box_argmin(
        problem.m, tree_map(lambda a, b: a - b, c, half), tree_map(lambda a, b: a + b, c, half), xp
    )
    return Solution(x, s)


def half_widths(problem: Problem) -> Any:
    """η/wᵢ for every entry; numbers where all weights are 1."""
    radius, m = problem.radius, problem.m
    if isinstance(problem.norm, LInf):
        return tree_map(lambda leaf: radius, m)
    return tree_map(lambda w: radius / w, weights(problem.norm, m, problem.xp))
