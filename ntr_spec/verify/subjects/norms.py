"""Norms as subjects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, final

import numpy as np

from ntr_spec import laws
from ntr_spec.arrays import Namespace, dot, euclidean
from ntr_spec.laws.certified import approximate, dual_by_approximation
from ntr_spec.norms.base import Norm, SupportFunction
from ntr_spec.norms.catalogue import catalogue
from ntr_spec.norms.claims import Claim
from ntr_spec.plotting import Picture, picture_of
from ntr_spec.trees import Shape, Tree, tree_map
from ntr_spec.verify.misbehaviour import check_array, check_point
from ntr_spec.verify.subjects.kind import Quantity, SubjectKind

Array = Any

_FOLLOWED = 400  # steps of a search


@final
class NormKind(SubjectKind):
    """Norms, by value and LMO."""

    name = "norm"
    base = Norm
    partner = "dual"
    hooks = (
        "_value",
        "_lmo",
        "_project",
        "_rho",
        "_rho_weighted",
        "_accepts",
        "_shapes",
        "_notation",
        "dual",
        "claims",
    )
    chapters = (
        laws.AXIOMS[:1],  # alone, so that there is something to show at once
        laws.AXIOMS[1:],
        laws.DUALITY,
        laws.CONSTANTS + laws.PROJECTION + laws.CLAIMS,
        laws.FLOAT_LAWS,
        laws.CERTIFIED_LAWS,
    )
    engines = ("derive", "property", "exact")
    hint = "declare `class MyNorm(ntr.Norm)` with _value and _lmo, or bind an instance: my_norm = MyNorm(…)"

    def catalogue(self) -> tuple[tuple[str, Norm], ...]:
        """Of :mod:`ntr_spec.norms.catalogue`."""
        return catalogue()

    def notation(self, subject: Norm) -> str:
        """‖x‖."""
        return str(subject)

    def partner_notation(self, subject: Norm) -> str:
        """‖g‖_*."""
        return subject.dual._notation("g")

    def claims(self, subject: Norm) -> tuple[str, ...]:
        """Its claims, sorted."""
        return tuple(sorted(claim.value for claim in subject.claims))

    def formulas(self, subject: Norm) -> Mapping[str, tuple[str, Callable[[Tree], Tree]]]:
        """Value, dual and LMO; an iteration is no formula that anybody could read."""
        found: dict[str, tuple[str, Callable[[Tree], Tree]]] = {"value": ("x", subject)}
        if dual_by_approximation(subject) is None:
            found["dual"] = ("g", lambda g: subject.dual(g))
        if approximate(subject) is None:
            found["lmo"] = ("g", subject.lmo)
        return found

    def picture(self, subject: Norm, points: tuple[Mapping[str, Any], ...]) -> Picture | None:
        """Both balls with LMO arrows, on norms that have a plane."""
        return picture_of(subject, points)

    def watched(self, subject: Norm) -> Norm:
        """See :class:`WatchedNorm`."""
        return WatchedNorm(subject)

    def verbs(self, subject: Norm) -> tuple[Callable[[Tree], Any], ...]:
        """Value, LMO, dual, projection."""
        return (subject, subject.lmo, lambda x: subject.dual(x), subject.project)

    def quantities(self, subject: Norm) -> tuple[Quantity, ...]:
        """Values, and the objectives and sizes of points: where there are ties, rounding may choose another vertex."""

        def apart(x: Tree) -> Array:
            return euclidean(tree_map(lambda a, b: a - b, x, subject.project(x, 0.5)))

        found = [Quantity("‖x‖", subject)]
        if dual_by_approximation(subject) is None:
            found.append(Quantity("‖x‖_*", subject.dual))
        if approximate(subject) is None:  # iterations in exact arithmetic have numbers of thousands of digits
            found.append(Quantity("⟨x, lmo(x)⟩", lambda x: dot(x, subject.lmo(x))))
            found.append(Quantity("‖lmo(x)‖", lambda x: subject(subject.lmo(x))))
        if subject.has_projection:
            found.append(Quantity("‖x − project(x, 0.5)‖₂", apart))
        return tuple(found)

    def test_dims(self, subject: Norm) -> tuple[int, ...]:
        """Single entries, small, and larger than any special case."""
        return (1, 2, 3, 5, 8) if subject.event_rank != 2 else (1, 2, 3, 5)

    def near(self, subject: Norm, x: Tree, rng: np.random.Generator) -> Tree:
        """The point: a norm is as delicate everywhere on a ray."""
        return x

    def companions(self, subject: Norm) -> tuple[Callable[[Tree], Tree], Callable[[Tree], Tree]]:
        """Where Hölder's inequality is tight."""
        return (
            lambda x: tree_map(np.negative, subject.lmo(x)),
            lambda x: tree_map(np.negative, subject.dual.lmo(x)),
        )

    def size(self, subject: Norm, x: Tree) -> float:
        """‖x‖: balls of about that radius have the point near their edge."""
        return float(subject(x))

    def follow(self, subject: Norm, x: Tree) -> Tree:
        """Where v ← −lmo(v) leads: ever longer extreme points of the ball, where suprema of convex functions lie."""
        v, length = x, 0.0
        for k in range(_FOLLOWED):
            v = tree_map(np.negative, subject.lmo(v))
            if k % 16 == 15:
                before, length = length, float(euclidean(v))
                if length <= before * (1 + 1e-15):
                    break
        return v


@final
class WatchedNorm(Norm):
    """The same norm, with what ``_value``, ``_lmo``, ``_project`` and ``_rho`` return checked for type and shape."""

    def __init__(self, norm: Norm, via: Norm | None = None) -> None:
        self.norm = norm
        self._via = via or norm  # what is run for the value: the same norm, made of watched parts

    @property
    def event_rank(self) -> int | None:
        """The norm's own."""
        return self.norm.event_rank

    @property
    def batched(self) -> bool:
        """The norm's own."""
        return self.norm.batched

    @property
    def scale_free(self) -> bool:
        """The norm's own."""
        return self.norm.scale_free

    @property
    def takes_half(self) -> bool:
        """The norm's own."""
        return self.norm.takes_half

    def _value(self, x: Tree, xp: Namespace) -> Array:
        value = self._via._value(x, xp)
        check_array(self.norm, "_value", value, Shape(()), xp)
        return value

    def _lmo(self, g: Tree, xp: Namespace) -> Tree:
        return check_point(self.norm, "_lmo", self.norm._lmo(g, xp), g, xp)

    def _project(self, x: Tree, radius: Array, xp: Namespace) -> Tree:
        return check_point(self.norm, "_project", self.norm._project(x, radius, xp), x, xp)

    def _rho(self, shape: Tree, xp: Namespace) -> Array:
        rho = self.norm._rho(shape, xp)
        if not isinstance(rho, int | float):  # a plain number will do: it is asked for once, outside hot loops
            check_array(self.norm, "_rho", rho, Shape(()), xp)
        return rho

    def _accepts(self, shape: Tree) -> str | None:
        return self.norm._accepts(shape)

    def _shapes(self, dims: tuple[int, ...]) -> tuple[Tree, ...]:
        return self.norm._shapes(dims)

    def _notation(self, x: str) -> str:
        return self.norm._notation(x)

    @property
    def dual(self) -> Norm:
        """The dual norm, watched too."""
        dual = self.norm.dual
        # A support function calls the LMO of the norm that it came from, which has to be watched as well.
        mine = isinstance(dual, SupportFunction) and dual.primal is self.norm
        return WatchedNorm(dual, SupportFunction(self) if mine else None)

    @property
    def claims(self) -> frozenset[Claim]:
        """The norm's own claims."""
        return self.norm.claims
