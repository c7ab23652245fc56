"""Points are arrays or pytrees of arrays; these few functions treat both alike.

Reference: optree (https://optree.readthedocs.io), which is imported only when a pytree is met, so
that the common case, one array, costs a type test.
"""

from __future__ import annotations

import numbers
from collections.abc import Callable, Iterator
from typing import Any

from ntr_spec.errors import InputError

Array = Any
Tree = Any


def is_container(x: Tree) -> bool:
    """True for the containers that make a pytree (dict, list, tuple and their subclasses)."""
    return isinstance(x, dict | list | tuple)


def tree_map(function: Callable[..., Any], tree: Tree, *rest: Tree) -> Tree:
    """Apply ``function`` leaf by leaf; the trees must have the same structure."""
    if not is_container(tree):
        return function(tree, *rest)
    import optree

    return optree.tree_map(function, tree, *rest)


def leaves(tree: Tree) -> list[Array]:
    """The leaves of a tree, in optree's order (dictionary keys sorted)."""
    if not is_container(tree):
        return [tree]
    import optree

    result: list[Array] = optree.tree_leaves(tree)
    return result


def zip_map(function: Callable[..., tuple[Any, ...]], tree: Tree, *rest: Tree) -> tuple[Tree, ...]:
    """As :func:`tree_map` for a function that returns several arrays: one tree for each of them.

    >>> zip_map(lambda a, b: (a + b, a * b), {"u": 2, "v": 3}, {"u": 4, "v": 5})
    ({'u': 6, 'v': 8}, {'u': 8, 'v': 15})
    """
    if not is_container(tree):
        return function(tree, *rest)
    import optree

    first, structure = optree.tree_flatten(tree)
    columns = [first, *(structure.flatten_up_to(other) for other in rest)]
    results = [function(*row) for row in zip(*columns, strict=True)]
    return tuple(optree.tree_unflatten(structure, column) for column in zip(*results, strict=True))


def shapes(tree: Tree) -> Tree:
    """The shapes of the leaves, as :class:`Shape` leaves in the same structure."""
    return tree_map(lambda leaf: Shape(leaf.shape), tree)


class Shape:
    """The shape of one array, kept apart from ``tuple`` so that it is a leaf of a pytree of shapes.

    It is read, and compares, as the tuple of its sizes.

    >>> Shape((2, 3)).size, Shape((2, 3)) == (2, 3), str(Shape((4,)))
    (6, True, '(4,)')
    >>> rows, columns = Shape((2, 3))
    >>> rows, columns, len(Shape((2, 3))), Shape((2, 3))[-1]
    (2, 3, 2, 3)
    """

    __slots__ = ("dims",)

    def __init__(self, dims: tuple[int, ...]) -> None:
        self.dims = tuple(int(d) for d in dims)

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.dims)

    @property
    def size(self) -> int:
        """Number of entries."""
        product = 1
        for d in self.dims:
            product *= d
        return product

    def __iter__(self) -> Iterator[int]:
        return iter(self.dims)

    def __len__(self) -> int:
        return len(self.dims)

    def __getitem__(self, axis: int) -> int:
        return self.dims[axis]

    def __eq__(self, other: object) -> bool:
        return self.dims == (other.dims if isinstance(other, Shape) else other)

    def __hash__(self) -> int:
        return hash(self.dims)

    def __repr__(self) -> str:
        return str(self.dims)


def as_shape(spec: Tree, subject: str = "shape") -> Tree:
    """Turn what a user writes as a shape into a :class:`Shape` (or a pytree of them).

    An int or a tuple of ints is one shape; a dict or list holds one shape per block.

    Raises:
        InputError: it is nothing of the sort, or a size is not positive; the message begins with ``subject``.

    >>> as_shape(3), as_shape((2, 3)), as_shape({"W": (2, 3), "b": 2})
    ((3,), (2, 3), {'W': (2, 3), 'b': (2,)})
    """
    if isinstance(spec, Shape):
        return spec
    if _is_size(spec):
        return Shape((int(spec),))
    if isinstance(spec, tuple) and all(_is_size(d) for d in spec):
        return Shape(spec)
    if isinstance(spec, dict):
        return {key: as_shape(value, subject) for key, value in spec.items()}
    if isinstance(spec, list | tuple) and not any(isinstance(d, numbers.Number) for d in spec):
        blocks = [as_shape(value, subject) for value in spec]
        return type(spec)(*blocks) if hasattr(spec, "_fields") else type(spec)(blocks)  # a NamedTuple takes them apart
    raise InputError(
        f"{subject}: expected a shape of positive sizes such as 3, (2, 3) or {{'W': (2, 3)}}, got {spec!r}; "
        "pass a whole number or a tuple of them"
    )


def _is_size(d: Any) -> bool:
    return not isinstance(d, bool) and isinstance(d, numbers.Integral) and int(d) > 0
