"""R(x) = ΣR_b(x_b) has the laws of its blocks: values, inner products and gaps add up, conditions hold block by block.

By induction on the number of blocks: the gap of all but the last, and the gap of the last.
"""

import sympy as sp

from ntr_spec.verify.kernel import Fact, Sign, assume, certify

first, last = sp.symbols("gap_rest gap_last", real=True)
HYPOTHESES = ("a relation of the blocks",)


def proof() -> tuple[Fact, ...]:
    """The sum of two gaps, for inequalities and for equations."""
    found = []
    for sign in (Sign.NONNEGATIVE, Sign.ZERO):
        gaps = [assume(e, "a relation of the blocks", sign) for e in (first, last)]
        found.append(certify(first + last, [(1, gap) for gap in gaps], sign))
    return tuple(found)
