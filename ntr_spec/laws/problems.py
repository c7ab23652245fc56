"""Laws of a problem with known constants: its derivatives fit, its constants hold, and are attained where said to be.

A problem is :class:`~ntr_spec.problems.Known`. Constants are asked about in its own norm and in every norm of the
catalogue in which it knows them; those that are no short fractions are rounded up, by a 2⁻⁴⁶-th part. Assumptions are
named as in [Kovalev25], section 2.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ntr_spec.arrays import largest_entry
from ntr_spec.laws import assumptions as a
from ntr_spec.laws.law import Kind, Law, Quantifier
from ntr_spec.laws.objectives import Measured, euclidean_one, measured, where_known
from ntr_spec.laws.reaching import anchors, sharpest, steepest
from ntr_spec.problems.known import Known
from ntr_spec.steps import Zero
from ntr_spec.trees import leaves, tree_map

Values = dict[str, Any]

_SHORT, _SHORTER = 2.0**-17, 2.0**-22


# ---- drawn points moved to where a law says something --------------------------------------------------------------


def _closer(share: float) -> Any:
    """y so close to x that only derivatives matter: at the third root of float64's eps for f, below the root for ∇f."""

    def admit(problem: Known, values: Values) -> Values:
        x, y = values["x"], values["y"]
        size = max(float(largest_entry(x)), _length(problem))
        apart = float(largest_entry(tree_map(lambda p, q: q - p, x, y)))
        if apart == 0:
            return values
        return {**values, "y": tree_map(lambda p, q: p + share * size / apart * (q - p), x, y)}

    return admit


def _length(problem: Known) -> float:
    """How far apart the points are at which the problem is interesting: x0, x* and 0."""
    return max((float(largest_entry(p)) for p in anchors(problem, tree_map(_host, problem.x0))), default=1.0) or 1.0


def _host(leaf: Any) -> Any:
    return np.zeros(tuple(leaf.shape))


def _steep(problem: Known, values: Values) -> Values:
    """v replaced by a direction of large curvature in one of the norms."""
    m = _one_of(where_known(problem, "L"), values)
    return {**values, "v": steepest(problem, m, values["x"], values["v"])}


def _steep_pair(problem: Known, values: Values) -> Values:
    """y moved to where the gradient changes fast, at the distance that it had, in one of the norms; or left alone."""
    x, y = values["x"], values["y"]
    apart = float(largest_entry(tree_map(lambda p, q: q - p, x, y)))
    if _chance(values) % 2 or apart == 0:
        return values
    v = steepest(problem, _one_of(where_known(problem, "L"), values), x, tree_map(lambda p, q: q - p, x, y))
    size = float(largest_entry(v)) or 1.0
    return {**values, "y": tree_map(lambda p, d: p + apart / size * d, x, v)}


def _sharp_pair(problem: Known, values: Values) -> Values:
    """x and y moved to where the Hessian changes fast, in one of the norms; or left alone."""
    known = [m for m in where_known(problem, "H") if m.value("H")]
    step = tree_map(lambda p, q: q - p, values["x"], values["y"])
    if _chance(values) % 4 or not known or float(largest_entry(step)) == 0:
        return values
    m = _one_of(known, values)
    x, u, _ = sharpest(problem, m, values["x"], step, steps=4)
    length = (m.value("L") or 1.0) / (m.value("H") or 1.0) / 64 / (float(largest_entry(u)) or 1.0)
    return {**values, "x": tree_map(lambda p, d: p + length * d, x, u), "y": x}


def _chance(values: Values) -> int:
    """A number that depends on the drawn values in no simple way; a law has no other source of chance."""
    total = sum(float(np.sum(np.abs(leaf))) for value in values.values() for leaf in leaves(value))
    return int(math.frexp(total)[0] * 2**40) if math.isfinite(total) else 0


def _one_of(known: list[Measured], values: Values) -> Measured:
    return known[_chance(values) // 4 % len(known)]


# ---- where a law does not apply ------------------------------------------------------------------------------------


def _unknown(name: str) -> Any:
    def missing(problem: Known) -> str | None:
        return None if where_known(problem, name) else f"{name} is known in no norm"

    return missing


def _no_constant(*names: str) -> Any:
    """Where derivatives are compared, in one norm."""

    def missing(problem: Known) -> str | None:
        m = euclidean_one(problem)
        if any(name in m.known for name in names):
            return None
        return f"{' or '.join(names)} is not known in {m.norm!r}"

    return missing


def _not_tight(name: str) -> Any:
    def missing(problem: Known) -> str | None:
        if a.where_tight(problem, name):
            return None
        if any(m.known[name].value == 0 for m in where_known(problem, name)):
            return f"{name} = 0, and no constant is less"
        return f"no {name} is said to be the least"

    return missing


def _no_rho(problem: Known) -> str | None:
    known = any(m.constants.rho is not None for m in measured(problem))
    return None if known else "noise is not measured by ρ and σ"


def _not_star_convex(problem: Known) -> str | None:
    if not problem.star_convex:
        return "f is not said to be star-convex"
    return _no_minimizer(problem)


def _no_minimizer(problem: Known) -> str | None:
    return None if problem.minimizer is not None else "no minimizer is known"


def _no_stationary_minimizer(problem: Known) -> str | None:
    return _no_minimizer(problem) or (None if isinstance(problem.regularizer, Zero) else "F = f + R is least, not f")


def _no_infimum(problem: Known) -> str | None:
    return None if problem.infimum is not None else "no infimum is known"


def _no_start(problem: Known) -> str | None:
    known = any(m.constants.delta0 is not None or m.constants.D is not None for m in measured(problem))
    return None if known else "neither Δ₀ nor D is known"


_X, _Y, _U, _V = ("x", Kind.POINT), ("y", Kind.POINT), ("u", Kind.POINT), ("v", Kind.POINT)
_START = (("v", Kind.GENERIC),)  # in float64 only: differences of derivatives drown in float32's rounding
_NESTEROV = "Nesterov, Lectures on Convex Optimization, section 1.2"

PROBLEM_LAWS = (
    Law(
        "gradient",
        "f(y) − f(x) = ½⟨∇f(x) + ∇f(y), y − x⟩, up to (H/12)‖y − x‖₂³ or else (L/4)‖y − x‖₂²",
        (_X, _Y),
        a.gradient_fits,
        _no_constant("H", "L"),
        admit=_closer(_SHORT),
        source="Davis and Rabinowitz, Methods of Numerical Integration, 4.3",
    ),
    Law(
        "hessian",
        "∇f(y) − ∇f(x) = ½(∇²f(x) + ∇²f(y))(y − x), up to (H/4)‖y − x‖₂²",
        (_X, _Y),
        a.hessian_fits,
        _no_constant("H"),
        admit=_closer(_SHORTER),
        source="Davis and Rabinowitz, Methods of Numerical Integration, 4.3",
    ),
    Law("hessian_symmetric", "⟨u, ∇²f(x)v⟩ = ⟨v, ∇²f(x)u⟩", (_X, _U, _V), a.hessian_symmetric, source="Schwarz"),
    Law(
        "hessian_linear",
        "∇²f(x)(u + tv) = ∇²f(x)u + t∇²f(x)v",
        (_X, _U, _V, ("t", Kind.SCALAR)),
        a.hessian_linear,
        source=_NESTEROV,
    ),
    Law(
        "smooth",
        "‖∇f(x) − ∇f(y)‖_* ≤ L‖x − y‖",
        (_X, _Y),
        a.smooth,
        _unknown("L"),
        admit=_steep_pair,
        source="[Kovalev25], A2",
    ),
    Law(
        "quadratic_bound",
        "|f(y) − f(x) − ⟨∇f(x), y − x⟩| ≤ (L/2)‖y − x‖²",
        (_X, _Y),
        a.quadratic_bound,
        _unknown("L"),
        admit=_steep_pair,
        source=_NESTEROV,
    ),
    Law(
        "curvature",
        "‖∇²f(x)v‖_* ≤ L‖v‖",
        (_X, _V),
        a.curvature,
        _unknown("L"),
        admit=_steep,
        source="[Kovalev25], A2, where f is twice differentiable",
    ),
    Law(
        "smooth_attained",
        "‖∇²f(x)v‖_* ≥ 0.999·L‖v‖ for some x and v, where L is said to be tight",
        _START,
        a.smooth_attained,
        _not_tight("L"),
        Quantifier.EXISTS,
        "[Kovalev25], A2, tight",
    ),
    Law(
        "second_order_smooth",
        "‖∇f(x) − ∇f(y) − ∇²f(y)(x − y)‖_* ≤ (H/2)‖x − y‖²",
        (_X, _Y),
        a.second_order_smooth,
        _unknown("H"),
        admit=_sharp_pair,
        source="[Kovalev25], A4",
    ),
    Law(
        "second_order_attained",
        "‖(∇²f(x + v) − ∇²f(x − v))v‖_* ≥ 0.999·2H‖v‖² for some x and v, where H is said to be tight",
        _START,
        a.second_order_attained,
        _not_tight("H"),
        Quantifier.EXISTS,
        "[Kovalev25], A4, tight",
    ),
    Law("norm_equivalence", "‖∇f(x)‖_* ≤ ρ‖∇f(x)‖₂", (_X,), a.equivalent, _no_rho, source="[Kovalev25], A3"),
    Law(
        "star_convex",
        "f(βx* + (1−β)x) ≤ βf(x*) + (1−β)f(x) for β = t/(1 + t)",
        (_X, ("t", Kind.POSITIVE)),
        a.star_convex,
        _not_star_convex,
        source="[Kovalev25], A5",
    ),
    Law("infimum", "F(x) ≥ inf F", (_X,), a.bounded_below, _no_infimum),
    Law("minimizer", "∇f(x*) = 0 and F(x*) ≤ F(x)", (_X,), a.least, _no_stationary_minimizer),
    Law(
        "minimum",
        "F(x*) = inf F",
        (_X,),
        a.least_value,
        lambda problem: _no_minimizer(problem) or _no_infimum(problem),
    ),
    Law("start", "F(x0) − F(x) ≤ Δ₀, with equality at x*; ‖x0‖ ≤ D and ‖x*‖ ≤ D", (_X,), a.start, _no_start),
)
