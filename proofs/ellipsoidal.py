"""√(xᵀPx) and √(gᵀP⁻¹g) are dual, for every positive definite P: Cauchy–Schwarz in the inner product of P.

With y = P⁻¹g, the form q(z) = zᵀPz ≥ 0 at z = ux − vy is u²X − 2uvC + v²G, where X = xᵀPx, G = gᵀP⁻¹g and C = gᵀx. Take
u = √G and v = √X.
"""

import sympy as sp

from ntr_spec.verify.kernel import Fact, Sign, assume, certify

x, g = sp.symbols("√X √G", positive=True)  # the two norms; where one is 0 so is its vector, and C = 0
C, u, v = sp.symbols("C u v", real=True)
SOLVES, LMO = "y = P⁻¹g", "lmo(g) = −y/√G"
HYPOTHESES = ("P is positive definite", SOLVES, LMO)


def holder() -> Fact:
    """√X√G − C ≥ 0."""
    form = assume(g**2 * x**2 - 2 * g * x * C + x**2 * g**2, "P is positive definite")
    return certify(x * g - C, [(sp.Rational(1, 2), form)], multiplier=x * g)


def triangle() -> Fact:
    """(√X + √Y)² − q(x + y) = 2(√X√Y − xᵀPy) ≥ 0."""
    y, cross = sp.Symbol("√Y", positive=True), sp.Symbol("xᵀPy", real=True)
    form = assume(y**2 * x**2 - 2 * x * y * cross + x**2 * y**2, "P is positive definite")
    whole = x**2 + 2 * cross + y**2
    return certify((x + y) ** 2 - whole, [(1, form)], multiplier=x * y)


def attainment() -> tuple[Fact, Fact]:
    """The LMO −ty, t = 1/√G and Py = g: q(ty) = t²·yᵀPy = t²⟨g, y⟩ = 1 and ⟨g, ty⟩ = √G."""
    t, form, pairing = sp.Symbol("t", positive=True), sp.Symbol("yᵀPy", real=True), sp.Symbol("⟨g, y⟩", real=True)
    same = assume(form - pairing, SOLVES, Sign.ZERO)  # Py = g
    dual = assume(pairing - g**2, SOLVES, Sign.ZERO)  # G = gᵀP⁻¹g
    scale = assume(t * g - 1, LMO, Sign.ZERO)
    return (
        certify(t**2 * form - 1, [(t**2, same), (t**2, dual), (t * g + 1, scale)], Sign.ZERO),
        certify(t * pairing - g, [(t, dual), (g, scale)], Sign.ZERO),
    )


def proof() -> tuple[Fact, ...]:
    """Hölder, the triangle inequality, and that the LMO is feasible and attains."""
    return (holder(), triangle(), *attainment())
