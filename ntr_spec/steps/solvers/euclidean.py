"""A Euclidean ball and any R with a prox: one monotone equation for the multiplier.

With μ ≥ 0 the multiplier of the ball and t = 1/μ, x(t) = prox_{tR}(c − t·m) is the solution as soon as ‖x(t) − c‖ = η,
with s = (c − x)/t − m. ‖x(t) − c‖ never falls and ‖x(t) − c‖/t never rises with t (Bauschke and Combettes, *Convex
Analysis*, section 23), so that every evaluation gives the root another bound. 1/‖x(t) − c‖ is nearly linear in 1/t
(exactly, for R = 0), as in the trust-region equation of Moré and Sorensen (1983), so that secants of it take few
evaluations. Where no t reaches the sphere, R's own minimizer lies inside: that is ∇R*(−m) with s = −m where it is
declared, else the limit of large t.
"""

from __future__ import annotations

import math

from ntr_spec.errors import InfeasibleError
from ntr_spec.norms.apply import apply_value
from ntr_spec.norms.base import Norm
from ntr_spec.norms.blocks import Product as ProductNorm
from ntr_spec.norms.fibres import Mixed, Stacked
from ntr_spec.norms.matrix import Frobenius
from ntr_spec.norms.spectral import Schatten
from ntr_spec.norms.transforms import Reshaped, Scaled
from ntr_spec.norms.vector import L2, Lp
from ntr_spec.steps.certificate import check_prox
from ntr_spec.steps.problem import Problem, Solution, infeasible, nothing, number, subtract, times
from ntr_spec.steps.regularizer import Regularizer
from ntr_spec.steps.solvers.proximal import own_minimizer, prox_subgradient, settled
from ntr_spec.trees import Tree

_MOST_EVALUATIONS = 100


def factor(norm: Norm) -> float | None:
    """k if ‖x‖ = k‖x‖₂, else None."""
    match norm:
        case L2() | Frobenius() | Lp(2) | Schatten(2):
            return 1.0
        case Scaled(inner, c):
            k = factor(inner)
            return None if k is None else k * float(c)
        case Reshaped(inner):
            return factor(inner)
        case Mixed(outer, inner) | Stacked(inner, outer):
            a, b = factor(outer), factor(inner)
            return None if a is None or b is None else a * b
    if isinstance(norm, ProductNorm):
        a, found = factor(norm.outer), {factor(part) for part in norm._parts}
        b = found.pop() if len(found) == 1 else None
        return None if a is None or b is None else a * b
    return None


def serves(norm: Norm, regularizer: Regularizer) -> bool:
    """‖x‖ = k‖x‖₂ and R has a prox."""
    return factor(norm) is not None and regularizer.has_prox


def solve(problem: Problem) -> Solution:
    """prox_{tR}(c − t·m) at the t where it lies on the sphere, or R's own minimizer inside."""
    search = _Search(problem)
    if not math.isfinite(search.slope + search.close):
        return nothing(problem)
    found = search.run()
    check_prox(problem, found)
    return found


class _Search:
    """The search for t, and what is known of the root: between ``low`` and ``high``."""

    def __init__(self, problem: Problem) -> None:
        self.problem, self.xp = problem, problem.xp
        self.radius = number(problem.radius, self.xp)
        self.slope = self._length(problem.m)
        self.low, self.high = 0.0, math.inf
        # How far inside the sphere the answer may lie; entries of x are known to eps of those of the centre.
        far = self._length(problem.center) / self.radius
        self.close = min(16 * problem.eps * (1 + far), 0.1) if math.isfinite(far) else far
        self.count = 0
        self.inside: tuple[float, float, Tree] | None = None  # t, ‖x(t) − c‖/η and x(t), nearest to the sphere
        self.outside: tuple[float, float, Tree] | None = None
        self.touching: Tree = problem.center

    def run(self) -> Solution:
        """Evaluate and narrow until the sphere is met from inside."""
        problem, close = self.problem, self.close
        regularizer, steep = problem.regularizer, self.slope
        if regularizer.has_subgradient and math.isfinite(number(regularizer(problem.center), self.xp)):
            steep += self._length(regularizer._subgradient(problem.center, self.xp))  # m may be nothing against it
        t = self.radius / steep if 0 < steep < math.inf else 1.0
        previous: tuple[float, float] | None = None
        while self.count < _MOST_EVALUATIONS:
            ratio = self._evaluate(t)
            if 1 - close <= ratio <= 1 or math.isnan(ratio):
                break
            # u = m + s = (c − x)/t leaves the gap ‖u‖(η − ‖x − c‖) inside the ball.
            if ratio < 1 and ratio * (1 - ratio) * self.radius / t <= 1e-3 * problem.goal * self.slope:
                break
            if self.count in (3, 10) and self.outside is None:
                own = own_minimizer(problem, self.count)
                if own is not None:
                    return own
            if (
                self.count > 3 and ratio <= self.close and self.inside is not None
            ):  # x stays at the centre but for rounding, however large t: u = 0
                return Solution(self.inside[2], times(problem.m, -1.0), self.count, self.inside[2])
            if self.count == 6 and self.inside is None:
                self._check_feasible()
            step = self._next(t, ratio, previous, 1 + close / 2)
            if step in (t, previous and previous[0]) or not 0 < step < math.inf:
                break
            t, previous = step, (t, ratio)
        return self._answer()

    def _length(self, x: Tree) -> float:
        return number(apply_value(self.problem.norm, x, self.xp), self.xp)

    def _evaluate(self, t: float) -> float:
        """‖x(t) − c‖/η; remembers x(t) and narrows the bracket."""
        problem = self.problem
        self.count += 1
        x = problem.regularizer._prox(subtract(problem.center, times(problem.m, t)), t, self.xp)
        ratio = self._length(subtract(x, problem.center)) / self.radius
        if ratio <= 1:
            if self.inside is None or t > self.inside[0]:
                self.inside = (t, ratio, x)
            # Rounding, as much as the answer may be off the sphere, is left to both bounds.
            self.low = max(self.low, t / ratio * (1 - self.close) if ratio > 0 else t)
        else:
            if self.outside is None or t < self.outside[0]:
                self.outside = (t, ratio, x)
            self.high = min(self.high, t / ratio * (1 + self.close))
        return ratio

    def _next(self, t: float, ratio: float, previous: tuple[float, float] | None, target: float) -> float:
        """The secant of 1/ratio in 1/t through the last two, or through both ends, kept between the bounds."""
        tries = []
        if previous is None:
            tries.append(t / (ratio * target) if ratio > 0 else math.nan)
        elif self.count < 8 or self.count % 2:  # where secants have not found it by then, halve in between
            tries.append(_secant((t, ratio), previous, target))
            if self.inside is not None and self.outside is not None:
                tries.append(_secant(self.inside[:2], self.outside[:2], target))
        for step in tries:
            if self.low < step < self.high:
                return step
        if self.high < math.inf:
            return math.sqrt(self.low) * math.sqrt(self.high) if self.low > 0 else self.high / 4.0**self.count
        return max(self.low, t) * 4.0**self.count

    def _check_feasible(self) -> None:
        """Raise InfeasibleError if dom R is farther away than the radius."""
        problem = self.problem
        domain = problem.regularizer.domain
        if not domain.has_prox:
            return
        near = domain._prox(problem.center, 1.0, self.xp)
        distance = self._length(subtract(near, problem.center))
        slack = 64 * problem.eps * (self.radius + self._length(problem.center))
        if distance > self.radius + slack:
            raise InfeasibleError(infeasible(problem, distance))
        self.touching = near

    def _answer(self) -> Solution:
        problem = self.problem
        if self.inside is None:
            self._check_feasible()
        found = self.inside or self.outside
        assert found is not None
        t, _, x = found
        s = prox_subgradient(problem, subtract(problem.center, times(problem.m, t)), x, t)
        if self.inside is None:  # the ball touches dom R in one point
            return Solution(self.touching, s, self.count, x)
        x = settled(problem, x)
        return Solution(x, s, self.count, x)


def _secant(one: tuple[float, float], other: tuple[float, float], target: float) -> float:
    """The t at which the line through two points (1/t, 1/ratio) reaches the target; NaN where there is none."""
    (t, a), (u, b) = one, other
    slope = 1 / a - 1 / b if a > 0 < b else 0.0
    if slope == 0:  # also where a and b differ by their last bits only
        return math.nan
    mu = 1 / t + (target - 1 / a) * (1 / t - 1 / u) / slope
    return 1 / mu if mu > 0 else math.nan
