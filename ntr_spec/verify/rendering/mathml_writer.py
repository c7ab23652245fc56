"""Formulas as MathML Core, which browsers show without a network."""

from __future__ import annotations

from xml.sax.saxutils import escape

from ntr_spec.verify.rendering.tree import (
    OPERATORS,
    RELATIONS,
    SEPARATORS,
    Fence,
    Fraction,
    Node,
    Root,
    Row,
    Sign,
    Word,
    group,
    row,
)
from ntr_spec.verify.rendering.writer import Writer


def mathml(node: Node, display: bool = False) -> str:
    """As a ``math`` element."""
    shown = ' display="block"' if display else ""
    return f"<math{shown}>{MathMLWriter().write(row([node]))}</math>"


def mathml_in_pieces(node: Node) -> str:
    """Words as text and formulas as ``math`` elements, several of them where a formula is long: lines break between."""
    found: list[str] = []
    piece: list[Node] = []

    def end() -> None:
        if piece:
            goes_on = bool(found) and found[-1].endswith("</math>")
            found.append(_piece(piece, goes_on))
            piece.clear()

    for item in node.items if isinstance(node, Row) else (node,):
        sign = item.text if isinstance(item, Sign) else ""
        begins = sign in (*RELATIONS, *OPERATORS) and not (piece and isinstance(piece[-1], Sign))
        if isinstance(item, Fence) and isinstance(item.inside, Word):
            item = Word(f"{item.left}{item.inside.text}{item.right}")
        if isinstance(item, Word) or begins or sign in SEPARATORS:
            end()
        if isinstance(item, Word):
            found.append(escape(item.text))
        elif sign in SEPARATORS:
            found[-1:] = [f"{found[-1]}{sign}" if found else sign]
        else:
            piece.append(item)
    end()
    return " ".join(found)


def _piece(items: list[Node], goes_on: bool) -> str:
    """An operator that begins a piece of a formula that goes on has its left side in the piece before."""
    written = mathml(row(items))
    return written.replace("<math><mo>", '<math><mo form="infix">', 1) if goes_on else written


class MathMLWriter(Writer):
    """MathML Core, presentation only, without the ``math`` element around it."""

    def _letter(self, name: str) -> str:
        return f"<mo>{name}</mo>" if name in "Σ∫" else f"<mi>{escape(name)}</mi>"

    def _number(self, digits: str) -> str:
        return f"<mn>{digits}</mn>"

    def _word(self, text: str) -> str:
        return f"<mtext> {escape(text)} </mtext>".replace("> ", ">&#160;").replace(" </", "&#160;</")

    def _function(self, name: str) -> str:
        return f"<mi>{'𝔼' if name == 'E' else escape(name)}</mi>"

    def _sign(self, sign: Sign, before: list[Node]) -> str:
        return f"<mo>{escape(sign.text)}</mo>".replace("∶", ":")

    def _scripted(self, base: Node, below: Node | None, above: Node | None) -> str:
        inner = self._one(group(base) if isinstance(base, (Row, Fraction, Root)) else base)
        low = "" if below is None else self._one(below)
        high = "" if above is None else self._one(above)
        tag = "msubsup" if low and high else "msub" if low else "msup"
        return f"<{tag}>{inner}{low}{high}</{tag}>"

    def _one(self, node: Node) -> str:
        text = self.write(node)
        return f"<mrow>{text}</mrow>" if isinstance(node, Row) else text

    def _fraction(self, above: Node, below: Node) -> str:
        return f"<mfrac>{self._one(above)}{self._one(below)}</mfrac>"

    def _root(self, inside: Node) -> str:
        return f"<msqrt>{self.write(inside)}</msqrt>"

    def _fence(self, left: str, inside: str, right: str) -> str:
        return f"<mrow><mo>{left}</mo>{inside}<mo>{right}</mo></mrow>"

    def _space(self) -> str:
        return '<mspace width="0.17em"/>'
