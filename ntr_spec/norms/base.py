"""The ``Norm`` base class: hooks that a norm declares, and the verbs that its users call.

A norm is two hooks, ``_value`` and ``_lmo``, written against the array API. Verbs validate, infer the
namespace, normalise the scale (see :mod:`ntr_spec.norms.apply`) and call the hook. The dual norm, when no closed
form is given, is the support function −⟨g, lmo(g)⟩ of the unit ball.

Reference: Boyd and Vandenberghe, *Convex Optimization*, A.1.6; the sign convention is that of [Kovalev25]:
lmo(g) ∈ argmin{⟨g, v⟩ : ‖v‖ ≤ 1}.
"""

from __future__ import annotations

import abc
import dataclasses
import math
import numbers
from typing import Any, ClassVar, Literal, final, overload

from ntr_spec.arrays import Namespace, admit, dot, namespace_of
from ntr_spec.errors import InputError, NotDeclaredError
from ntr_spec.norms.apply import apply_lmo, apply_project, apply_value
from ntr_spec.norms.certificate import Certificate, certificate_of
from ntr_spec.norms.claims import Claim, closure
from ntr_spec.trees import Shape, Tree, as_shape, is_container, shapes
from ntr_spec.typed import typed

Array = Any


class Norm(abc.ABC):
    """A norm ‖·‖ on arrays (or pytrees of arrays), declared by its value and its LMO.

    Subclass it with a frozen dataclass, write ``_value`` and ``_lmo``, and :func:`ntr_spec.verify` does the rest:

    >>> import ntr_spec as ntr, numpy as np
    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True)
    ... class Largest(ntr.Norm):
    ...     def _value(self, x, xp):
    ...         return xp.max(xp.abs(x))
    ...     def _lmo(self, g, xp):
    ...         return -xp.sign(g)
    >>> norm = Largest()
    >>> g = np.array([3.0, -4.0])
    >>> float(norm(g)), norm.lmo(g).tolist(), float(norm.dual(g))
    (4.0, [-1.0, 1.0], 7.0)

    Attributes:
        event_rank: how many axes one point has as the hooks see it. ``None``: the array as the caller
            passed it. 1: the verb flattens it to a vector. 2: a matrix; other ranks are an error.
        batched: True promises that the hooks reduce over the last ``event_rank`` axes only and broadcast over any
            before them, so that a stack of points costs one call. False: stacks are looped over.
        scale_free: True says that ``_value`` and ``_lmo`` neither overflow nor lose accuracy at any scale of their
            input, so that the verbs need not normalise it first. (Projections are always normalised.)
        takes_half: True says that the hooks want arrays of half precision as they are, because a solver inside has a
            precision of its own. False: they see them in single precision, and their results are rounded once.
    """

    # Properties, so that a combinator may answer for its parts; concrete norms override them with class attributes.

    @property
    def event_rank(self) -> int | None:
        """How many axes one point has as the hooks see it."""
        return None

    @property
    def batched(self) -> bool:
        """Whether the hooks take a stack of points at once."""
        return False

    @property
    def scale_free(self) -> bool:
        """Whether the hooks are safe at every scale of their input."""
        return False

    @property
    def takes_half(self) -> bool:
        """Whether the hooks see half precision as it is."""
        return False

    # ---- hooks: what a norm declares ------------------------------------------------------------------

    @abc.abstractmethod
    def _value(self, x: Tree, xp: Namespace) -> Array:
        """‖x‖ as a 0-d array. Array-API operations only; no validation, no branching on values."""

    @abc.abstractmethod
    def _lmo(self, g: Tree, xp: Namespace) -> Tree:
        """A point v with ‖v‖ ≤ 1 and ⟨g, v⟩ as small as possible; ``_lmo(0) = 0``."""

    def _project(self, x: Tree, radius: Array, xp: Namespace) -> Tree:
        """The point of {‖y‖ ≤ radius} nearest to x in the Euclidean norm. Optional."""
        raise NotDeclaredError(
            f"{type(self).__name__}.project: no projection is declared; define _project(self, x, radius, xp)"
        )

    def _rho(self, shape: Tree, xp: Namespace) -> Array:
        """ρ = sup{‖x‖_* : ‖x‖₂ ≤ 1}, tight, as a 0-d array. Optional."""
        raise NotDeclaredError(f"{type(self).__name__}.rho: no constant is declared; define _rho(self, shape, xp)")

    def _rho_weighted(self, scales: Array, xp: Namespace) -> Array:
        """sup{‖s∘x‖_* : ‖x‖₂ ≤ 1} for s ≥ 0, tight, as a 0-d array. Optional; combinators get their ρ from it."""
        raise NotDeclaredError(
            f"{type(self).__name__}.rho: no weighted constant is declared; define _rho_weighted(self, scales, xp)"
        )

    def _accepts(self, shape: Tree) -> str | None:
        """None if points of this shape are in the domain, else the shape expected, as words."""
        if not isinstance(shape, Shape):
            return "an array, not a pytree; combine blocks with Product"
        if self.event_rank == 2 and shape.ndim != 2:
            return "a matrix (2 axes); wrap the norm in Stacked for stacks or Reshaped for convolution kernels"
        return None

    def _shapes(self, dims: tuple[int, ...]) -> tuple[Tree, ...]:
        """Shapes on which to verify the norm, given the sizes that each axis should take."""
        if self.event_rank == 2:
            return tuple(Shape((m, n)) for m in dims for n in dims)
        return tuple(Shape((n,)) for n in dims)

    def _notation(self, x: str) -> str:
        """How ‖x‖ is written, given how x is written."""
        return f"‖{x}‖_{type(self).__name__}"

    @property
    def dual(self) -> Norm:
        """The dual norm ‖g‖_* = sup{⟨g, x⟩ : ‖x‖ ≤ 1}."""
        return SupportFunction(self)

    @property
    def claims(self) -> frozenset[Claim]:
        """Properties that this norm promises to have; verified like laws."""
        return frozenset()

    # ---- verbs: what users call -------------------------------------------------------------------------

    @final
    def __call__(self, x: Tree) -> Array:
        """‖x‖ as a 0-d array of x's library, dtype and device.

        Raises:
            DTypeError: ``x`` is not a real floating array (or pytree of them).
            InputError: ``x`` is empty or its shape is outside the norm's domain.
        """
        xp = self._admit("norm", x)
        return apply_value(self, x, xp)

    @overload
    def lmo(self, g: Tree, radius: float | Array = 1.0, *, certificate: Literal[False] = False) -> Tree: ...

    @overload
    def lmo(self, g: Tree, radius: float | Array = 1.0, *, certificate: Literal[True]) -> tuple[Tree, Certificate]: ...

    @final
    def lmo(
        self, g: Tree, radius: float | Array = 1.0, *, certificate: bool = False
    ) -> Tree | tuple[Tree, Certificate]:
        """argmin{⟨g, v⟩ : ‖v‖ ≤ radius}; points downhill: ⟨g, lmo(g)⟩ = −radius·‖g‖_*. lmo(0) = 0.

        With ``certificate=True`` the same v and its :class:`Certificate`, whose δ says how far an iterative solver
        inside the norm falls short: ‖v‖ ≤ radius and ⟨g, v⟩ ≤ −(1 − δ)·radius·‖g‖_*.

        Raises:
            DTypeError, InputError: as for the norm itself, or the radius is not a number or a 0-d array of g's library,
                or is negative or NaN. (Only numbers and NumPy arrays are read: nothing else is fetched from a device.)
            NotDeclaredError: a certificate was asked for, and a solver inside the norm has none.
        """
        xp = self._admit("lmo", g)
        radius = self._admit_radius("lmo", radius, xp)
        if not certificate:
            return apply_lmo(self, g, radius, xp)
        asking = xp.certifying()
        v = apply_lmo(self, g, radius, asking)
        assert asking.certificates is not None
        return v, certificate_of(asking.certificates, g, v, xp)

    @final
    def project(self, x: Tree, radius: float | Array = 1.0) -> Tree:
        """argmin{‖y − x‖₂ : ‖y‖ ≤ radius}.

        Raises:
            NotDeclaredError: the norm declares no projection.
            DTypeError, InputError: as for :meth:`lmo`.
        """
        xp = self._admit("project", x)
        return apply_project(self, x, self._admit_radius("project", radius, xp), xp)

    @final
    def rho(self, shape: Any) -> float:
        """The least ρ with ‖x‖_* ≤ ρ‖x‖₂ for all x of this shape ([Kovalev25], A3).

        Args:
            shape: an int or a tuple of ints, or a pytree of them for :class:`Product`.

        Raises:
            NotDeclaredError: no constant is declared.
            InputError: the shape is outside the norm's domain.
        """
        import array_api_compat.numpy

        found = as_shape(shape, f"{type(self).__name__}.rho")
        self._check_shape("rho", found)
        xp = namespace_of(array_api_compat.numpy.ones(1))
        return float(self._rho(found, xp))

    @property
    def has_projection(self) -> bool:
        """Whether the norm declares a projection. A combinator that can project only with some parts overrides this."""
        return type(self)._project is not Norm._project

    @property
    def has_rho(self) -> bool:
        """Whether the norm declares ρ. A combinator that has one only with some parts overrides this."""
        return type(self)._rho is not Norm._rho

    @property
    def has_weighted_rho(self) -> bool:
        """Whether the norm declares the weighted ρ that combinators need."""
        return type(self)._rho_weighted is not Norm._rho_weighted

    def __str__(self) -> str:
        return self._notation("x")

    def __repr__(self) -> str:
        """How it is typed, without arguments that have their default; for dataclasses declared with ``repr=False``."""
        return typed(self)

    # ---- validation ---------------------------------------------------------------------------------------

    @final
    def _admit(self, verb: str, x: Tree) -> Namespace:
        subject = f"{type(self).__name__}.{verb}"
        xp = admit(subject, x)
        # A plain norm on a plain array accepts every shape; skip building the shape object.
        if is_container(x):
            self._check_shape(verb, shapes(x))
        elif type(self)._accepts is not Norm._accepts or (self.event_rank == 2 and x.ndim != 2):
            self._check_shape(verb, Shape(x.shape))
        return xp

    @final
    def _check_shape(self, verb: str, shape: Tree) -> None:
        expected = self._accepts(shape)
        if expected is not None:
            raise InputError(f"{type(self).__name__}.{verb}: expected {expected}; got shape {shape}")

    @final
    def _admit_radius(self, verb: str, radius: Any, xp: Namespace) -> Any:
        if xp.exact:
            return radius
        if isinstance(radius, bool):
            raise InputError(f"{type(self).__name__}.{verb}: expected a radius, got {radius}; pass a number")
        if isinstance(radius, int | float):
            self._check_radius(verb, radius)
            return radius
        if isinstance(radius, numbers.Real):  # NumPy scalars, fractions
            return self._admit_radius(verb, float(radius), xp)
        try:
            theirs = namespace_of(radius)
        except TypeError:
            fact, remedy = f"a radius as a number or a 0-d array, got {radius!r}", "pass a number"
            raise InputError(f"{type(self).__name__}.{verb}: expected {fact}; {remedy}") from None
        if theirs is not xp or radius.ndim:
            got = f"shape {tuple(radius.shape)}" if theirs is xp else f"an array of {theirs.name} for one of {xp.name}"
            raise InputError(
                f"{type(self).__name__}.{verb}: expected a radius as a number or a 0-d array of {xp.name}, got {got}; "
                "pass a number"
            )
        if xp.name == "numpy" and radius.dtype.kind in "iuf":
            self._check_radius(verb, float(radius))
        return radius

    @final
    def _check_radius(self, verb: str, radius: float) -> None:
        if math.isnan(radius) or radius < 0:
            raise InputError(
                f"{type(self).__name__}.{verb}: expected a radius of at least 0, got {radius}; pass a positive number"
            )


def check_norm(subject: str, norm: object) -> None:
    """Raise InputError unless a part of a norm is a norm itself, not its class nor anything else."""
    if not isinstance(norm, Norm):
        raise InputError(f"{subject}: expected a norm, got {norm!r}; pass an instance such as L2()")


_SELF_DUAL_CLAIMS = frozenset(Claim) - {Claim.STRICTLY_CONVEX}


@final
@dataclasses.dataclass(frozen=True)
class SupportFunction(Norm):
    """The dual of a norm that gives no closed form: ‖g‖_* = −⟨g, lmo(g)⟩.

    It has a value but no LMO of its own (that would be a subgradient of the primal norm, which a value and an LMO
    do not give). Its dual is the norm that it came from (Fenchel–Moreau).
    """

    primal: Norm

    scale_free: ClassVar[bool] = True  # the primal's LMO is applied scaled

    def _value(self, x: Tree, xp: Namespace) -> Array:
        return -dot(x, apply_lmo(self.primal, x, 1.0, xp))

    def _lmo(self, g: Tree, xp: Namespace) -> Tree:
        name = type(self.primal).__name__
        raise NotDeclaredError(
            f"{name}.dual.lmo: the dual norm is known only as the support function of {name}; "
            f"override the property `dual` of {name} with a norm in closed form"
        )

    @property
    def dual(self) -> Norm:
        """The primal norm: a norm is the dual of its dual."""
        return self.primal

    @property
    def claims(self) -> frozenset[Claim]:
        """What the primal norm claims and a dual inherits: all but strict convexity, whose dual is smoothness."""
        return closure(self.primal.claims) & _SELF_DUAL_CLAIMS

    def _accepts(self, shape: Tree) -> str | None:
        return self.primal._accepts(shape)

    def _shapes(self, dims: tuple[int, ...]) -> tuple[Tree, ...]:
        return self.primal._shapes(dims)

    def _notation(self, x: str) -> str:
        return f"sup{{⟨{x}, v⟩ : {self.primal._notation('v')} ≤ 1}}"
