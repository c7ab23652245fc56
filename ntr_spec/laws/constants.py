"""ρ, the norm equivalence constant of [Kovalev25] (A3), must hold and be attained."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ntr_spec.arrays import device_of, euclidean, namespace_of
from ntr_spec.laws.certified import approximate, dual_by_approximation
from ntr_spec.laws.law import Kind, Law, Quantifier, Relation
from ntr_spec.trees import Tree, leaves, shapes, tree_map

if TYPE_CHECKING:
    from ntr_spec.norms.base import Norm

Array = Any

# Enough from a simple start where the maximiser is a vertex; elsewhere the property engine starts near the limit.
_POWER_STEPS = 8


def _rho_at(norm: Norm, x: Tree) -> Array:
    """ρ as the namespace of x has it: exact on symbols, rounded to x's dtype on arrays."""
    leaf = leaves(x)[0]
    xp = namespace_of(leaf)
    if xp.exact:
        return norm._rho(shapes(x), xp)
    return xp.asarray(norm.rho(shapes(x)), dtype=leaf.dtype, device=device_of(leaf))


def _rho_holds(norm: Norm, x: Tree) -> tuple[Relation, ...]:
    return (Relation(norm.dual(x), "<=", _rho_at(norm, x) * euclidean(x)),)


def _rho_attained(norm: Norm, x: Tree) -> tuple[Relation, ...]:
    # sup ‖x‖_*/‖x‖₂ = sup{‖v‖₂ : ‖v‖ ≤ 1}; v ← −lmo(v) never decreases ‖v‖₂ (Frank–Wolfe on a convex function).
    v = x
    for _ in range(_POWER_STEPS):
        v = tree_map(lambda leaf: -leaf, norm.lmo(v))
    rho = _rho_at(norm, x)
    # Of a wrong LMO it is not known that v lies in the ball.
    return (Relation(rho, "<=", euclidean(v)), Relation(norm(v), "<=", 1 + 0 * rho))


def _undeclared(norm: Norm) -> str | None:
    return None if norm.has_rho else "no rho is declared"


def _not_bounded(norm: Norm) -> str | None:
    return _undeclared(norm) or dual_by_approximation(norm)


def _not_reached(norm: Norm) -> str | None:
    return _undeclared(norm) or approximate(norm)  # the search goes along v ← −lmo(v)


CONSTANTS = (
    Law("rho_holds", "‖x‖_* ≤ ρ·‖x‖₂", (("x", Kind.POINT),), _rho_holds, _not_bounded, source="[Kovalev25], A3"),
    Law(
        "rho_attained",
        "‖v‖₂ ≥ ρ for some ‖v‖ ≤ 1",
        (("x", Kind.POINT),),
        _rho_attained,
        _not_reached,
        Quantifier.EXISTS,
        "[Kovalev25], A3, tight",
    ),
)
