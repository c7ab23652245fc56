"""The Ky Fan LMO's share and its upper bound of Σσᵢ, against singular values in more digits than it has."""

import numpy as np
import pytest
import torch
from scipy.linalg import hadamard

import ntr_spec as ntr
from ntr_spec.arrays import namespace_of
from ntr_spec.norms import fan
from ntr_spec.norms.leading import Power
from ntr_spec.norms.polar import Certified, Polar
from tests.norms import spectra
from tests.norms.spectra import judged, ky_fan, singular_values


class Given(Polar):
    """A polar factor that is known, of length 1 without the room that other solvers leave below it."""

    def __init__(self, factor):
        self.known = factor

    def factor(self, x, xp):
        return self.known

    def certified(self, x, xp):
        return Certified(self.known, xp.zeros(x.shape[:-2], dtype=fan.widened(x, xp).dtype), "Given()")


ORTHOGONAL = {
    "identity": np.eye(12),
    "permuted": np.random.default_rng(0).permutation(np.eye(12)) * -1.0,
    "hadamard": hadamard(16) / 4.0,
    "wide": np.eye(9, 14),
}


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "bfloat16"])
@pytest.mark.parametrize("name", ORTHOGONAL)
def test_a_share_of_a_factor_of_length_one_is_feasible(name, dtype):
    """σ₁ = … = σ_r = 1 exactly, every one of them times 1/k as it is rounded: for half of all k to more than 1/k."""
    x = torch.tensor(ORTHOGONAL[name]).to(getattr(torch, dtype))
    for k in range(2, min(x.shape)):
        v, certificate = ntr.KyFan(k, polar=Given(x), leading=Power()).lmo(x, certificate=True)
        verdict = judged(x, -v, certificate.delta, ky_fan(k))
        assert verdict, (k, verdict.fault)
        assert verdict.true_delta < 10 * torch.finfo(x.dtype).eps


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
@pytest.mark.parametrize("k", [2, 3, 7, 30])
def test_a_share_whose_entries_round_either_way_is_feasible(k, dtype):
    """Orthogonal matrices of the dtype, no shorter than they have to be to be feasible themselves."""
    for seed in range(10):
        q = torch.tensor(spectra.orthogonal(48, np.random.default_rng(seed)))
        x = q.to(getattr(torch, dtype))
        while spectra.largest_singular_value(spectra.exactly(x))[0] > 1:
            q = q * (1 - torch.finfo(x.dtype).eps / 16)
            x = q.to(x.dtype)
        v = ntr.KyFan(k, polar=Given(x), leading=Power()).lmo(x)
        verdict = judged(x, -v, 1.0, ky_fan(k))
        assert verdict, (seed, verdict.fault)


# ---- the bound of Σσᵢ ------------------------------------------------------------------------------------


XP = namespace_of(np.ones(1))


def bound(x, narrow, broad, delta):
    return float(fan._sum_bound(x, np.asarray(narrow, x.dtype), np.asarray(broad, x.dtype), np.asarray(delta), XP))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", [(1, 6), (5, 3), (16, 16), (30, 50)])
def test_the_bound_without_a_polar_factor(shape, dtype):
    """From σ₁ alone, rounded either way, or from anything less than it: never below Σσᵢ by more than rounding."""
    eps = float(np.finfo(dtype).eps)
    for name in spectra.NAMES:
        x = spectra.matrix(name, shape)
        x = (x / np.max(np.abs(x))).astype(dtype)
        s, error = singular_values(x.astype("float64"))
        whole, top = float(np.sum(s)), float(s[0])
        for narrow in (top, top * (1 + 2 * eps), top * (1 - 2 * eps), 0.9 * top, 0.0):
            assert bound(x, narrow, 0.0, 1.0) >= whole * (1 - 4 * eps - error), (name, narrow / top)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("others", [1, 10, 100])
def test_what_the_frobenius_norm_does_not_see_is_in_the_bound(others, dtype):
    """σ = 1 and many of √eps/4: their squares vanish beside 1, their sum does not."""
    small = float(np.finfo(dtype).eps) ** 0.5 / 4 / others**0.5
    x = np.diag([1.0] + [small] * others).astype(dtype)
    assert np.sum(x * x) == 1
    found = bound(x, 1.0, 0.0, 1.0)
    assert 1 + small * others <= found <= 1 + 40 * small * others


def test_the_bound_by_a_polar_factor_and_the_better_of_both():
    x = spectra.matrix("gaussian", (20, 20))
    s = np.linalg.svd(x, compute_uv=False)
    whole = float(np.sum(s))
    alone = bound(x, s[0], 0.0, 1.0)
    assert alone > 1.01 * whole
    for delta in (0.0, 1e-3, 0.5, 0.98):
        found = bound(x, s[0], whole * (1 - delta), delta)
        assert found == pytest.approx(min(whole, alone), rel=1e-13)
    assert bound(x, s[0], whole * 0.005, 0.995) == alone  # a δ that says nothing
    assert bound(x, s[0], whole * 0.9, 0.5) == alone  # a δ that is too modest
