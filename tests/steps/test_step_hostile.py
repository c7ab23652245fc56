"""The step on hostile input: ties, zeros, extreme scales, NaN, wrong proxes, other libraries, wrong arguments."""

import warnings
from dataclasses import dataclass

import numpy as np
import pytest

import ntr_spec as ntr
from ntr_spec.errors import DTypeError, InfeasibleError, InputError, NotDeclaredError, StepError
from ntr_spec.steps import Ball, Box, Penalty, Regularizer, Ridge, Zero, trust_region_step
from ntr_spec.steps.step import solve_point

LASSO = Penalty(ntr.L1(), 0.3)
SOLVERS = (
    ("lmo", ntr.Spectral(), Zero(), (3, 2)),
    ("box", ntr.LInf(), LASSO, (4,)),
    ("euclidean", ntr.L2(), LASSO, (4,)),
    ("cross", ntr.L1(), LASSO, (4,)),
    ("splitting", ntr.Spectral(), LASSO, (3, 2)),
)
IDS = [row[0] for row in SOLVERS]


@pytest.mark.parametrize(("name", "norm", "regularizer", "shape"), SOLVERS, ids=IDS)
@pytest.mark.parametrize("m", [0.0, 0.3, 1.0], ids=["zero", "at the weight", "equal entries"])
@pytest.mark.parametrize("center", [0.0, 0.5], ids=["zero center", "equal center"])
def test_ties_and_zeros(name, norm, regularizer, shape, m, center):
    step = trust_region_step(norm, np.full(shape, m), np.full(shape, center), 0.5, regularizer)
    assert step.solver == name
    assert abs(float(step.relative_gap)) <= 1e-6
    assert float(norm(step.point - center)) <= 0.5 * (1 + 1e-12)


@pytest.mark.parametrize(("name", "norm", "regularizer", "shape"), SOLVERS, ids=IDS)
def test_radius_zero_is_the_center(name, norm, regularizer, shape):
    center = np.full(shape, 0.25)
    step = trust_region_step(norm, np.ones(shape), center, 0.0, regularizer)
    assert np.array_equal(step.point, center)
    assert float(step.relative_gap) <= 1e-12


def test_radius_zero_outside_the_domain_is_infeasible():
    with pytest.raises(InfeasibleError, match=r"2 away from the center in L2\(\), more than the radius 0"):
        trust_region_step(ntr.L2(), np.ones(1), np.array([3.0]), 0.0, Box(0, 1))


@pytest.mark.parametrize(("name", "norm", "regularizer", "shape"), SOLVERS, ids=IDS)
@pytest.mark.parametrize("where", ["m", "center"])
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_nan_stays_visible(name, norm, regularizer, shape, where, bad):
    given = {"m": np.ones(shape), "center": np.full(shape, 0.1)}
    given[where] = given[where].copy()
    given[where].flat[0] = bad
    if bad == np.inf and name in ("lmo", "box", "cross"):  # a corner, or an infinite centre's own arithmetic
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        point = solve_point(norm, given["m"], given["center"], 0.5, regularizer, ntr.arrays.namespace_of(given["m"]))
        step = trust_region_step(norm, given["m"], given["center"], 0.5, regularizer)
    assert np.isnan(point).any()
    assert np.isnan(step.point).any()


SCALES = ((1e20, 1.0), (1e-20, 1.0), (1.0, 1e20), (1.0, 1e-20), (1e20, 1e-20), (1e-20, 1e20))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(("of_m", "of_x"), SCALES)
@pytest.mark.parametrize("norm", [ntr.LInf(), ntr.L2(), ntr.L1(), ntr.TopK(2), ntr.Lp(3)], ids=repr)
def test_scales(norm, of_m, of_x, dtype):
    rng = np.random.default_rng(3)
    m, center = rng.standard_normal(6), 0.1 * rng.standard_normal(6)
    for plain, scaled in (
        (Penalty(ntr.L1(), 0.3), Penalty(ntr.L1(), 0.3 * of_m)),
        (Penalty(ntr.L2(), 0.3), Penalty(ntr.L2(), 0.3 * of_m)),
        (Ball(ntr.L2(), 0.7), Ball(ntr.L2(), 0.7 * of_x)),
        (Box(-0.3, 0.4), Box(-0.3 * of_x, 0.4 * of_x)),
    ):
        small = trust_region_step(norm, m, center, 0.5, plain)
        step = trust_region_step(norm, (m * of_m).astype(dtype), (center * of_x).astype(dtype), 0.5 * of_x, scaled)
        assert step.point.dtype == dtype
        assert float(step.relative_gap) <= (1e-6 if dtype == np.float64 else 1e-4)
        plainly = float(m @ small.point) + float(plain(small.point))
        again = np.asarray(step.point, dtype=np.float64) / of_x
        assert float(m @ again) + float(plain._value(again, ntr.arrays.namespace_of(m))) == pytest.approx(
            plainly, abs=(3e-6 if dtype == np.float64 else 3e-4) * float(norm.dual(m))
        )


def test_a_far_center_costs_no_more_than_its_rounding():
    m, center = np.array([1.0, -2.0, 0.5, 1e-3]), 1e8 * np.array([1.0, -1.0, 0.5, 2.0])
    for norm in (ntr.L2(), ntr.LInf(), ntr.L1(), ntr.TopK(2)):
        step = trust_region_step(norm, m, center, 0.5, LASSO)
        assert float(norm(step.point - center)) <= 0.5 + 1e-6
        assert float(m @ (step.point - center)) < 0


EXTREMES = [
    (norm, shape, of_m, radius, of_x)
    for norm, shape in ((ntr.Spectral(), (4, 3)), (ntr.L2(), (5,)), (ntr.TopK(2), (5,)), (ntr.L1(), (5,)))
    for of_m, radius, of_x in ((1e-30, 1e-3, 1.0), (1e-30, 1.0, 1e6), (1e-10, 1e-6, 0.0), (1e10, 1e6, 1e-6), (0, 1, 1))
]


@pytest.mark.parametrize(("norm", "shape", "of_m", "radius", "of_x"), EXTREMES)
@pytest.mark.parametrize("weight", [1e-6, 0.1, 1e6])
def test_slopes_of_m_and_of_the_regularizer_need_not_be_alike(norm, shape, of_m, radius, of_x, weight):
    rng = np.random.default_rng(8)
    m, center = of_m * rng.standard_normal(shape), of_x * rng.standard_normal(shape)
    for regularizer in (Penalty(ntr.L1(), weight), Penalty(ntr.L2(), weight), Ridge(weight)):
        step = trust_region_step(norm, m, center, radius, regularizer)
        assert abs(float(step.relative_gap)) <= 1e-6
        assert float(norm(step.point - center)) <= radius * (1 + 1e-14) + 1e-14 * float(norm(center))


@pytest.mark.parametrize("norm", [ntr.Spectral(), ntr.Frobenius()], ids=repr)
def test_a_center_too_far_for_the_dtype_is_said_and_no_prox_is_blamed(norm):
    rng = np.random.default_rng(0)
    m, center = (c * rng.standard_normal((4, 3)).astype(np.float32) for c in (1, 1e6))
    with pytest.raises(StepError, match=r"float32 holds the center's entries to .* only, too coarse for the radius"):
        trust_region_step(norm, m, center, 0.01, Penalty(ntr.L1(), 0.1))


@pytest.mark.parametrize(
    ("norm", "shape"), [(ntr.L2(), (4,)), (ntr.Spectral(), (2, 2))], ids=["euclidean", "splitting"]
)
def test_a_run_notices_a_wrong_prox(norm, shape):
    m, center = (np.reshape(a, shape) for a in ([1.0, -0.8, 0.05, 0.4], [0.3, -0.2, 0.4, 0.1]))
    xp = ntr.arrays.namespace_of(m)
    for by in (0.6, 0.1, -0.3, float("nan")):
        with pytest.raises(StepError, match=r"Soft\.prox: .*check it with ntr_spec\.verify\(Soft"):
            solve_point(norm, m, center, 0.5, Soft(by, True), xp)


def test_degenerate_boxes():
    for norm in (ntr.LInf(), ntr.L2(), ntr.L1(), ntr.TopK(2)):
        step = trust_region_step(norm, np.array([1.0, -1.0]), np.array([0.5, 0.5]), 3.0, Box(0.25, 0.25))
        assert step.point.tolist() == [0.25, 0.25]


@pytest.mark.parametrize(
    "regularizer", [Ball(ntr.LInf(), 0.4), LASSO + Ridge(0.5), Box(-0.1, 0.1) + Ridge(0.1)], ids=repr
)
def test_lengths_that_meet_the_radius_in_a_corner(regularizer):
    # Two entries that go from 0.05 to 0.4 have the length 0.7 exactly: the mixture of both sides is one of them.
    for seed in range(40):
        m, center = np.random.default_rng(seed).standard_normal(6), np.full(6, 0.05)
        step = trust_region_step(ntr.L1(), m, center, 0.7, regularizer)
        assert step.solver == "cross"
        assert abs(float(step.relative_gap)) <= 1e-12


# ---- other libraries ------------------------------------------------------------------------------------------------


def _libraries():
    import jax
    import jax.numpy
    import torch

    return (
        ("torch64", lambda a: torch.tensor(a, dtype=torch.float64)),
        ("torch32", lambda a: torch.tensor(a, dtype=torch.float32)),
        ("jax32", lambda a: jax.numpy.asarray(a, dtype="float32")),
    )


@pytest.mark.parametrize(("library", "make"), _libraries(), ids=[row[0] for row in _libraries()])
@pytest.mark.parametrize(("name", "norm", "regularizer", "shape"), SOLVERS, ids=IDS)
def test_other_libraries_take_the_same_step(library, make, name, norm, regularizer, shape):
    rng = np.random.default_rng(4)
    m, center = rng.standard_normal(shape), 0.1 * rng.standard_normal(shape)
    plain = trust_region_step(norm, m, center, 0.5, regularizer)
    theirs = trust_region_step(norm, make(m), make(center), 0.5, regularizer)
    assert type(theirs.point) is type(make(m))
    assert theirs.point.dtype == make(m).dtype
    assert theirs.solver == plain.solver == name
    value = [float(np.sum(m * x)) + float(regularizer(x)) for x in (plain.point, np.asarray(theirs.point, dtype=float))]
    assert value[0] == pytest.approx(value[1], abs=3e-4 if library.endswith("32") else 3e-6)


def test_closed_forms_run_inside_a_compiled_function():
    import jax
    import jax.numpy as jnp

    m, center = jnp.asarray([1.0, -0.1, 0.5]), jnp.asarray([0.2, 0.1, 0.0])

    @jax.jit
    def both(m, center):
        step = trust_region_step(ntr.LInf(), m, center, 0.5, LASSO)
        return step.point, step.relative_gap

    point, gap = both(m, center)
    plain = trust_region_step(ntr.LInf(), m, center, 0.5, LASSO)
    assert np.allclose(point, plain.point, atol=1e-7)
    assert abs(float(gap)) < 1e-6


# ---- wrong regularizers ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Soft(Regularizer):
    """0.3·‖x‖₁ with a prox that thresholds by another weight, or returns something else."""

    by: float = 0.3
    told: bool = False

    def _value(self, x, xp):
        return 0.3 * xp.sum(xp.abs(x))

    def _prox(self, x, step, xp):
        if self.by != self.by:
            return x * float("nan")
        return xp.sign(x) * xp.maximum(xp.abs(x) - self.by * step, xp.zeros_like(x))

    @property
    def conjugate(self):
        return Penalty(ntr.L1(), 0.3).conjugate if self.told else Regularizer.conjugate.fget(self)


@pytest.mark.parametrize("norm", [ntr.L2(), ntr.LInf(), ntr.L1(), ntr.Lp(3)], ids=repr)
@pytest.mark.parametrize("told", [True, False], ids=["with a conjugate", "without"])
def test_a_wrong_prox_is_named(norm, told):
    m, center = np.array([1.0, -0.8, 0.05, 0.4]), np.array([0.3, -0.2, 0.4, 0.1])
    right = trust_region_step(norm, m, center, 0.5, Soft(told=told))
    assert float(right.relative_gap) <= 1e-6
    for by in (0.6, 0.1, -0.3, float("nan")):
        with pytest.raises(StepError, match=r"Soft\.prox: .*check it with ntr_spec\.verify\(Soft"):
            trust_region_step(norm, m, center, 0.5, Soft(by, told))


@dataclass(frozen=True)
class Half(Regularizer):
    """The indicator of x ≥ 0 that says nothing of its domain but the conditions."""

    def _value(self, x, xp):
        return 0 * xp.max(x)

    def _domain(self, x, xp):
        from ntr_spec.steps import Bound

        low = xp.max(-x)
        return (Bound(low, 0 * low),)

    def _prox(self, x, step, xp):
        return xp.maximum(x, xp.zeros_like(x))


def test_a_regularizer_that_declares_no_domain_says_what_is_missing():
    step = trust_region_step(ntr.TopK(2), np.array([1.0, -1.0]), np.array([0.1, 0.1]), 0.5, Half())
    assert float(step.relative_gap) <= 1e-6
    with pytest.raises(NotDeclaredError, match="define the property `domain`"):
        trust_region_step(ntr.TopK(2), np.ones(2), -np.ones(2), 5.0, Half())


def test_a_tolerance_out_of_reach_gives_the_best_step():
    rng = np.random.default_rng(0)
    m, center = rng.standard_normal((6, 4)), 0.1 * rng.standard_normal((6, 4))
    with pytest.raises(StepError, match=r"after 3 iterations, above the tolerance 1e-09") as caught:
        trust_region_step(ntr.Spectral(), m, center, 0.5, LASSO, tolerance=1e-9, max_iterations=3)
    best = caught.value.step
    assert float(ntr.Spectral()(best.point - center)) <= 0.5 * (1 + 1e-12)
    assert best.iterations == 3
    again = trust_region_step(ntr.Spectral(), m, center, 0.5, LASSO, start=best.point)
    assert float(again.relative_gap) <= 1e-6


# ---- wrong arguments ------------------------------------------------------------------------------------------------

ONES = np.ones(3)
WRONG = (
    ({"m": ONES.astype(int)}, DTypeError, "floating"),
    ({"center": np.ones(2)}, InputError, r"m and center alike, got numpy float64\[3\] and numpy float64\[2\]"),
    ({"center": ONES.astype(np.float32)}, InputError, r"float64\[3\] and numpy float32\[3\]"),
    ({"center": [ONES]}, (InputError, DTypeError), "expected"),
    ({"start": np.ones(2)}, InputError, "m and start alike"),
    ({"radius": -1.0}, InputError, "at least 0"),
    ({"radius": np.inf}, InputError, "finite radius"),
    ({"radius": np.nan}, InputError, "at least 0"),
    ({"radius": "1"}, InputError, "a radius as a number"),
    ({"radius": np.ones(3)}, InputError, "0-d array"),
    ({"norm": ntr.L1}, InputError, "expected a norm"),
    ({"regularizer": "l1"}, InputError, "expected a regularizer"),
    ({"regularizer": Box([0, 0], [1, 1])}, InputError, "trust_region_step: Box expects"),
    ({"regularizer": {"W": Ridge(1.0)}}, InputError, "trust_region_step: Product expects"),
    ({"tolerance": 0.0}, InputError, "a tolerance greater than 0"),
    ({"tolerance": "tight"}, InputError, "a tolerance greater than 0"),
    ({"max_iterations": 0}, InputError, "at least one iteration"),
    ({"max_iterations": 1.5}, InputError, "at least one iteration"),
)


@pytest.mark.parametrize(
    ("changes", "error", "words"), WRONG, ids=[str(next(iter(row[0]))) + row[2][:12] for row in WRONG]
)
def test_wrong_arguments_get_one_sentence(changes, error, words):
    arguments = {"norm": ntr.L1(), "m": ONES, "center": ONES, "radius": 1.0, "regularizer": Ridge(1.0)}
    with pytest.raises(error, match=words):
        trust_region_step(**{**arguments, **changes})


def test_libraries_are_not_mixed():
    import torch

    with pytest.raises(InputError, match="m and center alike"):
        trust_region_step(ntr.L1(), ONES, torch.ones(3, dtype=torch.float64), 1.0, Ridge(1.0))


def test_nothing_is_written_into_the_arguments():
    m, center = np.array([1.0, -2.0]), np.array([0.5, 0.5])
    for norm in (ntr.L1(), ntr.L2(), ntr.LInf(), ntr.TopK(2)):
        trust_region_step(norm, m, center, 1.0, LASSO)
    assert (m.tolist(), center.tolist()) == ([1.0, -2.0], [0.5, 0.5])


def test_a_ball_that_misses_dom_r_is_named_in_runs_on_every_host():
    import jax.numpy as jnp
    import torch

    method = ntr.TrustRegion(ntr.LInf(), radius=0.1, decay=0.5, regularizer=Box(0.9, 1.0))
    for ones in (np.ones(2), torch.ones(2), jnp.ones(2)):
        with pytest.raises(ntr.InfeasibleError, match=r"0\.4 away from the center"):
            method.update(method.init(ones), ones)


def test_a_solver_that_reads_numbers_says_so_while_it_is_compiled():
    import jax
    import jax.numpy as jnp

    search = ntr.TrustRegion(ntr.L2(), regularizer=Penalty(ntr.L1(), 0.1))
    with pytest.raises(ntr.InputError, match="reads numbers, which jax has not while it compiles"):
        jax.jit(search.update)(search.init(jnp.ones(3)), jnp.ones(3))
    closed = ntr.TrustRegion(ntr.LInf(), regularizer=Penalty(ntr.L1(), 0.1))
    state = closed.init(jnp.ones(3))
    np.testing.assert_array_equal(jax.jit(closed.update)(state, jnp.ones(3)).x, closed.update(state, jnp.ones(3)).x)


@pytest.mark.parametrize("norm", [ntr.L2(), ntr.TopK(2)])
def test_without_momentum_every_point_of_both_sets_will_do(norm):
    c = np.array([0, 0, 0, 0.1])
    step = ntr.trust_region_step(norm, np.zeros(4), c, 0.07555034925567389, Ball(ntr.L2(), 0.09054036914940651))
    assert float(step.gap) == 0
    assert float(ntr.L2()(step.point)) <= 0.0905404
