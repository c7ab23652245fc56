"""``Quadratic``: ½⟨x − t, A(x − t)⟩, of which everything is known."""

from __future__ import annotations

import dataclasses
import math
from typing import Any, ClassVar, final

import numpy as np

from ntr_spec.arrays import Namespace
from ntr_spec.errors import InputError, NotDeclaredError
from ntr_spec.norms.base import Norm
from ntr_spec.norms.vector import L2
from ntr_spec.problems.baseline import Baseline
from ntr_spec.problems.forms import largest_value
from ntr_spec.problems.known import Constant, Known
from ntr_spec.problems.problem import to_host
from ntr_spec.trees import as_shape, shapes

Array = Any


@final
@dataclasses.dataclass(frozen=True, eq=False)
class Quadratic(Known):
    """f(x) = ½⟨x − t, A(x − t)⟩ with A symmetric positive definite; least at t, where f = 0.

    L = sup{⟨u, Au⟩ : ‖u‖ ≤ 1}, exactly where :func:`ntr_spec.problems.forms.largest_value` knows it; H = 0.

    Args:
        matrix: A.
        target: t.
        x0: where to start.

    Raises:
        InputError: A is not symmetric positive definite, or sizes differ.

    >>> problem = Quadratic()
    >>> float(problem.value_and_gradient(problem.x0)[0]), problem.objective(problem.target)
    (10.4, 0.0)
    """

    arrays: ClassVar[tuple[str, ...]] = ("matrix", "target", "x0")

    matrix: Array = dataclasses.field(default_factory=lambda: np.asarray([[1.0, 0.6], [0.6, 3.0]]))
    target: Array = dataclasses.field(default_factory=lambda: np.zeros(2))
    x0: Array = dataclasses.field(default_factory=lambda: np.asarray([-2.0, -2.0]))

    def __post_init__(self) -> None:
        if self.matrix.ndim != 2 or not self.matrix.shape == 2 * tuple(self.x0.shape) == 2 * tuple(self.target.shape):
            raise InputError("Quadratic: expected an n×n matrix with a target and x0 of size n; make the sizes agree")
        host = to_host(self.matrix)
        if not (np.array_equal(host, host.T) and np.linalg.eigvalsh(host)[0] > 0):
            raise InputError("Quadratic: expected a symmetric positive definite matrix; pass one")

    def _value_and_gradient(self, x: Array, step: int | None, xp: Namespace) -> tuple[Array, Array]:
        away = x - self.target
        gradient = self.matrix @ away
        return xp.sum(away * gradient) / 2, gradient

    def _hessian_vector(self, x: Array, v: Array, xp: Namespace) -> Array:
        return self.matrix @ v

    def _smoothness(self, norm: Norm) -> Constant | None:
        return largest_value(np.asarray(to_host(self.matrix), dtype=np.float64), norm, shapes(self.x0))

    def _second_smoothness(self, norm: Norm) -> Constant | None:
        return Constant(0.0, True, "the Hessian is constant")

    def _baseline(self, steps: int) -> Baseline:
        return Baseline("the least point", self.target, True)

    @property
    def minimizer(self) -> Array:
        """t."""
        return self.target

    @property
    def infimum(self) -> float:
        """0."""
        return 0.0

    @property
    def star_convex(self) -> bool:
        """True: f is convex."""
        return True

    @property
    def norm(self) -> Norm:
        """ℓ₂."""
        return L2()


def quadratic(
    size: int,
    condition: float = 10.0,
    norm: Norm | None = None,
    L: float = 1.0,
    diagonal: bool = False,
    spread: float = 1.0,
    seed: int = 0,
) -> Quadratic:
    """A :class:`Quadratic` with the L asked for in a norm, eigenvalues in geometric progression, t and x0 at random.

    Args:
        size: n.
        condition: the largest eigenvalue over the least, at least 1.
        norm: in which L is meant; None: ℓ₂. Where L is only bounded, it is the bound that equals L.
        L: > 0.
        diagonal: whether the eigenvectors are the axes; else they are drawn at random.
        spread: standard deviation of the entries of t and x0.
        seed: of what is drawn.

    Raises:
        InputError: an argument is out of range.
        NotDeclaredError: L is not known in the norm.

    >>> problem = quadratic(5, condition=100.0, L=2.0)
    >>> round(problem.known(L2())["L"].value, 9)
    2.0
    """
    if not 1 <= condition < math.inf or not 0 < L < math.inf or not 0 < spread < math.inf:
        got = f"condition={condition}, L={L}, spread={spread}"
        raise InputError(f"quadratic: expected a condition of at least 1, L > 0 and spread > 0, all finite, got {got}")
    count = as_shape(size, "quadratic").size
    rng = np.random.default_rng(seed)
    turn = np.eye(count) if diagonal else np.linalg.qr(rng.normal(size=(count, count)))[0]
    A = (turn * np.geomspace(1.0, 1 / condition, count)) @ turn.T
    unit = Quadratic((A + A.T) / 2, spread * rng.normal(size=count), spread * rng.normal(size=count))
    known = unit.known(L2() if norm is None else norm)
    if "L" not in known:
        raise NotDeclaredError(f"quadratic: L is not known in {norm!r}, which declares no rho; choose another norm")
    return dataclasses.replace(unit, matrix=L / known["L"].value * unit.matrix)
