"""What holds for every entry holds for the sum over entries and for the largest of them, n being arbitrary.

The relations of a regularizer's laws are sums over entries (values, inner products) or bound the largest one (the
distance to the domain), if its hooks act on each entry alone.
"""

import sympy as sp

from ntr_spec.verify.kernel import Fact, Sign, Sums, assume, certify, total

gap, size = sp.symbols("gap_i |x_i|", real=True)
largest, c = sp.symbols("max|x_i| c", real=True)
n = sp.Symbol("n", positive=True)
ONE, LARGEST = "the relation of one entry", "the largest is one of the entries"
HYPOTHESES = (ONE, LARGEST)


def bounded() -> Fact:
    """c − max|xᵢ| ≥ 0 from c − |xᵢ| ≥ 0 for every i: at the i where it is attained."""
    return certify(c - largest, [(1, assume(c - size, ONE)), (1, assume(size - largest, LARGEST, Sign.ZERO))])


def proof() -> tuple[Fact, ...]:
    """Σgapᵢ ≥ 0 and Σgapᵢ = 0 from the same of every entry; a bound of every entry is one of the largest."""
    sums = Sums((gap,), n)
    signs = (Sign.NONNEGATIVE, Sign.ZERO)
    return (*(total(assume(gap, ONE, sign), sums) for sign in signs), bounded())
