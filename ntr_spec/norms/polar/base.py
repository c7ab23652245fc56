"""``Polar``, what every solver for the polar factor is, and ``Certified``, what a solver says of its own result.

Reference: Higham, *Functions of Matrices*, chapter 8.
"""

from __future__ import annotations

import abc
import dataclasses
from typing import Any, ClassVar, final

from ntr_spec.arrays import Namespace
from ntr_spec.errors import InputError, NotDeclaredError
from ntr_spec.typed import typed

Array = Any


@final
@dataclasses.dataclass(frozen=True)
class Certified:
    """A polar factor O of each matrix X of a stack, and how far it is from the best one.

    ‖O‖₂ ≤ 1 and ⟨X, O⟩ ≥ (1 − δ)·Σσᵢ(X).

    Attributes:
        factor: O, of X's shape and dtype.
        delta: δ in [0, 1], one number per matrix, of the stack's shape; in float32 where X is in half precision. NaN
            where X holds NaN; 0 where X is zero.
        solver: which solver found O, as it is typed; not the one that was asked where that one gave way.
        fallback: why another solver was asked, in words; empty if none was.
        also: further solvers that had a part in O; of a stack, some matrices may be theirs.
    """

    factor: Array
    delta: Array
    solver: str
    fallback: str = ""
    also: tuple[str, ...] = ()


def check_polar(subject: str, polar: object) -> None:
    """Raise InputError unless a norm's solver is one, not its class nor anything else."""
    if not isinstance(polar, Polar):
        raise InputError(f"{subject}: expected a polar solver, got {polar!r}; pass an instance such as polar.SVD()")


class Polar(abc.ABC):
    """Something that finds the polar factor of matrices.

    A solver declares ``factor``, and ``certified`` if it can say how good the factor is.

    Attributes:
        exact: True if the factor is exact up to rounding; an approximate one must be certified instead.
    """

    exact: ClassVar[bool] = False

    @property
    def absolute(self) -> bool:
        """Whether the factor depends on the scale of x, so that norms must not divide x first."""
        return False

    @abc.abstractmethod
    def factor(self, x: Array, xp: Namespace) -> Array:
        """Σ uᵢvᵢᵀ over the nonzero singular values of each matrix of the stack x; zero for a zero matrix.

        Array-API operations only, no Python loop over the stack, no value read on the host unless that is free.
        """

    def certified(self, x: Array, xp: Namespace) -> Certified:
        """The same factor with its certificate. Optional.

        Raises:
            NotDeclaredError: the solver has none.
        """
        raise NotDeclaredError(
            f"{self!r}: no certificate is declared; define certified(self, x, xp), or take a solver that has one, "
            "such as PolarExpress()"
        )

    @final
    def solve(self, x: Array, xp: Namespace) -> Array:
        """The factor; where the namespace asks for certificates, this solver's is noted there."""
        if xp.certificates is None:
            return self.factor(x, xp)
        found = self.certified(x, xp)
        xp.certificates.append(found)
        return found.factor

    def __repr__(self) -> str:
        return typed(self)
