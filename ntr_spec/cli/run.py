"""``ntr-spec run PROBLEM``: run a method on a named problem, and tell what was reached.

With ``--checkpoint DIR`` the directory holds ``run.json`` (what was run), ``checkpoint.npz`` (where it stands) and
``history.csv`` (its history).
"""

from __future__ import annotations

import contextlib
import shlex
import sys
from collections.abc import Iterator, Mapping
from typing import Any, final

import numpy as np
import typer
from rich.console import Console

from ntr_spec.algorithms import State, TrustRegion, minimize
from ntr_spec.algorithms.minimize import NonFiniteError, Result
from ntr_spec.arrays import namespace_of
from ntr_spec.cli.run_display import described, print_problems, progress
from ntr_spec.cli.run_folder import Folder
from ntr_spec.cli.run_method import Setup, set_up
from ntr_spec.cli.run_settings import DEFAULTS, Options
from ntr_spec.errors import InputError
from ntr_spec.problems import named
from ntr_spec.problems.baseline import Baseline
from ntr_spec.steps.step import Step, trust_region_step
from ntr_spec.trees import Tree, leaves, tree_map

Array = Any
RECORDS = 200
"""About how many steps are recorded."""


def run(options: Options, console: Console) -> Result:
    """Run, show progress, write what was asked for, print the summary.

    Raises:
        InputError: an option cannot be used, and nothing was run or overwritten; or the run left the finite numbers.
        typer.Exit: the run was interrupted.
    """
    if options.problem not in DEFAULTS:
        named(options.problem)  # says which there are
    if options.plot is not None:
        from ntr_spec.cli.run_plot import check_picture

        check_picture(options.plot)
    setup = set_up(options)
    watch = Watch(setup, options.updates)
    folder = None if options.checkpoint is None else Folder(options.checkpoint)
    if folder is not None and options.resume:
        watch.begin(folder.resume(options.identity(), setup.method, setup.x0, options.updates))
    elif folder is not None:
        folder.create(options.identity())
    with _interruptible(options, watch):
        result = _minimize(options, setup, watch, folder, console)
        baseline = _baseline(options, setup, console)
    for line in _summary(options, setup, watch, result, baseline):
        console.file.write(line + "\n")
    if options.csv is not None:
        result.history.to_csv(options.csv)
    if options.plot is not None:
        from ntr_spec.cli.run_plot import plot

        plot(options.plot, _title(options), result.history, None if baseline is None else _level(setup, baseline))
    return result


def list_problems(console: Console) -> None:
    """What ``ntr-spec run`` prints where no problem is named."""
    print_problems(console)


@final
class Watch:
    """The gradients of a run, with the objective and the metrics at the steps that are recorded.

    Mini-batches serve the method; the objective that is recorded is that of all the data.

    Args:
        setup: what is run.
        steps: updates in all.
    """

    def __init__(self, setup: Setup, steps: int) -> None:
        self.setup = setup
        self.every = max(1, steps // RECORDS)
        self.metrics: Mapping[str, float] = {}
        self._steps = steps
        self._before: State | None = None
        self.begin(setup.method.init(setup.x0))

    def begin(self, state: State) -> None:
        """Begin at this state."""
        self.state = state

    def gradient(self, x: Tree, step: int) -> tuple[Any, Tree]:
        """The objective and the gradient that a step takes."""
        value, self._gradient = self.setup.problem.stochastic(x, step)
        if step % self.every == 0 or step == self._steps - 1:
            value, self.metrics = self.setup.objective(x), self.setup.problem.metrics(x)
        return value, self._gradient

    def stepped(self, state: State) -> None:
        """Called after a step."""
        self._before, self.state = self.state, state

    def certificate(self) -> Step | None:
        """The last step with its certificate; None without regularizer, or before a step was made."""
        method, before = self.setup.method, self._before
        if before is None or not isinstance(method, TrustRegion) or not method.composite:
            return None
        now = method.settings(before.step)
        kept = method._at("momentum", before.step, xp := namespace_of(leaves(before.x)[0]))
        _, direction = method._accumulate(before, self._gradient, kept, xp)
        center = tree_map(lambda leaf: (1.0 - now["decay"]) * leaf, before.x)
        return trust_region_step(method.norm, direction, center, now["radius"], method.regularizer)


def _minimize(options: Options, setup: Setup, watch: Watch, folder: Folder | None, console: Console) -> Result:
    try:
        # Overflow is named below, in one sentence, by whoever meets it.
        with np.errstate(all="ignore"), progress(console, _title(options), options.updates) as show:
            return minimize(
                watch.gradient,
                setup.x0,
                setup.method,
                options.updates,
                watch.stepped,
                with_value=True,
                by_step=True,
                record_every=watch.every,
                progress=lambda record: show(record, watch.metrics),
                checkpoint=None if folder is None else folder.checkpoint,
                every=options.every,
                resume=options.resume,
            )
    except NonFiniteError as error:
        kept = f"; {options.checkpoint} has the last finite state" if folder is not None else ""
        fact = str(error).removeprefix("minimize: ").partition(";")[0]
        raise InputError(f"{options.problem}: {fact}{kept}; lower --radius, or use --dtype float64") from None
    finally:
        if folder is not None:
            folder.write_history(setup.method, setup.x0)


@contextlib.contextmanager
def _interruptible(options: Options, watch: Watch) -> Iterator[None]:
    """On Ctrl-C tell how to go on, and exit with 130."""
    try:
        yield
    except KeyboardInterrupt:
        where = f"interrupted after {watch.state.step} of {options.updates} steps"
        if options.checkpoint is None:
            how = "nothing was saved; add --checkpoint DIR to save"
        else:
            words = sys.argv[1:] if options.resume else [*sys.argv[1:], "--resume"]
            how = f"go on with {shlex.join(['ntr-spec', *words])}"
        print(f"ntr-spec: {where}; {how}", file=sys.stderr)
        raise typer.Exit(130) from None


def _baseline(options: Options, setup: Setup, console: Console) -> Baseline | None:
    """What another solver reaches, where it solves the same problem."""
    if not options.baseline or repr(setup.regularizer) != repr(setup.problem.regularizer):
        return None
    if not console.is_terminal:
        return setup.problem.baseline(options.updates)
    with console.status("another solver, to compare"):
        return setup.problem.baseline(options.updates)


def _level(setup: Setup, baseline: Baseline) -> tuple[str, float]:
    """What a baseline is called, and its objective."""
    return "least value" if baseline.optimal else "baseline", setup.problem.to("numpy", "float64").objective(baseline.x)


def _summary(options: Options, setup: Setup, watch: Watch, result: Result, baseline: Baseline | None) -> Iterator[str]:
    seconds = result.history[-1].seconds if len(result.history) else 0.0
    words = [described(setup.objective(result.x), setup.problem.metrics(result.x))]
    step = watch.certificate()
    if step is not None:
        words.append(f"gap of the last step {float(step.gap):.1e}")
    yield f"{options.problem}: {'; '.join(words)}; {result.steps} steps; {seconds:.2f} s on {options.backend}"
    if baseline is not None:
        (word, level), metrics = _level(setup, baseline), setup.problem.to("numpy", "float64").metrics(baseline.x)
        yield f"{word}: {described(level, metrics)}; {baseline.solver}"
    elif options.baseline:
        yield "baseline: none, since it solves the problem with its own regularizer"


def _title(options: Options) -> str:
    """The problem and what it is run with, as it was typed."""
    how = options.preset or options.norm
    return options.problem if how is None else f"{options.problem}, {how}"
