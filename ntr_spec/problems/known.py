"""``Known``: a problem whose constants L, H, Δ₀, D and minimiser are known, in every norm where they are.

What follows from what (‖u‖₂ ≤ ρ‖u‖ is A3 of [Kovalev25] read on the other side of the duality):

* L ≤ ρ²λ where λ bounds the eigenvalues of ∇²f: |⟨u, ∇²f w⟩| ≤ λ‖u‖₂‖w‖₂ ≤ λρ²‖u‖‖w‖. If ∇²f = ±λI at some point this
  is L itself, for sup{⟨u, u⟩ : ‖u‖ ≤ 1} = ρ² is attained.
* H ≤ ρ³H₂ where |∇³f[u, u, w]| ≤ H₂‖u‖₂²‖w‖₂, in the same way; A4 is ∇f(x) − ∇f(y) − ∇²f(y)(x−y) =
  ∫₀¹(1−t)∇³f(y + t(x−y))[x−y, x−y]dt, so that sup ‖∇³f[u, u]‖_*/‖u‖² is the least H.

Reference: Nesterov, *Lectures on Convex Optimization* (2018), 1.2 and 4.1, for the Euclidean norm.
"""

from __future__ import annotations

import abc
import dataclasses
import math
from typing import TYPE_CHECKING, Any, final

import array_api_compat.numpy as numpy_api

from ntr_spec.arrays import Namespace, namespace_of
from ntr_spec.errors import InputError
from ntr_spec.norms.base import Norm
from ntr_spec.problems.problem import Problem, to_host
from ntr_spec.trees import Tree, shapes, tree_map

if TYPE_CHECKING:
    from ntr_spec.problems.noise import Noise
    from ntr_spec.theory.constants import Constants

Array = Any


@final
@dataclasses.dataclass(frozen=True)
class Constant:
    """A constant that holds, and whether it is the least one.

    Attributes:
        value: the number, rounded as its formula is evaluated.
        tight: True if the formula is the least such constant: the supremum that defines it, attained or approached.
        why: in one line, what it follows from.
    """

    value: float
    tight: bool
    why: str

    def times(self, factor: float) -> Constant:
        """The constant of the function multiplied by a positive number."""
        return dataclasses.replace(self, value=self.value * factor)


class Known(Problem):
    """A problem f + R that knows its own constants; f has a Hessian-vector product written by hand."""

    # ---- hooks ------------------------------------------------------------------------------------------------

    @abc.abstractmethod
    def _hessian_vector(self, x: Tree, v: Tree, xp: Namespace) -> Tree:
        """∇²f(x)v on all the data. Array-API operations only."""

    @abc.abstractmethod
    def _smoothness(self, norm: Norm) -> Constant | None:
        """L in a norm (A2), or None where none is known."""

    @abc.abstractmethod
    def _second_smoothness(self, norm: Norm) -> Constant | None:
        """H in a norm (A4), or None where none is known."""

    @property
    @abc.abstractmethod
    def minimizer(self) -> Tree | None:
        """x*, a point where F is least, or None where none is known."""

    @property
    @abc.abstractmethod
    def infimum(self) -> float | None:
        """inf F, or a lower bound for it that is as close as the class says; None where none is known."""

    @property
    @abc.abstractmethod
    def star_convex(self) -> bool:
        """Whether f is known to be star-convex at x* (A5); every convex f is."""

    @property
    def _noise(self) -> Noise | None:
        """The noise that :meth:`stochastic` adds by itself."""
        return None

    @property
    def _sigma(self) -> float | None:
        """σ of :meth:`stochastic` where no noise is added: 0, or None (unknown) with mini-batches."""
        return 0.0

    def _shapes(self, dims: tuple[int, ...]) -> tuple[Tree, ...]:
        """The one shape of its points, whatever the sizes asked for."""
        return (shapes(self.x0),)

    def _accepts(self, shape: Tree) -> str | None:
        """None for the shape of x0; what is expected instead of another."""
        return None if shape == shapes(self.x0) else f"points of shape {shapes(self.x0)}"

    # ---- verbs ------------------------------------------------------------------------------------------------

    @final
    def hessian_vector(self, x: Tree, v: Tree) -> Tree:
        """∇²f(x)v, on all the data.

        Raises:
            DTypeError, InputError: x or v is not like x0, or of another library.
        """
        self._admit("hessian_vector", v)
        return self._hessian_vector(x, v, self._admit("hessian_vector", x))

    @final
    def known(self, norm: Norm) -> dict[str, Constant]:
        """What is known in a norm of ``"L"`` (A2) and ``"H"`` (A4); what is not known is left out.

        Raises:
            InputError: points like x0 are outside the norm's domain.

        >>> from ntr_spec import LInf
        >>> from ntr_spec.problems import Quadratic
        >>> Quadratic().known(LInf())["L"].value, Quadratic().known(LInf())["H"].value
        (5.2, 0.0)
        """
        norm._check_shape("known", shapes(self.x0))
        found = {"L": self._smoothness(norm), "H": self._second_smoothness(norm)}
        return {name: constant for name, constant in found.items() if constant is not None}

    @final
    def constants(
        self, norm: Norm, noise: Noise | None = None, radius: float | None = None, kappa: float | None = None
    ) -> Constants:
        """What the theorems ask for: L, H, ρ, σ, Δ₀ and D in a norm; what is not known is left out.

        So is D where f is not known to be star-convex (A5), which theorems that ask for D assume.

        Args:
            norm: ‖·‖.
            noise: what is added to the gradient; None: what the problem itself adds, so that σ is 0 for a
                deterministic one and unknown for mini-batches.
            radius: D, where a larger one is wanted than max(‖x0‖, ‖x*‖).
            kappa: the type-2 constant κ of the dual norm; with it the noise is measured there, and sigma_dual replaces
                rho and sigma.

        Raises:
            InputError: points like x0 are outside the norm's domain, or the radius is below max(‖x0‖, ‖x*‖).
            NotDeclaredError: with kappa, the noise does not know its size in the dual norm.

        >>> from ntr_spec import L2
        >>> from ntr_spec.problems import Quadratic, Sphere
        >>> found = Quadratic().constants(L2(), Sphere(0.5))
        >>> found.sigma, found.delta0, round(found.D, 6)
        (0.5, 10.4, 2.828427)
        """
        from ntr_spec.problems.noise import Noise
        from ntr_spec.theory.constants import Constants

        if noise is not None and not isinstance(noise, Noise):
            raise InputError(f"{type(self).__name__}.constants: expected noise, got {noise!r}; pass Sphere(sigma)")
        known, noise = self.known(norm), self._noise if noise is None else noise
        given: dict[str, float | None] = {name: constant.value for name, constant in known.items()}
        if kappa is not None and noise is not None:
            given |= {"kappa": kappa, "sigma_dual": noise.dual(norm, shapes(self.x0))}
        else:
            given["rho"] = norm.rho(shapes(self.x0)) if norm.has_rho else None
            given["sigma"] = noise.sigma if noise is not None else self._sigma
        if self.infimum is not None:
            given["delta0"] = max(0.0, self.objective(self.x0) - self.infimum)
        # D is of use to theorems on star-convex f alone: where f is not known to be, they shall not find one.
        return Constants(**given, D=self._radius(norm, radius) if self.star_convex else None)

    def _radius(self, norm: Norm, radius: float | None) -> float | None:
        """max(‖x0‖, ‖x*‖), or a larger one; None where x* is not known, or both are 0."""
        if self.minimizer is None:
            return radius
        least = max(float(norm(on_host(self.x0))), float(norm(on_host(self.minimizer))))
        if radius is None:
            return least or None
        if not least <= radius < math.inf:
            fact = f"a radius of at least max(‖x0‖, ‖x*‖) = {least}, got {radius}"
            raise InputError(f"{type(self).__name__}.constants: expected {fact}; pass a larger one, or None")
        return radius


def by_rho(norm: Norm, shape: Tree, constant: Constant, power: int, isotropic: bool = False) -> Constant | None:
    """From the Euclidean constant to that of a norm: λρ² (power 2), H₂ρ³ (power 3); None if the norm knows no ρ.

    Args:
        norm: where the constant is wanted.
        shape: of the points.
        constant: the Euclidean one.
        power: 2 for L, 3 for H.
        isotropic: whether ∇²f = ±λI at some point, or in a limit, so that λρ² is the least L.
    """
    if not norm.has_rho:
        return None
    rho = float(norm._rho(shape, namespace_of(numpy_api.ones(1))))
    # A direction that reaches ρ need not be one in which the curvature is largest, unless that is the same in all.
    sharp = constant.tight and isotropic
    return Constant(constant.value * rho**power, sharp, f"ρ^{power} times the Euclidean constant: {constant.why}")


def like_x0(problem: Problem, x: Tree) -> Tree:
    """A point in NumPy arrays, in the library, dtype and device of a problem's x0."""
    return tree_map(
        lambda leaf, value: namespace_of(leaf).asarray(value, dtype=leaf.dtype, device=leaf.device), problem.x0, x
    )


def on_host(x: Tree) -> Tree:
    """The same point in float64 NumPy arrays."""
    import numpy as np

    return tree_map(lambda leaf: np.asarray(to_host(leaf), dtype=np.float64), x)
