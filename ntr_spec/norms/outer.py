"""What every norm of norms asks of its parts: an absolute outer norm, and what follows for claims and projections."""

from __future__ import annotations

from ntr_spec.errors import InputError, NotDeclaredError
from ntr_spec.norms.base import Norm
from ntr_spec.norms.claims import Claim, closure
from ntr_spec.norms.matrix import Frobenius
from ntr_spec.norms.vector import L2, LInf


def check_outer(subject: str, outer: Norm) -> None:
    """Raise InputError unless the outer norm claims to be absolute."""
    if not isinstance(outer, Norm) or Claim.ABSOLUTE not in closure(outer.claims):
        raise InputError(
            f"{subject}: expected an outer norm that claims to be ABSOLUTE, got {outer!r}; "
            "take an ℓ_p norm, or add Claim.ABSOLUTE to its claims if it holds"
        )


def can_project(outer: Norm, inner: tuple[Norm, ...]) -> bool:
    """Whether the norm of norms has a projection: block by block, or by shrinking Euclidean blocks."""
    if isinstance(outer, LInf):
        return all(n.has_projection for n in inner)
    return outer.has_projection and all(isinstance(n, L2 | Frobenius) for n in inner)


def check_project(subject: str, outer: Norm, inner: tuple[Norm, ...]) -> None:
    """Raise NotDeclaredError unless it has."""
    if not can_project(outer, inner):
        raise NotDeclaredError(
            f"{subject}.project: no projection is known for {outer!r} over {', '.join(map(repr, inner))}; "
            "it is for LInf over norms with one, and for outer norms with one over L2 or Frobenius"
        )


def common_claims(norms: tuple[Norm, ...]) -> frozenset[Claim]:
    """A norm of norms is absolute, polyhedral, strictly convex or Euclidean if all its norms are."""
    kept = frozenset({Claim.ABSOLUTE, Claim.POLYHEDRAL, Claim.STRICTLY_CONVEX, Claim.EUCLIDEAN})
    for norm in norms:
        kept &= closure(norm.claims)
    return kept


def over(outer: Norm, part: str, index: str) -> str:
    """φ over indexed parts, as a maximum where φ is ℓ_∞."""
    return f"max_{index} {part}" if isinstance(outer, LInf) else outer._notation(f"({part})_{index}")
