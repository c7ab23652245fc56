"""Which formal vectors are determined by the noise up to an index, and so independent of what is drawn later."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ntr_spec.verify.formal.vectors import Atom, HessianProduct, Image
from ntr_spec.verify.formal.vocabulary import INDEX, Vocabulary

Expr = Any


def determined(vocabulary: Vocabulary, part: Atom, last: Expr, seen: frozenset[str] = frozenset()) -> bool:
    """Whether an atom is a function of n_0, …, n_last, and of nothing else that is random.

    x_j, s_j and n_j are, for j ≤ last. A sequence that is defined is, if the terms of its definition are, up to the
    index that they define; of those in ``seen`` this is being shown, by induction.
    """
    if isinstance(part, Image):
        return all(determined(vocabulary, inner, last, seen) for _, inner in part.of.terms)
    if isinstance(part, HessianProduct):
        whole = (part.along, *(inner for _, inner in part.at.terms))
        return all(determined(vocabulary, inner, last, seen) for inner in whole)
    if part.index is None:
        return part.name == "x*"
    if not (last - part.index).is_nonnegative:
        return False
    if part.name in seen:
        return True
    recursion = vocabulary.recursion(part.name)
    if recursion is None:
        return part.name in ("x", "s", "n")
    seen = seen | {part.name}
    first, step = recursion.first.terms, recursion.step(INDEX).terms
    return all(determined(vocabulary, inner, sp.S.Zero, seen) for _, inner in first) and all(
        determined(vocabulary, inner, INDEX + 1, seen) for _, inner in step
    )
