"""``Setting``: a theorem with everything that a run of it takes, drawn at random."""

from __future__ import annotations

import dataclasses
import functools
import math
from typing import Any, Literal, final

import numpy as np

from ntr_spec.algorithms import TrustRegion
from ntr_spec.errors import InputError, NotDeclaredError
from ntr_spec.experiments import draws, runs
from ntr_spec.experiments.draws import Draw, between, pick
from ntr_spec.experiments.inexact_norm import Inexact
from ntr_spec.norms import L2, Lp, Norm
from ntr_spec.problems import Known, Noise, Separable
from ntr_spec.steps import Regularizer, Zero
from ntr_spec.theory import THEOREMS, Constants, Plan, Theorem
from ntr_spec.trees import shapes

Kind = Literal["exact", "noisy"]
BY_NAME = {theorem.name: theorem for theorem in THEOREMS}


@final
@dataclasses.dataclass(frozen=True)
class Setting:
    """What a bound is about.

    Attributes:
        theorem: whose bound it is.
        problem: what is minimised, besides R.
        norm: of the theorem.
        noise: of the gradients; None: they are exact.
        delta: by how much the LMO falls short, on purpose.
        regularizer: R.
        constants: of F = f + R.
        infimum: inf F, or less where only stationarity is measured.
        plan: η, α, β and K.
        source: ``"plan"`` where they are the theorem's own, ``"random"``, or ``"drowned"``, see :func:`drowned_plan`.
    """

    theorem: Theorem
    problem: Known
    norm: Norm
    noise: Noise | None
    delta: float
    regularizer: Regularizer
    constants: Constants
    infimum: float
    plan: Plan
    source: str

    @property
    def method(self) -> TrustRegion:
        """What is run."""
        return self.plan.method(Inexact(self.norm, self.delta) if self.delta else self.norm, self.regularizer)

    @functools.cached_property
    def terms(self) -> dict[str, float]:
        """The terms of the bound."""
        found = self.theorem.terms(self.constants, self.plan, self.plan.steps, self.delta)
        return {name: float(value) for name, value in found.items()}

    @property
    def bound(self) -> float:
        """What the theorem says."""
        return sum(self.terms.values())

    @functools.cached_property
    def ceiling(self) -> float | None:
        """What no run can exceed, from A2 alone; None where that is not known.

        ‖∇f(x_1)‖_* ≤ ‖∇f(x_0)‖_* + Lη, and F(x) − F* ≤ L‖x − x*‖²/2 ≤ L(η/β + ‖x*‖)²/2 in the ball that iterates stay
        in, where R is 0 on its domain and x* is least of f alone.
        """
        free = isinstance(self.regularizer, Zero)
        if self.theorem.measure == "stationarity":
            start = float(self.norm.dual(self.problem.value_and_gradient(self.problem.x0)[1]))
            return start + self.constants.L * self.plan.radius if free else None
        if free or self.regularizer.domain == self.regularizer:
            reach = self.plan.radius / self.plan.decay + float(self.norm(self.problem.minimizer))
            return float(self.constants.L * reach**2 / 2)
        return None

    def measure(self, seed: int) -> float:
        """What a run with this noise reaches, of what the theorem bounds."""
        run = (self.noise, seed, self.method, self.plan.steps)
        if self.theorem.measure == "gap":
            return runs.gap(self.problem, self.infimum, *run)
        return runs.stationarity(self.problem, *run)

    def words(self) -> dict[str, Any]:
        """What is run, for a table."""
        return {
            "theorem": self.theorem.name,
            "problem": _kind_of(self.problem),
            "shape": str(shapes(self.problem.x0)),
            "norm": type(self.norm).__name__,
            "noise": "none" if self.noise is None else type(self.noise).__name__,
            "regularizer": type(self.regularizer).__name__,
            "delta": self.delta,
            "source": self.source,
            "radius": self.plan.radius,
            "momentum": self.plan.momentum,
            "decay": self.plan.decay,
            "steps": self.plan.steps,
        }


@functools.lru_cache(maxsize=64)
def drawn_setting(name: str, kind: Kind, most_steps: int, seed: int) -> Setting:
    """A random setting of a theorem.

    Args:
        name: of the theorem.
        kind: whether gradients are exact or noisy.
        most_steps: K is at most this.
        seed: of every choice.
    """
    draw = np.random.default_rng(seed)
    while True:  # a draw of which some constant is not known is drawn again
        found = _drawn(BY_NAME[name], kind, most_steps, draw)
        if found is not None:
            return found


def _drawn(theorem: Theorem, kind: Kind, most_steps: int, draw: Draw) -> Setting | None:
    problem = pick(draw, draws.PROBLEMS)(draw)
    gap = theorem.measure == "gap"
    if gap and not (problem.star_convex and problem.minimizer is not None):
        return None
    norm = draws.norm_for(draw, shapes(problem.x0))
    delta = between(draw, 0.02, 0.7) if draw.random() < 0.25 else 0.0
    regularizer: Regularizer = Zero()
    if delta == 0 and draw.random() < 0.25:
        regularizer = draws.regularizer_for(draw, problem, norm, unmoved=gap) or regularizer
    start = float(norm.dual(problem.value_and_gradient(problem.x0)[1]))
    if not start > 0:
        return None
    drowned = kind == "noisy" and draw.random() < 0.33
    sigma = start / norm.rho(shapes(problem.x0)) * (between(draw, 3.0, 30.0) if drowned else between(draw, 0.02, 3.0))
    noise = None if kind == "exact" else draws.noise_of(draw, sigma)
    constants = _constants(problem, norm, noise, regularizer, draw)
    if constants is None or any(getattr(constants, need) is None for need in theorem.needs):
        return None
    assert problem.infimum is not None
    if not isinstance(regularizer, Zero):
        most_steps = min(most_steps, 25)  # such steps take a search
    steps = most_steps if drowned else max(2, round(between(draw, min(20, most_steps), most_steps)))
    plan, source = affordable_plan(theorem, constants, steps, delta), "plan"
    if drowned:
        plan, source = drowned_plan(draw, theorem, constants, steps, delta, start), "drowned"
    elif plan is None or draw.random() < 0.5:
        plan, source = random_plan(draw, theorem, constants, steps, delta), "random"
    return Setting(theorem, problem, norm, noise, delta, regularizer, constants, problem.infimum, plan, source)


def _constants(
    problem: Known, norm: Norm, noise: Noise | None, regularizer: Regularizer, draw: Draw
) -> Constants | None:
    """Of F = f + R; noise is measured in the dual norm at times, where that is known."""
    kappa = type_2_constant(norm) if noise is not None and draw.random() < 0.3 else None
    try:
        found = problem.constants(norm, noise, kappa=kappa)
    except NotDeclaredError:
        found = problem.constants(norm, noise)
    if found.delta0 is None:
        return None
    # R ≥ 0, so inf F ≥ inf f; where the gap is measured R(x*) = 0, so that they are equal.
    return dataclasses.replace(found, delta0=found.delta0 + float(regularizer(problem.x0)))


def _kind_of(problem: Known) -> str:
    return type(problem.scalar if isinstance(problem, Separable) else problem).__name__


def type_2_constant(norm: Norm) -> float | None:
    """κ of the dual norm where it is ℓ_q with 2 ≤ q < ∞: √(q − 1).

    >>> type_2_constant(Lp(1.5)), type_2_constant(L2())
    (1.4142135623730951, 1.0)
    """
    if isinstance(norm, L2):
        return 1.0
    if isinstance(norm, Lp) and 1 < norm.p <= 2:
        return math.sqrt(float(1 / (norm.p - 1)))
    return None


def affordable_plan(theorem: Theorem, constants: Constants, steps: int, delta: float = 0.0) -> Plan | None:
    """The theorem's plan for the least ε that it promises within so many steps, or None where it promises none.

    >>> from ntr_spec.theory import T1
    >>> affordable_plan(T1, Constants(L=1.0, delta0=2.0), 134).steps
    134
    """
    gap = theorem.measure == "gap"
    assert constants.delta0 is not None
    if not constants.delta0 > 0:
        return None

    def plan(eps: float) -> Plan | None:
        try:
            found = theorem.plan(constants, eps, delta)
        except InputError:
            return None
        return found if found.steps <= steps else None

    high = constants.delta0 * (1 - 1e-9) if gap else math.sqrt(constants.L * constants.delta0) + 1e-9 * constants.delta0
    if not gap:
        while plan(high) is None:
            high *= 2.0
    best = plan(high)
    if best is None:
        return None
    low = high * 1e-9
    for _ in range(60):
        middle = math.sqrt(low * high)
        found = plan(middle)
        low, high, best = (low, middle, found) if found is not None else (middle, high, best)
    return best


def random_plan(draw: Draw, theorem: Theorem, constants: Constants, steps: int, delta: float) -> Plan:
    """Parameters that the theorem admits, about the sizes that pay."""
    alpha = 1.0 if not theorem.momentum or draw.random() < 0.1 else between(draw, 0.02, 1.0)
    if theorem.decays:
        reach = constants.D * pick(draw, (1.0, between(draw, 1.0, 3.0))) / (1 - delta)
        decay = min(1.0, between(draw, 0.2, 20.0) / steps)
        if theorem.extrapolates:
            decay = min(decay, alpha / 2)
        return Plan(reach * decay, 1 - alpha, decay, theorem.extrapolates, steps)
    radius = math.sqrt((constants.delta0 or 1.0) / (constants.L * steps)) * between(draw, 0.02, 10.0)
    return Plan(radius, 1 - alpha, 0.0, theorem.extrapolates, steps)


def drowned_plan(draw: Draw, theorem: Theorem, constants: Constants, steps: int, delta: float, start: float) -> Plan:
    """Parameters with which exact gradients would get far, while large noise, hardly averaged, lets a run get nowhere.

    So it is the bound's noise term that such a run is below, and the other terms are small.
    """
    alpha = between(draw, 0.3, 1.0)
    if theorem.decays:
        decay = min(alpha / 2, between(draw, 1.0, 4.0) / steps)
        return Plan(constants.D / (1 - delta) * decay, 1 - alpha, decay, theorem.extrapolates, steps)
    radius = (constants.delta0 or 1.0) / (steps * start * between(draw, 0.1, 0.4))
    return Plan(radius, 1 - alpha, 0.0, theorem.extrapolates, steps)
