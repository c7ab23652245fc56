"""Formal sums over an index set of unspecified size: linear maps from termwise expressions to scalars."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, final

import sympy as sp

from ntr_spec.verify.algebra import CertificateError, normal

Expr = Any


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
        symbol: gives the symbol of a monomial's sum; by default its name is Σ, the label and the monomial.
    """

    __slots__ = ("_make", "_names", "_terms", "count", "label")

    def __init__(
        self,
        terms: Iterable[Any] | Callable[[], Iterable[Any]],
        count: Expr,
        label: str = "",
        symbol: Callable[[Expr], Any] | None = None,
    ) -> None:
        self._terms = terms if callable(terms) else tuple(terms)
        self.count = sp.sympify(count)
        self.label = label
        self._make = symbol or (lambda monomial: sum_symbol(f"Σ{label}[{monomial}]", monomial))
        self._names: dict[Expr, Any] = {}
        if not self.count.is_nonnegative:
            raise CertificateError(f"Sums: expected a nonnegative count, got {count}")

    @property
    def terms(self) -> tuple[Any, ...]:
        """The symbols that depend on i."""
        return tuple(self._terms() if callable(self._terms) else self._terms)

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
            self._names[monomial] = self._make(monomial)
        return self._names[monomial]

    def monomials(self) -> dict[Expr, Any]:
        """The monomials met so far and the symbols of their sums."""
        return dict(self._names)


def sum_symbol(name: str, monomial: Expr) -> Any:
    """A symbol for the sum of a monomial: nonnegative where the monomial is."""
    return sp.Symbol(name, **({"nonnegative": True} if monomial.is_nonnegative else {"real": True}))
