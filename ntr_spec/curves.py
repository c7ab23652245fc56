"""Pictures of runs: one style, curves labelled where they end, colours that the colour-blind tell apart.

matplotlib is imported when something is drawn. Palette: Okabe and Ito, *Color Universal Design* (2008).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ntr_spec.errors import InputError

BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"
PALETTE = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY)
INK, GREY, FAINT = "#222222", "#6b6b6b", "#e6e6e6"

_STYLE = {
    "axes.edgecolor": "#9a9a9a",
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 11,
    "figure.constrained_layout.use": True,
    "figure.dpi": 110,
    "font.size": 10,
    "grid.color": FAINT,
    "grid.linewidth": 0.8,
    "lines.linewidth": 1.8,
    "lines.solid_capstyle": "round",
    "svg.fonttype": "none",
    "svg.hashsalt": "ntr-spec",
    "xtick.color": GREY,
    "ytick.color": GREY,
}

# No date and no random names in an SVG: the same data give the same file.
_OPTIONS: dict[str, dict[str, Any]] = {".png": {"pil_kwargs": {"optimize": True}}, ".svg": {"metadata": {"Date": None}}}


@dataclasses.dataclass(frozen=True)
class Curve:
    """One line of a plot.

    Attributes:
        label: written at its end.
        x, y: the points.
        color: one of the palette; None: the next.
        dashed: for what is compared with.
    """

    label: str
    x: Sequence[float]
    y: Sequence[float]
    color: str | None = None
    dashed: bool = False


def pyplot() -> Any:
    """matplotlib's pyplot in this style, drawing to files only.

    Raises:
        InputError: matplotlib is not installed.
    """
    try:
        import matplotlib
    except ImportError:
        raise InputError(
            "plots are drawn with matplotlib, which is not installed; run pip install 'ntr-spec[plot]'"
        ) from None
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    plt.rcParams.update(_STYLE)
    return plt


def draw(
    axes: Any,
    curves: Sequence[Curve],
    *,
    xlabel: str,
    ylabel: str,
    title: str = "",
    log: bool = False,
    ylim: tuple[float, float] | None = None,
) -> None:
    """Draw curves on axes, each labelled at its right end in its own colour."""
    colors = iter(PALETTE * (1 + len(curves) // len(PALETTE)))
    if log:
        axes.set_yscale("log")
    axes.grid(True, axis="y")
    axes.set_axisbelow(True)
    ends = []
    for curve in curves:
        color = curve.color or next(colors)
        axes.plot(curve.x, curve.y, color=color, linestyle=(0, (4, 2)) if curve.dashed else "-", zorder=3)
        ends.append((curve.x[-1], curve.y[-1], curve.label, color))
    axes.set_xlabel(xlabel)
    axes.set_title(ylabel if not title else f"{title}\n{ylabel}", color=INK)
    axes.margins(x=0)
    if ylim is not None:
        axes.set_ylim(*ylim)
    _label(axes, ends)


def save(figure: Any, path: Path | str) -> Path:
    """Write the picture, making its folder if there is none.

    Raises:
        InputError: it cannot be written, or the ending names no picture format.
    """
    target = Path(path)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(target, **_OPTIONS.get(target.suffix, {}))
    except OSError as error:
        raise InputError(f"{target}: cannot be written ({error.strerror}); choose another path") from None
    except ValueError:
        raise InputError(f"{target}: not a picture's name; let it end in .png, .svg or .pdf") from None
    finally:
        pyplot().close(figure)
    return target


def _label(axes: Any, ends: list[tuple[float, float, str, str]]) -> None:
    """Labels right of the curves' ends, pushed apart where they would overlap."""
    figure = axes.figure
    figure.canvas.draw()
    height = 13 * figure.dpi / 72
    placed = sorted(
        ((axes.transData.transform((x, y))[1], x, y, text, color) for x, y, text, color in ends), key=lambda row: row[0]
    )
    low, high = axes.transAxes.transform((0, 0))[1], axes.transAxes.transform((0, 1))[1]
    heights = _apart([min(max(row[0], low), high) for row in placed], height)
    for (_, _, _, text, color), at in zip(placed, heights, strict=True):
        fraction = (at - low) / (high - low)
        axes.annotate(
            text,
            (1, fraction),
            xycoords="axes fraction",
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            color=color,
            annotation_clip=False,
        )


def _apart(heights: Sequence[float], least: float) -> list[float]:
    """Sorted heights moved as little as it takes for neighbours to be ``least`` apart (pool adjacent violators).

    >>> _apart([0.0, 1.0, 10.0], 2.0)
    [-0.5, 1.5, 10.0]
    """
    groups: list[tuple[float, int]] = []  # the mean of (height − its place in the group), and how many
    for height in heights:
        mean, count = height, 1
        while groups:
            before, several = groups[-1]
            # The group below ends at before + (several − 1)·least; ours begins at mean.
            if mean - (before + (several - 1) * least) >= least:
                break
            groups.pop()
            mean = (several * before + count * (mean - several * least)) / (several + count)
            count += several
        groups.append((mean, count))
    return [mean + k * least for mean, count in groups for k in range(count)]
