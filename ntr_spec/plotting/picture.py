"""What a picture of a norm shows, as numbers: a plane of its space, both balls in that plane, LMO arrows, witnesses.

Norms on R² are drawn whole. Norms on 2×2 matrices are drawn on two slices, [[a, b], [b, a]] and [[a, 0], [0, b]]. Each
is fixed by a group of isometries of every unitarily invariant norm, so the dual ball's slice is the dual of the ball's,
and the LMO of a point of the slice can be taken inside it. Everything is computed with the norm's public verbs; a
point where a verb fails or is not finite is left out.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ntr_spec.norms.base import Norm
from ntr_spec.trees import Shape, Tree, leaves, tree_map

Point = tuple[float, float]

_DIRECTIONS = 360  # a multiple of 8, so that the corners of the usual polygons are hit exactly
_ARROWS = 24
_FAR = 1e3  # a "ball" reaching further than this is drawn open


@dataclasses.dataclass(frozen=True)
class Arrow:
    """One LMO query: ``g`` on the dual unit sphere and ``v = lmo(g)``; −g is normal to the unit ball at v."""

    g: Point
    v: Point


@dataclasses.dataclass(frozen=True)
class Mark:
    """One variable of a witness, as it is drawn.

    Attributes:
        name: the variable's name.
        at: where it is drawn, in the plane.
        shrunk: the factor by which the point was multiplied to fit; 1.0 where it is drawn as it is.
        dual: whether it belongs with the dual ball (gradients) rather than with the ball.
        answer: lmo of the point, for gradients.
    """

    name: str
    at: Point
    shrunk: float
    dual: bool
    answer: Point | None = None


@dataclasses.dataclass(frozen=True)
class Panel:
    """One plane. ``ball`` and ``dual_ball`` are closed polygons (empty where nothing could be computed)."""

    title: str
    ball: tuple[Point, ...]
    dual_ball: tuple[Point, ...]
    arrows: tuple[Arrow, ...]
    marks: tuple[Mark, ...] = ()
    note: str = ""


@dataclasses.dataclass(frozen=True)
class Picture:
    """The planes drawn for one norm."""

    panels: tuple[Panel, ...]


@dataclasses.dataclass(frozen=True)
class Plane:
    """A two-dimensional slice of a norm's space: an orthogonal basis of it, flattened over all leaves."""

    title: str
    like: Tree
    basis: tuple[tuple[float, ...], tuple[float, ...]]

    def lift(self, a: float, b: float) -> Tree:
        """The point of the space with these coordinates."""
        return _unflatten(a * np.asarray(self.basis[0]) + b * np.asarray(self.basis[1]), self.like)

    def coordinates(self, point: Tree) -> Point | None:
        """The coordinates of a point of the space, or None where it lies outside the plane."""
        flat = np.concatenate([np.ravel(np.asarray(leaf, dtype=float)) for leaf in leaves(point)])
        first, second = (np.asarray(direction) for direction in self.basis)
        if flat.shape != first.shape or not np.all(np.isfinite(flat)):
            return None
        size = np.max(np.abs(flat)) or 1.0
        flat = flat / size
        a, b = float(flat @ first / (first @ first)), float(flat @ second / (second @ second))
        if np.max(np.abs(a * first + b * second - flat)) > 1e-6:
            return None
        return (a * float(size), b * float(size))


def picture_of(norm: Norm, witnesses: Sequence[Mapping[str, Any]] = ()) -> Picture | None:
    """The picture of a norm, or None where it has no plane to draw.

    Args:
        norm: any norm.
        witnesses: for each refuted law, the points of its witness as nested lists.

    >>> from ntr_spec import L1
    >>> panel, = picture_of(L1()).panels
    >>> panel.title, len(panel.arrows), max(x for x, y in panel.ball)
    ('R²', 24, 1.0)
    """
    panels = tuple(_panel(norm, plane, witnesses) for plane in planes_of(norm))
    return Picture(panels) if any(panel.ball for panel in panels) else None


def planes_of(norm: Norm) -> tuple[Plane, ...]:
    """R² where the norm accepts two entries, else the two slices of 2×2 matrices, else nothing."""
    candidates = (*norm._shapes((2,)), *norm._shapes((1,)))
    for shape in candidates:
        if sum(leaf.size for leaf in leaves(shape)) == 2:
            return (Plane("R²", _zeros(shape), ((1.0, 0.0), (0.0, 1.0))),)
    for shape in candidates:
        if isinstance(shape, Shape) and shape.dims == (2, 2):
            like = _zeros(shape)
            return (
                Plane("[[a, b], [b, a]]", like, ((1.0, 0.0, 0.0, 1.0), (0.0, 1.0, 1.0, 0.0))),
                Plane("[[a, 0], [0, b]]", like, ((1.0, 0.0, 0.0, 0.0), (0.0, 0.0, 0.0, 1.0))),
            )
    return ()


def _panel(norm: Norm, plane: Plane, witnesses: Sequence[Mapping[str, Any]]) -> Panel:
    ball, dual_ball = _sphere(norm, plane), _sphere(_dual(norm), plane)
    arrows, outside = [], 0
    for k in range(_ARROWS):
        # Half a step off the axes: on them the LMO of a polyhedral norm is a tie.
        angle = 2 * math.pi * (k + 0.5) / _ARROWS
        size = _value(_dual(norm), plane.lift(math.cos(angle), math.sin(angle)))
        if size is None or not 0 < abs(size) < math.inf:
            continue
        size = abs(size)  # negative where the LMO points uphill; its arrows then point into the ball
        g = (math.cos(angle) / size, math.sin(angle) / size)
        v = _lmo(norm, plane, g)
        if v is None or max(map(abs, v)) > _FAR:
            outside += 1
        else:
            arrows.append(Arrow(g, v))
    note = "the LMO leaves this slice in some directions" if outside and arrows else ""
    marks = tuple(mark for points in witnesses for mark in _marks(norm, plane, points, ball, dual_ball))
    return Panel(plane.title, ball, dual_ball, tuple(arrows), marks, note)


def _marks(
    norm: Norm, plane: Plane, points: Mapping[str, Any], ball: tuple[Point, ...], dual_ball: tuple[Point, ...]
) -> list[Mark]:
    """The variables of a witness that lie in the plane, shrunk or enlarged to be visible beside the ball."""
    marks = []
    for name, value in points.items():
        at = _in_plane(plane, value)
        if at is None or not any(at):
            continue
        dual = name == "g"
        reach = max((math.hypot(*p) for p in (dual_ball if dual else ball)), default=1.0)
        size = math.hypot(*at)
        shrunk = 1.0 if 0.2 * reach <= size <= 1.6 * reach else 1.3 * reach / size
        answer = _lmo(norm, plane, at) if dual else None
        marks.append(Mark(name, (at[0] * shrunk, at[1] * shrunk), shrunk, dual, answer))
    return marks


def _in_plane(plane: Plane, value: Any) -> Point | None:
    try:
        return plane.coordinates(value if isinstance(value, dict) else np.asarray(value, dtype=float))
    except (TypeError, ValueError):
        return None


def _sphere(norm: Norm | None, plane: Plane) -> tuple[Point, ...]:
    found = []
    for k in range(_DIRECTIONS):
        angle = 2 * math.pi * k / _DIRECTIONS
        # Exact zeros on the axes keep corners sharp.
        a, b = round(math.cos(angle), 15), round(math.sin(angle), 15)
        size = _value(norm, plane.lift(a, b))
        if size is not None and 1 / _FAR < size < math.inf:
            found.append((a / size, b / size))
    return tuple(found)


def _dual(norm: Norm) -> Norm | None:
    try:
        return norm.dual
    except Exception:
        return None


def _value(norm: Norm | None, x: Tree) -> float | None:
    # Hooks are the user's: any exception means that there is no point to draw.
    if norm is None:
        return None
    try:
        with np.errstate(all="ignore"):
            return float(norm(x))
    except Exception:
        return None


def _lmo(norm: Norm, plane: Plane, g: Point) -> Point | None:
    try:
        with np.errstate(all="ignore"):
            return plane.coordinates(norm.lmo(plane.lift(*g)))
    except Exception:
        return None


def _zeros(shape: Tree) -> Tree:
    return tree_map(lambda leaf: np.zeros(leaf.dims), shape)


def _unflatten(flat: Any, like: Tree) -> Tree:
    start = 0

    def cut(leaf: Any) -> Any:
        nonlocal start
        part = flat[start : start + leaf.size]
        start += leaf.size
        return np.reshape(part, leaf.shape)

    return tree_map(cut, like)
