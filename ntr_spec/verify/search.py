"""Finding the multipliers of a certificate: linear programming over the rationals, by Z3. Nothing here is trusted.

What is found goes through :func:`ntr_spec.verify.kernel.certify`, which expands it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp

from ntr_spec.verify.kernel import CertificateError, Fact, Sign, certify, normal

Expr = Any


def find(
    target: Expr, facts: Sequence[Fact], sign: Sign = Sign.NONNEGATIVE, milliseconds: int = 2000
) -> Fact | None:
    """A certificate of ``target`` from rational multiples of ``facts``, or None if there is none."""
    import z3

    wanted = _coefficients(target)
    if sign is not Sign.POSITIVE and not wanted:
        return certify(target, [], sign)
    if sign is Sign.ZERO:
        facts = [f for f in facts if f.sign is Sign.ZERO]
    rows: dict[Expr, Any] = {key: -_rational(value) for key, value in wanted.items()}
    solver = z3.Solver()
    solver.set("timeout", milliseconds)
    weights = [z3.Real(f"w{k}") for k in range(len(facts))]
    strict = []
    for weight, fact in zip(weights, facts, strict=True):
        if fact.sign is not Sign.ZERO:
            solver.add(weight >= 0)
        if fact.sign is Sign.POSITIVE:
            strict.append(weight)
        for key, value in _coefficients(fact.gap).items():
            rows[key] = rows.get(key, z3.RealVal(0)) + weight * _rational(value)
    solver.add(*(row == 0 for row in rows.values()))
    if sign is Sign.POSITIVE:
        if not strict:
            return None
        solver.add(z3.Sum(strict) > 0)
    if solver.check() != z3.sat:
        return None
    model = solver.model()
    found = [(_value(model.eval(w, model_completion=True)), f) for w, f in zip(weights, facts, strict=True)]
    try:
        return certify(target, [(w, f) for w, f in found if w != 0], sign)
    except CertificateError:
        return None


def _coefficients(expression: Expr) -> dict[Expr, Any]:
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

    return z3.Q(int(value.p), int(value.q))


def _value(number: Any) -> Any:
    return sp.Rational(number.numerator_as_long(), number.denominator_as_long())
