"""Do the symbolic and the numeric face of a subject agree at a rational point?

The same hooks run on exact constants and on float arrays; values, and the objectives and sizes of the points that
they return, are compared. Points are not: where there are ties, rounding may choose another vertex.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ntr_spec.arrays import tolerance
from ntr_spec.errors import UntraceableError
from ntr_spec.trees import Tree, leaves, tree_map
from ntr_spec.verify.subjects import kind_of

if TYPE_CHECKING:
    from ntr_spec.verify.bench import Bench

Array = Any


def face_gap(subject: Any, bench: Bench, x: Tree) -> tuple[str, str] | None:
    """Both sides of the first disagreement, and which quantity it is; None if the faces agree.

    Args:
        subject: a norm, regularizer, method or problem.
        bench: the numeric side; float64 on NumPy.
        x: a point; it is rounded to sixteenths of its largest entry, which both faces hold exactly.

    Raises:
        UntraceableError: a quantity cannot be had on symbols, and the others agree.
    """
    from ntr_spec.verify.symbolic import constants

    host = bench.to_numpy(x)
    top = max(float(np.abs(leaf).max()) for leaf in leaves(host))
    if top > 0:
        host = tree_map(lambda leaf: np.round(16 * leaf / top) / 16, host)
    exact, numeric = constants(host), bench.asarray(host)
    slack = tolerance(bench.eps, sum(leaf.size for leaf in leaves(host)))
    length = float(np.sqrt(sum(float(np.sum(leaf * leaf)) for leaf in leaves(host))))
    refused: list[UntraceableError] = []
    for name, quantity, absolute in kind_of(subject).quantities(subject):
        try:
            wanted, found = float(quantity(exact)), float(quantity(numeric))
        except UntraceableError as error:  # an iterative projection, say; the rest is compared all the same
            refused.append(error)
            continue
        if not abs(wanted - found) <= slack * max(abs(wanted), abs(found), absolute * length):
            return (
                f"{found:.17g} == {wanted:.17g}",
                f"{name}: numeric and symbolic face differ at {_text(host)}",
            )
    if refused:  # said, so that nobody takes the whole subject for compared
        raise refused[0]
    return None


def _text(host: Tree) -> str:
    return str(tree_map(lambda leaf: leaf.tolist(), host))
