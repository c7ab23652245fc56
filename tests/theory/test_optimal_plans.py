"""Optimized plans against oracles: geometric programs in cvxpy (T1, T2, T4), grids (T3, T5)."""

import math

import numpy as np
import pytest

from ntr_spec.errors import InputError
from ntr_spec.theory import T1, T2, T3, T4, T5, THEOREMS, Constants

SOME = {
    "unit": Constants(L=1.0, H=1.0, rho=1.0, sigma=0.5, delta0=3.0, D=1.0),
    "noisy": Constants(L=2.0, H=0.5, rho=3.0, sigma=1.0, delta0=5.0, D=0.7),
    "quiet": Constants(L=5.0, H=20.0, rho=2.0, sigma=1e-3, delta0=4.0, D=1.5),
    "flat": Constants(L=1e-3, H=1e-6, rho=10.0, sigma=0.1, delta0=2.0, D=3.0),
    "curved": Constants(L=3.0, H=1e4, rho=1.0, sigma=0.2, delta0=2.5, D=1.0),
    "large": Constants(L=1e6, H=1e3, rho=1.0, sigma=1e4, delta0=3e6, D=1.0),
}
EPS = {"unit": 0.1, "noisy": 0.5, "quiet": 0.05, "flat": 0.02, "curved": 0.3, "large": 2e4}

names = pytest.mark.parametrize("theorem", THEOREMS, ids=[t.name for t in THEOREMS])
cases = pytest.mark.parametrize("case", list(SOME))


def geometric_program(name, c, eps, delta):
    """The least real K ≥ 1 with bound ≤ ε, over η > 0 and 0 < α ≤ 1: globally optimal; the bound is retyped here."""
    import cvxpy as cp

    eta, alpha, K = (cp.Variable(pos=True) for _ in range(3))
    noise = c.rho * c.sigma
    bound = c.delta0 / (eta * K) + (1.5 - delta) * c.L * eta
    constraints = [K >= 1, alpha <= 1]
    if name == "T1":
        constraints.append(alpha == 1)
    else:
        lag = c.L * eta / alpha if name == "T2" else c.H * eta**2 / (2 * alpha**2)
        bound = bound + (2 - delta) * (noise / (alpha * K) + alpha**0.5 * noise + lag)
    problem = cp.Problem(cp.Minimize(K), [*constraints, bound / ((1 - delta) * eps) <= 1])
    problem.solve(gp=True, solver=cp.CLARABEL)
    assert problem.status == "optimal"
    return float(K.value)


@cases
@pytest.mark.parametrize("theorem", [T1, T2, T4], ids=lambda t: t.name)
@pytest.mark.parametrize("delta", [0.0, 0.2])
def test_geometric_programs_agree(theorem, case, delta):
    c, eps = SOME[case], EPS[case]
    best = geometric_program(theorem.name, c, eps, delta)
    plan = theorem.optimal_plan(c, eps, delta)
    assert theorem.bound(c, plan, plan.steps, delta) <= eps
    assert plan.steps >= best * (1 - 1e-6) - 1e-6, "fewer steps than the global optimum: one of the two is wrong"
    assert plan.steps <= math.ceil(best * (1 + 1e-6))


def gap_steps(name, c, eps, eta, alpha):
    """The least real K ≥ 1 with bound ≤ ε, retyped for T3 and T5, on arrays of η and α; inf where there is none."""
    noise, D = c.rho * c.sigma, c.D
    beta = eta / D
    static = 2 * D * np.sqrt(alpha) * noise + 4 * D * c.L * eta
    start = np.full_like(eta, c.delta0)
    if name == "T3":
        static = static + 2 * eta * noise / alpha + 4 * D * c.L * eta / alpha
        allowed = beta <= 1
    else:
        static = static + 4 * D * c.H * eta**2 / alpha**2
        start = start + 4 * eta / alpha * noise
        allowed = 2 * beta <= alpha
    budget = eps - static
    allowed &= budget > 0
    with np.errstate(all="ignore"):
        K = np.log(start / np.where(allowed, budget, 1.0)) / -np.log1p(-beta)
    return np.where(allowed, np.maximum(K, 1.0), math.inf)


def grid(name, c, eps):
    """The least K over a grid of η and α, refined around its best point until it no longer moves."""
    best = math.inf
    low, high = np.array([-18.0, -14.0]), np.array([math.log10(c.D), 0.0])
    for _ in range(12):
        eta, alpha = np.meshgrid(*(np.logspace(a, b, 201) for a, b in zip(low, high, strict=True)), indexing="ij")
        found = gap_steps(name, c, eps, eta, np.minimum(alpha, 1.0))
        at = np.unravel_index(np.argmin(found), found.shape)
        best = min(best, float(found[at]))
        middle, half = np.log10([eta[at], alpha[at]]), (high - low) / 8
        low, high = middle - half, np.minimum(middle + half, [math.log10(c.D), 0.0])
    return best


@cases
@pytest.mark.parametrize("theorem", [T3, T5], ids=lambda t: t.name)
def test_grids_agree(theorem, case):
    c, eps = SOME[case], EPS[case]
    best = grid(theorem.name, c, eps)
    plan = theorem.optimal_plan(c, eps)
    assert theorem.bound(c, plan, plan.steps) <= eps
    assert best < math.inf
    assert plan.steps <= math.ceil(best * (1 + 1e-5)), "the grid found fewer steps"
    assert plan.steps >= best * (1 - 1e-4) - 1


@names
@cases
def test_never_worse_than_the_closed_form_and_not_one_step_too_many(theorem, case):
    c, eps = SOME[case], EPS[case]
    best, closed = theorem.optimal_plan(c, eps), theorem.plan(c, eps)
    assert best.steps <= closed.steps
    if best.steps > 1:
        assert theorem.bound(c, best, best.steps - 1) > eps * (1 - 1e-9)
    if theorem in (T3, T5):
        assert best.radius / best.decay == pytest.approx(c.D, rel=1e-12)


@names
def test_random_constants_are_never_planned_worse(theorem):
    """Over many magnitudes; a plan of a million million steps is refused, but never where the closed form has one."""
    rng = np.random.default_rng(8)
    planned = 0
    for _ in range(30):
        values = dict(zip(("L", "H", "rho", "sigma", "delta0", "D"), 10 ** rng.uniform(-6, 6, size=6), strict=True))
        c = Constants(**{name: float(value) for name, value in values.items()})
        eps = float(10 ** rng.uniform(-3, 9))
        try:
            closed = theorem.plan(c, eps).steps
        except InputError:
            closed = math.inf
        try:
            best = theorem.optimal_plan(c, eps)
        except InputError:
            assert closed == math.inf
            continue
        planned += 1
        assert best.steps <= closed
        assert theorem.bound(c, best, best.steps) <= eps
    assert planned >= (5 if theorem not in (T3, T5) else 2)


@names
def test_an_altered_theorem_is_planned_for_what_it_says(theorem):
    """Twice the curvature needs more steps; half of it fewer."""
    c, eps = SOME["unit"], EPS["unit"]
    steps = [theorem.altered(curvature=factor).optimal_plan(c, eps).steps for factor in (0.5, 1.0, 2.0)]
    assert steps == sorted(steps)
    assert steps[0] < steps[2]


@pytest.mark.parametrize("theorem", [T2, T3, T4, T5], ids=lambda t: t.name)
def test_without_noise_no_momentum_is_kept_where_it_costs(theorem):
    c = Constants(L=1.0, H=1.0, rho=1.0, sigma=0.0, delta0=3.0, D=1.0)
    plan = theorem.optimal_plan(c, 0.1)
    assert plan.momentum == pytest.approx(0.0, abs=1e-6)
