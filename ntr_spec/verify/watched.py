"""A norm whose hooks are watched: what a hook returns is checked before anything is computed from it.

Laws call public verbs, and the verbs run the norm's own hooks, so a hook that returns ``None``, a Python number or an
array of the wrong shape would show up as some odd error further on, or be broadcast and not show up at all.
"""

from __future__ import annotations

from typing import Any, final

from ntr_spec.arrays import Namespace, namespace_of
from ntr_spec.norms.base import Norm
from ntr_spec.norms.claims import Claim
from ntr_spec.trees import Shape, Tree, is_container, leaves

Array = Any


class MisbehaviourError(Exception):
    """A hook returned something that is not a point or a value; the message is one sentence."""


@final
class Watched(Norm):
    """The same norm, with what ``_value``, ``_lmo``, ``_project`` and ``_rho`` return checked for type and shape."""

    def __init__(self, norm: Norm) -> None:
        self.norm = norm

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

    def _value(self, x: Tree, xp: Namespace) -> Array:
        value = self.norm._value(x, xp)
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
        return Watched(self.norm.dual)

    @property
    def claims(self) -> frozenset[Claim]:
        """The norm's own claims."""
        return self.norm.claims


def check_point(norm: Norm, hook: str, result: Tree, like: Tree, xp: Namespace) -> Tree:
    """``result`` if it has the structure and shapes of ``like``.

    Raises:
        MisbehaviourError: it has not.
    """
    if is_container(like) != is_container(result):
        raise MisbehaviourError(
            f"{type(norm).__name__}.{hook} returned {_kind(result)} for {_kind(like)}; return the same structure"
        )
    mine, wanted = leaves(result), leaves(like)
    if len(mine) != len(wanted):
        raise MisbehaviourError(
            f"{type(norm).__name__}.{hook} returned {len(mine)} blocks for {len(wanted)}; return the same structure"
        )
    for leaf, other in zip(mine, wanted, strict=True):
        check_array(norm, hook, leaf, Shape(other.shape), xp)
    return result


def check_array(norm: Norm, hook: str, result: Any, shape: Shape, xp: Namespace) -> None:
    """Nothing, if ``result`` is an array of the library in use and of this shape.

    Raises:
        MisbehaviourError: it is not.
    """
    subject = f"{type(norm).__name__}.{hook}"
    what = "a 0-d array" if shape.ndim == 0 else "an array of the input's shape"
    try:
        library = namespace_of(result)
    except TypeError:
        raise MisbehaviourError(f"{subject} returned {_kind(result)}; return {what} computed with xp") from None
    if library is not xp:
        raise MisbehaviourError(f"{subject} returned an array of {library.name} for one of {xp.name}; compute with xp")
    if tuple(result.shape) != shape.dims:
        raise MisbehaviourError(
            f"{subject} returned shape {tuple(result.shape)} where {shape} was expected; return {what}"
        )


def _kind(result: Any) -> str:
    return "None" if result is None else f"a {type(result).__name__}"
