"""``ntr-spec list`` and ``ntr-spec show``: norms, regularizers, methods and problems in mathematical notation."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ntr_spec.algorithms.method import Method
from ntr_spec.cli.facts import Fact, about, gathered, print_facts, said, shapes_of, traced
from ntr_spec.laws.certified import Solver, solvers
from ntr_spec.norms.base import Norm, SupportFunction
from ntr_spec.problems.known import Known
from ntr_spec.steps.regularizer import Regularizer
from ntr_spec.verify.subjects import KINDS, SubjectKind


def print_catalogue(console: Console) -> None:
    """A table for each kind of subject, with a row for each of its catalogue."""
    for k, kind in enumerate(KINDS):
        if k:
            console.file.write("\n")
        _print_table(kind, console)


def _print_table(kind: SubjectKind, console: Console) -> None:
    rows = [
        (kind.label(one, name), kind.notation(one), kind.partner_notation(one), ", ".join(kind.claims(one)))
        for name, one in kind.catalogue()
    ]
    rows = [(name, "" if notation == name else notation, partner, claims) for name, notation, partner, claims in rows]
    if not console.is_terminal:
        widths = [max(len(row[k]) for row in rows) for k in range(3)]
        for row in rows:
            cells = [f"{cell:{width}}" for cell, width in zip(row, widths, strict=False)]
            console.file.write("  ".join([*cells, row[3]]).rstrip() + "\n")
        return
    grid = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for k, name in enumerate((kind.name, "notation", kind.partner, "claims")):
        if any(row[k] for row in rows):
            grid.add_column(name, overflow="fold")
    for row in rows:
        grid.add_row(Text(row[0], style="bold"), *(Text(cell) for k, cell in enumerate(row[1:], 1) if _used(rows, k)))
    console.print(grid)


def _used(rows: list[tuple[str, str, str, str]], column: int) -> bool:
    return any(row[column] for row in rows)


def print_subject(subject: Any, console: Console) -> None:
    """What is known about a norm, regularizer, method or problem without verifying it."""
    if isinstance(subject, Norm):
        print_norm(subject, console)
    elif isinstance(subject, Regularizer):
        from ntr_spec.cli.show_regularizer import print_regularizer

        print_regularizer(subject, console)
    elif isinstance(subject, Method):
        from ntr_spec.cli.show_method import print_method

        print_method(subject, console)
    elif isinstance(subject, Known):
        from ntr_spec.cli.show_problem import print_problem

        print_problem(subject, console)


def print_norm(norm: Norm, console: Console) -> None:
    """What is known about a norm without verifying it."""
    print_facts(gathered(_facts, norm), console)


def _facts(norm: Norm) -> list[Fact]:
    facts: list[Fact] = [
        ("norm", said(lambda: repr(norm))),
        *about(norm),
        ("‖x‖", said(lambda: str(norm))),
        ("‖g‖_*", said(lambda: norm.dual._notation("g"))),
        ("dual", said(lambda: _dual(norm))),
        ("claims", said(lambda: ", ".join(sorted(claim.value for claim in norm.claims)) or "none")),
        ("projection", "declared" if norm.has_projection else "not declared"),
    ]
    facts += [("LMO by", said(lambda solver=solver: _solver(solver))) for solver in solvers(norm)]  # type: ignore[misc]
    for shape in shapes_of(norm):
        facts.append((f"ρ on {shape}", said(lambda shape=shape: f"{norm.rho(shape):.6g}")))  # type: ignore[misc]
    return [*facts, *traced(norm)]


def _solver(solver: Solver) -> str:
    kind = "exact up to rounding" if solver.exact else "approximate"
    return f"{solver!r}, {kind}; lmo(g, certificate=True) gives δ"


def _dual(norm: Norm) -> str:
    dual = norm.dual
    return "support function (no closed form is declared)" if isinstance(dual, SupportFunction) else repr(dual)
