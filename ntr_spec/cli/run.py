"""``ntr-spec run PROBLEM``: a named problem, a method put together from options, progress, and what was reached."""

from __future__ import annotations

import contextlib
import dataclasses
import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, final

from rich.console import Console

from ntr_spec.algorithms import Method, TrustRegion
from ntr_spec.algorithms.history import History, Record
from ntr_spec.algorithms.minimize import Result, minimize
from ntr_spec.errors import InputError
from ntr_spec.norms.base import Norm
from ntr_spec.problems import Problem, named
from ntr_spec.steps.regularizer import Regularizer
from ntr_spec.trees import is_container, shapes

CHECKPOINT = "run.npz"


@final
@dataclasses.dataclass(frozen=True)
class Options:
    """What the command line said; None where it said nothing."""

    problem: str
    norm: str | None = None
    preset: str | None = None
    steps: int = 300
    radius: str | None = None
    momentum: str | None = None
    decay: str | None = None
    extrapolation: bool = False
    regularizer: str | None = None
    backend: str = "numpy"
    dtype: str = "float64"
    checkpoint: Path | None = None
    every: int = 100
    resume: bool = False
    plot: Path | None = None
    csv: Path | None = None
    seed: int = 0
    baseline: bool = True


def run(options: Options, console: Console) -> Result:
    """Run, show progress, write what was asked for, print the summary.

    Raises:
        InputError: an option cannot be used; nothing was run or overwritten then.
    """
    if options.dtype not in ("float32", "float64"):
        raise InputError(f"--dtype {options.dtype}: expected float32 or float64; choose one")
    if options.plot is not None:
        _check_picture(options.plot)
    if options.backend == "jax" and options.dtype == "float64":
        _enable_float64()
    problem = named(options.problem, options.seed).to(options.backend, options.dtype)
    method = make_method(options, problem)
    file = _checkpoint_file(options)
    title = f"{options.problem}: {_described(method, problem)}"
    with _progress(console, title, options.steps) as show:
        result = minimize(
            problem.stochastic,
            problem.x0,
            method,
            options.steps,
            with_value=True,
            by_step=True,
            record_every=max(1, options.steps // 100),
            progress=show,
            checkpoint=file,
            every=options.every,
            resume=options.resume,
        )
    least = _summary(options, problem, result, console)
    if options.csv is not None:
        result.history.to_csv(options.csv)
    if options.plot is not None:
        plot(options.plot, result.history, options.problem, least)
    return result


def make_method(options: Options, problem: Problem) -> Method:
    """The method that the options describe.

    Raises:
        InputError: an expression means something else, or a setting is not one of the preset's.
    """
    from ntr_spec.cli.expression import constructors, subject_from

    texts = {"radius": options.radius, "momentum": options.momentum, "decay": options.decay}
    settings = {name: _setting(name, text) for name, text in texts.items() if text is not None}
    if options.extrapolation:
        settings["extrapolation"] = True
    if options.regularizer is not None:
        settings["regularizer"] = _as(subject_from(options.regularizer), Regularizer, "--regularizer", "Ridge(0.1)")
    if options.preset is None:
        norm = problem.norm
        if options.norm is not None:
            norm = _as(subject_from(options.norm), Norm, "--norm", "LInf")
        method: Method = TrustRegion(norm, **{"regularizer": problem.regularizer, "radius": 0.1, **settings})
    else:
        if options.norm is not None:
            raise InputError("--preset and --norm: a preset has a norm of its own; give one of them")
        preset = constructors().get(options.preset)
        if preset is not None and not isinstance(preset, type):
            known = inspect.signature(preset).parameters
            for name in settings:
                if name not in known:
                    raise InputError(f"--{name}: {options.preset} has no such setting; it has {', '.join(known)}")
            lacks = [n for n, each in known.items() if each.default is each.empty and n not in settings]
            if lacks:
                raise InputError(f"--preset {options.preset}: it needs {', '.join(lacks)}; write them in an expression")
            method = _as(preset(**settings), Method, "--preset", "muon")
        elif settings:
            raise InputError(f"--{next(iter(settings))}: write it in the expression {options.preset!r} instead")
        else:
            method = _as(subject_from(options.preset), Method, "--preset", "muon")
    method.init(problem.x0)  # a norm for other shapes is named before anything is written
    return method


def plot(path: Path, history: History, title: str, least: float | None) -> None:
    """The objective and the dual norm of the gradient against the steps."""
    from ntr_spec.cli.curves import BLUE, GREY, VERMILION, Curve, draw, pyplot, save

    figure, (left, right) = pyplot().subplots(1, 2, figsize=(9.4, 3.6))
    steps = history.column("step").tolist()
    values = [Curve("f", steps, history.column("value").tolist(), BLUE)]
    if least is not None:
        values.append(Curve("baseline", [steps[0], steps[-1]], [least, least], GREY, dashed=True))
    draw(left, values, xlabel="step", ylabel="objective where the gradient was taken", title=title)
    gradient = [Curve("‖g‖∗", steps, history.column("gradient").tolist(), VERMILION)]
    draw(right, gradient, xlabel="step", ylabel="dual norm of the gradient", title=" ", log=True)
    save(figure, path)


def _summary(options: Options, problem: Problem, result: Result, console: Console) -> float | None:
    """Print what was reached, and return the baseline's objective if there is one."""
    seconds = result.history[-1].seconds if len(result.history) else 0.0

    def described(objective: float, metrics: dict[str, float]) -> str:
        return ", ".join([f"objective {objective:.8g}", *(f"{name} {value:.4g}" for name, value in metrics.items())])

    reached = described(problem.objective(result.x), problem.metrics(result.x))
    lines = [f"{options.problem}: {reached}; {result.steps} steps, {seconds:.2f} s on {options.backend}"]
    least = None
    found = problem.baseline(options.steps) if options.baseline else None
    if found is not None:
        host = problem.to("numpy", "float64")
        least = host.objective(found.x)
        word = "least value" if found.optimal else "baseline"
        lines.append(f"{word}: {described(least, host.metrics(found.x))}; {found.solver}")
    for line in lines:
        console.file.write(line + "\n")
    return least


@contextlib.contextmanager
def _progress(console: Console, title: str, steps: int) -> Iterator[Callable[[Record], None]]:
    """A bar on a terminal, about ten plain lines in a pipe."""
    if console.is_terminal and not console.is_dumb_terminal:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("{task.fields[value]}"))
        with Progress(*columns, console=console, transient=True) as bar:
            task = bar.add_task("run", total=steps, value="")

            def advance(record: Record) -> None:
                bar.update(task, completed=record.step + 1, value=f"f {record.value:.6g}  ‖g‖∗ {record.gradient:.3g}")

            yield advance
        return
    console.file.write(title + "\n")
    told = [-1]

    def tell(record: Record) -> None:
        tenth = record.step * 10 // max(steps, 1)
        if tenth > told[0] or record.step == steps - 1:
            told[0] = tenth
            console.file.write(f"step {record.step:6}  f {record.value:.6g}  ‖g‖∗ {record.gradient:.3g}\n")
            console.file.flush()

    yield tell


def _checkpoint_file(options: Options) -> Path | None:
    if options.checkpoint is None:
        if options.resume:
            raise InputError("--resume: there is nothing to resume from; add --checkpoint DIR")
        return None
    file = options.checkpoint / CHECKPOINT
    if options.resume and not file.exists():
        raise InputError(
            f"--resume: {options.checkpoint} holds no checkpoint ({CHECKPOINT}); run without --resume first"
        )
    try:
        options.checkpoint.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"--checkpoint {options.checkpoint}: {error.strerror}; name a directory") from None
    return file


def _check_picture(path: Path) -> None:
    from ntr_spec.cli.curves import pyplot

    pyplot()
    if path.suffix not in (".png", ".svg", ".pdf"):
        raise InputError(f"--plot {path}: not a picture's name; let it end in .png, .svg or .pdf")


def _setting(name: str, text: str) -> Any:
    """A number, or a schedule such as ``Cosine(0.1, 0, 300)``."""
    from ntr_spec.cli.expression import subject_from

    try:
        return float(text)
    except ValueError:
        pass
    try:
        method = subject_from(f"TrustRegion(L2(), radius={text})")
    except InputError as error:
        raise InputError(
            f"--{name} {text}: expected a number or a schedule such as 'Cosine(0.1, 0, 300)'; {error}"
        ) from None
    return method.radius


def _as(found: Any, kind: type, option: str, example: str) -> Any:
    if not isinstance(found, kind):
        wanted = kind.__name__.lower()
        raise InputError(f"{option}: expected a {wanted}, got {found!r}; write one such as {example}")
    return found


def _described(method: Method, problem: Problem) -> str:
    size = shapes(problem.x0)
    blocks = f"{len(size)} blocks" if is_container(size) else f"{size} array"
    norm = f" in {method.norm}" if isinstance(method, TrustRegion) else ""
    return f"{type(method).__name__}{norm}, {blocks}"


def _enable_float64() -> None:
    import importlib

    with contextlib.suppress(ImportError):
        importlib.import_module("jax").config.update("jax_enable_x64", True)
