"""Matrix completion: the missing entries of a matrix from those seen, by a bound on the nuclear norm.

Reference: Jaggi and Sulovský, *A simple algorithm for nuclear norm regularized problems* (ICML 2010).
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any, ClassVar, final

from ntr_spec.arrays import Namespace, namespace_of
from ntr_spec.errors import InputError
from ntr_spec.norms.base import Norm
from ntr_spec.norms.matrix import Frobenius
from ntr_spec.norms.spectral import Nuclear
from ntr_spec.problems import baseline
from ntr_spec.problems.baseline import Baseline
from ntr_spec.problems.problem import Problem
from ntr_spec.steps import Ball, Regularizer

Array = Any


@final
@dataclasses.dataclass(frozen=True, eq=False)
class MatrixCompletion(Problem):
    """f(X) = ½ mean of (X − A)² over the entries seen, for X in the ball ‖X‖_nuclear ≤ radius. Convex.

    Args:
        matrix: A, m×n.
        seen: m×n of ones and zeros.
        radius: of the nuclear-norm ball.
        x0: zeros by default.

    Raises:
        InputError: shapes differ, or nothing is seen, or the radius is not positive.

    >>> import numpy as np
    >>> problem = MatrixCompletion(np.ones((2, 2)), np.asarray([[1.0, 1.0], [1.0, 0.0]]), radius=2.0)
    >>> problem.objective(np.ones((2, 2))), problem.metrics(np.zeros((2, 2)))
    (0.0, {'rank': 0.0, 'error on hidden entries': 1.0})
    """

    arrays: ClassVar[tuple[str, ...]] = ("matrix", "seen", "x0")

    matrix: Array
    seen: Array
    radius: float
    x0: Array = None

    def __post_init__(self) -> None:
        xp = namespace_of(self.matrix)
        if self.matrix.ndim != 2 or self.seen.shape != self.matrix.shape:
            got = f"{tuple(self.matrix.shape)} and {tuple(self.seen.shape)}"
            raise InputError(f"MatrixCompletion: expected a matrix and which entries are seen, of one shape; got {got}")
        if not float(xp.sum(self.seen)) > 0:
            raise InputError("MatrixCompletion: expected some entry to be seen, got none; mark entries with 1")
        Ball(Nuclear(), self.radius)
        if self.x0 is None:
            object.__setattr__(self, "x0", xp.zeros_like(self.matrix))

    def _value_and_gradient(self, x: Array, step: int | None, xp: Namespace) -> tuple[Array, Array]:
        off = self.seen * (x - self.matrix)
        count = xp.sum(self.seen)
        return xp.sum(off * off) / (2 * count), off / count

    def _metrics(self, x: Array, xp: Namespace) -> dict[str, float]:
        values = xp.linalg.svdvals(x)
        # Above the rounding error of the values, relative to the largest.
        eps = xp.finfo(x.dtype).eps
        rank = float(xp.sum(xp.astype(values > values[0] * max(x.shape) * eps, x.dtype)))
        hidden = 1 - self.seen
        off = hidden * (x - self.matrix)
        return {"rank": rank, "error on hidden entries": math.sqrt(float(xp.sum(off * off) / xp.sum(hidden)))}

    def _baseline(self, steps: int) -> Baseline:
        return baseline.matrix_completion(self.matrix, self.seen, self.radius, steps)

    @property
    def norm(self) -> Norm:
        """Frobenius, whose step is a projection on the nuclear ball inside a search for one number."""
        return Frobenius()

    @property
    def regularizer(self) -> Regularizer:
        """The indicator of the nuclear-norm ball."""
        return Ball(Nuclear(), self.radius)
