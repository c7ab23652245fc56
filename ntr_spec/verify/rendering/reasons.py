"""What is said of a rule of the kernel: words, names of assumptions, and which parts of a sum say something."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import sympy as sp

from ntr_spec.verify.kernel import Fact
from ntr_spec.verify.rendering import tree as t
from ntr_spec.verify.rendering.notation import parse

Expr = Any

SUMS = ("certify", "times")
"""Rules whose conclusion is a weighted sum of their parts."""

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
    "attained": "case by case, {}",
}
_TOTALS = {"E": "the expectation of {}", "∫": "{} integrated over t"}


def words_of(fact: Fact) -> tuple[str, str]:
    """What is said of a rule before and after the lines that it uses are named; without {} they are not."""
    words = _WORDS.get(fact.rule, fact.rule.replace("_", " ") + (" of {}" if fact.parts else ""))
    if fact.rule == "extreme":
        words = f"by what {_extreme(fact.gap)} is"
    elif fact.rule == "total":
        words = _TOTALS.get(fact.detail["label"], "{} summed over i")
    before, _, after = words.partition("{}")
    return before, after


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


def restating(fact: Fact) -> Fact | None:
    """The only fact that this one was made from, if it may say the same again, moved from one side to the other."""
    if fact.rule not in (*SUMS, "powers_raise") or fact.note or fact.detail.get("multiplier", 1) != 1:
        return None
    parts = list(flattened(fact))
    if len(parts) != 1 or parts[0][0] != 1:
        return None
    part = parts[0][1]
    return part if part.sign is fact.sign and part.hypotheses == fact.hypotheses else None


def flattened(fact: Fact) -> Iterator[tuple[Expr, Fact]]:
    """The parts of a weighted sum, multiples opened, without those that only say 0 = 0 or 0 ≤ 0."""
    for weight, part in fact.parts:
        if part.rule == "times":
            for inner, base in flattened(part):
                yield weight * inner, base
        elif part.gap != 0 or part.rule == "assume":
            yield weight, part


def _title(name: str) -> t.Node:
    if re.fullmatch(r"[A-Z][0-9]+\*?", name):
        return t.Word(name)
    pieces = re.split(r"\b([a-z]{3,}(?:_[a-z]{2,})+)", name)
    return t.row(t.Word(piece.replace("_", " ")) if k % 2 else parse(piece) for k, piece in enumerate(pieces))


def _extreme(gap: Expr) -> str:
    """Which function the rule about maxima, minima and ceilings was used for."""
    for term in sp.Add.make_args(gap):
        if isinstance(term, sp.Max):
            return "max"
        if isinstance(term, sp.ceiling):
            return "⌈ ⌉"
    return "min"
