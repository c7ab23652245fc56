"""Lemma 1: what the step solves. With N = ‖m + s‖_*, s ∈ ∂R(x₊) and ‖x₊ − c‖ ≤ η,

x₊ minimizes ⟨m, ·⟩ + R over the ball ‖z − c‖ ≤ η if, and for some such s only if, ⟨m + s, x₊ − c⟩ = −ηN.

*Sufficient*, for every z in the ball: the subgradient inequality, and ⟨m + s, z − c⟩ ≥ −N‖z − c‖ ≥ −ηN by Hölder.
*Necessary*: −(m + s) is normal to the ball at x₊ (the sum rule, cited); take z = c + η·lmo(m + s).
"""

from ntr_spec.verify.formal.setting import Setting
from ntr_spec.verify.formal.vectors import Vector
from ntr_spec.verify.formal.vocabulary import INDEX
from ntr_spec.verify.kernel import Fact, certify

k = INDEX
HYPOTHESES = ("R convex", "Hölder", "step", "in the ball", "sum rule", "attainment")


def sufficient(s: Setting, z: Vector) -> Fact:
    """⟨m, z⟩ + R(z) − ⟨m, x₊⟩ − R(x₊) ≥ 0."""
    v, m, x, center = s.vocabulary, s.m(), s.x(k + 1), s.method.center(k)
    along = m + s.s()
    target = v.inner(m, z - x) + v.value("R", z) - v.value("R", x)
    parts = [
        (1, s.subgradient(z)),
        (1, s.hoelder(-along, z - center)),
        (v.dual(along), s.in_ball(z)),
        (1, s.step_descends()),
    ]
    return certify(target, parts)


def necessary(s: Setting) -> tuple[Fact, Fact]:
    """−⟨m + s, x₊ − c⟩ − ηN ≥ 0, and the same the other way."""
    v, center, eta = s.vocabulary, s.method.center(k), s.method.radius
    along, move = s.m() + s.s(), s.x(k + 1) - s.method.center(k)
    best, attains, unit = s.attained(along)
    z = center + eta * best
    inside = certify(eta - v.norm(z - center), [(eta, unit)])
    pairing, size = v.inner(along, move), v.dual(along)
    down = certify(-pairing - eta * size, [(1, s.normal_to_ball(z, inside)), (-eta, attains)])
    up = certify(pairing + eta * size, [(1, s.hoelder(-along, move)), (size, s.step_length())])
    return down, up


def proof() -> tuple[Fact, ...]:
    """Sufficient, and necessary: equality from two inequalities."""
    s = Setting(decay=True, inexact=False)
    return (sufficient(s, s.vocabulary.point("z")), *necessary(s))
