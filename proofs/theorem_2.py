"""T2: momentum, β = 0. Under A1 to A3, for steps exact up to δ,

    E min_{1≤k≤K} ‖∇f(x_k) + s_k‖_* ≤ [Δ₀/(ηK) + (2−δ)(ρσ/(αK) + √α ρσ + Lη/α) + (3/2 − δ)Lη]/(1−δ).

Lemma 2, summed, with the momentum's error from Lemma 3.
"""

from __future__ import annotations

from collections.abc import Iterable

import sympy as sp

from ntr_spec.theory import T2
from ntr_spec.theory.theorem import Theorem
from ntr_spec.verify.formal.assumptions import SYMBOLS
from ntr_spec.verify.formal.setting import Setting
from ntr_spec.verify.kernel import Fact
from proofs import lemma_3, stationarity

HYPOTHESES = tuple(dict.fromkeys((*stationarity.HYPOTHESES, *lemma_3.HYPOTHESES)))


def proof(
    theorem: Theorem = T2, granted: Iterable[str] | None = None, withheld: Iterable[str] = ()
) -> tuple[Fact, ...]:
    """The bound of the theorem, from what is granted; and from A1* in place of A1 and A3."""
    return tuple(_bound(theorem, names, withheld) for names in stationarity.noises(theorem, granted))


def _bound(theorem: Theorem, granted: Iterable[str], withheld: Iterable[str]) -> Fact:
    s = Setting(granted, withheld=withheld)
    eta, size = s.method.radius, lemma_3.noise_size(s)
    error = lemma_3.momentum_error(s, s.step_length(), eta)
    level = {"noise": sp.sqrt(s.alpha) * size, "drift": SYMBOLS.L * eta / s.alpha}
    return stationarity.bound(s, error, size, level, theorem)
