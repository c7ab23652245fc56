"""Where a problem's constants are nearly attained: directions of large curvature, points where it changes fast.

Nothing here is trusted: what is found is given to a law as a point like any other. Both searches are Frank and Wolfe's
method on the ball of a norm, u ← −lmo(slope of the form at u), which never decreases a convex form. Reference:
Journée, Nesterov, Richtárik and Sepulchre, *Generalized power method for sparse principal component analysis* (2010).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ntr_spec.arrays import largest_entry, namespace_of
from ntr_spec.laws.objectives import Measured, beside, point, remembered
from ntr_spec.problems.known import Known
from ntr_spec.problems.problem import to_host
from ntr_spec.trees import Tree, leaves, tree_map

Array = Any

_STEPS = 12
_LENGTHS = tuple(2.0**k for k in range(-4, 5))
_REFINED = 16


def anchors(problem: Known, like: Tree) -> list[Tree]:
    """x*, x0 and 0, those that differ, beside a point."""
    return [point(a, like) for a in _anchors(problem)]


@remembered
def _anchors(problem: Known) -> list[Tree]:
    own = [problem.x0] if problem.minimizer is None else [problem.minimizer, problem.x0]
    hosts = [tree_map(to_host, a) for a in own]
    found: list[Tree] = []
    for a in [*hosts, tree_map(np.zeros_like, hosts[0])]:
        if not any(all(map(np.array_equal, leaves(a), leaves(b))) for b in found):
            found.append(a)
    return found


def steepest(problem: Known, m: Measured, x: Tree, v: Tree, steps: int = _STEPS) -> Tree:
    """A direction in which ‖∇²f(x)v‖_*/‖v‖ is large, found from v; v itself on symbols, where steps would grow."""
    p = beside(problem, x)
    for _ in range(0 if namespace_of(leaves(x)[0]).exact else steps):
        v = tree_map(lambda leaf: -leaf, m.norm.lmo(p.hessian_vector(x, v)))
    return v


def twist(problem: Known, x: Tree, u: Tree, step: float) -> Tree:
    """(∇²f(x + hu) − ∇²f(x − hu))u/2h, nearly ∇³f(x)[u, u]."""
    p = beside(problem, x)
    ahead, behind = (tree_map(lambda a, b, s=s: a + s * b, x, u) for s in (step, -step))
    return tree_map(lambda a, b: (a - b) / (2 * step), p.hessian_vector(ahead, u), p.hessian_vector(behind, u))


def sharpest(problem: Known, m: Measured, x: Tree, u: Tree, steps: int = _STEPS) -> tuple[Tree, Tree, float]:
    """A point on a line through x, a direction u in the unit ball and a step h at which :func:`twist` is large.

    The lines go along u and along its signs, as far as L/H tells that it is worthwhile.
    """
    leaf = leaves(x)[0]
    xp = namespace_of(leaf)
    length = (m.value("L") or 1.0) / (m.value("H") or 1.0)
    step = float(xp.finfo(leaf.dtype).eps) ** (1 / 3) * length

    def at(s: float, along: Tree) -> Tree:
        return tree_map(lambda a, b: a + s * length * b, x, along)

    def size(s: float, along: Tree) -> float:
        return float(m.dual(twist(problem, at(s, along), u, h)))

    def lines() -> list[Tree]:
        top = float(largest_entry(u)) or 1.0
        return [tree_map(xp.sign, u), tree_map(lambda part: part / top, u)]

    u = tree_map(lambda part: -part, m.norm.lmo(u))
    h = step / (float(largest_entry(u)) or 1.0)
    best = []
    for k, way in enumerate(lines()):
        _, s = max((size(s * sign, way), s * sign) for s in _LENGTHS for sign in (1, -1))
        s *= _golden(lambda t, s=s, way=way: size(s * t, way))
        best.append((size(s, way), s, k))
    _, s, k = max(best)
    for _ in range(steps):
        u = tree_map(lambda part: -part, m.norm.lmo(twist(problem, at(s, lines()[k]), u, h)))
    s *= _golden(lambda t: size(s * t, lines()[k]))
    return at(s, lines()[k]), u, h


def _golden(function: Any) -> float:
    """Where on [½, 2], between the neighbours of a length, a function is largest, if it has one maximum there."""
    low, high, ratio = 0.5, 2.0, (math.sqrt(5) - 1) / 2
    a, b = high - ratio * (high - low), low + ratio * (high - low)
    left, right = function(a), function(b)
    for _ in range(_REFINED):
        if left < right:
            low, a, left = a, b, right
            b = low + ratio * (high - low)
            right = function(b)
        else:
            high, b, right = b, a, left
            a = high - ratio * (high - low)
            left = function(a)
    return (low + high) / 2
