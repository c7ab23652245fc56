"""Plans that meet ε are proved to; siblings that do not are rejected, and refuted by numbers."""

import dataclasses
import itertools
from fractions import Fraction

import pytest
import sympy as sp

from ntr_spec.theory import T1, T2, T3, T4, T5, THEOREMS, Constants
from ntr_spec.verify.kernel import CertificateError, Sign, assume, attained, extreme, powers_raise
from proofs import plan_2, plans
from proofs.plans import DELTA, admissible, bounded, facts

rejected = pytest.raises(CertificateError)


def by_name(value):
    return getattr(value, "name", None)


# ---- the plans -----------------------------------------------------------------------------------


@pytest.mark.parametrize("theorem", THEOREMS, ids=by_name)
def test_the_gap_is_epsilon_less_the_bound(theorem):
    """The first fact rests on nothing, and says what it should: read at numbers, against the numerical code."""
    fact = bounded(theorem, theorem.symbols.constants)
    assert not fact.hypotheses
    assert fact.sign is Sign.NONNEGATIVE
    numbers = {"L": 2.0, "H": 0.5, "rho": 1.5, "sigma": 0.1, "delta0": 4.0, "D": 1.5}
    s = theorem.symbols
    values = {getattr(s, name): sp.Float(value, 30) for name, value in numbers.items()} | {s.eps: sp.Float(0.25, 30)}
    constants = Constants(**numbers)
    plan = theorem.plan(constants, 0.25)
    gap = 0.25 - theorem.bound(constants, plan, plan.steps)
    assert gap >= -1e-12
    assert float(fact.gap.xreplace(values)) == pytest.approx(gap, abs=1e-9)


@pytest.mark.parametrize("theorem", THEOREMS, ids=by_name)
def test_inexact_steps_and_conditions_are_covered(theorem):
    found = facts(theorem)
    (unit,) = DELTA.free_symbols
    assert any(unit in fact.gap.free_symbols for fact in found)
    assert not set().union(*(fact.hypotheses for fact in found))
    assert theorem.symbolic_plan().steps.is_integer
    # K ≥ 1; α ≤ 1 with momentum; β ≤ 1 and (1−δ)η/β = D with decay; 2β ≤ α for both.
    expected = 1 + theorem.momentum + 2 * theorem.decays + (theorem.decays and theorem.extrapolates)
    assert len(admissible(theorem)) == expected


def test_without_noise_and_without_curvature_of_the_hessian():
    less = [dataclasses.replace(T4.symbols.constants, sigma=0), dataclasses.replace(T4.symbols.constants, H=0)]
    for constants, letters in zip(less, ("σ", "H"), strict=True):
        fact = bounded(T4, constants)
        assert not any(str(symbol) in letters for symbol in fact.gap.free_symbols)


def test_the_papers_own_form_of_t2():
    fact = bounded(T2, T2.symbols.constants, plan_2.PAPER)
    assert not fact.hypotheses
    values = dict(zip((T2.symbols.eps, T2.symbols.L, T2.symbols.rho, T2.symbols.sigma, T2.symbols.delta0), (
        sp.Rational(1, 4), 2, 1, sp.Rational(1, 2), 3), strict=True))  # fmt: skip
    mine = T2.symbolic_plan()
    assert plan_2.PAPER.radius.xreplace(values) == mine.radius.xreplace(values)
    assert plan_2.PAPER.steps.xreplace(values) == mine.steps.xreplace(values)


# ---- siblings ------------------------------------------------------------------------------------

# A larger radius (and decay with it), fewer steps, a larger weight of new gradients; by which factor, and constants at
# which the plan so altered leaves a bound above ε = 0.1.
SIBLINGS = [
    (T1, "radius", 2, {"L": 1.0, "delta0": 1.0}),
    (T1, "steps", 2, {"L": 1.0, "delta0": 1.0}),
    (T2, "radius", 2, {"L": 1.0, "delta0": 1.0, "sigma": 0.025}),
    (T2, "steps", 2, {"L": 1.0, "delta0": 0.0125, "sigma": 1.0}),
    (T2, "alpha", 4, {"L": 1.0, "delta0": 1.0, "sigma": 0.1}),
    (T3, "radius", 4, {"L": 1.0, "delta0": 1.0, "D": 1.0, "sigma": 4.0}),
    (T3, "steps", 2, {"L": 1.0, "delta0": 100.0, "D": 1.0, "sigma": 1.0}),
    (T3, "alpha", 16, {"L": 1.0, "delta0": 1.0, "D": 1.0, "sigma": 1.0}),
    (T4, "radius", 2, {"L": 1.0, "H": 0.01, "delta0": 1.0, "sigma": 1.0}),
    (T4, "steps", 2, {"L": 12.0, "H": 0.01, "delta0": 1.0, "sigma": 1.0}),
    (T4, "alpha", 4, {"L": 1.0, "H": 0.01, "delta0": 1.0, "sigma": 0.25}),
    (T5, "radius", 2, {"L": 1.0, "H": 0.01, "delta0": 1.0, "D": 10.0, "sigma": 0.025}),
    (T5, "steps", 2, {"L": 1.0, "H": 0.01, "delta0": 100.0, "D": 1.0, "sigma": 0.025}),
    (T5, "alpha", 16, {"L": 1.0, "H": 0.01, "delta0": 1.0, "D": 1.0, "sigma": 1.0}),
]


def altered(plan, which, factor):
    """The plan with one of its numbers multiplied or divided; symbols or floats."""
    if which == "radius":
        return dataclasses.replace(plan, radius=factor * plan.radius, decay=factor * plan.decay)
    if which == "alpha":
        return dataclasses.replace(plan, momentum=1 - factor * plan.alpha)
    if isinstance(plan.steps, int):
        return dataclasses.replace(plan, steps=max(1, plan.steps // factor))
    return dataclasses.replace(plan, steps=sp.ceiling(sp.Max(*(a / factor for a in plan.steps.args[0].args))))


@pytest.mark.parametrize(("theorem", "which", "factor", "numbers"), SIBLINGS, ids=by_name)
def test_altered_plans_are_rejected_and_refuted(theorem, which, factor, numbers):
    with rejected:
        bounded(theorem, theorem.symbols.constants, altered(theorem.symbolic_plan(), which, factor))
    constants, eps = Constants(rho=1.0, **numbers), 0.1
    plan = theorem.plan(constants, eps)
    assert theorem.bound(constants, plan, plan.steps) <= eps * (1 + 1e-12)
    wrong = altered(plan, which, factor)
    assert theorem.bound(constants, wrong, wrong.steps) > eps * (1 + 1e-6)


@pytest.mark.parametrize("constant", [2048, 256, 128, 16])
def test_the_papers_form_with_a_smaller_constant_is_rejected(constant):
    steps = plan_2.PAPER.steps.args[0].args
    changed = [a / 2 if a.as_coeff_Mul()[0] == constant else a for a in steps]
    assert changed != list(steps)
    sibling = dataclasses.replace(plan_2.PAPER, steps=sp.ceiling(sp.Max(*changed)))
    with rejected:
        bounded(T2, T2.symbols.constants, sibling)


@pytest.mark.parametrize("theorem", THEOREMS, ids=by_name)
def test_larger_terms_are_not_covered(theorem):
    for name in theorem.symbolic_terms():
        with rejected:
            bounded(theorem.altered(**{name: 3}), theorem.symbols.constants)


def test_what_a_plan_leaves_over_is_covered():
    """T2's terms come to 31/32 of ε: its curvature may be 4/3 of what it is, and no more."""
    bounded(T2.altered(curvature=Fraction(4, 3)), T2.symbols.constants)
    with rejected:
        bounded(T2.altered(curvature=Fraction(4, 3) + Fraction(1, 1000)), T2.symbols.constants)


def test_a_plan_for_exact_steps_is_not_one_for_inexact_ones():
    s = T2.symbols.constants
    with rejected:
        bounded(T2, s, T2.symbolic_plan(), DELTA)


def test_decay_above_one_is_rejected():
    """1 − β ≥ 0 is asked for before (1 − β)^K is bounded: without min{D, …} in η it need not hold."""
    s = T3.symbols
    plan = T3.symbolic_plan()
    radius = sp.Min(*(a for a in plan.radius.args if a != s.D))
    steps = sp.ceiling(sp.Max(1, s.D / radius * sp.log(4 * s.delta0 / s.eps)))
    with rejected:
        bounded(T3, s.constants, dataclasses.replace(plan, radius=radius, decay=radius / s.D, steps=steps))


# ---- the kernel's rules for minima, maxima and ceilings ------------------------------------------

a, b = sp.symbols("a b", positive=True)
c = sp.Symbol("c")


def test_extreme_is_about_real_arguments_only():
    assert extreme(sp.Max(a, b), a).gap == sp.Max(a, b) - a
    assert extreme(sp.Min(a, b), a).gap == a - sp.Min(a, b)
    assert extreme(sp.ceiling(a), a).gap == sp.ceiling(a) - a
    for atom, argument in ((sp.Max(a, b), a + 1), (a, a), (sp.ceiling(a), a + 1), (sp.floor(a), a), (sp.Min(a, b), 2)):
        with rejected:
            extreme(atom, argument)
    with rejected:  # not known to be real
        extreme(sp.ceiling(c), c)


def test_attained_wants_every_case():
    lowest = sp.Min(a, b)
    cases = [assume(1 - argument, f"{argument} ≤ 1") for argument in lowest.args]
    fact = attained(1 - lowest, lowest, cases)
    assert fact.hypotheses == {"a ≤ 1", "b ≤ 1"}
    for wrong in (cases[:1], cases[::-1], [*cases, cases[0]], [cases[0], cases[0]]):
        with rejected:
            attained(1 - lowest, lowest, wrong)
    with rejected:  # a ceiling is none of its arguments
        attained(1 - sp.ceiling(a), sp.ceiling(a), cases[:1])


def test_raising_powers_needs_a_lower_bound_of_the_smaller():
    x = sp.Symbol("x", real=True)
    less = assume(a - x, "x ≤ a")
    with rejected:
        powers_raise(a, x, sp.Integer(2), less)
    with rejected:  # of something else
        powers_raise(a, x, sp.Integer(2), less, assume(x + 1, "x ≥ −1"))
    fact = powers_raise(a, x, sp.Integer(2), less, assume(x, "x ≥ 0"))
    assert fact.hypotheses == {"x ≤ a", "x ≥ 0"}


def test_bounds_found_are_bounds():
    """What the search offers for products of minima and ceilings, at numbers."""
    term = a * sp.Min(1, b) ** 2 / (sp.ceiling(sp.Max(1, a / b)) * sp.Min(b, 2 * b))
    offered = list(itertools.islice(plans.upper(term), 8))
    assert len({bound for bound, _ in offered}) > 2
    for bound, proof in offered:
        assert not bound.has(sp.Min, sp.Max, sp.ceiling)
        assert proof().gap == bound - term
        for values in itertools.product((0.3, 1.7, 9.0), repeat=2):
            numbers = dict(zip((a, b), values, strict=True))
            assert float((bound - term).xreplace(numbers)) >= -1e-12
