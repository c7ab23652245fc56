"""The best plan that a bound allows: K least, subject to bound ≤ ε.

For given α and η the least K has a closed form, and its logarithm is a quasi-convex function of log η and log α (for
T1, T2 and T4 the problem is a geometric program: Boyd, Kim, Vandenberghe and Hassibi 2007). One is minimized inside
the other by SciPy's bounded scalar search.
"""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

from ntr_spec.errors import InputError
from ntr_spec.theory.arithmetic import representable
from ntr_spec.theory.constants import Constants
from ntr_spec.theory.plan import Plan
from ntr_spec.theory.theorem import MOST_STEPS, Numbers

if TYPE_CHECKING:
    from ntr_spec.theory.theorem import Theorem

NONE = 1e3
"""More than the logarithm of any number of steps."""
REACH = 12.0
"""How far from the closed form η and α are sought, as powers of e."""


def optimal_plan(theorem: Theorem, constants: Constants, eps: float, delta: float) -> Plan:
    """η and α that make K least, with the K that the bound itself asks for; never more than the closed form's.

    Raises:
        InputError: more than 10¹² steps are needed.
    """
    from scipy.optimize import minimize_scalar

    exact, scaled = theorem._exact(constants, eps, delta)
    radius0, alpha0, _ = theorem._closed_form(f"{theorem.name}.optimal_plan", exact, scaled)
    search = _Search(theorem, constants, exact, eps, delta)

    def best_radius(alpha: float) -> float:
        inner = minimize_scalar(
            lambda r: search.steps(math.exp(r), alpha),
            bounds=(math.log(radius0 * alpha / alpha0) - REACH, math.log(radius0 * alpha / alpha0) + REACH),
            method="bounded",
            options={"xatol": 1e-9},
        )
        return math.exp(inner.x)

    candidates = [(float(radius0), float(alpha0))]
    if theorem.momentum:
        outer = minimize_scalar(
            lambda a: search.steps(best_radius(math.exp(a)), math.exp(a)),
            bounds=(math.log(alpha0) - REACH, 0.0),
            method="bounded",
            options={"xatol": 1e-9},
        )
        candidates += [(best_radius(alpha), alpha) for alpha in (math.exp(outer.x), 1.0)]
    else:
        candidates.append((best_radius(1.0), 1.0))
    plans = [search.plan(radius, alpha) for radius, alpha in candidates if search.steps(radius, alpha) < NONE]
    if not plans or min(plan.steps for plan in plans) > MOST_STEPS:
        raise InputError(f"{theorem.name}.optimal_plan: needs more than 10¹² steps; raise eps")
    return min(plans, key=lambda plan: plan.steps)


@dataclasses.dataclass(frozen=True)
class _Search:
    """The least number of steps for given η and α."""

    theorem: Theorem
    constants: Constants
    exact: Constants
    eps: float
    delta: float

    def steps(self, radius: float, alpha: float) -> float:
        """log of the least real K with bound ≤ ε; where there is none, a number that no plan has."""
        found = self._steps(radius, alpha)
        return math.log(found) if found < math.inf else NONE + math.log1p(radius)

    def _steps(self, radius: float, alpha: float) -> float:
        alpha = representable(alpha)
        decay = radius / self.exact.D if self.theorem.decays else 0.0
        if decay > 1 or (self.theorem.decays and self.theorem.extrapolates and 2 * decay > alpha):
            return math.inf
        terms = self.theorem._terms(self.constants, Numbers(radius, alpha, decay, 1, self.delta))
        terms |= {name: factor * terms[name] for name, factor in self.theorem.factors}
        faded = sum(terms[name] for name in self.theorem.fading)
        budget = self.eps - sum(term for name, term in terms.items() if name not in self.theorem.fading)
        if budget <= 0:
            return math.inf
        # The fading terms are known at K = 1.
        if self.theorem.decays:
            faded = faded / (1 - decay) if decay < 1 else 0.0
        return max(1.0, self.theorem._continuous_steps(faded, budget, decay))

    def plan(self, radius: float, alpha: float) -> Plan:
        """The plan with the least whole K; one more where rounding asks for it."""
        plan = self.theorem._made(
            f"{self.theorem.name}.optimal_plan", self.exact, radius, alpha, math.ceil(self._steps(radius, alpha))
        )
        while self.theorem.bound(self.constants, plan, plan.steps, self.delta) > self.eps:
            plan = dataclasses.replace(plan, steps=plan.steps + max(1, plan.steps // 10**9))
        return plan
