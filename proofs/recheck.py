"""Running the proofs and saying what came out."""

from __future__ import annotations

import ast
import contextlib
import dataclasses
import importlib
import inspect
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any
from unittest import mock

from ntr_spec.verify import kernel
from ntr_spec.verify.formal.assumptions import ASSUMPTIONS
from ntr_spec.verify.formal.setting import Setting
from ntr_spec.verify.kernel import CertificateError, Fact
from ntr_spec.verify.lemmas import LEMMAS, Lemma, lemma
from proofs.statements import check_statement

_FORBIDDEN = frozenset({"assume", "under", "MAKER", "_grant", "exec", "eval", "__import__", "importlib", "setattr"})
"""What a proof about the method has no use for: other ways to a hypothesis than through a Setting."""

_CITES = {
    "A1": "tower_property",
    "A1*": "tower_property",
    "Taylor sums": "taylor_sums",
    "bidual": "fenchel_moreau",
}
"""What a proof takes from elsewhere where the name of the hypothesis does not say so."""


@dataclasses.dataclass(frozen=True)
class Result:
    """What became of one lemma.

    Attributes:
        lemma: the lemma.
        proved: what its proof concludes; nothing for a cited one.
        seconds: time taken.
        failure: why the proof fails, or the empty string.
    """

    lemma: Lemma
    proved: tuple[Fact, ...] = ()
    seconds: float = 0.0
    failure: str = ""

    @property
    def facts(self) -> int:
        """How many facts the proof concludes."""
        return len(self.proved)

    @property
    def cites(self) -> tuple[str, ...]:
        """Names of the cited lemmas that the proof rests on; where this is not empty, it is proved given these."""
        cited = {entry.name for entry in LEMMAS if entry.cited}
        grounds = sorted({hypothesis.partition(": ")[0] for fact in self.proved for hypothesis in fact.hypotheses})
        names = (_CITES.get(ground.partition("@")[0], ground.replace(" ", "_")) for ground in grounds)
        return tuple(name for name in dict.fromkeys(names) if name in cited)

    @property
    def ok(self) -> bool:
        """Proved, or openly cited."""
        return not self.failure

    @property
    def status(self) -> str:
        """PROVED, CITED or FAILED."""
        if self.failure:
            return "FAILED"
        return "CITED" if self.lemma.cited else "PROVED"


def recheck(names: Sequence[str] = ()) -> tuple[Result, ...]:
    """Check the lemmas of these names, or all of them.

    Raises:
        KeyError: a name is not a lemma's.
    """
    chosen = tuple(lemma(name) for name in names) or LEMMAS
    return tuple(check(entry) for entry in chosen)


def check(entry: Lemma, **options: Any) -> Result:
    """Run one proof; options are those of its ``proof`` (``theorem`` and ``granted``, where it has them)."""
    if entry.cited:
        return Result(entry)
    start = time.perf_counter()
    try:
        facts = _facts(entry, options)
    except (CertificateError, ImportError, ArithmeticError) as error:
        return Result(entry, (), time.perf_counter() - start, f"{type(error).__name__}: {error}")
    return Result(entry, facts, time.perf_counter() - start)


def _facts(entry: Lemma, options: Mapping[str, Any]) -> tuple[Fact, ...]:
    name = entry.name
    module = importlib.import_module(f"proofs.{name}")
    allowed = tuple(getattr(module, "HYPOTHESES", ()))
    about_the_method = name.startswith(("theorem_", "lemma_")) or not ASSUMPTIONS.keys().isdisjoint(allowed)
    if about_the_method and _assumes(module, set()):
        raise CertificateError(f"proofs.{name}: makes assumptions of its own; take instances from the Setting")
    with _issued() as issued:
        facts: tuple[Fact, ...] = module.proof(**options)
    if not facts or not all(isinstance(fact, Fact) for fact in facts):
        raise CertificateError(f"proofs.{name}: proof() gave no facts")
    for fact in facts:
        for hypothesis in fact.hypotheses:
            if not any(_names(name, hypothesis) for name in allowed):
                raise CertificateError(f"proofs.{name}: {fact!r} rests on an undeclared hypothesis, {hypothesis}")
    if about_the_method:
        for leaf in leaves(facts):
            if (leaf.vocabulary, leaf.detail["name"], leaf.gap) not in issued:
                raise CertificateError(f"proofs.{name}: {leaf!r} was not issued by a Setting")
    check_statement(name, facts, options.get("theorem"), options.get("granted"))
    return facts


@contextlib.contextmanager
def _issued() -> Iterator[set[tuple[Any, str, Any]]]:
    """What Settings hand out meanwhile: vocabulary, name and gap."""
    found: set[tuple[Any, str, Any]] = set()
    grant = Setting._grant

    def recorded(self: Setting, *arguments: Any, **named: Any) -> Fact:
        fact = grant(self, *arguments, **named)
        found.add((fact.vocabulary, fact.detail["name"], fact.gap))
        return fact

    with mock.patch.object(Setting, "_grant", recorded):
        yield found


def leaves(facts: Sequence[Fact]) -> Iterator[Fact]:
    """The assumptions that facts are made from, without those that an induction makes and takes back."""
    seen: set[int] = set()
    rest = list(facts)
    while rest:
        fact = rest.pop()
        if id(fact) not in seen:
            seen.add(id(fact))
            rest += [part for _, part in fact.parts]
            if fact.rule == "assume" and not fact.detail["name"].startswith("induction hypothesis: "):
                yield fact


def _names(name: str, hypothesis: str) -> bool:
    """Whether a hypothesis is the one named or an instance of it: "A2: x, y" of "A2", "holder@norm" of "holder@"."""
    return hypothesis == name or hypothesis.startswith(name if name.endswith("@") else f"{name}: ")


def _assumes(module: ModuleType, seen: set[str]) -> bool:
    """Whether a proof, or one that it builds on, could make assumptions by itself: by names anywhere in its source."""
    if module.__name__ in seen:
        return False
    seen.add(module.__name__)
    if any(value is kernel or value is kernel.assume for value in vars(module).values()):
        return True
    used = [v.__name__ for v in vars(module).values() if isinstance(v, ModuleType)]
    try:
        tree = ast.parse(inspect.getsource(module))
    except (OSError, TypeError):
        return True
    for node in ast.walk(tree):
        if not _FORBIDDEN.isdisjoint(_words(node)):
            return True
        if isinstance(node, ast.ImportFrom):
            used += [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            used += [alias.name for alias in node.names]
    below = [sys.modules[name] for name in used if name.startswith("proofs.") and name in sys.modules]
    return any(_assumes(other, seen) for other in below)


def _words(node: ast.AST) -> set[str]:
    """The names that a piece of source uses, strings that could be names too."""
    if isinstance(node, ast.ImportFrom | ast.Import):
        return {part for alias in node.names for part in (alias.name, alias.name.rpartition(".")[2])}
    if isinstance(node, ast.Attribute):
        return {node.attr}
    if isinstance(node, ast.Name):
        return {node.id}
    return {node.value} if isinstance(node, ast.Constant) and isinstance(node.value, str) else set()


def table(results: Sequence[Result]) -> str:
    """One line per lemma and a count."""
    width = max(len(r.lemma.name) for r in results)
    return "\n".join([*(row(result, width) for result in results), counts(results)])


def row(result: Result, width: int, reason: bool = True) -> str:
    """One line; names are padded to ``width``. A proof that fails tells the ``reason``, where that is wanted."""
    name = result.lemma.name
    told = (result.failure if reason else "") or result.lemma.statement
    cites = f"; cites {', '.join(name.replace('_', ' ') for name in result.cites)}" if result.cites else ""
    return f"{name:<{width}}  {result.status:<6}  {result.seconds:5.2f} s  {told}{cites}"


def counts(results: Sequence[Result]) -> str:
    """How many are proved, how many of these from cited facts, and apart from them how many are cited."""
    count = {s: sum(r.status == s for r in results) for s in ("PROVED", "CITED", "FAILED")}
    given = sum(bool(r.cites) for r in results if r.status == "PROVED")
    among = f" ({given} of them from cited facts)" if given else ""
    return (
        f"{count['PROVED']} proved by certificate{among}, {count['CITED']} cited (not proved here), "
        f"{count['FAILED']} failed"
    )
