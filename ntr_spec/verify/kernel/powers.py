"""Powers, minima of convex functions, and what minima, maxima and ceilings are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sympy as sp

from ntr_spec.verify.algebra import CertificateError, finite, is_zero, nonnegative, normal
from ntr_spec.verify.kernel.fact import MAKER, Expr, Fact, Sign, one
from ntr_spec.verify.kernel.rules import in_domain


def powers_compare(larger: Expr, smaller: Expr, exponent: Expr, fact: Fact) -> Fact:
    """a ≥ b from aᵖ ≥ bᵖ, a ≥ 0 and p > 0; b may have any sign where p = 2 (then b > a ≥ 0 would give b² > a²)."""
    larger, smaller, exponent = (sp.sympify(e) for e in (larger, smaller, exponent))
    if not nonnegative(larger) or not exponent.is_positive or not (nonnegative(smaller) or exponent == 2):
        raise CertificateError(
            "powers_compare: expected nonnegative bases (any smaller one for p = 2) and an exponent > 0"
        )
    if (
        not in_domain(smaller, "real")
        or fact.sign is Sign.ZERO
        or not is_zero(fact.gap - (larger**exponent - smaller**exponent))
    ):
        raise CertificateError("powers_compare: the fact given is not about the powers")
    return Fact(larger - smaller, Sign.NONNEGATIVE, one(fact), MAKER, "powers_compare", detail={"exponent": exponent})


def powers_raise(larger: Expr, smaller: Expr, exponent: Expr, fact: Fact, lower: Fact | None = None) -> Fact:
    """aᵖ ≥ bᵖ from a ≥ b ≥ 0 and p > 0; ``lower`` says b ≥ 0 where that is not evident."""
    larger, smaller, exponent = (sp.sympify(e) for e in (larger, smaller, exponent))
    known = lower is not None and is_zero(lower.gap - smaller)
    if not (known or smaller.is_nonnegative) or not in_domain(larger, "real") or not exponent.is_positive:
        raise CertificateError("powers_raise: expected nonnegative bases and an exponent > 0")
    if fact.sign is Sign.ZERO or not is_zero(fact.gap - (larger - smaller)):
        raise CertificateError("powers_raise: the fact given is not about the bases")
    gap = larger**exponent - smaller**exponent
    parts = one(fact) if lower is None else (*one(fact), *one(lower))
    return Fact(gap, Sign.NONNEGATIVE, parts, MAKER, "powers_raise", detail={"exponent": exponent})


def extreme(atom: Expr, argument: Expr) -> Fact:
    """max(…, a, …) − a ≥ 0, a − min(…, a, …) ≥ 0 and ⌈a⌉ − a ≥ 0."""
    atom, argument = sp.sympify(atom), sp.sympify(argument)
    if not isinstance(atom, (sp.Max, sp.Min, sp.ceiling)) or argument not in atom.args or not _reals(atom.args):
        raise CertificateError(f"extreme: {argument} is not a real argument of {atom}, a minimum, maximum or ceiling")
    gap = argument - atom if isinstance(atom, sp.Min) else atom - argument
    return Fact(gap, Sign.NONNEGATIVE, (), MAKER, "extreme")


def attained(gap: Expr, atom: Expr, facts: Sequence[Fact]) -> Fact:
    """``gap`` ≥ 0 from the same with each argument of a minimum or maximum in its place: it equals one of them."""
    gap, atom = sp.sympify(gap), sp.sympify(atom)
    if not isinstance(atom, (sp.Max, sp.Min)) or not _reals(atom.args) or len(facts) != len(atom.args):
        raise CertificateError(f"attained: expected one fact for each of the real arguments of {atom}")
    for argument, fact in zip(atom.args, facts, strict=True):
        if not is_zero(fact.gap - gap.xreplace({atom: argument})):
            raise CertificateError(f"attained: {fact!r} is not the gap with {argument} in the place of {atom}")
    return Fact(gap, Sign.NONNEGATIVE, tuple((sp.S.One, fact) for fact in facts), MAKER, "attained")


def convex_minimum(function: Expr, variable: Any, at: Expr) -> Fact:
    """f(u) − f(u₀) ≥ 0 for u > 0 where f″ > 0 on u > 0 and f′(u₀) = 0, u₀ > 0 (the tangent lies below the graph).

    f is a sum of powers, logarithms and exponentials: what jumps may have such an f″ between its jumps.
    """
    function, at = sp.sympify(function), sp.sympify(at)
    if not all(_smooth(part, variable) for part in sp.Add.make_args(normal(function))):
        raise CertificateError(f"convex_minimum: {function} is not a sum of powers, logarithms and exponentials")
    second = sp.factor(sp.powsimp(sp.expand(sp.diff(function, variable, 2))))
    slope = sp.diff(function, variable).subs(variable, at)
    if not (variable.is_positive and at.is_positive and second.is_positive and is_zero(slope)):
        raise CertificateError(f"convex_minimum: {function} is not evidently convex with its minimum at {at}")
    gap = function - function.subs(variable, at)
    return Fact(gap, Sign.NONNEGATIVE, (), MAKER, "convex_minimum", detail={"variable": variable, "at": at})


def _smooth(part: Expr, u: Any) -> bool:
    """Whether a term is c·u^p, c·log u or c·exp(du), or has no u."""
    factor, rest = part.as_independent(u, as_Add=False)
    if rest.is_Pow and rest.base == u:
        inner = rest.exp
    elif isinstance(rest, sp.exp):
        inner = sp.cancel(rest.args[0] / u)
    else:
        inner = sp.S.Zero if rest in (1, u, sp.log(u)) else u
    return finite(factor) and finite(inner) and bool(inner.is_real) and not inner.has(u)


def _reals(expressions: Iterable[Expr]) -> bool:
    return all(expression.is_real for expression in expressions)
