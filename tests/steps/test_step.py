"""Every pair of norm and regularizer: certified, or a sentence that says why not; cvxpy and another solver agree."""

import numpy as np
import pytest

import ntr_spec as ntr
from ntr_spec.arrays import namespace_of
from ntr_spec.errors import InfeasibleError, InputError
from ntr_spec.steps import Ball, Box, Penalty, Ridge, Step, Zero, trust_region_step
from ntr_spec.steps.problem import Problem
from ntr_spec.steps.table import SOLVERS, can_solve, rows, serving, solver_for
from tests.steps.pairs import PAIRS, instance, minimum, objective

RADIUS = 0.7
NAMES = [name for name, *_ in PAIRS]
SOLVED = [pair for pair in PAIRS if can_solve(pair[1], pair[2])]
NO_EXPRESSION = ("Schatten",)  # cvxpy has none: the certificate alone speaks for it


def is_feasible(norm, x, center, radius, regularizer):
    return float(norm(x - center)) <= radius * (1 + 1e-12) and np.isfinite(float(regularizer(x)))


@pytest.mark.parametrize(("name", "norm", "regularizer", "shape"), SOLVED, ids=[p[0] for p in SOLVED])
def test_every_pair_is_certified_and_cvxpy_agrees(name, norm, regularizer, shape):
    m, center = instance(name, shape)
    step = trust_region_step(norm, m, center, RADIUS, regularizer)
    assert is_feasible(norm, step.point, center, RADIUS, regularizer)
    assert -1e-12 <= float(step.relative_gap) <= 1e-6
    if name.split("-")[0] in NO_EXPRESSION:
        return
    scale = RADIUS * (float(norm.dual(m)) + float(norm.dual(step.subgradient)))
    assert objective(m, step.point, regularizer) == pytest.approx(
        minimum(norm, m, center, RADIUS, regularizer), abs=3e-6 * scale
    )


def test_every_pair_is_solved():
    assert len(SOLVED) == len(PAIRS)


def test_a_norm_without_any_projection_says_why_not():
    norm = ntr.Mixed(ntr.L2(), ntr.L1(), axis=0)
    with pytest.raises(InputError, match=r"no solver serves this pair, as .* has no projection .*; take ") as caught:
        trust_region_step(norm, np.ones((2, 2)), np.zeros((2, 2)), RADIUS, Ridge(1.0))
    assert str(caught.value).count(". ") == 0


CROOKED = np.array([[1.0, 0.9, 0.0], [0.0, 1.0, 0.9], [0.0, 0.0, 0.3]])
MAPPED = (
    ntr.Linear(ntr.L1(), CROOKED),
    ntr.Linear(ntr.LInf(), CROOKED, inverse=True),
    ntr.Scaled(ntr.Linear(ntr.LInf(), CROOKED), 20),
    ntr.Linear(ntr.TopK(2), CROOKED),
    ntr.Weighted(ntr.TopK(2), [0.1, 1.0, 5.0]),
    ntr.Weighted(ntr.Lp(3), [0.1, 1.0, 5.0], inverse=True),
)


@pytest.mark.parametrize("regularizer", [Penalty(ntr.L1(), 0.4), Ball(ntr.L2(), 0.3), Box(-0.3, 0.4)], ids=str)
@pytest.mark.parametrize("norm", MAPPED, ids=repr)
def test_a_norm_of_a_linear_map_has_no_projection_but_is_solved(norm, regularizer):
    m, center = np.array([1.0, -0.6, 0.3]), np.array([0.05, 0.1, -0.08])
    step = trust_region_step(norm, m, center, RADIUS, regularizer)
    assert step.solver == "splitting"
    assert is_feasible(norm, step.point, center, RADIUS, regularizer)
    assert -1e-12 <= float(step.relative_gap) <= 1e-6
    scale = RADIUS * (float(norm.dual(m)) + float(norm.dual(step.subgradient)))
    assert objective(m, step.point, regularizer) == pytest.approx(
        minimum(norm, m, center, RADIUS, regularizer), abs=3e-6 * scale
    )


TWICE = [
    (f"{name}-{row.name}", norm, regularizer, shape, row.name)
    for name, norm, regularizer, shape in SOLVED
    for row in serving(norm, regularizer)[1:]
]


@pytest.mark.parametrize(("name", "norm", "regularizer", "shape", "method"), TWICE, ids=[p[0] for p in TWICE])
def test_solvers_of_one_pair_agree(name, norm, regularizer, shape, method):
    m, center = instance(name, shape)
    first = trust_region_step(norm, m, center, RADIUS, regularizer)
    second = trust_region_step(norm, m, center, RADIUS, regularizer, method=method)
    assert second.solver == method != first.solver
    scale = RADIUS * (float(norm.dual(m)) + float(norm.dual(first.subgradient)))
    assert objective(m, second.point, regularizer) == pytest.approx(
        objective(m, first.point, regularizer), abs=2e-6 * scale
    )


def test_the_gap_is_primal_minus_dual():
    m, center = np.array([1.0, -2.0, 0.5]), np.array([0.2, 0.0, -0.1])
    regularizer, norm = Penalty(ntr.L1(), 0.3), ntr.LInf()
    step = trust_region_step(norm, m, center, 0.5, regularizer)
    s = step.subgradient
    primal = objective(m, step.point, regularizer)
    dual = (m + s) @ center - 0.5 * float(norm.dual(m + s)) - float(regularizer.conjugate(s))
    assert float(step.gap) == pytest.approx(primal - dual, abs=1e-15)


def test_a_step_at_the_wrong_point_has_a_gap():
    m, center = np.array([1.0, -2.0]), np.zeros(2)
    problem = Problem(ntr.LInf(), m, center, 1.0, Penalty(ntr.L1(), 0.5), namespace_of(m))
    wrong = Step(np.array([1.0, 1.0]), np.array([0.5, 0.5]), 0, "by hand", problem)
    right = trust_region_step(ntr.LInf(), m, center, 1.0, Penalty(ntr.L1(), 0.5))
    excess = objective(m, wrong.point, problem.regularizer) - objective(m, right.point, problem.regularizer)
    assert float(wrong.gap) >= excess > 0.5


BLOCKS = ntr.Product({"W": ntr.Spectral(), "b": ntr.LInf()})
PER_BLOCK = (
    {"W": Penalty(ntr.Nuclear(), 0.3), "b": Penalty(ntr.L1(), 0.2)},
    {"W": Zero(), "b": Box(-1, 1)},
    Ridge(0.5),
    Penalty(ntr.Product({"W": ntr.Nuclear(), "b": ntr.L1()}, outer=ntr.L1()), 0.3),
)


@pytest.mark.parametrize("regularizer", PER_BLOCK, ids=str)
def test_blocks_are_solved_apart_and_their_gaps_add_up(regularizer):
    rng = np.random.default_rng(5)
    m = {"W": rng.standard_normal((3, 2)), "b": rng.standard_normal(3)}
    center = {"W": 0.1 * rng.standard_normal((3, 2)), "b": 0.1 * rng.standard_normal(3)}
    step = trust_region_step(BLOCKS, m, center, 0.5, regularizer)
    assert step.solver == "blocks"
    assert abs(float(step.relative_gap)) <= 1e-6
    together = trust_region_step(BLOCKS, m, center, 0.5, regularizer, method="splitting")
    for name in m:
        value = [float(np.sum(m[name] * s.point[name])) for s in (step, together)]
        assert value[0] == pytest.approx(value[1], abs=1e-4)


LEAVES = (
    (Ridge(0.5), "blocks"),
    (Penalty(ntr.PerLeaf(ntr.Nuclear(), outer=ntr.L1()), 0.3), "blocks"),
    (Penalty(ntr.PerLeaf(ntr.L1(), outer=ntr.L1()), 0.3) + Ridge(0.5), "blocks"),
    (Ball(ntr.PerLeaf(ntr.Frobenius()), 0.3), "blocks"),
    ({"a": Penalty(ntr.L1(), 0.3), "b": [Zero(), Box(-1, 1)]}, "blocks"),
    ({"a": Penalty(ntr.L1(), 0.3), "b": Ridge(0.5)}, "blocks"),  # one for a whole branch
    (Penalty(ntr.PerLeaf(ntr.Frobenius(), outer=ntr.L2()), 0.3), "splitting"),  # no sum over leaves
)


@pytest.mark.parametrize(("regularizer", "solver"), LEAVES, ids=[str(row[0]) for row in LEAVES])
def test_leaves_of_any_tree_are_solved_apart(regularizer, solver):
    rng = np.random.default_rng(6)
    m, center = (
        {"a": c * rng.standard_normal((3, 2)), "b": [c * rng.standard_normal(s) for s in ((2, 2), (1, 4))]}
        for c in (1.0, 0.05)
    )
    norm = ntr.PerLeaf(ntr.Spectral())
    step = trust_region_step(norm, m, center, 0.5, regularizer)
    assert step.solver == solver
    assert abs(float(step.relative_gap)) <= 1e-6
    together = trust_region_step(norm, m, center, 0.5, regularizer, method="splitting")
    value = []
    for s in (step, together):
        parts = zip([m["a"], *m["b"]], [s.point["a"], *s.point["b"]], strict=True)
        value.append(sum(float(np.sum(a * b)) for a, b in parts) + float(s.problem.regularizer(s.point)))
    assert value[0] == pytest.approx(value[1], abs=1e-4)


def test_one_array_is_one_leaf():
    m = np.array([[1.0, -0.5], [0.2, 2.0]])
    alone = trust_region_step(ntr.Spectral(), m, 0 * m, 0.5, Penalty(ntr.L1(), 0.3))
    leaf = trust_region_step(ntr.PerLeaf(ntr.Spectral()), m, 0 * m, 0.5, Penalty(ntr.L1(), 0.3))
    np.testing.assert_array_equal(leaf.point, alone.point)


def test_the_table_names_what_serves():
    assert solver_for(ntr.Spectral(), Zero()).name == "lmo"
    assert solver_for(ntr.LInf(), Penalty(ntr.L1(), 1.0)).name == "box"
    assert solver_for(ntr.Frobenius(), Penalty(ntr.Nuclear(), 1.0)).name == "euclidean"
    assert solver_for(ntr.L1(), Box(0, 1)).name == "cross"
    assert solver_for(ntr.Spectral(), Penalty(ntr.L1(), 1.0)).name == "splitting"
    text = rows()
    assert [line.split()[0] for line in text.splitlines()] == [row.name for row in SOLVERS]


def test_a_method_that_does_not_serve_is_refused_by_name():
    m = np.ones(3)
    with pytest.raises(InputError, match=r"method 'lmo' does not serve .*; take 'box' or 'splitting'"):
        trust_region_step(ntr.LInf(), m, m, 1.0, Penalty(ntr.L1(), 1.0), method="lmo")
    with pytest.raises(InputError, match=r"method 'newton' is no solver"):
        trust_region_step(ntr.LInf(), m, m, 1.0, Penalty(ntr.L1(), 1.0), method="newton")


FAR = (
    (ntr.LInf(), Box(0, 1), "box"),
    (ntr.L2(), Ball(ntr.L1(), 0.5), "euclidean"),
    (ntr.L1(), Box(-0.1, 0.1), "cross"),
    (ntr.TopK(2), Ball(ntr.L1(), 0.5), "splitting"),
    (ntr.LInf(), Ball(ntr.L2(), 0.5), "splitting"),
)


@pytest.mark.parametrize(("norm", "regularizer", "solver"), FAR, ids=[p[2] for p in FAR])
def test_a_ball_that_misses_the_domain_is_named(norm, regularizer, solver):
    center = np.array([3.0, -4.0, 5.0])
    with pytest.raises(InfeasibleError, match=r"away from the center in .*, more than the radius 0.5") as caught:
        trust_region_step(norm, np.ones(3), center, 0.5, regularizer)
    assert repr(norm) in str(caught.value)
    assert solver_for(norm, regularizer).name == solver


@pytest.mark.parametrize(("norm", "regularizer", "solver"), FAR, ids=[p[2] for p in FAR])
def test_a_center_outside_the_domain_is_fine_where_the_ball_reaches_it(norm, regularizer, solver):
    m, center = np.array([1.0, -0.3, 0.2]), np.array([0.6, -0.4, 1.3])
    radius = 4.0
    step = trust_region_step(norm, m, center, radius, regularizer)
    assert is_feasible(norm, step.point, center, radius, regularizer)
    assert not np.isfinite(float(regularizer(center)))
    scale = radius * (float(norm.dual(m)) + float(norm.dual(step.subgradient)))
    assert objective(m, step.point, regularizer) == pytest.approx(
        minimum(norm, m, center, radius, regularizer), abs=3e-6 * scale
    )
