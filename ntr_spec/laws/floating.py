"""Laws about floating-point runs: what no theorem over the reals can see.

Each is a check on one point, run on every backend and dtype. What a check needs beyond the norm (limits of the dtype,
another device, a tracer) comes from a :class:`Bench`, so that laws stay free of testing libraries. Reference: Higham,
*Accuracy and Stability of Numerical Algorithms*, chapter 27, for scaling, overflow and exceptional values.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ntr_spec.arrays import dot, tolerance
from ntr_spec.laws import manners
from ntr_spec.laws.floatlaw import Bench, Defect, FloatLaw
from ntr_spec.laws.pieces import entries, has_nan, scaled, text, times, verbs
from ntr_spec.trees import Tree, leaves, tree_map

if TYPE_CHECKING:
    from ntr_spec.norms.base import Norm

__all__ = ["FLOAT_LAWS", "Bench", "Defect", "FloatLaw"]


def _lmo_scale_invariant(norm: Norm, bench: Bench, x: Tree) -> Defect | None:
    # Objectives are compared, not points: among ties another vertex is as good.
    for c, s in scaled(bench, bench.to_numpy(x)):
        unit = bench.asarray(s)
        plain, v = norm.lmo(unit), norm.lmo(times(bench, c, s))
        best, found = float(dot(unit, plain)), float(dot(unit, v))
        size, allowed = float(norm(v)), max(1.0, float(norm(plain)))
        slack = tolerance(bench.eps, entries(x))
        if not size <= allowed * (1 + slack):
            return Defect(f"‖lmo(c·s)‖ = {size:.9g} <= {allowed:.9g}", f"c = {c!r}, s = {text(bench, unit)}")
        if not abs(found - best) <= slack * abs(best):
            return Defect(
                f"⟨s, lmo(c·s)⟩ = {found:.9g} == ⟨s, lmo(s)⟩ = {best:.9g}",
                f"c = {c!r}, s = {text(bench, unit)}",
            )
    return None


def _value_no_overflow(norm: Norm, bench: Bench, x: Tree) -> Defect | None:
    slack = tolerance(bench.eps, entries(x))
    for name, value in (("‖{}‖", norm), ("‖{}‖_*", norm.dual)):
        for c, s in scaled(bench, bench.to_numpy(x)):
            unit = bench.asarray(s)
            plain = float(value(unit))
            top = bench.max * (1 - 2.0**-10)
            if not 0 < plain < math.inf:
                continue  # the axioms speak of that
            c = min(c, top / plain)  # the largest multiple whose value is finite
            if c < 8 * bench.smallest and c != bench.smallest:
                continue
            found = float(value(times(bench, c, s)))
            # Near zero every rounding is as large as the smallest number itself.
            if not abs(found - c * plain) <= slack * c * plain + entries(x) * bench.smallest:
                sides = f"{name.format('c·s')} = {found:.9g} == c·{name.format('s')} = {c * plain:.9g}"
                return Defect(sides, f"c = {c!r}, s = {text(bench, unit)}")
    return None


# ---- special values ---------------------------------------------------------------------------------------


def _nan_propagates(norm: Norm, bench: Bench, x: Tree) -> Defect | None:
    host = bench.to_numpy(x)
    for k, leaf in enumerate(leaves(host)):
        for index in dict.fromkeys((0, leaf.size - 1, int(abs(leaf).argmax()))):
            for bad in (math.nan, math.inf):
                point = _replaced(bench, host, k, index, bad)
                for name, verb in verbs(norm):
                    result = verb(point)
                    if math.isnan(bad) and not has_nan(bench, result):
                        return Defect(f"{name} = {text(bench, result)} is NaN", _LOST)
                    if math.isinf(bad) and name[0] in "nd" and math.isfinite(float(result)):
                        return Defect(f"{name} = {text(bench, result)} is not finite", f"at x = {text(bench, point)}")
    return None


_LOST = (
    "NaN is lost, usually in a comparison, which NaN always fails; "
    "write xp.where(size == 0, 0, …) rather than xp.where(size > 0, …, 0), so that NaN falls through"
)


def _replaced(bench: Bench, host: Tree, k: int, index: int, value: float) -> Tree:
    changed = tree_map(lambda leaf: leaf.copy(), host)
    leaves(changed)[k].flat[index] = value
    return bench.asarray(changed)


def _zero_to_zero(norm: Norm, bench: Bench, x: Tree) -> Defect | None:
    zero = bench.asarray(tree_map(lambda leaf: leaf * 0, bench.to_numpy(x)))
    for name, verb in verbs(norm):
        result = verb(zero)
        if not all(bool((leaf == 0).all()) for leaf in leaves(bench.to_numpy(result))):
            return Defect(f"{name} = {text(bench, result)} == 0", f"at x = {text(bench, zero)}")
    return None


def _not_batched(norm: Norm) -> str | None:
    return None if norm.batched else "the norm does not say that its hooks take stacks; they are looped over"


_ARRAY_API = "Python array API standard, 2024.12"
FLOAT_LAWS: tuple[FloatLaw, ...] = (
    FloatLaw(
        "lmo_scale_invariant",
        "lmo(c·g) is as good as lmo(g) from the smallest subnormal c to the largest finite",
        _lmo_scale_invariant,
        share=0.2,
        elsewhere=True,
    ),
    FloatLaw(
        "value_no_overflow",
        "‖c·x‖ = c·‖x‖ wherever the result is finite, and down to the smallest subnormal",
        _value_no_overflow,
        share=0.2,
        elsewhere=True,
    ),
    FloatLaw(
        "nan_propagates",
        "NaN in, NaN out; infinity in, no finite value out",
        _nan_propagates,
        share=0.2,
        elsewhere=True,
    ),
    FloatLaw(
        "zero_to_zero", "‖0‖ = 0, lmo(0) = 0 and project(0) = 0, exactly", _zero_to_zero, share=0.2, elsewhere=True
    ),
    FloatLaw("input_unchanged", "no verb or hook changes its input", manners.input_unchanged, share=0.1),
    FloatLaw("deterministic", "equal calls give equal bits", manners.deterministic, share=0.1),
    FloatLaw(
        "dtype_and_device_kept",
        "results have the input's dtype and device",
        manners.dtype_and_device_kept,
        share=0.1,
        source=_ARRAY_API,
    ),
    FloatLaw(
        "no_host_sync",
        "no hook reads a value on the host",
        manners.no_host_sync,
        backends=frozenset({"strict", "torch", "jax"}),
        share=0.1,
        source=_ARRAY_API,
    ),
    FloatLaw("silent", "no hook prints", manners.silent, share=0.1, source="ntr_spec"),
    FloatLaw(
        "batch_consistent",
        "a stack gives what its points give",
        manners.batch_consistent,
        _not_batched,
        share=0.2,
    ),
    FloatLaw(
        "faces_agree",
        "the symbolic face at rational points equals the numeric one",
        manners.faces_agree,
        backends=frozenset({"numpy"}),
        share=0.05,
        largest=4,
        source="ntr_spec",
    ),
)
