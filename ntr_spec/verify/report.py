"""What a verification found, as values: a :class:`Report` about one subject and a :class:`Run` over several.

Rendering lives in :mod:`ntr_spec.verify.text`, :mod:`ntr_spec.verify.record` (JSON) and :mod:`ntr_spec.verify.html`.
"""

from __future__ import annotations

import dataclasses
import os
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from ntr_spec.errors import NtrError
from ntr_spec.plotting import Picture
from ntr_spec.verify.findings import Finding, Status
from ntr_spec.verify.settings import Settings


class VerificationError(NtrError, AssertionError):
    """A subject breaks a law, or a law could not be settled; the message lists each with its witness."""


@dataclasses.dataclass(frozen=True)
class Report:
    """All findings about one norm, regularizer, method or problem.

    Attributes:
        name: how it is typed, such as ``"Lp(p=3)"``.
        notation: it in mathematical notation.
        dual: what belongs to it by duality, a norm's dual or a regularizer's conjugate; "" for methods and problems.
        claims: what it claims to be.
        findings: one per law, in the order of the laws.
        settings: what the engines were asked to do.
        environment: versions of everything involved.
        seconds: wall-clock time.
        complete: False if the run was interrupted before every law was settled.
        picture: it drawn, where it has a plane to draw.
        origin: where it was declared, as the command line names it; "" for what was passed as an object.
        kind: ``"norm"``, ``"regularizer"``, ``"method"`` or ``"problem"``.
    """

    name: str
    notation: str
    dual: str
    claims: tuple[str, ...]
    findings: tuple[Finding, ...]
    settings: Settings
    environment: Mapping[str, str]
    seconds: float = 0.0
    complete: bool = True
    picture: Picture | None = None
    origin: str = ""
    kind: str = "norm"

    @property
    def ok(self) -> bool:
        """Whether every law holds (or fails as expected) and the run was not cut short."""
        return self.complete and not self.failures

    @property
    def failures(self) -> tuple[Finding, ...]:
        """The findings that make the report not ok."""
        return tuple(finding for finding in self.findings if not finding.ok)

    def __getitem__(self, law: str) -> Finding:
        """The finding about one law.

        Raises:
            KeyError: no such law.
        """
        for finding in self.findings:
            if finding.law == law:
                return finding
        raise KeyError(law)

    def raise_if_failed(self) -> None:
        """Raise if the report is not ok.

        Raises:
            VerificationError: listing every failure with its witness.
        """
        if not self.ok:
            from ntr_spec.verify.text import failure_lines

            raise VerificationError("\n".join(failure_lines(self)))

    def to_json(self, path: str | os.PathLike[str] | None = None) -> str:
        """The report as JSON text, also written to ``path`` if given; see :mod:`ntr_spec.verify.record`."""
        return self._alone().to_json(path)

    def to_html(self, path: str | os.PathLike[str] | None = None) -> str:
        """The report as one self-contained HTML page, also written to ``path`` if given."""
        return self._alone().to_html(path)

    def __str__(self) -> str:
        from ntr_spec.verify.text import report_text

        return report_text(self)

    def _alone(self) -> Run:
        return Run((self,), self.settings, self.environment, self.seconds, self.complete, 1)


@dataclasses.dataclass(frozen=True)
class Run:
    """The reports about several subjects, verified together.

    Attributes:
        reports: one for each, in the order asked for; those that an interrupted run had not begun are left out.
        settings, environment, seconds: as for a report.
        complete: False if the run was interrupted.
        asked: how many were asked for.
    """

    reports: tuple[Report, ...]
    settings: Settings
    environment: Mapping[str, str]
    seconds: float
    complete: bool
    asked: int

    @property
    def ok(self) -> bool:
        """Whether every report is ok and none is missing."""
        return self.complete and all(report.ok for report in self.reports)

    @property
    def counts(self) -> Mapping[Status, int]:
        """How many findings have each status."""
        found = Counter(finding.status for report in self.reports for finding in report.findings)
        return {status: found[status] for status in Status}

    def to_json(self, path: str | os.PathLike[str] | None = None) -> str:
        """The run as JSON text, also written to ``path`` if given."""
        from ntr_spec.verify.record import json_text

        return _written(json_text(self), path)

    def to_html(self, path: str | os.PathLike[str] | None = None) -> str:
        """The run as one self-contained HTML page, also written to ``path`` if given."""
        from ntr_spec.verify.html import html_page

        return _written(html_page(self), path)

    def __str__(self) -> str:
        from ntr_spec.verify.text import run_text

        return run_text(self)


def _written(text: str, path: str | os.PathLike[str] | None) -> str:
    if path is not None:
        Path(path).write_text(text, encoding="utf-8")
    return text
