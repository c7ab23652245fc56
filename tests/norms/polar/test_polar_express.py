"""``PolarExpress``: the polynomial of the singular values, its certificate on hostile matrices, and its bad inputs."""

import itertools

import jax
import numpy as np
import pytest
import torch

import ntr_spec as ntr
from ntr_spec.arrays import namespace_of
from ntr_spec.norms.polar import PolarExpress
from ntr_spec.norms.polar.gram_side import certify_gram, on_gram_side
from ntr_spec.norms.polar.image import Quintic, feasible, mapped
from ntr_spec.norms.polar.iteration import begin, certify, further, turned
from ntr_spec.norms.polar.polar_express import balanced, optimal_steps
from ntr_spec.norms.polar.posterior import posterior, total
from tests.norms import spectra
from tests.norms.spectra import held

EPS = 2.0**-52


def through(steps, s):
    for step in steps:
        s = step.value(s)
    return s


def compiled(solver):
    """(factor, δ) as one compiled function of JAX: no value can be read in it."""

    def run(x):
        found = solver.certified(x, namespace_of(x))
        return found.factor, found.delta

    return jax.jit(run)


def by_singular_values(x, steps):
    """p(x/s), s = (Σσ⁸)^⅛, by an SVD."""
    u, s, vt = np.linalg.svd(x, full_matrices=False)
    return (u * through(steps, s / np.sum(s**8) ** 0.125)) @ vt


@pytest.mark.parametrize("gram", [False, True])
@pytest.mark.parametrize("shape", [(6, 6), (9, 3), (3, 9), (1, 5), (5, 1), (1, 1), (400, 330)])
def test_the_factor_is_the_polynomial_of_the_singular_values(shape, gram):
    """Slack and allowance are of the order of 1e-12 in float64."""
    x = np.random.default_rng(0).normal(size=shape)
    for solver in (PolarExpress(4, 0.05, gram=gram), PolarExpress(1, 0.3, gram=gram)):
        steps = optimal_steps(solver.steps, solver.lower, EPS, 0.2 if gram else None)
        found = solver.factor(x, namespace_of(x))
        np.testing.assert_allclose(found, by_singular_values(x, steps), atol=1e-10)


@pytest.mark.parametrize("gram", [False, True])
def test_stacks_and_libraries_agree(gram):
    x = np.random.default_rng(1).normal(size=(2, 3, 7, 4))
    solver = PolarExpress(6, gram=gram)
    expected = np.stack([np.stack([solver.factor(m, namespace_of(m)) for m in row]) for row in x])
    delta = np.stack([np.stack([solver.certified(m, namespace_of(m)).delta for m in row]) for row in x])
    for y in (x, torch.tensor(x)):
        found = solver.certified(y, namespace_of(y))
        np.testing.assert_allclose(np.asarray(found.factor), expected, atol=1e-12)
        np.testing.assert_allclose(np.asarray(found.delta), delta, atol=1e-13)
    with jax.enable_x64(True):
        v, found = compiled(solver)(jax.numpy.asarray(x))
        np.testing.assert_allclose(v, expected, atol=1e-12)
        np.testing.assert_allclose(found, delta, atol=1e-13)


@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16", "float16"])
@pytest.mark.parametrize("solver", [PolarExpress(5), PolarExpress(8, 1e-4, gram=True), PolarExpress(2, 0.3)], ids=repr)
@pytest.mark.parametrize("shape", [(16, 16), (40, 12), (5, 20), (1, 3)])
def test_certificates_hold(dtype, solver, shape):
    x = torch.tensor(spectra.stack(shape, dtype)).to(getattr(torch, dtype))
    x = x / torch.clamp(torch.amax(torch.abs(x), dim=(-2, -1), keepdim=True), min=1e-30)
    found = solver.certified(x, namespace_of(x))
    assert found.factor.dtype == x.dtype
    assert not held(x, found.factor, found.delta)


@pytest.mark.parametrize("library", ["torch", "jax"])
def test_bfloat16_iterates_with_an_honest_certificate(library):
    x = spectra.stack((24, 16), "float32").astype(np.float32)
    x = x / np.max(np.abs(x), axis=(-2, -1), keepdims=True)
    solver = PolarExpress(5, dtype="bfloat16")
    if library == "torch":
        found = solver.certified(torch.tensor(x), namespace_of(torch.tensor(x)))
        v, delta = found.factor, found.delta
    else:
        v, delta = compiled(solver)(jax.numpy.asarray(x))
    assert str(v.dtype).endswith("float32")
    assert not held(x, np.asarray(v), np.asarray(delta))
    gaussian = float(delta[spectra.NAMES.index("gaussian")])
    assert 0.01 < gaussian < 0.1


@pytest.mark.parametrize("gram", [None, True])
def test_zero_nan_and_infinity_stay_in_their_matrix(gram):
    x = np.random.default_rng(2).normal(size=(4, 9, 2))
    x[0], x[1, 0, 0], x[2, 3, 1] = 0.0, np.nan, np.inf
    before = x.copy()
    for y in (x, torch.tensor(x)):
        found = PolarExpress(gram=gram).certified(y, namespace_of(y))
        v, delta = np.asarray(found.factor), np.asarray(found.delta)
        assert not np.any(v[0])
        assert np.all(np.isnan(v[1:3]))
        np.testing.assert_array_equal(np.isnan(delta), [False, True, True, False])
        assert delta[0] == 0 < delta[3] < 1e-3
    np.testing.assert_array_equal(x, before)


def test_factor_and_certified_are_the_same_bits():
    for shape, gram in itertools.product([(6, 5), (30, 4)], [None, True, False]):
        x = np.random.default_rng(3).normal(size=(5, *shape)).astype(np.float32)
        solver, xp = PolarExpress(gram=gram), namespace_of(x)
        np.testing.assert_array_equal(solver.factor(x, xp), solver.certified(x, xp).factor)


def test_an_ill_conditioned_long_matrix_is_not_left_to_the_gram_side():
    x = spectra.matrix("geometric_1e4", (60, 12)).astype(np.float32)
    xp = namespace_of(x)
    assert (
        PolarExpress(10, 1e-5).certified(x, xp).delta < 1e-2 < PolarExpress(10, 1e-5, gram=True).certified(x, xp).delta
    )


def test_gram_side_where_nothing_is_read():
    """JAX has one schedule; strict arrays of a second device would raise if a value were read."""
    x = jax.numpy.asarray(np.random.default_rng(4).normal(size=(3, 20, 4)), dtype="float32")
    shapes = jax.eval_shape(lambda y: PolarExpress(gram=True).factor(y, namespace_of(y)), x)
    assert shapes.shape == x.shape
    meta = torch.ones(3, 20, 4, device="meta")
    assert PolarExpress(gram=True).certified(meta, namespace_of(meta)).delta.shape == (3,)


def test_delta_a_priori_is_reached_by_no_matrix():
    solver = PolarExpress(4, 0.05)
    for seed in range(20):
        rng = np.random.default_rng(seed)
        s = np.sort(rng.uniform(0.05, 1, size=6))[::-1]
        s = s / np.sum(s**8) ** 0.125
        x = spectra.with_singular_values(s, (8, 6), rng)
        v = solver.factor(x, namespace_of(x))
        assert 1 - np.sum(x * v) / np.sum(s) <= solver.delta(s[-1]) + 1e-11
    assert solver.delta(1e-6) > 0.9


def test_further_steps_go_on_from_where_the_iteration_stands():
    """What is certified is the composition, as if it had been run at once."""
    x = spectra.stack((20, 12))
    x = x / np.max(np.abs(x), axis=(-2, -1), keepdims=True)
    xp = namespace_of(x)
    first = begin(x, optimal_steps(4, 0.05, EPS), xp)
    both = further(first, feasible((Quintic(15 / 8, -10 / 8, 3 / 8),) * 3), xp)
    v, delta = certify(x, both, xp)
    assert len(both.steps) == 7
    assert not held(x, v, delta)
    assert np.all(delta[: len(spectra.NAMES)] <= certify(x, first, xp)[1] + 1e-12)


def test_the_posterior_is_a_bound_for_every_spectrum():
    """In exact terms: singular values drawn anyhow, p applied to them, and δ against what is known of them."""
    p = mapped(optimal_steps(4, 0.05, EPS))
    xp = namespace_of(np.ones(1))
    for seed in range(200):
        rng = np.random.default_rng(seed)
        s = rng.uniform(size=rng.integers(1, 9)) ** rng.integers(1, 12)
        y = through(optimal_steps(4, 0.05, EPS), s)
        d, n = np.asarray(s @ y), np.asarray(np.sum(1 - y * y))
        assert posterior(d, n, np.asarray(np.linalg.norm(s)), len(s), p, 0.0, xp) >= 1 - d / np.sum(s) - 1e-14
        assert total(d, n, p, xp) >= np.sum(s) - 1e-14


def test_rounding_of_steep_steps_is_paid_for():
    steep, soft = optimal_steps(7, 1e-3, 2.0**-7, 0.0), optimal_steps(7, 1e-3, 2.0**-7)
    assert turned(steep, 2.0**-7) > 0.2
    assert turned(soft, 2.0**-7) < 5e-3
    assert turned(soft, 2.0**-23) < 1e-10


def test_coherent_sums_are_noticed():
    """A matrix of ones, whose sums all round the same way, is divided by more than a random one."""
    steps = optimal_steps(5, 1e-2, 2.0**-23)
    ones, random = np.ones((256, 256), np.float32), np.random.default_rng(0).normal(size=(256, 256)).astype(np.float32)
    xp = namespace_of(ones)
    found = [begin(x, steps, xp) for x in (ones, random / np.max(np.abs(random)))]
    for one in found:
        assert np.linalg.norm(one.v.astype(float), 2) <= 1
        assert 4 * 2.0**-23 <= one.allowed < 200 * 2.0**-23


def test_on_the_gram_side_nothing_is_longer_than_one():
    for name in ("ones", "signs", "half_rank", "one_large", "geometric_1e7", "gaussian"):
        x = spectra.matrix(name, (300, 60))
        x = (x / np.max(np.abs(x))).astype(np.float32)
        xp = namespace_of(x)
        found = on_gram_side(x, optimal_steps(8, 1e-3, 2.0**-23, 0.2), xp)
        assert np.linalg.norm(found.v.astype(float), 2) <= 1, name
        assert not held(x, found.v, certify_gram(x, found, xp)), name


def test_balanced_intervals_shrink_with_every_step():
    lowers = [balanced(steps, EPS) for steps in range(1, 13)]
    assert lowers == sorted(lowers, reverse=True)
    assert all(1e-12 <= low < 1 for low in lowers)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"steps": 0}, "number of steps from 1 to 100"),
        ({"steps": True}, "number of steps"),
        ({"steps": 2.0}, "number of steps"),
        ({"lower": 0.0}, "lower < 1"),
        ({"lower": 1.0}, "lower < 1"),
        ({"lower": float("nan")}, "lower < 1"),
        ({"lower": "small"}, "lower < 1"),
        ({"dtype": "float16"}, "expected a dtype"),
        ({"gram": 1}, "gram as True, False or None"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ntr.InputError, match=f"^PolarExpress: .*{message}"):
        PolarExpress(**arguments)


def test_no_such_dtype():
    x = np.ones((2, 2))
    with pytest.raises(ntr.DTypeError, match="PolarExpress: numpy has no bfloat16"):
        PolarExpress(dtype="bfloat16").factor(x, namespace_of(x))
