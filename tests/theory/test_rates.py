"""Rates are derived from the plans: against the plans' numbers at small ε, and against plans that were changed."""

from fractions import Fraction

import pytest
import sympy as sp

from ntr_spec.errors import InputError
from ntr_spec.theory import T1, T2, T3, T4, T5, THEOREMS, Constants, theorems
from ntr_spec.theory.rates import complexity
from ntr_spec.theory.theorems import Momentum

PROMISED = {T1: (2, False), T2: (4, False), T3: (3, True), T4: (Fraction(7, 2), False), T5: (Fraction(5, 2), True)}
NUMBERS = {"L": 3.0, "H": 2.0, "rho": 2.0, "sigma": 0.5, "delta0": 5.0, "D": 1.5}


def by_name(theorem):
    return theorem.name


@pytest.mark.parametrize("theorem", THEOREMS, ids=by_name)
def test_exponents_are_those_of_the_paper(theorem):
    rate = complexity(theorem)
    assert (rate.exponent, rate.logarithm) == PROMISED[theorem]


@pytest.mark.parametrize("theorem", THEOREMS, ids=by_name)
def test_leading_is_what_the_steps_tend_to(theorem, monkeypatch):
    monkeypatch.setattr(theorems, "representable", lambda alpha: alpha)  # α far below what float64 can keep
    rate = complexity(theorem)

    def off(k):
        """How far K of the numerical plan, beyond the 10¹² steps that a plan may have, is off its leading term."""
        eps = 10.0**-k
        steps = theorem._plan(Constants(**NUMBERS), eps)[2]
        s = theorem.symbols
        values = {getattr(s, name): value for name, value in NUMBERS.items()} | {s.eps: eps}
        return abs(steps / float(rate.leading.xreplace(values)) - 1)

    # A logarithm ln(c/ε) tends to ln(1/ε) slowly, as ln(c)/ln(1/ε).
    assert off(40) < (0.1 if rate.logarithm else 1e-9)
    assert off(40) < off(10) or off(10) < 1e-9


def test_degrees_in_the_other_constants():
    s = T2.symbols
    assert [T2.complexity.degree(x) for x in (s.L, s.delta0, s.rho, s.sigma, s.H)] == [1, 1, 2, 2, 0]
    assert [T4.complexity.degree(x) for x in (s.L, s.H, s.delta0, s.sigma)] == [0, Fraction(1, 2), 1, 2]
    assert T3.complexity.degree(s.L) is None  # the larger of two, of which one is linear in L
    assert isinstance(T3.complexity.leading.args[-1], sp.Max) or T3.complexity.leading.has(sp.Max)


def test_words():
    assert [str(theorem.complexity) for theorem in THEOREMS] == [
        "ε⁻²",
        "ε⁻⁴",
        "ε⁻³·ln(1/ε)",
        "ε^{−7/2}",
        "ε^{−5/2}·ln(1/ε)",
    ]
    assert T2.complexity.text == "K ~ 2048·L·Δ₀·ρ²·σ²/ε⁴"
    assert T5.complexity.latex == r"\varepsilon^{-5/2}\ln(1/\varepsilon)"


def test_another_plan_has_another_rate(monkeypatch):
    """The exponent comes out of the plan: α of order ε for ε² loses nothing in K, and the bound is not met."""
    plan = Momentum._plan

    def slower(self, c, eps):
        radius, alpha, steps = plan(self, c, eps)
        return radius, alpha, sp.ceiling(sp.Max(1, steps.args[0] / eps))

    monkeypatch.setattr(Momentum, "_plan", slower)
    assert complexity(T2).exponent == 5
    monkeypatch.setattr(Momentum, "_plan", lambda self, c, eps: (eps, eps, sp.ceiling(sp.Max(1, sp.log(1 / eps) ** 2))))
    with pytest.raises(InputError, match=r"T2\.complexity: K is of the order"):
        complexity(T2)
    monkeypatch.setattr(Momentum, "_plan", lambda self, c, eps: (eps, eps, sp.ceiling(sp.exp(1 / eps))))
    with pytest.raises(InputError, match="is not known"):
        complexity(T2)
