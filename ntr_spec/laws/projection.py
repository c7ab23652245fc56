"""The projection is feasible and nearest: ⟨x − p, y − p⟩ ≤ 0 for every ‖y‖ ≤ r.

The supremum over y is r‖x − p‖_* − ⟨x − p, p⟩, so the variational inequality needs no second point. Source:
Bauschke and Combettes, *Convex Analysis and Monotone Operator Theory*, Theorem 3.16.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ntr_spec.arrays import dot
from ntr_spec.laws.law import Kind, Law, Relation
from ntr_spec.trees import Tree, tree_map

if TYPE_CHECKING:
    from ntr_spec.norms.base import Norm

    Array = Any


def _feasible(norm: Norm, x: Tree, r: Array) -> tuple[Relation, ...]:
    # p = x − (x − p) carries an error of eps·|x|, however small the ball.
    return (Relation(norm(norm.project(x, r)), "<=", r, scale=norm(x)),)


def _optimal(norm: Norm, x: Tree, r: Array) -> tuple[Relation, ...]:
    p = norm.project(x, r)
    normal = tree_map(lambda a, b: a - b, x, p)
    # Both sides are differences that cancel; p and x − p carry errors of eps·|x|.
    return (Relation(r * norm.dual(normal), "<=", dot(normal, p), scale=(r + norm(x)) * norm.dual(x)),)


def _undeclared(norm: Norm) -> str | None:
    return None if norm.has_projection else "no projection is declared"


_VARIABLES = (("x", Kind.POINT), ("r", Kind.POSITIVE))
PROJECTION = (
    Law(
        "projection_feasible",
        "‖project(x, r)‖ ≤ r",
        _VARIABLES,
        _feasible,
        _undeclared,
        source="Bauschke–Combettes",
    ),
    Law(
        "projection_optimal",
        "⟨x − p, y − p⟩ ≤ 0 for p = project(x, r) and every ‖y‖ ≤ r",
        _VARIABLES,
        _optimal,
        _undeclared,
        source="Bauschke–Combettes, Theorem 3.16",
    ),
)
