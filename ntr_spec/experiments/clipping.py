"""Experiment (f): weight decay against weight clipping (R the indicator of the ball ‖x‖ ≤ D, no decay).

Decay with β = η/D steps to x₊ with ‖x₊ − (1−β)x‖ ≤ η, so that ‖x₊‖ ≤ D follows (Lemma 4): it too is a method on the
ball, and adding the ball's indicator to it changes nothing. So theorem 3 with R the indicator bounds F(x_K) − F* of
decay, F* the least value of f ON THE BALL, wherever the minimiser of f lies (f is convex here). Clipping has β = 0:
theorem 2 bounds its stationarity, and no theorem here its gap. Reference: [Kovalev25], Appendix C.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, final

import numpy as np

from ntr_spec.algorithms import TrustRegion
from ntr_spec.experiments.clipping_plot import draw_clipping
from ntr_spec.experiments.experiment import Experiment, Row, Size, Task, claim, seed_of
from ntr_spec.experiments.runs import stationarity, updates
from ntr_spec.norms import L2, LInf, Norm
from ntr_spec.problems import Gaussian, Noise, Quadratic
from ntr_spec.steps import Ball
from ntr_spec.theory import T2, T3, Constants

Array = Any

_D = 1.0
_NORMS: dict[str, Norm] = {"LInf": LInf(), "L2": L2()}
_PLACES = {"inside": 0.5, "boundary": 1.0, "outside": 2.0}
"""‖x*‖ over D, x* the minimiser of f on the whole space."""
_METHODS = ("decay", "clipping")


@final
@dataclasses.dataclass(frozen=True)
class Clipping(Experiment):
    """Four parts: gaps of tuned runs, stationarity of clipping, decay with the ball added, and paths in the plane.

    * ``gap``: F(x_K) − F* for every η of a grid; two seeds choose, two others tell.
    * ``stationarity``: of clipping, beside theorem 2's bound.
    * ``added``: the largest distance between iterates of decay and of decay with R = the ball's indicator.
    * ``path``: iterates in the plane, for the picture.
    """

    name: ClassVar[str] = "clipping"
    title: ClassVar[str] = "Weight decay and weight clipping"
    question: ClassVar[str] = "Both keep the weights in a ball of radius D = η/β; what else do they share?"
    columns: ClassVar[tuple[str, ...]] = (
        "part",
        "norm",
        "place",
        "sigma",
        "method",
        "alpha",
        "radius",
        "steps",
        "value",
        "choosing",
        "largest",
        "bound",
    )

    def tasks(self, size: Size, seed: int) -> list[dict[str, Any]]:
        """All combinations."""
        full = size == "full"
        norms = ("LInf", "L2") if full else ("LInf",)
        steps = 600 if full else 150
        radii = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3) if full else (0.003, 0.01, 0.03)
        cases = [
            {"norm": norm, "place": place, "sigma": sigma, "alpha": alpha}
            for norm, place, (sigma, alpha) in itertools.product(norms, _PLACES, ((0.0, 1.0), (1.0, 0.1)))
        ]
        found = [
            {"part": "gap", **case, "method": method, "radius": radius, "steps": steps}
            for case, method, radius in itertools.product(cases, _METHODS, radii)
        ]
        found += [
            {"part": "stationarity", **case, "method": "clipping", "radius": 0.03, "steps": steps // 3}
            for case in cases
        ]
        noisy = [case for case in cases if case["sigma"]]
        found += [{"part": "added", **case, "method": "decay", "radius": 0.03, "steps": steps // 3} for case in noisy]
        found += [
            {"part": "path", "norm": "LInf", "place": "outside", "sigma": 0.0, "alpha": 1.0, "method": method}
            | {"radius": 0.1, "steps": 30}
            for method in _METHODS
        ]
        return [task | {"seed": seed_of(seed, 0)} for task in found]

    def run(self, task: Task) -> dict[str, Any]:
        """One setting."""
        row = dict(task)
        del row["seed"]
        return row | {"gap": _gap, "stationarity": _stationarity, "added": _added, "path": _path}[task["part"]](task)

    def summary(self, rows: Sequence[Row]) -> dict[str, Any]:
        """Who stays in the ball, who below which bound, and the gaps at the best η of each."""
        part = {name: [row for row in rows if row["part"] == name] for name in ("gap", "stationarity", "added")}
        best = _best(part["gap"])
        reach = max(row["largest"] for row in part["gap"])
        decayed = [row for row in part["gap"] if row["method"] == "decay"]
        tightest = max(row["value"] / row["bound"] for row in decayed)
        still = max(row["value"] / row["bound"] for row in part["stationarity"])
        apart = max(row["value"] for row in part["added"])
        noisy = [entry for entry in best if entry["sigma"] > 0]
        exact = [entry for entry in best if entry["sigma"] == 0]
        least = min(entry["decay"] / entry["clipping"] for entry in noisy)
        claims = [
            claim(
                f"decay and clipping: ‖x_k‖ ≤ D at every step of {len(part['gap'])} settings, up to rounding (the "
                f"largest ‖x_k‖/D is 1 + {max(0.0, reach - 1):.1e})",
                reach <= 1 + 1e-9,
            ),
            claim(
                f"decay with the indicator of the ball added takes the same steps: iterates at most {apart:.1e} apart "
                f"in {len(part['added'])} runs",
                apart <= 1e-9,
            ),
            claim(
                f"decay: F(x_K) − F* is at most {tightest:.3f} of theorem 3's bound in {len(decayed)} settings, x* "
                "inside, on the boundary and outside",
                tightest <= 1,
            ),
            claim(
                f"clipping: min ‖∇f + s‖_* is at most {still:.3f} of theorem 2's bound in {len(part['stationarity'])} "
                "settings",
                still <= 1,
            ),
            claim(
                f"with noise, each at its best η: decay's gap is at least {least:.2f} times clipping's, in all "
                f"{len(noisy)} cases",
                least > 1,
            ),
        ]
        wins = sum(entry["decay"] < entry["clipping"] for entry in exact)
        return {"claims": claims, "best": best, "exact_gradients": {"cases": len(exact), "decay_lower": wins}}

    def plot(self, rows: Sequence[Row], path: Path) -> None:
        """Three panels: paths in the plane, gaps against the step, gaps at the best η beside theorem 3's bound."""
        draw_clipping(rows, _best([row for row in rows if row["part"] == "gap"]), path)


def method_of(task: Task, added: bool = False) -> TrustRegion:
    """Decay with β = η/D, or clipping at D; with ``added``, both."""
    norm, decays = _NORMS[task["norm"]], task["method"] == "decay"
    method = TrustRegion(norm, task["radius"], 1.0 - task["alpha"], decay=task["radius"] / _D if decays else 0.0)
    return method if decays and not added else dataclasses.replace(method, regularizer=Ball(norm, _D))


def problem_of(task: Task) -> tuple[Quadratic, Array]:
    """½⟨x − x*, A(x − x*)⟩, A diagonal from 0.1 to 1, and where it is least on the ball."""
    flat = task["part"] == "path"
    size = 2 if flat else 10
    norm = _NORMS[task["norm"]]
    away = np.asarray([1.0, 0.35]) if flat else np.random.default_rng(0).uniform(-1.0, 1.0, size)
    star = _PLACES[task["place"]] * _D / float(norm(away)) * away
    weights = np.asarray([1.0, 0.5]) if flat else np.geomspace(0.1, 1.0, size)
    start = np.asarray([-0.8, 0.9]) if flat else np.zeros(size)
    return Quadratic(np.diag(weights), star, start), _least_on_ball(norm, weights, star)


def _least_on_ball(norm: Norm, weights: Array, star: Array) -> Array:
    """argmin{Σaᵢ(xᵢ − x*ᵢ)² : ‖x‖ ≤ D}: in ℓ_∞ entry by entry; in ℓ₂ aᵢx*ᵢ/(aᵢ + λ), λ ≥ 0 such that ‖x‖₂ = D."""
    if isinstance(norm, LInf):
        return np.clip(star, -_D, _D)
    low, high = 0.0, float(np.linalg.norm(weights * star)) / _D
    if np.linalg.norm(star) <= _D:
        return star
    for _ in range(200):
        middle = (low + high) / 2
        outside = np.linalg.norm(weights * star / (weights + middle)) > _D
        low, high = (middle, high) if outside else (low, middle)
    return weights * star / (weights + high)


def _noise(task: Task) -> Noise | None:
    return Gaussian(task["sigma"]) if task["sigma"] else None


def _value(problem: Quadratic, x: Array) -> float:
    return float(problem.value_and_gradient(x)[0])


def _constants(task: Task, problem: Quadratic, least: float) -> Constants:
    norm = _NORMS[task["norm"]]
    found = problem.constants(norm, _noise(task))
    return dataclasses.replace(found, delta0=_value(problem, problem.x0) - least, D=_D)


def _gap(task: Task) -> dict[str, Any]:
    problem, on_ball = problem_of(task)
    norm, method, least = _NORMS[task["norm"]], method_of(task), _value(problem, on_ball)
    marks = sorted({round(k) for k in np.geomspace(1, task["steps"], 25)})
    ends, curves, largest = [], [], 0.0
    for k in range(4 if task["sigma"] else 1):
        curve = []
        for _, after in updates(problem, _noise(task), seed_of(task["seed"], k), method, task["steps"]):
            largest = max(largest, float(norm(after.x)) / _D)
            if after.step in marks:
                curve.append(max(0.0, _value(problem, after.x) - least))
        ends.append(curve[-1])
        curves.append(curve)
    told = ends[2:] or ends
    row: dict[str, Any] = {"choosing": float(np.mean(ends[:2])), "value": float(np.mean(told)), "largest": largest}
    row |= {"marks": marks, "curve": np.mean(curves[2:] or curves, axis=0).tolist()}
    if task["method"] == "clipping":
        return row
    return row | {"bound": float(T3.bound(_constants(task, problem, least), method, task["steps"]))}


def _stationarity(task: Task) -> dict[str, Any]:
    problem, on_ball = problem_of(task)
    method = method_of(task)
    seeds = [seed_of(task["seed"], k) for k in range(4 if task["sigma"] else 1)]
    found = [stationarity(problem, _noise(task), seed, method, task["steps"]) for seed in seeds]
    constants = _constants(task, problem, _value(problem, on_ball))
    return {"value": float(np.mean(found)), "bound": float(T2.bound(constants, method, task["steps"]))}


def _added(task: Task) -> dict[str, Any]:
    problem, _ = problem_of(task)
    runs = [
        updates(problem, _noise(task), task["seed"], method, task["steps"])
        for method in (method_of(task), method_of(task, added=True))
    ]
    return {"value": max(float(np.max(np.abs(a.x - b.x))) for (_, a), (_, b) in zip(*runs, strict=True))}


def _path(task: Task) -> dict[str, Any]:
    problem, on_ball = problem_of(task)
    steps = updates(problem, None, 0, method_of(task), task["steps"])
    points = [problem.x0.tolist(), *(after.x.tolist() for _, after in steps)]
    return {"points": points, "star": problem.target.tolist(), "on_ball": on_ball.tolist()}


def _best(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """For each case, both methods at the η that the choosing seeds like best."""
    found = []
    for case in dict.fromkeys((row["norm"], row["place"], row["sigma"]) for row in rows):
        entry: dict[str, Any] = dict(zip(("norm", "place", "sigma"), case, strict=True))
        for method in _METHODS:
            own = [row for row in rows if (row["norm"], row["place"], row["sigma"], row["method"]) == (*case, method)]
            chosen = min(own, key=lambda row: row["choosing"])
            entry |= {method: chosen["value"], f"{method}_radius": chosen["radius"]}
            if method == "decay":
                entry["theorem_3"] = chosen["bound"]
        found.append(entry)
    return found
