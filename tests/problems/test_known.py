"""Problems that know their constants: derivatives, L and H against ascent and draws, minimisers against SciPy."""

import dataclasses

import numpy as np
import pytest
import scipy.optimize

import ntr_spec as ntr
from ntr_spec import problems
from ntr_spec.problems.known import on_host
from ntr_spec.trees import leaves, tree_map
from tests.problems.cases import CASES, norms
from tests.problems.oracle import ascend, dot, drawn, filled


@pytest.fixture(params=CASES, ids=list(CASES))
def problem(request):
    return CASES[request.param]()


def moved(x, t, v):
    return tree_map(lambda a, b: a + t * b, x, v)


def flat(tree):
    return np.concatenate([np.ravel(leaf) for leaf in leaves(tree)])


def test_derivatives_are_those_of_differences(problem):
    rng = np.random.default_rng(0)
    for _ in range(4):
        x, v, u = (drawn(problem.x0, rng) for _ in range(3))
        h = 1e-5
        ahead, behind = (problem.value_and_gradient(moved(x, t, v)) for t in (h, -h))
        assert float(ahead[0] - behind[0]) / (2 * h) == pytest.approx(
            dot(problem.value_and_gradient(x)[1], v), rel=1e-6, abs=1e-8
        )
        product = problem.hessian_vector(x, v)
        assert flat(product) == pytest.approx((flat(ahead[1]) - flat(behind[1])) / (2 * h), rel=1e-6, abs=1e-8)
        assert dot(product, u) == pytest.approx(dot(problem.hessian_vector(x, u), v), rel=1e-12)  # it is symmetric


def test_the_hessian_is_that_of_torch(problem):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(1)
    x, v = drawn(problem.x0, rng), drawn(problem.x0, rng)
    there = problem.to("torch")
    points, ways = ([torch.tensor(leaf) for leaf in leaves(tree)] for tree in (x, v))

    def value(*parts):
        each = iter(parts)
        return there.value_and_gradient(tree_map(lambda _: next(each), there.x0))[0]

    _, theirs = torch.autograd.functional.hvp(value, tuple(points), tuple(ways))
    assert np.concatenate([t.numpy().ravel() for t in theirs]) == pytest.approx(
        flat(problem.hessian_vector(x, v)), rel=1e-10, abs=1e-12
    )
    each = iter(ways)
    ours = there.hessian_vector(there.x0, tree_map(lambda _: next(each), there.x0))
    assert flat(tree_map(lambda leaf: leaf.numpy(), ours)) == pytest.approx(
        flat(problem.hessian_vector(problem.x0, v)), rel=1e-12, abs=1e-14
    )


@pytest.mark.parametrize("name", ["matrix", "logistic", "softmax", "sparse", "star-convex matrix", "welsch"])
def test_the_hessian_is_that_of_jax_and_compiles(name):
    jax = pytest.importorskip("jax")
    problem = CASES[name]()
    there = problem.to("jax", "float32")
    x = tree_map(lambda leaf: jax.numpy.asarray(leaf, "float32"), drawn(problem.x0, np.random.default_rng(2)))
    v = tree_map(lambda leaf: jax.numpy.asarray(leaf, "float32"), drawn(problem.x0, np.random.default_rng(3)))
    _, theirs = jax.jvp(jax.grad(lambda y: there.value_and_gradient(y)[0]), (x,), (v,))
    ours = jax.jit(there.hessian_vector)(x, v)
    assert {leaf.dtype.name for leaf in leaves(ours)} == {"float32"}
    assert flat(on_host(ours)) == pytest.approx(flat(on_host(theirs)), rel=1e-3, abs=1e-4)


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


# ---- minimisers ------------------------------------------------------------------------------------------------------


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


# ---- what the theorems get -------------------------------------------------------------------------------------------


def test_constants_are_put_together(problem):
    norm = norms(problem)[1]
    found = problem.constants(norm)
    known = problem.known(norm)
    assert known["L"].value == found.L
    assert found.rho == norm.rho(tree_map(lambda leaf: leaf.shape, problem.x0))
    assert found.delta0 == pytest.approx(problem.objective(problem.x0) - problem.infimum)
    if problem.minimizer is None:
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


EYE = np.eye(2)
BAD = [
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
