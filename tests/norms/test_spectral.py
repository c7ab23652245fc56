"""Unitarily invariant norms, Frobenius and RMS operator norms against convex programs and NumPy's singular values."""

import numpy as np
import pytest

import ntr_spec as ntr
from ntr_spec.arrays import namespace_of
from ntr_spec.norms.apply import apply_lmo, apply_project, apply_value
from tests.norms.agreement import check_against_oracle, check_rho, check_zero_and_nan

SOLVED = [
    ntr.Spectral(),
    ntr.Nuclear(),
    ntr.Frobenius(),
    ntr.KyFan(2),
    ntr.SingularValueNorm(ntr.TopKDual(2)),
    ntr.RMSOperator(),
    ntr.RMSOperatorDual(),
]
ALL = [*SOLVED, ntr.Schatten(3), ntr.Schatten(1.5), ntr.SingularValueNorm(ntr.L2())]
MATRICES = {
    "tall": [[3.0, -4.0], [1.0, 0.5], [0.0, 2.0]],
    "wide": [[3.0, -4.0, 1.0], [0.5, 0.0, 2.0]],
    "rank one": [[1.0, 2.0], [2.0, 4.0]],
    "repeated": [[0.0, 2.0], [-2.0, 0.0]],
}


@pytest.mark.parametrize("norm", SOLVED, ids=str)
@pytest.mark.parametrize("name", MATRICES)
def test_convex_program(norm, name):
    check_against_oracle(norm, np.array(MATRICES[name]), radii=(0.4,))


@pytest.mark.parametrize("norm", ALL, ids=str)
def test_zero_nan_and_rho(norm):
    check_zero_and_nan(norm, np.array(MATRICES["wide"]))
    check_rho(norm, (2, 3), np.random.default_rng(0))
    check_rho(norm, (3, 2), np.random.default_rng(0))


@pytest.mark.parametrize(
    ("norm", "of_values"),
    [
        (ntr.Schatten(3), lambda s: np.sum(s**3) ** (1 / 3)),
        (ntr.Schatten(3).dual, lambda s: np.sum(s**1.5) ** (1 / 1.5)),
        (ntr.KyFan(2), lambda s: np.sum(s[:2])),
        (ntr.KyFan(2).dual, lambda s: max(s[0], np.sum(s) / 2)),
        (ntr.Frobenius(), lambda s: np.sqrt(np.sum(s**2))),
    ],
    ids=["Schatten", "Schatten dual", "KyFan", "KyFan dual", "Frobenius"],
)
def test_values_are_gauges_of_singular_values(norm, of_values):
    x = np.random.default_rng(1).normal(size=(4, 3))
    assert norm(x) == pytest.approx(of_values(np.linalg.svd(x, compute_uv=False)), rel=1e-13)


@pytest.mark.parametrize("norm", ALL, ids=str)
def test_no_random_point_of_the_ball_beats_the_lmo(norm):
    rng = np.random.default_rng(2)
    g = rng.normal(size=(3, 2))
    best = np.sum(g * norm.lmo(g))
    assert norm(norm.lmo(g)) <= 1 + 1e-12
    assert best == pytest.approx(-norm.dual(g), rel=1e-12)
    for _ in range(200):
        v = rng.normal(size=(3, 2))
        assert np.sum(g * v) / norm(v) >= best - 1e-12


def test_spectral_lmo_is_the_polar_factor_of_the_nonzero_part():
    assert not np.any(ntr.Spectral().lmo(np.zeros((2, 3))))
    np.testing.assert_allclose(ntr.Spectral().lmo(np.ones((2, 2))), -np.ones((2, 2)) / 2, atol=1e-15)
    g = np.random.default_rng(3).normal(size=(5, 3))
    v = ntr.Spectral().lmo(g)
    np.testing.assert_allclose(v.T @ v, np.eye(3), atol=1e-14)


def test_spectral_lmo_keeps_small_directions():
    # Muon raises small singular values to one; only those lost in rounding may be dropped.
    g = np.diag([1.0, 1e-10, 1e-14])
    np.testing.assert_allclose(ntr.Spectral().lmo(g), -np.eye(3), atol=1e-12)
    blunt = ntr.Spectral(polar=ntr.polar.SVD(cutoff=1e-6))
    np.testing.assert_allclose(blunt.lmo(g), -np.diag([1.0, 0.0, 0.0]), atol=1e-12)


def test_nuclear_lmo_has_rank_one():
    v = ntr.Nuclear().lmo(np.random.default_rng(4).normal(size=(4, 4)))
    assert np.linalg.svd(v, compute_uv=False)[1] < 1e-14


def test_rms_operator_measures_root_mean_squares():
    rng = np.random.default_rng(5)
    w = rng.normal(size=(3, 8))
    bound = float(ntr.RMSOperator()(w))

    def rms(v):
        return np.sqrt(np.mean(v**2))

    ratios = [rms(w @ v) / rms(v) for v in rng.normal(size=(500, 8))]
    top = np.linalg.svd(w)[2][0]
    assert max(ratios) <= bound
    assert rms(w @ top) / rms(top) == pytest.approx(bound, rel=1e-13)


def test_projection_leaves_inner_points_exactly_alone():
    x = np.random.default_rng(6).normal(size=(4, 3))
    for norm in ALL:
        if norm.has_projection:
            np.testing.assert_allclose(norm.project(x, 1e3), x, rtol=1e-15)


def test_stacks_agree_with_single_points():
    x = np.random.default_rng(7).normal(size=(4, 2, 3))
    xp, radii = namespace_of(x), np.array([0.1, 0.5, 1.0, 9.0])
    for norm in ALL:
        values, lmos = apply_value(norm, x, xp, 1), apply_lmo(norm, x, 1.0, xp, 1)
        nearest = apply_project(norm, x, radii, xp, 1) if norm.has_projection else None
        for i in range(4):
            np.testing.assert_allclose(values[i], norm(x[i]), rtol=1e-13)
            np.testing.assert_allclose(lmos[i], norm.lmo(x[i]), atol=1e-13)
            if nearest is not None:
                np.testing.assert_allclose(nearest[i], norm.project(x[i], radii[i]), atol=1e-13)


def test_duals_come_back_under_their_own_names():
    for norm in ALL:
        assert norm.dual.dual in (norm, ntr.SingularValueNorm(ntr.L2()))
    assert ntr.SingularValueNorm(ntr.L1()).dual == ntr.Spectral()


def test_claims_hold_for_the_instance():
    assert ntr.Claim.STRICTLY_CONVEX in ntr.Schatten(3).claims
    assert ntr.Claim.STRICTLY_CONVEX not in ntr.Spectral().claims
    assert ntr.Claim.EUCLIDEAN in ntr.SingularValueNorm(ntr.L2()).claims


@pytest.mark.parametrize("shape", [(3,), (2, 3, 4), ()])
def test_other_ranks_are_refused_with_a_remedy(shape):
    with pytest.raises(ntr.InputError, match=r"Spectral.lmo: expected a matrix \(2 axes\); wrap the norm in Stacked"):
        ntr.Spectral().lmo(np.ones(shape))
    with pytest.raises(ntr.InputError, match=r"Frobenius.norm: expected a matrix"):
        ntr.Frobenius()(np.ones(shape))


def test_wrong_parameters_are_refused():
    with pytest.raises(ntr.InputError, match=r"Schatten: expected 1 < p < ∞.*Nuclear\(\) for p = 1"):
        ntr.Schatten(1)
    with pytest.raises(ntr.InputError, match=r"KyFan.norm: expected a matrix whose singular values have at least k=3"):
        ntr.KyFan(3)(np.ones((2, 5)))
    with pytest.raises(ntr.InputError, match=r"expected a gauge that claims ABSOLUTE and SYMMETRIC"):
        ntr.SingularValueNorm(ntr.Weighted(ntr.L1(), [1, 2]))
    with pytest.raises(ntr.InputError, match=r"SVD: expected 0 ≤ cutoff < 1"):
        ntr.polar.SVD(cutoff=1.0)


def test_infinite_entries_do_not_raise():
    assert np.isnan(ntr.Spectral()(np.array([[np.inf, 1.0]])))
