"""The experiments ``rates``, ``extrapolation`` and ``decay``, and runs in lockstep, on which they stand."""

import json

import numpy as np
import pytest

from ntr_spec.experiments import EXPERIMENTS, failed
from ntr_spec.experiments.decay import DecayOnOff, by_size
from ntr_spec.experiments.lockstep import problem_with, run_together
from ntr_spec.experiments.rates import ORDERS, POWERS
from ntr_spec.norms import L1, L2, LInf, Spectral
from ntr_spec.problems import Gaussian, LogCosh, Wave
from ntr_spec.theory import THEOREMS, Plan

PLANS = [Plan(0.05, 0.8, 0.0, False, 15), Plan(0.05, 0.8, 0.02, True, 15), Plan(0.05, 0.0, 0.1, False, 15)]


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize(("norm", "shape"), [(L2(), 5), (LInf(), 5), (L1(), 5), (Spectral(), (2, 3))])
def test_runs_in_lockstep_are_the_runs_one_by_one(norm, shape, plan):
    problem = problem_with(LogCosh(), shape, norm, 1.0, 1.0, 1.0, seed=1)
    found = run_together(problem, norm, 0.3, plan, seed=9, runs=4, stationarity=True)
    noise, stack = Gaussian(0.3 * 2.0), np.zeros((4, *problem.x0.shape))
    for run in range(4):
        method = plan.method(norm)
        state, lengths = method.init(problem.x0), []
        for k in range(plan.steps):
            gradient = problem.value_and_gradient(state.query)[1] + noise.draw(stack, 9, k)[run]
            state = method.update(state, gradient)
            lengths.append(float(norm.dual(problem.value_and_gradient(state.x)[1])))
        assert found.least[run] == pytest.approx(min(lengths), rel=1e-9)
        assert found.mean[run] == pytest.approx(np.mean(lengths), rel=1e-9)
        assert found.gap[run] == pytest.approx(problem.objective(state.x), rel=1e-9)
        assert found.length[run] == pytest.approx(float(norm(state.x)), rel=1e-9)


def test_noise_on_a_stack_is_independent_noise_of_the_same_size_on_each_slice():
    draws = np.stack([Gaussian(0.3 * 2.0).draw(np.zeros((4, 6)), 0, k) for k in range(4000)])
    squares = np.mean(np.sum(draws**2, axis=2), axis=0)
    assert squares == pytest.approx(np.full(4, 0.09), rel=0.05)
    assert np.abs(np.corrcoef(draws[:, 0, 0], draws[:, 1, 0])[0, 1]) < 0.05


@pytest.mark.parametrize("scalar", [LogCosh(), Wave()])
@pytest.mark.parametrize(("norm", "shape"), [(L2(), 8), (LInf(), 3), (Spectral(), (3, 3))])
def test_problems_have_the_constants_asked_for(scalar, norm, shape):
    problem = problem_with(scalar, shape, norm, 2.0, 0.5, 0.7, seed=3)
    constants = problem.constants(norm)
    assert (constants.L, constants.H, constants.delta0) == pytest.approx((2.0, 0.5, 0.7))
    assert not np.any(problem.x0)
    assert (pytest.approx(float(norm(problem.minimizer))) if problem.star_convex else None) == constants.D


@pytest.mark.parametrize("name", ["rates", "extrapolation", "decay"])
def test_small_versions_hold_are_pure_and_can_be_drawn(name, tmp_path):
    experiment = EXPERIMENTS[name]
    tasks = experiment.tasks("small", 0)
    rows = [experiment.run(task) for task in tasks]
    assert experiment.run(json.loads(json.dumps(tasks[-1]))) == rows[-1]
    assert json.loads(json.dumps(rows, allow_nan=False)) == rows
    assert set(experiment.columns) <= {key for row in rows for key in row}
    summary = experiment.summary(rows)
    assert failed(summary) == []
    json.dumps(summary, allow_nan=False)
    experiment.plot(rows, tmp_path / "plot.svg")
    experiment.plot(rows, tmp_path / "again.svg")
    assert len((tmp_path / "plot.svg").read_bytes()) > 10_000
    assert (tmp_path / "plot.svg").read_bytes() == (tmp_path / "again.svg").read_bytes()
    # A bound that is exceeded is told.
    bound, measured = ("promised" if name == "decay" else "eps"), "measured"
    broken = [row | {measured: 2 * row[bound]} if row.get(bound) else row for row in rows]
    assert failed(experiment.summary(broken))


def test_the_orders_beside_which_rates_are_drawn_are_those_derived_from_the_plans():
    for theorem in THEOREMS:
        if theorem.name in ORDERS:
            top, bottom = (int(part) for part in POWERS[theorem.name].split("/"))
            assert pytest.approx(bottom / top) == ORDERS[theorem.name] == float(theorem.complexity.exponent)


def test_fitted_orders_are_those_of_the_lines_that_measurements_lie_on():
    """K = error^−p exactly: p comes out, with no error; and how far below ε the runs end."""
    rows = [
        {"theorem": "T2", "norm": "L2", "steps": steps, "eps": steps**-0.25, "runs": [0.5 * steps ** (-1 / 3)] * 3}
        for steps in (1000, 8000, 27_000)
    ]
    (fit,) = EXPERIMENTS["rates"].summary([row | {"measured": row["runs"][0]} for row in rows])["orders"]
    assert fit["order proved"] == 4.0
    assert (fit["of the plans"], fit["measured"]) == pytest.approx((4.0, 3.0))
    assert fit["± (standard error)"] == pytest.approx(0.0, abs=1e-9)
    for which, row in (("first", rows[0]), ("last", rows[-1])):
        assert fit[f"measured/ε {which}"] == pytest.approx(row["runs"][0] / row["eps"])


def test_decay_compares_equal_parameters_and_the_best_of_the_grid():
    experiment = DecayOnOff()
    tasks = [task for task in experiment.tasks("small", 0) if task["family"] == "redundant"]
    assert {(t["radius"], t["alpha"]) for t in tasks if t["variant"] == "decay"} == {
        (t["radius"], t["alpha"]) for t in tasks if t["variant"] == "no decay"
    }
    rows = [
        {"family": "redundant", "size": 4, "variant": v, "radius": r, "momentum": 0.9, "measured": m}
        for v, r, m in (("decay", 0.01, 2.0), ("decay", 0.002, 1.0), ("no decay", 0.01, 3.0), ("no decay", 0.002, 4.0))
    ] + [{"family": "alike", "size": 4, "variant": v, "measured": 1.0} for v in ("decay", "no decay", "T2")]
    found = by_size(rows)["redundant", 4]
    assert {name: row["measured"] for name, row in found.items()} == {
        "decay": 2.0,
        "no decay": 3.0,
        "best decay": 1.0,
        "best no decay": 3.0,
    }
