"""Muon's flavours beside their implementations for 50 steps: to 1e-12 in float64, to bfloat16's as they ship."""

import jax
import numpy as np
import optax
import pytest
import pytorch_optimizer
import torch

import ntr_spec as ntr
from ntr_spec.algorithms import presets
from tests.algorithms.peers import (
    SHAPES,
    optax_peer,
    problem,
    quadratic,
    run,
    torch_peer,
    without_bfloat16,
    worst,
    written,
)

EXACT = 1e-12
# What the peers' rounding to bfloat16 moves their own trajectories by: 0.3% measured, and no multiple of it.
BFLOAT16 = 5e-3
ETA = 0.05
MATRICES = ["tall", "wide", "square"]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("flavour", presets.FLAVOURS)
@pytest.mark.parametrize(("nesterov", "decay"), [(True, 0.0), (False, 0.1), (True, 0.1)])
def test_every_flavour_is_its_formula_written_out(flavour, shape, nesterov, decay):
    x0, gradients = problem(SHAPES[shape])
    method = presets.muon(ETA, nesterov=nesterov, weight_decay=decay, flavour=flavour)
    theirs = written(flavour, x0, gradients, ETA, nesterov=nesterov, weight_decay=decay)
    assert worst(run(method, x0, gradients), theirs) < EXACT


@pytest.mark.parametrize("flavour", presets.FLAVOURS)
def test_on_a_quadratic_too_where_errors_feed_back(flavour):
    gradient = quadratic((6, 9))
    x0 = np.zeros((6, 9))
    theirs = written(flavour, x0, gradient, ETA, weight_decay=0.1)
    assert worst(run(presets.muon(ETA, weight_decay=0.1, flavour=flavour), x0, gradient), theirs) < EXACT
    assert np.linalg.norm(gradient(theirs[-1])) < 0.5 * np.linalg.norm(gradient(x0))


@pytest.mark.parametrize("shape", MATRICES)
@pytest.mark.parametrize("adjust", ["original", "match_rms_adamw"])
@pytest.mark.parametrize("nesterov", [True, False])
def test_torch_optim_muon(shape, adjust, nesterov, monkeypatch):
    x0, gradients = problem(SHAPES[shape])
    rms = 0.2 if adjust == "match_rms_adamw" else None
    ours = run(presets.muon(ETA, 0.9, nesterov, 0.1, "torch", consistent_rms=rms), x0, gradients)

    def make(parameters):
        return torch.optim.Muon(
            parameters, lr=ETA, momentum=0.9, nesterov=nesterov, weight_decay=0.1, adjust_lr_fn=adjust
        )

    with without_bfloat16(monkeypatch):
        assert worst(ours, torch_peer(make, x0, gradients)) < EXACT
    shipped = torch_peer(make, x0, gradients, torch.float32)
    assert EXACT < worst(ours, shipped) < BFLOAT16


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("adjusted", [True, False])
def test_pytorch_optimizer_muon(shape, adjusted, monkeypatch):
    x0, gradients = problem(SHAPES[shape])
    method = presets.muon(ETA, 0.9, True, 0.1, "torch", consistent_rms=0.2 if adjusted else None)
    ours = run(method, x0, gradients)

    def make(parameters):
        group = {"params": parameters, "use_muon": True, "lr": ETA, "momentum": 0.9, "weight_decay": 0.1}
        return pytorch_optimizer.Muon([group | {"use_adjusted_lr": adjusted}])

    with without_bfloat16(monkeypatch):
        assert worst(ours, torch_peer(make, x0, gradients)) < EXACT
    assert EXACT < worst(ours, torch_peer(make, x0, gradients, torch.float32)) < BFLOAT16


@pytest.mark.parametrize("shape", MATRICES)
@pytest.mark.parametrize("nesterov", [True, False])
@pytest.mark.parametrize("rms", [None, 0.2])
def test_optax_contrib_muon(shape, nesterov, rms):
    x0, gradients = problem(SHAPES[shape])
    peer = optax.contrib.muon(ETA, beta=0.9, nesterov=nesterov, weight_decay=0.1, consistent_rms=rms)
    ours = run(presets.muon(ETA, 0.9, nesterov, 0.1, "optax", consistent_rms=rms), x0, gradients)
    assert worst(ours, optax_peer(peer, x0, gradients)) < EXACT


def test_optax_on_a_kernel_with_outputs_last():
    x0, gradients = problem((3, 3, 2, 16))
    numbers = optax.contrib.MuonDimensionNumbers((0, 1, 2), 3)
    peer = optax.contrib.muon(ETA, muon_weight_dimension_numbers=numbers)
    assert worst(run(presets.muon(ETA, flavour="optax"), x0, gradients), optax_peer(peer, x0, gradients)) < EXACT


def test_optax_on_a_stack_of_matrices():
    x0, gradients = problem((4, 5, 9))
    peer = optax.contrib.muon(ETA, muon_weight_dimension_numbers=optax.contrib.MuonDimensionNumbers(1, 2))
    norm = ntr.Stacked(presets.muon_norm("optax"))
    ours = run(presets.muon(ETA, flavour="optax", norm=norm), x0, gradients)
    assert worst(ours, optax_peer(peer, x0, gradients)) < EXACT


def test_a_schedule_of_the_radius_takes_the_decay_along():
    x0, gradients = problem((4, 6))
    peer = optax.contrib.muon(lambda count: 0.1 / (1 + count), weight_decay=0.5)
    method = presets.muon(lambda step: 0.1 / (1 + step), weight_decay=0.5, flavour="optax")
    assert worst(run(method, x0, gradients), optax_peer(peer, x0, gradients)) < EXACT


@pytest.mark.parametrize("flavour", presets.FLAVOURS)
def test_the_same_on_torch_and_jax_and_compiled(flavour):
    x0, gradients = problem((9, 4))
    method = presets.muon(ETA, flavour=flavour, weight_decay=0.1)
    expected = run(method, x0, gradients)
    assert worst(run(method, x0, gradients, torch.tensor), expected) < EXACT
    with jax.enable_x64(True):
        assert worst(run(method, x0, gradients, jax.numpy.asarray), expected) < EXACT
        update = jax.jit(method.update)
        state = method.init(jax.numpy.asarray(x0))._replace(step=jax.numpy.asarray(0))
        for g in gradients:
            state = update(state, jax.numpy.asarray(g))
        assert worst([np.asarray(state.x)], expected[-1:]) < EXACT


def test_a_whole_network_with_a_norm_for_each_block():
    weights, biases = problem((6, 4)), problem(6, seed=1)
    norm = ntr.Product({"W": presets.muon_norm("jordan"), "b": ntr.LInf()})
    method = presets.muon(ETA, flavour="jordan", norm=norm)
    state, b, m = method.init({"W": weights[0], "b": biases[0]}), biases[0], np.zeros(6)
    for g, h in zip(weights[1], biases[1], strict=True):
        state = method.update(state, {"W": g, "b": h})
        m = 0.95 * m + 0.05 * h
        b = b - ETA * np.sign(0.95 * m + 0.05 * h)
    np.testing.assert_allclose(state.x["W"], written("jordan", *weights, ETA)[-1], atol=1e-12)
    np.testing.assert_allclose(state.x["b"], b, atol=1e-12)


def test_with_the_exact_factor_it_is_the_theorys_method():
    x0, gradients = problem((5, 8))
    exact = presets.muon(ETA, 0.9, nesterov=False, flavour="jordan", polar=ntr.polar.SVD())
    state, x, m = exact.init(x0), x0, np.zeros_like(x0)
    for g in gradients:
        state = exact.update(state, g)
        m = 0.9 * m + 0.1 * g
        u, _, vt = np.linalg.svd(m, full_matrices=False)
        x = x - ETA * u @ vt
    np.testing.assert_allclose(state.x, x, atol=1e-12)


def test_bad_arguments_and_leaves():
    with pytest.raises(ntr.InputError, match=r"muon: expected a flavour among 'jordan', 'torch', 'moonlight', 'optax'"):
        presets.muon(flavour="keller")
    with pytest.raises(ntr.InputError, match=r"muon: a norm was given, so polar and consistent_rms have no say"):
        presets.muon(norm=ntr.Spectral(), polar=ntr.polar.SVD())
    with pytest.raises(ntr.InputError, match=r"muon: expected a weight decay of at least 0"):
        presets.muon(weight_decay=-0.1)
    with pytest.raises(ntr.InputError, match=r"expected radius to be a finite number of at least 0, got -1.0"):
        presets.muon(-1.0)
    with pytest.raises(ntr.InputError, match=r"weight_decay·radius of at most 1, got 2"):
        presets.muon(2.0, weight_decay=1.0)
    with pytest.raises(ntr.InputError, match=r"leaf layer\.b to be a weight of at least 2 axes; .*Product"):
        presets.muon().init({"layer": {"W": np.ones((2, 2)), "b": np.ones(2)}})
