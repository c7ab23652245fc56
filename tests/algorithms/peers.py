"""Other implementations, installed or written out, driven beside the presets.

``WRITTEN`` holds each peer's update rule as its source reads, in plain float64 NumPy: the oracle to 1e-12, and the only
one for KellerJordan's and Moonlight's Muon, which are not packages. ``*_peer`` drive the installed ones. Every driver
takes a starting point and a list of gradients, and returns the points after each step.
"""

from __future__ import annotations

import contextlib
import math

import jax
import numpy as np
import optax
import torch

SHAPES = {"tall": (12, 5), "wide": (5, 12), "square": (7, 7), "kernel": (8, 3, 2, 2), "depthwise": (16, 1, 3, 3)}
STEPS = 50


def problem(shape, seed=0, steps=STEPS, scale=1.0):
    """A starting point, and random gradients for it."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=shape), [scale * rng.normal(size=shape) for _ in range(steps)]


def quadratic(shape, seed=0):
    """The gradient of ½‖A∘(X − B)‖², whose curvatures span two decades."""
    rng = np.random.default_rng(seed)
    curvature, minimum = 10.0 ** rng.uniform(-1, 1, size=shape), rng.normal(size=shape)
    return lambda x: curvature * (x - minimum)


def run(method, x0, gradients, convert=np.asarray):
    """The points that a method of this package visits; ``gradients`` may be a function of the point instead."""
    state, points = method.init(convert(x0)), []
    for k in range(STEPS):
        g = gradients(np.asarray(state.x)) if callable(gradients) else gradients[k]
        state = method.update(state, convert(g))
        points.append(np.asarray(state.x))
    return points


def worst(ours, theirs):
    """The largest difference along two trajectories, over the largest entry met."""
    largest = max(float(np.max(np.abs(x))) for x in theirs)
    return max(float(np.max(np.abs(a - b))) for a, b in zip(ours, theirs, strict=True)) / largest


# ---- written out -----------------------------------------------------------------------------------


def quintic(u, eps, guard, steps=5):
    """Five Newton–Schulz steps as the sources have them."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = u.T if u.shape[0] > u.shape[1] else u
    size = np.linalg.norm(x)
    x = x / (size + eps) if guard == "add" else x / max(size, eps)
    for _ in range(steps):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.T if u.shape[0] > u.shape[1] else x


def _matrix(u):
    return u.reshape(u.shape[0], -1)


def _jordan(g, m, t, mu, nesterov):
    m = mu * m + (1 - mu) * g
    u = (1 - mu) * g + mu * m if nesterov else m
    o = quintic(_matrix(u), 1e-7, "add")
    return m, max(1, o.shape[0] / o.shape[1]) ** 0.5 * o.reshape(g.shape)


def _torch(g, m, t, mu, nesterov, match=False):
    m = mu * m + (1 - mu) * g
    u = (1 - mu) * g + mu * m if nesterov else m
    o = quintic(_matrix(u), 1e-7, "max")
    rows, columns = o.shape
    ratio = 0.2 * math.sqrt(max(rows, columns)) if match else math.sqrt(max(1, rows / columns))
    return m, ratio * o.reshape(g.shape)


def _moonlight(g, m, t, mu, nesterov):
    m = mu * m + g
    u = g + mu * m if nesterov else m
    o = quintic(_matrix(u), 1e-7, "add")
    return m, 0.2 * math.sqrt(max(o.shape)) * o.reshape(g.shape)


def _optax(g, m, t, mu, nesterov):
    m = mu * m + (1 - mu) * g
    ahead = mu * m / (1 - mu ** (t + 1)) + (1 - mu) * g / (1 - mu**t)
    u = ahead if nesterov else m / (1 - mu**t)
    o = quintic(u.reshape(-1, u.shape[-1]), 1e-8, "add")  # in×out
    return m, math.sqrt(max(1, o.shape[1] / o.shape[0])) * o.reshape(g.shape)


WRITTEN = {"jordan": _jordan, "torch": _torch, "moonlight": _moonlight, "optax": _optax}


def written(flavour, x0, gradients, eta, mu=0.95, nesterov=True, weight_decay=0.0):
    """Muon as the flavour's source reads: the decay with η as it is, then the step."""
    x, m, points = x0.copy(), np.zeros_like(x0), []
    for k in range(STEPS):
        g = gradients(x) if callable(gradients) else gradients[k]
        m, move = WRITTEN[flavour](g, m, k + 1, mu, nesterov)
        x = (1 - eta * weight_decay) * x - eta * move
        points.append(x)
    return points


# ---- installed -------------------------------------------------------------------------------------


def torch_peer(make, x0, gradients, dtype=torch.float64):
    """The points of a torch optimizer made by ``make([parameter])``."""
    parameter = torch.nn.Parameter(torch.tensor(x0, dtype=dtype))
    optimizer, points = make([parameter]), []
    for k in range(STEPS):
        x = parameter.detach().double().numpy().copy()
        g = gradients(x) if callable(gradients) else gradients[k]
        parameter.grad = torch.tensor(g, dtype=dtype)
        optimizer.step()
        points.append(parameter.detach().double().numpy().copy())
    return points


def optax_peer(transform, x0, gradients):
    """The points of an optax transformation, in float64."""
    with jax.enable_x64(True):
        x = jax.numpy.asarray(x0)
        state, points = transform.init(x), []
        update = jax.jit(transform.update)
        for k in range(STEPS):
            g = gradients(np.asarray(x)) if callable(gradients) else gradients[k]
            updates, state = update(jax.numpy.asarray(g), state, x)
            x = optax.apply_updates(x, updates)
            points.append(np.asarray(x))
    return points


@contextlib.contextmanager
def without_bfloat16(monkeypatch):
    """Let the torch peers iterate in the arrays' own precision: their code, without their rounding."""
    import functools

    import pytorch_optimizer.optimizer.muon.base as muon
    import pytorch_optimizer.optimizer.scion as scion
    from pytorch_optimizer.optimizer.utils.matrix import zero_power_via_newton_schulz_5 as iterate

    plain = functools.partial(iterate, dtype=torch.float64)
    with monkeypatch.context() as patch:
        patch.setattr(torch.Tensor, "bfloat16", torch.Tensor.clone)
        patch.setattr(muon, "zero_power_via_newton_schulz_5", plain)
        patch.setattr(scion, "zero_power_via_newton_schulz_5", plain)
        yield
