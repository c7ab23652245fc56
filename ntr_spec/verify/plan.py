"""The order of work: which task a free worker takes next, and what becomes of its result.

For each subject: its description, then its laws chapter by chapter and engine by engine, then its picture. Earlier
subjects come first, because they are shown first.
"""

from __future__ import annotations

import dataclasses
import heapq
import itertools
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ntr_spec.verify import work
from ntr_spec.verify.findings import Evidence, Status
from ntr_spec.verify.ledger import Ledger
from ntr_spec.verify.settings import Settings
from ntr_spec.verify.subjects import SubjectKind, kind_of
from ntr_spec.verify.work import Description, Engine

_ONCE_SETTLED = 0.2  # of the exact engine's time; half of it loses proofs in small spaces


@dataclasses.dataclass(frozen=True)
class Subject:
    """A norm, regularizer, method or problem to verify.

    Attributes:
        declaration: it.
        expected: for laws expected to fail or to stay undecided, why.
        name: how it is typed; "" for its ``repr``.
        origin: where it was declared, for the report.
    """

    declaration: Any
    expected: Mapping[str, str] = dataclasses.field(default_factory=dict)
    name: str = ""
    origin: str = ""

    @property
    def title(self) -> str:
        """How it is called in reports."""
        try:
            return self.name or self.kind.label(self.declaration)
        except Exception:  # a user's __repr__
            return type(self.declaration).__name__

    @property
    def kind(self) -> SubjectKind:
        """What kind of subject it is."""
        return kind_of(self.declaration)


@dataclasses.dataclass(frozen=True)
class Task:
    """One call for a worker, and what to do with its result, or with the reason why there is none."""

    subject: int
    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    done: Callable[[Any], None]
    failed: Callable[[str], None]
    engine: str = ""
    law: str = ""
    needs: str = ""  # the engine whose libraries the process should have imported

    def within(self, seconds: float) -> Task:
        """The same check of a law with at most so much time."""
        blob, law, engine, settings, fake = self.arguments
        less = dataclasses.replace(settings, timeout=min(seconds, settings.timeout))
        return dataclasses.replace(self, arguments=(blob, law, engine, less, fake))


class Plan:
    """Hands out tasks: for each subject its description, then its laws engine by engine, then its picture."""

    def __init__(
        self,
        subjects: Sequence[Subject],
        ledgers: Sequence[Ledger],
        settings: Settings,
        engines: Mapping[str, Engine | None],
    ) -> None:
        self.ledgers = ledgers
        self.settings = settings
        self.engines = engines
        self._subjects = deque(enumerate(subjects))
        # Earlier ones first, whichever was described first: they are shown first. Ties in the order of arrival.
        self._ready: list[tuple[int, int, deque[Task]]] = []
        self._arrivals = itertools.count()
        self._taken: list[deque[Task]] = []

    @property
    def needs(self) -> tuple[str, ...]:
        """The engines whose libraries processes will have to import."""
        return tuple(name for name, fake in self.engines.items() if fake is None) or ("",)

    def take(self, group: deque[Task]) -> tuple[Task, deque[Task]] | None:
        """The next task for a worker that has been busy with ``group``, and the group that it now belongs to."""
        if not group:
            if self._ready:
                group = heapq.heappop(self._ready)[-1]
                self._taken = [g for g in self._taken if g] + [group]
            elif self._subjects:
                group = deque(self._describe(*self._subjects.popleft()))
            else:
                longest = max(self._taken, key=len, default=deque())
                return (self._fitted(longest.pop()), deque()) if longest else None
        if not group:
            return self.take(group)
        return self._fitted(group.popleft()), group

    def _fitted(self, task: Task) -> Task:
        """The task with less time for the exact engine where lemmas have settled the law for every size already.

        Z3 then confirms it independently in the small spaces where that is cheap, and stops where it is not.
        """
        if task.engine != "exact" or not self.ledgers[task.subject].holds(task.law):
            return task
        return task.within(self.settings.timeout * _ONCE_SETTLED)

    def _describe(self, index: int, subject: Subject) -> Iterator[Task]:
        self.ledgers[index].begin()
        try:
            blob = _pickled(subject.declaration)
        except Exception as error:
            why = f"it cannot be sent to a worker process ({work.in_words(error)}); verify it with jobs=0"
            self.ledgers[index].describe(Description(broken=why), {})
            self.ledgers[index].finish(None)
            return

        def done(description: Description) -> None:
            self._laws(index, subject.kind, blob, description)

        def failed(why: str) -> None:
            done(Description(broken=f"asking it for its notation, dual and claims {why}"))

        yield Task(index, work.describe, (blob,), done, failed)

    def _laws(self, index: int, kind: SubjectKind, blob: bytes, description: Description) -> None:
        awaited: Counter[str] = Counter()
        if not description.broken:
            # Chapter by chapter, so that a law late in the list that takes long (or never returns) in one engine does
            # not keep the other engines from the laws before it: findings are complete, and shown, in order.
            for chapter in kind.chapters:
                for engine, fake in self.engines.items():
                    group: deque[Task] = deque()
                    for law in (one.name for one in chapter):
                        if law not in description.missing and engine in work.engines_for(
                            kind, law, tuple(self.engines)
                        ):
                            group.append(self._law(index, blob, law, engine, fake))
                            awaited[law] += 1
                    self._put(index, group)
        self.ledgers[index].describe(description, awaited)
        self._draw_if_settled(index, blob)

    def _law(self, index: int, blob: bytes, law: str, engine: str, fake: Engine | None) -> Task:
        def done(evidence: tuple[Evidence, ...]) -> None:
            self.ledgers[index].enter(law, evidence)
            self._draw_if_settled(index, blob)

        def failed(why: str) -> None:
            done((Evidence(law, "runner", Status.UNDECIDED, scope=f"{engine} engine", reason=why),))

        needs = engine if fake is None else ""
        return Task(index, work.check, (blob, law, engine, self.settings, fake), done, failed, engine, law, needs)

    def _put(self, rank: int, group: deque[Task]) -> None:
        heapq.heappush(self._ready, (rank, next(self._arrivals), group))

    def _draw_if_settled(self, index: int, blob: bytes) -> None:
        ledger = self.ledgers[index]
        if ledger.settled:
            task = Task(
                index,
                work.draw,
                (blob, ledger.witnesses),
                ledger.finish,
                failed=lambda why: ledger.finish(None),
            )
            self._put(-1, deque([task]))


def _pickled(declaration: Any) -> bytes:
    import cloudpickle

    blob: bytes = cloudpickle.dumps(declaration)
    return blob
