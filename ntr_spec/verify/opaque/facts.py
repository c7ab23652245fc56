"""What the laws of opaque parts say of the calls made: facts named ``law@part``."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sympy as sp

from ntr_spec.verify.kernel import Fact, Sign, assume, certify
from ntr_spec.verify.opaque.certify import search
from ntr_spec.verify.opaque.session import Call, Session

Expr = Any
_Size = tuple[Expr, Fact | None]


def facts_about(session: Session, nonzero: Expr | None) -> list[Fact]:
    """All that the laws say of the calls made; parts first, then those whose arguments are parts' values."""
    if nonzero in session.facts:
        return session.facts[nonzero]
    order = {part: k for k, part in enumerate(dict.fromkeys(c.part for c in session.values))}
    # The outer norm sees the values of the others, so its facts need theirs.
    parts = sorted(order, key=lambda part: (part == "outer", order[part]))
    facts: list[Fact] = []
    for part in parts:
        facts += _duality(session, part)
        for dual in (False, True):
            calls = [c for c in session.values if c.part == part and c.dual == dual]
            facts += _axioms(part, dual, calls, facts, nonzero)
    session.facts[nonzero] = facts
    return facts


def _duality(session: Session, part: str) -> Iterable[Fact]:
    primal = [c for c in session.values if c.part == part and not c.dual]
    dual = [c for c in session.values if c.part == part and c.dual]
    for u, s in itertools.product(primal, dual):
        if len(u.arguments) == len(s.arguments):
            pairing = _dot(u.arguments, s.arguments)
            for sign in (1, -1):  # at g and at −g, the norm being even
                yield assume(
                    u.result[0] * s.result[0] - sign * pairing,
                    f"holder@{part}" if sign > 0 else f"holder+@{part}",
                )
    for call in session.minimizers:
        if call.part != part:
            continue
        # The LMO of the norm, or the one of its dual, of which the law "bidual" speaks.
        feasible = session.value(part, call.dual, call.result).result[0]
        attained = session.value(part, not call.dual, call.arguments).result[0]
        law = ("bidual", "bidual") if call.dual else ("lmo_feasible", "lmo_attains")
        yield assume(1 - feasible, f"{law[0]}@{part}")
        yield assume(_dot(call.arguments, call.result) + attained, f"{law[1]}@{part}", Sign.ZERO)
    for call, radius in session.projections:
        if call.part != part:
            continue
        who = f"{part}*" if call.dual else part
        normal = tuple(x - p for x, p in zip(call.arguments, call.result, strict=True))
        size = session.value(part, call.dual, call.result).result[0]
        dual_size = session.value(part, not call.dual, normal).result[0]
        yield assume(radius - size, f"projection_feasible@{who}")
        yield assume(_dot(normal, call.result) - radius * dual_size, f"projection_optimal@{who}")


def _axioms(part: str, dual: bool, calls: Sequence[Call], known: Sequence[Fact], nonzero: Expr | None) -> list[Fact]:
    who = f"{part}*" if dual else part
    found: list[Fact] = []
    for a, b in itertools.permutations(calls, 2):
        ratio = _ratio(a.arguments, b.arguments)
        if ratio is not None:
            found.append(assume(a.result[0] - _bars(ratio) * b.result[0], f"homogeneous@{who}", Sign.ZERO))
        if a.result != b.result and _same(map(_bars, a.arguments), map(_bars, b.arguments)):
            found.append(assume(a.result[0] - b.result[0], f"absolute@{who}", Sign.ZERO))
        if a.result != b.result and _permuted(a.arguments, b.arguments):
            found.append(assume(a.result[0] - b.result[0], f"symmetric@{who}", Sign.ZERO))
    for a, b, c in itertools.permutations(calls, 3):
        if _same(a.arguments, [x + y for x, y in zip(b.arguments, c.arguments, strict=True)]):
            found.append(assume(b.result[0] + c.result[0] - a.result[0], f"subadditive@{who}"))
        elif _same((2 * e for e in a.arguments), [x + y for x, y in zip(b.arguments, c.arguments, strict=True)]):
            # The middle of two points: ‖(b + c)/2‖ = ‖b + c‖/2.
            half = assume((b.result[0] + c.result[0]) / 2 - a.result[0], f"subadditive@{who}")
            found.append(certify(half.gap, [(1, half), (0, assume(sp.S.Zero, f"homogeneous@{who}", Sign.ZERO))]))
    if part == "outer":
        found += _monotone(who, calls, [*known, *found])
        found += _homogeneous_again(who, calls, known)
    for call in calls:
        found += _definite(who, call, known, nonzero)
    return found


def _monotone(who: str, calls: Sequence[Call], known: Sequence[Fact]) -> Iterable[Fact]:
    """An absolute norm is monotone: |a| ≤ |b| gives φ(a) ≤ φ(b), and |a| ≤ |b| + |c| gives φ(a) ≤ φ(b) + φ(c)."""
    sizes = {call: [_size(e, known) for e in call.arguments] for call in calls}
    for b, a in itertools.permutations(calls, 2):
        yield from _below(who, b, (a,), sizes, known)
    for b, *parts in itertools.permutations(calls, 3):
        if parts[0].result[0].name < parts[1].result[0].name:
            yield from _below(who, b, parts, sizes, known)


def _below(
    who: str, call: Call, others: Sequence[Call], sizes: Mapping[Call, Sequence[_Size]], known: Sequence[Fact]
) -> Iterable[Fact]:
    proofs = []
    for k, (size, _) in enumerate(sizes[call]):
        proof = search(sp.Add(*(sizes[other][k][0] for other in others)) - size, known, Sign.NONNEGATIVE)
        if proof is None:
            return
        proofs.append(proof)
    base = assume(sp.Add(*(o.result[0] for o in others)) - call.result[0], f"absolute@{who}")
    yield _resting(who, base, proofs, [sizes[c] for c in (call, *others)])


def _homogeneous_again(who: str, calls: Sequence[Call], known: Sequence[Fact]) -> Iterable[Fact]:
    """φ(a) = |c|·φ(b) where a = c·b once the parts' own homogeneity is used, n(t·x) being |t|·n(x)."""
    rules: dict[Expr, tuple[Expr, Fact]] = {}
    for fact in known:
        terms = sp.Add.make_args(fact.gap)
        if fact.sign is Sign.ZERO and len(terms) == 2 and any(h.startswith("homogeneous@") for h in fact.hypotheses):
            symbol = next((e for e in terms if e.is_Symbol), None)
            value = None if symbol is None else sp.expand(symbol - fact.gap)
            if value is not None and symbol not in value.free_symbols and len(value.free_symbols) > 1:
                rules[symbol] = (value, fact)
    if not rules:
        return
    change = {symbol: value for symbol, (value, _) in rules.items()}
    for a, b in itertools.permutations(calls, 2):
        ratio = _ratio([e.xreplace(change) for e in a.arguments], b.arguments)
        if ratio is not None:
            base = assume(a.result[0] - _bars(ratio) * b.result[0], f"homogeneous@{who}", Sign.ZERO)
            premises = [rules[e][1] for e in a.arguments if e in rules]
            yield certify(base.gap, [(1, base), *((0, p) for p in premises)], Sign.ZERO)


def _size(e: Expr, known: Sequence[Fact]) -> _Size:
    """|e|, without the bars where e is known to be nonnegative."""
    if e.is_nonnegative:
        return e, None
    fact = search(e, known, Sign.NONNEGATIVE) if e.is_Add or e.is_Mul else None
    return (e, fact) if fact is not None else (_bars(e), None)


def _resting(who: str, fact: Fact, proofs: Sequence[Fact], sizes: Iterable[Sequence[_Size]]) -> Fact:
    """The fact, carrying the hypotheses of what its premises rest on; that absolute means monotone needs a norm."""
    axioms = [assume(sp.S.Zero, f"{law}@{who}", Sign.ZERO) for law in ("homogeneous", "subadditive")]
    premises = [*axioms, *proofs, *(s for row in sizes for _, s in row if s is not None)]
    return certify(fact.gap, [(1, fact), *((0, p) for p in premises)])


def _definite(who: str, call: Call, known: Sequence[Fact], nonzero: Expr | None) -> Iterable[Fact]:
    """Positive where the arguments cannot all vanish: the given input is not 0, or one of them is positive."""
    if nonzero is None:
        return
    if any(f.sign is Sign.POSITIVE and f.gap in call.arguments for f in known):
        premises = [f for f in known if f.sign is Sign.POSITIVE and f.gap in call.arguments]
        strict = assume(call.result[0], f"definite@{who}", Sign.POSITIVE)
        yield certify(call.result[0], [(1, strict), *((0, p) for p in premises)], Sign.POSITIVE)
        return
    variables = sorted(set().union(*(e.free_symbols for e in call.arguments)), key=str)
    if nonzero not in variables or any(not sp.expand(e).is_polynomial(*variables) for e in call.arguments):
        return
    solution = sp.solve(list(call.arguments), variables, dict=True)
    if solution and all(found.get(nonzero) == 0 for found in solution):
        yield assume(call.result[0], f"definite@{who}", Sign.POSITIVE)


def _dot(a: Iterable[Expr], b: Iterable[Expr]) -> Expr:
    return sp.Add(*(x * y for x, y in zip(a, b, strict=True)))


def _bars(e: Expr) -> Expr:
    """|e|, bars left out where they can be (SymPy keeps them in |2|x||)."""
    return e if e.is_nonnegative else sp.Mul(*(f if f.is_nonnegative else sp.Abs(f) for f in sp.Mul.make_args(e)))


def _same(a: Iterable[Expr], b: Iterable[Expr]) -> bool:
    return all(sp.expand(x - y) == 0 for x, y in zip(a, b, strict=True))


def _permuted(a: Sequence[Expr], b: Sequence[Expr]) -> bool:
    return sorted(map(sp.expand, a), key=str) == sorted(map(sp.expand, b), key=str)


def _ratio(a: Sequence[Expr], b: Sequence[Expr]) -> Expr | None:
    """c with a = c·b, the division being by nothing that could be zero."""
    place = next((k for k, e in enumerate(b) if e != 0), None)
    if place is None:
        return None
    ratio = sp.cancel(a[place] / b[place])
    below = sp.denom(sp.together(ratio)).free_symbols
    if any(not s.is_positive for s in below) or not _same(a, [ratio * e for e in b]):
        return None
    return ratio
