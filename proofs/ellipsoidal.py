"""√(xᵀPx) and √(gᵀP⁻¹g) are dual, for every positive definite P: Cauchy–Schwarz in the inner product of P.

With y = P⁻¹g, the form q(z) = zᵀPz ≥ 0 at z = ux − vy is u²X − 2uvC + v²G, where X = xᵀPx, G = gᵀP⁻¹g and C = gᵀx. Take
u = √G and v = √X.
"""

import sympy as sp

from ntr_spec.verify.kernel import Fact, Sign, assume, certify

x, g = sp.symbols("√X √G", positive=True)  # the two norms; where one is 0 so is its vector, and C = 0
C, u, v = sp.symbols("C u v", real=True)
HYPOTHESES = ("P is positive definite",)


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


def proof() -> tuple[Fact, ...]:
    """Hölder, the triangle inequality, and the LMO −y/√G: q(y)/G = 1 and ⟨g, y⟩/√G = √G."""
    return (
        holder(),
        triangle(),
        certify(g**2 / g**2 - 1, [], Sign.ZERO),
        certify(g**2 / g - g, [], Sign.ZERO),
    )
