"""Experiment ``extrapolation``: gradients taken ahead or not, at each theorem's own plan and at equal budget.

The problem's L and H are known exactly. T2 (off) lags behind by Lη/α, T4 (on) by H(η/α)²/2, so that T4 may take a
larger radius for the same α; with its parameters and extrapolation switched off, what extrapolation does is seen alone.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, final

from ntr_spec.errors import InputError
from ntr_spec.experiments.experiment import Experiment, Row, Size, Task, claim, seed_of
from ntr_spec.experiments.lockstep import problem_with, run_together
from ntr_spec.experiments.settings import affordable_plan
from ntr_spec.norms import LInf
from ntr_spec.problems import Gaussian, LogCosh
from ntr_spec.theory import T2, T4

VARIANTS = {"off": "off, T2's plan", "on": "on, T4's plan", "switched off": "off, T4's plan but for that"}
SIZE, NOISE, RUNS = 8, 0.3, 12
BUDGETS: dict[Size, tuple[int, ...]] = {"small": (300, 1000), "full": (300, 1000, 3000, 10_000, 30_000)}
CURVATURES = (0.1, 1.0)


@final
@dataclasses.dataclass(frozen=True)
class ExtrapolationOnOff(Experiment):
    """T2's plan, T4's plan, and T4's without extrapolation, at the same numbers of steps."""

    name: ClassVar[str] = "extrapolation"
    title: ClassVar[str] = "Extrapolation on and off"
    question: ClassVar[str] = "What do gradients taken ahead gain, where L and H are known?"
    columns: ClassVar[tuple[str, ...]] = (
        "H",
        "variant",
        "steps",
        "eps",
        "radius",
        "momentum",
        "measured",
        "steps of T2 for this eps",
    )

    def tasks(self, size: Size, seed: int) -> list[dict[str, Any]]:
        """A variant at a budget each; the three variants meet the same noise."""
        return [
            {"H": H, "variant": variant, "budget": budget, "seed": seed_of(seed, k, j)}
            for k, budget in enumerate(BUDGETS[size])
            for j, H in enumerate(CURVATURES)
            for variant in VARIANTS
        ]

    def run(self, task: Task) -> dict[str, Any]:
        """Run a plan with independent noise."""
        norm = LInf()
        problem = problem_with(LogCosh(), SIZE, norm, 1.0, task["H"], 1.0, seed=0)
        sigma = NOISE / norm.rho(SIZE)
        constants = problem.constants(norm, Gaussian(sigma))
        theorem = T2 if task["variant"] == "off" else T4
        plan = affordable_plan(theorem, constants, task["budget"])
        assert plan is not None, "stationarity is promised for any budget"
        bound = float(theorem.bound(constants, plan, plan.steps))
        if task["variant"] == "switched off":
            plan = dataclasses.replace(plan, extrapolation=False)
            bound = float(T2.bound(constants, plan, plan.steps))
        found = run_together(problem, norm, sigma, plan, task["seed"], RUNS, stationarity=True)
        assert found.mean is not None
        try:
            needed = T2.plan(constants, bound).steps
        except InputError:
            needed = None
        return {
            "H": task["H"],
            "variant": task["variant"],
            "steps": plan.steps,
            "eps": bound,
            "radius": plan.radius,
            "momentum": plan.momentum,
            "measured": math.fsum(found.mean) / RUNS,
            "runs": found.mean,
            "least": found.least,
            "steps of T2 for this eps": needed,
        }

    def summary(self, rows: Sequence[Row]) -> dict[str, Any]:
        """Whether every mean is below its bound, and what extrapolation gains at each budget."""
        above = [row for row in rows if row["measured"] > row["eps"]]
        gains = []
        for H, group in by_variant(rows).items():
            for off, on, switched in zip(group["off"], group["on"], group["switched off"], strict=True):
                gains.append(
                    {
                        "H": H,
                        "K": on["steps"],
                        "promised, off": off["eps"],
                        "promised, on": on["eps"],
                        "measured, off": off["measured"],
                        "measured, on": on["measured"],
                        "switched off": switched["measured"],
                        "T2's K for T4's ε": on["steps of T2 for this eps"],
                    }
                )
        words = (
            f"{len(rows) - len(above)} of {len(rows)} means over {RUNS} runs are below the bound of their parameters"
        )
        return {"claims": [claim(words, not above)], "gains": gains}

    def plot(self, rows: Sequence[Row], path: Path) -> None:
        """A panel for each H: promised and measured against K."""
        from ntr_spec.curves import BLUE, GREEN, INK, VERMILION, pyplot, save

        figure, panels = pyplot().subplots(1, 2, figsize=(9.2, 4.3), sharey=True)
        looks = {"off": (BLUE, "o"), "on": (VERMILION, "s"), "switched off": (GREEN, "^")}
        for axes, (H, group) in zip(panels, by_variant(rows).items(), strict=True):
            axes.set(xscale="log", yscale="log", xlabel="steps K")
            axes.grid(True, axis="y")
            for variant, mine in group.items():
                color, marker = looks[variant]
                steps = [row["steps"] for row in mine]
                if variant != "switched off":
                    axes.plot(steps, [row["eps"] for row in mine], color=color, linestyle=(0, (4, 2)), linewidth=1.2)
                means = [row["measured"] for row in mine]
                axes.plot(steps, means, color=color, marker=marker, markersize=5, label=VARIANTS[variant])
                low, high = [min(row["runs"]) for row in mine], [max(row["runs"]) for row in mine]
                axes.fill_between(steps, low, high, color=color, alpha=0.15, linewidth=0)
            axes.set_title(f"H = {H:g}")
        panels[0].set_ylabel("mean over k of ‖∇f($x_k$)‖∗")
        panels[0].plot([], [], color=INK, linestyle=(0, (4, 2)), linewidth=1.2, label="promised by the plan")
        panels[0].set_ylim(bottom=panels[0].get_ylim()[0] / 2.5)
        panels[0].legend(frameon=False, fontsize=9, loc="lower left")
        title = f"Extrapolation on and off in $\\ell_\\infty$: L = 1, Δ₀ = 1, ρσ = {NOISE}"
        figure.suptitle(title, x=0.02, ha="left", fontsize=11)
        save(figure, path)


def by_variant(rows: Sequence[Row]) -> dict[float, dict[str, list[Row]]]:
    """Rows by H and variant, each in the order of K."""
    found: dict[float, dict[str, list[Row]]] = {}
    for row in sorted(rows, key=lambda row: (row["H"], row["steps"])):
        found.setdefault(row["H"], {variant: [] for variant in VARIANTS})[row["variant"]].append(row)
    return found
