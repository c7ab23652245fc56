"""What holds for every entry holds for the sum over entries and for the largest of them, n being arbitrary.

The relations of a regularizer's laws are sums over entries (values, inner products) or bound the largest one (the
distance to the domain), if its hooks act on each entry alone.
"""

import sympy as sp

from ntr_spec.verify.kernel import Fact, Sign, Sums, assume, total

gap = sp.Symbol("gap_i", real=True)
n = sp.Symbol("n", positive=True)
HYPOTHESES = ("the relation of one entry",)


def proof() -> tuple[Fact, ...]:
    """Σgapᵢ ≥ 0 and Σgapᵢ = 0 from the same of every entry; the largest entry is one of them."""
    sums = Sums((gap,), n)
    signs = (Sign.NONNEGATIVE, Sign.ZERO)
    return tuple(total(assume(gap, "the relation of one entry", sign), sums) for sign in signs)
