"""The picture of experiment (f)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ntr_spec.curves import BLUE, GREY, INK, VERMILION, pyplot, save
from ntr_spec.experiments.experiment import Row

_COLORS = {"decay": BLUE, "clipping": VERMILION}
_MARKERS = {"decay": "o", "clipping": "s"}
_PLACES = {"inside": "-", "boundary": (0, (5, 2)), "outside": (0, (1, 1.5))}


def draw_clipping(rows: Sequence[Row], best: Sequence[Row], path: Path) -> None:
    """Paths in the plane, gaps against the step with noise, gaps at the best η beside theorem 3's bound."""
    figure, panels = pyplot().subplots(1, 3, figsize=(12.8, 4.6), width_ratios=(1, 1.2, 1.4))
    _paths(panels[0], [row for row in rows if row["part"] == "path"])
    _curves(panels[1], rows, [entry for entry in best if entry["norm"] == "LInf" and entry["sigma"] > 0])
    _bars(panels[2], best)
    save(figure, path)


def _paths(axes: Any, rows: Sequence[Row]) -> None:
    axes.plot([-1, 1, 1, -1, -1], [-1, -1, 1, 1, -1], color=GREY, linewidth=1)
    axes.annotate("‖x‖_∞ = D", (-0.95, -0.92), color=GREY, fontsize=9)
    for row in rows:
        x, y = zip(*row["points"], strict=True)
        axes.plot(x, y, "-", marker=_MARKERS[row["method"]], markersize=3.2, linewidth=1, color=_COLORS[row["method"]])
        axes.plot([], [], "-", marker=_MARKERS[row["method"]], color=_COLORS[row["method"]], label=row["method"])
    for name, point in (("x*", rows[0]["star"]), ("least on the ball", rows[0]["on_ball"])):
        axes.plot(*point, "*", color=INK, markersize=9, zorder=4)
        axes.annotate(name, point, xytext=(0, 8), textcoords="offset points", ha="center", color=INK, fontsize=9)
    axes.set(aspect="equal", xlim=(-1.15, 2.3), ylim=(-1.15, 1.35), xlabel="x₁", ylabel="x₂")
    axes.set_title("paths, exact gradients, x* outside")
    axes.legend(frameon=False, fontsize=9, loc="lower right")


def _curves(axes: Any, rows: Sequence[Row], best: Sequence[Row]) -> None:
    for entry in best:
        for method, color in _COLORS.items():
            own = next(row for row in rows if row["part"] == "gap" and _is(row, entry, method))
            label = f"{method}, x* {entry['place']}"
            axes.plot(own["marks"], own["curve"], color=color, linestyle=_PLACES[entry["place"]], label=label)
    axes.set(xscale="log", yscale="log", xlabel="step k")
    axes.set_title("F(x_k) − F*, ℓ_∞, noise σ = 1,\neach at its best η")
    axes.legend(frameon=False, fontsize=8)
    axes.grid(True, axis="y")


def _bars(axes: Any, best: Sequence[Row]) -> None:
    """One column a case: both gaps and the bound; gaps below 1e-8 are drawn there."""
    names = {"LInf": "ℓ_∞", "L2": "ℓ₂"}
    at = range(len(best))
    for method, color in _COLORS.items():
        values = [max(entry[method], 1e-8) for entry in best]
        axes.plot(at, values, _MARKERS[method], color=color, label=method)
    bounds = [entry["theorem_3"] for entry in best]
    axes.plot(at, bounds, "_", color=GREY, markersize=14, markeredgewidth=2, label="theorem 3, of decay")
    words = [f"{names[e['norm']]} {e['place']}, {'noise' if e['sigma'] else 'exact'}" for e in best]
    axes.set_xticks(list(at), words, rotation=60, ha="right", fontsize=8)
    axes.set(yscale="log", ylim=(5e-9, None))
    axes.set_title("F(x_K) − F* at the end, each at its best η\n(less than 1e-8 is drawn there)")
    axes.legend(frameon=False, fontsize=8)
    axes.grid(True, axis="y")


def _is(row: Row, entry: Row, method: str) -> bool:
    same = all(row[name] == entry[name] for name in ("norm", "place", "sigma"))
    return same and row["method"] == method and row["radius"] == entry[f"{method}_radius"]
