"""Facts as a proof on paper: numbered lines, each with what it follows from, down to the conclusions.

A fact that several others use stands once. What is evident from the domains of the symbols is not numbered: it is said
where it is used; a fact multiplied by a weight is written as that weight times the line of the fact.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import sympy as sp

from ntr_spec.verify.kernel import Fact, Sign
from ntr_spec.verify.rendering import tree as t
from ntr_spec.verify.rendering.expressions import signed, split_sign, tree
from ntr_spec.verify.rendering.notation import parse
from ntr_spec.verify.rendering.relation import relation, relation_of

Expr = Any

# What is said of a rule whose conclusion is no weighted sum; {} is where the lines that it uses are named.
_WORDS = {
    "evident": "evident",
    "sum_of_squares": "a sum of squares",
    "induction": "induction with step {}",
    "instance": "{} at k =",
    "equal_norms": "norms of vectors that are equal by {}",
    "powers_compare": "the root of {}",
    "powers_raise": "a power of {}",
    "convex_minimum": "convex, least",
    "substitute": "{}",
    "one_of": "a sum of nonnegative terms is at least one of them",
    "vanish": "each term vanishes in {}",
}
_TOTALS = {"E": "the expectation of {}", "∫": "{} integrated over t"}
_SUMS = ("certify", "times")


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


def lines(facts: Sequence[Fact], known: Mapping[Any, str] | None = None) -> tuple[Line, ...]:
    """The lines that end in these facts, in an order in which each line uses earlier ones only.

    Args:
        facts: what the proof concludes.
        known: names of lemmas by the :func:`key` of what they conclude; their proofs are not repeated.
    """
    return tuple(_Numbering(facts, known or {}).lines)


def key(fact: Fact) -> Any:
    """Equal for facts that say the same on the same grounds, however they were proved."""
    return (fact.gap, fact.sign, fact.hypotheses, fact.rule == "assume")


def assumptions(facts: Iterable[Fact]) -> tuple[str, ...]:
    """The names of all that the facts rest on, sorted."""
    return tuple(sorted(set().union(*(fact.hypotheses for fact in facts))))


class _Numbering:
    def __init__(self, facts: Sequence[Fact], known: Mapping[Any, str]) -> None:
        self._known = known
        self.lines: list[Line] = []
        self._numbers: dict[Any, int] = {}
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
            same = _restated(fact)
            if same is not None:
                self._wanted |= {key(same)} if found in self._wanted else set()
                self._numbers[found] = self._number(same)
            else:
                reason = t.Word(self._known[found]) if found in self._known else self._reason(fact)
                self._numbers[found] = len(self.lines) + 1
                self.lines.append(Line(len(self.lines) + 1, reason, relation_of(fact), found in self._wanted))
        return self._numbers[found]

    def _reason(self, fact: Fact) -> t.Node:
        said = self._weighted(fact) if fact.rule in _SUMS else self._in_words(fact)
        note = [t.Word("—"), parse(fact.note)] if fact.note else []
        return t.row([said, *note])

    def _in_words(self, fact: Fact) -> t.Node:
        if fact.rule == "assume":
            return t.Fence("[", label(fact.detail["name"]), "]")
        used = [part for _, part in fact.parts]
        if fact.rule == "every_index":
            start, step = (t.row(self._listed([part])) for part in used)
            return t.row([parse("induction on k:"), start, parse("at k = 0,"), step, parse("from k to k + 1")])
        words = _WORDS.get(fact.rule, fact.rule.replace("_", " ") + (" of {}" if used else ""))
        if fact.rule == "total":
            words = _TOTALS.get(fact.detail["label"], "{} summed over i")
        before, _, after = words.partition("{}")
        named = self._listed(used) if "{}" in words else []
        return t.row([*_said(before), *named, *_said(after), *_particulars(fact)])

    def _weighted(self, fact: Fact) -> t.Node:
        """λ₁·(3) + λ₂·(5), given (2), with 0 ≤ …."""
        terms: list[tuple[bool, t.Node]] = []
        premises: list[Fact] = []
        evident: list[t.Node] = []
        for weight, part in _flattened(fact):
            if weight == 0:
                premises.append(part)
            elif part.rule == "evident" and key(part) not in self._numbers:
                evident.append(relation(sp.Mul(weight, part.gap), part.sign))
            else:
                negative, size = split_sign(weight)
                terms.append((negative, _times(size, self._number(part))))
        items: list[t.Node] = [t.Sign("=")] if terms else []
        for k, (negative, term) in enumerate(terms):
            items += [t.Sign("−" if negative else "+")] if k or negative else []
            items.append(term)
        if not items:
            if evident == [relation_of(fact)]:
                return t.Word("evident")
            items = [] if evident else [t.Word("the two sides are equal")]
        if premises:
            given = t.Word("given") if items else t.Word("by")
            items += [*([t.Sign(",")] if items else []), given, *self._listed(premises)]
        for k, node in enumerate(dict.fromkeys(evident)):
            items += [*([t.Sign(",")] if items else []), *([] if k else [t.Word("with")]), node]
        divisor = fact.detail.get("multiplier", 1)
        if divisor != 1:
            items += [t.Sign(","), t.Word("divided by"), tree(divisor)]
        return t.row(items)

    def _listed(self, facts: Sequence[Fact]) -> list[t.Node]:
        """(1), (2) and (5); evident ones by what they say."""
        found: list[t.Node] = []
        for fact in facts:
            if fact.rule == "assume" and fact.gap == 0:  # a law that was used, though not as a term
                shown: t.Node = t.Fence("[", label(fact.detail["name"]), "]")
            elif fact.rule == "certify" and not fact.parts:
                shown = t.Word("the two sides are equal")
            else:
                shown = relation_of(fact) if fact.rule == "evident" else _reference(self._number(fact))
            if shown not in found:
                found += [*([t.Sign(",")] if found else []), shown]
        return found


def label(name: str) -> t.Node:
    """The name of an assumption, and of what it is assumed: ``A2: x_{k+1}, x_k``, ``lmo_attains@norm``."""
    if match := re.fullmatch(r"([a-z_]+)(\+?)@(.+)", name):
        law, reverse, part = match.groups()
        return t.row([t.Word(law.replace("_", " ") + (" at −g" if reverse else "")), t.Sign(","), parse(part)])
    title, colon, about = name.partition(": ")
    if title in ("induction hypothesis", "reachable"):  # what follows says the fact again
        return t.Word(title)
    if colon:
        return t.row([_title(title), t.Sign(":"), parse(about)])
    return _title(name)


def _title(name: str) -> t.Node:
    if re.fullmatch(r"[A-Z][0-9]+\*?", name):
        return t.Word(name)
    pieces = re.split(r"\b([a-z]{3,}(?:_[a-z]{2,})+)", name)
    return t.row(t.Word(piece.replace("_", " ")) if k % 2 else parse(piece) for k, piece in enumerate(pieces))


def _restated(fact: Fact) -> Fact | None:
    """The fact that another one says again, moved from one side to the other at most."""
    if fact.rule != "certify" or len(fact.parts) != 1 or fact.detail["multiplier"] != 1 or fact.note:
        return None
    ((weight, part),) = fact.parts
    return part if weight == 1 and part.sign is fact.sign and relation_of(part) == relation_of(fact) else None


def _flattened(fact: Fact) -> Iterator[tuple[Expr, Fact]]:
    """The parts of a weighted sum, multiples opened."""
    for weight, part in fact.parts:
        if part.rule == "times":
            for inner, base in _flattened(part):
                yield weight * inner, base
        elif part.rule == "certify" and not part.parts and part.sign is Sign.ZERO:
            continue  # 0 = 0, by which nothing is said
        else:
            yield weight, part


def _particulars(fact: Fact) -> list[t.Node]:
    """What a rule was told besides the facts: which squares, which values, where the minimum is."""
    detail = fact.detail
    if fact.rule == "sum_of_squares":
        return [t.Sign(":"), signed([split_sign(weight * root**2) for weight, root in detail["squares"]])]
    if fact.rule == "convex_minimum":
        return [t.Word("at"), tree(detail["variable"]), t.Sign("="), tree(detail["at"])]
    if fact.rule == "instance":
        return [tree(detail["index"])]
    if fact.rule == "substitute":
        pairs = [t.row([tree(old), t.Sign("="), tree(new)]) for old, new in detail["values"].items()]
        return [t.Word("at"), *_commas(pairs)]
    if fact.rule == "induction":
        moves = [
            t.row([tree(old), t.Word("from"), tree(detail["start"][old]), t.Sign("↦"), tree(new)])
            for old, new in detail["update"].items()
        ]
        return [t.Sign(","), *_commas(moves)]
    return []


def _commas(nodes: Sequence[t.Node]) -> list[t.Node]:
    return [part for node in nodes for part in (t.Sign(","), node)][1:]


def _times(weight: Expr, number: int) -> t.Node:
    reference = _reference(number)
    if weight == 1:
        return reference
    node = tree(weight)
    return t.row([t.group(node) if t.is_sum(node) else node, t.Sign("·"), reference])


def _reference(number: int) -> t.Node:
    return t.group(t.Number(str(number)))


def _said(words: str) -> list[t.Node]:
    return [parse(words)] if words.strip() else []
