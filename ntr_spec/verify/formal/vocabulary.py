"""What is measured of formal vectors, as SymPy symbols: inner products, norms, function values, and expectations.

Every symbol stands for a structure (:attr:`Vocabulary.meaning`), so that it can be written as mathematics and taken at
another index: :meth:`Vocabulary.at` sends ‖x_{k+1} − x_k‖ to ‖x_1 − x_0‖. Inner products are expanded bilinearly, norms
are homogeneous, expectations are linear and monotone; nothing else is known of any of them here.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any, final

import sympy as sp

from ntr_spec.verify.algebra import CertificateError, nonnegative, positive
from ntr_spec.verify.formal.structures import Inner, Integral, Kind, Mean, Norm, Number, Structure, Value, symbols_of
from ntr_spec.verify.formal.vectors import ZERO, Atom, HessianProduct, Image, Point, Vector, atom
from ntr_spec.verify.sums import Sums, sum_symbol

Expr = Any


@final
class Index(sp.Symbol):  # type: ignore[misc]
    """The index k of sequences: a fact in which it occurs, openly or within a structure, holds for every k ≥ 0."""

    __slots__ = ()


INDEX = Index("k", integer=True, nonnegative=True)


@dataclasses.dataclass(frozen=True)
class Recursion:
    """A sequence of vectors that is defined: its first term, and its term k + 1 from k."""

    first: Vector
    step: Callable[[Expr], Vector]


@final
class Vocabulary:
    """The symbols of one proof.

    Args:
        constants: symbols of numbers that are the same at every index and certain.
        variable: a symbol for the variable of integrals over [0, 1].
    """

    def __init__(self, constants: Iterable[Any], variable: Any = None) -> None:
        self.variable = sp.Symbol("t", nonnegative=True) if variable is None else variable
        self.constants = frozenset(constants) | {self.variable}
        self.meaning: dict[Any, Structure] = {}
        self._texts: dict[str, Any] = {constant.name: constant for constant in self.constants}
        self._recursions: dict[str, Recursion] = {}
        self._free: set[str] = set()
        self.expectation = Sums(self.random, sp.S.One, "E", self._summed(Mean), self)
        self.integral = Sums(self._integrated, sp.S.One, "∫", self._summed(Integral), self)

    # ---- vectors ----------------------------------------------------------------------------------------------

    def define(self, name: str, recursion: Recursion) -> None:
        """Define a sequence; its terms of index 0 and k + 1 are then what is defined, its term k is an atom.

        Raises:
            CertificateError: the name has a meaning already.
        """
        if name in self._recursions or name in self._free:
            raise CertificateError(f"Vocabulary.define: {name} has a meaning already; take another name")
        self._recursions[name] = Recursion(recursion.first, self._undefined)
        try:
            after = recursion.step(INDEX)
            self._check(recursion.first, after)
            if INDEX in recursion.first.free_symbols:
                raise CertificateError(f"Vocabulary.define: the first term of {name} depends on k")
        except Exception:
            del self._recursions[name]
            raise
        # What the function says of k is the definition; it is not asked again, for it could say something else.
        self._recursions[name] = Recursion(recursion.first, lambda index: self.vector_at(after, index))

    @staticmethod
    def _undefined(index: Expr) -> Vector:
        raise CertificateError(f"Vocabulary.define: a term is defined by itself or a later one, at {index + 1}")

    def point(self, name: str, index: Expr | None = None) -> Vector:
        """A named vector, or a term of a sequence of them."""
        if index is not None:
            index = self._index(index)
        if index is None or name not in self._recursions:
            self._free.add(name)
            return atom(Point(name, index))
        recursion = self._recursions[name]
        if index == 0:
            return recursion.first
        shift, _ = index.as_coeff_Add()
        return recursion.step(index - 1) if shift >= 1 else atom(Point(name, index))

    @staticmethod
    def _index(index: Expr) -> Expr:
        """The index, once it is sure that sequences have a term there."""
        index = sp.sympify(index)
        if not index.is_integer or not index.is_nonnegative:
            raise CertificateError(f"Vocabulary: {index} is not evidently an integer >= 0, so not an index")
        return index

    def recursion(self, name: str) -> Recursion | None:
        """The definition of a sequence, if it has one."""
        return self._recursions.get(name)

    def mentions(self, name: str) -> bool:
        """Whether the definition of a sequence contains a name."""
        texts = (str(v) for r in self._recursions.values() for v in (r.first, r.step(INDEX)))
        return any(name in text for text in texts)

    def gradient(self, at: Vector) -> Vector:
        """∇f(at)."""
        return self.image("∇f", at)

    def image(self, function: str, of: Vector) -> Vector:
        """A function of vectors, applied."""
        self._check(of)
        return atom(Image(function, of))

    def hessian(self, at: Vector, along: Vector) -> Vector:
        """∇²f(at) applied to a vector; linear in it."""
        self._check(at, along)
        total = ZERO
        for c, part in along.terms:
            total = total + c * atom(HessianProduct(at, part))
        return total

    # ---- numbers ----------------------------------------------------------------------------------------------

    def inner(self, u: Vector, v: Vector) -> Expr:
        """⟨u, v⟩, expanded."""
        self._check(u, v)
        total: Expr = sp.S.Zero
        for c, left in u.terms:
            for d, right in v.terms:
                first, second = sorted((left, right), key=str)
                total += c * d * self._symbol(Inner(first, second), nonnegative=left == right)
        return total

    def norm(self, v: Vector, kind: Kind = Kind.PRIMAL) -> Expr:
        """‖v‖ as |c|·‖v/c‖, c being the first coefficient, where its sign is evident; ‖−v‖ as ‖v‖; ‖0‖ as 0."""
        self._check(v)
        if not v:
            return sp.S.Zero
        lead = v.terms[0][0]
        ratios = [sp.cancel(c / lead) for c, _ in v.terms]
        size = lead if nonnegative(lead) else -lead if nonnegative(-lead) else None
        # c may be 0 if nothing else is divided by it: 0·‖v/c‖ is then ‖0‖.
        if size is not None and (positive(size) or all(ratio.is_Number for ratio in ratios)):
            unit = Vector(tuple((ratio, part) for ratio, (_, part) in zip(ratios, v.terms, strict=True)))
            return size * self._symbol(Norm(kind, unit), nonnegative=True)
        if lead.could_extract_minus_sign() if size is None else size != lead:
            v = -v
        return self._symbol(Norm(kind, v), nonnegative=True)

    def dual(self, v: Vector) -> Expr:
        """‖v‖_*."""
        return self.norm(v, Kind.DUAL)

    def value(self, function: str, at: Vector) -> Expr:
        """f(at) or R(at)."""
        self._check(at)
        return self._symbol(Value(function, at))

    def number(self, name: str, index: Expr) -> Expr:
        """A term of a sequence of real numbers."""
        return self._symbol(Number(name, self._index(index)))

    def mean(self, expression: Expr) -> Expr:
        """E of an expression: linear; symbols of the vocabulary are random, constants and k are not."""
        return self.expectation.of(expression)

    def random(self) -> tuple[Any, ...]:
        """The symbols that an expectation does not pull out."""
        return tuple(symbol for symbol, structure in self.meaning.items() if not isinstance(structure, Mean))

    def _integrated(self) -> tuple[Any, ...]:
        """The symbols that an integral does not pull out."""
        return (self.variable, *(symbol for symbol in self.meaning if self._moves(symbol)))

    def _moves(self, symbol: Any) -> bool:
        """Whether a symbol depends on the variable of integrals."""
        structure = self.meaning.get(symbol)
        if structure is None:
            return bool(symbol == self.variable)
        if isinstance(structure, Integral):
            return False
        if isinstance(structure, Mean):
            return any(self._moves(inner) for inner in structure.of.free_symbols)
        return self.variable in symbols_of(structure)

    def _check(self, *vectors: Vector) -> None:
        """Coefficients must be certain and the same for every run: no symbols of norms, values or means."""
        for v in vectors:
            if not v.free_symbols <= self.constants | {INDEX}:
                raise CertificateError(f"Vocabulary: the coefficients of {v} are not numbers known beforehand")

    # ---- indices ----------------------------------------------------------------------------------------------

    def varies(self, symbol: Any) -> bool:
        """Whether a symbol stands for a structure.

        Raises:
            CertificateError: it is neither that nor a constant nor the index.
        """
        if symbol in self.meaning:
            return True
        if symbol == INDEX or symbol in self.constants:
            return False
        raise CertificateError(f"Vocabulary: {symbol} is neither a constant nor a symbol of the vocabulary")

    def at(self, expression: Expr, index: Expr) -> Expr:
        """The expression with another index for k, throughout."""
        expression, index = sp.sympify(expression), sp.sympify(index)
        values = {s: self._shifted(self.meaning[s], index) for s in expression.free_symbols if self.varies(s)}
        found = expression.xreplace(values | {INDEX: index})
        return sp.expand_power_exp(found)

    def vector_at(self, v: Vector, index: Expr) -> Vector:
        """The vector with another index for k, throughout."""
        total = ZERO
        for c, part in v.terms:
            total = total + sp.expand_power_exp(sp.sympify(c).xreplace({INDEX: index})) * self._atom_at(part, index)
        return total

    def _atom_at(self, part: Atom, index: Expr) -> Vector:
        if isinstance(part, Point):
            return self.point(part.name, None if part.index is None else part.index.xreplace({INDEX: index}))
        if isinstance(part, Image):
            return self.image(part.function, self.vector_at(part.of, index))
        return self.hessian(self.vector_at(part.at, index), self._atom_at(part.along, index))

    def _shifted(self, structure: Structure, index: Expr) -> Expr:
        if isinstance(structure, Norm):
            return self.norm(self.vector_at(structure.of, index), structure.kind)
        if isinstance(structure, Inner):
            return self.inner(self._atom_at(structure.left, index), self._atom_at(structure.right, index))
        if isinstance(structure, Value):
            return self.value(structure.function, self.vector_at(structure.at, index))
        if isinstance(structure, Number):
            return self.number(structure.name, structure.index.xreplace({INDEX: index}))
        functional = self.expectation if isinstance(structure, Mean) else self.integral
        return functional.of(self.at(structure.of, index))

    def _summed(self, kind: type[Mean] | type[Integral]) -> Callable[[Expr], Any]:
        """What gives the symbol of the mean, or of the integral, of a monomial."""
        return lambda monomial: self._register(sum_symbol(str(kind(monomial)), monomial), kind(monomial))

    def _symbol(self, structure: Structure, nonnegative: bool = False) -> Any:
        domain = {"nonnegative": True} if nonnegative else {"real": True}
        return self._register(sp.Symbol(str(structure), **domain), structure)

    def _register(self, symbol: Any, structure: Structure) -> Any:
        """The symbol, once it is sure that its name stands for nothing else."""
        known = self._texts.setdefault(symbol.name, structure)
        if known != structure:
            raise CertificateError(f"Vocabulary: {symbol.name} would stand for two things, {known!r} and {structure!r}")
        self.meaning[symbol] = structure
        return symbol
