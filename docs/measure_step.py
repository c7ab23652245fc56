"""Measure the step solver against cvxpy with Clarabel: a spectral ball with an ℓ₁ term.

    python docs/measure_step.py [ROWS COLUMNS]

At 200×100 the interior-point method wants a matrix of 45150×45150 numbers, more than 15 GB, so that
80×40 is the default; this package is measured at 200×100 too.

Both solve argmin{⟨m, X⟩ + λΣ|Xᵢⱼ| : σ₁(X − C) ≤ η}, once after a warm-up on a smaller matrix; cvxpy's time is that of
the solver alone, without the compilation of the problem.
"""

from __future__ import annotations

import sys
import time

import numpy as np

import ntr_spec as ntr
from ntr_spec.steps import Penalty, trust_region_step

RADIUS, WEIGHT = 0.5, 0.8


def instance(rows: int, columns: int) -> tuple[np.ndarray, np.ndarray]:
    """m and the centre."""
    rng = np.random.default_rng(0)
    return rng.standard_normal((rows, columns)), rng.standard_normal((rows, columns)) / 10


def ours(m: np.ndarray, center: np.ndarray) -> tuple[float, float, int]:
    """Seconds, objective, iterations."""
    start = time.perf_counter()
    step = trust_region_step(ntr.Spectral(), m, center, RADIUS, Penalty(ntr.L1(), WEIGHT), tolerance=1e-7)
    seconds = time.perf_counter() - start
    return seconds, float(np.sum(m * step.point) + WEIGHT * np.abs(step.point).sum()), step.iterations


def theirs(m: np.ndarray, center: np.ndarray) -> tuple[float, float]:
    """Seconds, objective."""
    import cvxpy as cp

    x = cp.Variable(m.shape)
    objective = cp.sum(cp.multiply(m, x)) + WEIGHT * cp.sum(cp.abs(x))
    problem = cp.Problem(cp.Minimize(objective), [cp.sigma_max(x - center) <= RADIUS])
    value = float(problem.solve(solver=cp.CLARABEL))
    return float(problem.solver_stats.solve_time), value


def measure(rows: int, columns: int) -> str:
    """One line of the table in the documentation."""
    m, center = instance(rows, columns)
    ours(*instance(8, 4))
    seconds, objective, iterations = ours(m, center)
    other, value = theirs(m, center)
    difference = abs(objective - value) / abs(value)
    return (
        f"{rows}×{columns}: {seconds:.3g} s in {iterations} iterations; Clarabel {other:.3g} s, {other / seconds:.0f} "
        f"times as long; objectives agree to {difference:.1e}"
    )


def alone(rows: int, columns: int) -> str:
    """This package only, where the other does not fit into memory."""
    ours(*instance(8, 4))
    seconds, _, iterations = ours(*instance(rows, columns))
    return f"{rows}×{columns}: {seconds:.3g} s in {iterations} iterations"


if __name__ == "__main__":
    sizes = [int(a) for a in sys.argv[1:]] or [80, 40]
    print(measure(*sizes))
    print(alone(200, 100))
