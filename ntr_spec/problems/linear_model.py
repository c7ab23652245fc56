"""``LinearModel``: mean φ(⟨aⱼ, x⟩ − bⱼ) + (weight/2)‖x‖₂² on given data: logistic, robust and least-squares regression.

With S = AᵀA/n, λ = sup|φ″| = φ″(0) and M = sup|φ‴|:

* L ≤ sup{⟨u, (λS + weight·I)u⟩ : ‖u‖ ≤ 1}, as mean |⟨aⱼ,u⟩⟨aⱼ,w⟩| ≤ √(⟨u,Su⟩⟨w,Sw⟩); it is the least L if some x has
  all ⟨aⱼ, x⟩ = bⱼ, for then ∇²f(x) = λS + weight·I. In logistic regression b = 0, and x = 0 is such a point.
* H ≤ M·sup{mean |⟨aⱼ,u⟩|³ : ‖u‖ ≤ 1} (Hölder), at most M·maxⱼ‖aⱼ‖_*·sup{⟨u,Su⟩ : ‖u‖ ≤ 1}; for ℓ₁ it is at a corner.

References: Böhning and Lindsay, *Monotonicity of quadratic-approximation algorithms* (1988); Huber and Ronchetti,
*Robust Statistics* (2009), 7.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from typing import Any, ClassVar, final

import numpy as np

from ntr_spec.arrays import Namespace, namespace_of
from ntr_spec.errors import InputError
from ntr_spec.norms.base import Norm
from ntr_spec.norms.vector import L1, L2
from ntr_spec.problems.baseline import Baseline
from ntr_spec.problems.forms import largest_value
from ntr_spec.problems.known import Constant, Known, like_x0
from ntr_spec.problems.newton import Minimum, minimum, span
from ntr_spec.problems.problem import check_sampling, to_host
from ntr_spec.problems.scalars import Cauchy, Scalar, Softplus
from ntr_spec.trees import shapes

Array = Any


@final
@dataclasses.dataclass(frozen=True, eq=False)
class LinearModel(Known):
    """f(x) = mean over j of φ(⟨aⱼ, x⟩ − bⱼ) + (weight/2)‖x‖₂².

    The minimiser is known where some x fits every example exactly and weight = 0, and for convex φ where Newton's
    method finds one that Kantorovich's theorem certifies; ``infimum`` is then a lower bound, below f(x*) by less than
    rounding. Where no minimiser is known it is 0, a lower bound because φ ≥ 0.

    Args:
        scalar: φ; a :class:`Softplus` takes margins, the rows of A times their signs, and b = 0.
        features: A, n×d.
        targets: b, of size n.
        weight: of the squared norm, at least 0.
        x0: of size d, zeros by default.

    Raises:
        InputError: sizes differ, A is zero, or the weight is negative or not finite.

    >>> from ntr_spec import L1
    >>> problem = LinearModel(Cauchy(), np.asarray([[1.0, 2.0], [0.0, 2.0]]), np.asarray([3.0, 2.0]))
    >>> problem.minimizer.round(9).tolist(), problem.known(L1())["L"].value
    ([1.0, 1.0], 4.0)
    """

    arrays: ClassVar[tuple[str, ...]] = ("features", "targets", "x0")

    scalar: Scalar
    features: Array
    targets: Array
    weight: float = 0.0
    x0: Array = None

    def __post_init__(self) -> None:
        sizes = tuple(self.features.shape), tuple(self.targets.shape)
        if len(sizes[0]) != 2 or sizes[1] != sizes[0][:1]:
            raise InputError(f"LinearModel: expected features n×d and n targets, got {sizes[0]} and {sizes[1]}")
        if not np.any(to_host(self.features)):
            raise InputError("LinearModel: expected features that are not all zero, got zeros; L would be 0")
        check_sampling("LinearModel", None, self.weight)
        if self.x0 is None:
            xp = namespace_of(self.features)
            zeros = xp.zeros(sizes[0][1], dtype=self.features.dtype, device=self.features.device)
            object.__setattr__(self, "x0", zeros)
        if tuple(self.x0.shape) != sizes[0][1:]:
            raise InputError(f"LinearModel: expected x0 of size {sizes[0][1]}, got {tuple(self.x0.shape)}; make it so")

    def _value_and_gradient(self, x: Array, step: int | None, xp: Namespace) -> tuple[Array, Array]:
        off = self.features @ x - self.targets
        value = xp.mean(self.scalar.value(off, xp)) + self.weight / 2 * xp.sum(x * x)
        return value, self.scalar.slope(off, xp) @ self.features / off.shape[0] + self.weight * x

    def _hessian_vector(self, x: Array, v: Array, xp: Namespace) -> Array:
        off = self.features @ x - self.targets
        return (self.scalar.bend(off, xp) * (self.features @ v)) @ self.features / off.shape[0] + self.weight * v

    def _metrics(self, x: Array, xp: Namespace) -> dict[str, float]:
        if isinstance(self.scalar, Softplus):
            margin = self.features @ x - self.targets
            return {"accuracy": float(xp.mean(xp.astype(margin > 0, margin.dtype)))}
        return {}

    # ---- constants --------------------------------------------------------------------------------------------

    @functools.cached_property
    def _data(self) -> tuple[Array, Array]:
        A, b = (np.asarray(to_host(a), dtype=np.float64) for a in (self.features, self.targets))
        return A, b

    @functools.cached_property
    def _fit(self) -> Array | None:
        """An x with ⟨aⱼ, x⟩ = bⱼ for all j, to the rounding of the data; None if there is none."""
        A, b = self._data
        x = np.linalg.lstsq(A, b)[0]
        size = np.abs(A) @ np.abs(x) + np.abs(b)
        eps = float(np.finfo(to_host(self.features).dtype).eps)
        return x if np.all(np.abs(A @ x - b) <= 64 * len(x) * eps * size) else None

    def _smoothness(self, norm: Norm) -> Constant | None:
        A, _ = self._data
        hessian = self.scalar.curvature * (A.T @ A) / len(A) + self.weight * np.eye(A.shape[1])
        found = largest_value(hessian, norm, shapes(self.x0))
        if found is None or self._fit is not None or self.scalar.third == 0:
            return found
        return dataclasses.replace(found, tight=False, why=f"{found.why}; no x fits every example")

    def _second_smoothness(self, norm: Norm) -> Constant | None:
        A, _ = self._data
        third = self.scalar.third
        if third == 0:
            return Constant(0.0, True, "the Hessian is constant")
        if isinstance(norm, L1):
            # Where the rows of A are independent, some x gives φ‴ its largest size at every j, with the sign of aⱼᵢ.
            value = third * float(np.max(np.mean(np.abs(A) ** 3, axis=0)))
            free = int(np.linalg.matrix_rank(A)) == len(A)
            return Constant(value, free, "sup|φ‴|·max over i of mean |aⱼᵢ|³")
        form = largest_value(A.T @ A / len(A), norm, shapes(self.x0))
        if form is None:
            return None
        longest = max(float(norm.dual(a)) for a in A)
        return Constant(third * longest * form.value, False, "sup|φ‴|·max‖aⱼ‖_*·sup{⟨u, Su⟩ : ‖u‖ ≤ 1}")

    # ---- minimiser --------------------------------------------------------------------------------------------

    @functools.cached_property
    def _minimum(self) -> Minimum | None:
        if self.scalar.centred and self._fit is not None and self.weight == 0:
            return Minimum(self._fit, 0.0)
        if not self.scalar.convex:
            return None
        A, b = self._data
        # In the span of the examples, where x* lies: x = Vz, and outside of which nothing changes f.
        V = span(A)
        B = A @ V
        xp = namespace_of(B)

        def derivatives(z: Array) -> tuple[float, Array, Array]:
            off = B @ z - b
            value = np.mean(self.scalar.value(off, xp)) + self.weight / 2 * (z @ z)
            gradient = self.scalar.slope(off, xp) @ B / len(B) + self.weight * z
            bend = self.scalar.bend(off, xp)[:, None]
            return float(value), gradient, (bend * B).T @ B / len(B) + self.weight * np.eye(len(z))

        third = self.scalar.third * float(np.mean(np.linalg.norm(B, axis=1) ** 3))
        found = minimum(derivatives, np.zeros(V.shape[1]), third)
        return None if found is None else Minimum(V @ found.x, found.lower)

    def _baseline(self, steps: int) -> Baseline | None:
        if self._minimum is None:
            return None
        return Baseline("Newton's method" if self.scalar.convex else "an exact fit", self._minimum.x, True)

    @property
    def minimizer(self) -> Array | None:
        """x* to machine precision, where it is known."""
        return None if self._minimum is None else like_x0(self, self._minimum.x)

    @property
    def infimum(self) -> float:
        """A lower bound for inf f: f(x*) to rounding where x* is known, else 0."""
        return 0.0 if self._minimum is None else max(0.0, self._minimum.lower)

    @property
    def star_convex(self) -> bool:
        """Whether φ is convex."""
        return self.scalar.convex

    @property
    def norm(self) -> Norm:
        """ℓ₂."""
        return L2()


def logistic_regression(features: Array, signs: Array, weight: float = 0.0, x0: Array = None) -> LinearModel:
    """mean log(1 + exp(−yⱼ⟨aⱼ, x⟩)) + (weight/2)‖x‖₂², with a column of ones in A where an intercept is wanted.

    Args:
        features: A, n×d.
        signs: y, n of ±1.
        weight: at least 0.
        x0: zeros by default.

    Raises:
        InputError: sizes differ or y is not of signs.

    >>> problem = logistic_regression(np.asarray([[1.0], [1.0], [1.0]]), np.asarray([1.0, 1.0, -1.0]))
    >>> problem.minimizer.round(9).tolist(), problem.known(L2())["L"].value
    ([0.693147181], 0.25)
    """
    if tuple(signs.shape) != tuple(features.shape[:1]) or not np.all(np.abs(to_host(signs)) == 1):
        raise InputError("logistic_regression: expected a sign, 1 or −1, for each row of features; pass n of them")
    return LinearModel(Softplus(), signs[:, None] * features, 0 * signs, weight, x0)


def robust_regression(
    size: int,
    examples: int,
    scalar: Scalar = Cauchy(),  # noqa: B008 (immutable)
    outliers: float = 0.0,
    spread: float = 1.0,
    seed: int = 0,
) -> LinearModel:
    """mean φ(⟨aⱼ, x⟩ − bⱼ) for Gaussian aⱼ and b = Ax* but for a share of outliers; x* ~ N(0, spread²I).

    Args:
        size: d, entries of x.
        examples: n.
        scalar: φ.
        outliers: the share of examples whose bⱼ is 10·spread·√d off; with any, x* and inf f are not known.
        spread: standard deviation of the entries of x*.
        seed: of everything drawn.

    Raises:
        InputError: a number is out of range.

    >>> problem = robust_regression(3, 20)
    >>> problem.infimum, problem.known(L2())["L"].tight, problem.star_convex
    (0.0, True, False)
    """
    if size < 1 or examples < 1 or not 0 <= outliers <= 1 or not 0 < spread < math.inf:
        raise InputError(
            "robust_regression: expected size and examples of at least 1, a share of outliers in [0, 1] and a positive "
            f"spread, got {size}, {examples}, {outliers} and {spread}; change what is out of range"
        )
    rng = np.random.default_rng(seed)
    features, truth = rng.normal(size=(examples, size)), spread * rng.normal(size=size)
    off = (np.arange(examples) < outliers * examples) * rng.choice([-1.0, 1.0], size=examples)
    return LinearModel(scalar, features, features @ truth + 10 * spread * math.sqrt(size) * off)
