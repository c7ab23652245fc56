"""A fact as people write it: what is subtracted in its gap on the left of ≤, what is added on the right."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ntr_spec.verify.algebra import nonnegative, normal
from ntr_spec.verify.kernel import Fact, Sign
from ntr_spec.verify.rendering import tree as t
from ntr_spec.verify.rendering.expressions import is_formal, ordered, signed, split_sign

Expr = Any

_SIGNS = {Sign.NONNEGATIVE: "≤", Sign.POSITIVE: "<", Sign.ZERO: "="}


def relation(gap: Expr, sign: Sign) -> t.Node:
    """``left ≤ right`` for gap = right − left, and likewise for < and =.

    >>> from ntr_spec.verify.rendering.text_writer import text
    >>> L, r, dual = sp.Symbol("L"), sp.Symbol("‖x₊−x‖"), sp.Symbol("‖∇f(x₊)−∇f(x)‖_*")
    >>> text(relation(L * r - dual, Sign.NONNEGATIVE))
    '‖∇f(x₊) − ∇f(x)‖_* ≤ L‖x₊ − x‖'
    """
    left, right = sides(gap)
    if sign is Sign.ZERO and not left:
        left, right = right, left
    return t.row([_sum(left), t.Sign(_SIGNS[sign]), _sum(right)])


def relation_of(fact: Fact) -> t.Node:
    """What a fact says."""
    return relation(fact.gap, fact.sign)


def sides(gap: Expr) -> tuple[list[Expr], list[Expr]]:
    """(left, right), lists of terms with gap = Σ right − Σ left and no term evidently negative."""
    sums: tuple[list[Expr], list[Expr]] = ([], [])
    for negative, term in collected(gap):
        sums[0 if negative else 1].append(term)
    return ordered(sums[0]), ordered(sums[1])


def collected(gap: Expr) -> list[tuple[bool, Expr]]:
    """The terms of a gap, one for each norm, inner product or value in it, and whether each is subtracted."""
    found: list[tuple[bool, Expr]] = []
    opened: list[Expr] = []
    for term in sp.Add.make_args(sp.sympify(gap)):
        if any(map(is_formal, term.free_symbols)):
            opened.append(term)
        else:
            found += _with_sign(term)
    coefficients: dict[Expr, Expr] = {}
    for term in sp.Add.make_args(normal(sp.Add(*opened))):
        formal = [s for s in term.free_symbols if is_formal(s)]
        coefficient, monomial = term.as_independent(*formal, as_Add=False) if formal else (term, sp.S.One)
        coefficients[monomial] = coefficients.get(monomial, sp.S.Zero) + coefficient
    for monomial, coefficient in coefficients.items():
        found += [(negative, term * monomial) for negative, term in _with_sign(coefficient)]
    return found


def _with_sign(coefficient: Expr) -> list[tuple[bool, Expr]]:
    """(whether it is ≤ 0, its size) as a product, or its terms one by one if it is a sum of no known sign."""
    if not coefficient.is_Add:
        sums = any(factor.is_Add for factor in sp.Mul.make_args(coefficient))  # as −(s − 1), which is ≥ 0
        return [split_sign(_turned(coefficient) if sums and nonnegative(coefficient) else coefficient)]
    powers = {power: sp.Dummy(positive=True) for power in coefficient.atoms(sp.Pow) if not power.exp.is_Number}
    back = {dummy: power for power, dummy in powers.items()}
    for negative in (False, True):
        size = -coefficient if negative else coefficient
        if nonnegative(size):
            return [(negative, _turned(sp.factor(size.xreplace(powers)).xreplace(back)))]
    return [split_sign(term) for term in coefficient.args]


def _turned(expression: Expr) -> Expr:
    """A product without factors that are ≤ 0, if they come in pairs: (k + 1)(1 − δ), not (−k − 1)(δ − 1)."""
    negative, product = split_sign(expression)
    factors = list(sp.Mul.make_args(product))
    for k, factor in enumerate(factors):
        if factor.is_Add and not nonnegative(factor) and nonnegative(-factor):
            factors[k], negative = -factor, not negative
    turned = sp.Mul(*factors)
    return -turned if negative else turned


def _sum(terms: list[Expr]) -> t.Node:
    return signed([(False, term) for term in terms])
