"""The picture of a benchmark: time against δ, both logarithmic, one panel for each table.

Down and left is better. The line is the front of this package: the least δ that it certifies in a given time.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, final

from ntr_spec.bench.results import Case, Row
from ntr_spec.bench.settings import written
from ntr_spec.curves import GREY, INK, PALETTE, SKY, pyplot, save

FLOOR = 1e-2
"""δ below this share of what can be certified in a dtype are drawn there: float64 can tell no less of a peer's."""
_LABEL = 7.5  # font size


@final
@dataclasses.dataclass(frozen=True)
class Mark:
    """One point: where it is and how it is drawn.

    Attributes:
        row: what it stands for.
        x: milliseconds.
        low, high: the quartiles of x.
        y: δ.
        family: the solver's class, or the peer's name.
        label: what tells it from others of its family.
    """

    row: Row
    x: float
    low: float
    high: float
    y: float
    family: str
    label: str

    @property
    def peer(self) -> bool:
        """Whether it is not this package's."""
        return self.row.kind == "peer"


def plot(cases: Sequence[Case], path: Path | str) -> Path:
    """Draw all tables: a row of panels for each library, device, dtype, spectrum and norm, a column for each shape.

    Raises:
        InputError: matplotlib is not installed, or the picture cannot be written.
    """
    shapes = list(dict.fromkeys(case.shape for case in cases))
    lines = list(dict.fromkeys(_line(case) for case in cases))
    figure, grid = pyplot().subplots(
        len(lines),
        len(shapes),
        figsize=(max(6.4, 3.3 * len(shapes)), 0.9 + 3.1 * len(lines)),
        squeeze=False,
        sharey="row",
    )
    panels = {(_line(case), case.shape): case for case in cases}
    families = dict.fromkeys(m.family for case in cases for m in marks(case) if not m.peer)
    colors = dict(zip(families, PALETTE * (1 + len(families) // len(PALETTE)), strict=False))
    drawn = []
    for row, line in enumerate(lines):
        for column, shape in enumerate(shapes):
            axes, case = grid[row][column], panels.get((line, shape))
            if case is None:
                axes.set_visible(False)
                continue
            drawn.append((axes, _panel(axes, case, colors)))
            if row == 0:
                axes.set_title(written(shape))
            if column == 0:
                axes.set_ylabel(f"{line}\nδ")
            if row == len(lines) - 1:
                axes.set_xlabel("milliseconds")
    _legend(figure, grid[0][0], colors, drawn)
    figure.canvas.draw()  # the layout, on which the places of labels depend
    figure.set_layout_engine("none")
    for axes, points in drawn:
        _label(axes, points, colors)
    return save(figure, path)


def marks(case: Case) -> Iterator[Mark]:
    """The points of a table: everything that was timed and has a δ."""
    for row in case.rows:
        time, accuracy = row.seconds, row.accuracy
        if time is None or accuracy is None:
            continue
        family, label = (row.name, row.name) if row.kind == "peer" else _named(row.name)
        yield Mark(
            row, 1e3 * time.median, 1e3 * time.low, 1e3 * time.high, max(accuracy, FLOOR * case.floor), family, label
        )


def _named(name: str) -> tuple[str, str]:
    """A solver's class, and its arguments without their names.

    >>> _named("PolarExpress(steps=5, dtype='bfloat16')"), _named("full SVD")
    (('PolarExpress', '5'), ('full SVD', ''))
    """
    family, _, inner = name.partition("(")
    values = [part.partition("=")[2] or part for part in re.split(r", (?=\w+=)", inner.removesuffix(")"))]
    return family, ", ".join(value for value in values if value and "float16" not in value)


def _line(case: Case) -> str:
    """What a row of panels has in common."""
    special = [word for word in (case.spectrum, case.norm) if word not in ("gaussian", "spectral")]
    return ", ".join((case.place, case.dtype, *special))


def _panel(axes: Any, case: Case, colors: Mapping[str, str]) -> list[Mark]:
    axes.set(xscale="log", yscale="log")
    axes.grid(True)
    axes.set_axisbelow(True)
    points = list(marks(case))
    ours = [point for point in points if not point.peer]
    best = math.inf
    front = []
    for point in sorted(ours, key=lambda point: (point.x, point.y)):
        if point.y < best:
            best = point.y
            front.append(point)
    if front:
        reach = max(point.x for point in points)
        x, y = [point.x for point in front], [point.y for point in front]
        axes.plot([*x, max(1.02 * x[-1], reach)], [*y, y[-1]], color=SKY, alpha=0.6, drawstyle="steps-post", zorder=2)
    for point in points:
        color = INK if point.peer else colors[point.family]
        ring = point.family == "Auto"  # around the solver that it picked
        axes.plot([point.low, point.high], [point.y] * 2, color=color, linewidth=1.0, alpha=0.5, zorder=3)
        axes.plot(
            point.x,
            point.y,
            marker="D" if point.peer else "s" if _half(point.row) else "o",
            markersize=9 if ring else 5 if point.peer else 5.5,
            markerfacecolor="none" if ring else "white" if point.peer else color,
            markeredgecolor=color,
            linestyle="none",
            zorder=4,
        )
    product = case.product
    if product is not None and product.seconds is not None:
        at = 1e3 * product.seconds.median
        axes.axvline(at, color=GREY, linewidth=0.9, linestyle=(0, (1, 2)), zorder=1)
        where = ("data", "axes fraction")
        axes.annotate("one GEMM", (at, 0), (3, 3), where, "offset points", color=GREY, fontsize=_LABEL, rotation=90)
    axes.margins(x=0.12, y=0.1)
    _ticks(axes)
    return points


def _ticks(axes: Any) -> None:
    """Milliseconds as plain numbers, close enough together to have at least two."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    low, high = axes.get_xlim()
    decades = math.log10(high / low)
    steps = (1.0,) if decades > 1.8 else (1.0, 3.0) if decades > 0.9 else (1.0, 2.0, 5.0)
    axes.xaxis.set_major_locator(LogLocator(subs=steps))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())


def _half(row: Row) -> bool:
    """Whether a solver iterates in half precision."""
    return "float16" in row.name


def _legend(figure: Any, axes: Any, colors: Mapping[str, str], drawn: Sequence[tuple[Any, Sequence[Mark]]]) -> None:
    points = [point for _, several in drawn for point in several]
    handles = [
        axes.plot([], [], "o", color=color, label=family, mfc="none" if family == "Auto" else color)[0]
        for family, color in colors.items()
    ]
    if any(_half(point.row) for point in points):
        handles.append(axes.plot([], [], "s", color=GREY, label="iterates in bfloat16")[0])
    if any(point.peer for point in points):
        label = "peers: true δ, after a rescaling that they do not do"
        handles.append(axes.plot([], [], "D", mfc="white", mec=INK, label=label)[0])
    if colors:
        handles.append(axes.plot([], [], color=SKY, alpha=0.6, label="least certified δ in that time")[0])
    if handles:
        columns = max(2, round(figure.get_size_inches()[0] / 2.4))
        figure.legend(handles=handles, loc="outside lower center", ncols=columns, frameon=False, fontsize=8.5)


def _label(axes: Any, points: Sequence[Mark], colors: Mapping[str, str]) -> None:
    """Labels beside their points, where they hide neither a point nor another label; left out where there is no place.

    Peers come first: nothing else tells them apart.
    """
    figure = axes.figure
    renderer = figure.canvas.get_renderer()
    scale = figure.dpi / 72
    at = {id(point): axes.transData.transform((point.x, point.y)) for point in points}
    taken = [_box(x, y, 4 * scale, 4 * scale) for x, y in at.values()]
    frame = axes.get_window_extent(renderer)
    for point in sorted(points, key=lambda point: (not point.peer, point.x)):
        if not point.label:
            continue
        color = INK if point.peer else colors[point.family]
        text = axes.annotate(
            point.label, (point.x, point.y), (0, 0), "data", "offset points", color=color, fontsize=_LABEL
        )
        size = text.get_window_extent(renderer)
        x, y = at[id(point)]
        wider = 1.4 if point.family == "Auto" else 1.0
        for dx, dy, ha, va in ((wider * dx, wider * dy, ha, va) for dx, dy, ha, va in _PLACES):
            left = x + dx * scale - {"left": 0.0, "center": 0.5, "right": 1.0}[ha] * size.width
            bottom = y + dy * scale - {"bottom": 0.0, "center": 0.5, "top": 1.0}[va] * size.height
            box = (left, bottom, left + size.width, bottom + size.height)
            inside = frame.x0 <= box[0] and box[2] <= frame.x1 and frame.y0 <= box[1] and box[3] <= frame.y1
            if inside and not any(_overlap(box, other) for other in taken):
                text.set(position=(dx, dy), ha=ha, va=va)
                taken.append(box)
                break
        else:
            text.remove()


_PLACES = (
    (-6, 0, "right", "center"),  # left of the front's line
    (6, 0, "left", "center"),
    (0, 6, "center", "bottom"),
    (0, -6, "center", "top"),
    (-5, -5, "right", "top"),
    (5, 5, "left", "bottom"),
    (-5, 5, "right", "bottom"),
    (5, -5, "left", "top"),
    (0, 14, "center", "bottom"),
    (0, -14, "center", "top"),
    (-14, 0, "right", "center"),
    (14, 0, "left", "center"),
)

_Box = tuple[float, float, float, float]


def _box(x: float, y: float, dx: float, dy: float) -> _Box:
    return (x - dx, y - dy, x + dx, y + dy)


def _overlap(a: _Box, b: _Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
