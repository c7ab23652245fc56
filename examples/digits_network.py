"""A network with one hidden layer on handwritten digits: a norm for every layer, signSGD, normalized SGD and AdamW.

    python examples/digits_network.py [PATH.png]

All take the same mini-batches for the same 300 steps, with a step length that falls to zero along half a wave. The
length it falls from is the best of three, by the loss on the training set, for each method alike.
"""

import importlib.util
import sys
from pathlib import Path

import numpy as np

import ntr_spec as ntr
from ntr_spec.algorithms.schedules import Cosine
from ntr_spec.cli.curves import BLUE, GREEN, GREY, VERMILION, Curve, draw, pyplot, save
from ntr_spec.problems import digits_network

STEPS, EVERY = 300, 10
EACH = ("W1", "b1", "W2", "b2")
METHODS = [
    ("layer-wise", None, (0.1, 0.2, 0.4), BLUE),
    ("signSGD", ntr.Product(dict.fromkeys(EACH, ntr.LInf())), (0.01, 0.03, 0.1), VERMILION),
    ("normalized SGD", ntr.Product(dict.fromkeys(EACH, ntr.L2()), outer=ntr.L2()), (0.3, 1.0, 3.0), GREEN),
]


def train(problem, norm, radius):
    method = ntr.TrustRegion(norm, radius=Cosine(radius, 0.0, STEPS), momentum=0.9)
    losses = []

    def watch(state):
        if state.step % EVERY == 0:
            losses.append(problem.objective(state.x))

    result = ntr.minimize(
        problem.stochastic, problem.x0, method, STEPS, watch, with_value=True, by_step=True, record_every=STEPS
    )
    return result.x, losses


def train_adamw(problem, rate):
    """torch.optim.AdamW on the same batches, given the same gradients."""
    import torch

    moved = problem.to("torch")
    x = {name: block.clone() for name, block in moved.x0.items()}
    optimizer = torch.optim.AdamW(x.values(), lr=rate, weight_decay=0.0)
    losses = []
    for k in range(STEPS):
        for group in optimizer.param_groups:
            group["lr"] = Cosine(rate, 0.0, STEPS)(k)
        _, gradient = moved.stochastic(x, k)
        for name, block in x.items():
            block.grad = gradient[name]
        optimizer.step()
        if (k + 1) % EVERY == 0:
            losses.append(moved.objective(x))
    return {name: block.numpy() for name, block in x.items()}, losses


if __name__ == "__main__":
    problem = digits_network()
    runs = [
        (name, [(r, *train(problem, norm or problem.norm, r)) for r in radii], color)
        for name, norm, radii, color in METHODS
    ]
    if importlib.util.find_spec("torch") is not None:
        runs.append(("AdamW", [(r, *train_adamw(problem, r)) for r in (0.03, 0.1, 0.3)], GREY))
    curves = []
    for name, tried, color in runs:
        length, x, losses = min(tried, key=lambda run: run[2][-1])
        accuracy = problem.metrics(x)["test accuracy"]
        print(f"{name:15} from length {length:<6} training loss {losses[-1]:.2e}  test accuracy {accuracy:.3f}")
        assert accuracy > 0.93
        steps = np.arange(EVERY, STEPS + 1, EVERY).tolist()
        curves.append(Curve(name, steps, losses, color, dashed=name == "AdamW"))
    baseline = problem.baseline(STEPS)
    accuracy = problem.metrics(baseline.x)["test accuracy"]
    print(f"{baseline.solver}: training loss {problem.objective(baseline.x):.2e}  test accuracy {accuracy:.3f}")

    figure, axes = pyplot().subplots(figsize=(7.2, 3.8))
    draw(axes, curves, xlabel="step", ylabel="loss on the training set", log=True)
    path = sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent / "plots" / "digits_network.png"
    print(f"saved {save(figure, path)}")
