"""L1, L2, LInf, Lp against convex programs and plain formulas."""

import numpy as np
import pytest

import ntr_spec as ntr
from tests.norms.agreement import check_against_oracle, check_rho, check_zero_and_nan

NORMS = [ntr.L1(), ntr.L2(), ntr.LInf(), ntr.Lp(3), ntr.Lp(1.5)]
POINTS = [[3.0, -4.0, 1.0], [2.0, 2.0, -2.0], [0.0, 0.0, 5.0], [-7.0]]


@pytest.mark.parametrize("norm", NORMS, ids=str)
@pytest.mark.parametrize("point", POINTS, ids=str)
def test_convex_program(norm, point):
    check_against_oracle(norm, np.array(point))


@pytest.mark.parametrize("norm", NORMS, ids=str)
def test_zero_nan_and_rho(norm):
    check_zero_and_nan(norm, np.array([1.0, -2.0, 3.0]))
    check_rho(norm, (4,), np.random.default_rng(0))


@pytest.mark.parametrize(
    ("norm", "order"),
    [(ntr.L1(), 1), (ntr.L2(), 2), (ntr.LInf(), np.inf), (ntr.Lp(3), 3), (ntr.Lp(1.5), 1.5)],
)
def test_a_matrix_is_one_long_vector(norm, order):
    x = np.random.default_rng(1).normal(size=(3, 4))
    np.testing.assert_allclose(norm(x), np.linalg.norm(x.ravel(), order), rtol=1e-14)
    np.testing.assert_array_equal(norm.lmo(x), norm.lmo(x.ravel()).reshape(3, 4))


def test_l1_lmo_takes_the_first_of_ties():
    np.testing.assert_array_equal(ntr.L1().lmo(np.array([1.0, -2.0, 2.0])), [0.0, 1.0, 0.0])


@pytest.mark.parametrize("norm", NORMS, ids=str)
@pytest.mark.parametrize("scale", [5e-324, 1e-300, 1e150, 1e300])
def test_lmo_does_not_depend_on_scale(norm, scale):
    g = np.array([3.0, -4.0, 0.0, 1.0])
    scaled = g * scale
    np.testing.assert_allclose(norm.lmo(scaled), norm.lmo(scaled / scale), rtol=1e-13)
    assert np.isfinite(norm(scaled))


@pytest.mark.parametrize("norm", [*NORMS, ntr.TopK(2), ntr.OWL([2, 1, 1])], ids=str)
def test_infinite_entries_give_an_infinite_norm(norm):
    assert norm(np.array([1.0, -np.inf, 0.0])) == np.inf


@pytest.mark.parametrize("p", [1, 0.5, -2, np.inf, float("nan"), "two"])
def test_lp_names_its_neighbours_when_p_is_outside(p):
    with pytest.raises(ntr.InputError, match=r"Lp: expected 1 < p < ∞, got p=.*use L1\(\)"):
        ntr.Lp(p)


@pytest.mark.parametrize("p", [1.5, 3, 1.1, 4, 7 / 3])
def test_the_conjugate_exponent_is_an_involution(p):
    assert ntr.Lp(p).dual.dual == ntr.Lp(p)


@pytest.mark.parametrize("norm", [ntr.L1(), ntr.L2(), ntr.LInf(), ntr.Lp(3), ntr.Lp(1.5)], ids=str)
def test_weighted_rho_is_reached_and_not_passed(norm):
    # The supremum of ‖s∘x‖_*/‖x‖₂ is a maximum over a sphere; sample it densely in the plane.
    s = np.array([1.0, 2.5])
    angles = np.linspace(0, np.pi, 20001)
    values = [float(norm.dual(s * np.array([np.cos(a), np.sin(a)]))) for a in angles[::10]]
    from ntr_spec.arrays import namespace_of

    rho = float(norm._rho_weighted(s, namespace_of(s)))
    np.testing.assert_allclose(max(values), rho, rtol=1e-6)
    assert max(values) <= rho * (1 + 1e-12)
