"""A panel as SVG text: the unit ball with its LMO arrows on the left, the dual ball with the gradients on the right.

Classes are styled by the page, for light and dark; hue (the CSS variable ``--hue``) says which gradient on the right
belongs to which answer on the left.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape

from ntr_spec.plotting.picture import Mark, Panel, Point

_SIDE = 260.0
_MARGIN = 34.0


def panel_svg(panel: Panel) -> str:
    """One ``<svg>`` element, to be embedded in an HTML page."""
    width = 2 * _SIDE + 20
    left = _Frame(0.0, _reach(panel.ball, (a.v for a in panel.arrows), panel.marks, dual=False))
    right = _Frame(_SIDE + 20, _reach(panel.dual_ball, (), panel.marks, dual=True))
    parts = [
        f'<svg class="panel" viewBox="0 0 {width:g} {_SIDE:g}" role="img" aria-label="Unit ball and dual ball, '
        f'{escape(panel.title, quote=True)}">',
        *_ball(left, panel.ball, "ball", "‖x‖ ≤ 1"),
        *_ball(right, panel.dual_ball, "dual", "‖g‖_* ≤ 1"),
    ]
    for k, arrow in enumerate(panel.arrows):
        hue = f'style="--hue:{360 * k / max(1, len(panel.arrows)):.0f}"'
        if right.shows(arrow.g):
            x, y = right.at(arrow.g)
            parts.append(f'<circle class="query" {hue} cx="{x:.1f}" cy="{y:.1f}" r="3.2"/>')
        if not left.shows(arrow.v):
            continue
        size = math.hypot(*arrow.g)
        start = left.at(arrow.v)
        # The arrow points along −g, the outward normal of the ball at lmo(g).
        stop = (start[0] - 20 * arrow.g[0] / size, start[1] + 20 * arrow.g[1] / size)
        parts += _arrow(start, stop, f'class="lmo" {hue}')
        parts.append(f'<circle class="query" {hue} cx="{start[0]:.1f}" cy="{start[1]:.1f}" r="2.4"/>')
    for mark in panel.marks:
        parts += _mark(mark, left, right)
    parts.append("</svg>")
    return "".join(parts)


class _Frame:
    """Maps the plane to one half of the drawing."""

    def __init__(self, offset: float, reach: float) -> None:
        self.offset = offset
        self.unit = (_SIDE / 2 - _MARGIN) / reach
        self.reach = reach

    def shows(self, point: Point) -> bool:
        return max(abs(point[0]), abs(point[1])) <= 1.15 * self.reach

    def at(self, point: Point) -> Point:
        """Where a point is drawn; one too far away is drawn at the edge, in its direction."""
        size = max(abs(point[0]), abs(point[1]))
        if size > 1.15 * self.reach:
            point = (point[0] * (1.15 * self.reach / size), point[1] * (1.15 * self.reach / size))
        return (self.offset + _SIDE / 2 + self.unit * point[0], _SIDE / 2 - self.unit * point[1])


def _reach(ball: Sequence[Point], more: Iterable[Point], marks: Sequence[Mark], dual: bool) -> float:
    """How far from the origin anything is drawn; a few far points do not shrink the rest to a dot."""
    sizes = sorted(max(abs(x), abs(y)) for x, y in ball)
    reach = sizes[-1] if sizes else 1.0
    if sizes and reach > 6 * sizes[len(sizes) // 2]:
        reach = 3 * sizes[len(sizes) // 2]
    extra = [max(abs(x), abs(y)) for x, y in more]
    extra += [max(map(abs, mark.at)) for mark in marks if mark.dual is dual]
    if not dual:
        extra += [max(map(abs, mark.answer)) for mark in marks if mark.answer is not None]
    return max([reach, *(min(size, 3 * reach) for size in extra)])


def _ball(frame: _Frame, ball: Sequence[Point], kind: str, label: str) -> list[str]:
    near, far = frame.offset + 6, frame.offset + _SIDE - 6
    middle = frame.at((0.0, 0.0))
    parts = [
        f'<line class="axis" x1="{near:.1f}" y1="{middle[1]:.1f}" x2="{far:.1f}" y2="{middle[1]:.1f}"/>',
        f'<line class="axis" x1="{middle[0]:.1f}" y1="6" x2="{middle[0]:.1f}" y2="{_SIDE - 6:.1f}"/>',
    ]
    step = _tick(frame.reach)
    for value in (-step, step):
        x, y = frame.at((value, value))
        parts.append(
            f'<line class="axis" x1="{x:.1f}" y1="{middle[1] - 3:.1f}" x2="{x:.1f}" y2="{middle[1] + 3:.1f}"/>'
        )
        parts.append(
            f'<line class="axis" x1="{middle[0] - 3:.1f}" y1="{y:.1f}" x2="{middle[0] + 3:.1f}" y2="{y:.1f}"/>'
        )
    parts.append(f'<text class="tick" x="{frame.at((step, 0))[0]:.1f}" y="{middle[1] + 14:.1f}">{step:g}</text>')
    if ball:
        corners = " ".join(f"{x:.1f},{y:.1f}" for x, y in map(frame.at, ball))
        parts.append(f'<polygon class="{kind}" points="{corners}"/>')
    parts.append(f'<text class="label" x="{near:.1f}" y="18">{label}</text>')
    return parts


def _mark(mark: Mark, left: _Frame, right: _Frame) -> list[str]:
    frame = right if mark.dual else left
    parts = _arrow(frame.at((0.0, 0.0)), frame.at(mark.at), 'class="witness"')
    x, y = frame.at(mark.at)
    label = mark.name if mark.shrunk == 1.0 else f"{mark.name} × {mark.shrunk:.2g}"
    parts.append(f'<text class="bad" {_beside(frame, x, y)}>{escape(label)}</text>')
    if mark.answer is not None:
        parts += _arrow(left.at((0.0, 0.0)), left.at(mark.answer), 'class="witness"')
        x, y = left.at(mark.answer)
        # Below the point: a variable of the witness may end at the same place and is labelled above.
        parts.append(f'<text class="bad" {_beside(left, x, min(y + 24, _SIDE))}>lmo({escape(mark.name)})</text>')
    return parts


def _beside(frame: _Frame, x: float, y: float) -> str:
    """Attributes that put a label next to a point, on the side away from the frame's edge."""
    rightward = x < frame.offset + 0.6 * _SIDE
    return f'x="{x + (7 if rightward else -7):.1f}" y="{max(14.0, y - 6):.1f}"' + (
        "" if rightward else ' text-anchor="end"'
    )


def _arrow(start: Point, stop: Point, attributes: str) -> list[str]:
    dx, dy = stop[0] - start[0], stop[1] - start[1]
    size = math.hypot(dx, dy)
    if size < 1e-9:
        return []
    ux, uy = dx / size, dy / size
    head = [
        (stop[0] - 6 * ux - 3 * uy, stop[1] - 6 * uy + 3 * ux),
        stop,
        (stop[0] - 6 * ux + 3 * uy, stop[1] - 6 * uy - 3 * ux),
    ]
    path = f"M{start[0]:.1f} {start[1]:.1f}L{stop[0]:.1f} {stop[1]:.1f}M" + "L".join(
        f"{x:.1f} {y:.1f}" for x, y in head
    )
    return [f'<path {attributes} d="{path}"/>']


def _tick(reach: float) -> float:
    """The largest of 1, 2, 5 times a power of ten that is at most ``reach``."""
    power = 10.0 ** math.floor(math.log10(reach))
    return max(power * digit for digit in (1, 2, 5) if power * digit <= reach * (1 + 1e-12))
