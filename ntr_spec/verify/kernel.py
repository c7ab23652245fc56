"""The trusted kernel: facts about real numbers that only the rules in this file can make.

A :class:`Fact` says that an expression (its *gap*) is ≥ 0, > 0 or = 0 whenever its symbols lie in the
domains that they declare (SymPy's ``real``, ``nonnegative``, ``positive``) and its hypotheses hold. The
main rule is :func:`certify`: the target's gap is Σ λᵢ·(known gap)ᵢ with λᵢ ≥ 0, checked by exact
expansion. Whoever found the λᵢ need not be trusted; this file and SymPy's ``expand`` and ``diff`` must be.
The form is that of LCF provers (Gordon, Milner and Wadsworth, *Edinburgh LCF*, 1979).
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, final

import sympy as sp

from ntr_spec.verify.algebra import CertificateError, Unit, is_zero, nonnegative, normal, positive
from ntr_spec.verify.formal.vectors import Point, Vector
from ntr_spec.verify.formal.vocabulary import INDEX, Index, Kind, Vocabulary
from ntr_spec.verify.sums import Sums

__all__ = [
    "CertificateError",
    "Fact",
    "Sign",
    "Sums",
    "assume",
    "attained",
    "certify",
    "convex_minimum",
    "equal_norms",
    "every_index",
    "evident",
    "extreme",
    "induction",
    "instance",
    "is_zero",
    "normal",
    "one_of",
    "powers_compare",
    "powers_raise",
    "substitute",
    "sum_of_squares",
    "times",
    "total",
    "vanish",
]

Expr = Any


class Sign(enum.Enum):
    """What a fact says about its gap."""

    NONNEGATIVE = ">="
    POSITIVE = ">"
    ZERO = "=="


_MAKER: Final = object()
_LOCAL: Final = "induction hypothesis: "
Parts = tuple[tuple[Expr, "Fact"], ...]


@final
class Fact:
    """``gap`` has the ``sign`` said, under ``hypotheses``. Made by the rules of this module only; never changed.

    Attributes:
        gap: a SymPy expression.
        sign: what is known of it.
        hypotheses: names of the assumptions that it rests on; empty for a theorem.
        fixed: the symbols that those assumptions speak of; the fact holds for every value of the others.
        rule: the name of the rule that made it.
        parts: the facts that it was made from, each with its weight (1 where the rule has none).
        detail: what else the rule was given, by name: ``multiplier``, ``squares``, ``values``, ``name``, …
        note: a line of words for the reader, or the empty string; it proves nothing.
        vocabulary: what its formal symbols mean, if it has any. Facts of two vocabularies cannot be combined: equal
            names would stand for different things.
    """

    __slots__ = ("detail", "fixed", "gap", "hypotheses", "note", "parts", "rule", "sign", "vocabulary")

    gap: Expr
    sign: Sign
    hypotheses: frozenset[str]
    fixed: frozenset[Any]
    rule: str
    parts: Parts
    detail: Mapping[str, Any]
    note: str
    vocabulary: Vocabulary | None

    def __init__(
        self,
        gap: Expr,
        sign: Sign,
        parts: Parts,
        maker: object,
        rule: str = "",
        hypotheses: Iterable[str] | None = None,
        fixed: Iterable[Any] | None = None,
        note: str = "",
        detail: Mapping[str, Any] | None = None,
        vocabulary: Vocabulary | None = None,
    ) -> None:
        if maker is not _MAKER:
            raise CertificateError(
                "Fact: facts are made by the kernel's rules only; call certify, assume or another rule"
            )
        if hypotheses is None:
            hypotheses = frozenset().union(*(part.hypotheses for _, part in parts))
        if fixed is None:
            fixed = frozenset().union(*(part.fixed for _, part in parts))
        for _, part in parts:
            if part.vocabulary is not None and part.vocabulary is not (vocabulary or part.vocabulary):
                raise CertificateError("Fact: facts about the symbols of two vocabularies cannot be combined")
            vocabulary = vocabulary or part.vocabulary
        named = (frozenset(hypotheses), frozenset(fixed))
        values = (gap, sign, *named, rule, tuple(parts), note, dict(detail or {}), vocabulary)
        for name, value in zip(
            ("gap", "sign", "hypotheses", "fixed", "rule", "parts", "note", "detail", "vocabulary"), values, strict=True
        ):
            object.__setattr__(self, name, value)

    def __setattr__(self, name: str, value: object) -> None:
        raise CertificateError(f"Fact: {name} cannot be changed; make another fact by a rule")

    def __delattr__(self, name: str) -> None:
        raise CertificateError(f"Fact: {name} cannot be removed; make another fact by a rule")

    def with_note(self, note: str) -> Fact:
        """The same fact with a line of words."""
        kept = (self.rule, self.hypotheses, self.fixed, note, self.detail, self.vocabulary)
        return Fact(self.gap, self.sign, self.parts, _MAKER, *kept)

    def __repr__(self) -> str:
        given = f"  given {', '.join(sorted(self.hypotheses))}" if self.hypotheses else ""
        return f"{self.gap} {self.sign.value} 0{given}"


def assume(gap: Expr, name: str, sign: Sign = Sign.NONNEGATIVE, vocabulary: Vocabulary | None = None) -> Fact:
    """Take a fact on trust, under a name that every consequence will carry."""
    gap = sp.sympify(gap)
    return _hypothesis(gap, sign, name, gap.free_symbols, "assume", vocabulary=vocabulary)


def evident(gap: Expr, sign: Sign = Sign.NONNEGATIVE) -> Fact:
    """A gap whose sign follows from the declared domains of its symbols (a product of nonnegative symbols, say)."""
    gap = sp.sympify(gap)
    known = {Sign.NONNEGATIVE: nonnegative, Sign.POSITIVE: positive, Sign.ZERO: is_zero}
    if not known[sign](gap):
        raise CertificateError(f"evident: {gap} {sign.value} 0 does not follow from the domains of its symbols")
    return Fact(gap, sign, (), _MAKER, "evident")


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
    if not positive(multiplier):
        raise CertificateError(f"certify: expected a positive multiplier, got {multiplier}")
    total: Expr = sp.S.Zero
    strict = False
    weighted = tuple((sp.sympify(weight), fact) for weight, fact in parts)
    for weight, fact in weighted:
        if fact.sign is not Sign.ZERO and (sign is Sign.ZERO or not nonnegative(weight)):
            raise CertificateError(f"certify: weight {weight} of {fact!r} is not evidently nonnegative")
        strict = strict or (fact.sign is Sign.POSITIVE and positive(weight))
        total += weight * fact.gap
    if sign is Sign.POSITIVE and not strict:
        raise CertificateError("certify: a strict target needs a strict fact of positive weight")
    if not is_zero(multiplier * target - total):
        raise CertificateError(f"certify: {multiplier}·({target}) is not the weighted sum of the facts given")
    return Fact(target, sign, weighted, _MAKER, "certify", detail={"multiplier": multiplier})


def times(fact: Fact, weight: Expr) -> Fact:
    """weight·gap, expanded: ≥ 0 for an evidently nonnegative weight (= 0 for any, if the fact says = 0)."""
    weight = sp.sympify(weight)
    sign = fact.sign
    if sign is not Sign.ZERO and not nonnegative(weight):
        raise CertificateError(f"times: weight {weight} of {fact!r} is not evidently nonnegative")
    if sign is Sign.POSITIVE and not positive(weight):
        sign = Sign.NONNEGATIVE
    return Fact(normal(weight * fact.gap), sign, ((weight, fact),), _MAKER, "times")


def sum_of_squares(target: Expr, squares: Sequence[tuple[Expr, Expr]]) -> Fact:
    """``target = Σ wᵢ·sᵢ²`` with wᵢ ≥ 0 and sᵢ real."""
    for weight, root in squares:
        if not nonnegative(sp.sympify(weight)) or not sp.sympify(root).is_real:
            raise CertificateError(f"sum_of_squares: {weight}·({root})² is not evidently nonnegative")
    if not is_zero(sp.sympify(target) - sum(w * s**2 for w, s in squares)):
        raise CertificateError(f"sum_of_squares: {target} is not the sum of the squares given")
    return Fact(sp.sympify(target), Sign.NONNEGATIVE, (), _MAKER, "sum_of_squares", detail={"squares": tuple(squares)})


def induction(gap: Expr, start: Mapping[Any, Expr], update: Mapping[Any, Expr], step: Callable[[Fact], Fact]) -> Fact:
    """``gap`` ≥ 0 for every state that ``update`` reaches from ``start``, whatever values its other symbols take.

    The state symbols are the keys of ``start``; they may declare no more than ``real``, for a domain would be a second
    invariant that nobody checks. ``step`` receives gap ≥ 0 as a hypothesis and returns the same for the
    updated state; it may use other facts about reachable states. The result is one: its hypothesis says
    that the state is reachable.
    """
    gap = sp.sympify(gap)
    state = set(start)
    if state != set(update) or any(not s.is_real or s.is_nonnegative is not None for s in state):
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
    reachable = "reachable: " + ", ".join(f"{s} from {start[s]} by {update[s]}" for s in sorted(state, key=str))
    hypothesis = f"{_LOCAL}{gap} >= 0"
    proved = step(assume(gap, hypothesis))
    if not proved.hypotheses <= {hypothesis, reachable}:
        raise CertificateError(f"induction: the step rests on {sorted(proved.hypotheses)}")
    if proved.sign is Sign.ZERO or not is_zero(proved.gap - gap.subs(dict(update), simultaneous=True)):
        raise CertificateError("induction: the step does not prove the gap of the updated state")
    detail = {"start": dict(start), "update": dict(update)}
    fixed = state.union(*(sp.sympify(e).free_symbols for e in start.values()))
    return _hypothesis(gap, Sign.NONNEGATIVE, reachable, fixed, "induction", ((sp.S.One, proved),), detail)


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
    name = f"{_LOCAL}{gap} {sign.value} 0"
    proved = step(assume(gap, name, sign, vocabulary))
    rest = proved.hypotheses - {name}
    if any(_local(hypothesis) for hypothesis in rest):
        raise CertificateError(f"every_index: the step rests on the hypothesis of another induction, {sorted(rest)}")
    after = vocabulary.at(gap, INDEX + 1)
    if not _says(proved, sign) or not is_zero(proved.gap - after):
        raise CertificateError(f"every_index: the step proves {proved.gap}, not the gap at k + 1, {after}")
    # What the gap speaks of is tied to the sequences, constants in their definitions included.
    fixed = start.fixed | proved.fixed | gap.free_symbols
    parts = ((sp.S.One, start), (sp.S.One, proved))
    return Fact(gap, sign, parts, _MAKER, "every_index", start.hypotheses | rest, fixed, vocabulary=vocabulary)


def instance(vocabulary: Vocabulary, fact: Fact, index: Expr) -> Fact:
    """A fact that holds for every k, at one index, an integer ≥ 0; what it rests on is still assumed for every k."""
    index = sp.sympify(index)
    _check(vocabulary)
    if not index.is_integer or not index.is_nonnegative:
        raise CertificateError(f"instance: {index} is not evidently an integer >= 0")
    if any(_local(hypothesis) for hypothesis in fact.hypotheses):
        raise CertificateError("instance: the hypothesis of an induction is about one index only")
    gap = vocabulary.at(fact.gap, index)
    fixed, detail = fact.fixed | gap.free_symbols, {"index": index}
    return Fact(gap, fact.sign, _one(fact), _MAKER, "instance", fixed=fixed, detail=detail, vocabulary=vocabulary)


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
    return Fact(gap, Sign.ZERO, _one(fact), _MAKER, "equal_norms", fixed=fixed, vocabulary=vocabulary)


def powers_compare(larger: Expr, smaller: Expr, exponent: Expr, fact: Fact) -> Fact:
    """a ≥ b from aᵖ ≥ bᵖ, a ≥ 0 and p > 0; b may have any sign where p = 2 (then b > a ≥ 0 would give b² > a²)."""
    larger, smaller, exponent = (sp.sympify(e) for e in (larger, smaller, exponent))
    if not nonnegative(larger) or not exponent.is_positive or not (nonnegative(smaller) or exponent == 2):
        raise CertificateError(
            "powers_compare: expected nonnegative bases (any smaller one for p = 2) and an exponent > 0"
        )
    if (
        not _in_domain(smaller, "is_real")
        or fact.sign is Sign.ZERO
        or not is_zero(fact.gap - (larger**exponent - smaller**exponent))
    ):
        raise CertificateError("powers_compare: the fact given is not about the powers")
    return Fact(larger - smaller, Sign.NONNEGATIVE, _one(fact), _MAKER, "powers_compare", detail={"exponent": exponent})


def powers_raise(larger: Expr, smaller: Expr, exponent: Expr, fact: Fact, lower: Fact | None = None) -> Fact:
    """aᵖ ≥ bᵖ from a ≥ b ≥ 0 and p > 0; ``lower`` says b ≥ 0 where that is not evident."""
    larger, smaller, exponent = (sp.sympify(e) for e in (larger, smaller, exponent))
    known = lower is not None and is_zero(lower.gap - smaller)
    if not (known or smaller.is_nonnegative) or not exponent.is_positive:
        raise CertificateError("powers_raise: expected nonnegative bases and an exponent > 0")
    if fact.sign is Sign.ZERO or not is_zero(fact.gap - (larger - smaller)):
        raise CertificateError("powers_raise: the fact given is not about the bases")
    gap = larger**exponent - smaller**exponent
    parts = _one(fact) if lower is None else (*_one(fact), *_one(lower))
    return Fact(gap, Sign.NONNEGATIVE, parts, _MAKER, "powers_raise", detail={"exponent": exponent})


def extreme(atom: Expr, argument: Expr) -> Fact:
    """max(…, a, …) − a ≥ 0, a − min(…, a, …) ≥ 0 and ⌈a⌉ − a ≥ 0."""
    atom, argument = sp.sympify(atom), sp.sympify(argument)
    if not isinstance(atom, (sp.Max, sp.Min, sp.ceiling)) or argument not in atom.args or not _reals(atom.args):
        raise CertificateError(f"extreme: {argument} is not a real argument of {atom}, a minimum, maximum or ceiling")
    gap = argument - atom if isinstance(atom, sp.Min) else atom - argument
    return Fact(gap, Sign.NONNEGATIVE, (), _MAKER, "extreme")


def attained(gap: Expr, atom: Expr, facts: Sequence[Fact]) -> Fact:
    """``gap`` ≥ 0 from the same with each argument of a minimum or maximum in its place: it equals one of them."""
    gap, atom = sp.sympify(gap), sp.sympify(atom)
    if not isinstance(atom, (sp.Max, sp.Min)) or not _reals(atom.args) or len(facts) != len(atom.args):
        raise CertificateError(f"attained: expected one fact for each of the real arguments of {atom}")
    for argument, fact in zip(atom.args, facts, strict=True):
        if not is_zero(fact.gap - gap.xreplace({atom: argument})):
            raise CertificateError(f"attained: {fact!r} is not the gap with {argument} in the place of {atom}")
    return Fact(gap, Sign.NONNEGATIVE, tuple((sp.S.One, fact) for fact in facts), _MAKER, "attained")


def convex_minimum(function: Expr, variable: Any, at: Expr) -> Fact:
    """f(u) − f(u₀) ≥ 0 for u > 0 where f″ > 0 on u > 0 and f′(u₀) = 0, u₀ > 0 (the tangent lies below the graph)."""
    function, at = sp.sympify(function), sp.sympify(at)
    second = sp.factor(sp.powsimp(sp.expand(sp.diff(function, variable, 2))))
    slope = sp.diff(function, variable).subs(variable, at)
    if not (variable.is_positive and at.is_positive and second.is_positive and is_zero(slope)):
        raise CertificateError(f"convex_minimum: {function} is not evidently convex with its minimum at {at}")
    gap = function - function.subs(variable, at)
    return Fact(gap, Sign.NONNEGATIVE, (), _MAKER, "convex_minimum", detail={"variable": variable, "at": at})


def substitute(fact: Fact, values: Mapping[Any, Expr]) -> Fact:
    """The fact at other values of its symbols, which must lie in the domains that the symbols declare.

    Symbols that a hypothesis speaks of keep their place: what was assumed of them was assumed of them alone.
    """
    if any(isinstance(symbol, (Index, Unit)) for symbol in values):
        raise CertificateError("substitute: another index is taken by instance, and units keep their place")
    if fact.fixed & set(values):
        raise CertificateError(f"substitute: hypotheses speak of {sorted(map(str, fact.fixed & set(values)))}")
    for symbol, raw in values.items():
        value = sp.sympify(raw)
        for domain in ("is_real", "is_nonnegative", "is_positive"):
            if getattr(symbol, domain) and not _in_domain(value, domain):
                raise CertificateError(f"substitute: {value} is not evidently in the domain of {symbol}")
    gap = fact.gap.subs(dict(values), simultaneous=True)
    return Fact(gap, fact.sign, _one(fact), _MAKER, "substitute", detail={"values": dict(values)})


def total(fact: Fact, sums: Sums) -> Fact:
    """Σᵢ gapᵢ ≥ 0 (or = 0) from gapᵢ ≥ 0 (or = 0) for every i; hypotheses are read as holding for every i.

    The sums that it speaks of keep their place: other numbers need not be sums of anything.
    """
    sign = Sign.ZERO if fact.sign is Sign.ZERO else Sign.NONNEGATIVE
    gap = sums.of(fact.gap)
    fixed = fact.fixed | (gap.free_symbols & set(sums.monomials().values()))
    return Fact(gap, sign, _one(fact), _MAKER, "total", fixed=fixed, detail={"label": sums.label})


def one_of(monomial: Expr, at: Mapping[Any, Expr], sums: Sums) -> Fact:
    """Σᵢ μᵢ − μⱼ ≥ 0 for terms μ ≥ 0 and one index j of the set, where the term symbols have the values ``at``."""
    monomial = sp.sympify(monomial)
    if not monomial.is_nonnegative or set(at) != set(sums.terms):
        raise CertificateError(f"one_of: {monomial} is not an evidently nonnegative term of these sums")
    if any(s.is_positive and not sp.sympify(v).is_positive for s, v in at.items()):
        raise CertificateError("one_of: the values given are not in the domains of the terms")
    gap = sums.of(monomial) - monomial.xreplace(dict(at))
    return Fact(gap, Sign.NONNEGATIVE, (), _MAKER, "one_of", detail={"monomial": monomial, "at": dict(at)})


def vanish(zero: Fact, power: Expr, other: Expr, sums: Sums) -> Fact:
    """Σ μ·aʳ = 0 from Σ aˢ = 0, a ≥ 0, r, s > 0: a sum of nonnegative terms is zero only if each of them is."""
    base, exponent = sp.sympify(power).as_base_exp()
    factor = [f for f in sp.Mul.make_args(sp.sympify(other)) if f.as_base_exp()[0] == base]
    good = base in sums.terms and base.is_nonnegative and exponent.is_positive
    if not good or not factor or not factor[0].as_base_exp()[1].is_positive:
        raise CertificateError(f"vanish: {other} does not vanish with {power}")
    if zero.sign is not Sign.ZERO or not is_zero(zero.gap - sums.of(power)):
        raise CertificateError(f"vanish: the fact given is not Σ {power} = 0")
    return Fact(sums.of(other), Sign.ZERO, _one(zero), _MAKER, "vanish")


def _domain(symbol: Any) -> str:
    if isinstance(symbol, sp.Dummy):
        raise CertificateError(f"induction: {symbol} is a dummy, which its name does not identify")
    return (
        "positive"
        if symbol.is_positive
        else "nonnegative"
        if symbol.is_nonnegative
        else "real"
        if symbol.is_real
        else "?"
    )


def _in_domain(value: Expr, domain: str) -> bool:
    if domain == "is_positive":
        return positive(value)
    return bool(getattr(value, domain)) or nonnegative(value)


def _says(fact: Fact, sign: Sign) -> bool:
    """Whether the fact says that its gap is ≥ 0, or = 0, as asked."""
    return fact.sign is Sign.ZERO or sign is not Sign.ZERO


def _local(hypothesis: str) -> bool:
    return hypothesis.startswith(_LOCAL)


def _check(vocabulary: object) -> None:
    if not isinstance(vocabulary, Vocabulary):
        raise CertificateError(f"kernel: expected a Vocabulary, got {type(vocabulary).__name__}")


def _reals(expressions: Iterable[Expr]) -> bool:
    return all(expression.is_real for expression in expressions)


def _one(fact: Fact) -> Parts:
    return ((sp.S.One, fact),)


def _hypothesis(
    gap: Expr,
    sign: Sign,
    name: str,
    fixed: Iterable[Any],
    rule: str,
    parts: Parts = (),
    detail: Mapping[str, Any] | None = None,
    vocabulary: Vocabulary | None = None,
) -> Fact:
    return Fact(gap, sign, parts, _MAKER, rule, {name}, fixed, "", {"name": name, **(detail or {})}, vocabulary)
