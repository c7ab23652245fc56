"""Assumptions, evident signs, weighted sums of known gaps, sums of squares, and substitution."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sympy as sp

from ntr_spec.verify.algebra import CertificateError, Unit, finite, is_zero, nonnegative, normal, positive
from ntr_spec.verify.formal.vocabulary import Index, Vocabulary
from ntr_spec.verify.kernel.fact import LOCAL, MAKER, REACHABLE, Expr, Fact, Hypothesis, Sign, one, under


def assume(gap: Expr, name: str, sign: Sign = Sign.NONNEGATIVE, vocabulary: Vocabulary | None = None) -> Fact:
    """Take a fact on trust, under a name that every consequence will carry; not under that of an induction's."""
    gap = sp.sympify(gap)
    if type(name) is not str or name.startswith((LOCAL, REACHABLE)):
        raise CertificateError(f"assume: {name!r} is the name of what an induction makes; take another")
    return under(gap, sign, name, gap.free_symbols, "assume", vocabulary=vocabulary)


def evident(gap: Expr, sign: Sign = Sign.NONNEGATIVE) -> Fact:
    """A gap whose sign follows from the declared domains of its symbols (a product of nonnegative symbols, say)."""
    gap = sp.sympify(gap)
    known = {Sign.NONNEGATIVE: nonnegative, Sign.POSITIVE: positive, Sign.ZERO: is_zero}
    if not known[sign](gap):
        raise CertificateError(f"evident: {gap} {sign.value} 0 does not follow from the domains of its symbols")
    return Fact(gap, sign, (), MAKER, "evident")


def certify(
    target: Expr,
    parts: Sequence[tuple[Expr, Fact]],
    sign: Sign = Sign.NONNEGATIVE,
    multiplier: Expr = 1,
) -> Fact:
    """``multiplier·target = Σ λᵢ·gapᵢ`` with λᵢ ≥ 0 (any λᵢ for a fact ``= 0``) and multiplier > 0.

    Raises:
        CertificateError: a weight is not evidently nonnegative, or the two sides differ.
    """
    target, multiplier = sp.sympify(target), sp.sympify(multiplier)
    if not positive(multiplier) or not finite(multiplier):
        raise CertificateError(f"certify: expected a positive multiplier, got {multiplier}")
    total: Expr = sp.S.Zero
    strict = False
    weighted = tuple((sp.sympify(weight), fact) for weight, fact in parts)
    for weight, fact in weighted:
        if not finite(weight):
            raise CertificateError(f"certify: weight {weight} of {fact!r} is not evidently finite")
        if fact.sign is not Sign.ZERO and (sign is Sign.ZERO or not nonnegative(weight)):
            raise CertificateError(f"certify: weight {weight} of {fact!r} is not evidently nonnegative")
        strict = strict or (fact.sign is Sign.POSITIVE and positive(weight))
        total += weight * fact.gap
    if sign is Sign.POSITIVE and not strict:
        raise CertificateError("certify: a strict target needs a strict fact of positive weight")
    if not is_zero(multiplier * target - total):
        raise CertificateError(f"certify: {multiplier}·({target}) is not the weighted sum of the facts given")
    return Fact(target, sign, weighted, MAKER, "certify", detail={"multiplier": multiplier})


def times(fact: Fact, weight: Expr) -> Fact:
    """weight·gap, expanded: ≥ 0 for an evidently nonnegative weight (= 0 for any, if the fact says = 0)."""
    weight = sp.sympify(weight)
    sign = fact.sign
    if not finite(weight):
        raise CertificateError(f"times: weight {weight} of {fact!r} is not evidently finite")
    if sign is not Sign.ZERO and not nonnegative(weight):
        raise CertificateError(f"times: weight {weight} of {fact!r} is not evidently nonnegative")
    if sign is Sign.POSITIVE and not positive(weight):
        sign = Sign.NONNEGATIVE
    return Fact(normal(weight * fact.gap), sign, ((weight, fact),), MAKER, "times")


def sum_of_squares(target: Expr, squares: Sequence[tuple[Expr, Expr]]) -> Fact:
    """``target = Σ wᵢ·sᵢ²`` with wᵢ ≥ 0 and sᵢ real."""
    for weight, root in squares:
        if not nonnegative(sp.sympify(weight)) or not sp.sympify(root).is_real:
            raise CertificateError(f"sum_of_squares: {weight}·({root})² is not evidently nonnegative")
    if not is_zero(sp.sympify(target) - sum(w * s**2 for w, s in squares)):
        raise CertificateError(f"sum_of_squares: {target} is not the sum of the squares given")
    return Fact(sp.sympify(target), Sign.NONNEGATIVE, (), MAKER, "sum_of_squares", detail={"squares": tuple(squares)})


def substitute(fact: Fact, values: Mapping[Any, Expr]) -> Fact:
    """The fact at other values of its symbols, which must lie in the domains that the symbols declare.

    Symbols that a hypothesis speaks of keep their place: what was assumed of them was assumed of them alone. But what
    holds of one index of a sum, whichever it is, holds termwise: the values at the index may become the terms again.
    """
    if any(isinstance(symbol, (Index, Unit)) for symbol in values):
        raise CertificateError("substitute: another index is taken by instance, and units keep their place")
    termwise = _termwise(fact, values)
    if fact.fixed & set(values) and not termwise:
        raise CertificateError(f"substitute: hypotheses speak of {sorted(map(str, fact.fixed & set(values)))}")
    for symbol, raw in values.items():
        value = sp.sympify(raw)
        if not all(in_domain(value, name, truth) for name, truth in declared(symbol).items()):
            raise CertificateError(f"substitute: {value} is not evidently in the domain of {symbol}")
    gap = fact.gap.subs(dict(values), simultaneous=True)
    hypotheses = fact.hypotheses | termwise
    fixed = fact.fixed | (set(values.values()) if termwise else set())
    return Fact(gap, fact.sign, one(fact), MAKER, "substitute", hypotheses, fixed, "", {"values": dict(values)})


def a_term(key: object) -> Hypothesis:
    """The hypothesis that the symbols of a fact are the terms at one index of these sums and of no others."""
    return Hypothesis("one term of the sums", ("one term", key))


def _termwise(fact: Fact, values: Mapping[Any, Expr]) -> frozenset[Hypothesis]:
    """Of which sums the values are the terms, if nothing but ``one_of`` speaks of the symbols that are given them."""
    found: set[Hypothesis] = set()
    facts = [fact]
    while facts:
        part = facts.pop()
        if not part.fixed & set(values):
            continue
        if part.rule == "one_of" and {v: s for s, v in part.detail["at"].items()} == dict(values):
            found.add(a_term(part.detail["over"]))
        elif part.rule not in ("certify", "times", "powers_compare", "powers_raise"):
            return frozenset()
        facts += [inner for _, inner in part.parts]
    return frozenset(found)


def declared(symbol: Any) -> dict[str, bool]:
    """What a symbol was declared to be; the rest of its assumptions follows."""
    if not isinstance(symbol, sp.Symbol):
        raise CertificateError(f"kernel: expected a symbol, got {symbol}")
    return dict(symbol._assumptions_orig)


def in_domain(value: Expr, assumption: str, truth: bool = True) -> bool:
    """Whether a value evidently lies where a symbol that was declared so does."""
    if getattr(value, f"is_{assumption}") is truth:
        return True
    evidently: dict[str, Callable[[Expr], bool]] = {
        "real": nonnegative,
        "nonnegative": nonnegative,
        "positive": positive,
        "nonpositive": lambda v: nonnegative(-v),
        "negative": lambda v: positive(-v),
        "nonzero": lambda v: positive(v) or positive(-v),
    }
    return truth and assumption in evidently and bool(evidently[assumption](value))
