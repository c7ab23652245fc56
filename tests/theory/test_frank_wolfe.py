"""Decay β_t = 2/(t+2) with radius β_tD is Frank–Wolfe on the ball of radius D, in every norm; its known bound."""

import itertools

import numpy as np
import pytest

import ntr_spec as ntr

D, SIZE, STEPS = 1.5, 5, 60


def gamma(t):
    return 2.0 / (t + 2)


def l2(g):
    return -D * g / np.sqrt(np.sum(g * g))


def l1(g):
    """The best of the 2n vertices ±De_i."""
    return min((s * D * e for e in np.eye(g.size) for s in (1, -1)), key=lambda v: v @ g)


def linf(g):
    """The best of the 2ⁿ vertices."""
    return min((D * np.array(v, float) for v in itertools.product((1, -1), repeat=g.size)), key=lambda v: v @ g)


def nuclear(g):
    """−D·uvᵀ with the leading singular vectors, by eigenvalues."""
    v = np.linalg.eigh(g.T @ g)[1][:, -1]
    u = g @ v
    return -D * np.outer(u / np.linalg.norm(u), v)


def spectral(g):
    """−D·g(gᵀg)^{−1/2}, by eigenvalues."""
    values, vectors = np.linalg.eigh(g.T @ g)
    return -D * g @ (vectors / np.sqrt(values)) @ vectors.T


BALLS = {
    "l2": (ntr.L2(), l2, (SIZE,), 1e-12),
    "l1": (ntr.L1(), l1, (SIZE,), 1e-12),
    "linf": (ntr.LInf(), linf, (SIZE,), 1e-12),
    "frobenius": (ntr.Frobenius(), l2, (3, 2), 1e-12),
    "spectral": (ntr.Spectral(), spectral, (3, 2), 1e-9),  # squaring g loses half of the digits of small values
    "nuclear": (ntr.Nuclear(), nuclear, (3, 2), 1e-9),
}


def quadratic(shape, seed):
    """½⟨x − b, P(x − b)⟩ with λ_max(P) = 1, and its gradient."""
    rng = np.random.default_rng(seed)
    size = int(np.prod(shape))
    basis = np.linalg.qr(rng.normal(size=(size, size)))[0]
    P = basis @ np.diag(np.linspace(0.1, 1.0, size)) @ basis.T
    b = rng.normal(size=shape)
    gradient = lambda x: (P @ (x - b).reshape(-1)).reshape(shape)  # noqa: E731
    return lambda x: float(0.5 * np.sum((x - b) * gradient(x))), gradient


def frank_wolfe(vertex, gradient, x, steps):
    """The algorithm, as its textbooks have it."""
    path = [x]
    for t in range(steps):
        x = x + gamma(t) * (vertex(gradient(x)) - x)
        path.append(x)
    return path


def trust_region(norm, gradient, x, steps, **settings):
    method = ntr.TrustRegion(norm, radius=lambda t: D * gamma(t), momentum=0.0, decay=gamma, **settings)
    state, path = method.init(x), [x]
    for _ in range(steps):
        state = method.update(state, gradient(state.query))
        path.append(state.x)
    return path


@pytest.mark.parametrize("ball", list(BALLS))
@pytest.mark.parametrize("extrapolation", [False, True])
def test_the_trajectories_are_the_same(ball, extrapolation):
    norm, vertex, shape, tolerance = BALLS[ball]
    for seed in range(3):
        _, gradient = quadratic(shape, seed)
        start = np.random.default_rng(seed).normal(size=shape)
        theirs = frank_wolfe(vertex, gradient, start, STEPS)
        mine = trust_region(norm, gradient, start, STEPS, extrapolation=extrapolation)
        for a, b in zip(theirs, mine, strict=True):
            assert np.max(np.abs(a - b)) <= tolerance


@pytest.mark.parametrize("ball", ["l2", "l1", "linf"])
def test_the_gap_is_below_the_known_bound(ball):
    """2L·diameter²/(n+2) (Jaggi 2013), L and the diameter 2D in the ball's own norm; f* on the ball by SciPy."""
    from scipy.optimize import minimize

    norm, _, shape, _ = BALLS[ball]
    constraint = {"type": "ineq", "fun": lambda x: D - float(norm(x))}
    L = norm.rho(shape) ** 2  # ∇²f ≤ 1 in ‖·‖₂
    for seed in range(3):
        f, gradient = quadratic(shape, seed)
        if ball == "l2":
            best = minimize(f, np.zeros(shape), jac=gradient, constraints=[constraint], method="SLSQP").fun
        else:  # not smooth: the best point that Frank–Wolfe itself reaches, minus its duality gap, is below f*
            x = frank_wolfe(BALLS[ball][1], gradient, np.zeros(shape), 500)[-1]
            best = f(x) - np.sum(gradient(x) * (x - BALLS[ball][1](gradient(x))))
        for n, x in enumerate(trust_region(norm, gradient, np.zeros(shape), STEPS)):
            if n > 0:
                assert float(norm(x)) <= D * (1 + 1e-12)
                assert f(x) - best <= 2 * L * (2 * D) ** 2 / (n + 2)


def test_another_schedule_is_told_apart():
    """1/(t+1) is not 2/(t+2)."""
    _, gradient = quadratic((SIZE,), 0)
    start = np.ones(SIZE)
    method = ntr.TrustRegion(ntr.L2(), radius=lambda t: D / (t + 1), momentum=0.0, decay=lambda t: 1 / (t + 1))
    state = method.init(start)
    for _ in range(3):
        state = method.update(state, gradient(state.query))
    assert np.max(np.abs(state.x - frank_wolfe(l2, gradient, start, 3)[-1])) > 1e-3
