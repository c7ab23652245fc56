"""The trust-region subproblem argmin{⟨m, x⟩ + R(x) : ‖x − center‖ ≤ radius}, solved with a certificate.

Reference: [Kovalev25], Lemma 1. Which solver serves which pair is in :mod:`ntr_spec.steps.table`, what the gap is in
:mod:`ntr_spec.steps.certificate`.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import math
import numbers
from typing import Any, final

from ntr_spec.arrays import Namespace, device_of, largest_entry
from ntr_spec.errors import InfeasibleError, InputError, StepError
from ntr_spec.norms.apply import apply_lmo, apply_value
from ntr_spec.norms.base import Norm, check_norm
from ntr_spec.steps.certificate import check_prox, duality_gap, relative_gap, rounding
from ntr_spec.steps.problem import (
    Problem,
    Solution,
    add,
    infeasible,
    is_finite,
    is_zero,
    number,
    on_host,
    subtract,
    unreached,
)
from ntr_spec.steps.product import as_regularizer
from ntr_spec.steps.regularizer import Regularizer
from ntr_spec.steps.simple import Zero
from ntr_spec.steps.table import Solver, solver_for
from ntr_spec.trees import Tree, leaves, shapes, tree_map

Array = Any

_LOST = 1.0  # a relative gap that rounding may move by its own unit tells nothing


@final
@dataclasses.dataclass(frozen=True, eq=False)
class Step:
    """A solution of argmin{⟨m, x⟩ + R(x) : ‖x − center‖ ≤ radius}, with what certifies it.

    The gap is computed when it is asked for.

    Attributes:
        point: x, with ‖x − center‖ ≤ radius.
        subgradient: s, of R at x or, where an iteration stopped, near it.
        iterations: of the solver, or evaluations of the prox; 0 for a closed form.
        solver: the name of the solver, as in :data:`ntr_spec.steps.table.SOLVERS`.
        problem: what was solved.
        near: the point of which s is a subgradient, where a prox gave both; None where that is x itself.
    """

    point: Tree
    subgradient: Tree
    iterations: int
    solver: str
    problem: Problem = dataclasses.field(repr=False)
    near: Tree | None = dataclasses.field(default=None, repr=False)

    @property
    def _solution(self) -> Solution:
        return Solution(self.point, self.subgradient, self.iterations, self.near)

    @functools.cached_property
    def gap(self) -> Array:
        """η‖m + s‖_* + ⟨m + s, x − center⟩ + R(x) + R*(s) − ⟨s, x⟩ ≥ 0: the objective exceeds its least by no more."""
        return duality_gap(self.problem, self._solution)

    @functools.cached_property
    def relative_gap(self) -> Array:
        """The gap over η(‖m‖_* + ‖s‖_*) plus what R fell by from the centre to x; 0 where all of them are 0."""
        return relative_gap(self.problem, self._solution)


def trust_region_step(
    norm: Norm,
    m: Tree,
    center: Tree,
    radius: float | Array,
    regularizer: Regularizer | Tree = Zero(),  # noqa: B008 (immutable)
    *,
    method: str = "auto",
    tolerance: float | None = None,
    max_iterations: int = 10_000,
    start: Tree | None = None,
) -> Step:
    """argmin{⟨m, x⟩ + R(x) : ‖x − center‖ ≤ radius}, with a subgradient and the duality gap that it leaves.

    Args:
        norm: ‖·‖.
        m, center: arrays, or pytrees of them, alike in structure, shapes, dtype and device.
        radius: at least 0 and finite; a number or a 0-d array of m's library. With 0 the point is the center.
        regularizer: R, or a pytree of regularizers, one for each block.
        method: ``"auto"`` takes the first solver that serves the pair; a name from
            :data:`ntr_spec.steps.table.SOLVERS` takes that one.
        tolerance: the relative gap to reach; None means 1e-6 in float64 and 1e-4 in float32.
        max_iterations: how many steps a solver that iterates may take.
        start: where such a solver may begin, the last solution say.

    Raises:
        DTypeError, InputError: an argument has a wrong type, shape or range, or no solver serves the pair.
        InfeasibleError: the ball does not meet dom R.
        StepError: the tolerance was not reached, or R's prox is wrong; the best step found is attached as ``.step``.

    NaN or infinity in ``m`` or ``center`` gives NaN. Solvers that iterate read numbers from the device; the certificate
    is checked for every R ≠ 0, but for traced and symbolic arrays, of which nothing can be read.

    >>> import numpy as np
    >>> from ntr_spec import L1, LInf
    >>> from ntr_spec.steps import Penalty
    >>> step = trust_region_step(LInf(), np.array([3.0, 0.5]), np.zeros(2), 2.0, Penalty(L1(), 1.0))
    >>> step.point.tolist(), step.subgradient.tolist(), float(step.gap), step.solver
    ([-2.0, 0.0], [-1.0, -0.5], 0.0, 'box')
    """
    check_norm("trust_region_step", norm)
    regularizer = as_regularizer("trust_region_step", regularizer)
    xp = _admit(norm, m, center, radius, regularizer, start)
    problem = Problem(norm, m, center, radius, regularizer, xp, _goal(tolerance), _count(max_iterations), start)
    solver = solver_for(norm, regularizer, method)
    with _quiet(solver, xp):
        step, reached = _solve(problem, solver)
        if not (isinstance(regularizer, Zero) or xp.exact):
            _check(step, solver.iterative, reached)
    return step


def solve_point(norm: Norm, m: Tree, center: Tree, radius: Any, regularizer: Regularizer, xp: Namespace) -> Tree:
    """The point alone, of arguments that were checked already; closed forms do no more than they must."""
    if isinstance(regularizer, Zero):
        return add(center, apply_lmo(norm, m, radius, xp))
    solver = solver_for(norm, regularizer)
    problem = Problem(norm, m, center, radius, regularizer, xp, certified=False)
    with _quiet(solver, xp):
        step, reached = _solve(problem, solver)
        if not reached:
            step, reached = _solve(dataclasses.replace(problem, certified=True), solver)
            _check(step, solver.iterative, reached)
        elif (solver.iterative or on_host(m, xp)) and not _may_stay(problem):
            _check_reach(step)  # elsewhere a closed form would have to wait for the device
    return step.point


def _quiet(solver: Solver, xp: Namespace) -> contextlib.AbstractContextManager[Any]:
    """No warnings of overflow from NumPy: a search tries steps of every size, and the certificate judges the result."""
    if xp.name != "numpy" or not solver.iterative:
        return contextlib.nullcontext()
    import numpy as np

    return np.errstate(over="ignore", invalid="ignore", divide="ignore")


def _solve(problem: Problem, solver: Solver) -> tuple[Step, bool]:
    """The solver's answer, and whether the solver thinks that it reached the tolerance."""
    found = _at_once(problem) if solver.iterative else None
    if found is None:
        found = solver.solve(problem)
    return Step(found.point, found.subgradient, found.iterations, solver.name, problem, found.near), found.reached


def _at_once(problem: Problem) -> Solution | None:
    """The answer where there is nothing to search: the ball is one point, or every point of both sets will do."""
    regularizer, xp, m, center = problem.regularizer, problem.xp, problem.m, problem.center
    if number(problem.radius, xp) == 0:
        return _at_center(problem)
    if regularizer.domain == regularizer and number(largest_entry(m), xp) == 0:
        near = regularizer._prox(center, 1.0, xp)
        distance = number(apply_value(problem.norm, subtract(near, center), xp), xp)
        return Solution(near, m) if distance <= number(problem.radius, xp) else None
    return None


def _at_center(problem: Problem) -> Solution:
    """The ball is one point."""
    regularizer, xp, center = problem.regularizer, problem.xp, problem.center
    if number(regularizer(center), xp) == math.inf:
        near = regularizer.domain._prox(center, 1.0, xp)
        distance = number(apply_value(problem.norm, subtract(near, center), xp), xp)
        raise InfeasibleError(infeasible(problem, distance))
    if regularizer.has_subgradient:
        return Solution(center, regularizer._subgradient(center, xp))
    near = regularizer._prox(center, 1.0, xp)
    return Solution(center, subtract(center, near), 1, near)


def _check(step: Step, iterative: bool, reached: bool = True) -> None:
    """Raise InfeasibleError or StepError unless the certificate holds."""
    problem, solution, xp = step.problem, step._solution, step.problem.xp
    if device_of(leaves(problem.m)[0]) is None:  # a traced array has no value yet
        return
    _check_reach(step)
    if not (is_finite(problem.m, xp) and is_finite(problem.center, xp)) or number(problem.radius, xp) == 0:
        return
    if iterative:
        check_prox(problem, solution)
    gap, noise = number(step.relative_gap, xp), number(rounding(problem, solution), xp)
    if not (reached and abs(gap) <= problem.goal + noise and noise < _LOST):
        check_prox(problem, solution)
        raise StepError(unreached(problem, gap, step.iterations), step)


def _may_stay(problem: Problem) -> bool:
    """Whether the centre lies in dom R, so that the ball meets it; asked where that is told by a look at each entry."""
    regularizer, xp = problem.regularizer, problem.xp
    if is_zero(regularizer.domain):
        return True
    if not regularizer.separable:
        return False
    bounds = regularizer._domain(problem.center, xp)
    return all(number(bound.value, xp) <= number(bound.limit, xp) for bound in bounds)


def _check_reach(step: Step) -> None:
    """Raise InfeasibleError if a point of dom R, the nearest that there is, lies outside the ball."""
    problem, xp = step.problem, step.problem.xp
    length = number(apply_value(problem.norm, subtract(step.point, problem.center), xp), xp)
    radius = number(problem.radius, xp)
    if length > radius and not is_zero(problem.regularizer.domain):
        reach = radius + number(apply_value(problem.norm, problem.center, xp), xp)
        if length > radius + 64 * problem.eps * reach and is_finite(problem.m, xp) and math.isfinite(reach):
            raise InfeasibleError(infeasible(problem, length))


def _admit(norm: Norm, m: Tree, center: Tree, radius: Any, regularizer: Regularizer, start: Tree | None) -> Namespace:
    xp = norm._admit("trust_region_step", m)
    points = {"center": center} if start is None else {"center": center, "start": start}
    for name, point in points.items():
        other = norm._admit("trust_region_step", point)
        mine, theirs = _describe(m, xp), _describe(point, other)
        if mine != theirs:
            raise InputError(
                f"trust_region_step: expected m and {name} alike, got {mine} and {theirs}; convert one of them"
            )
    expected = regularizer._accepts(shapes(m))
    if expected is not None:
        raise InputError(f"trust_region_step: {type(regularizer).__name__} expects {expected}; got shape {shapes(m)}")
    norm._admit_radius("trust_region_step", radius, xp)
    if isinstance(radius, numbers.Real) and math.isinf(radius):
        raise InputError(
            "trust_region_step: expected a finite radius, got inf; without a ball there may be no minimizer"
        )
    return xp


def _describe(x: Tree, xp: Namespace) -> str:
    """Library, structure, shapes, dtypes and devices, as words to compare and print."""

    def leaf(a: Array) -> str:
        dtype = str(a.dtype).rpartition(".")[2]
        return f"{dtype}{list(a.shape)}" + ("" if xp.name in ("numpy", "jax") else f" on {device_of(a)}")

    return f"{xp.name} {tree_map(leaf, x)}"


def _goal(tolerance: Any) -> float | None:
    if tolerance is None:
        return None
    valid = isinstance(tolerance, numbers.Real) and not isinstance(tolerance, bool)
    if not (valid and 0 < float(tolerance) < math.inf):
        raise InputError(
            f"trust_region_step: expected a tolerance greater than 0, got {tolerance!r}; None is the default"
        )
    return float(tolerance)


def _count(limit: Any) -> int:
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
        raise InputError(
            f"trust_region_step: expected at least one iteration, got max_iterations={limit!r}; pass 1 or more"
        )
    return limit
