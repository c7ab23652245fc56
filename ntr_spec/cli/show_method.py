"""``ntr-spec show`` of a method: its update equations, read off its update, and what is known of it."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from rich.console import Console
from rich.text import Text

from ntr_spec.algorithms import Convention, Method, TrustRegion
from ntr_spec.cli.facts import Fact, about, gathered, shapes_of, traced
from ntr_spec.errors import InputError, UntraceableError
from ntr_spec.laws.certified import solvers
from ntr_spec.laws.methods import METHOD_LAWS
from ntr_spec.laws.updates import of_leaf
from ntr_spec.norms import L2, LInf, Norm
from ntr_spec.norms.shaped import ShapeScaled
from ntr_spec.steps import Zero
from ntr_spec.trees import tree_map
from ntr_spec.verify.blame import blame
from ntr_spec.verify.equations import Equations, equations
from ntr_spec.verify.misbehaviour import MisbehaviourError
from ntr_spec.verify.subjects.methods import WatchedMethod
from ntr_spec.verify.work import in_words


def print_method(method: Method, console: Console) -> None:
    """What a method does, and which laws speak of it, without verifying them.

    Raises:
        InputError: its init or update raises, does not return, or returns no state.
    """
    facts = gathered(_facts, method)
    width = max(len(name) for name, _ in facts)
    said = ""
    for name, fact in facts:
        console.print(Text.assemble((f"{'' if name == said else name:{width}}", "dim"), "  ", fact), soft_wrap=True)
        said = name


def _facts(method: Method) -> list[Fact]:
    _check_runs(method)
    facts: list[Fact] = [("method", repr(method))]
    facts += about(method)
    facts += [("recovers", name) for name in recovered(method)]
    try:
        found = equations(method)
    except UntraceableError as error:
        facts.append(("update", f"— ({error})"))
    except Exception as error:  # a user's hook, which plain numbers suit and symbols do not
        facts.append(("update", f"— ({in_words(error)})"))
    else:
        facts += _equations(found)
    return [*facts, *_geometry(method), *_laws(method)]


def _check_runs(method: Method) -> None:
    """Two updates on plain numbers: what a user's hooks do wrong is theirs, not a limit of the equations."""
    shapes = shapes_of(method)
    if type(method).__module__.startswith("ntr_spec.") or not shapes:
        return
    x = tree_map(lambda shape: np.ones(shape.dims), shapes[0])
    watched = WatchedMethod(method)
    try:
        state = watched.update(watched.init(x), x)
        watched.update(state, x)
    except MisbehaviourError as error:
        raise InputError(str(error)) from None
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a user's hook, its SystemExit included
        raise InputError(blame(error)) from None


def _equations(found: Equations) -> list[Fact]:
    facts = [("update", line.text) for line in found.update]
    facts += [("at first", line.text) for line in found.once]
    facts.append(("gradient", f"g is the one at {'y' if found.ahead else 'x'}"))
    facts += [("with", f"{setting} ({setting.words})") for setting in found.settings]
    return facts


def _geometry(method: Method) -> list[Fact]:
    """The norm and the regularizer."""
    facts: list[Fact] = []
    if isinstance(method, TrustRegion) and not isinstance(method.regularizer, Zero):
        facts += [("R(z)", method.regularizer._notation("z")), ("‖x‖", str(method.norm))]
        return facts
    for norm in (value for _, value in _fields(method)):
        if isinstance(norm, Norm):
            about_equal = "" if all(solver.exact for solver in solvers(norm)) else "≈ "
            facts += [("lmo(u)", f"{about_equal}argmin{{⟨u, v⟩ : {norm._notation('v')} ≤ 1}}"), *_lmo(norm)]
    return facts


def _fields(declared: Any) -> list[tuple[Any, Any]]:
    """The fields of a dataclass, with their values."""
    if not dataclasses.is_dataclass(declared):
        return []
    return [(field, getattr(declared, field.name)) for field in dataclasses.fields(declared)]


def _lmo(norm: Norm) -> list[Fact]:
    """The LMO as the exact engine traces it on the smallest shape, or what its class says of it."""
    leaf = of_leaf(of_leaf(norm, (LInf,)), (L2,))
    leaf = leaf.norm if isinstance(leaf, ShapeScaled) else leaf
    found = [] if any(True for _ in solvers(leaf)) else [fact for fact in traced(leaf) if fact[0].startswith("lmo")]
    return found or [(type(leaf).__name__, fact) for _, fact in about(leaf)]


def _laws(method: Method) -> list[Fact]:
    """Names of the laws that apply, and why the others do not."""
    apply = [law.name for law in METHOD_LAWS if law.missing(method) is None]
    reasons: dict[str, list[str]] = {}
    for law in METHOD_LAWS:
        reason = law.missing(method)
        if reason is not None and not law.name.startswith("is_"):
            reasons.setdefault(reason, []).append(law.name)
    facts = [("laws", ", ".join(apply))] if apply else []
    return facts + [("without", f"{', '.join(names)}: {reason}") for reason, names in reasons.items()]


_NAMES = {
    "is_normalized_descent": "normalized SGD",
    "is_sign_descent": "signSGD",
    "is_orthogonalized_descent": "Muon in exact arithmetic",
}


def recovered(method: Method) -> list[str]:
    """Names under which this method is known, as far as the laws that apply to it tell."""
    names: list[str] = []
    if not isinstance(method, TrustRegion):
        return names
    if not callable(method.radius) and method.radius == 0:
        return names  # it stands still
    how, momentum = method.convention, callable(method.momentum) or method.momentum != 0
    for law in METHOD_LAWS:
        if law.name not in _NAMES or law.missing(method) is not None:
            continue
        if how.blend is not None:
            if law.name == "is_sign_descent" and how.accumulate == "average" and how.start == "zero":
                names.append("Lion")
        else:
            names.append(_NAMES[law.name] + (" with momentum" if momentum else ""))
    if how == Convention():
        decays = callable(method.decay) or method.decay != 0
        number = 3 if method.extrapolation else 2 if decays else 1
        names.append(f"[Kovalev25], Algorithm {number}" + (" with weight decay" if decays and number == 3 else ""))
    return names
