"""Certificates for a relation on one path: facts from the trace and from lemmas, put together by the kernel.

Definitions that enter as hypotheses: ``Rᵖ = Σuᵢᵖ`` for a root, ``M ≥ eᵢ`` for every i for a maximum, Σ of
pattern counts = n, the signs that the path decided. Lemmas enter under their own names.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable, Sequence
from typing import Any

import sympy as sp

from ntr_spec.verify.generic.pattern import Pattern
from ntr_spec.verify.generic.trace import Index, Root, Trace, Vacuous
from ntr_spec.verify.kernel import (
    CertificateError,
    Fact,
    Sign,
    assume,
    certify,
    evident,
    normal,
    one_of,
    times,
    total,
)
from ntr_spec.verify.search import find

Expr = Any
DEFINITION = "definition"
_SIGNS = {"<=": Sign.NONNEGATIVE, "==": Sign.ZERO, "<": Sign.POSITIVE}
_MOST_FACTS = 600


def settle(trace: Trace, gap: Expr, op: str) -> tuple[Fact, ...] | None:
    """Facts that together prove ``gap op 0`` (0 ≤ gap, = 0, 0 < gap) on this path, or None."""
    sign = _SIGNS[op]
    fact = _attempt(trace, gap, sign)
    if fact is not None:
        return (fact,)
    if sign is Sign.ZERO:  # an equation that only holds as two inequalities
        return None
    loose = [s for s, _ in trace.maxima if s not in trace.replaced]
    if not loose:
        return None
    return _by_cases(trace, gap, sign, loose)


def _by_cases(trace: Trace, gap: Expr, sign: Sign, loose: Sequence[Any]) -> tuple[Fact, ...] | None:
    """Name where the maxima that bound the gap from above are attained, and try each pattern there."""
    goal = normal(trace.clean(gap))
    needed = [s for s in loose if sign is Sign.POSITIVE or _appears_below(goal, s)]
    found: list[Fact] = []
    prefix: list[int] | None = []
    while prefix is not None:
        branch = trace.branch(prefix)
        try:
            for symbol in needed:
                branch.attained(symbol)
            fact = _attempt(branch, gap, sign)
            if fact is None:
                return None
            found.append(fact)
        except Vacuous:
            pass
        prefix = branch.following()
    return tuple(found)


def _appears_below(goal: Expr, symbol: Any) -> bool:
    return any(part.as_coeff_Mul()[0].is_negative and symbol in part.free_symbols for part in sp.Add.make_args(goal))


def _attempt(trace: Trace, gap: Expr, sign: Sign) -> Fact | None:
    goal = normal(trace.clean(gap))
    if goal.has(sp.nan, sp.zoo, sp.oo):
        return None
    try:
        if goal == 0:
            return certify(goal, [], sign) if sign is not Sign.POSITIVE else None
        for facts in _stages(trace, goal):
            if time.monotonic() > trace.deadline:
                return None
            fact = find(goal, facts, sign)
            if fact is not None:
                return fact
    except CertificateError:
        pass
    return None


# ---- facts ---------------------------------------------------------------------------------------


def _stages(trace: Trace, goal: Expr) -> Iterable[list[Fact]]:
    """Ever larger sets: definitions and lemmas, then entries summed or at an index, then products with monomials."""
    facts = [*_signs(trace)]
    sums = {s for p in trace.patterns for s in (p.sums.count, *p.sums.monomials().values())}
    if goal.free_symbols & (sums | {r.symbol for r in trace.roots} | trace.length.free_symbols):
        facts += [*_definitions(trace), *_lemmas(trace)]
    yield facts + _evident([goal, *(f.gap for f in facts)])
    monomials = _monomials([goal, *(f.gap for f in facts)])
    facts += _termwise(trace, monomials)
    facts += [one for index in trace.indices for one in _at_index(trace, index, monomials)]
    yield facts + _evident([goal, *(f.gap for f in facts)])
    facts = [*facts, *_products(facts, _monomials([goal]))][:_MOST_FACTS]
    yield facts + _evident([goal, *(f.gap for f in facts)])


def _evident(expressions: Iterable[Expr]) -> list[Fact]:
    """Monomials that are nonnegative by the domains of their symbols."""
    found = []
    for monomial in _monomials(expressions):
        if monomial.is_positive:
            found.append(evident(monomial, Sign.POSITIVE))
        elif monomial.is_nonnegative:
            found.append(evident(monomial))
    return found


def _definitions(trace: Trace) -> Iterable[Fact]:
    for root in trace.roots:
        if root.power != 1:
            yield assume(root.symbol**root.power - trace.clean(root.radicand), DEFINITION, Sign.ZERO)
    counts = sp.Add(*(p.sums.count for p in trace.patterns))
    # The number of entries is the number of those in each pattern.
    yield assume(trace.length - counts, DEFINITION, Sign.ZERO)


def _signs(trace: Trace) -> Iterable[Fact]:
    for expression, sign in trace.signs:
        if sign:
            yield assume(sign * trace.clean(expression), DEFINITION, Sign.POSITIVE)
        else:
            yield assume(trace.clean(expression), DEFINITION, Sign.ZERO)


def _termwise(trace: Trace, monomials: Iterable[Expr]) -> list[Fact]:
    """Facts about entries (M − eᵢ ≥ 0, and what the pattern knows), times a monomial, summed."""
    found: list[Fact] = []
    met = set().union(*(m.free_symbols for m in monomials))
    for pattern in trace.patterns:
        gaps = [assume(sp.sympify(s) - trace.clean(values[pattern]), DEFINITION) for s, values in _live_maxima(trace)]
        gaps += [assume(trace.clean(k), DEFINITION) for k in pattern.known]
        wanted = {mu for mu, name in pattern.sums.monomials().items() if name in met}
        if pattern.sums.count in met:
            wanted.add(sp.S.One)
        for gap in gaps:
            found += _summed(gap, pattern, wanted)
    return found


def _live_maxima(trace: Trace) -> list[tuple[Expr, dict[Pattern, Expr]]]:
    return [(trace.clean(s), values) for s, values in trace.maxima]


def _summed(gap: Fact, pattern: Pattern, wanted: Iterable[Expr]) -> Iterable[Fact]:
    weights = set()
    for part in sp.Add.make_args(gap.gap):
        _, inner = part.as_independent(*pattern.symbols, as_Add=False)
        weights |= {sp.sympify(mu) / inner for mu in wanted}
    for weight in weights:
        if weight.is_nonnegative and gap.gap != 0:
            yield total(times(gap, weight), pattern.sums)


def _at_index(trace: Trace, index: Index, monomials: Iterable[Expr]) -> Iterable[Fact]:
    pattern = index.pattern
    met = set().union(*(m.free_symbols for m in monomials))
    for mu, name in pattern.sums.monomials().items():
        if mu.is_nonnegative and name in met:
            yield one_of(mu, index.at, pattern.sums)
    if pattern.sums.count in met:
        yield one_of(sp.S.One, index.at, pattern.sums)
    for symbol, values in _live_maxima(trace):
        yield assume(symbol - trace.clean(index.value(values)), DEFINITION)
    for known in pattern.known:
        yield assume(trace.clean(known).xreplace(index.at), DEFINITION)
    for root in trace.roots:
        if root.entries is not None:
            yield assume(root.symbol - trace.clean(index.value(root.entries)), "jensen_sums")


def _products(facts: Sequence[Fact], monomials: Iterable[Expr]) -> Iterable[Fact]:
    """Facts times the monomial that turns one of their terms into a term of the goal."""
    for fact in facts:
        weights = set()
        for part in sp.Add.make_args(fact.gap):
            term = part.as_coeff_Mul()[1]
            weights |= {m / term for m in monomials}
        for weight in weights - {sp.S.One}:
            if _simple(weight) and (fact.sign is Sign.ZERO or weight.is_nonnegative):
                yield times(fact, weight)


def _simple(weight: Expr) -> bool:
    """A cofactor without a sum in its denominator."""
    return not any(power.exp.is_negative and str(power.base).startswith(("Σ", "n[")) for power in weight.atoms(sp.Pow))


def _monomials(expressions: Iterable[Expr]) -> list[Expr]:
    found: dict[Expr, None] = {}
    for expression in expressions:
        for part in sp.Add.make_args(normal(expression)):
            found[part.as_coeff_Mul()[1]] = None
    return list(found)


# ---- lemmas --------------------------------------------------------------------------------------


def _lemmas(trace: Trace) -> Iterable[Fact]:
    """Hölder, Minkowski, power mean and monotonicity of ℓ_p, for the ℓ_p norms that the trace met."""
    roots = [r for r in (*trace.roots, *_plain_sums(trace)) if r.entries is not None]
    for first, second in itertools.combinations(roots, 2):
        yield from _comparisons(trace, first, second)
        if 1 / first.power + 1 / second.power == 1:
            name = "lagrange_identity" if first.power == 2 else "holder_lp"
            product = _sum(trace, {p: _entry(trace, first, p) * _entry(trace, second, p) for p in trace.patterns})
            yield assume(first.symbol * second.symbol - product, name)
    for whole in roots:
        for first, second in itertools.combinations(roots, 2):
            if whole.power == first.power == second.power and whole not in (first, second):
                gaps = [
                    _entry(trace, first, p) + _entry(trace, second, p) - _entry(trace, whole, p) for p in trace.patterns
                ]
                if all(g.is_nonnegative or normal(g).is_nonnegative for g in gaps):
                    yield assume(first.symbol + second.symbol - whole.symbol, "minkowski_lp")


def _plain_sums(trace: Trace) -> list[Root]:
    """Sums of magnitudes are ℓ₁ norms."""
    found: list[Root] = []
    for result, values in trace.summed:
        entries = {p: trace.clean(values[p]) for p in trace.patterns}
        if all(e.is_nonnegative for e in entries.values()) and any(e.free_symbols for e in entries.values()):
            value = trace.clean(result)
            if not any(value == r.symbol for r in found):
                found.append(Root(value, sp.S.One, entries, value))
    return found


def _entry(trace: Trace, root: Root, pattern: Pattern) -> Expr:
    assert root.entries is not None  # those without are filtered out
    return trace.clean(root.entries[pattern])


def _sum(trace: Trace, values: dict[Pattern, Expr]) -> Expr:
    return sp.Add(*(p.sums.of(values[p]) for p in trace.patterns))


def _comparisons(trace: Trace, first: Root, second: Root) -> Iterable[Fact]:
    """ℓ_r against ℓ_s of the same vector, r < s."""
    low, high = (first, second) if first.power < second.power else (second, first)
    if any(sp.expand(_entry(trace, low, p) - _entry(trace, high, p)) != 0 for p in trace.patterns):
        return
    if low.power == high.power:
        yield assume(low.symbol - high.symbol, DEFINITION, Sign.ZERO)  # the same norm of the same vector
        return
    yield assume(low.symbol - high.symbol, "jensen_sums")
    bound = trace.length ** (1 / low.power - 1 / high.power)
    yield assume(bound * high.symbol - low.symbol, "power_mean")
