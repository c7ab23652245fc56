"""Bounds and plans of T1 to T5 against the formulas and recursions of the mathematics, retyped; what they refuse."""

import dataclasses
import math
import xml.etree.ElementTree as ET
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

import ntr_spec as ntr
from ntr_spec.errors import InputError
from ntr_spec.theory import T1, T2, T3, T4, T5, THEOREMS, Constants, Plan

STATIONARITY, GAP = (T1, T2, T4), (T3, T5)
DECAYS = {"T3", "T5"}
EXTRAPOLATES = {"T4", "T5"}
names = pytest.mark.parametrize("theorem", THEOREMS, ids=[t.name for t in THEOREMS])


# ---- the formulas, typed anew -----------------------------------------------------------------------------------


def retyped(name, c, eta, alpha, beta, K, delta=0.0):
    """The bound with exact steps as [Kovalev25] has it (T5: as derived below); with δ as Lemma 2δ gives it."""
    noise = c.rho * c.sigma
    lost = 1 - delta
    twice = 2 - delta  # what multiplies the momentum's error
    smooth = (1.5 - delta) * c.L * eta
    if name == "T1":
        return (c.delta0 / (eta * K) + smooth) / lost
    if name == "T2":
        lag = c.L * eta / alpha
        return (c.delta0 / (eta * K) + twice * (noise / (alpha * K) + math.sqrt(alpha) * noise + lag) + smooth) / lost
    if name == "T4":
        lag = c.H * eta**2 / (2 * alpha**2)
        return (c.delta0 / (eta * K) + twice * (noise / (alpha * K) + math.sqrt(alpha) * noise + lag) + smooth) / lost
    D = eta / beta
    faded = (1 - beta) ** K * c.delta0
    kept = 2 * D * math.sqrt(alpha) * noise + 4 * D * c.L * eta
    if name == "T3":
        return faded + kept + 2 * eta * noise / alpha + 4 * D * c.L * eta / alpha
    return faded + kept + 4 * eta / alpha * noise * (1 - beta) ** K + 4 * D * c.H * eta**2 / alpha**2


def recursion(name, c, eta, alpha, beta, K):
    """The same from the lemmas, one step at a time, with nothing summed in closed form and nothing rounded up."""
    noise = c.rho * c.sigma
    r = eta if name in ("T1", "T2", "T4") else 2 * eta

    def error(k):  # Lemmas 3 and 3'
        if name == "T1":
            return 0.0
        lag = c.H * r**2 / (2 * alpha**2) if name in EXTRAPOLATES else (1 - alpha) / alpha * c.L * r
        return (1 - alpha) ** k * noise + math.sqrt(alpha / (2 - alpha)) * noise + lag

    if name in DECAYS:
        left = c.delta0
        for k in range(K):
            left = (1 - beta) * left + 2 * eta * error(k) + 4 * c.L * eta**2
        return left
    total = c.delta0 + sum(2 * eta * error(k) + 1.5 * c.L * eta**2 for k in range(K))
    return total / (eta * K)


def draw(rng, name):
    """Random constants and parameters of a theorem, over four orders of magnitude."""
    some = lambda: float(10 ** rng.uniform(-2, 2))  # noqa: E731
    c = Constants(L=some(), H=some(), rho=some(), sigma=some(), delta0=some(), D=some())
    alpha = 1.0 if name == "T1" else float(rng.uniform(0.01, 1))
    beta = float(rng.uniform(0.001, alpha / 2 if name == "T5" else 1)) if name in DECAYS else 0.0
    eta = c.D * beta * float(rng.uniform(1, 3)) if name in DECAYS else some()
    K = int(rng.integers(1, 200))
    return c, Plan(eta, 1 - alpha, beta, name in EXTRAPOLATES, K), (eta, alpha, beta, K)


@names
def test_the_bound_is_the_formula(theorem):
    rng = np.random.default_rng(1)
    for _ in range(200):
        c, plan, (eta, alpha, beta, K) = draw(rng, theorem.name)
        delta = 0.0 if rng.random() < 0.5 else float(rng.uniform(0, 0.99))
        if theorem in GAP and plan.radius / plan.decay * (1 - delta) < c.D:
            delta = 0.0
        expected = retyped(theorem.name, c, eta, alpha, beta, K, delta)
        found = theorem.bound(c, plan, K, delta)
        assert found == pytest.approx(expected, rel=1e-12)
        assert sum(theorem.terms(c, plan, K, delta).values()) == found
        assert theorem.bound(c, plan.method(ntr.LInf()), K, delta) == found


@names
def test_the_bound_is_above_the_recursion_of_the_lemmas(theorem):
    rng = np.random.default_rng(2)
    ratios = []
    for _ in range(300):
        c, plan, numbers = draw(rng, theorem.name)
        tight = recursion(theorem.name, c, *numbers)
        bound = theorem.bound(c, plan, plan.steps)
        assert tight <= bound * (1 + 1e-12)
        ratios.append(bound / tight)
    assert min(ratios) < 1.3, "the recursion would not notice a bound with a constant made smaller"


TERMS = {
    "T1": ("start", "curvature"),
    "T2": ("start", "first_noise", "noise", "curvature", "drift"),
    "T3": ("start", "first_noise", "noise", "drift", "curvature"),
    "T4": ("start", "first_noise", "noise", "curvature", "drift"),
    "T5": ("start", "first_noise", "noise", "drift", "curvature"),
}


@names
def test_every_term_is_one_of_the_names_and_can_be_altered(theorem):
    c, plan, _ = draw(np.random.default_rng(3), theorem.name)
    terms = theorem.terms(c, plan, plan.steps)
    assert tuple(sorted(terms)) == tuple(sorted(TERMS[theorem.name]))
    for name in terms:
        sibling = theorem.altered(**{name: Fraction(1, 2)})
        assert sibling.terms(c, plan, plan.steps)[name] == pytest.approx(terms[name] / 2)
        assert sibling.bound(c, plan, plan.steps) < theorem.bound(c, plan, plan.steps)
    with pytest.raises(InputError, match="no term 'friction'"):
        theorem.altered(friction=2)


@pytest.mark.parametrize("factor", [-1, -0.1, math.nan, math.inf, True, "2", sp.oo, sp.nan, sp.S.NegativeOne])
def test_factors_are_finite_and_not_negative(factor):
    refused(lambda: T2.altered(drift=factor), "T2.altered: expected a factor ≥ 0 and finite for drift, got")
    assert T2.altered(drift=sp.Rational(1, 2)).factors == (("drift", sp.Rational(1, 2)),)


@names
@pytest.mark.parametrize("term", ["start", "curvature"])
def test_a_constant_made_smaller_falls_below_the_recursion(theorem, term):
    """Without noise and with α = 1 the start is attained after a step, the curvature at once or (decay) in the end."""
    steps, beta, L = 1, 0.0, 2.0
    if theorem in GAP:
        steps, beta, L = (1, 0.5, 1e-12) if term == "start" else (5000, 0.1, 2.0)
    c = Constants(L=L, H=0.0, rho=1.0, sigma=0.0, delta0=3.0, D=1.0)
    plan = Plan(max(beta, 0.5 * (beta == 0)), 0.0, beta, theorem.extrapolates, steps)
    tight = recursion(theorem.name, c, plan.radius, 1.0, beta, steps)
    sibling = theorem.altered(**{term: 0.99}, **({"drift": 0} if "drift" in theorem.terms(c, plan, steps) else {}))
    assert sibling.bound(c, plan, steps) < tight <= theorem.bound(c, plan, steps) * (1 + 1e-12)


@names
@pytest.mark.parametrize("constant", ["L", "H", "rho", "sigma", "delta0"])
def test_a_larger_constant_never_lowers_the_bound(theorem, constant):
    rng = np.random.default_rng(4)
    for _ in range(50):
        c, plan, _ = draw(rng, theorem.name)
        more = dataclasses.replace(c, **{constant: 1.5 * getattr(c, constant)})
        assert theorem.bound(more, plan, plan.steps) >= theorem.bound(c, plan, plan.steps)


@names
def test_a_worse_oracle_never_lowers_the_bound(theorem):
    rng = np.random.default_rng(5)
    for _ in range(50):
        c, plan, _ = draw(rng, theorem.name)
        allowed = 0.9 if theorem in STATIONARITY else 0.9 * (1 - c.D * plan.decay / plan.radius)
        low, high = sorted(float(d) for d in rng.uniform(0, max(allowed, 0.0), size=2))
        assert theorem.bound(c, plan, plan.steps, low) <= theorem.bound(c, plan, plan.steps, high)


def test_noise_in_the_dual_norm_takes_the_place_of_rho_sigma():
    plan = Plan(0.1, 0.9, 0.0, False, 10)
    mine = Constants(L=1.0, delta0=1.0, kappa=2.0, sigma_dual=0.3)
    theirs = Constants(L=1.0, delta0=1.0, rho=3.0, sigma=0.2)
    assert T2.bound(mine, plan, 10) == pytest.approx(T2.bound(theirs, plan, 10), rel=1e-14)
    more = dataclasses.replace(mine, kappa=3.0)
    assert T2.bound(more, plan, 10) > T2.bound(mine, plan, 10)


# ---- plans ------------------------------------------------------------------------------------------------------


def magnitudes(low=-12.0, high=12.0):
    """Numbers spread evenly over their logarithm."""
    return st.floats(low, high).map(lambda e: float(10.0**e))


REFUSALS = ("more than 10¹²", "is too large")


@names
@settings(derandomize=True, max_examples=300)
@given(
    values=st.tuples(*[magnitudes()] * 6),
    eps=magnitudes(-12, 18),
    delta=st.sampled_from([0.0, 0.0, 1e-3, 0.3, 0.9, 0.99]),
)
def test_a_plan_meets_eps_whatever_the_magnitudes(theorem, values, eps, delta):
    c = Constants(**dict(zip(("L", "H", "rho", "sigma", "delta0", "D"), values, strict=True)))
    try:
        plan = theorem.plan(c, eps, delta)
    except InputError as error:
        assert any(words in str(error) for words in REFUSALS), error  # noqa: PT017
        return
    meets(theorem, c, plan, eps, delta)


@names
@settings(derandomize=True, max_examples=300)
@given(
    values=st.tuples(*[magnitudes(-6, 6)] * 5),
    slack=st.tuples(st.floats(-3, 1), st.floats(-2, 1), st.floats(-2, 1), st.floats(-3, -0.01)),
    delta=st.sampled_from([0.0, 0.0, 1e-3, 0.3, 0.5]),
)
def test_a_plan_exists_and_meets_eps_where_it_is_affordable(theorem, values, slack, delta):
    """ε is near what the constants make natural, so that K is far below 10¹²."""
    L, H, rho, sigma, D = values
    noise = rho * sigma
    a, b, d, e = (10.0**s for s in slack)
    if theorem in STATIONARITY:
        eps = max(noise * b, a * H ** (1 / 3))
        c = Constants(L=L, H=H, rho=rho, sigma=sigma, delta0=(eps * d) ** 2 / L * 10, D=D)
    else:
        eps = max(L * D**2 * a, H * D**3 * a, D * noise * b) * (1 + d)
        c = Constants(L=L, H=H, rho=rho, sigma=sigma, delta0=eps / e, D=D)
    if theorem is T4:  # K ~ Δ₀√H/(αε^{3/2}): keep it small too
        c = dataclasses.replace(c, H=min(H, L**2 / eps))
    meets(theorem, c, theorem.plan(c, eps, delta), eps, delta)


def meets(theorem, c, plan, eps, delta):
    """The plan is one that the theorem is about, and its bound is at most ε, as is the retyped one."""
    assert isinstance(plan.steps, int)
    assert 1 <= plan.steps <= 10**12
    assert 0 < plan.radius < math.inf
    assert 0 <= plan.momentum < 1
    assert 0 <= plan.decay <= 1
    assert plan.extrapolation is theorem.extrapolates
    assert (plan.decay > 0) is (theorem in GAP)
    assert theorem.bound(c, plan, plan.steps, delta) <= eps * (1 + 1e-9)
    beta = plan.decay
    if beta == 0 or beta > 1e-6:  # (1−β)^K typed plainly is not exact for a smaller β
        assert retyped(theorem.name, c, plan.radius, plan.alpha, beta, plan.steps, delta) <= eps * (1 + 1e-9)


def test_plans_are_the_paper_s_where_it_gives_them():
    c = Constants(L=2.0, rho=3.0, sigma=0.5, delta0=1.5)
    noise, eps = 1.5, 0.1
    assert T1.plan(c, eps).steps == math.ceil(6 * 2 * 1.5 / eps**2)
    assert T1.plan(c, eps).radius == pytest.approx(eps / 6)
    plan = T2.plan(c, eps)
    assert plan.radius == pytest.approx(min(eps / 32, eps**3 / (256 * noise**2 * 2)))
    assert plan.alpha == pytest.approx(min(1, eps**2 / (16 * noise**2)))
    terms = (
        2048 * 2 * 1.5 * noise**2 / eps**4,
        256 * noise**3 / eps**3,
        128 * 2 * 1.5 / eps**2,
        16 * noise / eps,
    )
    assert plan.steps == math.ceil(max(terms) * (1 - 1e-12))


@names
def test_less_eps_never_needs_fewer_steps(theorem):
    c = Constants(L=2.0, H=1.0, rho=3.0, sigma=0.1, delta0=9.0, D=2.0)
    steps = [theorem.plan(c, eps).steps for eps in (5.0, 3.0, 2.0, 1.0, 0.5)]
    assert steps == sorted(steps)
    assert steps[0] < steps[-1]


@names
def test_constants_at_the_ends_of_the_floating_range(theorem):
    """Either a plan that is one, or an error in words; never a ZeroDivisionError, an infinity or NaN."""
    ends = (5e-324, 1e-300, 1e-150, 1.0, 1e150, 1.7e308)
    for L in ends:
        for other in ends:
            for eps in ends:
                c = Constants(L=L, H=other, rho=1.0, sigma=other, delta0=1.0, D=other)
                try:
                    plan = theorem.plan(c, eps)
                except InputError:
                    continue
                assert isinstance(plan.steps, int)
                assert 0 < plan.radius < math.inf
                assert theorem.bound(c, plan, plan.steps) <= eps * (1 + 1e-9)


@pytest.mark.parametrize("theorem", [T2, T3, T4, T5], ids=lambda t: t.name)
def test_no_noise_and_no_curvature_are_fine(theorem):
    c = Constants(L=1.0, H=0.0, rho=1.0, sigma=0.0, delta0=2.0, D=1.0)
    plan = theorem.plan(c, 0.5)
    assert plan.momentum == 0
    assert theorem.bound(c, plan, plan.steps) <= 0.5


# ---- bad input --------------------------------------------------------------------------------------------------

GOOD = {"L": 1.0, "H": 1.0, "rho": 1.0, "sigma": 1.0, "delta0": 2.0, "D": 1.0}


def refused(call, words):
    """An InputError of one sentence that holds the words."""
    with pytest.raises(InputError, match=words) as caught:
        call()
    text = str(caught.value)
    assert "\n" not in text
    assert ": " in text
    assert len(text) < 400


@pytest.mark.parametrize("name", list(GOOD))
@pytest.mark.parametrize("value", [-1.0, -1e-300, math.nan, math.inf, "1", True, 1j, [1.0]], ids=str)
def test_constants_out_of_range(name, value):
    refused(lambda: Constants(**{**GOOD, name: value}), f"expected {name} ")


@pytest.mark.parametrize("name", ["L", "rho", "D"])
def test_constants_that_must_not_vanish(name):
    refused(lambda: Constants(**{**GOOD, name: 0.0}), f"expected {name} > 0")


def test_kappa_below_one_and_noise_given_twice():
    refused(lambda: Constants(kappa=0.5, sigma_dual=1.0), "kappa ≥ 1")
    refused(lambda: Constants(sigma=1.0, sigma_dual=1.0), "both measure the noise")


@pytest.mark.parametrize(
    ("norm", "shape", "tight"),
    [(ntr.LInf(), (9,), 3.0), (ntr.Spectral(), (4, 5), 2.0), (ntr.L2(), (3,), 1.0)],
    ids=["linf", "spectral", "l2"],
)
def test_rho_below_the_tight_value(norm, shape, tight):
    Constants(rho=tight).check(norm, shape)
    refused(lambda: Constants(rho=tight * 0.999).check(norm, shape), f"below {tight}")


@names
@pytest.mark.parametrize("eps", [0.0, -1.0, math.nan, math.inf, "small", None, True], ids=str)
def test_eps_that_is_none(theorem, eps):
    c = Constants(**GOOD)
    refused(lambda: theorem.plan(c, eps), "expected eps")
    refused(lambda: theorem.optimal_plan(c, eps), "expected eps")


@pytest.mark.parametrize("theorem", GAP, ids=lambda t: t.name)
@pytest.mark.parametrize("eps", [2.0, 2.1, 1e9])
def test_eps_that_the_start_meets_already(theorem, eps):
    refused(lambda: theorem.plan(Constants(**GOOD), eps), "too large.*ask for less")


@names
def test_more_than_a_million_million_steps(theorem):
    c = Constants(**{**GOOD, "L": 1e9, "sigma": 1e4})
    refused(lambda: theorem.plan(c, 1e-3), "more than 10¹²; raise eps")
    refused(lambda: theorem.optimal_plan(c, 1e-3), "more than 10¹²; raise eps")


NEEDS = {
    "T1": {"L", "delta0"},
    "T2": {"L", "rho", "sigma", "delta0"},
    "T3": {"L", "rho", "sigma", "delta0", "D"},
    "T4": {"L", "H", "rho", "sigma", "delta0"},
    "T5": {"L", "H", "rho", "sigma", "delta0", "D"},
}


@names
@pytest.mark.parametrize("name", list(GOOD))
def test_missing_constants_are_named_with_their_meaning(theorem, name):
    c = Constants(**{n: v for n, v in GOOD.items() if n != name})
    plan = Plan(0.25, 0.0 if theorem is T1 else 0.5, 0.25 if theorem in GAP else 0.0, theorem.extrapolates, 10)
    calls = (lambda: theorem.bound(c, plan, 10), lambda: theorem.plan(c, 0.5), lambda: theorem.optimal_plan(c, 0.5))
    for call in calls:
        if name in NEEDS[theorem.name]:
            refused(call, f"needs {name}, which Constants leaves out; {name} is ")
        else:
            call()


@names
@pytest.mark.parametrize("delta", [1.0, 1.5, -0.1, math.nan, "0", None, True], ids=str)
def test_delta_out_of_range(theorem, delta):
    c = Constants(**GOOD)
    plan = Plan(0.25, 0.0 if theorem is T1 else 0.5, 0.25 if theorem in GAP else 0.0, theorem.extrapolates, 10)
    refused(lambda: theorem.bound(c, plan, 10, delta), "delta in \\[0, 1\\)")
    refused(lambda: theorem.plan(c, 0.5, delta), "delta in \\[0, 1\\)")


@names
@pytest.mark.parametrize("steps", [0, -1, 2.5, math.nan, "10", None, True], ids=str)
def test_steps_that_are_none(theorem, steps):
    plan = Plan(0.25, 0.0 if theorem is T1 else 0.5, 0.25 if theorem in GAP else 0.0, theorem.extrapolates, 10)
    refused(lambda: theorem.bound(Constants(**GOOD), plan, steps), "steps to be an integer of at least 1")


WRONG = {
    "momentum for T1": (T1, Plan(0.1, 0.5, 0.0, False, 9), "without momentum"),
    "decay for T1": (T1, Plan(0.1, 0.0, 0.1, False, 9), "without decay"),
    "extrapolation for T2": (T2, Plan(0.1, 0.5, 0.0, True, 9), "without extrapolation"),
    "decay for T2": (T2, Plan(0.1, 0.5, 0.1, False, 9), "without decay"),
    "no decay for T3": (T3, Plan(0.1, 0.5, 0.0, False, 9), "with decay in"),
    "extrapolation for T3": (T3, Plan(0.1, 0.5, 0.1, True, 9), "without extrapolation"),
    "a ball that is too small for T3": (T3, Plan(0.1, 0.5, 0.2, False, 9), "at least D = 1.0"),
    "no extrapolation for T4": (T4, Plan(0.1, 0.5, 0.0, False, 9), "with extrapolation"),
    "no decay for T5": (T5, Plan(0.1, 0.5, 0.0, True, 9), "with decay in"),
    "α below 2β for T5": (T5, Plan(0.5, 0.5, 0.5, True, 9), "2·decay ≤ 1 − momentum"),
    "no radius": (T1, Plan(0.0, 0.0, 0.0, False, 9), "radius > 0"),
    "an infinite radius": (T1, Plan(math.inf, 0.0, 0.0, False, 9), "radius > 0"),
    "a negative radius": (T1, Plan(-0.1, 0.0, 0.0, False, 9), "radius > 0"),
    "all momentum kept": (T2, Plan(0.1, 1.0, 0.0, False, 9), "in \\[0, 1\\)"),
    "negative momentum": (T2, Plan(0.1, -0.1, 0.0, False, 9), "in \\[0, 1\\)"),
    "NaN as momentum": (T2, Plan(0.1, math.nan, 0.0, False, 9), "in \\[0, 1\\)"),
    "NaN as decay": (T3, Plan(0.1, 0.5, math.nan, False, 9), "decay"),
    "a schedule": (T2, ntr.TrustRegion(ntr.L2(), radius=lambda k: 1 / (k + 1)), "no schedules"),
    "neither plan nor method": (T2, {"radius": 0.1}, "a Plan or a TrustRegion"),
    "Nesterov": (T2, ntr.presets.muon(0.1, momentum=0.5, flavour="torch"), "convention of momentum"),
    "Orthogonal-SGDM": (T2, ntr.presets.orthogonal_sgdm(0.1, momentum=0.5), "a Plan or a TrustRegion"),
}


@pytest.mark.parametrize("case", list(WRONG))
def test_methods_that_the_theorem_is_not_about(case):
    theorem, parameters, words = WRONG[case]
    refused(lambda: theorem.bound(Constants(**GOOD), parameters, 9), words)


def test_decay_tolerates_a_ball_that_dist_delta_makes_smaller():
    """‖x*‖ ≤ (1−δ)η/β: the bound refuses δ that the ball has no room for, and the plan makes room."""
    c = Constants(**GOOD)
    refused(lambda: T3.bound(c, Plan(0.1, 0.5, 0.1, False, 9), 9, 0.5), "at least D")
    plan = T3.plan(c, 0.5, 0.5)
    assert plan.radius / plan.decay == pytest.approx(2.0)
    assert T3.bound(c, plan, plan.steps, 0.5) <= 0.5 * (1 + 1e-9)


@pytest.mark.parametrize("theorem", [T3, T5], ids=lambda t: t.name)
def test_a_ball_that_is_too_small_by_more_than_rounding_is_refused(theorem):
    c = Constants(**GOOD)  # D = 1
    for decay, fits in ((0.1, True), (0.1 * (1 + 1e-14), True), (0.1 * (1 + 1e-11), False), (0.105, False)):
        plan = Plan(0.1, 0.5, decay, theorem.extrapolates, 9)
        if fits:
            assert theorem.bound(c, plan, 9) > 0
        else:
            refused(lambda plan=plan: theorem.bound(c, plan, 9), "at least D = 1.0")


# ---- statements -------------------------------------------------------------------------------------------------


@names
def test_the_statement_is_the_bound_in_symbols(theorem):
    s = theorem.symbols
    c, plan, (eta, alpha, beta, K) = draw(np.random.default_rng(6), theorem.name)
    values = {s.L: c.L, s.H: c.H, s.rho: c.rho, s.sigma: c.sigma, s.delta0: c.delta0, s.D: c.D}
    values |= {s.eta: eta, s.alpha: alpha, s.beta: beta, s.K: K}
    expression = theorem.statement.expression
    assert expression.free_symbols <= set(values)
    assert float(expression.subs(values)) == pytest.approx(theorem.bound(c, plan, K), rel=1e-9)
    for name, term in theorem.symbolic_terms().items():
        assert float(term.subs(values)) == pytest.approx(theorem.terms(c, plan, K)[name], rel=1e-9)


@names
def test_the_plan_in_symbols_is_the_plan(theorem):
    s = theorem.symbols
    c = Constants(L=2.0, H=1.5, rho=3.0, sigma=0.1, delta0=9.0, D=2.0)
    values = {s.L: 2.0, s.H: 1.5, s.rho: 3.0, s.sigma: 0.1, s.delta0: 9.0, s.D: 2.0, s.eps: 0.7}
    symbolic, plan = theorem.symbolic_plan(), theorem.plan(c, 0.7)
    for name in ("radius", "momentum", "decay"):
        found = getattr(symbolic, name)
        found = found.subs(values) if hasattr(found, "subs") else found
        assert float(found) == pytest.approx(getattr(plan, name), rel=1e-9, abs=1e-12)
    assert int(symbolic.steps.subs(values)) == plan.steps


@names
def test_text_latex_and_mathml_are_well_formed(theorem):
    statement = theorem.statement
    for text in (statement.text, str(statement)):
        assert "≤" in text
        assert "**" not in text
        assert text.count("(") == text.count(")")
        for used in ("L", "K" if theorem in STATIONARITY else "β", "η"):
            assert used in text
    latex = statement.latex
    assert latex.count("{") == latex.count("}")
    assert latex.count(r"\left") == latex.count(r"\right")
    assert r"\le " in latex
    assert "rho" not in latex.replace(r"\rho", "")
    tree = ET.fromstring(statement.mathml)
    assert tree.tag == "math"
    annotation = tree.find(".//annotation")
    assert annotation is not None
    assert annotation.text == latex
    assert str(statement).startswith(f"{theorem.name} (")
    for assumption in theorem.assumptions:
        assert assumption in str(statement)


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.longdouble, np.int32], ids=lambda kind: kind.__name__)
def test_numbers_of_numpy_are_taken_as_python_s(kind):
    values = {"L": 2, "H": 1, "rho": 50, "sigma": 40, "delta0": 9, "D": 2}
    theirs = Constants(**{name: kind(value) for name, value in values.items()})
    mine = Constants(**{name: float(value) for name, value in values.items()})
    assert theirs == mine
    assert all(type(getattr(theirs, name)) is float for name in values)
    for theorem in THEOREMS:
        plan = theorem.optimal_plan(theirs, kind(8))
        assert plan == theorem.optimal_plan(mine, 8.0)
        assert theorem.bound(theirs, plan, np.int64(plan.steps)) == theorem.bound(mine, plan, plan.steps) <= 8
