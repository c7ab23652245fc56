"""How thoroughly to verify: shapes, dimensions, examples, backends, budgets."""

from __future__ import annotations

import dataclasses
from typing import Any

from ntr_spec.trees import Tree, as_shape, leaves
from ntr_spec.verify.subjects import kind_of

# Quantifier elimination is exponential in the number of variables; beyond six entries it settles next to nothing.
_EXACT_ENTRIES = 6


@dataclasses.dataclass(frozen=True)
class Settings:
    """What the engines are asked to do.

    Attributes:
        shapes: shapes (an int, a tuple, or a pytree of them) on which to verify; None lets the subject choose.
        dims: sizes of each axis for the exact engine where the subject chooses, e.g. ``(2, 3)``.
        max_examples: points drawn per law, over all shapes. The first backend sees every point in its most precise
            dtype and every second one in the other; further backends see each point in one dtype, and array-api-strict,
            which computes with NumPy and is asked only whether hooks keep to the standard, every eighth. Float laws
            take a tenth to a fifth of them. The scope of a finding states what ran.
        backends: names among ``numpy strict torch jax cupy``; installed ones only.
        timeout: seconds that one law may take in one engine.
        seed: seed of every random choice; the same seed gives the same report.
    """

    shapes: tuple[Tree, ...] | None = None
    dims: tuple[int, ...] = (2, 3)
    max_examples: int = 100
    backends: tuple[str, ...] = ("numpy", "strict")
    timeout: float = 10.0
    seed: int = 0

    def exact_shapes(self, subject: Any) -> tuple[Tree, ...]:
        """Shapes for the exact engine: what the caller says, or the subject's own of at most six entries."""
        if self.shapes is not None:
            return tuple(as_shape(s) for s in self.shapes)
        offered = _offered(subject, self.dims)
        small = tuple(s for s in offered if sum(leaf.size for leaf in leaves(s)) <= _EXACT_ENTRIES)
        return small or offered[:1]

    def test_shapes(self, subject: Any) -> tuple[Tree, ...]:
        """Shapes for the property engine: single entries, small, and larger than any special case."""
        if self.shapes is not None:
            return tuple(as_shape(s) for s in self.shapes)
        return _offered(subject, kind_of(subject).test_dims(subject))


def _offered(subject: Any, dims: tuple[int, ...]) -> tuple[Tree, ...]:
    """The subject's own shapes; a user's hook may write them as tuples."""
    return tuple(as_shape(s, f"{type(subject).__name__}._shapes") for s in subject._shapes(dims))
