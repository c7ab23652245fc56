"""Laws that tie a norm to its dual and its LMO: Hölder, feasibility, attainment, bidual.

Together they say that the LMO solves min{⟨g, v⟩ : ‖v‖ ≤ 1} and that its value is −‖g‖_*. Source: Rockafellar, *Convex
Analysis*, section 15; [Kovalev25], section 2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ntr_spec.arrays import dot
from ntr_spec.laws.certified import approximate, dual_by_approximation
from ntr_spec.laws.law import Kind, Law, Relation
from ntr_spec.norms.base import Norm, SupportFunction
from ntr_spec.trees import Tree

if TYPE_CHECKING:
    from typing import Any

    Array = Any


def _lmo_feasible(norm: Norm, g: Tree) -> tuple[Relation, ...]:
    one = 1 + 0 * norm.dual(g)
    return (Relation(norm(norm.lmo(g)), "<=", one),)


def _lmo_attains(norm: Norm, g: Tree) -> tuple[Relation, ...]:
    return (Relation(dot(g, norm.lmo(g)), "==", -norm.dual(g)),)


def _holder(norm: Norm, g: Tree, x: Tree) -> tuple[Relation, ...]:
    return (Relation(dot(g, x), "<=", norm(x) * norm.dual(g)),)


def _bidual(norm: Norm, x: Tree) -> tuple[Relation, ...]:
    subgradient = norm.dual.lmo(x)
    return (
        Relation(norm.dual(subgradient), "<=", 1 + 0 * norm(x)),
        Relation(dot(x, subgradient), "==", -norm(x)),
    )


def _no_dual_lmo(norm: Norm) -> str | None:
    if isinstance(norm.dual, SupportFunction):
        return "the dual is a support function and has no LMO; follows from the axioms (lemma fenchel_moreau, cited)"
    return approximate(norm.dual)


DUALITY = (
    Law("lmo_feasible", "‖lmo(g)‖ ≤ 1", (("g", Kind.POINT),), _lmo_feasible),
    Law("lmo_attains", "⟨g, lmo(g)⟩ = −‖g‖_*", (("g", Kind.POINT),), _lmo_attains, approximate),
    Law(
        "holder",
        "⟨g, x⟩ ≤ ‖x‖·‖g‖_*",
        (("g", Kind.POINT), ("x", Kind.POINT)),
        _holder,
        dual_by_approximation,
    ),
    Law("bidual", "‖x‖_** = ‖x‖", (("x", Kind.POINT),), _bidual, missing=_no_dual_lmo),
)
