"""S(x) = R(x) + (w/2)‖x‖² from R: convexity, prox_{tS}(x) = prox_{τR}(x/(1 + tw)) with τ = t/(1 + tw), subgradients.

Inner products are bilinear and symmetric, so identities between them may be checked on numbers.
"""

import sympy as sp

from ntr_spec.verify.kernel import Fact, assume, certify, sum_of_squares

x, y, p, s = sp.symbols("x y p s", real=True)
t, w = sp.symbols("t w", positive=True)
Rx, Ry, Rp, Rm = sp.symbols("R(x) R(y) R(p) R(m)", real=True)
HYPOTHESES = ("law of R",)


def quadratic(z: sp.Expr) -> sp.Expr:
    """(w/2)z²."""
    return w * z**2 / 2


def convex() -> Fact:
    """(S(x) + S(y))/2 − S(m) ≥ 0, m = (x + y)/2."""
    part = assume((Rx + Ry) / 2 - Rm, "law of R")
    square = sum_of_squares(w * (x - y) ** 2 / 8, [(w / 8, x - y)])
    middle = quadratic((x + y) / 2)
    return certify((Rx + quadratic(x) + Ry + quadratic(y)) / 2 - Rm - middle, [(1, part), (1, square)])


def prox() -> Fact:
    """S(y) − S(p) − ⟨x − p, y − p⟩/t ≥ 0."""
    shrink = 1 + t * w
    part = assume(Ry - Rp - (x / shrink - p) * (y - p) * shrink / t, "law of R")
    square = sum_of_squares(w * (y - p) ** 2 / 2, [(w / 2, y - p)])
    target = Ry + quadratic(y) - Rp - quadratic(p) - (x - p) * (y - p) / t
    return certify(target, [(1, part), (1, square)])


def subgradient() -> Fact:
    """S(y) − S(x) − ⟨s + wx, y − x⟩ ≥ 0."""
    part = assume(Ry - Rx - s * (y - x), "law of R")
    square = sum_of_squares(w * (y - x) ** 2 / 2, [(w / 2, y - x)])
    return certify(Ry + quadratic(y) - Rx - quadratic(x) - (s + w * x) * (y - x), [(1, part), (1, square)])


def proof() -> tuple[Fact, ...]:
    """The three."""
    return convex(), prox(), subgradient()
