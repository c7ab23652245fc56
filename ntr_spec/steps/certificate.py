"""The certificate of a step: a subgradient s and the duality gap that it leaves.

For ‖x − c‖ ≤ η the least of ⟨m, y⟩ + R(y) over the ball is at least ⟨m, c⟩ + ⟨s, c⟩ − η‖m + s‖_* − R*(s), because
R(y) ≥ ⟨s, y⟩ − R*(s) for every s. The objective at x exceeds that bound by

    gap = η‖m + s‖_* + ⟨m + s, x − c⟩ + [R(x) + R*(s) − ⟨s, x⟩] ≥ 0,

and gap = 0 is Lemma 1 of [Kovalev25]: ⟨m + s, x − c⟩ = −η‖m + s‖_* and, by Fenchel and Young, s ∈ ∂R(x).

Where s ∈ ∂R(y) at another point y, as when y = prox_{tR}(z) and s = (z − y)/t, the bracket is R(x) − R(y) − ⟨s, x − y⟩:
no value of R* is needed, and no precision lost to it. References: Rockafellar, *Convex Analysis*, theorem 23.5 and
section 31.
"""

from __future__ import annotations

import math
from typing import Any

from ntr_spec.arrays import dot, tolerance
from ntr_spec.errors import NotDeclaredError, StepError
from ntr_spec.norms.apply import apply_value
from ntr_spec.norms.base import Norm
from ntr_spec.steps.problem import Problem, Solution, add, is_finite, is_zero, number, subtract
from ntr_spec.steps.regularizer import Regularizer
from ntr_spec.trees import Tree, leaves, tree_map

Array = Any


def duality_gap(problem: Problem, solution: Solution) -> Array:
    """η‖m + s‖_* + ⟨m + s, x − c⟩ + R(x) + R*(s) − ⟨s, x⟩, a 0-d array."""
    x, s, xp = solution.point, solution.subgradient, problem.xp
    u = add(problem.m, s)
    gap = problem.radius * dual_value(problem.norm, u, xp) + dot(u, subtract(x, problem.center))
    if is_zero(problem.regularizer):
        return gap
    return gap + _young(problem.regularizer, x, s, solution.near)


def relative_gap(problem: Problem, solution: Solution) -> Array:
    """The gap over η(‖m‖_* + ‖s‖_*) plus what R fell by from the centre to x; 0 where all of them are 0.

    The first is what linear functions with these slopes change over the ball. The second is another such number,
    with the slope of R at the centre in place of that at x; it matters where m = 0 and x minimises R. Everything is
    divided before it is multiplied, so that no scale of m or η overflows.
    """
    x, s, xp = solution.point, solution.subgradient, problem.xp
    slope, radius, share = _units(problem, solution)
    u = tree_map(lambda a, b: a / slope + b / slope, problem.m, s)
    move = tree_map(lambda a, b: (a - b) / radius, x, problem.center)
    gap = share * dual_value(problem.norm, u, xp) + dot(u, move)
    scale = share
    if not is_zero(problem.regularizer):
        gap = gap + _young(problem.regularizer, x, s, solution.near) / radius / slope
        scale = scale + _fall(problem, solution) / radius / slope
    return gap / xp.where(scale == 0, xp.ones_like(scale), scale)


def rounding(problem: Problem, solution: Solution) -> Array:
    """How much of the relative gap rounding may make: x is known to eps·|x|, and sums to their terms' eps."""
    x, s, xp = solution.point, solution.subgradient, problem.xp
    slope, radius, share = _units(problem, solution)

    def size(a: Tree, b: Tree) -> Array:
        return dot(tree_map(lambda leaf: xp.abs(leaf / slope), a), tree_map(lambda leaf: xp.abs(leaf / radius), b))

    count = sum(math.prod(leaf.shape) for leaf in leaves(x))
    total = size(add(problem.m, s), x) + size(s, x) + xp.abs(problem.regularizer._value(x, xp)) / radius / slope
    scale = share + _fall(problem, solution) / radius / slope
    return total * tolerance(problem.eps, math.isqrt(count)) / xp.where(scale == 0, xp.ones_like(scale), scale)


def slack(problem: Problem, solution: Solution) -> float:
    """The gap that is let pass: the tolerance, and what rounding may have made, as a Python float."""
    xp = problem.xp
    slope, radius, _ = _units(problem, solution)
    fall = number(_fall(problem, solution), xp)
    unit = number(slope, xp) * number(radius, xp)
    return (problem.goal + number(rounding(problem, solution), xp)) * (unit + fall)


def _units(problem: Problem, solution: Solution) -> tuple[Array, Array, Array]:
    """‖m‖_* + ‖s‖_* and η, each 1 where it is 0, and 1 or, where either was, 0."""
    xp = problem.xp
    slope = dual_value(problem.norm, problem.m, xp) + dual_value(problem.norm, solution.subgradient, xp)
    radius = 0 * slope + problem.radius
    one = xp.ones_like(slope)
    share = xp.where((slope == 0) | (radius == 0), 0 * one, one)
    return xp.where(slope == 0, one, slope), xp.where(radius == 0, one, radius), share


def _fall(problem: Problem, solution: Solution) -> Array:
    """R(c) − R(x) where it is positive and finite, else 0."""
    fall = problem.regularizer(problem.center) - problem.regularizer(solution.point)
    return problem.xp.where((fall > 0) & (fall < math.inf), fall, problem.xp.zeros_like(fall))


def dual_value(norm: Norm, g: Tree, xp: Any) -> Array:
    """‖g‖_*."""
    return apply_value(norm.dual, g, xp)


def check_prox(problem: Problem, solution: Solution) -> None:
    """Raise StepError if s is no subgradient of R at the point that R's prox gave with it.

    Where R* has a value, by Fenchel and Young; else at the points at hand, where R must not fall below its tangent.
    """
    regularizer, xp, s = problem.regularizer, problem.xp, solution.subgradient
    y = solution.point if solution.near is None else solution.near
    name = type(regularizer).__name__
    remedy = f"check it with ntr_spec.verify({name}(...))"
    value = number(regularizer(y), xp)
    if not (math.isfinite(value) and is_finite(s, xp)):
        raise StepError(f"{name}.prox: it returned a point where R is {value}, from finite numbers; {remedy}")
    pair = Solution(y, s)
    allowed = slack(problem, pair)
    # Where the centre is far away, s is a quotient of rounded differences: noise is what it may be off by, as a share.
    slope, radius, _ = (number(unit, xp) for unit in _units(problem, pair))
    far = number(apply_value(problem.norm, problem.center, xp) + apply_value(problem.norm, y, xp), xp)
    noise = 64 * problem.eps * far / radius
    if not noise < 0.1:  # nothing can be told of s
        return
    for probe in (problem.center, solution.point, tree_map(lambda leaf: 2 * leaf, y), tree_map(xp.zeros_like, y)):
        if any(number(b.value, xp) > number(b.limit, xp) for b in regularizer._domain(probe, xp)):
            continue  # R is infinite there, whatever rounding a domain forgives
        below = value + number(dot(s, subtract(probe, y)), xp) - number(regularizer._value(probe, xp), xp)
        away = number(apply_value(problem.norm, subtract(probe, y), xp), xp)
        if below > allowed + noise * slope * away:
            raise StepError(
                f"{name}.prox: prox(x, t) = y must make (x − y)/t a subgradient at y, but R falls {below:.3g} below "
                f"its tangent; {remedy}"
            )
    try:
        conjugate = regularizer.conjugate
        values = [number(conjugate._value(g, xp), xp) for g in (s, problem.m)]
        ours, theirs = (conjugate._domain(g, xp) for g in (s, problem.m))
    except NotDeclaredError:
        return
    excess = value + values[0] - number(dot(s, y), xp) - noise * sum(map(abs, values))
    share = problem.goal + noise
    over = False
    for bound, other in zip(ours, theirs, strict=True):
        found, limit, size = (number(b, xp) for b in (bound.value, bound.limit, other.value))
        over = over or found - limit > share * (abs(found) + abs(limit) + abs(size))
    if excess > allowed + noise * slope * number(apply_value(problem.norm, y, xp), xp) or over:
        raise StepError(
            f"{name}.prox: prox(x, t) = y must make s = (x − y)/t a subgradient at y, but R(y) + R*(s) − ⟨s, y⟩ is "
            f"{math.inf if over else excess:.3g}, not 0; {remedy}"
        )


def _young(regularizer: Regularizer, x: Tree, s: Tree, near: Tree | None) -> Array:
    """R(x) + R*(s) − ⟨s, x⟩."""
    if near is not None:
        return regularizer(x) - regularizer(near) - dot(s, subtract(x, near))
    try:
        return regularizer(x) + regularizer.conjugate(s) - dot(s, x)
    except NotDeclaredError:  # s and x came from one prox, so that s ∈ ∂R(x)
        return 0 * regularizer(x)
