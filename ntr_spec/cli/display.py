"""What ``ntr-spec verify`` shows while it runs: a table for each subject and progress on a terminal, else plain rows.

Subjects are shown in the order asked for, whatever order they finish in. In a pipe a subject's rows are written one by
one, as soon as they and those before them are known.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import final

from rich.console import Console, Group
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from ntr_spec.cli.style import STYLE_OF
from ntr_spec.verify import text
from ntr_spec.verify.findings import Evidence, Finding
from ntr_spec.verify.ledger import Listener
from ntr_spec.verify.plan import Subject
from ntr_spec.verify.report import Report, Run
from ntr_spec.verify.work import Description


class Display(Listener):
    """A listener that also shows the end of a run."""

    @contextlib.contextmanager
    def showing(self) -> Iterator[None]:
        """Around the run."""
        yield

    def closing(self, run: Run) -> None:
        """After the run: what was not shown yet, and the closing line."""


@final
class Plain(Display):
    """Aligned plain text, row by row; or, quiet, only failures.

    Args:
        subjects: what is verified, in order.
        console: where to write.
        quiet: whether to write only failures and the closing line.
    """

    def __init__(self, subjects: Sequence[Subject], console: Console, quiet: bool) -> None:
        self._console = console
        self._quiet = quiet
        self._subjects = subjects
        self._current = 0
        self._rows: list[dict[str, Finding]] = [{} for _ in subjects]
        self._reports: dict[int, Report] = {}
        self._headings: dict[int, str] = {}
        self._begun = False
        self._next = 0

    def described(self, index: int, description: Description) -> None:
        """Know how the subject is written."""
        one = self._subjects[index]
        self._headings[index] = text.title(one.kind.name, one.title, description.notation, description.dual)

    def evidence(self, index: int, evidence: Evidence) -> None:
        """Wait for the finding."""

    def found(self, index: int, finding: Finding) -> None:
        """Write the rows that are next in order."""
        self._rows[index][finding.law] = finding
        if index == self._current and not self._quiet:
            self._flush()

    def finished(self, index: int, report: Report) -> None:
        """Close the subject, and begin the next."""
        self._reports[index] = report
        while self._current in self._reports:
            self._end(self._reports[self._current])
            self._current += 1
            self._begun, self._next = False, 0
            if self._current < len(self._subjects) and self._rows[self._current] and not self._quiet:
                self._flush()

    def closing(self, run: Run) -> None:
        """Write what an interrupted run left unwritten, and the closing line."""
        for report in run.reports[self._current :]:
            self._end(report)
            self._begun, self._next = False, 0
        self._write(text.closing(run))

    def _flush(self) -> None:
        if not self._begun:
            self._begun = True
            self._write(self._headings[self._current])
        kind = self._subjects[self._current].kind
        known, laws = self._rows[self._current], list(kind.laws)
        while self._next < len(laws) and laws[self._next] in known:
            finding = known[laws[self._next]]
            self._next += 1
            if not text.is_skipped(finding):
                self._write(text.row(finding, kind.name))

    def _end(self, report: Report) -> None:
        if self._quiet:
            if not report.ok:
                self._write("\n".join(text.failure_lines(report)) + "\n")
            return
        if not self._begun:
            self._write(text.heading(report))
        rest = report.findings[self._next :]
        lines = [text.row(finding, report.kind) for finding in rest if not text.is_skipped(finding)]
        self._write("\n".join([*lines, *text.skipped_lines(report.findings), *text.detail_lines(report), ""]))

    def _write(self, line: str) -> None:
        self._console.file.write(line + "\n")
        self._console.file.flush()


@final
class Live(Display):
    """Rich tables, above a progress bar that tells the latest evidence.

    Args:
        subjects: what is verified, in order.
        console: a terminal.
    """

    def __init__(self, subjects: Sequence[Subject], console: Console) -> None:
        self._console = console
        self._subjects = subjects
        self._reports: dict[int, Report] = {}
        self._current = 0
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[latest]}"),
            console=console,
            transient=True,
        )
        self._bar: TaskID = self._progress.add_task(
            "laws", total=sum(len(subject.kind.laws) for subject in subjects), latest=""
        )

    @contextlib.contextmanager
    def showing(self) -> Iterator[None]:
        """Show the progress bar."""
        with self._progress:
            yield

    def described(self, index: int, description: Description) -> None:
        """Nothing to show yet."""

    def evidence(self, index: int, evidence: Evidence) -> None:
        """Tell the latest evidence beside the bar."""
        style = STYLE_OF[evidence.status]
        latest = Text.assemble(
            f"{self._subjects[index].title} ",
            (evidence.law, "bold"),
            " ",
            (evidence.status.value, style),
            f" {evidence.scope}",
        )
        latest.truncate(max(10, self._console.width - 50), overflow="ellipsis")
        self._progress.update(self._bar, latest=latest.markup)

    def found(self, index: int, finding: Finding) -> None:
        """Advance the bar."""
        self._progress.advance(self._bar)

    def finished(self, index: int, report: Report) -> None:
        """Print the tables that are next in order."""
        self._reports[index] = report
        while self._current in self._reports:
            self._console.print(table(self._reports[self._current]))
            self._current += 1

    def closing(self, run: Run) -> None:
        """Print what an interrupted run left unprinted, and the closing line."""
        for report in run.reports[self._current :]:
            self._console.print(table(report))
        self._console.print(Text(text.closing(run), style="bold green" if run.ok else "bold red"))


def table(report: Report) -> Group:
    """One subject's table, with the details of what is not ok below it."""
    title = Text(report.name, style="bold")
    title.append(
        text.title(report.kind, report.name, report.notation, report.dual)[len(report.name) :], "not bold cyan"
    )
    if report.origin:
        title.append(f"   ({report.origin})", style="not bold dim")
    grid = Table(box=None, padding=(0, 2, 0, 0), show_edge=False, header_style="dim", expand=False)
    grid.add_column("law", no_wrap=True)
    grid.add_column("status", no_wrap=True)
    grid.add_column("time", justify="right", no_wrap=True)
    grid.add_column("scope, engine", overflow="fold")
    for finding in report.findings:
        if not text.is_skipped(finding):
            status = Text(finding.status.value, style=STYLE_OF[finding.status])
            grid.add_row(Text(finding.law), status, f"{finding.seconds:.2f} s", Text(text.remark(finding)))
    skipped = [Text(line.strip(), style="dim") for line in text.skipped_lines(report.findings)]
    details = [
        Text(line.strip() if k == 0 else f"  {line.strip()}", style="bold red" if k == 0 else "")
        for finding in text.worth_detail(report)
        for k, line in enumerate(text.details(finding))
    ]
    return Group(title, grid, *skipped, *details, Text())


def choose(subjects: Sequence[Subject], console: Console, quiet: bool) -> Display:
    """The display that suits the console."""
    if quiet or not console.is_terminal or console.is_dumb_terminal:
        return Plain(subjects, console, quiet)
    return Live(subjects, console)
