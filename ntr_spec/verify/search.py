"""Finding the multipliers of a certificate: linear programming over the rationals, by Z3. Nothing here is trusted.

What is found goes through :func:`ntr_spec.verify.kernel.certify`, which expands it.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import sympy as sp

from ntr_spec.verify.kernel import CertificateError, Fact, Sign, certify, normal

Expr = Any


def find(target: Expr, facts: Sequence[Fact], sign: Sign = Sign.NONNEGATIVE, milliseconds: int = 2000) -> Fact | None:
    """A certificate of ``target`` from rational multiples of ``facts``, or None if there is none."""
    wanted = _coefficients(target)
    if sign is not Sign.POSITIVE and not wanted:
        return certify(target, [], sign)
    if sign is Sign.ZERO:
        facts = [f for f in facts if f.sign is Sign.ZERO]
    columns = [(fact, _coefficients(fact.gap)) for fact in facts]
    useful = _presolve(wanted, columns)
    if useful is None:
        return None
    found = _solve(wanted, useful, sign, milliseconds)
    if found is None:
        return None
    try:
        return certify(target, found, sign)
    except CertificateError:
        return None


Column = tuple[Fact, Mapping[Expr, Any]]


def _presolve(wanted: Mapping[Expr, Any], columns: Sequence[Column]) -> list[Column] | None:
    """Leave out facts that have a monomial which nothing can cancel; None if a wanted monomial cannot be made."""
    kept = list(columns)
    while True:
        up: set[Expr] = set()  # monomials that some weight can raise, and lower
        down: set[Expr] = set()
        for fact, coefficients in kept:
            for key, value in coefficients.items():
                if value > 0 or fact.sign is Sign.ZERO:
                    up.add(key)
                if value < 0 or fact.sign is Sign.ZERO:
                    down.add(key)
        if any(key not in (up if value > 0 else down) for key, value in wanted.items()):
            return None

        def dead(fact: Fact, key: Expr, value: Any, up: set[Expr] = up, down: set[Expr] = down) -> bool:
            # A row that must vanish, or has the other sign, in which all weights pull one way.
            goal = wanted.get(key, 0)
            return fact.sign is not Sign.ZERO and (
                (value > 0 and goal <= 0 and key not in down) or (value < 0 and goal >= 0 and key not in up)
            )

        left = [(f, c) for f, c in kept if not any(dead(f, key, value) for key, value in c.items())]
        if len(left) == len(kept):
            return kept
        kept = left


def _solve(
    wanted: Mapping[Expr, Any], columns: Sequence[Column], sign: Sign, milliseconds: int
) -> list[tuple[Any, Fact]] | None:
    import z3

    solver = z3.SolverFor("QF_LRA")
    solver.set("timeout", milliseconds)
    weights = [z3.Real(f"w{k}") for k in range(len(columns))]
    rows: dict[Expr, list[Any]] = {key: [] for key in wanted}
    for weight, (fact, coefficients) in zip(weights, columns, strict=True):
        if fact.sign is not Sign.ZERO:
            solver.add(weight >= 0)
        for key, value in coefficients.items():
            rows.setdefault(key, []).append(weight if value == 1 else weight * _rational(value))
    for key, terms in rows.items():
        solver.add(z3.Sum(terms) == _rational(wanted.get(key, sp.S.Zero)))
    if sign is Sign.POSITIVE:
        strict = [w for w, (fact, _) in zip(weights, columns, strict=True) if fact.sign is Sign.POSITIVE]
        if not strict:
            return None
        solver.add(z3.Sum(strict) > 0)
    if solver.check() != z3.sat:
        return None
    model = solver.model()
    found = [_value(model.eval(w, model_completion=True)) for w in weights]
    return [(value, fact) for value, (fact, _) in zip(found, columns, strict=True) if value != 0]


@functools.lru_cache(maxsize=8192)
def _coefficients(expression: Expr) -> Mapping[Expr, Any]:
    """Monomials and their rational coefficients, of the expanded expression."""
    found: dict[Expr, Any] = {}
    for part in sp.Add.make_args(normal(expression)):
        value, monomial = part.as_coeff_Mul()
        if not value.is_Rational:
            value, monomial = sp.S.One, part
        found[monomial] = found.get(monomial, sp.S.Zero) + value
    return {key: value for key, value in found.items() if value != 0}


def _rational(value: Any) -> Any:
    import z3

    return z3.RealVal(int(value.p)) if value.q == 1 else z3.RealVal(f"{value.p}/{value.q}")


def _value(number: Any) -> Any:
    return sp.Rational(number.numerator_as_long(), number.denominator_as_long())
