"""Checkpoints: a state as one ``.npz`` file that ``numpy.load`` reads without pickle, restored bit by bit.

The file holds one array per leaf, keyed by its path (``x/W``, ``momentum/W``), bfloat16 as the int16 of its bits, and
``metadata``, a JSON text: format version, the method's settings, step, structure, shapes, dtypes and library. It is
written beside its place and moved there in one operation, so that a killed process leaves the old file or the new one.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ntr_spec.algorithms.method import Method, State
from ntr_spec.arrays import namespace_of
from ntr_spec.arrays.bits import dtype_name, from_bits, to_bits
from ntr_spec.errors import InputError
from ntr_spec.trees import Tree, is_container, leaves

Array = Any

FORMAT = "ntr_spec checkpoint"
VERSION = 1
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")
_LONGEST = 60
_LONGEST_SETTING = 10_000


class CheckpointError(InputError):
    """A checkpoint cannot be read, written, or used with this method and these parameters."""


def save_state(path: str | os.PathLike[str], state: State, method: Method) -> None:
    """Write a state to a file, which is replaced in one operation if it is a checkpoint of the same method.

    Args:
        path: the file, by custom ``….npz``.
        state: what to save.
        method: whose state it is; its settings are written beside it, schedules that are functions by their names.

    Raises:
        CheckpointError: the file cannot be written, or what is there is not a checkpoint of this method.

    >>> import numpy as np, tempfile, os
    >>> from ntr_spec import LInf, TrustRegion
    >>> method, x0 = TrustRegion(LInf()), np.zeros(2)
    >>> path = os.path.join(tempfile.mkdtemp(), "run.npz")
    >>> save_state(path, method.init(x0), method)
    >>> sorted(np.load(path)), load_state(path, method, like=x0).step
    (['metadata', 'momentum', 'x'], 0)
    """
    if not isinstance(state, State):
        raise CheckpointError(f"checkpoint {path}: expected a State to save, got {type(state).__name__}; pass one")
    check_target(path, method)
    write(path, state, method, {})


def load_state(path: str | os.PathLike[str], method: Method, like: Tree) -> State:
    """The state in a file, bit by bit as it was saved.

    Args:
        path: the file.
        method: the method that goes on from the state; its settings must be those of the method that was saved.
        like: the parameters, x₀ say: the arrays get the library and the device of these, and must have their structure,
            shapes and dtypes.

    Raises:
        CheckpointError: there is no such file, it is damaged, no checkpoint or of a newer format, or it was written by
            another method or for other parameters.
    """
    return read(path, method, like)[0]


def check_target(path: str | os.PathLike[str], method: Method) -> None:
    """Raise CheckpointError unless a checkpoint of this method may be written there."""
    target = Path(path)
    if target.is_dir():
        raise CheckpointError(
            f"checkpoint {target}: it is a directory; name a file in it, such as {target / 'run.npz'}"
        )
    if target.exists():
        _check_method(target, _load(target)[0], method)
    elif not target.parent.is_dir():
        raise CheckpointError(f"checkpoint {target}: there is no directory {target.parent}; create it")
    if not os.access(target.parent, os.W_OK):
        raise CheckpointError(f"checkpoint {target}: the directory {target.parent} cannot be written; choose another")


def write(path: str | os.PathLike[str], state: State, method: Method, extra: Mapping[str, Array]) -> None:
    """Write a state and further NumPy arrays, unchecked."""
    import numpy as np

    target = Path(os.path.realpath(path))  # what a link points to is replaced, not the link
    arrays, entries = {}, []
    for name, tree in _trees(state):
        for key, leaf in _keyed(name, tree):
            arrays[key] = to_bits(leaf)
            entries.append({"key": key, "shape": list(leaf.shape), "dtype": dtype_name(leaf)})
    metadata = {
        "format": FORMAT,
        "version": VERSION,
        "method": fingerprint(method),
        "step": int(state.step),
        "ahead": state.ahead is not None,
        "library": namespace_of(leaves(state.x)[0]).name,
        "leaves": entries,
    }
    arrays["metadata"] = np.array(json.dumps(metadata))
    arrays |= {f"extra/{name}": values for name, values in extra.items()}
    partial = target.with_name(f".{target.name}.partial")
    try:
        with partial.open("wb") as file:
            np.savez(file, allow_pickle=False, **arrays)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, target)
    except OSError as error:
        with contextlib.suppress(OSError):
            partial.unlink()
        raise CheckpointError(f"checkpoint {target}: it cannot be written ({error}); choose another place") from error


def read(path: str | os.PathLike[str], method: Method, like: Tree) -> tuple[State, dict[str, Array]]:
    """The state in a file, and the further arrays that were written with it."""
    target = Path(path)
    metadata, arrays = _load(target)
    _check_method(target, metadata, method)
    expected = [
        item for name in ("x", "momentum", *(["ahead"] if metadata["ahead"] else [])) for item in _keyed(name, like)
    ]
    saved = {entry["key"]: entry for entry in metadata["leaves"]}
    _check_leaves(target, saved, dict(expected))
    found = [from_bits(arrays[key], leaf) for key, leaf in expected]
    count = len(leaves(like))
    trees = [_rebuilt(like, found[k : k + count]) for k in range(0, len(found), count)]
    extra = {key.removeprefix("extra/"): array for key, array in arrays.items() if key.startswith("extra/")}
    return State(trees[0], trees[1], trees[2] if metadata["ahead"] else None, metadata["step"]), extra


def fingerprint(method: Method) -> dict[str, str]:
    """A method's kind and settings as text, without the addresses that functions print.

    >>> from ntr_spec import L2, TrustRegion
    >>> fingerprint(TrustRegion(L2(), radius=0.1))["radius"]
    '0.1'
    """
    cls: type = type(method)
    kind = {"method": cls.__name__}
    if not dataclasses.is_dataclass(cls):
        return kind | {"settings": _text(method)}
    return kind | {field.name: _text(getattr(method, field.name)) for field in dataclasses.fields(cls)}


def _text(setting: Any) -> str:
    text = _ADDRESS.sub("", repr(setting))
    if len(text) <= _LONGEST_SETTING:
        return text
    return f"{text[:_LONGEST]}… (sha256 {hashlib.sha256(text.encode()).hexdigest()})"  # a norm with a million weights


def _load(target: Path) -> tuple[dict[str, Any], dict[str, Array]]:
    """Metadata and arrays of a file that is a checkpoint."""
    import zipfile
    import zlib

    import numpy as np

    if target.is_dir():
        raise CheckpointError(f"checkpoint {target}: it is a directory; name a file in it")
    if not target.exists():
        raise CheckpointError(f"checkpoint {target}: there is no such file; save one with save_state")
    try:
        if not zipfile.is_zipfile(target):
            raise ValueError("no zip archive")
        # NumPy leaves a file that it opened itself open where the archive is damaged.
        with target.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = {key: archive[key] for key in archive.files}
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile, zlib.error, RuntimeError) as error:
        raise CheckpointError(
            f"checkpoint {target}: it cannot be read ({error}), so it is damaged or no checkpoint; choose another file"
        ) from error
    try:
        metadata = json.loads(str(arrays.pop("metadata")))
        known = metadata["format"] == FORMAT
    except (KeyError, ValueError, TypeError):
        known = False
    if not known:
        raise CheckpointError(f"checkpoint {target}: it was not written by ntr_spec; choose another file")
    if metadata["version"] > VERSION:
        raise CheckpointError(
            f"checkpoint {target}: its format is version {metadata['version']}, newer than the {VERSION} known here; "
            "update ntr_spec"
        )
    return metadata, arrays


def _check_method(target: Path, metadata: dict[str, Any], method: Method) -> None:
    saved, mine = metadata["method"], fingerprint(method)
    for name in {**mine, **saved}:
        theirs, ours = saved.get(name, "absent"), mine.get(name, "absent")
        if theirs != ours:
            raise CheckpointError(
                f"checkpoint {target}: it is of another method, with {name} {_short(theirs)} where this one has "
                f"{_short(ours)}; use the method that wrote it, or another file"
            )


def _check_leaves(target: Path, saved: dict[str, Any], expected: dict[str, Array]) -> None:
    if saved.keys() != expected.keys():
        missing, extra = sorted(expected.keys() - saved.keys()), sorted(saved.keys() - expected.keys())
        notes = [f"{word} {', '.join(keys)}" for word, keys in (("it lacks", missing), ("it has", extra)) if keys]
        raise CheckpointError(
            f"checkpoint {target}: it is of parameters in another structure ({_short('; '.join(notes))}); "
            "pass parameters of the same structure"
        )
    for key, leaf in expected.items():
        entry = saved[key]
        shape, dtype = tuple(entry["shape"]), entry["dtype"]
        if (shape, dtype) != (tuple(leaf.shape), dtype_name(leaf)):
            raise CheckpointError(
                f"checkpoint {target}: {key} is {dtype} of shape {shape}, the parameters have {dtype_name(leaf)} of "
                f"shape {tuple(leaf.shape)}; pass parameters like those that were saved"
            )


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _trees(state: State) -> list[tuple[str, Tree]]:
    found = [("x", state.x), ("momentum", state.momentum)]
    return found if state.ahead is None else [*found, ("ahead", state.ahead)]


def _keyed(name: str, tree: Tree) -> list[tuple[str, Array]]:
    """Leaves with their keys: the path, its parts joined by slashes."""
    if not is_container(tree):
        return [(name, tree)]
    import optree

    keys: list[str] = []
    for path in optree.tree_paths(tree):
        key = "/".join([name, *(str(part).replace("%", "%25").replace("/", "%2F") for part in path)])
        while key in keys:  # 1 and "1" as keys of one dictionary
            key += "~"
        keys.append(key)
    return list(zip(keys, leaves(tree), strict=True))


def _rebuilt(like: Tree, found: list[Array]) -> Tree:
    if not is_container(like):
        return found[0]
    import optree

    return optree.tree_unflatten(optree.tree_structure(like), found)
