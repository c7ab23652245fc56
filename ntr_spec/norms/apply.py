"""Running hooks: scale normalisation and stacks of points, in one place.

**Scale.** ‖·‖ is homogeneous and lmo(c·g) = lmo(g) for c > 0, so a hook may always be run on x divided by its
largest magnitude. Doing so here, once, makes every hook free of overflow and underflow, from the smallest
subnormal to the largest finite number, however plainly it is written. The symbolic namespace is exact and skips it;
norms that say ``scale_free`` skip it too, and so do combinators that pass on a point which has been divided already
(``scaled=True``). The divisor is clipped to positive finite numbers, so that zero divides to zero and infinity
and NaN pass through to the hook.

**Half precision.** Squares, powers and sums of entries leave float16's range and bfloat16's digits long before their
result does. A hook is therefore run on single precision, and what it returns is rounded once. A norm that says
``takes_half`` sees the point as it is, divided by a power of two, so that not a bit changes.

**Stacks.** Combinators apply a norm to many points at once: ``batch`` leading axes count points. A ``batched`` norm's
hook sees the whole stack; any other is called point by point.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ntr_spec.arrays import Namespace, device_of
from ntr_spec.trees import Tree, is_container, leaves, tree_map

if TYPE_CHECKING:
    from ntr_spec.norms.base import Norm

Array = Any

# Entries above which an array no longer stays in a core's own cache.
_LARGE = 1 << 15
# Machine epsilon above which a dtype is a half precision.
_COARSE = 1e-6


def apply_value(norm: Norm, x: Tree, xp: Namespace, batch: int = 0, scaled: bool = False) -> Array:
    """‖x‖ for each point of a stack, of the stack's shape (0-d when ``batch`` is 0)."""
    if batch and not norm.batched:
        return _loop(lambda point: apply_value(norm, point, xp, 0, scaled), batch, xp, x)
    event = _as_event(norm, x, batch, xp)
    wide = _wide(norm, event, xp)
    if (scaled and wide is event) or norm.scale_free or xp.exact:
        return norm._value(event, xp)
    scale = magnitude(wide, xp, batch)
    value = norm._value(divide(wide, scale), xp)
    value = value * (xp.reshape(scale, value.shape) if batch else scale)
    return value if wide is event else xp.astype(value, event.dtype)


def apply_lmo(norm: Norm, g: Tree, radius: float | Array, xp: Namespace, batch: int = 0, scaled: bool = False) -> Tree:
    """radius·lmo(g) for each point of a stack; ``radius`` is a number or an array of the stack's shape."""
    if batch and not norm.batched:
        v = _loop(lambda point: apply_lmo(norm, point, 1.0, xp, 0, scaled), batch, xp, g)
    else:
        event = _as_event(norm, g, batch, xp)
        wide = _wide(norm, event, xp)
        seen = wide
        if not ((scaled and wide is event) or norm.scale_free or xp.exact):
            seen = divide(wide, magnitude(wide, xp, batch))
        v = norm._lmo(seen, xp)
        if wide is not event:
            v = xp.astype(v, event.dtype)
        if seen is not g:
            v = _restore(v, g, xp)
    return scale_points(v, radius, xp)


def apply_project(norm: Norm, x: Tree, radius: float | Array, xp: Namespace, batch: int = 0) -> Tree:
    """The projection of each point of a stack on the ball of its radius: a number, 0-d, or of the stack's shape.

    The hook receives the radius as a 0-d array, or shaped (stack…, 1, …, 1) to broadcast against its points.
    """
    if batch and not norm.batched:
        if isinstance(radius, int | float) or radius.ndim == 0:
            return _loop(lambda point: apply_project(norm, point, radius, xp), batch, xp, x)
        return _loop(lambda point, r: apply_project(norm, point, r, xp), batch, xp, x, radius)
    whole = _as_event(norm, x, batch, xp)
    event = _wide(norm, whole, xp)
    first = leaves(event)[0]
    radius = xp.asarray(radius, dtype=first.dtype, device=device_of(first))
    if radius.ndim:
        radius = xp.reshape(radius, tuple(radius.shape) + (1,) * (first.ndim - radius.ndim))
    if xp.exact:
        y = norm._project(event, radius, xp)
    else:
        scale = magnitude(event, xp, batch)
        limits = xp.limits(first.dtype)
        assert limits is not None  # admitted points are floating
        # radius/scale, at most √max: a ball so much larger than the largest entry contains x, and infinity would breed
        # NaN in the hook. The divisor is raised, not the quotient lowered, so that nothing overflows.
        radius = xp.minimum(radius, limits.max)
        ratio = radius / xp.maximum(scale, radius * limits.max**-0.5)
        y = norm._project(divide(event, scale), ratio, xp)
        y = tree_map(lambda leaf: leaf * scale, y)
    return _restore(y if event is whole else xp.astype(y, whole.dtype), x, xp)


def magnitude(x: Tree, xp: Namespace, batch: int = 0) -> Array:
    """max|xᵢ| of each point, clipped to a range that may divide, shaped to divide the stack (0-d without batch).

    The range is the dtype's own; what XLA narrows it to is in :class:`ntr_spec.arrays.namespace.Limits`.
    """
    if is_container(x):
        largest = functools.reduce(xp.maximum, [_largest(leaf, xp, batch) for leaf in leaves(x)])
    elif xp.name == "numpy" and not batch:
        # The ufunc's own reduction skips the wrappers of numpy.max, most of the cost on a small array.
        limits = xp.limits(x.dtype)
        assert limits is not None  # admitted points are floating
        if x.size > _LARGE:  # two passes that read cost less than one that writes |x| and one that reads it
            ends = xp.maximum(xp.maximum.reduce(x, axis=None), -xp.minimum.reduce(x, axis=None))
            largest = xp.maximum(ends, limits.smallest)
        else:
            largest = xp.maximum.reduce(xp.abs(x), axis=None, initial=limits.smallest)
        largest = xp.minimum(largest, limits.largest_divisor)
        return _power_of_two(largest, xp) if limits.eps > _COARSE else largest
    else:
        largest = _largest(x, xp, batch)
    limits = xp.limits(largest.dtype)
    assert limits is not None  # admitted points are floating
    largest = xp.minimum(xp.maximum(largest, limits.smallest), limits.largest_divisor)
    return _power_of_two(largest, xp) if limits.eps > _COARSE else largest


def _power_of_two(scale: Array, xp: Namespace) -> Array:
    """A power of two next to a number of half precision: dividing by it loses nothing, by the number itself a digit.

    A power that is wrong in its last bits of float32 is right in half precision.
    """
    exponent = xp.floor(xp.log2(xp.astype(scale, xp.float32)))
    return xp.astype(2.0**exponent, scale.dtype)


def divide(x: Tree, scale: Array) -> Tree:
    """x / scale, leaf by leaf."""
    return tree_map(lambda leaf: leaf / scale, x) if is_container(x) else x / scale


def scale_points(v: Tree, radius: float | Array, xp: Namespace) -> Tree:
    """radius·v, the radius being a number, a 0-d array, or one number per point of a stack."""
    if isinstance(radius, int | float):
        return v if radius == 1 else tree_map(lambda leaf: leaf * radius, v)

    def scaled(leaf: Array) -> Array:
        return leaf * xp.reshape(radius, tuple(radius.shape) + (1,) * (leaf.ndim - radius.ndim))

    return tree_map(scaled, v)


def _largest(leaf: Array, xp: Namespace, batch: int) -> Array:
    if batch:
        return xp.max(xp.abs(leaf), axis=tuple(range(batch, leaf.ndim)), keepdims=True)
    return xp.max(xp.abs(leaf))


def _restore(y: Tree, x: Tree, xp: Namespace) -> Tree:
    """Give a result the shapes of the point that it belongs to, and the dtypes where blocks of several were mixed."""
    if not is_container(x):
        return y if y.shape == x.shape else xp.reshape(y, x.shape)

    def restored(leaf: Array, like: Array) -> Array:
        leaf = leaf if leaf.shape == like.shape else xp.reshape(leaf, like.shape)
        return leaf if leaf.dtype == like.dtype else xp.astype(leaf, like.dtype)

    return tree_map(restored, y, x)


def _wide(norm: Norm, x: Tree, xp: Namespace) -> Tree:
    """A point of half precision in single precision, for norms whose hooks see it so; any other as it is."""
    if xp.exact or norm.takes_half or norm.scale_free or is_container(x):
        return x
    limits = xp.limits(x.dtype)
    assert limits is not None  # admitted points are floating
    return xp.astype(x, xp.float32) if limits.eps > _COARSE else x


def _as_event(norm: Norm, x: Tree, batch: int, xp: Namespace) -> Tree:
    """Flatten each point to a vector for norms whose hooks see vectors."""
    if norm.event_rank != 1 or x.ndim == batch + 1:
        return x
    return xp.reshape(x, (*tuple(x.shape[:batch]), -1))


def _loop(function: Callable[..., Tree], batch: int, xp: Namespace, *stacks: Tree) -> Tree:
    """Call ``function`` on each point of the stacks and stack the results again."""
    outer = tuple(leaves(stacks[0])[0].shape[:batch])
    flat = [tree_map(lambda leaf: xp.reshape(leaf, (-1, *tuple(leaf.shape[batch:]))), x) for x in stacks]
    count = leaves(flat[0])[0].shape[0]
    results = [function(*(tree_map(lambda leaf, k=k: leaf[k, ...], x) for x in flat)) for k in range(count)]

    def join(*parts: Array) -> Array:
        whole = xp.stack(list(parts))
        return xp.reshape(whole, outer + tuple(whole.shape[1:]))

    return tree_map(join, *results)
