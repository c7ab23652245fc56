"""SymPy expressions as trees of formulas, in the order in which people write them.

In a product: numbers, parameters, roots, sums, and last what stands for a whole vector (norms, inner products, values
of functions, formal sums), which stays outside fractions. The name of a symbol is notation and is read as such.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any

import sympy as sp

from ntr_spec.verify.rendering.notation import parse
from ntr_spec.verify.rendering.tree import (
    Fence,
    Fraction,
    Function,
    Letter,
    Node,
    Number,
    Root,
    Row,
    Scripted,
    Sign,
    group,
    is_sum,
    row,
)

Expr = Any
_FUNCTIONS = {"Max": "max", "Min": "min"}


def tree(expression: Expr) -> Node:
    """The tree of a SymPy expression.

    >>> from ntr_spec.verify.rendering.latex_writer import latex
    >>> from ntr_spec.verify.rendering.text_writer import text
    >>> eta, L, a = sp.symbols("η L α", positive=True)
    >>> text(tree(2 * L * eta / a + sp.Rational(3, 2) * L * eta)), latex(tree(sp.sqrt(a) * L))
    ('2Lη/α + (3/2)Lη', 'L\\\\sqrt{\\\\alpha}')
    """
    expression = sp.sympify(expression)
    if expression.is_Symbol:
        return named(expression.name)
    if expression.is_Integer:
        return _number(int(expression))
    if expression.is_Add:
        return signed([split_sign(term) for term in ordered(expression.args)])
    if expression.is_Mul or expression.is_Pow or expression.is_Rational:
        negative, positive = split_sign(expression)
        return signed([(True, positive)]) if negative else _product(positive)
    if isinstance(expression, sp.Abs):
        return Fence("|", tree(expression.args[0]), "|")
    if isinstance(expression, (sp.ceiling, sp.floor)):
        left, right = "⌈⌉" if isinstance(expression, sp.ceiling) else "⌊⌋"
        return Fence(left, tree(expression.args[0]), right)
    if expression.args:
        name = _FUNCTIONS.get(type(expression).__name__, type(expression).__name__)
        inside = [tree(argument) for argument in sorted(expression.args, key=str)]
        listed = [part for node in inside for part in (Sign(","), node)][1:]
        return row([Function(name), Fence("{", row(listed), "}") if name in ("max", "min") else group(row(listed))])
    return parse(str(expression))


@functools.lru_cache(maxsize=4096)
def named(name: str) -> Node:
    """The name of a symbol, read as notation."""
    return parse(name)


@functools.lru_cache(maxsize=4096)
def is_formal(symbol: Expr) -> bool:
    """Whether a symbol stands for a norm, an inner product, a value or a sum, rather than for a parameter."""
    node = named(symbol.name)
    return not isinstance(node, (Letter, Number)) and not (
        isinstance(node, Scripted) and isinstance(node.base, (Letter, Row))
    )


def split_sign(term: Expr) -> tuple[bool, Expr]:
    """(whether it is subtracted, the rest)."""
    term = sp.sympify(term)
    negative = bool(term.as_coeff_Mul()[0] < 0) if term.as_coeff_Mul()[0].is_comparable else False
    return negative, -term if negative else term


def ordered(terms: Iterable[Expr]) -> list[Expr]:
    """The terms of a sum: those with whole vectors first, then by name; zeros are dropped."""
    return sorted((term for term in terms if term != 0), key=_term_key)


def signed(terms: list[tuple[bool, Expr]]) -> Node:
    """A sum of terms, each with whether it is subtracted; one that is added comes first, if there is one."""
    if not terms:
        return Number("0")
    first = next((k for k, (negative, _) in enumerate(terms) if not negative), 0)
    terms = [terms[first], *terms[:first], *terms[first + 1 :]]
    items: list[Node] = []
    for k, (negative, term) in enumerate(terms):
        if k or negative:
            items.append(Sign("−" if negative else "+"))
        node = tree(term)
        items.append(group(node) if negative and is_sum(node) else node)
    return row(items)


def _term_key(term: Expr) -> tuple[Any, ...]:
    # In the order a, A, b, B: f(x) comes before R(x).
    formal = sorted((s.name.lower(), s.name.swapcase()) for s in term.free_symbols if is_formal(s))
    return (not formal, formal, term.is_number, -len(term.free_symbols), str(term))


def _number(value: int) -> Node:
    return Number(str(value)) if value >= 0 else row([Sign("−"), Number(str(-value))])


def _product(expression: Expr) -> Node:
    above: list[tuple[Expr, Expr]] = []
    below: list[tuple[Expr, Expr]] = []
    number = sp.S.One
    for factor in sp.Mul.make_args(expression):
        if factor.is_Rational:
            number *= factor
            continue
        base, exponent = factor.as_base_exp() if factor.is_Pow else (factor, sp.S.One)
        if exponent.is_number and exponent.is_negative:
            below.append((base, -exponent))
        else:
            above.append((base, exponent))
    roots = [base for base, exponent in above if exponent == sp.Rational(1, 2)]
    if len(roots) > 1:  # √(α/(2 − α)), which SymPy takes apart
        above = [(b, e) for b, e in above if b not in roots] + [(sp.Mul(*roots), sp.Rational(1, 2))]
    above.sort(key=_factor_key)
    below.sort(key=_factor_key)
    outside = [_power(b, e) for b, e in above if _rank(b) >= _FORMAL]
    inner = [_power(b, e) for b, e in above if _rank(b) < _FORMAL]
    p, q = number.p, number.q
    if not below:
        rest = _beside([*inner, *outside])
        if q == 1:
            return rest if p == 1 and rest is not None else _joined(_number(p), rest)
        if p == 1 and inner:
            return _joined(Fraction(_beside(inner, alone=True) or Number("1"), Number(str(q))), _beside(outside))
        if p == 1 and len(outside) == 1:
            return Fraction(outside[0], Number(str(q)))
        return _joined(Fraction(Number(str(p)), Number(str(q))), rest)
    top = _beside([*([Number(str(p))] if p != 1 or not inner else []), *inner])
    if outside and p == 1 and not inner and q == 1 and len(outside) == 1:
        top, outside = outside[0], []
    bottom = _beside([*([Number(str(q))] if q != 1 else []), *(_power(b, e) for b, e in below)], alone=True)
    assert top is not None  # there is at least a number
    assert bottom is not None
    if isinstance(top, Fence) and top.left == "(":
        top = top.inside
    return _joined(Fraction(top, bottom), _beside(outside))


_FORMAL = 5


def _rank(base: Expr) -> int:
    if base.is_Symbol:
        return _FORMAL + named(base.name).__class__.__name__.count("Row") if is_formal(base) else 1
    if base.is_number or (base.is_Add and base.as_coeff_Add()[0] != 0):  # 2(1 − δ)η, but D·(x + y)
        return 0
    return 4 if base.is_Add else 3


def _factor_key(factor: tuple[Expr, Expr]) -> tuple[Any, ...]:
    base, exponent = factor
    root = exponent == sp.Rational(1, 2)
    latin = base.is_Symbol and base.name[:1].isascii()
    return (_rank(base), root, base.is_Add, not latin, str(base))


def _power(base: Expr, exponent: Expr) -> Node:
    if exponent == sp.Rational(1, 2):
        return Root(tree(base))
    if exponent.is_even and base.is_Add and base.as_coeff_Add()[0].is_negative:  # (1 − α)², not (α − 1)²
        base = -base
    node = tree(base)
    if exponent == 1:
        return group(node) if is_sum(node) else node
    if isinstance(node, (Row, Fraction, Root)) or (isinstance(node, Scripted) and node.above is not None):
        node = group(node)
    raised = _flat(tree(exponent))
    if isinstance(node, Scripted):
        return Scripted(node.base, node.below, raised)
    return Scripted(node, None, raised)


def _flat(node: Node) -> Node:
    """Quotients in an exponent with a slash."""
    if isinstance(node, Fraction):
        above, below = _flat(node.above), _flat(node.below)
        return row(
            [group(above) if is_sum(above) else above, Sign("/"), group(below) if isinstance(below, Row) else below]
        )
    return row(_flat(item) for item in node.items) if isinstance(node, Row) else node


def _beside(factors: list[Node], alone: bool = False) -> Node | None:
    """Factors beside each other, with a dot where a letter before a parenthesis would read as a function."""
    items: list[Node] = []
    for factor in factors:
        if items and _reads_on(items[-1], factor):
            items.append(Sign("·"))
        items.append(factor)
    if alone and len(items) == 1 and isinstance(items[0], Fence) and items[0].left == "(":
        return items[0].inside
    return row(items) if items else None


def _reads_on(before: Node, factor: Node) -> bool:
    """Whether a factor beside another could be read as part of it: f(x), log x, (a)(b)²."""
    first = factor.items[0] if isinstance(factor, Row) else factor
    if isinstance(first, Function):
        return True
    if _is_group(factor):
        return isinstance(before, (Letter, Scripted))
    return isinstance(factor, Scripted) and _is_group(factor.base) and isinstance(before, (Letter, Scripted))


def _is_group(node: Node) -> bool:
    return isinstance(node, Fence) and node.left == "("


def _joined(number: Node, rest: Node | None) -> Node:
    return number if rest is None else row([number, rest])
