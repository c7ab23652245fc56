"""Odd quintic steps on the Gram matrix alone, for matrices with many more rows than columns, and their certificate.

p(X) = X·h(XᵀX) with h(λ) = p(√λ)/√λ, and h is a product of the steps' factors: for an m×r matrix two products cost m·r²
and all else r³. But XᵀX is only known as A with an error ‖E‖₂ ≤ ε, which is much to a small λ. So h is taken of
R = A + εI, which is at least XᵀX: then VᵀV = h·XᵀX·h ≤ p(√R)² ≤ I, whatever E is, and Σσ ≤ Σμ with μ² the
eigenvalues of R. As Σμp(μ) = tr(Rh) and Σ(1 − p(μ)²) ≤ r − ‖V‖_F², the bound of :mod:`.posterior` holds for Σμ.

**Rounding.** ε and the error of the last product are measured (:mod:`.measured`). So is what the r×r products between
have lost: with q the factor of the last step and R̃ the matrix that it was made of, hRh should be q(R̃)·R̃·q(R̃), which
is at most 1 whatever R̃ went through; both are applied to vectors. Errors in h grow like ‖h‖₂, which a few more products
with a vector estimate; where it is large, X is ill-conditioned and for the other iteration.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any, final

from ntr_spec.arrays import Namespace
from ntr_spec.arrays.products import product_eps
from ntr_spec.arrays.sums import dots
from ntr_spec.arrays.symmetric import gram, plus_diagonal, squared
from ntr_spec.norms.polar.closing import floor
from ntr_spec.norms.polar.image import Quintic, mapped
from ntr_spec.norms.polar.iteration import factor_of, positive, quiet, slack
from ntr_spec.norms.polar.measured import SAFE, chain_error, gram_error, maps, norm_of, product_error
from ntr_spec.norms.polar.posterior import total

Array = Any

STEEPEST = 32.0
"""‖h‖₂ up to which the iteration on the Gram matrix is as accurate as the other one."""


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
        steep: about ‖h‖₂.
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
    tall, rows, eps = x.shape[-2] > x.shape[-1], min(x.shape[-2:]), product_eps(x, xp)
    norm = xp.sqrt(dots(x, x, xp))
    x = quiet(x, norm, xp)
    a = gram(x, tall, xp)
    scale = positive(xp.sqrt(xp.sqrt(_size(squared(a, xp), xp))), xp) * (1.0 + slack(eps))
    scale = xp.where(xp.isfinite(norm), scale, xp.full_like(scale, float("nan")))
    inverse = 1.0 / (scale * scale)
    shift = floor(max(x.shape[-2:])) * eps + SAFE * gram_error(a, maps(x, tall, xp), xp) * inverse
    a *= inverse[..., None, None]
    r = plus_diagonal(a, shift[..., None, None], xp)
    first = r
    h = factor_of(xp.asarray(r, copy=True), steps[0], xp)
    m = h
    for step in steps[1:]:
        r = xp.matmul(r, squared(m, xp))
        m = factor_of(xp.asarray(r, copy=True), step, xp)
        h = xp.matmul(h, m)
    steep = norm_of(h, xp)
    if steepest < math.inf and bool(xp.any(steep > steepest)):
        return None
    trace = dots(first, h, xp)
    lost = SAFE * chain_error(maps(h, tall, xp), first, r, steps[-1], xp) / 2.0  # of σ, whose squares these are
    by = 1.0 / (scale * (1.0 + lost))
    h = h * by[..., None, None]
    v = xp.matmul(x, h) if tall else xp.matmul(h, x)
    more = SAFE * product_error(maps(v, tall, xp), h, maps(x, tall, xp), xp) + 2.0 * floor(rows) * eps
    v *= (1.0 / (1.0 + more))[..., None, None]
    return GramIterate(v, scale, norm / scale, lost + more, trace, steep, steps)


def certify_gram(x: Array, found: GramIterate, xp: Namespace) -> Array:
    """δ of each matrix of a stack."""
    rank, unit = min(x.shape[-2:]), 2.0 * product_eps(x, xp)
    longer = 1.0 + 2.0 * found.allowed  # as in iteration.certify
    reached = dots(x, found.v, xp) / found.scale
    lacking = rank * (1.0 + 2.0 * unit) - dots(found.v, found.v, xp)
    noise = unit * SAFE * found.steep * found.size * found.size
    whole = total(found.trace * longer + noise, lacking, mapped(found.steps), xp)
    whole = xp.where(whole > 0, whole, xp.ones_like(whole))
    delta = 1.0 - reached / whole + unit * (1.0 + 2.0 * rank**0.5 * found.size / whole)
    delta = xp.minimum(xp.maximum(delta, xp.zeros_like(delta)), xp.ones_like(delta))
    delta = xp.where(found.size == 0, xp.zeros_like(delta), delta)
    return xp.where(xp.isnan(reached), reached, delta)


def _size(a: Array, xp: Namespace) -> Array:
    return xp.sqrt(dots(a, a, xp))
