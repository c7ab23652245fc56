"""``Product``: a regularizer for every block of a pytree, added up.

Wherever a regularizer is expected, a pytree of them means the same; see :func:`as_regularizer`.
"""

from __future__ import annotations

import dataclasses
import functools
import operator
from collections.abc import Callable
from typing import Any, final

from ntr_spec.arrays import Namespace
from ntr_spec.blocks import Blocks
from ntr_spec.errors import InputError
from ntr_spec.norms.base import Norm
from ntr_spec.steps.regularizer import Bound, Regularizer
from ntr_spec.trees import Tree, is_container, leaves

Array = Any


def as_regularizer(subject: str, given: Any) -> Regularizer:
    """A regularizer, or a pytree of them as their :class:`Product`.

    Raises:
        InputError: it is neither.
    """
    if isinstance(given, Regularizer):
        return given
    if is_container(given) and leaves(given) and all(isinstance(leaf, Regularizer) for leaf in leaves(given)):
        return Product(given)
    remedy = f"Penalty({given!r}, 0.1)" if isinstance(given, Norm) else "Zero() or Penalty(L1(), 0.1)"
    raise InputError(f"{subject}: expected a regularizer or a pytree of them, got {given!r}; pass one such as {remedy}")


@final
@dataclasses.dataclass(frozen=True, init=False, repr=False)
class Product(Blocks, Regularizer):
    """R(x) = Σ_b R_b(x_b) over the blocks of a pytree. Conjugate, prox and subgradient go block by block.

    Args:
        blocks: a pytree (dict, list or tuple, nested or not) of regularizers; it is copied.

    Raises:
        InputError: there is no block, or one is no regularizer; a point has another structure.

    >>> import numpy as np
    >>> from ntr_spec import L1
    >>> from ntr_spec.steps import Penalty, Ridge
    >>> R = Product({"W": Penalty(L1(), 1.0), "b": Ridge(1.0)})
    >>> x = {"W": np.array([[3.0, -0.5]]), "b": np.array([1.0])}
    >>> float(R(x)), {name: y.tolist() for name, y in R.prox(x).items()}
    (4.0, {'W': [[2.0, 0.0]], 'b': [0.5]})
    """

    def __init__(self, blocks: Tree) -> None:
        self._hold(blocks, Regularizer, "regularizer", "pass Zero() for none")

    def _each(self, function: Callable[..., Tree], *trees: Tree) -> list[Tree]:
        """``function`` of each part and its blocks."""
        columns = [self._split(tree) for tree in trees]
        return [function(*row) for row in zip(self._parts, *columns, strict=True)]

    def _value(self, x: Tree, xp: Namespace) -> Array:
        return functools.reduce(operator.add, self._each(lambda part, block: part._value(block, xp), x))

    def _domain(self, x: Tree, xp: Namespace) -> tuple[Bound, ...]:
        return tuple(bound for bounds in self._each(lambda part, block: part._domain(block, xp), x) for bound in bounds)

    def _prox(self, x: Tree, step: Array, xp: Namespace) -> Tree:
        def prox(part: Regularizer, block: Tree) -> Tree:
            dtype = leaves(block)[0].dtype  # blocks may be of several, and a 0-d array would widen the narrow ones
            mine = step if isinstance(step, float) or step.dtype == dtype else xp.astype(step, dtype)
            return part._prox(block, mine, xp)

        return self._join(self._each(prox, x))

    def _subgradient(self, x: Tree, xp: Namespace) -> Tree:
        return self._join(self._each(lambda part, block: part._subgradient(block, xp), x))

    def _box_argmin(self, g: Tree, lower: Tree, upper: Tree, xp: Namespace) -> Tree:
        return self._join(self._each(lambda part, *blocks: part._box_argmin(*blocks, xp), g, lower, upper))

    def _nearest_subgradient(self, x: Tree, g: Tree, xp: Namespace) -> Tree:
        return self._join(self._each(lambda part, *blocks: part._nearest_subgradient(*blocks, xp), x, g))

    def _accepts(self, shape: Tree) -> str | None:
        return self._refused(shape)

    def _notation(self, x: str) -> str:
        return " + ".join(part._notation(name) for name, part in zip(self._names(), self._parts, strict=True))

    @property
    def conjugate(self) -> Regularizer:
        """The conjugates of the blocks."""
        return Product(self._join([part.conjugate for part in self._parts]))

    @property
    def domain(self) -> Regularizer:
        """The domains of the blocks."""
        return Product(self._join([part.domain for part in self._parts]))

    @property
    def has_prox(self) -> bool:
        """Whether all blocks have one."""
        return all(part.has_prox for part in self._parts)

    @property
    def has_subgradient(self) -> bool:
        """Whether all blocks have one."""
        return all(part.has_subgradient for part in self._parts)

    @property
    def separable(self) -> bool:
        """Whether all blocks are."""
        return all(part.separable for part in self._parts)

    def __repr__(self) -> str:
        return f"Product({self.blocks!r})"

    def __reduce__(self) -> tuple[type[Product], tuple[Tree]]:
        return (Product, (self.blocks,))
