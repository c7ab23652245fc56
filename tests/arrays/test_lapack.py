"""Decompositions at a matrix's own precision, against the library's own on the same matrices in float64."""

import jax
import numpy as np
import pytest
import torch

from ntr_spec.arrays import lapack, namespace_of


def forms(x):
    """The matrix on every library, in both precisions where it has them; a stack of two as well."""
    yield x
    yield x.astype(np.float32)
    yield np.stack([x, 2 * x]).astype(np.float32)
    yield torch.tensor(x)
    yield torch.tensor(x, dtype=torch.float32)
    yield jax.numpy.asarray(x, dtype="float32")


def close(a, b, x):
    tolerance = 1e-12 if "64" in str(x.dtype) else 1e-4
    np.testing.assert_allclose(np.asarray(a), np.asarray(b), atol=tolerance)


@pytest.mark.parametrize("side", [3, 40])
def test_against_what_they_mean(side):
    rng = np.random.default_rng(side)
    tall = rng.normal(size=(2 * side, side)) / side**0.5
    definite = np.eye(side) + tall.T @ tall
    one = np.eye(side)
    for x in forms(tall):
        q, r = lapack.qr(x, namespace_of(x))
        assert q.shape == x.shape
        assert q.dtype == r.dtype == x.dtype
        close(q @ r, x, x)
        close(np.swapaxes(np.asarray(q), -1, -2) @ np.asarray(q), np.broadcast_to(one, r.shape), x)
    for a in forms(definite):
        values, q = lapack.eigh(a, namespace_of(a))
        assert values.dtype == q.dtype == a.dtype
        first = a[0] if a.ndim == 3 else a
        close(values[0] if a.ndim == 3 else values, np.linalg.eigvalsh(np.asarray(first, dtype=float)), a)
        close(np.asarray(q * values[..., None, :]) @ np.swapaxes(np.asarray(q), -1, -2), a, a)
        inverse = lapack.inverse(a, namespace_of(a))
        assert inverse.dtype == a.dtype
        close(np.asarray(inverse) @ np.asarray(a), np.broadcast_to(one, a.shape), a)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_nan_does_not_reach_lapack(dtype):
    a = np.eye(40, dtype=dtype)
    a[39, 39] = np.nan
    for x in (a, torch.tensor(a)):
        xp = namespace_of(x)
        assert np.isnan(np.asarray(lapack.eigh(x, xp)[1])).all()
        assert np.isnan(np.asarray(lapack.qr(x, xp)[0])).all()
        assert np.isnan(np.asarray(lapack.inverse(x, xp))).any()


def test_what_is_not_definite_has_no_inverse():
    a = -np.eye(40, dtype=np.float32)
    assert np.isnan(lapack.inverse(a, namespace_of(a))).all()
    stack = torch.stack([torch.eye(4), -torch.eye(4)])
    found = lapack.inverse(stack, namespace_of(stack))
    np.testing.assert_array_equal(found[0], np.eye(4))
    assert torch.isnan(found[1]).all()
