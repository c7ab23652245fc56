"""``ntr-spec show REGULARIZER``: its formulas, its conjugate, and which solver takes a step with it in which norm."""

from __future__ import annotations

from typing import Any

from rich.console import Console

from ntr_spec.cli.facts import Fact, about, gathered, print_facts, said, shapes_of, traced
from ntr_spec.norms.base import Norm
from ntr_spec.norms.catalogue import catalogue
from ntr_spec.steps.conjugate import Conjugate
from ntr_spec.steps.regularizer import Regularizer
from ntr_spec.steps.simple import Zero
from ntr_spec.steps.table import SOLVERS, rows, serving


def print_regularizer(regularizer: Regularizer, console: Console) -> None:
    """What is known about a regularizer without verifying it."""
    print_facts(gathered(_facts, regularizer), console)


def _facts(regularizer: Regularizer) -> list[Fact]:
    facts: list[Fact] = [
        ("regularizer", said(lambda: repr(regularizer))),
        *about(regularizer),
        ("R(x)", said(lambda: str(regularizer))),
        *_dual_notation(regularizer),
        ("conjugate", said(lambda: _conjugate(regularizer))),
        ("domain", said(lambda: _domain(regularizer))),
        ("prox", said(lambda: "known" if regularizer.has_prox else "not known")),
        ("subgradient", said(lambda: "known" if regularizer.has_subgradient else "not known")),
        ("separable", said(lambda: "yes" if regularizer.separable else "not known to be")),
        *_solvers(regularizer),
    ]
    return [*facts, *traced(regularizer)]


def print_steps(console: Console) -> None:
    """The solvers of steps, in the order in which they are tried."""
    console.file.write(
        "Solvers of the step argmin{⟨u, z⟩ + R(z) : ‖z − c‖ ≤ η}; the first that serves the pair is taken\n"
    )
    console.file.write(rows() + "\n")


def _dual_notation(regularizer: Regularizer) -> list[Fact]:
    told = said(lambda: regularizer.conjugate._notation("s"))
    # Where there is no such method, the fact `conjugate` says why.
    return [] if told.startswith("— (AttributeError") else [("R*(s)", told)]


def _conjugate(regularizer: Regularizer) -> str:
    conjugate: Any = regularizer.conjugate
    if not isinstance(conjugate, Regularizer):
        return f"— ({type(regularizer).__name__}.conjugate returned {type(conjugate).__name__}; return a Regularizer)"
    known = "only the prox is known (no closed form is declared)"
    return known if isinstance(conjugate, Conjugate) else repr(conjugate)


def _domain(regularizer: Regularizer) -> str:
    domain = regularizer.domain
    return "every point" if isinstance(domain, Zero) else str(domain)


def _solvers(regularizer: Regularizer) -> list[Fact]:
    """Norms of the catalogue by the solver that serves them."""
    by_solver: dict[str, list[str]] = {row.name: [] for row in SOLVERS}
    unserved: list[str] = []
    for name, norm in catalogue():
        if not _meet(norm, regularizer):
            continue
        try:
            found = serving(norm, regularizer)
        except Exception:  # a user's hook
            continue
        (by_solver[found[0].name] if found else unserved).append(name)
    facts = [(f"step by {name}", ", ".join(norms)) for name, norms in by_solver.items() if norms]
    return [*facts, ("no step in", ", ".join(unserved))] if unserved else facts


def _meet(norm: Norm, regularizer: Regularizer) -> bool:
    """Whether some shape is in both spaces."""
    try:
        return any(regularizer._accepts(shape) is None for shape in shapes_of(norm)) or any(
            norm._accepts(shape) is None for shape in shapes_of(regularizer)
        )
    except Exception:  # a user's hook
        return False
