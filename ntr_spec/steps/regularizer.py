"""The ``Regularizer`` base class: what a convex regularizer R declares, and the verbs that its users call.

A regularizer is a value, a proximal operator and, where R is infinite somewhere, a description of its domain. Its
conjugate is again a regularizer, as a norm's dual is a norm. References: Bauschke and Combettes, *Convex Analysis and
Monotone Operator Theory in Hilbert Spaces*, chapters 13, 16 and 24; Parikh and Boyd, *Proximal Algorithms* (2014).
"""

from __future__ import annotations

import abc
import functools
import math
import numbers
from typing import Any, NamedTuple, final

from ntr_spec.arrays import Namespace, admit, namespace_of, tolerance
from ntr_spec.errors import InputError, NotDeclaredError
from ntr_spec.trees import Shape, Tree, leaves, shapes

Array = Any


class Bound(NamedTuple):
    """One condition ``value ≤ limit`` (0-d arrays) on the points of a domain.

    Rounding is forgiven relative to the limit, or to ``scale`` where that is given and larger (a limit of 0 forgives
    nothing), as much as there is in a sum of ``terms`` numbers: all entries where that is None. Where the value is
    a difference that cancels, let the scale be the size of what it is a difference of: |Σxᵢ − 1| ≤ 0 is
    ``Bound(xp.abs(xp.sum(x) - 1), 0 * xp.sum(x), scale=1 + xp.max(xp.abs(x)))``.
    """

    value: Array
    limit: Array
    scale: Array | float = 0.0
    terms: int | None = None


class Regularizer(abc.ABC):
    """A proper closed convex function R on arrays (or pytrees of arrays), declared by its value and its prox.

    Subclass it with a frozen dataclass, write ``_value`` and ``_prox``, and :func:`ntr_spec.verify` does the rest:

    >>> import ntr_spec as ntr, numpy as np
    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True)
    ... class Huber(ntr.Regularizer):
    ...     def _value(self, x, xp):
    ...         size = xp.abs(x)
    ...         return xp.sum(xp.where(size <= 1, x * x / 2, size - 0.5))
    ...     def _prox(self, x, step, xp):
    ...         size = xp.abs(x)
    ...         return xp.where(size <= 1 + step, x / (1 + step), x - step * xp.sign(x))
    >>> R = Huber()
    >>> float(R(np.array([3.0, 1.0]))), R.prox(np.array([3.0, 1.0]), 1.0).tolist()
    (3.0, [2.0, 0.5])
    """

    # ---- hooks: what a regularizer declares -----------------------------------------------------------

    @abc.abstractmethod
    def _value(self, x: Tree, xp: Namespace) -> Array:
        """R(x) as a 0-d array at the points of dom R; elsewhere any number (``_domain`` tells where that is)."""

    @abc.abstractmethod
    def _prox(self, x: Tree, step: Array, xp: Namespace) -> Tree:
        """argmin over y of R(y) + ‖y − x‖₂²/(2·step), for a step > 0.

        The step is a number or a 0-d array: ``step * x`` takes both, and so does ``xp.where(step + 0 * x > 1, …)``.
        """

    def _domain(self, x: Tree, xp: Namespace) -> tuple[Bound, ...]:
        """Conditions that hold together exactly at the points of dom R; none where R is finite everywhere."""
        return ()

    def _subgradient(self, x: Tree, xp: Namespace) -> Tree:
        """Some s ∈ ∂R(x), for x ∈ dom R. Optional."""
        raise NotDeclaredError(f"{type(self).__name__}.subgradient: none is declared; define _subgradient(self, x, xp)")

    def _box_argmin(self, g: Tree, lower: Tree, upper: Tree, xp: Namespace) -> Tree:
        """For R = Σ rᵢ(xᵢ): x ∈ argmin{⟨g, x⟩ + R(x) : lower ≤ x ≤ upper}. Optional.

        Declaring it and ``_nearest_subgradient`` says that R is a sum over entries; steps in ℓ_∞ and ℓ₁ balls then have
        closed or finite forms. Where several x will do, any of them will; where the box misses dom R, the point of
        dom R nearest to the box.
        """
        raise NotDeclaredError(
            f"{type(self).__name__}: no minimizer over boxes is declared; define _box_argmin(self, g, lower, upper, xp)"
        )

    def _nearest_subgradient(self, x: Tree, g: Tree, xp: Namespace) -> Tree:
        """For R = Σ rᵢ(xᵢ): the s ∈ ∂R(x) nearest to −g, which proves a minimizer over a box to be one. Optional."""
        raise NotDeclaredError(
            f"{type(self).__name__}: no nearest subgradient is declared; define _nearest_subgradient(self, x, g, xp)"
        )

    def _accepts(self, shape: Tree) -> str | None:
        """None if points of this shape are in the space, else the shape expected, as words."""
        return None

    def _shapes(self, dims: tuple[int, ...]) -> tuple[Tree, ...]:
        """Shapes on which to verify the regularizer, given the sizes that each axis should take."""
        return tuple(Shape((n,)) for n in dims)

    def _notation(self, x: str) -> str:
        """How R(x) is written, given how x is written."""
        return f"{type(self).__name__}({x})"

    @property
    def conjugate(self) -> Regularizer:
        """R*(s) = sup over x of ⟨s, x⟩ − R(x)."""
        from ntr_spec.steps.conjugate import Conjugate

        return Conjugate(self)

    @property
    def domain(self) -> Regularizer:
        """The indicator of the closure of dom R; :class:`Zero` where R is finite everywhere."""
        from ntr_spec.steps.conjugate import Domain
        from ntr_spec.steps.simple import Zero

        return Zero() if type(self)._domain is Regularizer._domain else Domain(self)

    @property
    def has_subgradient(self) -> bool:
        """Whether a subgradient is declared."""
        return type(self)._subgradient is not Regularizer._subgradient

    @property
    def has_prox(self) -> bool:
        """Whether the prox is known; False for a norm whose dual ball has no projection, say."""
        return True

    @property
    def separable(self) -> bool:
        """Whether R is known to be a sum over entries."""
        return (
            type(self)._box_argmin is not Regularizer._box_argmin
            and type(self)._nearest_subgradient is not Regularizer._nearest_subgradient
        )

    @property
    def uniform(self) -> bool:
        """Whether R is such a sum with the same term for every entry, so that points may be cut to pieces."""
        return False

    # ---- verbs: what users call -------------------------------------------------------------------------

    @final
    def __call__(self, x: Tree) -> Array:
        """R(x) as a 0-d array of x's library, dtype and device; infinite outside dom R.

        A point counts as inside if rounding alone may have carried it out (see :func:`ntr_spec.arrays.tolerance`).

        Raises:
            DTypeError: ``x`` is not a real floating array (or pytree of them).
            InputError: ``x`` is empty or its shape is outside R's space.
        """
        xp = self._admit("value", x)
        value = self._value(x, xp)
        bounds = () if xp.exact else self._domain(x, xp)
        if not bounds:
            return value
        inside = _all_hold(bounds, x, xp)
        # NaN compares false with everything: it stays what the value made of it.
        return xp.where(xp.logical_or(inside, value != value), value, xp.full_like(value, math.inf))

    @final
    def constraints(self, x: Tree) -> tuple[Bound, ...]:
        """The conditions ``value ≤ limit`` on x that together say x ∈ dom R; none where R is finite everywhere.

        Raises:
            DTypeError, InputError: as for the value.
        """
        return self._domain(x, self._admit("constraints", x))

    @final
    def contains(self, x: Tree) -> Array:
        """Whether x ∈ dom R, as a 0-d boolean array; rounding is forgiven as for the value, NaN is not inside.

        Raises:
            DTypeError, InputError: as for the value.
        """
        xp = self._admit("contains", x)
        return _all_hold(self._domain(x, xp), x, xp)

    @final
    def value(self, x: Tree) -> Array:
        """R(x): the same as calling the regularizer."""
        return self(x)

    @final
    def prox(self, x: Tree, step: float | Array = 1.0) -> Tree:
        """argmin over y of R(y) + ‖y − x‖₂²/(2·step).

        Raises:
            NotDeclaredError: no prox is known.
            DTypeError, InputError: as for the value, or the step is not a positive number or 0-d array of x's library.
        """
        xp = self._admit("prox", x)
        return self._prox(x, self._admit_step(step, x, xp), xp)

    @final
    def subgradient(self, x: Tree) -> Tree:
        """Some s with R(y) ≥ R(x) + ⟨s, y − x⟩ for every y; x must lie in dom R.

        Raises:
            NotDeclaredError: none is declared.
            DTypeError, InputError: as for the value.
        """
        return self._subgradient(x, self._admit("subgradient", x))

    @final
    def box_argmin(self, g: Tree, lower: Tree, upper: Tree) -> tuple[Tree, Tree]:
        """For a sum over entries: x ∈ argmin{⟨g, x⟩ + R(x) : lower ≤ x ≤ upper}, and the s ∈ ∂R(x) nearest to −g.

        Where the box misses dom R, x is the point of dom R nearest to the box.

        Raises:
            NotDeclaredError: R is not known to be a sum over entries.
            DTypeError, InputError: as for the value.
        """
        if not self.separable:
            raise NotDeclaredError(
                f"{type(self).__name__}.box_argmin: {self!r} is not known to be a sum over entries; pass one that is, "
                "such as Penalty(L1(), 0.1)"
            )
        xp = self._admit("box_argmin", g)
        for side in (lower, upper):
            if self._admit("box_argmin", side) is not xp or shapes(side) != shapes(g):
                raise InputError(
                    f"{type(self).__name__}.box_argmin: expected bounds like g, arrays of {xp.name} of shape "
                    f"{shapes(g)}, got shape {shapes(side)}; give all three one shape"
                )
        x = self._box_argmin(g, lower, upper, xp)
        return x, self._nearest_subgradient(x, g, xp)

    @final
    def __add__(self, other: Regularizer) -> Regularizer:
        """R + Ridge(w), in either order: the elastic net, for one.

        Raises:
            InputError: neither summand is a Ridge; the prox of a sum is not known in general.
        """
        from ntr_spec.steps.sums import add

        return add(self, other) if isinstance(other, Regularizer) else NotImplemented

    def __str__(self) -> str:
        return self._notation("x")

    # ---- validation ---------------------------------------------------------------------------------------

    @final
    def _admit(self, verb: str, x: Tree) -> Namespace:
        xp = admit(f"{type(self).__name__}.{verb}", x)
        self._check_shape(verb, shapes(x))
        return xp

    @final
    def _check_shape(self, verb: str, shape: Tree) -> None:
        expected = self._accepts(shape)
        if expected is not None:
            raise InputError(f"{type(self).__name__}.{verb}: expected {expected}; got shape {shape}")

    @final
    def _admit_step(self, step: Any, x: Tree, xp: Namespace) -> Any:
        if xp.exact:
            return step
        subject = f"{type(self).__name__}.prox"
        if isinstance(step, numbers.Real):
            return check_weight(subject, "step", step)
        try:
            same = namespace_of(step) is xp and step.ndim == 0 and xp.isdtype(step.dtype, ("integral", "real floating"))
        except TypeError:
            same = False
        if not same:
            raise InputError(
                f"{subject}: expected a step as a number or a 0-d array of {xp.name}, got {step!r}; "
                "pass a positive number"
            )
        if xp.name == "numpy":  # nothing is fetched from a device
            return check_weight(subject, "step", step.item())
        return xp.astype(step, leaves(x)[0].dtype, copy=False)


def _all_hold(bounds: tuple[Bound, ...], x: Tree, xp: Namespace) -> Array:
    if not bounds:
        return functools.reduce(xp.logical_and, [xp.all(leaf == leaf) for leaf in leaves(x)])
    holds = []
    for value, limit, scale, terms in bounds:
        size = xp.abs(limit)
        slack = 0.0 if xp.exact else _slack(x, terms, xp)
        holds.append(value <= limit + slack * xp.maximum(size, 0 * size + scale))
    return functools.reduce(xp.logical_and, holds)


def _slack(x: Tree, terms: int | None, xp: Namespace) -> float:
    found = leaves(x)
    limits = [xp.limits(leaf.dtype) for leaf in found]
    if terms is None:  # rounding in long sums adds up like a random walk
        terms = math.isqrt(sum(math.prod(leaf.shape) for leaf in found))
    return tolerance(max(limit.eps for limit in limits if limit is not None), terms)


def check_weight(subject: str, name: str, weight: Any, least: float = 0.0, strict: bool = True) -> float:
    """A finite number greater than (or, unless ``strict``, at least) ``least``, as a float.

    Raises:
        InputError: it is none.
    """
    number = math.nan if isinstance(weight, bool) or not isinstance(weight, numbers.Real) else float(weight)
    if not math.isfinite(number) or number < least or (strict and number == least):
        relation = "greater than" if strict else "of at least"
        raise InputError(
            f"{subject}: expected a finite {name} {relation} {least:g}, got {weight!r}; "
            f"{'pass a positive number' if strict else f'pass a number of at least {least:g}'}"
        )
    return number
