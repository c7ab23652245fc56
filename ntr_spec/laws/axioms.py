"""The axioms of a norm: definite, homogeneous, subadditive. Source: any textbook, e.g. Horn and Johnson, 5.1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ntr_spec.arrays import largest_entry, namespace_of
from ntr_spec.laws.law import Kind, Law, Relation
from ntr_spec.trees import Tree, leaves, tree_map

if TYPE_CHECKING:
    from ntr_spec.norms.base import Norm

Array = Any


def _definite(norm: Norm, x: Tree) -> tuple[Relation, ...]:
    return (Relation(0 * largest_entry(x), "<", norm(x), given=largest_entry(x) > 0),)


def _homogeneous(norm: Norm, x: Tree, t: Array) -> tuple[Relation, ...]:
    xp = namespace_of(leaves(x)[0])
    return (Relation(norm(tree_map(lambda leaf: leaf * t, x)), "==", xp.abs(t) * norm(x)),)


def _subadditive(norm: Norm, x: Tree, y: Tree) -> tuple[Relation, ...]:
    return (Relation(norm(tree_map(lambda a, b: a + b, x, y)), "<=", norm(x) + norm(y)),)


AXIOMS = (
    Law("definite", "‖x‖ > 0 for x ≠ 0", (("x", Kind.POINT),), _definite),
    Law("homogeneous", "‖t·x‖ = |t|·‖x‖", (("x", Kind.POINT), ("t", Kind.SCALAR)), _homogeneous),
    Law("subadditive", "‖x + y‖ ≤ ‖x‖ + ‖y‖", (("x", Kind.POINT), ("y", Kind.POINT)), _subadditive),
)
