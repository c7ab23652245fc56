"""The plot of ``ntr-spec run``: the objective against the step, and where another solver ends."""

from __future__ import annotations

import math
from pathlib import Path

from ntr_spec.algorithms.history import History
from ntr_spec.curves import BLUE, GREY, Curve, draw, pyplot, save
from ntr_spec.errors import InputError

ENDINGS = (".png", ".svg", ".pdf")


def check_picture(path: Path) -> None:
    """Raise InputError if plots cannot be drawn here, or not under this name."""
    pyplot()
    if path.suffix.lower() not in ENDINGS:
        raise InputError(f"--plot {path}: not a picture's name; let it end in {', '.join(ENDINGS)}")


def plot(path: Path, title: str, history: History, least: tuple[str, float] | None) -> None:
    """Draw the history; logarithmic where everything is positive.

    Args:
        path: where to.
        title: what was run.
        history: its records.
        least: a name and a level to compare with, dashed.
    """
    records = [record for record in history if math.isfinite(record.value)]
    if not records:
        raise InputError(f"--plot {path}: the objective was nowhere finite, so there is nothing to draw")
    steps, values = [record.step for record in records], [record.value for record in records]
    curves = [Curve("this run", steps, values, BLUE)]
    log = min(values) > 0
    if least is not None and (least[1] > 0 or not log):
        curves.append(Curve(least[0], [steps[0], steps[-1]], [least[1]] * 2, GREY, dashed=True))
    figure, axes = pyplot().subplots(figsize=(6.4, 3.8))
    draw(axes, curves, xlabel="step", ylabel="objective", title=title, log=log)
    if log and max(values) < 100 * min(values):  # few powers of ten: numbers as they are read
        axes.yaxis.set_major_formatter("{x:g}")
        axes.yaxis.set_minor_formatter("{x:g}")
    save(figure, path)
