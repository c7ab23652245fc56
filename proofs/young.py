"""Young's inequality: ab ≤ aᵖ/p + b^q/q for a, b > 0, p = 1 + r, q = (1 + r)/r, r > 0.

u ↦ uᵖ/p + 1/q − u is convex with its minimum 0 at u = 1; put u = a·b^{−1/r} and multiply by b^q.
"""

import sympy as sp

from ntr_spec.verify.kernel import Fact, certify, convex_minimum, evident, substitute

r, a, b, u = sp.symbols("r a b u", positive=True)
p, q = 1 + r, (1 + r) / r


def young() -> Fact:
    """aᵖ/p + b^q/q − ab ≥ 0."""
    tangent = convex_minimum(u**p / p + 1 / q - u, u, sp.S.One)
    scaled = substitute(tangent, {u: a * b ** (-1 / r)})
    return certify(a**p / p + b**q / q - a * b, [(b**q, scaled)])


def proof() -> tuple[Fact, ...]:
    """Young's inequality; where a or b is 0 it reads 0 ≤ aᵖ/p or 0 ≤ b^q/q."""
    return young(), evident(a**p / p), evident(b**q / q)
