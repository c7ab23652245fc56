"""Scaled, Weighted, Linear and Reshaped against convex programs and against the norm that they transform."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest

import ntr_spec as ntr
from ntr_spec.arrays import simplest_rational
from tests.norms.agreement import check_against_oracle, check_rho, check_zero_and_nan

A = [[1.0, 1.0, 0.0], [0.0, 2.0, -1.0], [0.5, 0.0, 1.0]]
VECTOR = [
    ntr.Scaled(ntr.L1(), 0.1),
    ntr.Scaled(ntr.TopK(2), 3),
    ntr.Weighted(ntr.L1(), [1, 2, 0.5]),
    ntr.Weighted(ntr.L1(), [1, 2, 0.5], inverse=True),
    ntr.Weighted(ntr.LInf(), [1, 2, 0.5]),
    ntr.Weighted(ntr.LInf(), [1, 2, 0.5], inverse=True),
    ntr.Weighted(ntr.TopK(2), [1, 2, 0.5]),
    ntr.Weighted(ntr.L2(), [1, 2, 0.5]),
    ntr.Linear(ntr.L1(), A),
    ntr.Linear(ntr.L2(), A, inverse=True),
    ntr.Linear(ntr.LInf(), A),
    ntr.Linear(ntr.LInf(), A, inverse=True),
]


@pytest.mark.parametrize("norm", VECTOR, ids=repr)
@pytest.mark.parametrize("point", [[3.0, -4.0, 1.0], [1.0, 0.0, 0.0]], ids=str)
def test_convex_program(norm, point):
    check_against_oracle(norm, np.array(point))


@pytest.mark.parametrize("norm", VECTOR, ids=repr)
def test_zero_nan_and_rho(norm):
    check_zero_and_nan(norm, np.array([1.0, -2.0, 3.0]))
    check_rho(norm, (3,), np.random.default_rng(0))


def test_reshaped_agrees_with_the_norm_of_the_reshaped_point():
    kernel = np.random.default_rng(1).normal(size=(4, 2, 3, 1))
    for norm in (ntr.Spectral(), ntr.Nuclear(), ntr.KyFan(2), ntr.Frobenius()):
        wrapped, matrix = ntr.Reshaped(norm, (4, -1)), kernel.reshape(4, 6)
        assert wrapped(kernel) == norm(matrix)
        assert wrapped.dual(kernel) == norm.dual(matrix)
        assert wrapped.rho(kernel.shape) == norm.rho((4, 6))
        np.testing.assert_array_equal(wrapped.lmo(kernel), norm.lmo(matrix).reshape(kernel.shape))
        np.testing.assert_array_equal(wrapped.project(kernel, 0.5), norm.project(matrix, 0.5).reshape(kernel.shape))
        assert ntr.Claim.UNITARILY_INVARIANT not in wrapped.claims


def test_reshaped_against_the_convex_program():
    check_against_oracle(ntr.Reshaped(ntr.Nuclear(), (2, -1)), np.array([3.0, -1.0, 2.0, 0.5]), radii=(0.4,))


@pytest.mark.parametrize("c", [0.1, 3, 1 / 3, 1e-200, math.pi, 0.7853981633974483, 4 / 3, Fraction(2, 7)])
def test_the_dual_of_scaled_has_the_exact_reciprocal(c):
    dual = ntr.Scaled(ntr.L2(), c).dual
    assert simplest_rational(dual.c) * simplest_rational(c) == 1
    assert float(dual.c) == float(1 / simplest_rational(c))
    assert simplest_rational(dual.dual.c) == simplest_rational(c)


@pytest.mark.parametrize("norm", [ntr.Weighted(ntr.L1(), [1, 3]), ntr.Linear(ntr.L1(), [[1, 3], [0, 1]])], ids=repr)
def test_duals_keep_the_constants_and_come_back(norm):
    assert norm.dual.inverse is True
    assert norm.dual.dual == norm


def test_a_vector_of_weights_weights_the_flattened_point():
    x = np.arange(1.0, 7.0).reshape(2, 3)
    w = np.array([1.0, 2.0, 3.0, 1.0, 2.0, 3.0])
    flat, shaped = ntr.Weighted(ntr.L1(), w), ntr.Weighted(ntr.L1(), w.reshape(2, 3))
    assert flat(x) == shaped(x) == np.sum(w * x.ravel())
    np.testing.assert_array_equal(flat.lmo(x), shaped.lmo(x))
    np.testing.assert_allclose(flat.project(x, 2.0), shaped.project(x, 2.0), rtol=1e-14)


def test_matrix_weights_inside_a_matrix_norm():
    w = np.array([[1.0, 2.0], [3.0, 1.0]])
    norm, x = ntr.Weighted(ntr.Spectral(), w), np.array([[1.0, -1.0], [2.0, 0.5]])
    assert norm(x) == pytest.approx(np.linalg.norm(w * x, 2), rel=1e-14)
    assert np.sum(x * norm.lmo(x)) == pytest.approx(-np.linalg.norm(x / w, "nuc"), rel=1e-14)
    assert not norm.has_rho
    assert ntr.Weighted(ntr.Frobenius(), w).rho((2, 2)) == 1.0


def test_linear_linf_rho_goes_through_every_sign_and_stops_at_twelve():
    M = np.random.default_rng(2).normal(size=(5, 5))
    norm = ntr.Linear(ntr.LInf(), M)
    B = np.linalg.inv(M)
    naive = max(np.linalg.norm(B @ np.array(s)) for s in itertools.product((1, -1), repeat=5))
    assert norm.rho(5) == pytest.approx(naive, rel=1e-12)
    large = ntr.Linear(ntr.LInf(), np.eye(13))
    assert not large.has_rho
    with pytest.raises(ntr.NotDeclaredError, match=r"Linear.rho: .*LInf \(NP-hard in general\)"):
        large.rho(13)


def test_without_a_closed_dual_inside_there_is_none_outside():
    class Diamond(ntr.Norm):
        def _value(self, x, xp):
            return xp.sum(xp.abs(x))

        def _lmo(self, g, xp):
            return ntr.L1()._lmo(g, xp)

    base, x = Diamond(), np.array([1.0, -2.0])
    for norm, expected in (
        (ntr.Scaled(base, 2), 1.0),
        (ntr.Reshaped(base, (2,)), 2.0),
        (ntr.Weighted(base, [1, 2]), 1.0),
    ):
        assert isinstance(norm.dual, ntr.SupportFunction)
        assert norm.dual(x) == pytest.approx(expected)
        assert not norm.has_rho
        assert not norm.has_projection


@pytest.mark.parametrize("c", [0, -1, np.inf, float("nan"), "2", True, 1e-320])
def test_factors_are_positive(c):
    with pytest.raises(ntr.InputError, match=r"Scaled: expected a number c"):
        ntr.Scaled(ntr.L1(), c)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ntr.Weighted(ntr.L1(), [1, 0]), "expected positive weights"),
        (lambda: ntr.Weighted(ntr.L1(), 2.0), "use Scaled for a single factor"),
        (lambda: ntr.Weighted(ntr.Spectral(), [1, 2]), "Spectral expects a matrix"),
        (lambda: ntr.Weighted(ntr.TopK(3), [1, 2]), "TopK expects at least k=3 entries"),
        (lambda: ntr.Linear(ntr.L1(), [[1, 2]]), "expected a square matrix A"),
        (lambda: ntr.Linear(ntr.L1(), [[1, 2], [2, 4]]), "expected an invertible matrix A"),
        (lambda: ntr.Linear(ntr.Spectral(), [[1, 2], [2, 5]]), "Spectral expects a matrix"),
        (lambda: ntr.Reshaped(ntr.L1(), (-1, -1)), "at most one -1"),
        (lambda: ntr.Reshaped(ntr.L1(), (0, 2)), "expected positive sizes"),
    ],
)
def test_constants_are_checked(make, message):
    with pytest.raises(ntr.InputError, match=message):
        make()


def test_points_must_fit():
    with pytest.raises(ntr.InputError, match=r"Reshaped.norm: expected as many entries as fit the shape \(2, -1\)"):
        ntr.Reshaped(ntr.Spectral(), (2, -1))(np.ones(3))
    with pytest.raises(ntr.InputError, match=r"Weighted.norm: expected shape \(1, 2\), that of the weights"):
        ntr.Weighted(ntr.L1(), [[1, 2]])(np.ones((2, 1)))
    with pytest.raises(ntr.InputError, match=r"Linear.lmo: expected 2 entries, as many as A has columns"):
        ntr.Linear(ntr.L1(), [[1, 2], [0, 1]]).lmo(np.ones(3))
    with pytest.raises(ntr.NotDeclaredError, match=r"Weighted.project: no projection is known"):
        ntr.Weighted(ntr.TopK(1), [1, 2]).project(np.ones(2))


def test_notation():
    assert str(ntr.Scaled(ntr.LInf(), 0.1)) == "(1/10)·‖x‖_∞"
    assert str(ntr.Weighted(ntr.L1(), [1, 2])) == "‖w∘x‖₁"
    assert str(ntr.Linear(ntr.L1(), [[2]]).dual) == "‖A⁻ᵀx‖_∞"
    assert str(ntr.Reshaped(ntr.Spectral(), (4, -1))) == "‖σ(x_{4×·})‖_∞"
