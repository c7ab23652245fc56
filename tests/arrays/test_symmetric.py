"""Symmetric products against plain ones, on both sides of the size where NumPy changes its kernel."""

import jax
import numpy as np
import pytest
import torch

from ntr_spec.arrays import free_to_read, namespace_of
from ntr_spec.arrays.sums import dots, row_dots, widened
from ntr_spec.arrays.symmetric import diagonal, gram, plus_diagonal, squared


def arrays(x):
    return (x, torch.tensor(x), jax.numpy.asarray(x))


@pytest.mark.parametrize("shape", [(5, 3), (3, 5), (2, 4, 3), (350, 340), (340, 350)])
def test_products(shape):
    x = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    wide = x.astype(float)
    t = np.swapaxes(wide, -1, -2)
    for y in arrays(x):
        xp = namespace_of(y)
        for tall, plain in ((True, t @ wide), (False, wide @ t)):
            found = gram(y, tall, xp)
            square = plain @ plain
            np.testing.assert_allclose(np.asarray(found), plain, rtol=0, atol=1e-5 * np.max(plain))
            np.testing.assert_allclose(np.asarray(squared(found, xp)), square, rtol=0, atol=1e-5 * np.max(square))


def test_nothing_is_overwritten_but_where_it_is_said():
    x = np.random.default_rng(1).normal(size=(400, 400))
    before = x.copy()
    a = gram(x, True, namespace_of(x))
    again = a.copy()
    squared(a, namespace_of(x))
    dots(x, a, namespace_of(x))
    np.testing.assert_array_equal(x, before)
    np.testing.assert_array_equal(a, again)


@pytest.mark.parametrize("stack", [(), (2,), (2, 3)])
def test_diagonals(stack):
    a = np.random.default_rng(2).normal(size=(*stack, 4, 4))
    amount = np.random.default_rng(3).normal(size=(*stack, 1, 1))
    for y, by in zip(arrays(a), arrays(amount), strict=True):
        xp = namespace_of(y)
        np.testing.assert_allclose(np.asarray(diagonal(y, xp)), np.einsum("...ii->...i", a), rtol=1e-6)
        for step, plain in ((2.5, 2.5 * np.eye(4)), (by, amount * np.eye(4))):
            found = plus_diagonal(xp.asarray(y, copy=True), step, xp)
            np.testing.assert_allclose(np.asarray(found), a + plain, rtol=1e-6)


def test_inner_products():
    x, y = np.random.default_rng(4).normal(size=(2, 3, 6, 5))
    for a, b in zip(arrays(x), arrays(y), strict=True):
        xp = namespace_of(a)
        np.testing.assert_allclose(np.asarray(row_dots(a, b, xp)), np.sum(x * y, axis=-1), rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(np.asarray(dots(a, b, xp)), np.sum(x * y, axis=(-2, -1)), rtol=1e-5, atol=1e-6)


def test_half_precision_is_summed_in_float32():
    """1000 entries of 10, whose squares add up to more than float16 can hold, and to more digits than bfloat16 has."""
    for dtype in (torch.float16, torch.bfloat16):
        x = torch.full((10, 100), 10.0, dtype=dtype)
        xp = namespace_of(x)
        found = dots(x, x, xp)
        assert found.dtype == torch.float32
        assert float(found) == 100_000.0
        assert widened(x, xp).dtype == torch.float32
    half = np.full((10, 100), 10.0, dtype=np.float16)
    assert float(dots(half, half, namespace_of(half))) == 100_000.0


def test_reading_is_free_on_the_host_alone():
    import array_api_strict

    x = np.ones(2)
    told = {
        "numpy": x,
        "torch": torch.tensor(x),
        "parameter": torch.nn.Parameter(torch.tensor(x)),
        "meta": torch.ones(2, device="meta"),
        "jax": jax.numpy.asarray(x),
        "strict": array_api_strict.asarray(x),
    }
    free = {name for name, y in told.items() if free_to_read(y, namespace_of(y))}
    assert free == {"numpy", "torch", "parameter"}


def test_a_fake_tensor_has_nothing_to_read():
    from torch._subclasses.fake_tensor import FakeTensorMode

    with FakeTensorMode():
        x = torch.ones(2)
        assert not free_to_read(x, namespace_of(torch.ones(2)))
