"""Facts about formal sums: sums of facts, one term of a sum, sums that vanish."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

from ntr_spec.verify.algebra import CertificateError, is_zero
from ntr_spec.verify.kernel.fact import MAKER, Expr, Fact, Sign, one
from ntr_spec.verify.sums import Sums


def total(fact: Fact, sums: Sums) -> Fact:
    """Σᵢ gapᵢ ≥ 0 (or = 0) from gapᵢ ≥ 0 (or = 0) for every i; hypotheses are read as holding for every i.

    The sums that it speaks of keep their place: other numbers need not be sums of anything.
    """
    sign = Sign.ZERO if fact.sign is Sign.ZERO else Sign.NONNEGATIVE
    gap = sums.of(fact.gap)
    fixed = fact.fixed | (gap.free_symbols & set(sums.monomials().values()))
    return Fact(gap, sign, one(fact), MAKER, "total", fixed=fixed, detail={"label": sums.label})


def one_of(monomial: Expr, at: Mapping[Any, Expr], sums: Sums) -> Fact:
    """Σᵢ μᵢ − μⱼ ≥ 0 for terms μ ≥ 0 and one index j of the set, where the term symbols have the values ``at``."""
    monomial = sp.sympify(monomial)
    if not monomial.is_nonnegative or set(at) != set(sums.terms):
        raise CertificateError(f"one_of: {monomial} is not an evidently nonnegative term of these sums")
    if any(s.is_positive and not sp.sympify(v).is_positive for s, v in at.items()):
        raise CertificateError("one_of: the values given are not in the domains of the terms")
    gap = sums.of(monomial) - monomial.xreplace(dict(at))
    return Fact(gap, Sign.NONNEGATIVE, (), MAKER, "one_of", detail={"monomial": monomial, "at": dict(at)})


def vanish(zero: Fact, power: Expr, other: Expr, sums: Sums) -> Fact:
    """Σ μ·aʳ = 0 from Σ aˢ = 0, a ≥ 0, r, s > 0: a sum of nonnegative terms is zero only if each of them is."""
    base, exponent = sp.sympify(power).as_base_exp()
    factor = [f for f in sp.Mul.make_args(sp.sympify(other)) if f.as_base_exp()[0] == base]
    good = base in sums.terms and base.is_nonnegative and exponent.is_positive
    if not good or not factor or not factor[0].as_base_exp()[1].is_positive:
        raise CertificateError(f"vanish: {other} does not vanish with {power}")
    if zero.sign is not Sign.ZERO or not is_zero(zero.gap - sums.of(power)):
        raise CertificateError(f"vanish: the fact given is not Σ {power} = 0")
    return Fact(sums.of(other), Sign.ZERO, one(zero), MAKER, "vanish")
