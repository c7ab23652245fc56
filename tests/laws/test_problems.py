"""What laws of problems are made of: bounds of the trapezoidal rule, searches for suprema, problems beside points."""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from ntr_spec.laws import assumptions
from ntr_spec.laws.noise import PROBLEM_FLOAT_LAWS
from ntr_spec.laws.objectives import beside, euclidean_one, measured, rounded_up, slopes, where_known
from ntr_spec.laws.problems import PROBLEM_LAWS
from ntr_spec.laws.reaching import sharpest, steepest, twist
from ntr_spec.norms import L1, L2, LInf, Norm, Spectral
from ntr_spec.problems import (
    Constant,
    Cosine,
    Gaussian,
    LogCosh,
    MatrixRegression,
    Noisy,
    Quadratic,
    Separable,
    Sphere,
    Wave,
    Welsch,
)
from ntr_spec.verify.backends import backend
from ntr_spec.verify.bench import Bench
from tests.wrong import problems as wrong

LAWS = {law.name: law for law in (*PROBLEM_LAWS, *PROBLEM_FLOAT_LAWS)}
Array = Any


def holds(relations: Any, slack: float = 1e-12) -> bool:
    return all(float(r.lhs) <= float(r.rhs) + slack * max(1.0, abs(float(r.scale or 0))) for r in relations)


def test_every_law_is_named_once_and_says_what_it_is() -> None:
    names = [law.name for law in (*PROBLEM_LAWS, *PROBLEM_FLOAT_LAWS)]
    assert len(set(names)) == len(names)
    assert all(law.statement and law.source for law in LAWS.values())


# ---- the trapezoidal rule ----------------------------------------------------------------------------------------


class Ramp(wrong.Bowl):
    """Σ max(xᵢ, 0)³/6, whose second derivative has slope 1 on one side: H = 1 where all is on that side."""

    def _value_and_gradient(self, x: Array, step: int | None, xp: Any) -> tuple[Array, Array]:
        up = xp.maximum(x, 0 * x)
        return xp.sum(up**3) / 6, up * up / 2

    def _hessian_vector(self, x: Array, v: Array, xp: Any) -> Array:
        return xp.maximum(x, 0 * x) * v

    def _smoothness(self, norm: Norm) -> Constant | None:
        return Constant(100.0, False, "on the part that is looked at") if norm == L2() else None

    def _second_smoothness(self, norm: Norm) -> Constant | None:
        return Constant(self.third, False, "") if norm == L2() and self.third else None

    third = 1.0


class Kink(Ramp):
    """Σ max(xᵢ, 0)²/2, whose first derivative has a kink at 0: L = 1, and no H."""

    third = 0.0

    def _value_and_gradient(self, x: Array, step: int | None, xp: Any) -> tuple[Array, Array]:
        up = xp.maximum(x, 0 * x)
        return xp.sum(up * up) / 2, up

    def _smoothness(self, norm: Norm) -> Constant | None:
        return Constant(1.0, False, "") if norm == L2() else None


def test_both_bounds_of_the_trapezoidal_rule_are_the_least() -> None:
    x, y = np.zeros(2), np.asarray([1.0, 0.0])
    high, low = assumptions.gradient_fits(Ramp(), x, y)
    assert float(high.lhs) == 1 / 6  # f(y) − f(x), the mean of slopes is 1/4, and H/12 = 1/12 is used up
    assert float(high.rhs) - 1 / 4 == pytest.approx(1 / 12)
    assert float(low.lhs) == pytest.approx(1 / 6)
    (bent,) = assumptions.hessian_fits(Ramp(), x, y)
    assert float(bent.lhs) == 0.0  # a linear second derivative is met exactly
    assert float(bent.rhs) == 1 / 4
    # A kink in the middle: f(½) − f(−½) = 1/8, mean slope 1/4; an eighth off where L/4 = 1/4 is allowed.
    first, second = assumptions.gradient_fits(Kink(), np.asarray([-0.5, 0]), np.asarray([0.5, 0]))
    assert (float(first.lhs), float(first.rhs)) == (0.125, 0.5)
    assert (float(second.lhs), float(second.rhs)) == (0.0, 0.125)
    assert LAWS["hessian"].missing(Kink()) == "H is not known in L2()"
    assert LAWS["gradient"].missing(Kink()) is None


@pytest.mark.parametrize("seed", range(5))
def test_the_rule_holds_on_curved_functions_at_every_distance(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for scalar in (LogCosh(), Cosine(), Welsch(), Wave()):
        problem = Separable(scalar, rng.normal(size=3), rng.normal(size=3), height=2.0, width=0.5)
        for far in (1e-3, 0.1, 1.0, 10.0):
            x, y = rng.normal(size=3), rng.normal(size=3)
            y = x + far * (y - x)
            assert holds(assumptions.gradient_fits(problem, x, y))
            assert holds(assumptions.hessian_fits(problem, x, y))


# ---- searches ------------------------------------------------------------------------------------------------------


def largest_ratio(problem: Any, norm: Norm, x: Array) -> float:
    """max ‖∇²f(x)v‖_*/‖v‖ over corners of the ball, where that is attained."""
    size = x.shape[0]
    corners = np.eye(size) if norm == L1() else np.asarray(list(itertools.product((1.0, -1.0), repeat=size)))
    return max(float(norm.dual(problem.hessian_vector(x, v)) / norm(v)) for v in corners)


@pytest.mark.parametrize("norm", [L1(), LInf()])
@pytest.mark.parametrize("seed", range(4))
def test_directions_of_large_curvature(norm: Norm, seed: int) -> None:
    rng = np.random.default_rng(seed)
    A = rng.normal(size=(4, 4))
    problem = Quadratic(A @ A.T + np.eye(4), np.zeros(4), np.ones(4))
    (m,) = [m for m in measured(problem) if m.norm == norm]
    starts = [*np.eye(4), np.ones(4), *rng.normal(size=(6, 4))]
    x = np.zeros(4)
    found = [steepest(problem, m, x, v) for v in starts]
    reached = max(float(norm.dual(problem.hessian_vector(x, v)) / norm(v)) for v in found)
    assert reached == pytest.approx(largest_ratio(problem, norm, x))
    assert reached == pytest.approx(m.known["L"].value)


@pytest.mark.parametrize("norm", [L1(), L2(), LInf(), Spectral()])
def test_points_where_the_hessian_changes_fastest(norm: Norm) -> None:
    shape = (2, 2) if norm == Spectral() else (3,)
    rng = np.random.default_rng(0)
    problem = Separable(LogCosh(), rng.normal(size=shape), np.zeros(shape), width=0.25)
    (m,) = [m for m in measured(problem) if m.norm == norm]
    reached = []
    for v in (np.ones(shape), *rng.normal(size=(3, *shape)), np.eye(1, 4).ravel()[: np.prod(shape)].reshape(shape)):
        x, u, h = sharpest(problem, m, np.asarray(problem.target), v)
        assert float(norm(u)) == pytest.approx(1.0)
        reached.append(float(norm.dual(twist(problem, x, u, h))))
    assert max(reached) <= m.known["H"].value * (1 + 1e-6)
    assert max(reached) >= 0.9999 * m.known["H"].value


def test_constants_count_up_to_their_own_rounding() -> None:
    L = Quadratic().known(L2())["L"].value  # 2 + √1.36, the larger root of t² − 4t + 2.64, rounded
    assert Fraction(rounded_up(L)) ** 2 - 4 * Fraction(rounded_up(L)) + Fraction(264, 100) > 0
    assert rounded_up(L) / L - 1 == pytest.approx(2.0**-46, rel=0.1)
    assert [rounded_up(value) for value in (3.0, 2.7, 1 / 3, 0.0)] == [3.0, 2.7, 1 / 3, 0.0]


def test_a_tight_constant_that_is_not_is_not_attained() -> None:
    for problem, relations in (
        (wrong.SteepL(), assumptions.smooth_attained(wrong.SteepL(), np.asarray([1.0, -0.5]))),
        (wrong.SteepH(), assumptions.second_order_attained(wrong.SteepH(), np.asarray([0.0, 1.0]))),
    ):
        found = {r.where: float(r.lhs) <= float(r.rhs) for r in relations}
        assert not all(found.values()), problem
    assert all(float(r.lhs) <= float(r.rhs) for r in assumptions.smooth_attained(wrong.Bowl(), np.asarray([1.0, -0.5])))
    zero = assumptions.smooth_attained(wrong.Bowl(), np.zeros(2))  # found from the fixed point, and never from 0/0
    assert all(np.isfinite(float(r.rhs)) for r in zero)


# ---- beside a point ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["numpy", "strict", "torch", "jax"])
def test_a_problem_moves_to_the_library_of_a_point(name: str) -> None:
    library = backend(name)
    problem = Noisy(MatrixRegression(np.asarray([[2.0, 0.0], [1.0, 1.0]]), np.eye(2)), Sphere(0.5))
    host = np.asarray([[1.0, 2.0], [3.0, -1.0]])
    for dtype in library.dtypes:
        x = library.asarray(host, dtype)
        moved = beside(problem, x)
        assert beside(problem, x) is moved  # once, and not at every call
        value, slope = moved.value_and_gradient(x)
        wanted, steep = problem.value_and_gradient(host)
        assert float(value) == pytest.approx(float(wanted), rel=1e-6)
        np.testing.assert_allclose(library.to_numpy(slope), steep, rtol=1e-5)
        assert slope.dtype == x.dtype
        noisy = library.to_numpy(moved.stochastic(x, 3)[1])
        np.testing.assert_allclose(noisy, problem.stochastic(host, 3)[1], rtol=1e-5)
    assert problem.value_and_gradient(host)[1].dtype == np.float64  # where it was


def test_a_problem_on_symbols_has_rational_data() -> None:
    from ntr_spec.verify.symbolic import symbols, to_sympy

    x = symbols("x", 2)
    value = beside(Quadratic(), x).value_and_gradient(x)[0]
    import sympy as sp

    x1, x2 = sp.symbols("x1 x2", real=True)
    wanted = x1**2 / 2 + sp.Rational(3, 5) * x1 * x2 + sp.Rational(3, 2) * x2**2
    found = to_sympy(value.term).subs({s: sp.Symbol(s.name, real=True) for s in to_sympy(value.term).free_symbols})
    assert sp.expand(found - wanted) == 0


def test_rounding_is_measured_where_no_constant_is_known() -> None:
    """A4 in ℓ₃, in which `Bowl` knows H and not L; its gradient without target cancels to rounding and no more."""
    problem = wrong.ForgetsTarget()
    lonely = [m for m in where_known(problem, "H") if "L" not in m.known]
    assert lonely
    x = np.asarray([0.0, 2.0])
    assert all(float(slopes(problem, m, x)) >= 6.0 for m in lonely)
    assert euclidean_one(problem).norm == L2()


# ---- noise -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("law", ["noise_unbiased", "noise_variance", "noise_dual"])
@pytest.mark.parametrize("sigma", [0.0, 1e-3, 1.0, 100.0])
def test_right_noise_passes_at_every_size_and_seed(law: str, sigma: float) -> None:
    bench = Bench(backend("numpy"), "float64")
    for seed, kind in itertools.product(range(3), (Sphere, Gaussian)):
        problem = Noisy(wrong.Bowl(), kind(sigma), seed)
        assert LAWS[law].check(problem, bench, np.asarray([3.0, 4.0])) is None  # type: ignore[union-attr]


@pytest.mark.parametrize("wide", [0.7, 1.4])
def test_a_wrong_variance_is_seen_whatever_the_seed(wide: float) -> None:
    class Wide(wrong.Plain):
        def _vector(self, size: int, generator: np.random.Generator) -> Array:
            return wide * generator.standard_normal(size) / np.sqrt(size)

    bench = Bench(backend("numpy"), "float64")
    defects = [
        LAWS["noise_variance"].check(Noisy(wrong.Bowl(), Wide(1.0), seed), bench, np.zeros(2))  # type: ignore[union-attr]
        for seed in range(10)
    ]
    assert all(defect is not None and "== 1 ±" in defect.relation for defect in defects)
