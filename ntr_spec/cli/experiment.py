"""``ntr-spec experiment NAME``: run an experiment, and tell what its rows say."""

from __future__ import annotations

import contextlib
import shlex
import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ntr_spec.experiments import EXPERIMENTS, Outcome, experiment_named, run_experiment

Progress = Callable[[int, int], None]


def run(
    name: str, out: Path | None, small: bool, jobs: int | None, seed: int, resume: bool, console: Console
) -> Outcome:
    """Run, show progress, print what was found.

    Raises:
        InputError: an argument cannot be used, and nothing was run or overwritten.
        typer.Exit: the run was interrupted.
    """
    experiment = experiment_named(name)
    folder = out if out is not None else Path("experiments", f"{name}-small" if small else name)
    _tell(console, f"{experiment.title}\n{experiment.question}")
    at = [0, 0]

    with _interruptible(folder, at, resume), _progress(console) as show:

        def progress(done: int, count: int) -> None:
            at[:] = done, count
            show(done, count)

        outcome = run_experiment(experiment, folder, "small" if small else "full", seed, jobs, progress, resume=resume)
    _report(outcome, console)
    return outcome


def list_experiments(console: Console) -> None:
    """What ``ntr-spec experiment`` prints where no experiment is named."""
    rows = [(each.name, each.question) for each in EXPERIMENTS.values()]
    if not console.is_terminal:
        width = max(len(name) for name, _ in rows)
        console.file.writelines(f"{name:{width}}  {question}\n" for name, question in rows)
        return
    grid = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for title in ("experiment", "question"):
        grid.add_column(title, overflow="fold")
    for name, question in rows:
        grid.add_row(Text(name, style="bold"), Text(question))
    console.print(grid)


def _report(outcome: Outcome, console: Console) -> None:
    for each in outcome.summary["claims"]:
        word, style = ("holds", "green") if each["holds"] else ("FAILS", "bold red")
        if console.is_terminal:
            console.print(Text.assemble((word, style), "  ", each["claim"]))
        else:
            _tell(console, f"{word}  {each['claim']}")
    for line in _numbers(outcome.summary):
        _tell(console, line)
    _tell(console, f"written: {', '.join(str(path) for path in outcome.files)}")
    if outcome.unplotted:
        print(f"ntr-spec: no plot: {outcome.unplotted}", file=sys.stderr)


def _numbers(summary: Any) -> Iterator[str]:
    """The numbers of a summary beside its claims: a list of records as a table, anything else on a line."""
    for name, value in summary.items():
        if name == "claims":
            continue
        if isinstance(value, list) and value and all(isinstance(record, dict) for record in value):
            yield f"{name}:"
            yield from _table(value)
        else:
            text = ", ".join(f"{k} {_written(v)}" for k, v in value.items()) if isinstance(value, dict) else None
            yield from textwrap.wrap(f"{name}: {text or _written(value)}", 118, subsequent_indent="  ")


def _table(records: Sequence[dict[str, Any]]) -> Iterator[str]:
    names = list(dict.fromkeys(name for record in records for name in record))
    cells = [names, *([_written(record.get(name)) for name in names] for record in records)]
    widths = [max(len(row[k]) for row in cells) for k in range(len(names))]
    for row in cells:
        yield "  " + "  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()


def _written(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


@contextlib.contextmanager
def _interruptible(folder: Path, at: list[int], resume: bool) -> Iterator[None]:
    """On Ctrl-C tell how to go on, and exit with 130."""
    try:
        yield
    except KeyboardInterrupt:
        if at[1]:
            words = sys.argv[1:] if resume else [*sys.argv[1:], "--resume"]
            how = f"{folder} keeps what is done; go on with {shlex.join(['ntr-spec', *words])}"
            print(f"ntr-spec: interrupted after {at[0]} of {at[1]} rows; {how}", file=sys.stderr)
        else:
            print("ntr-spec: interrupted before the first row", file=sys.stderr)
        raise typer.Exit(130) from None


@contextlib.contextmanager
def _progress(console: Console) -> Iterator[Progress]:
    """A bar on a terminal, about ten plain lines in a pipe."""
    if console.is_terminal and not console.is_dumb_terminal:
        from rich.progress import BarColumn, MofNCompleteColumn, TimeElapsedColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
        with Bar(*columns, console=console, transient=True) as bar:
            task = bar.add_task("rows")
            yield lambda done, count: bar.update(task, completed=done, total=count)
        return
    told = -1

    def tell(done: int, count: int) -> None:
        nonlocal told
        tenth = done * 10 // max(1, count)
        if tenth > told:
            told = tenth
            _tell(console, f"{done} of {count} rows")

    yield tell


def _tell(console: Console, line: str) -> None:
    console.file.write(line + "\n")
    console.file.flush()
