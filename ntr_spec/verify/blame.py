"""Exceptions traced back to the hook that raised them."""

from __future__ import annotations

import inspect
import pathlib
import traceback
from types import CodeType

from ntr_spec.norms.base import SupportFunction
from ntr_spec.steps.conjugate import Conjugate
from ntr_spec.verify.misbehaviour import describe
from ntr_spec.verify.subjects import KINDS


def blame(error: BaseException) -> str:
    """An exception in one sentence that names the hook and the line that raised it, where its traceback tells.

    >>> from ntr_spec import Norm
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
    # The innermost hook, but a user's before one of the library that it calls.
    _, _, name, file = max(found)
    line = [line for frame, line in frames if frame.f_code.co_filename == file][-1]
    return f"{name} raised {describe(error)} ({pathlib.Path(file).name}, line {line}); mend the hook"


def _hook_of(owner: object, code: CodeType) -> str:
    """The name of the hook whose code this is; "" for what only passes on what another's hook does."""
    if isinstance(owner, SupportFunction | Conjugate) or _is_proxy(owner):
        return ""
    for kind in KINDS:
        for name in kind.hooks if isinstance(owner, kind.base) else ():
            member = inspect.getattr_static(type(owner), name, None)
            function = member.fget if isinstance(member, property) else member
            if code.co_name == name or (inspect.isfunction(function) and function.__code__ is code):
                return name
    return ""


def _is_proxy(owner: object) -> bool:
    """Whether this is one of the classes here that stand for a user's subject."""
    cls = type(owner)
    return cls.__module__.startswith("ntr_spec.verify.") and cls.__name__.startswith(("Watched", "Opaque"))
