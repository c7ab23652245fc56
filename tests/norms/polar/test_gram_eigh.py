"""``GramEigh``: its bound, its certificate, and which matrices of a stack it leaves to the fallback."""

import jax
import numpy as np
import pytest
import scipy.linalg
import torch

import ntr_spec as ntr
from ntr_spec.arrays import namespace_of
from tests.norms.spectra import EPS, exactly, held, matrix

GramEigh, QDWH, SVD = ntr.polar.GramEigh, ntr.polar.QDWH, ntr.polar.SVD
NAMES = ("gaussian", "geometric_1e2", "geometric_1e12", "half_rank", "ones", "triangular", "one_small", "one_large")
NAMES += ("one_huge", "orthogonal")


def certified(solver, x):
    found = solver.certified(x, namespace_of(x))
    np.testing.assert_array_equal(exactly(found.factor), exactly(solver.factor(x, namespace_of(x))))
    assert found.factor.dtype == x.dtype
    return found


def mixed(seed=0):
    """A stack of shape (2, 2): easy, singular, easy, zero."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(2, 2, 6, 4))
    x[0, 1, :, 3] = x[0, 1, :, 2]
    x[1, 1] = 0.0
    return x


# ---- the bound -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(3, 3), (3, 7)])
def test_the_bound_of_the_sum_of_singular_values_holds_for_any_positive_definite_matrix(shape):
    rng = np.random.default_rng(0)
    for _ in range(100):
        x = rng.normal(size=shape) * 10.0 ** rng.uniform(-3, 0, size=shape[1])
        p = rng.normal(size=(3, 4)) * 10.0 ** rng.uniform(-2, 2)
        p = p @ p.T
        total = np.sum(np.linalg.svd(x, compute_uv=False))
        assert (np.sum(x * np.linalg.solve(p, x)) + np.trace(p)) / 2 >= total * (1 - 1e-12)
    u, s, _ = np.linalg.svd(x)
    p = (u * s) @ u.T  # equality
    np.testing.assert_allclose((np.sum(x * np.linalg.solve(p, x)) + np.trace(p)) / 2, total, rtol=1e-9)


# ---- the factor ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(4, 4), (7, 5), (5, 7), (20, 6), (6, 20), (1, 5), (1, 1)])
def test_against_scipy(shape):
    x = np.random.default_rng(0).normal(size=shape)
    expected = scipy.linalg.polar(x)[0]
    np.testing.assert_allclose(certified(GramEigh(None), x).factor, expected, atol=1e-12)
    np.testing.assert_allclose(certified(GramEigh(None), torch.tensor(x)).factor, expected, atol=1e-12)


@pytest.mark.parametrize("shape", [(1, 1), (2, 2), (5, 3), (12, 50), (40, 12), (32, 32)])
@pytest.mark.parametrize("name", NAMES)
def test_the_certificate_holds_and_is_small_or_someone_else_s(name, shape):
    x = matrix(name, shape)
    x = x / np.max(np.abs(x))
    for y in (x, x.astype(np.float32), torch.tensor(x, dtype=torch.float32)):
        eps = EPS["float64" if y is x else "float32"]
        found = certified(GramEigh(), y)
        assert not held(y, found.factor, found.delta)
        assert found.delta < 2 * eps**0.5
        assert found.solver == ("SVD()" if found.fallback else "GramEigh()")
        if name in ("gaussian", "orthogonal") and shape != (32, 32):
            assert found.solver == "GramEigh()"
            assert found.delta < 60 * eps
        if name in ("half_rank", "ones") and min(shape) > 2:
            assert found.solver == "SVD()"
    for y in (x.astype(np.float16), torch.tensor(x).bfloat16()):
        found = certified(GramEigh(), y)
        assert not held(y, found.factor, found.delta)


def test_where_nothing_is_read_nothing_falls_back_and_delta_is_honest():
    names = ("gaussian", "half_rank", "rank_one", "geometric_1e12", "graded_rows", "ones")
    x = jax.numpy.asarray(np.stack([matrix(name, (12, 8)) for name in names]), dtype="float32")
    xp = namespace_of(x)
    for solver in (GramEigh(), GramEigh(None)):

        def run(y, solver=solver):
            found = solver.certified(y, xp)
            assert (found.solver, found.fallback) == (repr(solver), "")
            return found.factor, found.delta

        factor, delta = jax.jit(run)(x)
        assert not held(x, factor, delta)
        assert delta[0] < 1e-5
        assert jax.eval_shape(run, x)[1].shape == (6,)
    meta = torch.empty((2, 12, 8), device="meta")
    assert GramEigh().certified(meta, namespace_of(meta)).delta.shape == (2,)


# ---- falling back ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("library", [np.asarray, torch.tensor])
def test_each_matrix_of_a_stack_falls_back_on_its_own(library):
    x = library(mixed())
    found = certified(GramEigh(), x)
    assert (found.solver, found.also) == ("GramEigh()", ("SVD()",))
    assert found.fallback == (
        "GramEigh: rounding of its Gram matrix hides more than 1e-08 of the singular values of 1 of 4 matrices"
    )
    assert not held(x, found.factor, found.delta)
    alone = certified(SVD(), x[0, 1][None])
    np.testing.assert_array_equal(found.factor[0, 1], alone.factor[0])
    np.testing.assert_array_equal(found.delta[0, 1], alone.delta[0])
    easy = library(mixed())
    easy[0, 1] = easy[0, 0]
    np.testing.assert_array_equal(certified(GramEigh(None), easy).factor[1], found.factor[1])
    np.testing.assert_array_equal(certified(GramEigh(None), easy).delta[0, 0], found.delta[0, 0])


def test_all_of_them_and_chains():
    x = mixed()[0, 1]
    found = certified(GramEigh(QDWH()), x)
    assert found.solver == "QDWH()"
    assert found.fallback.endswith("singular values of the matrix")
    np.testing.assert_array_equal(found.factor, QDWH().factor(x, namespace_of(x)))
    chain = certified(GramEigh(fallback=GramEigh()), np.stack([x, x]))
    assert chain.solver == "SVD()"
    assert chain.fallback.count("of 2 of 2 matrices") == 2
    _, certificate = ntr.Spectral(polar=GramEigh()).lmo(x, certificate=True)
    assert certificate.solvers == ("SVD()",)
    assert len(certificate.fallbacks) == 1


def test_a_fallback_that_is_forbidden():
    for y in (mixed(), torch.tensor(mixed(), dtype=torch.float32)):
        for run in (GramEigh(None).factor, GramEigh(None).certified):
            with pytest.raises(
                ntr.InputError, match=r"^GramEigh: rounding .* 1 of 4 matrices; take SVD\(\) or QDWH\(\), or allow one"
            ):
                run(y, namespace_of(y))


@pytest.mark.parametrize("shape", [(4, 3), (3, 4), (8, 2)])
def test_stacks_with_zero_and_faults(shape):
    x = np.random.default_rng(2).normal(size=(5, *shape))
    x[0] = 0.0
    x[1, -1, -1] = np.nan
    x[2, 0, 1] = -np.inf
    x[3] = 1.0  # falls back
    for y in (x, torch.tensor(x), x.astype(np.float32), torch.tensor(x).half()):
        found = certified(GramEigh(), y)
        assert tuple(found.delta.shape) == (5,)
        assert not held(y, found.factor, found.delta)
        assert "1 of 5" in found.fallback
        assert found.delta[0] == 0
    alone = certified(GramEigh(), x[4])
    np.testing.assert_allclose(certified(GramEigh(), x).factor[4], alone.factor, atol=1e-13)


def test_the_input_is_not_written_to():
    x = mixed()
    before = x.copy()
    certified(GramEigh(), x)
    np.testing.assert_array_equal(x, before)


def test_bad_arguments():
    with pytest.raises(ntr.InputError, match=r"^GramEigh: expected a solver as fallback, got 'svd'; pass one"):
        GramEigh(fallback="svd")
    with pytest.raises(ntr.InputError, match="expected a solver as fallback"):
        GramEigh(fallback=SVD)


def test_a_solver_is_a_value():
    assert GramEigh() == GramEigh(SVD())
    assert GramEigh() != GramEigh(None)
    assert hash(GramEigh(QDWH())) == hash(GramEigh(fallback=QDWH()))
    assert not GramEigh().exact
    assert repr(GramEigh(QDWH(1e-3))) == "GramEigh(fallback=QDWH(lower=0.001))"
