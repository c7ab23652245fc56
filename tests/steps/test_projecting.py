"""Projections on norm balls, iterative ones included, against convex programs and their own optimality conditions."""

import dataclasses

import numpy as np
import pytest

import ntr_spec as ntr
from ntr_spec.arrays import namespace_of, tolerance
from ntr_spec.errors import NotDeclaredError, UntraceableError
from ntr_spec.norms.apply import apply_project
from ntr_spec.steps import Ball, Penalty
from ntr_spec.steps.projecting import can_project, project
from ntr_spec.verify.symbolic import symbols
from tests.norms import oracle

ITERATIVE = {
    "Lp 1.01": (ntr.Lp(1.01), (5,)),
    "Lp 1.5": (ntr.Lp(1.5), (5,)),
    "Lp 2": (ntr.Lp(2), (5,)),
    "Lp 3": (ntr.Lp(3), (5,)),
    "Lp 20": (ntr.Lp(20), (5,)),
    "OWL": (ntr.OWL([3, 2, 1]), (3,)),
    "OWL with zeros": (ntr.OWL([3, 2, 0, 0]), (4,)),
    "Ellipsoidal": (ntr.Ellipsoidal([[2, 1], [1, 3]]), (2,)),
    "its dual": (ntr.Ellipsoidal([[2, 1], [1, 3]], inverse=True), (2,)),
    "ill-conditioned": (ntr.Ellipsoidal(np.diag([1e-4, 1.0, 1e4])), (3,)),
    "weights in L2": (ntr.Weighted(ntr.L2(), [0.5, 1, 3]), (3,)),
    "its dual with weights": (ntr.Weighted(ntr.L2(), [0.5, 1, 3], inverse=True), (3,)),
    "weights in Frobenius": (ntr.Weighted(ntr.Frobenius(), [[0.5, 1, 3], [2, 0.1, 1]]), (2, 3)),
    "a matrix in L2": (ntr.Linear(ntr.L2(), [[2, 1], [-0.5, 1]]), (2,)),
    "its dual with a matrix": (ntr.Linear(ntr.L2(), [[2, 1], [-0.5, 1]], inverse=True), (2,)),
    "Schatten": (ntr.Schatten(1.5), (2, 3)),
    "gauge OWL": (ntr.SingularValueNorm(ntr.OWL([2, 1])), (3, 2)),
    "fibres": (ntr.Mixed(ntr.LInf(), ntr.Lp(3), axis=1), (3, 2)),
}
iterative = pytest.mark.parametrize("name", ITERATIVE)


@dataclasses.dataclass(frozen=True)
class Plain(ntr.Norm):
    """A user's norm without a projection whose dual has one."""

    of: ntr.Norm

    event_rank = 1

    def _value(self, x, xp):
        return self.of._value(x, xp)

    def _lmo(self, g, xp):
        return self.of._lmo(g, xp)

    @property
    def dual(self):
        return self.of.dual


def nearest(norm, x, radius):
    return project(norm, x, radius, namespace_of(x))


def draws(shape, seed=0):
    rng = np.random.default_rng(seed)
    return [
        rng.normal(size=shape),
        rng.integers(-2, 3, shape) + np.eye(*shape)[0] if len(shape) > 1 else rng.integers(1, 4, shape) * 1.0,
        rng.normal(size=shape) * 10.0 ** rng.integers(-6, 7, shape),
        np.full(shape, -3.0),
        rng.normal(size=shape) * 1e-120,
    ]


# cvxpy has no expression for the others, or only an approximate one
SOLVED = tuple(
    name for name in ITERATIVE if name not in ("Lp 1.01", "Lp 20", "ill-conditioned", "Schatten", "gauge OWL", "fibres")
)


@pytest.mark.parametrize("name", SOLVED)
def test_iterative_projections_solve_the_convex_program(name):
    norm, shape = ITERATIVE[name]
    for x in draws(shape)[:2]:
        size = float(norm(x))
        for fraction in (0.05, 0.6, 0.999):
            p = norm.project(x, fraction * size)
            distance = oracle.distance(norm, x, fraction * size)
            np.testing.assert_allclose(np.linalg.norm(p - x), distance, atol=3e-6 * np.linalg.norm(x))


@iterative
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_iterative_projections_are_optimal_to_rounding(name, dtype):
    norm, shape = ITERATIVE[name]
    for k, x in enumerate(draws(shape)):
        if k == 4 and dtype == "float32":  # below its range
            continue
        x = x.astype(dtype)
        size = float(norm(x))
        slack = tolerance(float(np.finfo(dtype).eps), x.size)
        for fraction in (1e-6, 0.01, 0.5, 0.9, 1 - 1e-5, 1.0, 3.0):
            r = fraction * size
            p = norm.project(x, r)
            assert p.dtype == dtype
            assert float(norm(p)) <= r + slack * size
            normal = x - p
            # sup over ‖y‖ ≤ r of ⟨x − p, y − p⟩
            excess = r * float(norm.dual(normal)) - float(np.sum(normal * p))
            assert excess <= slack * (r + size) * float(norm.dual(x))
            if fraction > 1:
                np.testing.assert_allclose(p, x, rtol=0, atol=slack * abs(x).max())


@iterative
def test_iterative_projections_at_the_edges(name):
    norm, shape = ITERATIVE[name]
    x = draws(shape)[0]
    np.testing.assert_array_equal(norm.project(0 * x, 0.5), 0)
    np.testing.assert_allclose(norm.project(x, 0.0), 0, atol=1e-14)
    x.reshape(-1)[0] = np.nan
    assert np.isnan(norm.project(x, 0.5)).any()


STACKED = ("Lp 1.5", "Lp 3", "OWL", "Ellipsoidal", "ill-conditioned", "weights in Frobenius", "its dual with a matrix")


@pytest.mark.parametrize("name", STACKED)
def test_a_stack_gives_what_its_points_give(name):
    norm, shape = ITERATIVE[name]
    rng = np.random.default_rng(1)
    stack, radii = rng.normal(size=(3, *shape)), np.array([0.1, 1.0, 30.0])
    together = apply_project(norm, stack, radii, namespace_of(stack), 1)
    for one, x, r in zip(together, stack, radii, strict=True):
        np.testing.assert_allclose(one, norm.project(x, float(r)), atol=1e-14)


@iterative
def test_torch_gives_what_numpy_gives(name):
    torch = pytest.importorskip("torch")
    norm, shape = ITERATIVE[name]
    x = draws(shape)[0].astype(np.float32)
    found = norm.project(torch.from_numpy(x), 0.5)
    np.testing.assert_allclose(np.asarray(found), norm.project(x, 0.5), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("name", ["Lp 3", "OWL", "Ellipsoidal"])
def test_compiled_by_jax_they_give_what_numpy_gives(name):
    jax = pytest.importorskip("jax")
    norm, shape = ITERATIVE[name]
    x = draws(shape)[0].astype(np.float32)
    found = jax.jit(lambda x: norm.project(x, 0.5))(jax.numpy.asarray(x))
    np.testing.assert_allclose(np.asarray(found), norm.project(x, 0.5), rtol=1e-3, atol=1e-4)


@iterative
def test_symbols_are_refused_at_once(name):
    norm, shape = ITERATIVE[name]
    with pytest.raises(UntraceableError):
        norm.project(symbols("x", shape), symbols("r", (), positive=True))


# ---- through the dual --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("norm", [ntr.L1(), ntr.L2(), ntr.LInf(), ntr.TopK(2), ntr.TopKDual(2), ntr.Lp(3)], ids=str)
def test_through_the_dual_as_by_the_norm_itself(norm):
    plain = Plain(norm)
    assert can_project(plain)
    assert not plain.has_projection
    rng = np.random.default_rng(2)
    for x in (rng.normal(size=4), rng.integers(-2, 3, 4).astype(float), np.zeros(4)):
        for radius in (0.0, 0.3, 2.0, 100.0):
            found = nearest(plain, x, radius)
            np.testing.assert_allclose(found, norm.project(x, radius), atol=1e-13)
            assert float(norm(found)) <= radius * (1 + 1e-13) + 1e-15
    x = np.array([1.0, np.nan, 2.0, 0.0])
    assert np.isnan(nearest(plain, x, 0.5)).any()
    x = np.ones(4, dtype=np.float32)
    assert nearest(plain, x, np.asarray(0.5, dtype=np.float32)).dtype == np.float32


def test_through_the_dual_in_both_regularizers_and_compiled():
    jax = pytest.importorskip("jax")
    R, same = Ball(Plain(ntr.L1()), 0.7), Ball(ntr.L1(), 0.7)
    assert R.has_prox
    x = np.random.default_rng(3).normal(size=5)
    np.testing.assert_allclose(R.prox(x), same.prox(x), atol=1e-14)
    compiled = jax.jit(R.prox)(jax.numpy.asarray(x, dtype="float32"))
    np.testing.assert_allclose(np.asarray(compiled), same.prox(x), atol=1e-6)


def test_pytrees_go_through_the_dual():
    blocks = {"u": ntr.LInf(), "v": ntr.L1()}
    # The sum of such norms has no projection of its own; the dual, their maximum, has.
    norm = ntr.Product(blocks, outer=ntr.L1())
    assert not norm.has_projection
    assert can_project(norm)
    rng = np.random.default_rng(4)
    x = {"u": rng.normal(size=3), "v": rng.normal(size=2)}
    p = Ball(norm, 0.8).prox(x)
    assert float(norm(p)) <= 0.8 * (1 + 1e-12)
    normal = {key: x[key] - p[key] for key in x}
    inner = sum(float(np.sum(normal[key] * p[key])) for key in x)
    np.testing.assert_allclose(0.8 * float(norm.dual(normal)), inner, rtol=1e-12)
    assert Penalty(norm, 0.8).has_prox


def test_what_is_not_known_is_said():
    norm = ntr.Linear(ntr.LInf(), [[1, 1], [0, 2]])
    assert not can_project(norm)
    assert not Ball(norm, 1.0).has_prox
    with pytest.raises(NotDeclaredError, match="Linear: no projection on its balls is known, nor on its dual's"):
        Ball(norm, 1.0).prox(np.ones(2))
    with pytest.raises(UntraceableError, match="bisection"):
        Ball(Plain(ntr.L1()), 1.0).prox(symbols("x", 2), symbols("t", (), positive=True))
