"""``MatrixRegression``: least squares for a matrix, ½‖AX − B‖_F²/n, whose L is known in every unitarily invariant norm.

The Hessian is V ↦ SV with S = AᵀA/n. For ‖X‖ = φ(σ(X)), von Neumann's trace inequality gives
⟨U, SU⟩ = tr(S·UUᵀ) ≤ Σλᵢ(S)σᵢ(U)², with equality where U's left singular vectors are S's eigenvectors; so L is
sup{Σλᵢtᵢ² : φ(t) ≤ 1} over the min(m, k) largest λᵢ, the square of φ's weighted ρ: λ₁ for Frobenius and nuclear norms,
and λ₁ + … + λ_min(m,k) for the spectral one. References: Horn and Johnson, *Matrix Analysis*, 7.4.1; Golub and Van
Loan, *Matrix Computations*, 5.3.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from typing import Any, ClassVar, final

import array_api_compat.numpy as numpy_api
import numpy as np

from ntr_spec.arrays import Namespace, namespace_of
from ntr_spec.errors import InputError
from ntr_spec.norms.base import Norm
from ntr_spec.norms.matrix import Frobenius, RMSOperator, RMSOperatorDual
from ntr_spec.norms.shaped import ShapeScaled
from ntr_spec.norms.spectral import Nuclear, Spectral, UnitarilyInvariant
from ntr_spec.norms.transforms import Reshaped, Scaled
from ntr_spec.norms.vector import L1, L2, LInf
from ntr_spec.problems.baseline import Baseline
from ntr_spec.problems.forms import largest_value
from ntr_spec.problems.known import Constant, Known, by_rho, like_x0
from ntr_spec.problems.problem import to_host
from ntr_spec.trees import Shape, as_shape

Array = Any


@final
@dataclasses.dataclass(frozen=True, eq=False)
class MatrixRegression(Known):
    """f(X) = ½‖AX − B‖_F²/n, for n examples of m features and k outputs. Convex; H = 0.

    The minimiser is that of least norm, by singular values, and the infimum is its value: exact but for rounding.

    Args:
        features: A, n×m.
        targets: B, n×k.
        x0: m×k, zeros by default.

    Raises:
        InputError: sizes differ, or A is zero.

    >>> from ntr_spec import Spectral
    >>> problem = MatrixRegression(np.diag([2.0, 1.0]), np.eye(2))
    >>> problem.minimizer.tolist(), round(problem.known(Spectral())["L"].value, 9)
    ([[0.5, 0.0], [0.0, 1.0]], 2.5)
    """

    arrays: ClassVar[tuple[str, ...]] = ("features", "targets", "x0")

    features: Array
    targets: Array
    x0: Array = None

    def __post_init__(self) -> None:
        sizes = tuple(self.features.shape), tuple(self.targets.shape)
        if not len(sizes[0]) == len(sizes[1]) == 2 or sizes[0][0] != sizes[1][0]:
            raise InputError(f"MatrixRegression: expected features n×m and targets n×k, got {sizes[0]} and {sizes[1]}")
        if not np.any(to_host(self.features)):
            raise InputError("MatrixRegression: expected features that are not all zero; L would be 0")
        if self.x0 is None:
            xp = namespace_of(self.features)
            shape = (sizes[0][1], sizes[1][1])
            object.__setattr__(self, "x0", xp.zeros(shape, dtype=self.features.dtype, device=self.features.device))
        if tuple(self.x0.shape) != (sizes[0][1], sizes[1][1]):
            raise InputError(f"MatrixRegression: expected x0 m×k, got {tuple(self.x0.shape)}; None means zeros")

    def _value_and_gradient(self, x: Array, step: int | None, xp: Namespace) -> tuple[Array, Array]:
        off = self.features @ x - self.targets
        count = off.shape[0]
        return xp.sum(off * off) / (2 * count), self.features.T @ off / count

    def _hessian_vector(self, x: Array, v: Array, xp: Namespace) -> Array:
        return self.features.T @ (self.features @ v) / self.features.shape[0]

    def _smoothness(self, norm: Norm) -> Constant | None:
        A = np.asarray(to_host(self.features), dtype=np.float64)
        return _largest_value(A.T @ A / len(A), norm, Shape(self.x0.shape))

    def _second_smoothness(self, norm: Norm) -> Constant | None:
        return Constant(0.0, True, "the Hessian is constant")

    def _baseline(self, steps: int) -> Baseline:
        return Baseline("least squares", self.minimizer, True)

    @functools.cached_property
    def _solution(self) -> Array:
        A, B = (np.asarray(to_host(a), dtype=np.float64) for a in (self.features, self.targets))
        return np.linalg.lstsq(A, B)[0]

    @property
    def minimizer(self) -> Array:
        """A⁺B."""
        return like_x0(self, self._solution)

    @functools.cached_property
    def infimum(self) -> float:
        """½‖AA⁺B − B‖_F²/n, in float64."""
        A, B = (np.asarray(to_host(a), dtype=np.float64) for a in (self.features, self.targets))
        return float(np.sum((A @ self._solution - B) ** 2)) / (2 * len(A))

    @property
    def star_convex(self) -> bool:
        """True: f is convex."""
        return True

    @property
    def norm(self) -> Norm:
        """The spectral norm."""
        return Spectral()


def matrix_regression(
    rows: int,
    columns: int,
    examples: int | None = None,
    condition: float = 10.0,
    noise: float = 0.1,
    spread: float = 1.0,
    seed: int = 0,
) -> MatrixRegression:
    """A :class:`MatrixRegression` with B = AX + noise, X at random, and AᵀA/n with eigenvalues from 1 to 1/condition.

    Args:
        rows: m, rows of X.
        columns: k, columns of X.
        examples: n ≥ m; None: 2m.
        condition: at least 1; the eigenvalues are in geometric progression.
        noise: standard deviation of what is added to the targets.
        spread: standard deviation of the entries of X, and of x0.
        seed: of what is drawn.

    Raises:
        InputError: an argument is out of range.

    >>> from ntr_spec import Frobenius
    >>> problem = matrix_regression(4, 3)
    >>> problem.x0.shape, round(problem.known(Frobenius())["L"].value, 9)
    ((4, 3), 1.0)
    """
    m, k = as_shape((rows, columns), "matrix_regression").dims
    n = 2 * m if examples is None else as_shape(examples, "matrix_regression").size
    if n < m or not 1 <= condition < math.inf or not 0 <= noise < math.inf or not 0 < spread < math.inf:
        got = f"{n}, condition={condition}, noise={noise}, spread={spread}"
        raise InputError(
            f"matrix_regression: expected at least {m} examples, a condition of at least 1, noise ≥ 0 and spread > 0, "
            f"got {got}; change what is out of range"
        )
    rng = np.random.default_rng(seed)
    left, right = (np.linalg.qr(rng.normal(size=(size, m)))[0] for size in (n, m))
    A = math.sqrt(n) * (left * np.sqrt(np.geomspace(1.0, 1 / condition, m))) @ right.T
    truth, x0 = (spread * rng.normal(size=(m, k)) for _ in range(2))
    return MatrixRegression(A, A @ truth + noise * rng.normal(size=(n, k)), x0)


def _largest_value(S: Array, norm: Norm, shape: Shape) -> Constant | None:
    """sup{⟨U, SU⟩ : ‖U‖ ≤ 1} over m×k matrices."""
    rows, columns = shape.dims
    values = np.maximum(np.linalg.eigvalsh(S)[::-1], 0.0)
    match norm:
        case Frobenius() | Nuclear() | L2():
            return Constant(float(values[0]), True, "the largest eigenvalue of AᵀA/n")
        case UnitarilyInvariant() if norm.gauge.has_weighted_rho:
            xp = namespace_of(numpy_api.ones(1))
            reach = float(norm.gauge._rho_weighted(np.sqrt(values[: min(rows, columns)]), xp))
            return Constant(reach**2, True, "sup{Σλᵢtᵢ² : φ(t) ≤ 1}, λ the eigenvalues of AᵀA/n, φ the norm's gauge")
        case RMSOperator() | RMSOperatorDual():
            inner = _largest_value(S, Spectral() if isinstance(norm, RMSOperator) else Nuclear(), shape)
            ratio = rows / columns
            return inner and inner.times(ratio if isinstance(norm, RMSOperator) else 1 / ratio)
        case Scaled():
            inner = _largest_value(S, norm.norm, shape)
            return inner and inner.times(1 / float(norm.c) ** 2)
        case ShapeScaled():
            inner, square = _largest_value(S, norm.norm, shape), norm.scale(shape) ** 2
            return inner and inner.times(1 / square if norm.inverse else square)
        case Reshaped() if norm._resolved(shape.size) == shape.dims:
            return _largest_value(S, norm.norm, shape)
        case L1():
            return Constant(float(np.max(np.diagonal(S))), True, "the largest entry of the Hessian's diagonal")
        case LInf():
            inner = largest_value(S, norm, Shape((rows,)))  # the columns of U do not meet
            return inner and inner.times(columns)
    if np.array_equal(S, S[0, 0] * np.eye(rows)) or shape.size > _LARGEST_WHOLE:
        return by_rho(norm, shape, Constant(float(values[0]), True, "the largest eigenvalue of AᵀA/n"), 2)
    return largest_value(np.kron(S, np.eye(columns)), norm, shape)


_LARGEST_WHOLE = 400
