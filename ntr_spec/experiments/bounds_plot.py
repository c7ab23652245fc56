"""The plot of the experiment ``bounds``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ntr_spec.curves import BLUE, GREY, INK, VERMILION, pyplot, save

if TYPE_CHECKING:
    from ntr_spec.experiments.exceeding import Group

FLOOR = 1e-5


def plot(groups: Sequence[Group], path: Path) -> None:
    """A column for each theorem with exact and with noisy gradients: measured over bound, logarithmic."""
    columns = [
        (name, exact)
        for name in dict.fromkeys(group.theorem for group in groups)
        for exact in (True, False)
        if any((group.theorem, group.exact) == (name, exact) for group in groups)
    ]
    figure, axes = pyplot().subplots(figsize=(7.6, 4.4))
    axes.set_yscale("log")
    axes.grid(True, axis="y")
    axes.set_axisbelow(True)
    rng = np.random.default_rng(0)  # spreads the marks sideways, nothing else
    for at, (name, exact) in enumerate(columns):
        mine = [group for group in groups if (group.theorem, group.exact) == (name, exact)]
        x = at + rng.uniform(-0.3, 0.3, len(mine))
        mean = np.maximum([group.mean for group in mine], FLOOR)
        if exact:
            axes.scatter(x, mean, s=6, color=BLUE, alpha=0.6, linewidths=0, zorder=3, rasterized=True)
            continue
        low = np.maximum([min(group.ratios) for group in mine], FLOOR)
        high = np.maximum([group.largest for group in mine], FLOOR)
        axes.vlines(x, low, high, color=VERMILION, alpha=0.35, linewidth=1.0, zorder=2)
        axes.scatter(x, mean, s=22, marker="D", color=VERMILION, linewidths=0, zorder=3)
    axes.axhline(1.0, color=INK, linewidth=1.4)
    axes.annotate("the bound", (0, 1.0), (4, 3), ("axes fraction", "data"), "offset points", fontsize=9)
    top = max((group.largest for group in groups), default=1.0)
    axes.set_ylim(FLOOR / 1.5, max(3.0, 1.5 * min(top, 1e6)))
    axes.set_xlim(-0.5, len(columns) - 0.5)
    axes.set_xticks(range(len(columns)), [f"{name}\n{'exact' if exact else 'noisy'}" for name, exact in columns])
    axes.set_ylabel("measured / bound")
    axes.set_title("Runs beside their bounds: each mark is a setting drawn at random")
    axes.title.set_fontsize(10)
    axes.scatter([], [], s=12, color=BLUE, linewidths=0, label="exact gradients: one run")
    axes.scatter([], [], s=22, marker="D", color=VERMILION, linewidths=0, label="noisy: mean over seeds")
    axes.plot([], [], color=VERMILION, alpha=0.35, linewidth=1.0, label="from the least run to the largest")
    figure.legend(loc="outside lower center", ncols=3, frameon=False, fontsize=9)
    note = f"ratios below {FLOOR:g} are drawn here"
    axes.annotate(note, (0, 0), (4, 2), "axes fraction", "offset points", color=GREY, fontsize=7.5)
    save(figure, path)
