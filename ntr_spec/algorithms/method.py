"""The protocol of every method: a pure ``init`` and ``update`` on a plain pytree state.

``update(state, gradient)`` wants the gradient at ``state.query``, so that a training loop needs to know nothing about
extrapolation.
"""

from __future__ import annotations

import abc
from typing import Any, NamedTuple

from ntr_spec.trees import Tree

Array = Any


class State(NamedTuple):
    """Where a method stands: a pytree, of arrays like the parameters.

    Attributes:
        x: the iterate.
        momentum: the accumulated gradient, zero before the first.
        ahead: the extrapolated point, or None where the gradient is wanted at x itself.
        step: how many updates have been made.
    """

    x: Tree
    momentum: Tree
    ahead: Tree | None = None
    step: int | Array = 0

    @property
    def query(self) -> Tree:
        """Where the next gradient is wanted."""
        return self.x if self.ahead is None else self.ahead


class Method(abc.ABC):
    """An optimization method as a pure state machine: frozen settings, states in, states out."""

    @abc.abstractmethod
    def init(self, x0: Tree) -> State:
        """The state at the starting point, before any gradient."""

    @abc.abstractmethod
    def update(self, state: State, gradient: Tree) -> State:
        """The next state, given the gradient at ``state.query``."""
