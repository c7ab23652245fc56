"""A weighted ℓ₁ ball and R a sum over entries: one monotone equation for the multiplier, then a share of two vertices.

For a multiplier μ ≥ 0 the entries part: xᵢ(μ) minimises mᵢx + rᵢ(x) + μwᵢ|x − cᵢ|, left of cᵢ with slope mᵢ − μwᵢ, else
right of it with mᵢ + μwᵢ. The length Σwᵢ|xᵢ(μ) − cᵢ| never rises with μ; it may jump, and where it jumps over η both
ends minimise the same Lagrangian, so that their convex combination of length η is the solution. μ is bracketed down
to neighbouring floats.
"""

from __future__ import annotations

import math

from ntr_spec.norms.apply import apply_value
from ntr_spec.norms.base import Norm
from ntr_spec.steps.certificate import dual_value
from ntr_spec.steps.entrywise import is_weighted_l1, weights
from ntr_spec.steps.problem import Problem, Solution, add, is_finite, nothing, number, subtract, times
from ntr_spec.steps.regularizer import Regularizer
from ntr_spec.trees import Tree, tree_map, zip_map

_MOST_EVALUATIONS = 300


def serves(norm: Norm, regularizer: Regularizer) -> bool:
    """‖x‖ = Σ wᵢ|xᵢ| and R is a sum over entries."""
    return is_weighted_l1(norm) and regularizer.separable


def solve(problem: Problem) -> Solution:
    """x(μ) at the multiplier where its length is the radius, or between the two sides of a jump."""
    if not (is_finite(problem.m, problem.xp) and is_finite(problem.center, problem.xp)):
        return nothing(problem)
    return _Search(problem).run()


class _Search:
    """The search for μ."""

    def __init__(self, problem: Problem) -> None:
        self.problem, self.xp = problem, problem.xp
        self.radius = number(problem.radius, self.xp)
        self.w = weights(problem.norm, problem.m, self.xp)
        half = tree_map(lambda w: self.radius / w, self.w)
        self.lower, self.upper = subtract(problem.center, half), add(problem.center, half)
        self.count = 0

    def run(self) -> Solution:
        """Bracket, narrow, and mix what is left."""
        x, s, length = self._at(0.0)
        if not length > self.radius:
            return Solution(x, s, self.count)
        low, above = (0.0, length), x  # too long
        high, below, s = self._upper_end()
        if high[1] > self.radius:  # the nearest point of dom R is too far away; the caller says so
            return Solution(below, s, self.count)
        eps = self.problem.eps
        while high[0] - low[0] > 2 * eps * high[0] and self.count < _MOST_EVALUATIONS:
            if self.radius * (1 - 4 * eps) <= high[1]:
                return Solution(below, s, self.count)
            mu = _chord(low, high, self.radius) if self.count % 3 == 0 else math.nan
            if not low[0] < mu < high[0]:
                mu = (low[0] + high[0]) / 2
            x, subgradient, length = self._at(mu)
            if length > self.radius:
                low, above = (mu, length), x
            else:
                high, below, s = (mu, length), x, subgradient
        return self._mixed(low[1], above, high, below, s)

    def _upper_end(self) -> tuple[tuple[float, float], Tree, Tree]:
        """A multiplier that leaves nothing to gain by moving."""
        problem = self.problem
        _, s = problem.regularizer._box_argmin(problem.m, problem.center, problem.center, self.xp)
        mu = number(dual_value(problem.norm, add(problem.m, s), self.xp), self.xp) * (1 + 4 * problem.eps)
        x, s, length = self._at(mu)
        for _ in range(60):  # outside dom R no subgradient bounds the multiplier
            if not length > self.radius or mu == 0 or not math.isfinite(mu):
                break
            mu *= 4
            x, s, length = self._at(mu)
        return (mu, length), x, s

    def _at(self, mu: float) -> tuple[Tree, Tree, float]:
        """x(μ), its subgradient with the least |m + s|, and its length."""
        problem, xp = self.problem, self.xp
        self.count += 1
        pull = times(self.w, mu)
        argmin = problem.regularizer._box_argmin
        left, left_s = argmin(subtract(problem.m, pull), self.lower, problem.center, xp)
        right, right_s = argmin(add(problem.m, pull), problem.center, self.upper, xp)

        def choose(c: Tree, m: Tree, xl: Tree, sl: Tree, xr: Tree, sr: Tree) -> tuple[Tree, Tree]:
            goes_left = xl < c
            nearer = xp.where(xp.abs(m + sl) < xp.abs(m + sr), sl, sr)
            s = xp.where(goes_left, sl, xp.where(xr > c, sr, nearer))
            return xp.where(goes_left, xl, xr), s

        x, s = zip_map(choose, problem.center, problem.m, left, left_s, right, right_s)
        return x, s, number(apply_value(problem.norm, subtract(x, problem.center), xp), xp)

    def _mixed(self, too_long: float, above: Tree, high: tuple[float, float], below: Tree, s: Tree) -> Solution:
        """The combination of both ends with the length of the radius, and a subgradient there."""
        problem, xp = self.problem, self.xp
        share = (self.radius - high[1]) / (too_long - high[1])
        # From the nearer end, so that an end itself, which may be a corner of R, is met exactly.
        if share > 0.5:
            x = tree_map(lambda a, b: a - (1 - share) * (a - b), above, below)
        else:
            x = tree_map(lambda a, b: b + share * (a - b), above, below)

        def wanted(m: Tree, w: Tree, c: Tree, point: Tree) -> Tree:
            return -m - (high[0] * w) * xp.sign(point - c)

        # Where an entry moved, the subgradient at x, or that at the end if only rounding keeps x out of a corner.
        goal = tree_map(wanted, problem.m, self.w, problem.center, x)
        _, here = problem.regularizer._box_argmin(tree_map(lambda g: -g, goal), x, x, xp)

        def choose(a: Tree, b: Tree, g: Tree, old: Tree, new: Tree) -> Tree:
            return xp.where((a == b) | (xp.abs(old - g) <= xp.abs(new - g)), old, new)

        s = tree_map(choose, above, below, goal, s, here)
        return Solution(x, s, self.count)


def _chord(low: tuple[float, float], high: tuple[float, float], radius: float) -> float:
    """Where the chord through both ends has the length of the radius: the root itself for piecewise linear lengths."""
    (a, long), (b, short) = low, high
    return a + (b - a) * (long - radius) / (long - short)
