"""``Statement``: a theorem in symbols, as text, LaTeX and MathML, read off the code of its bound."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, final

import sympy as sp

from ntr_spec.theory.constants import Constants

if TYPE_CHECKING:
    from ntr_spec.theory.theorem import Theorem

Expr = Any

_LETTERS = {
    "L": ("L", "L"),
    "H": ("H", "H"),
    "rho": ("ρ", r"\rho"),
    "sigma": ("σ", r"\sigma"),
    "delta0": ("Δ₀", r"\Delta_0"),
    "D": ("D", "D"),
    "eps": ("ε", r"\varepsilon"),
    "eta": ("η", r"\eta"),
    "alpha": ("α", r"\alpha"),
    "beta": ("β", r"\beta"),
    "K": ("K", "K"),
    "delta": ("δ", r"\delta"),
}
_MADE = {name: sp.Symbol(letter, positive=True) for name, (letter, _) in _LETTERS.items()}
SYMBOLS = SimpleNamespace(
    **_MADE, constants=Constants(**{n: _MADE[n] for n in ("L", "H", "rho", "sigma", "delta0", "D")})
)
LATEX = {_MADE[name]: latex for name, (_, latex) in _LETTERS.items()}
"""How each symbol is written in LaTeX."""

ASSUMPTIONS = {
    "A1": "E g(x;ξ) = ∇f(x), E‖g(x;ξ) − ∇f(x)‖₂² ≤ σ²",
    "A2": "‖∇f(x) − ∇f(y)‖_* ≤ L‖x − y‖",
    "A3": "‖x‖_* ≤ ρ‖x‖₂",
    "A4": "‖∇f(x) − ∇f(y) − ∇²f(y)(x − y)‖_* ≤ (H/2)‖x − y‖²",
    "A5": "f(βx* + (1−β)x) ≤ βf(x*) + (1−β)f(x) for β ∈ [0, 1]",
}
"""The assumptions of [Kovalev25], by name."""

_MEASURES = {
    "stationarity": (
        "E min_{1≤k≤K} ‖∇f(x_k) + s_k‖_*",
        r"\mathbb{E}\min_{1\le k\le K}\lVert\nabla f(x_k)+s_k\rVert_*",
    ),
    "gap": ("E F(x_K) − F(x*)", r"\mathbb{E}\,F(x_K)-F(x^*)"),
}
_RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


@final
class Statement:
    """What a theorem says, in symbols that are read off the code of its bound.

    >>> from ntr_spec.theory import T1
    >>> print(T1.statement)
    T1 (exact gradients). Given A2; s_k ∈ ∂R(x_k), α = 1, β = 0:
      E min_{1≤k≤K} ‖∇f(x_k) + s_k‖_* ≤ Δ₀/(K·η) + 3·L·η/2
    """

    def __init__(self, theorem: Theorem) -> None:
        self.theorem = theorem

    @property
    def terms(self) -> dict[str, Expr]:
        """The terms of the bound, by name."""
        return {name: sp.sympify(term) for name, term in self.theorem.symbolic_terms().items()}

    @property
    def expression(self) -> Expr:
        """The bound."""
        return sp.Add(*self.terms.values())

    @property
    def conditions(self) -> tuple[str, ...]:
        """What is asked of the method's numbers."""
        theorem = self.theorem
        found = ["s_k ∈ ∂R(x_k)"] if theorem.measure == "stationarity" else ["η/β ≥ max{‖x₀‖, ‖x*‖}"]
        if not theorem.momentum:
            found.append("α = 1")
        if not theorem.decays:
            found.append("β = 0")
        if theorem.decays and theorem.extrapolates:
            found.append("2β ≤ α")
        return tuple(found)

    @property
    def measure(self) -> str:
        """What is bounded, as text."""
        return _MEASURES[self.theorem.measure][0]

    @property
    def text(self) -> str:
        """The inequality as Unicode text."""
        return f"{self.measure} ≤ {' + '.join(text(term) for term in self.terms.values())}"

    @property
    def latex(self) -> str:
        """The inequality as LaTeX."""
        right = " + ".join(sp.latex(term, symbol_names=LATEX) for term in self.terms.values())
        return rf"{_MEASURES[self.theorem.measure][1]} \le {right}"

    @property
    def mathml(self) -> str:
        """The inequality as presentation MathML, with its LaTeX as an annotation."""
        from xml.sax.saxutils import escape

        from sympy.printing.mathml import mathml

        left = _MEASURE_MATHML[self.theorem.measure]
        right = "<mo>+</mo>".join(f"<mrow>{mathml(t, printer='presentation')}</mrow>" for t in self.terms.values())
        right = right.replace("&InvisibleTimes;", "\u2062")  # the name is HTML's, not XML's
        latex = f'<annotation encoding="application/x-tex">{escape(self.latex)}</annotation>'
        row = f"<mrow>{left}<mo>≤</mo>{right}</mrow>"
        return f'<math display="block"><semantics>{row}{latex}</semantics></math>'

    def __str__(self) -> str:
        given = ", ".join(self.theorem.assumptions)
        head = f"{self.theorem.name} ({self.theorem.title}). Given {given}; {', '.join(self.conditions)}:"
        return f"{head}\n  {self.text}"


_NORM = "<mo>‖</mo>{}<msub><mo>‖</mo><mo>∗</mo></msub>"
_MEASURE_MATHML = {
    "stationarity": (
        "<mi>𝔼</mi><munder><mo>min</mo><mrow><mn>1</mn><mo>≤</mo><mi>k</mi><mo>≤</mo><mi>K</mi></mrow></munder>"
        + _NORM.format(
            "<mi>∇</mi><mi>f</mi><mo>(</mo><msub><mi>x</mi><mi>k</mi></msub><mo>)</mo><mo>+</mo>"
            "<msub><mi>s</mi><mi>k</mi></msub>"
        )
    ),
    "gap": (
        "<mi>𝔼</mi><mi>F</mi><mo>(</mo><msub><mi>x</mi><mi>K</mi></msub><mo>)</mo><mo>−</mo>"
        "<mi>F</mi><mo>(</mo><msup><mi>x</mi><mo>*</mo></msup><mo>)</mo>"
    ),
}


def text(expression: Expr) -> str:
    """An expression as Unicode text on one line.

    >>> import sympy as sp
    >>> a, b = sp.symbols("α β", positive=True)
    >>> text(2 * sp.sqrt(a) / b**2)
    '2·√α/β²'
    """
    written = str(sp.sympify(expression))
    written = re.sub(r"sqrt\((\w+)\)", r"√\1", written).replace("sqrt", "√")
    written = re.sub(r"\*\*(\d+)|\*\*\((-?\d+)\)", lambda m: (m[1] or m[2]).translate(_RAISED), written)
    return written.replace("**", "^").replace("*", "·").replace("Min", "min").replace("Max", "max")
