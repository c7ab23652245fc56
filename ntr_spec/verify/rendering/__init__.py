"""Proofs as readable mathematics, from the facts that the kernel made and nothing else.

A fact's gap becomes an inequality with two sides, its rule and parts become "λ₁·(3) + λ₂·(5)", and the facts below it
become the numbered lines above it; the same lines in every format.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from ntr_spec.verify.kernel import Fact
from ntr_spec.verify.rendering.latex_writer import latex
from ntr_spec.verify.rendering.mathml_writer import mathml, mathml_in_pieces
from ntr_spec.verify.rendering.notation import parse
from ntr_spec.verify.rendering.paper import Line, Paper, assumptions, key, paper
from ntr_spec.verify.rendering.reasons import label
from ntr_spec.verify.rendering.relation import relation, relation_of
from ntr_spec.verify.rendering.text_writer import text

__all__ = [
    "Line",
    "Paper",
    "assumptions",
    "key",
    "label",
    "latex",
    "mathml",
    "mathml_in_pieces",
    "paper",
    "parse",
    "proof_latex",
    "proof_mathml",
    "proof_text",
    "relation",
    "relation_of",
    "text",
]


def proof_text(facts: Sequence[Fact], width: int = 100) -> str:
    """The proof as Unicode text; ∎ marks what it is there to show.

    >>> from proofs.young import proof
    >>> print(proof_text(proof()[:1], width=80))
    (1)   1/(r + 1) + u ≤ uʳ⁺¹/(r + 1) + 1
            convex, least at u = 1
    (2)   ab^{−1/r} + 1/(r + 1) ≤ (ab^{−1/r})ʳ⁺¹/(r + 1) + 1
            (1) at u = ab^{−1/r}
    (3) ∎ ab ≤ aʳ⁺¹/(r + 1) + b^{(r+1)/r}r/(r + 1)
            = b^{(r+1)/r}·(2)
    """
    found = paper(facts)
    digits = len(str(len(found.lines)))
    written = [f"where {text(node)}" for node in found.definitions]
    for line in found.lines:
        head = f"({line.number})".ljust(digits + 2) + (" ∎ " if line.concludes else "   ")
        indent = " " * len(head)
        written += textwrap.wrap(text(line.relation), width, initial_indent=head, subsequent_indent=indent + "    ")
        written += textwrap.wrap(
            text(line.reason), width, initial_indent=indent + "  ", subsequent_indent=indent + "    "
        )
    return "\n".join(written)


def proof_latex(facts: Sequence[Fact]) -> str:
    """The proof as one LaTeX environment."""
    found = paper(facts)
    rows = [rf"&& {latex(node)} && \\" for node in found.definitions]
    rows += [rf"({line.number}) && {latex(line.relation)} && {latex(line.reason)} \\" for line in found.lines]
    return "\n".join([r"\begin{aligned}", *rows, r"\end{aligned}"])


def proof_mathml(facts: Sequence[Fact], known: Mapping[Any, str] | None = None) -> str:
    """The proof as a table of HTML whose cells are MathML; the class ``concludes`` marks what it is there to show."""
    found = paper(facts, known)
    rows = [f"<tr><td></td><td>{mathml_in_pieces(node)}</td></tr>" for node in found.definitions]
    for line in found.lines:
        shown = ' class="concludes"' if line.concludes else ""
        said = f"{mathml_in_pieces(line.relation)}<br/><small>{mathml_in_pieces(line.reason)}</small>"
        rows.append(f"<tr{shown}><td>({line.number})</td><td>{said}</td></tr>")
    return f"<table>{''.join(rows)}</table>"
