"""Experiment ``rates``: measured errors against ε and K, beside the slopes that T2 to T5 promise.

For each number of steps K the theorem's plan is run for the least ε that it promises within K. Constants are those of
the problem exactly, so the promise is a bound, and what is measured lies below it. The worst case is over all problems
with the same constants; on one problem errors may fall faster than the promise, and do where it is smooth about its
minimiser: a gap is then of the order of the squared gradient.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, final

from ntr_spec.experiments.experiment import Experiment, Row, Size, Task, claim, seed_of
from ntr_spec.experiments.lockstep import problem_with, run_together
from ntr_spec.experiments.settings import BY_NAME, affordable_plan
from ntr_spec.experiments.slopes import slope, slopes
from ntr_spec.norms import L2, LInf, Norm, Spectral
from ntr_spec.problems import Gaussian, LogCosh

NORMS: dict[str, tuple[Norm, Any]] = {"L2": (L2(), 8), "LInf": (LInf(), 8), "Spectral": (Spectral(), (3, 3))}
ORDERS = {"T2": 4.0, "T3": 3.0, "T4": 3.5, "T5": 2.5}
"""K is of the order ε^−this, for T3 and T5 up to a logarithm; ``theorem.complexity`` derives them."""
POWERS = {"T2": "1/4", "T3": "1/3", "T4": "2/7", "T5": "2/5"}
NOISE = {"T2": 0.3, "T3": 0.1, "T4": 0.3, "T5": 0.1}
"""ρσ, where L = H = Δ₀ = 1."""
RUNS = 12
BUDGETS: dict[Size, tuple[int, ...]] = {"small": (1000, 2000), "full": (300, 1000, 3000, 10_000, 30_000)}


@final
@dataclasses.dataclass(frozen=True)
class Rates(Experiment):
    """Plans of T2 to T5 at growing budgets, in three norms, twelve runs each."""

    name: ClassVar[str] = "rates"
    title: ClassVar[str] = "Errors against ε and K, beside the rates of T2 to T5"
    question: ClassVar[str] = "How do measured errors fall with K, beside the promised ε⁻⁴, ε⁻³, ε^−7/2 and ε^−5/2?"
    columns: ClassVar[tuple[str, ...]] = ("theorem", "norm", "steps", "eps", "radius", "momentum", "decay", "measured")

    def tasks(self, size: Size, seed: int) -> list[dict[str, Any]]:
        """A theorem, a norm and a budget each."""
        names = tuple(NORMS) if size == "full" else ("L2",)
        cases = [
            (theorem, norm, budget)
            for budget in BUDGETS[size]
            for theorem in ORDERS
            for norm in names
            if not (norm == "Spectral" and budget > 10_000)  # singular values take their time
        ]
        return [
            {"theorem": theorem, "norm": norm, "budget": budget, "seed": seed_of(seed, k)}
            for k, (theorem, norm, budget) in enumerate(cases)
        ]

    def run(self, task: Task) -> dict[str, Any]:
        """Run the plan for the budget with independent noise."""
        theorem, (norm, shape) = BY_NAME[task["theorem"]], NORMS[task["norm"]]
        problem = problem_with(LogCosh(), shape, norm, 1.0, 1.0, 1.0, seed=0)
        sigma = NOISE[theorem.name] / norm.rho(shape)
        constants = problem.constants(norm, Gaussian(sigma))
        plan = affordable_plan(theorem, constants, task["budget"])
        row = {"theorem": theorem.name, "norm": task["norm"]}
        if plan is None:  # the least budget for which anything is promised is larger
            return row | {"steps": task["budget"], "eps": None, "measured": None, "runs": None}
        stationarity = theorem.measure == "stationarity"
        found = run_together(problem, norm, sigma, plan, task["seed"], RUNS, stationarity)
        runs = found.mean if found.mean is not None else found.gap
        return row | {
            "steps": plan.steps,
            "eps": float(theorem.bound(constants, plan, plan.steps)),
            "radius": plan.radius,
            "momentum": plan.momentum,
            "decay": plan.decay,
            "measured": math.fsum(runs) / len(runs),
            "runs": runs,
            "least": found.least,
        }

    def summary(self, rows: Sequence[Row]) -> dict[str, Any]:
        """Whether every mean is below its promise, and the orders fitted: K ~ error^−order."""
        kept = [row for row in rows if row["eps"] is not None]
        above = [row for row in kept if row["measured"] > row["eps"]]
        words = f"{len(kept) - len(above)} of {len(kept)} means over {RUNS} runs are below the promised ε"
        fits = [_fit(theorem, norm, group) for (theorem, norm), group in by_curve(kept).items() if len(group) > 1]
        return {
            "claims": [claim(words, bool(kept) and not above)],
            "measure": "T2, T4: the mean of ‖∇f(x_k)‖_* over k, which is at least their minimum; T3, T5: F(x_K) − F*",
            "orders": fits,
        }

    def plot(self, rows: Sequence[Row], path: Path) -> None:
        """A panel for each theorem: the promise and the measured means, with their slopes."""
        from ntr_spec.curves import BLUE, GREEN, INK, VERMILION, pyplot, save

        curves = by_curve([row for row in rows if row["eps"] is not None])
        figure, panels = pyplot().subplots(2, 2, figsize=(8.6, 6.6), sharex=True)
        colors = dict(zip(NORMS, (BLUE, VERMILION, GREEN), strict=True))
        markers = dict(zip(NORMS, "os^", strict=True))
        for axes, theorem in zip(panels.flat, ORDERS, strict=True):
            axes.set(xscale="log", yscale="log")
            axes.grid(True, axis="y")
            for (name, norm), group in curves.items():
                if name != theorem:
                    continue
                steps = [row["steps"] for row in group]
                axes.plot(
                    steps, [row["eps"] for row in group], color=colors[norm], linestyle=(0, (4, 2)), linewidth=1.2
                )
                fitted = slopes(steps, [row["runs"] for row in group])[0] if len(group) > 1 else None
                label = norm if fitted is None else f"{norm}, measured: $K^{{{fitted:.2f}}}$"
                means = [row["measured"] for row in group]
                axes.plot(steps, means, color=colors[norm], marker=markers[norm], markersize=5, label=label)
                low, high = [min(row["runs"]) for row in group], [max(row["runs"]) for row in group]
                axes.fill_between(steps, low, high, color=colors[norm], alpha=0.15, linewidth=0)
            axes.plot([], [], color=INK, linestyle=(0, (4, 2)), linewidth=1.2, label="promised ε, in the same norm")
            stationarity = BY_NAME[theorem].measure == "stationarity"
            what = "mean over k of ‖∇f($x_k$)‖∗" if stationarity else "f($x_K$) − f*"
            log = "" if stationarity else " up to a logarithm"
            axes.set_title(f"{theorem}, {what}\npromised: $K^{{-{POWERS[theorem]}}}${log}")
            axes.set_ylim(bottom=axes.get_ylim()[0] / 4)
            axes.legend(frameon=False, fontsize=8, loc="lower left")
        for axes in panels[-1]:
            axes.set_xlabel("steps K")
        save(figure, path)


def by_curve(rows: Sequence[Row]) -> dict[tuple[str, str], list[Row]]:
    """Rows of a theorem and a norm, by K."""
    found: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        found.setdefault((row["theorem"], row["norm"]), []).append(row)
    return {key: sorted(group, key=lambda row: int(row["steps"])) for key, group in sorted(found.items())}


def _fit(theorem: str, norm: str, rows: Sequence[Row]) -> dict[str, Any]:
    steps = [row["steps"] for row in rows]
    rate, error = slopes(steps, [row["runs"] for row in rows])
    return {
        "theorem": theorem,
        "norm": norm,
        "order proved": ORDERS[theorem],
        "of the plans": -1 / slope(steps, [row["eps"] for row in rows]),
        "measured": -1 / rate,
        "± (standard error)": error / rate**2,
        "measured/ε first": rows[0]["measured"] / rows[0]["eps"],
        "measured/ε last": rows[-1]["measured"] / rows[-1]["eps"],
    }
