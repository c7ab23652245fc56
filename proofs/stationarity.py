"""What the proofs of T1, T2 and T4 share: descent at every step, summed, bounds E min ‖∇f(x_k) + s_k‖_*.

By induction on k, with E‖m_k − ∇f(x_k)‖_* ≤ (1−α)^k·first + level,

    (1−δ)ηk·E min_k ≤ F(x₀) − E F(x_k) + (2−δ)η((1 − (1−α)^k)/α·first + k·level) + k(3/2 − δ)Lη²,

as (k + 1)·min_{k+1} ≤ k·min_k + ‖∇f(x_{k+1}) + s_{k+1}‖_*. Then F(x₀) − F(x_K) ≤ Δ₀, and division by (1−δ)ηK.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import sympy as sp

from ntr_spec.theory.theorem import Theorem
from ntr_spec.verify.formal.assumptions import SYMBOLS
from ntr_spec.verify.formal.setting import Setting
from ntr_spec.verify.formal.vocabulary import INDEX
from ntr_spec.verify.kernel import Expr, Fact, certify, every_index, evident, instance, is_zero
from proofs import lemma_2
from proofs.statements import stated_terms

k = INDEX
HYPOTHESES = (*lemma_2.HYPOTHESES, "minimum", "Δ₀")
THREE_HALVES = sp.Rational(3, 2)


def summed(s: Setting, error: Fact, first: Expr, level: Expr) -> Fact:
    """The inequality above."""
    v, eta, a, delta = s.vocabulary, s.method.radius, s.alpha, s.delta
    errors = first * (1 - (1 - a) ** k) / a + k * level
    gap = v.mean(s.objective(s.x(sp.S.Zero)) - s.objective(s.x())) - (1 - delta) * eta * k * v.mean(s.least())
    gap += (2 - delta) * eta * errors + k * (THREE_HALVES - delta) * SYMBOLS.L * eta**2
    added = [
        (1, s.expect(lemma_2.descent(s))),
        ((1 - delta) * eta * k, s.expect(s.least_falls())),
        ((1 - delta) * eta, s.expect(s.least_bounds())),
        ((2 - delta) * eta, error),
    ]
    found = every_index(v, gap, evident(v.at(gap, 0)), lambda h: certify(v.at(gap, k + 1), [(1, h), *added]))
    return found.with_note("descent, summed")


def bound(s: Setting, error: Fact, first: Expr, level: Mapping[str, Expr], theorem: Theorem) -> Fact:
    """Σ of the theorem's terms − E min_K ≥ 0, given E‖m_k − ∇f(x_k)‖_* ≤ (1−α)^k·first + Σ level."""
    v, eta, a, delta, K = s.vocabulary, s.method.radius, s.alpha, s.delta, SYMBOLS.K
    total = sp.Add(*level.values())
    every = summed(s, error, first, total)
    ended = certify(
        every.gap - v.mean(s.objective(s.x(sp.S.Zero)) - s.objective(s.x())) + SYMBOLS.delta0,
        [(1, every), (1, s.expect(s.start(s.x())))],
    )
    last = instance(v, ended, K)
    sharp = {"start": SYMBOLS.delta0 / (eta * K), "first_noise": (2 - delta) * first / (a * K)}
    sharp["curvature"] = (THREE_HALVES - delta) * SYMBOLS.L * eta
    sharp |= {name: (2 - delta) * part for name, part in level.items()}
    forgotten = evident((2 - delta) * eta * first * (1 - a) ** K / a)
    least = v.mean(s.least(K))
    found = certify(
        sp.Add(*sharp.values()) / (1 - delta) - least, [(1, last), (1, forgotten)], multiplier=(1 - delta) * eta * K
    )
    return within(s, theorem, found, {name: part / (1 - delta) for name, part in sharp.items()}, least)


def within(s: Setting, theorem: Theorem, found: Fact, sharp: Mapping[str, Expr], measure: Expr) -> Fact:
    """Σ of the theorem's terms − measure ≥ 0, from Σ sharp − measure ≥ 0: no term of the theorem is smaller."""
    terms = stated_terms(theorem, s.dual_noise)
    differences = [sp.sympify(terms.get(name, 0) - sharp.get(name, 0)) for name in {**terms, **sharp}]
    spare = [(1, evident(difference)) for difference in differences if not is_zero(difference)]
    return certify(sp.Add(*terms.values()) - measure, [(1, found), *spare])


def noises(theorem: Theorem, granted: Iterable[str] | None) -> tuple[tuple[str, ...], ...]:
    """What is said to be granted; by default what the theorem names, and the same with A1* in place of A1 and A3."""
    if granted is not None:
        return (tuple(granted),)
    others = tuple(name for name in theorem.assumptions if name not in ("A1", "A3"))
    return (theorem.assumptions,) if others == theorem.assumptions else (theorem.assumptions, (*others, "A1*"))
