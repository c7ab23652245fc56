"""Experiment (e): momentum before the LMO (Muon) against momentum after it (Orthogonal-SGDM), under growing noise.

Before: the step is lmo(m), and m → ∇f as α → 0 (Lemma 3). After: the step is an average of answers lmo(∇f + n), which
tends to E lmo(∇f + n) however small α is, and that is neither lmo(∇f) nor, unless the noise is symmetric, zero where ∇f
is. Reference: [Kovalev25], Appendix B; Tuddenham, Prügel-Bennett and Hare (2022).
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, final

import numpy as np

from ntr_spec.algorithms import TrustRegion
from ntr_spec.algorithms.contrast import MomentumAfterLMO
from ntr_spec.algorithms.method import Method
from ntr_spec.curves import BLUE, GREY, VERMILION, pyplot, save
from ntr_spec.experiments.experiment import Experiment, Row, Size, Task, claim, seed_of
from ntr_spec.experiments.imbalanced import Imbalanced
from ntr_spec.experiments.runs import updates
from ntr_spec.norms import Spectral
from ntr_spec.problems import Gaussian, MatrixRegression, Noise

Array = Any

_SIDE = 4
_NORM = Spectral()
_RARE = 0.1
_ORDERS = ("before", "after")


@final
@dataclasses.dataclass(frozen=True)
class Orthogonal(Experiment):
    """Three parts: the direction of the step at one gradient, where runs drift to, and tuned runs.

    * ``direction``: at a fixed gradient, δ = 1 + ⟨g, d⟩/‖g‖_* of the direction d that the method takes, against α.
    * ``drift``: started AT the minimiser, the gap that is left in the end, against α, with η = α/30.
    * ``tuned``: the gap over the last tenth of a run, for every α and η of a grid; some seeds choose, others tell.
    """

    name: ClassVar[str] = "orthogonal"
    title: ClassVar[str] = "Momentum before or after the LMO"
    question: ClassVar[str] = "What is lost when gradients are orthogonalised before they are averaged?"
    columns: ClassVar[tuple[str, ...]] = (
        "part",
        "noise",
        "order",
        "sigma",
        "alpha",
        "radius",
        "steps",
        "value",
        "choosing",
        "exact",
    )

    def tasks(self, size: Size, seed: int) -> list[dict[str, Any]]:
        """All combinations."""
        full = size == "full"
        alphas = (0.3, 0.1, 0.03, 0.01, 0.003) if full else (0.3, 0.03)
        found: list[dict[str, Any]] = [
            {"part": "direction", "noise": noise, "order": order, "sigma": 2.0, "alpha": alpha, "radius": 1.0}
            | {"steps": round(max(400, (40 if full else 24) / alpha))}
            for noise, order, alpha in itertools.product(("balanced", "imbalanced"), _ORDERS, alphas)
        ]
        found += [
            {"part": "drift", "noise": "imbalanced", "order": order, "sigma": 1.0, "alpha": alpha, "radius": alpha / 30}
            | {"steps": round((90 if full else 60) / alpha)}
            for order, alpha in itertools.product(_ORDERS, alphas[1:])
        ]
        levels = [("gaussian", 0.0)] if full else []
        levels += itertools.product(("gaussian", "imbalanced"), (1.0, 3.0, 9.0) if full else (4.0,))
        tuned = (0.3, 0.1, 0.03, 0.01) if full else (0.1,)
        radii = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3) if full else (0.03, 0.1)
        found += [
            {"part": "tuned", "noise": noise, "order": order, "sigma": sigma, "alpha": alpha, "radius": radius}
            | {"steps": 600 if full else 100}
            for (noise, sigma), order, alpha, radius in itertools.product(levels, _ORDERS, tuned, radii)
        ]
        return [task | {"seed": seed_of(seed, 0)} for task in found]  # the same noise for both orders

    def run(self, task: Task) -> dict[str, Any]:
        """One setting."""
        row = dict(task)
        seed = row.pop("seed")
        if task["part"] == "direction":
            return row | _direction(task, seed)
        if task["part"] == "drift":
            problem = _problem(at_minimizer=True)
            return row | {
                "value": _gap(task, problem, seed, task["steps"] // 3),
                "exact": _floor(problem, _noise(task)),
            }
        problem = _problem(at_minimizer=False)
        ends = [_gap(task, problem, seed_of(seed, k), task["steps"] // 10) for k in range(4)]
        return row | {"choosing": float(np.mean(ends[:2])), "value": float(np.mean(ends[2:]))}

    def summary(self, rows: Sequence[Row]) -> dict[str, Any]:
        """δ and drift against α; the tuned gaps, and how often a grid's edge was best."""
        direction = [row for row in rows if row["part"] == "direction"]
        drift = [row for row in rows if row["part"] == "drift"]
        best = _best(rows)
        claims = []
        for noise in ("balanced", "imbalanced"):
            first, last = _ends(direction, "before", noise)
            claims.append(
                claim(
                    f"{noise} noise: before, the direction's δ falls from {first['value']:.3f} to {last['value']:.3f} "
                    f"as α falls from {first['alpha']} to {last['alpha']}",
                    last["value"] < first["value"] / 2,
                )
            )
            after = [row for row in direction if row["order"] == "after" and row["noise"] == noise]
            off = max(abs(row["value"] - row["exact"]) for row in after)
            claims.append(
                claim(
                    f"{noise} noise: after, δ is {after[0]['exact']:.3f} (exact: two outcomes) whatever α; measured "
                    f"within {off:.3f} of it at {len(after)} values of α",
                    off < 0.15,
                )
            )
        last = {order: _ends(drift, order, "imbalanced")[1] for order in _ORDERS}
        floor = last["after"]["exact"]
        claims.append(
            claim(
                f"started at the minimiser, after drifts to a gap of {last['after']['value']:.4f} at α = "
                f"{last['after']['alpha']}, exactly {floor:.4f} in the limit; before stays within "
                f"{last['before']['value']:.5f}",
                abs(last["after"]["value"] / floor - 1) < 0.2 and last["before"]["value"] < floor / 4,
            )
        )
        noisy = [pair for pair in best if pair["noise"] == "imbalanced" and pair["sigma"] > 0]
        least = min(pair["after"] / pair["before"] for pair in noisy)
        claims.append(
            claim(
                f"imbalanced noise, tuned: the gap after is at least {least:.2f} times the gap before, at every σ > 0",
                least > 1,
            )
        )
        calm = [pair["after"] / pair["before"] for pair in best if pair["noise"] == "gaussian" and pair["sigma"] > 0]
        also = f"Gaussian noise, tuned: the gap after is {min(calm):.2f} to {max(calm):.2f} times the gap before"
        return {"claims": claims, "also": also, "tuned": best}

    def plot(self, rows: Sequence[Row], path: Path) -> None:
        """Three panels: δ against α, drift against α, tuned gaps against σ."""
        figure, panels = pyplot().subplots(1, 3, figsize=(12.6, 4.4))
        _plot_direction(panels[0], [row for row in rows if row["part"] == "direction"])
        _plot_drift(panels[1], [row for row in rows if row["part"] == "drift"])
        _plot_tuned(panels[2], _best(rows))
        save(figure, path)


def method_of(task: Task) -> Method:
    """Averages with the same α and steps of at most the same length, in one order or the other."""
    kept = 1.0 - task["alpha"]
    if task["order"] == "before":
        return TrustRegion(_NORM, radius=task["radius"], momentum=kept)
    return MomentumAfterLMO(_NORM, radius=task["radius"], momentum=kept, accumulate="average")


def _noise(task: Task) -> Noise:
    match task["noise"]:
        case "balanced":
            return Imbalanced(task["sigma"], 0.5)
        case "imbalanced":
            return Imbalanced(task["sigma"], _RARE)
        case _:
            return Gaussian(task["sigma"])


def _problem(at_minimizer: bool) -> MatrixRegression:
    """½⟨X − T, S(X − T)⟩ on 4×4 matrices, S diagonal with eigenvalues from ½ to 1."""
    features = np.diag(np.sqrt(_SIDE * np.linspace(0.5, 1.0, _SIDE)))
    target = np.random.default_rng(0).standard_normal((_SIDE, _SIDE))
    return MatrixRegression(features, features @ target, target if at_minimizer else None)


def _gap(task: Task, problem: MatrixRegression, seed: int, last: int) -> float:
    """The mean of f(x_k) − f* over so many of the last steps."""
    noise = _noise(task) if task["sigma"] else None
    found = [
        float(problem.value_and_gradient(after.x)[0]) - problem.infimum
        for _, after in updates(problem, noise, seed, method_of(task), task["steps"])
        if after.step > task["steps"] - last
    ]
    return float(np.mean(found))


def _floor(problem: MatrixRegression, noise: Noise) -> float:
    """f − f* where ∇f = −n₀: ½⟨n₀, S⁻¹n₀⟩."""
    assert isinstance(noise, Imbalanced)
    common, hessian = noise.common(problem.x0), problem.features.T @ problem.features / len(problem.features)
    return float(np.sum(common * np.linalg.solve(hessian, common))) / 2


def _direction(task: Task, seed: int) -> dict[str, float]:
    """δ of the directions taken at a gradient that stays as it is, averaged over time; for after also E δ, exactly."""
    draw = np.random.default_rng(1)
    g = draw.standard_normal((_SIDE, _SIDE))
    g = g / float(_NORM.dual(g))
    noise, method = _noise(task), method_of(task)
    assert isinstance(noise, Imbalanced)
    state = method.init(0 * g)
    found = []
    for k in range(task["steps"]):
        state = method.update(state, g + noise.draw(g, seed, k))
        taken = _NORM.lmo(state.momentum) if task["order"] == "before" else state.momentum
        found.append(1 + float(np.sum(g * taken)))
    value = float(np.mean(found[round(5 / task["alpha"]) :]))
    if task["order"] == "before":
        return {"value": value}
    p = noise.probability
    answers = p * _NORM.lmo(g + noise.rare(g)) + (1 - p) * _NORM.lmo(g + noise.common(g))
    return {"value": value, "exact": 1 + float(np.sum(g * answers))}


def _ends(rows: Sequence[Row], order: str, noise: str) -> tuple[Row, Row]:
    """The rows with the largest and the smallest α."""
    own = sorted(
        (row for row in rows if row["order"] == order and row["noise"] == noise), key=lambda row: -row["alpha"]
    )
    return own[0], own[-1]


def _best(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """For each noise and σ, the gaps of both orders, each with the α and η that the choosing seeds like best."""
    tuned = [row for row in rows if row["part"] == "tuned"]
    found = []
    for noise, sigma in dict.fromkeys((row["noise"], row["sigma"]) for row in tuned):
        entry: dict[str, Any] = {"noise": noise, "sigma": sigma}
        for order in _ORDERS:
            own = [row for row in tuned if (row["noise"], row["sigma"], row["order"]) == (noise, sigma, order)]
            chosen = min(own, key=lambda row: row["choosing"])
            entry |= {order: chosen["value"], f"{order}_alpha": chosen["alpha"], f"{order}_radius": chosen["radius"]}
        found.append(entry)
    return found


_COLORS = {"before": BLUE, "after": VERMILION}
_WORDS = {"before": "before (Muon)", "after": "after (Orthogonal-SGDM)"}
_DASHES: dict[str, Any] = {"balanced": (0, (4, 2)), "gaussian": (0, (4, 2)), "imbalanced": "-"}


def _plot_direction(axes: Any, rows: Sequence[Row]) -> None:
    for order, noise in itertools.product(_ORDERS, ("balanced", "imbalanced")):
        own = [row for row in rows if row["order"] == order and row["noise"] == noise]
        _curve(axes, own, "alpha", "value", order, noise, f"{_WORDS[order]}, {noise}")
        if order == "after":
            axes.axhline(own[0]["exact"], color=GREY, linewidth=0.8, linestyle=_DASHES[noise], zorder=1)
    axes.set(xlabel="α, weight of the new gradient", ylim=(0, 1.5 * max(row["value"] for row in rows)))
    axes.set_title("δ of the direction at a fixed gradient\n(0: the exact LMO; grey: E δ of after, exactly)")
    axes.legend(frameon=False, fontsize=8, handlelength=3.5, loc="upper left")


def _plot_drift(axes: Any, rows: Sequence[Row]) -> None:
    for order in _ORDERS:
        own = [row for row in rows if row["order"] == order]
        _curve(axes, own, "alpha", "value", order, "imbalanced", _WORDS[order])
    axes.axhline(rows[0]["exact"], color=GREY, linewidth=0.8, label="exact limit of after")
    axes.set(yscale="log", xlabel="α, weight of the new gradient (η = α/30)")
    axes.set_title("gap f − f* in the end, started at x*\n(imbalanced noise, σ = 1)")
    axes.legend(frameon=False, fontsize=8, handlelength=3.5)


def _plot_tuned(axes: Any, best: Sequence[Row]) -> None:
    for order, noise in itertools.product(_ORDERS, ("gaussian", "imbalanced")):
        own = [entry for entry in best if entry["noise"] == noise and entry["sigma"] > 0]
        _curve(axes, own, "sigma", order, order, noise, f"{_WORDS[order]}, {noise}")
    most = max(entry[order] for entry in best for order in _ORDERS)
    axes.set(yscale="log", xlabel="σ, size of the noise", ylim=(None, 30 * most))
    axes.set_title("gap f − f* at the end of a run,\nα and η tuned for each")
    axes.legend(frameon=False, fontsize=8, handlelength=3.5, loc="upper left")


def _curve(axes: Any, rows: Sequence[Row], x: str, y: str, order: str, noise: str, label: str) -> None:
    rows = sorted(rows, key=lambda row: float(row[x]))
    at = [row[x] for row in rows]
    axes.plot(at, [row[y] for row in rows], color=_COLORS[order], linestyle=_DASHES[noise], label=label)
    axes.plot(at, [row[y] for row in rows], "o", color=_COLORS[order])
    axes.set_xscale("log")
    axes.set_xticks(at, [f"{value:g}" for value in at])
    axes.xaxis.minorticks_off()
