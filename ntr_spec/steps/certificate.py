"""The certificate of a step: a subgradient s and the duality gap that it leaves.

For ‖x − c‖ ≤ η the least of ⟨m, y⟩ + R(y) over the ball is at least ⟨m, c⟩ + ⟨s, c⟩ − η‖m + s‖_* − R*(s), because
R(y) ≥ ⟨s, y⟩ − R*(s) for every s. The objective at x exceeds that bound by

    gap = η‖m + s‖_* + ⟨m + s, x − c⟩ + [R(x) + R*(s) − ⟨s, x⟩] ≥ 0,

and gap = 0 is Lemma 1 of [Kovalev25]: ⟨m + s, x − c⟩ = −η‖m + s‖_* and, by Fenchel and Young, s ∈ ∂R(x).

Where s ∈ ∂R(y) at another point y, as when y = prox_{tR}(z) and s = (z − y)/t, the bracket is R(x) − R(y) − ⟨s, x − y⟩: no
value of R* is needed, and no precision lost to it. References: Rockafellar, *Convex Analysis*, theorem 23.5 and section 31.
"""

from __future__ import annotations

import math
from typing import Any

from ntr_spec.arrays import dot, tolerance
from ntr_spec.errors import NotDeclaredError, StepError
from ntr_spec.norms.apply import apply_value
from ntr_spec.norms.base import Norm, SupportFunction
from ntr_spec.steps.problem import Problem, Solution, add, is_zero, number, subtract
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


def scale_of(problem: Problem, solution: Solution) -> Array:
    """What the gap is measured against: η(‖m‖_* + ‖s‖_*), and what R fell by on the way from the centre.

    The first is what linear functions with these slopes can change over the ball. The second is another such
    number, with the slope of R at the centre in place of that at x; it matters where m = 0 and x minimises R.
    """
    xp, regularizer = problem.xp, problem.regularizer
    size = dual_value(problem.norm, problem.m, xp) + dual_value(problem.norm, solution.subgradient, xp)
    scale = problem.radius * size
    if is_zero(regularizer) or xp.exact:
        return scale
    fall = regularizer(problem.center) - regularizer(solution.point)
    return scale + xp.where((fall > 0) & (fall < math.inf), fall, 0 * scale)


def rounding(problem: Problem, solution: Solution) -> Array:
    """How much of the gap rounding alone may make: x is known to eps·|x|, and sums to their terms' eps."""
    x, s, xp = solution.point, solution.subgradient, problem.xp

    def size(a: Tree, b: Tree) -> Array:
        return dot(tree_map(xp.abs, a), tree_map(xp.abs, b))

    count = sum(math.prod(leaf.shape) for leaf in leaves(x))
    total = size(add(problem.m, s), x) + size(s, x)
    value = problem.regularizer._value(x, xp)
    return (total + xp.abs(value)) * tolerance(problem.eps, max(1, math.isqrt(count)))


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
    if not math.isfinite(value) or math.isnan(number(dot(s, s), xp)):
        raise StepError(f"{name}.prox: it returned a point where R is {value}, from finite numbers; {remedy}")
    pair = Solution(y, s)
    slack = number(scale_of(problem, pair), xp) * problem.goal + number(rounding(problem, pair), xp)
    for probe in (problem.center, solution.point, tree_map(lambda leaf: 2 * leaf, y), tree_map(xp.zeros_like, y)):
        below = value + number(dot(s, subtract(probe, y)), xp) - number(regularizer(probe), xp)
        if below > slack:
            raise StepError(
                f"{name}.prox: prox(x, t) = y must make (x − y)/t a subgradient at y, but R falls {below:.3g} below that "
                f"tangent; {remedy}"
            )
    try:
        conjugate = regularizer.conjugate
        excess = value + number(conjugate._value(s, xp), xp) - number(dot(s, y), xp)
        outside = [(number(b.value, xp), number(b.limit, xp)) for b in conjugate._domain(s, xp)]
    except NotDeclaredError:
        return
    # s is a quotient of small differences where the centre is far away: it may leave dom R* by as much as x was rounded.
    largest = max(number(xp.max(xp.abs(leaf)), xp) for leaf in leaves(s))
    reach = slack / max(number(problem.radius, xp), math.ulp(0.0))
    over = max((v - limit - problem.goal * max(abs(limit), largest) - reach for v, limit in outside), default=0.0)
    if excess > slack or over > 0:
        raise StepError(
            f"{name}.prox: prox(x, t) = y must make s = (x − y)/t a subgradient at y, but R(y) + R*(s) − ⟨s, y⟩ is "
            f"{math.inf if over > 0 else excess:.3g}, not 0; {remedy}"
        )


def _young(regularizer: Regularizer, x: Tree, s: Tree, near: Tree | None) -> Array:
    """R(x) + R*(s) − ⟨s, x⟩."""
    if near is not None:
        return regularizer(x) - regularizer(near) - dot(s, subtract(x, near))
    try:
        return regularizer(x) + regularizer.conjugate(s) - dot(s, x)
    except NotDeclaredError:  # s and x came from one prox, so that s ∈ ∂R(x)
        return 0 * regularizer(x)


def has_dual_value(norm: Norm) -> bool:
    """Whether ‖·‖_* is more than a support function."""
    return not isinstance(norm.dual, SupportFunction)
