"""The experiment ``bounds``: it holds, and it would find out a bound that is too small or constants that are wrong."""

import dataclasses
import json
import math

import numpy as np
import pytest

from ntr_spec.algorithms import TrustRegion
from ntr_spec.errors import InputError
from ntr_spec.experiments import draws, evidence, runs
from ntr_spec.experiments.bounds import AMOUNTS, Bounds
from ntr_spec.experiments.exceeding import CHANCE, excesses, grouped
from ntr_spec.experiments.inexact_norm import Inexact
from ntr_spec.experiments.settings import affordable_plan, drawn_setting, random_plan
from ntr_spec.norms import L1, L2, LInf, Lp, Nuclear, Product, Spectral, TopK
from ntr_spec.problems import Known, Quadratic
from ntr_spec.steps import Ball, Penalty, Ridge, Zero
from ntr_spec.theory import T1, T2, T3, T4, T5, THEOREMS, Constants
from ntr_spec.trees import tree_map


@pytest.fixture(scope="module")
def rows():
    """Those of the small version."""
    experiment = Bounds()
    return [experiment.run(task) for task in experiment.tasks("small", 0)]


def again(theorem, kind, rows=None):
    """Rows of a theorem that may be falsified, the draws being those of the small version; its runs are made again
    unless its rows are given."""
    experiment = Bounds(tuple(theorem if each.name == theorem.name else each for each in THEOREMS))
    found = []
    for k, task in enumerate(experiment.tasks("small", 0)):
        if (task["theorem"], task["kind"]) == (theorem.name, kind):
            bound = {} if rows is None else {"bound": experiment._setting(task).bound}
            found.append(experiment.run(task) if rows is None else rows[k] | bound)
    return found


def verdicts(rows):
    """Whether no bound on runs, and none on expectations, is exceeded."""
    found = excesses(grouped(rows))
    return [not found.runs, not found.settings and not found.pooled]


# ---- it holds ---------------------------------------------------------------------------------------------------


def test_the_small_version_holds(rows, tmp_path):
    summary = Bounds().summary(rows)
    assert [claim["holds"] for claim in summary["claims"]] == [True, True]
    assert json.loads(json.dumps(summary, allow_nan=False)) == summary
    assert {record["theorem"] for record in summary["largest ratios"]} == {"T1", "T2", "T3", "T4", "T5"}
    assert all(0 < record["largest"] < 1 for record in summary["largest ratios"])
    Bounds().plot(rows, tmp_path / "plot.svg")
    assert (tmp_path / "plot.svg").read_text(encoding="utf-8").startswith("<?xml")


def test_the_full_version_draws_more_than_ten_thousand_runs():
    tasks = Bounds().tasks("full", 0)
    assert len({(task["setting"], task["run"]) for task in tasks}) == len(tasks) > 10_000
    assert AMOUNTS["full"].runs >= 100


def test_rows_are_functions_of_their_tasks(rows):
    tasks = Bounds().tasks("small", 0)
    for k in (0, 35, len(tasks) - 1):
        drawn_setting.cache_clear()
        assert Bounds().run(json.loads(json.dumps(tasks[k]))) == rows[k]


def test_no_run_exceeds_what_none_can(rows):
    capped = [row for row in rows if row["ceiling"] is not None]
    assert len(capped) > len(rows) / 2
    assert all(row["measured"] <= row["ceiling"] * (1 + 1e-12) for row in capped)


# ---- it finds out what is false ---------------------------------------------------------------------------------


@pytest.mark.parametrize("term", ["start", "curvature"])
def test_a_falsified_bound_is_exceeded_by_exact_runs(term):
    found = again(T1.altered(**{term: 0.1}), "exact")
    assert verdicts(found) == [False, True]
    assert [claim["holds"] for claim in Bounds().summary(found)["claims"]] == [False, True]


@pytest.mark.parametrize("theorem", [T2, T3, T4, T5], ids=lambda each: each.name)
def test_a_falsified_bound_on_an_expectation_is_found_out(theorem, rows):
    noisy = [row for row in rows if row["theorem"] == theorem.name and row["noise"] != "none"]
    mean = max(group.mean for group in grouped(noisy))
    small = theorem.altered(**dict.fromkeys(theorem.symbolic_terms(), mean / 5))
    found = again(small, "noisy", None if theorem is T2 else rows)
    assert [row["measured"] for row in found] == [row["measured"] for row in noisy], "the same runs"
    assert verdicts(found) == [True, False]


def test_an_exact_run_may_reach_its_bound_and_not_exceed_it_at_all(rows):
    k = next(k for k, row in enumerate(rows) if row["noise"] == "none")
    for factor, holds in ((1.0, True), (1.0 + 1e-12, False)):
        touched = [row | {"measured": factor * row["bound"]} if j == k else row for j, row in enumerate(rows)]
        assert verdicts(touched) == [holds, True]


SHOWN = ("problem", "shape", "norm", "regularizer", "source", "steps")


def made_up(ratios, **row):
    """Rows of a noisy setting of T2 with bound 1 and these measures."""
    common = {"theorem": "T2", "noise": "Signs", "setting": 0, "bound": 1.0, "ceiling": 100.0} | row
    return [common | {"measured": ratio} for ratio in ratios]


def test_settings_that_prove_nothing_alone_are_found_out_together():
    """Five runs at twice their bound are no evidence beyond 1e-6; those of twenty such settings are."""
    for settings, pooled in ((1, 0), (20, 1)):
        found = excesses(grouped([row for k in range(settings) for row in made_up([2.0] * 5, setting=k)]))
        assert (found.runs, found.settings, found.pooled, found.pools) == (0, 0, pooled, 1)
    apart = [row for k in range(20) for row in made_up([0.5] * 5, setting=k)]
    assert not excesses(grouped(apart)).pooled
    two = [row | {"theorem": name} for row in apart for name in ("T2", "T3")]
    assert excesses(grouped(two)).pools == 2


def test_what_is_established_is_told_apart_from_what_is_capped():
    """A ceiling says that there is a largest value; that E measured < bound takes runs enough below it."""
    few, many = made_up([0.9] * 2, ceiling=10.0, setting=0), made_up([0.01] * 400, ceiling=2.0, setting=1)
    groups = grouped([*few, *many])
    assert [group.below >= evidence.threshold(CHANCE, 2) for group in groups] == [False, True]
    words = Bounds().summary([row | dict.fromkeys(SHOWN, "") | {"delta": 0, "terms": {}} for row in [*few, *many]])
    assert words["established"].startswith("E measured < bound in 1 of 2 noisy settings")


def test_a_bound_that_is_larger_than_needed_is_not(rows):
    assert verdicts(again(T1.altered(start=2, curvature=3), "exact", rows)) == [True, True]


def test_a_wrong_constant_is_found_out(monkeypatch):
    right = Known.constants

    def wrong(self, *arguments, **named):
        found = right(self, *arguments, **named)
        return dataclasses.replace(found, L=found.L / 30)

    monkeypatch.setattr(Known, "constants", wrong)
    drawn_setting.cache_clear()
    found = again(T1, "exact")
    drawn_setting.cache_clear()
    assert verdicts(found) == [False, True]


def test_a_run_that_is_not_finite_exceeds_every_bound(rows):
    exact = next(k for k, row in enumerate(rows) if row["noise"] == "none")
    noisy = next(k for k, row in enumerate(rows) if row["noise"] != "none")
    for k, expected in ((exact, [False, True]), (noisy, [True, False])):
        broken = [row | {"measured": None} if j == k else row for j, row in enumerate(rows)]
        assert verdicts(broken) == expected


def test_the_factors_that_are_told_are_those_that_would_be_found_out(rows):
    told = {record["theorem"]: record for record in Bounds().summary(rows)["terms found out"]}
    for theorem in THEOREMS:
        terms = {term for term, factor in told[theorem.name].items() if factor is not None} - {"theorem"}
        assert terms == set(theorem.symbolic_terms())
    factor = float(told["T1"]["curvature"].removeprefix("× "))
    for scale, expected in ((factor, False), (0.9, True)):
        assert verdicts(again(T1.altered(curvature=scale), "exact", rows))[0] is expected


# ---- what is drawn ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("theorem", "kind"), [("T1", "exact"), *((t.name, kind) for t in THEOREMS[1:] for kind in ("exact", "noisy"))]
)
def test_settings_satisfy_what_their_theorem_assumes(theorem, kind):
    seen = {"composite": 0, "inexact": 0, "plan": 0}
    for seed in range(40):
        setting = drawn_setting(theorem, kind, 60, seed)
        constants, plan, problem = setting.constants, setting.plan, setting.problem
        assert (setting.noise is None) == (kind == "exact")
        assert plan.steps <= 60
        start = problem.objective(problem.x0) + float(setting.regularizer(problem.x0))
        assert constants.delta0 == pytest.approx(start - problem.infimum)
        if setting.theorem.measure == "gap":
            star = problem.minimizer
            lengths = [float(setting.norm(point)) for point in (problem.x0, star)]
            assert max(lengths) <= constants.D * (1 + 1e-12) <= plan.radius / plan.decay * (1 + 1e-9)
            assert problem.star_convex
            assert float(setting.regularizer(star)) == 0.0, "F* = f*"
        seen["composite"] += not isinstance(setting.regularizer, Zero)
        seen["inexact"] += setting.delta > 0
        seen["plan"] += setting.source == "plan"
    assert seen["composite"]
    assert seen["inexact"]
    assert seen["plan"] or setting.theorem.measure == "gap", "plans for a gap take more steps than these"


def test_problems_norms_and_noise_of_many_kinds_are_drawn():
    settings = [drawn_setting("T4", "noisy", 30, seed) for seed in range(150)]
    kinds = {
        name: {setting.words()[name] for setting in settings} for name in ("problem", "norm", "noise", "regularizer")
    }
    assert {"Quadratic", "MatrixRegression", "Cosine", "Wave", "Cauchy", "Welsch", "LogCosh"} <= kinds["problem"]
    assert {"L1", "L2", "LInf", "Lp", "TopK", "Spectral", "Nuclear", "Schatten", "Product", "Mixed"} <= kinds["norm"]
    assert {"Sphere", "Gaussian", "OneEntry", "Signs", "Rare"} <= kinds["noise"]
    assert {"Zero", "Ball", "Penalty", "Ridge"} <= kinds["regularizer"]
    assert any(setting.constants.dual_noise for setting in settings)


@pytest.mark.parametrize("delta", [0.0, 0.1, 0.5, 0.9])
@pytest.mark.parametrize(
    ("norm", "shape"),
    [(L1(), 5), (L2(), 5), (LInf(), 5), (Lp(3), 5), (TopK(2), 5), (Spectral(), (3, 4)), (Nuclear(), (3, 4))],
)
def test_inexact_lmos_fall_short_by_exactly_delta(norm, shape, delta):
    rng, inexact = np.random.default_rng(0), Inexact(norm, delta)
    for _ in range(50):
        g = rng.standard_normal(shape)
        v = inexact.lmo(g)
        assert float(norm(v)) <= 1 + 1e-9
        assert float(np.sum(g * v)) == pytest.approx(-(1 - delta) * float(norm.dual(g)), rel=1e-9)
    assert not np.any(inexact.lmo(np.zeros(shape)))


def test_inexact_lmos_on_pytrees_and_refusals():
    inexact = Inexact(Product({"W": Spectral(), "b": LInf()}), 0.3)
    g = {"W": np.eye(2), "b": np.asarray([1.0, -2.0])}
    v = inexact.lmo(g)
    assert sum(float(np.sum(g[key] * v[key])) for key in g) == pytest.approx(-0.7 * float(inexact.dual(g)))
    assert inexact.rho({"W": (2, 2), "b": 2}) == inexact.norm.rho({"W": (2, 2), "b": 2})
    for delta in (1.0, -0.1):
        with pytest.raises(InputError, match=r"expected delta in \[0, 1\)"):
            Inexact(L2(), delta)


def test_affordable_plans_promise_the_least_that_the_budget_allows():
    constants = Constants(L=1.0, H=1.0, rho=2.0, sigma=0.05, delta0=1.0, D=1.5)
    for theorem in THEOREMS:
        plan = affordable_plan(theorem, constants, 5000)
        assert plan.steps <= 5000
        bound = theorem.bound(constants, plan, plan.steps)
        with_more = affordable_plan(theorem, constants, 20_000)
        assert theorem.bound(constants, with_more, with_more.steps) < bound
    assert affordable_plan(T3, constants, 3) is None, "no gap is promised after three steps"


def test_random_parameters_are_admitted_by_their_theorem():
    constants = Constants(L=1.0, H=1.0, rho=2.0, sigma=0.05, delta0=1.0, D=1.5)
    draw = np.random.default_rng(0)
    for theorem in THEOREMS:
        for delta in (0.0, 0.4):
            plan = random_plan(draw, theorem, constants, 50, delta)
            assert math.isfinite(theorem.bound(constants, plan, plan.steps, delta))


# ---- what is measured -------------------------------------------------------------------------------------------


def test_measures_agree_with_a_run_written_out():
    problem = Quadratic(np.diag([1.0, 3.0]), np.asarray([1.0, -1.0]), np.zeros(2))
    noise, plan = (
        draws.noise_of(np.random.default_rng(1), 0.2),
        random_plan(np.random.default_rng(0), T4, Constants(L=3.0, H=0.0, rho=1.0, sigma=0.2, delta0=2.0), 20, 0.0),
    )
    x, y, m, least = np.zeros(2), np.zeros(2), None, math.inf
    for k in range(20):
        g = np.asarray([1.0, 3.0]) * (y - [1.0, -1.0]) + noise.draw(y, 7, k)
        m = g if m is None else plan.momentum * m + plan.alpha * g
        new = x - plan.radius * m / np.linalg.norm(m)
        y, x = new + plan.momentum / plan.alpha * (new - x), new
        least = min(least, float(np.linalg.norm([1.0, 3.0] * (x - [1.0, -1.0]))))
    method = plan.method(L2())
    assert runs.stationarity(problem, noise, 7, method, 20) == pytest.approx(least)
    value = 0.5 * float(np.sum([1.0, 3.0] * (x - [1.0, -1.0]) ** 2))
    assert runs.gap(problem, 0.0, noise, 7, method, 20) == pytest.approx(value)


@pytest.mark.parametrize("regularizer", [Ridge(0.5), Penalty(L1(), 0.3), Ball(LInf(), 0.7)])
@pytest.mark.parametrize("norm", [L2(), LInf(), L1()])
def test_subgradients_certify_the_step(norm, regularizer):
    problem = Quadratic(np.diag([1.0, 2.0, 4.0]), np.asarray([1.0, -1.0, 0.5]), np.zeros(3))
    method = random_plan(
        np.random.default_rng(0), T2, Constants(L=4.0, rho=2.0, sigma=0.0, delta0=3.0), 10, 0.0
    ).method(norm, regularizer)
    for before, after in runs.updates(problem, None, 0, method, 10):
        s = runs.subgradient(method, before, after)
        # R(z) ≥ R(x) + ⟨s, z − x⟩ at points of the domain, and Lemma 1's equality.
        for z in np.random.default_rng(1).uniform(-0.7, 0.7, (50, 3)):
            lower = float(regularizer(after.x)) + float(np.sum(s * (z - after.x)))
            assert float(regularizer(z)) >= lower - 1e-5
        length = float(method.dual_length(after.momentum + s))
        moved = float(np.sum((after.momentum + s) * (after.x - before.x)))
        assert moved == pytest.approx(-method.settings(0)["radius"] * length, abs=1e-5)


def test_stationarity_counts_the_regularizer():
    problem = Quadratic(np.diag([1.0, 3.0]), np.asarray([1.0, -1.0]), np.zeros(2))
    method = TrustRegion(LInf(), radius=0.01, momentum=0.5, regularizer=Ridge(0.5))
    state, lengths = method.init(problem.x0), []
    for _ in range(60):
        state = method.update(state, problem.value_and_gradient(state.x)[1])
        whole = problem.value_and_gradient(state.x)[1] + 0.5 * state.x  # ∇(f + ¼‖x‖₂²)
        lengths.append(float(np.sum(np.abs(whole))))
    assert runs.stationarity(problem, None, 0, method, 60) == pytest.approx(min(lengths), rel=1e-6)


def test_a_step_that_was_made_otherwise_is_noticed():
    problem = Quadratic(np.diag([1.0, 2.0]), np.asarray([1.0, -1.0]), np.zeros(2))
    plan = random_plan(np.random.default_rng(0), T2, Constants(L=2.0, rho=1.0, sigma=0.0, delta0=1.5), 5, 0.0)
    method = plan.method(LInf(), Ridge(0.5))
    ((before, after),) = runs.updates(problem, None, 0, method, 1)
    shifted = after._replace(x=tree_map(lambda a: a + 0.1, after.x))
    with pytest.raises(AssertionError, match="solved differently"):
        runs.subgradient(method, before, shifted)
