"""Lemma 4: decay keeps iterates bounded. If ‖x₀‖ ≤ η/β then ‖x_k‖ ≤ η/β and ‖x_{k+1} − x_k‖ ≤ 2η for every k.

By induction, ‖x_{k+1}‖ ≤ ‖x_{k+1} − c_k‖ + ‖c_k‖ ≤ η + (1−β)η/β with c_k = (1−β)x_k; and
‖x_{k+1} − x_k‖ ≤ ‖x_{k+1} − c_k‖ + β‖x_k‖.
"""

import sympy as sp

from ntr_spec.verify.formal.setting import Setting
from ntr_spec.verify.formal.vocabulary import INDEX
from ntr_spec.verify.kernel import Fact, certify, every_index, evident

k = INDEX
HYPOTHESES = ("step", "triangle inequality", "D")


def bounded(s: Setting) -> Fact:
    """η/β − ‖x_k‖ ≥ 0."""
    v, eta, beta, center = s.vocabulary, s.method.radius, s.beta, s.method.center(k)
    gap = eta / beta - v.norm(s.x())
    inside = [(1, s.start_in_ball()), (1 / beta, s.ball_reached()), (1, evident(s.delta * eta / beta))]
    start = certify(v.at(gap, sp.S.Zero), inside)
    step = [(1, s.triangle(s.x(k + 1) - center, center)), (1, s.step_length())]
    return every_index(v, gap, start, lambda h: certify(v.at(gap, k + 1), [(1 - beta, h), *step]))


def short(s: Setting) -> Fact:
    """2η − ‖x_{k+1} − x_k‖ ≥ 0."""
    v, center = s.vocabulary, s.method.center(k)
    facts = [(1, s.triangle(s.x(k + 1) - center, center - s.x())), (1, s.step_length()), (s.beta, bounded(s))]
    return certify(2 * s.method.radius - v.norm(s.x(k + 1) - s.x()), facts).with_note("Lemma 4")


def proof() -> tuple[Fact, ...]:
    """Both bounds."""
    s = Setting(decay=True)
    return bounded(s), short(s)
