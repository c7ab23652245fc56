"""Laws of a method: what one update of a trust-region method does, whatever its settings.

With x the iterate, m the momentum, g the gradient, η the radius, μ the momentum's weight and β the decay, an update
turns (x, m) into (x₊, m₊) along u, which is m₊ unless the convention says otherwise. The relations use ``init``,
``update`` and the verbs of the method's norm and regularizer, nothing else. Source: [Kovalev25], sections 2 and 3.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from ntr_spec.algorithms import Method, State, TrustRegion
from ntr_spec.algorithms.setting import setting_at
from ntr_spec.arrays import dot, euclidean, largest_entry, namespace_of
from ntr_spec.laws.law import Kind, Law, Relation
from ntr_spec.norms import L2, Frobenius, LInf, Norm, Spectral
from ntr_spec.norms.polar import Polar
from ntr_spec.steps import Zero
from ntr_spec.trees import Tree, is_container, leaves, tree_map

Array = Any
Reason = Callable[[Any], str | None]

_X, _M, _G = ("x", Kind.POINT), ("m", Kind.POINT), ("g", Kind.POINT)


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


def _momentum_accumulates(method: TrustRegion, x: Tree, m: Tree, g: Tree) -> tuple[Relation, ...]:
    run = _update(method, x, m, g)
    fresh = 1 - run.kept if method.convention.accumulate == "average" else 1.0
    wanted = _combined(run.kept, m, fresh, g)
    return (_vanishes(_minus(run.new.momentum, wanted), largest_entry(m) + largest_entry(g)),)


def _first_momentum(method: TrustRegion, x: Tree, g: Tree) -> tuple[Relation, ...]:
    new = method.update(method.init(_inside(method, x)), g)
    return (_vanishes(_minus(new.momentum, g), largest_entry(g)),)


def _order(method: TrustRegion, x: Tree, g: Tree, h: Tree) -> tuple[Relation, ...]:
    first = method.update(method.init(x), g)
    second = method.update(first, h)
    # m₀ = g, x₁ steps along m₀, m₁ = μm₀ + (1−μ)h, x₂ steps along m₁.
    kept = _at(method, "momentum", 1, x)
    return (
        *_solves(method, g, x, first.x, 0),
        *_solves(method, _combined(kept, g, 1 - kept, h), first.x, second.x, 1),
    )


def _scale_free(method: TrustRegion, x: Tree, m: Tree, g: Tree, t: Array) -> tuple[Relation, ...]:
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


def _step_optimal(method: TrustRegion, x: Tree, m: Tree, g: Tree) -> tuple[Relation, ...]:
    run = _update(method, x, m, g)
    return _solves(method, run.along, run.x, run.new.x, 1)


def _moves_at_most_radius(method: TrustRegion, x: Tree, m: Tree, g: Tree) -> tuple[Relation, ...]:
    run, norm = _update(method, x, m, g), method.norm
    size = norm(run.move)
    return (Relation(size, "<=", run.radius + 0 * size, scale=run.radius + norm(run.x)),)


def _iterates_bounded(method: TrustRegion, x: Tree, m: Tree, g: Tree) -> tuple[Relation, ...]:
    run, norm = _update(method, x, m, g), method.norm
    xp = namespace_of(leaves(x)[0])
    before, limit = norm(run.x), run.radius / run.decay
    bound = xp.maximum(before, limit + 0 * before)
    return (Relation(norm(run.new.x), "<=", bound, scale=before + run.radius),)


def _steps_bounded(method: TrustRegion, x: Tree, m: Tree, g: Tree) -> tuple[Relation, ...]:
    run, norm = _update(method, x, m, g), method.norm
    before = norm(run.x)
    moved = norm(_minus(run.new.x, run.x))
    return (Relation(moved, "<=", run.radius + run.decay * before, scale=before + run.radius),)


# ---- named special cases --------------------------------------------------------------------------------------------


def _normalized_descent(method: TrustRegion, x: Tree, m: Tree, g: Tree) -> tuple[Relation, ...]:
    run = _update(method, x, m, g)
    size = euclidean(run.along)
    rest = tree_map(lambda v, u: size * v + run.radius * u, run.move, run.along)
    return (_vanishes(rest, size * (run.radius + largest_entry(x))),)


def _sign_descent(method: TrustRegion, x: Tree, m: Tree, g: Tree) -> tuple[Relation, ...]:
    run = _update(method, x, m, g)
    xp = namespace_of(leaves(x)[0])
    rest = tree_map(lambda v, u: v + run.radius * xp.sign(u), run.move, run.along)
    return (_vanishes(rest, run.radius + largest_entry(x)),)


def _orthogonalized_descent(method: TrustRegion, x: Tree, m: Tree, g: Tree) -> tuple[Relation, ...]:
    # V is a polar factor of u = UΣWᵀ exactly if H = Vᵀu is symmetric, VH = u and tr H = Σσᵢ; where u has full rank it
    # is the only one, V = UWᵀ. Each line below is multiplied by η, or η², as V is −(x₊ − (1−β)x)/η.
    run = _update(method, x, m, g)
    xp, u, v = namespace_of(x), run.along, run.move
    h = xp.matmul(v.mT, u)
    size, reach = euclidean(u), run.radius + euclidean(x)
    nuclear = method.norm.dual(u)
    return (
        _vanishes(h - h.mT, reach * size),
        _vanishes(xp.matmul(v, h) - run.radius**2 * u, reach * reach * size),
        Relation(dot(v, u), "==", -run.radius * nuclear, scale=reach * size),
    )


# ---- where the next gradient is wanted ------------------------------------------------------------------------------


def _query(method: TrustRegion, x: Tree, m: Tree, g: Tree) -> tuple[Relation, ...]:
    # x₊ = μx + (1−μ)y: the point at which the average gradient is wanted is x₊ itself.
    run = _update(method, x, m, g)
    kept = run.kept if method.extrapolation else 0.0
    between = _combined(kept, run.x, 1 - kept, run.new.query)
    return (_vanishes(_minus(run.new.x, between), largest_entry(run.x) + largest_entry(run.new.x)),)


def _nothing_to_extrapolate(method: TrustRegion, x: Tree, m: Tree, g: Tree) -> tuple[Relation, ...]:
    ahead = _update(dataclasses.replace(method, momentum=0.0, extrapolation=True), x, m, g).new
    plain = _update(dataclasses.replace(method, momentum=0.0, extrapolation=False), x, m, g).new
    size = largest_entry(plain.x)
    return tuple(_vanishes(_minus(p, plain.x), size) for p in (ahead.x, ahead.query))


def _counts(method: TrustRegion, x: Tree, g: Tree) -> tuple[Relation, ...]:
    first = method.update(method.init(_inside(method, x)), g)
    second = method.update(first, g)
    zero = 0 * largest_entry(x)
    return (
        Relation(zero + first.step, "==", zero + 1),
        Relation(zero + second.step, "==", zero + 2),
    )


# ---- where a law has nothing to say ----------------------------------------------------------------------------------


def _foreign(method: Method) -> str | None:
    return None if isinstance(method, TrustRegion) else f"{type(method).__name__} is no trust-region method"


def _composite(method: TrustRegion) -> str | None:
    return None if isinstance(method.regularizer, Zero) else "the step minimizes the regularizer too"


def _approximate(method: TrustRegion) -> str | None:
    if all(polar.exact for polar in _polars(method.norm)):
        return None
    return "the LMO is approximate: it may leave the unit ball and need not attain the dual norm"


def _polars(value: Any) -> Iterator[Polar]:
    """The polar solvers that a norm, or a part of it, carries."""
    if isinstance(value, Polar):
        yield value
    elif is_container(value):
        for leaf in leaves(value):
            yield from _polars(leaf)
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from _polars(getattr(value, field.name))


def _infeasible(method: TrustRegion) -> str | None:
    decays = callable(method.decay) or method.decay != 0
    if decays and not isinstance(method.regularizer.domain, Zero):
        return "decay may move the ball out of the regularizer's domain"
    return None


def _unproximable(method: TrustRegion) -> str | None:
    R = method.regularizer
    if isinstance(R.domain, Zero) or R.has_prox:
        return None
    return "points of the regularizer's domain cannot be drawn, as it has no prox"


def _no_decay(method: TrustRegion) -> str | None:
    return "there is no decay" if not callable(method.decay) and method.decay == 0 else None


def _sums(method: TrustRegion) -> str | None:
    return "extrapolation is not defined for sums" if method.convention.accumulate == "sum" else None


def _starts_at_zero(method: TrustRegion) -> str | None:
    return "momentum starts at zero" if method.convention.start == "zero" else None


def _other_convention(method: TrustRegion) -> str | None:
    how = method.convention
    if how.accumulate == "average" and how.start == "gradient" and how.blend is None:
        return "the step looks one gradient ahead" if how.nesterov else _starts_at_zero(method)
    return "momentum is kept in another way than the theory's"


def _not_in(*kinds: type[Norm]) -> Reason:
    names = " or ".join(kind.__name__ for kind in kinds)
    return lambda method: None if isinstance(method.norm, kinds) else f"the norm is not {names}"


def _unless(*reasons: Reason) -> Reason:
    """The first reason that applies, or None."""

    def reason(method: Method) -> str | None:
        return next((found for ask in (_foreign, *reasons) if (found := ask(method)) is not None), None)

    return reason


_RUNS = (_infeasible, _unproximable)
_LINEAR = (_composite, _approximate)

METHOD_LAWS = (
    Law(
        "momentum_accumulates",
        "m₊ = μm + (1−μ)g (a sum: μm + g)",
        (_X, _M, _G),
        _momentum_accumulates,
        _unless(*_RUNS),
    ),
    Law(
        "first_momentum",
        "m₊ = g in the first update",
        (_X, _G),
        _first_momentum,
        _unless(*_RUNS, _starts_at_zero),
    ),
    Law(
        "momentum_before_step",
        "two updates: x₁ steps along g, x₂ along μg + (1−μ)h",
        (_X, _G, ("h", Kind.POINT)),
        _order,
        _unless(*_LINEAR, _other_convention),
    ),
    Law(
        "step_optimal",
        "⟨u, x₊ − (1−β)x⟩ = −η‖u‖_*",
        (_X, _M, _G),
        _step_optimal,
        _unless(*_LINEAR),
        source="[Kovalev25], Lemma 1",
    ),
    Law(
        "moves_at_most_radius",
        "‖x₊ − (1−β)x‖ ≤ η",
        (_X, _M, _G),
        _moves_at_most_radius,
        _unless(_approximate, *_RUNS),
        source="[Kovalev25], Lemma 1",
    ),
    Law(
        "scale_free_step",
        "the step for (t·m, t·g), t > 0, is one for (m, g)",
        (_X, _M, _G, ("t", Kind.POSITIVE)),
        _scale_free,
        _unless(*_LINEAR),
    ),
    Law(
        "decay_bounds_iterates",
        "‖x₊‖ ≤ max{‖x‖, η/β}, so ‖x‖ ≤ η/β stays true",
        (_X, _M, _G),
        _iterates_bounded,
        _unless(_no_decay, _approximate, *_RUNS),
        source="[Kovalev25], Lemma 4",
    ),
    Law(
        "decay_bounds_steps",
        "‖x₊ − x‖ ≤ η + β‖x‖, at most 2η where ‖x‖ ≤ η/β",
        (_X, _M, _G),
        _steps_bounded,
        _unless(_approximate, *_RUNS),
        source="[Kovalev25], Lemma 4",
    ),
    Law(
        "is_normalized_descent",
        "x₊ = (1−β)x − η·u/‖u‖₂",
        (_X, _M, _G),
        _normalized_descent,
        _unless(_not_in(L2, Frobenius), *_LINEAR),
    ),
    Law(
        "is_sign_descent",
        "x₊ = (1−β)x − η·sign(u)",
        (_X, _M, _G),
        _sign_descent,
        _unless(_not_in(LInf), *_LINEAR),
    ),
    Law(
        "is_orthogonalized_descent",
        "x₊ = (1−β)x − η·UVᵀ for u = UΣVᵀ of full rank",
        (_X, _M, _G),
        _orthogonalized_descent,
        _unless(_not_in(Spectral), *_LINEAR),
    ),
    Law(
        "next_query",
        "x₊ = μx + (1−μ)y with extrapolation, where the next gradient is wanted at y; else y = x₊",
        (_X, _M, _G),
        _query,
        _unless(*_RUNS),
        source="Cutkosky and Mehta (2020)",
    ),
    Law(
        "extrapolation_needs_momentum",
        "with μ = 0, extrapolation changes nothing",
        (_X, _M, _G),
        _nothing_to_extrapolate,
        _unless(_sums, *_RUNS),
        source="Cutkosky and Mehta (2020)",
    ),
    Law(
        "counts_steps",
        "step is 1, 2 after one and two updates",
        (_X, _G),
        _counts,
        _unless(*_RUNS),
    ),
)
