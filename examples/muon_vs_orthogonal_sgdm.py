"""Momentum before the oracle (Muon) or after it (Orthogonal-SGDM): no worse until gradients are noisy.

    python examples/muon_vs_orthogonal_sgdm.py [PATH.png]

Softmax regression on handwritten digits, whose least value scikit-learn finds. Both methods take the same gradients,
the same norm, momentum and number of steps; only the order of averaging and orthogonalising differs:

    Muon               m ← μm + (1−μ)g,       x ← x + η·lmo(m)
    Orthogonal-SGDM    b ← μb + (1−μ)lmo(g),  x ← x + ηb

The mean of noisy answers is not the answer to the mean gradient, so the second order goes elsewhere on mini-batches,
however short or many its steps. Each method's η falls to zero from the best of four lengths, chosen on mini-batches
that are not shown.
"""

import sys
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

import ntr_spec as ntr
from ntr_spec.algorithms.contrast import MomentumAfterLMO
from ntr_spec.algorithms.schedules import Cosine
from ntr_spec.curves import BLUE, VERMILION, Curve, draw, pyplot, save
from ntr_spec.problems import digits_softmax

POINTS, MOMENTUM = 60, 0.95
LENGTHS = (0.01, 0.03, 0.1, 0.3)
SEEDS = (1, 2)
NORM = ntr.Product({"W": ntr.Spectral(), "b": ntr.L2()})


def muon(radius):
    return ntr.TrustRegion(NORM, radius, MOMENTUM)


def orthogonal_sgdm(radius):
    return MomentumAfterLMO(NORM, radius, MOMENTUM, accumulate="average")


def gaps(problem, method, steps, least):
    """The objective on all the data above its least value, at sixty points of the run."""
    found = [problem.objective(problem.x0) - least]
    state = method.init(problem.x0)
    for k in range(steps):
        state = method.update(state, problem.stochastic(state.query, k)[1])
        if (k + 1) % (steps // POINTS) == 0:
            found.append(problem.objective(state.x) - least)
    return np.asarray(found)


def compare(axes, batch, steps, title, least):
    """The gaps where both methods end, the mean over seeds."""
    at = np.linspace(0, steps, POINTS + 1).tolist()
    ends, curves = {}, []
    for name, make, color in (("Muon", muon, BLUE), ("Orthogonal-SGDM", orthogonal_sgdm, VERMILION)):

        def run(length, seed, make=make):
            method = make(Cosine(length, 0.0, steps))
            return gaps(digits_softmax(batch=batch, seed=seed), method, steps, least)

        length = min(LENGTHS, key=lambda length: run(length, 0)[-1])
        assert LENGTHS[0] < length < LENGTHS[-1], f"the best length for {name} is at an end of those tried"
        runs = [run(length, seed) for seed in (SEEDS if batch else SEEDS[:1])]  # all the data leave nothing to chance
        for row in runs:
            axes.plot(at, row, color=color, alpha=0.3, linewidth=1)
        mean = np.mean(runs, axis=0)
        curves.append(Curve(name, at, mean.tolist(), color))
        ends[name] = mean[-1]
        print(f"{title:32} {name:16} η from {length:<5} loss above the least {mean[-1]:.1e}")
    draw(axes, curves, xlabel="step", ylabel="loss above the least value", title=title, log=True)
    return ends


if __name__ == "__main__":
    threadpool_limits(1)  # arrays this small gain nothing from threads, and lose where cores are busy
    problem = digits_softmax()
    baseline = problem.baseline()
    least = problem.objective(baseline.x)
    print(f"least loss {least:.6f}, by {baseline.solver}")
    figure, (left, right) = pyplot().subplots(1, 2, figsize=(10.2, 3.9))
    exact = compare(left, None, 300, "gradients of all the data", least)
    noisy = compare(right, 8, 1200, "gradients of mini-batches of 8", least)
    assert max(exact.values()) < 1e-4  # without noise both arrive
    assert noisy["Muon"] < noisy["Orthogonal-SGDM"] / 10
    path = sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent / "plots" / "muon_vs_orthogonal_sgdm.png"
    print(f"saved {save(figure, path)}")
