"""Lemma 2: one step without decay, exact up to δ, decreases F = f + R under A2. With s ∈ ∂R(x₊),

    F(x₊) ≤ F(x) − (1−δ)η‖∇f(x₊) + s‖_* + (2−δ)η‖m − ∇f(x)‖_* + (3/2 − δ)Lη².

The descent lemma at (x, x₊), the subgradient inequality at x, Hölder for ⟨∇f(x) − m, x₊ − x⟩ and ‖x₊ − x‖ ≤ η give
F(x₊) ≤ F(x) − (1−δ)η‖m + s‖_* + η‖m − ∇f(x)‖_* + (L/2)η²; and by the triangle inequality and A2,
‖m + s‖_* ≥ ‖∇f(x₊) + s‖_* − ‖m − ∇f(x)‖_* − Lη.
"""

import sympy as sp

from ntr_spec.verify.formal.assumptions import SYMBOLS
from ntr_spec.verify.formal.setting import Setting
from ntr_spec.verify.formal.structures import Kind
from ntr_spec.verify.formal.vocabulary import INDEX
from ntr_spec.verify.kernel import Fact, certify
from proofs import descent_lemma

k = INDEX
HYPOTHESES = (*descent_lemma.HYPOTHESES, "R convex", "step", "triangle inequality")
L = SYMBOLS.L


def along_momentum(s: Setting) -> Fact:
    """F(x) − F(x₊) − (1−δ)η‖m + s‖_* + η‖m − ∇f(x)‖_* + (L/2)η² ≥ 0."""
    v, eta, x, new = s.vocabulary, s.method.radius, s.x(), s.x(k + 1)
    length, error, along = v.norm(new - x), v.dual(s.error()), v.dual(s.m() + s.s())
    target = s.objective(x) - s.objective(new) - (1 - s.delta) * eta * along + eta * error + L / 2 * eta**2
    parts = [
        (1, descent_lemma.bound(s, x, new, 1)),
        (1, s.subgradient(x)),
        (1, s.step_descends()),
        (1, s.hoelder(-s.error(), new - x)),
        (error + L / 2 * (eta + length), s.step_length()),
    ]
    return certify(target, parts)


def momentum_and_gradient(s: Setting) -> Fact:
    """‖m + s‖_* − ‖∇f(x₊) + s‖_* + ‖m − ∇f(x)‖_* + Lη ≥ 0."""
    v, eta, x, new = s.vocabulary, s.method.radius, s.x(), s.x(k + 1)
    turn = s.gradient(new) - s.gradient(x)
    target = v.dual(s.m() + s.s()) - s.stationarity() + v.dual(s.error()) + L * eta
    parts = [
        (1, s.triangle(s.m() + s.s(), turn - s.error(), Kind.DUAL)),
        (1, s.triangle(turn, -s.error(), Kind.DUAL)),
        (1, s.smooth(new, x)),
        (L, s.step_length()),
    ]
    return certify(target, parts)


def descent(s: Setting) -> Fact:
    """F(x) − F(x₊) − (1−δ)η‖∇f(x₊) + s‖_* + (2−δ)η‖m − ∇f(x)‖_* + (3/2 − δ)Lη² ≥ 0."""
    v, eta, delta = s.vocabulary, s.method.radius, s.delta
    target = s.objective(s.x()) - s.objective(s.x(k + 1)) - (1 - delta) * eta * s.stationarity()
    target += (2 - delta) * eta * v.dual(s.error()) + (sp.Rational(3, 2) - delta) * L * eta**2
    return certify(target, [(1, along_momentum(s)), ((1 - delta) * eta, momentum_and_gradient(s))]).with_note("Lemma 2")


def proof() -> tuple[Fact, ...]:
    """The descent inequality."""
    return (descent(Setting(["A2"])),)
