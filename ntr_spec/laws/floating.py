"""Laws about floating-point runs: what no theorem over the reals can see.

Each is a check on one point, run on every backend and dtype. What a check needs beyond the norm (limits of the dtype,
another device, a tracer) comes from a :class:`Bench`, so that laws stay free of testing libraries. Reference: Higham,
*Accuracy and Stability of Numerical Algorithms*, chapter 27, for scaling, overflow and exceptional values.
"""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import io
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from ntr_spec.arrays import dot, namespace_of, tolerance
from ntr_spec.laws.law import Kind
from ntr_spec.norms.apply import apply_lmo, apply_project, apply_value
from ntr_spec.trees import Tree, is_container, leaves, tree_map

if TYPE_CHECKING:
    from ntr_spec.norms.base import Norm

Array = Any


class Bench(Protocol):
    """What a float law may ask of the backend on which it runs."""

    eps: float
    max: float
    smallest: float
    """The smallest positive number that arithmetic keeps: subnormal, or normal where subnormals are flushed."""

    def asarray(self, host: Tree) -> Tree:
        """A point of this backend and dtype from NumPy arrays."""

    def to_numpy(self, x: Tree) -> Tree:
        """NumPy copies of the leaves."""

    def elsewhere(self, x: Tree) -> Tree:
        """The point on a second device where there is one, else itself."""

    def watch_host(self, function: Callable[[Tree], Any], x: Tree) -> str | None:
        """Run ``function`` where reading a value on the host is an error; what it read, or None."""

    def face_gap(self, norm: Norm, x: Tree) -> tuple[str, str] | None:
        """What the symbolic face of a norm and its numeric one disagree on (both sides), or None."""


@dataclasses.dataclass(frozen=True)
class Defect:
    """How a float law failed: both sides evaluated, and what went wrong in words."""

    relation: str
    note: str


@dataclasses.dataclass(frozen=True)
class FloatLaw:
    """One law about floating-point runs.

    Attributes:
        name, statement, source: as for :class:`~ntr_spec.laws.Law`.
        check: ``check(norm, bench, x)`` gives a defect, or None where the law holds at the point x.
        missing: why the law does not apply to a norm, or None where it does.
        backends: the only backends that can tell; None: all.
        share: what part of the examples of an exact law this one needs.
        largest: the size of the largest point worth trying; None: no limit.
    """

    name: str
    statement: str
    check: Callable[[Norm, Bench, Tree], Defect | None]
    missing: Callable[[Norm], str | None] = lambda norm: None
    backends: frozenset[str] | None = None
    share: float = 0.25
    largest: int | None = None
    source: str = "Higham, Accuracy and Stability of Numerical Algorithms, chapter 27"

    @property
    def variables(self) -> tuple[tuple[str, Kind], ...]:
        """Every float law is about one point."""
        return (("x", Kind.POINT),)


# ---- pieces ---------------------------------------------------------------------------------------------


def _verbs(norm: Norm, radius: float = 0.5) -> list[tuple[str, Callable[[Tree], Tree]]]:
    dual = norm.dual
    verbs: list[tuple[str, Callable[[Tree], Tree]]] = [
        ("norm(x)", norm),
        ("dual(x)", dual),
        ("lmo(x)", norm.lmo),
    ]
    if norm.has_projection:
        verbs.append((f"project(x, {radius})", lambda x: norm.project(x, radius)))
    return verbs


def _hooks(norm: Norm) -> list[tuple[str, Callable[[Tree], Tree]]]:
    """The hooks themselves, without the scale normalisation of the verbs, which hides a mutated input."""

    def event(x: Tree) -> Tree:
        return x if is_container(x) or norm.event_rank != 1 else namespace_of(x).reshape(x, (-1,))

    def project(x: Tree) -> Tree:
        leaf = leaves(x)[0]
        xp = namespace_of(leaf)
        return norm._project(event(x), xp.asarray(0.5, dtype=leaf.dtype, device=leaf.device), xp)

    hooks: list[tuple[str, Callable[[Tree], Tree]]] = [
        ("_value(x)", lambda x: norm._value(event(x), namespace_of(leaves(x)[0]))),
        ("_lmo(x)", lambda x: norm._lmo(event(x), namespace_of(leaves(x)[0]))),
    ]
    return [*hooks, ("_project(x, 0.5)", project)] if norm.has_projection else hooks


def _size(x: Tree) -> int:
    return sum(math.prod(leaf.shape) for leaf in leaves(x))


def _top(host: Tree) -> float:
    return max(float(abs(leaf).max()) for leaf in leaves(host))


def _patterns(host: Tree) -> tuple[Tree, Tree] | None:
    """The point in eighths of its largest entry, and with all else dropped: multiples of both can be exact."""
    top = _top(host)
    if top == 0:
        return None
    fine = tree_map(lambda leaf: (leaf / top * 8).round() / 8, host)
    return fine, tree_map(lambda leaf: leaf.round() * (abs(leaf) == 1), fine)


def _scaled(bench: Bench, host: Tree) -> list[tuple[float, Tree]]:
    """Pairs (c, s) such that c·s is exact (to one rounding at the very top), from end to end of the range."""
    patterns = _patterns(host)
    if patterns is None:
        return []
    fine, coarse = patterns
    powers = [2.0 ** (k * math.log2(bench.max) // 4) for k in (-3, -2, 2, 3)]
    ends = [(bench.smallest, coarse), (bench.max, coarse), (bench.max, fine)]
    return ends + [(c, fine) for c in (8 * bench.smallest, *powers)]


def _times(bench: Bench, c: float, s: Tree) -> Tree:
    return bench.asarray(tree_map(lambda leaf: leaf * c, s))


def _has_nan(bench: Bench, result: Tree) -> bool:
    return any(bool((leaf != leaf).any()) for leaf in leaves(bench.to_numpy(result)))


def _same(bench: Bench, a: Tree, b: Tree) -> bool:
    mine, other = leaves(bench.to_numpy(a)), leaves(bench.to_numpy(b))
    return len(mine) == len(other) and all(
        p.shape == q.shape and p.dtype == q.dtype and p.tobytes() == q.tobytes()
        for p, q in zip(mine, other, strict=True)
    )


def _text(bench: Bench, result: Tree) -> str:
    host = bench.to_numpy(result)
    return str(tree_map(lambda leaf: leaf.tolist(), host))[:200]


# ---- scale ------------------------------------------------------------------------------------------------


def _lmo_scale_invariant(norm: Norm, bench: Bench, x: Tree) -> Defect | None:
    # Objectives are compared, not points: among ties another vertex is as good.
    for c, s in _scaled(bench, bench.to_numpy(x)):
        unit = bench.asarray(s)
        plain, v = norm.lmo(unit), norm.lmo(_times(bench, c, s))
        best, found = float(dot(unit, plain)), float(dot(unit, v))
        size, allowed = float(norm(v)), max(1.0, float(norm(plain)))
        slack = tolerance(bench.eps, _size(x))
        if not size <= allowed * (1 + slack):
            return Defect(f"‖lmo(c·s)‖ = {size:.9g} <= {allowed:.9g}", f"c = {c!r}, s = {_text(bench, unit)}")
        if not abs(found - best) <= slack * abs(best):
            return Defect(
                f"⟨s, lmo(c·s)⟩ = {found:.9g} == ⟨s, lmo(s)⟩ = {best:.9g}",
                f"c = {c!r}, s = {_text(bench, unit)}",
            )
    return None


def _value_no_overflow(norm: Norm, bench: Bench, x: Tree) -> Defect | None:
    slack = tolerance(bench.eps, _size(x))
    for name, value in (("‖{}‖", norm), ("‖{}‖_*", norm.dual)):
        for c, s in _scaled(bench, bench.to_numpy(x)):
            plain = float(value(bench.asarray(s)))
            top = bench.max * (1 - 2.0**-10)
            if not 0 < plain < math.inf:
                continue  # the axioms speak of that
            c = min(c, top / plain)  # the largest multiple whose value is finite
            if c < 8 * bench.smallest and c != bench.smallest:
                continue
            found = float(value(_times(bench, c, s)))
            # Near zero every rounding is as large as the smallest number itself.
            if not abs(found - c * plain) <= slack * c * plain + _size(x) * bench.smallest:
                sides = f"{name.format('c·s')} = {found:.9g} == c·{name.format('s')} = {c * plain:.9g}"
                return Defect(sides, f"c = {c!r}, s = {_text(bench, bench.asarray(s))}")
    return None


# ---- special values ---------------------------------------------------------------------------------------


def _nan_propagates(norm: Norm, bench: Bench, x: Tree) -> Defect | None:
    host = bench.to_numpy(x)
    for k, leaf in enumerate(leaves(host)):
        for index in dict.fromkeys((0, leaf.size - 1, int(abs(leaf).argmax()))):
            for bad in (math.nan, math.inf):
                point = _replaced(bench, host, k, index, bad)
                for name, verb in _verbs(norm):
                    result = verb(point)
                    if math.isnan(bad) and not _has_nan(bench, result):
                        return Defect(
                            f"{name} = {_text(bench, result)} is NaN", f"at x = {_text(bench, point)}"
                        )
                    if math.isinf(bad) and name[0] in "nd" and math.isfinite(float(result)):
                        return Defect(
                            f"{name} = {_text(bench, result)} is not finite", f"at x = {_text(bench, point)}"
                        )
    return None


def _replaced(bench: Bench, host: Tree, k: int, index: int, value: float) -> Tree:
    changed = tree_map(lambda leaf: leaf.copy(), host)
    leaves(changed)[k].flat[index] = value
    return bench.asarray(changed)


def _zero_to_zero(norm: Norm, bench: Bench, x: Tree) -> Defect | None:
    zero = bench.asarray(tree_map(lambda leaf: leaf * 0, bench.to_numpy(x)))
    for name, verb in _verbs(norm):
        result = verb(zero)
        if not all(bool((leaf == 0).all()) for leaf in leaves(bench.to_numpy(result))):
            return Defect(f"{name} = {_text(bench, result)} == 0", f"at x = {_text(bench, zero)}")
    return None


# ---- good manners of hooks ----------------------------------------------------------------------------


def _input_unchanged(norm: Norm, bench: Bench, x: Tree) -> Defect | None:
    for name, call in _verbs(norm) + _hooks(norm):
        point = bench.asarray(bench.to_numpy(x))
        before = bench.to_numpy(point)
        call(point)
        if not _same(bench, before, point):
            return Defect(
                f"x = {_text(bench, point)} is what it was: {_text(bench, before)}", f"{name} changed x"
            )
    return None


def _deterministic(norm: Norm, bench: Bench, x: Tree) -> Defect | None:
    other = bench.asarray(tree_map(lambda leaf: 1 - leaf, bench.to_numpy(x)))
    for k, (name, verb) in enumerate(_verbs(norm)):
        first = verb(x)
        verb(other)  # a hidden state would remember it
        fresh = _verbs(copy.deepcopy(norm))[k][1]
        for again in (verb(x), fresh(x)):
            if not _same(bench, first, again):
                return Defect(f"{name} = {_text(bench, first)} == {_text(bench, again)}", "two calls differ")
    return None


def _dtype_and_device_kept(norm: Norm, bench: Bench, x: Tree) -> Defect | None:
    x = bench.elsewhere(x)
    like = leaves(x)
    xp = namespace_of(like[0])
    for name, call in _verbs(norm) + _hooks(norm):
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


def _no_host_sync(norm: Norm, bench: Bench, x: Tree) -> Defect | None:
    for name, verb in _verbs(norm):
        read = bench.watch_host(verb, x)
        if read is not None:
            return Defect(f"{name} stays on its device", f"{name} reads values on the host: {read}")
    return None


def _silent(norm: Norm, bench: Bench, x: Tree) -> Defect | None:
    for name, verb in _verbs(norm):
        heard = io.StringIO()
        with contextlib.redirect_stdout(heard), contextlib.redirect_stderr(heard):
            verb(x)
        if heard.getvalue():
            return Defect(f"{name} prints nothing", f"{name} printed {heard.getvalue().strip()[:100]!r}")
    return None


# ---- faces ------------------------------------------------------------------------------------------------


def _batch_consistent(norm: Norm, bench: Bench, x: Tree) -> Defect | None:
    host = bench.to_numpy(x)
    points = [tree_map(lambda leaf, c=c: c * leaf, host) for c in (1.0, -3.0, 0.0)]
    points.append(tree_map(lambda leaf: leaf[::-1] * 1e3 + 1, host))
    singles = [bench.asarray(p) for p in points]
    stack = bench.asarray(tree_map(lambda *parts: _stacked(parts), *points))
    xp = namespace_of(leaves(stack)[0])
    slack = tolerance(bench.eps, _size(x))

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
    for k, point in enumerate(singles):
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
                return Defect(
                    f"{apart:.9g} == 0", f"_project of a stack, point {k}, differs from the point alone"
                )
    return None


def _stacked(parts: tuple[Array, ...]) -> Array:
    import numpy as np

    return np.stack(parts).reshape(2, 2, *parts[0].shape)


def _unstacked(bench: Bench, stack: Tree, like: list[Tree]) -> list[Tree]:
    host = bench.to_numpy(stack)
    return [
        bench.asarray(tree_map(lambda leaf, one, k=k: leaf.reshape(4, *one.shape)[k], host, like[0]))
        for k in range(4)
    ]


def _faces_agree(norm: Norm, bench: Bench, x: Tree) -> Defect | None:
    gap = bench.face_gap(norm, x)
    return None if gap is None else Defect(*gap)


def _not_batched(norm: Norm) -> str | None:
    return None if norm.batched else "the norm does not say that its hooks take stacks; they are looped over"


_ARRAY_API = "Python array API standard, 2024.12"
FLOAT_LAWS: tuple[FloatLaw, ...] = (
    FloatLaw(
        "lmo_scale_invariant",
        "lmo(c·g) is as good as lmo(g) from the smallest subnormal c to the largest finite",
        _lmo_scale_invariant,
        share=0.2,
    ),
    FloatLaw(
        "value_no_overflow",
        "‖c·x‖ = c·‖x‖ wherever the result is finite, and down to the smallest subnormal",
        _value_no_overflow,
        share=0.2,
    ),
    FloatLaw(
        "nan_propagates", "NaN in, NaN out; infinity in, no finite value out", _nan_propagates, share=0.2
    ),
    FloatLaw("zero_to_zero", "‖0‖ = 0, lmo(0) = 0 and project(0) = 0, exactly", _zero_to_zero, share=0.2),
    FloatLaw("input_unchanged", "no verb or hook changes its input", _input_unchanged, share=0.1),
    FloatLaw("deterministic", "equal calls give equal bits", _deterministic, share=0.1),
    FloatLaw(
        "dtype_and_device_kept",
        "results have the input's dtype and device",
        _dtype_and_device_kept,
        share=0.1,
        source=_ARRAY_API,
    ),
    FloatLaw(
        "no_host_sync",
        "no hook reads a value on the host",
        _no_host_sync,
        backends=frozenset({"strict", "torch", "jax"}),
        share=0.1,
        source=_ARRAY_API,
    ),
    FloatLaw("silent", "no hook prints", _silent, share=0.1, source="ntr_spec"),
    FloatLaw(
        "batch_consistent", "a stack gives what its points give", _batch_consistent, _not_batched, share=0.2
    ),
    FloatLaw(
        "faces_agree",
        "the symbolic face at rational points equals the numeric one",
        _faces_agree,
        backends=frozenset({"numpy"}),
        share=0.05,
        largest=4,
        source="ntr_spec",
    ),
)
