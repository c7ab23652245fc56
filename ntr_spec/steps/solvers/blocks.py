"""‖x‖ is the largest of the norms of blocks, and R a sum over the same blocks: they do not meet, and gaps add up."""

from __future__ import annotations

import dataclasses

from ntr_spec.norms.base import Norm
from ntr_spec.norms.blocks import Product as ProductNorm
from ntr_spec.norms.leaves import PerLeaf
from ntr_spec.norms.transforms import Scaled
from ntr_spec.norms.vector import L1, LInf
from ntr_spec.steps.normed import Ball, Penalty
from ntr_spec.steps.problem import Problem, Solution
from ntr_spec.steps.product import Product, as_regularizer
from ntr_spec.steps.regularizer import Regularizer
from ntr_spec.steps.simple import Ridge, Zero
from ntr_spec.steps.sums import Sum
from ntr_spec.trees import Tree, is_container, leaves, tree_map


def serves(norm: Norm, regularizer: Regularizer) -> bool:
    """A Product or PerLeaf norm with LInf outside, R a sum over its blocks, and every block served."""
    from ntr_spec.steps.table import can_solve

    if not (isinstance(norm, ProductNorm | PerLeaf) and isinstance(norm.outer, LInf)):
        return False
    if isinstance(norm, PerLeaf):
        kinds = _kinds(regularizer)
        return kinds is not None and all(can_solve(norm.norm, r) for r in kinds)
    parts = split(regularizer, norm)
    return parts is not None and all(can_solve(n, r) for n, r in zip(norm._parts, parts, strict=True))


def solve(problem: Problem) -> Solution:
    """Every block by the solver that serves it.

    Blocks' gaps add up, and so do the scales that they are relative to: the tolerance of each serves for all.
    """
    from ntr_spec.steps.table import solver_for

    norm = problem.norm
    if isinstance(norm, PerLeaf) and not is_container(problem.m):
        parts = _per_leaf(problem.regularizer, problem.m)
        alone = dataclasses.replace(problem, norm=norm.norm, regularizer=parts[0])
        return solver_for(alone.norm, alone.regularizer).solve(alone)
    if isinstance(norm, PerLeaf):
        inner = norm.norm
        norm = ProductNorm(tree_map(lambda _: inner, problem.m))
        parts = _per_leaf(problem.regularizer, problem.m)
    else:
        assert isinstance(norm, ProductNorm)
        parts = split(problem.regularizer, norm) or []
    starts = [None] * len(parts) if problem.start is None else norm._split(problem.start)
    rows = zip(norm._parts, parts, norm._split(problem.m), norm._split(problem.center), starts, strict=True)
    found = []
    for n, r, m, c, start in rows:
        block = dataclasses.replace(problem, norm=n, regularizer=r, m=m, center=c, start=start)
        found.append(solver_for(n, r).solve(block))
    nears = None
    if any(f.near is not None for f in found):
        nears = norm._join([f.point if f.near is None else f.near for f in found])
    return Solution(
        norm._join([f.point for f in found]),
        norm._join([f.subgradient for f in found]),
        sum(f.iterations for f in found),
        nears,
        all(f.reached for f in found),
    )


def split(regularizer: Regularizer, norm: ProductNorm) -> list[Regularizer] | None:
    """R's summands, one for each block of the norm; None where R is no such sum."""
    count = len(norm._parts)
    if isinstance(regularizer, Zero | Ridge):
        return [regularizer] * count
    if isinstance(regularizer, Product):
        try:
            return [as_regularizer("block", part) for part in norm._split(regularizer.blocks)]
        except ValueError:
            return None
    if isinstance(regularizer, Sum):
        parts = split(regularizer.regularizer, norm)
        return None if parts is None else [part + regularizer.ridge for part in parts]
    if isinstance(regularizer, Penalty | Ball) and isinstance(regularizer.norm, ProductNorm):
        inner = regularizer.norm
        kind = L1 if isinstance(regularizer, Penalty) else LInf
        if isinstance(inner.outer, kind) and inner._structure == norm._structure:
            return [dataclasses.replace(regularizer, norm=n) for n in inner._parts]
    return None


def _kinds(regularizer: Regularizer) -> list[Regularizer] | None:
    """The different summands of R over leaves of any structure; None where R is no such sum."""
    if isinstance(regularizer, Product):
        found = [_kinds(part) for part in regularizer._parts]
        return None if any(f is None for f in found) else [r for f in found if f is not None for r in f]
    if isinstance(regularizer, Sum):
        parts = _kinds(regularizer.regularizer)
        return None if parts is None else [part + regularizer.ridge for part in parts]
    if isinstance(regularizer, Penalty | Ball) and isinstance(regularizer.norm, PerLeaf):
        kind = L1 if isinstance(regularizer, Penalty) else LInf
        if isinstance(regularizer.norm.outer, kind):
            return [dataclasses.replace(regularizer, norm=regularizer.norm.norm)]
        return None
    if isinstance(regularizer, Penalty | Ball):  # of one array: the whole point, or a leaf of a Product
        return None if isinstance(_plain(regularizer.norm), ProductNorm | PerLeaf) else [regularizer]
    return [regularizer] if regularizer.separable else None


def _per_leaf(regularizer: Regularizer, tree: Tree) -> list[Regularizer]:
    """R's summands, one for each leaf of the tree, for an R that has kinds."""
    if isinstance(regularizer, Product):
        rows = zip(regularizer._parts, regularizer._split(tree), strict=True)
        return [r for part, block in rows for r in _per_leaf(part, block)]
    if isinstance(regularizer, Sum):
        return [part + regularizer.ridge for part in _per_leaf(regularizer.regularizer, tree)]
    if isinstance(regularizer, Penalty | Ball) and isinstance(regularizer.norm, PerLeaf):
        regularizer = dataclasses.replace(regularizer, norm=regularizer.norm.norm)
    return [regularizer] * len(leaves(tree))


def _plain(norm: Norm) -> Norm:
    while isinstance(norm, Scaled):
        norm = norm.norm
    return norm
