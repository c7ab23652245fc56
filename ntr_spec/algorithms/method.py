"""The protocol of every method: a pure ``init`` and ``update`` on a plain pytree state.

``update(state, gradient)`` wants the gradient at ``state.query``, so that a training loop needs to know nothing about
extrapolation.
"""

from __future__ import annotations

import abc
from collections.abc import Mapping
from typing import Any, NamedTuple

from ntr_spec.arrays import admit, device_of, euclidean, namespace_of
from ntr_spec.errors import DTypeError, InputError
from ntr_spec.trees import Shape, Tree, is_container
from ntr_spec.typed import typed

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

    def __repr__(self) -> str:
        return typed(self)

    def _accepts(self, shape: Tree) -> str | None:
        """None if the method runs on points of this shape, else the shape expected, as words."""
        return None

    def _shapes(self, dims: tuple[int, ...]) -> tuple[Tree, ...]:
        """Shapes on which to verify the method, given the sizes that each axis should take."""
        return tuple(Shape((n,)) for n in dims)

    # ---- what a history asks for; optional -----------------------------------------------------------

    def settings(self, step: int) -> Mapping[str, float]:
        """The numbers that the update after ``step`` updates uses, by name."""
        return {}

    def length(self, move: Tree) -> Array:
        """How long a step is, in the norm of the method: the Euclidean one unless overridden."""
        return euclidean(move)

    def dual_length(self, gradient: Tree) -> Array:
        """The dual norm of a gradient."""
        return euclidean(gradient)

    @property
    def composite(self) -> bool:
        """Whether there is a regularizer, so that a small gradient does not tell a stationary point."""
        return False


def check_state(subject: str, state: object, ahead: bool) -> None:
    """Raise InputError unless this is a state, of a method with or without a point ``ahead``.

    Raises:
        InputError: it is not.
    """
    if not isinstance(state, State):
        raise InputError(f"{subject}: expected a State, got {type(state).__name__}; start with method.init(x0)")
    if (state.ahead is not None) is not ahead:
        has, wants = ("no", "needs one") if ahead else ("an", "has none")
        raise InputError(
            f"{subject}: the state has {has} extrapolated point and this method {wants}; it is another method's state, "
            "start with method.init(x0)"
        )


def check_alike(subject: str, noun: str, given: Tree, expected: Tree) -> None:
    """Raise an error unless two points agree in structure, shapes, dtypes, library and device.

    Raises:
        DTypeError: the dtypes differ.
        InputError: anything else differs.
    """
    if not is_container(expected):
        if is_container(given):
            raise InputError(f"{subject}: expected the {noun} to be one array, got a {type(given).__name__}")
        _check_leaf(subject, noun, given, expected)
        return
    import optree

    theirs, wanted = optree.tree_flatten(expected)
    mine, found = optree.tree_flatten(given)
    if wanted != found:
        raise InputError(
            f"{subject}: expected the {noun} in the structure {describe(wanted)} of the state, got {describe(found)}; "
            "pass one array for each of its blocks"
        )
    for index, (a, b) in enumerate(zip(mine, theirs, strict=True)):
        if not _same_kind(a, b):
            path = ".".join(str(key) for key in wanted.paths()[index])
            _check_leaf(subject, f"{noun}'s block {path}", a, b)


def describe(structure: Any) -> str:
    """A structure of optree as it is typed, without its wrapper."""
    return str(structure).removeprefix("PyTreeSpec(").removesuffix(")")


def _same_kind(a: Array, b: Array) -> bool:
    """A quick test; where it fails, :func:`_check_leaf` says what differs, if anything."""
    return type(a) is type(b) and a.shape == b.shape and a.dtype == b.dtype and device_of(a) == device_of(b)


def _check_leaf(subject: str, noun: str, a: Array, b: Array) -> None:
    if _same_kind(a, b):
        return
    mine, theirs = admit(subject, a), namespace_of(b)
    if mine is not theirs:
        raise InputError(
            f"{subject}: the {noun} is an array of {mine.name} where the state has {theirs.name}; convert it"
        )
    if tuple(a.shape) != tuple(b.shape):
        raise InputError(
            f"{subject}: the {noun} has shape {tuple(a.shape)} where the state has {tuple(b.shape)}; "
            "pass the gradient at state.query"
        )
    if a.dtype != b.dtype:
        raise DTypeError(f"{subject}: the {noun} is {a.dtype} where the state has {b.dtype}; cast it")
    # JAX moves arrays itself, and one that is traced lies nowhere.
    if mine.name != "jax" and device_of(a) != device_of(b):
        raise InputError(f"{subject}: the {noun} lies on {device_of(a)} where the state is on {device_of(b)}; move it")
