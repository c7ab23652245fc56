"""Lemma 1: what the step solves. With N = ‖m + s‖_*, s ∈ ∂R(x₊) and ‖x₊ − c‖ ≤ η,

x₊ minimizes ⟨m, ·⟩ + R over the ball ‖z − c‖ ≤ η if, and for some such s only if, ⟨m + s, x₊ − c⟩ = −ηN.

*Sufficient*, for every z in the ball: the subgradient inequality, and ⟨m + s, z − c⟩ ≥ −N‖z − c‖ ≥ −ηN by Hölder.
*Necessary*: −(m + s) is normal to the ball at x₊ (the sum rule, cited); take z = c + η·lmo(m + s).

Where R = 0 the code's x₊ = c + η·lmo(m) satisfies it, with s = 0; up to δ if its LMO is exact up to δ.
"""

from ntr_spec.verify.formal.setting import Setting
from ntr_spec.verify.formal.vectors import Vector
from ntr_spec.verify.formal.vocabulary import INDEX
from ntr_spec.verify.kernel import Fact, certify

k = INDEX
HYPOTHESES = ("R convex", "Hölder", "step", "in the ball", "sum rule", "lmo")


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
    down = certify(-pairing - eta * size, [(1, s.normal_to_ball(z, inside)), (eta, attains)])
    up = certify(pairing + eta * size, [(1, s.hoelder(-along, move)), (size, s.step_length())])
    return down, up


def of_the_code(s: Setting) -> tuple[Fact, Fact]:
    """Where R = 0, −⟨m, x₊ − c⟩ − (1−δ)η‖m‖_* ≥ 0 and η − ‖x₊ − c‖ ≥ 0 for the x₊ that the code computes."""
    v, eta = s.vocabulary, s.method.radius
    move = s.method.plain_step(k) - s.method.center(k)
    _, attains, unit = s.attained(s.m())
    descends = certify(-v.inner(s.m(), move) - (1 - s.delta) * eta * v.dual(s.m()), [(eta, attains)])
    return descends, certify(eta - v.norm(move), [(eta, unit)])


def proof() -> tuple[Fact, ...]:
    """Sufficient, and necessary: equality from two inequalities; and the step of the code where R = 0."""
    s = Setting(decay=True, inexact=False)
    return (sufficient(s, s.vocabulary.point("z")), *necessary(s), *of_the_code(Setting(decay=True)))
