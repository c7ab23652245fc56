"""Signum, Lion, normalized SGD, Scion and Orthogonal-SGDM beside their implementations, and written out."""

import dataclasses

import jax
import numpy as np
import optax
import pytest
import pytorch_optimizer
import torch
from pytorch_optimizer.optimizer.scion import LMONorm

import ntr_spec as ntr
from ntr_spec.algorithms import load_state, presets, save_state
from ntr_spec.algorithms.presets import layers
from tests.algorithms.peers import (
    SHAPES,
    optax_peer,
    problem,
    quadratic,
    quintic,
    run,
    torch_peer,
    without_bfloat16,
    worst,
)

EXACT = 1e-12
ETA = 0.05


def looped(x0, gradients, rule):
    """Points of ``x, m = rule(x, m, g)``, the momentum from zero."""
    x, m, points = x0.copy(), np.zeros_like(x0), []
    for g in gradients:
        x, m = rule(x, m, g)
        points.append(x)
    return points


# ---- signs ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [*SHAPES.values(), (6,)])
@pytest.mark.parametrize("decay", [0.0, 0.1])
@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_signum(shape, decay, momentum):
    x0, gradients = problem(shape)
    ours = run(presets.signum(ETA, momentum, decay), x0, gradients)

    def rule(x, m, g):
        m = momentum * m + (1 - momentum) * g
        return (1 - decay * ETA) * x - ETA * np.sign(m), m

    assert worst(ours, looped(x0, gradients, rule)) < EXACT

    def make(parameters):
        return pytorch_optimizer.SignSGD(parameters, lr=ETA, momentum=momentum, weight_decay=decay)

    assert worst(ours, torch_peer(make, x0, gradients)) < EXACT
    if not decay:
        assert worst(ours, optax_peer(optax.signum(ETA, beta=momentum), x0, gradients)) < EXACT


@pytest.mark.parametrize("shape", [*SHAPES.values(), (6,)])
@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_lion(shape, decay):
    x0, gradients = problem(shape)
    ours = run(presets.lion(ETA, 0.8, 0.95, decay), x0, gradients)

    def rule(x, m, g):
        c = 0.8 * m + 0.2 * g
        return x - ETA * (np.sign(c) + decay * x), 0.95 * m + 0.05 * g

    assert worst(ours, looped(x0, gradients, rule)) < EXACT
    assert worst(ours, optax_peer(optax.lion(ETA, 0.8, 0.95, weight_decay=decay), x0, gradients)) < EXACT

    def make(parameters):
        return pytorch_optimizer.Lion(parameters, lr=ETA, betas=(0.8, 0.95), weight_decay=decay)

    assert worst(ours, torch_peer(make, x0, gradients)) < EXACT


def test_signs_on_a_quadratic():
    x0, gradient = np.zeros(5), quadratic(5)
    lion = optax.lion(ETA, weight_decay=0.0)
    assert worst(run(presets.lion(ETA), x0, gradient), optax_peer(lion, x0, gradient)) < EXACT
    assert worst(run(presets.signum(ETA), x0, gradient), optax_peer(optax.signum(ETA), x0, gradient)) < EXACT


# ---- normalized SGD ------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [*SHAPES.values(), (6,)])
@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_normalized_sgd(shape, decay):
    x0, gradients = problem(shape)
    ours = run(presets.normalized_sgd(ETA, 0.9, decay), x0, gradients)

    def rule(x, m, g):
        m = 0.9 * m + 0.1 * g
        return (1 - decay * ETA) * x - ETA * m / np.sqrt(np.sum(m * m)), m

    assert worst(ours, looped(x0, gradients, rule)) < EXACT
    peer = optax.chain(
        optax.ema(0.9, debias=False),
        optax.contrib.normalize(),
        optax.add_decayed_weights(decay),
        optax.scale_by_learning_rate(ETA),
    )
    assert worst(ours, optax_peer(peer, x0, gradients)) < EXACT


def test_normalized_sgd_takes_all_arrays_together_or_each_alone():
    g = {"W": np.array([[3.0, 0.0]]), "b": np.array([0.0, -4.0])}
    x0 = {name: np.zeros_like(v) for name, v in g.items()}
    whole, each = presets.normalized_sgd(5.0, 0.0), presets.normalized_sgd(5.0, 0.0, per_tensor=True)
    x = whole.update(whole.init(x0), g).x
    np.testing.assert_allclose(x["W"], [[-3.0, 0.0]])
    np.testing.assert_allclose(x["b"], [0.0, 4.0])
    x = each.update(each.init(x0), g).x
    np.testing.assert_allclose(x["W"], [[-5.0, 0.0]])
    np.testing.assert_allclose(x["b"], [0.0, 5.0])


# ---- Scion ---------------------------------------------------------------------------------------

RHO = 3.0
MATRIX = ["tall", "wide", "square"]
KINDS = {
    "spectral": (layers.spectral(RHO), LMONorm.SPECTRAL, {}, MATRIX),
    "first": (layers.spectral(RHO, "first"), LMONorm.SPECTRAL, {"normalize": False}, MATRIX),
    "at least 1": (layers.spectral(RHO, "at least 1"), LMONorm.SPECTRAL, {"max_scale": True}, MATRIX),
    "convolution": (layers.convolution(RHO), LMONorm.SPECTRALCONV, {}, ["kernel", "depthwise"]),
    "sign": (layers.sign(RHO), LMONorm.SIGN, {}, MATRIX),
    "plain sign": (layers.sign(RHO, normalized=False), LMONorm.SIGN, {"normalize": False}, MATRIX),
    "column": (layers.column(RHO), LMONorm.COL, {}, MATRIX),
    "normalized column": (layers.column(RHO, normalized=True), LMONorm.COL, {"normalized": True}, MATRIX),
    "row": (layers.row(RHO), LMONorm.ROW, {}, MATRIX),
    "plain row": (layers.row(RHO, normalized=False), LMONorm.ROW, {"normalized": False}, MATRIX),
    "bias": (layers.bias(RHO), LMONorm.BIAS, {}, ["vector"]),
}
CASES = [(kind, shape) for kind, (*_, shapes) in KINDS.items() for shape in shapes]
GUARDED = {"column", "normalized column", "row", "plain row", "bias"}  # the peer adds 1e-8 to what it divides by


def scion_direction(kind, d):
    """Scion's direction, L(d) of its paper, before ρ."""
    rows, columns = d.shape[0], d.size // d.shape[0]
    match kind:
        case "spectral" | "first" | "at least 1":
            ratio = {"spectral": rows / columns, "first": rows, "at least 1": max(1, rows / columns)}[kind]
            return np.sqrt(ratio) * quintic(d, 1e-7, "add")
        case "convolution":
            channels, volume = d.shape[1], d[0, 0].size
            return np.sqrt(rows / channels) / volume * quintic(d.reshape(rows, -1), 1e-7, "add").reshape(d.shape)
        case "sign" | "plain sign":
            return np.sign(d) / (columns if kind == "sign" else 1)
        case "column" | "normalized column":
            found = np.sqrt(rows) * d / np.sqrt(np.sum(d * d, axis=0))
            return found / columns if kind == "normalized column" else found
        case "row" | "plain row":
            found = d / np.sqrt(np.sum(d * d, axis=1, keepdims=True))
            return found / np.sqrt(columns) if kind == "row" else found
        case "bias":
            return d / np.sqrt(np.mean(d * d))


@pytest.mark.parametrize(("kind", "shape"), CASES)
@pytest.mark.parametrize("constrained", [True, False])
def test_scion(kind, shape, constrained, monkeypatch):
    norm, number, options, _ = KINDS[kind]
    method = presets.scion(norm, ETA, 0.9, constrained)
    x0, gradients = problem((SHAPES | {"vector": (6,)})[shape])
    ours = run(method, x0, gradients)

    def rule(x, d, g):
        d = 0.9 * d + 0.1 * g
        return (1 - ETA if constrained else 1) * x - ETA * RHO * scion_direction(kind, d), d

    assert worst(ours, looped(x0, gradients, rule)) < EXACT

    def make(parameters):
        return pytorch_optimizer.SCION(
            parameters, ETA, 0.1, constraint=constrained, norm_type=number, norm_kwargs=options, scale=RHO
        )

    if isinstance(norm.norm, ntr.Spectral):  # this peer guards ‖d‖ by a maximum, the original by a sum
        same = dataclasses.replace(
            norm, norm=ntr.Spectral(ntr.polar.NewtonSchulz(eps=1e-7, guard="max", feasible=False))
        )
        ours = run(presets.scion(same, ETA, 0.9, constrained), x0, gradients)
    with without_bfloat16(monkeypatch):
        assert worst(ours, torch_peer(make, x0, gradients)) < (1e-7 if kind in GUARDED else EXACT)


def test_constrained_scion_stays_in_its_ball():
    x0, gradients = problem((6, 4))
    norm = layers.spectral(2.0, polar=ntr.polar.SVD())
    x0 = x0 / norm(x0)  # on the sphere
    for x in run(presets.scion(norm, 0.3, constrained=True), x0, gradients):
        assert norm(x) <= 1 + 1e-12


def test_scion_on_a_network_picks_norms_by_the_number_of_axes():
    rng = np.random.default_rng(4)
    params = {"conv": rng.normal(size=(4, 2, 3, 3)), "dense": {"W": rng.normal(size=(5, 4)), "b": rng.normal(size=5)}}
    method = presets.scion(layers.auto(params, RHO), ETA)
    state = method.update(method.init(params), params)
    for got, start, kind in (
        (state.x["conv"], params["conv"], "convolution"),
        (state.x["dense"]["W"], params["dense"]["W"], "spectral"),
        (state.x["dense"]["b"], params["dense"]["b"], "bias"),
    ):
        np.testing.assert_allclose(got, start - ETA * RHO * scion_direction(kind, 0.1 * start), atol=1e-12)


def test_scion_norms_are_the_catalogues():
    """RMSOperator and scaled vector norms, said with shapes: values, duals and ρ."""
    x = np.random.default_rng(5).normal(size=(6, 4))
    exact = layers.spectral(2.0, polar=ntr.polar.SVD())
    for ours, theirs in (
        (exact, ntr.Scaled(ntr.RMSOperator(), 0.5)),
        (layers.sign(2.0), ntr.Scaled(ntr.LInf(), 2.0)),
        (layers.row(), ntr.Scaled(ntr.Mixed(ntr.LInf(), ntr.L2(), axis=1), 2.0)),
    ):
        np.testing.assert_allclose(ours(x), theirs(x), rtol=1e-14)
        np.testing.assert_allclose(ours.dual(x), theirs.dual(x), rtol=1e-14)
        np.testing.assert_allclose(ours.lmo(x), theirs.lmo(x), atol=1e-14)
        np.testing.assert_allclose(ours.rho((6, 4)), theirs.rho((6, 4)), rtol=1e-14)


def test_scion_is_constrained_or_decays():
    with pytest.raises(ntr.InputError, match=r"scion: constrained is a decay of its own"):
        presets.scion(layers.sign(), constrained=True, weight_decay=0.1)
    with pytest.raises(ntr.InputError, match=r"expected decay to be a number in \[0, 1\], got 1.5"):
        presets.scion(layers.sign(), radius=1.5, constrained=True)


# ---- momentum after the LMO ----------------------------------------------------------------------


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_orthogonal_sgdm_is_torchs_sgd_on_orthogonalised_gradients(shape, decay):
    x0, gradients = problem(SHAPES[shape])
    ours = run(presets.orthogonal_sgdm(ETA, 0.9, decay), x0, gradients)

    def orthogonal(g):
        u, _, vt = np.linalg.svd(g.reshape(g.shape[0], -1), full_matrices=False)
        return (u @ vt).reshape(g.shape)

    def rule(x, m, g):
        m = 0.9 * m + orthogonal(g)
        return (1 - ETA * decay) * x - ETA * m, m

    assert worst(ours, looped(x0, gradients, rule)) < EXACT
    if not decay:  # torch's own decay is not decoupled
        turned = [orthogonal(g) for g in gradients]
        assert worst(ours, torch_peer(lambda p: torch.optim.SGD(p, ETA, momentum=0.9), x0, turned)) < EXACT


def test_an_average_after_the_lmo():
    from ntr_spec.algorithms.contrast import MomentumAfterLMO

    x0, gradients = problem((4,))
    method = MomentumAfterLMO(ntr.LInf(), ETA, 0.9, 0.1, accumulate="average")

    def rule(x, m, g):
        m = 0.9 * m - 0.1 * np.sign(g)
        return 0.9 * x + ETA * m, m

    assert worst(run(method, x0, gradients), looped(x0, gradients, rule)) < EXACT
    with pytest.raises(ntr.InputError, match=r"expected accumulate to be 'sum' or 'average', got 'mean'"):
        MomentumAfterLMO(ntr.LInf(), accumulate="mean")
    with pytest.raises(ntr.InputError, match=r"MomentumAfterLMO: expected momentum to be a number in \[0, 1\)"):
        MomentumAfterLMO(ntr.LInf(), momentum=1.0)


def test_the_contrast_loses_where_noise_is_larger_than_the_gradient():
    """Signs of single noisy gradients point nowhere; the sign of their average finds the way."""
    rng = np.random.default_rng(6)
    noise = rng.normal(size=(2000, 8, 8)) * 30
    ends = {}
    for name, method in (
        ("before", presets.muon(0.01, 0.99, nesterov=False, polar=ntr.polar.SVD())),
        ("after", presets.orthogonal_sgdm(0.01 * 0.01, 0.99)),  # steps of the same size: the sum of 1/(1 − μ) of them
    ):
        state = method.init(np.zeros((8, 8)))
        for n in noise:
            state = method.update(state, np.eye(8) + n)
        ends[name] = -np.trace(state.x)  # descent along the mean gradient, the identity
    assert ends["before"] > 2 * ends["after"]


# ---- what holds for all --------------------------------------------------------------------------

ALL = {
    **{f"muon {name}": presets.muon(ETA, weight_decay=0.1, flavour=name) for name in presets.FLAVOURS},
    "muon exact": presets.muon(ETA, polar=ntr.polar.SVD()),
    "signum": presets.signum(ETA, weight_decay=0.1),
    "lion": presets.lion(ETA, weight_decay=0.1),
    "normalized_sgd": presets.normalized_sgd(ETA, weight_decay=0.1),
    "scion": presets.scion(layers.spectral(), ETA, constrained=True),
    "orthogonal_sgdm": presets.orthogonal_sgdm(ETA, weight_decay=0.1),
}
ARRAYS = {
    "numpy float32": lambda x: x.astype(np.float32),
    "torch float32": lambda x: torch.tensor(x, dtype=torch.float32),
    "torch bfloat16": lambda x: torch.tensor(x, dtype=torch.bfloat16),
    "jax float32": lambda x: jax.numpy.asarray(x, dtype="float32"),
}


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("arrays", ARRAYS)
def test_precision_is_kept_and_inputs_are_left_alone(name, arrays):
    rng, convert = np.random.default_rng(7), ARRAYS[arrays]
    start, slope = rng.normal(size=(6, 4)), rng.normal(size=(6, 4))
    x, g = convert(start), convert(slope)
    state = ALL[name].init(x)
    for _ in range(3):
        state = ALL[name].update(state, g)
    assert state.x.dtype == state.momentum.dtype == x.dtype
    assert state.step == 3
    for left, before in ((x, start), (g, slope)):
        assert bool((left == convert(before)).all())
    reference = ALL[name].init(start)
    for _ in range(3):
        reference = ALL[name].update(reference, slope)
    near = 0.1 if "bfloat16" in arrays else 1e-4
    found = state.x.float() if "torch" in arrays else state.x
    np.testing.assert_allclose(np.asarray(found, dtype=float), reference.x, atol=near)


@pytest.mark.parametrize("name", ALL)
def test_a_run_is_saved_and_goes_on_with_the_same_bits(name, tmp_path):
    x0, gradients = problem((5, 3))
    x0, method = {"layer": {"W": x0}}, ALL[name]
    if name == "scion":
        method = presets.scion({"layer": {"W": layers.spectral()}}, ETA, constrained=True)
    state = method.init(x0)
    for k, g in enumerate(gradients):
        if k == 20:
            save_state(tmp_path / "run.npz", state, method)
        state = method.update(state, {"layer": {"W": g}})
    again = load_state(tmp_path / "run.npz", method, x0)
    for g in gradients[20:]:
        again = method.update(again, {"layer": {"W": g}})
    np.testing.assert_array_equal(again.x["layer"]["W"], state.x["layer"]["W"])


@pytest.mark.parametrize(
    "make", [presets.muon, presets.signum, presets.lion, presets.normalized_sgd, presets.orthogonal_sgdm]
)
def test_bad_settings_are_named(make):
    name = make.__name__
    with pytest.raises(ntr.InputError, match=rf"{name}: expected radius to be a finite number of at least 0, got -0.1"):
        make(radius=-0.1)
    with pytest.raises(ntr.InputError, match=rf"{name}: expected a weight decay of at least 0, got -1"):
        make(weight_decay=-1)
    with pytest.raises(ntr.InputError, match=rf"{name}: expected weight_decay·radius of at most 1, got 4"):
        make(radius=2.0, weight_decay=2.0)
    with pytest.raises(ntr.InputError, match=r"(to be|got) .*1\.5"):
        make(**{"beta1" if name == "lion" else "momentum": 1.5})
    schedule = make(radius=lambda step: 0.5 / (1 + step), weight_decay=0.5)
    assert [schedule.settings(step)["decay"] for step in (0, 1)] == [0.25, 0.125]
