"""How wrong products of matrices came out: measured by a few products with vectors, whose sums are taken carefully.

Errors of random sign leave a matrix E of errors with ‖E‖₂ of a few eps. Errors of one sign, from long sums of equal
terms, add up: E is then of low rank, nearly, with a norm that no entry shows. Either way a few applications of E and Eᵀ
to a vector find its norm, nearly: a direction that stands out at once, and of many alike 0.9 of the largest (a Gaussian
square matrix). The vector is a fixed one, of signs that look random: no single entry of it is small, and it has a part
in the direction of equal signs.

An estimate and no bound. :data:`SAFE` times as much, and a few eps, is what a factor is made shorter by.

Reference: Higham, *Accuracy and Stability of Numerical Algorithms*, chapter 15, *Condition number estimation*.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ntr_spec.arrays import Namespace, device_of
from ntr_spec.arrays.sums import dots, times, transposed_times, widened
from ntr_spec.norms.polar.image import Quintic

Array = Any

SAFE = 1.5
"""What estimates are multiplied by."""

SHORT = 32
"""Sums of up to so many terms are allowed for without a measurement."""

# Times there and back: after one, one in ten directions is still hidden by noise of a twentieth of it; after two, one
# in a thousand is, where several stand out.
_ROUNDS = 3

_Map = Callable[[Array], Array]

Maps = tuple[_Map, _Map]
"""w ↦ Yw and z ↦ Yᵀz of each matrix of a stack."""


def maps(x: Array, tall: bool, xp: Namespace) -> Maps:
    """The maps of Y = xᵀ if ``tall``, else of Y = x; in float32 where x is in half precision.

    >>> import numpy as np
    >>> from ntr_spec.arrays import namespace_of
    >>> x = np.asarray([[1.0, 2.0], [3.0, 4.0]])
    >>> [found(np.asarray([1.0, 10.0])).tolist() for found in maps(x, True, namespace_of(x))]
    [[31.0, 42.0], [21.0, 43.0]]
    """
    wide = widened(x, xp)

    def plain(z: Array) -> Array:
        return times(wide, z, xp)

    def transposed(z: Array) -> Array:
        return transposed_times(wide, z, xp)

    return (transposed, plain) if tall else (plain, transposed)


def gram_error(a: Array, y: Maps, xp: Namespace) -> Array:
    """About ‖A − YYᵀ‖₂ of each matrix of a stack, A as a library computed it.

    >>> import numpy as np
    >>> from ntr_spec.arrays import namespace_of
    >>> x = np.full((2, 40_000), 0.7, dtype=np.float32)
    >>> xp = namespace_of(x)
    >>> bool(gram_error(x @ x.T * np.float32(1 + 1e-4), maps(x, False, xp), xp) > 3.0)
    True
    """
    down, up = y

    def apply(z: Array) -> Array:
        return times(a, z, xp) - down(up(z))

    return _estimated(apply, apply, a, xp)


def step_error(v: Maps, y: Maps, numbers: tuple[Array, Array, Array], like: Array, xp: Namespace) -> Array:
    """About ‖V − (d + p·YYᵀ + q·(YYᵀ)²)·Y‖₂ of each matrix of a stack, V as a library computed it.

    Args:
        v: the maps of V.
        y: those of Y.
        numbers: d, p and q, one of each for each matrix.
        like: an array with as many rows as Y.
        xp: the namespace of all.
    """
    d, p, q = (number[..., None] for number in numbers)
    (v_down, v_up), (down, up) = v, y

    def polynomial(z: Array) -> Array:
        once = down(up(z))
        return d * z + p * once + q * down(up(once))

    def apply_down(w: Array) -> Array:
        return v_down(w) - polynomial(down(w))

    def apply_up(z: Array) -> Array:
        return v_up(z) - up(polynomial(z))

    return _estimated(apply_down, apply_up, like, xp)


def product_error(v: Maps, m: Array, y: Maps, xp: Namespace) -> Array:
    """About ‖V − M·Y‖₂ of each matrix of a stack, M symmetric, V as a library computed it."""
    m = widened(m, xp)
    (v_down, v_up), (down, up) = v, y

    def apply_down(w: Array) -> Array:
        return v_down(w) - times(m, down(w), xp)

    def apply_up(z: Array) -> Array:
        return v_up(z) - up(times(m, z, xp))

    return _estimated(apply_down, apply_up, m, xp)


def chain_error(h: Maps, r: Array, last: Array, step: Quintic, xp: Namespace) -> Array:
    """About ‖hᵀRh − q(R̃)·R̃·q(R̃)‖₂ of each matrix of a stack, q(t) = a + bt + ct² the factor of an odd quintic step.

    Args:
        h: z ↦ hz is the second of its maps, z ↦ hᵀz the first.
        r: R.
        last: R̃.
        step: the step.
        xp: the namespace of all.
    """
    down, up = h

    def factor(z: Array) -> Array:
        once = times(last, z, xp)
        return step.a * z + step.b * once + step.c * times(last, once, xp)

    def apply(z: Array) -> Array:
        middle = times(last, factor(z), xp)
        return down(times(r, up(z), xp)) - factor(middle)

    return _estimated(apply, apply, r, xp)


def norm_of(e: Array, xp: Namespace) -> Array:
    """About ‖E‖₂ of each matrix of a stack."""
    tall = e.shape[-2] > e.shape[-1]
    return _estimated(*maps(e, tall, xp), xp.matrix_transpose(e) if tall else e, xp)


def _estimated(down: _Map, up: _Map, like: Array, xp: Namespace) -> Array:
    """About ‖E‖₂ from w ↦ Ew (``down``) and z ↦ Eᵀz (``up``), E of as many rows as ``like``.

    The larger of the last two estimates, as one may have begun orthogonal to what matters.
    """
    rows = like.shape[-2]
    k = xp.arange(rows, dtype=like.dtype, device=device_of(like))
    signs = xp.where(xp.cos(k * k) > -0.3, xp.ones_like(k), -xp.ones_like(k))  # three in five are positive
    z, back = xp.broadcast_to(signs / rows**0.5, (*like.shape[:-2], rows)), None
    for _ in range(_ROUNDS):
        w, there = _unit(up(z), xp)
        z, back = _unit(down(w), xp)
    return xp.maximum(there, back)


def _unit(z: Array, xp: Namespace) -> tuple[Array, Array]:
    """Each vector over its length, and that; zero stays zero."""
    length = xp.sqrt(dots(z[..., None, :], z[..., None, :], xp))
    return z / xp.where(length == 0, xp.ones_like(length), length)[..., None], length
