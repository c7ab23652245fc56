"""The trust-region subproblem as a value, what a solver answers, and small helpers that solvers share."""

from __future__ import annotations

import dataclasses
import math
from typing import Any, final

from ntr_spec.arrays import Namespace, device_of
from ntr_spec.errors import InputError
from ntr_spec.norms.base import Norm
from ntr_spec.steps.product import Product
from ntr_spec.steps.regularizer import Regularizer
from ntr_spec.steps.simple import Zero
from ntr_spec.trees import Tree, leaves, tree_map

Array = Any


@final
@dataclasses.dataclass(frozen=True, eq=False)
class Problem:
    """argmin{⟨m, x⟩ + R(x) : ‖x − center‖ ≤ radius}, its arguments checked already.

    Attributes:
        tolerance: the relative gap at which an iteration stops; None means the default of the dtype.
        max_iterations: how many steps an iteration may take.
        start: where an iteration may begin: a point near the solution, or None.
        certified: whether the subgradient is wanted; a closed form need not compute it otherwise.
    """

    norm: Norm
    m: Tree
    center: Tree
    radius: float | Array
    regularizer: Regularizer
    xp: Namespace
    tolerance: float | None = None
    max_iterations: int = 10_000
    start: Tree | None = None
    certified: bool = True

    @property
    def eps(self) -> float:
        """Machine epsilon of the coarsest dtype among the blocks."""
        limits = [self.xp.limits(leaf.dtype) for leaf in leaves(self.m)]
        return max(limit.eps for limit in limits if limit is not None)

    @property
    def goal(self) -> float:
        """The relative gap to reach: 1e-6 in double precision, 1e-4 in single, more in half."""
        if self.tolerance is not None:
            return self.tolerance
        return 1e-6 if self.eps < 1e-12 else 1e-4 if self.eps < 1e-6 else 16 * self.eps


@final
@dataclasses.dataclass(frozen=True, eq=False)
class Solution:
    """What a solver answers.

    Attributes:
        point: x.
        subgradient: s ∈ ∂R(near); None where it was not wanted.
        iterations: of the solver; 0 for a closed form.
        near: the point of which s is known to be a subgradient, because a prox gave both; None where that is x itself.
        reached: False where an iteration ended without reaching the tolerance.
    """

    point: Tree
    subgradient: Tree
    iterations: int = 0
    near: Tree | None = None
    reached: bool = True


def is_zero(regularizer: Regularizer) -> bool:
    """Whether R = 0, block by block perhaps."""
    if isinstance(regularizer, Product):
        return all(is_zero(part) for part in regularizer._parts)
    return isinstance(regularizer, Zero)


def number(x: Array, xp: Namespace) -> float:
    """A 0-d array, or a number, as a Python float: the one place where solvers wait for a device.

    Raises:
        InputError: a compiler traces the array, so that it has no value yet.
    """
    try:
        return float(x.detach() if xp.name == "torch" and not isinstance(x, int | float) else x)
    except TypeError as error:
        raise InputError(
            f"trust_region_step: the solver of this norm and regularizer reads numbers, which {xp.name} has not while "
            "it compiles; call it outside, or take a pair with a closed form (ntr_spec.steps.table)"
        ) from error


def on_host(x: Tree, xp: Namespace) -> bool:
    """Whether values may be read without waiting for a device; never while a compiler traces."""
    if xp.name in ("torch", "jax"):
        return all("cpu" in str(device_of(leaf)).lower() for leaf in leaves(x))
    return xp.name == "numpy"


def add(x: Tree, y: Tree) -> Tree:
    """x + y."""
    return tree_map(lambda a, b: a + b, x, y)


def subtract(x: Tree, y: Tree) -> Tree:
    """x − y."""
    return tree_map(lambda a, b: a - b, x, y)


def times(x: Tree, factor: float) -> Tree:
    """factor·x for a Python float that the dtype need not hold: in two halves where it is extreme."""
    if factor == 1:
        return x
    if 1e-30 < abs(factor) < 1e30 or factor == 0 or not math.isfinite(factor):
        return tree_map(lambda leaf: leaf * factor, x)
    half = math.sqrt(abs(factor))
    rest = math.copysign(half, factor)
    return tree_map(lambda leaf: (leaf * half) * rest, x)


def is_finite(x: Tree, xp: Namespace) -> bool:
    """Whether every entry is; waits for the device."""
    return all(bool(xp.all(xp.isfinite(leaf))) for leaf in leaves(x))


def nothing(problem: Problem) -> Solution:
    """NaN everywhere: the answer to a momentum or centre that is not finite."""
    lost = tree_map(lambda m, c: (m + c) * math.nan, problem.m, problem.center)
    return Solution(lost, lost)


def infeasible(problem: Problem, distance: float) -> str:
    """The words for a ball that does not meet dom R."""
    radius = number(problem.radius, problem.xp)
    return (
        f"trust_region_step: no point is feasible, as dom R of {problem.regularizer!r} is {distance:.6g} away from the "
        f"center in {problem.norm!r}, more than the radius {radius:.6g}; enlarge it or start inside dom R"
    )


def unreached(problem: Problem, gap: float, iterations: int) -> str:
    """The words for a gap above the tolerance: where the dtype is too coarse for it, that is said."""
    farthest = max(number(problem.xp.max(problem.xp.abs(leaf)), problem.xp) for leaf in leaves(problem.center))
    radius = number(problem.radius, problem.xp)
    if farthest * problem.eps > problem.goal * radius:
        dtype = str(leaves(problem.center)[0].dtype).rpartition(".")[2]
        return (
            f"trust_region_step: {dtype} holds the center's entries to {farthest * problem.eps:.2g} only, too coarse "
            f"for the radius {radius:.6g}, and the relative gap is {gap:.3g}; use a wider dtype or a larger radius "
            "(the best step is attached as .step)"
        )
    return (
        f"trust_region_step: the relative gap is {gap:.3g} after {iterations} iterations, above the tolerance "
        f"{problem.goal:.3g}; allow more with max_iterations= or tolerance= (the best step is attached as .step)"
    )
