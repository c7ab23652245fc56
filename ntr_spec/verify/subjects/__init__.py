"""What can be verified: norms, regularizers, methods, problems. All else knows them through :data:`KINDS`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ntr_spec.errors import InputError
from ntr_spec.trees import Tree
from ntr_spec.verify.subjects.kind import AnyLaw, SubjectKind
from ntr_spec.verify.subjects.methods import MethodKind
from ntr_spec.verify.subjects.norms import NormKind
from ntr_spec.verify.subjects.problems import ProblemKind
from ntr_spec.verify.subjects.regularizers import RegularizerKind

__all__ = [
    "A_ONE",
    "KINDS",
    "LAWS",
    "ONE",
    "SOME",
    "AnyLaw",
    "SubjectKind",
    "check_shape",
    "is_subject",
    "kind_named",
    "kind_of",
    "kind_of_class",
]

KINDS: tuple[SubjectKind, ...] = (NormKind(), RegularizerKind(), MethodKind(), ProblemKind())
"""Every kind of subject, in the order in which they are listed and shown."""


def _either(words: list[str]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}"


ONE = _either([kind.name for kind in KINDS])
"""``norm, regularizer, …``, for messages."""
A_ONE = _either([f"a {kind.name}" for kind in KINDS])
"""``a norm, a regularizer, …``."""
SOME = _either([f"{kind.name}s" for kind in KINDS])
"""``norms, regularizers, …``."""

LAWS: Mapping[str, AnyLaw] = {law.name: law for kind in KINDS for law in kind.laws.values()}
"""A law by every name that there is; of those that several kinds share, the last. A kind knows its own."""


def is_subject(value: object) -> bool:
    """Whether a value can be verified."""
    return any(isinstance(value, kind.base) for kind in KINDS)


def kind_named(name: str) -> SubjectKind:
    """The kind of this name.

    Raises:
        KeyError: none.
    """
    return {kind.name: kind for kind in KINDS}[name]


def kind_of(subject: object) -> SubjectKind:
    """What kind of subject this is.

    Raises:
        TypeError: none.
    """
    return kind_of_class(type(subject))


def kind_of_class(cls: type) -> SubjectKind:
    """What kind of subject the instances of a class are.

    Raises:
        TypeError: none.
    """
    for kind in KINDS:
        if issubclass(cls, kind.base):
            return kind
    raise TypeError(f"{cls.__name__} is neither a {' nor a '.join(kind.name for kind in KINDS)}")


def check_shape(subject: Any, what: str, shape: Tree) -> None:
    """Raise unless points of this shape are in the subject's space.

    Raises:
        InputError: they are not.
    """
    wanted = subject._accepts(shape)
    if wanted is not None:
        raise InputError(f"{what}: {type(subject).__name__} expects {wanted}; got shape {shape}")
