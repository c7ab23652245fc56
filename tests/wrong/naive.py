"""Wrong declarations once more, in plain Python on lists of fractions: no array, no library, none of the package.

They share nothing with the verifier but the definitions, so a witness that fails here fails. Roots make floats; the
rest stays exact. A matrix is the list of its rows. ``violation`` says by how much a law fails; a positive
number refutes it.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

Number = Any
Point = Any


def flat(x: Point) -> list[Number]:
    return [a for row in x for a in flat(row)] if isinstance(x, list | tuple) else [x]


def like(x: Point, entries: Sequence[Number]) -> Point:
    """The entries arranged as x is."""
    pool = iter(entries)

    def fill(node: Point) -> Point:
        return [fill(part) for part in node] if isinstance(node, list | tuple) else next(pool)

    return fill(x)


def each(function: Callable[..., Number], x: Point, *rest: Point) -> Point:
    return like(x, [function(*column) for column in zip(flat(x), *map(flat, rest), strict=True)])


def dot(x: Point, y: Point) -> Number:
    return sum(a * b for a, b in zip(flat(x), flat(y), strict=True))


def sign(a: Number) -> int:
    return (a > 0) - (a < 0)


def root(a: Number) -> Number:
    """√a, exact where a is the square of a fraction."""
    if isinstance(a, Fraction):
        top, bottom = math.isqrt(a.numerator), math.isqrt(a.denominator)
        if top * top == a.numerator and bottom * bottom == a.denominator:
            return Fraction(top, bottom)
    return math.sqrt(a)


def largest(x: Point) -> Number:
    return max(abs(a) for a in flat(x))


def total(x: Point) -> Number:
    return sum(abs(a) for a in flat(x))


def length(x: Point) -> Number:
    return root(dot(x, x))


def signs(g: Point) -> Point:
    return each(lambda a: Fraction(-sign(a)), g)


def vertex(g: Point, key: Callable[[int, Number], Number] = lambda i, a: abs(a)) -> Point:
    """−sign(gⱼ)eⱼ at the first j with the largest key."""
    entries = flat(g)
    best = max(range(len(entries)), key=lambda i: (key(i, entries[i]), -i))
    return like(g, [Fraction(-sign(a)) if i == best else Fraction(0) for i, a in enumerate(entries)])


def unit(g: Point) -> Point:
    size = length(g)
    return each(lambda a: -a / size if size else Fraction(0), g)


@dataclasses.dataclass(frozen=True)
class Twin:
    """A declaration in plain Python. Where no dual is given it is the support function −⟨g, lmo(g)⟩."""

    value: Callable[[Point], Number]
    lmo: Callable[[Point], Point]
    given_dual: Callable[[Point], Number] | None = None
    dual_lmo: Callable[[Point], Point] | None = None
    project: Callable[[Point, Number], Point] | None = None
    rho: Callable[[int], Number] | None = None

    def dual(self, g: Point) -> Number:
        return -dot(g, self.lmo(g)) if self.given_dual is None else self.given_dual(g)


LARGEST = Twin(largest, signs, total, vertex)
TOTAL = Twin(total, vertex, largest, signs)
LENGTH = Twin(length, unit, length, unit)
change = dataclasses.replace


def weighted(power: int) -> Callable[[Point], list[Fraction]]:
    return lambda x: [Fraction(i + 1) ** power for i in range(len(x))]


def weighted_largest(power: int) -> Callable[[Point], Number]:
    return lambda x: max(w * abs(a) for w, a in zip(weighted(power)(x), x, strict=True))


def weighted_signs(power: int) -> Callable[[Point], Point]:
    return lambda g: [Fraction(-sign(a)) / w for w, a in zip(weighted(power)(g), g, strict=True)]


def _ramp_lmo(g: Point) -> Point:
    corner = vertex(g, lambda i, a: abs(a) / (i + 1))
    return [a / (i + 1) for i, a in enumerate(corner)]


RAMP = Twin(
    lambda x: sum((i + 1) * abs(a) for i, a in enumerate(x)), _ramp_lmo, weighted_largest(-1), weighted_signs(-1)
)


def _running_sums(x: Point) -> Number:
    return sum(abs(sum(x[: k + 1])) for k in range(len(x)))


def _running_lmo(g: Point) -> Point:
    corner = vertex([a - b for a, b in zip(g, [*g[1:], 0], strict=True)])
    return [a - b for a, b in zip(corner, [0, *corner[:-1]], strict=True)]


RUNNING_SUMS = Twin(_running_sums, _running_lmo)


def _ties(g: Point) -> Point:
    return each(lambda a: Fraction(-sign(a)) if abs(a) == largest(g) else Fraction(0), g)


def _no_ties(g: Point) -> Point:
    many = sum(abs(a) == largest(g) for a in g) > 1
    return each(lambda a: Fraction(0), g) if many else _ties(g)


def _row_sums(x: Point) -> Number:
    return max(sum(abs(a) for a in row) for row in x)


def _column_corners(g: Point) -> Point:
    columns = [vertex(list(column)) for column in zip(*g, strict=True)]
    return [list(row) for row in zip(*columns, strict=True)]


def _square(x: Point) -> Number:
    side = min(len(x), len(x[0]))
    return sum(abs(a) for row in x[:side] for a in row[:side])


def _clip(x: Point, r: Number) -> Point:
    return each(lambda a: min(max(a, -r), r), x)


def _radial(size: Callable[[Point], Number]) -> Callable[[Point, Number], Point]:
    return lambda x, r: x if size(x) <= r else each(lambda a: a * (r / size(x)), x)


def _first_threshold(x: Point, r: Number) -> Point:
    theta = max(largest(x) - r, Fraction(0))
    return each(lambda a: sign(a) * max(abs(a) - theta, Fraction(0)), x)


def _sphere(x: Point, r: Number) -> Point:
    return each(lambda a: a * (r / (length(x) or 1)), x)


def _power(p: float) -> Callable[[Point], Number]:
    return lambda x: float(sum(abs(float(a)) ** p for a in x)) ** (1 / p)


def _power_lmo(g: Point) -> Point:
    size = _power(1.5)(g) or 1.0
    return [-sign(a) * (abs(float(a)) / size) ** 0.5 for a in g]


TWINS: dict[str, Twin] = {
    "DualWeightsInverted": change(RAMP, given_dual=weighted_largest(1), dual_lmo=weighted_signs(1)),
    "DualWeightsForgotten": change(RAMP, given_dual=largest, dual_lmo=signs),
    "DualWeightsSquared": change(RAMP, given_dual=weighted_largest(-2), dual_lmo=weighted_signs(-2)),
    "DualOfAnotherNorm": change(LARGEST, given_dual=length, dual_lmo=unit),
    "DualIsItself": change(LARGEST, given_dual=largest, dual_lmo=signs),
    "DualExponentNotConjugate": Twin(_power(3), _power_lmo, _power(3), _power_lmo),
    "DualLMOUphill": change(TOTAL, dual_lmo=lambda g: each(lambda a: -a, signs(g))),
    "DualLMOInfeasible": change(LARGEST, dual_lmo=signs),
    "L2": Twin(length, signs, total, vertex),
    "Lp(p=3.0)": Twin(_power(3), signs, _power(1.5)),
    "DerivedFromL1": change(TOTAL, lmo=signs),
    "SignFlipped": change(LARGEST, lmo=lambda g: each(lambda a: -a, signs(g))),
    "SignFlippedOnLast": change(LARGEST, lmo=lambda g: [*signs(g)[:-1], -signs(g)[-1]]),
    "SignForgotten": change(TOTAL, lmo=lambda g: each(lambda a: -abs(a), vertex(g))),
    "UphillLength": change(LENGTH, lmo=lambda g: each(lambda a: -a, unit(g))),
    "AllSigns": Twin(total, signs),
    "NotNormalised": change(LENGTH, lmo=lambda g: each(lambda a: -a, g)),
    "HalfWay": change(LARGEST, lmo=lambda g: each(lambda a: a / 2, signs(g))),
    "HalfWayUnnoticed": Twin(largest, lambda g: each(lambda a: a / 2, signs(g))),
    "NormalisedGradient": change(LARGEST, lmo=lambda g: each(lambda a: -a / (largest(g) or 1), g)),
    "SmallestCoordinate": change(TOTAL, lmo=lambda g: vertex(g, lambda i, a: -abs(a))),
    "StaysAtZero": change(TOTAL, lmo=lambda g: each(lambda a: Fraction(0), g)),
    "HalfPower": Twin(lambda x: sum(root(abs(a)) for a in x) ** 2, vertex),
    "HeavierWhenSmaller": Twin(
        lambda x: sum((i + 1) * a for i, a in enumerate(sorted(map(abs, x), reverse=True))), vertex
    ),
    "LargestPlusSmallest": Twin(lambda x: largest(x) + (min(map(abs, x)) if len(x) > 1 else 0), vertex),
    "Squared": Twin(lambda x: dot(x, x), unit),
    "Offset": change(LARGEST, value=lambda x: largest(x) + 1),
    "Saturating": Twin(lambda x: largest(x) / (1 + largest(x)), signs),
    "Range": Twin(lambda x: max(x) - min(x), lambda g: each(lambda a: a / 2, signs(g))),
    "LastForgotten": Twin(lambda x: largest(x[:-1] or x), signs),
    "CheaperDownwards": Twin(
        lambda x: max(max(a, -2 * a) for a in x), lambda g: each(lambda a: a / 2 if a < 0 else a, signs(g))
    ),
    "Signed": Twin(lambda x: sum(x), vertex),
    "EveryTiedCoordinate": change(TOTAL, lmo=_ties),
    "GivesUpOnTies": change(TOTAL, lmo=_no_ties),
    "CountsTies": change(LARGEST, value=lambda x: sum(abs(a) for a in x if abs(a) == largest(x))),
    "OneAtZero": change(LARGEST, value=lambda x: largest(x) or Fraction(1)),
    "OnlyTwoCoordinates": change(LARGEST, lmo=lambda g: [*signs(g)[:2], *[Fraction(0)] * len(g[2:])]),
    "OnlyFourCoordinates": change(LARGEST, lmo=lambda g: [*signs(g)[:4], *[Fraction(0)] * len(g[4:])]),
    "SmallDimensionsOnly": Twin(lambda x: largest(x) if len(x) < 5 else largest(x) ** 2, signs),
    "LeadingSquare": Twin(_square, vertex),
    "AxesSwapped": Twin(_row_sums, _column_corners),
    "RhoTooSmall": change(LARGEST, rho=lambda n: 1),
    "RhoForTwo": change(LARGEST, rho=lambda n: math.sqrt(2)),
    "ClaimsAbsolute": RUNNING_SUMS,
    "ClaimsMonotone": RUNNING_SUMS,
    "ClaimsSymmetric": RAMP,
    "ClaimsUnitarilyInvariant": Twin(total, vertex),
    "ClaimsStrictlyConvex": TOTAL,
    "ClaimsEuclidean": LARGEST,
    "ProjectsNowhere": change(LARGEST, project=lambda x, r: x),
    "ProjectsOnTheUnitBall": change(LARGEST, project=lambda x, r: _clip(x, Fraction(1))),
    "ProjectsTooFar": change(LARGEST, project=lambda x, r: _clip(x, r / 2)),
    "ProjectsRadially": change(TOTAL, project=_radial(total)),
    "ProjectsWithFirstThreshold": change(TOTAL, project=_first_threshold),
    "ProjectsOnTheSphere": change(LENGTH, project=_sphere),
}


def _moved(x: Point, t: Number) -> list[Point]:
    """x with its first two rows turned by the angle of t, and its columns alike; with signs and orders changed."""
    cosine, sine = (1 - t * t) / (1 + t * t), 2 * t / (1 + t * t)

    def turns(a: Point) -> list[Point]:
        images = [[[-b for b in a[0]], *a[1:]], [*a[1:], a[0]]]
        if len(a) > 1:
            pairs = list(zip(a[0], a[1], strict=True))
            images.append(
                [[cosine * p - sine * q for p, q in pairs], [sine * p + cosine * q for p, q in pairs], *a[2:]]
            )
        return images

    transposed = [list(column) for column in zip(*x, strict=True)]
    return turns(x) + [[list(c) for c in zip(*a, strict=True)] for a in turns(transposed)]


def violation(twin: Twin, law: str, at: dict[str, Any]) -> Number:
    """By how much the law fails for the twin at a witness; nothing or less means that it holds there."""
    x, y, g, t, r = (at.get(name) for name in ("x", "y", "g", "t", "r"))
    if law == "definite":
        return Fraction(1) if largest(x) > 0 and twin.value(x) <= 0 else Fraction(0)
    if law == "homogeneous":
        return abs(twin.value(each(lambda a: t * a, x)) - abs(t) * twin.value(x))
    if law == "subadditive":
        return twin.value(each(lambda a, b: a + b, x, y)) - twin.value(x) - twin.value(y)
    if law == "lmo_feasible":
        return twin.value(twin.lmo(g)) - 1
    if law == "lmo_attains":
        return abs(dot(g, twin.lmo(g)) + twin.dual(g))
    if law == "holder":
        return dot(g, x) - twin.value(x) * twin.dual(g)
    if law == "bidual":
        assert twin.dual_lmo is not None
        step = twin.dual_lmo(x)
        return max(twin.dual(step) - 1, abs(dot(x, step) + twin.value(x)))
    if law == "rho_holds":
        assert twin.rho is not None
        return twin.dual(x) - twin.rho(len(flat(x))) * length(x)
    if law in ("projection_feasible", "projection_optimal"):
        assert twin.project is not None
        p = twin.project(x, r)
        if law == "projection_feasible":
            return twin.value(p) - r
        away = each(lambda a, b: a - b, x, p)
        return r * twin.dual(away) - dot(away, p)
    if law == "absolute":
        return abs(twin.value(each(abs, x)) - twin.value(x))
    if law == "symmetric":
        swapped, cycled = [*x[:2][::-1], *x[2:]], [*x[1:], *x[:1]]
        return max(abs(twin.value(moved) - twin.value(x)) for moved in (swapped, cycled))
    if law == "unitarily_invariant":
        return max(abs(twin.value(moved) - twin.value(x)) for moved in _moved(x, t))
    if law == "strictly_convex":
        apart = dot(x, x) * dot(y, y) - dot(x, y) ** 2
        tight = twin.value(each(lambda a, b: a + b, x, y)) >= twin.value(x) + twin.value(y)
        return Fraction(1) if apart > 0 and tight else Fraction(0)
    assert law == "euclidean", law
    plus, minus = (twin.value(each(lambda a, b, s=s: a + s * b, x, y)) for s in (1, -1))
    return abs(plus**2 + minus**2 - 2 * twin.value(x) ** 2 - 2 * twin.value(y) ** 2)
