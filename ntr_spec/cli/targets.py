"""What ``ntr-spec verify`` is asked to verify: files, names in files, names and expressions of the catalogue."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ntr_spec.cli.expression import constructors, solver_from, subject_from
from ntr_spec.cli.userfile import load, subjects_in, subjects_named
from ntr_spec.errors import InputError
from ntr_spec.norms.leading import Leading
from ntr_spec.norms.polar import Polar
from ntr_spec.verify.plan import Subject
from ntr_spec.verify.subjects import KINDS, kind_of


@dataclasses.dataclass(frozen=True)
class Targets:
    """What to verify, what was unusable, and remarks."""

    subjects: tuple[Subject, ...]
    problems: tuple[str, ...]
    notes: tuple[str, ...]


def collect(words: Sequence[str], catalogue: bool) -> Targets:
    """What the arguments name; each unusable argument is a problem and stops no other.

    Args:
        words: ``FILE``, ``FILE:NAME``, or a name or expression of the catalogue.
        catalogue: whether to add the whole catalogue, which is also what no words mean.
    """
    found: dict[tuple[str, str], Subject] = {}
    problems: list[str] = []
    notes: list[str] = []
    modules: dict[Path, types.ModuleType] = {}

    def add(origin: str, name: str, one: Any) -> None:
        found.setdefault((origin, name), Subject(one, name=name, origin=origin))

    for word in words:
        path, name = _split(word)
        try:
            if path is None:
                one = subject_from(word)
                add("", kind_of(one).label(one, word), one)
                continue
            if path not in modules:
                modules[path] = load(path)
            if name:
                several = subjects_named(modules[path], path, name)
            else:
                several, remarks = subjects_in(modules[path], path)
                notes += remarks
            for each, one in several.items():
                add(str(path), each, one)
        except InputError as error:
            problems.append(str(error))
    if catalogue or not words:
        for kind in KINDS:
            for name, one in kind.catalogue():
                add("", kind.label(one, name), one)
    return Targets(tuple(found.values()), tuple(problems), tuple(dict.fromkeys(notes)))


def one(word: str) -> Any:
    """The single norm, regularizer, method or problem that ``ntr-spec show`` is asked about.

    Raises:
        InputError: the word names none, or several.
    """
    path, name = _split(word)
    if path is None:
        return subject_from(word)
    module = load(path)
    several = subjects_named(module, path, name) if name else subjects_in(module, path)[0]
    if len(several) > 1:
        raise InputError(f"{path}: declares {', '.join(several)}; name one, as in {path}:{next(iter(several))}")
    return next(iter(several.values()))


def solver(word: str) -> Any:
    """The solver that ``ntr-spec bench`` is to measure: an expression, or FILE:NAME.

    Raises:
        InputError: the word names none.
    """
    path, name = _split(word)
    if path is None:
        return solver_from(word)
    if not name:
        raise InputError(f"{path}: which solver of the file is not said; name one, as in {path}:NAME")
    several = subjects_named(load(path), path, name, (Polar, Leading), "solver")
    if len(several) > 1:
        raise InputError(f"{path}: {name} holds {', '.join(several)}; name one, as in {path}:{next(iter(several))}")
    return next(iter(several.values()))


def _split(word: str) -> tuple[Path | None, str]:
    """(file, name in it), or (None, "") for what must be an expression."""
    if _like_path(word):
        return Path(word), ""
    head, colon, tail = word.rpartition(":")
    if colon and _like_path(head):
        return Path(head), tail
    return None, ""


def _like_path(word: str) -> bool:
    if word.endswith((".py", ".ipynb")):
        return True
    # "Lp(4/3)" holds a slash and is no path.
    if "(" not in word and ("/" in word or "\\" in word):
        return ":" not in word
    if word.isidentifier() and word in constructors():
        return False
    try:
        return Path(word).exists()
    except (OSError, ValueError):  # too long, or holds a null
        return False
