"""``Linear``: a norm after an invertible linear map. Reference: Rockafellar, *Convex Analysis*, corollary 15.3.2.

With B = A or A⁻ᵀ, N(x) = n(Bx) has N_*(g) = n_*(B⁻ᵀg) and lmo_N(g) = B⁻¹·lmo_n(B⁻ᵀg). Inverses are applied by solving.
"""

from __future__ import annotations

import dataclasses
import itertools
from typing import Any, final

from ntr_spec.arrays import Namespace, Parameter
from ntr_spec.errors import InputError, NotDeclaredError
from ntr_spec.norms.apply import apply_lmo, apply_value
from ntr_spec.norms.base import Norm, SupportFunction, check_norm
from ntr_spec.norms.claims import LINEAR_CLAIMS, Claim, closure
from ntr_spec.norms.multipliers import project_ellipsoid
from ntr_spec.norms.notation import group
from ntr_spec.norms.vector import L1, L2, LInf
from ntr_spec.trees import Shape, Tree

Array = Any

_LARGEST_SIGN_CUBE = 12


@final
@dataclasses.dataclass(frozen=True, repr=False)
class Linear(Norm):
    """n(Ax), A invertible; with ``inverse`` n(A⁻ᵀx). Dual: n.dual, the other way. LMO: A⁻¹lmo_n(A⁻ᵀg), or Aᵀlmo_n(Ag).

    ρ is known for n = L2 (the largest singular value of A⁻¹, or of A with ``inverse``), L1 (the largest ℓ₂ norm of a
    column of A⁻¹), and LInf up to 12 entries, by going through every sign: for LInf it is NP-hard in general.
    Projection for n = L2, an ellipsoid.

    Args:
        norm: n, on vectors.
        A: n×n; an array's entries are read as one long vector.
        inverse: use A⁻ᵀ in place of A.

    Raises:
        InputError: A is not square or is singular to working precision; n or a point does not fit.

    >>> import numpy as np
    >>> norm = Linear(LInf(), [[1, 1], [0, 2]])
    >>> g = np.array([3.0, -4.0])
    >>> float(norm(g)), float(norm.dual(g)), norm.lmo(g).tolist()
    (8.0, 6.5, [-1.5, 0.5])
    """

    norm: Norm
    A: Any
    inverse: bool = False

    def __post_init__(self) -> None:
        import numpy as np

        check_norm("Linear", self.norm)
        A = Parameter(self.A, "Linear.A")
        if len(A.shape) != 2 or A.shape[0] != A.shape[1]:
            raise InputError(f"Linear: expected a square matrix A, got shape {A.shape}; pass n×n numbers")
        if int(np.linalg.matrix_rank(A.host)) < A.shape[0]:
            raise InputError(f"Linear: expected an invertible matrix A, got {A!r}; n(Ax) is a norm for no other")
        expected = self.norm._accepts(Shape(A.shape[:1]))
        if expected is not None:
            raise InputError(f"Linear: {type(self.norm).__name__} expects {expected}; got A of shape {A.shape}")
        object.__setattr__(self, "A", A)

    @property
    def event_rank(self) -> int:
        """1: points are vectors."""
        return 1

    @property
    def batched(self) -> bool:
        """Always."""
        return True

    def _forward(self, x: Array, xp: Namespace) -> Array:
        """Bx, for B = A or A⁻ᵀ."""
        A = self.A.like(x, xp)
        if self.inverse:
            return xp.linalg.solve(xp.matrix_transpose(A), x[..., None])[..., 0]
        return xp.matmul(A, x[..., None])[..., 0]

    def _back(self, v: Array, xp: Namespace) -> Array:
        """B⁻¹v."""
        A = self.A.like(v, xp)
        if self.inverse:
            return xp.matmul(xp.matrix_transpose(A), v[..., None])[..., 0]
        return xp.linalg.solve(A, v[..., None])[..., 0]

    def _turned(self, g: Array, xp: Namespace) -> Array:
        """B⁻ᵀg."""
        A = self.A.like(g, xp)
        if self.inverse:
            return xp.matmul(A, g[..., None])[..., 0]
        return xp.linalg.solve(xp.matrix_transpose(A), g[..., None])[..., 0]

    def _value(self, x: Array, xp: Namespace) -> Array:
        return apply_value(self.norm, self._forward(x, xp), xp, x.ndim - 1)

    def _lmo(self, g: Array, xp: Namespace) -> Array:
        return self._back(apply_lmo(self.norm, self._turned(g, xp), 1.0, xp, g.ndim - 1), xp)

    def _project(self, x: Array, radius: Array, xp: Namespace) -> Array:
        if not isinstance(self.norm, L2):
            raise NotDeclaredError(
                f"Linear.project: no projection is known for a matrix inside {self.norm!r}; it is for L2"
            )
        # ‖Bx‖₂² = Σ dᵢ(Vᵀx)ᵢ², A = U·diag(σ)·Vᵀ, d = σ² for B = A and 1/σ² for B = A⁻ᵀ = U·diag(1/σ)·Vᵀ.
        _, sigma, turn = xp.linalg.svd(self.A.like(x, xp))
        d = 1 / (sigma * sigma) if self.inverse else sigma * sigma
        y = project_ellipsoid(xp.matmul(turn, x[..., None])[..., 0], d, radius, xp)
        inside = self._value(x, xp)[..., None] <= radius
        return xp.where(inside, x, xp.matmul(xp.matrix_transpose(turn), y[..., None])[..., 0])

    @property
    def has_projection(self) -> bool:
        """Whether the norm is L2."""
        return isinstance(self.norm, L2)

    def _rho(self, shape: Shape, xp: Namespace) -> Array:
        n = shape.size
        identity = Parameter([[float(i == j) for j in range(n)] for i in range(n)])
        # The columns of B⁻ᵀ, each the image of a unit vector.
        turned = xp.matrix_transpose(self._turned(identity.like(xp.asarray(1.0), xp), xp))
        if isinstance(self.norm, L2):
            return xp.linalg.svdvals(turned)[0]
        if isinstance(self.norm, L1):
            return xp.sqrt(xp.max(xp.sum(turned * turned, axis=-1)))
        if isinstance(self.norm, LInf) and n <= _LARGEST_SIGN_CUBE:
            signs = Parameter([(1.0, *rest) for rest in itertools.product((1.0, -1.0), repeat=n - 1)])
            corners = xp.matmul(signs.like(turned, xp), turned)
            return xp.sqrt(xp.max(xp.sum(corners * corners, axis=-1)))
        raise NotDeclaredError(
            f"Linear.rho: no constant is known for A of shape {self.A.shape} inside {self.norm!r}; "
            f"it is for L1, L2 and, up to {_LARGEST_SIGN_CUBE} entries, LInf (NP-hard in general)"
        )

    @property
    def has_rho(self) -> bool:
        """Whether the norm is L1, L2, or LInf on few entries."""
        small = self.A.shape[0] <= _LARGEST_SIGN_CUBE
        return isinstance(self.norm, L1 | L2) or (isinstance(self.norm, LInf) and small)

    def _accepts(self, shape: Tree) -> str | None:
        if not isinstance(shape, Shape):
            return "an array, not a pytree; combine blocks with Product"
        n = self.A.shape[0]
        return None if shape.size == n else f"{n} entries, as many as A has columns"

    def _shapes(self, dims: tuple[int, ...]) -> tuple[Tree, ...]:
        return (Shape(self.A.shape[:1]),)

    @property
    def dual(self) -> Norm:
        """The dual norm of A⁻ᵀ, or of A with ``inverse``."""
        dual = self.norm.dual
        return SupportFunction(self) if isinstance(dual, SupportFunction) else Linear(dual, self.A, not self.inverse)

    @property
    def claims(self) -> frozenset[Claim]:
        """Those of the norm that a change of variables keeps: polyhedral, strictly convex, Euclidean."""
        return closure(self.norm.claims) & LINEAR_CLAIMS

    def _notation(self, x: str) -> str:
        return self.norm._notation(f"{'A⁻ᵀ' if self.inverse else 'A'}{group(x)}")
