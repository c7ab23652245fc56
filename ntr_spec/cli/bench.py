"""``ntr-spec bench``: what an LMO costs and what it is worth, told in tables, a picture and files."""

from __future__ import annotations

import contextlib
import dataclasses
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, final

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from ntr_spec.bench import Case, Quartiles, Report, Row, Settings, Standing, measure, merged, plot
from ntr_spec.bench.choices import check as check_choices
from ntr_spec.bench.choices import write as write_choices
from ntr_spec.bench.contenders import Ours
from ntr_spec.bench.measuring import environment, tasks
from ntr_spec.bench.settings import SHAPES_OF_CHOICES, shape_from
from ntr_spec.bench.solvers import by_name
from ntr_spec.cli.run_plot import check_picture
from ntr_spec.errors import InputError, NotDeclaredError
from ntr_spec.norms.leading import Leading
from ntr_spec.norms.spectral import Nuclear, Spectral


@final
@dataclasses.dataclass(frozen=True)
class Options:
    """What the command line said; None where it said nothing."""

    shape: str | None = None
    dtype: str | None = None
    library: str | None = None
    device: str | None = None
    spectrum: str | None = None
    norm: str | None = None
    solver: tuple[str, ...] = ()
    repeat: int | None = None
    seconds: float | None = None
    memory: int | None = None
    seed: int | None = None
    json: Path | None = None
    plot: Path | None = None
    choices: Path | None = None

    def settings(self) -> Settings:
        """What to measure.

        Raises:
            InputError: an option is out of its range.
        """
        shapes: tuple[tuple[int, ...], ...] | None = SHAPES_OF_CHOICES if self.choices else None
        if self.shape is not None:
            shapes = tuple(map(shape_from, _parts(self.shape) or ()))
        norms, solvers = _parts(self.norm), [_solver(text) for text in self.solver]
        if norms is None and solvers and all(isinstance(each, Leading) for each in solvers):
            norms = ("nuclear",)
        said: dict[str, Any] = {
            "shapes": shapes,
            "dtypes": _parts(self.dtype),
            "libraries": _parts(self.library),
            "device": self.device,
            "spectra": _parts(self.spectrum),
            "norms": norms,
            "solvers": tuple(_with(*each, norms) for each in zip(self.solver, solvers, strict=True)) or None,
            "repeat": self.repeat,
            "seconds": self.seconds,
            "memory": self.memory,
            "seed": self.seed,
        }
        return Settings(**{name: value for name, value in said.items() if value is not None})


def run(options: Options, console: Console) -> int:
    """Measure, show every table as soon as it is there, write files; the exit status.

    Raises:
        InputError: an option cannot be used; nothing was measured then.
    """
    settings = options.settings()
    if options.plot is not None:
        check_picture(options.plot)
    if options.choices is not None:
        check_choices(options.choices, settings)
    count = len(tasks(settings))
    if not count:
        raise InputError("--dtype: no library asked for has such a dtype; ntr-spec doctor tells which has which")
    rich = console.is_terminal and not console.is_dumb_terminal
    cases: list[Case] = []
    complete = True
    with _progress(console, count, rich) as (advance, tell):

        def done(case: Case) -> None:
            cases.append(case)
            if rich:
                console.print(table(case))
            else:
                console.file.write("\n".join((*lines(case), "")) + "\n")
                console.file.flush()
            advance()

        try:
            measure(settings, done, tell)
        except KeyboardInterrupt:
            complete = False
    report = Report(settings.as_json(), environment(), cases)
    _write(report, options, settings, console, complete)
    if not complete:
        print(f"ntr-spec: interrupted after {len(cases)} of {count} tables", file=sys.stderr)
        return 130
    held, certificates = report.certificates
    failed = sum(row.status == "failed" for case in report.cases for row in case.wrong)
    closing = f"{held} of {certificates} certificates held" + (f"; {failed} solvers failed" if failed else "")
    console.print(Text(closing, style="bold green" if report.ok else "bold red"))
    return 0 if report.ok else 1


def _write(report: Report, options: Options, settings: Settings, console: Console, complete: bool) -> None:
    files = []
    if options.json is not None:
        report.to_json(options.json)
        files.append(options.json)
    if options.choices is not None and complete:
        known = by_name() | {each.name: each for each in map(Ours, settings.solvers or ())}
        write_choices(merged(report, known, options.choices), options.choices)
        files.append(options.choices)
    if options.plot is not None:
        files.append(plot(report.cases, options.plot))
    if files:
        console.file.write(f"written: {', '.join(map(str, files))}\n")


def _parts(text: str | None) -> tuple[str, ...] | None:
    return None if text is None else tuple(part.strip() for part in text.split(",") if part.strip())


def _solver(text: str) -> Any:
    from ntr_spec.cli.targets import solver

    try:
        return solver(text)
    except InputError as error:
        raise InputError(f"--solver {error}") from None


def _with(text: str, solver: Any, norms: tuple[str, ...] | None) -> Any:
    """The norm whose LMO a solver finds.

    Raises:
        InputError: that norm is not the one to measure, or the solver certifies nothing.
    """
    import numpy as np

    leading = isinstance(solver, Leading)
    name, finds = ("nuclear", "the leading pair") if leading else ("spectral", "the polar factor")
    if (norms or ("spectral",)) != (name,):
        raise InputError(f"--solver {text}: finds {finds}; measure it alone, with --norm {name}")
    norm = Nuclear(leading=solver) if leading else Spectral(polar=solver)
    try:
        norm.lmo(np.ones((2, 2)), certificate=True)
    except NotDeclaredError as error:
        raise InputError(f"--solver {text}: {error}") from None
    except Exception:  # a crash is a finding, and has its row in the tables
        pass
    return norm


# ---- tables -------------------------------------------------------------------------------------------------------

_COLUMNS = ("", "solver", "time", "GEMMs", "δ certified", "δ true", "certificate", "remarks")
_LEFT = (0, 1, 7)


def cells(case: Case) -> Iterator[tuple[Row, tuple[str, ...]]]:
    """The rows of a table as words, fastest first; those that were not timed last."""
    front = {id(row) for row in case.front()}
    rows = sorted(case.rows, key=lambda row: row.seconds.median if row.seconds else float("inf"))
    for row in rows:
        gemms, overhead = case.gemms(row), row.overhead
        yield (
            row,
            (
                "" if id(row) not in front else "○" if row.kind == "peer" else "●",
                row.name,
                "" if row.seconds is None else duration(row.seconds),
                "" if gemms is None else three_digits(gemms),
                "" if row.delta is None else f"{row.delta:.1e}",
                "" if row.true is None else f"{row.true:.1e}",
                "" if overhead is None else f"{overhead:+.0%}",
                "; ".join(_remarks(row)),
            ),
        )


def _remarks(row: Row) -> Iterator[str]:
    if row.status == "broken":
        yield f"ERROR: {row.reason}"
    elif row.status in ("failed", "declined"):
        yield f"{row.status}: {row.reason.partition(';')[0]}"
    if row.kind == "peer" and row.size is not None:
        yield f"peer; ‖v‖ = {row.size:.3g}"
    if row.fallback:
        yield f"{row.solver} ({row.fallback})"
    if row.growth is not None:
        yield f"memory {row.growth / 1024:+.0f} KiB"


def duration(time: Quartiles) -> str:
    """A median with its quartiles, in one unit.

    >>> duration(Quartiles(0.0101, 0.0123, 0.0204))
    '12.3 (10.1–20.4) ms'
    """
    scale, unit = next((s, u) for s, u in ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs")) if time.median >= s or u == "µs")
    low, middle, high = (three_digits(value / scale) for value in (time.low, time.median, time.high))
    return f"{middle} ({low}–{high}) {unit}"


def three_digits(value: float) -> str:
    """A number without an exponent.

    >>> three_digits(1234.5), three_digits(0.5), three_digits(12.0)
    ('1234', '0.5', '12')
    """
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def sentence(standing: Standing) -> str:
    """How this package stands beside a peer.

    >>> sentence(Standing("scipy.linalg.polar", 1e-5, "QDWH()", 3e-6, 0.5))
    'scipy.linalg.polar at δ ≤ 1e-05: QDWH() takes 0.50× its time, certified 3.0e-06'
    """
    at = f"{standing.peer} at δ ≤ {standing.level:.2g}"
    if standing.ratio is None or standing.delta is None:
        return f"{at}: no solver here certifies as much"
    return f"{at}: {standing.ours} takes {standing.ratio:.2f}× its time, certified {standing.delta:.1e}"


def lines(case: Case) -> Iterator[str]:
    """A table for a pipe."""
    yield case.title
    grid = [_COLUMNS, *(words for _, words in cells(case))]
    widths = [max(len(row[k]) for row in grid) for k in range(len(_COLUMNS))]
    for row in grid:
        padded = (f"{c:{w}}" if k in _LEFT else f"{c:>{w}}" for k, (c, w) in enumerate(zip(row, widths, strict=True)))
        yield "  ".join(padded).rstrip()
    yield from map(sentence, case.standings())


def table(case: Case) -> Group:
    """A table for a terminal."""
    grid = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", expand=False)
    for k, title in enumerate(_COLUMNS):
        last = k == len(_COLUMNS) - 1
        grid.add_column(title, justify="left" if k in _LEFT else "right", no_wrap=not last, overflow="fold")
    for row, words in cells(case):
        grid.add_row(*map(Text, words), style=_style(row))
    told = [Text(sentence(each), style="green" if (each.ratio or 9) <= 1 else "yellow") for each in case.standings()]
    return Group(Text(case.title, style="bold"), grid, *told, Text())


def _style(row: Row) -> str:
    if row.status in ("broken", "failed") and row.kind != "peer":
        return "bold red"
    return {"product": "dim", "peer": "cyan", "solver": ""}[row.kind] if row.samples else "dim"


@contextlib.contextmanager
def _progress(console: Console, count: int, rich: bool) -> Iterator[Any]:
    """A bar on a terminal; in a pipe nothing but the tables."""
    if not rich:
        yield (lambda: None), None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=count)
        yield (lambda: bar.advance(task)), (lambda what: bar.update(task, description=what))
