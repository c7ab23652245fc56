"""``Report``: all tables of a benchmark with what they were made with, as JSON and back."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, final

from ntr_spec.bench.results import ABOUT, Case, Row
from ntr_spec.errors import InputError

FORMAT = "ntr-spec bench"


@final
@dataclasses.dataclass(frozen=True)
class Report:
    """Everything that a benchmark found.

    Attributes:
        settings: what was asked for.
        environment: versions, processors and threads.
        cases: the tables.
    """

    settings: Mapping[str, Any]
    environment: Mapping[str, Any]
    cases: Sequence[Case]

    @property
    def ok(self) -> bool:
        """Whether every certificate held and nothing of this package crashed."""
        return not any(case.wrong for case in self.cases)

    @property
    def certificates(self) -> tuple[int, int]:
        """How many held, and how many there were."""
        status = [row.status for case in self.cases for row in case.rows]
        held = status.count("held")
        return held, held + status.count("broken")

    def as_json(self) -> dict[str, Any]:
        """Of JSON's types."""
        return {
            "format": FORMAT,
            "settings": dict(self.settings),
            "environment": dict(self.environment),
            "ok": self.ok,
            "cases": [case.as_json() for case in self.cases],
        }

    def to_json(self, path: Path | str) -> None:
        """Write the report.

        Raises:
            InputError: it cannot be written.
        """
        text = json.dumps(self.as_json(), indent=1, allow_nan=False, ensure_ascii=False)
        try:
            Path(path).write_text(text + "\n", encoding="utf-8")
        except OSError as error:
            raise InputError(f"{path}: cannot be written ({error.strerror}); choose another path") from None


def report_from(path: Path | str) -> Report:
    """A report that was written before, to draw it again, say.

    Raises:
        InputError: there is none.
    """
    try:
        found = json.loads(Path(path).read_text(encoding="utf-8"))
        if found["format"] != FORMAT:
            raise ValueError
        fields = {field.name for field in dataclasses.fields(Row)}
        cases = []
        for case in found["cases"]:
            rows = tuple(Row(**_tuples(row, fields)) for row in case["rows"])
            cases.append(Case(**_tuples(case, ABOUT), rows=rows))
        return Report(found["settings"], found["environment"], tuple(cases))
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); name a file of ntr-spec bench --json") from None
    except (ValueError, KeyError, TypeError):
        raise InputError(f"{path}: was not written by ntr-spec bench, or is damaged; measure again") from None


def _tuples(record: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    """Those fields of a record that are named, with tuples for JSON's lists."""
    return {name: tuple(v) if isinstance(v, list) else v for name, v in record.items() if name in names}
