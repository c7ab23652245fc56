"""Schedules (subject, law, engine) tasks over worker processes, each with a deadline that can be enforced.

Every worker is a loky executor with a single process, and it is given one task at a time: a hook that never returns
or that ends its process costs exactly the task that it ran in; killing that process disturbs no other. Handing over a
task costs well under a millisecond, so laws are handed out one by one and findings stream. A worker stays with one
subject and engine as long as that has laws left (engines remember traced hooks), and then helps the busiest one.

Loky (https://loky.readthedocs.io) pickles by value what cannot be imported, so norms from a notebook, from ``__main__``
or from a user's file travel, and scripts need no ``if __name__ == "__main__"``.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ntr_spec.processes import quiet_tracker, sigint_blocked
from ntr_spec.verify import work
from ntr_spec.verify.environment import environment
from ntr_spec.verify.ledger import Ledger, Listener, Silent
from ntr_spec.verify.plan import Plan, Subject, Task
from ntr_spec.verify.report import Run
from ntr_spec.verify.settings import Settings
from ntr_spec.verify.work import ENGINES, Engine

_GRACE = 2.0  # seconds that an engine may need to notice that its budget is spent
_IMPATIENT = 1.0  # budget of a subject's further laws, once one of them has overrun; after two, they are not tried
_WARM = 120.0  # seconds to import an engine's libraries
_DESCRIBE = 10.0  # seconds to describe a subject
_NOT_TRIED = "not tried: its hooks did not return twice"
_DRAW = 3.0  # seconds to draw it


def run(
    subjects: Sequence[Subject],
    settings: Settings,
    *,
    jobs: int | None = None,
    listener: Listener | None = None,
    engines: Mapping[str, Engine | None] | None = None,
) -> Run:
    """Verify subjects; an interrupt (Ctrl-C) ends the run early and keeps what was found.

    Args:
        subjects: what to verify.
        settings: what the engines are asked to do.
        jobs: worker processes; None: one per processor; 0: work in this process, where no deadline can be enforced.
        listener: told of evidence, findings and reports as they come.
        engines: functions to call in place of the engines of those names; None stands for the engine itself.
    """
    start = time.perf_counter()
    known = environment()
    heard = listener or Silent()
    chosen: Mapping[str, Engine | None] = engines if engines is not None else dict.fromkeys(ENGINES)
    ledgers = [Ledger(k, s.kind, s.title, s.origin, s.expected, settings, known, heard) for k, s in enumerate(subjects)]
    plan = Plan(subjects, ledgers, settings, chosen)
    complete = False
    with contextlib.suppress(KeyboardInterrupt):
        if jobs == 0:
            _run_here(plan)
        else:
            _run_workers(plan, jobs or _processors())
        complete = True
    reports = tuple(ledger.report() for ledger in ledgers if complete or ledger.begun)
    return Run(reports, settings, known, time.perf_counter() - start, complete, len(subjects))


def _processors() -> int:
    import loky

    return int(loky.cpu_count())  # respects affinity and container limits


def _run_here(plan: Plan) -> None:
    group: deque[Task] = deque()
    while (taken := plan.take(group)) is not None:
        task, group = taken
        task.done(task.function(*task.arguments))


def _run_workers(plan: Plan, jobs: int) -> None:
    workers = [_Worker(plan.settings.backends) for _ in range(jobs)]
    lost: Counter[tuple[int, str]] = Counter()
    try:
        while True:
            for k, worker in enumerate(workers):
                if worker.task is None:
                    _occupy(worker, plan, lost, k)
            busy = {worker.future: worker for worker in workers if worker.task is not None}
            if not busy:
                return
            patience = min(worker.deadline for worker in busy.values()) - time.monotonic()
            finished, _ = concurrent.futures.wait(
                busy, timeout=max(0.0, patience), return_when=concurrent.futures.FIRST_COMPLETED
            )
            for future in finished:
                task = busy[future].task
                if not busy[future].collect() and task is not None:
                    lost[task.subject, task.engine] += 1
                    lost[task.subject, ""] += 1
            for worker in workers:
                if worker.task is not None and worker.future not in finished and worker.overdue:
                    lost[worker.task.subject, worker.task.engine] += 1
                    # The exact engine may be late with a good norm: a prover does not always stop when it is told to.
                    lost[worker.task.subject, ""] += worker.task.engine != "exact"
                    worker.give_up(f"did not finish within {worker.budget:g} s; a hook may not return")
    finally:
        with sigint_blocked():
            for worker in workers:
                worker.kill()


def _occupy(worker: _Worker, plan: Plan, lost: Counter[tuple[int, str]], place: int) -> None:
    """Give an idle worker its next task, or, before the first subject has been described, something to import.

    ``lost`` counts the tasks from which no process came back, by subject and engine, and by subject alone.
    """
    while (taken := plan.take(worker.group)) is not None:
        task, worker.group = taken
        if not task.law or max(lost[task.subject, ""], lost[task.subject, task.engine]) < 2:
            break
        task.failed(_NOT_TRIED if lost[task.subject, ""] > 1 else f"not tried: the {task.engine} engine overran twice")
    if taken is None:
        if not worker.started:
            needs = plan.needs[place % len(plan.needs)]
            nothing = Task(-1, work.warm, ("", ()), lambda _: None, lambda _: None, needs=needs)
            worker.begin(nothing, _WARM, 0.0)
        return
    if not task.law:
        worker.begin(task, _DRAW if task.function is work.draw else _DESCRIBE, 0.0)
    elif max(lost[task.subject, ""], lost[task.subject, task.engine]) == 0:
        worker.begin(task, plan.settings.timeout, _GRACE)
    else:
        budget = min(_IMPATIENT, plan.settings.timeout)
        worker.begin(task.within(budget), budget, _GRACE)


class _Worker:
    """One process (started when first needed), its current task and its deadline."""

    def __init__(self, backends: tuple[str, ...]) -> None:
        self.group: deque[Task] = deque()
        self.task: Task | None = None
        self.future: Any = None
        self.deadline = 0.0
        self.budget = 0.0
        self._backends = backends
        self._executor: Any = None
        self._warm: set[str] = set()
        self._sent = False
        self._grace = 0.0

    @property
    def started(self) -> bool:
        """Whether there is a process."""
        return self._executor is not None

    @property
    def overdue(self) -> bool:
        """Whether the task has used up its time."""
        return time.monotonic() >= self.deadline

    def begin(self, task: Task, budget: float, grace: float) -> None:
        """Take a task. A fresh process, or one new to the task's engine, first imports what the engine needs."""
        self.task, self.budget, self._grace = task, budget, grace
        if self.started and task.needs in self._warm:
            self._send(task)
        else:
            self._sent = False
            self._submit(_WARM, work.warm, task.needs, self._backends)

    def collect(self) -> bool:
        """Pass on the result of the call that has just ended; False if the process ended with it."""
        task = self.task
        assert task is not None
        error = self.future.exception(timeout=0)  # not raised: it may be a SystemExit of the hook's
        if error is not None:
            self.give_up(_cause_of_death(error))
            return False
        if self._sent:
            self.task = None
            task.done(self.future.result(timeout=0))
        else:
            self._warm |= {"", task.needs}
            self._send(task)
        return True

    def give_up(self, why: str) -> None:
        """End the process and report the task as failed."""
        task = self.task
        assert task is not None
        self.kill()
        task.failed(why)

    def kill(self) -> None:
        """End the process, whatever it is doing."""
        if self._executor is not None:
            self._executor.shutdown(wait=True, kill_workers=True)
        self._executor, self.future, self.task = None, None, None
        self._warm.clear()

    def _send(self, task: Task) -> None:
        self._sent = True
        self._submit(self.budget + self._grace, task.function, *task.arguments)

    def _submit(self, seconds: float, function: Callable[..., Any], *arguments: Any) -> None:
        # Blocked while a process may be started, so that it inherits the mask: Ctrl-C is for the scheduler alone.
        with sigint_blocked():
            if self._executor is None:
                from loky import ProcessPoolExecutor

                with quiet_tracker():
                    self._executor = ProcessPoolExecutor(1, timeout=None, initializer=work.start_worker)
            self.future = self._executor.submit(function, *arguments)
        self.deadline = time.monotonic() + seconds


def _cause_of_death(error: BaseException) -> str:
    from loky.process_executor import BrokenProcessPool

    if isinstance(error, BrokenProcessPool):
        return "ended with its process; a hook may have called os._exit or crashed in compiled code"
    return f"could not exchange data with its process ({work.in_words(error)})"
