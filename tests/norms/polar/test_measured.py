"""Estimates of rounding errors against singular values in float64: at random, and of one sign."""

import jax
import numpy as np
import pytest
import torch

from ntr_spec.arrays import namespace_of
from ntr_spec.arrays.sums import times, total, transposed_times
from ntr_spec.norms.polar.image import Quintic
from ntr_spec.norms.polar.measured import chain_error, gram_error, maps, norm_of, product_error, step_error

SHAPES = ((5, 5), (40, 300), (300, 300), (2, 5000), (3, 40, 300))
NUMBERS = (1.5, -0.4, -0.1)


def errors(shape, rng):
    """Matrices of errors and how much of their norm the estimate must find."""
    *stack, rows, columns = shape
    left, right = rng.choice([-1.0, 1.0], size=(*stack, rows, 1)), rng.choice([-1.0, 1.0], size=(*stack, 1, columns))
    noise = rng.normal(size=shape)
    yield "random", noise, 0.6
    yield "one sign", left * right * np.ones(shape), 0.99
    spike = 10 * np.linalg.norm(noise, 2, axis=(-2, -1)) / np.sqrt(rows * columns)
    yield "one sign in noise", noise + spike[..., None, None] * left * right, 0.6


def orthonormal(shape, rng):
    tall = rng.normal(size=(*shape[:-2], shape[-1], shape[-2]))
    return np.swapaxes(np.linalg.qr(tall)[0], -1, -2)


def transposed(x, tall):
    return np.ascontiguousarray(np.swapaxes(x, -1, -2)) if tall else x


def check(estimate, error, least):
    true = np.linalg.norm(error, 2, axis=(-2, -1))
    assert estimate.shape == true.shape
    assert np.all(np.asarray(estimate) <= true * (1 + 1e-3))
    assert np.all(np.asarray(estimate) >= least * true)


def spectral(rows, rng):
    """A symmetric matrix with eigenvalues in (0.01, 1], and a function of it."""
    values, q = np.sort(rng.uniform(0.01, 1, size=rows)), np.linalg.qr(rng.normal(size=(rows, rows)))[0]
    return values, q, lambda f: (q * f(values)) @ q.T


@pytest.mark.parametrize("library", [np.asarray, torch.tensor, jax.numpy.asarray], ids=["numpy", "torch", "jax"])
@pytest.mark.parametrize("tall", [False, True])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_errors_are_found(shape, tall, library):
    rng = np.random.default_rng(list(shape))
    y = orthonormal(shape, rng)
    square = (*shape[:-1], shape[-2])
    d, p, q = NUMBERS
    a = y @ np.swapaxes(y, -1, -2)
    m = d * np.eye(shape[-2]) + p * a + q * a @ a
    wide = {"dtype": np.float64} if library is np.asarray else {}
    size = 1e-9 if library is np.asarray else 1e-2  # JAX knows float32 only
    for _, error, least in errors(shape, rng):
        error = size * error
        v = library(transposed(m @ y + error, tall).astype(np.float64), **wide)
        xp = namespace_of(v)
        dtype = v.dtype
        x, middle = (xp.asarray(one, dtype=dtype) for one in (transposed(y, tall), m))
        numbers = tuple(xp.full(shape[:-2], one, dtype=dtype) for one in NUMBERS)
        lying = maps(xp.asarray(y, dtype=dtype), False, xp)
        check(norm_of(xp.asarray(error, dtype=dtype), xp), error, least)
        check(product_error(maps(v, tall, xp), middle, maps(x, tall, xp), xp), error, least)
        check(step_error(maps(v, tall, xp), lying, numbers, xp.asarray(y, dtype=dtype), xp), error, least)
    for _, error, least in errors(square, rng):
        error = size * (error + np.swapaxes(error, -1, -2))
        check(gram_error(xp.asarray(a + error, dtype=dtype), maps(x, tall, xp), xp), error, 0.8 * least)


@pytest.mark.parametrize("tall", [False, True])
def test_errors_of_a_chain_of_products_are_found(tall):
    rng = np.random.default_rng(7)
    step = Quintic(1.5, -0.4, -0.1)
    xp = namespace_of(np.ones(1))

    def factor(t):
        return step.a + t * (step.b + t * step.c)

    _, _, function = spectral(60, rng)
    r, last = function(lambda t: t), function(lambda t: t * factor(t) ** 2)
    h = function(lambda t: factor(t) * factor(t * factor(t) ** 2))
    assert chain_error(maps(h, tall, xp), r, last, step, xp) < 1e-14
    for _, error, least in errors((60, 60), rng):
        wrong = h + 1e-9 * error
        left = wrong if not tall else wrong.T
        difference = left @ r @ left.T - h @ r @ h
        check(chain_error(maps(wrong, tall, xp), r, last, step, xp), difference, 0.8 * least)


@pytest.mark.parametrize("library", [np.asarray, torch.tensor, jax.numpy.asarray], ids=["numpy", "torch", "jax"])
@pytest.mark.parametrize("shape", [(3, 7), (130, 700), (700, 130), (2, 3, 100_001), (100_001, 2), (1, 1)], ids=str)
def test_long_sums_lose_next_to_nothing(shape, library):
    """Equal terms, for which a plain loop in float32 is off by 1e-3."""
    x = np.full(shape, 0.7, dtype=np.float32)
    y, z, w = (library(one) for one in (x, np.full(shape[-1], 0.3, np.float32), np.full(shape[-2], 0.3, np.float32)))
    xp = namespace_of(y)
    each = float(np.float32(0.7)) * float(np.float32(0.3))
    np.testing.assert_allclose(np.asarray(times(y, z, xp)), each * shape[-1], rtol=4e-7)
    np.testing.assert_allclose(np.asarray(transposed_times(y, w, xp)), each * shape[-2], rtol=4e-7)
    np.testing.assert_allclose(np.asarray(total(y, xp)), float(np.float32(0.7)) * shape[-1], rtol=4e-7)
