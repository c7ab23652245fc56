"""What is wrong in the implementations that the presets are named after, shown on them, and right here."""

import jax
import numpy as np
import optax
import pytest
import pytorch_optimizer
import torch

import ntr_spec as ntr
from ntr_spec.algorithms import presets
from tests.algorithms.peers import quintic, written

OURS = [ntr.polar.SVD(), ntr.polar.NewtonSchulz()]
G = np.random.default_rng(0).normal(size=(6, 4))


def torch_step(gradient, dtype=torch.float32):
    parameter = torch.nn.Parameter(torch.zeros(gradient.shape, dtype=dtype))
    parameter.grad = torch.tensor(gradient, dtype=dtype)
    torch.optim.Muon([parameter], lr=1.0, weight_decay=0.0).step()
    return parameter.detach().double().numpy()


def step(method, gradient):
    return method.update(method.init(np.zeros_like(gradient)), gradient).x


@pytest.mark.parametrize("scale", [1e-30, 1e30])
def test_torch_muon_makes_no_step_on_small_and_large_gradients(scale):
    assert np.max(np.abs(torch_step(G))) > 0.1
    assert np.max(np.abs(torch_step(scale * G))) < 1e-15
    for polar in OURS:
        method = presets.muon(1.0, flavour="torch", polar=polar)
        np.testing.assert_allclose(step(method, scale * G), step(method, G), atol=1e-12)
        small = (scale * G).astype(np.float32)
        np.testing.assert_allclose(step(method, small), step(method, G), atol=1e-4)


def test_the_flavours_guard_is_the_peers_fault_reproduced():
    """Exact conventions include this one, so the way out is a solver without it."""
    tiny = step(presets.muon(1.0, flavour="torch"), 1e-30 * G)
    np.testing.assert_allclose(tiny, written("torch", np.zeros_like(G), lambda x: 1e-30 * G, 1.0)[0], atol=1e-12)
    assert np.max(np.abs(tiny)) < 1e-15


@pytest.mark.parametrize(
    "method",
    [presets.muon(1.0), presets.muon(1.0, polar=ntr.polar.SVD()), presets.muon(1.0, polar=ntr.polar.NewtonSchulz())],
)
def test_zero_gradients_stay_and_nan_shows(method):
    assert not np.any(step(method, np.zeros((3, 2))))
    spoiled = {"W": G.copy(), "V": G.copy()}
    spoiled["W"][0, 0] = np.nan
    x = method.update(method.init({"W": 0 * G, "V": 0 * G}), spoiled).x
    assert np.all(np.isnan(x["W"]))
    assert np.all(np.isfinite(x["V"]))


def test_without_a_guard_newton_schulz_of_zero_is_nan():
    with np.errstate(invalid="ignore"):
        assert np.all(np.isnan(quintic(np.zeros((3, 2)), 0.0, "add")))
    assert not np.any(step(presets.muon(1.0, polar=ntr.polar.NewtonSchulz()), np.zeros((3, 2))))


def test_optax_normalize_of_zero_is_nan():
    updates, _ = optax.contrib.normalize().update(jax.numpy.zeros(3), optax.contrib.normalize().init(None))
    assert np.all(np.isnan(updates))
    assert not np.any(step(presets.normalized_sgd(1.0), np.zeros(3)))


def test_orthogonalising_zero_by_u_times_vt_moves():
    u, _, vt = np.linalg.svd(np.zeros((3, 2)), full_matrices=False)
    assert np.linalg.norm(u @ vt) > 1
    assert not np.any(step(presets.orthogonal_sgdm(1.0), np.zeros((3, 2))))


def test_jordans_factor_of_a_kernel_reads_its_height_and_width():
    """grad.size(-2)/grad.size(-1) is taken before the kernel is flattened: a square kernel always gets 1."""
    kernel = (64, 1, 3, 3)
    as_written = max(1, kernel[-2] / kernel[-1]) ** 0.5
    assert as_written == 1.0
    assert presets.muon_norm("jordan").scale(kernel) == pytest.approx((64 / 9) ** 0.5)


def test_moonlights_factor_of_a_kernel_leaves_out_its_size():
    """p.shape[:2] of a kernel out×in×kh×kw: the matrix has in·kh·kw columns."""
    kernel = (8, 16, 3, 3)
    as_written = 0.2 * max(kernel[:2]) ** 0.5
    assert presets.muon_norm("moonlight").scale(kernel) == pytest.approx(0.2 * (16 * 9) ** 0.5)
    assert as_written == pytest.approx(0.2 * 4)


def test_optax_hands_vectors_to_another_optimizer_in_silence():
    x, g = {"W": jax.numpy.ones((2, 2)), "b": jax.numpy.ones(3)}, {"W": jax.numpy.ones((2, 2)), "b": jax.numpy.ones(3)}
    peer, adam = optax.contrib.muon(0.1), optax.adamw(0.1, b1=0.9, weight_decay=0.0, nesterov=True)
    updates, _ = peer.update(g, peer.init(x), x)
    expected, _ = adam.update(g, adam.init(x), x)
    np.testing.assert_allclose(updates["b"], expected["b"], rtol=1e-6)
    with pytest.raises(ntr.InputError, match=r"leaf b to be a weight of at least 2 axes"):
        presets.muon(flavour="optax").init({name: np.asarray(v) for name, v in x.items()})


def test_optax_rounds_integer_parameters_to_zero():
    x = jax.numpy.ones(3, dtype="int32")
    peer = optax.signum(0.1)
    updates, _ = peer.update(jax.numpy.ones(3), peer.init(x), x)
    assert optax.apply_updates(x, updates).tolist() == [0, 0, 0]
    with pytest.raises(ntr.DTypeError, match=r"expected a floating array, got int32"):
        presets.signum(0.1).init(x)


def test_pytorch_optimizer_writes_into_the_gradient():
    parameter = torch.nn.Parameter(torch.zeros(6, 4, dtype=torch.float64))
    parameter.grad = torch.tensor(G)
    pytorch_optimizer.Muon([{"params": [parameter], "use_muon": True}]).step()
    assert not np.allclose(parameter.grad.numpy(), G)
    mine, before = G.copy(), G.copy()
    step(presets.muon(1.0), mine)
    np.testing.assert_array_equal(mine, before)


def test_five_steps_are_neither_feasible_nor_optimal():
    """What approximate means, on random matrices: ‖O‖₂ above 1 and ⟨G, O⟩ below Σσᵢ; the exact solver is both."""
    rng = np.random.default_rng(1)
    reached, sizes = [], []
    for shape in [(20, 20), (64, 64), (128, 64)] * 5:
        g = rng.normal(size=shape)
        v = ntr.Spectral(ntr.polar.NewtonSchulz(feasible=False)).lmo(g)
        reached.append(-np.sum(g * v) / ntr.Nuclear()(g))
        sizes.append(ntr.Spectral()(v))
        exact = ntr.Spectral().lmo(g)
        assert ntr.Spectral()(exact) <= 1 + 1e-12
        assert -np.sum(g * exact) == pytest.approx(ntr.Nuclear()(g), rel=1e-12)
    assert 0.83 < min(reached) < max(reached) < 0.98
    assert 1.11 < min(sizes) < max(sizes) < 1.21
