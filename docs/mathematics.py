"""Formulas for Markdown pages: MathML that tables and paragraphs take as it is."""

import re
from collections.abc import Iterable
from typing import Any

from ntr_spec.verify.rendering import latex, mathml, mathml_in_pieces, parse
from ntr_spec.verify.rendering.expressions import tree
from ntr_spec.verify.rendering.tree import Node

# What Markdown would read as its own.
_MARKS = str.maketrans({"|": "&#124;", "*": "&#42;", "_": "&#95;", "`": "&#96;", "[": "&#91;", "]": "&#93;"})


def inline(node: Node) -> str:
    """A formula in running text or in a cell, in pieces between which lines may break; words as text."""
    return mathml_in_pieces(node).translate(_MARKS)


def formula(expression: Any) -> str:
    """A SymPy expression in running text."""
    return inline(tree(expression))


def large(expression: Any) -> str:
    """A SymPy expression alone in a cell, its fractions in full size."""
    return mathml(tree(expression)).replace("<math>", '<math displaystyle="true">').translate(_MARKS)


def sentence(words: str) -> str:
    """A sentence with formulas in it, typed as Unicode; T2 and A1 are names, T2.plan is code."""
    pieces = re.split(r"(\[[A-Z][a-z]+\d+\]|\b[TA][1-9](?:\.[a-z]+)?(?![\w*]))", words)
    for k, piece in enumerate(pieces):
        if k % 2 == 0:
            pieces[k] = inline(parse(piece))
        else:
            pieces[k] = f"`{piece}`" if "." in piece else piece.translate(_MARKS)
    return re.sub(r" ([,.;:])", r"\1", " ".join(piece for piece in pieces if piece))


def display(node: Node) -> str:
    """A formula on a line of its own, with its LaTeX folded below."""
    return (
        f"{scrolling(mathml(node, display=True))}\n\n"
        f"<details><summary>LaTeX</summary><pre><code>{escaped(latex(node))}</code></pre></details>\n"
    )


def scrolling(inside: str) -> str:
    """A block that is scrolled sideways where it does not fit."""
    return f'<div style="overflow-x: auto; overflow-y: hidden; padding: 0.4em 0">{inside}</div>'


def escaped(words: str) -> str:
    """Text within an element of HTML."""
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table."""
    titles = list(head)
    written = [titles, ["---"] * len(titles), *map(list, rows)]
    return "\n".join("| " + " | ".join(row) + " |" for row in written) + "\n"


__all__ = ["display", "escaped", "formula", "inline", "large", "scrolling", "sentence", "table"]
