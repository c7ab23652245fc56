"""``Ellipsoidal``: the norm of an inner product. Reference: Boyd and Vandenberghe, *Convex Optimization*, 2.2.2."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar, final

from ntr_spec.arrays import Namespace, Parameter
from ntr_spec.errors import InputError
from ntr_spec.norms.base import Norm
from ntr_spec.norms.claims import Claim
from ntr_spec.norms.multipliers import project_ellipsoid
from ntr_spec.norms.notation import group
from ntr_spec.trees import Shape, Tree

Array = Any


@final
@dataclasses.dataclass(frozen=True, repr=False)
class Ellipsoidal(Norm):
    """√(xᵀPx), P symmetric positive definite; with ``inverse`` √(xᵀP⁻¹x). Dual: the other of the two.

    LMO: −P⁻¹g/√(gᵀP⁻¹g), or −Pg/√(gᵀPg). ρ = 1/√λ_min(P), or √λ_max(P) with ``inverse``. P⁻¹ is applied by solving, so
    that no rounded inverse is ever stored. The projection takes the eigenvalues of P and a fixed number of Newton's
    steps. An array's entries are read as one long vector.

    Args:
        P: n×n.
        inverse: use P⁻¹ in place of P.

    Raises:
        InputError: P is not square, symmetric or positive definite; a point does not have n entries.

    Source: Boyd and Vandenberghe, *Convex Optimization*, A.1.6.

    >>> import numpy as np
    >>> norm = Ellipsoidal([[4, 0], [0, 9]])
    >>> g = np.array([3.0, 0.0])
    >>> float(norm(g)), float(norm.dual(g)), norm.lmo(g).tolist()
    (6.0, 1.5, [-0.5, -0.0])
    """

    P: Any
    inverse: bool = False

    event_rank: ClassVar[int | None] = 1
    batched: ClassVar[bool] = True

    def __post_init__(self) -> None:
        import numpy as np

        P = Parameter(self.P, "Ellipsoidal.P")
        if len(P.shape) != 2 or P.shape[0] != P.shape[1]:
            raise InputError(f"Ellipsoidal: expected a square matrix P, got shape {P.shape}; pass n×n numbers")
        if not bool(np.all(P.host == P.host.T)):
            raise InputError(f"Ellipsoidal: expected a symmetric matrix P, got {P!r}; pass (P + P.T) / 2")
        try:
            np.linalg.cholesky(P.host)
        except np.linalg.LinAlgError:
            raise InputError(
                f"Ellipsoidal: expected a positive definite matrix P, got {P!r}; add a multiple of the identity"
            ) from None
        object.__setattr__(self, "P", P)

    def _value(self, x: Array, xp: Namespace) -> Array:
        return xp.sqrt(xp.sum(x * _times(self.P, self.inverse, x, xp), axis=-1))

    def _lmo(self, g: Array, xp: Namespace) -> Array:
        steep = _times(self.P, not self.inverse, g, xp)
        size = xp.sqrt(xp.sum(g * steep, axis=-1, keepdims=True))
        return -steep / xp.where(size == 0, xp.ones_like(size), size)

    def _project(self, x: Array, radius: Array, xp: Namespace) -> Array:
        # Singular vectors of a positive definite matrix are its eigenvectors.
        turn, d, _ = xp.linalg.svd(self.P.like(x, xp))
        y = project_ellipsoid(_turned(xp.matrix_transpose(turn), x, xp), 1 / d if self.inverse else d, radius, xp)
        return xp.where(self._value(x, xp)[..., None] <= radius, x, _turned(turn, y, xp))

    def _rho(self, shape: Shape, xp: Namespace) -> Array:
        eigenvalues = xp.linalg.eigvalsh(self.P.like(xp.asarray(1.0), xp))
        return xp.sqrt(eigenvalues[-1]) if self.inverse else 1.0 / xp.sqrt(eigenvalues[0])

    def _accepts(self, shape: Tree) -> str | None:
        if not isinstance(shape, Shape):
            return "an array, not a pytree; combine blocks with Product"
        n = self.P.shape[0]
        return None if shape.size == n else f"{n} entries, as many as P has rows"

    def _shapes(self, dims: tuple[int, ...]) -> tuple[Tree, ...]:
        return (Shape((self.P.shape[0],)),)

    @property
    def dual(self) -> Norm:
        """The norm of the inverse matrix."""
        return Ellipsoidal(self.P, not self.inverse)

    @property
    def claims(self) -> frozenset[Claim]:
        """Euclidean."""
        return frozenset({Claim.EUCLIDEAN})

    def _notation(self, x: str) -> str:
        return f"√({group(x)}ᵀP{'⁻¹' if self.inverse else ''}{group(x)})"


def _turned(turn: Array, x: Array, xp: Namespace) -> Array:
    return xp.matmul(turn, x[..., None])[..., 0]


def _times(P: Parameter, inverse: bool, x: Array, xp: Namespace) -> Array:
    """P·x or P⁻¹·x for each point of a stack."""
    matrix, column = P.like(x, xp), x[..., None]
    return (xp.linalg.solve(matrix, column) if inverse else xp.matmul(matrix, column))[..., 0]
