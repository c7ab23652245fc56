"""The picture of experiment (g)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ntr_spec.curves import BLUE, GREEN, GREY, VERMILION, pyplot, save
from ntr_spec.experiments.experiment import Row

_COLORS = {"spread": BLUE, "one entry": VERMILION}
_ON = {"spread": "noise on all entries", "one entry": "noise on one"}
_WORDS = {"LInf": "norm ℓ_∞ (dual ℓ₁)", "L1": "norm ℓ₁ (dual ℓ_∞)"}


def draw_dimension(rows: Sequence[Row], path: Path) -> None:
    """Momentum errors where ρ grows and where the dual norm's noise helps, and errors of runs."""
    figure, panels = pyplot().subplots(1, 3, figsize=(12.6, 4.4))
    for axes, norm in zip(panels[:2], _WORDS, strict=True):
        _momentum(axes, [row for row in rows if row["part"] == "momentum" and row["norm"] == norm], _WORDS[norm])
    _runs(panels[2], [row for row in rows if row["part"] == "method"])
    save(figure, path)


def _momentum(axes: Any, rows: Sequence[Row], words: str) -> None:
    for noise, color in _COLORS.items():
        own = [row for row in rows if row["noise"] == noise]
        at = [row["entries"] for row in own]
        axes.plot(at, [row["value"] for row in own], "o-", color=color, label=f"measured, {_ON[noise]}")
        if all(row["dual_noise"] is not None for row in own):
            bound = [row["dual_noise"] for row in own]
            axes.plot(at, bound, color=color, linestyle=(0, (4, 2)), label=f"√α·κσ_*, {_ON[noise]}")
    lemma = [row["lemma_3"] for row in own]  # the same for all noise of this σ
    axes.plot(at, lemma, color=GREY, linestyle=(0, (1, 1.5)), label="√α·ρσ (Lemma 3)")
    axes.set_title(f"E‖m − ∇f‖_*, {words}\nσ = 1, α = {rows[0]['alpha']}")
    _finish(axes, at)
    if rows[0]["dual_noise"] is not None:  # five curves: room for their names below them
        axes.set_ylim(bottom=min(row["value"] for row in rows) / 12)


def _runs(axes: Any, rows: Sequence[Row]) -> None:
    for (norm, words), dash in zip({"LInf": "ℓ_∞", "Spectral": "spectral"}.items(), ("-", (0, (4, 2))), strict=True):
        for noise, color in _COLORS.items():
            own = [row for row in rows if row["noise"] == noise and row["norm"] == norm]
            at, y = [row["entries"] for row in own], [row["value"] for row in own]
            axes.plot(at, y, color=color, linestyle=dash, label=f"{words}, {_ON[noise]}")
            axes.plot(at, y, "o", color=color)
    longest = sorted({row["entries"] for row in rows})
    first = rows[0]["value"]
    guide = [first * (size / longest[0]) ** 0.5 for size in longest]
    axes.plot(longest, guide, color=GREEN, linewidth=0.9, label="slope ½, as of √d")
    axes.set_title("‖∇f‖_* in the second half of runs\nwith L = 1, Δ₀ = ½, σ = 0.1")
    _finish(axes, longest)


def _finish(axes: Any, at: Sequence[float]) -> None:
    axes.set(xscale="log", yscale="log", xlabel="d, number of entries")
    axes.set_xticks(at, [f"{value:g}" for value in at])
    axes.xaxis.minorticks_off()
    axes.legend(frameon=False, fontsize=8, handlelength=3)
