"""Any other pair: Douglas–Rachford splitting, the prox of R on one side and the projection on the ball on the other.

With h(x) = ⟨m, x⟩ + R(x) and C the ball, one iteration is

    x ← prox_{th}(z),   y ← P_C(2x − z),   z ← z + ω(y − x).

u = (z − x)/t is m + s with s ∈ ∂R(x) at every iterate, so that every x carries a certificate. x lies in dom R but
perhaps outside the ball: it is drawn towards a point of both, the centre where it can be; where R is finite, y is a
candidate too. t starts where x moves about as far as the ball is wide, and is balanced, ever more rarely, so that x − y
and t·Δu shrink alike. Points are kept as ξ = (x − c)/η and slopes as shares of the first η/t, so that no scale is
special.

References: Lions and Mercier (1979); Eckstein and Bertsekas (1992); He, Yang and Wang (2000) for balancing; Bauschke
and Moursi (2017) for balls that miss dom R, where y − x tends to a direction that separates the two.
"""

from __future__ import annotations

import dataclasses
import math

from ntr_spec.arrays import dot, euclidean
from ntr_spec.errors import InfeasibleError, NotDeclaredError, StepError
from ntr_spec.norms.apply import apply_lmo, apply_value, divide, magnitude
from ntr_spec.norms.base import Norm
from ntr_spec.steps.certificate import check_prox, dual_value, rounding
from ntr_spec.steps.problem import Problem, Solution, add, infeasible, is_finite, nothing, number, subtract, times
from ntr_spec.steps.regularizer import Regularizer
from ntr_spec.steps.solvers.proximal import own_minimizer, prox_subgradient, settled
from ntr_spec.steps.solvers.reflecting import Reflecting, can_reflect
from ntr_spec.trees import Tree, tree_map

_EVERY = 5  # iterations between two looks at the gap: a look costs about as much as an iteration
_RELAXATION = 1.6
_FARTHER = 3.0  # measured over runs: such a t takes about a third fewer iterations than one that stays in the ball
_TRIES = 24  # evaluations that look for the first t: they reach every scale of a double
_SHRINKING = (0.5, 0.1, 1e-2, 1e-4, 0.0)  # how much smaller the balls are in which a feasible point is looked for


def serves(norm: Norm, regularizer: Regularizer) -> bool:
    """A projection on the ball, or on that of n where ‖x‖ = n(Bx), and a prox are known."""
    return can_reflect(norm) and regularizer.has_prox


def solve(problem: Problem) -> Solution:
    """Iterate until the relative gap is below the tolerance, or as long as allowed.

    Raises:
        InfeasibleError: the ball does not meet dom R.
        StepError: R's prox gave NaN, or no feasible point was found.
    """
    xp = problem.xp
    if not (is_finite(problem.m, xp) and is_finite(problem.center, xp)):
        return nothing(problem)
    own = own_minimizer(problem, 0)
    if own is not None:
        return own
    anchor = problem.center
    if not math.isfinite(number(problem.regularizer(anchor), xp)):
        anchor = _feasible_point(problem)
    return _Iteration(problem, anchor).run()


class _Iteration:
    """One run: what stays the same, and the best solution so far."""

    def __init__(self, problem: Problem, anchor: Tree) -> None:
        self.problem, self.xp = problem, problem.xp
        self.radius = number(problem.radius, self.xp)
        self.anchor = anchor
        self.unit, self.t = 1.0, 1.0
        self.m = problem.m
        t, width = self._first_step()
        self.unit, self.t = width / t, width  # what m and s are measured in
        self.m = times(problem.m, 1 / self.unit)
        self.slope = number(dual_value(problem.norm, self.m, self.xp), self.xp)
        self.reach = self._length(self._inward(anchor))
        self.start_value = number(problem.regularizer(problem.center), self.xp)
        self.best: Solution | None = None
        self.best_gap = math.inf

    def run(self) -> Solution:
        """The iteration itself."""
        problem = self.problem
        t = self.t
        reflect = Reflecting(problem.norm, problem.m, 1.0, _RELAXATION, self.xp)
        z = self._inward(self.anchor if problem.start is None else problem.start)
        y = z
        next_balance = 2 * _EVERY
        for k in range(1, problem.max_iterations + 1):
            x, point, outward = self._prox(z, t)
            before, y = y, reflect(x, z)
            looking = k % _EVERY == 0 or k in (1, problem.max_iterations)
            if looking and self._look(x, y, point, outward, t, k):
                break
            z = tree_map(lambda a, b, c: a + _RELAXATION * (b - c), z, y, x)
            if k == next_balance:
                next_balance = k + max(2 * _EVERY, k // 2 // _EVERY * _EVERY)
                rescaled = t * self._imbalance(x, y, before, z, t)
                z = tree_map(lambda a, b, r=rescaled / t: b + r * (a - b), z, y)
                reflect.rescale(rescaled / t)
                t = rescaled
        assert self.best is not None
        near = None if self.best.near is None else settled(problem, self.best.near)
        point = settled(problem, self.best.point)
        if point is not self.best.point:  # dom R's own rounding may have carried it out of the ball
            point = self._drawn(self._inward(point), point)
        found = dataclasses.replace(self.best, point=point, near=near)
        check_prox(problem, found)
        return found

    # ---- the two halves of an iteration, in units of η around the centre ----

    def _inward(self, x: Tree) -> Tree:
        return times(subtract(x, self.problem.center), 1 / self.radius)

    def _prox(self, z: Tree, t: float) -> tuple[Tree, Tree, Tree]:
        """prox_{th}(z), as ξ and as x, and the point that R's prox was taken of."""
        moved = tree_map(lambda a, b: a - t * b, z, self.m)
        outward = add(self.problem.center, times(moved, self.radius))
        point = self.problem.regularizer._prox(outward, t * self.radius / self.unit, self.xp)
        return self._inward(point), point, outward

    def _length(self, x: Tree) -> float:
        return number(apply_value(self.problem.norm, x, self.xp), self.xp)

    def _value(self, x: Tree) -> float:
        """R(x) in units of η·‖m‖_*, at a point known to lie in dom R."""
        return number(self.problem.regularizer._value(x, self.xp), self.xp) / self.radius / self.unit

    def _size(self, x: Tree) -> float:
        scale = magnitude(x, self.xp)  # without it squares would overflow first
        return number(scale, self.xp) * number(euclidean(divide(x, scale)), self.xp)

    def _first_step(self) -> tuple[float, float]:
        """The t with which the prox moves the anchor about as far as the ball is wide, and that width."""
        xp, base = self.xp, self._inward(self.anchor)
        v = apply_lmo(self.problem.norm, self.m, 1.0, xp)
        steep = self._size(self.m)
        if self.problem.regularizer.has_subgradient:
            steep += self._size(self.problem.regularizer._subgradient(self.anchor, xp))
        if not self._size(v) > 0:
            v = apply_lmo(self.problem.norm, tree_map(xp.ones_like, self.m), 1.0, xp)
        width = self._size(v)
        t = width / steep if 0 < steep < math.inf else width

        def share(t: float) -> float:
            return self._size(subtract(self._prox(base, t)[0], base)) / width

        # The share grows with t, and share/t falls (see the Euclidean solver).
        low, high, found = 0.0, math.inf, share(t)
        for k in range(1, _TRIES):
            if not math.isfinite(found) or 0.25 <= found <= 4 or (found == 0 and k > 3):
                break
            low, high = (max(low, t), high) if found < 1 else (low, min(high, t))
            if high == math.inf:
                step = t * max(4.0**k, 1 / found if found > 0 else 1.0)
                after = share(step)
                if after <= 1.01 * found and found > 0:  # R holds x back, whatever t
                    break
            else:
                step = math.sqrt(low) * math.sqrt(high) if low > 0 else t / max(4.0**k, found)
                after = share(step)
            if not 1e-300 < step < 1e300:
                break
            t, found = step, after
        return _FARTHER * t, width

    def _imbalance(self, x: Tree, y: Tree, before: Tree, z: Tree, t: float) -> float:
        """The factor for t that makes both residuals equal, as shares of what they are residuals of; at most 5."""
        primal = self._size(subtract(x, y)) / max(self._size(x), self._size(y), 1e-30)
        dual = self._size(subtract(y, before)) / max(self._size(subtract(z, y)), 1e-30)
        if not (primal > 0 < dual and math.isfinite(primal + dual)):
            return 1.0
        ratio = math.sqrt(dual / primal)
        return min(max(ratio, 0.2), 5.0) if not 0.6 < ratio < 1.7 else 1.0

    # ---- the certificate ----

    def _look(self, x: Tree, y: Tree, point: Tree, outward: Tree, t: float, k: int) -> bool:
        """Measure the gap of the candidates, keep the best, and say whether it is good enough."""
        problem, xp = self.problem, self.xp
        s = prox_subgradient(problem, outward, point, t * self.radius)
        u = add(self.m, s)
        steep, size = (number(dual_value(problem.norm, a, xp), xp) for a in (u, s))
        level = self._value(point)
        inside, other = self._drawn(x, point), self._drawn(y, add(problem.center, times(y, self.radius)))
        for candidate, finite in ((inside, True), (other, False)):
            if not finite and not math.isfinite(number(problem.regularizer(candidate), xp)):
                continue
            value = self._value(candidate)
            move = self._inward(candidate)
            gap = steep + number(dot(u, move), xp) + value - level - number(dot(s, subtract(move, x)), xp)
            if math.isnan(gap):
                name = type(problem.regularizer).__name__
                raise StepError(
                    f"{name}.prox: it returned NaN from finite numbers; check it with ntr_spec.verify({name}(...))"
                )
            fall = self.start_value / self.radius / self.unit - value
            scale = self.slope + size + (fall if 0 < fall < math.inf else 0.0)
            gap = gap / scale if scale > 0 else gap
            if k == 1:  # a wrong prox is wrong from the start, mostly
                check_prox(problem, Solution(candidate, times(s, self.unit), k, settled(problem, point)))
            if gap < self.best_gap:
                self.best_gap = gap
                self.best = Solution(candidate, times(s, self.unit), k, point)
        assert self.best is not None
        if self.best_gap <= problem.goal:
            return True
        looks = k // _EVERY
        # Late and rarely: what rounding makes of the gap no iteration takes away.
        if (
            looks >= 64
            and looks & (looks - 1) == 0
            and self.best_gap <= problem.goal + number(rounding(problem, self.best), xp)
        ):
            return True
        self.best = dataclasses.replace(self.best, iterations=k, reached=False)
        return False

    def _drawn(self, x: Tree, point: Tree) -> Tree:
        """The point drawn towards the anchor, as far as the ball asks for."""
        length = self._length(x)
        if length <= 1:
            return point
        share = max(0.0, (1 - self.reach) / (length - self.reach)) if length > self.reach else 0.0
        return tree_map(lambda a, b: a + share * (b - a), self.anchor, point)


def _feasible_point(problem: Problem) -> Tree:
    """A point of the ball and of dom R, well inside the ball where there is one.

    Raises:
        InfeasibleError: there is none.
        StepError: none was found.
    """
    xp, norm, domain = problem.xp, problem.norm, problem.regularizer.domain
    if not domain.has_prox:
        name = type(problem.regularizer).__name__
        raise NotDeclaredError(
            f"{name}.domain: R is infinite at the center and its domain has no projection; define the property `domain`"
        )
    radius = number(problem.radius, xp)

    def length(x: Tree) -> float:
        return number(apply_value(norm, subtract(x, problem.center), xp), xp)

    for shrink in _SHRINKING:
        limit = radius * (1 - shrink)
        z = tree_map(xp.zeros_like, problem.center)
        reflect = Reflecting(norm, z, 1 - shrink, 1.0, xp)
        for k in range(problem.max_iterations):
            x = domain._prox(add(problem.center, times(z, radius)), 1.0, xp)
            if length(x) <= limit:
                return x
            inward = times(subtract(x, problem.center), 1 / radius)
            gap = subtract(reflect(inward, z), inward)
            if k % _EVERY == 0:
                distance = _separation(problem, domain, gap)
                if distance > limit * (1 + 64 * problem.eps):
                    if distance > radius * (1 + 64 * problem.eps):
                        raise InfeasibleError(infeasible(problem, distance))
                    break
            z = add(z, gap)
    raise StepError(
        f"trust_region_step: no feasible point was found in {problem.max_iterations} iterations; the ball and "
        f"dom R of {problem.regularizer!r} may touch in one point only; enlarge the radius"
    )


def _separation(problem: Problem, domain: Regularizer, d: Tree) -> float:
    """How far dom R is from the centre at least, in the norm: (⟨d, c⟩ − sup over dom R of ⟨d, ·⟩)/‖d‖_*."""
    xp = problem.xp
    steep = number(dual_value(problem.norm, d, xp), xp)
    if not steep > 0:
        return 0.0
    d = times(d, 1 / steep)
    return number(dot(d, problem.center) - domain.conjugate(d), xp)
