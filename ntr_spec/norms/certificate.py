"""``Certificate``: how good one LMO is, put together from what the solvers inside a norm say of themselves.

A combinator's LMO is built of its parts' LMOs in such a way that it loses no more than its worst part: with
⟨g_b, v_b⟩ ≤ −(1 − δ_b)‖g_b‖_* for every block b and an absolute outer norm φ, ⟨g, v⟩ = −φ_*(−⟨g_b, v_b⟩) ≤
−(1 − max δ_b)·φ_*(‖g_b‖_*), because φ_* is monotone.
"""

from __future__ import annotations

import dataclasses
import functools
import math
import operator
from collections.abc import Sequence
from typing import Any, final

from ntr_spec.arrays import Namespace, device_of, rounding
from ntr_spec.arrays.namespace import Limits
from ntr_spec.norms.polar.base import Certified
from ntr_spec.trees import Tree, is_container, leaves

Array = Any

_SINGLE = 2.0**-23


@final
@dataclasses.dataclass(frozen=True)
class Certificate:
    """v = lmo(g) is a δ-LMO: ‖v‖ ≤ radius and ⟨g, v⟩ ≤ −(1 − δ)·radius·‖g‖_*.

    What is certified of a solver's result is proved for exact arithmetic; rounding enters δ by a model that is tested,
    not proved (see the page on precision). A closed form loses by rounding alone, provided that it is right, which is
    what :func:`ntr_spec.verify` is for.

    Names and reasons are words, so a certificate is no pytree of arrays. What JAX or torch compile returns its δ:

    >>> import jax, ntr_spec as ntr
    >>> def certified(g):
    ...     v, certificate = ntr.Spectral().lmo(g, certificate=True)
    ...     return v, certificate.delta
    >>> v, delta = jax.jit(certified)(jax.numpy.ones((4, 3)))
    >>> bool(delta < 1e-4)
    True

    Attributes:
        delta: δ in [0, 1], a 0-d array of g's library and device; float32 where g is in half precision.
        solvers: the solvers that ran, as they are typed; empty for a closed form.
        fallbacks: why solvers gave way to others, in words; empty where none did.
        deltas: what each solver reported, in the order of the blocks that called one, as arrays of the shape of the
            stack that it was given: which matrix is the worst, where ``delta`` only says how bad that is. What a radius
            or a scale may add in half precision is not counted. Closed forms report none.

    Source: Jaggi, *Revisiting Frank–Wolfe* (2013), for the multiplicative error.
    """

    delta: Array
    solvers: tuple[str, ...] = ()
    fallbacks: tuple[str, ...] = ()
    deltas: tuple[Array, ...] = ()


def certificate_of(found: Sequence[Certified], g: Tree, v: Tree, xp: Namespace) -> Certificate:
    """The certificate of v = lmo(g) from those of the solvers that it called."""
    first = leaves(g)[0]
    worst = [xp.max(one.delta) for one in found]
    limits = xp.limits(first.dtype)
    assert limits is not None  # admitted points are floating
    if worst and limits.eps > 1e-6:
        once = functools.reduce(xp.maximum, worst)
        worst.append(xp.where(once == 0, once, once + _again(found, v, limits.eps, xp)))
    if not worst or is_container(g):  # of several blocks, solvers may have seen only some
        size = functools.reduce(xp.maximum, [xp.max(xp.abs(leaf)) for leaf in leaves(g)])
        size = xp.astype(size, xp.float32) if limits.eps > 1e-6 else size
        nothing = size * 0  # but NaN where g has NaN or infinity
        worst.append(nothing if worst else xp.where(size == 0, nothing, nothing + _rounded(g, v, limits, size, xp)))
    return Certificate(
        functools.reduce(xp.maximum, worst),
        tuple(dict.fromkeys(name for one in found for name in (one.solver, *one.also))),
        tuple(dict.fromkeys(one.fallback for one in found if one.fallback)),
        tuple(one.delta for one in found),
    )


def _again(found: Sequence[Certified], v: Tree, eps: float, xp: Namespace) -> Array | float:
    """What v loses in half precision when factors are multiplied, by a radius or a scale, and so rounded once more."""
    if is_container(v) or len(found) != 1 or not isinstance(found[0], Certified) or found[0].factor.shape != v.shape:
        return eps
    same = xp.all((xp.abs(v) == xp.abs(found[0].factor)) | xp.isnan(v))
    return xp.where(same, xp.asarray(0.0, dtype=xp.float32, device=device_of(v)), eps)


def _rounded(g: Tree, v: Tree, limits: Limits, size: Array, xp: Namespace) -> Array | float:
    """What a closed form loses: sums of its hook, in single precision at least; in half precision the result as well.

    Each entry of v is rounded a few times to within eps; and to within the smallest number where it is subnormal, as in
    float16 those of a million entries are.
    """
    length = sum(math.prod(leaf.shape) for leaf in leaves(g))
    if limits.eps <= 1e-6:
        return rounding(limits.eps, length)
    unit = xp.where(size == 0, xp.ones_like(size), size)
    all_of_g, kept = [], []
    for p, q in zip(leaves(g), leaves(v), strict=True):
        share = xp.abs(xp.astype(p, xp.float32) / unit)
        all_of_g.append(xp.sum(share))
        kept.append(xp.sum(share * xp.abs(xp.astype(q, xp.float32))))
    inner, below = functools.reduce(operator.add, kept), functools.reduce(operator.add, all_of_g) * limits.smallest
    lost = rounding(_SINGLE, length) + 4 * limits.eps
    most = xp.where(size == 0, unit, xp.maximum(inner, below))
    return xp.minimum(lost + below / most, xp.ones_like(size))
