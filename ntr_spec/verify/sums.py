"""Formal sums over an index set of unspecified size: linear maps from termwise expressions to scalars."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, final

import sympy as sp

from ntr_spec.verify.algebra import CertificateError, normal

Expr = Any


class SumName(str):
    """The name of a sum's symbol. That of another sum may look alike: ``key`` tells them apart.

    The symbol is ordered among others as its text is; a subclass of ``Symbol`` would not be.
    """

    __slots__ = ("key",)

    key: object

    def __new__(cls, text: str, key: object) -> SumName:
        """Names with equal keys are the same."""
        made = super().__new__(cls, text)
        made.key = key
        return made

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SumName) and self.key == other.key

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self.key)


@final
class Sums:
    """Formal sums Σᵢ over an index set of unspecified size: a linear map from termwise expressions to scalars.

    ``of(e)`` expands e, pulls out what does not depend on i, and names each termwise monomial's sum by a symbol, which
    is nonnegative where the monomial is. With a count of 1 it is every monotone linear functional that maps 1 to 1: an
    expectation, an average, an integral over [0, 1].

    Args:
        terms: the symbols that depend on i; or a function that gives those known so far.
        count: Σᵢ 1, a nonnegative expression.
        label: tells the symbols of different index sets apart.
        symbol: gives the symbol of a monomial's sum; by default its name is Σ, the label and the monomial, and no other
            sums have it. With it, this is a functional and no sum: it need not be at least one of its terms.
        owner: whose functional this is.
    """

    __slots__ = ("_make", "_names", "_terms", "count", "label", "owner", "plain")

    def __init__(
        self,
        terms: Iterable[Any] | Callable[[], Iterable[Any]],
        count: Expr,
        label: str = "",
        symbol: Callable[[Expr], Any] | None = None,
        owner: object = None,
    ) -> None:
        self._terms = terms if callable(terms) else tuple(terms)
        self.plain = symbol is None and not callable(terms)
        self.owner = owner
        self.count = sp.sympify(count)
        self.label = label
        self._make = symbol or self._own
        self._names: dict[Expr, Any] = {}
        if not self.count.is_nonnegative:
            raise CertificateError(f"Sums: expected a nonnegative count, got {count}")

    @property
    def terms(self) -> tuple[Any, ...]:
        """The symbols that depend on i."""
        return tuple(self._terms() if callable(self._terms) else self._terms)

    @property
    def key(self) -> tuple[Any, ...]:
        """What tells the index set, and what is known of it, from others."""
        return (self.label, self._terms, self.count)

    def of(self, termwise: Expr) -> Expr:
        """Σᵢ of a termwise expression."""
        terms = self.terms
        total: Expr = sp.S.Zero
        for part in sp.Add.make_args(normal(termwise)):
            scalar, monomial = part.as_independent(*terms, as_Add=False)
            total += scalar * self._sum(monomial)
        return total

    def _sum(self, monomial: Expr) -> Expr:
        if monomial == 1:
            return self.count
        if monomial not in self._names:
            self._names[monomial] = self._checked(monomial, self._make(monomial))
        return self._names[monomial]

    def _own(self, monomial: Expr) -> Any:
        name = f"Σ{self.label}[{monomial}]"
        return sum_symbol(SumName(name, (self.key, monomial)), monomial)

    def _checked(self, monomial: Expr, symbol: Any) -> Any:
        """The symbol, if it is one of its own, and says no more of the sum than is so."""
        good = isinstance(symbol, sp.Symbol) and symbol._assumptions_orig == _sign(monomial)
        if not good or symbol in self._names.values() or symbol in self.count.free_symbols:
            raise CertificateError(f"Sums: {symbol} cannot stand for the sum of {monomial}")
        return symbol

    def monomials(self) -> dict[Expr, Any]:
        """The monomials met so far and the symbols of their sums."""
        return dict(self._names)


def sum_symbol(name: str, monomial: Expr) -> Any:
    """A symbol for the sum of a monomial: nonnegative where the monomial is."""
    return sp.Symbol(name, **_sign(monomial))


def _sign(monomial: Expr) -> dict[str, bool]:
    return {"nonnegative": True} if monomial.is_nonnegative else {"real": True}
