"""Patterns: classes of indices on which every entry of every input is an expression in positive symbols.

One pattern for each combination of signs to begin with; a hook that compares entries splits them further.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable, Sequence
from typing import Any

import sympy as sp

from ntr_spec.errors import UntraceableError
from ntr_spec.verify.kernel import Sums

Expr = Any
_MOST_PATTERNS = 48


@dataclasses.dataclass(frozen=True, eq=False)
class Pattern:
    """A class of indices: what each input's entry is there, in positive symbols, and what else is known (gaps > 0)."""

    name: str
    values: dict[str, Expr]
    symbols: tuple[Any, ...]
    known: tuple[Expr, ...]
    sums: Sums

    @staticmethod
    def make(name: str, values: dict[str, Expr], symbols: Iterable[Any], known: Iterable[Expr] = ()) -> Pattern:
        """A pattern over these symbols."""
        terms = tuple(sorted(symbols, key=str))
        count = sp.Symbol(f"n[{name}]", nonnegative=True)
        return Pattern(name, values, terms, tuple(known), Sums(terms, count, name))


class Refine(Exception):  # noqa: N818 (a signal, not an error)
    """A hook compared entries in a way that the patterns do not settle: split this pattern by the sign of ``gap``."""

    def __init__(self, pattern: Pattern, gap: Expr) -> None:
        self.pattern = pattern
        self.gap = gap


def initial(inputs: Sequence[str]) -> list[Pattern]:
    """One pattern for each combination of signs of the inputs' entries."""
    found = []
    for signs in itertools.product((1, 0, -1), repeat=len(inputs)):
        label = "".join("+" if s > 0 else "-" if s < 0 else "0" for s in signs)
        sizes = {name: sp.Symbol(f"{name}({label})", positive=True) for name in inputs}
        values = {name: sign * sizes[name] for name, sign in zip(inputs, signs, strict=True)}
        found.append(Pattern.make(label, values, [sizes[n] for n, v in values.items() if v != 0]))
    return found


def refine(patterns: Sequence[Pattern], split: Refine) -> list[Pattern]:
    """Replace a pattern by the three on which a gap is positive, zero and negative."""
    if len(patterns) >= _MOST_PATTERNS:
        raise UntraceableError("too many sign patterns at generic length")
    result = []
    for pattern in patterns:
        result += _split(pattern, split.gap) if pattern.name == split.pattern.name else [pattern]
    return result


def _split(pattern: Pattern, gap: Expr) -> list[Pattern]:
    gap = sp.expand(gap)
    found = []
    for sign, mark in ((1, ">"), (0, "="), (-1, "<")):
        label = f"{pattern.name}{mark}"
        fresh = sp.Symbol(f"d{len(label)}({label})", positive=True)
        solved = _solve(pattern, gap, sign * fresh)
        if solved is None:
            continue
        symbol, value = solved
        own = {s: sp.Symbol(f"{str(s).split('(')[0]}({label})", positive=True) for s in pattern.symbols if s != symbol}
        change = {symbol: value.xreplace(own), **own}
        known = [sp.sympify(k).xreplace(change) for k in (*pattern.known, symbol)]
        values = {name: sp.sympify(v).xreplace(change) for name, v in pattern.values.items()}
        symbols = (*own.values(), *((fresh,) if sign else ()))
        found.append(Pattern.make(label, values, symbols, [k for k in known if not k.is_positive]))
    return found


def _solve(pattern: Pattern, gap: Expr, target: Expr) -> tuple[Any, Expr] | None:
    """A symbol of the pattern and its value where gap = target; None if that value is negative."""
    options = []
    for symbol in pattern.symbols:
        if not gap.is_polynomial(symbol) or sp.degree(gap, symbol) != 1:
            continue
        slope = gap.coeff(symbol, 1)
        if slope.is_positive or slope.is_negative:
            options.append((symbol, sp.expand((target - gap.coeff(symbol, 0)) / slope)))
    if not options:
        raise UntraceableError("a comparison of entries is not linear; it does not split at generic length")
    if any(value.is_nonpositive for _, value in options):
        return None
    return next((o for o in options if o[1].is_positive), options[0])
