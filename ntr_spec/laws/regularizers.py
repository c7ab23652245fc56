"""Laws for regularizers: convexity, prox, conjugate and subgradient of a proper closed convex R, and sums over entries.

Points are asked for in dom R, which few points drawn at random lie in. The relation's condition says so, and the law
is about every point of dom R at which R is finite; drawn points are moved there first (``Law.admit``), never by the
prox that the law is about. Reference: Bauschke and Combettes, *Convex Analysis and Monotone Operator Theory in Hilbert
Spaces*.
"""

from __future__ import annotations

import dataclasses
import functools
import math
import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ntr_spec.arrays import dot, euclidean, largest_entry, namespace_of
from ntr_spec.laws.floating import FLOAT_LAWS, Bench, Defect, FloatLaw
from ntr_spec.laws.inside import inside, towards
from ntr_spec.laws.law import Kind, Law, Relation
from ntr_spec.steps.conjugate import Conjugate, Domain
from ntr_spec.steps.regularizer import Regularizer
from ntr_spec.steps.simple import Zero
from ntr_spec.trees import Tree, leaves, tree_map

if TYPE_CHECKING:
    from ntr_spec.arrays import Namespace

Array = Any


def _space(x: Tree) -> Namespace:
    return namespace_of(leaves(x)[0])


def _at(R: Regularizer, p: Tree) -> Array:
    """R(p) as its formula has it, which rounding that carries p out of dom R does not make infinite."""
    xp = _space(p)
    return R(p) if xp.exact else R._value(p, xp)


def _has(R: Regularizer, x: Tree) -> Array:
    """x ∈ dom R; on arrays also that R(x) is finite: on the edge of an open domain it is not. NaN is let through."""
    return R.contains(x) if _space(x).exact else R.contains(x) & (abs(R(x)) != math.inf)


def _size(R: Regularizer, x: Tree) -> Array:
    """|R(x)|, or 0 where that is infinite."""
    xp, value = _space(x), abs(R(x))
    return value if xp.exact else xp.where(value < math.inf, value, xp.zeros_like(value))


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
    middle = tree_map(lambda p, q: (p + q) / 2, x, y)
    given = _has(R, x) & _has(R, y)
    inside = [
        Relation(value, "<=", limit, given, largest_entry(x) + largest_entry(y) + abs(limit) + scale)
        for value, limit, scale, _ in R.constraints(middle)
    ]
    return (*inside, Relation(_at(R, middle), "<=", (R(x) + R(y)) / 2, given))


# ---- prox ------------------------------------------------------------------------------------------------------


def _prox_in_domain(R: Regularizer, x: Tree, t: Array) -> tuple[Relation, ...]:
    p = R.prox(x, t)
    # Moreau's identity finds p as x − (x − p): it carries an error of eps·|x|, however small the domain.
    errors = [abs(value) + abs(limit) + largest_entry(x) for value, limit, *_ in R.constraints(x)]
    return tuple(
        Relation(value, "<=", limit, scale=error + scale)
        for (value, limit, scale, _), error in zip(R.constraints(p), errors, strict=True)
    )


def _prox_optimal(R: Regularizer, x: Tree, t: Array, y: Tree) -> tuple[Relation, ...]:
    p = R.prox(x, t)
    slope = dot(_dual_point(x, p, t), _minus(y, p))
    # p carries an error of eps·|x|, and R(p) what that changes.
    size = euclidean(x) + euclidean(p)
    scale = size * (euclidean(y) + size) / t + _size(R, x)
    left = _at(R, p) + slope
    # A prox that is NaN takes y with it out of dom R; that must not pass for having nothing to say.
    return (Relation(left, "<=", R(y), _has(R, y) | (left != left), scale),)


# ---- conjugate ---------------------------------------------------------------------------------------------------


def _fenchel_young(R: Regularizer, x: Tree, s: Tree) -> tuple[Relation, ...]:
    dual = R.conjugate
    scale = euclidean(x) * euclidean(s)
    return (Relation(dot(s, x), "<=", R(x) + dual(s), _has(R, x) & _has(dual, s), scale),)


def _prox_fenchel_young(R: Regularizer, x: Tree, t: Array) -> tuple[Relation, ...]:
    dual = R.conjugate
    p = R.prox(x, t)
    s = _dual_point(x, p, t)
    off = (largest_entry(x) + largest_entry(p)) / t
    sides = _at(R, p) + _at(dual, s), dot(s, p)
    # p and ts carry errors of eps·|x|, their values what that changes.
    start = tree_map(lambda leaf: leaf / t, x)
    scale = euclidean(x) * (euclidean(p) / t + euclidean(s)) + _size(R, x) + _size(dual, start)
    return (
        *_all_inside(dual, s, off),
        Relation(sides[0], "==", sides[1], scale=scale),
    )


def _moreau(R: Regularizer, x: Tree, t: Array) -> tuple[Relation, ...]:
    p = R.prox(x, t)
    q = R.conjugate.prox(tree_map(lambda leaf: leaf / t, x), 1 / t)
    rest = tree_map(lambda a, b, c: a - b - t * c, x, p, q)
    return (Relation(largest_entry(rest), "<=", 0 * t, scale=largest_entry(x) + largest_entry(p)),)


def _biconjugate(R: Regularizer, x: Tree) -> tuple[Relation, ...]:
    again = R.conjugate.conjugate
    given = _has(R, x)
    inside = [
        Relation(value, "<=", limit, given, abs(limit) + scale + largest_entry(x))
        for value, limit, scale, _ in again.constraints(x)
    ]
    return (*inside, Relation(again(x), "==", R(x), given, euclidean(x)))


# ---- subgradient -------------------------------------------------------------------------------------------------


def _subgradient(R: Regularizer, x: Tree, y: Tree) -> tuple[Relation, ...]:
    s = R.subgradient(x)
    at_x, at_y = R(x), R(y)
    scale = euclidean(s) * (euclidean(x) + euclidean(y)) + abs(at_x) + abs(at_y)
    given = _has(R, x) & _has(R, y)
    bounds = R.constraints(x)
    if bounds and not _space(x).exact:
        # On the edge of its domain R may have no subgradient, as Σxᵢ·log xᵢ at 0; infinite slopes say so.
        within = functools.reduce(operator.and_, [value < limit for value, limit, *_ in bounds])
        given = given & (within | (largest_entry(s) < math.inf))
    return (Relation(at_x + dot(s, _minus(y, x)), "<=", at_y, given, scale),)


# ---- the domain as a regularizer ---------------------------------------------------------------------------------


def _domain_agrees(R: Regularizer, x: Tree, y: Tree) -> tuple[Relation, ...]:
    def within(A: Regularizer, z: Tree, given: Array) -> tuple[Relation, ...]:
        return tuple(
            Relation(value, "<=", limit, given, largest_entry(z) + abs(limit) + scale)
            for value, limit, scale, _ in A.constraints(z)
        )

    found = within(R.domain, x, R.contains(x)) + within(R, y, R.domain.contains(y))
    zero = 0 * largest_entry(x)
    return found or (Relation(zero, "<=", zero),)  # both are the whole space


# ---- sums over entries -------------------------------------------------------------------------------------------


def _separable_argmin(R: Regularizer, g: Tree, c: Tree, r: Array, y: Tree) -> tuple[Relation, ...]:
    x, s = R.box_argmin(g, tree_map(lambda leaf: leaf - r, c), tree_map(lambda leaf: leaf + r, c))
    u = tree_map(lambda a, b: a + b, g, s)
    move = _minus(x, c)
    xp = _space(g)
    total = sum(xp.sum(xp.abs(leaf)) for leaf in leaves(u))
    reach = largest_entry(c) + r
    sizes = sum(xp.sum(xp.abs(leaf)) for leaf in [*leaves(g), *leaves(s)])
    at_x, at_y = _at(R, x), R(y)
    scale = euclidean(s) * (euclidean(x) + euclidean(y)) + abs(at_x) + abs(at_y)
    given = _has(R, c)
    return (
        Relation(largest_entry(move), "<=", r, given, reach),
        Relation(dot(u, move), "==", -r * total, given, reach * sizes),
        Relation(at_x + dot(s, _minus(y, x)), "<=", at_y, given & _has(R, y), scale),
    )


# ---- drawn points moved to where a law says something --------------------------------------------------------------


def _within(*names: str) -> Callable[[Regularizer, dict[str, Any]], dict[str, Any]]:
    def admit(R: Regularizer, values: dict[str, Any]) -> dict[str, Any]:
        return {name: inside(R, value) if name in names else value for name, value in values.items()}

    return admit


def _near(
    centre: Callable[[Regularizer, dict[str, Any]], Tree], *names: str
) -> Callable[[Regularizer, dict[str, Any]], dict[str, Any]]:
    """Points in dom R, y near the point at which R is said to have a slope, if that is one of them."""
    move = _within("y", *names)

    def admit(R: Regularizer, values: dict[str, Any]) -> dict[str, Any]:
        found = move(R, values)
        near = towards(centre(R, found), found["y"])
        return {**found, "y": near} if bool(R.contains(near)) else found

    return admit


def _admit_dual(R: Regularizer, values: dict[str, Any]) -> dict[str, Any]:
    return {"x": inside(R, values["x"]), "s": inside(R.conjugate, values["s"])}


def _admit_domain(R: Regularizer, values: dict[str, Any]) -> dict[str, Any]:
    return {"x": inside(R, values["x"]), "y": inside(R.domain, values["y"])}


def _minimizer(R: Regularizer, values: dict[str, Any]) -> Tree:
    c, r = values["c"], values["r"]
    lower, upper = (tree_map(lambda leaf, d=d: leaf + d, c) for d in (-r, r))
    return R.box_argmin(values["g"], lower, upper)[0]


# ---- where a law does not apply ----------------------------------------------------------------------------------


def _no_prox_or_domain(R: Regularizer) -> str | None:
    return "R is finite everywhere" if isinstance(R.domain, Zero) else _no_prox(R)


def _no_other_domain(R: Regularizer) -> str | None:
    if isinstance(R.domain, Domain) or R.domain is R:
        return "the domain is what `_domain` says, and no other"
    if isinstance(R.domain, Zero) and type(R)._domain is Regularizer._domain:
        return "R is finite everywhere"
    return None


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
    Law(
        "convex",
        "R((x + y)/2) ≤ (R(x) + R(y))/2 on dom R, which is convex",
        (_X, _Y),
        _convex,
        admit=_within("x", "y"),
        source=_BOOK,
    ),
    Law(
        "domain_agrees",
        "x ∈ dom R ⟹ x ∈ `domain`, and y ∈ `domain` ⟹ y ∈ dom R",
        (_X, _Y),
        _domain_agrees,
        _no_other_domain,
        admit=_admit_domain,
        source=f"{_BOOK}, definition 1.4",
    ),
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
        admit=_near(lambda R, v: R.prox(v["x"], v["t"])),
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
        admit=_admit_dual,
        source=f"{_BOOK}, proposition 13.15",
    ),
    Law(
        "biconjugate",
        "R** = R on dom R",
        (_X,),
        _biconjugate,
        _no_biconjugate,
        admit=_within("x"),
        source=f"{_BOOK}, theorem 13.37",
    ),
    Law(
        "subgradient",
        "R(y) ≥ R(x) + ⟨s, y − x⟩ for s = subgradient(x), x and y ∈ dom R",
        (_X, _Y),
        _subgradient,
        _no_subgradient,
        admit=_near(lambda R, v: v["x"], "x"),
        source=f"{_BOOK}, definition 16.1",
    ),
    Law(
        "separable_argmin",
        "box_argmin solves min{⟨g, x⟩ + R(x) : ‖x − c‖_∞ ≤ r} for c ∈ dom R, with a subgradient that proves it",
        (("g", Kind.POINT), ("c", Kind.POINT), ("r", Kind.POSITIVE), _Y),
        _separable_argmin,
        _not_separable,
        admit=_near(_minimizer, "c"),
        source="[Kovalev25], Lemma 1",
    ),
)

_MANNERS = ("nan_propagates", "input_unchanged", "deterministic", "dtype_and_device_kept", "no_host_sync", "silent")


def _nan_propagates(R: Regularizer, bench: Bench, x: Tree) -> Defect | None:
    defect = _BY_NAME["nan_propagates"].check(R, bench, x)
    if defect is None or not defect.relation.startswith("subgradient"):
        return defect
    note = "NaN is lost, as it is where a slope is constant in pieces; add `+ 0 * x` to the subgradient"
    return dataclasses.replace(defect, note=note)


_BY_NAME = {law.name: law for law in FLOAT_LAWS}
REGULARIZER_FLOAT_LAWS: tuple[FloatLaw, ...] = tuple(
    dataclasses.replace(law, statement="NaN in, NaN out", check=_nan_propagates)
    if law.name == "nan_propagates"
    else law
    for law in FLOAT_LAWS
    if law.name in _MANNERS
)
"""What is asked of a norm's verbs as programs is asked of a regularizer's: value, prox, subgradient, conjugate."""
