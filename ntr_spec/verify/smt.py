"""Traced terms as Z3 formulas over the reals, and the decision whether one holds for all inputs.

Quotients and roots become fresh variables with their defining equations:

* q = a/b:  b = 0 or q·b = a.      Where b = 0 the variable is free.
* r = a^{1/n}:  r ≥ 0, and a < 0 or rⁿ = a.   Where a < 0 the variable is free.

Every input extends to values of the fresh variables, so the definitions exclude no input; and the truth of a formula
where it is defined (:func:`~ntr_spec.verify.symbolic.ground.definedness`) does not depend on free ones. Hence, if the
negation is unsatisfiable and the formula is defined, it holds. Z3's own x/0, an arbitrary number, is never used.

Reference: de Moura and Bjørner, *Z3: An Efficient SMT Solver* (2008); Jovanović and de Moura, *Solving Non-linear
Arithmetic* (2012).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import z3

from ntr_spec.errors import UntraceableError
from ntr_spec.verify.symbolic.term import Term

_HIGHEST_DEGREE = 64  # of a root or a power; beyond it polynomials are hopeless for Z3
_MEMORY_MB = 1500


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What Z3 says about a formula.

    Attributes:
        holds: True if it holds for all inputs, False if not, None if Z3 gave up.
        counterexample: where it fails: a rational for each symbol, nearest to Z3's number if that is irrational.
        reason: why Z3 gave up.
    """

    holds: bool | None
    counterexample: dict[Term, Fraction] = dataclasses.field(default_factory=dict)
    reason: str = ""


class Encoder:
    """Translates terms to Z3, each once. ``definitions`` collects what the fresh variables must satisfy."""

    def __init__(self) -> None:
        self.context = z3.Context()
        self.definitions: list[Any] = []
        self.symbols: dict[Term, Any] = {}
        self._known: dict[Term, Any] = {}
        self._roots: dict[tuple[Term, int], Any] = {}

    def encode(self, term: Term) -> Any:
        """The Z3 expression of a term (a number or a truth value)."""
        found = self._known.get(term)
        if found is None:
            found = self._known[term] = self._encode(term)
        return found

    def _fresh(self, letter: str) -> Any:
        return z3.FreshReal(letter, ctx=self.context)

    def _encode(self, term: Term) -> Any:
        op = term.op
        if op == "const":
            return z3.Q(term.value.numerator, term.value.denominator, ctx=self.context)
        if op == "symbol":
            variable = z3.Real(str(term.value), ctx=self.context)
            self.symbols[term] = variable
            if term.positive:
                self.definitions.append(variable > 0)
            return variable
        if op in ("true", "false"):
            return z3.BoolVal(op == "true", ctx=self.context)
        if op == "undefined":
            return self._fresh("undefined")
        if op == "pow":
            return self._power(term)
        args = [self.encode(a) for a in term.args]
        if op == "div":
            quotient = self._fresh("quotient")
            equation = quotient * args[1] == args[0]
            self.definitions.append(
                equation if term.args[1].positive and term.args[1].total else z3.Or(args[1] == 0, equation)
            )
            return quotient
        return _PLAIN[op](*args)

    def _power(self, term: Term) -> Any:
        exponent: Fraction = term.value
        if max(exponent.numerator, exponent.denominator) > _HIGHEST_DEGREE:
            raise UntraceableError(
                f"the exponent {exponent} is beyond Z3's reach; use a certificate or the property engine"
            )
        base = self.encode(term.args[0])
        if exponent.denominator > 1:
            base = self._root(term.args[0], base, exponent.denominator)
        return _product([base] * exponent.numerator)

    def _root(self, inner: Term, base: Any, degree: int) -> Any:
        found = self._roots.get((inner, degree))
        if found is None:
            found = self._roots[inner, degree] = self._fresh("root")
            equation = _product([found] * degree) == base
            self.definitions.append(found >= 0)
            self.definitions.append(equation if inner.nonneg and inner.total else z3.Or(base < 0, equation))
        return found


def _product(factors: list[Any]) -> Any:
    result = factors[0]
    for factor in factors[1:]:
        result = result * factor
    return result


_PLAIN: dict[str, Callable[..., Any]] = {
    "add": lambda a, b: a + b,
    "mul": lambda a, b: a * b,
    "abs": lambda a: z3.If(a >= 0, a, -a),
    "sign": lambda a: z3.If(a > 0, _like(a, 1), z3.If(a < 0, _like(a, -1), _like(a, 0))),
    "max": lambda a, b: z3.If(a >= b, a, b),
    "min": lambda a, b: z3.If(a <= b, a, b),
    "where": lambda c, a, b: z3.If(c, a, b),
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
    "eq": lambda a, b: a == b,
    "not": lambda a: z3.Not(a),
    "and": lambda *parts: z3.And(*parts),
    "or": lambda *parts: z3.Or(*parts),
}


def _like(a: Any, value: int) -> Any:
    return z3.RealVal(value, ctx=a.ctx)


def decide(formula: Term, seconds: float, steps: int = 0) -> Verdict:
    """Whether a truth value holds for all real values of its symbols.

    Args:
        formula: a truth value that implies its own definedness.
        seconds: Z3's time limit.
        steps: Z3's limit on its own count of work, which does not depend on the machine; 0 is none.

    Raises:
        UntraceableError: the formula has powers of a degree that Z3 can't handle.
    """
    encoder = Encoder()
    claim = encoder.encode(formula)
    solver = z3.Solver(ctx=encoder.context)
    solver.set("timeout", max(1, int(seconds * 1000)))
    solver.set("max_memory", _MEMORY_MB)
    solver.set("rlimit", steps)
    solver.add(*encoder.definitions)
    solver.add(z3.Not(claim))
    try:
        answer = solver.check()
    except z3.Z3Exception as error:
        return Verdict(None, reason=f"Z3 stopped: {error}")
    if answer == z3.unsat:
        return Verdict(True)
    if answer == z3.sat:
        model = solver.model()
        return Verdict(False, {s: _rational(model.eval(v, model_completion=True)) for s, v in encoder.symbols.items()})
    return Verdict(None, reason=str(solver.reason_unknown()))


def _rational(value: Any) -> Fraction:
    if z3.is_algebraic_value(value):
        value = value.approx(20)
    return Fraction(value.numerator_as_long(), value.denominator_as_long())


def decide_zero(number: Term, seconds: float) -> bool:
    """True only if a ground term is zero, as Z3's algebraic numbers have it."""
    encoder = Encoder()
    value = encoder.encode(number)
    solver = z3.Solver(ctx=encoder.context)
    solver.set("timeout", max(1, int(seconds * 1000)))
    solver.add(*encoder.definitions)
    solver.add(value != 0)
    return bool(solver.check() == z3.unsat)
