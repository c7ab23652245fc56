"""Running the proofs and saying what came out."""

from __future__ import annotations

import dataclasses
import importlib
import time
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any

from ntr_spec.verify import kernel
from ntr_spec.verify.formal.assumptions import ASSUMPTIONS
from ntr_spec.verify.kernel import CertificateError, Fact
from ntr_spec.verify.lemmas import LEMMAS, Lemma, lemma


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
        facts = _facts(entry.name, options)
    except (CertificateError, ImportError, ArithmeticError) as error:
        return Result(entry, (), time.perf_counter() - start, f"{type(error).__name__}: {error}")
    return Result(entry, facts, time.perf_counter() - start)


def _facts(name: str, options: Mapping[str, Any]) -> tuple[Fact, ...]:
    module = importlib.import_module(f"proofs.{name}")
    allowed = tuple(getattr(module, "HYPOTHESES", ()))
    facts: tuple[Fact, ...] = module.proof(**options)
    if not facts or not all(isinstance(fact, Fact) for fact in facts):
        raise CertificateError(f"proofs.{name}: proof() gave no facts")
    for fact in facts:
        for hypothesis in fact.hypotheses:
            if not any(_names(name, hypothesis) for name in allowed):
                raise CertificateError(f"proofs.{name}: {fact!r} rests on an undeclared hypothesis, {hypothesis}")
    if not ASSUMPTIONS.keys().isdisjoint(allowed) and _assumes(module):
        raise CertificateError(f"proofs.{name}: makes assumptions of its own; take instances from the Setting")
    return facts


def _names(name: str, hypothesis: str) -> bool:
    """Whether a hypothesis is the one named or an instance of it: "A2: x, y" of "A2", "holder@norm" of "holder@"."""
    return hypothesis == name or hypothesis.startswith(name if name.endswith("@") else f"{name}: ")


def _assumes(module: ModuleType) -> bool:
    """Whether a proof, or one that it builds on, could make assumptions by itself."""
    values = list(vars(module).values())
    used = [v for v in values if isinstance(v, ModuleType) and v.__name__.startswith("proofs.")]
    return any(v is kernel or v is kernel.assume for v in values) or any(_assumes(other) for other in used)


def table(results: Sequence[Result]) -> str:
    """One line per lemma and a count."""
    width = max(len(r.lemma.name) for r in results)
    return "\n".join([*(row(result, width) for result in results), counts(results)])


def row(result: Result, width: int) -> str:
    """One line; names are padded to ``width``."""
    name = result.lemma.name
    return f"{name:<{width}}  {result.status:<6}  {result.seconds:5.2f} s  {result.failure or result.lemma.statement}"


def counts(results: Sequence[Result]) -> str:
    """How many are proved, and apart from them how many are cited."""
    count = {s: sum(r.status == s for r in results) for s in ("PROVED", "CITED", "FAILED")}
    return (
        f"{count['PROVED']} proved by certificate, {count['CITED']} cited (not proved here), {count['FAILED']} failed"
    )
