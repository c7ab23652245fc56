"""What ``ntr-spec run`` prints: the problems, progress, and what was reached."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ntr_spec.algorithms.history import Record
from ntr_spec.cli.run_settings import DEFAULTS

Show = Callable[[Record, Mapping[str, float]], None]
"""Called with a record and the metrics of the point where its gradient was taken."""


def print_problems(console: Console) -> None:
    """A row for each problem, with what it is run with where nothing else is said."""
    rows = [
        (name, each.about, f"{each.steps} steps, radius {each.radius:g} falling to 0, momentum {each.momentum:g}")
        for name, each in DEFAULTS.items()
    ]
    if not console.is_terminal:
        widths = [max(len(row[k]) for row in rows) for k in range(2)]
        for name, about, default in rows:
            console.file.write(f"{name:{widths[0]}}  {about:{widths[1]}}  {default}\n")
        return
    grid = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for title in ("problem", "", "default run"):
        grid.add_column(title, overflow="fold")
    for name, about, default in rows:
        grid.add_row(Text(name, style="bold"), Text(about), Text(default))
    console.print(grid)


def described(objective: float, metrics: Mapping[str, float]) -> str:
    """An objective and metrics in words.

    >>> described(0.25, {"test accuracy": 0.9})
    'objective 0.25, test accuracy 0.9'
    """
    return ", ".join([f"objective {objective:.8g}", *(f"{name} {value:.4g}" for name, value in metrics.items())])


@contextlib.contextmanager
def progress(console: Console, title: str, steps: int) -> Iterator[Show]:
    """A bar on a terminal, about ten plain lines in a pipe."""
    if console.is_terminal and not console.is_dumb_terminal:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("{task.fields[now]}"))
        console.print(Text(title, style="bold"))
        with Progress(*columns, console=console, transient=True) as bar:
            task = bar.add_task("run", total=steps, now="")
            yield lambda record, metrics: bar.update(task, completed=record.step + 1, now=_now(record, metrics))
        return
    _tell(console, title)
    told = -1

    def tell(record: Record, metrics: Mapping[str, float]) -> None:
        nonlocal told
        tenth = record.step * 10 // steps
        if tenth > told or record.step == steps - 1:
            told = tenth
            _tell(console, f"step {record.step:{len(str(steps))}}  {_now(record, metrics)}")

    yield tell


def _now(record: Record, metrics: Mapping[str, float]) -> str:
    """The objective, the dual norm of the gradient, and the last metric, which tells most."""
    last = [f"{name} {value:.4g}" for name, value in list(metrics.items())[-1:]]
    return "  ".join([f"objective {record.value:.6g}", f"‖g‖∗ {record.gradient:.3g}", *last])


def _tell(console: Console, line: str) -> None:
    console.file.write(line + "\n")
    console.file.flush()
