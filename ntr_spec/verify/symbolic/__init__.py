"""Symbols that pass for arrays: run a hook on them and read off what it computes."""

from __future__ import annotations

from typing import Any

import numpy as np

from ntr_spec.trees import Shape, Tree, as_shape, is_container, tree_map
from ntr_spec.verify.symbolic import term as t
from ntr_spec.verify.symbolic.array import DType, SymbolicArray, as_array
from ntr_spec.verify.symbolic.namespace import NAMESPACE
from ntr_spec.verify.symbolic.reading import to_sympy

__all__ = ["NAMESPACE", "DType", "SymbolicArray", "constants", "symbols", "to_sympy"]


def symbols(name: str, shape: Any, positive: bool = False) -> Tree:
    """An array of real symbols of this shape, or a pytree of them.

    Args:
        name: the letter; entries are ``x1, x2, …`` for vectors, ``x11, x12, …`` for matrices, and carry the
            block's name in a pytree (``x_W11``).
        shape: what :func:`ntr_spec.trees.as_shape` takes; ``()`` is a single number.
        positive: the symbols range over the positive reals only.

    >>> symbols("x", 2).expressions.tolist(), symbols("x", (1, 2)).expressions.tolist()
    ([x1, x2], [[x11, x12]])
    """
    return _symbols(name, as_shape(shape), positive)


def _symbols(name: str, shape: Tree, positive: bool) -> Tree:
    if not isinstance(shape, Shape):
        if isinstance(shape, dict):
            return {key: _symbols(f"{name}_{key}", value, positive) for key, value in shape.items()}
        return type(shape)(_symbols(f"{name}_{key}_", value, positive) for key, value in enumerate(shape))
    result = np.empty(shape.dims, dtype=object)
    separator = "_" if any(d > 9 for d in shape.dims) else ""
    for index in np.ndindex(*shape.dims):
        result[index] = t.symbol(name + separator.join(str(k + 1) for k in index), positive)
    return SymbolicArray(result, DType.REAL)


def constants(values: Tree) -> Tree:
    """Numbers as symbolic arrays, so that laws run on them exactly.

    Args:
        values: a NumPy array of Fractions or of floats (read as the simplest rationals), or a pytree of them.

    >>> constants(np.array([0.5, 1.0])).expressions.tolist()
    [1/2, 1]
    """
    if is_container(values):
        return tree_map(constants, values)
    return as_array(np.asarray(values), DType.REAL)
