"""Norms, regularizers, methods and problems declared in a user's file: load it, or say in one line why that fails."""

from __future__ import annotations

import ast
import contextlib
import hashlib
import importlib.util
import inspect
import sys
import types
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from ntr_spec.errors import InputError
from ntr_spec.verify.subjects import KINDS, ONE, is_subject, kind_of_class

BASES = tuple(kind.base for kind in KINDS)


def load(path: Path) -> types.ModuleType:
    """Run a Python file as a module. What it prints goes to stderr.

    Raises:
        InputError: it is missing, no Python file, or raises; the line number is that of the user's file.
    """
    source = _source(path)
    # A name of its own, so that two files of one name do not meet; registered, because dataclasses look there.
    name = f"{path.stem}_{hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:8]}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None:
        raise InputError(f"{path}: not a Python file; name one that ends in .py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    folder = str(path.resolve().parent)
    if folder not in sys.path:
        sys.path.insert(0, folder)  # as `python FILE` would
    try:
        with contextlib.redirect_stdout(sys.stderr):
            exec(compile(source, str(path), "exec", dont_inherit=True), vars(module))
    except SyntaxError as error:
        where = f":{error.lineno}" if error.filename == str(path) and error.lineno else ""
        raise InputError(f"{path}{where}: {type(error).__name__}: {error.msg}; correct the file") from None
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        line = _line_of(error, path)
        text = " ".join(str(error).split())[:200]
        said = f"{type(error).__name__}: {text}" if text else type(error).__name__
        raise InputError(f"{path}{line}: importing the file raised {said}; it must import without errors") from None
    import cloudpickle

    cloudpickle.register_pickle_by_value(module)  # worker processes cannot import it
    return module


def subjects_in(module: types.ModuleType, path: Path) -> tuple[dict[str, Any], list[str]]:
    """What can be verified in a file, by name, and notes on classes that could not be used.

    These are instances bound at module level, alone or in a list, tuple or dictionary, and classes defined in the file
    that need no arguments and of which no equal instance is bound. Imported names do not count.

    Raises:
        InputError: there are none.
    """
    imported = _imported(path)
    found: dict[str, Any] = {}
    notes, others = [], []
    bound = {name: value for name, value in vars(module).items() if name not in imported and not name.startswith("__")}
    # Those with a name of their own first: lists often gather them.
    gathered = [entry for name, value in bound.items() for entry in _entries(name, value)]
    for name, value in [*bound.items(), *gathered]:
        if is_subject(value) and not any(value is known for known in found.values()):
            found[name] = value
    for name, value in list(vars(module).items()):
        if not _is_class(value, BASES) or value.__module__ != module.__name__ or name != value.__name__:
            if not name.startswith("_") and name not in imported and callable(value):
                others.append(name)
            continue
        made = _instance(name, value)
        if isinstance(made, str):
            if not any(type(known) is value for known in found.values()):
                notes.append(f"{path}: {made}")
        elif not any(_same(made, known) for known in found.values()):
            found[f"{name}()"] = made
    if not found:
        saw = f"found only {', '.join(others[:5])}" if others else "found none"
        if notes:
            saw = notes[0].removeprefix(f"{path}: ")
        raise InputError(f"{path}: expected a {ONE} at module level, {saw}; {KINDS[0].hint}")
    return found, notes


def _entries(name: str, value: Any) -> list[tuple[str, Any]]:
    """The entries of a list, tuple or dictionary, under the names by which the file could use them."""
    if isinstance(value, list | tuple):
        return [(f"{name}[{k}]", entry) for k, entry in enumerate(value)]
    return [(f"{name}[{key!r}]", entry) for key, entry in value.items()] if isinstance(value, dict) else []


def subjects_named(
    module: types.ModuleType, path: Path, name: str, bases: tuple[type, ...] = BASES, one: str = ONE
) -> dict[str, Any]:
    """What a file holds under a name: one, or all in the list, tuple or dictionary of this name.

    A class is constructed without arguments.

    Args:
        module: the file, loaded.
        path: where it is, for messages.
        name: a name at its module level.
        bases: what is looked for: what can be verified.
        one: what that is, in words.

    Raises:
        InputError: there is no such name, or it is none of these.
    """
    space: Mapping[str, Any] = vars(module)
    name = name.removesuffix("()")  # as reports write a class that was made without arguments
    if "[" in name:
        space = dict(_entries(name.partition("[")[0], space.get(name.partition("[")[0])))
    if name not in space:
        candidates = [n for n, v in space.items() if isinstance(v, bases) or _is_class(v, bases)]
        close = get_close_matches(name, candidates, 3, 0.5) or candidates[:5]
        hint = f"did you mean {' or '.join(close)}?" if close else f"the file declares no {one}"
        raise InputError(f"{path}: there is no {name} in the file; {hint}")
    value = space[name]
    if isinstance(value, bases):
        return {name: value}
    several = {entry: found for entry, found in _entries(name, value) if isinstance(found, bases)}
    if several:
        return several
    if _is_class(value, bases):
        made = _instance(name, value)
        if isinstance(made, str):
            raise InputError(f"{path}: {made}")
        return {f"{name}()": made}
    kind = f"the class {name}" if isinstance(value, type) else type(value).__name__
    raise InputError(f"{path}: {name} is {kind}, not a {one}; name an instance or a subclass")


def _source(path: Path) -> bytes:
    if path.is_dir():
        raise InputError(f"{path}: is a directory; name a Python file in it")
    if not path.exists():
        raise InputError(f"{path}: no such file; check the path{_nearby(path)}")
    if path.suffix == ".ipynb":
        raise InputError(f"{path}: is a notebook; call ntr_spec.verify(norm) in it, or name a .py file")
    if path.suffix != ".py":
        raise InputError(f"{path}: not a Python file; name one that ends in .py")
    try:
        source = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); check its permissions") from None
    if b"\0" in source:
        raise InputError(f"{path}: holds binary data; name a Python source file")
    return source


def _nearby(path: Path) -> str:
    try:
        names = [entry.name for entry in path.parent.iterdir() if entry.suffix == ".py"]
    except OSError:
        return ""
    close = get_close_matches(path.name, names, 1)
    return f" (there is {path.parent / close[0]})" if close else ""


def _line_of(error: BaseException, path: Path) -> str:
    """``:12`` for the last frame of the traceback that lies in the user's file."""
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(path):
            line = trace.tb_lineno
        trace = trace.tb_next
    return f":{line}" if line else ""


def _imported(path: Path) -> set[str]:
    """Names that import statements at module level bind."""
    names: set[str] = set()
    for node in ast.parse(path.read_bytes()).body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            names |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
    return names


def _is_class(value: Any, bases: tuple[type, ...]) -> bool:
    return isinstance(value, type) and issubclass(value, bases) and not inspect.isabstract(value)


def _instance(name: str, kind: type) -> Any:
    """An instance made without arguments, or why there is none."""
    try:
        inspect.signature(kind).bind()
    except TypeError:
        return f"{name} needs arguments; bind an instance at module level, such as my_{_noun(kind)} = {name}(…)"
    except ValueError:
        pass  # no signature to be had: try
    try:
        return kind()
    except Exception as error:
        return f"{name}() raises {type(error).__name__}: {' '.join(str(error).split())[:200]}; mend its constructor"


def _noun(cls: type) -> str:
    return kind_of_class(cls).name if issubclass(cls, BASES) else "solver"


def _same(a: Any, b: Any) -> bool:
    try:
        return type(a) is type(b) and bool(a == b)
    except Exception:  # a user's __eq__, or dataclass fields that are arrays
        return False
