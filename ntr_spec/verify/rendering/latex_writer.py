"""Formulas as LaTeX, as it stands between two dollar signs."""

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
)
from ntr_spec.verify.rendering.writer import Writer, is_binary


def latex(node: Node) -> str:
    """As LaTeX."""
    return LatexWriter().write(node).strip()


_GREEK = "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΦΨΩ∇∂∞"
_NAMES = (
    "alpha beta gamma delta varepsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon "
    "varphi chi psi omega Gamma Delta Theta Lambda Xi Pi sum Phi Psi Omega nabla partial infty"
)
_LETTERS = {
    **{letter: rf"\{name}" for letter, name in zip(_GREEK, _NAMES.split(), strict=True)},
    "ϱ": r"\varrho",
    "∫": r"\int",
    "…": r"\dots",
}
_SIGNS = {
    "≤": r"\le",
    "≥": r"\ge",
    "≈": r"\approx",
    "∈": r"\in",
    "⊂": r"\subset",
    "↦": r"\mapsto",
    "⟹": r"\Rightarrow",
    "⟺": r"\Leftrightarrow",
    "↔": r"\leftrightarrow",
    "→": r"\to",
    "≻": r"\succ",
    "≠": r"\ne",
    "−": "-",
    "±": r"\pm",
    "∘": r"\circ",
    "×": r"\times",
    "·": r"\cdot",
    "∗": "*",
    "∶": ":",
    "…": r"\dots",
    "∞": r"\infty",
}
_LATEX_FENCES = {
    "{": r"\{",
    "}": r"\}",
    "⟨": r"\langle ",
    "⟩": r" \rangle ",
    "⌈": r"\lceil ",
    "⌉": r" \rceil ",
}


class LatexWriter(Writer):
    """LaTeX, as between two dollar signs."""

    def _letter(self, name: str) -> str:
        command = _LETTERS.get(name, name)
        return f"{command} " if command.startswith("\\") else command

    def _number(self, digits: str) -> str:
        return digits

    def _word(self, text: str) -> str:
        return rf"\text{{ {text} }}"

    def _function(self, name: str) -> str:
        if name == "E":
            return r"\mathbb{E}"
        known = name in ("max", "min", "sup", "inf", "log", "ln", "exp")
        return rf"\{name} " if known else rf"\operatorname{{{name}}}"

    def _sign(self, sign: Sign, before: list[Node]) -> str:
        text = _SIGNS.get(sign.text, sign.text)
        if sign.text in RELATIONS or (sign.text in OPERATORS and is_binary(before)):
            return f" {text} "
        return f"{text} " if sign.text in SEPARATORS or text.startswith("\\") else text

    def _scripted(self, base: Node, below: Node | None, above: Node | None) -> str:
        text = self.write(base).rstrip()
        if isinstance(base, (Row, Fraction, Root)):
            text = rf"\left({text}\right)"
        low = "" if below is None else f"_{self._braced(below)}"
        high = "" if above is None else f"^{self._braced(above)}"
        return text + low + high

    def _braced(self, node: Node) -> str:
        text = self.write(node).strip()
        return text if len(text) == 1 else f"{{{text}}}"

    def _fraction(self, above: Node, below: Node) -> str:
        return rf"\frac{{{self.write(above).strip()}}}{{{self.write(below).strip()}}}"

    def _root(self, inside: Node) -> str:
        return rf"\sqrt{{{self.write(inside).strip()}}}"

    def _fence(self, left: str, inside: str, right: str) -> str:
        grows = r"\frac" in inside or r"\left" in inside
        if left in "‖|":
            name = "Vert" if left == "‖" else "vert"
            left, right = (rf"\left\{name} ", rf"\right\{name} ") if grows else (rf"\l{name} ", rf"\r{name} ")
            return f"{left}{inside.strip()}{right}"
        left, right = _LATEX_FENCES.get(left, left), _LATEX_FENCES.get(right, right)
        if grows:
            return rf"\left{left.strip()} {inside.strip()} \right{right.strip()}"
        return f"{left}{inside.strip()}{right}"

    def _space(self) -> str:
        return r"\,"
