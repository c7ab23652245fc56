"""``Experiment``: a question, the draws that answer it, and what the answers say.

An experiment is data and pure functions: the list of its tasks follows from a seed, the row of a task from the task
alone, the summary and the plot from the rows. So a run may stop anywhere and go on, on any number of processes, and
end with the same results.
"""

from __future__ import annotations

import abc
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal

Size = Literal["small", "full"]
Task = Mapping[str, Any]
Row = Mapping[str, Any]
Summary = Mapping[str, Any]


class Experiment(abc.ABC):
    """A question about the methods that is answered by running them. Concrete ones are frozen dataclasses.

    Attributes:
        name: how the command line calls it.
        title: the heading of its plot and page.
        question: one line.
        columns: what ``rows.csv`` shows of each row, in order; numbers, words or truth values.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    question: ClassVar[str]
    columns: ClassVar[tuple[str, ...]]

    @abc.abstractmethod
    def tasks(self, size: Size, seed: int) -> list[dict[str, Any]]:
        """What is to be run: small dictionaries of JSON's types, each with all that its row depends on.

        Args:
            size: ``"small"`` takes seconds, ``"full"`` minutes.
            seed: from which every random choice follows; see :func:`seed_of`.
        """

    @abc.abstractmethod
    def run(self, task: Task) -> dict[str, Any]:
        """The row of a task: a pure function of it, of JSON's types; what is not finite is None."""

    @abc.abstractmethod
    def summary(self, rows: Sequence[Row]) -> dict[str, Any]:
        """What the rows say, of JSON's types. ``"claims"`` is a list of what :func:`claim` makes.

        Args:
            rows: the rows of all tasks, in the order of the tasks.
        """

    @abc.abstractmethod
    def plot(self, rows: Sequence[Row], path: Path) -> None:
        """Draw the rows into a file, with :mod:`ntr_spec.curves`.

        Raises:
            InputError: matplotlib is not installed.
        """


def claim(words: str, holds: bool) -> dict[str, Any]:
    """A sentence and whether the rows bear it out; where one does not hold, the command line exits with 1.

    >>> claim("2 of 2 runs stay below the bound", True)
    {'claim': '2 of 2 runs stay below the bound', 'holds': True}
    """
    return {"claim": words, "holds": bool(holds)}


def failed(summary: Summary) -> list[str]:
    """The claims of a summary that do not hold.

    >>> failed({"claims": [claim("a", True), claim("b", False)]})
    ['b']
    """
    return [each["claim"] for each in summary["claims"] if not each["holds"]]


def seed_of(seed: int, *index: int) -> int:
    """A seed for the task of this index, as good as independent of those of other indices.

    >>> seed_of(0, 1) == seed_of(0, 1), seed_of(0, 1) == seed_of(1, 0), seed_of(0, 1) < 2**63
    (True, False, True)
    """
    import numpy as np

    return int(np.random.SeedSequence([seed, *index]).generate_state(1, np.uint64)[0] >> np.uint64(1))
