"""The dimension: type-2 constants on every sign pattern, the momentum's error exactly, and claims that can fail."""

import itertools
import math

import numpy as np
import pytest

from ntr_spec.experiments import failed
from ntr_spec.experiments.dimension import Dimension, _momentum, _plan, _problem, kappa_of
from ntr_spec.norms import L1, LInf, Lp, Nuclear, Spectral
from tests.experiments.whole import altered, check_experiment, small_rows

TASK = {"part": "momentum", "alpha": 0.1, "radius": 1e-7, "steps": 200, "sigma": 1.0, "seed": 3}


@pytest.fixture(scope="module")
def rows():
    return small_rows(Dimension())


def mean_square(dual, terms):
    """E‖Σ±nᵢ‖² over all signs: the martingale differences ±nᵢ."""
    signs = itertools.product((1.0, -1.0), repeat=len(terms))
    return np.mean([dual(sum(s * n for s, n in zip(pattern, terms, strict=True))) ** 2 for pattern in signs])


@pytest.mark.parametrize(
    ("norm", "order"), [(L1(), np.inf), (Lp(4 / 3), 4), (Lp(1.5), 3), (Lp(1.125), 9), (Lp(2), 2)], ids=str
)
@pytest.mark.parametrize("size", [2, 8, 40, 1000])
def test_kappa_holds_on_every_sign_pattern(norm, order, size):
    kappa = kappa_of(norm, size)
    draw = np.random.default_rng(size)
    for spread in (0.0, 3.0):
        terms = [draw.standard_normal(size) * np.exp(spread * draw.standard_normal(size)) for _ in range(6)]
        total = sum(np.linalg.norm(n, order) ** 2 for n in terms)
        assert mean_square(lambda n: np.linalg.norm(n, order), terms) <= kappa**2 * total * (1 + 1e-12)  # ℓ₂: equality


@pytest.mark.parametrize("size", [2, 4, 7, 8, 20, 1000, 10**6])
def test_kappa_of_the_largest_entry_is_the_least_over_q(size):
    q = 1 + np.geomspace(1.0, 1000.0, 200_000)
    assert kappa_of(L1(), size) == pytest.approx(np.min(np.sqrt(q - 1) * size ** (1 / q)), rel=1e-8)


def test_no_kappa_is_claimed_for_the_duals_of_the_box_and_of_the_spectral_ball():
    assert kappa_of(LInf(), 9) is None
    assert kappa_of(Spectral(), 9) is None


@pytest.mark.parametrize("size", [1, 2, 9])
def test_there_kappa_is_at_least_the_root_of_the_dimension(size):
    basis = np.eye(size)
    assert mean_square(lambda n: float(LInf().dual(n)), list(basis)) == pytest.approx(size * size)
    units = [np.outer(e, e) for e in basis]
    assert mean_square(lambda n: float(Nuclear()(n)), units) == pytest.approx(size * size)


@pytest.mark.parametrize("noise", ["spread", "one entry"])
def test_the_momentum_is_off_by_the_weighted_sum_of_the_noise(noise):
    from ntr_spec.experiments.dimension import _method_of, _noise
    from ntr_spec.experiments.runs import updates

    task = {**TASK, "norm": "LInf", "noise": noise, "entries": 16}
    problem, drawn = _problem(task), _noise(task)
    m = np.zeros(16)
    for k, (before, after) in enumerate(updates(problem, drawn, 3, _method_of(task), 60)):
        n = drawn.draw(m, 3, k)
        m = n if k == 0 else 0.9 * m + 0.1 * n
        off = after.momentum - problem.value_and_gradient(before.x)[1]
        np.testing.assert_allclose(off, m, atol=1e-6)


def test_lemma_3_retyped():
    row = _momentum({**TASK, "norm": "LInf", "noise": "one entry", "entries": 16})
    share = 0.9**50 + math.sqrt(0.1)
    assert row["lemma_3"] == pytest.approx(share * 4 + 1e-6, rel=1e-12)
    row = _momentum({**TASK, "norm": "L1", "noise": "spread", "entries": 16})
    assert row["dual_noise"] == pytest.approx(share * kappa_of(L1(), 16) / 4 + 1e-6 / 1, rel=1e-5)


@pytest.mark.parametrize("entries", [4, 64])
@pytest.mark.parametrize("name", ["LInf", "Spectral"])
def test_problems_of_all_sizes_are_alike(name, entries):
    norm = {"LInf": LInf(), "Spectral": Spectral()}[name]
    problem = _problem({"norm": name, "entries": entries})
    assert problem.known(norm)["L"].value == pytest.approx(1.0)
    assert problem.objective(problem.x0) == pytest.approx(0.5)
    assert float(norm.dual(problem.value_and_gradient(problem.x0)[1])) == pytest.approx(1.0)


def test_the_plan_gains_the_square_of_what_the_noise_does():
    row = _plan({"norm": "L1", "noise": "spread", "entries": 4096, "sigma": 1.0, "eps": 0.1})
    gain = (math.sqrt(4096) / kappa_of(L1(), 4096)) ** 2
    assert row["plan"] / row["plan_dual"] == pytest.approx(gain, rel=0.01)


def test_the_experiment(rows, tmp_path):
    check_experiment(Dimension(), rows, tmp_path / "plot.svg")


@pytest.mark.parametrize(
    ("words", "where", "change"),
    [
        ("Lemma 3", {"part": "momentum", "norm": "Spectral"}, lambda row: {"value": 1.01 * row["lemma_3"]}),
        ("with κσ_*", {"norm": "Lp(4/3)", "part": "momentum"}, lambda row: {"value": 1.01 * row["dual_noise"]}),
        ("plan needs", {"part": "plan"}, lambda row: {"plan_dual": row["plan"] + 1}),
        ("norm LInf, noise on one", {"part": "momentum", "noise": "one entry"}, lambda row: {"least_kappa": 1.0}),
        ("norm LInf, from", {"part": "method", "noise": "one entry"}, lambda row: {"value": row["entries"] ** 0.5}),
    ],
)
def test_claims_fail_on_rows_that_do_not_bear_them_out(rows, words, where, change):
    assert any(words in text for text in failed(Dimension().summary(altered(rows, change, **where))))
