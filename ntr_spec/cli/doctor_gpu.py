"""``ntr-spec doctor --gpu``: everything that can be asked of a card, asked of each that is here, and written down.

Exit status: 0 all held, 1 something failed, 2 there is no card, so that nothing ran on one.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, final

from rich.console import Console

from ntr_spec.bench import Place, Settings, measure
from ntr_spec.cli.card import LIBRARIES, Check, Outcome, cards
from ntr_spec.cli.card_checks import CHECKS
from ntr_spec.errors import InputError
from ntr_spec.verify.environment import environment

FORMAT = "ntr-spec doctor --gpu"
BENCH = "bench"

NO_CARD = f"no CUDA device is visible to {', '.join(LIBRARIES)}: nothing was run on a GPU"


@final
@dataclasses.dataclass(frozen=True)
class Report:
    """What was asked of which cards, and what came of it.

    Attributes:
        cards: library, device and the card's own name.
        outcomes: of every case.
        benchmarks: one per place, as ``ntr-spec bench --json`` writes them.
        environment: versions.
        started: when, in UTC.
        seconds: how long it took.
        complete: False if it was interrupted.
    """

    cards: Sequence[Mapping[str, str]]
    outcomes: Sequence[Outcome]
    benchmarks: Sequence[Mapping[str, Any]]
    environment: Mapping[str, str]
    started: str
    seconds: float
    complete: bool = True

    @property
    def ok(self) -> bool:
        """Whether there was a card, and all that was asked of it held."""
        failed = any(outcome.status == "failed" for outcome in self.outcomes)
        return bool(self.cards) and self.complete and not failed and all(each["ok"] for each in self.benchmarks)

    def as_json(self) -> dict[str, Any]:
        """Of JSON's types."""
        return {
            "format": FORMAT,
            "ok": self.ok,
            "ran_on_a_gpu": bool(self.cards),
            "complete": self.complete,
            "started": self.started,
            "seconds": round(self.seconds, 3),
            "environment": dict(self.environment),
            "cards": [dict(card) for card in self.cards],
            "summary": dict(Counter(outcome.status for outcome in self.outcomes)),
            "outcomes": [outcome.as_json() for outcome in self.outcomes],
            "benchmarks": list(self.benchmarks),
        }


def chosen(only: Sequence[str] | None) -> tuple[tuple[Check, ...], bool]:
    """The checks of these names, and whether the benchmark is among them.

    Raises:
        InputError: there is none of a name.
    """
    names = [check.name for check in CHECKS]
    for name in only or ():
        if name not in (*names, BENCH):
            raise InputError(f"--only {name}: expected some of {', '.join((*names, BENCH))}; check the spelling")
    return tuple(c for c in CHECKS if not only or c.name in only), not only or BENCH in only


def examine(
    found: Sequence[Place], only: Sequence[str] | None, console: Console, settings: Settings | None = None
) -> Report:
    """Ask everything of every place; interrupted (Ctrl-C), the report holds what was found so far.

    Raises:
        InputError: there is no check of a name.
    """
    checks, bench = chosen(only)
    started, clock = datetime.datetime.now(datetime.UTC), time.perf_counter()
    outcomes: list[Outcome] = []
    benchmarks: list[Mapping[str, Any]] = []
    complete = True
    try:
        for place in found:
            console.file.write(f"{place} {place.model}".rstrip() + "\n")
            for check in checks:
                outcomes += _asked(check, place, console)
            if bench:
                console.file.write("  bench: what does it cost, and is every δ honoured?\n")
                wanted = settings or Settings(norms=("spectral", "nuclear"))
                wanted = dataclasses.replace(wanted, libraries=(place.library,), device=place.device)
                benchmarks.append(measure(wanted).as_json())
                console.file.write(f"    {'held' if benchmarks[-1]['ok'] else 'FAILED'}\n")
    except KeyboardInterrupt:
        complete = False
    named = [{"library": p.library, "device": p.device, "model": p.model} for p in found]
    seconds = time.perf_counter() - clock
    return Report(named, outcomes, benchmarks, environment(), started.isoformat(timespec="seconds"), seconds, complete)


def _asked(check: Check, place: Place, console: Console) -> list[Outcome]:
    console.file.write(f"  {check.name}: {check.question}\n")
    console.file.flush()
    outcomes = []
    for outcome in check.run(place):
        outcomes.append(outcome)
        if outcome.status == "failed":
            console.file.write(f"    FAILED {outcome.case}: {outcome.detail}\n")
            console.file.flush()
    count = Counter(outcome.status for outcome in outcomes)
    seconds = sum(outcome.seconds for outcome in outcomes)
    words = ", ".join(f"{count[status]} {status}" for status in ("held", "failed", "skipped") if count[status])
    console.file.write(f"    {words or 'nothing to ask'} in {seconds:.1f} s\n")
    return outcomes


def doctor_gpu(console: Console, path: Path | None, only: Sequence[str] | None) -> int:
    """Examine the cards that are here, print and write the report, and give the exit status.

    Raises:
        InputError: there is no check of a name, or the report cannot be written.
    """
    chosen(only)
    found = cards()
    report = examine(found, only, console)
    if not found:
        console.file.write(f"{NO_CARD}\n")
    elif report.ok:
        console.file.write(f"all held, in {report.seconds:.0f} s\n")
    else:
        console.file.write("something FAILED\n" if report.complete else "interrupted\n")
    if path is not None:
        text = json.dumps(report.as_json(), indent=1, ensure_ascii=False)
        try:
            path.write_text(text + "\n", encoding="utf-8")
        except OSError as error:
            raise InputError(f"--json {path}: cannot be written ({error.strerror}); choose another path") from None
        console.file.write(f"written: {path}\n")
    if not found:
        return 2
    return 0 if report.ok else 1
