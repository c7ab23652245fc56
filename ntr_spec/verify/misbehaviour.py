"""What a hook returns is checked before it is used.

Laws call public verbs, and the verbs run the subject's own hooks, so a hook that returns ``None``, a Python number or
an array of the wrong shape would show up as some odd error further on, or be broadcast and not show up at all.
"""

from __future__ import annotations

from typing import Any

from ntr_spec.arrays import Namespace, namespace_of
from ntr_spec.trees import Shape, Tree, is_container, leaves

Array = Any


class MisbehaviourError(Exception):
    """A hook returned something that is not a point or a value; the message is one sentence."""


def check_point(subject: object, hook: str, result: Tree, like: Tree, xp: Namespace) -> Tree:
    """``result`` if it has the structure and shapes of ``like``.

    Raises:
        MisbehaviourError: it has not.
    """
    name = f"{type(subject).__name__}.{hook}"
    if is_container(like) != is_container(result):
        raise MisbehaviourError(f"{name} returned {kind_of(result)} for {kind_of(like)}; return the same structure")
    mine, wanted = leaves(result), leaves(like)
    if len(mine) != len(wanted):
        raise MisbehaviourError(f"{name} returned {len(mine)} blocks for {len(wanted)}; return the same structure")
    for leaf, other in zip(mine, wanted, strict=True):
        check_array(subject, hook, leaf, Shape(other.shape), xp)
    return result


def check_array(subject: object, hook: str, result: Any, shape: Shape, xp: Namespace) -> None:
    """Nothing, if ``result`` is an array of the library in use and of this shape; dtypes are a law's own matter.

    Raises:
        MisbehaviourError: it is not.
    """
    name = f"{type(subject).__name__}.{hook}"
    what = "a 0-d array" if shape.ndim == 0 else "an array of the input's shape"
    try:
        library = namespace_of(result)
    except TypeError:
        raise MisbehaviourError(f"{name} returned {kind_of(result)}; return {what} computed with xp") from None
    if not library.same_library(xp):
        raise MisbehaviourError(f"{name} returned an array of {library.name} for one of {xp.name}; compute with xp")
    if tuple(result.shape) != shape.dims:
        raise MisbehaviourError(
            f"{name} returned shape {tuple(result.shape)} where {shape} was expected; return {what}"
        )


def kind_of(result: Any) -> str:
    """What a value is, in words."""
    return "None" if result is None else f"a {type(result).__name__}"


def describe(error: BaseException) -> str:
    """An exception in one line."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0][:300]}" if lines else type(error).__name__
