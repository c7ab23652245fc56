"""Parts in a pytree: what the product of norms and the product of regularizers have in common.

Both hold one part for each block of a point, say which blocks a point must have, and go through points block by block.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from ntr_spec.errors import InputError
from ntr_spec.trees import Tree


@dataclasses.dataclass(frozen=True, init=False, repr=False)
class Blocks:
    """Parts in a pytree, immutable; equal where parts and structure are."""

    _parts: tuple[Any, ...]
    _structure: Any

    def _hold(self, blocks: Tree, kind: type, noun: str, remedy: str) -> None:
        """Take the parts from a pytree, which is copied.

        Raises:
            InputError: there is no block, or one is not of the kind.
        """
        import optree

        name = type(self).__name__
        parts, structure = optree.tree_flatten(blocks)
        if not parts or isinstance(blocks, kind):
            raise InputError(f"{name}: expected a dict, list or tuple of {noun}s, got {blocks!r}; name a block")
        for part in parts:
            if not isinstance(part, kind):
                raise InputError(f"{name}: expected a {noun} for every block, got {part!r}; {remedy}")
        object.__setattr__(self, "_parts", tuple(parts))
        object.__setattr__(self, "_structure", structure)

    @property
    def blocks(self) -> Tree:
        """The parts, in a fresh pytree."""
        return self._join(list(self._parts))

    def _split(self, x: Tree) -> list[Tree]:
        """One subtree per block."""
        found: list[Tree] = self._structure.flatten_up_to(x)
        return found

    def _join(self, parts: list[Any]) -> Tree:
        import optree

        return optree.tree_unflatten(self._structure, parts)

    def _names(self) -> Iterator[str]:
        return (name_of(path) for path in self._structure.paths())

    def _refused(self, shape: Tree) -> str | None:
        """None if every block takes its part of a shape, else what is expected, as words."""
        try:
            found = self._split(shape)
        except ValueError:
            return self._mismatch(shape)
        for name, part, block in zip(self._names(), self._parts, found, strict=True):
            expected = part._accepts(block)
            if expected is not None:
                return f"block {name} to be {expected}"
        return None

    def _mismatch(self, shape: Tree) -> str:
        """What blocks are expected, and which are missing or too many."""
        import optree

        wanted = self._structure.paths()
        given = optree.tree_paths(shape)
        missing = [name_of(p) for p in wanted if not any(q[: len(p)] == p for q in given)]
        extra = [name_of(q) for q in given if not any(q[: len(p)] == p for p in wanted)]
        text = f"a pytree of blocks {', '.join(self._names())} as in {self.blocks!r}"
        notes = [f"{word} {', '.join(names)}" for word, names in (("missing", missing), ("unknown", extra)) if names]
        return text + (f" ({'; '.join(notes)})" if notes else "")

    def _shapes(self, dims: tuple[int, ...]) -> tuple[Tree, ...]:
        choices = [part._shapes(dims) for part in self._parts]
        count = max(len(dims), 1)
        # Walk through each block's shapes at its own pace.
        return tuple(self._join([c[k * len(c) // count] for c in choices]) for k in range(count))


def name_of(path: tuple[Any, ...]) -> str:
    """A block's path in words, its keys joined with dots.

    >>> name_of(("encoder", 0, "W"))
    'encoder.0.W'
    """
    return ".".join(str(key) for key in path)
