"""Methods as subjects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, final

import numpy as np

from ntr_spec.algorithms.catalogue import catalogue
from ntr_spec.algorithms.method import Method, State
from ntr_spec.arrays import largest_entry, namespace_of
from ntr_spec.laws.methods import METHOD_LAWS
from ntr_spec.laws.pieces import updated, verbs
from ntr_spec.laws.running import METHOD_FLOAT_LAWS
from ntr_spec.plotting import Picture
from ntr_spec.trees import Tree, leaves
from ntr_spec.verify.misbehaviour import MisbehaviourError, check_point, kind_of
from ntr_spec.verify.subjects.kind import Quantity, SubjectKind

Array = Any


@final
class MethodKind(SubjectKind):
    """Methods, by ``init`` and ``update``."""

    name = "method"
    base = Method
    partner = ""
    hooks = ("init", "update", "_accepts", "_shapes")
    chapters = (METHOD_LAWS, METHOD_FLOAT_LAWS)
    engines = ("derive", "property", "exact")
    hint = "declare `class MyMethod(ntr.Method)` with init and update, or bind an instance"

    def catalogue(self) -> tuple[tuple[str, Method], ...]:
        """Of :mod:`ntr_spec.algorithms.catalogue`."""
        return catalogue()

    def notation(self, subject: Method) -> str:
        """None: a method is known by its equations, which ``ntr-spec show`` prints."""
        return ""

    def partner_notation(self, subject: Method) -> str:
        """None: a method has no dual."""
        return ""

    def claims(self, subject: Method) -> tuple[str, ...]:
        """None."""
        return ()

    def formulas(self, subject: Method) -> Mapping[str, tuple[str, Callable[[Tree], Tree]]]:
        """None: a method is told by its equations."""
        return {}

    def picture(self, subject: Method, points: tuple[Mapping[str, Any], ...]) -> Picture | None:
        """None."""
        return None

    def watched(self, subject: Method) -> Method:
        """See :class:`WatchedMethod`; the library's own are taken as they are, for laws read their settings."""
        return subject if type(subject).__module__.startswith("ntr_spec.") else WatchedMethod(subject)

    def verbs(self, subject: Method) -> tuple[Callable[[Tree], Any], ...]:
        """What two updates with the point as gradient give."""
        return tuple(verb for _, verb in verbs(subject))

    def quantities(self, subject: Method) -> tuple[Quantity, ...]:
        """How far two updates with the point as gradient lead."""
        return (
            Quantity("largest entry of x₁", lambda x: largest_entry(updated(subject, x, 1).x), 1.0),
            Quantity("largest entry of x₂", lambda x: largest_entry(updated(subject, x, 2).x), 1.0),
            Quantity("largest entry of m₂", lambda x: largest_entry(updated(subject, x, 2).momentum), 1.0),
        )

    def test_dims(self, subject: Method) -> tuple[int, ...]:
        """A run costs several updates: fewer sizes than for norms."""
        return (1, 2, 3, 5)

    def near(self, subject: Method, x: Tree, rng: np.random.Generator) -> Tree:
        """The point."""
        return x

    def companions(self, subject: Method) -> tuple[Callable[[Tree], Tree], Callable[[Tree], Tree]]:
        """Where one and two updates lead."""
        return lambda x: updated(subject, x, 1).x, lambda x: updated(subject, x, 2).x

    def size(self, subject: Method, x: Tree) -> float:
        """The largest entry."""
        return float(largest_entry(x))


@final
class WatchedMethod(Method):
    """The same method, with the states that it returns checked for type and shape."""

    def __init__(self, method: Method) -> None:
        self.method = method

    def init(self, x0: Tree) -> State:
        """The method's own, checked."""
        return self._checked("init", self.method.init(x0), x0)

    def update(self, state: State, gradient: Tree) -> State:
        """The method's own, checked."""
        return self._checked("update", self.method.update(state, gradient), gradient)

    def _accepts(self, shape: Tree) -> str | None:
        return self.method._accepts(shape)

    def _shapes(self, dims: tuple[int, ...]) -> tuple[Tree, ...]:
        return self.method._shapes(dims)

    def _checked(self, verb: str, state: Any, like: Tree) -> State:
        if not isinstance(state, State):
            name = f"{type(self.method).__name__}.{verb}"
            raise MisbehaviourError(f"{name} returned {kind_of(state)}; return a State(x, momentum, ahead, step)")
        xp = namespace_of(leaves(like)[0])
        for point in (state.x, state.momentum, state.query):
            check_point(self.method, verb, point, like, xp)
        return state
