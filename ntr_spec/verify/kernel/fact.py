"""``Fact``: what the kernel's rules make. Nothing here is for use outside the kernel but the types."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from typing import Any, Final, final

import sympy as sp

from ntr_spec.verify.algebra import INFINITIES, CertificateError
from ntr_spec.verify.formal.vocabulary import Vocabulary

Expr = Any
Parts = tuple[tuple[Expr, "Fact"], ...]
MAKER: Final = object()
"""Only who has it can make facts: the modules of the kernel."""
LOCAL: Final = "induction hypothesis: "
REACHABLE: Final = "reachable: "


class Sign(enum.Enum):
    """What a fact says about its gap."""

    NONNEGATIVE = ">="
    POSITIVE = ">"
    ZERO = "=="


class Hypothesis(str):
    """The name of a hypothesis that a rule made. It equals no text: what it is of, its ``key``, tells it apart."""

    __slots__ = ("key",)

    key: object

    def __new__(cls, text: str, key: object) -> Hypothesis:
        """Hypotheses with equal keys are the same."""
        made = super().__new__(cls, text)
        made.key = key
        return made

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Hypothesis) and self.key == other.key

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self.key)


@final
class Fact:
    """``gap`` has the ``sign`` said, under ``hypotheses``. Made by the kernel's rules only; never changed.

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
        if maker is not MAKER:
            raise CertificateError(
                "Fact: facts are made by the kernel's rules only; call certify, assume or another rule"
            )
        if not all(type(part) is Fact for _, part in parts):
            raise CertificateError("Fact: expected facts, which the kernel's rules made, as parts")
        if sp.sympify(gap).has(*INFINITIES):
            raise CertificateError(f"Fact: {gap} is not a number")
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

    def __init_subclass__(cls) -> None:
        raise CertificateError("Fact: what is not made by the kernel's rules is not a fact; do not subclass it")

    def __setattr__(self, name: str, value: object) -> None:
        raise CertificateError(f"Fact: {name} cannot be changed; make another fact by a rule")

    def __delattr__(self, name: str) -> None:
        raise CertificateError(f"Fact: {name} cannot be removed; make another fact by a rule")

    def with_note(self, note: str) -> Fact:
        """The same fact with a line of words."""
        kept = (self.rule, self.hypotheses, self.fixed, note, self.detail, self.vocabulary)
        return Fact(self.gap, self.sign, self.parts, MAKER, *kept)

    def __repr__(self) -> str:
        given = f"  given {', '.join(sorted(self.hypotheses))}" if self.hypotheses else ""
        return f"{self.gap} {self.sign.value} 0{given}"


def one(fact: Fact) -> Parts:
    """A fact as the only part of another, of weight 1."""
    return ((sp.S.One, fact),)


def under(
    gap: Expr,
    sign: Sign,
    name: str,
    fixed: Iterable[Any],
    rule: str,
    parts: Parts = (),
    detail: Mapping[str, Any] | None = None,
    vocabulary: Vocabulary | None = None,
) -> Fact:
    """A fact that rests on the hypothesis of this name."""
    return Fact(gap, sign, parts, MAKER, rule, {name}, fixed, "", {"name": name, **(detail or {})}, vocabulary)
