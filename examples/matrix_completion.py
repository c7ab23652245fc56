"""Three tenths of the pixels of 200 handwritten digits are hidden; a bound on the nuclear norm fills them in.

    python examples/matrix_completion.py [PATH.png]

One state machine, two methods: with the nuclear norm as its geometry and a decay of radius/r it is Frank–Wolfe
(each step mixes in a matrix of rank one); with the Frobenius norm and the nuclear ball as regularizer each step is a
projection inside a ball, of a radius that falls by a tenth each time. The baseline is accelerated projected gradient,
written out in NumPy, which is told that the gradient is 1-Lipschitz up to scale and is far ahead for it.

No baseline is needed to know how good a point is. For X in the ball ‖X‖_nuclear ≤ r and any X' in it, convexity gives
f(X) − f(X') ≤ ⟨∇f(X), X − X'⟩ ≤ ⟨∇f(X), X⟩ + r·‖∇f(X)‖_spectral. This certificate is what is plotted.
"""

import sys
from pathlib import Path

import numpy as np
from matplotlib import colormaps
from threadpoolctl import threadpool_limits

import ntr_spec as ntr
from ntr_spec.algorithms.schedules import Polynomial
from ntr_spec.curves import BLUE, GREY, INK, VERMILION, Curve, draw, pyplot, save
from ntr_spec.problems import digits_completion

STEPS, HIDDEN = 100, 0.3
SHOWN = slice(10, 16)
COUNTS = (2, 4, 7, 10, 15, 22, 32, 46, 68, 100)


def certified(problem, x):
    """f(x) − min f is at most this."""
    _, gradient = problem.value_and_gradient(x)
    return float(np.vdot(gradient, x) + problem.radius * ntr.Nuclear().dual(gradient))


def solve(problem, method):
    """The last point, and the certificate at every point."""
    state = method.init(problem.x0)
    gaps = [certified(problem, state.x)]
    for _ in range(STEPS):
        state = method.update(state, problem.value_and_gradient(state.query)[1])
        gaps.append(certified(problem, state.x))
    return state.x, gaps


def report(problem, name, x):
    found = problem.metrics(x)
    row = f"{problem.objective(x):.8f}   {certified(problem, x):.1e}   {found['rank']:4.0f}"
    print(f"{name:31} {row}   {found['error on hidden entries']:.4f}")


def column_means(problem):
    """For every hidden pixel its mean over the images where it is seen: what takes no method at all."""
    mean = np.sum(problem.seen * problem.matrix, axis=0) / np.maximum(1, np.sum(problem.seen, axis=0))
    return np.where(problem.seen > 0, problem.matrix, mean)


def show(axes, rows):
    """Some of the images, a row of them for each way to see them; what is hidden (NaN) is tinted."""
    tiles = [[np.pad(image.reshape(8, 8), 1) for image in matrix[SHOWN]] for _, matrix in rows]
    shades = colormaps["gray_r"].with_extremes(bad="#f3c9a5")
    axes.imshow(np.block(tiles), cmap=shades, vmin=0, vmax=1)
    axes.set(xticks=[], yticks=[4.5 + 10 * k for k in range(len(rows))])
    axes.set_yticklabels([name for name, _ in rows], color=INK)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


if __name__ == "__main__":
    threadpool_limits(1)  # arrays this small gain nothing from threads, and lose where cores are busy
    problem = digits_completion(images=200, hidden=HIDDEN)
    weight = Polynomial(1.0, -1.0, 2.0)  # Frank–Wolfe's 2/(k + 2)
    frank_wolfe = ntr.TrustRegion(ntr.Nuclear(), radius=problem.radius * weight, decay=weight, momentum=0.0)
    projecting = ntr.TrustRegion(
        ntr.Frobenius(), radius=lambda k: 6.0 * 0.9**k, momentum=0.0, regularizer=problem.regularizer
    )
    print(f"{'':31} objective    gap at most  rank   error on hidden pixels")
    slow, slow_gaps = solve(problem, frank_wolfe)
    report(problem, "Frank–Wolfe", slow)
    x, gaps = solve(problem, projecting)
    report(problem, "trust region, nuclear ball", x)
    baselines = [problem.baseline(count).x for count in COUNTS]
    report(problem, "accelerated projected gradient", baselines[-1])
    hidden = 1 - problem.seen
    plain = np.sqrt(np.sum((hidden * (column_means(problem) - problem.matrix)) ** 2) / np.sum(hidden))
    print(f"{'column means':31} {'':32} {plain:.4f}")
    for point in (slow, x):
        assert float(ntr.Nuclear()(point)) <= problem.radius * (1 + 1e-9)
    least = problem.objective(baselines[-1])
    assert problem.objective(x) < least + 1e-7
    assert gaps[-1] < 1e-5 < slow_gaps[-1]
    assert problem.metrics(x)["error on hidden entries"] < 0.75 * plain

    figure, (left, right) = pyplot().subplots(1, 2, figsize=(10.6, 3.3), width_ratios=(1, 1.25))
    steps = list(range(1, STEPS + 1))
    curves = [
        Curve("Frank–Wolfe", steps, slow_gaps[1:], VERMILION),
        Curve("trust region", steps, gaps[1:], BLUE),
        Curve("accelerated\nprojection", list(COUNTS), [certified(problem, point) for point in baselines], GREY, True),
    ]
    draw(left, curves, xlabel="step", ylabel="certified bound on f − min f", log=True)
    seen = problem.seen > 0
    rows = [
        ("seen", np.where(seen, problem.matrix, np.nan)),
        ("filled in", np.where(seen, problem.matrix, x)),
        ("truth", problem.matrix),
    ]
    show(right, rows)
    path = sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent / "plots" / "matrix_completion.png"
    print(f"saved {save(figure, path)}")
