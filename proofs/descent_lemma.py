"""|f(y) − f(x) − ⟨∇f(x), y − x⟩| ≤ (L/2)‖y − x‖², under A2.

At every t in [0, 1], A2 and Hölder's inequality bound ⟨∇f(x + t(y − x)) − ∇f(x), y − x⟩ by Lt‖y − x‖², from both sides;
integrate, with ∫t dt = 1/2.
"""

from ntr_spec.verify.formal.assumptions import SYMBOLS
from ntr_spec.verify.formal.setting import Setting
from ntr_spec.verify.formal.vectors import Vector
from ntr_spec.verify.kernel import Fact, certify, total

HYPOTHESES = ("A2", "Hölder", "integral", "fundamental theorem of calculus")
L, t = SYMBOLS.L, SYMBOLS.t


def bound(s: Setting, x: Vector, y: Vector, sign: int) -> Fact:
    """(L/2)‖y − x‖² − sign·(f(y) − f(x) − ⟨∇f(x), y − x⟩) ≥ 0."""
    v, move = s.vocabulary, y - x
    turn = s.gradient(x + t * move) - s.gradient(x)
    length = v.norm(move)
    holder = s.hoelder(turn, sign * move)
    at_t = certify(L * t * length**2 - sign * v.inner(turn, move), [(1, holder), (length, s.smooth(x + t * move, x))])
    integral, half, whole = s.along_segment(x, y)
    change = v.value("f", y) - v.value("f", x) - v.inner(s.gradient(x), move)
    target = L / 2 * length**2 - sign * change
    found = certify(target, [(1, total(at_t, integral)), (-L * length**2, half), (-sign, whole)])
    return found.with_note("the descent lemma")


def proof() -> tuple[Fact, ...]:
    """From above and from below."""
    s = Setting(["A2"])
    x, y = (s.vocabulary.point(name) for name in ("x", "y'"))
    return tuple(bound(s, x, y, sign) for sign in (1, -1))
