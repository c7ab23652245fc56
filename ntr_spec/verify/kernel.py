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

Expr = Any


class CertificateError(Exception):
    """A certificate that does not prove what it was offered for."""


class Sign(enum.Enum):
    """What a fact says about its gap."""

    NONNEGATIVE = ">="
    POSITIVE = ">"
    ZERO = "=="


_MAKER: Final = object()
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
    """

    __slots__ = ("detail", "fixed", "gap", "hypotheses", "note", "parts", "rule", "sign")

    gap: Expr
    sign: Sign
    hypotheses: frozenset[str]
    fixed: frozenset[Any]
    rule: str
    parts: Parts
    detail: Mapping[str, Any]
    note: str

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
    ) -> None:
        if maker is not _MAKER:
            raise CertificateError(
                "Fact: facts are made by the kernel's rules only; call certify, assume or another rule"
            )
        if hypotheses is None:
            hypotheses = frozenset().union(*(part.hypotheses for _, part in parts))
        if fixed is None:
            fixed = frozenset().union(*(part.fixed for _, part in parts))
        values = (gap, sign, frozenset(hypotheses), frozenset(fixed), rule, tuple(parts), note, dict(detail or {}))
        for name, value in zip(
            ("gap", "sign", "hypotheses", "fixed", "rule", "parts", "note", "detail"), values, strict=True
        ):
            object.__setattr__(self, name, value)

    def __setattr__(self, name: str, value: object) -> None:
        raise CertificateError(f"Fact: {name} cannot be changed; make another fact by a rule")

    def __delattr__(self, name: str) -> None:
        raise CertificateError(f"Fact: {name} cannot be removed; make another fact by a rule")

    def with_note(self, note: str) -> Fact:
        """The same fact with a line of words."""
        return Fact(self.gap, self.sign, self.parts, _MAKER, self.rule, self.hypotheses, self.fixed, note, self.detail)

    def __repr__(self) -> str:
        given = f"  given {', '.join(sorted(self.hypotheses))}" if self.hypotheses else ""
        return f"{self.gap} {self.sign.value} 0{given}"


def assume(gap: Expr, name: str, sign: Sign = Sign.NONNEGATIVE) -> Fact:
    """Take a fact on trust, under a name that every consequence will carry."""
    return _hypothesis(sp.sympify(gap), sign, name, sp.sympify(gap).free_symbols, "assume")


def evident(gap: Expr, sign: Sign = Sign.NONNEGATIVE) -> Fact:
    """A gap whose sign follows from the declared domains of its symbols (a product of nonnegative symbols, say)."""
    gap = sp.sympify(gap)
    known = {Sign.NONNEGATIVE: gap.is_nonnegative, Sign.POSITIVE: gap.is_positive, Sign.ZERO: is_zero(gap)}
    if not known[sign]:
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
    if not multiplier.is_positive:
        raise CertificateError(f"certify: expected a positive multiplier, got {multiplier}")
    total: Expr = sp.S.Zero
    strict = False
    weighted = tuple((sp.sympify(weight), fact) for weight, fact in parts)
    for weight, fact in weighted:
        if fact.sign is not Sign.ZERO and (sign is Sign.ZERO or not weight.is_nonnegative):
            raise CertificateError(f"certify: weight {weight} of {fact!r} is not evidently nonnegative")
        strict = strict or (fact.sign is Sign.POSITIVE and bool(weight.is_positive))
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
    if sign is not Sign.ZERO and not weight.is_nonnegative:
        raise CertificateError(f"times: weight {weight} of {fact!r} is not evidently nonnegative")
    if sign is Sign.POSITIVE and not weight.is_positive:
        sign = Sign.NONNEGATIVE
    return Fact(normal(weight * fact.gap), sign, ((weight, fact),), _MAKER, "times")


def sum_of_squares(target: Expr, squares: Sequence[tuple[Expr, Expr]]) -> Fact:
    """``target = Σ wᵢ·sᵢ²`` with wᵢ ≥ 0 and sᵢ real."""
    for weight, root in squares:
        if not sp.sympify(weight).is_nonnegative or not sp.sympify(root).is_real:
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
    proved = step(assume(gap, "induction hypothesis"))
    if not proved.hypotheses <= {"induction hypothesis", reachable}:
        raise CertificateError(f"induction: the step rests on {sorted(proved.hypotheses)}")
    if proved.sign is Sign.ZERO or not is_zero(proved.gap - gap.subs(dict(update), simultaneous=True)):
        raise CertificateError("induction: the step does not prove the gap of the updated state")
    detail = {"start": dict(start), "update": dict(update)}
    return _hypothesis(gap, Sign.NONNEGATIVE, reachable, frozenset(state), "induction", ((sp.S.One, proved),), detail)


def powers_compare(larger: Expr, smaller: Expr, exponent: Expr, fact: Fact) -> Fact:
    """a ≥ b from aᵖ ≥ bᵖ, a ≥ 0 and p > 0; b may have any sign where p = 2 (then b > a ≥ 0 would give b² > a²)."""
    larger, smaller, exponent = (sp.sympify(e) for e in (larger, smaller, exponent))
    if not larger.is_nonnegative or not exponent.is_positive or not (smaller.is_nonnegative or exponent == 2):
        raise CertificateError(
            "powers_compare: expected nonnegative bases (any smaller one for p = 2) and an exponent > 0"
        )
    if not smaller.is_real or fact.sign is Sign.ZERO or not is_zero(fact.gap - (larger**exponent - smaller**exponent)):
        raise CertificateError("powers_compare: the fact given is not about the powers")
    return Fact(larger - smaller, Sign.NONNEGATIVE, _one(fact), _MAKER, "powers_compare", detail={"exponent": exponent})


def powers_raise(larger: Expr, smaller: Expr, exponent: Expr, fact: Fact) -> Fact:
    """aᵖ ≥ bᵖ from a ≥ b ≥ 0 and p > 0."""
    larger, smaller, exponent = (sp.sympify(e) for e in (larger, smaller, exponent))
    if not smaller.is_nonnegative or not exponent.is_positive:
        raise CertificateError("powers_raise: expected nonnegative bases and an exponent > 0")
    if fact.sign is Sign.ZERO or not is_zero(fact.gap - (larger - smaller)):
        raise CertificateError("powers_raise: the fact given is not about the bases")
    gap = larger**exponent - smaller**exponent
    return Fact(gap, Sign.NONNEGATIVE, _one(fact), _MAKER, "powers_raise", detail={"exponent": exponent})


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
    if fact.fixed & set(values):
        raise CertificateError(f"substitute: hypotheses speak of {sorted(map(str, fact.fixed & set(values)))}")
    for symbol, raw in values.items():
        value = sp.sympify(raw)
        for domain in ("is_real", "is_nonnegative", "is_positive"):
            if getattr(symbol, domain) and not getattr(value, domain):
                raise CertificateError(f"substitute: {value} is not evidently in the domain of {symbol}")
    gap = fact.gap.subs(dict(values), simultaneous=True)
    return Fact(gap, fact.sign, _one(fact), _MAKER, "substitute", detail={"values": dict(values)})


@final
class Sums:
    """Formal sums Σᵢ over an index set of unspecified size: a linear map from termwise expressions to scalars.

    ``of(e)`` expands e, pulls out what does not depend on i, and names each termwise monomial's sum by a symbol, which
    is nonnegative where the monomial is.

    Args:
        terms: the symbols that depend on i.
        count: Σᵢ 1, a nonnegative expression.
        label: tells the symbols of different index sets apart.
    """

    __slots__ = ("_names", "count", "label", "terms")

    def __init__(self, terms: Iterable[Any], count: Expr, label: str = "") -> None:
        self.terms = tuple(terms)
        self.count = sp.sympify(count)
        self.label = label
        self._names: dict[Expr, Any] = {}
        if not self.count.is_nonnegative:
            raise CertificateError(f"Sums: expected a nonnegative count, got {count}")

    def of(self, termwise: Expr) -> Expr:
        """Σᵢ of a termwise expression."""
        total: Expr = sp.S.Zero
        for part in sp.Add.make_args(normal(termwise)):
            scalar, monomial = part.as_independent(*self.terms, as_Add=False)
            total += scalar * self._sum(monomial)
        return total

    def _sum(self, monomial: Expr) -> Expr:
        if monomial == 1:
            return self.count
        if monomial not in self._names:
            domain = {"nonnegative": True} if monomial.is_nonnegative else {"real": True}
            self._names[monomial] = sp.Symbol(f"Σ{self.label}[{monomial}]", **domain)
        return self._names[monomial]

    def monomials(self) -> dict[Expr, Any]:
        """The monomials met so far and the symbols of their sums."""
        return dict(self._names)


def total(fact: Fact, sums: Sums) -> Fact:
    """Σᵢ gapᵢ ≥ 0 (or = 0) from gapᵢ ≥ 0 (or = 0) for every i; hypotheses are read as holding for every i."""
    sign = Sign.ZERO if fact.sign is Sign.ZERO else Sign.NONNEGATIVE
    return Fact(sums.of(fact.gap), sign, _one(fact), _MAKER, "total", detail={"label": sums.label})


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


def normal(expression: Expr) -> Expr:
    """A sum of monomials: products multiplied out, (uv)^e split where that is valid, powers of one base gathered."""
    flat = sp.expand(sp.sympify(expression), power_exp=False)
    if all(power.exp.is_Number for power in flat.atoms(sp.Pow)):
        return flat
    gathered = sp.Add(*(sp.powsimp(part, combine="exp") for part in sp.Add.make_args(flat)))
    reduced = gathered.replace(lambda e: e.is_Pow, lambda e: e.base ** sp.cancel(e.exp))
    return sp.expand(reduced, power_exp=False)


def is_zero(expression: Expr) -> bool:
    """Whether an expression is identically zero: by expansion, denominators cleared; False where in doubt."""
    flat = normal(expression)
    if flat == 0:
        return True
    return bool(normal(sp.numer(sp.together(flat))) == 0)


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
) -> Fact:
    return Fact(gap, sign, parts, _MAKER, rule, {name}, fixed, detail={"name": name, **(detail or {})})
