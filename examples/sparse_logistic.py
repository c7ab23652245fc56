"""Which of 30 measurements tell a benign tumour? Sparse logistic regression, solved in ℓ∞ with an ℓ₁ penalty.

    python examples/sparse_logistic.py [PATH.png]

Each step minimises ⟨m, x⟩ + λ‖x‖₁ over a cube around the iterate, in closed form: weights that do not pay for
themselves are exactly zero. The baseline is scikit-learn's SAGA, run to convergence.
"""

import sys
from pathlib import Path

import ntr_spec as ntr
from ntr_spec.algorithms.schedules import Cosine
from ntr_spec.curves import BLUE, GREY, Curve, draw, pyplot, save
from ntr_spec.problems import breast_cancer

STEPS = 1000

if __name__ == "__main__":
    problem = breast_cancer(weight=0.01)
    baseline = problem.baseline()
    least = problem.objective(baseline.x)

    method = ntr.TrustRegion(
        problem.norm, radius=Cosine(0.1, 0.0, STEPS), momentum=0.0, regularizer=problem.regularizer
    )
    gaps, chosen = [], []

    def watch(state):
        gaps.append(problem.objective(state.x) - least)
        chosen.append(problem.metrics(state.x)["nonzeros"])

    result = ntr.minimize(problem.value_and_gradient, problem.x0, method, STEPS, watch, with_value=True)
    _, gradient = problem.value_and_gradient(result.x)
    step = ntr.trust_region_step(problem.norm, gradient, result.x, 1e-4, problem.regularizer)

    ours, theirs = problem.metrics(result.x), problem.metrics(baseline.x)
    print(f"objective  {problem.objective(result.x):.8f}   {baseline.solver} {least:.8f}   gap {gaps[-1]:.1e}")
    print(f"nonzeros   {ours['nonzeros']:.0f} of 30       {theirs['nonzeros']:.0f} of 30")
    print(f"test acc.  {ours['test accuracy']:.3f}          {theirs['test accuracy']:.3f}")
    print(f"certificate of one more step: gap {float(step.gap):.1e}")
    assert -1e-9 < gaps[-1] < 1e-4
    assert ours["nonzeros"] == theirs["nonzeros"]
    assert float(step.gap) < 1e-12

    figure, (left, right) = pyplot().subplots(1, 2, figsize=(9.4, 3.5))
    steps = list(range(1, len(gaps) + 1))
    draw(left, [Curve("F − F*", steps, gaps, BLUE)], xlabel="step", ylabel="objective above the least value", log=True)
    counts = [
        Curve("this method", steps, chosen, BLUE),
        Curve("SAGA", [1, len(gaps)], [theirs["nonzeros"]] * 2, GREY, dashed=True),
    ]
    draw(right, counts, xlabel="step", ylabel="weights that are not zero", ylim=(0, 30))
    path = sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent / "plots" / "sparse_logistic.png"
    print(f"saved {save(figure, path)}")
