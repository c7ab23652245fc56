"""What ``ntr-spec show`` prints: named facts, each of which a user's hook may fail to tell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.text import Text

from ntr_spec.errors import NotDeclaredError
from ntr_spec.verify.work import in_words

Fact = tuple[str, str]

_LONGEST = 600  # characters that a person may still read; an LMO that sorts has tens of thousands


def print_facts(facts: list[Fact], console: Console) -> None:
    """Names and facts in two columns."""
    width = max(len(name) for name, _ in facts)
    for name, fact in facts:
        console.print(Text.assemble((f"{name:{width}}", "dim"), "  ", fact), soft_wrap=True)


def said(ask: Callable[[], str]) -> str:
    """What a hook says, or why it says nothing."""
    try:
        return ask()
    except NotDeclaredError:
        return "not declared"
    except Exception as error:  # a user's hook
        return f"— ({in_words(error)})"


def about(subject: Any) -> list[Fact]:
    """The first line of its class's docstring; a dataclass's generated signature says nothing."""
    doc = (type(subject).__doc__ or "").strip().partition("\n")[0]
    return [("about", doc)] if doc and not doc.startswith(f"{type(subject).__name__}(") else []


def shapes_of(subject: Any) -> list[Any]:
    """A few small shapes of its points."""
    try:
        return list(subject._shapes((2, 3)))[:4]
    except Exception:  # a user's hook
        return []


def traced(subject: Any) -> list[Fact]:
    """Its formulas as the exact engine traces them, on the smallest shape that is not trivial."""
    from ntr_spec.verify.formulas import formulas
    from ntr_spec.verify.witnesses import space

    shapes = shapes_of(subject)
    try:
        found = formulas(subject, shapes[0]) if shapes else {}
        where = space(shapes[0]) if shapes else ""
    except Exception as error:  # a user's hook
        return [("traced", f"— ({in_words(error)})")]
    return [(f"{name} on {where}", _short(str(formula))) for name, formula in found.items()]


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"too long to print: {len(text)} characters"
