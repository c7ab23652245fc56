"""A theorem with a constant changed or an assumption dropped: what is asked of its proof, and why it fails."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any

from ntr_spec import theory
from ntr_spec.cli.prove_names import full_name
from ntr_spec.errors import InputError
from ntr_spec.theory import Theorem
from ntr_spec.verify.kernel import Fact
from ntr_spec.verify.lemmas import Lemma


@dataclasses.dataclass(frozen=True)
class Alteration:
    """What was changed in a theorem.

    Attributes:
        theorem: as it is proved.
        factors: what the constants of its terms are multiplied by.
        without: assumptions that are taken away.
    """

    theorem: Theorem
    factors: dict[str, Fraction]
    without: tuple[str, ...]

    @property
    def altered(self) -> Theorem:
        """The theorem after the change."""
        return self.theorem.altered(**self.factors)

    @property
    def options(self) -> dict[str, Any]:
        """What its proof is called with."""
        return {"theorem": self.altered, "granted": self.granted}

    @property
    def granted(self) -> tuple[str, ...] | None:
        """The assumptions that are left; None for all."""
        if not self.without:
            return None
        return tuple(name for name in self.theorem.assumptions if name not in self.without)

    @property
    def statement(self) -> str:
        """What is to be proved now."""
        given = f"  (without {', '.join(self.without)})" if self.without else ""
        return f"{self.altered.statement.text}{given}"

    def to_json(self) -> dict[str, Any]:
        """As it is saved."""
        return {
            "theorem": self.theorem.name,
            "change": {term: str(factor) for term, factor in self.factors.items()},
            "without": list(self.without),
        }


def alteration(chosen: Sequence[Lemma], change: Sequence[str], without: Sequence[str]) -> Alteration | None:
    """What the options ask for; None if they ask for nothing.

    Raises:
        InputError: not exactly one theorem is named, or it has no such term or assumption.
    """
    if not change and not without:
        return None
    theorems = {full_name(one.name): one for one in theory.THEOREMS}
    if len(chosen) != 1 or chosen[0].name not in theorems:
        raise InputError(
            "prove: --change and --without alter one theorem; name it, as in ntr-spec prove T2 --change drift=0.9"
        )
    theorem = theorems[chosen[0].name]
    factors: dict[str, Fraction] = {}
    for word in change:
        term, factor = _factor(word)
        if term in factors:
            raise InputError(f"--change {word}: {term} was changed already; give each term one factor")
        factors[term] = factor
    theorem.altered(**factors)  # which knows its terms
    for name in without:
        if name.upper() not in theorem.assumptions:
            has = ", ".join(theorem.assumptions)
            raise InputError(f"--without {name}: {theorem.name} rests on {has}; drop one of these")
    return Alteration(theorem, factors, tuple(name.upper() for name in without))


_LONGEST, _EXPONENT = 40, re.compile(r"[eE][+-]?0*([0-9]*)$")


def _factor(word: str) -> tuple[str, Fraction]:
    """The term and its factor; a number of many digits, 1e99999999 too, is refused before it is worked out."""
    term, equals, number = (part.strip() for part in word.partition("="))
    exponent = _EXPONENT.search(number.replace("_", ""))
    if len(number) > _LONGEST or (exponent and int(exponent[1] or 0) > _LONGEST):
        shown = word if len(word) <= 2 * _LONGEST else f"{word[: 2 * _LONGEST]}…"
        raise InputError(f"--change {shown}: expected a factor of at most {_LONGEST} digits; write drift=0.9")
    try:
        factor = Fraction(number)
    except (ValueError, ZeroDivisionError):
        factor = Fraction(-1)
    if not equals or factor < 0:
        raise InputError(f"--change {word}: expected TERM=FACTOR with a factor ≥ 0; write drift=0.9 or drift=9/10")
    return term, factor


def explain(change: Alteration, result: Any, check: Callable[..., Any]) -> Iterator[str]:
    """Lines that say what became of the altered theorem: which terms fall short, or which step needed what was dropped.

    Args:
        change: what was changed.
        result: what became of its proof.
        check: runs a proof (that of :mod:`proofs.recheck`).
    """
    if result.ok:
        yield f"{change.theorem.name} still holds: the kernel accepts the altered proof"
        return
    for term in _short(change, result, check):
        size = change.theorem.symbolic_terms()[term]
        factor = change.factors[term]
        missing = _text((1 - factor) * size)
        yield f"{term} falls short: {factor} of {_text(size)} is {missing} less than the proof gives"
    if change.without:
        full = check(result.lemma, theorem=change.altered)
        for name in change.without:
            for fact in _assumed(full.proved, name):
                yield f"{name} was needed for {_step(fact)}"


def _short(change: Alteration, result: Any, check: Callable[..., Any]) -> list[str]:
    """The terms whose factors alone make the proof fail."""
    smaller = [term for term, factor in change.factors.items() if factor < 1]
    if len(smaller) == 1 and not change.without:
        return smaller
    alone = (dataclasses.replace(change, factors={term: change.factors[term]}, without=()) for term in smaller)
    return [term for term, one in zip(smaller, alone, strict=True) if not check(result.lemma, **one.options).ok]


def _assumed(facts: Sequence[Fact], name: str) -> list[Fact]:
    """The instances of an assumption that facts rest on, each once."""
    found: dict[Any, Fact] = {}
    seen: set[int] = set()
    rest = list(facts)
    while rest:
        fact = rest.pop()
        if id(fact) in seen:
            continue
        seen.add(id(fact))
        rest += [part for _, part in fact.parts]
        said = str(fact.detail.get("name", ""))
        if said.partition(": ")[0] == name:
            found.setdefault((said, fact.gap), fact)
    return sorted(found.values(), key=lambda fact: (str(fact.detail["name"]), str(fact.gap)))


def _step(fact: Fact) -> str:
    from ntr_spec.verify.rendering import label, relation_of, text

    return f"[{text(label(fact.detail['name']))}]  {text(relation_of(fact))}"


def _text(expression: Any) -> str:
    from ntr_spec.verify.rendering import text
    from ntr_spec.verify.rendering.expressions import tree

    return text(tree(expression))
