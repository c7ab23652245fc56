"""The ball is a box and R a sum over entries: entry by entry, in closed form."""

from __future__ import annotations

from typing import Any

from ntr_spec.arrays import Namespace, in_pieces
from ntr_spec.norms.base import Norm
from ntr_spec.steps.entrywise import broadcast_weights, has_box_ball
from ntr_spec.steps.problem import Problem, Solution
from ntr_spec.steps.product import Product
from ntr_spec.steps.regularizer import Regularizer
from ntr_spec.trees import Tree, tree_map

Array = Any


def serves(norm: Norm, regularizer: Regularizer) -> bool:
    """‖x‖ = max wᵢ|xᵢ| and R is a sum over entries."""
    return has_box_ball(norm) and regularizer.separable


def solve(problem: Problem) -> Solution:
    """R's own minimizer of ⟨m, x⟩ + R(x) over c − η/w ≤ x ≤ c + η/w."""
    regularizer, m, xp = problem.regularizer, problem.m, problem.xp
    x = _minimizer(regularizer, m, problem.center, half_widths(problem), xp)
    return Solution(x, regularizer._nearest_subgradient(x, m, xp) if problem.certified else None)


def half_widths(problem: Problem) -> Tree:
    """η/wᵢ for every entry, or a number for all of them."""
    radius = problem.radius
    return tree_map(lambda w: radius / w, broadcast_weights(problem.norm, problem.m, problem.xp))


def _minimizer(regularizer: Regularizer, m: Tree, center: Tree, half: Tree, xp: Namespace) -> Tree:
    """Block by block, and piece by piece where every entry has the same term."""
    if isinstance(regularizer, Product):
        blocks = regularizer._each(lambda part, g, c, h: _minimizer(part, g, c, h, xp), m, center, half)
        return regularizer._join(blocks)

    def minimizer(g: Tree, c: Tree, h: Tree) -> Tree:
        lower, upper = tree_map(lambda a, b: a - b, c, h), tree_map(lambda a, b: a + b, c, h)
        return regularizer._box_argmin(g, lower, upper, xp)

    if regularizer.uniform:
        return tree_map(lambda *leaf: in_pieces(minimizer, *leaf), m, center, half)
    return minimizer(m, center, half)
