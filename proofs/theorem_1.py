"""T1: exact gradients, α = 1, β = 0. Under A2, for steps exact up to δ,

    min_{1≤k≤K} ‖∇f(x_k) + s_k‖_* ≤ [Δ₀/(ηK) + (3/2 − δ)Lη]/(1−δ).

The momentum is the gradient, m_k = ∇f(x_k), by induction; Lemma 2, summed.
"""

from __future__ import annotations

from collections.abc import Iterable

import sympy as sp

from ntr_spec.theory import T1
from ntr_spec.theory.theorem import Theorem
from ntr_spec.verify.formal.setting import Setting
from ntr_spec.verify.formal.structures import Kind
from ntr_spec.verify.formal.vectors import ZERO
from ntr_spec.verify.formal.vocabulary import INDEX
from ntr_spec.verify.kernel import Fact, Sign, certify, equal_norms, every_index
from proofs import stationarity

k = INDEX
HYPOTHESES = stationarity.HYPOTHESES


def no_error(s: Setting) -> Fact:
    """−E‖m_k − ∇f(x_k)‖_* ≥ 0: m_k = ∇f(x_k)."""
    v = s.vocabulary
    pairing = v.inner(v.point("w"), s.error())
    start = certify(v.at(pairing, 0), [], Sign.ZERO)
    same = every_index(v, pairing, start, lambda h: certify(v.at(pairing, k + 1), [], Sign.ZERO), Sign.ZERO)
    equal = equal_norms(v, same, "w", s.error(), ZERO, Kind.DUAL)
    return certify(-v.mean(v.dual(s.error())), [(-1, s.expect(equal))])


def proof(
    theorem: Theorem = T1, granted: Iterable[str] | None = None, withheld: Iterable[str] = ()
) -> tuple[Fact, ...]:
    """The bound of the theorem, from what is granted."""
    (names,) = stationarity.noises(theorem, granted)
    s = Setting(names, withheld=withheld, momentum=False, noisy=False)
    return (stationarity.bound(s, no_error(s), sp.S.Zero, {}, theorem),)
