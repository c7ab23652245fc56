"""Checks of how hooks behave as programs: side effects, repeatability, dtypes, devices, stacks, prints."""

from __future__ import annotations

import contextlib
import copy
import io
from typing import TYPE_CHECKING, Any

from ntr_spec.arrays import dot, namespace_of, tolerance
from ntr_spec.laws.certified import has_certificate
from ntr_spec.laws.floatlaw import Bench, Defect
from ntr_spec.laws.pieces import entries, hooks, same, text, verbs
from ntr_spec.norms.apply import apply_lmo, apply_project, apply_value
from ntr_spec.trees import Tree, leaves, tree_map

if TYPE_CHECKING:
    from ntr_spec.norms.base import Norm

Array = Any


def input_unchanged(norm: Norm, bench: Bench, x: Tree) -> Defect | None:
    """No verb or hook changes its input."""
    for name, call in verbs(norm) + hooks(norm):
        point = bench.asarray(bench.to_numpy(x))
        before = bench.to_numpy(point)
        call(point)
        if not same(bench, before, point):
            return Defect(f"x = {text(bench, point)} is what it was: {text(bench, before)}", f"{name} changed x")
    return None


def deterministic(norm: Norm, bench: Bench, x: Tree) -> Defect | None:
    """Equal calls give equal bits, also on a copy of the norm and after other calls."""
    other = bench.asarray(tree_map(lambda leaf: 1 - leaf, bench.to_numpy(x)))
    for k, (name, verb) in enumerate(verbs(norm)):
        first = verb(x)
        verb(other)  # a hidden state would remember it
        fresh = verbs(copy.deepcopy(norm))[k][1]
        for again in (verb(x), fresh(x)):
            if not same(bench, first, again):
                return Defect(f"{name} = {text(bench, first)} == {text(bench, again)}", "two calls differ")
    return None


def dtype_and_device_kept(norm: Norm, bench: Bench, x: Tree) -> Defect | None:
    """Results have the dtype, device and library of the input."""
    x = bench.elsewhere(x)
    like = leaves(x)
    xp = namespace_of(like[0])
    for name, call in verbs(norm) + hooks(norm):
        for leaf, wanted in zip(leaves(call(x)), like, strict=False):
            try:
                library = namespace_of(leaf)
            except TypeError:
                return Defect(f"{name} is an array", f"{name} is a {type(leaf).__name__}")
            if library is not xp:
                return Defect(f"{name} is an array of {xp.name}", f"{name} is an array of {library.name}")
            if leaf.dtype != wanted.dtype:
                return Defect(f"{leaf.dtype} == {wanted.dtype}", f"{name} is {leaf.dtype} for {wanted.dtype}")
            if str(leaf.device) != str(wanted.device):
                return Defect(f"{leaf.device} == {wanted.device}", f"{name} moved to another device")
    return None


def no_host_sync(norm: Norm, bench: Bench, x: Tree) -> Defect | None:
    """No verb reads a value on the host."""
    for name, verb in verbs(norm):
        read = bench.watch_host(verb, x)
        if read is not None:
            return Defect(f"{name} stays on its device", f"{name} reads values on the host: {read}")
    return None


def silent(norm: Norm, bench: Bench, x: Tree) -> Defect | None:
    """No verb prints."""
    for name, verb in verbs(norm):
        heard = io.StringIO()
        with contextlib.redirect_stdout(heard), contextlib.redirect_stderr(heard):
            verb(x)
        if heard.getvalue():
            return Defect(f"{name} prints nothing", f"{name} printed {heard.getvalue().strip()[:100]!r}")
    return None


def batch_consistent(norm: Norm, bench: Bench, x: Tree) -> Defect | None:
    """A 2×2 stack of points, one of them zero, gives what its points give."""
    host = bench.to_numpy(x)
    points = [tree_map(lambda leaf, c=c: c * leaf, host) for c in (1.0, -3.0, 0.0)]
    points.append(tree_map(lambda leaf: leaf[::-1] * 1e3 + 1, host))
    singles = [bench.asarray(p) for p in points]
    stack = bench.asarray(tree_map(lambda *parts: _stacked(parts), *points))
    xp = namespace_of(leaves(stack)[0])
    slack = tolerance(bench.eps, entries(x))

    def differ(a: float, b: float, scale: float) -> bool:
        return not abs(a - b) <= slack * max(abs(a), abs(b), scale)

    values = bench.to_numpy(apply_value(norm, stack, xp, batch=2))
    if values.shape != (2, 2):
        return Defect(f"{values.shape} == (2, 2)", "_value of a 2×2 stack has the wrong shape")
    alone = [float(norm(p)) for p in singles]
    for k in range(4):
        if differ(float(values.flat[k]), alone[k], 0.0):
            return Defect(f"{float(values.flat[k]):.9g} == {alone[k]:.9g}", f"_value of a stack, point {k}")
    moved = _unstacked(bench, apply_lmo(norm, stack, 1.0, xp, batch=2), singles)
    # A solver may go on for the sake of one point; delta_of_stacks holds every point to its own certificate.
    for k, point in enumerate([] if has_certificate(norm, singles[0]) else singles):
        a, b = float(dot(point, moved[k])), float(dot(point, norm.lmo(point)))
        if differ(a, b, 0.0):
            return Defect(f"⟨g, lmo⟩ = {a:.9g} == {b:.9g}", f"_lmo of a stack, point {k}")
    if norm.has_projection:
        radius = xp.asarray([[0.5, 0.25], [2.0, 0.75]], dtype=leaves(stack)[0].dtype)
        near = _unstacked(bench, apply_project(norm, stack, radius, xp, batch=2), singles)
        for k, point in enumerate(singles):
            other = norm.project(point, (0.5, 0.25, 2.0, 0.75)[k])
            apart = float(norm(tree_map(lambda a, b: a - b, near[k], other)))
            if not apart <= slack * max(alone[k], 1.0):
                return Defect(f"{apart:.9g} == 0", f"_project of a stack, point {k}, differs from the point alone")
    return None


def _stacked(parts: tuple[Array, ...]) -> Array:
    import numpy as np

    return np.stack(parts).reshape(2, 2, *parts[0].shape)


def _unstacked(bench: Bench, stack: Tree, like: list[Tree]) -> list[Tree]:
    host = bench.to_numpy(stack)
    return [
        bench.asarray(tree_map(lambda leaf, one, k=k: leaf.reshape(4, *one.shape)[k], host, like[0])) for k in range(4)
    ]


def faces_agree(norm: Norm, bench: Bench, x: Tree) -> Defect | None:
    """The symbolic face agrees with the numeric one."""
    gap = bench.face_gap(norm, x)
    return None if gap is None else Defect(*gap)
