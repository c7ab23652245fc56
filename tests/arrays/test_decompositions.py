"""Decompositions of bad matrices behave the same on every library, and leave the rest of the stack alone."""

import array_api_strict
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

from ntr_spec.arrays import namespace_of

MAKERS = {
    "numpy": np.asarray,
    "torch": torch.tensor,
    "jax": jnp.asarray,
    "array_api_strict": array_api_strict.asarray,
}
SOUND = [[4.0, 1.0], [1.0, 3.0]]
BAD = {
    "nan": [[np.nan, 0.0], [0.0, 1.0]],
    "inf": [[1.0, np.inf], [np.inf, 1.0]],
}


def host(x):
    flat = namespace_of(x).reshape(x, (-1,))
    return np.asarray([float(flat[k]) for k in range(flat.shape[0])]).reshape(x.shape)


def rebuilt(name, linalg, x):
    """X from its decomposition by this function."""
    parts = getattr(linalg, name)(x)
    parts = [host(p) for p in (parts if isinstance(parts, tuple) else (parts,))]
    swap = lambda a: np.swapaxes(a, -1, -2)  # noqa: E731
    return {
        "svd": lambda u, s, vh: u * s[..., None, :] @ vh,
        "eigh": lambda w, q: q * w[..., None, :] @ swap(q),
        "qr": lambda q, r: q @ r,
        "cholesky": lambda factor: factor @ swap(factor),
    }[name](*parts)


@pytest.mark.parametrize("library", MAKERS)
@pytest.mark.parametrize("name", ["svd", "eigh", "qr", "cholesky"])
@pytest.mark.parametrize("bad", BAD)
def test_a_matrix_that_is_not_finite_is_lost_alone(library, name, bad):
    x = MAKERS[library]([SOUND, BAD[bad], SOUND])
    found = rebuilt(name, namespace_of(x).linalg, x)
    assert np.all(np.isnan(found[1]))
    np.testing.assert_allclose(found[[0, 2]], [SOUND, SOUND], rtol=1e-5)


@pytest.mark.parametrize("library", MAKERS)
@pytest.mark.parametrize("name", ["svdvals", "eigvalsh"])
def test_so_are_its_values(library, name):
    x = MAKERS[library]([BAD["nan"], SOUND])
    found = host(getattr(namespace_of(x).linalg, name)(x))
    assert np.all(np.isnan(found[0]))
    expected = np.linalg.eigvalsh(SOUND)
    np.testing.assert_allclose(np.sort(found[1]), expected, rtol=1e-6)


INDEFINITE = {"indefinite": [[1.0, 2.0], [2.0, 1.0]], "zero": [[0.0, 0.0], [0.0, 0.0]], "negative": [[-1.0, 0], [0, 1]]}


@pytest.mark.parametrize("library", MAKERS)
@pytest.mark.parametrize("which", INDEFINITE)
def test_cholesky_of_what_is_not_positive_definite_is_nan(library, which):
    x = MAKERS[library]([[SOUND, INDEFINITE[which]], [SOUND, SOUND]])
    linalg = namespace_of(x).linalg
    found = host(linalg.cholesky(x))
    assert np.isnan(found[0, 1]).all()
    np.testing.assert_allclose(np.delete(found.reshape(4, 2, 2), 1, 0), [np.linalg.cholesky(SOUND)] * 3, rtol=1e-6)
    single = host(linalg.cholesky(x[0, 1, ...]))
    assert np.isnan(single).all()


@pytest.mark.parametrize("library", MAKERS)
def test_cholesky_takes_its_upper_triangle_away(library):
    x = MAKERS[library](SOUND)
    assert host(namespace_of(x).linalg.cholesky(x))[0, 1] == 0


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_runs_in_float32(dtype):
    x = torch.tensor(SOUND, dtype=getattr(torch, dtype))
    linalg = namespace_of(x).linalg
    for name in ("svd", "eigh", "qr", "cholesky"):
        parts = getattr(linalg, name)(x)
        assert {p.dtype for p in (parts if isinstance(parts, tuple) else (parts,))} == {x.dtype}
        np.testing.assert_allclose(rebuilt(name, linalg, x), SOUND, atol=0.05)


@pytest.mark.parametrize("name", ["svd", "svdvals", "eigh", "eigvalsh", "qr", "cholesky"])
def test_nothing_is_read_on_the_host(name):
    traced = jax.ShapeDtypeStruct((3, 2, 2), "float32")
    jax.eval_shape(lambda x: getattr(namespace_of(x).linalg, name)(x), traced)
    x = torch.ones((3, 2, 2), device="meta")
    getattr(namespace_of(x).linalg, name)(x)


def test_products_of_jax_are_asked_in_full_precision():
    # Where XLA has faster and coarser products, their precision is an attribute of the operation.
    x = jnp.ones((2, 2))
    text = str(jax.make_jaxpr(lambda y: namespace_of(y).matmul(y, y))(x))
    assert text.count("HIGHEST") == 2
