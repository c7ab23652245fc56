"""``Setting``: hands out instances of the assumptions that it was granted, as named facts; nothing else does.

An instance says of formal vectors what the assumption says of all vectors. It carries the assumption's name, and so
does everything that is proved of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, final

import sympy as sp

from ntr_spec.verify.formal.assumptions import ASSUMPTIONS, STANDING, SYMBOLS
from ntr_spec.verify.formal.measurable import determined
from ntr_spec.verify.formal.method import FormalMethod
from ntr_spec.verify.formal.structures import Kind
from ntr_spec.verify.formal.vectors import Vector
from ntr_spec.verify.formal.vocabulary import INDEX, Vocabulary
from ntr_spec.verify.kernel import CertificateError, Fact, Sign, Sums, assume, total

Expr = Any


@final
class Setting:
    """The setting of [Kovalev25], section 2 of the theory: the method, and what may be assumed.

    Args:
        granted: names of assumptions, besides those that are always granted.
        momentum: whether α may be less than 1.
        noisy: whether gradients are noisy.
        decay: whether β > 0.
        extrapolation: whether gradients are taken ahead.
        inexact: whether steps may be inexact, δ > 0.
        withheld: names of assumptions that are not granted though they always are.

    Raises:
        CertificateError: there is no assumption of such a name.
    """

    def __init__(
        self,
        granted: Iterable[str] = (),
        *,
        momentum: bool = True,
        noisy: bool = True,
        decay: bool = False,
        extrapolation: bool = False,
        inexact: bool = True,
        withheld: Iterable[str] = (),
    ) -> None:
        self.granted = (STANDING | frozenset(granted)) - frozenset(withheld)
        for name in (*granted, *withheld):
            if name not in ASSUMPTIONS:
                raise CertificateError(f"Setting: there is no assumption {name!r}; there are {', '.join(ASSUMPTIONS)}")
        s = SYMBOLS
        self.alpha = s.alpha if momentum else sp.S.One
        self.beta = s.beta if decay else sp.S.Zero
        self.delta = s.delta if inexact else sp.S.Zero
        self.vocabulary = Vocabulary(vars(s).values(), s.t)
        numbers = {"η": s.eta} | ({"μ": 1 - s.alpha} if momentum else {}) | ({"β": s.beta} if decay else {})
        self.method = FormalMethod(self.vocabulary, numbers, extrapolation, noisy)
        self._issued: dict[str, Expr] = {}
        for name in ("s", "n", "x*"):  # x, m and y have their meaning from the method
            self.vocabulary.point(name)

    # ---- names ------------------------------------------------------------------------------------------------

    def x(self, k: Expr = INDEX) -> Vector:
        """x_k."""
        return self.vocabulary.point("x", k)

    def m(self, k: Expr = INDEX) -> Vector:
        """m_k, the momentum that step k is taken along."""
        return self.vocabulary.point("m", k)

    def n(self, k: Expr = INDEX) -> Vector:
        """n_k, the noise of the gradient that m_k takes in."""
        return self.vocabulary.point("n", k)

    def s(self, k: Expr = INDEX + 1) -> Vector:
        """s_k ∈ ∂R(x_k)."""
        return self.vocabulary.point("s", k)

    @property
    def minimizer(self) -> Vector:
        """x*."""
        return self.vocabulary.point("x*")

    def gradient(self, x: Vector) -> Vector:
        """∇f(x)."""
        return self.vocabulary.gradient(x)

    def objective(self, x: Vector) -> Expr:
        """f(x) + R(x)."""
        return self.vocabulary.value("f", x) + self.vocabulary.value("R", x)

    def error(self, k: Expr = INDEX) -> Vector:
        """m_k − ∇f(x_k)."""
        return self.m(k) - self.gradient(self.x(k))

    def stationarity(self, k: Expr = INDEX + 1) -> Expr:
        """‖∇f(x_k) + s_k‖_*."""
        return self.vocabulary.dual(self.gradient(self.x(k)) + self.s(k))

    def least(self, k: Expr = INDEX) -> Expr:
        """min_k: the least of ‖∇f(x_j) + s_j‖_* over 1 ≤ j ≤ max{k, 1}."""
        return self.vocabulary.number("min", k)

    def expect(self, fact: Fact) -> Fact:
        """The expectation of a fact."""
        return total(fact, self.vocabulary.expectation)

    # ---- norms ------------------------------------------------------------------------------------------------

    def triangle(self, u: Vector, v: Vector, kind: Kind = Kind.PRIMAL) -> Fact:
        """‖u‖ + ‖v‖ − ‖u + v‖ ≥ 0."""
        norm = self.vocabulary.norm
        return self._grant("triangle inequality", norm(u, kind) + norm(v, kind) - norm(u + v, kind), u, v, kind.value)

    def hoelder(self, g: Vector, v: Vector) -> Fact:
        """‖g‖_*‖v‖ − ⟨g, v⟩ ≥ 0."""
        vocabulary = self.vocabulary
        return self._grant("Hölder", vocabulary.dual(g) * vocabulary.norm(v) - vocabulary.inner(g, v), g, v)

    def attained(self, g: Vector) -> tuple[Vector, Fact, Fact]:
        """A vector v = lmo(g), −(1−δ)‖g‖_* − ⟨g, v⟩ ≥ 0 and 1 − ‖v‖ ≥ 0."""
        vocabulary = self.vocabulary
        v = vocabulary.image("lmo", g)
        value = -(1 - self.delta) * vocabulary.dual(g) - vocabulary.inner(g, v)
        return v, self._grant("lmo", value, g), self._grant("lmo", 1 - vocabulary.norm(v), v)

    def euclidean(self, v: Vector) -> Fact:
        """‖v‖₂² − ⟨v, v⟩ = 0."""
        vocabulary = self.vocabulary
        gap = vocabulary.norm(v, Kind.EUCLIDEAN) ** 2 - vocabulary.inner(v, v)
        return self._grant("‖·‖₂", gap, v, sign=Sign.ZERO)

    # ---- f and R ----------------------------------------------------------------------------------------------

    def smooth(self, x: Vector, y: Vector) -> Fact:
        """A2: L‖x − y‖ − ‖∇f(x) − ∇f(y)‖_* ≥ 0."""
        vocabulary = self.vocabulary
        gap = SYMBOLS.L * vocabulary.norm(x - y) - vocabulary.dual(self.gradient(x) - self.gradient(y))
        return self._grant("A2", gap, x, y)

    def second_order_smooth(self, x: Vector, y: Vector) -> Fact:
        """A4: (H/2)‖x − y‖² − ‖∇f(x) − ∇f(y) − ∇²f(y)(x − y)‖_* ≥ 0."""
        vocabulary = self.vocabulary
        rest = self.gradient(x) - self.gradient(y) - vocabulary.hessian(y, x - y)
        return self._grant("A4", SYMBOLS.H / 2 * vocabulary.norm(x - y) ** 2 - vocabulary.dual(rest), x, y)

    def star_convex(self, x: Vector) -> Fact:
        """A5: βf(x*) + (1−β)f(x) − f(βx* + (1−β)x) ≥ 0."""
        f, beta, best = self.vocabulary.value, self.beta, self.minimizer
        between = beta * best + (1 - beta) * x
        return self._grant("A5", beta * f("f", best) + (1 - beta) * f("f", x) - f("f", between), x)

    def convex(self, x: Vector, y: Vector) -> Fact:
        """(1−β)R(x) + βR(y) − R((1−β)x + βy) ≥ 0."""
        R, beta = self.vocabulary.value, self.beta
        between = (1 - beta) * x + beta * y
        return self._grant("R convex", (1 - beta) * R("R", x) + beta * R("R", y) - R("R", between), x, y)

    def subgradient(self, z: Vector, k: Expr = INDEX + 1) -> Fact:
        """R(z) − R(x_k) − ⟨s_k, z − x_k⟩ ≥ 0."""
        R, x = self.vocabulary.value, self.x(k)
        gap = R("R", z) - R("R", x) - self.vocabulary.inner(self.s(k), z - x)
        return self._grant("R convex", gap, x, z, "subgradient")

    def along_segment(self, x: Vector, y: Vector) -> tuple[Sums, Fact, Fact]:
        """∫ over t in [0, 1]; ∫t dt − 1/2 = 0; f(y) − f(x) − ∫⟨∇f(x + t(y − x)), y − x⟩dt = 0."""
        vocabulary, t = self.vocabulary, self.vocabulary.variable
        integral = vocabulary.integral
        half = self._grant("integral", integral.of(t) - sp.Rational(1, 2), sign=Sign.ZERO)
        slope = vocabulary.inner(self.gradient(x + t * (y - x)), y - x)
        change = vocabulary.value("f", y) - vocabulary.value("f", x)
        theorem = "fundamental theorem of calculus"
        return integral, half, self._grant(theorem, change - integral.of(slope), x, y, sign=Sign.ZERO)

    # ---- the step ---------------------------------------------------------------------------------------------

    def step_length(self, k: Expr = INDEX) -> Fact:
        """η − ‖x_{k+1} − c_k‖ ≥ 0."""
        move = self.x(k + 1) - self.method.center(k)
        return self._grant("step", self.method.radius - self.vocabulary.norm(move), "length", k)

    def step_descends(self, k: Expr = INDEX) -> Fact:
        """−(1−δ)η‖m_k + s_{k+1}‖_* − ⟨m_k + s_{k+1}, x_{k+1} − c_k⟩ ≥ 0."""
        vocabulary, along = self.vocabulary, self.m(k) + self.s(k + 1)
        move = self.x(k + 1) - self.method.center(k)
        least = (1 - self.delta) * self.method.radius * vocabulary.dual(along)
        return self._grant("step", -least - vocabulary.inner(along, move), "descent", k)

    def in_ball(self, z: Vector, k: Expr = INDEX) -> Fact:
        """η − ‖z − c_k‖ ≥ 0, for the z that the step is compared with."""
        gap = self.method.radius - self.vocabulary.norm(z - self.method.center(k))
        return self._grant("in the ball", gap, z, k)

    def normal_to_ball(self, z: Vector, inside: Fact, k: Expr = INDEX) -> Fact:
        """⟨m_k + s_{k+1}, z − x_{k+1}⟩ ≥ 0 for a z in the ball, η − ‖z − c_k‖ ≥ 0 being known."""
        vocabulary = self.vocabulary
        bound = self.method.radius - vocabulary.norm(z - self.method.center(k))
        if inside.sign is Sign.POSITIVE or sp.expand(inside.gap - bound) != 0 or not names(inside) <= {"lmo"}:
            raise CertificateError(f"Setting.normal_to_ball: {inside!r} does not say that {z} is in the ball")
        return self._grant("sum rule", vocabulary.inner(self.m(k) + self.s(k + 1), z - self.x(k + 1)), z, k)

    def least_falls(self, k: Expr = INDEX) -> Fact:
        """min_k − min_{k+1} ≥ 0."""
        return self._grant("minimum", self.least(k) - self.least(k + 1), self.least(k + 1), self.least(k))

    def least_bounds(self, k: Expr = INDEX) -> Fact:
        """‖∇f(x_{k+1}) + s_{k+1}‖_* − min_{k+1} ≥ 0."""
        return self._grant("minimum", self.stationarity(k + 1) - self.least(k + 1), self.least(k + 1), self.x(k + 1))

    # ---- noise ------------------------------------------------------------------------------------------------

    @property
    def dual_noise(self) -> bool:
        """Whether the noise is measured in the dual norm."""
        return "A1*" in self.granted

    def unbiased(self, u: Vector, k: Expr = INDEX + 1) -> Fact:
        """E⟨n_k, u⟩ = 0 for a u that is known when n_k is drawn (the tower property, and E n_k = 0)."""
        if not all(determined(self.vocabulary, part, sp.sympify(k) - 1) for _, part in u.terms):
            raise CertificateError(f"Setting.unbiased: {u} is not evidently known when {self.n(k)} is drawn")
        gap = self.vocabulary.mean(self.vocabulary.inner(self.n(k), u))
        return self._grant("A1*" if self.dual_noise else "A1", gap, "mean", self.n(k), u, sign=Sign.ZERO)

    def variance(self, k: Expr = INDEX + 1) -> Fact:
        """A1: σ² − E‖n_k‖₂² ≥ 0; A1*: σ_*² − E‖n_k‖_*² ≥ 0."""
        vocabulary, n = self.vocabulary, self.n(k)
        if self.dual_noise:
            return self._grant("A1*", SYMBOLS.sigma_dual**2 - vocabulary.mean(vocabulary.dual(n) ** 2), "variance", n)
        return self._grant("A1", SYMBOLS.sigma**2 - vocabulary.mean(vocabulary.inner(n, n)), "variance", n)

    def equivalent(self, v: Vector) -> Fact:
        """A3: ρ‖v‖₂ − ‖v‖_* ≥ 0."""
        vocabulary = self.vocabulary
        return self._grant("A3", SYMBOLS.rho * vocabulary.norm(v, Kind.EUCLIDEAN) - vocabulary.dual(v), v)

    def dual_smooth(self, a: Vector, n: Vector) -> tuple[Vector, Fact]:
        """A vector G(a), and A1*: ‖a‖_κ² + ⟨G(a), n⟩ + κ²‖n‖_*² − ‖a + n‖_κ² ≥ 0."""
        vocabulary, norm = self.vocabulary, self.vocabulary.norm
        slope = vocabulary.image("G", a)
        bound = norm(a, Kind.SMOOTH) ** 2 + vocabulary.inner(slope, n) + SYMBOLS.kappa**2 * vocabulary.dual(n) ** 2
        return slope, self._grant("A1*", bound - norm(a + n, Kind.SMOOTH) ** 2, "smoothness", a, n)

    def smooth_above(self, v: Vector) -> Fact:
        """A1*: ‖v‖_κ − ‖v‖_* ≥ 0."""
        vocabulary = self.vocabulary
        return self._grant("A1*", vocabulary.norm(v, Kind.SMOOTH) - vocabulary.dual(v), "above", v)

    # ---- constants --------------------------------------------------------------------------------------------

    def start(self, x: Vector) -> Fact:
        """Δ₀ − F(x₀) + F(x) ≥ 0."""
        return self._grant("Δ₀", SYMBOLS.delta0 - self.objective(self.x(0)) + self.objective(x), x)

    def start_in_ball(self) -> Fact:
        """D − ‖x₀‖ ≥ 0."""
        return self._grant("D", SYMBOLS.D - self.vocabulary.norm(self.x(0)), "x_0")

    def minimizer_in_ball(self) -> Fact:
        """D − ‖x*‖ ≥ 0."""
        return self._grant("D", SYMBOLS.D - self.vocabulary.norm(self.minimizer), "x*")

    def ball_reached(self) -> Fact:
        """(1−δ)η − βD ≥ 0."""
        return self._grant("D", (1 - self.delta) * SYMBOLS.eta - self.beta * SYMBOLS.D, "β")

    def momentum_is_faster(self) -> Fact:
        """α − 2β ≥ 0."""
        return self._grant("2β ≤ α", self.alpha - 2 * self.beta)

    # ---- how --------------------------------------------------------------------------------------------------

    def _grant(self, name: str, gap: Expr, *about: object, sign: Sign = Sign.NONNEGATIVE) -> Fact:
        if name not in self.granted:
            raise CertificateError(f"Setting: {name} is needed and was not granted: {ASSUMPTIONS[name]}")
        instance = f"{name}: {', '.join(map(str, about))}" if about else name
        if sp.expand(self._issued.setdefault(instance, gap) - gap) != 0:
            raise CertificateError(f"Setting: {instance!r} would name two facts")
        return assume(gap, instance, sign, self.vocabulary)


def names(fact: Fact) -> set[str]:
    """The names of the assumptions that a fact rests on, without those of their instances."""
    return {hypothesis.partition(": ")[0] for hypothesis in fact.hypotheses}
