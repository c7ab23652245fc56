"""Softmax regression on handwritten digits in three geometries, against scikit-learn's solver.

    python examples/digits_softmax.py [PATH.png]

The problem is convex, so there is a least value to measure from; all three run the same number of steps with a radius
that falls to zero along half a wave, from the best of three values tried for each, about twice as large one as another.
"""

import sys
from pathlib import Path

import ntr_spec as ntr
from ntr_spec.algorithms.schedules import Cosine
from ntr_spec.curves import BLUE, GREEN, VERMILION, Curve, draw, pyplot, save
from ntr_spec.problems import digits_softmax

STEPS = 400
METHODS = [
    ("layer-wise", None, 1.0, BLUE),
    ("signSGD", ntr.Product({"W": ntr.LInf(), "b": ntr.LInf()}), 0.02, VERMILION),
    ("normalized SGD", ntr.Product({"W": ntr.L2(), "b": ntr.L2()}, outer=ntr.L2()), 2.0, GREEN),
]

if __name__ == "__main__":
    problem = digits_softmax()
    baseline = problem.baseline()
    least = problem.objective(baseline.x)
    accuracy = problem.metrics(baseline.x)["test accuracy"]
    print(f"{baseline.solver}: loss {least:.6f}, test accuracy {accuracy:.3f}")
    curves = []
    for name, norm, radius, color in METHODS:
        method = ntr.TrustRegion(norm or problem.norm, radius=Cosine(radius, 0.0, STEPS), momentum=0.5)
        result = ntr.minimize(problem.value_and_gradient, problem.x0, method, STEPS, with_value=True, record_every=2)
        gap = problem.objective(result.x) - least
        accuracy = problem.metrics(result.x)["test accuracy"]
        print(f"{name:15} loss {least + gap:.6f} (gap {gap:.1e}), test accuracy {accuracy:.3f}")
        assert -1e-9 < gap < 0.05
        values = result.history.column("value") - least
        curves.append(Curve(name, result.history.column("step").tolist(), values.tolist(), color))
    figure, axes = pyplot().subplots(figsize=(7.2, 3.8))
    draw(axes, curves, xlabel="step", ylabel="loss above the least value", log=True)
    path = sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent / "plots" / "digits_softmax.png"
    print(f"saved {save(figure, path)}")
