"""Newton–Schulz oracles: δ from the scalar polynomial on singular values, bounds retyped, and claims that can fail."""

import numpy as np
import pytest

from ntr_spec.experiments import failed
from ntr_spec.experiments.inexact import COEFFICIENTS, Feasible, InexactLMO, method_of, problem_of
from ntr_spec.norms import Spectral
from ntr_spec.norms.polar import SVD, NewtonSchulz
from tests.experiments.whole import altered, check_experiment, small_rows

TASK = {"theorem": "T1", "coefficients": "jordan", "iterations": 3, "condition": 10.0, "draw": 0}
TASK |= {"radius": 0.02, "steps": 25, "seed": 5}


@pytest.fixture(scope="module")
def rows():
    return small_rows(InexactLMO())


def mapped(values, name, count):
    """What the iteration makes of singular values."""
    s = values / np.linalg.norm(values)
    a, b, c = COEFFICIENTS[name]
    for _ in range(count):
        s = a * s + b * s**3 + c * s**5
    return s


@pytest.mark.parametrize("condition", [1.0, 30.0, 1e4])
@pytest.mark.parametrize("count", [1, 3, 5, 12])
@pytest.mark.parametrize("name", COEFFICIENTS)
def test_delta_is_that_of_the_scalar_polynomial(name, count, condition):
    draw = np.random.default_rng(0)
    u, v = (np.linalg.qr(draw.standard_normal((6, 6)))[0] for _ in range(2))
    values = np.geomspace(1.0, 1 / condition, 6)
    g = u @ np.diag(values) @ v.T
    answer = Spectral(Feasible(NewtonSchulz(count, COEFFICIENTS[name], feasible=False))).lmo(g)
    s = mapped(values, name, count)
    s = s / max(1.0, np.max(np.abs(s)))
    assert np.linalg.norm(answer, 2) <= 1 + 1e-12
    assert 1 + np.sum(g * answer) / np.sum(values) == pytest.approx(1 - np.sum(values * s) / np.sum(values), abs=1e-9)


def test_a_feasible_factor_is_left_alone():
    g = np.random.default_rng(0).standard_normal((4, 4))
    inner = NewtonSchulz(3, COEFFICIENTS["cubic"], feasible=False)
    shrunk = Spectral(Feasible(inner)).lmo(g)
    raw = Spectral(inner).lmo(g)
    assert np.linalg.norm(raw, 2) < 1
    np.testing.assert_array_equal(shrunk, raw)


def test_zero_stays_zero_and_nan_is_kept():
    norm = Spectral(Feasible(NewtonSchulz(feasible=False)))
    assert not np.any(norm.lmo(np.zeros((3, 3))))
    assert np.isnan(norm.lmo(np.full((3, 3), np.nan))).all()


def test_a_row_is_a_plain_run_and_its_bound_retyped():
    row = InexactLMO().run(TASK)
    problem = problem_of(TASK)
    S, T = problem.features.T @ problem.features / 8, problem.minimizer
    x, sizes, deltas = np.zeros((8, 8)), [], []
    for _ in range(25):
        g = S @ (x - T)
        u, values, vh = np.linalg.svd(g)
        s = mapped(values, "jordan", 3)
        s = s / max(1.0, np.max(s))
        deltas.append(1 - np.sum(values * s) / np.sum(values))
        x = x - 0.02 * u @ np.diag(s) @ vh
        sizes.append(np.linalg.norm(S @ (x - T), "nuc"))
    assert row["value"] == pytest.approx(min(sizes), rel=1e-8)
    assert row["delta_max"] == pytest.approx(max(deltas), rel=1e-8)
    assert row["delta_mean"] == pytest.approx(np.mean(deltas), rel=1e-8)
    start, L, delta = np.sum(T * (S @ T)) / 2, np.sum(np.linspace(0.5, 1.0, 8)), max(deltas)
    bound = (start / (0.02 * 25) + (1.5 - delta) * L * 0.02) / (1 - delta)
    assert row["bound"] == pytest.approx(bound, rel=1e-8)


def test_the_exact_oracle_is_the_svd():
    assert method_of({**TASK, "coefficients": "svd"}).norm == Spectral(SVD())


def test_the_experiment(rows, tmp_path):
    check_experiment(InexactLMO(), rows, tmp_path / "plot.svg")


@pytest.mark.parametrize(
    ("words", "where", "change"),
    [
        ("up to rounding", {"coefficients": "quintic"}, lambda row: {"length_max": 1.001}),
        ("up to rounding", {"coefficients": "jordan"}, lambda row: {"bound": None, "value": 0.0}),
        ("of the bound", {"theorem": "T2", "coefficients": "svd"}, lambda row: {"value": 1.01 * row["bound"]}),
        ("exact LMO", {"coefficients": "svd"}, lambda row: {"delta_max": 1e-3}),
        ("cubic", {"coefficients": "cubic", "iterations": 5}, lambda row: {"delta_max": 0.9}),
    ],
)
def test_claims_fail_on_rows_that_do_not_bear_them_out(rows, words, where, change):
    assert any(words in text for text in failed(InexactLMO().summary(altered(rows, change, **where))))
