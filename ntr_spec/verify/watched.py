"""Hooks that misbehave: what a hook returns is checked before it is used; exceptions are traced back.

Laws call public verbs, and the verbs run the norm's own hooks, so a hook that returns ``None``, a Python number or an
array of the wrong shape would show up as some odd error further on, or be broadcast and not show up at all.
"""

from __future__ import annotations

import inspect
import pathlib
import traceback
from types import CodeType
from typing import Any, final

from ntr_spec.arrays import Namespace, namespace_of
from ntr_spec.norms.base import Norm, SupportFunction
from ntr_spec.norms.claims import Claim
from ntr_spec.trees import Shape, Tree, is_container, leaves

Array = Any


class MisbehaviourError(Exception):
    """A hook returned something that is not a point or a value; the message is one sentence."""


@final
class Watched(Norm):
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
        return Watched(dual, SupportFunction(self) if mine else None)

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
    """Nothing, if ``result`` is an array of the library in use and of this shape; dtypes are a law's own matter.

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


_HOOKS = ("_value", "_lmo", "_project", "_rho", "_rho_weighted", "_accepts", "_shapes", "_notation", "dual", "claims")


def blame(error: BaseException) -> str:
    """An exception in one sentence that names the hook and the line that raised it, where its traceback tells.

    >>> class Unfinished(Norm):
    ...     def _value(self, x, xp): raise KeyError("later")
    ...     def _lmo(self, g, xp): return g
    >>> import numpy as np
    >>> try:
    ...     Unfinished()(np.ones(2))
    ... except KeyError as error:
    ...     blame(error).partition(" (")[0]
    "Unfinished._value raised KeyError: 'later'"
    """
    frames = list(traceback.walk_tb(error.__traceback__))
    found: list[tuple[bool, int, str, str]] = []
    for frame, _ in frames:
        code = frame.f_code
        owner = frame.f_locals.get(code.co_varnames[0]) if code.co_argcount else None
        hook = _hook_of(owner, code)
        if hook:
            ours = str(frame.f_globals.get("__name__", "")).startswith("ntr_spec.")
            found.append((not ours, len(found), f"{type(owner).__name__}.{hook}", code.co_filename))
    if not found:
        return describe(error)
    # The innermost hook, but a user's before one of the catalogue that it calls.
    _, _, name, file = max(found)
    line = [line for frame, line in frames if frame.f_code.co_filename == file][-1]
    return f"{name} raised {describe(error)} ({pathlib.Path(file).name}, line {line}); mend the hook"


def _hook_of(owner: object, code: CodeType) -> str:
    if not isinstance(owner, Norm) or isinstance(owner, Watched | SupportFunction):
        return ""
    for name in _HOOKS:
        member = inspect.getattr_static(type(owner), name, None)
        function = member.fget if isinstance(member, property) else member
        if code.co_name == name or (inspect.isfunction(function) and function.__code__ is code):
            return name
    return ""


def describe(error: BaseException) -> str:
    """An exception in one line."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0][:300]}" if lines else type(error).__name__


def _kind(result: Any) -> str:
    return "None" if result is None else f"a {type(result).__name__}"
