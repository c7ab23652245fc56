"""The directory of an experiment: what is run, the rows as they finish, and what they say.

``experiment.json`` names the run, ``rows.jsonl`` holds one finished row a line and is only ever appended to. From
them follow ``rows.csv``, ``summary.json`` and the plot, each moved into its place when it is complete.
"""

from __future__ import annotations

import contextlib
import csv
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, final

from ntr_spec.errors import InputError

FORMAT = "ntr-spec experiment"
PLOT = "plot.svg"
RESULTS = ("rows.csv", "summary.json", PLOT)


@final
class Folder:
    """An experiment on disk.

    Args:
        path: the directory.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.about = path / "experiment.json"
        self.rows = path / "rows.jsonl"

    @contextlib.contextmanager
    def opened(self, identity: Mapping[str, Any], count: int, resume: bool) -> Iterator[Journal]:
        """The rows of a new run, or those of one that goes on; no other process may write them meanwhile.

        Args:
            identity: what tells this run from others, of JSON's types.
            count: how many rows there will be.
            resume: whether to go on with what the directory holds.

        Raises:
            InputError: the directory holds a run and is not to be resumed, or another run, or a damaged one, or none;
                another process is writing to it; it cannot be written.
        """
        if resume:
            self._compare(identity)
        elif self.rows.exists() or self.about.exists():
            raise InputError(f"{self.path}: holds a run already; add --resume to go on with it, or name another --out")
        elif foreign := [name for name in RESULTS if (self.path / name).exists()]:
            raise InputError(f"{self.path}: holds {foreign[0]}, which no run here wrote; name another --out")
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            if not resume:
                self.write("experiment.json", json.dumps({"format": FORMAT, **identity}, indent=1) + "\n")
            file = self.rows.open("a+", encoding="utf-8", newline="\n")
        except OSError as error:
            raise InputError(f"{self.path}: cannot be written ({error.strerror}); name another --out") from None
        with file:
            if not _locked(file):
                raise InputError(f"{self.path}: another process is running it; wait for it, or name another --out")
            yield Journal(file, self._read(count))

    def write(self, name: str, text: str) -> Path:
        """Write a file of the results, all or nothing."""
        return self.put(name, lambda path: path.write_text(text, encoding="utf-8", newline="\n"))

    def put(self, name: str, make: Callable[[Path], Any]) -> Path:
        """Have a file made under a passing name, and move it to its place."""
        target = self.path / name
        partial = self.path / f".partial-{name}"
        try:
            make(partial)
            os.replace(partial, target)
        except OSError as error:
            raise InputError(f"{target}: cannot be written ({error.strerror}); name another --out") from None
        finally:
            partial.unlink(missing_ok=True)
        return target

    def write_csv(self, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> Path:
        """Write ``rows.csv``; what a row does not have is left empty."""

        def make(path: Path) -> None:
            with path.open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerow(columns)
                writer.writerows([["" if row.get(name) is None else row[name] for name in columns] for row in rows])

        return self.put("rows.csv", make)

    def _compare(self, identity: Mapping[str, Any]) -> None:
        try:
            saved = json.loads(self.about.read_text(encoding="utf-8"))
            known = saved["format"] == FORMAT
        except FileNotFoundError:
            raise InputError(f"--resume: {self.path} holds no experiment; run it without --resume first") from None
        except (OSError, ValueError, KeyError, TypeError):
            known = False
        if not known:
            raise InputError(f"{self.about}: was not written by ntr-spec experiment, or is damaged; name another --out")
        for name, mine in identity.items():
            if saved.get(name) != mine:
                raise InputError(
                    f"--resume: the run in {self.path} has {name} {saved.get(name)}, not {mine}; resume with what it "
                    "was begun with, or name another --out"
                )

    def _read(self, count: int) -> dict[int, dict[str, Any]]:
        """The finished rows by task; a last line that a killed process left unfinished is cut off."""
        content = self.rows.read_bytes()
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            os.truncate(self.rows, whole)
        rows: dict[int, dict[str, Any]] = {}
        for number, line in enumerate(content[:whole].splitlines(), 1):
            try:
                entry = json.loads(line)
                index, row = entry["task"], entry["row"]
                sound = isinstance(row, dict) and index not in rows and 0 <= index < count
            except (ValueError, KeyError, TypeError):
                sound = False
            if not sound:
                raise InputError(f"{self.rows}: line {number} is damaged; remove that line, or name another --out")
            rows[index] = row
        return rows


@final
class Journal:
    """The rows of a run, on disk as soon as they are told.

    Args:
        file: open to append.
        rows: those that are finished, by task.
    """

    def __init__(self, file: Any, rows: dict[int, dict[str, Any]]) -> None:
        self._file = file
        self.rows = rows

    def append(self, task: int, row: Mapping[str, Any]) -> None:
        """Keep a row for good.

        Raises:
            InputError: the disk is full, say.
            ValueError, TypeError: the row is not of JSON's types.
        """
        line = json.dumps({"task": task, "row": row}, allow_nan=False, ensure_ascii=False)
        try:
            self._file.write(line + "\n")
            self._file.flush()
        except OSError as error:
            raise InputError(f"{self._file.name}: cannot be written ({error.strerror}); make room and resume") from None
        self.rows[task] = json.loads(line)["row"]  # as a run that resumes would read it


def _locked(file: Any) -> bool:
    """Take the file until it is closed or this process ends; where there are no locks, believe."""
    try:
        import fcntl
    except ImportError:  # not on Windows
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
