"""T3: star-convex f, decay. With D = η/β and (1−δ)D ≥ ‖x₀‖, ‖x*‖, under A1, A2, A3 and A5,

    E F(x_K) − F(x*) ≤ (1−β)^K Δ₀ + 2ηρσ/α + 2D√α ρσ + 4DLη/α + 4DLη.

F(x_{k+1}) − F(x*) ≤ (1−β)(F(x_k) − F(x*)) + 2η‖m_k − ∇f(x_k)‖_* + 4Lη², with the momentum's error from Lemma 3 where
r = 2η.
"""

from __future__ import annotations

from collections.abc import Iterable

import sympy as sp

from ntr_spec.theory import T3
from ntr_spec.theory.theorem import Theorem
from ntr_spec.verify.formal.assumptions import SYMBOLS
from ntr_spec.verify.formal.setting import Setting
from ntr_spec.verify.kernel import Fact
from proofs import gap, lemma_3, lemma_4, stationarity

HYPOTHESES = tuple(dict.fromkeys((*gap.HYPOTHESES, *lemma_3.HYPOTHESES)))


def proof(
    theorem: Theorem = T3, granted: Iterable[str] | None = None, withheld: Iterable[str] = ()
) -> tuple[Fact, ...]:
    """The bound of the theorem, from what is granted; and from A1* in place of A1 and A3."""
    return tuple(_bound(theorem, names, withheld) for names in stationarity.noises(theorem, granted))


def _bound(theorem: Theorem, granted: Iterable[str], withheld: Iterable[str]) -> Fact:
    s = Setting(granted, withheld=withheld, decay=True)
    r, size = 2 * s.method.radius, lemma_3.noise_size(s)
    error = lemma_3.momentum_error(s, lemma_4.short(s), r)
    level = {"noise": sp.sqrt(s.alpha) * size, "drift": SYMBOLS.L * r / s.alpha}
    return gap.bound(s, error, size, level, theorem, fast=False)
