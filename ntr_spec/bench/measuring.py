"""``measure``: every table that was asked for, each with all its contenders judged once and then timed in turns."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import os
import platform
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, final

from ntr_spec.arrays import namespace_of, rounding
from ntr_spec.bench.clock import interleaved
from ntr_spec.bench.contenders import Contender, Ours, Prepared, Product
from ntr_spec.bench.devices import places
from ntr_spec.bench.judge import Judge
from ntr_spec.bench.matrices import matrices
from ntr_spec.bench.memory import growth
from ntr_spec.bench.peers import peers
from ntr_spec.bench.places import Place
from ntr_spec.bench.report import Report
from ntr_spec.bench.results import Case, Row
from ntr_spec.bench.settings import Settings
from ntr_spec.bench.solvers import solvers
from ntr_spec.errors import NtrError

_SINGLE = 2.0**-23

Tell = Callable[[str], None]


@final
@dataclasses.dataclass(frozen=True)
class Task:
    """One table to make."""

    place: Place
    dtype: str
    shape: tuple[int, ...]
    spectrum: str
    norm: str


def tasks(settings: Settings) -> tuple[Task, ...]:
    """The tables that the settings ask for; a dtype that a library does not have is left out.

    Raises:
        InputError: a library or device is not there.
    """
    return tuple(
        Task(place, dtype, shape, spectrum, norm)
        for norm, place, dtype, spectrum, shape in itertools.product(
            settings.norms,
            places(settings.libraries, settings.device),
            settings.dtypes,
            settings.spectra,
            settings.shapes,
        )
        if dtype in place.dtypes
    )


def measure(settings: Settings, done: Callable[[Case], None] | None = None, tell: Tell | None = None) -> Report:
    """Measure everything.

    Args:
        settings: what.
        done: called with every table as soon as it is complete.
        tell: called with what is being run.

    Raises:
        InputError: a library or device is not there.
    """
    cases = []
    for task in tasks(settings):
        case = measure_case(task, settings, tell or (lambda _: None))
        cases.append(case)
        if done is not None:
            done(case)
    return Report(settings.as_json(), environment(), tuple(cases))


def measure_case(task: Task, settings: Settings, tell: Tell) -> Case:
    """One table."""
    place = task.place
    with place.admitting(task.dtype):
        x = place.array(matrices(task.spectrum, task.shape, settings.seed), task.dtype)
        floor = _floor(x)
        judge = Judge(task.norm, place.host(x))
        found: list[tuple[Row, Prepared | None]] = []
        for contender in contenders(task, settings.solvers):
            tell(f"{task.place} {task.dtype}: {contender.name}")
            found.append(_tried(contender, x, judge, place))
        tell(f"{task.place} {task.dtype}: times")
        rows = _timed(found, place, settings)
        if settings.memory:
            rows = [
                _grown(row, prepared, place, settings.memory, tell)
                for row, (_, prepared) in zip(rows, found, strict=True)
            ]
    return Case(
        place.library, place.device, place.model, task.dtype, task.shape, task.spectrum, task.norm, floor, tuple(rows)
    )


def contenders(task: Task, chosen: Sequence[Any] | None = None) -> Iterator[Contender]:
    """Who is measured: the product, ours, peers."""
    library = task.place.library
    yield Product()
    if chosen is None:
        yield from solvers(task.norm, library, task.dtype)
    else:
        yield from (Ours(norm) for norm in chosen)
    yield from peers(task.norm, library, task.dtype)


def _tried(contender: Contender, x: Any, judge: Judge, place: Place) -> tuple[Row, Prepared | None]:
    """One call, judged; the call also compiles and warms up."""
    name, kind = contender.name, contender.kind
    try:
        prepared = contender.prepared(x, place)
        result = prepared.call()
        place.wait(result)
        if prepared.plain is not None:
            place.wait(prepared.plain())
        answer = prepared.answer(result)
        if answer.v is None:
            return Row(name, kind, "measured"), prepared
        v = answer.v if isinstance(answer.v, type(judge.g)) else place.host(answer.v)
        delta = None if answer.delta is None else float(place.host(answer.delta))
    except NtrError as error:  # says in words what it cannot do
        return Row(name, kind, "declined", str(error)), None
    except Exception as error:  # a crash is a finding about the contender, and the others go on
        return Row(name, kind, "failed", f"{type(error).__name__}: {error}".splitlines()[0]), None
    truth = judge(v)
    if delta is None:
        return Row(name, kind, "measured", true=truth.rescaled, size=truth.size), prepared
    held = truth.held(delta)
    reason = "" if held else f"certified δ = {delta:.3g}, but ‖v‖ − 1 = {truth.size - 1:.3g} and δ = {truth.delta:.3g}"
    row = Row(
        name,
        kind,
        "held" if held else "broken",
        reason,
        delta=delta,
        true=truth.delta,
        size=truth.size,
        solver=answer.solver,
        fallback=answer.fallback,
    )
    return row, prepared


def _timed(found: Sequence[tuple[Row, Prepared | None]], place: Place, settings: Settings) -> list[Row]:
    runs = [(k, prepared) for k, (_, prepared) in enumerate(found) if prepared is not None]
    plain = [(k, prepared.plain) for k, prepared in runs if prepared.plain is not None]
    calls = [*(prepared.call for _, prepared in runs), *(call for _, call in plain)]
    samples = interleaved(calls, place.wait, repeat=settings.repeat, seconds=settings.seconds, seed=settings.seed)
    rows = [row for row, _ in found]
    for (k, _), times in zip(runs, samples, strict=False):
        rows[k] = dataclasses.replace(rows[k], samples=tuple(times))
    for (k, _), times in zip(plain, samples[len(runs) :], strict=True):
        rows[k] = dataclasses.replace(rows[k], plain=tuple(times))
    return rows


def _grown(row: Row, prepared: Prepared | None, place: Place, calls: int, tell: Tell) -> Row:
    if prepared is None or row.kind != "solver":
        return row
    tell(f"{place}: memory of {calls} calls of {row.name}")
    found = growth(prepared.call, calls, place.wait, place.allocated)
    return dataclasses.replace(row, growth=found.largest)


def _floor(x: Any) -> float:
    """About the δ that a full decomposition can certify of such points, with room for several roundings."""
    limits = namespace_of(x).limits(x.dtype)
    assert limits is not None  # of a floating dtype
    half = limits.eps > 1e-6  # worked on in float32, and rounded at the end
    return 4 * rounding(_SINGLE if half else limits.eps, max(x.shape[-2:])) + (1.1 * limits.eps if half else 0.0)


_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def environment() -> Mapping[str, Any]:
    """Versions, the processor and how many threads may use it."""
    from ntr_spec.verify.environment import environment as versions

    found: dict[str, Any] = dict(versions())
    found["processor"] = _processor()
    found["processors"] = os.cpu_count()
    with contextlib.suppress(AttributeError):  # not on every system
        found["processors"] = len(os.sched_getaffinity(0))
    found["threads"] = {name: os.environ[name] for name in _THREADS if name in os.environ}
    return found


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
