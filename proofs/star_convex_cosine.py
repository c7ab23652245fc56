"""Star-convexity of φ(t) = t²/2 + a(1 − cos t) at 0 for 0 ≤ a ≤ 3/2: tφ′(t) − φ(t) = t²/2 + a(t sin t + cos t − 1) ≥ 0.

It is linear in a and clear at a = 0, so a = 3/2 is what counts, and t ≥ 0 as φ is even. Up to 9/2, Taylor's sums that
end in a negative term lie below sin and cos, which leaves a polynomial whose Bernstein coefficients on [0, 9/2] are not
negative: with r = 9/2 − t, it is a sum of tⁱrʲ with such coefficients. Beyond 9/2, sin t ≥ −1 and cos t ≥ −1 suffice.
"""

from types import SimpleNamespace
from typing import Any

import sympy as sp

from ntr_spec.problems.scalars import Cosine
from ntr_spec.verify.kernel import CertificateError, Fact, Sign, assume, certify, evident

HYPOTHESES = ("Taylor sums", "range of sine and cosine", "0 ≤ a ≤ 3/2", "0 ≤ t ≤ 9/2", "9/2 ≤ t")

SINE, COSINE = sp.symbols("sine cosine", real=True)
a, b, t, r = sp.symbols("a b t r", nonnegative=True)
STEEPEST, CUT = sp.Rational(3, 2), sp.Rational(9, 2)
LAST = 5  # the sums end with −t¹⁰/10! and −t¹¹/11!


def gap(point: Any, weight: Any, sine: Any = SINE, cosine: Any = COSINE) -> Any:
    """tφ′(t) − φ(t), given sin t and cos t."""
    return point**2 / 2 + weight * (point * sine + cosine - 1)


def is_that_of_the_code() -> None:
    """Cosine.value and Cosine.slope, run on symbols, give the same gap.

    Raises:
        CertificateError: they do not.
    """
    half = sp.Symbol("half", real=True)
    point = 2 * half
    xp: Any = SimpleNamespace(sin=sp.sin, cos=sp.cos)
    phi = Cosine(1)
    ran = point * phi.slope(point, xp) - phi.value(point, xp)
    if sp.simplify(sp.expand_trig(ran - gap(point, 1, sp.sin(point), sp.cos(point)))) != 0:
        raise CertificateError("star_convex_cosine: Cosine.value and Cosine.slope are not those of the lemma")


def below() -> tuple[Fact, Fact]:
    """sin t and cos t lie above their Taylor sums that end in a negative term, for t ≥ 0."""
    sine = sum((-1) ** j * t ** (2 * j + 1) / sp.factorial(2 * j + 1) for j in range(LAST + 1))
    cosine = sum((-1) ** j * t ** (2 * j) / sp.factorial(2 * j) for j in range(LAST + 1))
    return assume(SINE - sine, "Taylor sums"), assume(COSINE - cosine, "Taylor sums")


def from_steepest(sine: Fact, cosine: Fact, rest: Fact) -> Fact:
    """The gap at every a = 3/2 − b, from what the bounds on sine and cosine leave of it at a = 3/2."""
    weights = assume(a + b - STEEPEST, "0 ≤ a ≤ 3/2", Sign.ZERO)
    parts = [(a * t, sine), (a, cosine), (a / STEEPEST, rest), (b / STEEPEST, evident(t**2 / 2))]
    return certify(gap(t, a), [*parts, (-(t**2) / (2 * STEEPEST), weights)])


def before() -> Fact:
    """The gap for 0 ≤ t ≤ 9/2."""
    sine, cosine = below()
    low = sp.Poly(gap(t, STEEPEST, SINE - sine.gap, COSINE - cosine.gap), t)
    degree = low.degree()
    # t + r = 9/2 makes all terms of one degree; the quotient takes that back.
    bernstein = sp.expand(sum(c * t**k * ((t + r) / CUT) ** (degree - k) for (k,), c in low.terms()))
    interval = assume(t + r - CUT, "0 ≤ t ≤ 9/2", Sign.ZERO)
    quotient = sp.quo(sp.Poly(low.as_expr() - bernstein, r, t), sp.Poly(t + r - CUT, r, t)).as_expr()
    return from_steepest(sine, cosine, certify(low.as_expr(), [(1, evident(bernstein)), (quotient, interval)]))


def beyond() -> Fact:
    """The gap for t = 9/2 + r."""
    sine, cosine = (assume(s + 1, "range of sine and cosine") for s in (SINE, COSINE))
    low = t**2 / 2 - STEEPEST * (t + 2)
    there = assume(t - CUT - r, "9/2 ≤ t", Sign.ZERO)
    quotient = sp.quo(sp.Poly(low - low.subs(t, CUT + r), t, r), sp.Poly(t - CUT - r, t, r)).as_expr()
    left = certify(low, [(1, evident(sp.expand(low.subs(t, CUT + r)))), (quotient, there)])
    return from_steepest(sine, cosine, left)


def proof() -> tuple[Fact, ...]:
    """The gap is ≥ 0 up to 9/2, and beyond."""
    is_that_of_the_code()
    return before(), beyond()
