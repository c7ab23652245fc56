"""The update equations of a method, read off its own ``update``.

A method's norm is replaced by one whose LMO is a symbol, its numbers by symbols, and its point, momentum and gradient
by arrays that stand for whole points. What ``update`` then does to them is written down: no second formula exists that
could drift from the code that runs.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

import sympy as sp

from ntr_spec.algorithms import Method, State
from ntr_spec.errors import UntraceableError
from ntr_spec.verify.equations.opaque import Setting, opened_method
from ntr_spec.verify.equations.vector import (
    Application,
    Combination,
    Count,
    Name,
    Scalar,
    Vector,
    as_number,
    named,
    opened,
    to_sympy,
)
from ntr_spec.verify.equations.writing import LatexWriter, MathMLWriter, TextWriter

__all__ = ["Equation", "Equations", "Setting", "equations"]

Expr = Any

_COUNTS = (1, 2, 3, 7)


@dataclasses.dataclass(frozen=True, eq=False)
class Equation:
    """One line: a name and what it stands for."""

    left: Vector
    right: Vector

    @property
    def name(self) -> str:
        """The name on the left."""
        return str(to_sympy(self.left))

    @property
    def expression(self) -> Expr:
        """The right side in SymPy: symbols for points and numbers, ``lmo`` and ``argmin`` as functions."""
        return to_sympy(self.right)

    @property
    def text(self) -> str:
        """As Unicode text."""
        return TextWriter().equation(self.left, self.right)

    @property
    def latex(self) -> str:
        """As LaTeX."""
        return LatexWriter().equation(self.left, self.right)

    @property
    def mathml(self) -> str:
        """As the cells of a row of a MathML table."""
        return MathMLWriter().equation(self.left, self.right)


@dataclasses.dataclass(frozen=True, eq=False)
class Equations:
    """What a method does.

    Attributes:
        update: the lines of one update, in the order in which they are computed.
        first: lines that read otherwise in the first update.
        start: what is known before it, where the update makes use of that.
        settings: the numbers, with their values.
        ahead: whether the gradient is wanted at y₊ rather than at x₊.
        queries: where it is wanted: the first one, x being the start; and the next after an update, in the names of its
            lines.
    """

    update: tuple[Equation, ...]
    first: tuple[Equation, ...]
    start: tuple[Equation, ...]
    settings: tuple[Setting, ...]
    ahead: bool
    queries: tuple[Expr, Expr]

    @property
    def once(self) -> tuple[Equation, ...]:
        """What holds for k = 0 only: what is known at the start, and lines of the first update."""
        return (*self.start, *self.first)

    @property
    def latex(self) -> str:
        """All lines as one LaTeX environment."""
        lines = [line.latex for line in self.update]
        lines += [rf"{line.latex} \qquad (k = 0)" for line in self.once]
        aligned = [re.sub(r" (=|\\in) ", r" &\1 ", line, count=1) for line in lines]
        return "\n".join([r"\begin{aligned}", *(rf"{line} \\" for line in aligned), r"\end{aligned}"])

    @property
    def mathml(self) -> str:
        """All lines as one MathML element, which carries its LaTeX as an annotation."""
        only = '<mspace width="2em"/><mo>(</mo><mi>k</mi><mo>=</mo><mn>0</mn><mo>)</mo></mtd>'
        rows = [f"<mtr>{line.mathml}</mtr>" for line in self.update]
        rows += [f"<mtr>{line.mathml.removesuffix('</mtd>')}{only}</mtr>" for line in self.once]
        latex = f'<annotation encoding="application/x-tex">{escape(self.latex)}</annotation>'
        table = f'<mtable displaystyle="true">{"".join(rows)}</mtable>'
        return f'<math display="block"><semantics>{table}{latex}</semantics></math>'


def equations(method: Method) -> Equations:
    """The update equations of a method.

    Args:
        method: any :class:`ntr_spec.algorithms.Method` that is a dataclass and whose update combines points linearly,
            apart from LMOs and trust-region steps.

    Raises:
        UntraceableError: it does something else.

    >>> import ntr_spec as ntr
    >>> found = equations(ntr.TrustRegion(ntr.LInf(), radius=0.1, momentum=0.9, decay=0.01))
    >>> [line.text for line in found.update]
    ['m₊ = μ·m + (1 − μ)·g', 'x₊ = (1 − β)·x + η·lmo(m₊)']
    >>> [line.text for line in found.first], [str(setting) for setting in found.settings]
    (['m₊ = g'], ['η = 0.1', 'μ = 0.9', 'β = 0.01'])
    """
    traced, settings = opened_method(method)
    x, momentum, gradient = (Vector(Name(name)) for name in "xmg")
    start = traced.init(x)
    if to_sympy(start.x) != to_sympy(x) or as_number(start.step) != 0:
        raise UntraceableError("equations: expected init to start at the point that it is given, at step 0")
    old = start._replace(x=x, momentum=momentum, ahead=None if start.ahead is None else Vector(Name("y")))
    k = sp.Symbol("k", integer=True, positive=True)  # not the first update, which may be another one

    def updated(step: Any) -> _Update:
        return _updated(old._replace(step=step), traced, gradient)

    usual, once = updated(Scalar(k)), updated(0)
    _check_counts(usual, once, k, updated)
    known = {line.name: sp.expand(line.expression.subs(k, 0)) for line in usual.lines}
    first = [line for line in once.lines if sp.expand(line.expression) != known.get(line.name)]
    kept = any(sp.Symbol("m") in line.expression.free_symbols for line in usual.lines)
    uses_start = kept and not any(line.name == "m₊" for line in first)
    return Equations(
        update=usual.lines,
        first=tuple(first),
        start=(Equation(momentum, opened(start.momentum, {})),) if uses_start else (),
        settings=settings,
        ahead=start.ahead is not None,
        queries=(to_sympy(opened(start.query, {})), usual.query),
    )


class _Update(NamedTuple):
    """One update: its lines, and where the next gradient is wanted."""

    lines: tuple[Equation, ...]
    query: Expr

    def at(self, k: Expr, step: Any) -> dict[str, Expr]:
        """What it says, by name, with a number of steps for k."""
        said = {line.name: line.expression for line in self.lines} | {"state.query": self.query}
        return {name: expression.subs(k, step) for name, expression in said.items()}


def _updated(state: State, method: Method, gradient: Vector) -> _Update:
    new = method.update(state, gradient)
    if as_number(new.step) != as_number(state.step + 1):
        raise UntraceableError("equations: expected update to count its steps; return state.step + 1 in the new state")
    parts = [("m₊", new.momentum), ("x₊", new.x)]
    if new.ahead is not None:
        parts.append(("y₊", new.ahead))
    names = {id(part): Vector(Name(name)) for name, part in parts if not isinstance(part.form, Name)}
    query = to_sympy(named(new.query, names))
    along = _argument(new.x, names)
    if along is not None:
        parts.insert(1, ("u", along))
        names[id(along)] = Vector(Name("u"))
    return _Update(tuple(Equation(Vector(Name(name)), opened(part, names)) for name, part in parts), query)


def _check_counts(usual: _Update, once: _Update, k: Expr, updated: Callable[[Any], _Update]) -> None:
    """Raise UntraceableError unless an update says the same however the steps are counted.

    What is read is an update whose count is a symbol that passes for an array. Code that runs counts in integers of
    Python, and may take another branch for these: it must say the same at a symbol that passes for one, and at some.
    """
    _check_same("an integer", usual.at(k, k), updated(Count(k)).at(k, k))
    for step in _COUNTS:
        _check_same(f"the integer {step}", usual.at(k, step), updated(step).at(k, step))
    _check_same("an array that holds 0", once.at(k, 0), updated(Scalar(sp.S.Zero)).at(k, 0))
    _check_same("0", {"state.query": usual.query}, {"state.query": once.query})


def _check_same(count: str, expected: Mapping[str, Expr], found: Mapping[str, Expr]) -> None:
    for name in {**expected, **found}:
        usual, other = expected.get(name, sp.nan), found.get(name, sp.nan)
        if sp.expand(usual) != sp.expand(other) and sp.simplify(usual - other) != 0:
            raise UntraceableError(
                f"equations: update gives {name} = {other} where state.step is {count}, and {usual} otherwise; "
                "let it do the same however steps are counted"
            )


def _argument(x: Vector, names: dict[int, Vector]) -> Vector | None:
    """What the step is taken along, where it has no name yet."""
    form = x.form
    if isinstance(form, Application):
        along = form.points[0]
        return None if isinstance(named(along, names).form, Name) else along
    if isinstance(form, Combination):
        for _, part in form.terms:
            if id(part) not in names and (found := _argument(part, names)) is not None:
                return found
    return None
