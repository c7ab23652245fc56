"""What a run went through, as numbers: one :class:`Record` for every recorded step, and a table of them."""

from __future__ import annotations

import csv
import dataclasses
import math
import os
from collections.abc import Iterator
from typing import Any, NamedTuple, final

from ntr_spec.errors import InputError

Array = Any


class Record(NamedTuple):
    """One update.

    Attributes:
        step: how many updates were made before it.
        value: the objective at the point where the gradient was taken; NaN where it is not known.
        gradient: ‖g‖_*, the dual norm of the gradient.
        radius: η of this update; NaN for a method without one.
        decay: β of this update; NaN for a method without one.
        length: ‖x₊ − x‖.
        seconds: since the run began, stops and resumes not counted.
    """

    step: int
    value: float = math.nan
    gradient: float = math.nan
    radius: float = math.nan
    decay: float = math.nan
    length: float = math.nan
    seconds: float = 0.0


@final
@dataclasses.dataclass(frozen=True)
class History:
    """The records of a run, oldest first.

    >>> history = History((Record(0, value=3.0), Record(10, value=1.0)))
    >>> len(history), history.column("value").tolist(), history[-1].step
    (2, [3.0, 1.0], 10)
    """

    records: tuple[Record, ...] = ()

    def __len__(self) -> int:
        return len(self.records)

    def __iter__(self) -> Iterator[Record]:
        return iter(self.records)

    def __getitem__(self, index: int) -> Record:
        return self.records[index]

    def column(self, name: str) -> Array:
        """One quantity over the run, as a NumPy array.

        Raises:
            InputError: records have no such field.
        """
        import numpy as np

        if name not in Record._fields:
            raise InputError(f"History: there is no {name!r}; choose one of {', '.join(Record._fields)}")
        return np.array([getattr(record, name) for record in self.records], dtype=np.int64 if name == "step" else float)

    def to_csv(self, path: str | os.PathLike[str]) -> None:
        """Write the table, with a header and every digit."""
        with open(path, "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(Record._fields)
            writer.writerows(self.records)

    def to_array(self) -> Array:
        """All columns as one float64 array, a row for each record."""
        import numpy as np

        return np.array(self.records, dtype=np.float64).reshape(len(self.records), len(Record._fields))

    @classmethod
    def from_array(cls, rows: Array) -> History:
        """The inverse of :meth:`to_array`."""
        return cls(tuple(Record(int(row[0]), *row[1:]) for row in rows.tolist()))
