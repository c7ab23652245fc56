"""Update equations on paper: as text, as LaTeX, as MathML (which browsers show without a network).

A writer knows how its format looks; what is written is one walk over the :class:`Vector`. Coefficients are written by
SymPy's printers.
"""

from __future__ import annotations

import abc
import re
from typing import Any
from xml.sax.saxutils import escape

import sympy as sp
from sympy.printing.mathml import MathMLPresentationPrinter

from ntr_spec.verify.equations.vector import Application, Combination, Name, Vector

Expr = Any

_POWER = re.compile(r"\*\*(?:\(([k0-9 +-]+)\)|([k0-9]+))")
_RAISED = str.maketrans("0123456789k+-", "⁰¹²³⁴⁵⁶⁷⁸⁹ᵏ⁺⁻", " ")


class Writer(abc.ABC):
    """One format."""

    def equation(self, left: Vector, right: Vector) -> str:
        """``left = right``; a minimizer need not be the only one, so it is said to be among them."""
        among = isinstance(right.form, Application) and right.form.function == "argmin"
        return self._relation(self.point(left), "∈" if among else "=", self.point(right))

    def point(self, x: Vector) -> str:
        """A point, written out."""
        form = x.form
        if isinstance(form, Name):
            return self._name(form.name)
        if isinstance(form, Application):
            return self._application(form)
        return self._sum(form)

    def _sum(self, form: Combination) -> str:
        if not form.terms:
            return self.scalar(sp.S.Zero)
        terms = [self._term(factor, part) for factor, part in form.terms]
        return self._joined([(negative, body) for negative, body in terms])

    def _term(self, factor: Expr, part: Vector) -> tuple[bool, str]:
        negative = bool(factor.as_coeff_Mul()[0] < 0)
        above, below = sp.fraction(-factor if negative else factor)
        form = part.form
        several = isinstance(form, Combination) and len(form.terms) > 1
        body = self._grouped(self.point(part)) if several else self.point(part)
        if above == 1:
            return negative, body if below == 1 else self._quotient(body, below)
        if below == 1:
            number = self.scalar(above)
            return negative, self._product(self._grouped(number) if above.is_Add else number, body)
        return negative, self._product(self._fraction(above, below), body)

    @abc.abstractmethod
    def _relation(self, left: str, sign: str, right: str) -> str:
        """``left sign right``."""

    @abc.abstractmethod
    def _name(self, name: str) -> str:
        """The name of a point."""

    @abc.abstractmethod
    def scalar(self, number: Expr) -> str:
        """A number."""

    @abc.abstractmethod
    def _fraction(self, above: Expr, below: Expr) -> str:
        """A quotient of numbers."""

    @abc.abstractmethod
    def _quotient(self, point: str, below: Expr) -> str:
        """A point divided by a number."""

    @abc.abstractmethod
    def _product(self, number: str, point: str) -> str:
        """A number times a point."""

    @abc.abstractmethod
    def _grouped(self, inner: str) -> str:
        """Parentheses."""

    @abc.abstractmethod
    def _joined(self, terms: list[tuple[bool, str]]) -> str:
        """A sum of terms, each with whether it is subtracted."""

    @abc.abstractmethod
    def _application(self, form: Application) -> str:
        """lmo(u), or argmin{⟨u, z⟩ + R(z) : ‖z − c‖ ≤ η}."""


class TextWriter(Writer):
    """Plain Unicode, as in the documentation of the code."""

    def _relation(self, left: str, sign: str, right: str) -> str:
        return f"{left} {sign} {right}"

    def _name(self, name: str) -> str:
        return name

    def scalar(self, number: Expr) -> str:
        """SymPy's notation with raised exponents, dots and minus signs."""
        text = _POWER.sub(lambda found: (found[1] or found[2]).translate(_RAISED), str(number))
        return text.replace("*", "·").replace("-", "−").replace("_k", "ₖ")

    def _fraction(self, above: Expr, below: Expr) -> str:
        return f"{self._factor(above)}/{self._factor(below)}"

    def _quotient(self, point: str, below: Expr) -> str:
        return f"{point}/{self._factor(below)}"

    def _factor(self, number: Expr) -> str:
        return self._grouped(self.scalar(number)) if number.is_Add or number.is_Mul else self.scalar(number)

    def _product(self, number: str, point: str) -> str:
        return f"{number}·{point}"

    def _grouped(self, inner: str) -> str:
        return f"({inner})"

    def _joined(self, terms: list[tuple[bool, str]]) -> str:
        return _signed(terms, " − ", " + ", "−")

    def _application(self, form: Application) -> str:
        points = [self.point(p) for p in form.points]
        if form.function != "argmin":
            return f"{form.function}({', '.join(points)})"
        along, center = points
        return f"argmin{{⟨{along}, z⟩ + R(z) : ‖z − {center}‖ ≤ {self.scalar(form.numbers[0])}}}"


_LATEX_POINTS = {
    "x": "x_k",
    "m": "m_k",
    "g": "g_k",
    "u": "u_k",
    "x₊": "x_{k+1}",
    "m₊": "m_{k+1}",
    "y₊": "y_{k+1}",
}
_LATEX_NUMBERS = {"η": r"\eta", "μ": r"\mu", "β": r"\beta", "b": "b"}


class LatexWriter(Writer):
    """LaTeX, with the step as an index."""

    def _relation(self, left: str, sign: str, right: str) -> str:
        return rf"{left} {sign} {right}".replace("∈", r"\in")

    def _name(self, name: str) -> str:
        return _LATEX_POINTS.get(name, name)

    def scalar(self, number: Expr) -> str:
        """SymPy's LaTeX, with Greek letters by name."""
        names = {}
        for symbol in number.free_symbols:
            letter, under, index = symbol.name.partition("_")
            names[symbol] = _LATEX_NUMBERS.get(letter, letter) + under + index
        return str(sp.latex(number, symbol_names=names))

    def _fraction(self, above: Expr, below: Expr) -> str:
        return rf"\frac{{{self.scalar(above)}}}{{{self.scalar(below)}}}"

    def _quotient(self, point: str, below: Expr) -> str:
        return rf"\frac{{{point}}}{{{self.scalar(below)}}}"

    def _product(self, number: str, point: str) -> str:
        return rf"{number}\,{point}"

    def _grouped(self, inner: str) -> str:
        return rf"\left({inner}\right)" if r"\frac" in inner else f"({inner})"

    def _joined(self, terms: list[tuple[bool, str]]) -> str:
        return _signed(terms, " - ", " + ", "-")

    def _application(self, form: Application) -> str:
        points = [self.point(p) for p in form.points]
        if form.function != "argmin":
            return rf"\operatorname{{{form.function}}}({', '.join(points)})"
        along, center = points
        radius = self.scalar(form.numbers[0])
        return (
            rf"\operatorname*{{arg\,min}}_z \left\{{ \langle {along}, z\rangle + R(z) : "
            rf"\lVert z - {center} \rVert \le {radius} \right\}}"
        )


class MathMLWriter(Writer):
    """MathML Core, presentation only; an equation is the two cells of a row of an ``mtable``."""

    def _relation(self, left: str, sign: str, right: str) -> str:
        cells = (
            f'<mtd style="text-align: right">{left}</mtd>',
            f'<mtd style="text-align: left"><mo>{sign}</mo>{right}</mtd>',
        )
        return "".join(cells)

    def _name(self, name: str) -> str:
        letter, later = name.rstrip("₊"), name.endswith("₊")
        index = "<mi>k</mi><mo>+</mo><mn>1</mn>" if later else "<mi>k</mi>"
        return f"<msub><mi>{escape(letter)}</mi><mrow>{index}</mrow></msub>"

    def scalar(self, number: Expr) -> str:
        """SymPy's presentation MathML."""
        return f"<mrow>{MathMLPresentationPrinter().doprint(number)}</mrow>"

    def _fraction(self, above: Expr, below: Expr) -> str:
        return f"<mfrac>{self.scalar(above)}{self.scalar(below)}</mfrac>"

    def _quotient(self, point: str, below: Expr) -> str:
        return f"<mfrac><mrow>{point}</mrow>{self.scalar(below)}</mfrac>"

    def _product(self, number: str, point: str) -> str:
        return f'{number}<mspace width="0.17em"/>{point}'

    def _grouped(self, inner: str) -> str:
        return f"<mrow><mo>(</mo>{inner}<mo>)</mo></mrow>"

    def _joined(self, terms: list[tuple[bool, str]]) -> str:
        return _signed(terms, "<mo>−</mo>", "<mo>+</mo>", "<mo>−</mo>")

    def _application(self, form: Application) -> str:
        points = [self.point(p) for p in form.points]
        if form.function != "argmin":
            return f"<mi>{form.function}</mi>{self._grouped('<mo>,</mo>'.join(points))}"
        along, center = points
        return (
            "<munder><mi>arg min</mi><mi>z</mi></munder><mo>{</mo>"
            f"<mo>⟨</mo>{along}<mo>,</mo><mi>z</mi><mo>⟩</mo><mo>+</mo><mi>R</mi><mo>(</mo><mi>z</mi><mo>)</mo><mo>:</mo>"
            f'<mo stretchy="false">‖</mo><mi>z</mi><mo>−</mo>{center}<mo stretchy="false">‖</mo>'
            f"<mo>≤</mo>{self.scalar(form.numbers[0])}<mo>}}</mo>"
        )


def _signed(terms: list[tuple[bool, str]], minus: str, plus: str, first: str) -> str:
    text = ""
    for negative, body in terms:
        sign = (minus if negative else plus) if text else (first if negative else "")
        text += sign + body
    return text
