"""Formulas as Unicode text on one line, as in the documentation of the code."""

from __future__ import annotations

from ntr_spec.verify.rendering.tree import (
    OPERATORS,
    RELATIONS,
    SEPARATORS,
    Fraction,
    Node,
    Root,
    Row,
    Sign,
    Word,
    is_sum,
)
from ntr_spec.verify.rendering.writer import Writer, is_binary

_RAISED = dict(zip("0123456789+−()abcdeghijklmnoprstuvxT", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ᵃᵇᶜᵈᵉᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛˣᵀ", strict=True))
_LOWERED = dict(zip("0123456789+−=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True))


def text(node: Node) -> str:
    """As Unicode text."""
    return TextWriter().write(node).strip().replace("∶", ":")


class TextWriter(Writer):
    """Unicode, as in the documentation of the code."""

    def _letter(self, name: str) -> str:
        return name

    def _number(self, digits: str) -> str:
        return digits

    def _word(self, text: str) -> str:
        return f" {text} "

    def _function(self, name: str) -> str:
        return name

    def _row(self, node: Row) -> str:
        text = super()._row(node)
        for mark in SEPARATORS:
            text = text.replace(f" {mark}", mark)
        return " ".join(text.split())

    def _sign(self, sign: Sign, before: list[Node]) -> str:
        if sign.text in RELATIONS or (sign.text in OPERATORS and is_binary(before)):
            return f" {sign.text} "
        return f"{sign.text} " if sign.text in SEPARATORS else "*" if sign.text == "∗" else sign.text

    def _scripted(self, base: Node, below: Node | None, above: Node | None) -> str:
        text = self.write(base)
        if isinstance(base, (Row, Fraction, Root)):
            text = f"({text})"
        low = "" if below is None else self._script(below, _LOWERED, "_")
        high = "" if above is None else self._script(above, _RAISED, "^")
        return text + (high + low if high == "*" else low + high)

    def _script(self, node: Node, table: dict[str, str], mark: str) -> str:
        text = self.write(node).strip()
        if text.strip("*") == "":
            return text if mark == "^" else mark + text
        if isinstance(node, Word):
            return f"{mark}{{{text}}}"
        tight = text.replace(" ", "")
        if all(c in table for c in tight):
            return "".join(table[c] for c in tight)
        return f"{mark}{text}" if len(text) == 1 else f"{mark}{{{tight if isinstance(node, Row) else text}}}"

    def _fraction(self, above: Node, below: Node) -> str:
        top = f"({self.write(above)})" if is_sum(above) else self.write(above)
        bottom = f"({self.write(below)})" if isinstance(below, (Row, Fraction)) else self.write(below)
        return f"{top}/{bottom}"

    def _coefficient(self, fraction: Fraction) -> str:
        return f"({self.write(fraction)})"

    def _root(self, inside: Node) -> str:
        text = self.write(inside)
        return f"√({text})" if isinstance(inside, (Row, Fraction, Root)) else f"√{text}"

    def _fence(self, left: str, inside: str, right: str) -> str:
        return f"{left}{inside.strip()}{right}"

    def _space(self) -> str:
        return " "
