"""‖g‖_* = sup{⟨g, u⟩ : ‖u‖ ≤ 1} for any norm: Hölder, attainment, the axioms; and the code of ``SupportFunction``.

Inner products are bilinear and symmetric, so identities between them may be checked on numbers. The supremum is
attained, the unit ball of a finite-dimensional norm being compact (Weierstrass, CITED).
"""

from typing import Any

import sympy as sp

from ntr_spec.norms.base import Norm
from ntr_spec.norms.vector import L2
from ntr_spec.verify.kernel import Fact, Sign, assume, certify, evident
from ntr_spec.verify.opaque import Opaque
from proofs import combinators

g, h, x, u = sp.symbols("g h x u", real=True)  # vectors: g·x stands for ⟨g, x⟩
X = sp.Symbol("‖x‖", positive=True)
N, M, T = sp.symbols("‖g‖_* ‖h‖_* ‖g+h‖_*", real=True)
ABOVE, ATTAINED = "the supremum is above every point of the ball", "weierstrass"
HYPOTHESES = (ABOVE, ATTAINED, *combinators.HYPOTHESES)


class Bare(Norm):
    """ℓ₂ without a dual declared, so that it has the default one, ``SupportFunction``."""

    def _value(self, x: Any, xp: Any) -> Any:
        return L2()._value(x, xp)

    def _lmo(self, g: Any, xp: Any) -> Any:
        return L2()._lmo(g, xp)


def above(size: sp.Expr, functional: sp.Expr, point: sp.Expr) -> Fact:
    """size − ⟨functional, point⟩ ≥ 0, the point lying in the unit ball."""
    return assume(size - functional * point, ABOVE)


def attained(size: sp.Expr, functional: sp.Expr) -> Fact:
    """⟨functional, u⟩ − size = 0 at a point u of the ball."""
    return assume(functional * u - size, ATTAINED, Sign.ZERO)


def holder() -> Fact:
    """‖x‖‖g‖_* − ⟨g, x⟩ ≥ 0, from the point x/‖x‖ of the ball; where x = 0 both sides are 0."""
    return certify(X * N - g * x, [(X, above(N, g, x / X))])


def subadditive() -> Fact:
    """‖g‖_* + ‖h‖_* − ‖g + h‖_* ≥ 0, from the point that attains ‖g + h‖_*."""
    return certify(N + M - T, [(1, above(N, g, u)), (1, above(M, h, u)), (1, attained(T, g + h))])


def homogeneous() -> tuple[Fact, Fact]:
    """‖cg‖_* = c‖g‖_* for c ≥ 0, as two inequalities; that the ball is symmetric gives c < 0."""
    c, scaled = sp.Symbol("c", nonnegative=True), sp.Symbol("‖cg‖_*", real=True)
    return (
        certify(c * N - scaled, [(c, above(N, g, u)), (1, attained(scaled, c * g))]),
        certify(scaled - c * N, [(1, above(scaled, c * g, u)), (c, attained(N, g))]),
    )


def definite() -> Fact:
    """‖g‖_* > 0 for g ≠ 0, from the point g/‖g‖ of the ball, where the pairing is ‖g‖₂²/‖g‖."""
    size, square = sp.symbols("‖g‖ ‖g‖₂²", positive=True)
    return certify(
        N, [(1, assume(N - square / size, ABOVE)), (1, evident(square / size, Sign.POSITIVE))], Sign.POSITIVE
    )


def proof() -> tuple[Fact, ...]:
    """The lemma, and that −⟨g, lmo(g)⟩, which the code takes for a dual that nobody declared, is this norm."""
    code = combinators.certificates(Opaque("norm", Bare()), 2, ("lmo_attains", "holder"))
    return (holder(), subadditive(), *homogeneous(), definite(), *code)
