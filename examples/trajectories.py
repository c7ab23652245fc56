"""One objective, three geometries: the method's path in ℓ₁, ℓ₂ and ℓ∞, with the ball that each step moves in.

    python examples/trajectories.py [PATH.png]

Every step minimises the linear model over a ball around the iterate: in ℓ₁ it goes to a corner of a diamond, one
coordinate at a time; in ℓ₂ along the gradient; in ℓ∞ to the corner of a square, the gradient's sign.
"""

import sys
from pathlib import Path

import numpy as np

import ntr_spec as ntr
from ntr_spec.curves import BLUE, GREEN, INK, VERMILION, pyplot, save
from ntr_spec.problems import Quadratic

STEPS, RADIUS, BALLS = 40, 0.55, 5
WIDE, HIGH = (-2.9, 1.0), (-2.3, 1.0)
GEOMETRIES = [
    (ntr.L1(), "ℓ₁: one coordinate at a time", BLUE),
    (ntr.L2(), "ℓ₂: along the gradient", GREEN),
    (ntr.LInf(), "ℓ∞: the gradient's sign", VERMILION),
]


def path(problem, norm):
    """The iterates, with a radius that falls to zero."""
    method = ntr.TrustRegion(norm, radius=lambda k: RADIUS * (1 - k / STEPS), momentum=0.0)
    state = method.init(problem.x0)
    points = [state.x]
    for _ in range(STEPS):
        state = method.update(state, problem.value_and_gradient(state.query)[1])
        points.append(state.x)
    return np.stack(points)


def sphere(norm, center, radius):
    """The boundary of a ball: every direction, scaled to length radius in the norm."""
    angles = np.linspace(0, 2 * np.pi, 721)
    ways = np.stack([np.cos(angles), np.sin(angles)])
    return center[:, None] + radius * ways / np.asarray([float(norm(way)) for way in ways.T])


def level_sets(axes, problem):
    u, v = np.meshgrid(np.linspace(*WIDE, 161), np.linspace(*HIGH, 161))
    away = np.stack([u - problem.target[0], v - problem.target[1]])
    values = np.einsum("iab,ij,jab->ab", away, problem.matrix, away) / 2
    axes.contour(u, v, values, levels=[0.12 * 1.9**k for k in range(9)], colors="#c4c4c4", linewidths=0.9)


if __name__ == "__main__":
    problem = Quadratic(np.asarray([[1.0, 0.8], [0.8, 3.0]]), x0=np.asarray([-2.2, -1.6]))
    plt = pyplot()
    figure, panels = plt.subplots(1, 3, figsize=(10.2, 3.75))
    for axes, (norm, title, color) in zip(panels, GEOMETRIES, strict=True):
        points = path(problem, norm)
        level_sets(axes, problem)
        for k in range(BALLS):
            axes.plot(*sphere(norm, points[k], RADIUS * (1 - k / STEPS)), color=color, alpha=0.3, linewidth=1)
        axes.plot(*points.T, color=color, marker="o", markersize=2.8, linewidth=1.2)
        axes.plot(*problem.x0, "o", color=INK, markersize=5.5)
        axes.plot(*problem.target, "*", color=INK, markersize=10)
        axes.set(aspect="equal", xlim=WIDE, ylim=HIGH, xticks=[-2, -1, 0, 1], yticks=[-2, -1, 0, 1])
        axes.set_title(title, color=color)
        values = [problem.objective(point) for point in points]
        reached = f"{values[10]:.4f} after 10 steps, {values[-1]:.2e} after {STEPS}; least 0"
        print(f"{norm!r:6}  f = {values[0]:.3f} at the start, {reached}")
        assert values[-1] < 1e-3 < values[0]
    saved = save(figure, sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent / "plots" / "trajectories.png")
    print(f"saved {saved}")
