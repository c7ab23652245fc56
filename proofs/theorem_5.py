"""T5: star-convex f, decay and extrapolation. With D = η/β, (1−δ)D ≥ ‖x₀‖, ‖x*‖ and 2β ≤ α, under A1 to A5,

    E F(x_K) − F(x*) ≤ (1−β)^K (Δ₀ + 4ηρσ/α) + 2D√α ρσ + 4DHη²/α² + 4DLη.

As T3, with the momentum's error from Lemma 3′ where r = 2η; the first gradient's noise fades as (1−α)^k, faster than
(1−β)^k.
"""

from __future__ import annotations

from collections.abc import Iterable

import sympy as sp

from ntr_spec.theory import T5
from ntr_spec.theory.theorem import Theorem
from ntr_spec.verify.formal.assumptions import SYMBOLS
from ntr_spec.verify.formal.setting import Setting
from ntr_spec.verify.kernel import Fact
from proofs import gap, lemma_3, lemma_3_prime, lemma_4, stationarity

HYPOTHESES = tuple(dict.fromkeys((*gap.HYPOTHESES, *lemma_3_prime.HYPOTHESES, "2β ≤ α")))


def proof(
    theorem: Theorem = T5, granted: Iterable[str] | None = None, withheld: Iterable[str] = ()
) -> tuple[Fact, ...]:
    """The bound of the theorem, from what is granted; and from A1* in place of A1 and A3."""
    return tuple(_bound(theorem, names, withheld) for names in stationarity.noises(theorem, granted))


def _bound(theorem: Theorem, granted: Iterable[str], withheld: Iterable[str]) -> Fact:
    s = Setting(granted, withheld=withheld, decay=True, extrapolation=True)
    r, size = 2 * s.method.radius, lemma_3.noise_size(s)
    error = lemma_3_prime.momentum_error(s, lemma_4.short(s), r)
    level = {"noise": sp.sqrt(s.alpha) * size, "drift": SYMBOLS.H * r**2 / (2 * s.alpha**2)}
    return gap.bound(s, error, size, level, theorem, fast=True)
