"""The problem, the method and the start that the options of ``ntr-spec run`` describe."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import inspect
import math
from collections.abc import Callable
from typing import Any, final

from ntr_spec.algorithms import Method, TrustRegion
from ntr_spec.algorithms.schedules import Linear
from ntr_spec.cli.expression import constructors, subject_from
from ntr_spec.cli.run_settings import Options
from ntr_spec.errors import InputError
from ntr_spec.norms.base import Norm
from ntr_spec.norms.blocks import Product
from ntr_spec.norms.leaves import PerLeaf
from ntr_spec.problems import Problem, named
from ntr_spec.steps.regularizer import Regularizer
from ntr_spec.steps.simple import Zero
from ntr_spec.steps.table import solver_for
from ntr_spec.trees import Tree, is_container, shapes

Array = Any


@final
@dataclasses.dataclass(frozen=True, eq=False)
class Setup:
    """What is run.

    Attributes:
        problem: f, its data, and what to report.
        method: with R in it, where R ≠ 0.
        regularizer: R.
        x0: the problem's own start, or the nearest point of dom R.
    """

    problem: Problem
    method: Method
    regularizer: Regularizer
    x0: Tree

    def objective(self, x: Tree) -> float:
        """f(x) + R(x) on all the data."""
        return float(self.problem.value_and_gradient(x)[0]) + float(self.regularizer(x))


def set_up(options: Options) -> Setup:
    """The problem on the arrays asked for, and a method that can run on it.

    Raises:
        InputError: an expression means something else, a setting is not one of the preset's, or a part does not fit.
    """
    options.check()
    problem = _problem(options)
    method, regularizer = _method(options, problem)
    x0 = problem.x0
    if float(regularizer(x0)) == math.inf:
        x0 = regularizer.prox(x0)
    _check_fit(options, method, x0)
    if isinstance(method, TrustRegion):
        solver_for(method.norm, method.regularizer)
    return Setup(problem, method, regularizer, x0)


def _check_fit(options: Options, method: Method, x0: Tree) -> None:
    """Raise before anything is written, with what to type instead, if the method does not run on these parameters."""
    try:
        method.init(x0)
    except InputError as error:
        option = f"--preset {options.preset}" if options.norm is None else f"--norm {options.norm}"
        norm = None if options.norm is None else subject_from(options.norm)
        if not is_container(x0) or isinstance(norm, PerLeaf | Product) or options.norm is options.preset is None:
            raise InputError(f"{options.problem}: {error}") from None
        if norm is not None:
            remedy = f"write --norm 'PerLeaf({norm!r})', or a Product with a norm for each"
        else:
            blocks = ", ".join(f'"{name}": …' for name in x0)
            remedy = f"write --preset '{options.preset}(norm=Product({{{blocks}}}))' if it takes a norm"
        raise InputError(f"{option}: it does not fit parameters of shape {shapes(x0)}; {remedy}") from None


def _problem(options: Options) -> Problem:
    if options.backend == "jax" and options.dtype == "float64":
        with contextlib.suppress(ImportError):  # the problem says so in better words
            importlib.import_module("jax").config.update("jax_enable_x64", True)
    problem = named(options.problem, options.seed)
    if options.batch is not None:
        if "batch" not in {field.name for field in dataclasses.fields(problem)}:  # type: ignore[arg-type]
            raise InputError(f"--batch {options.batch}: {options.problem} has no examples to draw from; drop it")
        problem = dataclasses.replace(problem, batch=options.batch)  # type: ignore[type-var]
    return problem.to(options.backend, options.dtype)


def _method(options: Options, problem: Problem) -> tuple[Method, Regularizer]:
    texts = {"radius": options.radius, "momentum": options.momentum, "decay": options.decay}
    settings = {name: _setting(name, text) for name, text in texts.items() if text is not None}
    if options.extrapolation:
        settings["extrapolation"] = True
    method = (_trust_region if options.preset is None else _preset)(options, problem, settings)
    if options.regularizer is not None:
        regularizer = _as(subject_from(options.regularizer), Regularizer, "--regularizer", "Ridge(0.1)")
    elif isinstance(method, TrustRegion) and method.composite:
        regularizer = method.regularizer
    else:
        regularizer = problem.regularizer
    if isinstance(regularizer, Zero):
        return method, regularizer
    if not isinstance(method, TrustRegion):
        raise InputError(
            f"--preset {options.preset}: {type(method).__name__} takes no regularizer, which {options.problem} has; "
            "choose another preset"
        )
    return dataclasses.replace(method, regularizer=regularizer), regularizer


def _trust_region(options: Options, problem: Problem, settings: dict[str, Any]) -> TrustRegion:
    norm = problem.norm
    if options.norm is not None:
        norm = _as(subject_from(options.norm), Norm, "--norm", "LInf")
    radius = Linear(options.default.radius, 0.0, options.updates)
    return TrustRegion(norm, **{"radius": radius, "momentum": options.default.momentum, **settings})


def _preset(options: Options, problem: Problem, settings: dict[str, Any]) -> Method:
    """A preset by name takes settings, and a norm for each layer where it needs one; an expression has its own."""
    text = str(options.preset)
    make = constructors().get(text)
    if make is None or isinstance(make, type):
        if settings:
            name = next(iter(settings))
            raise InputError(f"--{name}: --preset {text} is an expression; write {name} in it instead")
        found = subject_from(text)
    else:
        known = inspect.signature(make).parameters
        for name in settings:
            if name not in known:
                raise InputError(f"--{name}: {text} has no such setting; it has {', '.join(known)}, in an expression")
        if "norms" in known:  # scion
            settings = {"norms": problem.norm, **settings}
        found = make(**settings)
    method: Method = _as(found, Method, "--preset", "muon")
    return method


def _setting(name: str, text: str) -> float | Callable[[Any], Any]:
    """A number, or a schedule such as ``Cosine(0.1, 0, 300)``."""
    with contextlib.suppress(ValueError):
        return float(text)
    wanted = "expected a number or a schedule such as 'Cosine(0.1, 0, 300)'"
    try:
        found = subject_from(f"TrustRegion(L2(), radius={text})")
    except InputError as error:
        detail = str(error).removeprefix(f"TrustRegion(L2(), radius={text}): ")
        raise InputError(f"--{name} {text}: {wanted}; {detail}") from None
    if not (isinstance(found, TrustRegion) and callable(found.radius)):
        raise InputError(f"--{name} {text}: {wanted}")
    return found.radius


def _as(found: Any, kind: type, option: str, example: str) -> Any:
    if not isinstance(found, kind):
        wanted = kind.__name__.lower()
        raise InputError(f"{option}: expected a {wanted}, got {found!r}; write one such as {example}")
    return found
