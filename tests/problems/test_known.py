"""What the theorems get from a problem, families with the constants asked for, and what is refused."""

import dataclasses

import numpy as np
import pytest

import ntr_spec as ntr
from ntr_spec import problems
from ntr_spec.trees import leaves, tree_map
from tests.problems.cases import CASES, norms


@pytest.fixture(params=CASES, ids=list(CASES))
def problem(request):
    return CASES[request.param]()


def test_constants_are_put_together(problem):
    norm = norms(problem)[1]
    found = problem.constants(norm)
    known = problem.known(norm)
    assert known["L"].value == found.L
    assert found.rho == norm.rho(tree_map(lambda leaf: leaf.shape, problem.x0))
    assert found.delta0 == pytest.approx(problem.objective(problem.x0) - problem.infimum)
    if problem.minimizer is None or not problem.star_convex:
        assert found.D is None
    else:
        assert max(float(norm(problem.x0)), float(norm(problem.minimizer))) == found.D
        assert problem.constants(norm, radius=2 * found.D).D == 2 * found.D
        with pytest.raises(ntr.InputError, match="a radius of at least max"):
            problem.constants(norm, radius=found.D / 2)
    assert found.sigma == (0.5 if isinstance(problem, problems.Noisy) else 0.0)
    assert problem.constants(norm, problems.OneEntry(0.25)).sigma == 0.25


def test_noise_in_the_dual_norm_replaces_rho_and_sigma():
    problem = CASES["star-convex"]()
    found = problem.constants(ntr.L1(), problems.OneEntry(0.5), kappa=1.5)
    assert (found.sigma_dual, found.kappa, found.sigma, found.rho) == (0.5, 1.5, None, None)
    assert found.noise == 0.75


def test_mini_batches_leave_sigma_unknown():
    problem = dataclasses.replace(CASES["softmax"](), batch=2)
    assert problem.constants(norms(problem)[0]).sigma is None


def test_constants_survive_the_move_to_another_library(problem):
    pytest.importorskip("torch")
    there = problem.to("torch", "float32")
    norm = norms(problem)[0]
    ours, theirs = problem.constants(norm), there.constants(norm)
    for name in ("L", "H", "rho", "delta0", "D"):
        a, b = getattr(ours, name), getattr(theirs, name)
        assert (a is None) == (b is None), name
        assert a is None or b == pytest.approx(a, rel=1e-4, abs=1e-6), name
    if there.minimizer is not None:
        assert {str(leaf.dtype) for leaf in leaves(there.minimizer)} == {"torch.float32"}


def test_a_norm_without_rho_leaves_constants_out():
    @dataclasses.dataclass(frozen=True)
    class Plain(ntr.Norm):
        def _value(self, x, xp):
            return xp.max(xp.abs(x))

        def _lmo(self, g, xp):
            return -xp.sign(g)

    problem = CASES["star-convex"]()
    assert problem.known(Plain()) == {}
    found = problem.constants(Plain())
    assert (found.L, found.H, found.rho) == (None, None, None)
    with pytest.raises(ntr.InputError, match="needs rho, L, H"):
        found.require("T4", ("rho", "L", "H"))
    with pytest.raises(ntr.NotDeclaredError, match="declares no rho"):
        problems.separable(problems.Square(), 3, Plain())


@pytest.mark.parametrize("norm", [ntr.L1(), ntr.LInf(), ntr.Spectral(), ntr.Schatten(3)], ids=str)
def test_families_have_the_constants_asked_for(norm):
    problem = problems.separable(problems.LogCosh(), (4, 3), norm, L=3.0, H=0.7, seed=1)
    known = problem.known(norm)
    assert known["L"].value == pytest.approx(3.0)
    assert known["H"].value == pytest.approx(0.7)
    assert known["L"].tight
    assert known["H"].tight
    again = problems.separable(problems.LogCosh(), (4, 3), norm, L=3.0, H=0.7, seed=1)
    assert np.array_equal(again.x0, problem.x0)
    assert not np.array_equal(problems.separable(problems.LogCosh(), (4, 3), norm, seed=2).x0, problem.x0)


@pytest.mark.parametrize("norm", [None, ntr.L1(), ntr.LInf(), ntr.Ellipsoidal(np.diag([1.0, 2, 3, 4]))], ids=str)
@pytest.mark.parametrize("diagonal", [False, True])
def test_quadratics_have_the_constant_and_the_spectrum_asked_for(norm, diagonal):
    problem = problems.quadratic(4, 50.0, norm, L=2.5, diagonal=diagonal, seed=3)
    found = problem.known(ntr.L2() if norm is None else norm)["L"]
    assert found.value == pytest.approx(2.5)
    assert found.tight
    values = np.linalg.eigvalsh(problem.matrix)
    assert values[-1] / values[0] == pytest.approx(50.0)
    assert np.diff(np.log(values)) == pytest.approx(np.log(50.0) / 3)
    assert bool(np.any(problem.matrix - np.diag(np.diagonal(problem.matrix)))) != diagonal
    assert problems.quadratic(1).matrix.tolist() == [[1.0]]


def test_matrix_regressions_have_the_spectrum_asked_for():
    problem = problems.matrix_regression(4, 2, 9, condition=20.0, noise=0.0, seed=2)
    values = np.linalg.eigvalsh(problem.features.T @ problem.features / 9)
    assert values == pytest.approx(np.geomspace(1 / 20, 1, 4))
    assert problem.infimum == pytest.approx(0, abs=1e-28)
    assert problems.matrix_regression(4, 2).infimum > 1e-4


EYE = np.eye(2)
BAD = [
    (lambda: problems.quadratic(3, 0.5), "a condition of at least 1"),
    (lambda: problems.quadratic(3, L=0.0), "L > 0"),
    (lambda: problems.quadratic(-1), "a shape of positive sizes"),
    (lambda: problems.matrix_regression(3, 2, 2), "at least 3 examples"),
    (lambda: problems.matrix_regression(3, 2, noise=-1.0), "noise ≥ 0"),
    (lambda: problems.matrix_regression(3, 0), "a shape of positive sizes"),
    (lambda: CASES["matrix"]().known(ntr.Product({"W": ntr.L2()})), "Product.known: expected"),
    (lambda: CASES["quadratic"]().known(ntr.Spectral()), "a matrix"),
    (lambda: CASES["quadratic"]().known(ntr.OWL([2, 1])), "2 entries"),
    (lambda: CASES["quadratic"]().hessian_vector(np.zeros(3), np.zeros(2)), "start from problem.x0"),
    (lambda: CASES["quadratic"]().hessian_vector(np.zeros(2), np.zeros(3)), "start from problem.x0"),
    (lambda: CASES["quadratic"]().constants(ntr.L2(), radius=float("nan")), "a radius of at least"),
    (lambda: CASES["quadratic"]().constants(ntr.L2(), radius=float("inf")), "a radius of at least"),
    (lambda: problems.Separable(problems.Softplus(), np.zeros(2), np.zeros(2)), "least at 0"),
    (lambda: problems.Separable(problems.Square(), np.zeros(2), np.zeros(3)), "make the shapes agree"),
    (lambda: problems.Separable(problems.Square(), np.zeros(2), np.zeros(2), height=0.0), "positive finite height"),
    (lambda: problems.Separable(problems.Square(), np.zeros(2), np.zeros(2), width=-1.0), "positive finite width"),
    (lambda: problems.Cosine(1.6), "0 ≤ a ≤ 3/2"),
    (lambda: problems.Cosine(float("nan")), "0 ≤ a ≤ 3/2"),
    (lambda: problems.separable(problems.Square(), 3, H=1.0), "leave H out"),
    (lambda: problems.separable(problems.Wave(), 3, L=-1.0), "positive finite L"),
    (lambda: problems.separable(problems.Wave(), 0), "a shape of positive sizes"),
    (lambda: problems.MatrixRegression(EYE, np.ones((3, 2))), "features n×m and targets n×k"),
    (lambda: problems.MatrixRegression(EYE, EYE, np.ones((3, 2))), "expected x0 m×k"),
    (lambda: problems.MatrixRegression(0 * EYE, EYE), "not all zero"),
    (lambda: problems.LinearModel(problems.Cauchy(), EYE, np.ones(3)), "features n×d and n targets"),
    (lambda: problems.LinearModel(problems.Cauchy(), 0 * EYE, np.ones(2)), "not all zero"),
    (lambda: problems.LinearModel(problems.Cauchy(), EYE, np.ones(2), -1.0), "weight of at least 0"),
    (lambda: problems.LinearModel(problems.Cauchy(), EYE, np.ones(2), x0=np.ones(3)), "x0 of size 2"),
    (lambda: problems.logistic_regression(EYE, np.asarray([1.0, 0.0])), "a sign, 1 or −1"),
    (lambda: problems.logistic_regression(EYE, np.ones(3)), "a sign, 1 or −1"),
    (lambda: problems.robust_regression(0, 3), "size and examples of at least 1"),
    (lambda: problems.robust_regression(2, 3, outliers=2.0), "a share of outliers"),
    (lambda: problems.Noisy(problems.Rosenbrock(), problems.Sphere(1.0)), "expected a Known"),
    (lambda: problems.Noisy(problems.Quadratic(), 1.0), "expected a Noise"),
    (lambda: problems.SparseLogistic(problems.Samples(EYE, np.zeros(2)), problems.Samples(EYE, np.ones(2))), "1 or −1"),
]


@pytest.mark.parametrize(("make", "message"), BAD, ids=[message for _, message in BAD])
def test_bad_input_is_named(make, message):
    with pytest.raises(ntr.NtrError, match=message) as caught:
        make()
    assert "\n" not in str(caught.value)
