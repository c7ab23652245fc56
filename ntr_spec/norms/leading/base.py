"""``Leading``, what every solver for a leading singular pair is, and ``CertifiedPair``, what it says of its result.

With unit vectors u and v, −uvᵀ is an LMO of the nuclear norm up to δ = 1 − uᵀXv/σ₁. Both sides of that ratio are at
hand: uᵀXv is measured, and every solver has an upper bound of σ₁.

Reference: Golub and Van Loan, *Matrix Computations*, 8.6 and 10.4.
"""

from __future__ import annotations

import abc
import dataclasses
import math
from typing import Any, ClassVar, final

from ntr_spec.arrays import Namespace, rounding
from ntr_spec.arrays.products import product_eps
from ntr_spec.arrays.sums import widened
from ntr_spec.errors import InputError, NotDeclaredError
from ntr_spec.typed import typed

Array = Any


@final
@dataclasses.dataclass(frozen=True)
class CertifiedPair:
    """Vectors u and v for each matrix X of a stack, and how far uvᵀ is from the best of its kind.

    ‖uvᵀ‖_* ≤ 1, also after rounding to X's dtype, and uᵀXv ≥ (1 − δ)·σ₁(X).

    Attributes:
        left: u, one for each matrix, along the last axis; in float32 where X is in half precision, else in X's dtype.
        right: v, likewise.
        upper: an upper bound of σ₁(X).
        delta: δ in [0, 1], one number per matrix. NaN where X holds NaN or infinity; 0 where X is zero.
        solver: which solver found the pair, as it is typed; not the one that was asked where that one gave way.
        fallback: why another solver was asked, in words; empty if none was.
        also: further solvers that had a part in it; of a stack, some matrices may be theirs.
    """

    left: Array
    right: Array
    upper: Array
    delta: Array
    solver: str
    fallback: str = ""
    also: tuple[str, ...] = ()


class Leading(abc.ABC):
    """Something that finds leading singular pairs of matrices.

    A solver declares ``pair``, and ``certified`` if it can say how good the pair is. Norms divide the matrix by its
    largest magnitude first; a matrix whose squares overflow or vanish is not provided for here.

    Attributes:
        exact: True if the pair is exact up to rounding; an approximate one must be certified instead.
    """

    exact: ClassVar[bool] = False

    @abc.abstractmethod
    def pair(self, x: Array, xp: Namespace) -> tuple[Array, Array]:
        """u and v for each matrix of the stack x, a little shorter than 1 so that uvᵀ is feasible after rounding.

        uvᵀ = 0 for a zero matrix. Array-API operations only, no Python loop over the stack, no value read on the host
        unless that is free.
        """

    def certified(self, x: Array, xp: Namespace) -> CertifiedPair:
        """The same pair with its certificate. Optional.

        Raises:
            NotDeclaredError: the solver has none.
        """
        raise NotDeclaredError(
            f"{self!r}: no certificate is declared; define certified(self, x, xp), or take a solver that has one, "
            "such as Power()"
        )

    @final
    def solve(self, x: Array, xp: Namespace) -> tuple[Array, Array]:
        """The pair; where the namespace asks for certificates, this solver's is noted there."""
        if xp.certificates is None:
            return self.pair(x, xp)
        found = self.certified(x, xp)
        xp.certificates.append(found)
        return found.left, found.right

    def __repr__(self) -> str:
        return typed(self)


def check_leading(subject: str, solver: object) -> None:
    """Raise InputError unless a norm's solver is one for leading pairs."""
    if not isinstance(solver, Leading):
        raise InputError(f"{subject}: expected a solver for leading pairs, got {solver!r}; pass one such as Power()")


def unit(x: Array, xp: Namespace) -> Array:
    """x over its length along the last axis; zero stays zero."""
    size = xp.sqrt(xp.sum(x * x, axis=-1, keepdims=True))
    return x / xp.where(size == 0, xp.ones_like(size), size)


def times_vector(a: Array, x: Array, xp: Namespace) -> Array:
    """A·x for each matrix of a stack and its vector."""
    return xp.matmul(a, x[..., None])[..., 0]


def rank_one(left: Array, right: Array, like: Array, xp: Namespace) -> Array:
    """uvᵀ for each pair of a stack, in the dtype of ``like``."""
    v = left[..., :, None] * right[..., None, :]
    return v if v.dtype == like.dtype else xp.astype(v, like.dtype)


def room(x: Array, xp: Namespace) -> float:
    """What to take from a pair of unit vectors so that ‖uvᵀ‖_* ≤ 1 once its entries are rounded to x's dtype.

    Rounding moves every entry by at most eps/2 of itself, so uvᵀ by at most eps/2 in the Frobenius norm and √r·eps/2
    in the nuclear norm, r = min(m, n); that is a bound. The lengths of u and v are those of the rounding model.
    """
    narrow, wide = xp.limits(x.dtype), xp.limits(widened(x[..., :1, :1], xp).dtype)
    if xp.exact or narrow is None or wide is None:
        return 0.0
    m, n = x.shape[-2:]
    return math.sqrt(min(m, n)) * narrow.eps / 2 + rounding(wide.eps, max(m, n))


def slack(x: Array, xp: Namespace) -> float:
    """What δ is given for rounding in uᵀXv and in an upper bound of σ₁, in parts of σ₁: a model."""
    if xp.exact:
        return 0.0
    narrow = xp.limits(x.dtype)
    assert narrow is not None  # admitted points are floating
    # The entries of uvᵀ are rounded once more, to x's dtype; sums are as precise as the library's products.
    return narrow.eps + 2 * rounding(product_eps(widened(x[..., :1, :1], xp), xp), max(x.shape[-2:]))


def certify(value: Array, upper: Array, allowance: float, xp: Namespace) -> Array:
    """δ from uᵀXv, an upper bound of σ₁ and what rounding is given; 0 where both are zero, NaN where one is."""
    zero = upper == 0
    delta = 1 - value / xp.where(zero, xp.ones_like(upper), upper) + allowance
    delta = xp.where(delta > 1, xp.ones_like(delta), delta)  # comparisons keep NaN
    return xp.where(zero | (delta < 0), xp.zeros_like(delta), delta)
