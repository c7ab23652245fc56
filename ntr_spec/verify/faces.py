"""Do the symbolic and the numeric face of a norm agree at a rational point?

The same hooks run on exact constants and on float arrays; values, and the objectives and sizes of the points that
they return, are compared. Points are not: where there are ties, rounding may choose another vertex.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ntr_spec.arrays import dot, euclidean, tolerance
from ntr_spec.trees import Tree, leaves, tree_map

if TYPE_CHECKING:
    from ntr_spec.norms.base import Norm
    from ntr_spec.verify.bench import Bench

Array = Any


def face_gap(norm: Norm, bench: Bench, x: Tree) -> tuple[str, str] | None:
    """Both sides of the first disagreement, and which quantity it is; None if the faces agree.

    Args:
        norm: the norm.
        bench: the numeric side; float64 on NumPy.
        x: a point; it is rounded to sixteenths of its largest entry, which both faces hold exactly.

    Raises:
        UntraceableError: a hook cannot be run on symbols.
    """
    from ntr_spec.verify.symbolic import constants

    host = bench.to_numpy(x)
    top = max(float(np.abs(leaf).max()) for leaf in leaves(host))
    if top > 0:
        host = tree_map(lambda leaf: np.round(16 * leaf / top) / 16, host)
    exact, numeric = constants(host), bench.asarray(host)
    slack = tolerance(bench.eps, sum(leaf.size for leaf in leaves(host)))
    for name, quantity in _quantities(norm):
        wanted, found = float(quantity(exact)), float(quantity(numeric))
        if not abs(wanted - found) <= slack * max(abs(wanted), abs(found)):
            return (
                f"{found:.17g} == {wanted:.17g}",
                f"{name}: numeric and symbolic face differ at {_text(host)}",
            )
    return None


def _quantities(norm: Norm) -> list[tuple[str, Callable[[Tree], Array]]]:
    def apart(x: Tree) -> Array:
        return euclidean(tree_map(lambda a, b: a - b, x, norm.project(x, 0.5)))

    found: list[tuple[str, Callable[[Tree], Array]]] = [
        ("‖x‖", norm),
        ("‖x‖_*", norm.dual),
        ("⟨x, lmo(x)⟩", lambda x: dot(x, norm.lmo(x))),
        ("‖lmo(x)‖", lambda x: norm(norm.lmo(x))),
    ]
    if norm.has_projection:
        found.append(("‖x − project(x, 0.5)‖₂", apart))
    return found


def _text(host: Tree) -> str:
    return str(tree_map(lambda leaf: leaf.tolist(), host))
