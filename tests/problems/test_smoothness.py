"""L and H of every problem: never exceeded by draws or ascent, and attained where they are said to be."""

import numpy as np
import pytest
import scipy.optimize

import ntr_spec as ntr
from ntr_spec import problems
from ntr_spec.trees import tree_map
from tests.problems.cases import CASES, norms
from tests.problems.oracle import ascend, drawn, flat, moved


@pytest.fixture(params=CASES, ids=list(CASES))
def problem(request):
    return CASES[request.param]()


def where_steepest(problem):
    """Points at which the class says that the bound is reached, or nearly."""
    x = problem.x0
    if isinstance(problem, problems.SoftmaxRegression):
        b = np.full(x["b"].shape, -60.0)
        b[:2] = 0.0
        return [{"W": 0 * x["W"], "b": b}]
    if isinstance(problem, problems.LinearModel | problems.SparseLogistic):
        fit = [np.linalg.lstsq(problem.features, problem.targets)[0]] if hasattr(problem, "features") else []
        return [tree_map(lambda leaf: 0 * leaf, x), *fit]
    return [problem.minimizer]


def hessian_size(problem, norm, x, rng):
    """sup ‖∇²f(x)u‖_* over the unit ball, from below."""

    def value(u):
        return float(norm.dual(problem.hessian_vector(x, u)))

    def slope(u):
        return problem.hessian_vector(x, tree_map(lambda leaf: -leaf, norm.lmo(problem.hessian_vector(x, u))))

    return ascend(norm, slope, value, problem.x0, rng, count=3)


def test_smoothness_holds_and_is_attained_where_it_is_said_to_be(problem):
    rng = np.random.default_rng(4)
    seen = 0
    for norm in norms(problem):
        L = problem.known(norm).get("L")
        if L is None:
            continue
        for size in (0.1, 1.0, 5.0):
            x, y = (tree_map(lambda leaf, s=size: s * leaf, drawn(problem.x0, rng)) for _ in range(2))
            change = moved(problem.value_and_gradient(x)[1], -1.0, problem.value_and_gradient(y)[1])
            assert float(norm.dual(change)) <= L.value * float(norm(moved(x, -1.0, y))) * (1 + 1e-9), norm
        reached = max(hessian_size(problem, norm, x, rng) for x in where_steepest(problem))
        assert reached <= L.value * (1 + 1e-9), (norm, L)
        if L.tight:
            assert reached == pytest.approx(L.value, rel=1e-6), (norm, L)
            seen += 1
    assert seen or isinstance(problem, problems.LinearModel)


def test_second_order_smoothness_holds(problem):
    rng = np.random.default_rng(5)
    for norm in norms(problem):
        H = problem.known(norm).get("H")
        if H is None:
            continue
        for size in (0.05, 0.5, 3.0):
            x = drawn(problem.x0, rng)
            for way in (drawn(problem.x0, rng), tree_map(np.sign, drawn(problem.x0, rng))):
                v = tree_map(lambda leaf, s=size: s * leaf, way)
                error = moved(
                    moved(problem.value_and_gradient(moved(x, 1.0, v))[1], -1.0, problem.value_and_gradient(x)[1]),
                    -1.0,
                    problem.hessian_vector(x, v),
                )
                assert float(norm.dual(error)) <= H.value / 2 * float(norm(v)) ** 2 * (1 + 1e-9) + 1e-13, norm


WHERE = {  # where |φ‴| is largest
    problems.Cosine: np.pi / 2,
    problems.Wave: np.pi / 2,
    problems.LogCosh: np.arctanh(1 / np.sqrt(3)),
    problems.Cauchy: np.tan(np.pi / 8),
    problems.Welsch: np.sqrt(3 - np.sqrt(6)),
}


@pytest.mark.parametrize("name", ["star-convex", "star-convex matrix", "wave tree", "cauchy", "welsch", "log cosh"])
def test_second_order_smoothness_of_separable_problems_is_attained(name):
    problem, rng = CASES[name](), np.random.default_rng(6)
    far = WHERE[type(problem.scalar)] * problem.width
    tight = 0
    for norm in norms(problem):
        H = problem.known(norm)["H"]
        if not H.tight:
            assert isinstance(norm, ntr.Ellipsoidal | ntr.Linear), norm
            continue
        # The u that reaches farthest in ℓ₃, and x with φ‴(xᵢ) of the sign of uᵢ.
        best = 0.0

        def remember(u):
            nonlocal best
            best = max(best, twisted(u) if float(norm(u)) > 1 - 1e-9 else 0.0)  # noqa: B023
            return float(np.sum(np.abs(flat(u)) ** 3))

        def twisted(u, norm=norm):
            x = tree_map(lambda t, p: t + far * np.sign(p), problem.target, u)
            h = 1e-4 * problem.width
            ends = [problem.hessian_vector(moved(x, t, u), u) for t in (h, -h)]
            return float(norm.dual(moved(ends[0], -1.0, ends[1]))) / (2 * h)

        ascend(norm, lambda u: tree_map(lambda p: p * np.abs(p), u), remember, problem.x0, rng, count=1)
        assert best == pytest.approx(H.value, rel=1e-5), norm
        tight += 1
    assert tight >= 5


@pytest.mark.parametrize("scalar", [*WHERE, problems.Square, problems.Softplus], ids=lambda kind: kind.__name__)
def test_scalar_functions_are_bounded_as_they_say(scalar):
    phi, xp = scalar(), np
    t = np.linspace(-30, 30, 600_001)
    bend = phi.bend(t, xp)
    assert np.abs(bend).max() <= phi.curvature * (1 + 1e-12)
    assert float(phi.bend(np.zeros(1), xp)[0]) == phi.curvature
    third = np.diff(bend) / np.diff(t)
    assert np.abs(third).max() <= phi.third * (1 + 1e-9) + 1e-10
    assert np.abs(third).max() == pytest.approx(phi.third, rel=1e-6, abs=1e-9)
    assert (phi.value(t, xp) >= 0).all()
    assert (bend >= 0).all() == phi.convex
    if phi.centred:
        assert float(phi.value(np.zeros(1), xp)[0]) == 0
        assert (t * phi.slope(t, xp) - phi.value(t, xp) >= -1e-12).all() == phi.star_convex


@pytest.mark.parametrize("scalar", [problems.Cauchy, problems.Softplus, problems.LogCosh])
def test_second_order_smoothness_of_a_linear_model_is_attained_in_l1_where_examples_are_independent(scalar):
    rng = np.random.default_rng(12)
    A, b = rng.normal(size=(2, 3)), rng.normal(size=2)
    problem = problems.LinearModel(scalar(), A, b, weight=0.3)
    H = problem.known(ntr.L1())["H"]
    assert H.tight
    i = int(np.argmax(np.mean(np.abs(A) ** 3, axis=0)))
    far = WHERE.get(scalar, np.log(2 + np.sqrt(3)))  # for the logistic loss where p = ½ ± 1/√12
    found = 0.0
    for sign in (1.0, -1.0):
        x = np.linalg.lstsq(A, b + sign * far * np.sign(A[:, i]))[0]
        ends = [problem.hessian_vector(x + t * np.eye(3)[i], np.eye(3)[i]) for t in (1e-4, -1e-4)]
        found = max(found, float(np.abs(ends[0] - ends[1]).max()) / 2e-4)
    assert found == pytest.approx(H.value, rel=1e-6)
    many = problems.LinearModel(scalar(), rng.normal(size=(5, 3)), rng.normal(size=5))
    assert not many.known(ntr.L1())["H"].tight


def test_the_largest_third_central_moment_is_that_of_softmax():
    """sup E(z − Ez)³ over probabilities p and ‖z‖₂ = 1, by ascent, and at p = ½ ± 1/√12 on z = (1, −1)/√2."""
    from ntr_spec.problems.softmax import THIRD

    rng, best = np.random.default_rng(13), 0.0
    for classes in (2, 3, 5):
        for _ in range(6):

            def moment(q, k=classes):
                p, z = np.exp(q[:k] - q[:k].max()), q[k:] / np.linalg.norm(q[k:])
                p = p / p.sum()
                return -float(p @ (z - p @ z) ** 3)

            best = max(best, -scipy.optimize.minimize(moment, rng.normal(size=2 * classes)).fun)
            assert best <= THIRD * (1 + 1e-9)
    assert best == pytest.approx(THIRD, rel=1e-6)
    # And so H is nearly reached by two classes on a single example far from 0, where W and b do not matter apart.
    one = problems.Samples(np.asarray([[30.0]]), np.asarray([[1.0, 0.0]]))
    problem = problems.SoftmaxRegression(one, one)
    norm = ntr.PerLeaf(ntr.L2(), outer=ntr.L2())
    u = {"W": np.asarray([[30.0], [-30.0]]), "b": np.asarray([1.0, -1.0])}
    size = float(norm(u))
    u = tree_map(lambda leaf: leaf / size, u)
    x = {"W": np.zeros((2, 1)), "b": np.asarray([np.log(2 + np.sqrt(3)), 0.0])}
    ends = [problem.hessian_vector(moved(x, t, u), u) for t in (1e-6, -1e-6)]
    reached = float(norm.dual(moved(ends[0], -1.0, ends[1]))) / 2e-6
    assert reached == pytest.approx(problem.known(norm)["H"].value, rel=1e-5)
