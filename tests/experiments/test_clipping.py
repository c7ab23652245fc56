"""Weight decay and clipping: the least point on the ball, both recursions, and claims that can fail."""

import math

import numpy as np
import pytest
import scipy.optimize

from ntr_spec.experiments import failed, seed_of
from ntr_spec.experiments.clipping import Clipping, _gap, _least_on_ball, method_of, problem_of
from ntr_spec.experiments.runs import updates
from ntr_spec.norms import L2, LInf
from ntr_spec.problems import Gaussian
from tests.experiments.whole import altered, check_experiment, small_rows

CASE = {"part": "gap", "sigma": 1.0, "alpha": 0.1, "radius": 0.05, "steps": 40, "seed": 7}


@pytest.fixture(scope="module")
def rows():
    return small_rows(Clipping())


@pytest.mark.parametrize("scale", [0.5, 1.0, 2.0, 30.0])
@pytest.mark.parametrize("norm", [LInf(), L2()], ids=repr)
def test_the_least_point_on_the_ball_is_that_of_a_solver(norm, scale):
    weights = np.geomspace(0.1, 1.0, 5)
    star = np.random.default_rng(0).uniform(-1, 1, 5)
    star = scale / float(norm(star)) * star

    def value(x):
        return float(weights @ (x - star) ** 2) / 2

    if isinstance(norm, LInf):
        found = scipy.optimize.minimize(value, 0 * star, bounds=[(-1, 1)] * 5, tol=1e-14)
    else:
        ball = {"type": "ineq", "fun": lambda x: 1 - x @ x}
        found = scipy.optimize.minimize(value, 0 * star, constraints=[ball], method="SLSQP", tol=1e-14)
    mine = _least_on_ball(norm, weights, star)
    assert float(norm(mine)) <= 1 + 1e-12
    assert value(mine) == pytest.approx(found.fun, rel=1e-6, abs=1e-10)


@pytest.mark.parametrize(("place", "size"), [("inside", 0.5), ("boundary", 1.0), ("outside", 2.0)])
@pytest.mark.parametrize("name", ["LInf", "L2"])
def test_the_minimiser_lies_where_it_is_said_to(name, place, size):
    problem, on_ball = problem_of({**CASE, "norm": name, "place": place})
    norm = {"LInf": LInf(), "L2": L2()}[name]
    assert float(norm(problem.minimizer)) == pytest.approx(size, rel=1e-12)
    assert float(norm(on_ball)) == pytest.approx(min(size, 1.0), rel=1e-12)


@pytest.mark.parametrize("name", ["decay", "clipping"])
def test_runs_in_the_box_agree_with_a_plain_twin(name):
    task = {**CASE, "norm": "LInf", "place": "outside", "method": name}
    problem, _ = problem_of(task)
    A, star, noise = np.diagonal(problem.matrix), problem.target, Gaussian(1.0)
    x, m = np.zeros(10), np.zeros(10)
    for k, (_, after) in enumerate(updates(problem, noise, 3, method_of(task), 40)):
        g = A * (x - star) + noise.draw(x, 3, k)
        m = g if k == 0 else 0.9 * m + 0.1 * g
        x = 0.95 * x - 0.05 * np.sign(m) if name == "decay" else np.clip(x - 0.05 * np.sign(m), -1, 1)
        np.testing.assert_allclose(after.x, x, rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", ["LInf", "L2"])
def test_decay_is_a_method_on_the_ball(name):
    task = {**CASE, "norm": name, "place": "outside", "method": "decay"}
    problem, _ = problem_of(task)
    runs = [updates(problem, Gaussian(1.0), 3, method_of(task, added), 25) for added in (False, True)]
    for (_, a), (_, b) in zip(*runs, strict=True):
        np.testing.assert_allclose(a.x, b.x, rtol=0, atol=1e-10)


def test_the_bound_is_theorem_3_retyped():
    row = _gap({**CASE, "norm": "LInf", "place": "outside", "method": "decay"})
    weights, star = np.geomspace(0.1, 1.0, 10), problem_of({**CASE, "norm": "LInf", "place": "outside"})[0].target
    least = float(weights @ (np.clip(star, -1, 1) - star) ** 2) / 2
    start, L, noise = float(weights @ star**2) / 2 - least, float(np.sum(weights)), math.sqrt(10)
    eta, alpha, K = 0.05, 0.1, 40
    bound = (1 - eta) ** K * start + 2 * eta * noise / alpha + 2 * math.sqrt(alpha) * noise
    assert row["bound"] == pytest.approx(bound + 4 * L * eta / alpha + 4 * L * eta, rel=1e-12)


def test_the_experiment(rows, tmp_path):
    check_experiment(Clipping(), rows, tmp_path / "plot.svg")


@pytest.mark.parametrize(
    ("words", "where", "change"),
    [
        ("‖x_k‖ ≤ D", {"part": "gap", "method": "clipping"}, lambda row: {"largest": 1.001}),
        ("takes the same steps", {"part": "added"}, lambda row: {"value": 1e-6}),
        (
            "theorem 3",
            {"part": "gap", "method": "decay", "place": "inside"},
            lambda row: {"value": 1.01 * row["bound"]},
        ),
        ("theorem 2", {"part": "stationarity", "place": "outside"}, lambda row: {"value": 1.01 * row["bound"]}),
        ("best η", {"part": "gap", "method": "clipping", "place": "inside"}, lambda row: {"value": 1.0}),
    ],
)
def test_claims_fail_on_rows_that_do_not_bear_them_out(rows, words, where, change):
    assert any(words in text for text in failed(Clipping().summary(altered(rows, change, **where))))


def test_seeds_that_choose_are_others_than_those_that_tell():
    task = {**CASE, "norm": "LInf", "place": "inside", "method": "decay"}
    problem, _ = problem_of(task)
    ends = []
    for k in range(4):
        *_, (_, last) = updates(problem, Gaussian(1.0), seed_of(7, k), method_of(task), 40)
        ends.append(problem.objective(last.x))
    row = _gap(task)
    assert row["choosing"] == pytest.approx((ends[0] + ends[1]) / 2, rel=1e-12)
    assert row["value"] == pytest.approx((ends[2] + ends[3]) / 2, rel=1e-12)
    assert row["curve"][-1] == row["value"]
