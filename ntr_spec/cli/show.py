"""``ntr-spec list`` and ``ntr-spec show``: norms in mathematical notation."""

from __future__ import annotations

from collections.abc import Callable

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ntr_spec.errors import NotDeclaredError
from ntr_spec.norms.base import Norm, SupportFunction
from ntr_spec.verify.work import in_words


def print_catalogue(console: Console) -> None:
    """A row per norm: how it is typed, its notation, its dual's, its claims."""
    from ntr_spec.norms.catalogue import catalogue

    rows = [
        (
            repr(norm),
            str(norm),
            norm.dual._notation("g"),
            ", ".join(sorted(claim.value for claim in norm.claims)),
        )
        for _, norm in catalogue()
    ]
    if not console.is_terminal:
        widths = [max(len(row[k]) for row in rows) for k in range(3)]
        for row in rows:
            cells = [f"{cell:{width}}" for cell, width in zip(row, widths, strict=False)]
            console.file.write("  ".join([*cells, row[3]]).rstrip() + "\n")
        return
    grid = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("norm", "‖x‖", "‖g‖_*", "claims"):
        grid.add_column(name, overflow="fold")
    for row in rows:
        grid.add_row(Text(row[0], style="bold"), *map(Text, row[1:]))
    console.print(grid)


def print_norm(norm: Norm, console: Console) -> None:
    """What is known about a norm without verifying it."""
    facts: list[tuple[str, str]] = [
        ("norm", _said(lambda: repr(norm))),
        ("‖x‖", _said(lambda: str(norm))),
        ("‖g‖_*", _said(lambda: norm.dual._notation("g"))),
        ("dual", _said(lambda: _dual(norm))),
        ("claims", _said(lambda: ", ".join(sorted(claim.value for claim in norm.claims)) or "none")),
        ("projection", "declared" if norm.has_projection else "not declared"),
    ]
    for shape in _said_shapes(norm):
        facts.append((f"ρ on {shape}", _said(lambda shape=shape: f"{norm.rho(shape):.6g}")))  # type: ignore[misc]
    facts += _traced(norm)
    doc = (type(norm).__doc__ or "").strip().partition("\n")[0]
    if doc and not doc.startswith(f"{type(norm).__name__}("):  # a dataclass's generated signature says nothing
        facts.insert(1, ("about", doc))
    width = max(len(name) for name, _ in facts)
    for name, fact in facts:
        console.print(Text.assemble((f"{name:{width}}", "dim"), "  ", fact), soft_wrap=True)


def _dual(norm: Norm) -> str:
    dual = norm.dual
    return "support function (no closed form is declared)" if isinstance(dual, SupportFunction) else repr(dual)


def _said_shapes(norm: Norm) -> list[object]:
    try:
        return list(norm._shapes((2, 3)))[:4]
    except Exception:  # a user's hook
        return []


def _traced(norm: Norm) -> list[tuple[str, str]]:
    """Value, dual and LMO as the exact engine traces them, on the smallest shape that is not trivial."""
    from ntr_spec.verify.formulas import formulas
    from ntr_spec.verify.witnesses import space

    shapes = _said_shapes(norm)
    try:
        found = formulas(norm, shapes[0]) if shapes else {}
        where = space(shapes[0]) if shapes else ""
    except Exception as error:  # a user's hook
        return [("traced", f"— ({in_words(error)})")]
    return [(f"{name} on {where}", _short(str(formula))) for name, formula in found.items()]


_LONGEST = 600  # characters that a person may still read; an LMO that sorts has tens of thousands


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"too long to print: {len(text)} characters"


def _said(ask: Callable[[], str]) -> str:
    try:
        return ask()
    except NotDeclaredError:
        return "not declared"
    except Exception as error:  # a user's hook
        return f"— ({in_words(error)})"
