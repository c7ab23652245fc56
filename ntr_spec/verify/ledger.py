"""Bookkeeping of one subject's verification: what is still expected, what has been found, and the report made of it."""

from __future__ import annotations

import abc
import time
from collections.abc import Mapping
from typing import final

from ntr_spec.plotting import Picture
from ntr_spec.verify.findings import Evidence, Finding, Status, Witness
from ntr_spec.verify.report import Report
from ntr_spec.verify.settings import Settings
from ntr_spec.verify.subjects import SubjectKind
from ntr_spec.verify.work import Description


class Listener(abc.ABC):
    """Told what happens while it happens; ``index`` counts the subjects of the run."""

    @abc.abstractmethod
    def described(self, index: int, description: Description) -> None:
        """A subject has told how it is written."""

    @abc.abstractmethod
    def evidence(self, index: int, evidence: Evidence) -> None:
        """One engine has spoken about one law."""

    @abc.abstractmethod
    def found(self, index: int, finding: Finding) -> None:
        """Every engine has spoken about one law."""

    @abc.abstractmethod
    def finished(self, index: int, report: Report) -> None:
        """Every law of one subject is settled."""


@final
class Silent(Listener):
    """Listens and says nothing."""

    def described(self, index: int, description: Description) -> None:
        """Nothing."""

    def evidence(self, index: int, evidence: Evidence) -> None:
        """Nothing."""

    def found(self, index: int, finding: Finding) -> None:
        """Nothing."""

    def finished(self, index: int, report: Report) -> None:
        """Nothing."""


class Ledger:
    """What is known about one subject so far.

    Args:
        index: its place in the run.
        kind: what kind of subject it is.
        name, origin: how it is typed, and where it was declared.
        expected: for laws expected to fail, why.
        settings, environment: copied to the report.
        listener: told of everything entered here.
    """

    def __init__(
        self,
        index: int,
        kind: SubjectKind,
        name: str,
        origin: str,
        expected: Mapping[str, str],
        settings: Settings,
        environment: Mapping[str, str],
        listener: Listener,
    ) -> None:
        self.index = index
        self.kind = kind
        self.name = name
        self.origin = origin
        self.expected = expected
        self.settings = settings
        self.environment = environment
        self.listener = listener
        self.description: Description | None = None
        self.picture: Picture | None = None
        self._evidence: dict[str, list[Evidence]] = {law: [] for law in kind.laws}
        self._awaited: dict[str, int] = {}
        self._started = time.perf_counter()
        self._seconds = 0.0
        self._finished = False

    def begin(self) -> None:
        """Start the clock."""
        self._started = time.perf_counter()

    def describe(self, description: Description, awaited: Mapping[str, int]) -> None:
        """Enter the description, and how many engines will speak about each law; laws with none are settled now."""
        self.description = description
        self.listener.described(self.index, description)
        self._awaited = {law: awaited.get(law, 0) for law in self.kind.laws}
        for law in self.kind.laws:
            if law in description.missing:
                self._evidence[law].append(Evidence(law, "runner", Status.SKIPPED, reason=description.missing[law]))
            elif description.broken:
                self._evidence[law].append(Evidence(law, "runner", Status.UNDECIDED, reason=description.broken))
            if not self._awaited[law]:
                self.listener.found(self.index, self._finding(law))

    def enter(self, law: str, evidence: tuple[Evidence, ...]) -> None:
        """Enter what one engine says about one law (possibly nothing)."""
        self._evidence[law] += evidence
        for piece in evidence:
            self.listener.evidence(self.index, piece)
        self._awaited[law] -= 1
        if not self._awaited[law]:
            self.listener.found(self.index, self._finding(law))

    def holds(self, law: str) -> bool:
        """Whether some engine has already shown that a law holds."""
        return any(e.status in (Status.PROVED, Status.DERIVED) for e in self._evidence[law])

    @property
    def settled(self) -> bool:
        """Whether every engine has spoken about every law."""
        return self.description is not None and not any(self._awaited.values())

    @property
    def witnesses(self) -> tuple[Witness, ...]:
        """The witnesses found."""
        found = (self._finding(law).witness for law in self.kind.laws)
        return tuple(witness for witness in found if witness is not None)

    def finish(self, picture: Picture | None) -> None:
        """Close the ledger with the subject's picture."""
        self.picture = picture
        self._finished = True
        self._seconds = time.perf_counter() - self._started
        self.listener.finished(self.index, self.report())

    @property
    def begun(self) -> bool:
        """Whether there is anything to report."""
        return any(self._evidence.values())

    def report(self) -> Report:
        """The report on what is known."""
        known = self.description or Description(notation=self.name)
        return Report(
            name=self.name,
            notation=known.notation or self.name,
            dual=known.dual,
            claims=known.claims,
            findings=tuple(self._finding(law) for law in self.kind.laws),
            settings=self.settings,
            environment=self.environment,
            seconds=self._seconds if self._finished else time.perf_counter() - self._started,
            complete=self.settled,
            picture=self.picture,
            origin=self.origin,
            kind=self.kind.name,
        )

    def _finding(self, law: str) -> Finding:
        evidence = tuple(self._evidence[law])
        if not evidence:
            waiting = self.description is None or self._awaited[law]
            reason = "interrupted before it was settled" if waiting else "no engine had anything to say"
            evidence = (Evidence(law, "runner", Status.UNDECIDED, reason=reason),)
        return Finding(law, self.kind.laws[law].statement, evidence, self.expected.get(law))
