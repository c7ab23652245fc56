"""Lemma 3′: the momentum's error with extrapolation. Under A1, A3 and A4, and ‖x_{k+1} − x_k‖ ≤ r for every k,

    E‖m_k − ∇f(x_k)‖_* ≤ (1−α)^k ρσ + √α ρσ + Hr²/(2α²).

As Lemma 3, but for the lag. With y = x₊ + (1−α)/α·(x₊ − x), (1−α)(x − x₊) + α(y − x₊) = 0, so the Hessian at x₊ cancels
from (1−α)∇f(x) + α∇f(y) − ∇f(x₊), and A4 at (x, x₊) and (y, x₊) bounds it by (1−α)/α·Hr²/2.
"""

from ntr_spec.verify.formal.assumptions import SYMBOLS
from ntr_spec.verify.formal.setting import Setting
from ntr_spec.verify.formal.structures import Kind
from ntr_spec.verify.formal.vocabulary import INDEX
from ntr_spec.verify.kernel import Expr, Fact, certify, every_index, evident
from proofs import lemma_3

k = INDEX
HYPOTHESES = ("A1", "A1*", "A3", "A4", "triangle inequality", "‖·‖₂", "step")
H = SYMBOLS.H


def turn(s: Setting, short: Fact, r: Expr) -> Fact:
    """(1−α)/α·Hr²/2 − ‖(1−α)∇f(x) + α∇f(y) − ∇f(x₊)‖_* ≥ 0."""
    v, a = s.vocabulary, s.alpha
    x, new, ahead = s.x(), s.x(k + 1), v.point("y", k + 1)
    rests = [s.gradient(u) - s.gradient(new) - v.hessian(new, u - new) for u in (x, ahead)]
    length = v.norm(new - x)
    target = (1 - a) / a * H / 2 * r**2 - v.dual((1 - a) * s.gradient(x) + a * s.gradient(ahead) - s.gradient(new))
    facts = [
        (1, s.triangle((1 - a) * rests[0], a * rests[1], Kind.DUAL)),
        (1 - a, s.second_order_smooth(x, new)),
        (a, s.second_order_smooth(ahead, new)),
        ((1 - a) / a * H / 2 * (r + length), short),
    ]
    return certify(target, facts).with_note("the Hessian terms cancel")


def lag(s: Setting, short: Fact, r: Expr) -> Fact:
    """(1−α)/α²·Hr²/2 − ‖S_k‖_* ≥ 0, given r − ‖x_{k+1} − x_k‖ ≥ 0 for every k."""
    v, a = s.vocabulary, s.alpha
    size = v.point("S", k)
    gap = (1 - a) / a**2 * H / 2 * r**2 - v.dual(size)
    after = v.at(gap, k + 1)
    new = (1 - a) * s.gradient(s.x()) + a * s.gradient(v.point("y", k + 1)) - s.gradient(s.x(k + 1))
    added = [(1, s.triangle((1 - a) * size, new, Kind.DUAL)), (1, turn(s, short, r))]
    return every_index(v, gap, evident(v.at(gap, 0)), lambda h: certify(after, [(1 - a, h), *added]))


def momentum_error(s: Setting, short: Fact, r: Expr) -> Fact:
    """(1−α)^k ρσ + √α ρσ + Hr²/(2α²) − E‖m_k − ∇f(x_k)‖_* ≥ 0, given r − ‖x_{k+1} − x_k‖ ≥ 0 for every k."""
    lemma_3.define_parts(s)
    drift = H * r**2 / (2 * s.alpha**2)
    size = s.vocabulary.dual(s.vocabulary.point("S", k))
    bounded = certify(drift - size, [(1, lag(s, short, r)), (1, evident(H * r**2 / (2 * s.alpha)))])
    return lemma_3.error(s, bounded, drift)


def proof() -> tuple[Fact, ...]:
    """For both measures of noise; without decay steps are no longer than r = η."""
    found = []
    for noise in (("A1", "A3"), ("A1*",)):
        s = Setting([*noise, "A4"], extrapolation=True)
        found.append(momentum_error(s, s.step_length(), s.method.radius))
    return tuple(found)
