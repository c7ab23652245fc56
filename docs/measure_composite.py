"""Measure steps with a regularizer against the bare LMO step: ``python docs/measure_composite.py [SIZE …]``.

One table, float32, NumPy and torch where it is installed: how many times as long as the bare step of the same norm one
step with R takes, the least of interleaved rounds; for a norm whose solver searches a multiplier also how often it
evaluates. Ten entries show the overhead, in microseconds.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import ntr_spec as ntr
from ntr_spec.arrays import namespace_of
from ntr_spec.steps import Box, Penalty, Ridge, Zero
from ntr_spec.steps.problem import Problem
from ntr_spec.steps.step import solve_point
from ntr_spec.steps.table import solver_for

RADIUS = 0.02
NORMS = (ntr.LInf(), ntr.L2(), ntr.L1())
REGULARIZERS = {
    "none": Zero(),
    "ridge": Ridge(2.0),
    "ℓ₁": Penalty(ntr.L1(), 0.5),
    "elastic net": Penalty(ntr.L1(), 0.5) + Ridge(1.0),
    "box": Box(-0.05, 0.05),
    "box + ridge": Box(-0.05, 0.05) + Ridge(1.0),
}


def instance(size: int) -> tuple[np.ndarray, np.ndarray]:
    """m and a centre inside the box."""
    rng = np.random.default_rng(0)
    m, center = rng.standard_normal(size, dtype=np.float32), 0.03 * rng.standard_normal(size, dtype=np.float32)
    return m, np.clip(center, -0.05, 0.05)


def least(functions: dict[str, Callable[[], Any]], rounds: int, calls: int) -> dict[str, float]:
    """Seconds of one call: the least over rounds that take the functions in turn."""
    best = dict.fromkeys(functions, float("inf"))
    for _ in range(rounds):
        for name, function in functions.items():
            start = time.perf_counter()
            for _ in range(calls):
                function()
            best[name] = min(best[name], (time.perf_counter() - start) / calls)
    return best


def row(library: str, size: int, norm: ntr.Norm) -> str:
    """One line of the table."""
    m, center = instance(size)
    count = dict.fromkeys(REGULARIZERS, 0)
    if size > 10:
        for name, R in REGULARIZERS.items():
            problem = Problem(norm, m, center, RADIUS, R, namespace_of(m), certified=False)
            count[name] = solver_for(norm, R).solve(problem).iterations
    points: tuple[Any, Any] = (m, center)
    if library == "torch":
        import torch

        points = torch.from_numpy(m), torch.from_numpy(center)
    xp = namespace_of(points[0])
    steps = {name: lambda R=R: solve_point(norm, *points, RADIUS, R, xp) for name, R in REGULARIZERS.items()}
    seconds = least(steps, 5, 300 if size <= 10 else 1)
    bare = seconds["none"]
    cells = [f"{1e6 * bare:.0f} µs" if size <= 10 else f"{1e3 * bare:.2f} ms"]
    for name in list(REGULARIZERS)[1:]:
        text = f"{1e6 * seconds[name]:.0f} µs" if size <= 10 else f"{seconds[name] / bare:.1f}×"
        cells.append(text + (f" ({count[name]})" if count[name] else ""))
    return f"| {library} | {size:.0e} | {norm} | " + " | ".join(cells) + " |"


def libraries() -> tuple[str, ...]:
    """NumPy, and torch where it is installed."""
    try:
        import torch  # noqa: F401
    except ImportError:
        return ("numpy",)
    return ("numpy", "torch")


if __name__ == "__main__":
    sizes = [int(float(a)) for a in sys.argv[1:]] or [10, 10**6]
    print("| library | entries | norm | bare | " + " | ".join(list(REGULARIZERS)[1:]) + " |")
    print("|" + "---|" * (4 + len(REGULARIZERS) - 1))
    for library in libraries():
        for size in sizes:
            for norm in NORMS:
                print(row(library, size, norm), flush=True)
