"""Noise: drawn as a function of seed and step, of exactly the size that is said, in ℓ₂ and in dual norms."""

import itertools
import math

import numpy as np
import pytest
import scipy.integrate
import scipy.special

import ntr_spec as ntr
from ntr_spec import problems
from ntr_spec.problems import moments
from ntr_spec.trees import leaves, tree_map
from tests.problems.cases import MATRIX, TREES, VECTOR
from tests.problems.oracle import filled, flat

KINDS = {
    "sphere": problems.Sphere(1.5),
    "gaussian": problems.Gaussian(1.5),
    "one entry": problems.OneEntry(1.5),
    "signs": problems.Signs(1.5),
    "rare": problems.Rare(problems.Sphere(1.5), 0.3),
}
TREE = {"W": np.zeros((2, 3)), "b": np.zeros(2)}


@pytest.fixture(params=KINDS, ids=list(KINDS))
def noise(request):
    return KINDS[request.param]


def test_a_draw_is_a_function_of_seed_and_step(noise):
    one = noise.draw(TREE, 3, 7)
    assert tree_map(lambda leaf: leaf.shape, one) == {"W": (2, 3), "b": (2,)}
    assert np.array_equal(flat(one), flat(noise.draw(TREE, 3, 7)))
    many = [flat(noise.draw(TREE, seed, step)).tobytes() for seed in range(3) for step in range(20)]
    others = [flat(noise.draw(TREE, 3, step)).tobytes() for step in range(20)]
    assert len(set(many + others)) >= (15 if isinstance(noise, problems.OneEntry | problems.Rare) else 50)


def test_it_is_centred_isotropic_and_of_its_size(noise):
    count, size = 6000, 3
    draws = np.asarray([noise.draw(np.zeros(size), 0, step) for step in range(count)])
    assert np.abs(draws.mean(axis=0)).max() < 6 * noise.sigma / math.sqrt(size * count)
    moment = draws.T @ draws / count
    spread = np.asarray([[np.std(draws[:, i] * draws[:, j]) for j in range(size)] for i in range(size)])
    exact = noise.sigma**2 / size * np.eye(size)
    assert (np.abs(moment - exact) <= 6 * spread / math.sqrt(count) + 1e-12).all()
    # The two signs are as likely: the third moments vanish too.
    assert abs(np.mean(draws**3)) < 6 * np.std(draws**3) / math.sqrt(count * size)


@pytest.mark.parametrize("size", [1, 2, 7])
def test_the_variance_is_exact(size):
    like = np.zeros(size)
    for step in range(20):
        for kind in (problems.Sphere, problems.OneEntry, problems.Signs):
            assert np.linalg.norm(kind(0.7).draw(like, 1, step)) == pytest.approx(0.7, rel=1e-14)
    # d entries of variance σ²/d; and 1/p times the square with probability p.
    generator = np.random.Generator(np.random.Philox(key=1, counter=[0, 0, 1, 4]))
    assert problems.Gaussian(0.7).draw(like, 1, 4) == pytest.approx(
        0.7 / math.sqrt(size) * generator.standard_normal(size)
    )
    sizes = {
        round(float(np.linalg.norm(problems.Rare(problems.Sphere(0.7), 0.25).draw(like, 1, k))), 12) for k in range(60)
    }
    assert sizes == {0.0, 1.4}


def test_every_outcome_of_one_entry_and_signs_comes():
    entries = {tuple(problems.OneEntry(1.0).draw(np.zeros(3), 0, step)) for step in range(200)}
    assert entries == {tuple(s * row) for row in np.eye(3) for s in (1.0, -1.0)}
    signs = {tuple(problems.Signs(math.sqrt(3)).draw(np.zeros(3), 0, step).round(12)) for step in range(200)}
    assert signs == set(itertools.product((1.0, -1.0), repeat=3))


@pytest.mark.parametrize("library", ["torch", "jax"])
def test_it_moves_to_the_library_of_its_filled(noise, library):
    pytest.importorskip(library)
    from ntr_spec.arrays import namespace_of
    from ntr_spec.problems.problem import to_host

    like = problems.Separable(problems.Square(), TREE, TREE).to(library, "float32").x0
    drawn = noise.draw(like, 0, 1)
    assert {namespace_of(leaf).name for leaf in leaves(drawn)} == {library}
    assert {str(leaf.dtype).removeprefix("torch.") for leaf in leaves(drawn)} == {"float32"}
    assert flat(tree_map(to_host, drawn)) == pytest.approx(flat(noise.draw(TREE, 0, 1)), rel=1e-6)


def test_no_noise_is_zero_and_shapes_do_not_change_what_is_drawn(noise):
    assert not problems.Sphere(0.0).draw(np.zeros(3), 0, 0).any()
    assert np.array_equal(noise.draw(np.zeros(6), 0, 0), noise.draw(np.zeros((2, 3)), 0, 0).ravel())


# ---- in the dual norm ----------------------------------------------------------------------------------------------


FITTING = [(n, np.zeros(3)) for n in VECTOR] + [(n, np.zeros((2, 3))) for n in MATRIX]
FITTING += [(n, {"W": np.zeros((2, 2)), "b": np.zeros(2)}) for n in TREES]


@pytest.mark.parametrize(("norm", "like"), FITTING, ids=[repr(n) for n, _ in FITTING])
def test_the_size_in_a_dual_norm_is_that_of_every_outcome(norm, like):
    shape = tree_map(lambda leaf: leaf.shape, like)
    size = flat(like).size
    entries = [float(norm.dual(filled(row, like))) ** 2 for row in np.eye(size)]
    assert problems.OneEntry(2.0).dual(norm, shape) == pytest.approx(2 * math.sqrt(np.mean(entries)), rel=1e-12)
    signs = [
        float(norm.dual(filled(np.asarray(s), like))) ** 2 / size for s in itertools.product((1.0, -1.0), repeat=size)
    ]
    assert problems.Signs(2.0).dual(norm, shape) == pytest.approx(2 * math.sqrt(np.mean(signs)), rel=1e-12)
    assert problems.Rare(problems.Signs(2.0), 0.1).dual(norm, shape) == problems.Signs(2.0).dual(norm, shape)
    try:
        known = problems.Gaussian(2.0).dual(norm, shape)
    except ntr.NotDeclaredError as error:
        assert "is not known exactly" in str(error)  # noqa: PT017
        return
    rng = np.random.default_rng(0)
    drawn = np.asarray(
        [float(norm.dual(filled(z, like))) ** 2 for z in 2 / math.sqrt(size) * rng.normal(size=(800, size))]
    )
    assert abs(np.mean(drawn) - known**2) < 6 * np.std(drawn) / math.sqrt(len(drawn))
    assert problems.Sphere(2.0).dual(norm, shape) == known
    if norm.has_rho:
        assert known <= 2 * norm.rho(shape) * (1 + 1e-12)


def test_the_sphere_has_the_size_of_the_gaussian_in_every_norm():
    """In ℓ₁ on two entries: E(|cos θ| + |sin θ|)² = 1 + 2/π."""
    assert problems.Sphere(1.0).dual(ntr.LInf(), 2) ** 2 == pytest.approx(1 + 2 / math.pi, rel=1e-14)
    angle = scipy.integrate.quad(lambda t: max(math.cos(t), math.sin(t)) ** 2, 0, math.pi / 2, points=[math.pi / 4])[0]
    assert problems.Sphere(1.0).dual(ntr.L1(), 2) ** 2 == pytest.approx(angle / (math.pi / 2), rel=1e-13)


@pytest.mark.parametrize("count", [1, 2, 3, 10, 1000, 10**6])
def test_the_largest_square_is_that_of_scipy(count):
    def above(t):
        return -math.expm1(count * math.log1p(-scipy.special.erfc(math.sqrt(t / 2)))) if t else 1.0

    peak = 2 * math.log(count + 1)
    parts = [(0, peak / 2), (peak / 2, peak), (peak, 2 * peak + 20), (2 * peak + 20, 4 * peak + 200)]
    theirs = sum(scipy.integrate.quad(above, a, b, epsabs=1e-13, epsrel=1e-13, limit=200)[0] for a, b in parts)
    assert moments.largest_square(count) == pytest.approx(theirs, rel=1e-10)


def test_absolute_sums_are_those_of_moments():
    w = np.asarray([1.0, 2.0, 0.5])
    pairs = sum(a * b * (1 if i == j else 2 / math.pi) for i, a in enumerate(w) for j, b in enumerate(w))
    assert moments.weighted_absolute_sum(w) == pytest.approx(pairs, rel=1e-14)


BAD = [
    (lambda: problems.Sphere(-1.0), "finite sigma of at least 0"),
    (lambda: problems.Gaussian(float("nan")), "finite sigma of at least 0"),
    (lambda: problems.OneEntry(float("inf")), "finite sigma of at least 0"),
    (lambda: problems.Signs(True), "finite sigma of at least 0"),
    (lambda: problems.Rare(problems.Sphere(1.0), 0.0), "a probability above 0"),
    (lambda: problems.Rare(problems.Sphere(1.0), 1.5), "a probability above 0"),
    (lambda: problems.Rare(3.0, 0.5), "expected a Noise"),
    (lambda: problems.Gaussian(1.0).dual(ntr.Spectral(), (3, 3)), "use sigma with the norm's rho"),
    (lambda: problems.Gaussian(1.0).dual(ntr.Spectral(), 3), "a matrix"),
    (lambda: problems.Sphere(1.0).dual(ntr.L2(), 0), "shape of positive sizes"),
    (lambda: problems.Sphere(1.0).draw(np.zeros(3), -1, 0), "seed"),
    (lambda: problems.Sphere(1.0).draw(np.zeros(3), 0, -1), "step"),
]


@pytest.mark.parametrize(("make", "message"), BAD, ids=[message for _, message in BAD])
def test_bad_input_is_named(make, message):
    with pytest.raises(ntr.NtrError, match=message) as caught:
        make()
    assert "\n" not in str(caught.value)


def test_a_noisy_problem_adds_its_noise_and_nothing_else():
    plain = problems.MatrixRegression(np.random.default_rng(0).normal(size=(5, 3)), np.ones((5, 2)))
    noisy = problems.Noisy(plain, problems.Sphere(0.5), seed=4)
    x = np.ones((3, 2))
    assert np.array_equal(noisy.value_and_gradient(x)[1], plain.value_and_gradient(x)[1])
    for step in (0, 5):
        value, gradient = noisy.stochastic(x, step)
        assert value == plain.value_and_gradient(x)[0]
        assert gradient - plain.value_and_gradient(x)[1] == pytest.approx(problems.Sphere(0.5).draw(x, 4, step))
    assert noisy.infimum == plain.infimum
    assert np.array_equal(noisy.minimizer, plain.minimizer)
    assert noisy.known(ntr.Spectral()) == plain.known(ntr.Spectral())
    assert noisy.constants(ntr.Spectral(), problems.Sphere(2.0)).sigma == 2.0
    torch = pytest.importorskip("torch")
    moved = noisy.to("torch", "float32")
    assert moved.problem.features.dtype == moved.x0.dtype == torch.float32
    there = moved.stochastic(torch.ones((3, 2)), 5)[1].numpy()
    assert there == pytest.approx(noisy.stochastic(x, 5)[1], rel=1e-5)


@pytest.mark.parametrize("sigma", ["x", None, True, -1.0, float("nan"), np.array(1.0)])
def test_sizes_that_are_no_numbers_are_refused(sigma):
    with pytest.raises(ntr.InputError, match="Sphere: expected a finite sigma of at least 0"):
        problems.Sphere(sigma)


def test_constants_want_noise_and_not_its_size():
    with pytest.raises(ntr.InputError, match=r"expected noise, got 0.5; pass Sphere\(sigma\)"):
        problems.Quadratic().constants(ntr.L2(), 0.5)
