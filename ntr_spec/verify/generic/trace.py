"""One symbolic run of a law on vectors of unspecified length.

The index set is split into *patterns*, by the sign of each input's entry (and, where a hook compares
further, by the outcome of that comparison); on a pattern every entry is an expression in positive symbols.
A scalar is an expression in sums over patterns (:class:`~ntr_spec.verify.kernel.Sums`), maxima and roots.
Where the result depends on the sign of a scalar the run is repeated for each, so every path is free of
branches: ties, zeros and empty patterns included.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from typing import Any

import sympy as sp

from ntr_spec.errors import UntraceableError
from ntr_spec.verify.generic.pattern import Pattern, Refine, refine

Expr = Any
_MOST_PATHS = 96


class Vacuous(Exception):  # noqa: N818 (a signal, not an error)
    """The path is impossible: no input takes it."""


@dataclasses.dataclass(frozen=True, eq=False)
class Index:
    """An index j, the pattern it lies in, and the entries' symbols there."""

    name: str
    pattern: Pattern
    at: dict[Any, Any]

    def value(self, values: dict[Pattern, Expr]) -> Expr:
        """Entry j of a vector given pattern by pattern."""
        return sp.sympify(values[self.pattern]).xreplace(self.at)


@dataclasses.dataclass(frozen=True, eq=False)
class Root:
    """A symbol R > 0 with Rᵖ = Σuᵢᵖ (p ≥ 1; at p = 1 the sum itself), u ≥ 0 given pattern by pattern."""

    symbol: Expr
    power: Expr
    entries: dict[Pattern, Expr] | None
    radicand: Expr


class Trace:
    """State of one path: patterns that are not empty, decisions taken, and every sum, maximum and root met."""

    def __init__(self, patterns: Sequence[Pattern], length: Expr, prefix: Sequence[int] = ()) -> None:
        self.patterns = list(patterns)
        self.length = length
        self.taken: list[tuple[int, int]] = []
        self._prefix = tuple(prefix)
        self.signs: list[tuple[Expr, int]] = []
        self.roots: list[Root] = []
        self.maxima: list[tuple[Any, dict[Pattern, Expr]]] = []
        self.indices: list[Index] = []
        self.summed: list[tuple[Expr, dict[Pattern, Expr]]] = []
        self.replaced: dict[Any, Expr] = {}
        self._attained: dict[Any, Index] = {}
        self.deadline = math.inf  # of time.monotonic()

    def branch(self, prefix: Sequence[int]) -> Trace:
        """A copy on which further choices may be made, starting with those given."""
        copy = Trace(self.patterns, self.length, prefix)
        copy.signs, copy.roots, copy.maxima = list(self.signs), list(self.roots), list(self.maxima)
        copy.indices, copy.summed = list(self.indices), list(self.summed)
        copy.replaced, copy._attained = dict(self.replaced), dict(self._attained)
        copy.deadline = self.deadline
        return copy

    def following(self) -> list[int] | None:
        """The choices of the next path, or None after the last."""
        place = len(self.taken) - 1
        while place >= 0 and self.taken[place][0] + 1 >= self.taken[place][1]:
            place -= 1
        if place < 0:
            return None
        return [pick for pick, _ in self.taken[:place]] + [self.taken[place][0] + 1]

    # ---- decisions ------------------------------------------------------------------------------------------

    def choose(self, options: int) -> int:
        """Which of several cases this path takes."""
        if options == 0:
            raise Vacuous
        place = len(self.taken)
        pick = self._prefix[place] if place < len(self._prefix) else 0
        self.taken.append((pick, options))
        return pick

    def sign(self, expression: Expr) -> int:
        """The sign of a scalar, factor by factor, decided or chosen."""
        return self._sign(expression, self._decide)

    def _sign(self, expression: Expr, decide: Callable[[Expr], int]) -> int:
        e = self.clean(expression)
        if e.has(sp.nan, sp.zoo, sp.oo):
            raise UntraceableError("a comparison met an undefined value")
        result = _evident_sign(e)
        if result is not None:
            return result
        result = 1
        for factor in sp.Mul.make_args(sp.factor(e)):
            base, exponent = factor.as_base_exp()
            sign = _evident_sign(base)
            sign = decide(base) if sign is None else sign
            result *= sign * sign if exponent.is_even else sign
        return result

    def _decide(self, e: Expr) -> int:
        for known, sign in self.signs:
            for factor in (1, -1):
                if sp.expand(known - factor * e) == 0:
                    return factor * sign
        sign = (1, 0, -1)[self.choose(3)]
        self.signs.append((e, sign))
        return sign

    def entry_sign(self, expression: Expr, pattern: Pattern) -> int:
        """The sign of an entry on a pattern; :class:`Refine` where the pattern does not settle it."""

        def decide(e: Expr) -> int:
            if not set(pattern.symbols) & e.free_symbols:
                return self._decide(e)
            for known in pattern.known:
                ratio = sp.cancel(e / known)
                if not set(pattern.symbols) & ratio.free_symbols and _evident_sign(ratio):
                    return int(_evident_sign(ratio) or 0)
            raise Refine(pattern, e)

        return self._sign(expression, decide)

    def clean(self, expression: Expr) -> Expr:
        """What is known by now, put in."""
        return sp.sympify(expression).xreplace(self.replaced) if self.replaced else sp.sympify(expression)

    def _replace(self, symbol: Any, value: Expr) -> None:
        self.replaced = {key: sp.sympify(old).xreplace({symbol: value}) for key, old in self.replaced.items()}
        self.replaced[symbol] = value

    # ---- sums, maxima, indices, roots ---------------------------------------------------------------------------

    def sum(self, values: dict[Pattern, Expr]) -> Expr:
        """Σᵢ of a vector given pattern by pattern; a constant one gives length times it."""
        entries = [self.clean(values[p]) for p in self.patterns]
        if entries and all(e == entries[0] for e in entries) and not entries[0].free_symbols & self._terms():
            result = self.length * entries[0]
        else:
            result = sp.Add(*(p.sums.of(e) for p, e in zip(self.patterns, entries, strict=True)))
        self.summed.append((result, dict(zip(self.patterns, entries, strict=True))))
        return result

    def _terms(self) -> set[Any]:
        return {s for p in self.patterns for s in p.symbols}

    def maximum(self, values: dict[Pattern, Expr]) -> Expr:
        """maxᵢ of a vector: a symbol, positive or replaced by zero where the entries are magnitudes."""
        entries = {p: self.clean(values[p]) for p in self.patterns}
        first = entries[self.patterns[0]]
        if all(e == first for e in entries.values()) and not first.free_symbols & self._terms():
            return first
        content = self._content(entries)
        if content != 1:
            return content * self.maximum({p: sp.factor(e / content) for p, e in entries.items()})
        known = self.known_maximum(entries)
        if known is not None:
            return self.clean(known)
        signs = {p: self.entry_sign(e, p) for p, e in entries.items()}
        if any(s < 0 for s in signs.values()):
            symbol = sp.Symbol(f"M{len(self.maxima)}", real=True)
        else:
            if self.choose(2) == 1:
                self._empty([p for p, s in signs.items() if s > 0])
                return sp.S.Zero
            symbol = sp.Symbol(f"M{len(self.maxima)}", positive=True)
        self.maxima.append((symbol, entries))
        return symbol

    def _content(self, entries: dict[Pattern, Expr]) -> Expr:
        """A positive scalar that every entry has as a factor."""
        first = next(e for e in entries.values() if e != 0)
        content = sp.Mul(*(f for f in sp.Mul.make_args(first) if f.is_positive and not f.free_symbols & self._terms()))
        shared = all(e == 0 or set(sp.Mul.make_args(content)) <= set(sp.Mul.make_args(e)) for e in entries.values())
        return content if shared else sp.S.One

    def known_maximum(self, entries: dict[Pattern, Expr]) -> Any:
        """The symbol of the maximum of a vector, if it was taken before."""
        for symbol, old in self.maxima:
            if all(sp.expand(self.clean(old[p]) - self.clean(entries[p])) == 0 for p in self.patterns):
                return symbol
        return None

    def attained(self, symbol: Any) -> Index:
        """An index where a maximum is attained; the maximum becomes the entry there."""
        if symbol in self._attained:
            return self._attained[symbol]
        values = next(v for s, v in self.maxima if s == symbol)
        options = [p for p in self.patterns if not (symbol.is_positive and self.clean(values[p]).is_nonpositive)]
        pattern = options[self.choose(len(options))]
        index = self._index(pattern)
        self._attained[symbol] = index
        self._replace(symbol, self.clean(index.value(values)))
        return index

    def _index(self, pattern: Pattern) -> Index:
        name = f"j{len(self.indices)}"
        index = Index(name, pattern, {s: sp.Symbol(f"{s}@{name}", positive=True) for s in pattern.symbols})
        self.indices.append(index)
        return index

    def anywhere(self) -> Index:
        """Some index, about which nothing else is known."""
        return self._index(self.patterns[self.choose(len(self.patterns))])

    def _empty(self, patterns: Sequence[Pattern]) -> None:
        for pattern in patterns:
            if any(index.pattern is pattern for index in self.indices):
                raise Vacuous
            self.patterns.remove(pattern)
            self._replace(pattern.sums.count, sp.S.Zero)
            for symbol in pattern.sums.monomials().values():
                self._replace(symbol, sp.S.Zero)
        if not self.patterns:
            raise Vacuous

    def power(self, base: Expr, exponent: Expr) -> Expr:
        """A power of a scalar; roots of sums become symbols."""
        base = self.clean(base)
        if exponent.is_Integer and (exponent >= 0 or _evident_sign(base)):
            return base**exponent
        if self._is_sum(base):
            return self._root(base, exponent)
        sign = self.sign(base)
        if sign == 0:
            return sp.S.Zero if exponent > 0 else sp.nan
        if exponent.is_Integer:
            return base**exponent
        if sign < 0:
            return sp.nan
        result: Expr = sp.S.One
        for factor in sp.Mul.make_args(sp.factor(base)):
            inner, outer = factor.as_base_exp()
            # √(u²) is |u|: every factor enters with the sign that makes it positive; the signs cancel, as base > 0.
            result *= (-inner if self.sign(inner) < 0 else inner) ** (outer * exponent)
        return result

    def _is_sum(self, e: Expr) -> bool:
        names = {s for p in self.patterns for s in (*p.sums.monomials().values(), p.sums.count)}
        return bool(e.free_symbols & names)

    def _root(self, base: Expr, exponent: Expr) -> Expr:
        names = {s for p in self.patterns for s in (*p.sums.monomials().values(), p.sums.count)}
        content, rest = sp.factor(base).as_independent(*names, as_Add=False)
        lead = sp.Add.make_args(sp.expand(rest))[0].as_coeff_Mul()[0]
        content, rest = content * lead, sp.expand(rest / lead)
        if self.sign(content) < 0:
            return sp.nan
        outer = self.power(content, exponent)
        for root in self.roots:
            if sp.expand(self.clean(root.radicand) - rest) == 0:
                return outer * root.symbol ** (root.power * exponent)
        entries = self._entries(base, content)
        if entries is None:
            raise UntraceableError("a root was taken of something that is not a sum of magnitudes")
        if self.choose(2) == 1:
            self._empty([p for p in self.patterns if entries[p] != 0])
            return sp.S.Zero if exponent > 0 else sp.nan
        size = abs(exponent)
        symbol = sp.Symbol(f"R{len(self.roots)}", positive=True)
        roots = {p: self._entry_root(e, size, p) for p, e in entries.items()}
        self.roots.append(Root(symbol, 1 / size, roots if size <= 1 else None, rest))
        return outer * symbol ** (1 if exponent > 0 else -1)

    def _entry_root(self, entry: Expr, exponent: Expr, pattern: Pattern) -> Expr:
        result: Expr = sp.S.One
        for factor in sp.Mul.make_args(sp.factor(entry)):
            inner, outer = factor.as_base_exp()
            result *= (-inner if self.entry_sign(inner, pattern) < 0 else inner) ** (outer * exponent)
        return result

    def _entries(self, base: Expr, content: Expr) -> dict[Pattern, Expr] | None:
        """The nonnegative vector whose sum is base/content, as it was summed."""
        for result, values in reversed(self.summed):
            if sp.expand(self.clean(result) - base) == 0:
                entries = {p: sp.factor(self.clean(values[p]) / content) for p in self.patterns}
                return entries if all(self.entry_sign(e, p) >= 0 for p, e in entries.items()) else None
        return None


def _evident_sign(e: Expr) -> int | None:
    if e.is_positive:
        return 1
    if e.is_negative:
        return -1
    return 0 if e == 0 else None


CURRENT: ContextVar[Trace] = ContextVar("CURRENT")


def paths(patterns: Sequence[Pattern], length: Expr, run: Callable[[Trace], Any]) -> Iterator[tuple[Trace, Any]]:
    """Run on every path; the results of vacuous ones are left out.

    Raises:
        UntraceableError: the run cannot be traced, or has too many paths.
    """
    found: list[tuple[Trace, Any]] = []
    prefix: list[int] | None = []
    count = 0
    while prefix is not None:
        count += 1
        if count > _MOST_PATHS:
            raise UntraceableError("too many paths at generic length")
        trace = Trace(patterns, length, prefix)
        token = CURRENT.set(trace)
        try:
            found.append((trace, run(trace)))
        except Vacuous:
            pass
        except Refine as split:
            patterns = refine(patterns, split)
            found, prefix = [], []
            continue
        finally:
            CURRENT.reset(token)
        prefix = trace.following()
    yield from found
