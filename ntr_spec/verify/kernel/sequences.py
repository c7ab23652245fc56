"""Induction, over the states that an update reaches or over the index of sequences; and what holds at every index."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import sympy as sp

from ntr_spec.verify.algebra import CertificateError, is_zero
from ntr_spec.verify.formal.structures import Kind
from ntr_spec.verify.formal.vectors import Point, Vector
from ntr_spec.verify.formal.vocabulary import INDEX, Vocabulary
from ntr_spec.verify.kernel.fact import LOCAL, MAKER, REACHABLE, Expr, Fact, Hypothesis, Sign, one, under
from ntr_spec.verify.kernel.rules import declared


def induction(gap: Expr, start: Mapping[Any, Expr], update: Mapping[Any, Expr], step: Callable[[Fact], Fact]) -> Fact:
    """``gap`` ≥ 0 for every state that ``update`` reaches from ``start``, whatever values its other symbols take.

    The state symbols are the keys of ``start``; they may declare no more than ``real``, for a domain would be a second
    invariant that nobody checks. ``step`` receives gap ≥ 0 as a hypothesis and returns the same for the
    updated state; it may use other facts about reachable states. The result is one: its hypothesis says
    that the state is reachable.
    """
    gap = sp.sympify(gap)
    state = set(start)
    if state != set(update) or any(type(s) is not sp.Symbol or declared(s) != {"real": True} for s in state):
        raise CertificateError(
            "induction: start and update must give the same state symbols, declared real and no more"
        )
    steps = [sp.sympify(e) for e in update.values()]
    fresh = set().union(*(e.free_symbols for e in steps)) - state
    if fresh & gap.free_symbols:
        raise CertificateError(f"induction: {sorted(map(str, fresh & gap.free_symbols))} are not fresh at every step")
    if any(not s.is_real for s in fresh):
        raise CertificateError("induction: every symbol of an update must be declared real")
    base = gap.subs(dict(start), simultaneous=True)
    if not (base.is_nonnegative or is_zero(base)):
        raise CertificateError(f"induction: the base case {base} is not evidently nonnegative")
    moves = [f"{s} from {start[s]} by {update[s]}" for s in sorted(state, key=str)]
    given = set().union(*(sp.sympify(e).free_symbols for e in start.values()))
    domains = [f"{s} {_domain(s)}" for s in sorted(fresh | given, key=str)]
    run = frozenset((s, sp.sympify(start[s]), sp.sympify(update[s])) for s in state)
    reachable = Hypothesis(f"{REACHABLE}{', '.join((*moves, *domains))}", run)
    hypothesis = _hypothesis(gap, Sign.NONNEGATIVE)
    proved = step(under(gap, Sign.NONNEGATIVE, hypothesis, gap.free_symbols, "assume"))
    if not proved.hypotheses <= {hypothesis, reachable}:
        raise CertificateError(f"induction: the step rests on {sorted(proved.hypotheses)}")
    if proved.sign is Sign.ZERO or not is_zero(proved.gap - gap.subs(dict(update), simultaneous=True)):
        raise CertificateError("induction: the step does not prove the gap of the updated state")
    detail = {"start": dict(start), "update": dict(update)}
    return under(gap, Sign.NONNEGATIVE, reachable, state | given, "induction", ((sp.S.One, proved),), detail)


def every_index(
    vocabulary: Vocabulary, gap: Expr, start: Fact, step: Callable[[Fact], Fact], sign: Sign = Sign.NONNEGATIVE
) -> Fact:
    """``gap`` ≥ 0 (or = 0) for every k, by induction on the index k of the vocabulary's sequences.

    ``start`` is the gap at k = 0; ``step`` receives it at k as a hypothesis and returns it at k + 1. Facts in which k
    occurs hold for every k, as do the hypotheses that they rest on; those may be used at any k. The hypothesis of
    the induction is of one k, and no more is assumed of it: other indices cannot be taken in it (:func:`instance`).
    """
    gap = sp.sympify(gap)
    _check(vocabulary)
    if sign is Sign.POSITIVE:
        raise CertificateError("every_index: expected a gap that is >= 0 or = 0")
    if any(_local(hypothesis) for hypothesis in start.hypotheses):
        raise CertificateError("every_index: the start rests on the hypothesis of another induction")
    if not _says(start, sign) or not is_zero(start.gap - vocabulary.at(gap, sp.S.Zero)):
        raise CertificateError(f"every_index: {start!r} is not the gap at k = 0, {vocabulary.at(gap, sp.S.Zero)}")
    name = _hypothesis(gap, sign)
    proved = step(under(gap, sign, name, gap.free_symbols, "assume", vocabulary=vocabulary))
    rest = proved.hypotheses - {name}
    if any(_local(hypothesis) for hypothesis in rest):
        raise CertificateError(f"every_index: the step rests on the hypothesis of another induction, {sorted(rest)}")
    after = vocabulary.at(gap, INDEX + 1)
    if not _says(proved, sign) or not is_zero(proved.gap - after):
        raise CertificateError(f"every_index: the step proves {proved.gap}, not the gap at k + 1, {after}")
    # What the gap speaks of is tied to the sequences, constants in their definitions included.
    fixed = start.fixed | proved.fixed | gap.free_symbols
    parts = ((sp.S.One, start), (sp.S.One, proved))
    return Fact(gap, sign, parts, MAKER, "every_index", start.hypotheses | rest, fixed, vocabulary=vocabulary)


def instance(vocabulary: Vocabulary, fact: Fact, index: Expr) -> Fact:
    """A fact that holds for every k, at one index, an integer ≥ 0; what it rests on is still assumed for every k."""
    index = sp.sympify(index)
    _check(vocabulary)
    if not index.free_symbols <= vocabulary.constants | {INDEX}:
        raise CertificateError(f"instance: {index} is not the same for every run")
    if not index.is_integer or not index.is_nonnegative:
        raise CertificateError(f"instance: {index} is not evidently an integer >= 0")
    if any(_local(hypothesis) for hypothesis in fact.hypotheses):
        raise CertificateError("instance: the hypothesis of an induction is about one index only")
    gap = vocabulary.at(fact.gap, index)
    fixed, detail = fact.fixed | gap.free_symbols, {"index": index}
    return Fact(gap, fact.sign, one(fact), MAKER, "instance", fixed=fixed, detail=detail, vocabulary=vocabulary)


def equal_norms(vocabulary: Vocabulary, fact: Fact, any_vector: str, u: Vector, v: Vector, kind: Kind) -> Fact:
    """‖u‖ − ‖v‖ = 0 from ⟨w, u − v⟩ = 0 for every w: proved of a w of which nothing is assumed."""
    _check(vocabulary)
    w = vocabulary.point(any_vector)
    if fact.hypotheses or fact.sign is not Sign.ZERO or w.terms[0][1] != Point(any_vector):
        raise CertificateError("equal_norms: expected an equation without hypotheses about an arbitrary vector")
    if vocabulary.mentions(any_vector) or any_vector in f"{u} {v}":
        raise CertificateError(f"equal_norms: {any_vector} is not arbitrary, for the vectors depend on it")
    if not is_zero(fact.gap - vocabulary.inner(w, u - v)):
        raise CertificateError(f"equal_norms: {fact!r} is not about {u - v}")
    gap = vocabulary.norm(u, kind) - vocabulary.norm(v, kind)
    fixed = fact.fixed | gap.free_symbols
    return Fact(gap, Sign.ZERO, one(fact), MAKER, "equal_norms", fixed=fixed, vocabulary=vocabulary)


def _domain(symbol: Any) -> str:
    if isinstance(symbol, sp.Dummy):
        raise CertificateError(f"induction: {symbol} is a dummy, which its name does not identify")
    return " ".join(name if truth else f"not {name}" for name, truth in sorted(declared(symbol).items()))


def _says(fact: Fact, sign: Sign) -> bool:
    """Whether the fact says that its gap is ≥ 0, or = 0, as asked."""
    return fact.sign is Sign.ZERO or sign is not Sign.ZERO


def _hypothesis(gap: Expr, sign: Sign) -> Hypothesis:
    """The name of the hypothesis of one induction: no text equals it, nor does that of another induction."""
    return Hypothesis(f"{LOCAL}{gap} {sign.value} 0", object())


def _local(hypothesis: str) -> bool:
    return isinstance(hypothesis, Hypothesis) and hypothesis.startswith(LOCAL)


def _check(vocabulary: object) -> None:
    if not isinstance(vocabulary, Vocabulary):
        raise CertificateError(f"kernel: expected a Vocabulary, got {type(vocabulary).__name__}")
