"""The commands of ``ntr-spec``. Exit status: 0 all hold, 1 something refuted or undecided, 2 unusable input.

An interrupted run exits with 130, as shells expect, after printing and saving what it found.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from ntr_spec.errors import InputError, NtrError

app = typer.Typer(
    name="ntr-spec",
    help="Norms, regularizers and first-order methods in them: declared once, verified, shown.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Targets = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="FILE[:NAME]", help="files, FILE:NAME, or names and expressions such as L1, 'Lp(3)', 'Ridge(2)'"
    ),
]


def run_app() -> NoReturn:
    """Run the command line; no exception of ours reaches the terminal as a traceback."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a terminal without ‖ prints ?
    try:
        app()
    except NtrError as error:
        _complain(str(error))
        sys.exit(2)
    except KeyboardInterrupt:
        _complain("interrupted")
        sys.exit(130)
    sys.exit(0)


@app.command()
def verify(
    targets: Targets = None,
    json: Annotated[Path | None, typer.Option(metavar="PATH", help="write the findings as JSON")] = None,
    html: Annotated[Path | None, typer.Option(metavar="PATH", help="write a self-contained page")] = None,
    dims: Annotated[str | None, typer.Option(help="sizes of each axis for exact proofs [2,3]")] = None,
    examples: Annotated[int, typer.Option(help="points drawn per law, over all shapes")] = 100,
    backend: Annotated[str | None, typer.Option(help="numpy, strict, torch, jax, cupy [numpy,strict]")] = None,
    timeout: Annotated[float, typer.Option(help="seconds per law and engine")] = 10.0,
    jobs: Annotated[int | None, typer.Option(help="worker processes; 0: this process [one per processor]")] = None,
    seed: Annotated[int, typer.Option(help="seed of every random choice")] = 0,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="only failures and the closing line")] = False,
    catalogue: Annotated[bool, typer.Option("--catalogue", help="add the whole catalogue to the files")] = False,
) -> None:
    """Verify norms, regularizers, methods and problems: the whole catalogue, or those that FILE declares."""
    from ntr_spec.cli.display import choose
    from ntr_spec.cli.targets import collect
    from ntr_spec.verify.runner import run
    from ntr_spec.verify.verify import check_jobs, make_settings

    sizes = None if dims is None else _numbers("--dims", dims)
    backends = None if backend is None else [name.strip() for name in backend.split(",") if name.strip()]
    settings = make_settings(None, sizes, examples, backends, timeout, seed)
    check_jobs(jobs)
    for option, path in (("--json", json), ("--html", html)):
        if path is not None:
            _check_writable(option, path)
    wanted = collect(targets or [], catalogue)
    for line in (*wanted.problems, *wanted.notes):
        _complain(line)
    if not wanted.subjects:
        raise typer.Exit(2)
    console = Console(highlight=False, soft_wrap=False)
    display = choose(wanted.subjects, console, quiet)
    with display.showing():
        found = run(wanted.subjects, settings, jobs=jobs, listener=display)
    display.closing(found)
    try:
        if json is not None:
            found.to_json(json)
        if html is not None:
            found.to_html(html)
    except OSError as error:
        raise InputError(f"{error.filename}: cannot be written ({error.strerror}); choose another path") from None
    if not found.complete:
        raise typer.Exit(130)
    raise typer.Exit(2 if wanted.problems else 0 if found.ok else 1)


@app.command("list")
def list_norms() -> None:
    """Print the catalogue: norms, regularizers, methods and problems with notation, dual or conjugate, and claims."""
    from ntr_spec.cli.show import print_catalogue

    print_catalogue(Console(highlight=False))


@app.command()
def show(
    what: Annotated[
        str | None, typer.Argument(metavar="WHAT", help="a name such as muon, an expression such as 'Lp(3)', FILE:NAME")
    ] = None,
    verify: Annotated[bool, typer.Option("--verify", help="also verify it and print the status of every law")] = False,
    steps: Annotated[bool, typer.Option("--steps", help="print which solver takes a step with which pair")] = False,
) -> None:
    """Print the formulas of a norm or regularizer, the equations of a method; of nothing, the solvers of steps."""
    from ntr_spec.cli.show import print_subject
    from ntr_spec.cli.targets import one

    console = Console(highlight=False)
    if what is None or steps:
        from ntr_spec.cli.show_regularizer import print_steps

        print_steps(console)
    if what is None:
        return
    found = one(what)
    print_subject(found, console)
    if verify:
        from ntr_spec.cli.display import choose
        from ntr_spec.verify.plan import Subject
        from ntr_spec.verify.runner import run
        from ntr_spec.verify.settings import Settings

        asked = [Subject(found, name=what)]
        display = choose(asked, console, quiet=False)
        with display.showing():
            result = run(asked, Settings(), listener=display)
        display.closing(result)
        raise typer.Exit(130 if not result.complete else 0 if result.ok else 1)


@app.command("run")
def run_problem(
    problem: Annotated[
        str | None, typer.Argument(metavar="PROBLEM", help="digits-network, breast-cancer, …; nothing: list them")
    ] = None,
    norm: Annotated[str | None, typer.Option(help="a name or expression [the problem's own]")] = None,
    preset: Annotated[str | None, typer.Option(help="muon, lion, … or an expression, instead of a norm")] = None,
    steps: Annotated[int | None, typer.Option(help="updates in all [by problem]")] = None,
    radius: Annotated[str | None, typer.Option(help="a number or a schedule such as 'Cosine(0.1, 0, 300)'")] = None,
    momentum: Annotated[str | None, typer.Option(help="the weight kept, or a schedule")] = None,
    decay: Annotated[str | None, typer.Option(help="a number or a schedule")] = None,
    extrapolation: Annotated[bool, typer.Option("--extrapolation", help="take gradients ahead")] = False,
    regularizer: Annotated[str | None, typer.Option(help="such as 'Ridge(0.1)' [the problem's own]")] = None,
    backend: Annotated[str, typer.Option(help="numpy, torch, jax or cupy")] = "numpy",
    dtype: Annotated[str, typer.Option(help="float32 or float64")] = "float64",
    checkpoint: Annotated[Path | None, typer.Option(metavar="DIR", help="save the run there")] = None,
    every: Annotated[int, typer.Option(help="updates between two checkpoints")] = 100,
    resume: Annotated[bool, typer.Option("--resume", help="go on from the checkpoint")] = False,
    plot: Annotated[Path | None, typer.Option(metavar="PATH", help="draw the history (.png, .svg, .pdf)")] = None,
    csv: Annotated[Path | None, typer.Option(metavar="PATH", help="write the history")] = None,
    seed: Annotated[int, typer.Option(help="seed of the start and of the mini-batches")] = 0,
    batch: Annotated[int | None, typer.Option(help="examples in a mini-batch [by problem]")] = None,
    baseline: Annotated[bool, typer.Option(help="compare with another solver")] = True,
) -> None:
    """Run the method on a problem with real data, and tell what was reached; of nothing, list the problems."""
    from ntr_spec.cli.run import list_problems, run
    from ntr_spec.cli.run_settings import Options

    if problem is None:
        list_problems(Console(highlight=False))
        return
    for option, path in (("--plot", plot), ("--csv", csv)):
        if path is not None:
            _check_writable(option, path)
    values = {field: value for field, value in locals().items() if field in Options.__dataclass_fields__}
    run(Options(**values), Console(highlight=False))


@app.command()
def experiment(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="bounds, rates, …; nothing: list them with their questions")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="where rows and results go [experiments/NAME]")
    ] = None,
    small: Annotated[bool, typer.Option("--small", help="some seconds instead of some minutes")] = False,
    jobs: Annotated[int | None, typer.Option(help="worker processes; 0: this process [one per processor]")] = None,
    seed: Annotated[int, typer.Option(help="seed of every random choice")] = 0,
    resume: Annotated[bool, typer.Option("--resume", help="go on with what the directory holds")] = False,
) -> None:
    """Set the theory beside what runs do: a named experiment, resumable, with results as CSV, JSON and a plot."""
    from ntr_spec.cli.experiment import list_experiments, run

    console = Console(highlight=False)
    if name is None:
        list_experiments(console)
        return
    raise typer.Exit(0 if run(name, out, small, jobs, seed, resume, console).ok else 1)


@app.command()
def prove(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="NAME", help="such as T2, theorem_2, lemma_3, young; nothing: all")
    ] = None,
    show: Annotated[bool, typer.Option("--show", help="print the proof as mathematics")] = False,
    change: Annotated[
        list[str] | None, typer.Option(metavar="TERM=FACTOR", help="multiply a term of the theorem, as drift=0.9")
    ] = None,
    without: Annotated[list[str] | None, typer.Option(metavar="A3", help="drop an assumption of the theorem")] = None,
    json: Annotated[Path | None, typer.Option(metavar="PATH", help="write the results as JSON")] = None,
) -> None:
    """Recheck the proofs of lemmas and theorems; alter a theorem, and see its proof fail."""
    from ntr_spec.cli.prove import Options
    from ntr_spec.cli.prove import prove as run_proofs

    if json is not None:
        _check_writable("--json", json)
    asked = Options(names or (), show, change or (), without or (), json)
    raise typer.Exit(0 if run_proofs(asked, Console(highlight=False)) else 1)


@app.command()
def bench(
    shape: Annotated[
        str | None, typer.Option(help="matrices 1024x512, stacks 128x64x64 [256x256,1024x1024,2048x512,128x64x64]")
    ] = None,
    dtype: Annotated[str | None, typer.Option(help="float32, float64, bfloat16, float16 [float32]")] = None,
    library: Annotated[str | None, typer.Option(help="numpy, torch, jax, cupy [all that are installed]")] = None,
    device: Annotated[str | None, typer.Option(help="cpu, cuda, cuda:1 [the library's card, if it has one]")] = None,
    spectrum: Annotated[str | None, typer.Option(help="gaussian, geometric, lowrank [gaussian]")] = None,
    norm: Annotated[str | None, typer.Option(help="spectral, nuclear [spectral]")] = None,
    solver: Annotated[
        list[str] | None, typer.Option(metavar="EXPR", help="instead of ours: 'SVD()', FILE:NAME; repeat")
    ] = None,
    repeat: Annotated[int | None, typer.Option(help="rounds at most [15]")] = None,
    seconds: Annotated[float | None, typer.Option(help="for the rounds of a table; three are run anyway [10]")] = None,
    memory: Annotated[int | None, typer.Option(metavar="CALLS", help="also tell how memory grows over so many")] = None,
    seed: Annotated[int | None, typer.Option(help="of the matrices [0]")] = None,
    json: Annotated[Path | None, typer.Option(metavar="PATH", help="write everything as JSON")] = None,
    plot: Annotated[Path | None, typer.Option(metavar="PATH", help="draw time against δ (.png, .svg, .pdf)")] = None,
    choices: Annotated[
        Path | None, typer.Option(metavar="PATH", help="renew the table from which polar.Auto picks")
    ] = None,
) -> None:
    """Measure LMOs of matrices: time against certified δ, beside one matrix product and beside installed peers."""
    from ntr_spec.cli.bench import Options, run

    for option, path in (("--json", json), ("--plot", plot), ("--choices", choices)):
        if path is not None:
            _check_writable(option, path)
    said = {**locals(), "solver": tuple(solver or ())}
    values = {field: value for field, value in said.items() if field in Options.__dataclass_fields__}
    raise typer.Exit(run(Options(**values), Console(highlight=False)))


@app.command()
def doctor(
    gpu: Annotated[bool, typer.Option("--gpu", help="run every check on each library's card, if there is one")] = False,
    json: Annotated[Path | None, typer.Option(metavar="PATH", help="with --gpu: write what it found as JSON")] = None,
    only: Annotated[
        str | None, typer.Option(metavar="CHECK,…", help="with --gpu: laws, trajectories, certificates, bench, …")
    ] = None,
) -> None:
    """Print which backends, dtypes, engines and versions this machine has; or examine its GPU."""
    from ntr_spec.cli.doctor import print_doctor

    console = Console(highlight=False)
    if not gpu:
        if json is not None or only is not None:
            raise InputError("--json, --only: belong to doctor --gpu; add it")
        print_doctor(console)
        return
    from ntr_spec.cli.doctor_gpu import doctor_gpu

    if json is not None:
        _check_writable("--json", json)
    names = None if only is None else [name.strip() for name in only.split(",") if name.strip()]
    raise typer.Exit(doctor_gpu(console, json, names))


def _version(value: bool) -> None:
    if value:
        from ntr_spec import __version__

        typer.echo(f"ntr-spec {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="print it and exit")
    ] = False,
) -> None:
    """Norms, regularizers and first-order methods in them: declared once, verified, shown."""


def _numbers(option: str, value: str) -> list[int]:
    try:
        return [int(part) for part in value.split(",")]
    except ValueError:
        raise InputError(f"{option}: expected whole numbers separated by commas, got {value!r}; write 2,3") from None


def _check_writable(option: str, path: Path) -> None:
    """Raise before the run, rather than after it, if a file cannot be written."""
    if path.is_dir():
        raise InputError(f"{option} {path}: is a directory; name a file in it")
    existed = path.exists()
    try:
        with path.open("ab"):
            pass
    except OSError as error:
        raise InputError(f"{option} {path}: cannot be written ({error.strerror}); choose another path") from None
    if not existed:
        path.unlink()


def _complain(message: str) -> None:
    print(f"ntr-spec: {message}", file=sys.stderr)
