"""``Theorem``: a convergence bound of [Kovalev25] as an object: what it assumes, its bound, and a plan that meets ε.

A bound is a sum of named terms, written once in plain arithmetic: on numbers it is evaluated, on SymPy's symbols it is
the statement that ``proofs/`` certifies.
"""

from __future__ import annotations

import abc
import dataclasses
import functools
import math
import numbers
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self, final

from ntr_spec.algorithms import Convention, TrustRegion
from ntr_spec.errors import InputError
from ntr_spec.theory.arithmetic import Number, plain, symbolic
from ntr_spec.theory.constants import Constants
from ntr_spec.theory.plan import Plan

if TYPE_CHECKING:
    from ntr_spec.theory.rates import Rate
    from ntr_spec.theory.statement import Statement

Expr = Any
MOST_STEPS = 10**12
"""Plans that need more are refused."""
ROUNDING = 1e-9
"""By how much a plan's bound may exceed ε in floating point, relative to ε: α near 10⁻⁸ is a momentum's last digits."""


class Numbers(NamedTuple):
    """The numbers that a bound is a function of, besides the constants.

    Attributes:
        radius: η.
        alpha: α, the weight of the new gradient.
        decay: β.
        steps: K.
        delta: δ of the steps: ⟨m + s, x₊ − c⟩ ≤ −(1−δ)η‖m + s‖_*.
    """

    radius: Number
    alpha: Number
    decay: Number
    steps: Number
    delta: Number


@dataclasses.dataclass(frozen=True)
class Theorem(abc.ABC):
    """A bound on what K steps of the method reach.

    Attributes:
        factors: terms whose constant is multiplied, and by what; see :meth:`altered`.
    """

    factors: tuple[tuple[str, Number], ...] = ()

    name: ClassVar[str]
    title: ClassVar[str]
    assumptions: ClassVar[tuple[str, ...]]
    """Names of those of [Kovalev25] that it rests on."""
    needs: ClassVar[tuple[str, ...]]
    """Constants that the bound is a function of; "noise" is ρσ or κσ_*."""
    measure: ClassVar[str]
    """What is bounded: "stationarity", E min_{1≤k≤K} ‖∇f(x_k) + s_k‖_*, s_k ∈ ∂R(x_k); "gap", E F(x_K) − F(x*)."""
    momentum: ClassVar[bool]
    """Whether gradients may be noisy and momentum kept; without, α = 1."""
    decays: ClassVar[bool]
    """Whether β > 0."""
    extrapolates: ClassVar[bool]
    """Whether gradients are taken ahead."""
    fading: ClassVar[tuple[str, ...]]
    """Terms that vanish as K grows."""

    # ---- hooks ------------------------------------------------------------------------------------------------

    @abc.abstractmethod
    def _terms(self, c: Constants, n: Numbers) -> dict[str, Number]:
        """The terms of the bound, by name."""

    @abc.abstractmethod
    def _plan(self, c: Constants, eps: Number) -> tuple[Number, Number, Number]:
        """η, α and K for which the bound is at most ε, with δ = 0; β = η/D where there is decay."""

    @abc.abstractmethod
    def _exact(self, c: Constants, eps: Number, delta: Number) -> tuple[Constants, Number]:
        """The constants and the ε for which a plan for δ = 0 is one for this δ."""

    @abc.abstractmethod
    def _continuous_steps(self, faded: Number, budget: Number, decay: Number) -> float:
        """The least real K at which the fading terms, which sum to ``faded`` at K = :attr:`_from`, are the budget."""

    # ---- verbs ------------------------------------------------------------------------------------------------

    @final
    def terms(
        self, constants: Constants, parameters: Plan | TrustRegion, steps: Number, delta: Number = 0
    ) -> dict[str, Number]:
        """The terms of the bound, by name; their sum is :meth:`bound`.

        Args:
            constants: at least those that the theorem :attr:`needs`.
            parameters: η, α and β, as a plan or as a method.
            steps: K ≥ 1.
            delta: of the steps, in [0, 1); 0 for exact LMOs.

        Raises:
            InputError: a constant is missing, a number out of range, or the method is not the theorem's.

        >>> from ntr_spec.theory import T1
        >>> T1.terms(Constants(L=1.0, delta0=2.0), Plan(0.1, 0.0, 0.0, False, 100), 100)
        {'start': 0.2, 'curvature': 0.15000000000000002}
        """
        subject = f"{self.name}.bound"
        self._check_constants(subject, constants)
        n = self._numbers(subject, constants, parameters, steps, delta)
        found = self._terms(constants, n)
        for name, factor in self.factors:
            found[name] = factor * found[name]
        return found

    @final
    def bound(self, constants: Constants, parameters: Plan | TrustRegion, steps: Number, delta: Number = 0) -> Number:
        """What the theorem bounds its :attr:`measure` by.

        Args and errors: as for :meth:`terms`.

        >>> from ntr_spec.theory import T1
        >>> T1.bound(Constants(L=1.0, delta0=2.0), Plan(0.1, 0.0, 0.0, False, 100), 100)
        0.35000000000000003
        """
        return sum(self.terms(constants, parameters, steps, delta).values())

    @final
    def plan(self, constants: Constants, eps: Number, delta: Number = 0) -> Plan:
        """Parameters and a number of steps for which the bound is at most ε; [Kovalev25]'s where it gives them.

        Args:
            constants: at least those that the theorem :attr:`needs`.
            eps: ε > 0; for a gap less than Δ₀.
            delta: of the steps, in [0, 1).

        Raises:
            InputError: a constant is missing, a number out of range, or more than 10¹² steps are needed.

        >>> from ntr_spec.theory import T1
        >>> T1.plan(Constants(L=1.0, delta0=2.0), eps=0.3)
        Plan(radius=0.09999999999999999, momentum=0.0, decay=0.0, extrapolation=False, steps=134)
        """
        subject = f"{self.name}.plan"
        self._check_constants(subject, constants)
        self._check_eps(subject, constants, eps)
        check_delta(subject, delta)
        eps, delta = plain(eps), plain(delta)
        exact, scaled = self._exact(constants, eps, delta)
        plan = self._made(subject, exact, *self._closed_form(subject, exact, scaled))
        met = symbolic(plan.radius, plan.steps, plan.momentum) or self.bound(
            constants, plan, plan.steps, delta
        ) <= eps * (1 + ROUNDING)
        if not met and not self.factors:
            raise _too_far_apart(subject)
        return plan

    @final
    def optimal_plan(self, constants: Constants, eps: float, delta: float = 0) -> Plan:
        """As :meth:`plan`, with η and α chosen numerically so that K is least.

        Raises:
            InputError: as there.

        >>> from ntr_spec.theory import T2
        >>> constants = Constants(L=1.0, delta0=2.0, rho=2.0, sigma=1.0)
        >>> T2.plan(constants, 0.3).steps, T2.optimal_plan(constants, 0.3).steps
        (2022717, 543186)
        """
        from ntr_spec.theory.optimal import optimal_plan

        subject = f"{self.name}.optimal_plan"
        self._check_constants(subject, constants)
        self._check_eps(subject, constants, eps)
        check_delta(subject, delta)
        eps, delta = plain(eps), plain(delta)
        return optimal_plan(self, constants, eps, delta)

    @final
    def altered(self, **factors: Number) -> Self:
        """The same theorem with the constants of some terms multiplied: a sibling, true only for factors ≥ 1.

        Raises:
            InputError: there is no such term, or a factor is not a finite number ≥ 0.

        >>> from ntr_spec.theory import T1
        >>> T1.altered(curvature=2).bound(Constants(L=1.0, delta0=2.0), Plan(0.1, 0.0, 0.0, False, 100), 100)
        0.5
        """
        known = tuple(self.symbolic_terms())
        for name, factor in factors.items():
            if name not in known:
                raise InputError(f"{self.name}.altered: there is no term {name!r}; its terms are {', '.join(known)}")
            evident = symbolic(factor) and factor.is_finite and factor.is_nonnegative
            if not evident and not (_is_number(factor) and 0 <= factor < math.inf):
                raise InputError(f"{self.name}.altered: expected a factor ≥ 0 and finite for {name}, got {factor!r}")
        return dataclasses.replace(self, factors=tuple({**dict(self.factors), **factors}.items()))

    @property
    def statement(self) -> Statement:
        """The theorem in symbols."""
        from ntr_spec.theory.statement import Statement

        return Statement(self)

    @functools.cached_property
    def complexity(self) -> Rate:
        """How K of the plan grows as ε → 0, derived from the plan."""
        from ntr_spec.theory.rates import complexity

        return complexity(self)

    @property
    def symbols(self) -> SimpleNamespace:
        """The SymPy symbols of the statement: L H rho sigma delta0 D eps eta alpha beta K delta, all positive."""
        from ntr_spec.theory.statement import SYMBOLS

        return SYMBOLS

    @final
    def symbolic_terms(self, delta: Number = 0) -> dict[str, Expr]:
        """:meth:`terms` at symbols."""
        s = self.symbols
        return self.terms(s.constants, self._symbolic_plan(s.eta, s.alpha, s.beta, s.K), s.K, delta)

    @final
    def symbolic_plan(self, delta: Number = 0) -> Plan:
        """:meth:`plan` at symbols: with SymPy's Min, Max and ceiling."""
        s = self.symbols
        return self.plan(s.constants, s.eps, delta)

    # ---- what they share --------------------------------------------------------------------------------------

    def _check_constants(self, subject: str, c: Constants) -> None:
        """Raise InputError where a constant is missing."""
        if not isinstance(c, Constants):
            raise InputError(f"{subject}: expected Constants, got {c!r}; pass Constants(L=…, …)")
        c.require(subject, self.needs)

    def _symbolic_plan(self, eta: Expr, alpha: Expr, beta: Expr, steps: Expr) -> Plan:
        kept = 1 - alpha if self.momentum else 0
        return Plan(eta, kept, beta if self.decays else 0, self.extrapolates, steps)

    def _closed_form(self, subject: str, c: Constants, eps: Number) -> tuple[Number, Number, Number]:
        """:meth:`_plan`, refused where floating-point numbers under- or overflow."""
        try:
            radius, alpha, steps = self._plan(c, eps)
        except (ZeroDivisionError, OverflowError):
            radius = math.inf
        if radius == math.inf:
            raise _too_far_apart(subject)
        return radius, alpha, steps

    def _made(self, subject: str, c: Constants, radius: Number, alpha: Number, steps: Number) -> Plan:
        """A plan of these numbers."""
        decay = radius / c.D if self.decays else 0.0
        if symbolic(radius, alpha, steps):
            return Plan(radius, 1 - alpha, decay, self.extrapolates, steps)
        if not steps <= MOST_STEPS or not radius > 0:
            raise InputError(f"{subject}: needs {float(steps):.2g} steps, more than 10¹²; raise eps")
        return Plan(float(radius), float(1 - alpha), float(decay), self.extrapolates, steps)

    def _numbers(
        self, subject: str, c: Constants, parameters: Plan | TrustRegion, steps: Number, delta: Number
    ) -> Numbers:
        if not isinstance(parameters, (Plan, TrustRegion)):
            raise InputError(f"{subject}: expected a Plan or a TrustRegion, got {parameters!r}; pass one of them")
        if isinstance(parameters, TrustRegion) and parameters.convention != Convention():
            raise InputError(
                f"{subject}: the theorem is about the default convention of momentum, not {parameters.convention!r}"
            )
        radius, kept, decay = (self._number(subject, parameters, name) for name in ("radius", "momentum", "decay"))
        self._check_kind(subject, kept, decay, parameters.extrapolation)
        check_delta(subject, delta)
        if not symbolic(steps) and (isinstance(steps, bool) or not isinstance(steps, numbers.Integral) or steps < 1):
            raise InputError(f"{subject}: expected steps to be an integer of at least 1, got {steps!r}")
        if not symbolic(radius) and not 0 < radius < math.inf:
            raise InputError(f"{subject}: expected a radius > 0, got {radius!r}; pass one")
        whole = steps if symbolic(steps) else int(steps)
        n = Numbers(radius, 1 - kept, decay, whole, plain(delta))
        self._check_numbers(subject, c, n)
        return n

    @staticmethod
    def _number(subject: str, parameters: Plan | TrustRegion, name: str) -> Number:
        value: Number = getattr(parameters, name)
        if not symbolic(value) and not _is_number(value):
            raise InputError(f"{subject}: expected {name} to be a number, got {value!r}; the theorem has no schedules")
        return plain(value)

    def _check_kind(self, subject: str, kept: Number, decay: Number, extrapolation: bool) -> None:
        if extrapolation != self.extrapolates and not (kept == 0 and not self.extrapolates):
            has = "with" if self.extrapolates else "without"
            raise InputError(f"{subject}: {self.name} is about the method {has} extrapolation; set it so")
        if not self.momentum and kept != 0:
            raise InputError(f"{subject}: {self.name} is about exact gradients without momentum; pass momentum=0.0")
        if not self.decays and decay != 0:
            raise InputError(f"{subject}: {self.name} is about the method without decay, got {decay}; pass decay=0.0")
        if not symbolic(kept) and not 0 <= kept < 1:
            raise InputError(f"{subject}: expected momentum, the weight kept, in [0, 1), got {kept!r}")

    def _check_numbers(self, subject: str, c: Constants, n: Numbers) -> None:  # noqa: B027 (most ask for nothing)
        """Raise InputError where numbers contradict a condition of the theorem."""

    def _check_eps(self, subject: str, c: Constants, eps: Number) -> None:
        if symbolic(eps):
            return
        if not _is_number(eps) or not 0 < eps < math.inf:
            raise InputError(f"{subject}: expected eps to be a finite number > 0, got {eps!r}")


def check_delta(subject: str, delta: Number) -> None:
    """Raise InputError unless 0 ≤ δ < 1."""
    if not symbolic(delta) and (not _is_number(delta) or not 0 <= delta < 1):
        raise InputError(
            f"{subject}: expected delta in [0, 1), got {delta!r}; an LMO with δ ≥ 1 need not make progress at all"
        )


def _too_far_apart(subject: str) -> InputError:
    return InputError(f"{subject}: constants and eps are too far apart for floating point; change the units")


def _is_number(value: object) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, bool)
