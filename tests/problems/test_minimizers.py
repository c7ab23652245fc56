"""Minimisers and infima against SciPy, star-convexity along rays, and problems that have no minimiser."""

import numpy as np
import pytest
import scipy.optimize

import ntr_spec as ntr
from ntr_spec import problems
from ntr_spec.trees import tree_map
from tests.problems.cases import CASES
from tests.problems.oracle import drawn, filled, flat, moved


@pytest.fixture(params=CASES, ids=list(CASES))
def problem(request):
    return CASES[request.param]()


def test_minimizers_are_those_of_scipy(problem):
    best = problem.minimizer
    rng = np.random.default_rng(7)
    if best is None:
        assert isinstance(problem, problems.SparseLogistic) or problem.infimum == 0
    else:
        assert problem.objective(best) == pytest.approx(problem.infimum, rel=1e-13, abs=1e-15)
        assert np.abs(flat(problem.value_and_gradient(best)[1])).max() < 1e-13

    def function(z):
        value, gradient = problem.value_and_gradient(filled(z, problem.x0))
        return float(value), flat(gradient)

    least = np.inf
    for k in range(4):
        start = flat(problem.x0 if best is None else best) + (k + 1) * rng.normal(size=flat(problem.x0).size)
        least = min(least, scipy.optimize.minimize(function, start, jac=True, options={"gtol": 1e-9}).fun)
    assert least >= problem.infimum - 1e-14
    if problem.star_convex and best is not None:
        assert least == pytest.approx(problem.infimum, abs=1e-8)


def test_known_star_convexity_holds_along_rays(problem):
    if not problem.star_convex or problem.minimizer is None:
        return
    rng = np.random.default_rng(8)
    best = problem.minimizer
    for size in (0.3, 2.0, 6.0):
        x = moved(best, size, drawn(problem.x0, rng))
        for beta in (0.1, 0.5, 0.9):
            between = tree_map(lambda a, b, t=beta: t * a + (1 - t) * b, best, x)
            bound = beta * problem.objective(best) + (1 - beta) * problem.objective(x)
            assert problem.objective(between) <= bound + 1e-12 * (1 + abs(bound))


def test_logistic_regression_on_separable_data_has_no_minimizer():
    rng = np.random.default_rng(9)
    features = rng.normal(size=(30, 3))
    signs = np.sign(features @ np.ones(3))
    problem = problems.logistic_regression(features, signs)
    assert problem.minimizer is None
    assert problem.infimum == 0
    assert problem.constants(ntr.L2()).D is None
    # Examples on the boundary only: still none, as the third row can be fitted better and better.
    edge = problems.logistic_regression(np.asarray([[1.0, 0], [1, 0], [1, 1]]), np.asarray([1.0, -1.0, 1.0]))
    assert edge.minimizer is None
    assert problems.logistic_regression(features, signs, 1e-6).minimizer is not None
    held = problems.Samples(features, np.stack([signs > 0, signs < 0], axis=1) * 1.0)
    assert problems.SoftmaxRegression(held, held).minimizer is None
    assert problems.SoftmaxRegression(held, held, weight=1e-3).minimizer is not None


def test_two_classes_are_logistic_regression():
    """softmax of two classes with weight w is logistic in W₁ − W₂ with weight w/2."""
    rng = np.random.default_rng(10)
    features, signs = rng.normal(size=(25, 3)), rng.choice([-1.0, 1.0], size=25)
    data = problems.Samples(features, np.stack([signs > 0, signs < 0], axis=1) * 1.0)
    two = problems.SoftmaxRegression(data, data, weight=0.2)

    def function(z):
        margin = signs * (features @ z[:-1] + z[-1])
        return float(np.mean(np.logaddexp(0, -margin)) + 0.05 * z[:-1] @ z[:-1])

    theirs = scipy.optimize.minimize(function, np.zeros(4), options={"gtol": 1e-9})
    assert two.infimum == pytest.approx(theirs.fun, abs=1e-12)
    W, b = two.minimizer["W"], two.minimizer["b"]
    assert np.append(W[0] - W[1], b[0] - b[1]) == pytest.approx(theirs.x, abs=1e-5)


def test_matrix_regression_with_too_few_examples_is_solved_exactly():
    rng = np.random.default_rng(11)
    problem = problems.MatrixRegression(rng.normal(size=(2, 4)), rng.normal(size=(2, 3)))
    assert problem.infimum == pytest.approx(0, abs=1e-28)
    assert problem.known(ntr.Spectral())["L"].tight
