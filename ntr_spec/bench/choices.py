"""The table from which ``polar.Auto`` picks: the fastest solver for each decade of δ, as it was measured.

An entry is for a library, a sort of device, a dtype and a bucket of shapes. The file is plain JSON: measured on another
machine, its entries replace those of the same key and leave the others.
"""

from __future__ import annotations

import dataclasses
import json
import statistics
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ntr_spec.bench.contenders import Ours
from ntr_spec.bench.report import Report
from ntr_spec.bench.results import Case, Row
from ntr_spec.bench.settings import Settings
from ntr_spec.errors import InputError
from ntr_spec.norms.polar import Auto
from ntr_spec.norms.polar.choices import bucket

FORMAT = "ntr-spec choices"
DECADES = tuple(range(-1, -15, -1))
"""Exponents of the δ that are asked for: 1e-1 to 1e-14."""
NEAR = 1.03
"""Times within this factor are taken for equal, and the smaller δ is preferred."""


def merged(report: Report, solvers: Mapping[str, Ours], path: Path | str | None) -> dict[str, Any]:
    """The table that a report gives, with what an older file has beside it.

    Args:
        report: of the spectral norm.
        solvers: the contenders by the names of the report's rows.
        path: the older file; None, or one that is not there: there is none.

    Raises:
        InputError: the older file is not such a table, or the report holds no certificate that held.
    """
    found = {tuple(entry[name] for name in _KEY): entry for entry in _entries(report, solvers)}
    if not found:
        raise InputError("--choices: no certified solver of the spectral norm was measured; leave --norm as it is")
    old = {tuple(entry[name] for name in _KEY): entry for entry in _read(path)}
    entries = {**old, **found}
    return {"format": FORMAT, "choices": [entries[key] for key in sorted(entries)]}


def check(path: Path | str, settings: Settings) -> None:
    """Raise InputError, before anything is measured, where the table at this path could not be renewed."""
    _read(path)
    if "spectral" not in settings.norms:
        raise InputError("--choices: Auto picks for the spectral norm; measure it, with --norm spectral")
    for solver in (Ours(norm).solver for norm in settings.solvers or ()):
        if not type(solver).__module__.startswith("ntr_spec."):
            raise InputError(f"--choices: Auto picks solvers of this package, and {solver!r} is none; leave it out")


def write(table: Mapping[str, Any], path: Path | str) -> None:
    """Write the table, an entry a line.

    Raises:
        InputError: it cannot be written.
    """
    lines = ",\n".join("  " + json.dumps(entry, ensure_ascii=False) for entry in table["choices"])
    text = f'{{\n "format": {json.dumps(table["format"])},\n "choices": [\n{lines}\n ]\n}}\n'
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror}); choose another path") from None


_KEY = ("library", "device", "dtype", "stack", "size", "aspect")


def _entries(report: Report, solvers: Mapping[str, Ours]) -> Iterator[dict[str, Any]]:
    may = {name for name, each in solvers.items() if not isinstance(each.solver, Auto)}
    groups: dict[tuple[Any, ...], list[Case]] = {}
    for case in report.cases:
        if case.norm == "spectral":
            key = (case.library, case.device.partition(":")[0], case.dtype, *bucket(case.shape))
            groups.setdefault(key, []).append(case)
    for key, cases in groups.items():
        measured = [each for each in _everywhere(cases) if each[2] in may]
        chosen: dict[str, Any] = {}
        for exponent in DECADES:
            level = float(f"1e{exponent}")
            fitting = [each for each in measured if each[1] <= level]
            if not fitting:
                break
            fastest = min(seconds for seconds, _, _ in fitting)
            _, _, name = min((each for each in fitting if each[0] <= NEAR * fastest), key=lambda each: each[1])
            chosen[f"1e{exponent}"] = described(solvers[name].solver)
        if chosen:
            yield {**dict(zip(_KEY, key, strict=True)), "solvers": chosen}


def _everywhere(cases: Sequence[Case]) -> list[tuple[float, float, str]]:
    """(seconds, δ, name) of solvers whose certificates held in all cases: the worst of each."""
    found: dict[str, list[Row]] = {}
    for case in cases:
        for row in case.rows:
            if row.kind == "solver" and row.accuracy is not None and row.samples and not row.fallback:
                found.setdefault(row.name, []).append(row)
    return [
        (max(statistics.median(row.samples) for row in rows), max(row.accuracy or 0.0 for row in rows), name)
        for name, rows in found.items()
        if len(rows) == len(cases)
    ]


def described(solver: Any) -> dict[str, Any]:
    """A solver as plain data: its class's name, and those arguments that are not the default.

    >>> from ntr_spec.norms.polar import NewtonSchulz
    >>> described(NewtonSchulz(steps=4))
    {'solver': 'NewtonSchulz', 'steps': 4}
    """
    given = {
        field.name: getattr(solver, field.name)
        for field in dataclasses.fields(solver)
        if getattr(solver, field.name) != field.default
    }
    return {"solver": type(solver).__name__, **given}


def _read(path: Path | str | None) -> list[dict[str, Any]]:
    if path is None or not Path(path).exists() or not Path(path).stat().st_size:
        return []
    try:
        found = json.loads(Path(path).read_text(encoding="utf-8"))
        entries = found["choices"]
        if found["format"] != FORMAT or not all(name in entry for entry in entries for name in (*_KEY, "solvers")):
            raise ValueError
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); choose another path") from None
    except (ValueError, KeyError, TypeError):
        raise InputError(f"{path}: is not a table of ntr-spec bench --choices; name another file") from None
    return list(entries)
