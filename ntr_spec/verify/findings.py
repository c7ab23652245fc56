"""What verification finds: statuses, witnesses, evidence, findings and reports. Values only; no engine, no printing.

An engine returns :class:`Evidence` about one law of one subject, a norm say. A :class:`Finding` gathers the evidence of
all engines about that law, and a :class:`Report` the findings about one subject.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping
from typing import Any


class Status(enum.Enum):
    """What is known about a law. The words mean exactly what is written here."""

    PROVED = "PROVED"
    """Holds for all real inputs in the printed scope, decided on the traced hooks themselves."""
    DERIVED = "DERIVED"
    """Follows by the named lemmas from other findings of the same run."""
    TESTED = "TESTED"
    """So many drawn examples on the named backends and dtypes; none failed. Not a proof."""
    REFUTED = "REFUTED"
    """Fails at the printed witness."""
    UNDECIDED = "UNDECIDED"
    """No engine could settle it; the reason is printed."""
    SKIPPED = "SKIPPED"
    """The law does not apply to this subject; the reason is printed."""


@dataclasses.dataclass(frozen=True)
class Witness:
    """An input that refutes a law, with both sides evaluated.

    Attributes:
        inputs: the value of each variable, as text that can be typed back in (exact rationals such as ``"[1, -1/2]"``
            where a prover found it, array literals where a float run did).
        points: the same as nested lists of floats, where they are arrays; for drawing.
        relation: the relation that failed, e.g. ``"2 <= 1"``; both sides evaluated.
        context: where it fails: ``"exact arithmetic"`` or e.g. ``"torch float32, shape (3,)"``.
        note: what went wrong in words, where a relation does not say it (an exception's text, say).
    """

    inputs: Mapping[str, str]
    relation: str
    context: str
    points: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    note: str = ""

    def __str__(self) -> str:
        at = ", ".join(f"{name} = {value}" for name, value in self.inputs.items())
        tail = f" ({self.note})" if self.note else ""
        return f"at {at}: {self.relation} fails in {self.context}{tail}"


@dataclasses.dataclass(frozen=True)
class Evidence:
    """What one engine says about one law of one subject.

    Attributes:
        law: the law's name.
        engine: ``"smt"`` (Z3), ``"symbolic"`` (SymPy), ``"kernel"`` (certificate), ``"lemma"`` (derivation),
            ``"property"`` (Hypothesis) or ``"runner"`` (time budgets and crashes).
        status: see :class:`Status`.
        scope: for which inputs, e.g. ``"R^2, R^3"``, ``"every n"``, ``"numpy float32 float64, 400 examples"``.
        reason: why it is UNDECIDED or SKIPPED.
        witness: why it is REFUTED.
        lemmas: the lemmas that a DERIVED (or certificate) status rests on.
        seconds: time that the engine took.
    """

    law: str
    engine: str
    status: Status
    scope: str = ""
    reason: str = ""
    witness: Witness | None = None
    lemmas: tuple[str, ...] = ()
    seconds: float = 0.0


_STRENGTH = (Status.REFUTED, Status.PROVED, Status.DERIVED, Status.TESTED, Status.UNDECIDED, Status.SKIPPED)


@dataclasses.dataclass(frozen=True)
class Finding:
    """All evidence about one law of one subject, and what it amounts to.

    The status is REFUTED if any engine refutes; otherwise the strongest of PROVED, DERIVED and TESTED; UNDECIDED only
    if no engine settles it. ``expected`` is the caller's reason for expecting the law to fail or to stay undecided.
    """

    law: str
    statement: str
    evidence: tuple[Evidence, ...]
    expected: str | None = None

    @property
    def status(self) -> Status:
        """The verdict over all engines."""
        present = {e.status for e in self.evidence}
        return next((s for s in _STRENGTH if s in present), Status.UNDECIDED)

    @property
    def decisive(self) -> tuple[Evidence, ...]:
        """The evidence that carries the verdict."""
        return tuple(e for e in self.evidence if e.status is self.status)

    @property
    def beside(self) -> tuple[Evidence, ...]:
        """Derivations beside a proof: the weaker word, but they usually reach further (every size)."""
        return tuple(e for e in self.evidence if e.status is Status.DERIVED and self.status is Status.PROVED)

    @property
    def scope(self) -> str:
        """The scopes of the decisive evidence."""
        return "; ".join(dict.fromkeys(e.scope for e in self.decisive if e.scope))

    @property
    def reason(self) -> str:
        """Why it is undecided or skipped."""
        return "; ".join(dict.fromkeys(e.reason for e in self.decisive if e.reason))

    @property
    def witness(self) -> Witness | None:
        """The smallest refutation; exact ones come first."""
        found = [e.witness for e in self.decisive if e.witness is not None]
        return min(found, key=lambda w: (w.context != "exact arithmetic", len(str(w.inputs))), default=None)

    @property
    def lemmas(self) -> tuple[str, ...]:
        """Every lemma that the decisive evidence rests on."""
        return tuple(dict.fromkeys(name for e in self.decisive for name in e.lemmas))

    @property
    def seconds(self) -> float:
        """Total time of all engines."""
        return sum(e.seconds for e in self.evidence)

    @property
    def engine(self) -> str:
        """The engines that carry the verdict."""
        return ", ".join(dict.fromkeys(e.engine for e in self.decisive))

    @property
    def ok(self) -> bool:
        """True if nothing is wrong: settled positively, or not applicable, or failing as expected.

        An expected failure that holds after all is wrong: the reason is out of date.
        """
        bad = self.status in (Status.REFUTED, Status.UNDECIDED)
        return bad if self.expected is not None else not bad
