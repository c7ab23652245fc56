"""What ``ntr-spec doctor --gpu`` and ``pytest -m gpu`` run on a card: checks, each with cases, each with an outcome."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal, final

from ntr_spec.bench import Place
from ntr_spec.bench.devices import places
from ntr_spec.errors import InputError
from ntr_spec.verify.work import in_words

Status = Literal["held", "failed", "skipped"]

LIBRARIES = ("cupy", "torch", "jax")
"""Those that compute on cards."""


class Skipped(Exception):  # noqa: N818 (not an error)
    """A case says nothing here, and why."""


@final
@dataclasses.dataclass(frozen=True)
class Outcome:
    """How one case of a check went on one library and device.

    Attributes:
        place: library and device.
        check, case: which.
        status: ``held``, ``failed`` or ``skipped``.
        detail: what was wrong, or why it says nothing.
        seconds: how long it took, compilation included.
    """

    place: str
    check: str
    case: str
    status: Status
    detail: str = ""
    seconds: float = 0.0

    def as_json(self) -> Mapping[str, Any]:
        """Of JSON's types."""
        return dataclasses.asdict(self)


Case = Callable[[], str | None]
"""Runs; gives None if all held, else what was wrong."""


@final
@dataclasses.dataclass(frozen=True)
class Check:
    """One question to a card.

    Attributes:
        name: how it is chosen.
        question: what it asks, in words.
        cases: its cases on a place, by name.
    """

    name: str
    question: str
    cases: Callable[[Place], Mapping[str, Case]]

    def run(self, place: Place) -> Iterator[Outcome]:
        """The outcome of each case, as it comes."""
        for name, case in self.cases(place).items():
            yield outcome(place, self.name, name, case)


def outcome(place: Place, check: str, name: str, case: Case) -> Outcome:
    """Run one case; whatever it raises is a failure."""
    started = time.perf_counter()
    status: Status
    try:
        fault = case()
        status, detail = ("held", "") if fault is None else ("failed", fault)
    except Skipped as reason:
        status, detail = "skipped", str(reason)
    except Exception as error:
        status, detail = "failed", in_words(error)
    return Outcome(str(place), check, name, status, detail, time.perf_counter() - started)


def cards() -> tuple[Place, ...]:
    """Each library that has a card here, on its first one."""
    found: list[Place] = []
    for library in LIBRARIES:
        try:
            found += places([library], "cuda")
        except InputError:  # not installed, or it sees no card
            continue
    return tuple(found)
