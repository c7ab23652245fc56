"""Regularizers as subjects."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, final

import numpy as np

from ntr_spec.arrays import Namespace, euclidean, largest_entry
from ntr_spec.laws.pieces import verbs
from ntr_spec.laws.regularizers import REGULARIZER_FLOAT_LAWS, REGULARIZER_LAWS
from ntr_spec.plotting import Picture
from ntr_spec.steps.catalogue import catalogue
from ntr_spec.steps.conjugate import Conjugate
from ntr_spec.steps.regularizer import Bound, Regularizer
from ntr_spec.trees import Shape, Tree, as_shape, leaves, shapes, tree_map
from ntr_spec.verify.misbehaviour import MisbehaviourError, check_array, check_point, kind_of
from ntr_spec.verify.subjects.kind import Quantity, SubjectKind

Array = Any

_MODERATE, _ROOM = 4.0, 1e-3
_PLAIN = 3  # of these many draws and three others, the point is left as it was drawn


@final
class RegularizerKind(SubjectKind):
    """Regularizers, by value and prox."""

    name = "regularizer"
    base = Regularizer
    partner = "conjugate"
    hooks = (
        *("_value", "_prox", "_domain", "_subgradient", "_box_argmin", "_nearest_subgradient"),
        *("_accepts", "_shapes", "_notation", "conjugate", "domain", "has_prox", "has_subgradient", "separable"),
    )
    chapters = (REGULARIZER_LAWS[:1], REGULARIZER_LAWS[1:], REGULARIZER_FLOAT_LAWS)
    engines = ("derive", "property", "exact")
    hint = "declare `class MyRegularizer(ntr.Regularizer)` with _value and _prox, or bind an instance"

    def catalogue(self) -> tuple[tuple[str, Regularizer], ...]:
        """Of :mod:`ntr_spec.steps.catalogue`."""
        return catalogue()

    def notation(self, subject: Regularizer) -> str:
        """R(x)."""
        return str(subject)

    def partner_notation(self, subject: Regularizer) -> str:
        """R*(s)."""
        return subject.conjugate._notation("s")

    def claims(self, subject: Regularizer) -> tuple[str, ...]:
        """What it says that it has."""
        said = (("separable", subject.separable), ("subgradient", subject.has_subgradient), ("prox", subject.has_prox))
        return tuple(sorted(name for name, holds in said if holds))

    def formulas(self, subject: Regularizer) -> Mapping[str, tuple[str, Callable[[Tree], Tree]]]:
        """Value and conjugate where they are finite, and the prox for a step t."""

        def prox(x: Tree) -> Tree:
            from ntr_spec.verify.symbolic import symbols

            return subject.prox(x, symbols("t", (), True))

        return {"value": ("x", subject), "conjugate": ("s", lambda s: subject.conjugate(s)), "prox": ("x", prox)}

    def picture(self, subject: Regularizer, points: tuple[Mapping[str, Any], ...]) -> Picture | None:
        """None."""
        return None

    def watched(self, subject: Regularizer) -> Regularizer:
        """See :class:`WatchedRegularizer`."""
        return WatchedRegularizer(subject)

    def verbs(self, subject: Regularizer) -> tuple[Callable[[Tree], Any], ...]:
        """Value, prox, subgradient, conjugate."""
        return tuple(verb for _, verb in verbs(subject))

    def quantities(self, subject: Regularizer) -> tuple[Quantity, ...]:
        """Values at proximal points, which lie in the domain, and the size of those; a prox has no ties."""
        if not subject.has_prox:
            return ()

        def near(x: Tree) -> Tree:
            return subject.prox(x, 0.5)

        return (
            Quantity("R(prox(x, 0.5))", lambda x: subject(near(x)), 1.0),
            Quantity("‖prox(x, 0.5)‖₂", lambda x: euclidean(near(x)), 1.0),
            Quantity("‖x − prox(x, 0.5)‖₂", lambda x: euclidean(_minus(x, near(x))), 1.0),
        )

    def test_dims(self, subject: Regularizer) -> tuple[int, ...]:
        """As for norms: fewer sizes where a point has two axes."""
        matrices = any(leaf.ndim > 1 for s in subject._shapes((2,)) for leaf in leaves(as_shape(s)))
        return (1, 2, 3, 5) if matrices else (1, 2, 3, 5, 8)

    def near(self, subject: Regularizer, x: Tree, rng: np.random.Generator) -> Tree:
        """Often a proximal point (on the edge of the domain, at a kink), what the prox takes off, or beyond it."""
        turn = int(rng.integers(_PLAIN + 3))
        step = 2.0 ** int(rng.integers(-3, 4))
        if turn < _PLAIN or not subject.has_prox:
            return x
        try:
            p = subject.prox(x, step)
            found = (p, _minus(x, p), _minus(tree_map(lambda a: 2 * a, p), x))[turn - _PLAIN]
            if shapes(found) == shapes(x) and all(bool(np.all(np.isfinite(leaf))) for leaf in leaves(found)):
                return found
        except Exception:  # a broken hook is the business of the law under test, not of the draw
            pass
        return x

    def companions(self, subject: Regularizer) -> tuple[Callable[[Tree], Tree], Callable[[Tree], Tree]]:
        """A subgradient at the proximal point, where Fenchel–Young is tight; and the proximal point."""
        return lambda x: _minus(x, subject.prox(x, 1.0)), lambda x: subject.prox(x, 1.0)

    def size(self, subject: Regularizer, x: Tree) -> float:
        """The step beyond which the prox is stuck at a kink: that for which x/step is on the edge of dom R*."""
        ratios = [float(value) / float(limit) for value, limit, *_ in subject.conjugate.constraints(x) if limit > 0]
        return max(ratios, default=float(largest_entry(x)))


def _minus(x: Tree, y: Tree) -> Tree:
    return tree_map(lambda a, b: a - b, x, y)


@final
class WatchedRegularizer(Regularizer):
    """The same regularizer, with what its hooks return checked for type and shape."""

    def __init__(self, regularizer: Regularizer, via: Regularizer | None = None) -> None:
        self.regularizer = regularizer
        self._via = via or regularizer  # what is run for the prox: the same, made of watched parts

    def _value(self, x: Tree, xp: Namespace) -> Array:
        value = self.regularizer._value(x, xp)
        check_array(self.regularizer, "_value", value, Shape(()), xp)
        if not xp.exact and bool(value == math.inf) and self._well_inside(x, xp):
            name = type(self.regularizer).__name__
            raise MisbehaviourError(
                f"{name}._value returned infinity where `_domain` says that it is finite; "
                "declare `_domain` instead of returning infinity"
            )
        return value

    def _well_inside(self, x: Tree, xp: Namespace) -> bool:
        """Whether x is of moderate size, for a large value may overflow, and meets every condition with room."""
        bounds = self._domain(x, xp)
        return float(largest_entry(x)) <= _MODERATE and all(float(b.value) <= float(b.limit) - _ROOM for b in bounds)

    def _prox(self, x: Tree, step: Array, xp: Namespace) -> Tree:
        return check_point(self.regularizer, "_prox", self._via._prox(x, step, xp), x, xp)

    def _domain(self, x: Tree, xp: Namespace) -> tuple[Bound, ...]:
        bounds: Any = self.regularizer._domain(x, xp)
        name = f"{type(self.regularizer).__name__}._domain"
        if not isinstance(bounds, tuple) or not all(isinstance(bound, Bound) for bound in bounds):
            raise MisbehaviourError(f"{name} returned {kind_of(bounds)}; return a tuple of Bound(value, limit)")
        for bound in bounds:
            check_array(self.regularizer, "_domain", bound.value, Shape(()), xp)
            check_array(self.regularizer, "_domain", bound.limit, Shape(()), xp)
        return tuple(bounds)

    def _subgradient(self, x: Tree, xp: Namespace) -> Tree:
        return check_point(self.regularizer, "_subgradient", self.regularizer._subgradient(x, xp), x, xp)

    def _box_argmin(self, g: Tree, lower: Tree, upper: Tree, xp: Namespace) -> Tree:
        found = self.regularizer._box_argmin(g, lower, upper, xp)
        return check_point(self.regularizer, "_box_argmin", found, g, xp)

    def _nearest_subgradient(self, x: Tree, g: Tree, xp: Namespace) -> Tree:
        found = self.regularizer._nearest_subgradient(x, g, xp)
        return check_point(self.regularizer, "_nearest_subgradient", found, x, xp)

    def _accepts(self, shape: Tree) -> str | None:
        return self.regularizer._accepts(shape)

    def _shapes(self, dims: tuple[int, ...]) -> tuple[Tree, ...]:
        return self.regularizer._shapes(dims)

    def _notation(self, x: str) -> str:
        return self.regularizer._notation(x)

    @property
    def conjugate(self) -> Regularizer:
        """The conjugate, watched too."""
        conjugate: Any = self.regularizer.conjugate
        if not isinstance(conjugate, Regularizer):
            name = f"{type(self.regularizer).__name__}.conjugate"
            raise MisbehaviourError(f"{name} returned {type(conjugate).__name__}; return a Regularizer")
        # Moreau's identity calls the prox of the regularizer that it came from, which has to be watched as well.
        mine = isinstance(conjugate, Conjugate) and conjugate.primal is self.regularizer
        return WatchedRegularizer(conjugate, Conjugate(self) if mine else None)

    @property
    def domain(self) -> Regularizer:
        """The domain, watched too."""
        return WatchedRegularizer(self.regularizer.domain)

    @property
    def has_prox(self) -> bool:
        """The regularizer's own."""
        return self.regularizer.has_prox

    @property
    def has_subgradient(self) -> bool:
        """The regularizer's own."""
        return self.regularizer.has_subgradient

    @property
    def separable(self) -> bool:
        """The regularizer's own."""
        return self.regularizer.separable

    @property
    def uniform(self) -> bool:
        """The regularizer's own."""
        return self.regularizer.uniform
