"""Hessian-vector products of every problem, against differences of gradients, torch and JAX."""

import numpy as np
import pytest

from ntr_spec.problems.known import on_host
from ntr_spec.trees import leaves, tree_map
from tests.problems.cases import CASES
from tests.problems.oracle import dot, drawn, flat, moved


@pytest.fixture(params=CASES, ids=list(CASES))
def problem(request):
    return CASES[request.param]()


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
