"""``Separable``: c·Σφ((xᵢ − tᵢ)/w) on arrays and pytrees of any shape, with L known exactly in every norm.

* L = ρ²·(c/w²)·sup|φ″|: the Hessian is diagonal with entries of at most that size, and at x = t it is (c/w²)φ″(0)I, so
  that sup ⟨u, ∇²f(t)u⟩/‖u‖² = (c/w²)φ″(0)·sup ‖u‖₂²/‖u‖² attains the bound.
* H = (c/w³)·sup|φ‴|·sup ‖u‖₃³/‖u‖³, exactly too (:mod:`ntr_spec.problems.reach`); where that supremum is not known,
  ‖u‖₃ ≤ ‖u‖₂ ≤ ρ‖u‖ gives an upper bound.
* f is star-convex at t if φ is at 0: sum φ((1−β)s) ≤ (1−β)φ(s) over the entries.

With ``Cosine()`` f is star-convex and not convex, with ``Wave()``, ``Cauchy()`` or ``Welsch()`` neither.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any, ClassVar, final

import numpy as np

from ntr_spec.arrays import Namespace
from ntr_spec.errors import InputError, NotDeclaredError
from ntr_spec.norms.base import Norm
from ntr_spec.norms.leaves import PerLeaf
from ntr_spec.norms.vector import L2
from ntr_spec.problems.baseline import Baseline
from ntr_spec.problems.known import Constant, Known, by_rho
from ntr_spec.problems.reach import reach
from ntr_spec.problems.scalars import Scalar
from ntr_spec.trees import Tree, as_shape, is_container, leaves, shapes, tree_map

Array = Any


@final
@dataclasses.dataclass(frozen=True, eq=False)
class Separable(Known):
    """f(x) = c·Σφ((xᵢ − tᵢ)/w), least at t, where f = 0.

    Args:
        scalar: φ, even and least at 0.
        target: t, an array or a pytree.
        x0: where to start, of the same shape.
        height: c > 0.
        width: w > 0.

    Raises:
        InputError: φ is not least at 0, shapes differ, or a number is not positive.

    >>> from ntr_spec import Spectral
    >>> from ntr_spec.problems import Cosine
    >>> problem = Separable(Cosine(), np.zeros((2, 3)), np.ones((2, 3)))
    >>> {name: (round(constant.value, 9), constant.tight) for name, constant in problem.known(Spectral()).items()}
    {'L': (5.0, True), 'H': (3.0, True)}
    """

    arrays: ClassVar[tuple[str, ...]] = ("target", "x0")

    scalar: Scalar
    target: Tree
    x0: Tree
    height: float = 1.0
    width: float = 1.0

    def __post_init__(self) -> None:
        if not isinstance(self.scalar, Scalar) or not self.scalar.centred:
            raise InputError(f"Separable: expected a scalar function least at 0, got {self.scalar!r}; take Square()")
        if shapes(self.target) != shapes(self.x0):
            got = f"{shapes(self.target)} and {shapes(self.x0)}"
            raise InputError(f"Separable: expected a target and x0 of one shape, got {got}; make the shapes agree")
        for name in ("height", "width"):
            number = getattr(self, name)
            if isinstance(number, bool) or not 0 < number < math.inf:
                raise InputError(f"Separable: expected a positive finite {name}, got {number!r}; 1 is the default")

    def _offsets(self, x: Tree) -> Tree:
        return tree_map(lambda a, t: (a - t) / self.width, x, self.target)

    def _value_and_gradient(self, x: Tree, step: int | None, xp: Namespace) -> tuple[Array, Tree]:
        offsets = self._offsets(x)
        total = sum(xp.sum(self.scalar.value(t, xp)) for t in leaves(offsets))
        gradient = tree_map(lambda t: self.height / self.width * self.scalar.slope(t, xp), offsets)
        return self.height * total, gradient

    def _hessian_vector(self, x: Tree, v: Tree, xp: Namespace) -> Tree:
        factor = self.height / self.width**2
        return tree_map(lambda t, d: factor * self.scalar.bend(t, xp) * d, self._offsets(x), v)

    def _smoothness(self, norm: Norm) -> Constant | None:
        top = Constant(self.scalar.curvature * self.height / self.width**2, True, "sup|φ″|, with ∇²f(t) = φ″(0)I")
        return by_rho(norm, shapes(self.x0), top, 2, isotropic=True)

    def _second_smoothness(self, norm: Norm) -> Constant | None:
        third = Constant(self.scalar.third * self.height / self.width**3, True, "sup|φ‴|")
        if third.value == 0:
            return dataclasses.replace(third, why="the Hessian is constant")
        far = reach(norm, shapes(self.x0), 3)
        if far is None:
            return by_rho(norm, shapes(self.x0), third, 3)
        return Constant(third.value * far**3, True, "sup|φ‴| times sup{‖u‖₃³ : ‖u‖ ≤ 1}")

    def _baseline(self, steps: int) -> Baseline:
        return Baseline("the least point", self.target, True)

    @property
    def minimizer(self) -> Tree:
        """t."""
        return self.target

    @property
    def infimum(self) -> float:
        """0."""
        return 0.0

    @property
    def star_convex(self) -> bool:
        """Whether φ is."""
        return self.scalar.star_convex

    @property
    def norm(self) -> Norm:
        """ℓ₂ of all entries."""
        return PerLeaf(L2(), outer=L2()) if is_container(self.x0) else L2()


def separable(
    scalar: Scalar,
    shape: Any,
    norm: Norm | None = None,
    L: float = 1.0,
    H: float | None = None,
    spread: float = 1.0,
    seed: int = 0,
) -> Separable:
    """A :class:`Separable` problem with the L, and where wanted the H, asked for in a norm; t and x0 drawn at random.

    Args:
        scalar: φ.
        shape: of the points: an int, a tuple of ints, or a pytree of them.
        norm: in which L and H are meant; None: ℓ₂ of all entries.
        L: > 0.
        H: > 0, where φ is not a square; None: w = 1.
        spread: standard deviation of the entries of t and x0, in units of w: starts are as far off at every scale.
        seed: of t and x0.

    Raises:
        InputError: an argument is out of range, or H is asked for where it is 0.
        NotDeclaredError: the norm knows no ρ.

    >>> from ntr_spec import LInf
    >>> from ntr_spec.problems import LogCosh
    >>> problem = separable(LogCosh(), 50, LInf(), L=2.0, H=0.5)
    >>> {name: round(constant.value, 9) for name, constant in problem.known(LInf()).items()}
    {'L': 2.0, 'H': 0.5}
    """
    rng = np.random.default_rng(seed)
    found = as_shape(shape, "separable")
    target, x0 = (tree_map(lambda s: rng.normal(size=s.dims), found) for _ in range(2))
    unit = Separable(scalar, target, x0)
    known = unit.known(unit.norm if norm is None else norm)
    if "L" not in known:
        raise NotDeclaredError(f"separable: {norm!r} declares no rho, so that L is not known; choose another norm")
    for name, wanted in (("L", L), ("H", H), ("spread", spread)):
        if wanted is not None and not 0 < wanted < math.inf:
            raise InputError(f"separable: expected a positive finite {name}, got {wanted!r}; 1 is usual")
    width = 1.0
    if H is not None:
        if known["H"].value == 0:
            raise InputError(f"separable: H is 0 for {scalar!r}, got H={H}; leave H out, or choose another function")
        width = (L / known["L"].value) / (H / known["H"].value)
    height = L / known["L"].value * width**2
    target, x0 = (tree_map(lambda a: spread * width * a, tree) for tree in (target, x0))
    return Separable(scalar, target, x0, height, width)
