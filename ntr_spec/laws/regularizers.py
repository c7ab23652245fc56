"""Laws for regularizers: convexity, prox, conjugate and subgradient of a proper closed convex R, and sums over entries.

Points are asked for in dom R, which few points drawn at random lie in. On symbols the relation's condition says so and
the law is about every point of dom R; on arrays the point drawn is projected on dom R first, so that the law has
something to say. Reference: Bauschke and Combettes, *Convex Analysis and Monotone Operator Theory in Hilbert Spaces*.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from ntr_spec.arrays import dot, euclidean, largest_entry, namespace_of
from ntr_spec.laws.floating import FLOAT_LAWS, FloatLaw
from ntr_spec.laws.law import Kind, Law, Relation
from ntr_spec.steps.regularizer import Conjugate, Regularizer
from ntr_spec.steps.simple import Zero
from ntr_spec.trees import Tree, leaves, tree_map

if TYPE_CHECKING:
    from ntr_spec.arrays import Namespace

Array = Any


def _space(x: Tree) -> Namespace:
    return namespace_of(leaves(x)[0])


def _inside(R: Regularizer, x: Tree) -> Tree:
    """On arrays the point of dom R nearest to x, or what the prox makes of it; on symbols x itself."""
    if _space(x).exact:
        return x
    if R.domain.has_prox:
        # A projection may carry an error of eps·|x|, far more than the domain's own size; that of its result does not.
        return R.domain.prox(R.domain.prox(x))
    return R.prox(x) if R.has_prox else x


def _towards(x: Tree, y: Tree) -> Tree:
    """On arrays a point an eighth of the way to y, at which a wrong slope at x shows if it does anywhere beyond."""
    return y if _space(x).exact else tree_map(lambda a, b: a + (b - a) / 8, x, y)


def _minus(x: Tree, y: Tree) -> Tree:
    return tree_map(lambda a, b: a - b, x, y)


def _dual_point(x: Tree, p: Tree, t: Array) -> Tree:
    """(x − p)/t, a subgradient at the proximal point p."""
    return tree_map(lambda a, b: (a - b) / t, x, p)


def _all_inside(R: Regularizer, x: Tree, off: Array) -> tuple[Relation, ...]:
    """x ∈ dom R, where x carries an error of rounding relative to ``off``."""
    return tuple(
        Relation(value, "<=", limit, scale=off + abs(limit) + scale) for value, limit, scale, _ in R.constraints(x)
    )


# ---- convexity -------------------------------------------------------------------------------------------------


def _convex(R: Regularizer, x: Tree, y: Tree) -> tuple[Relation, ...]:
    a, b = _inside(R, x), _inside(R, y)
    middle = tree_map(lambda p, q: (p + q) / 2, a, b)
    given = R.contains(a) & R.contains(b)
    inside = [
        Relation(value, "<=", limit, given, largest_entry(a) + largest_entry(b) + abs(limit) + scale)
        for value, limit, scale, _ in R.constraints(middle)
    ]
    return (*inside, Relation(R(middle), "<=", (R(a) + R(b)) / 2, given))


# ---- prox ------------------------------------------------------------------------------------------------------


def _prox_in_domain(R: Regularizer, x: Tree, t: Array) -> tuple[Relation, ...]:
    p = R.prox(x, t)
    # Moreau's identity finds p as x − (x − p): it carries an error of eps·|x|, however small the domain.
    errors = [abs(value) + abs(limit) for value, limit, *_ in R.constraints(x)]
    return tuple(
        Relation(value, "<=", limit, scale=error + scale)
        for (value, limit, scale, _), error in zip(R.constraints(p), errors, strict=True)
    )


def _prox_optimal(R: Regularizer, x: Tree, t: Array, y: Tree) -> tuple[Relation, ...]:
    p = R.prox(x, t)
    at = _inside(R, p)
    y = _towards(at, _inside(R, y))
    slope = dot(_dual_point(x, p, t), _minus(y, p))
    at_p, at_y = R(at), R(y)
    # p carries an error of eps·|x|, and R(p) what that changes.
    size = euclidean(x) + euclidean(p)
    scale = size * (euclidean(y) + size) / t + abs(R(_inside(R, x)))
    left = at_p + slope
    # A prox that is NaN takes y with it out of dom R; that must not pass for having nothing to say.
    return (Relation(left, "<=", at_y, R.contains(y) | (left != left), scale),)


# ---- conjugate ---------------------------------------------------------------------------------------------------


def _fenchel_young(R: Regularizer, x: Tree, s: Tree) -> tuple[Relation, ...]:
    dual = R.conjugate
    x, s = _inside(R, x), _inside(dual, s)
    scale = euclidean(x) * euclidean(s)
    return (Relation(dot(s, x), "<=", R(x) + dual(s), R.contains(x) & dual.contains(s), scale),)


def _prox_fenchel_young(R: Regularizer, x: Tree, t: Array) -> tuple[Relation, ...]:
    dual = R.conjugate
    p = R.prox(x, t)
    s = _dual_point(x, p, t)
    off = (largest_entry(x) + largest_entry(p)) / t
    near, at = _inside(dual, s), _inside(R, p)
    sides = R(at) + dual(near), dot(s, p)
    # p and ts carry errors of eps·|x|, their values what that changes.
    start = tree_map(lambda leaf: leaf / t, x)
    scale = (
        euclidean(x) * (euclidean(p) / t + euclidean(near)) + abs(R(_inside(R, x))) + abs(dual(_inside(dual, start)))
    )
    return (
        Relation(largest_entry(_minus(near, s)), "<=", 0 * t, scale=off),
        *(_all_inside(dual, s, off) if _space(x).exact else ()),
        Relation(sides[0], "==", sides[1], scale=scale),
    )


def _moreau(R: Regularizer, x: Tree, t: Array) -> tuple[Relation, ...]:
    p = R.prox(x, t)
    q = R.conjugate.prox(tree_map(lambda leaf: leaf / t, x), 1 / t)
    rest = tree_map(lambda a, b, c: a - b - t * c, x, p, q)
    return (Relation(largest_entry(rest), "<=", 0 * t, scale=largest_entry(x) + largest_entry(p)),)


def _biconjugate(R: Regularizer, x: Tree) -> tuple[Relation, ...]:
    again = R.conjugate.conjugate
    x = _inside(R, x)
    given = R.contains(x)
    inside = [
        Relation(value, "<=", limit, given, abs(limit) + scale + largest_entry(x))
        for value, limit, scale, _ in again.constraints(x)
    ]
    return (*inside, Relation(again(x), "==", R(x), given, euclidean(x)))


# ---- subgradient -------------------------------------------------------------------------------------------------


def _subgradient(R: Regularizer, x: Tree, y: Tree) -> tuple[Relation, ...]:
    x = _inside(R, x)
    y = _towards(x, _inside(R, y))
    s = R.subgradient(x)
    at_x, at_y = R(x), R(y)
    scale = euclidean(s) * (euclidean(x) + euclidean(y)) + abs(at_x) + abs(at_y)
    return (Relation(at_x + dot(s, _minus(y, x)), "<=", at_y, R.contains(x) & R.contains(y), scale),)


# ---- sums over entries -------------------------------------------------------------------------------------------


def _separable_argmin(R: Regularizer, g: Tree, c: Tree, r: Array, y: Tree) -> tuple[Relation, ...]:
    c = _inside(R, c)
    x, s = R.box_argmin(g, tree_map(lambda leaf: leaf - r, c), tree_map(lambda leaf: leaf + r, c))
    u = tree_map(lambda a, b: a + b, g, s)
    move = _minus(x, c)
    xp = _space(g)
    total = sum(xp.sum(xp.abs(leaf)) for leaf in leaves(u))
    reach = largest_entry(c) + r
    sizes = sum(xp.sum(xp.abs(leaf)) for leaf in [*leaves(g), *leaves(s)])
    x = _inside(R, x)
    y = _towards(x, _inside(R, y))
    at_x, at_y = R(x), R(y)
    scale = euclidean(s) * (euclidean(x) + euclidean(y)) + abs(at_x) + abs(at_y)
    given = R.contains(c)
    return (
        Relation(largest_entry(move), "<=", r, given, reach),
        Relation(dot(u, move), "==", -r * total, given, reach * sizes),
        Relation(at_x + dot(s, _minus(y, x)), "<=", at_y, given & R.contains(y), scale),
    )


# ---- where a law does not apply ----------------------------------------------------------------------------------


def _no_prox_or_domain(R: Regularizer) -> str | None:
    return "R is finite everywhere" if isinstance(R.domain, Zero) else _no_prox(R)


def _no_prox(R: Regularizer) -> str | None:
    return None if R.has_prox else "no prox is known"


def _no_conjugate(R: Regularizer) -> str | None:
    if isinstance(R.conjugate, Conjugate):
        return "no conjugate is declared in closed form; its prox follows from Moreau's identity"
    return None


def _no_conjugate_or_prox(R: Regularizer) -> str | None:
    return _no_conjugate(R) or _no_prox(R)


def _no_conjugate_prox(R: Regularizer) -> str | None:
    if isinstance(R.conjugate, Conjugate):
        return "the prox of the conjugate is defined by this identity"
    return _no_prox(R) or _no_prox(R.conjugate)


def _no_biconjugate(R: Regularizer) -> str | None:
    if isinstance(R.conjugate.conjugate, Conjugate):
        return "the conjugate declares no conjugate in closed form"
    return _no_conjugate(R)


def _no_subgradient(R: Regularizer) -> str | None:
    return None if R.has_subgradient else "no subgradient is declared"


def _not_separable(R: Regularizer) -> str | None:
    return None if R.separable else "the regularizer does not say that it is a sum over entries"


_X, _Y, _S, _T = ("x", Kind.POINT), ("y", Kind.POINT), ("s", Kind.POINT), ("t", Kind.POSITIVE)
_BOOK = "Bauschke–Combettes"
REGULARIZER_LAWS: tuple[Law, ...] = (
    Law("convex", "R((x + y)/2) ≤ (R(x) + R(y))/2 on dom R, which is convex", (_X, _Y), _convex, source=_BOOK),
    Law(
        "prox_in_domain",
        "prox_tR(x) ∈ dom R",
        (_X, _T),
        _prox_in_domain,
        _no_prox_or_domain,
        source=f"{_BOOK}, definition 12.23",
    ),
    Law(
        "prox_optimal",
        "R(y) ≥ R(p) + ⟨x − p, y − p⟩/t for p = prox_tR(x) and every y ∈ dom R",
        (_X, _T, _Y),
        _prox_optimal,
        _no_prox,
        source=f"{_BOOK}, proposition 12.26",
    ),
    Law(
        "prox_fenchel_young",
        "R(p) + R*(s) = ⟨s, p⟩ for p = prox_tR(x) and s = (x − p)/t",
        (_X, _T),
        _prox_fenchel_young,
        _no_conjugate_or_prox,
        source=f"{_BOOK}, propositions 16.10 and 16.44",
    ),
    Law(
        "moreau",
        "x = prox_tR(x) + t·prox_{R*/t}(x/t)",
        (_X, _T),
        _moreau,
        _no_conjugate_prox,
        source=f"{_BOOK}, theorem 14.3",
    ),
    Law(
        "fenchel_young",
        "⟨s, x⟩ ≤ R(x) + R*(s)",
        (_X, _S),
        _fenchel_young,
        _no_conjugate,
        source=f"{_BOOK}, proposition 13.15",
    ),
    Law(
        "biconjugate",
        "R** = R on dom R",
        (_X,),
        _biconjugate,
        _no_biconjugate,
        source=f"{_BOOK}, theorem 13.37",
    ),
    Law(
        "subgradient",
        "R(y) ≥ R(x) + ⟨s, y − x⟩ for s = subgradient(x), x and y ∈ dom R",
        (_X, _Y),
        _subgradient,
        _no_subgradient,
        source=f"{_BOOK}, definition 16.1",
    ),
    Law(
        "separable_argmin",
        "box_argmin solves min{⟨g, x⟩ + R(x) : ‖x − c‖_∞ ≤ r} for c ∈ dom R, with a subgradient that proves it",
        (("g", Kind.POINT), ("c", Kind.POINT), ("r", Kind.POSITIVE), _Y),
        _separable_argmin,
        _not_separable,
        source="[Kovalev25], Lemma 1",
    ),
)

_MANNERS = ("nan_propagates", "input_unchanged", "deterministic", "dtype_and_device_kept", "no_host_sync", "silent")
REGULARIZER_FLOAT_LAWS: tuple[FloatLaw, ...] = tuple(
    dataclasses.replace(law, statement="NaN in, NaN out") if law.name == "nan_propagates" else law
    for law in FLOAT_LAWS
    if law.name in _MANNERS
)
"""What is asked of a norm's verbs as programs is asked of a regularizer's: value, prox, subgradient, conjugate."""
