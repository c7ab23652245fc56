"""What the laws of a method relate: one update, run on points, and what should come of it.

Each function takes a method and points and gives the relations of one law of :mod:`ntr_spec.laws.methods`, which also
says what x, x₊, m, m₊, g, u, η, μ and β stand for. Only ``init``, ``update`` and the verbs of the method's norm and
regularizer are called.
"""

from __future__ import annotations

import dataclasses
from typing import Any, NamedTuple

from ntr_spec.algorithms import Method, State, TrustRegion
from ntr_spec.algorithms.setting import setting_at
from ntr_spec.arrays import dot, euclidean, largest_entry, namespace_of
from ntr_spec.laws.law import Relation
from ntr_spec.norms import L2, LInf, Norm, Nuclear, Spectral
from ntr_spec.norms.leaves import PerLeaf
from ntr_spec.norms.shaped import ShapeScaled
from ntr_spec.steps import Zero
from ntr_spec.trees import Tree, leaves, tree_map

Array = Any


class _Update(NamedTuple):
    """One update from (x, m) with g, and the numbers that belong to it."""

    x: Tree
    old: State
    new: State
    along: Tree  # u
    radius: Any
    kept: Any
    decay: Any

    @property
    def move(self) -> Tree:
        """x₊ − (1−β)x."""
        return tree_map(lambda a, b: a - (1 - self.decay) * b, self.new.x, self.x)


def _update(method: TrustRegion, x: Tree, m: Tree, g: Tree) -> _Update:
    """The second update: the first may treat its gradient differently, which other laws look at."""
    x = _inside(method, x)
    old = method.init(x)._replace(momentum=m, step=1)
    new = method.update(old, g)
    return _Update(
        x,
        old,
        new,
        _along(method, old, new, g),
        *(_at(method, name, 1, x) for name in ("radius", "momentum", "decay")),
    )


def _at(method: TrustRegion, name: str, step: int, like: Tree) -> Any:
    return setting_at("law", name, getattr(method, name), step, namespace_of(leaves(like)[0]))


def _inside(method: TrustRegion, x: Tree) -> Tree:
    """x, or where R is infinite somewhere, a point of its domain."""
    R = method.regularizer
    return x if isinstance(R.domain, Zero) else R.prox(x, 1.0)


def _along(method: TrustRegion, old: State, new: State, g: Tree) -> Tree:
    """u: what the convention says that the step is taken along."""
    how, kept = method.convention, _at(method, "momentum", old.step, g)
    t = old.step + 1
    fresh = 1 - kept if how.accumulate == "average" else 1.0
    if how.blend is not None:
        b = setting_at("law", "blend", how.blend, old.step, namespace_of(leaves(g)[0]))
        return _combined(b, old.momentum, 1 - b, g)
    if how.nesterov and how.bias_correction:
        return _combined(kept / (1 - kept ** (t + 1)), new.momentum, fresh / (1 - kept**t), g)
    if how.nesterov:
        return _combined(kept, new.momentum, fresh, g)
    return new.momentum  # a correction divides by a positive number, which changes no step


def _combined(a: Any, x: Tree, b: Any, y: Tree) -> Tree:
    return tree_map(lambda p, q: a * p + b * q, x, y)


def _minus(x: Tree, y: Tree) -> Tree:
    return tree_map(lambda p, q: p - q, x, y)


def _vanishes(x: Tree, scale: Array) -> Relation:
    """x = 0, up to rounding of this scale."""
    size = largest_entry(x)
    return Relation(size, "==", 0 * size, scale=scale)


# ---- momentum ---------------------------------------------------------------------------------------------------


def momentum_accumulates(method: TrustRegion, x: Tree, m: Tree, g: Tree) -> tuple[Relation, ...]:
    """m₊ = μm + (1−μ)g, or μm + g."""
    run = _update(method, x, m, g)
    fresh = 1 - run.kept if method.convention.accumulate == "average" else 1.0
    wanted = _combined(run.kept, m, fresh, g)
    return (_vanishes(_minus(run.new.momentum, wanted), largest_entry(m) + largest_entry(g)),)


def first_momentum(method: TrustRegion, x: Tree, g: Tree) -> tuple[Relation, ...]:
    """m₊ = g."""
    new = method.update(method.init(_inside(method, x)), g)
    return (_vanishes(_minus(new.momentum, g), largest_entry(g)),)


def two_updates(method: TrustRegion, x: Tree, g: Tree, h: Tree) -> tuple[Relation, ...]:
    """x₁ steps along g, x₂ along μg + (1−μ)h."""
    first = method.update(method.init(x), g)
    second = method.update(first, h)
    # m₀ = g, x₁ steps along m₀, m₁ = μm₀ + (1−μ)h, x₂ steps along m₁.
    kept = _at(method, "momentum", 1, x)
    return (
        *_solves(method, g, x, first.x, 0),
        *_solves(method, _combined(kept, g, 1 - kept, h), first.x, second.x, 1),
    )


def scale_free(method: TrustRegion, x: Tree, m: Tree, g: Tree, t: Array) -> tuple[Relation, ...]:
    """The step for (t·m, t·g) is as good for (m, g)."""
    run = _update(method, x, m, g)
    larger = _update(method, x, *(tree_map(lambda leaf: t * leaf, p) for p in (m, g)))
    # Objectives are compared, not points: where several steps are best, rounding may choose another one.
    return _solves(method, run.along, x, larger.new.x, 1)


# ---- the step ------------------------------------------------------------------------------------------------------


def _solves(method: TrustRegion, u: Tree, x: Tree, after: Tree, step: int) -> tuple[Relation, ...]:
    """⟨u, x₊ − (1−β)x⟩ = −η‖u‖_*: x₊ minimizes ⟨u, ·⟩ over the ball."""
    radius, decay = _at(method, "radius", step, x), _at(method, "decay", step, x)
    move = tree_map(lambda a, b: a - (1 - decay) * b, after, x)
    best = radius * method.norm.dual(u)
    # x₊ − (1−β)x carries errors of eps·|x|.
    return (Relation(dot(u, move), "==", -best, scale=best + euclidean(u) * euclidean(x)),)


def step_optimal(method: TrustRegion, x: Tree, m: Tree, g: Tree) -> tuple[Relation, ...]:
    """⟨u, x₊ − (1−β)x⟩ = −η‖u‖_*."""
    run = _update(method, x, m, g)
    return _solves(method, run.along, run.x, run.new.x, 1)


def moves_at_most_radius(method: TrustRegion, x: Tree, m: Tree, g: Tree) -> tuple[Relation, ...]:
    """‖x₊ − (1−β)x‖ ≤ η."""
    run, norm = _update(method, x, m, g), method.norm
    size = norm(run.move)
    return (Relation(size, "<=", run.radius + 0 * size, scale=run.radius + norm(run.x)),)


def step_minimizes(method: TrustRegion, x: Tree, m: Tree, g: Tree, w: Tree) -> tuple[Relation, ...]:
    """⟨u, x₊⟩ + R(x₊) ≤ ⟨u, y⟩ + R(y) for y = (1−β)x + ηw with ‖w‖ ≤ 1, and for y on the ball's edge."""
    run, norm, R = _update(method, x, m, g), method.norm, method.regularizer
    after, found = R(run.new.x), []
    for v, inside in ((norm.lmo(w), None), (w, norm(w) <= 1)):
        y = _combined(1 - run.decay, run.x, run.radius, v)
        scale = euclidean(run.along) * (euclidean(run.x) + euclidean(run.new.x) + euclidean(y)) + abs(after)
        gain = dot(run.along, _minus(run.new.x, y))
        given = R.contains(y) if inside is None else R.contains(y) & inside
        found.append(Relation(gain + after, "<=", R(y), given=given, scale=scale))
    return tuple(found)


def iterates_bounded(method: TrustRegion, x: Tree, m: Tree, g: Tree) -> tuple[Relation, ...]:
    """‖x₊‖ ≤ ‖(1−β)x‖ + ‖x₊ − (1−β)x‖ ≤ max{‖x‖, η/β}."""
    run, norm = _update(method, x, m, g), method.norm
    xp = namespace_of(leaves(x)[0])
    before, limit = norm(run.x), run.radius / run.decay
    # In two steps, so that each follows from one law of the norm.
    between = norm(tree_map(lambda leaf: (1 - run.decay) * leaf, run.x)) + norm(run.move)
    scale = before + run.radius
    return (
        Relation(norm(run.new.x), "<=", between, scale=scale),
        Relation(between, "<=", xp.maximum(before, limit + 0 * before), scale=scale),
    )


def steps_bounded(method: TrustRegion, x: Tree, m: Tree, g: Tree) -> tuple[Relation, ...]:
    """‖x₊ − x‖ ≤ ‖x₊ − (1−β)x‖ + ‖βx‖ ≤ η + β‖x‖."""
    run, norm = _update(method, x, m, g), method.norm
    before = norm(run.x)
    between = norm(run.move) + norm(tree_map(lambda leaf: -run.decay * leaf, run.x))
    scale = before + run.radius
    return (
        Relation(norm(_minus(run.new.x, run.x)), "<=", between, scale=scale),
        Relation(between, "<=", run.radius + run.decay * before, scale=scale),
    )


def of_leaf(norm: Norm, kinds: tuple[type[Norm], ...]) -> Norm:
    """The norm of every leaf, where a step along all of them is a step along each, or Euclidean as each is."""
    together = L2 if L2 in kinds else LInf
    return norm.norm if isinstance(norm, PerLeaf) and isinstance(norm.outer, together) else norm


# ---- named special cases --------------------------------------------------------------------------------------------


def normalized_descent(method: TrustRegion, x: Tree, m: Tree, g: Tree) -> tuple[Relation, ...]:
    """‖u‖₂(x₊ − (1−β)x) = −ηu."""
    run = _update(method, x, m, g)
    size = euclidean(run.along)
    rest = tree_map(lambda v, u: size * v + run.radius * u, run.move, run.along)
    return (_vanishes(rest, size * (run.radius + largest_entry(x))),)


def sign_descent(method: TrustRegion, x: Tree, m: Tree, g: Tree) -> tuple[Relation, ...]:
    """x₊ − (1−β)x = −η·sign(u)."""
    run = _update(method, x, m, g)
    xp = namespace_of(leaves(x)[0])
    rest = tree_map(lambda v, u: v + run.radius * xp.sign(u), run.move, run.along)
    return (_vanishes(rest, run.radius + largest_entry(x)),)


def orthogonalized_descent(method: TrustRegion, x: Tree, m: Tree, g: Tree) -> tuple[Relation, ...]:
    """x₊ − (1−β)x = −ηV with V a polar factor of u."""
    # V is a polar factor of u = UΣWᵀ exactly if H = Vᵀu is symmetric, VH = u and tr H = Σσᵢ; where u has full rank it
    # is the only one, V = UWᵀ. Each line below is multiplied by η, or η², as V is −(x₊ − (1−β)x)/η.
    run = _update(method, x, m, g)
    norm, found = of_leaf(method.norm, (Spectral,)), []
    for start, u, v in zip(leaves(x), leaves(run.along), leaves(run.move), strict=True):
        if u.ndim != 2:
            continue  # a convolution kernel, of which the norm makes a matrix
        xp, radius = namespace_of(u), run.radius
        if isinstance(norm, ShapeScaled):
            radius = radius * norm.scale(tuple(u.shape))
        h = xp.matmul(v.mT, u)
        size, reach = euclidean(u), radius + euclidean(start)
        found += [
            _vanishes(h - h.mT, reach * size),
            _vanishes(xp.matmul(v, h) - radius**2 * u, reach * reach * size),
            Relation(dot(v, u), "==", -radius * Nuclear()(u), scale=reach * size),
        ]
    return tuple(found)


# ---- where the next gradient is wanted ------------------------------------------------------------------------------


def where_next(method: TrustRegion, x: Tree, m: Tree, g: Tree) -> tuple[Relation, ...]:
    """x₊ = μx + (1−μ)y."""
    # x₊ = μx + (1−μ)y: the point at which the average gradient is wanted is x₊ itself.
    run = _update(method, x, m, g)
    kept = run.kept if method.extrapolation else 0.0
    between = _combined(kept, run.x, 1 - kept, run.new.query)
    return (_vanishes(_minus(run.new.x, between), largest_entry(run.x) + largest_entry(run.new.x)),)


def nothing_to_extrapolate(method: TrustRegion, x: Tree, m: Tree, g: Tree) -> tuple[Relation, ...]:
    """With μ = 0, y and x₊ are what they are without extrapolation."""
    ahead = _update(dataclasses.replace(method, momentum=0.0, extrapolation=True), x, m, g).new
    plain = _update(dataclasses.replace(method, momentum=0.0, extrapolation=False), x, m, g).new
    size = largest_entry(plain.x)
    return tuple(_vanishes(_minus(p, plain.x), size) for p in (ahead.x, ahead.query))


def descends(method: Method, g: Tree) -> tuple[Relation, ...]:
    """⟨g, x₂⟩ < 0 from x₀ = 0, where decay does nothing; two updates, as a schedule may begin at zero."""
    size = largest_entry(g)
    xp = namespace_of(leaves(g)[0])
    # Of length one, so that nothing underflows: a step may be proportional to the gradient.
    g = tree_map(lambda leaf: leaf / xp.where(size > 0, size, 1 + 0 * size), g)
    state = method.init(tree_map(lambda leaf: 0 * leaf, g))
    for _ in range(2):
        state = method.update(state, g)
    return (Relation(dot(g, state.x), "<", 0 * size, given=size > 0),)


def two_counts(method: Method, x: Tree, g: Tree) -> tuple[Relation, ...]:
    """The step is 1, then 2."""
    first = method.update(method.init(_inside(method, x) if isinstance(method, TrustRegion) else x), g)
    second = method.update(first, g)
    zero = 0 * largest_entry(x)
    return (
        Relation(zero + first.step, "==", zero + 1),
        Relation(zero + second.step, "==", zero + 2),
    )
