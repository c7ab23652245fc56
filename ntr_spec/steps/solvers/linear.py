"""R = 0: the linear minimization oracle. [Kovalev25], section 2."""

from __future__ import annotations

from ntr_spec.norms.apply import apply_lmo
from ntr_spec.norms.base import Norm
from ntr_spec.steps.problem import Problem, Solution, add, is_zero
from ntr_spec.steps.regularizer import Regularizer
from ntr_spec.trees import tree_map


def serves(norm: Norm, regularizer: Regularizer) -> bool:
    """R = 0."""
    return is_zero(regularizer)


def solve(problem: Problem) -> Solution:
    """x = c + η·lmo(m), s = 0."""
    move = apply_lmo(problem.norm, problem.m, problem.radius, problem.xp)
    return Solution(add(problem.center, move), tree_map(problem.xp.zeros_like, problem.m))
