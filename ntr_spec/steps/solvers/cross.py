"""A weighted ℓ₁ ball and R a sum over entries: one monotone equation for the multiplier, then a share of two vertices.

For a multiplier μ ≥ 0 the entries part: xᵢ(μ) minimises mᵢx + rᵢ(x) + μwᵢ|x − cᵢ|, left of cᵢ with slope mᵢ − μwᵢ, else
right of it with mᵢ + μwᵢ. No wᵢ|xᵢ(μ) − cᵢ| rises with μ; their sum may jump, and where it jumps over η both ends
minimise the same Lagrangian, so that their convex combination of length η is the solution. μ is bracketed down to
neighbouring floats. An entry that is the same at both ends of the bracket is settled and looked at no more, as in
Kiwiel's breakpoint searches for the continuous quadratic knapsack problem (Math. Program. 112, 2008).
"""

from __future__ import annotations

import math
from typing import Any

from ntr_spec.arrays import in_pieces
from ntr_spec.norms.apply import apply_value
from ntr_spec.norms.base import Norm
from ntr_spec.steps.certificate import dual_value
from ntr_spec.steps.entrywise import broadcast_weights, is_weighted_l1
from ntr_spec.steps.problem import Problem, Solution, add, is_finite, nothing, number, subtract, times
from ntr_spec.steps.regularizer import Regularizer
from ntr_spec.trees import Tree, is_container, tree_map

_MOST_EVALUATIONS = 300
_FEW = 4096  # entries that are not worth sorting out
_LEAST = 1e-30  # a multiplier that every dtype but the halves holds


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
        w = broadcast_weights(problem.norm, problem.m, self.xp)
        self.everything = (problem.m, problem.center, w, tree_map(lambda a: self.radius / a, w))
        self.open = self.everything  # slope, centre, weight and half width of the entries not settled yet
        self.settled = 0.0  # the length of the others
        self.whole = problem.regularizer.uniform and not is_container(problem.m)  # entries may be picked out
        self.count = 0
        self.least = 0.0

    def run(self) -> Solution:
        """Bracket, narrow, and mix what is left."""
        largest = number(dual_value(self.problem.norm, self.problem.m, self.xp), self.xp)
        # At 0 itself an entry without slope might lie anywhere in the ball; a least multiplier keeps it at the centre.
        self.least = max(largest * self.problem.eps**2, _LEAST)
        largest = max(largest, 2 * self.least)
        # Most often the root lies above this, and few entries move: 0 need not be looked at.
        x, length = self._at(largest / 2)
        if length > self.radius:
            low, above = (largest / 2, length), x  # too long
            high, below = self._upper_end(2 * largest)
        else:
            high, below = (largest / 2, length), x
            x, length = self._at(self.least)
            if not length > self.radius:
                return self._solution(x, x, self.least)
            low, above = (self.least, length), x
        if high[1] > self.radius:  # the nearest point of dom R is too far away; the caller says so
            return self._solution(below, below, high[0])
        eps = self.problem.eps
        enough = self.radius * (1 - 4 * eps)
        while high[0] - low[0] > 2 * eps * high[0] and high[1] < enough and self.count < _MOST_EVALUATIONS:
            above, below = self._settle(above, below)
            mu = _chord(low, high, self.radius * (1 - 2 * eps)) if self.count % 2 else math.nan
            if not low[0] < mu < high[0]:
                mu = (low[0] + high[0]) / 2
            x, length = self._at(mu)
            if length > self.radius:
                low, above = (mu, length), x
            else:
                high, below = (mu, length), x
        if self.open is not self.everything:
            self.open, self.settled = self.everything, 0.0
            below, length = self._at(high[0])
            high = (high[0], length)
            if high[1] < enough:
                above, length = self._at(low[0])
                low = (low[0], length)
        if high[1] >= enough:
            return self._solution(below, below, high[0])
        return self._solution(self._mixed(low[1], above, high[1], below), below, high[0])

    def _upper_end(self, mu: float) -> tuple[tuple[float, float], Tree]:
        """A multiplier that leaves nothing to gain by moving: the one given, if R is flat enough."""
        problem, xp, R = self.problem, self.xp, self.problem.regularizer
        x, length = self._at(mu)
        if length > self.radius:
            near = R._box_argmin(problem.m, problem.center, problem.center, xp)
            s = R._nearest_subgradient(near, problem.m, xp)
            slope = number(dual_value(problem.norm, add(problem.m, s), xp), xp)
            mu = max(slope * (1 + 4 * problem.eps), self.least)
            x, length = self._at(mu)
        for _ in range(60):  # outside dom R no subgradient bounds the multiplier
            if not length > self.radius or not math.isfinite(mu):
                break
            mu *= 4
            x, length = self._at(mu)
        return (mu, length), x

    def _at(self, mu: float) -> tuple[Tree, float]:
        """x(μ) of the entries that are not settled, and the length of all."""
        self.count += 1
        m, c, w, half = self.open
        pull = times(w, mu)
        x = in_pieces(self._minimizer, m, c, pull, half) if self.whole else self._minimizer(m, c, pull, half)
        return x, self.settled + self._length(x)

    def _minimizer(self, m: Tree, c: Tree, pull: Tree, half: Tree) -> Tree:
        """argmin of mᵢx + rᵢ(x) + pullᵢ|x − cᵢ| over |x − cᵢ| ≤ halfᵢ."""
        argmin, xp = self.problem.regularizer._box_argmin, self.xp
        left = argmin(subtract(m, pull), subtract(c, half), c, xp)
        right = argmin(add(m, pull), c, add(c, half), xp)

        def choose(at: Any, a: Any, b: Any) -> Any:
            goes_left = xp.astype(a < at, at.dtype)  # a product costs NumPy much less than a `where`
            return goes_left * a + (1 - goes_left) * b

        return tree_map(choose, c, left, right)

    def _length(self, x: Tree) -> float:
        if not self.whole:
            return number(apply_value(self.problem.norm, subtract(x, self.problem.center), self.xp), self.xp)
        _, c, w, _ = self.open
        return number(self.xp.sum(in_pieces(lambda a, b, k: self.xp.abs(a - b) * k, x, c, w)), self.xp)

    def _settle(self, above: Tree, below: Tree) -> tuple[Tree, Tree]:
        """Put aside the entries that are the same at both ends, once they are the most."""
        xp = self.xp
        if not self.whole or math.prod(above.shape) < _FEW:
            return above, below
        differs = above != below
        if 2 * int(xp.sum(xp.astype(differs, xp.int64))) > math.prod(above.shape):
            return above, below
        _, c, w, _ = self.open
        rest = xp.abs(below - c) * w * xp.astype(~differs, c.dtype)
        self.settled += number(xp.sum(rest), xp)
        m, c, w, half = (a[differs] if a.ndim else a for a in self.open)
        self.open = (m, c, w, half)
        return above[differs], below[differs]

    def _mixed(self, too_long: float, above: Tree, short: float, below: Tree) -> Tree:
        """The combination of both ends with the length of the radius."""
        share = (self.radius - short) / (too_long - short)
        # From the nearer end, so that an end itself, which may be a corner of R, is met exactly.
        if share > 0.5:
            return tree_map(lambda a, b: a - (1 - share) * (a - b), above, below)
        return tree_map(lambda a, b: b + share * (a - b), above, below)

    def _solution(self, x: Tree, end: Tree, mu: float) -> Solution:
        """x, a point between ``end`` and another minimizer for the same μ, and a subgradient there."""
        problem, xp = self.problem, self.xp
        if not problem.certified:
            return Solution(x, None, self.count)
        m, c, w, _ = self.everything
        # Entries that moved want m + s = ∓μw; s is that at x, or at the end if only rounding keeps x out of a corner.
        slope = tree_map(lambda a, b, k, y: a + times(k, mu) * xp.sign(y - b), m, c, w, x)
        nearest = problem.regularizer._nearest_subgradient
        s = nearest(x, slope, xp)
        if x is not end:
            other = nearest(end, slope, xp)
            s = tree_map(lambda g, a, b: xp.where(xp.abs(b + g) <= xp.abs(a + g), b, a), slope, s, other)
        return Solution(x, s, self.count)


def _chord(low: tuple[float, float], high: tuple[float, float], radius: float) -> float:
    """Where the chord through both ends has the length of the radius: the root itself for piecewise linear lengths."""
    (a, long), (b, short) = low, high
    return a + (b - a) * (long - radius) / (long - short)
