"""Norms about which nothing is known but named laws: what a combinator is proved for, whatever its parts are.

A combinator's own code runs with its parts replaced by :class:`Opaque` norms; their values and LMOs are fresh symbols. Every fact
about those symbols enters the kernel under the name ``law@part``, so that a certificate says which laws of which part
it rests on, and the engine can ask for these alone.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable, Sequence
from contextvars import ContextVar
from typing import Any

import numpy as np
import sympy as sp

from ntr_spec.arrays import Namespace
from ntr_spec.laws import Kind, Law
from ntr_spec.norms.base import Norm, SupportFunction
from ntr_spec.norms.claims import Claim
from ntr_spec.trees import Tree, leaves, tree_map
from ntr_spec.verify.kernel import Fact, Sign, assume, certify, evident, normal
from ntr_spec.verify.search import find
from ntr_spec.verify.symbolic import DType, SymbolicArray, symbols, to_sympy
from ntr_spec.verify.symbolic import term as t

Array = Any
Expr = Any
_SIGNS = {"<=": Sign.NONNEGATIVE, "==": Sign.ZERO, "<": Sign.POSITIVE}
_MOST_CASES = 64


@dataclasses.dataclass(frozen=True, eq=False)
class Call:
    """One value or LMO that was asked for: the arguments, and the symbols that stand for the result."""

    part: str
    dual: bool
    arguments: tuple[Expr, ...]
    result: tuple[Expr, ...]


class Session:
    """The calls made while one law runs."""

    def __init__(self) -> None:
        self.facts: dict[Any, list[Fact]] = {}
        self.values: list[Call] = []
        self.minimizers: list[Call] = []
        self.domains: dict[Any, Any] = {}

    def value(self, part: str, dual: bool, arguments: tuple[Expr, ...]) -> Call:
        """‖arguments‖, the same symbol for the same arguments."""
        for call in self.values:
            same = call.part == part and call.dual == dual and len(call.arguments) == len(arguments)
            if same and all(sp.expand(a - b) == 0 for a, b in zip(call.arguments, arguments, strict=True)):
                return call
        name = f"{part}{'*' if dual else ''}_{len(self.values)}"
        symbol = sp.Symbol(name, nonnegative=True)
        self.domains[sp.Symbol(name, real=True)] = symbol
        call = Call(part, dual, arguments, (symbol,))
        self.values.append(call)
        return call

    def minimizer(self, part: str, dual: bool, arguments: tuple[Expr, ...]) -> Call:
        """lmo(arguments) of the part (or of its dual): one real symbol per entry."""
        for call in self.minimizers:
            if call.part == part and call.dual == dual and call.arguments == arguments:
                return call
        name = f"{part}{'*' if dual else ''}_lmo{len(self.minimizers)}"
        result = tuple(sp.Symbol(f"{name}_{k}", real=True) for k in range(len(arguments)))
        call = Call(part, dual, arguments, result)
        self.minimizers.append(call)
        self.value(part, dual, result)  # its norm, at most 1
        self.value(part, not dual, arguments)  # what it attains
        return call

    def read(self, array: SymbolicArray) -> tuple[Expr, ...]:
        """Entries as expressions in the symbols of this session."""
        return tuple(sp.sympify(e).xreplace(self.domains) for e in array.expressions.reshape(-1))


SESSION: ContextVar[Session] = ContextVar("SESSION")


@dataclasses.dataclass(frozen=True, eq=False)
class Opaque(Norm):
    """A norm known by its laws only, on the points that ``like`` takes.

    Attributes:
        part: its name in facts.
        like: the norm in whose place it stands.
        swapped: whether it is the dual of that norm.
    """

    part: str
    like: Norm
    swapped: bool = False

    @property
    def event_rank(self) -> int | None:
        """That of the norm in whose place it stands."""
        return self.like.event_rank

    def _value(self, x: Tree, xp: Namespace) -> Array:
        session = SESSION.get()
        arguments = tuple(itertools.chain.from_iterable(session.read(leaf) for leaf in leaves(x)))
        call = session.value(self.part, self.swapped, arguments)
        return SymbolicArray(t.symbol(str(call.result[0])), DType.REAL)

    def _lmo(self, g: Tree, xp: Namespace) -> Tree:
        session = SESSION.get()
        arguments = tuple(itertools.chain.from_iterable(session.read(leaf) for leaf in leaves(g)))
        names = iter(session.minimizer(self.part, self.swapped, arguments).result)

        def fill(leaf: Array) -> Array:
            entries = np.empty(leaf.shape, dtype=object)
            for index in np.ndindex(*leaf.shape):
                entries[index] = t.symbol(str(next(names)))
            return SymbolicArray(entries, DType.REAL)

        return tree_map(fill, g)

    @property
    def dual(self) -> Norm:
        """The opaque dual, or the support function where the real norm has no other."""
        if isinstance(self.like.dual, SupportFunction):
            return SupportFunction(self)
        return Opaque(self.part, self.like, not self.swapped)

    @property
    def claims(self) -> frozenset[Claim]:
        """Those of the real norm; facts that need them carry their names."""
        return self.like.claims

    def _accepts(self, shape: Tree) -> str | None:
        return self.like._accepts(shape)

    def _shapes(self, dims: tuple[int, ...]) -> tuple[Tree, ...]:
        return self.like._shapes(dims)


def prove(norm: Norm, law: Law, shape: Tree) -> frozenset[str] | None:
    """The laws of its parts from which a norm with opaque parts has this law at this shape, or None."""
    facts = certificates(norm, law, shape)
    if facts is None:
        return None
    names: frozenset[str] = frozenset()
    return names.union(*(fact.hypotheses for fact in facts)) - {"maximum"}


def certificates(norm: Norm, law: Law, shape: Tree) -> tuple[Fact, ...] | None:
    """Facts that together prove a law of a norm with opaque parts at this shape, or None."""
    session = Session()
    token = SESSION.set(session)
    try:
        points = []
        for name, kind in law.variables:
            if kind not in (Kind.POINT, Kind.SCALAR):
                return None
            points.append(symbols(name, shape) if kind is Kind.POINT else _scalar(name))
        relations = law.relation(norm, *points)
    finally:
        SESSION.reset(token)
    inputs = [e for p in points for leaf in leaves(p) for e in session.read(leaf)]
    found: list[Fact] = []
    for relation in relations:
        gap = session.read(relation.rhs - relation.lhs)[0]
        facts = _settle(session, gap, relation.op, inputs if law.name == "definite" else [])
        if facts is None:
            return None
        found += facts
    return tuple(found)


def _scalar(name: str) -> Array:
    array = symbols(name, 1)
    return array[0]


def _settle(session: Session, gap: Expr, op: str, inputs: Sequence[Expr]) -> list[Fact] | None:
    sign = _SIGNS[op]
    if sign is Sign.ZERO and normal(gap) != 0:  # two inequalities
        below, above = (_settle(session, side, "<=", inputs) for side in (gap, -gap))
        return None if below is None or above is None else below + above
    found = []
    for nonzero in inputs or [None]:
        facts = _facts(session, nonzero)
        for goal, extra in _without_maxima(gap):
            fact = _search(goal, [*facts, *extra], sign)
            if fact is None:
                return None
            found.append(fact)
    return found


def _search(goal: Expr, facts: Sequence[Fact], sign: Sign) -> Fact | None:
    goal = normal(goal)
    if goal.has(sp.nan, sp.zoo, sp.oo):
        return None
    if goal == 0 and sign is not Sign.POSITIVE:
        return certify(goal, [], sign)
    few = [*facts, *_evident([goal, *(f.gap for f in facts)])]
    found = find(goal, few, sign)
    if found is None:
        many = [*facts, *_products(facts, [goal])]
        found = find(goal, [*many, *_evident([goal, *(f.gap for f in many)])], sign)
    return found


def _without_maxima(gap: Expr) -> Iterable[tuple[Expr, list[Fact]]]:
    """The gap with each maximum named, case by case of which argument attains it."""
    atoms = sorted(gap.atoms(sp.Max), key=str)
    if any(a.atoms(sp.Max) - {a} for a in atoms):
        return [(sp.nan, [])]
    names = {a: sp.Symbol(f"max{k}", real=True) for k, a in enumerate(atoms)}
    above = [assume(names[a] - e, "maximum") for a in atoms for e in a.args]
    goal = gap.xreplace(names)
    cases = list(itertools.islice(itertools.product(*(a.args for a in atoms)), _MOST_CASES + 1))
    if len(cases) > _MOST_CASES:
        return [(sp.nan, [])]
    return [
        (goal, above + [assume(names[a] - e, "maximum", Sign.ZERO) for a, e in zip(atoms, case, strict=True)])
        for case in cases
    ]


# ---- facts about opaque norms -------------------------------------------------------------------------------------------


def _facts(session: Session, nonzero: Expr | None) -> list[Fact]:
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
                yield assume(u.result[0] * s.result[0] - sign * pairing, f"holder@{part}" if sign > 0 else f"holder+@{part}")
    for call in session.minimizers:
        if call.part != part:
            continue
        # The LMO of the norm, or the one of its dual, of which the law "bidual" speaks.
        feasible = session.value(part, call.dual, call.result).result[0]
        attained = session.value(part, not call.dual, call.arguments).result[0]
        law = ("bidual", "bidual") if call.dual else ("lmo_feasible", "lmo_attains")
        yield assume(1 - feasible, f"{law[0]}@{part}")
        yield assume(_dot(call.arguments, call.result) + attained, f"{law[1]}@{part}", Sign.ZERO)


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
    if part == "outer":
        found += _monotone(who, calls, [*known, *found])
        found += _homogeneous_again(who, calls, known)
    for call in calls:
        found += _definite(who, call, known, nonzero)
    return found


def _monotone(who: str, calls: Sequence[Call], known: Sequence[Fact]) -> Iterable[Fact]:
    """An absolute norm is monotone: |a| ≤ |b| gives φ(a) ≤ φ(b), and |a| ≤ |b| + |c| gives φ(a) ≤ φ(b) + φ(c)."""
    sizes = {call: [_size(e, known) for e in call.arguments] for call in calls}
    for a, b in itertools.permutations(calls, 2):
        gaps = [y[0] - x[0] for x, y in zip(sizes[a], sizes[b], strict=True)]
        proofs = [_search(gap, known, Sign.NONNEGATIVE) for gap in gaps]
        if all(p is not None for p in proofs):
            base = assume(b.result[0] - a.result[0], f"absolute@{who}")
            yield _resting(who, base, [p for p in proofs if p is not None], (sizes[a], sizes[b]))
    for a, b, c in itertools.permutations(calls, 3):
        gaps = [y[0] + z[0] - x[0] for x, y, z in zip(sizes[a], sizes[b], sizes[c], strict=True)]
        proofs = [_search(gap, known, Sign.NONNEGATIVE) for gap in gaps]
        if all(p is not None for p in proofs):
            base = assume(b.result[0] + c.result[0] - a.result[0], f"absolute@{who}")
            yield _resting(who, base, [p for p in proofs if p is not None], (sizes[a], sizes[b], sizes[c]))


def _homogeneous_again(who: str, calls: Sequence[Call], known: Sequence[Fact]) -> Iterable[Fact]:
    """φ(a) = |c|·φ(b) where a = c·b after the parts' own homogeneity is used: their values at t·x are |t| times those at x."""
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


def _size(e: Expr, known: Sequence[Fact]) -> tuple[Expr, Fact | None]:
    """|e|, without the bars where e is known to be nonnegative."""
    if e.is_nonnegative:
        return e, None
    fact = _search(e, known, Sign.NONNEGATIVE) if e.is_Add or e.is_Mul else None
    return (e, fact) if fact is not None else (_bars(e), None)


def _resting(
    who: str, fact: Fact, proofs: Sequence[Fact], sizes: Iterable[Sequence[tuple[Expr, Fact | None]]]
) -> Fact:
    """The fact, carrying the hypotheses of what its premises rest on; that absolute means monotone needs a norm."""
    axioms = [assume(sp.S.Zero, f"{law}@{who}", Sign.ZERO) for law in ("homogeneous", "subadditive")]
    premises = [*axioms, *proofs, *(s for row in sizes for _, s in row if s is not None)]
    return certify(fact.gap, [(1, fact), *((0, p) for p in premises)])


def _definite(who: str, call: Call, known: Sequence[Fact], nonzero: Expr | None) -> Iterable[Fact]:
    """Positive where the arguments cannot all vanish: the given input is not 0, or one of them is known to be positive."""
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


# ---- small things ----------------------------------------------------------------------------------------------------------


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
    if sp.denom(sp.together(ratio)).free_symbols or not _same(a, [ratio * e for e in b]):
        return None
    return ratio


def _monomials(expressions: Iterable[Expr]) -> list[Expr]:
    found: dict[Expr, None] = {}
    for expression in expressions:
        for part in sp.Add.make_args(normal(expression)):
            found[part.as_coeff_Mul()[1]] = None
    return list(found)


def _evident(expressions: Iterable[Expr]) -> list[Fact]:
    return [evident(m) for m in _monomials(expressions) if m.is_nonnegative]


def _products(facts: Sequence[Fact], goals: Iterable[Expr]) -> Iterable[Fact]:
    """Facts times the monomial that turns one of their terms into a term of the goal; twice, for what appears."""
    wanted = _monomials(goals)
    for _ in range(2):
        made = [p for f in facts for p in _multiples(f, wanted)]
        yield from made
        wanted = _monomials(p.gap for p in made)
        if len(wanted) > 60:
            return


def _multiples(fact: Fact, wanted: Sequence[Expr]) -> Iterable[Fact]:
    weights: dict[Expr, None] = {}
    for part in sp.Add.make_args(normal(fact.gap)):
        term = part.as_coeff_Mul()[1]
        for monomial in wanted:
            weight = monomial / term
            if weight.free_symbols and not sp.denom(weight).free_symbols:
                weights[weight] = None
    for weight in weights:
        if fact.sign is Sign.ZERO:
            yield certify(normal(weight * fact.gap), [(weight, fact)], Sign.ZERO)
        elif weight.is_nonnegative:
            yield certify(normal(weight * fact.gap), [(weight, fact)])
