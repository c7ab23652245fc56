"""Laws for what a norm claims about itself; each applies only to norms that make the claim."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from ntr_spec.arrays import dot, namespace_of
from ntr_spec.laws.law import Kind, Law, Relation
from ntr_spec.norms.claims import Claim, closure
from ntr_spec.trees import Tree, leaves, tree_map

if TYPE_CHECKING:
    from ntr_spec.norms.base import Norm

    Array = Any


def _absolute(norm: Norm, x: Tree) -> tuple[Relation, ...]:
    xp = namespace_of(leaves(x)[0])
    return (Relation(norm(tree_map(xp.abs, x)), "==", norm(x)),)


def _symmetric(norm: Norm, x: Array) -> tuple[Relation, ...]:
    # A transposition and the cycle generate every permutation.
    xp = namespace_of(x)
    flat = xp.reshape(x, (-1,))
    cycle = xp.concat([flat[1:], flat[:1]])
    pair = min(2, flat.shape[0])  # slices beyond the end are outside the array API
    swap = xp.concat([xp.flip(flat[:pair]), flat[pair:]])
    value = norm(x)
    return tuple(Relation(norm(xp.reshape(moved, x.shape)), "==", value) for moved in (swap, cycle))


def _unitarily_invariant(norm: Norm, x: Array, t: Array) -> tuple[Relation, ...]:
    # Rotations of the first two rows, the cycle of rows and a reflection generate the orthogonal group; columns alike.
    xp = namespace_of(x)
    cosine, sine = (1 - t * t) / (1 + t * t), 2 * t / (1 + t * t)
    value = norm(x)

    def moved(a: Array) -> list[Array]:
        results = [xp.concat([-a[:1, :], a[1:, :]])]
        if a.shape[0] > 1:
            first, second = a[:1, :], a[1:2, :]
            results.append(xp.concat([cosine * first - sine * second, sine * first + cosine * second, a[2:, :]]))
            results.append(xp.concat([a[1:, :], a[:1, :]]))
        return results

    sides = moved(x) + [xp.matrix_transpose(b) for b in moved(xp.matrix_transpose(x))]
    return tuple(Relation(norm(side), "==", value) for side in sides)


def _polyhedral(norm: Norm, x: Tree, h: Tree) -> tuple[Relation, ...]:
    # Near a point in general position a polyhedral norm is linear: its second difference vanishes. A kink lies inside
    # one stencil by accident about once in a thousand draws; in four at once, never. The step is as short as float64
    # allows: a curved norm's second difference, step²·curvature, stays a thousand times above rounding.
    xp = namespace_of(leaves(x)[0])
    step = 2.0**-16

    def gap(base: Tree, along: Tree) -> tuple[Array, Array]:
        def value(t: float) -> Array:
            return norm(tree_map(lambda a, b: a + t * b, base, along))

        return xp.abs(value(step) + value(-step) - 2 * value(0.0)), value(0.0)

    def mix(a: float, b: float) -> Tree:
        return tree_map(lambda p, q: a * p + b * q, x, h)

    gaps, sizes = zip(*(gap(b, d) for b, d in ((x, h), (h, x), (mix(1, 2), x), (mix(2, -1), h))), strict=True)
    scale = functools.reduce(xp.maximum, sizes)
    return (Relation(functools.reduce(xp.minimum, gaps), "<=", 0 * scale, scale=scale),)


def _strictly_convex(norm: Norm, x: Tree, y: Tree) -> tuple[Relation, ...]:
    xp = namespace_of(leaves(x)[0])
    apart = dot(x, x) * dot(y, y) - dot(x, y) ** 2
    # Rounding blurs what lies within some six degrees of parallel; exact arithmetic leaves out nothing else.
    margin = 0 if xp.exact else dot(x, x) * dot(y, y) / 100
    return (
        Relation(
            norm(tree_map(lambda a, b: a + b, x, y)),
            "<",
            norm(x) + norm(y),
            given=apart > margin,
        ),
    )


def _euclidean(norm: Norm, x: Tree, y: Tree) -> tuple[Relation, ...]:
    plus = norm(tree_map(lambda a, b: a + b, x, y))
    minus = norm(tree_map(lambda a, b: a - b, x, y))
    return (Relation(plus**2 + minus**2, "==", 2 * norm(x) ** 2 + 2 * norm(y) ** 2),)


def _unclaimed(claim: Claim) -> Any:
    def missing(norm: Norm) -> str | None:
        return None if claim in closure(norm.claims) else f"the norm does not claim to be {claim.value}"

    return missing


_X, _XY = (("x", Kind.POINT),), (("x", Kind.POINT), ("y", Kind.POINT))
_HORN = "Horn and Johnson, Matrix Analysis"
CLAIM_LAWS = {
    Claim.ABSOLUTE: Law("absolute", "‖|x|‖ = ‖x‖", _X, _absolute, _unclaimed(Claim.ABSOLUTE), source=_HORN + ", 5.4"),
    Claim.SYMMETRIC: Law("symmetric", "‖Πx‖ = ‖x‖", _X, _symmetric, _unclaimed(Claim.SYMMETRIC), source=_HORN),
    Claim.UNITARILY_INVARIANT: Law(
        "unitarily_invariant",
        "‖QXR‖ = ‖X‖",
        (("x", Kind.POINT), ("t", Kind.SCALAR)),
        _unitarily_invariant,
        _unclaimed(Claim.UNITARILY_INVARIANT),
        source=_HORN + ", 7.4",
    ),
    Claim.POLYHEDRAL: Law(
        "polyhedral",
        "‖x‖ = max over finitely many ⟨a, x⟩",
        (("x", Kind.GENERIC), ("h", Kind.GENERIC)),
        _polyhedral,
        _unclaimed(Claim.POLYHEDRAL),
        source="Rockafellar, Convex Analysis, section 19",
    ),
    Claim.STRICTLY_CONVEX: Law(
        "strictly_convex",
        "‖x + y‖ < ‖x‖ + ‖y‖ unless parallel",
        (("x", Kind.GENERIC), ("y", Kind.GENERIC)),
        _strictly_convex,
        _unclaimed(Claim.STRICTLY_CONVEX),
        source="Rockafellar, Convex Analysis, section 26",
    ),
    Claim.EUCLIDEAN: Law(
        "euclidean",
        "‖x + y‖² + ‖x − y‖² = 2‖x‖² + 2‖y‖²",
        _XY,
        _euclidean,
        _unclaimed(Claim.EUCLIDEAN),
        source="Jordan and von Neumann (1935)",
    ),
}
CLAIMS = tuple(CLAIM_LAWS.values())
