"""What the laws of a problem relate: derivatives to each other, constants to assumptions A2 to A5 of [Kovalev25].

Each function takes a problem and points and gives the relations of one law of :mod:`ntr_spec.laws.problems`. Only
public verbs of the problem, its norms and its regularizer are called.

Both derivatives are compared by the trapezoidal rule, whose error a Lipschitz constant of the next derivative bounds:
|φ(1) − φ(0) − ½(φ′(0) + φ′(1))| is at most Lip(φ″)/12, and at most Lip(φ′)/4 (Davis and Rabinowitz, *Methods of
Numerical Integration*, 4.3). The constants enter with so short a step that a wrong one is not blamed on the derivative.
They count up to their own rounding, :func:`~ntr_spec.laws.objectives.rounded_up`.
"""

from __future__ import annotations

import functools
import itertools
from typing import Any

import numpy as np

from ntr_spec.arrays import dot, euclidean, largest_entry, namespace_of
from ntr_spec.laws.law import Relation
from ntr_spec.laws.objectives import (
    Measured,
    bend,
    beside,
    euclidean_one,
    gradient,
    heights,
    measured,
    minus,
    number,
    objective,
    point,
    rounded_up,
    slopes,
    where_known,
)
from ntr_spec.laws.reaching import anchors, sharpest, steepest, twist
from ntr_spec.problems.known import Known
from ntr_spec.trees import Tree, leaves, shapes, tree_map

Array = Any

NEARLY = 0.999
"""Of a tight constant this part must be attained."""
_FAR = 64.0


def _close(a: Array, b: Array, bound: Array, scale: Array, where: str = "") -> tuple[Relation, ...]:
    """|a − b| ≤ bound, so that a witness shows what is compared."""
    sides = ((a, b + bound), (b - bound, a))
    return tuple(Relation(left, "<=", right, scale=scale, where=where) for left, right in sides)


# ---- derivatives ---------------------------------------------------------------------------------------------------


def gradient_fits(problem: Known, x: Tree, y: Tree) -> tuple[Relation, ...]:
    """f(y) − f(x) = ½⟨∇f(x) + ∇f(y), y − x⟩, up to (H/12)‖y − x‖³ or (L/4)‖y − x‖²."""
    p = beside(problem, x)
    (low, here), (high, there) = p.value_and_gradient(x), p.value_and_gradient(y)
    step = minus(y, x)
    mean = dot(tree_map(lambda a, b: (a + b) / 2, here, there), step)
    m = euclidean_one(problem)
    size = m.norm(step)
    if "H" in m.known:
        bound = number(m.bound("H", 1 / 12), x) * size * size * size
    else:
        bound = number(m.bound("L", 1 / 4), x) * size * size
    return _close(high - low, mean, bound, heights(problem, x, y))


def hessian_fits(problem: Known, x: Tree, y: Tree) -> tuple[Relation, ...]:
    """∇f(y) − ∇f(x) = ½(∇²f(x) + ∇²f(y))(y − x), up to (H/4)‖y − x‖² in the dual norm."""
    p, m = beside(problem, x), euclidean_one(problem)
    step = minus(y, x)
    mean = tree_map(lambda a, b: (a + b) / 2, p.hessian_vector(x, step), p.hessian_vector(y, step))
    rest = tree_map(lambda a, b, c: a - b - c, gradient(problem, y), gradient(problem, x), mean)
    bound = number(m.bound("H", 1 / 4), x) * m.norm(step) * m.norm(step)
    return (Relation(m.dual(rest), "<=", bound, scale=slopes(problem, m, x, y), where=m.where),)


def hessian_symmetric(problem: Known, x: Tree, u: Tree, v: Tree) -> tuple[Relation, ...]:
    """⟨u, ∇²f(x)v⟩ = ⟨v, ∇²f(x)u⟩."""
    one, other = bend(problem, x, v), bend(problem, x, u)
    scale = euclidean(u) * euclidean(one) + euclidean(v) * euclidean(other)
    return (Relation(dot(u, one), "==", dot(v, other), scale=scale),)


def hessian_linear(problem: Known, x: Tree, u: Tree, v: Tree, t: Array) -> tuple[Relation, ...]:
    """∇²f(x)(u + tv) = ∇²f(x)u + t∇²f(x)v."""
    whole = bend(problem, x, tree_map(lambda a, b: a + t * b, u, v))
    one, other = bend(problem, x, u), bend(problem, x, v)
    rest = tree_map(lambda a, b, c: a - b - t * c, whole, one, other)
    scale = sum_of_sizes(whole, one) + abs(t) * largest_entry(other)
    return (Relation(largest_entry(rest), "<=", 0 * t, scale=scale),)


def sum_of_sizes(*points: Tree) -> Array:
    """Σ of the largest entries."""
    return functools.reduce(lambda a, b: a + b, [largest_entry(x) for x in points])


# ---- A2 and A4 -----------------------------------------------------------------------------------------------------


def smooth(problem: Known, x: Tree, y: Tree) -> tuple[Relation, ...]:
    """‖∇f(x) − ∇f(y)‖_* ≤ L‖x − y‖."""
    change, step = minus(gradient(problem, x), gradient(problem, y)), minus(x, y)

    def relation(m: Measured) -> Relation:
        bound = number(m.bound("L"), x) * m.norm(step)
        return Relation(m.dual(change), "<=", bound, scale=slopes(problem, m, x, y), where=m.where)

    return tuple(relation(m) for m in where_known(problem, "L"))


def quadratic_bound(problem: Known, x: Tree, y: Tree) -> tuple[Relation, ...]:
    """|f(y) − f(x) − ⟨∇f(x), y − x⟩| ≤ (L/2)‖y − x‖²."""
    p = beside(problem, x)
    (low, slope), high = p.value_and_gradient(x), p.value_and_gradient(y)[0]
    step, scale = minus(y, x), heights(problem, x, y)
    found: list[Relation] = []
    for m in where_known(problem, "L"):
        size = m.norm(step)
        bound = number(m.bound("L", 1 / 2), x) * size * size
        found += _close(high - low, dot(slope, step), bound, scale, m.where)
    return tuple(found)


def curvature(problem: Known, x: Tree, v: Tree) -> tuple[Relation, ...]:
    """‖∇²f(x)v‖_* ≤ L‖v‖."""
    image = bend(problem, x, v)
    return tuple(
        Relation(m.dual(image), "<=", number(m.bound("L"), x) * m.norm(v), where=m.where)
        for m in where_known(problem, "L")
    )


def second_order_smooth(problem: Known, x: Tree, y: Tree) -> tuple[Relation, ...]:
    """‖∇f(x) − ∇f(y) − ∇²f(y)(x − y)‖_* ≤ (H/2)‖x − y‖²."""
    step = minus(x, y)
    rest = tree_map(lambda a, b, c: a - b - c, gradient(problem, x), gradient(problem, y), bend(problem, y, step))

    def relation(m: Measured) -> Relation:
        size = m.norm(step)
        bound = number(m.bound("H", 1 / 2), x) * size * size
        return Relation(m.dual(rest), "<=", bound, scale=slopes(problem, m, x, y), where=m.where)

    return tuple(relation(m) for m in where_known(problem, "H"))


def smooth_attained(problem: Known, v: Tree) -> tuple[Relation, ...]:
    """‖∇²f(x)u‖_* ≥ 0.999·L‖u‖ at x0, x*, 0 or far along v, for a u found from v or from a fixed point."""
    ramp = _ramp(v)

    def reached(m: Measured, x: Tree) -> Array:
        xp = namespace_of(leaves(v)[0])
        ways = [steepest(problem, m, x, way) for way in (v, ramp)]
        return xp.maximum(*[_ratio(m.dual(bend(problem, x, u)), m.norm(u)) for u in ways])

    far = tree_map(lambda leaf: _FAR * leaf, v)
    return _attained(problem, "L", v, [*anchors(problem, v), far], reached)


def _ramp(like: Tree) -> Tree:
    """A point no two entries of which are alike in size."""
    entries = (1 / k for k in itertools.count(1))
    shape = shapes(like)
    return point(tree_map(lambda s: np.fromiter(entries, float, s.size).reshape(s.dims), shape), like)


def second_order_attained(problem: Known, v: Tree) -> tuple[Relation, ...]:
    """‖(∇²f(x + v) − ∇²f(x − v))v‖_* ≥ 0.999·2H‖v‖² for x and v found from the v that is given."""

    def reached(m: Measured, x: Tree) -> Array:
        x, u, h = sharpest(problem, m, x, v)
        return _ratio(m.dual(twist(problem, x, u, h)), m.norm(u) * m.norm(u))

    return _attained(problem, "H", v, anchors(problem, v)[:1], reached)


def _attained(problem: Known, name: str, v: Tree, points: list[Tree], reached: Any) -> tuple[Relation, ...]:
    xp = namespace_of(leaves(v)[0])
    found = []
    for m in where_tight(problem, name):
        best = functools.reduce(xp.maximum, [reached(m, x) for x in points])
        found.append(Relation(number(NEARLY * m.known[name].value, v), "<=", best, where=m.where))
    return tuple(found)


def where_tight(problem: Known, name: str) -> list[Measured]:
    """The norms in which a constant is said to be the least one; the least of all, 0, is clear by itself."""
    return [m for m in where_known(problem, name) if m.known[name].tight and m.known[name].value > 0]


def _ratio(a: Array, b: Array) -> Array:
    xp = namespace_of(a)
    return a / xp.where(b == 0, b + 1, b)


# ---- A3, A5 and what else the theorems ask for -----------------------------------------------------------------------


def equivalent(problem: Known, x: Tree) -> tuple[Relation, ...]:
    """‖g‖_* ≤ ρ‖g‖₂ for g = ∇f(x)."""
    slope = gradient(problem, x)
    size = euclidean(slope)
    return tuple(
        Relation(m.dual(slope), "<=", number(rounded_up(m.constants.rho), x) * size, where=m.where)
        for m in measured(problem)
        if m.constants.rho is not None
    )


def star_convex(problem: Known, x: Tree, t: Array) -> tuple[Relation, ...]:
    """f(βx* + (1−β)x) ≤ βf(x*) + (1−β)f(x) for β = t/(1 + t)."""
    least = point(problem.minimizer, x)
    b = t / (1 + t)
    between = tree_map(lambda a, c: c + b * (a - c), least, x)
    p = beside(problem, x)
    sides = [p.value_and_gradient(z)[0] for z in (between, least, x)]
    return (Relation(sides[0], "<=", b * sides[1] + (1 - b) * sides[2], scale=heights(problem, least, x)),)


def bounded_below(problem: Known, x: Tree) -> tuple[Relation, ...]:
    """F(x) ≥ inf F."""
    return (Relation(number(problem.infimum or 0.0, x), "<=", objective(problem, x), scale=heights(problem, x)),)


def least(problem: Known, x: Tree) -> tuple[Relation, ...]:
    """∇f(x*) = 0 and F(x*) = inf F."""
    m, best = euclidean_one(problem), point(problem.minimizer, x)
    scale = slopes(problem, m, best, point(problem.x0, x))
    slope = m.dual(gradient(problem, best))
    return (
        Relation(slope, "<=", 0 * slope, scale=scale),
        Relation(objective(problem, best), "<=", objective(problem, x), scale=heights(problem, best, x)),
    )


def least_value(problem: Known, x: Tree) -> tuple[Relation, ...]:
    """F(x*) = inf F."""
    best = point(problem.minimizer, x)
    return (
        Relation(objective(problem, best), "==", number(problem.infimum or 0.0, x), scale=heights(problem, best, x)),
    )


def start(problem: Known, x: Tree) -> tuple[Relation, ...]:
    """F(x0) − F(x) ≤ Δ₀, with equality at x*; ‖x0‖ ≤ D and ‖x*‖ ≤ D."""
    first, best = point(problem.x0, x), problem.minimizer
    start, scale = objective(problem, first), heights(problem, first, x)
    found = []
    for m in measured(problem):
        if m.constants.delta0 is not None:
            most = number(rounded_up(m.constants.delta0), x)
            found.append(Relation(start - objective(problem, x), "<=", most, scale=scale, where=m.where))
        if m.constants.D is not None:
            ends = [first] if best is None else [first, point(best, x)]
            most = number(rounded_up(m.constants.D), x)
            found += [Relation(m.norm(z), "<=", most, where=m.where) for z in ends]
    own = measured(problem)[0].constants.delta0
    if best is not None and own is not None:
        fall = start - objective(problem, point(best, x))
        found.append(Relation(number(2 * own - rounded_up(own), x), "<=", fall, scale=scale))
    return tuple(found)
