"""TrustRegion against the three algorithms of [Kovalev25] written out, on every library, and on bad input."""

import dataclasses
import fractions
import tracemalloc

import numpy as np
import pytest

import ntr_spec as ntr
from ntr_spec.algorithms import schedules
from ntr_spec.arrays import combine
from ntr_spec.arrays.operations import PIECE
from ntr_spec.verify.symbolic import symbols

A = np.random.default_rng(0).normal(size=(6, 4))


def gradient(x, step):
    """A stochastic gradient of ‖Ax − 1‖²/2, its noise a function of the step."""
    noise = np.random.default_rng(step).normal(size=x.shape)
    return (A.T @ (A @ x.reshape(4, -1) - 1)).reshape(x.shape) + 0.3 * noise


# ---- the paper's loop, with each step solved by other means than the package's -------------------------------------


def sign_step(m, center, eta):
    return center - eta * np.sign(m)


def normalized_step(m, center, eta):
    return center - eta * m / np.sqrt(np.sum(m**2))


def spectral_step(m, center, eta):
    u, _, vt = np.linalg.svd(m, full_matrices=False)
    return center - eta * u @ vt


def sparse_step(m, center, eta):
    """argmin m·x + 0.7|x| on [center − η, center + η], entry by entry: least at an end or a kink."""
    candidates = np.stack([center - eta, center + eta, np.clip(0.0, center - eta, center + eta)])
    costs = m * candidates + 0.7 * np.abs(candidates)
    return np.take_along_axis(candidates, np.argmin(costs, axis=0)[None], axis=0)[0]


def boxed_step(m, center, eta):
    return np.where(m > 0, np.maximum(center - eta, -0.2), np.minimum(center + eta, 0.3))


CASES = {
    "sign": (ntr.LInf(), ntr.Zero(), sign_step, (4,)),
    "normalized": (ntr.L2(), ntr.Zero(), normalized_step, (4,)),
    "spectral": (ntr.Spectral(), ntr.Zero(), spectral_step, (4, 3)),
    "sparse": (ntr.LInf(), ntr.Penalty(ntr.L1(), 0.7), sparse_step, (4,)),
    "boxed": (ntr.LInf(), ntr.Box(-0.2, 0.3), boxed_step, (4,)),
}


def transcript(step, x, alpha, eta, beta, extrapolation, count):
    """theory.md §2, word for word: x_{k+1} from m_k, then the gradient at y_{k+1}."""
    m = gradient(x, 0)
    path = []
    for k in range(count):
        new = step(m, (1 - beta) * x, eta)
        y = new + (1 - alpha) / alpha * (new - x) if extrapolation else new
        m = (1 - alpha) * m + alpha * gradient(y, k + 1)
        x = new
        path.append(x)
    return path


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("beta", [0.0, 0.1])
@pytest.mark.parametrize("extrapolation", [False, True])
def test_the_three_algorithms_word_for_word(case, beta, extrapolation):
    norm, regularizer, step, shape = CASES[case]
    x0 = 0.1 * np.random.default_rng(7).normal(size=shape)
    method = ntr.TrustRegion(norm, 0.05, 0.8, beta, extrapolation, regularizer)
    state = method.init(x0)
    for expected in transcript(step, x0, 1 - 0.8, 0.05, beta, extrapolation, 20):
        state = method.update(state, gradient(state.query, state.step))
        np.testing.assert_allclose(state.x, expected, rtol=1e-9, atol=1e-12)


def test_blocks_move_as_each_would_alone():
    x0 = {"W": np.ones((2, 3)), "inner": [np.ones(4), np.full(2, 2.0)]}
    g = {"W": np.arange(6.0).reshape(2, 3) - 2, "inner": [np.array([1.0, -2, 0, 3]), np.array([-1.0, 1.0])]}
    norms = {"W": ntr.Spectral(), "inner": [ntr.LInf(), ntr.L2()]}
    whole = ntr.TrustRegion(ntr.Product(norms), 0.1, 0.5, 0.2, True)
    state = whole.update(whole.init(x0), g)
    state = whole.update(state, g)
    for norm, start, slope, found in (
        (norms["W"], x0["W"], g["W"], state.ahead["W"]),
        (norms["inner"][0], x0["inner"][0], g["inner"][0], state.ahead["inner"][0]),
        (norms["inner"][1], x0["inner"][1], g["inner"][1], state.ahead["inner"][1]),
    ):
        alone = dataclasses.replace(whole, norm=norm)
        expected = alone.update(alone.update(alone.init(start), slope), slope)
        np.testing.assert_array_equal(found, expected.ahead)


def test_schedules_are_asked_for_every_step():
    asked = []
    method = ntr.TrustRegion(ntr.LInf(), lambda k: asked.append(k) or 1.0 / (k + 1), momentum=0.0)
    state = method.init(np.zeros(1))
    for _ in range(3):
        state = method.update(state, np.ones(1))
    assert asked == [0, 1, 2]
    np.testing.assert_allclose(state.x, [-(1 + 1 / 2 + 1 / 3)])


def test_decay_may_follow_the_radius():
    radius = schedules.Linear(0.1, 0.0, 10)
    method = ntr.TrustRegion(ntr.LInf(), radius, 0.0, 0.5 * radius)
    state = method.update(method.init(np.array([2.0])), np.ones(1))
    np.testing.assert_allclose(state.x, [2.0 * (1 - 0.05) - 0.1])


# ---- conventions ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("convention", "directions"),
    [
        (ntr.Convention(), [1.0, 0.9 * 1 + 0.1 * 2]),
        (ntr.Convention(start="zero"), [0.1, 0.9 * 0.1 + 0.1 * 2]),
        (ntr.Convention(accumulate="sum"), [1.0, 0.9 * 1 + 2]),
        (ntr.Convention(start="zero", nesterov=True), [0.9 * 0.1 + 0.1, 0.9 * (0.09 + 0.2) + 0.1 * 2]),
        (ntr.Convention(accumulate="sum", nesterov=True), [0.9 + 1, 0.9 * 2.9 + 2]),
        (ntr.Convention(start="zero", blend=0.7), [0.3, 0.7 * 0.1 + 0.3 * 2]),
        (ntr.Convention(start="zero", bias_correction=True), [1.0, 0.29 / (1 - 0.81)]),
        (
            ntr.Convention(start="zero", nesterov=True, bias_correction=True),
            [0.9 * 0.1 / (1 - 0.81) + 0.1 / 0.1, 0.9 * 0.29 / (1 - 0.729) + 0.2 / (1 - 0.81)],
        ),
    ],
    ids=str,
)
def test_what_the_step_is_taken_along(convention, directions):
    # With one entry, ℓ₂ gives away only a sign; read the direction off a linear step: R = x²/2 in a huge ball.
    method = ntr.TrustRegion(ntr.L2(), 1e6, 0.9, regularizer=ntr.Ridge(1.0), convention=convention)
    state = method.init(np.zeros(1))
    for k, expected in enumerate(directions):
        state = method.update(state, np.array([1.0 + k]))
        np.testing.assert_allclose(state.x, [-expected], rtol=1e-9)


# ---- libraries and dtypes -------------------------------------------------------------------------------------------


def run(method, x0, make, count=8, compiled=lambda f: f):
    update = compiled(method.update)
    state = method.init(make(x0))
    for k in range(count):
        state = update(state, make(np.sin(x0 * (k + 1) + k).astype(x0.dtype)))
    return state


@pytest.mark.parametrize("extrapolation", [False, True])
def test_numpy_torch_and_jax_agree_and_compile(extrapolation):
    import jax
    import torch

    x0 = np.random.default_rng(1).normal(size=(4, 3)).astype(np.float32)
    radius = schedules.Warmup(0.1, 3) * schedules.Cosine(1.0, 0.1, 6)
    method = ntr.TrustRegion(ntr.Spectral(), radius, schedules.Linear(0.5, 0.9, 5), 0.1 * radius, extrapolation)
    expected = run(method, x0, lambda x: x)
    on_torch = run(method, x0, lambda x: torch.from_numpy(x.copy()))
    on_jax = run(method, x0, jax.numpy.asarray)
    under_jit = run(method, x0, jax.numpy.asarray, compiled=jax.jit)
    assert int(under_jit.step) == 8
    for found in (on_torch, on_jax, under_jit):
        for a, b in zip(found[: 2 + extrapolation], expected[: 2 + extrapolation], strict=True):
            np.testing.assert_allclose(np.asarray(a), b, rtol=1e-4, atol=1e-5)


def test_a_compiled_composite_step():
    import jax

    method = ntr.TrustRegion(ntr.LInf(), 0.1, 0.9, 0.1, True, ntr.Box(-1.0, 1.0))
    x0 = np.linspace(-0.9, 0.9, 5).astype(np.float32)
    eager = run(method, x0, jax.numpy.asarray)
    jitted = run(method, x0, jax.numpy.asarray, compiled=jax.jit)
    np.testing.assert_allclose(np.asarray(jitted.x), np.asarray(eager.x), rtol=1e-5)


def dtypes(state):
    return {str(leaf.dtype).removeprefix("torch.") for leaf in (state.x, state.momentum, state.ahead)}


@pytest.mark.parametrize("name", ["float16", "bfloat16", "float32"])
@pytest.mark.parametrize("radius", [0.1, lambda k: np.float64(0.1), lambda k: np.array(0.1), fractions.Fraction(1, 10)])
def test_no_setting_widens_an_array(name, radius):
    import jax.numpy as jnp
    import torch

    method = ntr.TrustRegion(ntr.LInf(), radius, lambda k: np.float64(0.9), lambda k: np.float64(0.1), True)
    points = [torch.ones(3, dtype=getattr(torch, name)), jnp.ones(3, dtype=getattr(jnp, name))]
    for x0 in points if name == "bfloat16" else [*points, np.ones(3, dtype=name)]:
        state = method.update(method.init(x0), x0)
        assert dtypes(method.update(state, x0)) == {name}


def test_a_schedule_of_arrays_does_not_widen_either():
    import jax
    import jax.numpy as jnp
    import torch

    for wide, x0 in (
        (jnp.asarray(0.1, dtype=jnp.float32), jnp.ones(3, dtype=jnp.bfloat16)),
        (torch.tensor(0.1, dtype=torch.float64), torch.ones(3, dtype=torch.float32)),
    ):
        method = ntr.TrustRegion(ntr.LInf(), lambda k, wide=wide: wide, lambda k, wide=wide: wide, 0.0, True)
        state = method.update(method.update(method.init(x0), x0), x0)
        assert len(dtypes(state)) == 1
        assert state.x.dtype == x0.dtype
    method = ntr.TrustRegion(ntr.LInf(), lambda k: 0.1 / (1 + k), 0.9, 0.0, True)
    x0 = jnp.ones(3, dtype=jnp.bfloat16)
    assert dtypes(jax.jit(method.update)(method.init(x0), x0)) == {"bfloat16"}


def test_symbols_pass_through():
    eta, mu, beta = (symbols(name, (), positive=True) for name in ("eta", "mu", "beta"))
    method = ntr.TrustRegion(ntr.LInf(), eta, lambda k: mu, lambda k: beta, True)
    state = method.update(method.init(symbols("x", 1)), symbols("g", 1))
    state = method.update(state, symbols("h", 1))
    values = {"x1": 0.3, "g1": -2.0, "h1": 0.7, "eta": 0.1, "mu": 0.8, "beta": 0.05}
    numeric = ntr.TrustRegion(ntr.LInf(), 0.1, 0.8, 0.05, True)
    expected = numeric.update(numeric.update(numeric.init(np.array([0.3])), np.array([-2.0])), np.array([0.7]))
    for found, number in zip(state[:3], expected[:3], strict=True):
        expression = found.expressions[0]
        by_name = {symbol: values[symbol.name] for symbol in expression.free_symbols}
        np.testing.assert_allclose(float(expression.subs(by_name)), number[0], rtol=1e-12)


# ---- purity and NaN -------------------------------------------------------------------------------------------------


def test_nothing_is_changed_in_place_and_nothing_is_shared():
    method = ntr.TrustRegion(ntr.Product({"a": ntr.LInf(), "b": ntr.L2()}), 0.1, 0.5, 0.1, True)
    big = PIECE + 5
    x0 = {"a": np.ones(big), "b": np.ones((2, 2))}
    g = {"a": np.full(big, 2.0), "b": np.eye(2)}
    for array in (*x0.values(), *g.values()):
        array.setflags(write=False)  # NumPy raises on any attempt
    state = method.init(x0)
    for _ in range(3):
        new = method.update(state, g)
        held = [*x0.values(), *g.values()] if state.step == 0 else list(g.values())
        for tree in new[:3]:
            for leaf in tree.values():
                assert not any(np.shares_memory(leaf, other) for other in held)
                leaf.setflags(write=False)
        assert new.step == state.step + 1
        state = new


def test_the_same_call_twice_gives_the_same_bits():
    method = ntr.TrustRegion(ntr.Spectral(), 0.1, 0.5, 0.1, True)
    state, g = method.init(np.ones((5, 4))), np.random.default_rng(0).normal(size=(5, 4))
    one, two = method.update(state, g), method.update(state, g)
    assert [leaf.tobytes() for leaf in one[:3]] == [leaf.tobytes() for leaf in two[:3]]


@pytest.mark.parametrize("norm", [ntr.LInf(), ntr.L1(), ntr.L2(), ntr.Lp(3), ntr.Spectral(), ntr.Nuclear()], ids=str)
@pytest.mark.parametrize("settings", [{}, {"radius": 0.0}, {"decay": 1.0}, {"extrapolation": True}], ids=str)
@pytest.mark.parametrize("library", ["numpy", "torch", "jax"])
def test_nan_is_never_swallowed(norm, settings, library):
    import jax.numpy as jnp
    import torch

    make = {"numpy": np.asarray, "torch": torch.tensor, "jax": jnp.asarray}[library]
    method = ntr.TrustRegion(norm, **settings)
    x0, g = np.ones((3, 2)), np.ones((3, 2))
    g[1, 1] = np.nan
    state = method.init(make(x0))
    for slope in (g, np.ones((3, 2))):  # and it stays
        state = method.update(state, make(slope))
        assert np.isnan(np.asarray(state.momentum)[1, 1])
        assert np.isnan(np.asarray(state.x)).any()
        assert np.isnan(np.asarray(state.query)).any()


@pytest.mark.parametrize(
    ("norm", "regularizer"),
    [
        (ntr.LInf(), ntr.Box(-1.0, 1.0)),
        (ntr.L2(), ntr.Penalty(ntr.L1(), 0.3)),
        (ntr.L1(), ntr.Ridge(0.5)),
        (ntr.Spectral(), ntr.Penalty(ntr.L1(), 0.1)),
    ],
    ids=str,
)
@pytest.mark.parametrize("library", ["numpy", "torch", "jax"])
def test_nan_is_not_swallowed_by_a_composite_step_either(norm, regularizer, library):
    import jax.numpy as jnp
    import torch

    make = {"numpy": np.asarray, "torch": torch.tensor, "jax": jnp.asarray}[library]
    method = ntr.TrustRegion(norm, regularizer=regularizer)
    state = method.update(method.init(make(np.zeros((3, 2)))), make(np.full((3, 2), np.nan)))
    assert np.isnan(np.asarray(state.momentum)).all()
    assert np.isnan(np.asarray(state.x)).any()


@pytest.mark.filterwarnings("ignore:overflow|invalid")
def test_overflow_is_visible():
    method = ntr.TrustRegion(ntr.LInf(), 1.0, 0.5, convention=ntr.Convention(accumulate="sum"))
    state = method.init(np.ones(2, dtype=np.float16))
    for _ in range(2):
        state = method.update(state, np.full(2, 60000, dtype=np.float16))
    assert np.isinf(state.momentum).all()


# ---- memory ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("norm", [ntr.LInf(), ntr.L2(), ntr.L1()], ids=str)
def test_at_most_two_temporaries_of_the_parameters_size(norm):
    method = ntr.TrustRegion(norm, 0.1, 0.9, 0.1)
    x0 = np.ones(1_000_000, dtype=np.float32)
    state = method.update(method.init(x0), x0)
    g = np.linspace(-1, 1, x0.size, dtype=np.float32)
    tracemalloc.start()
    try:
        new = method.update(state, g)
        kept, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert new.ahead is None
    assert kept <= 2.1 * x0.nbytes  # the new iterate and the new momentum
    assert peak <= kept + 2.1 * x0.nbytes


@pytest.mark.parametrize("order", ["C", "F", "strided"])
@pytest.mark.parametrize("a", [1.0, 0.3])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_combining_in_pieces_gives_the_same_bits(order, a, dtype):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 3, PIECE)).astype(dtype)
    x, y = {"C": (x, y), "F": (np.asfortranarray(x), y), "strided": (x[:, ::2], y[:, ::2])}[order]
    found = combine(a, x, -0.7, y)
    np.testing.assert_array_equal(found, x * a + y * -0.7)
    assert found.dtype == dtype


# ---- bad input: one clear sentence each ---------------------------------------------------------------------------

NAN = float("nan")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"radius": -0.1}, r"radius to be a finite number of at least 0, got -0.1"),
        ({"radius": NAN}, r"radius .* got nan"),
        ({"radius": float("inf")}, r"radius .* got inf"),
        ({"radius": np.float32(-1)}, r"radius .* got -1"),
        ({"radius": "fast"}, r"radius to be a number or a schedule of the step, got 'fast'"),
        ({"radius": None}, r"radius"),
        ({"radius": np.ones(2)}, r"radius"),
        ({"radius": True}, r"radius"),
        ({"radius": np.True_}, r"radius"),
        ({"radius": np.complex128(1)}, r"radius"),
        ({"momentum": 1.0}, r"momentum to be a number in \[0, 1\), the weight that is KEPT, got 1.0"),
        ({"momentum": -0.1}, r"momentum"),
        ({"momentum": NAN}, r"momentum"),
        ({"decay": 1.5}, r"decay to be a number in \[0, 1\], got 1.5"),
        ({"decay": -1e-9}, r"decay"),
        ({"extrapolation": 1}, r"extrapolation to be True or False, got 1"),
        ({"regularizer": 0.1}, r"regularizer"),
        ({"convention": "muon"}, r"expected a Convention, got 'muon'"),
        (
            {"extrapolation": True, "convention": ntr.Convention(accumulate="sum")},
            r"extrapolation is defined for a momentum that is an average",
        ),
    ],
    ids=str,
)
def test_settings_out_of_range(settings, words):
    with pytest.raises(ntr.InputError, match=f"^TrustRegion: .*{words}"):
        ntr.TrustRegion(ntr.L2(), **settings)


@pytest.mark.parametrize("norm", [ntr.L2, None, 2, {"a": ntr.L2()}])
def test_a_norm_is_a_norm(norm):
    with pytest.raises(ntr.InputError, match="TrustRegion: expected a norm"):
        ntr.TrustRegion(norm)


@pytest.mark.parametrize(
    "settings",
    [
        {"accumulate": "mean"},
        {"start": "one"},
        {"nesterov": 1},
        {"blend": 1.1},
        {"blend": -0.1},
        {"blend": NAN},
        {"nesterov": True, "blend": 0.9},
        {"accumulate": "sum", "start": "zero", "bias_correction": True},
        {"bias_correction": True},
        {"start": "zero", "bias_correction": True, "blend": 0.5},
    ],
    ids=str,
)
def test_contradicting_conventions(settings):
    with pytest.raises(ntr.InputError, match=r"^Convention: "):
        ntr.Convention(**settings)


@pytest.mark.parametrize("name", ["radius", "momentum", "decay"])
@pytest.mark.parametrize(
    "value", [-0.1, NAN, None, "0.1", np.ones(1), 1j, np.array(1j), True, [0.1], float("inf"), np.float32(-1)], ids=repr
)
def test_a_schedule_that_returns_nonsense_is_named_with_its_step(name, value):
    method = ntr.TrustRegion(ntr.L2(), **{name: lambda k: 0.5 if k < 2 else value})
    state = method.init(np.ones(2))
    for _ in range(2):
        state = method.update(state, np.ones(2))
    with pytest.raises(ntr.InputError, match=rf"^TrustRegion: expected {name} .* at step 2"):
        method.update(state, np.ones(2))


def test_a_schedule_of_another_library():
    import torch

    method = ntr.TrustRegion(ntr.L2(), lambda k: torch.tensor(0.1))
    with pytest.raises(ntr.InputError, match=r"radius .* at step 0; return a number or a 0-d array of numpy"):
        method.update(method.init(np.ones(2)), np.ones(2))


@pytest.mark.parametrize(
    ("norm", "regularizer", "x0", "words"),
    [
        (ntr.Spectral(), ntr.Zero(), np.ones(3), "Spectral.init: expected a matrix"),
        (ntr.L2(), ntr.Zero(), np.ones(0), "L2.init: expected at least one entry"),
        (ntr.L2(), ntr.Zero(), np.ones(3, dtype=int), "L2.init: expected a floating array, got int64"),
        (ntr.L2(), ntr.Zero(), [1.0, 2.0], "L2.init: expected an array, got list"),
        (ntr.L2(), ntr.Zero(), {"a": np.ones(2)}, "L2.init"),
        (ntr.Product({"a": ntr.L2()}), ntr.Zero(), {"b": np.ones(2)}, "Product.init.*missing a; unknown b"),
        (ntr.L2(), ntr.Penalty(ntr.Spectral(), 1.0), np.ones(3), "init: expected a matrix"),
        (ntr.Product({"a": ntr.L2()}), {"c": ntr.Ridge(1.0)}, {"a": np.ones(2)}, "init: expected a pytree of blocks"),
        (ntr.L2(), ntr.Box(0.0, 1.0), np.array([0.5, -0.1]), "TrustRegion.init: expected a start where .* is finite"),
        (ntr.L2(), ntr.Ball(ntr.L1(), 1.0), np.array([0.6, -0.6]), "TrustRegion.init: expected a start where"),
        (
            ntr.Product({"a": ntr.L2(), "b": ntr.L2()}),
            {"a": ntr.Zero(), "b": ntr.Ball(ntr.L2(), 1.0)},
            {"a": np.ones(2), "b": np.full(2, 5.0)},
            "TrustRegion.init: expected a start where",
        ),
    ],
    ids=repr,
)
def test_starts_that_do_not_fit(norm, regularizer, x0, words):
    method = ntr.TrustRegion(norm, regularizer=regularizer)
    with pytest.raises(ntr.NtrError, match=words):
        method.init(x0)


def test_a_start_on_the_boundary_fits():
    ntr.TrustRegion(ntr.L2(), regularizer=ntr.Ball(ntr.L1(), 1.0)).init(np.array([0.1] * 10))


def test_a_start_is_not_read_while_compiling():
    import jax

    method = ntr.TrustRegion(ntr.L2(), regularizer=ntr.Box(0.0, 1.0))
    assert jax.jit(lambda x: method.init(x).x)(np.full(2, 0.5, dtype=np.float32)).shape == (2,)


GRADIENTS = [
    (np.ones(4), ntr.InputError, r"the gradient has shape \(4,\) where the state has \(3,\)"),
    (np.ones((3, 1)), ntr.InputError, "shape"),
    (np.ones(3, dtype=np.float32), ntr.DTypeError, "the gradient is float32 where the state has float64; cast it"),
    (np.ones(3, dtype=int), ntr.DTypeError, "expected a floating array"),
    ([np.ones(3)], ntr.InputError, "expected the gradient to be one array, got a list"),
    (None, ntr.DTypeError, "expected an array, got NoneType"),
    (1.0, ntr.DTypeError, "expected an array, got float"),
]


@pytest.mark.parametrize(("g", "error", "words"), GRADIENTS, ids=repr)
@pytest.mark.parametrize("regularizer", [ntr.Zero(), ntr.Ridge(1.0)], ids=str)
def test_gradients_that_do_not_fit(g, error, words, regularizer):
    method = ntr.TrustRegion(ntr.L2(), regularizer=regularizer)
    with pytest.raises(error, match=words):
        method.update(method.init(np.ones(3)), g)


def test_gradients_of_another_library_or_device():
    import torch

    method = ntr.TrustRegion(ntr.L2())
    with pytest.raises(ntr.InputError, match="the gradient is an array of torch where the state has numpy"):
        method.update(method.init(np.ones(3)), torch.ones(3, dtype=torch.float64))
    with pytest.raises(ntr.InputError, match="the gradient lies on meta where the state is on cpu; move it"):
        method.update(method.init(torch.ones(3)), torch.ones(3, device="meta"))


@pytest.mark.parametrize(
    ("g", "words"),
    [
        ({"a": np.ones(2)}, r"in the structure \{'a': \*, 'b': \[\*\]\} of the state, got \{'a': \*\}; pass one array"),
        ({"a": np.ones(2), "b": [np.ones(2)], "c": np.ones(1)}, "structure"),
        ({"a": np.ones(2), "b": [np.ones(2), np.ones(2)]}, "structure"),
        ({"a": np.ones(2), "b": [np.ones(3)]}, r"block b\.0 has shape \(3,\) where the state has \(2,\)"),
        ({"a": np.ones(2), "b": [np.ones(2, dtype=np.float32)]}, r"block b\.0 is float32"),
        ({"a": np.ones(2), "b": (np.ones(2),)}, "structure"),
        ({"a": np.ones(2), "b": [None]}, "structure"),
        ({"a": np.ones(2), "b": [2.0]}, "expected an array, got float"),
        (np.ones(2), r"structure .*, got \*"),
    ],
    ids=repr,
)
def test_trees_that_do_not_fit(g, words):
    method = ntr.TrustRegion(ntr.Product({"a": ntr.L2(), "b": ntr.Product([ntr.L2()])}))
    with pytest.raises(ntr.NtrError, match=f"^TrustRegion.update: .*{words}"):
        method.update(method.init({"a": np.ones(2), "b": [np.ones(2)]}), g)


def test_states_of_other_methods():
    plain, ahead = ntr.TrustRegion(ntr.L2()), ntr.TrustRegion(ntr.L2(), extrapolation=True)
    x0 = np.ones(2)
    with pytest.raises(ntr.InputError, match="the state has no extrapolated point and this method needs one"):
        ahead.update(plain.init(x0), x0)
    with pytest.raises(ntr.InputError, match="the state has an extrapolated point and this method has none"):
        plain.update(ahead.init(x0), x0)
    with pytest.raises(ntr.InputError, match="expected a State, got ndarray; start with"):
        plain.update(x0, x0)
    with pytest.raises(ntr.InputError, match=r"Spectral.update: expected a matrix"):
        ntr.TrustRegion(ntr.Spectral()).update(plain.init(x0), x0)
