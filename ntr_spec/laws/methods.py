"""Laws of a method: what one update of a trust-region method does, whatever its settings.

With x the iterate, m the momentum, g the gradient, η the radius, μ the momentum's weight and β the decay, an update
turns (x, m) into (x₊, m₊) along u, which is m₊ unless the convention says otherwise. Source: [Kovalev25], sections 2
and 3.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ntr_spec.algorithms import Method, TrustRegion
from ntr_spec.laws.certified import may_leave, solvers
from ntr_spec.laws.law import Kind, Law
from ntr_spec.laws.updates import (
    descends,
    first_momentum,
    iterates_bounded,
    momentum_accumulates,
    moves_at_most_radius,
    normalized_descent,
    nothing_to_extrapolate,
    of_leaf,
    orthogonalized_descent,
    scale_free,
    sign_descent,
    step_minimizes,
    step_optimal,
    steps_bounded,
    two_counts,
    two_updates,
    where_next,
)
from ntr_spec.norms import L2, Frobenius, LInf, Norm, Spectral
from ntr_spec.norms.shaped import ShapeScaled
from ntr_spec.steps import Zero
from ntr_spec.steps.table import solver_for

Reason = Callable[[Any], str | None]

_X, _M, _G = ("x", Kind.POINT), ("m", Kind.POINT), ("g", Kind.POINT)


# ---- where a law has nothing to say ----------------------------------------------------------------------------------


def _foreign(method: Method) -> str | None:
    return None if isinstance(method, TrustRegion) else f"{type(method).__name__} is no trust-region method"


def _not_bare(method: Method) -> str | None:
    if isinstance(method, TrustRegion):
        return "step_optimal says how much"
    return "the step minimizes the regularizer too" if method.composite else None


def _composite(method: TrustRegion) -> str | None:
    return None if isinstance(method.regularizer, Zero) else "the step minimizes the regularizer too"


def _to_tolerance(method: TrustRegion) -> str | None:
    if solver_for(method.norm, method.regularizer).iterative:
        return "the step is solved to a tolerance, and carries its own certificate"
    return None


def _approximate(method: TrustRegion) -> str | None:
    found = next((solver for solver in solvers(method.norm) if not solver.exact), None)
    return None if found is None else f"{found!r} is approximate: its LMO need not attain the dual norm"


def _leaving(method: TrustRegion) -> str | None:
    return may_leave(method.norm)


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
    return lambda method: None if isinstance(of_leaf(method.norm, kinds), kinds) else f"the norm is not {names}"


def _not_spectral(method: TrustRegion) -> str | None:
    norm = of_leaf(method.norm, (Spectral,))
    if isinstance(norm, ShapeScaled) and not norm.inverse:
        norm = norm.norm
    return None if isinstance(norm, Spectral) else "the norm is not Spectral, nor a multiple of it on every matrix"


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
        momentum_accumulates,
        _unless(*_RUNS),
    ),
    Law(
        "first_momentum",
        "m₊ = g in the first update",
        (_X, _G),
        first_momentum,
        _unless(*_RUNS, _starts_at_zero),
    ),
    Law(
        "momentum_before_step",
        "two updates: x₁ steps along g, x₂ along μg + (1−μ)h",
        (_X, _G, ("h", Kind.POINT)),
        two_updates,
        _unless(*_LINEAR, _other_convention),
    ),
    Law(
        "step_optimal",
        "⟨u, x₊ − (1−β)x⟩ = −η‖u‖_*, where ‖u‖_* is what the norm's own dual gives",
        (_X, _M, _G),
        step_optimal,
        _unless(*_LINEAR),
        source="[Kovalev25], Lemma 1",
    ),
    Law(
        "step_minimizes",
        "⟨u, x₊⟩ + R(x₊) ≤ ⟨u, y⟩ + R(y) for every ‖y − (1−β)x‖ ≤ η",
        (_X, _M, _G, ("w", Kind.POINT)),
        step_minimizes,
        _unless(_approximate, *_RUNS, _to_tolerance),
        source="[Kovalev25], section 2",
    ),
    Law(
        "moves_at_most_radius",
        "‖x₊ − (1−β)x‖ ≤ η",
        (_X, _M, _G),
        moves_at_most_radius,
        _unless(_leaving, *_RUNS),
        source="[Kovalev25], Lemma 1",
    ),
    Law(
        "scale_free_step",
        "the step for (t·m, t·g), t > 0, is one for (m, g)",
        (_X, _M, _G, ("t", Kind.POSITIVE)),
        scale_free,
        _unless(*_LINEAR),
    ),
    Law(
        "decay_bounds_iterates",
        "‖x₊‖ ≤ max{‖x‖, η/β}, so ‖x‖ ≤ η/β stays true",
        (_X, _M, _G),
        iterates_bounded,
        _unless(_no_decay, _leaving, *_RUNS),
        source="[Kovalev25], on weight decay",
    ),
    Law(
        "decay_bounds_steps",
        "‖x₊ − x‖ ≤ η + β‖x‖, at most 2η where ‖x‖ ≤ η/β",
        (_X, _M, _G),
        steps_bounded,
        _unless(_leaving, *_RUNS),
        source="[Kovalev25], on weight decay",
    ),
    Law(
        "is_normalized_descent",
        "x₊ = (1−β)x − η·u/‖u‖₂",
        (_X, _M, _G),
        normalized_descent,
        _unless(_not_in(L2, Frobenius), *_LINEAR),
    ),
    Law(
        "is_sign_descent",
        "x₊ = (1−β)x − η·sign(u)",
        (_X, _M, _G),
        sign_descent,
        _unless(_not_in(LInf), *_LINEAR),
    ),
    Law(
        "is_orthogonalized_descent",
        "x₊ = (1−β)x − η·UVᵀ for u = UΣVᵀ of full rank",
        (_X, _M, _G),
        orthogonalized_descent,
        _unless(_not_spectral, *_LINEAR),
    ),
    Law(
        "next_query",
        "x₊ = μx + (1−μ)y with extrapolation, where the next gradient is wanted at y; else y = x₊",
        (_X, _M, _G),
        where_next,
        _unless(*_RUNS),
        source="Cutkosky and Mehta (2020)",
    ),
    Law(
        "extrapolation_needs_momentum",
        "with μ = 0, extrapolation changes nothing",
        (_X, _M, _G),
        nothing_to_extrapolate,
        _unless(_sums, *_RUNS),
        source="Cutkosky and Mehta (2020)",
    ),
    Law(
        "descends_along_gradient",
        "⟨g, x₂⟩ < 0 after two updates from 0 with the same g ≠ 0",
        (_G,),
        descends,
        _not_bare,
        source="descent on the linear function ⟨g, ·⟩",
    ),
    Law(
        "counts_steps",
        "step is 1, 2 after one and two updates",
        (_X, _G),
        two_counts,
        lambda method: _unless(*_RUNS)(method) if isinstance(method, TrustRegion) else None,
    ),
)
