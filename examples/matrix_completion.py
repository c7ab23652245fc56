"""Half of the pixels of 100 handwritten digits are hidden; a bound on the nuclear norm fills them in.

    python examples/matrix_completion.py [PATH.png]

One state machine, two methods: with the nuclear norm as its geometry, full decay and no regularizer it is Frank–Wolfe
(each step adds a matrix of rank one); with the Frobenius norm and the nuclear ball as regularizer each step is a
projection inside a ball. The baseline is accelerated projected gradient, written out in NumPy.
"""

import sys
from pathlib import Path

import numpy as np

import ntr_spec as ntr
from ntr_spec.algorithms.schedules import Cosine, Polynomial
from ntr_spec.cli.curves import BLUE, INK, VERMILION, Curve, draw, pyplot, save
from ntr_spec.problems import digits_completion

STEPS, BASELINE_STEPS, SHOWN = 150, 1000, 8


def solve(problem, method):
    values = []
    state = method.init(problem.x0)
    for _ in range(STEPS):
        value, gradient = problem.value_and_gradient(state.query)
        values.append(float(value))
        state = method.update(state, gradient)
    return state.x, [*values, float(problem.value_and_gradient(state.x)[0])]


if __name__ == "__main__":
    problem = digits_completion(images=100)
    baseline = problem.baseline(BASELINE_STEPS)
    least = problem.objective(baseline.x)
    mean = np.sum(problem.seen * problem.matrix, axis=0) / np.sum(problem.seen, axis=0)
    off = (1 - problem.seen) * (mean - problem.matrix)

    weight = Polynomial(1.0, -1.0, 2.0)  # Frank–Wolfe's 2/(k + 2)
    runs = {
        "Frank–Wolfe": ntr.TrustRegion(ntr.Nuclear(), radius=problem.radius * weight, decay=weight, momentum=0.0),
        "trust region": ntr.TrustRegion(
            ntr.Frobenius(), radius=Cosine(5.0, 0.0, STEPS), momentum=0.0, regularizer=problem.regularizer
        ),
    }
    curves, completed = [], None
    for (name, method), color in zip(runs.items(), (VERMILION, BLUE), strict=True):
        x, values = solve(problem, method)
        found = problem.metrics(x)
        hidden = found["error on hidden entries"]
        print(f"{name:13} objective {values[-1]:.6f}  rank {found['rank']:2.0f}  error on hidden pixels {hidden:.4f}")
        assert float(ntr.Nuclear()(x)) <= problem.radius * (1 + 1e-9)
        curves.append(Curve(name, list(range(STEPS + 1)), [value - least for value in values], color))
        completed = x
    found = problem.metrics(baseline.x)
    hidden = found["error on hidden entries"]
    print(f"{'baseline':13} objective {least:.6f}  rank {found['rank']:2.0f}  error on hidden pixels {hidden:.4f}")
    print(f"{'column means':13} error on hidden pixels {np.sqrt(np.sum(off**2) / np.sum(1 - problem.seen)):.4f}")

    plt = pyplot()
    figure = plt.figure(figsize=(10, 3.6))
    left, right = figure.subfigures(1, 2, width_ratios=(1, 1.15))
    axes = left.subplots()
    draw(axes, curves, xlabel="step", ylabel="objective above the baseline's", log=True)
    images = right.subplots(3, SHOWN)
    rows = [
        ("all", problem.matrix),
        ("seen", np.where(problem.seen > 0, problem.matrix, np.nan)),
        ("filled in", np.where(problem.seen > 0, problem.matrix, completed)),
    ]
    for row, (name, matrix) in zip(images, rows, strict=True):
        for k, panel in enumerate(row):
            panel.imshow(matrix[k].reshape(8, 8), cmap="gray_r", vmin=0, vmax=1)
            panel.set_facecolor("#f3d9c9")
            panel.set(xticks=[], yticks=[])
            for side in panel.spines.values():
                side.set_visible(False)
        row[0].set_ylabel(name, rotation=0, ha="right", va="center", color=INK)
    path = sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent / "plots" / "matrix_completion.png"
    print(f"saved {save(figure, path)}")
