"""Facts as a proof on paper: numbered lines, each with what it follows from, down to the conclusions.

A fact that several others use stands once. What is evident from the domains of the symbols is not numbered: it is said
where it is used; a fact multiplied by a weight is written as that weight times the line of the fact.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sympy as sp

from ntr_spec.verify.kernel import Fact
from ntr_spec.verify.rendering import tree as t
from ntr_spec.verify.rendering.expressions import signed, split_sign, tree
from ntr_spec.verify.rendering.notation import parse
from ntr_spec.verify.rendering.reasons import SUMS, flattened, label, restating, words_of
from ntr_spec.verify.rendering.relation import relation

Expr = Any

_OFTEN = 4  # facts that have to repeat a maximum before it is given a name


@dataclasses.dataclass(frozen=True)
class Line:
    """One numbered line.

    Attributes:
        number: from 1.
        reason: what it follows from.
        relation: what it says.
        concludes: whether the proof is there to show it.
    """

    number: int
    reason: t.Node
    relation: t.Node
    concludes: bool


@dataclasses.dataclass(frozen=True)
class Paper:
    """A proof as it is written.

    Attributes:
        definitions: "w₁ = min{1, ε}": names of what many lines would repeat.
        lines: in an order in which each line uses earlier ones only.
    """

    definitions: tuple[t.Node, ...]
    lines: tuple[Line, ...]


def paper(facts: Sequence[Fact], known: Mapping[Any, str] | None = None) -> Paper:
    """The proof that ends in these facts.

    Args:
        facts: what the proof concludes.
        known: names of lemmas by the :func:`key` of what they conclude; their proofs are not repeated.
    """
    names = _abbreviations(facts)
    definitions = []
    for atom, name in names.items():
        inside = atom.func(*(argument.xreplace(names) for argument in atom.args))
        definitions.append(t.row([tree(name), t.Sign("="), tree(inside)]))
    return Paper(tuple(definitions), tuple(_Numbering(facts, known or {}, names).lines))


def key(fact: Fact) -> Any:
    """Equal for facts that say the same on the same grounds, however they were proved."""
    return (fact.gap, fact.sign, fact.hypotheses, fact.rule == "assume")


def assumptions(facts: Iterable[Fact]) -> tuple[str, ...]:
    """The names of all that the facts rest on, sorted."""
    return tuple(sorted(set().union(*(fact.hypotheses for fact in facts))))


def _abbreviations(facts: Sequence[Fact]) -> dict[Expr, Expr]:
    """Names for the maxima, minima and ceilings that many facts below these repeat, inner ones first."""
    counts: dict[Expr, int] = {}
    seen: set[int] = set()
    rest = list(facts)
    while rest:
        fact = rest.pop()
        if id(fact) not in seen:
            seen.add(id(fact))
            rest += [part for _, part in fact.parts]
            for atom in fact.gap.atoms(sp.Max, sp.Min, sp.ceiling):
                counts[atom] = counts.get(atom, 0) + 1
    often = [atom for atom, count in counts.items() if count >= _OFTEN and atom.is_positive]
    often.sort(key=lambda atom: (len(str(atom)), str(atom)))
    return {atom: sp.Symbol(f"w_{k}", positive=True) for k, atom in enumerate(often, start=1)}


class _Numbering:
    def __init__(self, facts: Sequence[Fact], known: Mapping[Any, str], names: Mapping[Expr, Expr]) -> None:
        self._known = known
        self._names = names
        self.lines: list[Line] = []
        self._numbers: dict[Any, int] = {}
        self._said: dict[Any, t.Node] = {}
        self._wanted = {key(fact) for fact in facts}
        for fact in facts:
            if fact.gap != 0:
                self._number(fact)
        if not self.lines:  # 0 = 0 tells a reader nothing, but that there is nothing else does
            self._number(facts[0])

    def _number(self, fact: Fact) -> int:
        """The number of the fact's line, which is written if it was not."""
        found = key(fact)
        if found not in self._numbers:
            same = restating(fact)
            if same is not None and self._says(same) == self._says(fact):
                self._wanted |= {key(same)} if found in self._wanted else set()
                self._numbers[found] = self._number(same)
            else:
                reason = t.Word(self._known[found]) if found in self._known else self._reason(fact)
                self._numbers[found] = len(self.lines) + 1
                self.lines.append(Line(len(self.lines) + 1, reason, self._says(fact), found in self._wanted))
        return self._numbers[found]

    def _says(self, fact: Fact, weight: Expr = 1) -> t.Node:
        gap = (weight * fact.gap).xreplace(self._names)
        if (gap, fact.sign) not in self._said:
            self._said[gap, fact.sign] = relation(gap, fact.sign)
        return self._said[gap, fact.sign]

    def _tree(self, expression: Expr) -> t.Node:
        return tree(sp.sympify(expression).xreplace(self._names))

    def _reason(self, fact: Fact) -> t.Node:
        said = self._weighted(fact) if fact.rule in SUMS else self._in_words(fact)
        note = [t.Word("—"), parse(fact.note)] if fact.note else []
        return t.row([said, *note])

    def _in_words(self, fact: Fact) -> t.Node:
        if fact.rule == "assume":
            return t.Fence("[", label(fact.detail["name"]), "]")
        used = [part for _, part in fact.parts]
        if fact.rule == "every_index":
            start, step = (t.row(self._listed([part])) for part in used)
            return t.row([parse("induction on k:"), start, parse("at k = 0,"), step, parse("from k to k + 1")])
        before, after = words_of(fact)
        return t.row([parse(before), *self._listed(used), parse(after), *self._particulars(fact)])

    def _particulars(self, fact: Fact) -> list[t.Node]:
        """What a rule was told besides the facts: which squares, which values, where the minimum is."""
        detail = fact.detail
        if fact.rule == "sum_of_squares":
            squares = [(weight * root**2).xreplace(self._names) for weight, root in detail["squares"]]
            return [t.Sign(":"), signed([split_sign(square) for square in squares])]
        if fact.rule == "convex_minimum":
            return [t.Word("at"), self._tree(detail["variable"]), t.Sign("="), self._tree(detail["at"])]
        if fact.rule == "instance":
            return [self._tree(detail["index"])]
        if fact.rule == "substitute":
            values = detail["values"].items()
            pairs = [t.row([self._tree(old), t.Sign("="), self._tree(new)]) for old, new in values]
            return [t.Word("at"), *_commas(pairs)]
        if fact.rule == "induction":
            moves = [
                t.row([tree(old), t.Word("from"), tree(detail["start"][old]), t.Sign("↦"), tree(new)])
                for old, new in detail["update"].items()
            ]
            return [t.Sign(","), *_commas(moves)]
        return []

    def _weighted(self, fact: Fact) -> t.Node:
        """= λ₁·(3) + λ₂·(5), given (2), with 0 ≤ …."""
        weights: dict[int, Expr] = {}
        premises: list[Fact] = []
        evident: list[t.Node] = []
        for weight, part in flattened(fact):
            if weight == 0:
                premises.append(part)
            elif part.rule == "evident" and key(part) not in self._numbers:
                evident.append(self._says(part, weight))
            else:
                number = self._number(part)
                weights[number] = weights.get(number, sp.S.Zero) + weight
        sizes = [(*split_sign(weight), number) for number, weight in weights.items()]
        terms = [(negative, _times(self._tree(size), number)) for negative, size, number in sizes]
        if not terms and evident == [self._says(fact)]:
            return t.Word("evident")
        clauses: list[list[t.Node]] = []
        if terms:
            signs = [t.Sign("−" if negative else "+") for negative, _ in terms]
            total = [node for sign, (_, term) in zip(signs, terms, strict=True) for node in (sign, term)]
            clauses.append([t.Sign("="), *(total if terms[0][0] else total[1:])])
        if premises:
            clauses.append([t.Word("given" if terms else "by"), *self._listed(premises)])
        if evident:
            clauses.append([t.Word("with"), *_commas(list(dict.fromkeys(evident)))])
        if not clauses:
            clauses.append([t.Word("the two sides are equal")])
        if fact.detail.get("multiplier", 1) != 1:
            clauses.append([t.Word("divided by"), self._tree(fact.detail["multiplier"])])
        return t.row(_commas([t.row(clause) for clause in clauses]))

    def _listed(self, facts: Sequence[Fact]) -> list[t.Node]:
        """(1), (2), (5); what is evident by what it says."""
        found: list[t.Node] = []
        for fact in facts:
            if fact.rule == "assume" and fact.gap == 0:  # a law that was used, though not as a term
                found.append(t.Fence("[", label(fact.detail["name"]), "]"))
            elif fact.gap == 0:
                found.append(t.Word("the two sides are equal"))
            elif fact.rule == "evident":
                found.append(self._says(fact))
            else:
                found.append(_reference(self._number(fact)))
        return _commas(list(dict.fromkeys(found)))


def _commas(nodes: Sequence[t.Node]) -> list[t.Node]:
    return [part for node in nodes for part in (t.Sign(","), node)][1:]


def _times(weight: t.Node, number: int) -> t.Node:
    if weight == t.Number("1"):
        return _reference(number)
    return t.row([t.group(weight) if t.is_sum(weight) else weight, t.Sign("·"), _reference(number)])


def _reference(number: int) -> t.Node:
    return t.group(t.Number(str(number)))
