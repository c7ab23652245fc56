"""What the proofs of T3 and T5 share: under decay and A5, one step brings F(x_k) − F(x*) down.

With z = (1−β)x_k + βx* and c = (1−β)x_k: ⟨m + s, x₊ − z⟩ ≤ 0, for the step does at least as well as z, whose distance
from c is β‖x*‖ ≤ (1−δ)η. The descent lemma at (x_k, x₊) and (x_k, z), the subgradient inequality at z and Hölder give

    F(x₊) ≤ F(z) + 2η‖m_k − ∇f(x_k)‖_* + 4Lη²,    F(z) ≤ (1−β)F(x_k) + βF(x*),

all of x₊, x_k and z being within 2η of each other (Lemma 4).
"""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from ntr_spec.theory.theorem import Theorem
from ntr_spec.verify.formal.assumptions import SYMBOLS
from ntr_spec.verify.formal.setting import Setting
from ntr_spec.verify.formal.vectors import Vector
from ntr_spec.verify.formal.vocabulary import INDEX
from ntr_spec.verify.kernel import Expr, Fact, certify, every_index, evident, instance
from proofs import descent_lemma, lemma_4
from proofs.stationarity import within

k = INDEX
HYPOTHESES = (*descent_lemma.HYPOTHESES, *lemma_4.HYPOTHESES, "R convex", "A5", "Δ₀")
L = SYMBOLS.L


def target_point(s: Setting) -> Vector:
    """z = (1−β)x_k + βx*."""
    z: Vector = (1 - s.beta) * s.x() + s.beta * s.minimizer
    return z


def no_worse(s: Setting) -> Fact:
    """⟨m + s, z − x₊⟩ ≥ 0."""
    v, z, along = s.vocabulary, target_point(s), s.m() + s.s()
    size = v.dual(along)
    facts = [
        (1, s.step_descends()),
        (1, s.hoelder(-along, z - s.method.center(k))),
        (size * s.beta, s.minimizer_in_ball()),
        (size, s.ball_reached()),
    ]
    return certify(v.inner(along, z - s.x(k + 1)), facts).with_note("the step does no worse than z")


def near(s: Setting) -> tuple[Fact, Fact, Fact]:
    """2η − ‖x₊ − z‖, 2η − ‖z − x_k‖ and 2η − ‖x₊ − x_k‖ are ≥ 0."""
    v, eta, beta, z, center = s.vocabulary, s.method.radius, s.beta, target_point(s), s.method.center(k)
    reached = [(beta, s.minimizer_in_ball()), (1, s.ball_reached()), (1, evident(s.delta * eta))]
    beyond = [(1, s.triangle(s.x(k + 1) - center, center - z)), (1, s.step_length()), *reached]
    aside = [(beta, s.triangle(s.minimizer, -s.x())), (beta, lemma_4.bounded(s)), *reached]
    return (
        certify(2 * eta - v.norm(s.x(k + 1) - z), beyond),
        certify(2 * eta - v.norm(z - s.x()), aside),
        lemma_4.short(s),
    )


def one_step(s: Setting) -> Fact:
    """(1−β)F(x_k) + βF(x*) − F(x₊) + 2η‖m_k − ∇f(x_k)‖_* + 4Lη² ≥ 0."""
    v, eta, x, new, z = s.vocabulary, s.method.radius, s.x(), s.x(k + 1), target_point(s)
    error = v.dual(s.error())
    beyond, aside, short = near(s)
    facts = [
        (1, descent_lemma.bound(s, x, new, 1)),
        (1, descent_lemma.bound(s, x, z, -1)),
        (1, s.subgradient(z)),
        (1, no_worse(s)),
        (1, s.hoelder(-s.error(), new - z)),
        (error, beyond),
        (L / 2 * (2 * eta + v.norm(new - x)), short),
        (L / 2 * (2 * eta + v.norm(z - x)), aside),
    ]
    slack = 2 * eta * error + 4 * L * eta**2
    step = certify(s.objective(z) - s.objective(new) + slack, facts)
    between = (1 - s.beta) * s.objective(x) + s.beta * s.objective(s.minimizer)
    parts = [(1, step), (1, s.star_convex(x)), (1, s.convex(x, s.minimizer))]
    return certify(between - s.objective(new) + slack, parts).with_note("one step")


def bound(s: Setting, error: Fact, first: Expr, level: Mapping[str, Expr], theorem: Theorem, fast: bool) -> Fact:
    """Σ of the theorem's terms − (E F(x_K) − E F(x*)) ≥ 0, given E‖m_k − ∇f(x_k)‖_* ≤ (1−α)^k·first + Σ level.

    The first gradient's noise adds 2η·first·Σ_j (1−β)^{k−1−j}(1−α)^j. The sum is at most (1 − (1−α)^k)/α; and, where
    2β ≤ α (``fast``), at most ((1−β)^k − (1−α)^k)·2/α.
    """
    v, eta, a, b, K = s.vocabulary, s.method.radius, s.alpha, s.beta, SYMBOLS.K
    constant = 2 * eta * sp.Add(*level.values()) + 4 * L * eta**2
    kept, left = (1 - a) ** k, (1 - b) ** k
    first_sum = (left - kept) * 2 / a if fast else (1 - kept) / a
    measure = v.mean(s.objective(s.x()) - s.objective(s.minimizer))
    gap = left * SYMBOLS.delta0 + 2 * eta * first * first_sum + constant / b - measure
    spare = (kept / a, s.momentum_is_faster()) if fast else (b / a, at_most_one(s))
    added = [(1, s.expect(one_step(s))), (2 * eta, error), (2 * eta * first * spare[0], spare[1])]
    start = certify(v.at(gap, 0), [(1, s.expect(s.start(s.minimizer))), (1, evident(constant / b))])
    every = every_index(v, gap, start, lambda h: certify(v.at(gap, k + 1), [(1 - b, h), *added]))
    sharp = {"start": (1 - b) ** K * SYMBOLS.delta0, "curvature": 4 * L * eta**2 / b}
    sharp["first_noise"] = 2 * eta * first / a * (2 * (1 - b) ** K if fast else 1)
    sharp |= {name: 2 * eta * part / b for name, part in level.items()}
    forgotten = evident(2 * eta * first * (1 - a) ** K / a)
    last = v.at(measure, K)
    found = certify(sp.Add(*sharp.values()) - last, [(1, instance(v, every, K)), (2 if fast else 1, forgotten)])
    return within(s, theorem, found, sharp, last)


def at_most_one(s: Setting) -> Fact:
    """1 − (1−α)^k ≥ 0."""
    v, kept = s.vocabulary, (1 - s.alpha) ** k
    gap = 1 - kept
    return every_index(
        v, gap, evident(v.at(gap, 0)), lambda h: certify(v.at(gap, k + 1), [(1, h), (s.alpha, evident(kept))])
    )
