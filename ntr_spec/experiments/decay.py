"""Experiment ``decay``: weight decay on and off as the model grows, in ℓ_∞, where D = ‖x*‖ is known.

Two families of convex functions on d entries, started at 0, with the same noise on each entry:

* ``alike``: Σ log cosh(xᵢ − x*ᵢ), x* spread over [−1, 1]. The parameters are T3's plan for the number of steps, with
  β = η/D and with β = 0, and T2's plan, which promises stationarity only.
* ``redundant``: ½Σλᵢ(xᵢ − x*ᵢ)² with λ = 1 on four entries, and on all others λ = 0.003 and x*ᵢ = 0: a larger model has
  more weights that it does not need, and noise moves those. η and α are the same for every d, and the best of a grid.

What is compared is the relative gap (F(x_K) − F*)/Δ₀ of the last iterate, which T3 bounds and no theorem does without
decay, and how far weights are from 0, ‖x_K‖/D, which Lemma 4 bounds by 1.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, final

import numpy as np

from ntr_spec.experiments import runs
from ntr_spec.experiments.experiment import Experiment, Row, Size, Task, claim, seed_of
from ntr_spec.experiments.lockstep import run_together
from ntr_spec.experiments.settings import affordable_plan
from ntr_spec.norms import LInf
from ntr_spec.problems import Gaussian, Known, LogCosh, Quadratic, Separable
from ntr_spec.theory import T2, T3, Plan

NORM = LInf()
STRONG, WEAK = 4, 0.003
NOISE = {"alike": 0.02, "redundant": 0.3}  # on each entry
VARIANTS = {
    "alike": {"decay": "decay, T3's plan", "no decay": "no decay, otherwise T3's plan", "T2": "no decay, T2's plan"},
    "redundant": {
        "decay": "decay, η = 0.01",
        "no decay": "no decay, η = 0.01",
        "best decay": "decay, best η and α",
        "best no decay": "no decay, best η and α",
    },
}
_SHOWN = ("decay", "no decay", "T2", "best decay", "best no decay")
SAME = (0.01, 0.1)
"""η and α of the second family where they are not tuned."""


class Amounts(NamedTuple):
    """How much is run.

    Attributes:
        sizes: d.
        alike: K of the first family.
        redundant: K of the second.
        radii, weights: the grid of η and α there, which has :data:`SAME`.
        runs: seeds.
    """

    sizes: tuple[int, ...]
    alike: int
    redundant: int
    radii: tuple[float, ...]
    weights: tuple[float, ...]
    runs: int


AMOUNTS: dict[Size, Amounts] = {
    "small": Amounts((4, 32), 1000, 300, (0.002, 0.01), (0.1,), 2),
    "full": Amounts((4, 16, 64, 256), 5000, 2000, (0.0005, 0.002, 0.01), (0.01, 0.03, 0.1), 4),
}


@final
@dataclasses.dataclass(frozen=True)
class DecayOnOff(Experiment):
    """The same method with β = η/D and with β = 0, from four entries to hundreds."""

    name: ClassVar[str] = "decay"
    title: ClassVar[str] = "Weight decay on and off as the model grows"
    question: ClassVar[str] = "What does weight decay gain as the number of weights grows, where D is known?"
    columns: ClassVar[tuple[str, ...]] = (
        "family",
        "size",
        "variant",
        "steps",
        "radius",
        "momentum",
        "decay",
        "promised",
        "measured",
        "length",
    )

    def tasks(self, size: Size, seed: int) -> list[dict[str, Any]]:
        """A family, a dimension, a variant and a choice of η and α each; all of a dimension meet the same noise."""
        a = AMOUNTS[size]
        found: list[dict[str, Any]] = []
        for k, d in enumerate(a.sizes):
            common = {"size": d, "seed": seed_of(seed, k), "runs": a.runs}
            found += [common | {"family": "alike", "variant": v, "steps": a.alike} for v in VARIANTS["alike"]]
            found += [
                common | {"family": "redundant", "variant": v, "steps": a.redundant, "radius": radius, "alpha": alpha}
                for v in ("decay", "no decay")
                for radius in a.radii
                for alpha in a.weights
            ]
        return found

    def run(self, task: Task) -> dict[str, Any]:
        """Run a choice with independent noise."""
        problem, sigma = _problem(task["family"], task["size"]), NOISE[task["family"]] * math.sqrt(task["size"])
        constants = problem.constants(NORM, Gaussian(sigma))
        decays = task["variant"] == "decay"
        if task["family"] == "alike":
            theorem = T2 if task["variant"] == "T2" else T3
            planned = affordable_plan(theorem, constants, task["steps"])
            assert planned is not None, "the number of steps is one for which T3 promises something"
            plan = planned if decays else dataclasses.replace(planned, decay=0.0)
            assert isinstance(problem, Separable)
            together = run_together(problem, NORM, sigma, plan, task["seed"], task["runs"], stationarity=False)
            gaps, lengths = together.gap, together.length
        else:
            radius = task["radius"]
            plan = Plan(radius, 1 - task["alpha"], radius / constants.D if decays else 0.0, False, task["steps"])
            ends = [_end(problem, sigma, seed_of(task["seed"], run), plan) for run in range(task["runs"])]
            gaps, lengths = [problem.objective(x) for x in ends], [float(NORM(x)) for x in ends]
        promised = float(T3.bound(constants, plan, plan.steps)) / constants.delta0 if decays else None
        return {
            "family": task["family"],
            "size": task["size"],
            "variant": task["variant"],
            "steps": plan.steps,
            "radius": plan.radius,
            "momentum": plan.momentum,
            "decay": plan.decay,
            "promised": promised,
            "measured": math.fsum(gaps) / len(gaps) / constants.delta0,
            "runs": [gap / constants.delta0 for gap in gaps],
            "length": max(lengths) / constants.D,
        }

    def summary(self, rows: Sequence[Row]) -> dict[str, Any]:
        """Whether decayed runs keep T3's bound and Lemma 4, and what each variant reaches at each size."""
        decayed = [row for row in rows if row["variant"] == "decay"]
        above = [row for row in decayed if row["measured"] > row["promised"]]
        longest = max(row["length"] for row in decayed)
        ends = sum(len(row["runs"]) for row in decayed)
        table = [
            {"family": family, "d": size}
            | {variant: group[variant]["measured"] if variant in group else None for variant in _SHOWN}
            | {"‖x_K‖/D, no decay": group["no decay"]["length"]}
            for (family, size), group in by_size(rows).items()
        ]
        return {
            "claims": [
                claim(
                    f"{len(decayed) - len(above)} of {len(decayed)} mean gaps with decay are below T3's bound",
                    not above,
                ),
                claim(f"with decay ‖x_K‖ ≤ D in all {ends} runs; the largest is {longest:.4f}·D", longest <= 1 + 1e-9),
            ],
            "relative gaps": table,
        }

    def plot(self, rows: Sequence[Row], path: Path) -> None:
        """A panel for each family: relative gaps against d."""
        from ntr_spec.curves import BLUE, GREEN, INK, VERMILION, pyplot, save

        figure, panels = pyplot().subplots(1, 2, figsize=(9.4, 4.5))
        looks = {"decay": (BLUE, "o", "-"), "no decay": (VERMILION, "s", "-"), "T2": (GREEN, "^", "-")}
        looks |= {f"best {variant}": (*looks[variant][:2], ":") for variant in ("decay", "no decay")}
        titles = {"alike": "entries alike", "redundant": f"{STRONG} strong entries, the others weak"}
        groups = by_size(rows)
        for axes, family in zip(panels, titles, strict=True):
            axes.set(xscale="log", yscale="log", xlabel="entries d")
            axes.grid(True, axis="y")
            sizes = [size for name, size in groups if name == family]
            mine = [groups[family, size] for size in sizes]
            if family == "alike":
                bounds = [group["decay"]["promised"] for group in mine]
                axes.plot(sizes, bounds, color=INK, linestyle=(0, (4, 2)), linewidth=1.2, label="T3's bound, decay")
            for variant, words in VARIANTS[family].items():
                color, marker, line = looks[variant]
                chosen = [group[variant] for group in mine]
                values = [row["measured"] for row in chosen]
                axes.plot(sizes, values, color=color, marker=marker, markersize=5, linestyle=line, label=words)
                if line == "-":
                    low, high = [min(row["runs"]) for row in chosen], [max(row["runs"]) for row in chosen]
                    axes.fill_between(sizes, low, high, color=color, alpha=0.15, linewidth=0)
            axes.set_xticks(sizes, [str(size) for size in sizes])
            axes.minorticks_off()
            axes.set_title(f"{titles[family]}, K = {mine[0]['decay']['steps']}")
            axes.set_ylim(bottom=axes.get_ylim()[0] / 6)
            axes.legend(frameon=False, fontsize=8.5, loc="lower right", ncols=1 + (family == "redundant"))
        panels[0].set_ylabel("(f($x_K$) − f*)/Δ₀")
        save(figure, path)


def by_size(rows: Sequence[Row]) -> dict[tuple[str, int], dict[str, Row]]:
    """For each family and size the row of each variant; the best is that of the least mean."""
    found: dict[tuple[str, int], dict[str, Row]] = {}
    for family in VARIANTS:
        for size in sorted({row["size"] for row in rows}):
            tried = [row for row in rows if (row["family"], row["size"]) == (family, size)]
            found[family, size] = {
                row["variant"]: row
                for row in tried
                if family == "alike" or (row["radius"], round(1 - row["momentum"], 9)) == SAME
            }
            if family == "redundant":
                for variant in ("decay", "no decay"):
                    mine = [row for row in tried if row["variant"] == variant]
                    found[family, size][f"best {variant}"] = min(mine, key=lambda row: float(row["measured"]))
    return found


def _problem(family: str, d: int) -> Known:
    target = np.random.default_rng(0).uniform(-1.0, 1.0, 4096)[:d]
    target[0] = 1.0  # so that D is the same for every d
    if family == "alike":
        return Separable(LogCosh(), target, np.zeros(d))
    strong = np.arange(d) < STRONG
    return Quadratic(np.diag(np.where(strong, 1.0, WEAK)), np.where(strong, target, 0.0), np.zeros(d))


def _end(problem: Known, sigma: float, seed: int, plan: Plan) -> Any:
    """The last iterate of a run."""
    for _, after in runs.updates(problem, Gaussian(sigma), seed, plan.method(NORM), plan.steps):
        last = after.x
    return last
