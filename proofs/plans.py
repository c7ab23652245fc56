"""Substituting a plan gives a bound of at most ε: how the terms of a theorem are bounded, whatever the plan.

A plan is made of minima, maxima and ceilings. A term is a product, and is bounded factor by factor: a minimum is at
most each of its arguments, a maximum or a ceiling at least; a minimum in a denominator is one of its arguments, so that
all of them are gone through; (1 − β)^K ≤ e^{−βK}. What is left has none of these, and the sum over terms is compared
with ε. Nothing is tuned to one theorem: the choice of arguments is searched, and the kernel checks what was found.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import sympy as sp

from ntr_spec.theory import Constants, Plan, Theorem
from ntr_spec.verify.algebra import nonnegative, positive
from ntr_spec.verify.kernel import (
    CertificateError,
    Fact,
    Sign,
    attained,
    certify,
    convex_minimum,
    evident,
    extreme,
    powers_raise,
    substitute,
)
from proofs.statements import DELTA, cases

Expr = Any
Proof = Callable[[], Fact]
Bound = tuple[Expr, Proof]
"""B, and what certifies B − t ≥ 0: asked for once B is chosen."""
EXTREMES = (sp.Min, sp.Max, sp.ceiling)
_MOST = 256  # bounds of a term that are tried, and ways to choose among them for all terms


def facts(theorem: Theorem) -> tuple[Fact, ...]:
    """All that is proved of a theorem's plan: exact and inexact steps, constants that vanish, the conditions."""
    found = [bounded(theorem, some, delta=delta).with_note(words) for words, some, delta in cases(theorem)]
    return (*found, *admissible(theorem))


def bounded(theorem: Theorem, constants: Constants, plan: Plan | None = None, delta: Expr = sp.S.Zero) -> Fact:
    """ε − Σ terms at the plan ≥ 0, whatever positive numbers the symbols stand for.

    Args:
        theorem: T1 to T5, or a sibling with other constants in its bound.
        constants: symbols, or zeros.
        plan: by default the theorem's own.
        delta: of the steps, and of the theorem's plan.

    Raises:
        CertificateError: no choice of arguments shows it.
    """
    eps = theorem.symbols.eps
    plan = theorem.plan(constants, eps, delta) if plan is None else plan
    terms = {name: sp.sympify(t) for name, t in theorem.terms(constants, plan, plan.steps, delta).items()}
    choices = [_candidates(term, eps) for term in terms.values()]
    for name, found in zip(terms, choices, strict=True):
        if not found:
            raise CertificateError(f"{theorem.name}: the plan bounds {name} by nothing without a minimum or a maximum")
    total: Expr = sp.Add(*terms.values())
    for chosen in itertools.islice(itertools.product(*choices), _MOST):
        rest = sp.factor(eps - sp.Add(*(bound for bound, _ in chosen)))
        try:
            left = evident(rest)
        except CertificateError:
            continue
        return certify(eps - total, [(1, left), *((1, proof()) for _, proof in chosen)])
    raise CertificateError(f"{theorem.name}: the bound at the plan is not at most ε by any choice of arguments")


def admissible(theorem: Theorem, delta: Expr = DELTA) -> tuple[Fact, ...]:
    """What the theorem asks of a plan: K ≥ 1, α ≤ 1; with decay β ≤ 1 and (1−δ)η/β = D; and 2β ≤ α for T5."""
    plan, reach = theorem.symbolic_plan(delta), theorem.symbols.D
    found = [proof().with_note("K ≥ 1") for bound, proof in _below(plan.steps) if bound == 1]
    if theorem.momentum:
        found.append(_at_most_one(plan.alpha).with_note("α ≤ 1"))
    if theorem.decays:
        found.append(_at_most_one(plan.decay).with_note("β ≤ 1"))
        found.append(certify((1 - delta) * plan.radius / plan.decay - reach, [], Sign.ZERO).with_note("(1−δ)η/β = D"))
        if theorem.extrapolates:
            ratio = _at_most_one(2 * plan.decay / plan.alpha)
            found.append(certify(plan.alpha - 2 * plan.decay, [(plan.alpha, ratio)]).with_note("2β ≤ α"))
    return tuple(found)


def _candidates(term: Expr, eps: Expr) -> list[Bound]:
    """The first bound of a term that is a multiple of ε; if there is none, all different ones."""
    found: dict[Expr, Proof] = {}
    for bound, proof in itertools.islice(upper(term), _MOST):
        found.setdefault(bound, proof)
        if _multiples(bound, eps):
            return [(bound, proof)]
    return list(found.items())


def _multiples(a: Expr, b: Expr) -> bool:
    """Whether one is a multiple of the other, δ being any."""
    ratio: Expr = a / b
    return bool(ratio.free_symbols <= DELTA.free_symbols)


def upper(term: Expr) -> Iterator[Bound]:
    """Bounds of a positive product from above that have no minimum, maximum or ceiling."""
    factors = term.as_powers_dict()
    mixed = [base for base in factors if (base ** factors[base]).has(*EXTREMES)]
    if not mixed:
        yield term, lambda: certify(sp.S.Zero, [])
        return
    # Powers of 1 − β first; those inside others last, for what they are inside of may cancel them.
    mixed.sort(key=lambda b: (factors[b].has(*EXTREMES), (b ** factors[b]).count(_is_extreme), str(b)), reverse=True)
    for base in mixed[:1] if factors[mixed[0]].has(*EXTREMES) else mixed:
        for bound, proof in _replaced(term, base, factors[base]):
            for closed, rest in upper(bound):
                yield closed, functools.partial(_chain, closed - term, proof, rest)


def _chain(gap: Expr, *proofs: Proof) -> Fact:
    return certify(gap, [(1, proof()) for proof in proofs])


def _is_extreme(expression: Expr) -> bool:
    return isinstance(expression, EXTREMES)


def _replaced(term: Expr, base: Expr, exponent: Expr) -> Iterator[Bound]:
    """Bounds of a term by one of its factors."""
    others = term / base**exponent
    if exponent.has(*EXTREMES):
        for factor, proof in _decayed(base, exponent):
            yield others * factor, functools.partial(_scaled, others * factor - term, others, proof)
    elif isinstance(base, sp.Min) and positive(exponent):
        for argument in base.args:
            bound = others * argument**exponent
            power = functools.partial(_power, argument, base, exponent)
            yield bound, functools.partial(_scaled, bound - term, others, power)
    elif isinstance(base, sp.Min):
        yield from _every_case(term, base)
    elif isinstance(base, sp.ceiling) and exponent == -1:
        for argument, proof in _below(base):
            if positive(argument):
                bound = others / argument
                yield bound, functools.partial(_scaled, bound - term, bound / base, proof)


def _scaled(gap: Expr, weight: Expr, proof: Proof) -> Fact:
    return certify(gap, [(weight, proof())])


def _power(argument: Expr, minimum: Expr, exponent: Expr) -> Fact:
    return powers_raise(argument, minimum, exponent, extreme(minimum, argument))


def _below(steps: Expr) -> Iterator[Bound]:
    """Numbers a with ⌈max{…, a, …}⌉ − a ≥ 0."""
    (inner,) = steps.args
    for argument in inner.args if isinstance(inner, sp.Max) else ():
        pair = (functools.partial(extreme, steps, inner), functools.partial(extreme, inner, argument))
        yield argument, functools.partial(_chain, steps - argument, *pair)


def _every_case(term: Expr, minimum: Expr) -> Iterator[Bound]:
    """Bounds that hold with each argument in the place of a minimum: the largest of those found."""
    cases = [list(itertools.islice(upper(term.xreplace({minimum: a})), _MOST)) for a in minimum.args]
    for bounds in itertools.product(*cases):
        for largest in dict.fromkeys(bound for bound, _ in bounds):
            if all(_multiples(b, largest) and nonnegative(sp.factor(largest - b)) for b, _ in bounds):
                yield largest, functools.partial(_cases, largest, term, minimum, bounds)


def _cases(largest: Expr, term: Expr, minimum: Expr, bounds: tuple[Bound, ...]) -> Fact:
    found = []
    for bound, proof in bounds:
        fact, more = proof(), evident(sp.factor(largest - bound))
        found.append(certify(fact.gap + more.gap, [(1, fact), (1, more)]))
    return attained(largest - term, minimum, found)


def _decayed(base: Expr, steps: Expr) -> Iterator[Bound]:
    """e^{−βa} as a bound of (1 − β)^K for each a ≤ K, 0 ≤ β ≤ 1."""
    decay = sp.expand(1 - base)
    for argument, below in _below(steps):
        bound = sp.exp(sp.expand(-decay * argument))
        if not bound.has(*EXTREMES):  # a = log(…)/β, which the plan has for this
            yield bound, functools.partial(_exponential, decay, base, steps, argument, below)


def _exponential(decay: Expr, base: Expr, steps: Expr, argument: Expr, below: Proof) -> Fact:
    """e^{−βa} − (1 − β)^K ≥ 0, by 1 − β ≤ e^{−β} and e^{−βK} ≤ e^{−βa}, both from e^{−x} ≥ 1 − x."""
    x, u = sp.Symbol("x", real=True), sp.Symbol("u", positive=True)
    tangent = substitute(convex_minimum(u - sp.log(u) - 1, u, sp.S.One), {u: sp.exp(-x)})  # e^{−x} + x − 1 ≥ 0
    step = certify(sp.exp(-decay) - base, [(1, substitute(tangent, {x: decay}))])
    power = powers_raise(sp.exp(-decay), base, steps, step, _at_most_one(decay))
    grown = substitute(tangent, {x: -decay * (steps - argument)})  # e^w − w − 1 ≥ 0 for w = β(K − a)
    faded, bound = sp.exp(-decay * steps), sp.exp(sp.expand(-decay * argument))
    later = certify(bound - faded, [(faded, grown), (faded * decay, below())])
    return certify(bound - base**steps, [(1, later), (1, power)])


def _at_most_one(number: Expr) -> Fact:
    """1 − number ≥ 0, the number being a product."""
    for bound, proof in upper(number):
        if nonnegative(sp.factor(1 - bound)):
            return certify(1 - number, [(1, proof()), (1, evident(sp.factor(1 - bound)))])
    raise CertificateError(f"{number} is not seen to be at most 1")
