"""Solvers for the polar factor: Newton–Schulz against its scalar polynomial, and hostile matrices."""

import jax
import numpy as np
import pytest
import torch

import ntr_spec as ntr
from ntr_spec.arrays import namespace_of

DION = ((4.0848, -6.8946, 2.9270), (3.9505, -6.3029, 2.6377), (3.7418, -5.5913, 2.3037))
SOLVERS = [
    ntr.polar.NewtonSchulz(feasible=False),
    ntr.polar.NewtonSchulz(eps=1e-7, feasible=False),
    ntr.polar.NewtonSchulz(eps=0.5, guard="max", feasible=False),
    ntr.polar.NewtonSchulz(steps=3, coefficients=DION, feasible=False),
    ntr.polar.NewtonSchulz(steps=1, coefficients=(1.5, -0.5, 0.0), feasible=False),
]


def factor(solver, x):
    return solver.factor(x, namespace_of(x))


def by_singular_values(solver, x):
    """Each singular value through the polynomials, by a loop over scalars."""
    u, s, vt = np.linalg.svd(x, full_matrices=False)
    size = np.sqrt(np.sum(s * s))
    size = size + solver.eps if solver.guard == "add" else max(size, solver.eps)
    for a, b, c in solver.table:
        s = s if size is None else s / size
        s, size = np.array([a * t + b * t**3 + c * t**5 for t in s]), None
    return u @ np.diag(s) @ vt


@pytest.mark.parametrize("solver", SOLVERS, ids=repr)
@pytest.mark.parametrize("shape", [(5, 3), (3, 5), (4, 4), (1, 6), (6, 1), (1, 1)])
def test_newton_schulz_is_a_polynomial_of_the_singular_values(solver, shape):
    x = np.random.default_rng(0).normal(size=shape)
    np.testing.assert_allclose(factor(solver, x), by_singular_values(solver, x), atol=1e-13)


@pytest.mark.parametrize("solver", SOLVERS, ids=repr)
def test_stacks_at_once_on_every_library(solver):
    x = np.random.default_rng(1).normal(size=(2, 3, 5, 4))
    expected = np.stack([np.stack([factor(solver, m) for m in row]) for row in x])
    np.testing.assert_allclose(factor(solver, x), expected, atol=1e-13)
    np.testing.assert_allclose(factor(solver, torch.tensor(x)).numpy(), expected, atol=1e-13)
    with jax.enable_x64(True):
        compiled = jax.jit(lambda z: factor(solver, z))(jax.numpy.asarray(x))
        np.testing.assert_allclose(compiled, expected, atol=1e-13)


@pytest.mark.parametrize("solver", [*SOLVERS, ntr.polar.SVD()], ids=repr)
def test_zero_is_zero_and_nan_shows_in_its_matrix_alone(solver):
    x = np.random.default_rng(2).normal(size=(3, 4, 2))
    x[0] = 0.0
    x[1, 0, 0] = np.nan
    o = factor(solver, x)
    assert not np.any(o[0])
    assert np.all(np.isnan(o[1]))
    assert np.all(np.isfinite(o[2]))
    before = x.copy()
    factor(solver, x)
    np.testing.assert_array_equal(x, before)


def test_scale_and_precision():
    x = np.random.default_rng(3).normal(size=(4, 6))
    free, guarded = ntr.Spectral(ntr.polar.NewtonSchulz()), ntr.Spectral(ntr.polar.NewtonSchulz(eps=1e-7))
    for scale in (1e-300, 5e-324, 1e300):
        point = scale * x if scale > 1e-320 else scale * np.round(3 * x)
        like = x if scale > 1e-320 else np.round(3 * x)
        np.testing.assert_allclose(free.lmo(point), free.lmo(like), atol=1e-12)
    assert np.max(np.abs(guarded.lmo(1e-30 * x))) < 1e-19  # the guard's fault, kept
    assert free.lmo(x.astype(np.float32)).dtype == np.float32


def test_bfloat16_errs_as_much_as_the_operations_written_out():
    """Torch's fused multiply-and-add rounds less often; KellerJordan's code, and this, round after every operation."""

    def theirs(g):
        y = g.bfloat16().mT if g.shape[0] > g.shape[1] else g.bfloat16()
        y = y / (y.norm() + 1e-7)
        for _ in range(5):
            gram = y @ y.mT
            y = 3.4445 * y + (-4.7750 * gram + 2.0315 * gram @ gram) @ y
        return y.mT if g.shape[0] > g.shape[1] else y

    half, rng, errors = ntr.polar.NewtonSchulz(eps=1e-7, dtype="bfloat16", feasible=False), np.random.default_rng(4), []
    for shape in [(4, 6), (16, 8), (10, 10)] * 10:
        x = rng.normal(size=shape)
        exact = factor(ntr.polar.NewtonSchulz(eps=1e-7, feasible=False), x)
        single = torch.tensor(x, dtype=torch.float32)
        found = [factor(half, single), factor(half, jax.numpy.asarray(x, dtype="float32"))]
        assert [str(o.dtype) for o in found] == ["torch.float32", "float32"]
        peer = theirs(single).float()
        errors.append([np.linalg.norm(np.asarray(o, dtype=float) - exact) for o in (*found, peer)])
    ours, compiled, peers = np.mean(errors, axis=0)
    assert 0.5 * peers < ours < 2 * peers
    assert 0.5 * peers < compiled < 2 * peers
    with pytest.raises(ntr.DTypeError, match=r"NewtonSchulz: numpy has no bfloat16; take dtype=None"):
        factor(half, x)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"steps": 0}, "number of steps of at least 1"),
        ({"steps": 2.0}, "number of steps of at least 1"),
        ({"coefficients": (1, 2)}, "expected coefficients"),
        ({"coefficients": "abc"}, "expected coefficients"),
        ({"coefficients": (1, 2, np.inf)}, "all finite"),
        ({"coefficients": DION}, "one such triple for each of 5 steps"),
        ({"steps": 3, "coefficients": ((1, 2), (1, 2), (1, 2))}, "expected coefficients"),
        ({"eps": -1.0}, "finite eps of at least 0"),
        ({"eps": np.nan}, "finite eps of at least 0"),
        ({"guard": "clamp"}, 'guard "add" or "max"'),
        ({"dtype": "int8"}, "expected a dtype"),
        ({"feasible": 1}, "feasible as True or False"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ntr.InputError, match=f"^NewtonSchulz: .*{message}"):
        ntr.polar.NewtonSchulz(**arguments)


def test_a_solver_is_a_value():
    assert ntr.polar.NewtonSchulz(coefficients=[1, 2, 3]) == ntr.polar.NewtonSchulz(coefficients=(1.0, 2.0, 3.0))
    assert hash(ntr.polar.NewtonSchulz(3, [list(row) for row in DION])) == hash(ntr.polar.NewtonSchulz(3, DION))
    assert not ntr.polar.NewtonSchulz().exact
    assert ntr.Spectral(ntr.polar.NewtonSchulz()) != ntr.Spectral()
