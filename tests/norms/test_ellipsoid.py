"""Ellipsoidal against convex programs and a dense inverse."""

import numpy as np
import pytest

import ntr_spec as ntr
from tests.norms.agreement import check_against_oracle, check_rho, check_zero_and_nan

P = [[2.0, 1.0, 0.0], [1.0, 3.0, 0.5], [0.0, 0.5, 1.0]]


@pytest.mark.parametrize("inverse", [False, True])
@pytest.mark.parametrize("point", [[3.0, -4.0, 1.0], [0.0, 0.0, 5.0]])
def test_convex_program(inverse, point):
    check_against_oracle(ntr.Ellipsoidal(P, inverse), np.array(point))


@pytest.mark.parametrize("inverse", [False, True])
def test_zero_nan_and_rho(inverse):
    norm = ntr.Ellipsoidal(P, inverse)
    check_zero_and_nan(norm, np.array([1.0, -2.0, 3.0]))
    check_rho(norm, (3,), np.random.default_rng(0))


def test_the_dual_is_the_inverse_matrix():
    g = np.array([1.0, 2.0, 3.0])
    assert ntr.Ellipsoidal(P).dual(g) == pytest.approx(np.sqrt(g @ np.linalg.inv(P) @ g), rel=1e-14)
    assert ntr.Ellipsoidal(P).dual.dual == ntr.Ellipsoidal(P)


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        ([[1, 2, 3], [4, 5, 6]], "expected a square matrix P, got shape"),
        ([1, 2], "expected a square matrix P, got shape"),
        ([[1, 2], [0, 1]], r"expected a symmetric matrix P.*pass \(P \+ P.T\) / 2"),
        ([[1, 2], [2, 1]], "expected a positive definite matrix P"),
        ([[0]], "expected a positive definite matrix P"),
        ([[np.inf]], "all finite"),
    ],
)
def test_the_matrix_is_checked(matrix, message):
    with pytest.raises(ntr.InputError, match=message):
        ntr.Ellipsoidal(matrix)


def test_points_have_as_many_entries_as_rows():
    with pytest.raises(ntr.InputError, match=r"expected 3 entries, as many as P has rows; got shape"):
        ntr.Ellipsoidal(P)(np.ones(2))
