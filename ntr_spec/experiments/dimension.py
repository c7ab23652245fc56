"""Experiment (g): what ρ costs as the dimension grows, and what measuring noise in the dual norm saves.

Lemma 3 bounds the momentum's error by √α·ρσ: noise is measured in ‖·‖₂, and ρ² is as large as d for ℓ_∞ and min(m, n)
for the spectral norm. Measured in the dual norm instead, E‖n‖_*² ≤ σ_*², the bound is √α·κσ_* with the type-2 constant
κ of the dual norm. CITED, not proved here: ℓ_q with q ≥ 2 is 2-smooth with κ = √(q−1) (Ball, Carlen and Lieb 1994), and
2-smoothness bounds sums of martingale differences so (Pinelis 1994; Juditsky and Nemirovski 2008). For ℓ_∞ this and
‖·‖_∞ ≤ ‖·‖_q ≤ d^{1/q}‖·‖_∞ give κ = min_q √(q−1)·d^{1/q}, about √(2e·ln d). For ℓ₁ no κ below √d will do: ±e₁, …, ±e_d
have Σ‖nᵢ‖₁² = d and a sum of ℓ₁ norm d. Nor does one below √min(m, n) for the nuclear norm, for the same reason.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, final

import numpy as np

from ntr_spec.algorithms import TrustRegion
from ntr_spec.errors import NotDeclaredError
from ntr_spec.experiments.dimension_plot import draw_dimension
from ntr_spec.experiments.experiment import Experiment, Row, Size, Task, claim, seed_of
from ntr_spec.experiments.runs import updates
from ntr_spec.experiments.settings import type_2_constant
from ntr_spec.norms import L1, LInf, Lp, Norm, Spectral
from ntr_spec.problems import Noise, OneEntry, Separable, Signs, Square
from ntr_spec.theory import T2, Constants

_NORMS: dict[str, Norm] = {"LInf": LInf(), "Spectral": Spectral(), "Lp(4/3)": Lp(4 / 3), "L1": L1()}
_NOISE: dict[str, type[Signs] | type[OneEntry]] = {"spread": Signs, "one entry": OneEntry}


@final
@dataclasses.dataclass(frozen=True)
class Dimension(Experiment):
    """Three parts, all with the same σ in every dimension and with noise on all entries or on one.

    * ``momentum``: E‖m − ∇f‖_* once the momentum has settled, beside √α·ρσ and √α·κσ_*; steps so short that noise alone
      contributes.
    * ``method``: the mean ‖∇f‖_* over the second half of a run, on f with L = 1 and Δ₀ = ½ in every dimension.
    * ``plan``: the steps that theorem 2's plan asks for in the norm ℓ₁ with ρσ, and with κσ_*.
    """

    name: ClassVar[str] = "dimension"
    title: ClassVar[str] = "What noise costs in high dimension"
    question: ClassVar[str] = "How does the error grow with the dimension, and where does the dual norm's noise help?"
    columns: ClassVar[tuple[str, ...]] = (
        "part",
        "norm",
        "noise",
        "entries",
        "alpha",
        "steps",
        "value",
        "lemma_3",
        "dual_noise",
        "kappa",
        "least_kappa",
        "plan",
        "plan_dual",
    )

    def tasks(self, size: Size, seed: int) -> list[dict[str, Any]]:
        """All combinations."""
        full = size == "full"
        sizes = (4, 16, 64, 256, 1024, 4096) if full else (4, 64, 1024)
        alpha, steps = (0.02, 1500) if full else (0.05, 400)
        found: list[dict[str, Any]] = []
        for norm, noise, entries in itertools.product(_NORMS, _NOISE, sizes):
            if norm == "Spectral" and entries > (1024 if full else 64):
                continue
            base = {"norm": norm, "noise": noise, "entries": entries}
            found.append({"part": "momentum", **base, "alpha": alpha, "radius": 1e-7, "steps": steps, "sigma": 1.0})
            if norm in ("LInf", "Spectral"):
                found.append(
                    {"part": "method", **base, "alpha": 0.05, "radius": 0.01, "sigma": 0.1}
                    | {"steps": 1000 if full else 300}
                )
        found += [
            {"part": "plan", "norm": "L1", "noise": "spread", "entries": entries, "sigma": 1.0, "eps": 0.1}
            for entries in sizes
        ]
        return [task | {"seed": seed_of(seed, index)} for index, task in enumerate(found)]

    def run(self, task: Task) -> dict[str, Any]:
        """One setting."""
        row = dict(task)
        del row["seed"]
        return row | {"momentum": _momentum, "method": _method, "plan": _plan}[task["part"]](task)

    def summary(self, rows: Sequence[Row]) -> dict[str, Any]:
        """Bounds that hold, where κσ_* is the smaller, and how errors grow."""
        momentum = [row for row in rows if row["part"] == "momentum"]
        plans = [row for row in rows if row["part"] == "plan"]
        known = [row for row in momentum if row["dual_noise"] is not None]
        used = max(row["value"] / row["lemma_3"] for row in momentum)
        known = [row for row in momentum if row["dual_noise"] is not None]
        dual = max(row["value"] / row["dual_noise"] for row in known)
        best = _row(momentum, "L1", "spread", -1)
        claims = [
            claim(
                f"E‖m − ∇f‖_* is at most {used:.3f} of Lemma 3's bound with ρσ in {len(momentum)} settings", used <= 1
            ),
            claim(f"it is at most {dual:.3f} of that with κσ_* in the {len(known)} where κ is known", dual <= 1),
            claim(
                f"norm ℓ₁, noise spread over {best['entries']} entries: κσ_* bounds the error by "
                f"{best['dual_noise']:.4f}, ρσ by {best['lemma_3']:.4f}, measured {best['value']:.4f}; theorem 2's "
                f"plan needs {plans[-1]['plan_dual']} steps, not {plans[-1]['plan']}",
                best["dual_noise"] < best["lemma_3"] and plans[-1]["plan_dual"] < plans[-1]["plan"],
            ),
        ]
        for norm in ("LInf", "Spectral"):
            first, last = (_row(momentum, norm, "one entry", at) for at in (0, -1))
            claims.append(
                claim(
                    f"norm {norm}, noise on one entry: E‖n‖_*² = σ² in every dimension, yet the measured error asks "
                    f"for a κ of the dual norm of at least {first['least_kappa']:.2f} on {first['entries']} entries, "
                    f"{last['least_kappa']:.2f} on {last['entries']}",
                    last["least_kappa"] > 1.5 * first["least_kappa"] > 0,
                )
            )
        growth = [_growth([row for row in rows if row["part"] == "method"], norm) for norm in ("LInf", "Spectral")]
        box = growth[0]
        claims.append(
            claim(
                f"norm LInf, from {box['from']} to {box['to']} entries with L, Δ₀ and σ the same: the run's error "
                f"grows {box['spread']:.2f}-fold with noise spread over all entries, {box['one entry']:.2f}-fold with "
                "noise on one",
                box["spread"] > 1.5 * box["one entry"],
            )
        )
        return {"claims": claims, "growth": growth, "plans": [_told(row) for row in plans]}

    def plot(self, rows: Sequence[Row], path: Path) -> None:
        """Momentum errors in two norms, and errors of runs."""
        draw_dimension(rows, path)


def kappa_of(norm: Norm, entries: int) -> float | None:
    """κ of the dual norm: √(q−1) for ℓ_q, 2 ≤ q < ∞; min_q √(q−1)·d^{1/q} for ℓ_∞; None where none is known.

    >>> kappa_of(Lp(4 / 3), 1000) == type_2_constant(Lp(4 / 3)), round(kappa_of(L1(), 1000), 2), kappa_of(LInf(), 9)
    (True, 5.89, None)
    """
    if not isinstance(norm, L1):
        return type_2_constant(norm)
    log = math.log(entries)
    # Stationary where q² − 2q·ln d + 2 ln d = 0; the larger root is the local minimum.
    candidates = [2.0, *([log + math.sqrt(log * log - 2 * log)] if log >= 2 else [])]
    return min(math.sqrt(q - 1) * math.pow(entries, 1 / q) for q in candidates)


def _problem(task: Task) -> Separable:
    """½λ‖x − x*‖² with L = ρ²λ = 1, ‖x* − x0‖ = 1 and Δ₀ = ½ in ℓ_∞ and the spectral norm."""
    norm = _NORMS[task["norm"]]
    side = math.isqrt(task["entries"])
    target = np.eye(side) if task["norm"] == "Spectral" else np.ones(task["entries"])
    return Separable(Square(), target, 0 * target, height=1 / norm.rho(target.shape) ** 2)


def _noise(task: Task) -> Noise:
    return _NOISE[task["noise"]](task["sigma"])


def _method_of(task: Task) -> TrustRegion:
    return TrustRegion(_NORMS[task["norm"]], task["radius"], 1.0 - task["alpha"])


def _momentum(task: Task) -> dict[str, Any]:
    norm, problem, noise, alpha = _NORMS[task["norm"]], _problem(task), _noise(task), task["alpha"]
    shape = problem.x0.shape
    settled = round(5 / alpha)
    found = []
    for before, after in updates(problem, noise, task["seed"], _method_of(task), task["steps"]):
        if before.step >= settled:  # m_k is of x_k, the point before the step
            found.append(float(norm.dual(after.momentum - problem.value_and_gradient(before.x)[1])))
    value = float(np.mean(found))
    lag = problem.known(norm)["L"].value * task["radius"] / alpha
    share = (1 - alpha) ** settled + math.sqrt(alpha)
    row = {"value": value, "lemma_3": share * norm.rho(shape) * noise.sigma + lag}
    try:
        dual = noise.dual(norm, shape)
    except NotDeclaredError:
        return row | {"dual_noise": None, "kappa": None, "least_kappa": None}
    kappa = kappa_of(norm, task["entries"])
    bound = None if kappa is None else share * kappa * dual + lag
    return row | {"dual_noise": bound, "kappa": kappa, "least_kappa": (value - lag) / (share * dual)}


def _method(task: Task) -> dict[str, Any]:
    norm, problem = _NORMS[task["norm"]], _problem(task)
    found = [
        float(norm.dual(problem.value_and_gradient(after.x)[1]))
        for _, after in updates(problem, _noise(task), task["seed"], _method_of(task), task["steps"])
        if after.step > task["steps"] // 2
    ]
    return {"value": float(np.mean(found))}


def _plan(task: Task) -> dict[str, Any]:
    norm, noise, entries = _NORMS[task["norm"]], _noise(task), task["entries"]
    plain = Constants(L=1.0, delta0=0.5, rho=norm.rho(entries), sigma=noise.sigma)
    dual = Constants(L=1.0, delta0=0.5, kappa=kappa_of(norm, entries), sigma_dual=noise.dual(norm, entries))
    return {"plan": T2.plan(plain, task["eps"]).steps, "plan_dual": T2.plan(dual, task["eps"]).steps}


def _row(rows: Sequence[Row], norm: str, noise: str, at: int) -> Row:
    """The row of the smallest (0) or largest (−1) size."""
    return [row for row in rows if row["norm"] == norm and row["noise"] == noise][at]


def _growth(rows: Sequence[Row], norm: str) -> dict[str, Any]:
    """By how much the error grows from the smallest to the largest size."""
    entry: dict[str, Any] = {"norm": norm}
    for noise in _NOISE:
        first, last = (_row(rows, norm, noise, at) for at in (0, -1))
        entry |= {"from": first["entries"], "to": last["entries"], noise: last["value"] / first["value"]}
    return entry


def _told(row: Row) -> dict[str, Any]:
    return {name: row[name] for name in ("norm", "noise", "entries", "eps", "plan", "plan_dual")}
