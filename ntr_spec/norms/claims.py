"""Properties that a norm may claim, and what follows from what.

A claim is a promise that the verifier checks like any law; an engine may rely on one only after it has
been proved in the same run. References: Horn and Johnson, *Matrix Analysis*, 5.4 and 7.4; Rockafellar, *Convex
Analysis*, sections 15 and 26.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable


class Claim(enum.Enum):
    """A property of a norm, beyond being one."""

    ABSOLUTE = "absolute"
    """‖|x|‖ = ‖x‖: only magnitudes matter; the same as monotone."""
    MONOTONE = "monotone"
    """|x| ≤ |y| entrywise implies ‖x‖ ≤ ‖y‖."""
    SYMMETRIC = "symmetric"
    """‖Πx‖ = ‖x‖ for every permutation Π of the entries."""
    UNITARILY_INVARIANT = "unitarily invariant"
    """‖QXR‖ = ‖X‖ for all orthogonal Q and R: only singular values matter."""
    POLYHEDRAL = "polyhedral"
    """The unit ball is a polytope: ‖x‖ is a maximum of finitely many linear functions."""
    STRICTLY_CONVEX = "strictly convex"
    """‖x + y‖ < ‖x‖ + ‖y‖ unless x and y point the same way; then the dual norm's LMO is single-valued."""
    EUCLIDEAN = "euclidean"
    """‖x + y‖² + ‖x − y‖² = 2‖x‖² + 2‖y‖²: the norm comes from an inner product."""


_IMPLIES: dict[Claim, frozenset[Claim]] = {
    Claim.ABSOLUTE: frozenset({Claim.MONOTONE}),
    Claim.MONOTONE: frozenset({Claim.ABSOLUTE}),
    Claim.EUCLIDEAN: frozenset({Claim.STRICTLY_CONVEX}),
}


LINEAR_CLAIMS = frozenset({Claim.POLYHEDRAL, Claim.STRICTLY_CONVEX, Claim.EUCLIDEAN})
"""Claims that survive every invertible linear change of variables."""


def closure(claims: Iterable[Claim]) -> frozenset[Claim]:
    """Everything that follows from ``claims`` (absolute ⇔ monotone, Euclidean ⇒ strictly convex).

    >>> sorted(c.value for c in closure({Claim.EUCLIDEAN}))
    ['euclidean', 'strictly convex']
    """
    known: set[Claim] = set(claims)
    fresh = set(known)
    while fresh:
        fresh = set().union(*(_IMPLIES.get(c, frozenset()) for c in fresh)) - known
        known |= fresh
    return frozenset(known)
