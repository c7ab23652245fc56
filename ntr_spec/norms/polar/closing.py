"""The last step of every solver, after which no singular value of V is above 1, in the entries as they are stored.

V = (dI + pA + qA²)·Y, A = YYᵀ, with a polynomial that is at most 1 where Y may have its singular values. Rounding may
make V longer, and nothing comes after that could mend it. So it is divided by 1 + a:

* a few eps for what products lose at random, and for sums of up to 32 terms what searching found;
* for longer sums, what this very step has lost, measured by products with vectors (:mod:`.measured`);
* one eps where V is rounded to half precision at last. Roundings that all point the way of one pair of vectors would
  need up to √r/2 of them: such a V, which is measured too, is made shorter once more, by that.

That, like all of rounding here, is a model, tested and not proved.

Reference: Higham, *Functions of Matrices*, 8.3; Higham and Mary, *A new approach to probabilistic rounding error
analysis* (2019).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ntr_spec.arrays import Namespace
from ntr_spec.arrays.products import product_eps
from ntr_spec.arrays.reading import free_to_read
from ntr_spec.arrays.sums import widened
from ntr_spec.arrays.symmetric import plus_diagonal
from ntr_spec.norms.polar.measured import SAFE, SHORT, maps, norm_of, product_error, step_error

Array = Any


def last_step(
    y: Array, a: Array, b: Array, numbers: tuple[Array, Array, Array], tall: bool, narrow: float, xp: Namespace
) -> tuple[Array, Array, Array]:
    """V, a and e: V is the step's result over 1 + a, up to an error of norm e ≤ a.

    Args:
        y: Y of each matrix of a stack, with no more rows than columns.
        a: A = YYᵀ, which is overwritten where the library can.
        b: A², which is overwritten where the library can.
        numbers: d, p and q, one of each for each matrix.
        tall: whether to give Vᵀ.
        narrow: what to add to a for what is to come.
        xp: the namespace of y.
    """
    eps = product_eps(y, xp)
    rows, length = y.shape[-2:]
    least = (2.0 if eps > 1e-6 else floor(length)) * eps
    d, p, q = (number / (1.0 + least + narrow) for number in numbers)
    m = combined(a, p, b, q, d, xp)
    v = xp.matmul(xp.matrix_transpose(y), m) if tall else xp.matmul(m, y)
    if is_half(y, xp):
        v, more = shortened(v, lambda: product_error(maps(v, tall, xp), m, maps(y, False, xp), xp), rows, eps, xp)
    elif length > SHORT:
        more = SAFE * step_error(maps(v, tall, xp), maps(y, False, xp), (d, p, q), y, xp)
        v *= (1.0 / (1.0 + more))[..., None, None]
    else:
        more = xp.zeros_like(d)
    return v, least + narrow + more, least + more


def rounded(v: Array, x: Array, xp: Namespace) -> Array:
    """V in the dtype of x; in half precision still no longer than 1, if V is shorter than that by one eps."""
    if v.dtype == x.dtype:
        return v
    found = xp.astype(v, x.dtype)
    if not is_half(x, xp):
        return found
    error = lambda: norm_of(widened(found, xp) - v, xp)  # noqa: E731
    return shortened(found, error, min(v.shape[-2:]), product_eps(x, xp), xp)[0]


def shortened(v: Array, error: Callable[[], Array], rows: int, eps: float, xp: Namespace) -> tuple[Array, Array]:
    """V in half precision, and by how much it was made shorter where its rounding happened to make it long.

    Rounding moves each entry by eps/2 of itself, so V by at most √r/2·eps, where √r is the most that ‖|V|‖₂ can be.
    """
    if rows <= 4:
        return v, 0.0 * widened(v[..., 0, 0], xp)
    error_now = SAFE * error()
    long = error_now > eps  # at random it is about 0.4 of that
    more = xp.where(long, error_now + eps, 0.0 * error_now)  # to be rounded once more
    if free_to_read(v, xp) and not bool(xp.any(long)):
        return v, more
    by = 1.0 / (1.0 + more)
    return xp.astype(widened(v, xp) * by[..., None, None], v.dtype), more


def floor(length: int) -> float:
    """How many eps to allow for sums of so many terms, beside what is measured of long ones.

    n terms of one sign lose up to n/4 eps, and there are three products; searching found n/3 in all.
    """
    return 6.0 if length > SHORT else 4.0 + length / 3.0


def is_half(x: Array, xp: Namespace) -> bool:
    """Whether x is in half precision, whose sums are taken in float32."""
    limits = xp.limits(x.dtype)
    return limits is not None and limits.eps > 1e-6


def combined(a: Array, p: Array, b: Array, q: Array, d: Array, xp: Namespace) -> Array:
    """p·A + q·B + d·I with one number of each for each matrix, in the places of A and B where the library can."""
    p, q, d = (z[..., None, None] for z in (p, q, d))
    wide_a, wide_b = widened(a, xp), widened(b, xp)  # half precision is rounded to once
    wide_a *= p
    wide_b *= q
    wide_a += wide_b
    found = plus_diagonal(wide_a, d, xp)
    return found if found.dtype == a.dtype else xp.astype(found, a.dtype)
