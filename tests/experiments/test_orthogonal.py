"""Momentum before and after the LMO: the noise, the exact numbers and the runs against plain twins."""

import numpy as np
import pytest

import ntr_spec as ntr
from ntr_spec.experiments import failed, seed_of
from ntr_spec.experiments.imbalanced import Imbalanced
from ntr_spec.experiments.orthogonal import Orthogonal, _direction, _floor, _gap, _noise, _problem, method_of
from tests.experiments.whole import altered, check_experiment, small_rows

LIKE = np.zeros((3, 2))


@pytest.fixture(scope="module")
def rows():
    return small_rows(Orthogonal())


@pytest.mark.parametrize("p", [0.01, 0.1, 0.5])
def test_the_two_outcomes_have_mean_zero_and_the_stated_variance(p):
    noise = Imbalanced(3.0, p)
    common, rare = noise.common(LIKE), noise.rare(LIKE)
    np.testing.assert_allclose((1 - p) * common + p * rare, 0, atol=1e-15)
    assert (1 - p) * np.sum(common**2) + p * np.sum(rare**2) == pytest.approx(9.0, rel=1e-14)
    draws = [noise.draw(LIKE, 0, step) for step in range(500)]
    assert all(np.allclose(n, common) or np.allclose(n, rare) for n in draws)
    share = np.mean([np.allclose(n, rare) for n in draws]) if p < 0.5 else p
    assert abs(share - p) < 4 * np.sqrt(p * (1 - p) / 500)


@pytest.mark.parametrize("norm", [ntr.LInf(), ntr.L1(), ntr.Spectral(), ntr.Nuclear(), ntr.Frobenius()], ids=repr)
def test_its_size_in_the_dual_norm_is_that_of_the_outcomes(norm):
    noise = Imbalanced(3.0, 0.1)
    square = 0.9 * float(norm.dual(noise.common(LIKE))) ** 2 + 0.1 * float(norm.dual(noise.rare(LIKE))) ** 2
    assert noise.dual(norm, LIKE.shape) == pytest.approx(np.sqrt(square), rel=1e-12)


@pytest.mark.parametrize("norm", [ntr.LInf(), ntr.L1(), ntr.Spectral(), ntr.Lp(3)], ids=repr)
def test_the_common_outcome_is_where_the_mean_dual_norm_is_least(norm):
    noise = Imbalanced(1.0, 0.1)
    common, rare = noise.common(LIKE), noise.rare(LIKE)

    def mean(gradient):
        return 0.9 * float(norm.dual(gradient + common)) + 0.1 * float(norm.dual(gradient + rare))

    draw = np.random.default_rng(0)
    least = mean(-common)
    for _ in range(200):
        away = draw.standard_normal(LIKE.shape) * 10 ** draw.uniform(-6, 1)
        assert mean(-common + away) > least
        # Its slope there: at least (1 − 2p)‖away‖_*, so the minimiser is the only one.
        assert mean(-common + away) - least >= 0.8 * float(norm.dual(away)) * (1 - 1e-6) - 1e-12


@pytest.mark.parametrize("p", [0.0, 0.6, -1.0, True, float("nan")])
def test_a_probability_out_of_range_is_told(p):
    with pytest.raises(ntr.InputError, match="probability above 0 and at most 1/2"):
        Imbalanced(1.0, p)


def test_a_sigma_out_of_range_is_told():
    with pytest.raises(ntr.InputError, match="sigma"):
        Imbalanced(-1.0, 0.1)


@pytest.mark.parametrize("order", ["before", "after"])
def test_runs_agree_with_a_plain_twin(order):
    task = {"noise": "imbalanced", "order": order, "sigma": 1.0, "alpha": 0.1, "radius": 0.02, "steps": 60}
    problem = _problem(at_minimizer=False)
    S, T = problem.features.T @ problem.features / 4, problem.minimizer
    noise = _noise(task)

    def polar(g):
        u, _, vh = np.linalg.svd(g)
        return u @ vh

    x, m, found = np.zeros((4, 4)), np.zeros((4, 4)), []
    for k in range(60):
        g = S @ (x - T) + noise.draw(x, 5, k)
        if order == "before":
            m = g if k == 0 else 0.9 * m + 0.1 * g
            x = x - 0.02 * polar(m)
        else:
            m = 0.9 * m - 0.1 * polar(g)
            x = x + 0.02 * m
        found.append(np.sum((x - T) * (S @ (x - T))) / 2)
    assert _gap(task, problem, 5, 10) == pytest.approx(np.mean(found[-10:]), rel=1e-9)


def test_steps_of_both_orders_are_at_most_the_radius():
    for order in ("before", "after"):
        method = method_of({"order": order, "alpha": 0.1, "radius": 0.5})
        state = method.init(np.zeros((4, 4)))
        for k in range(20):
            old, state = state, method.update(state, np.random.default_rng(k).standard_normal((4, 4)))
            assert float(ntr.Spectral()(state.x - old.x)) <= 0.5 * (1 + 1e-12)


def test_the_floor_is_the_value_where_the_gradient_is_minus_the_common_outcome():
    problem, noise = _problem(at_minimizer=True), Imbalanced(1.0, 0.1)
    S = problem.features.T @ problem.features / 4
    at = problem.minimizer - np.linalg.inv(S) @ noise.common(problem.x0)
    value, gradient = problem.value_and_gradient(at)
    np.testing.assert_allclose(gradient, -noise.common(at), atol=1e-13)
    assert _floor(problem, noise) == pytest.approx(float(value) - problem.infimum, rel=1e-9)


def test_the_exact_delta_is_that_of_the_two_polar_factors():
    g = np.random.default_rng(1).standard_normal((4, 4))
    g = g / np.linalg.norm(g, "nuc")
    for name, p in (("balanced", 0.5), ("imbalanced", 0.1)):
        task = {"noise": name, "order": "after", "sigma": 2.0, "alpha": 0.5, "radius": 1.0, "steps": 12}
        aligned = 0.0
        for weight, size in ((p, 2 * np.sqrt((1 - p) / p)), (1 - p, -2 * np.sqrt(p / (1 - p)))):
            u, _, vh = np.linalg.svd(g + size * np.ones((4, 4)) / 4)
            aligned += weight * np.sum(g * (u @ vh))
        assert _direction(task, 0)["exact"] == pytest.approx(1 - aligned, rel=1e-9)


def test_the_experiment(rows, tmp_path):
    check_experiment(Orthogonal(), rows, tmp_path / "plot.svg")


def test_claims_fail_on_rows_that_do_not_bear_them_out(rows):
    experiment = Orthogonal()
    swapped = [{**row, "order": {"before": "after", "after": "before"}[row["order"]]} for row in rows]
    swapped = [{**row, "exact": row.get("exact", 0.25)} for row in swapped]
    assert len(failed(experiment.summary(swapped))) >= 4
    no_floor = altered(rows, lambda row: {"value": row["value"] / 100}, part="drift", order="after")
    assert "drifts" in failed(experiment.summary(no_floor))[0]
    biased = altered(rows, lambda row: {"value": row["value"] + 0.2}, part="direction", order="after", noise="balanced")
    assert "whatever α" in failed(experiment.summary(biased))[0]


def test_the_seeds_that_choose_do_not_tell(rows):
    cheated = altered(rows, lambda row: {"value": 1e9}, part="tuned", order="before")
    entry = next(e for e in Orthogonal().summary(cheated)["tuned"] if e["noise"] == "imbalanced")
    honest = next(e for e in Orthogonal().summary(rows)["tuned"] if e["noise"] == "imbalanced")
    assert entry["before_radius"] == honest["before_radius"]
    assert entry["before"] == 1e9


def test_seeds_that_choose_are_others_than_those_that_tell():
    task = {
        "part": "tuned",
        "noise": "gaussian",
        "order": "after",
        "sigma": 1.0,
        "alpha": 0.3,
        "radius": 0.1,
        "steps": 20,
    }
    row = Orthogonal().run({**task, "seed": 4})
    ends = [_gap(task, _problem(at_minimizer=False), seed_of(4, k), 2) for k in range(4)]
    assert row["choosing"] == pytest.approx((ends[0] + ends[1]) / 2, rel=1e-12)
    assert row["value"] == pytest.approx((ends[2] + ends[3]) / 2, rel=1e-12)
