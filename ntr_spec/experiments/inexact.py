"""Experiment (h): exact LMOs of the spectral norm against Newton–Schulz iterations, at their measured δ.

An iteration returns −O with singular values near 1, not in a ball of radius 1. Divided by max(1, ‖O‖₂) it is feasible,
and δ = 1 + ⟨m, v⟩/‖m‖_* says how far from optimal. The theorems with δ (theory.md §5) then bound the run, with the
largest δ of its steps; nothing is assumed about δ. Reference: [Kovalev25]; Jordan et al., *Muon* (2024).
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, final

import numpy as np

from ntr_spec.algorithms import TrustRegion
from ntr_spec.arrays import Namespace
from ntr_spec.curves import BLUE, GREEN, GREY, PURPLE, VERMILION, pyplot, save
from ntr_spec.experiments.experiment import Experiment, Row, Size, Task, claim, seed_of
from ntr_spec.experiments.runs import updates
from ntr_spec.norms import Spectral
from ntr_spec.norms.polar import SVD, NewtonSchulz, Polar
from ntr_spec.problems import Gaussian, MatrixRegression
from ntr_spec.theory import T1, T2

Array = Any

COEFFICIENTS = {
    "jordan": (3.4445, -4.7750, 2.0315),
    "cubic": (1.5, -0.5, 0.0),
    "quintic": (15 / 8, -10 / 8, 3 / 8),
}
"""Of one step of the iteration: Muon's, and the two lowest orders of Newton–Schulz."""

_SIDE = 8


@final
@dataclasses.dataclass(frozen=True, repr=False)
class Feasible(Polar):
    """O/max(1, ‖O‖₂) of an approximate polar factor O: a point of the spectral norm's ball.

    >>> import numpy as np
    >>> from ntr_spec.arrays import namespace_of
    >>> x = np.diag([3.0, -4.0])
    >>> np.round(Feasible(NewtonSchulz(feasible=False)).factor(x, namespace_of(x)) + 0.0, 3).tolist()
    [[0.646, 0.0], [0.0, -1.0]]
    """

    inner: Polar

    @property
    def absolute(self) -> bool:
        """Whether that factor depends on the scale of x."""
        return self.inner.absolute

    def factor(self, x: Array, xp: Namespace) -> Array:
        """The factor, no longer than 1."""
        found = self.inner.factor(x, xp)
        size = xp.linalg.svdvals(found)[..., :1, None]
        return found / xp.where(size > 1, size, xp.ones_like(size))


@final
@dataclasses.dataclass(frozen=True)
class InexactLMO(Experiment):
    """One row for each solver, problem, theorem (T1: exact gradients; T2: noise and momentum) and seed."""

    name: ClassVar[str] = "inexact"
    title: ClassVar[str] = "Exact and Newton–Schulz oracles"
    question: ClassVar[str] = "How inexact are Newton–Schulz steps, and do runs stay below the bounds with their δ?"
    columns: ClassVar[tuple[str, ...]] = (
        "theorem",
        "coefficients",
        "iterations",
        "condition",
        "draw",
        "radius",
        "steps",
        "delta_mean",
        "delta_max",
        "length_max",
        "raw_length_max",
        "value",
        "end",
        "bound",
    )

    def tasks(self, size: Size, seed: int) -> list[dict[str, Any]]:
        """All combinations."""
        full = size == "full"
        counts = (1, 2, 3, 5, 8, 12) if full else (1, 3, 5)
        solvers = [("svd", 0), *itertools.product(COEFFICIENTS, counts)]
        conditions = (3.0, 30.0, 1000.0) if full else (30.0,)
        draws = range(3 if full else 1)
        return [
            {"theorem": theorem, "coefficients": name, "iterations": count, "condition": condition, "draw": draw}
            | {"radius": 0.017 if theorem == "T1" else 0.009, "steps": 300 if full else 60}
            | {"seed": seed_of(seed, draw, round(condition))}
            for theorem, condition, draw, (name, count) in itertools.product(("T1", "T2"), conditions, draws, solvers)
        ]

    def run(self, task: Task) -> dict[str, Any]:
        """One run, with δ measured at every step."""
        problem, method = problem_of(task), method_of(task)
        noise = Gaussian(0.1) if task["theorem"] == "T2" else None
        deltas, lengths, raw, sizes = [], [], [], []
        for _, after in updates(problem, noise, task["seed"], method, task["steps"]):
            m = after.momentum
            v = method.norm.lmo(m)
            deltas.append(1 + float(np.sum(m * v)) / float(method.norm.dual(m)))
            lengths.append(float(method.norm(v)))
            raw.append(float(method.norm(_raw(task).lmo(m))))
            sizes.append(float(method.norm.dual(problem.value_and_gradient(after.x)[1])))
        row = dict(task)
        del row["seed"]
        delta = max(0.0, *deltas)
        found = problem.constants(method.norm, noise)
        theorem = T1 if task["theorem"] == "T1" else T2
        return row | {
            "delta_mean": float(np.mean(deltas)),
            "delta_max": delta,
            "length_max": max(lengths),
            "raw_length_max": max(raw),
            "value": min(sizes),
            "end": float(np.mean(sizes[-task["steps"] // 5 :])),
            "bound": float(theorem.bound(found, method, task["steps"], delta)) if delta < 1 else None,
        }

    def summary(self, rows: Sequence[Row]) -> dict[str, Any]:
        """δ and the errors for each solver, and how near the bounds runs come."""
        bounded = [row for row in rows if row["bound"] is not None]
        used = max(row["value"] / row["bound"] for row in bounded)
        table = [_told(rows, *solver) for solver in dict.fromkeys((r["coefficients"], r["iterations"]) for r in rows)]
        exact = next(entry for entry in table if entry["coefficients"] == "svd")
        jordan = next(entry for entry in table if (entry["coefficients"], entry["iterations"]) == ("jordan", 5))
        falling = [entry["delta_max"] for entry in table if entry["coefficients"] == "cubic"]
        claims = [
            claim(
                f"‖v‖₂ ≤ 1 up to rounding and δ < 1 at every step of {len(rows)} runs",
                len(bounded) == len(rows) and max(row["length_max"] for row in rows) <= 1 + 1e-12,
            ),
            claim(
                f"min ‖∇f‖_* is at most {used:.3f} of the bound with the run's largest δ, in all {len(bounded)} runs",
                used <= 1,
            ),
            claim(
                f"exact LMO: δ ≤ {exact['delta_max']:.1e}; five steps with Muon's coefficients: δ up to "
                f"{jordan['delta_max']:.3f}, {jordan['delta_mean']:.3f} on average, and before division ‖O‖₂ up to "
                f"{jordan['raw_length_max']:.3f}",
                exact["delta_max"] < 1e-9 < jordan["delta_mean"] and jordan["raw_length_max"] > 1,
            ),
            claim(
                f"cubic iteration: the largest δ falls from {falling[0]:.3f} to {falling[-1]:.3f} with more steps",
                falling == sorted(falling, reverse=True),
            ),
        ]
        return {"claims": claims, "solvers": table}

    def plot(self, rows: Sequence[Row], path: Path) -> None:
        """δ against the number of iterations; errors and bounds against the largest δ."""
        figure, panels = pyplot().subplots(1, 3, figsize=(12.6, 4.4))
        _plot_delta(panels[0], [row for row in rows if row["coefficients"] != "svd"])
        for axes, theorem in zip(panels[1:], ("T1", "T2"), strict=True):
            _plot_bounds(axes, [row for row in rows if row["theorem"] == theorem], theorem)
        save(figure, path)


def problem_of(task: Task) -> MatrixRegression:
    """½⟨X − T, S(X − T)⟩ on 8×8 matrices; S of eigenvalues ½ to 1, T of this condition number, ‖T‖ = 1."""
    draw = np.random.default_rng(task["seed"])
    left, right, turn = (np.linalg.qr(draw.standard_normal((_SIDE, _SIDE)))[0] for _ in range(3))
    target = left @ np.diag(np.geomspace(1.0, 1 / task["condition"], _SIDE)) @ right.T
    features = np.diag(np.sqrt(_SIDE * np.linspace(0.5, 1.0, _SIDE))) @ turn
    return MatrixRegression(features, features @ target)


def method_of(task: Task) -> TrustRegion:
    """T1: momentum 0; T2: α = 0.1."""
    polar = SVD() if task["coefficients"] == "svd" else Feasible(_iteration(task))
    return TrustRegion(Spectral(polar), task["radius"], 0.0 if task["theorem"] == "T1" else 0.9)


def _iteration(task: Task) -> Polar:
    return NewtonSchulz(task["iterations"], COEFFICIENTS[task["coefficients"]], feasible=False)


def _raw(task: Task) -> Spectral:
    """The norm with the LMO as the iteration leaves it."""
    return Spectral(SVD() if task["coefficients"] == "svd" else _iteration(task))


def _told(rows: Sequence[Row], name: str, count: int) -> dict[str, Any]:
    own = [row for row in rows if (row["coefficients"], row["iterations"]) == (name, count)]
    told: dict[str, Any] = {"coefficients": name, "iterations": count}
    told["delta_mean"] = float(np.mean([row["delta_mean"] for row in own]))
    told["delta_max"] = max(row["delta_max"] for row in own)
    told["raw_length_max"] = max(row["raw_length_max"] for row in own)
    for theorem in ("T1", "T2"):
        runs = [row for row in own if row["theorem"] == theorem]
        told[f"{theorem}_error"] = float(np.mean([row["value"] for row in runs]))
        told[f"{theorem}_end"] = float(np.mean([row["end"] for row in runs]))
        used = [row["value"] / row["bound"] for row in runs if row["bound"] is not None]
        told[f"{theorem}_of_bound"] = max(used, default=None)
    return told


_COLORS = {"svd": GREY, "jordan": VERMILION, "cubic": BLUE, "quintic": GREEN}
_WORDS = {"svd": "exact (SVD)", "jordan": "Muon's coefficients", "cubic": "cubic", "quintic": "quintic"}


def _plot_delta(axes: Any, rows: Sequence[Row]) -> None:
    for name in COEFFICIENTS:
        own = [_told(rows, name, count) for count in dict.fromkeys(row["iterations"] for row in rows)]
        at = [entry["iterations"] for entry in own]
        axes.plot(
            at, [entry["delta_max"] for entry in own], "o-", color=_COLORS[name], label=f"{_WORDS[name]}, largest"
        )
        mean = [entry["delta_mean"] for entry in own]
        axes.plot(at, mean, color=_COLORS[name], linestyle=(0, (4, 2)), label=f"{_WORDS[name]}, mean")
    top = 1.5 * max(row["delta_max"] for row in rows)
    axes.set(xlabel="Newton–Schulz steps in the LMO", ylim=(0, top))
    axes.set_title("δ of the steps of runs, measured\n(0: the exact LMO)")
    axes.legend(frameon=False, fontsize=8)


def _plot_bounds(axes: Any, rows: Sequence[Row], theorem: str) -> None:
    for name, color in _COLORS.items():
        own = [row for row in rows if row["coefficients"] == name]
        x, y = [row["delta_max"] for row in own], [row["value"] for row in own]
        mark, size = ("D", 6) if name == "svd" else ("o", 4)
        axes.plot(x, y, mark, markersize=size, color=color, label=_WORDS[name])
    own = [row for row in rows if row["bound"] is not None]
    axes.plot([r["delta_max"] for r in own], [r["bound"] for r in own], "_", color=PURPLE, label="bound of the run")
    axes.set(yscale="log", xlabel="largest δ of the run")
    words = {"T1": "exact gradients, α = 1", "T2": "noise σ = 0.1, α = 0.1"}[theorem]
    axes.set_title(f"min ‖∇f‖_* of runs and theorem {theorem[1]}\n{words}")
    if theorem == "T2":  # the same marks as for theorem 1, where there is no room
        axes.legend(frameon=False, fontsize=8, loc="center right")
