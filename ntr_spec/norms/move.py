"""``move``: the step shrink·x + radius·lmo(g), as one kernel per array where the norm's LMO works entry by entry.

Such an LMO (signSGD's −sign(g), say) is recognised by running its hook on single entries, see
:mod:`ntr_spec.arrays.entries`; nothing about it is declared a second time. The bits are those of
:func:`ntr_spec.arrays.combine`.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from ntr_spec.arrays import Namespace, combine
from ntr_spec.arrays.entries import Body, Entries
from ntr_spec.arrays.fused import Kernel, kernel_of
from ntr_spec.norms.apply import apply_lmo
from ntr_spec.trees import Tree, is_container, leaves, tree_map

if TYPE_CHECKING:
    from ntr_spec.norms.base import Norm

Array = Any

_ARGUMENTS = ("shrink", "x", "radius", "g")


def move(norm: Norm, g: Tree, x: Tree, shrink: float | Array, radius: float | Array, xp: Namespace) -> Tree:
    """shrink·x + radius·lmo(g), in new arrays of x's dtypes; shrink and radius are numbers or 0-d arrays.

    >>> import numpy as np
    >>> from ntr_spec import LInf
    >>> from ntr_spec.arrays import namespace_of
    >>> g = np.array([3.0, -4.0])
    >>> move(LInf(), g, np.array([1.0, 2.0]), 0.5, 0.25, namespace_of(g)).tolist()
    [0.25, 1.25]
    """
    if xp.name == "cupy" and isinstance(shrink, float) and isinstance(radius, float):
        alike = all(a.dtype == b.dtype for a, b in zip(leaves(g), leaves(x), strict=True))
        kernels = step_kernels(norm, g) if alike else None
        if kernels is not None:
            rest = iter(kernels)
            return tree_map(lambda p, q: next(rest)(xp, shrink, p, radius, q), x, g)
    return combine(shrink, x, radius, apply_lmo(norm, g, 1.0, xp))


def step_kernels(norm: Norm, g: Tree) -> tuple[Kernel, ...] | None:
    """The step as one kernel per array of a point like g; None where the LMO is not taken entry by entry.

    >>> import numpy as np
    >>> from ntr_spec import LInf, L2
    >>> print(step_kernels(LInf(), np.ones(2))[0].operation)
    T t0 = g != g ? g : T(float(T(0.0) < g) - float(g < T(0.0)));
    T t1 = -t0;
    T t2 = x * shrink;
    T t3 = t1 * radius;
    T t4 = t2 + t3;
    out = t4;
    >>> step_kernels(L2(), np.ones(2)) is None
    True
    """
    structure = None
    if is_container(g):
        import optree

        structure = optree.tree_structure(g)
    try:
        return _traced(norm, structure)
    except TypeError:  # a norm of a user that cannot be hashed
        return None


@functools.lru_cache(maxsize=256)
def _traced(norm: Norm, structure: Any) -> tuple[Kernel, ...] | None:
    """The hook on entries in place of arrays, every array's in a kernel of its own."""
    if not norm.scale_free:  # the LMO is that of g divided by its largest entry, which all of g decides
        return None
    bodies = [Body() for _ in range(1 if structure is None else structure.num_leaves)]
    entries = [body.entry("g") for body in bodies]
    try:
        v = norm._lmo(entries[0] if structure is None else structure.unflatten(entries), Entries())  # type: ignore[arg-type]
        steps = []
        for body, found in zip(bodies, leaves(v), strict=True):
            result = body.entry("x") * body.entry("shrink") + found * body.entry("radius")
            steps.append(kernel_of("ntr_step", result, _ARGUMENTS))
        return tuple(steps)
    except Exception:  # whatever it needs beyond single entries: the LMO is then called as a whole
        return None
