"""The trusted kernel: facts about real numbers that only the rules in this package can make.

A :class:`Fact` says that an expression (its *gap*) is ≥ 0, > 0 or = 0 whenever its symbols lie in the
domains that they declare (SymPy's ``real``, ``nonnegative``, ``positive``) and its hypotheses hold. The
main rule is :func:`certify`: the target's gap is Σ λᵢ·(known gap)ᵢ with λᵢ ≥ 0, checked by exact
expansion. Whoever found the λᵢ need not be trusted; this package, :mod:`~ntr_spec.verify.algebra`,
:mod:`~ntr_spec.verify.sums`, :mod:`~ntr_spec.verify.formal` and SymPy's ``expand`` and ``diff`` must be.
The form is that of LCF provers (Gordon, Milner and Wadsworth, *Edinburgh LCF*, 1979).

A fact may speak of sequences: one in which the index k occurs holds for every k ≥ 0, and so do its hypotheses.
"""

from __future__ import annotations

from ntr_spec.verify.algebra import CertificateError, is_zero, normal
from ntr_spec.verify.kernel.fact import Expr, Fact, Sign
from ntr_spec.verify.kernel.powers import attained, convex_minimum, extreme, powers_compare, powers_raise
from ntr_spec.verify.kernel.rules import assume, certify, evident, substitute, sum_of_squares, times
from ntr_spec.verify.kernel.sequences import equal_norms, every_index, induction, instance
from ntr_spec.verify.kernel.summing import one_of, total, vanish
from ntr_spec.verify.sums import Sums

__all__ = [
    "CertificateError",
    "Expr",
    "Fact",
    "Sign",
    "Sums",
    "assume",
    "attained",
    "certify",
    "convex_minimum",
    "equal_norms",
    "every_index",
    "evident",
    "extreme",
    "induction",
    "instance",
    "is_zero",
    "normal",
    "one_of",
    "powers_compare",
    "powers_raise",
    "substitute",
    "sum_of_squares",
    "times",
    "total",
    "vanish",
]
