"""Odd quintic steps on the Gram matrix alone, for matrices with many more rows than columns, and their certificate.

p(X) = X·h(XᵀX) with h(λ) = p(√λ)/√λ, and h is a product of the steps' factors: for an m×r matrix two products cost m·r²
and all else r³. But XᵀX is only known as A with an error ‖E‖₂ ≤ ε, which is much to a small λ. So h is taken of
R = A + εI, which is at least XᵀX: then VᵀV = h·XᵀX·h ≤ p(√R)² ≤ I, whatever E is, and Σσ ≤ Σμ with μ² the
eigenvalues of R. As Σμp(μ) = tr(Rh) and Σ(1 − p(μ)²) ≤ r − ‖V‖_F², the bound of :mod:`.posterior` holds for Σμ.

**Rounding** of the products of r×r matrices is multiplied by ‖h‖₂, which a few products with a vector estimate. It is
small unless X is ill-conditioned; such matrices are for the other iteration.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any, final

from ntr_spec.arrays import Namespace
from ntr_spec.arrays.products import product_eps
from ntr_spec.arrays.symmetric import diagonal, dots, gram, plus_diagonal, row_dots, squared
from ntr_spec.norms.polar.image import Quintic, mapped
from ntr_spec.norms.polar.iteration import factor_of, positive, quiet, slack
from ntr_spec.norms.polar.posterior import total

Array = Any

_GUESSES = 4
STEEPEST = 64.0
"""‖h‖₂ up to which errors of one product do not meet those of the next."""


@final
@dataclasses.dataclass(frozen=True)
class GramIterate:
    """V of each matrix of a stack, and what its certificate needs.

    Attributes:
        v: V.
        scale: s, as in :class:`ntr_spec.norms.polar.iteration.Iterate`.
        size: ‖x‖_F/s.
        allowed: by how much V was made shorter lest rounding make it longer than 1.
        trace: tr(Rh).
        steep: about ‖h‖₂: how much rounding was multiplied.
        steps: as they were taken.
    """

    v: Array
    scale: Array
    size: Array
    allowed: Array
    trace: Array
    steep: Array
    steps: tuple[Quintic, ...]


def on_gram_side(x: Array, steps: tuple[Quintic, ...], xp: Namespace, steepest: float = math.inf) -> GramIterate | None:
    """The steps from X₀ = x/s, s = (Σσ⁸)^⅛, not in half precision; None where ‖h‖₂ is more than ``steepest``.

    Args:
        x: a stack of matrices whose largest entry is about 1, or which are zero.
        steps: at least one; p stays in [−1, 1] on [0, 1].
        xp: the namespace of x.
        steepest: infinite where no value is to be read.
    """
    tall, eps = x.shape[-2] > x.shape[-1], product_eps(x, xp)
    norm = xp.sqrt(dots(x, x, xp))
    x = quiet(x, norm, xp)
    a = gram(x, tall, xp)
    scale = positive(xp.sqrt(xp.sqrt(_size(squared(a, xp), xp))), xp) * (1.0 + slack(eps))
    scale = xp.where(xp.isfinite(norm), scale, xp.full_like(scale, float("nan")))
    inverse = 1.0 / (scale * scale)
    wrong = _wrong(a, x, tall, xp)
    a *= inverse[..., None, None]
    r = plus_diagonal(a, (wrong + 4.0 * eps)[..., None, None], xp)
    first = r
    h = factor_of(xp.asarray(r, copy=True), steps[0], xp)
    m = h
    for step in steps[1:]:
        r = xp.matmul(r, squared(m, xp))
        m = factor_of(xp.asarray(r, copy=True), step, xp)
        h = xp.matmul(h, m)
    steep = _steepness(h, xp)
    if steepest < math.inf and bool(xp.any(steep > steepest)):
        return None
    allowed = wrong + 4.0 * (1.0 + steep * xp.maximum(steep / STEEPEST, xp.ones_like(steep))) * eps
    trace = dots(first, h, xp)
    h = h * (1.0 / (scale * (1.0 + allowed)))[..., None, None]
    v = xp.matmul(x, h) if tall else xp.matmul(h, x)
    return GramIterate(v, scale, norm / scale, allowed, trace, steep, steps)


def certify_gram(x: Array, found: GramIterate, xp: Namespace) -> Array:
    """δ of each matrix of a stack."""
    rank, unit = min(x.shape[-2:]), 2.0 * product_eps(x, xp)
    longer = 1.0 + found.allowed
    reached = dots(x, found.v, xp) / found.scale
    lacking = rank * (1.0 + 2.0 * unit) - dots(found.v, found.v, xp) * longer * longer
    noise = unit * found.steep * found.size * found.size
    whole = total(found.trace + noise, lacking, mapped(found.steps), xp)
    whole = xp.where(whole > 0, whole, xp.ones_like(whole))
    delta = 1.0 - reached / whole + unit * (1.0 + 2.0 * rank**0.5 * found.size / whole)
    delta = xp.minimum(xp.maximum(delta, xp.zeros_like(delta)), xp.ones_like(delta))
    delta = xp.where(found.size == 0, xp.zeros_like(delta), delta)
    return xp.where(xp.isnan(reached), reached, delta)


def _wrong(a: Array, x: Array, tall: bool, xp: Namespace) -> Array:
    """How wrong A = fl(XᵀX) is, relatively, where its sums are longest and all terms positive: on the diagonal.

    ‖E‖₂/‖A‖₂ was never more: equal errors of all entries add up to as much, those of random sign to less.
    """
    lying = xp.matrix_transpose(x) if tall else x
    careful = _column_dots(x, xp) if tall else row_dots(lying, lying, xp)
    whole = xp.where(careful == 0, xp.ones_like(careful), careful)
    return xp.max(xp.abs(diagonal(a, xp) - careful) / whole, axis=-1)


def _column_dots(x: Array, xp: Namespace) -> Array:
    """‖x_j‖² of each column, in blocks, so that no sum is long."""
    rows, block = x.shape[-2], 64
    whole = rows - rows % block
    head = xp.reshape(x[..., :whole, :], (*x.shape[:-2], whole // block, block, x.shape[-1]))
    parts = xp.sum(xp.sum(head * head, axis=-2), axis=-2)
    tail = x[..., whole:, :]
    return parts + xp.sum(tail * tail, axis=-2)


def _steepness(h: Array, xp: Namespace) -> Array:
    """About ‖h‖₂, by a few products with a vector, beginning with the longest row's."""
    v = row_dots(h, h, xp)[..., None]
    for _ in range(_GUESSES):
        v = v / positive(_size(v, xp), xp)[..., None, None]
        v = xp.matmul(h, v)
    return 2.0 * _size(v, xp)


def _size(a: Array, xp: Namespace) -> Array:
    return xp.sqrt(dots(a, a, xp))
