"""The judge knows singular values from another source than the solvers, and believes nobody."""

import numpy as np
import pytest

from ntr_spec.bench.judge import Judge, Truth
from ntr_spec.bench.matrices import CONDITION, SPECTRA, matrices
from ntr_spec.errors import InputError
from tests.bench.fakes import with_values

VALUES = [3.0, 2.0, 1.0, 0.0]
SHAPES = [(6, 4), (4, 6), (4, 4)]


def factor(x):
    """U·Vᵀ without the directions of value zero, by numpy alone."""
    u, s, vh = np.linalg.svd(x, full_matrices=False)
    return (u * (s > 1e-12)) @ vh


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("stretch", "delta"), [(1.0, 0.0), (0.9, 0.1), (0.5, 0.5), (0.0, 1.0)])
def test_delta_of_a_shrunk_factor_is_what_it_was_shrunk_by(shape, stretch, delta):
    g = with_values(VALUES, *shape)
    truth = Judge("spectral", g)(-stretch * factor(g))
    assert truth.size == pytest.approx(stretch, abs=1e-14)
    assert truth.delta == pytest.approx(delta, abs=1e-14)
    assert truth.held(min(1.0, delta + 1e-13))
    assert not truth.held(delta - 1e-9)


def test_a_result_of_zero_is_as_bad_as_can_be_and_cannot_be_rescaled():
    assert Judge("spectral", with_values(VALUES, 6, 4))(np.zeros((6, 4))).rescaled == 1.0


def test_an_infeasible_result_never_holds_however_large_its_delta():
    g = with_values(VALUES, 6, 4)
    truth = Judge("spectral", g)(-(1 + 1e-9) * factor(g))
    assert truth.delta < 0
    assert not any(truth.held(delta) for delta in (0.0, 0.5, 1.0))
    assert truth.rescaled == pytest.approx(0.0, abs=1e-13)


def test_rescaling_divides_by_the_norm_of_the_result():
    g = with_values(VALUES, 6, 4)
    u, _, vh = np.linalg.svd(g, full_matrices=False)
    truth = Judge("spectral", g)(-(u * [1.2, 0.6, 0.9, 0.0]) @ vh)
    assert truth.rescaled == pytest.approx(1 - (3 * 1.2 + 2 * 0.6 + 0.9) / (1.2 * 6), abs=1e-13)


@pytest.mark.parametrize("shape", SHAPES)
def test_nuclear_balls_are_judged_by_the_largest_singular_value(shape):
    g = with_values(VALUES, *shape)
    u, _, vh = np.linalg.svd(g, full_matrices=False)
    judge = Judge("nuclear", g)
    assert judge(-np.outer(u[:, 0], vh[0])).delta == pytest.approx(0.0, abs=1e-14)
    assert judge(-np.outer(u[:, 1], vh[1])).delta == pytest.approx(1 / 3, abs=1e-14)
    assert judge(-factor(g)).size == pytest.approx(3.0, abs=1e-13)


def test_of_a_stack_the_worst_counts():
    stack = np.stack([with_values(VALUES, 6, 4, seed) for seed in range(3)])
    v = -np.stack([factor(x) * c for x, c in zip(stack, (1.0, 0.5, 0.75), strict=True)])
    truth = Judge("spectral", stack)(v)
    assert (truth.size, truth.delta) == pytest.approx((1.0, 0.5), abs=1e-13)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("geometry", ["spectral", "nuclear"])
def test_nan_and_infinity_never_hold(bad, geometry):
    g = with_values(VALUES, 6, 4)
    v = -factor(g)
    v[0, 0] = bad
    assert not Judge(geometry, g)(v).held(1.0)
    assert not Judge(geometry, g)(-0.1 * factor(g)).held(np.nan)
    assert not Judge(geometry, g)(-0.1 * factor(g)).held(1.5)


def test_a_delta_outside_of_0_to_1_never_holds():
    truth = Truth(size=1.0, delta=-0.5, rescaled=-0.5, allowance=0.0)
    assert [truth.held(delta) for delta in (-0.1, 0.0, 1.0, 1.1)] == [False, True, True, False]


def test_zero_is_best_at_zero():
    truth = Judge("spectral", np.zeros((3, 2)))(np.zeros((3, 2)))
    assert truth.held(0.0)


def test_a_norm_without_a_judge_is_refused():
    with pytest.raises(InputError, match="--norm frobenius: expected one of spectral, nuclear"):
        Judge("frobenius", np.ones((2, 2)))


@pytest.mark.parametrize("shape", [(12, 8), (8, 12), (3, 8, 8)])
def test_matrices_have_the_singular_values_that_they_are_named_for(shape):
    geometric = np.linalg.svd(matrices("geometric", shape), compute_uv=False)
    assert geometric[..., 0] == pytest.approx(1.0)
    assert geometric[..., -1] == pytest.approx(1 / CONDITION, rel=1e-6)
    assert np.all(np.linalg.matrix_rank(matrices("lowrank", shape)) == 2)
    assert matrices("gaussian", shape).shape == shape


@pytest.mark.parametrize("spectrum", SPECTRA)
def test_matrices_follow_the_seed(spectrum):
    assert np.array_equal(matrices(spectrum, (5, 4), 1), matrices(spectrum, (5, 4), 1))
    assert not np.array_equal(matrices(spectrum, (5, 4), 1), matrices(spectrum, (5, 4), 2))
