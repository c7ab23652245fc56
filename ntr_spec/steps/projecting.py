"""Projections on norm balls: the norm's own where it declares one, else through its dual's.

The projection on {‖y‖ ≤ r} is prox_{λ‖·‖}(x) for the λ ≥ 0 with ‖prox_{λ‖·‖}(x)‖ = r, and that prox is what the
projection on {‖y‖_* ≤ λ} leaves of x (Moreau). Reference: Parikh and Boyd, *Proximal Algorithms* (2014), 6.5.
"""

from __future__ import annotations

from typing import Any

from ntr_spec.arrays import Namespace, device_of
from ntr_spec.errors import NotDeclaredError
from ntr_spec.norms.apply import apply_project, apply_value
from ntr_spec.norms.base import Norm
from ntr_spec.norms.multipliers import multiplier
from ntr_spec.trees import Tree, leaves, tree_map

Array = Any


def can_project(norm: Norm) -> bool:
    """Whether a projection on the norm's balls is known: its own, or through its dual's."""
    return norm.has_projection or norm.dual.has_projection


def project(norm: Norm, x: Tree, radius: float | Array, xp: Namespace) -> Tree:
    """argmin{‖y − x‖₂ : ‖y‖ ≤ radius}.

    Through the dual, one projection for every bit of x's dtype.

    Raises:
        NotDeclaredError: none is known.
        UntraceableError: it is known through the dual, and x is symbolic.

    >>> import numpy as np
    >>> from ntr_spec import L1
    >>> from ntr_spec.arrays import namespace_of
    >>> x = np.array([4.0, -1.0])
    >>> project(L1(), x, 1.0, namespace_of(x)).tolist()
    [1.0, -0.0]
    """
    if norm.has_projection:
        return apply_project(norm, x, radius, xp)
    dual = norm.dual
    if not dual.has_projection:
        raise NotDeclaredError(
            f"{type(norm).__name__}: no projection on its balls is known, nor on its dual's; "
            f"define _project(self, x, radius, xp) on either"
        )
    first = leaves(x)[0]

    def prox(lam: Array) -> Tree:
        return tree_map(lambda a, b: a - b, x, apply_project(dual, x, lam, xp))

    r = xp.asarray(radius, dtype=first.dtype, device=device_of(first))
    lam = multiplier(lambda lam: apply_value(norm, prox(lam), xp), apply_value(dual, x, xp), r, xp)
    inside = apply_value(norm, x, xp) <= r
    return tree_map(lambda a, b: xp.where(inside, a, b), x, prox(lam))
