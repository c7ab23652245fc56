"""Facts about formal sums: sums of facts, one term of a sum, sums that vanish."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

from ntr_spec.verify.algebra import CertificateError, finite, is_zero, normal
from ntr_spec.verify.formal.vocabulary import Vocabulary
from ntr_spec.verify.kernel.fact import MAKER, Expr, Fact, Sign, one
from ntr_spec.verify.kernel.rules import a_term, declared
from ntr_spec.verify.sums import Sums


def total(fact: Fact, sums: Sums) -> Fact:
    """Σᵢ gapᵢ ≥ 0 (or = 0) from gapᵢ ≥ 0 (or = 0) for every i; hypotheses are read as holding for every i.

    The sums that it speaks of keep their place, as does the size of the index set: other numbers need not be sums of
    anything. Where the fact has a vocabulary, that one's expectation or integral is the only sum that it has.
    """
    vocabulary = _owner(sums)
    if fact.vocabulary is not None and fact.vocabulary is not vocabulary:
        raise CertificateError("total: these sums are not of the vocabulary that the fact is about")
    sign = Sign.ZERO if fact.sign is Sign.ZERO else Sign.NONNEGATIVE
    gap = sums.of(fact.gap)
    fixed = fact.fixed | _own(gap, sums)
    # That a termwise fact holds for the terms of these sums is no restriction any more: it was summed over them.
    hypotheses = fact.hypotheses - {a_term(sums.key)}
    return Fact(gap, sign, one(fact), MAKER, "total", hypotheses, fixed, "", {"label": sums.label}, vocabulary)


def one_of(monomial: Expr, at: Mapping[Any, Expr], sums: Sums) -> Fact:
    """Σᵢ μᵢ − μⱼ ≥ 0 for terms μ ≥ 0 and one index j of the set, where the term symbols have the values ``at``.

    The values are symbols of their own: a number or another expression need not be the value at any index. An
    expectation need not be at least what it is of anywhere.
    """
    monomial = sp.sympify(monomial)
    if _owner(sums) is not None:
        raise CertificateError("one_of: expected sums; an expectation or integral may be less than one of its values")
    if not monomial.is_nonnegative or set(at) != set(sums.terms):
        raise CertificateError(f"one_of: {monomial} is not an evidently nonnegative term of these sums")
    whole = sums.of(monomial)
    met = {*sums.terms, *sums.monomials().values()} | sums.count.free_symbols | whole.free_symbols
    if met & set(at.values()) or len(set(at.values())) < len(at) or not all(_alike(s, v) for s, v in at.items()):
        raise CertificateError("one_of: the values given are not fresh symbols in the domains of the terms")
    gap, fixed = whole - monomial.xreplace(dict(at)), _own(whole, sums) | set(at.values())
    detail = {"monomial": monomial, "at": dict(at), "over": sums.key}
    return Fact(gap, Sign.NONNEGATIVE, (), MAKER, "one_of", fixed=fixed, detail=detail)


def vanish(zero: Fact, power: Expr, other: Expr, sums: Sums) -> Fact:
    """Σ μ·aʳ = 0 from Σ aˢ = 0, a ≥ 0, r, s > 0: a sum of nonnegative terms is zero only if each of them is."""
    vocabulary = _owner(sums)
    base, exponent = sp.sympify(power).as_base_exp()
    other = normal(other)
    factor = [f for f in sp.Mul.make_args(other) if f.as_base_exp()[0] == base]
    if not finite(other) or (zero.vocabulary is not None and zero.vocabulary is not vocabulary):
        raise CertificateError(f"vanish: {other} is not evidently finite, or these sums are of another vocabulary")
    good = base in sums.terms and base.is_nonnegative and exponent.is_positive
    if not good or not factor or not factor[0].as_base_exp()[1].is_positive:
        raise CertificateError(f"vanish: {other} does not vanish with {power}")
    if zero.sign is not Sign.ZERO or not is_zero(zero.gap - sums.of(power)):
        raise CertificateError(f"vanish: the fact given is not Σ {power} = 0")
    gap = sums.of(other)
    fixed = zero.fixed | _own(gap - zero.gap, sums)
    return Fact(gap, Sign.ZERO, one(zero), MAKER, "vanish", fixed=fixed, vocabulary=vocabulary)


def _owner(sums: Sums) -> Vocabulary | None:
    """The vocabulary whose expectation or integral this is; none, if these are sums over an index set."""
    if type(sums) is not Sums:
        raise CertificateError(f"kernel: expected Sums, got {type(sums).__name__}")
    if sums.plain:
        return None
    if not isinstance(sums.owner, Vocabulary) or all(
        s is not sums for s in (sums.owner.expectation, sums.owner.integral)
    ):
        raise CertificateError(f"kernel: nothing says that {sums.label} is linear and monotone")
    return sums.owner


def _own(gap: Expr, sums: Sums) -> set[Any]:
    """The symbols within an expression that are tied to the sums: those of sums, and of the size of the index set."""
    own: set[Any] = set(sums.monomials().values()) & gap.free_symbols
    own |= sums.count.free_symbols
    return own


def _alike(symbol: Any, value: Any) -> bool:
    """Whether a value is a symbol of the same domain."""
    return type(value) is type(symbol) and isinstance(value, sp.Symbol) and declared(value) == declared(symbol)
