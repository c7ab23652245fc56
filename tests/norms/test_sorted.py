"""TopK, OWL and their duals against convex programs, and against enumeration of their unit balls' vertices."""

import itertools

import numpy as np
import pytest

import ntr_spec as ntr
from ntr_spec.arrays import namespace_of
from tests.norms.agreement import check_against_oracle, check_rho, check_zero_and_nan

W = [3, 2, 0.5, 0]
NORMS = [
    ntr.TopK(1),
    ntr.TopK(2),
    ntr.TopK(4),
    ntr.TopKDual(2),
    ntr.TopKDual(4),
    ntr.OWL(W),
    ntr.OWL([1, 1, 1, 1]),
    ntr.OWLDual(W),
    ntr.OWLDual([5, 1, 1, 1]),
]
POINTS = [[3.0, -4.0, 1.0, 0.5], [2.0, 2.0, -2.0, 2.0], [0.0, 0.0, 5.0, 0.0], [1.0, 1.0, -3.0, 3.0]]


@pytest.mark.parametrize("norm", NORMS, ids=repr)
@pytest.mark.parametrize("point", POINTS, ids=str)
def test_convex_program(norm, point):
    check_against_oracle(norm, np.array(point), radii=(0.05, 0.4, 0.9))


@pytest.mark.parametrize("norm", NORMS, ids=repr)
def test_zero_nan_and_rho(norm):
    check_zero_and_nan(norm, np.array([1.0, -2.0, 3.0, 0.0]))
    check_rho(norm, (4,), np.random.default_rng(0))


def _sign_vectors(n, count):
    """All vectors with ``count`` entries ±1 and the rest 0."""
    for places in itertools.combinations(range(n), count):
        for signs in itertools.product((1.0, -1.0), repeat=count):
            v = np.zeros(n)
            v[list(places)] = signs
            yield v


def test_owl_dual_is_the_maximum_over_vertices_of_the_ball():
    norm, rng = ntr.OWL(W), np.random.default_rng(2)
    vertices = [v / sum(W[:k]) for k in range(1, 5) for v in _sign_vectors(4, k)]
    for _ in range(20):
        g = rng.normal(size=4)
        assert norm.dual(g) == pytest.approx(max(g @ v for v in vertices), rel=1e-13)


def test_topk_dual_is_the_maximum_over_vertices_of_the_ball():
    norm, rng = ntr.TopK(3), np.random.default_rng(3)
    vertices = [*_sign_vectors(5, 1), *(v / 3 for v in _sign_vectors(5, 5))]
    for _ in range(20):
        g = rng.normal(size=5)
        assert norm.dual(g) == pytest.approx(max(g @ v for v in vertices), rel=1e-13)


def test_topk_is_the_owl_norm_of_ones():
    rng = np.random.default_rng(4)
    for k in (1, 2, 5):
        w = [1.0] * k + [0.0] * (5 - k)
        x = rng.normal(size=5)
        for a, b in ((ntr.TopK(k), ntr.OWL(w)), (ntr.TopKDual(k), ntr.OWLDual(w))):
            assert a(x) == pytest.approx(b(x), rel=1e-14)
            assert a.rho(5) == pytest.approx(b.rho(5), rel=1e-14)
        np.testing.assert_allclose(ntr.TopKDual(k).project(x, 0.3), ntr.OWLDual(w).project(x, 0.3), atol=1e-14)


@pytest.mark.parametrize("k", [1, 2, 3, 7])
def test_topk_projection_is_optimal_on_many_points(k):
    # The variational inequality is an exact certificate; the convex program is too slow for this many.
    norm, rng = ntr.TopK(k), np.random.default_rng(k)
    for _ in range(200):
        x = np.round(rng.normal(size=7) * 3) / 2  # ties and zeros
        radius = float(rng.uniform(0, 4))
        p = norm.project(x, radius)
        assert norm(p) <= radius + 1e-12
        assert radius * norm.dual(x - p) <= (x - p) @ p + 1e-12 * max(1, norm.dual(x))


@pytest.mark.parametrize(
    "norm", [ntr.TopK(2), ntr.TopKDual(2), ntr.OWL([2, 1, 0.5]), ntr.OWLDual([2, 1, 0.5])], ids=repr
)
def test_weighted_rho_is_reached_and_not_passed(norm):
    s = np.array([1.0, 2.5, 0.5])
    rng = np.random.default_rng(5)
    best = 0.0
    rho = float(norm._rho_weighted(s, namespace_of(s)))
    weighted = ntr.Weighted(norm, 1 / s)
    for _ in range(30):
        v = rng.normal(size=3)
        assert norm.dual(s * v) <= rho * np.linalg.norm(v) * (1 + 1e-12)
        for _ in range(40):
            v = -weighted.lmo(v)
        best = max(best, float(np.linalg.norm(v)))
    np.testing.assert_allclose(best, rho, rtol=1e-10)


def test_stacks_agree_with_single_points():
    from ntr_spec.norms.apply import apply_lmo, apply_project, apply_value

    x = np.random.default_rng(6).normal(size=(5, 2, 4))
    xp = namespace_of(x)
    radii = np.linspace(0.1, 1.0, 10).reshape(5, 2)
    for norm in NORMS:
        values, lmos = apply_value(norm, x, xp, 2), apply_lmo(norm, x, 1.0, xp, 2)
        nearest = apply_project(norm, x, radii, xp, 2) if norm.has_projection else None
        for i, j in np.ndindex(5, 2):
            np.testing.assert_allclose(values[i, j], norm(x[i, j]), rtol=1e-14)
            np.testing.assert_allclose(lmos[i, j], norm.lmo(x[i, j]), rtol=1e-14)
            if nearest is not None:
                np.testing.assert_allclose(nearest[i, j], norm.project(x[i, j], radii[i, j]), atol=1e-14)


@pytest.mark.parametrize("k", [0, -1, 1.5, True, "2"])
@pytest.mark.parametrize("make", [ntr.TopK, ntr.TopKDual, ntr.KyFan])
def test_k_is_a_positive_integer(make, k):
    with pytest.raises(ntr.InputError, match=r"expected a positive integer k"):
        make(k)


def test_too_few_entries():
    with pytest.raises(
        ntr.InputError, match=r"TopK.norm: expected at least k=3 entries, or a smaller k; got shape \(2,\)"
    ):
        ntr.TopK(3)(np.ones(2))
    with pytest.raises(ntr.InputError, match=r"OWL.lmo: expected 4 entries, as many as there are weights"):
        ntr.OWL(W).lmo(np.ones(3))


@pytest.mark.parametrize("w", [[1, 2], [1, -1], [0, 0], [[1, 1]], [], [np.nan]])
@pytest.mark.parametrize("make", [ntr.OWL, ntr.OWLDual])
def test_weights_are_ordered(make, w):
    with pytest.raises(ntr.InputError, match=r"OWL"):
        make(w)


def test_notation():
    assert str(ntr.OWL([3, 1, 0])) == "3|x|₍₁₎ + |x|₍₂₎"
    assert str(ntr.OWL([1] * 9)) == "Σ wᵢ|x|₍ᵢ₎"
    assert str(ntr.TopKDual(3)) == "max(‖x‖_∞, ‖x‖₁/3)"
