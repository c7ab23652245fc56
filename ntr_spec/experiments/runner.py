"""Runs the tasks of an experiment over worker processes, keeping each row as it comes."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import hashlib
import json
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, final

from ntr_spec.errors import InputError, NtrError
from ntr_spec.experiments.experiment import Experiment, Row, Size, Summary, Task, failed
from ntr_spec.experiments.folder import PLOT, Folder
from ntr_spec.processes import end_with_parent, quiet_tracker, sigint_blocked

_AHEAD = 4  # tasks handed out ahead, for each worker


class WorkerError(NtrError, RuntimeError):
    """A task failed in a worker process, or ended it."""


@final
@dataclasses.dataclass(frozen=True)
class Outcome:
    """What a run ended with.

    Attributes:
        rows: of all tasks, in their order.
        summary: what they say.
        files: what was written.
        unplotted: why there is no plot, or "".
    """

    rows: Sequence[Row]
    summary: Summary
    files: Sequence[Path]
    unplotted: str = ""

    @property
    def ok(self) -> bool:
        """Whether every claim of the summary holds."""
        return not failed(self.summary)


def run_experiment(
    experiment: Experiment,
    folder: Path,
    size: Size = "full",
    seed: int = 0,
    jobs: int | None = None,
    progress: Callable[[int, int], Any] | None = None,
    *,
    resume: bool = False,
) -> Outcome:
    """Run what is not finished yet, then write ``rows.csv``, ``summary.json`` and the plot.

    Args:
        experiment: one of :data:`ntr_spec.experiments.EXPERIMENTS`, or your own.
        folder: the directory; it belongs to one run, and an interrupted one goes on there with ``resume``.
        size: ``"small"`` or ``"full"``.
        seed: of every random choice, at least 0.
        jobs: worker processes; None: one per processor; 0: work in this process. Results do not depend on it.
        progress: called with the numbers of rows finished and of all, at the start and after every row.
        resume: go on with what the folder holds.

    Raises:
        InputError: an argument is out of range, or the folder is not fit (see :meth:`Folder.opened`).
        WorkerError: a task failed in a worker process, or ended it; what is finished is kept.
    """
    _check(size, seed, jobs)
    tasks = experiment.tasks(size, seed)
    identity = _identity(experiment, size, seed, tasks)
    place = Folder(Path(folder))
    with place.opened(identity, len(tasks), resume) as journal:
        wanted = [index for index in range(len(tasks)) if index not in journal.rows]

        def tell() -> None:
            if progress is not None:
                progress(len(journal.rows), len(tasks))

        tell()
        work = _here(experiment, tasks, wanted) if jobs == 0 else _elsewhere(experiment, tasks, wanted, jobs)
        for index, row in work:
            journal.append(index, row)
            tell()
        rows = [journal.rows[index] for index in range(len(tasks))]
        return _finish(experiment, place, identity, rows)


def _finish(experiment: Experiment, place: Folder, identity: dict[str, Any], rows: list[dict[str, Any]]) -> Outcome:
    summary = experiment.summary(rows)
    about = {"experiment": experiment.name, "size": identity["size"], "seed": identity["seed"], "rows": len(rows)}
    files = [
        place.write_csv(experiment.columns, rows),
        place.write("summary.json", json.dumps(about | summary, indent=1, allow_nan=False, ensure_ascii=False) + "\n"),
    ]
    try:
        from ntr_spec.curves import pyplot

        pyplot()
    except InputError as error:  # results do not wait for a picture
        return Outcome(rows, summary, files, str(error))
    files.append(place.put(PLOT, lambda path: experiment.plot(rows, path)))
    return Outcome(rows, summary, files)


def _here(experiment: Experiment, tasks: Sequence[Task], wanted: Sequence[int]) -> Iterator[tuple[int, Row]]:
    for index in wanted:
        yield index, experiment.run(tasks[index])


def _elsewhere(
    experiment: Experiment, tasks: Sequence[Task], wanted: Sequence[int], jobs: int | None
) -> Iterator[tuple[int, Row]]:
    if not wanted:
        return
    import loky
    from loky.process_executor import BrokenProcessPool

    count = min(jobs or int(loky.cpu_count()), len(wanted))
    left = deque(wanted)
    pending: dict[Any, int] = {}
    pool: Any = None
    try:
        with sigint_blocked(), quiet_tracker():
            # One thread each: processes share the processors, and sums do not depend on how many threads there are.
            single = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
            pool = loky.ProcessPoolExecutor(count, timeout=None, initializer=end_with_parent, env=single)
            pool.submit(int).result()  # starts the processes, which inherit the mask
        while left or pending:
            while left and len(pending) < _AHEAD * count:
                index = left.popleft()
                pending[pool.submit(_attempt, experiment, tasks[index])] = index
            done, _ = concurrent.futures.wait(pending, return_when=concurrent.futures.FIRST_COMPLETED)
            failures = []
            for future in sorted(done, key=pending.__getitem__):
                index, (row, failure) = pending.pop(future), future.result()
                if failure:
                    failures.append(f"task {index} failed ({failure})")
                else:
                    yield index, row
            if failures:
                raise WorkerError(
                    f"experiment {experiment.name}: {failures[0]}; finished rows are kept, go on with --resume, or "
                    "with --jobs 0 to see where it fails"
                )
    except BrokenProcessPool:
        raise WorkerError(
            f"experiment {experiment.name}: a worker process ended, for want of memory perhaps; finished rows are "
            "kept, go on with --resume and fewer --jobs"
        ) from None
    finally:
        if pool is not None:
            with sigint_blocked():
                pool.shutdown(wait=True, kill_workers=True)


def _attempt(experiment: Experiment, task: Task) -> tuple[Row, str]:
    """In a worker: the row, or why there is none, in words, since not every exception travels."""
    try:
        return experiment.run(task), ""
    except Exception as error:
        return {}, f"{type(error).__name__}: {error}"


def _identity(experiment: Experiment, size: Size, seed: int, tasks: Sequence[Task]) -> dict[str, Any]:
    """What two runs must share for the rows of one to serve the other."""
    from ntr_spec.version import __version__

    written = json.dumps(tasks, allow_nan=False, sort_keys=True)
    digest = hashlib.sha256(written.encode()).hexdigest()[:16]
    return {
        "experiment": experiment.name,
        "size": size,
        "seed": seed,
        "version": __version__,
        "tasks": f"{len(tasks)} ({digest})",
    }


def _check(size: Any, seed: Any, jobs: Any) -> None:
    if size not in ("small", "full"):
        raise InputError(f"run_experiment: expected size small or full, got {size!r}; choose one")
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise InputError(f"--seed: expected a whole number of at least 0, got {seed!r}")
    if jobs is not None and (isinstance(jobs, bool) or not isinstance(jobs, int) or jobs < 0):
        raise InputError(f"--jobs: expected a whole number of at least 0, got {jobs!r}; 0 works in this process")
    if jobs is not None and jobs > 61 and sys.platform == "win32":
        raise InputError(f"--jobs: Windows waits for at most 61 processes, got {jobs}; ask for fewer")
