"""Upper bounds of a largest eigenvalue: never below it, whatever vector, shift or factor they are given."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import ntr_spec.norms.leading.gram as module
from ntr_spec.arrays import namespace_of
from ntr_spec.norms.leading.gram import by_remainder, by_shift, frobenius, gram
from tests.norms import spectra

SPECTRA_OF_B = {
    "flat": np.ones(7),
    "one": np.array([1.0, 0, 0, 0, 0, 0, 0]),
    "two": np.array([1.0, 1, 0, 0, 0, 0, 0]),
    "falling": 0.5 ** np.arange(7),
    "near": 1 - 1e-9 * np.arange(7),
}


def symmetric(values, seed=0):
    q = spectra.orthogonal(len(values), np.random.default_rng(seed))
    b = (q * values) @ q.T
    return (b + b.T) / 2, q


@settings(derandomize=True, max_examples=100, deadline=None)
@given(
    name=st.sampled_from(sorted(SPECTRA_OF_B)), seed=st.integers(0, 1000), near=st.sampled_from([0.0, 1e-8, 1e-3, 1.0])
)
def test_remainder_bounds_the_largest_eigenvalue(name, seed, near):
    b, q = symmetric(SPECTRA_OF_B[name], seed)
    v = q[:, 0] + near * np.random.default_rng(seed + 1).normal(size=7)
    v /= np.linalg.norm(v)
    xp = namespace_of(b)
    bound = by_remainder(b, frobenius(b, xp), v, xp)
    top = np.linalg.eigvalsh(b)[-1]
    assert top * (1 - 1e-13) <= bound <= np.linalg.norm(b) * (1 + 1e-13)


def test_remainder_is_tight_where_the_largest_stands_alone():
    b, q = symmetric(np.array([1.0, 1e-3, 1e-3, 0, 0, 0, 0]))
    xp = namespace_of(b)
    assert by_remainder(b, frobenius(b, xp), q[:, 0], xp) == pytest.approx(1.0, rel=1e-12)
    assert by_remainder(b, frobenius(b, xp), q[:, 3], xp) > 1  # a vector that says nothing


def test_remainder_holds_for_indefinite_matrices():
    b, q = symmetric(np.array([1.0, 0.5, -1.0, -2.0, 0, 0, 0]))
    xp = namespace_of(b)
    for v in q.T:
        assert by_remainder(b, frobenius(b, xp), v, xp) >= 1 - 1e-12


@pytest.mark.parametrize("name", SPECTRA_OF_B)
@pytest.mark.parametrize("shift", [1 + 1e-6, 1.5, 1.0, 0.999, 0.5, 0.0])
@pytest.mark.parametrize("library", ["numpy", "torch"])
def test_shift_bounds_the_largest_eigenvalue_or_says_nothing(name, shift, library):
    one = symmetric(SPECTRA_OF_B[name])[0]
    stack = np.stack([one, one / 2]).astype("float32")
    a = torch.tensor(stack) if library == "torch" else stack
    xp = namespace_of(a)
    bound = np.asarray(by_shift(a, xp.asarray([shift, shift], dtype=a.dtype), xp))
    assert np.all(bound >= np.array([1.0, 0.5]) * (1 - 1e-6))
    if shift > 1:  # a factorization of the one is none of the other's business
        np.testing.assert_allclose(bound, [shift, shift], rtol=1e-6)
    if shift == 0.999:
        assert bound[1] == pytest.approx(0.999, rel=1e-6)


@pytest.mark.parametrize("garbage", [0.0, 1.0, -3.0, np.nan, np.inf])
def test_no_factor_makes_a_shift_lie(monkeypatch, garbage):
    """What a library's Cholesky leaves behind when it fails without saying so."""
    monkeypatch.setattr(module, "cholesky", lambda m, xp: xp.full_like(m, garbage))
    a = symmetric(SPECTRA_OF_B["flat"])[0]
    with np.errstate(all="ignore"):
        bound = by_shift(a, np.asarray(0.5), namespace_of(a))
    assert bound >= 1


@pytest.mark.parametrize("shape", [(5, 3), (3, 5), (4, 4), (1, 1), (2, 6, 3)])
def test_gram_matrix_of_the_shorter_side(shape):
    x = np.random.default_rng(0).normal(size=shape)
    found = gram(x, namespace_of(x))
    r = min(shape[-2:])
    assert found.unit.shape == (*shape[:-2], r, r)
    np.testing.assert_allclose(np.sqrt(np.sum(found.unit**2, axis=(-2, -1))), 1.0)
    top = np.linalg.eigvalsh(found.unit)[..., -1] * found.size
    np.testing.assert_allclose(top, np.linalg.svd(x, compute_uv=False)[..., 0] ** 2)
