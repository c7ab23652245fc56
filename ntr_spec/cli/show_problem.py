"""``ntr-spec show PROBLEM``: its formulas, and its constants in its own norm and in others."""

from __future__ import annotations

from rich.console import Console

from ntr_spec.cli.facts import Fact, about, gathered, print_facts, said, traced
from ntr_spec.laws.objectives import Measured, measured
from ntr_spec.problems.known import Known
from ntr_spec.trees import leaves, shapes
from ntr_spec.verify.subjects import kind_of
from ntr_spec.verify.work import in_words

_FEW = 12  # entries of a point that a person may read


def print_problem(problem: Known, console: Console) -> None:
    """What is known about a problem without verifying it."""
    print_facts(gathered(_facts, problem), console)


def _facts(problem: Known) -> list[Fact]:
    facts: list[Fact] = [
        ("problem", said(lambda: kind_of(problem).label(problem))),
        *about(problem),
        ("points", said(lambda: str(shapes(problem.x0)))),
        ("regularizer", said(lambda: str(problem.regularizer))),
        ("infimum", said(lambda: _or_unknown(problem.infimum))),
        ("minimizer", said(lambda: _minimizer(problem))),
        ("star-convex", said(lambda: "yes" if problem.star_convex else "not known to be")),
        ("noise", said(lambda: "none" if problem._noise is None else repr(problem._noise))),
    ]
    try:
        found = measured(problem)
    except Exception as error:  # a user's hook
        facts.append(("constants", f"— ({in_words(error)})"))
    else:
        facts += [fact for m in found for fact in _constants(m)]
    return [*facts, *traced(problem)]


def _constants(m: Measured) -> list[Fact]:
    """One line for each norm, and one for each constant that says what it follows from."""
    rest = [("ρ", m.constants.rho), ("σ", m.constants.sigma), ("Δ₀", m.constants.delta0), ("D", m.constants.D)]
    told = ", ".join(f"{name} = {float(value):.6g}" for name, value in rest if value is not None)
    facts = [(f"in {m.norm!r}", told or "—")]
    for name, constant in m.known.items():
        sharp = "" if constant.tight else ", an upper bound"
        facts.append((f"  {name}", f"{constant.value:.6g}{sharp}: {constant.why}"))
    return facts


def _minimizer(problem: Known) -> str:
    least = problem.minimizer
    if least is None:
        return "not known"
    size = sum(shape.size for shape in leaves(shapes(least)))
    return str(least) if size <= _FEW else f"known, {size} entries"


def _or_unknown(value: float | None) -> str:
    return "not known" if value is None else f"{value:.6g}"
