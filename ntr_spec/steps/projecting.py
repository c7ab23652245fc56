"""Projections on norm balls: the norm's own where it declares one."""

from __future__ import annotations

from typing import Any

from ntr_spec.arrays import Namespace
from ntr_spec.norms.apply import apply_project
from ntr_spec.norms.base import Norm
from ntr_spec.trees import Tree

Array = Any


def can_project(norm: Norm) -> bool:
    """Whether a projection on the norm's balls is known."""
    return norm.has_projection


def project(norm: Norm, x: Tree, radius: float | Array, xp: Namespace) -> Tree:
    """argmin{‖y − x‖₂ : ‖y‖ ≤ radius}.

    Raises:
        NotDeclaredError: none is known.
    """
    return apply_project(norm, x, radius, xp)
