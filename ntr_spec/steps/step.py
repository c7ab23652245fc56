"""The trust-region subproblem argmin{⟨m, x⟩ + R(x) : ‖x − center‖ ≤ radius}, solved with a certificate.

Reference: [Kovalev25], Lemma 1.
"""

from __future__ import annotations

import dataclasses
from typing import Any, final

from ntr_spec.arrays import dot
from ntr_spec.norms.base import Norm
from ntr_spec.steps.product import as_regularizer
from ntr_spec.steps.regularizer import Regularizer, fenchel_gap
from ntr_spec.steps.simple import Zero
from ntr_spec.trees import Tree, tree_map

Array = Any


@final
@dataclasses.dataclass(frozen=True)
class Step:
    """A solution of argmin{⟨m, x⟩ + R(x) : ‖x − center‖ ≤ radius}, with what certifies it.

    Attributes:
        point: x, with ‖x − center‖ ≤ radius.
        subgradient: s ∈ ∂R(x) that leaves the gap.
        gap: the duality gap η‖m + s‖_* + ⟨m + s, x − center⟩ + R(x) + R*(s) − ⟨s, x⟩ ≥ 0, a 0-d array; the objective at
            ``point`` exceeds the least one by at most this much.
        iterations: of the solver; 0 for a closed form.
    """

    point: Tree
    subgradient: Tree
    gap: Array
    iterations: int = 0


def trust_region_step(
    norm: Norm,
    m: Tree,
    center: Tree,
    radius: float | Array,
    regularizer: Regularizer | Tree = Zero(),  # noqa: B008
) -> Step:
    """argmin{⟨m, x⟩ + R(x) : ‖x − center‖ ≤ radius}."""
    regularizer = as_regularizer("trust_region_step", regularizer)
    if not isinstance(regularizer, Zero):
        raise NotImplementedError
    point = tree_map(lambda c, v: c + v, center, norm.lmo(m, radius))
    s = tree_map(lambda leaf: 0 * leaf, m)
    u = tree_map(lambda a, b: a + b, m, s)
    move = tree_map(lambda a, b: a - b, point, center)
    gap = radius * norm.dual(u) + dot(u, move) + fenchel_gap(regularizer, point, s)
    return Step(point, s, gap)
