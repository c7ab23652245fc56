"""Whether what was proved is what is stated: theorems and plans, beside their code in :mod:`ntr_spec.theory`.

A proof may conclude anything that is true. What makes it a proof of T2 is that its gap is T2's bound less T2's measure,
for T2's method; of a plan, that it is ε less the bound at the plan.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import sympy as sp

from ntr_spec.theory import THEOREMS, Theorem
from ntr_spec.verify.algebra import Unit
from ntr_spec.verify.formal.assumptions import STANDING, SYMBOLS
from ntr_spec.verify.formal.setting import Setting, names
from ntr_spec.verify.formal.vocabulary import INDEX, Vocabulary
from ntr_spec.verify.kernel import CertificateError, Fact, Sign, is_zero

Expr = Any
Claim = tuple[str, Expr, Sign]
"""What is claimed in words, its gap and its sign."""
DELTA: Expr = 1 - Unit("s", positive=True)
"""Any number in [0, 1), s being any in (0, 1]."""
CONSTANTS = ("L", "H", "rho", "sigma", "delta0", "D", "eta", "K", "delta")
_BY_NUMBER = {theorem.name[1:]: theorem for theorem in THEOREMS}


def check_statement(
    name: str, facts: Sequence[Fact], theorem: Theorem | None = None, granted: Iterable[str] | None = None
) -> None:
    """Raise CertificateError unless the facts of a theorem or plan are what it states; others are not looked at.

    Args:
        name: of the lemma.
        facts: what its proof concludes.
        theorem: what was to be proved, if not the theorem of that number.
        granted: from which assumptions, if not the theorem's.
    """
    kind, _, number = name.partition("_")
    if kind == "theorem":
        theorem = theorem or _BY_NUMBER[number]
        for fact in facts:
            _check_bound(theorem, fact)
            _check_grounds(theorem, fact)
        if granted is None and all("A1*" in names(fact) for fact in facts):
            raise CertificateError(f"{theorem.name}: nothing is proved from {', '.join(theorem.assumptions)}")
    elif kind == "plan":
        for words, gap, sign in plan_claims(theorem or _BY_NUMBER[number]):
            if not any(not f.hypotheses and f.sign is sign and _same(f.gap, gap) for f in facts):
                raise CertificateError(f"proofs.{name}: it is not among the facts proved that {words}")


def _same(first: Expr, second: Expr) -> bool:
    return bool(first == second) or is_zero(first - second)


# ---- theorems --------------------------------------------------------------------------------------------------------


def _check_bound(theorem: Theorem, fact: Fact) -> None:
    v = fact.vocabulary
    if v is None or fact.sign is Sign.ZERO:
        raise CertificateError(f"{theorem.name}: {fact!r} bounds nothing of its method")
    method = Setting(
        momentum=theorem.momentum, noisy=theorem.momentum, decay=theorem.decays, extrapolation=theorem.extrapolates
    ).vocabulary
    for sequence, index in itertools.product("my", (sp.S.Zero, INDEX + 1)):
        if v.point(sequence, index) != method.point(sequence, index):
            raise CertificateError(f"{theorem.name}: what is proved is about another method; {sequence} differs")
    stated = sp.Add(*stated_terms(theorem, "A1*" in names(fact)).values()) - measure(theorem, v)
    if not _same(fact.gap, stated):
        raise CertificateError(f"{theorem.name}: what is proved is {fact.gap} >= 0, and what is stated {stated} >= 0")


def _check_grounds(theorem: Theorem, fact: Fact) -> None:
    """The theorem's assumptions, A1* in place of A1 and A3; and what is always granted, T5's 2β ≤ α to T5 only."""
    dual = "A1*" in names(fact)
    given = {"A1*", *theorem.assumptions} - {"A1", "A3"} if dual else set(theorem.assumptions)
    standing = STANDING if theorem.decays and theorem.extrapolates else STANDING - {"2β ≤ α"}
    if beyond := names(fact) - given - standing:
        raise CertificateError(f"{theorem.name}: what is proved rests on {', '.join(sorted(beyond))} too")


def stated_terms(theorem: Theorem, dual_noise: bool) -> dict[str, Expr]:
    """The theorem's terms, which its own code gives, in the symbols of the assumptions; noise as ρσ or as κσ_*."""
    theirs = theorem.symbols
    values = {getattr(theirs, name): getattr(SYMBOLS, name) for name in CONSTANTS}
    values |= {theirs.alpha: SYMBOLS.alpha if theorem.momentum else sp.S.One, theirs.beta: SYMBOLS.beta}
    if dual_noise:
        values |= {theirs.rho: SYMBOLS.kappa, theirs.sigma: SYMBOLS.sigma_dual}
    terms = theorem.symbolic_terms(theirs.delta)
    return {name: sp.sympify(term).subs(values, simultaneous=True) for name, term in terms.items()}


def measure(theorem: Theorem, v: Vocabulary) -> Expr:
    """What is bounded: E min_K, or E F(x_K) − E F(x*)."""
    if theorem.measure == "stationarity":
        return v.mean(v.number("min", SYMBOLS.K))
    last, best = v.point("x", SYMBOLS.K), v.point("x*")
    return v.mean(sum(v.value(f, last) - v.value(f, best) for f in "fR"))


# ---- plans -----------------------------------------------------------------------------------------------------------


def plan_claims(theorem: Theorem) -> Iterator[Claim]:
    """What has to be proved of a plan: that its bound is at most ε, and what the theorem asks of it."""
    for words, constants, delta in cases(theorem):
        plan = theorem.plan(constants, theorem.symbols.eps, delta)
        bound = theorem.bound(constants, plan, plan.steps, delta)
        yield f"the bound is at most ε with {words}", theorem.symbols.eps - bound, Sign.NONNEGATIVE
    plan = theorem.symbolic_plan(DELTA)
    yield "K ≥ 1", plan.steps - 1, Sign.NONNEGATIVE
    if theorem.momentum:
        yield "α ≤ 1", 1 - plan.alpha, Sign.NONNEGATIVE
    if theorem.decays:
        yield "β ≤ 1", 1 - plan.decay, Sign.NONNEGATIVE
        yield "(1−δ)η/β = D", (1 - DELTA) * plan.radius / plan.decay - theorem.symbols.D, Sign.ZERO
        if theorem.extrapolates:
            yield "2β ≤ α", plan.alpha - 2 * plan.decay, Sign.NONNEGATIVE


def cases(theorem: Theorem) -> Iterator[tuple[str, Any, Expr]]:
    """Constants and δ for which a plan is to be proved: all positive, and any that may vanish 0.

    A gap of ε < Δ₀ is asked for, so that Δ₀ > 0 there.
    """
    constants = theorem.symbols.constants
    yield "exact steps: δ = 0", constants, sp.S.Zero
    yield "inexact steps: every δ = 1 − s in [0, 1)", constants, DELTA
    possible = (("sigma", "noise"), ("H", "H"), ("delta0", "" if theorem.decays else "delta0"))
    may_vanish = [name for name, need in possible if need in theorem.needs]
    for count in range(1, len(may_vanish) + 1):
        for chosen in itertools.combinations(may_vanish, count):
            yield f"{' = '.join(chosen)} = 0", dataclasses.replace(constants, **dict.fromkeys(chosen, 0)), sp.S.Zero
