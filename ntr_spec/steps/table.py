"""Which solver serves which pair of norm and regularizer: one ordered table, the first row that fits is taken."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import final

from ntr_spec.errors import InputError
from ntr_spec.norms.base import Norm
from ntr_spec.steps.problem import Problem, Solution
from ntr_spec.steps.projecting import can_project
from ntr_spec.steps.regularizer import Regularizer
from ntr_spec.steps.solvers import blocks, boxes, cross, euclidean, linear, splitting


@final
@dataclasses.dataclass(frozen=True)
class Solver:
    """One row of the table.

    Attributes:
        name: what ``method=`` takes.
        pairs: which pairs it serves, in words.
        words: how it solves them.
        serves: whether it serves a pair.
        solve: a solution of a problem that it serves.
        iterative: whether it iterates; else it is a closed form that never waits for a device.
    """

    name: str
    pairs: str
    words: str
    serves: Callable[[Norm, Regularizer], bool]
    solve: Callable[[Problem], Solution]
    iterative: bool = False


SOLVERS: tuple[Solver, ...] = (
    Solver("lmo", "any norm, R = 0", "the linear minimization oracle", linear.serves, linear.solve),
    Solver(
        "box",
        "ℓ_∞, scaled, weighted, or a product of them; R a sum over entries",
        "entry by entry",
        boxes.serves,
        boxes.solve,
    ),
    Solver(
        "blocks",
        "the largest of blocks' or leaves' norms; R a sum over them",
        "every block by the solver that serves it",
        blocks.serves,
        blocks.solve,
        True,
    ),
    Solver(
        "euclidean",
        "ℓ₂ or Frobenius, scaled; any R with a prox",
        "one equation for the multiplier: a few calls of the prox",
        euclidean.serves,
        euclidean.solve,
        True,
    ),
    Solver(
        "cross",
        "ℓ₁, scaled, weighted, or a product of them; R a sum over entries",
        "one equation for the multiplier",
        cross.serves,
        cross.solve,
        True,
    ),
    Solver(
        "splitting",
        "a norm with a projection, perhaps after a matrix or weights; any R with a prox",
        "Douglas–Rachford iterations until the gap is small",
        splitting.serves,
        splitting.solve,
        True,
    ),
)


def serving(norm: Norm, regularizer: Regularizer) -> list[Solver]:
    """The rows that serve a pair, the first choice first."""
    return [row for row in SOLVERS if row.serves(norm, regularizer)]


def can_solve(norm: Norm, regularizer: Regularizer) -> bool:
    """Whether any row serves the pair."""
    return any(row.serves(norm, regularizer) for row in SOLVERS)


def solver_for(norm: Norm, regularizer: Regularizer, method: str = "auto") -> Solver:
    """The solver of a pair: the first that serves it, or the one named.

    Raises:
        InputError: there is none, or the one named is unknown or does not serve the pair.

    >>> from ntr_spec import L1, LInf
    >>> from ntr_spec.steps import Penalty
    >>> solver_for(LInf(), Penalty(L1(), 0.1)).name
    'box'
    """
    for row in SOLVERS:
        if (method in ("auto", row.name)) and row.serves(norm, regularizer):
            return row
    names = [row.name for row in serving(norm, regularizer)]
    if not names:
        raise InputError(f"trust_region_step: {why_not(norm, regularizer)}")
    known = "does not serve" if any(row.name == method for row in SOLVERS) else "is no solver; for"
    choice = " or ".join(map(repr, names))
    raise InputError(f"trust_region_step: method {method!r} {known} {norm!r} with {regularizer!r}; take {choice}")


def why_not(norm: Norm, regularizer: Regularizer) -> str:
    """One sentence: why no solver serves a pair, and what would help."""
    reasons, remedies = [], []
    if not regularizer.has_prox:
        reasons.append(f"{regularizer!r} has no prox")
        remedies.append("a regularizer whose prox is known")
    if not can_project(norm):
        reasons.append(f"{norm!r} has no projection on its balls")
        remedies.append("a norm that declares _project")
    return f"no solver serves this pair, as {' and '.join(reasons)}; take {' and '.join(remedies)}"


def rows() -> str:
    """The table as aligned text: name, pairs, how.

    >>> print(rows().splitlines()[0])
    lmo        any norm, R = 0: the linear minimization oracle
    """
    width = max(len(row.name) for row in SOLVERS)
    return "\n".join(f"{row.name:<{width}}  {row.pairs}: {row.words}" for row in SOLVERS)
