"""``QDWH``: its map against sampling, its steps against each other, its certificate at every condition."""

import jax
import numpy as np
import pytest
import scipy.linalg
import torch

import ntr_spec as ntr
from ntr_spec.arrays import namespace_of
from ntr_spec.norms.polar.image import Halley
from ntr_spec.norms.polar.qdwh import _halley
from tests.norms.spectra import EPS, exactly, held, matrix

QDWH = ntr.polar.QDWH
NAMES = ("gaussian", "geometric_1e7", "geometric_1e16", "half_rank", "rank_one", "ones", "triangular", "one_tiny")


def certified(solver, x):
    found = solver.certified(x, namespace_of(x))
    np.testing.assert_array_equal(exactly(found.factor), exactly(solver.factor(x, namespace_of(x))))
    assert found.factor.dtype == x.dtype
    return found


def through(solver, s):
    """Singular values through the steps, written out once more."""
    *halley, last = solver.steps()
    for step in halley:
        s = s * (step.a + step.b * s**2) / (1 + step.c * s**2)
    return s * (last.a + last.b * s**2 + last.c * s**4)


# ---- the map ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lower", [None, 1e-12, 1e-5, 1e-2, 0.3, 1.0])
def test_the_image_holds_every_sample_and_no_more(lower):
    solver = QDWH(lower)
    ell = lower or 2.0**-52
    for low, high in ((0.0, 1.0), (ell, 1.0), (ell / 100, ell), (0.2, 0.3)):
        samples = through(solver, np.r_[np.geomspace(max(low, 1e-300), high, 4001), np.linspace(low, high, 4001)])
        least, largest = solver.image(low, high)
        assert least <= np.min(samples) + 1e-14
        assert largest >= np.max(samples) - 1e-14
        assert np.min(samples) - least < 1e-4 * max(1e-12, np.min(samples)) + 1e-12
        assert largest - np.max(samples) < 1e-5
    assert solver.image(0.0)[1] <= 1.0
    assert solver.delta(ell) < 1e-14
    assert solver.delta(ell / 1e3) > 0.5 or ell == 1.0


@pytest.mark.parametrize("lower", [1e-10, 1e-3, 0.2])
def test_weights_are_the_best_ones(lower):
    """A step maps the end of its interval and the dip inside it to the same value: no other weights do better."""
    low = lower
    for step in QDWH(lower).steps()[:-1]:
        s = np.geomspace(low, 1.0, 200_001)
        values = s * (step.a + step.b * s**2) / (1 + step.c * s**2)
        dip = np.flatnonzero((values[1:-1] < values[:-2]) & (values[1:-1] < values[2:]))
        if low < 0.9:
            np.testing.assert_allclose(values[dip + 1], [values[0]], rtol=1e-6)
        assert np.max(values) <= 1 + 1e-15
        low = values[0]


def test_few_steps():
    assert [len(QDWH(lower).steps()) for lower in (0.1, 1e-3, 1e-8, 2.0**-52)] == [4, 4, 5, 6]
    assert len(QDWH().steps(EPS["float32"])) == 5


# ---- the factor ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(4, 4), (7, 5), (5, 7), (20, 6), (6, 20), (1, 5), (1, 1)])
def test_against_scipy(shape):
    x = np.random.default_rng(0).normal(size=shape)
    expected = scipy.linalg.polar(x)[0]
    np.testing.assert_allclose(certified(QDWH(), x).factor, expected, atol=1e-12)
    np.testing.assert_allclose(certified(QDWH(1e-3), torch.tensor(x)).factor, expected, atol=1e-12)


def test_by_an_inverse_and_by_qr():
    x = np.random.default_rng(1).normal(size=(3, 4, 6))
    x = x / np.linalg.norm(x, axis=(-2, -1), keepdims=True)
    step = Halley(10.0, 20.25, 29.25)
    for y in (x, torch.tensor(x)):
        ways = [_halley(y, step, largest, namespace_of(y)) for largest in (np.inf, 0.0)]
        np.testing.assert_allclose(*ways, atol=1e-14)


@pytest.mark.parametrize("shape", [(2, 2), (5, 3), (12, 50), (40, 12), (32, 32)])
@pytest.mark.parametrize("name", NAMES)
def test_the_certificate_holds_and_is_small_at_every_condition(name, shape):
    x = matrix(name, shape)
    x = x / np.max(np.abs(x))
    for y in (x, x.astype(np.float32), torch.tensor(x, dtype=torch.float32)):
        found = certified(QDWH(), y)
        assert not held(y, found.factor, found.delta)
        assert found.delta < 100 * EPS["float64" if y is x else "float32"] * min(shape) ** 0.5
        assert (found.solver, found.fallback) == ("QDWH()", "")
        found = certified(QDWH(lower=0.05), y)
        assert not held(y, found.factor, found.delta)
    for y in (x.astype(np.float16), torch.tensor(x).bfloat16()):
        found = certified(QDWH(), y)
        assert not held(y, found.factor, found.delta)
        assert found.delta < 1.5 * EPS["float16" if isinstance(y, np.ndarray) else "bfloat16"]


def test_feasible_where_qr_is_not():
    """Q of a tall triangle of ones is a hundred eps too long in float32."""
    x = matrix("triangular", (320, 80)).astype(np.float32)
    assert np.linalg.norm(exactly(torch.linalg.qr(torch.tensor(x))[0]), 2) > 1 + 10 * EPS["float32"]
    for y in (torch.tensor(x), x):
        found = certified(QDWH(), y)
        assert not held(y, found.factor, found.delta)


@pytest.mark.parametrize("shape", [(4, 3), (3, 4), (8, 2), (3, 3)])
@pytest.mark.parametrize("solver", [QDWH(), QDWH(0.1)], ids=repr)
def test_stacks_with_zero_and_faults(solver, shape):
    x = np.random.default_rng(2).normal(size=(2, 2, *shape))
    x[0, 0] = 0.0
    x[0, 1, -1, -1] = np.nan
    x[1, 0, 0, 1] = -np.inf
    for y in (x, torch.tensor(x), x.astype(np.float32), torch.tensor(x).half()):
        found = certified(solver, y)
        assert tuple(found.delta.shape) == (2, 2)
        assert not held(y, found.factor, found.delta)
    alone = certified(solver, x[1, 1])
    np.testing.assert_allclose(certified(solver, x).factor[1, 1], alone.factor, atol=1e-13)


def test_compiled_and_without_values():
    x = jax.numpy.asarray(matrix("geometric_1e7", (9, 3)), dtype="float32")
    xp = namespace_of(x)
    factor, delta = jax.jit(lambda y: (QDWH().certified(y, xp).factor, QDWH().certified(y, xp).delta))(x)
    assert not held(x, factor, delta)
    assert jax.eval_shape(lambda y: QDWH().certified(y, xp).delta, x).shape == ()
    meta = torch.empty((2, 9, 3), device="meta")
    found = QDWH().certified(meta, namespace_of(meta))
    assert found.factor.shape == (2, 9, 3)
    assert found.delta.shape == (2,)


@pytest.mark.parametrize("lower", [0.0, -1.0, 1.5, float("nan")])
def test_bad_arguments(lower):
    with pytest.raises(ntr.InputError, match=r"^QDWH: expected 1e-30 ≤ lower ≤ 1, got .*; None means"):
        QDWH(lower)


def test_a_solver_is_a_value():
    assert QDWH(1e-3) == QDWH(lower=1e-3)
    assert not QDWH().exact
    assert repr(ntr.Spectral(polar=QDWH(1e-3))) == "Spectral(polar=QDWH(lower=0.001))"
