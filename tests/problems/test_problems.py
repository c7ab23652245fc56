"""Every problem: its gradient against differences, torch's and JAX's; its data; its mini-batches; what it refuses."""

import dataclasses
import subprocess
import sys

import numpy as np
import pytest

import ntr_spec as ntr
from ntr_spec import problems
from ntr_spec.problems.problem import to_host
from ntr_spec.trees import leaves, tree_map

SMALL = {
    "softmax": lambda: dataclasses.replace(problems.digits_softmax(weight=0.1), batch=20),
    "network": lambda: problems.digits_network(hidden=5, batch=20),
    "logistic": lambda: problems.breast_cancer(batch=20),
    "completion": lambda: problems.digits_completion(images=12),
    "quadratic": problems.Quadratic,
    "rosenbrock": problems.Rosenbrock,
}


@pytest.fixture(params=SMALL, ids=list(SMALL))
def problem(request):
    return SMALL[request.param]()


def a_point(problem, seed=0, size=0.5):
    rng = np.random.default_rng(seed)
    return tree_map(lambda leaf: leaf + size * rng.normal(size=leaf.shape), problem.x0)


def apart(a, b):
    """The largest difference, relative to the largest entry."""
    pairs = [(to_host(p), to_host(q)) for p, q in zip(leaves(a), leaves(b), strict=True)]
    return max(np.abs(p - q).max() for p, q in pairs) / max(np.abs(q).max() for _, q in pairs)


@pytest.mark.parametrize("step", [None, 3])
def test_the_gradient_is_that_of_central_differences(problem, step):
    x, rng = a_point(problem), np.random.default_rng(1)

    def value(y):
        return float((problem.value_and_gradient(y) if step is None else problem.stochastic(y, step))[0])

    _, gradient = problem.value_and_gradient(x) if step is None else problem.stochastic(x, step)
    for _ in range(5):
        way = tree_map(lambda leaf: rng.normal(size=leaf.shape), x)
        ahead, behind = (tree_map(lambda p, q, t=t: p + t * q, x, way) for t in (1e-6, -1e-6))
        slope = sum(float(np.sum(p * q)) for p, q in zip(leaves(gradient), leaves(way), strict=True))
        assert (value(ahead) - value(behind)) / 2e-6 == pytest.approx(slope, rel=1e-5, abs=1e-8)


def test_the_gradient_is_that_of_torch(problem):
    torch = pytest.importorskip("torch")
    moved = problem.to("torch")
    x = tree_map(lambda leaf: torch.tensor(leaf, requires_grad=True), a_point(problem))
    value, gradient = moved.value_and_gradient(x)
    value.backward()
    assert apart(gradient, tree_map(lambda leaf: leaf.grad, x)) < 1e-12


def test_the_gradient_is_that_of_jax_and_compiles(problem):
    jax = pytest.importorskip("jax")
    moved = problem.to("jax", "float32")
    x = tree_map(lambda leaf: jax.numpy.asarray(leaf, dtype="float32"), a_point(problem))
    _, gradient = jax.jit(moved.value_and_gradient)(x)
    assert apart(gradient, jax.grad(lambda y: moved.value_and_gradient(y)[0])(x)) < 2e-5


@pytest.mark.parametrize("library", ["torch", "jax"])
def test_another_library_gives_the_same_numbers(problem, library):
    pytest.importorskip(library)
    x = a_point(problem)
    moved = problem.to(library, "float32")
    like = moved.to("numpy").to(library)  # there and back
    y = tree_map(lambda leaf, mine: moved_like(leaf, mine, library), x, like.x0)
    for ours, theirs in (
        (problem.value_and_gradient(x), moved.value_and_gradient(y)),
        (problem.stochastic(x, 7), moved.stochastic(y, 7)),
    ):
        assert float(theirs[0]) == pytest.approx(float(ours[0]), rel=1e-5)
        assert apart(theirs[1], ours[1]) < 1e-4
        assert {str(leaf.dtype).removeprefix("torch.") for leaf in leaves(theirs[1])} == {"float32"}
    assert moved.objective(moved.x0) == pytest.approx(problem.objective(problem.x0), rel=1e-5)
    ours, theirs = problem.metrics(x), moved.metrics(y)
    assert ours.keys() == theirs.keys()
    for name in ours:
        assert theirs[name] == pytest.approx(ours[name], abs=0.011), name  # at most one example on the fence


def moved_like(leaf, mine, library):
    from ntr_spec.arrays import namespace_of

    return namespace_of(mine).asarray(leaf.astype(np.float32))


def test_mini_batches_are_a_function_of_seed_and_step():
    problem = problems.digits_network(hidden=3, batch=8)
    x = problem.x0
    again = problems.digits_network(hidden=3, batch=8)
    assert apart(problem.stochastic(x, 5)[1], again.stochastic(x, 5)[1]) == 0
    assert apart(problem.stochastic(x, 5)[1], problem.stochastic(x, 6)[1]) > 0.01
    other = dataclasses.replace(problem, seed=1)
    assert apart(problem.stochastic(x, 5)[1], other.stochastic(x, 5)[1]) > 0.01
    whole = dataclasses.replace(problem, batch=None)
    assert apart(whole.stochastic(x, 5)[1], problem.value_and_gradient(x)[1]) == 0


def test_mini_batches_are_unbiased():
    problem = dataclasses.replace(problems.digits_softmax(weight=0.0), batch=64)
    x, count = problem.x0, 400
    drawn = [problem.stochastic(x, step)[1]["W"] for step in range(count)]
    error = np.mean(drawn, axis=0) - problem.value_and_gradient(x)[1]["W"]
    assert np.all(np.abs(error) <= 5 * np.std(drawn, axis=0) / np.sqrt(count) + 1e-12)


def test_large_logits_and_margins_do_not_overflow():
    softmax, logistic = problems.digits_softmax(), problems.breast_cancer()
    for problem in (softmax, logistic):
        value, gradient = problem.value_and_gradient(tree_map(lambda leaf: leaf + 1e5, problem.x0))
        assert np.isfinite(value)
        assert all(np.isfinite(leaf).all() for leaf in leaves(gradient))
    poisoned = tree_map(lambda leaf: leaf + np.nan, logistic.x0)
    assert np.isnan(logistic.value_and_gradient(poisoned)[0])


def test_examples_held_back_are_not_in_the_training_set():
    for problem in (problems.digits_softmax(), problems.breast_cancer()):
        train, test = ({row.tobytes() for row in part.features} for part in (problem.train, problem.test))
        assert not train & test
    assert len(problems.digits_softmax().train.features) == 1437
    assert len(problems.breast_cancer().test.features) == 114


@pytest.mark.parametrize("name", ["softmax", "logistic", "completion", "quadratic", "rosenbrock"])
def test_the_baseline_is_stationary(name):
    """Its subgradient condition, computed here: 0 ∈ ∇f(x) + ∂R(x)."""
    problem = SMALL[name]()
    x = problem.baseline(3000).x
    _, gradient = problem.value_and_gradient(x)
    if name == "logistic":
        w, g, lam = x["w"], gradient["w"], problem.weight
        assert np.abs(gradient["b"]).max() < 1e-6
        assert np.abs(g[w == 0]).max() <= lam
        assert np.allclose(g[w != 0], -lam * np.sign(w[w != 0]), atol=1e-6)
    elif name == "completion":
        # On the sphere of a ball: ⟨−∇f, x⟩ = radius·‖∇f‖_*, here with the nuclear ball and the spectral norm.
        assert np.linalg.norm(x, "nuc") <= problem.radius * (1 + 1e-12)
        assert -np.sum(gradient * x) == pytest.approx(problem.radius * np.linalg.norm(gradient, 2), rel=1e-4)
    else:
        assert max(np.abs(leaf).max() for leaf in leaves(gradient)) < 1e-7


def test_the_network_baseline_is_the_same_network():
    problem = problems.digits_network()
    found = problem.baseline(400)
    assert not found.optimal
    assert "36 epochs" in found.solver
    assert problem.objective(found.x) < 0.5
    assert problem.metrics(found.x)["test accuracy"] > 0.9


def test_the_projection_of_the_baseline_agrees_with_the_package():
    from ntr_spec.problems.baseline import project_nuclear

    rng = np.random.default_rng(0)
    for radius in (0.5, 3.0, 100.0):
        x = rng.normal(size=(6, 4))
        assert np.allclose(project_nuclear(x, radius), ntr.Nuclear().project(x, radius), atol=1e-12)


def test_a_plain_loop_reaches_the_baseline_of_softmax_regression():
    problem = problems.digits_softmax()
    least = problem.objective(problem.baseline().x)
    method = ntr.TrustRegion(problem.norm, radius=lambda k: 1.5 * 0.985**k, momentum=0.0)
    state = method.init(problem.x0)
    for _ in range(400):
        state = method.update(state, problem.value_and_gradient(state.query)[1])
    reached = problem.objective(state.x)
    assert least <= reached + 1e-9
    assert reached < least + 0.01


BAD = [
    (lambda: problems.Quadratic(matrix=np.eye(3)), "make the sizes agree"),
    (lambda: problems.Quadratic(matrix=np.asarray([[1.0, 2.0], [2.0, 1.0]])), "positive definite"),
    (lambda: problems.Rosenbrock(np.zeros(3)), r"shape \(2,\)"),
    (lambda: problems.digits_network(hidden=0), "at least 1 hidden unit"),
    (lambda: problems.digits_network(batch=0), "batch of at least 1"),
    (lambda: problems.digits_softmax(weight=-1.0), "finite weight of at least 0"),
    (lambda: problems.breast_cancer(weight=float("nan")), "weight of at least 0"),
    (lambda: problems.breast_cancer(batch=-2), "batch of at least 1"),
    (lambda: problems.digits_completion(radius=-1.0), "radius"),
    (lambda: problems.digits_completion(hidden=1.0), "some entry to be seen"),
    (lambda: problems.digits_completion(hidden=1.5), "share between 0 and 1"),
    (lambda: problems.digits_completion(images=0), "from 1 to 1797 images"),
    (lambda: problems.MatrixCompletion(np.ones((2, 2)), np.ones((3, 2)), 1.0), "of one shape"),
    (lambda: problems.Quadratic().to("tensorflow"), "expected one of numpy, torch, jax, cupy"),
    (lambda: problems.Quadratic().value_and_gradient(np.zeros(3)), "start from problem.x0"),
    (lambda: problems.Quadratic().value_and_gradient(np.zeros(2, dtype=int)), "expected a floating array"),
    (lambda: problems.digits_softmax().objective(np.zeros(3)), "start from problem.x0"),
    (
        lambda: problems.SoftmaxRegression(
            problems.Samples(np.ones((2, 3)), np.ones((3, 2))), problems.Samples(np.ones((2, 3)), np.ones((2, 2)))
        ),
        "train features n×d and targets n×k",
    ),
]


@pytest.mark.parametrize(("make", "message"), BAD, ids=[message for _, message in BAD])
def test_bad_input_is_named(make, message):
    with pytest.raises(ntr.NtrError, match=message) as caught:
        make()
    assert "\n" not in str(caught.value)


def test_a_point_of_another_library_is_named():
    torch = pytest.importorskip("torch")
    with pytest.raises(ntr.InputError, match=r"use problem.to\('torch'\)"):
        problems.Quadratic().value_and_gradient(torch.zeros(2, dtype=torch.float64))


def test_jax_without_float64_is_named():
    jax = pytest.importorskip("jax")
    if jax.config.jax_enable_x64:
        pytest.skip("float64 is enabled in this process")
    with pytest.raises(ntr.InputError, match="jax_enable_x64"):
        problems.Quadratic().to("jax")


def test_without_scikit_learn_the_command_is_named():
    code = """
import sys
sys.modules["sklearn"] = sys.modules["sklearn.datasets"] = None
from ntr_spec import problems
assert problems.Quadratic().objective(problems.Quadratic().target) == 0
problems.digits_softmax()
"""
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, timeout=60)
    assert "InputError" in done.stderr.splitlines()[-1]
    assert "pip install 'ntr-spec[problems]'" in done.stderr
