"""A network with one hidden layer on handwritten digits: a norm for every layer, signSGD, normalized SGD and AdamW.

    python examples/digits_network.py [PATH.png]

The geometry is the only difference between the first three, which run one method: every weight is measured by its
RMS→RMS operator norm and every bias by its largest entry, or all entries alike, or all of them by one length. AdamW is
torch's, on the same gradients of the same mini-batches. Lengths fall to zero along half a wave in 300 steps. For each
method the length that they fall from (for AdamW also β₂, which it gains from) is the best of those listed below, by the
training loss, from a start and on mini-batches that are not shown.
"""

import importlib.util
import sys
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

import ntr_spec as ntr
from ntr_spec.algorithms.schedules import Cosine
from ntr_spec.curves import BLUE, GREEN, GREY, VERMILION, Curve, draw, pyplot, save
from ntr_spec.problems import digits_network

STEPS, EVERY, SEEDS = 300, 20, (1, 2, 3)
WEIGHTS, BIASES = ("W1", "W2"), ("b1", "b2")
GEOMETRIES = {
    "norm per layer": ntr.Product(dict.fromkeys(WEIGHTS, ntr.RMSOperator()) | dict.fromkeys(BIASES, ntr.LInf())),
    "signSGD": ntr.Product(dict.fromkeys(WEIGHTS + BIASES, ntr.LInf())),
    "normalized SGD": ntr.Product(dict.fromkeys(WEIGHTS + BIASES, ntr.L2()), outer=ntr.L2()),
}
LENGTHS = {
    "norm per layer": (0.1, 0.2, 0.4),
    "signSGD": (0.01, 0.02, 0.04),
    "normalized SGD": (0.25, 0.5, 1.0),
    "AdamW": [(rate, beta2) for beta2 in (0.95, 0.999) for rate in (0.04, 0.08, 0.16)],
}
COLORS = {"norm per layer": BLUE, "signSGD": VERMILION, "normalized SGD": GREEN, "AdamW": GREY}


class Watch:
    """The loss on all examples to learn from and the accuracy on those held back, at the end or every so many steps."""

    def __init__(self, problem, every):
        self.problem, self.every, self.losses, self.accuracies = problem, every, [], []

    def __call__(self, x, step):
        if step % self.every == 0:
            self.losses.append(self.problem.objective(x))
            self.accuracies.append(self.problem.metrics(x)["test accuracy"])


def train(name, length, seed, every=STEPS):
    problem = digits_network(seed=seed)
    if name == "AdamW":
        return train_adamw(problem.to("torch"), *length, every)
    watch = Watch(problem, every)
    method = ntr.TrustRegion(GEOMETRIES[name], radius=Cosine(length, 0.0, STEPS), momentum=0.9)
    state = method.init(problem.x0)
    for k in range(STEPS):
        state = method.update(state, problem.stochastic(state.query, k)[1])
        watch(state.x, k + 1)
    return watch


def train_adamw(problem, rate, beta2, every):
    """torch.optim.AdamW, given the same gradients; without decay, which the others have not either."""
    import torch

    torch.set_num_threads(1)
    watch, falling = Watch(problem, every), Cosine(rate, 0.0, STEPS)
    x = {name: block.clone() for name, block in problem.x0.items()}
    optimizer = torch.optim.AdamW(x.values(), betas=(0.9, beta2), weight_decay=0.0)
    for k in range(STEPS):
        optimizer.param_groups[0]["lr"] = falling(k)
        for name, block in problem.stochastic(x, k)[1].items():
            x[name].grad = block
        optimizer.step()
        watch(x, k + 1)
    return watch


def words(values, form):
    return " ".join(f"{value:{form}}" for value in values)


if __name__ == "__main__":
    threadpool_limits(1)  # arrays this small gain nothing from threads, and lose where cores are busy
    steps = list(range(EVERY, STEPS + 1, EVERY))
    figure, (left, right) = pyplot().subplots(1, 2, figsize=(10.2, 3.9))
    losses, accuracies, last = [], [], {}
    print(f"{'':15} {'length from':13} {'training loss, three runs':26} test accuracy")
    for name, lengths in LENGTHS.items():
        if name == "AdamW" and importlib.util.find_spec("torch") is None:
            continue  # torch is optional
        length = min(lengths, key=lambda length, name=name: train(name, length, 0).losses[-1])
        runs = [train(name, length, seed, EVERY) for seed in SEEDS]
        loss, accuracy = np.asarray([run.losses for run in runs]), np.asarray([run.accuracies for run in runs])
        style = {"color": COLORS[name], "dashed": name == "AdamW"}
        losses.append(Curve(name, steps, np.median(loss, axis=0).tolist(), **style))
        accuracies.append(Curve(name, steps, np.mean(accuracy, axis=0).tolist(), **style))
        left.plot([STEPS] * len(SEEDS), loss[:, -1], "o", color=COLORS[name], markersize=3.5, clip_on=False)
        last[name] = float(np.median(loss[:, -1]))
        print(f"{name:15} {length!s:13} {words(loss[:, -1], '.1e'):26} {words(accuracy[:, -1], '.3f')}")
        assert np.mean(accuracy[:, -1]) > 0.97
    problem = digits_network(seed=SEEDS[0])
    other = problem.baseline(STEPS)
    accuracy = problem.metrics(other.x)["test accuracy"]
    print(f"{other.solver}, as it comes: training loss {problem.objective(other.x):.1e}, test accuracy {accuracy:.3f}")
    assert last["norm per layer"] == min(last.values()) < 1e-3

    draw(left, losses, xlabel="step", ylabel="loss on the training set: median of three runs", log=True)
    draw(right, accuracies, xlabel="step", ylabel="accuracy on 360 other images: mean of three runs", ylim=(0.92, 1.0))
    path = sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent / "plots" / "digits_network.png"
    print(f"saved {save(figure, path)}")
