"""Regularizers against convex programs, brute force and their own laws; hostile input."""

import copy
import itertools
import pickle

import cvxpy as cp
import numpy as np
import pytest

import ntr_spec as ntr
from ntr_spec.arrays import dot, tolerance
from ntr_spec.errors import DTypeError, InputError, NotDeclaredError
from ntr_spec.laws.regularizers import REGULARIZER_FLOAT_LAWS, REGULARIZER_LAWS
from ntr_spec.norms.leaves import PerLeaf
from ntr_spec.steps import (
    Ball,
    Box,
    Origin,
    Penalty,
    Product,
    Regularizer,
    Ridge,
    Sum,
    Zero,
    as_regularizer,
    fenchel_gap,
)
from ntr_spec.steps.conjugate import Conjugate, Domain
from ntr_spec.trees import leaves, tree_map
from tests.norms import oracle

INF = np.inf
NORMS = {
    "L1": (ntr.L1(), (4,)),
    "L2": (ntr.L2(), (4,)),
    "LInf": (ntr.LInf(), (4,)),
    "TopK": (ntr.TopK(2), (4,)),
    "OWLDual": (ntr.OWLDual([3, 2, 1]), (3,)),
    "OWL": (ntr.OWL([3, 2, 1]), (3,)),
    "Spectral": (ntr.Spectral(), (3, 2)),
    "Nuclear": (ntr.Nuclear(), (3, 2)),
    "Frobenius": (ntr.Frobenius(), (2, 3)),
    "KyFan": (ntr.KyFan(2), (2, 3)),
    "group": (ntr.Mixed(ntr.L1(), ntr.L2(), axis=1), (3, 2)),
    "columns": (ntr.Mixed(ntr.LInf(), ntr.L1(), axis=0), (2, 3)),
    "Scaled": (ntr.Scaled(ntr.LInf(), 0.4), (4,)),
    "Weighted": (ntr.Weighted(ntr.L1(), [1, 2, 4]), (3,)),
    "Lp": (ntr.Lp(3), (4,)),
    "Ellipsoidal": (ntr.Ellipsoidal([[2, 1], [1, 3]]), (2,)),
}
norms = pytest.mark.parametrize("name", NORMS)


def points(shape, seed=0):
    rng = np.random.default_rng(seed)
    yield rng.normal(size=shape)
    yield rng.integers(-2, 3, shape).astype(float)
    yield 10 * rng.normal(size=shape) * rng.integers(0, 2, shape)


def minimum(objective, *conditions):
    return float(cp.Problem(cp.Minimize(objective), list(conditions)).solve(solver=cp.CLARABEL))


def quadratic(y, x, step):
    return cp.sum_squares(cp.vec(y - x, order="C")) / (2 * step)


# ---- norms as penalties and balls ------------------------------------------------------------------------------


@norms
@pytest.mark.parametrize("step", [0.3, 2.0])
def test_prox_of_a_penalty_solves_its_convex_program(name, step):
    norm, shape = NORMS[name]
    R = Penalty(norm, 0.7)
    for x in points(shape):
        p, y = R.prox(x, step), cp.Variable(shape)
        best = minimum(0.7 * oracle.expression(norm, y) + quadratic(y, x, step))
        found = float(R(p) + np.sum((p - x) ** 2) / (2 * step))
        np.testing.assert_allclose(found, best, rtol=1e-6, atol=1e-6)


@norms
def test_prox_of_a_ball_solves_its_convex_program(name):
    norm, shape = NORMS[name]
    R = Ball(norm, 1.5)
    for x in points(shape):
        p = R.prox(x, 0.4)
        np.testing.assert_allclose(np.linalg.norm(p - x), oracle.distance(norm, x, 1.5), atol=2e-6 * (1 + abs(x).max()))
        assert float(norm(p)) <= 1.5 * (1 + 1e-9)


@norms
def test_values_and_conjugates_of_a_penalty_and_a_ball(name):
    norm, shape = NORMS[name]
    for x in points(shape):
        np.testing.assert_allclose(Penalty(norm, 0.7)(x), 0.7 * oracle.value(norm, x), rtol=1e-6, atol=1e-8)
        support = oracle.dual_value(norm, x)
        np.testing.assert_allclose(Ball(norm, 1.5).conjugate(x), 1.5 * support, rtol=1e-6, atol=1e-8)
        if support:
            # The conjugate of λ‖·‖ is 0 on the dual ball of radius λ and infinite outside.
            inside, outside = x * (0.7 / support * (1 - 1e-5)), x * (0.7 / support * (1 + 1e-5))
            assert float(Penalty(norm, 0.7).conjugate(inside)) == 0.0
            assert float(Penalty(norm, 0.7).conjugate(outside)) == INF
            size = oracle.value(norm, x)
            assert float(Ball(norm, 1.5)(x * (1.5 / size * (1 - 1e-5)))) == 0.0
            assert float(Ball(norm, 1.5)(x * (1.5 / size * (1 + 1e-5)))) == INF


def test_a_product_norm_as_penalty_goes_block_by_block():
    blocks = {"u": ntr.L1(), "W": ntr.Nuclear()}
    R = Penalty(ntr.Product(blocks, outer=ntr.L1()), 0.5)
    rng = np.random.default_rng(1)
    x = {"u": rng.normal(size=3), "W": rng.normal(size=(2, 3))}
    p = R.prox(x, 0.8)
    for name, norm in blocks.items():
        np.testing.assert_allclose(p[name], Penalty(norm, 0.5).prox(x[name], 0.8), atol=1e-14)
    ball = Ball(ntr.Stacked(ntr.Spectral()), 0.5)
    stack = rng.normal(size=(3, 2, 2))
    for one, each in zip(ball.prox(stack), stack, strict=True):
        np.testing.assert_allclose(one, ntr.Spectral().project(each, 0.5), atol=1e-14)


# ---- the others ------------------------------------------------------------------------------------------------


def test_ridge_box_and_elastic_net_solve_their_convex_programs():
    rng = np.random.default_rng(2)
    lower, upper = np.array([-INF, 0.0, 1.0]), np.array([0.5, INF, 1.0])
    x, y = 2 * rng.normal(size=3), cp.Variable(3)
    inside = [y[0] <= 0.5, y[1] >= 0, y[2] == 1]
    cases = [
        (Ridge(3.0), 1.5 * cp.sum_squares(y), []),
        (Box(lower, upper), 0, inside),
        (Box(-1, 0.5), 0, [y >= -1, y <= 0.5]),
        (Box(0), 0, [y >= 0]),
        (Box(None, 0.25), 0, [y <= 0.25]),
        (Zero(), 0, []),
        (Origin(), 0, [y == 0]),
        (Penalty(ntr.L1(), 0.5) + Ridge(2.0), 0.5 * cp.norm1(y) + cp.sum_squares(y), []),
        (Ridge(2.0) + Box(lower, upper), cp.sum_squares(y), inside),
        (Box(-1, 0.5).conjugate, cp.sum(cp.maximum(-y, 0.5 * y)), []),
        (Box(0).conjugate, 0, [y <= 0]),
        (Box(1, 2).conjugate, cp.sum(cp.maximum(y, 2 * y)), []),
        ((Penalty(ntr.L1(), 0.5) + Ridge(2.0)).conjugate, cp.sum_squares(cp.maximum(cp.abs(y) - 0.5, 0)) / 4, []),
    ]
    for R, expression, conditions in cases:
        for step in (0.3, 2.0):
            p = R.prox(x, step)
            found = float(R(p) + np.sum((p - x) ** 2) / (2 * step))
            best = minimum(expression + quadratic(y, x, step), *conditions)
            np.testing.assert_allclose(found, best, rtol=1e-6, atol=1e-7, err_msg=repr(R))
        s = rng.normal(size=3)
        # R* is finite here if R grows fast enough or is bounded.
        if isinstance(R, Ridge | Sum) or repr(R) == repr(Box(-1, 0.5)):
            sup = -minimum(expression - s @ y, *conditions)
            np.testing.assert_allclose(R.conjugate(s), sup, rtol=1e-6, atol=1e-7, err_msg=repr(R))


def test_partly_bounded_boxes_leave_points_beyond_their_bounds_out():
    R = Box([-INF, 0, 0.5], [1, INF, 0.5])
    assert np.isinf(R(np.array([0.0, -0.1, 0.5])))
    assert np.isinf(R(np.array([0.0, 0.0, 0.4])))
    assert R(np.array([-9.0, 9.0, 0.5])) == 0


def test_conjugates_of_partly_bounded_boxes_are_infinite_where_the_free_side_pays():
    support = Box([-INF, 0.0], [1.0, INF]).conjugate
    assert float(support(np.array([2.0, -3.0]))) == 2.0
    assert float(support(np.array([-1e-9, -3.0]))) == INF
    assert float(support(np.array([2.0, 1e-9]))) == INF
    assert Box().conjugate.domain == Box(0, 0)
    assert Box(-1, 1).conjugate.domain == Zero()


# ---- laws ------------------------------------------------------------------------------------------------------

EVERY = {
    **{f"penalty {name}": (Penalty(norm, 0.3), shape) for name, (norm, shape) in NORMS.items()},
    **{f"ball {name}": (Ball(norm, 0.7), shape) for name, (norm, shape) in NORMS.items()},
    "zero": (Zero(), (3,)),
    "origin": (Origin(), (3,)),
    "ridge": (Ridge(0.4), (3,)),
    "box": (Box(-1, 2), (3,)),
    "positive": (Box(0), (3,)),
    "shifted box": (Box(1, 1.5), (3,)),
    "partly bounded": (Box([-INF, 0, 0.5], [1, INF, 0.5]), (3,)),
    "its support": (Box([-INF, 0, 0.5], [1, INF, 0.5]).conjugate, (3,)),
    "support": (Box(1, 1.5).conjugate, (3,)),
    "support of a cone": (Box(0).conjugate, (3,)),
    "elastic net": (Penalty(ntr.L1(), 0.2) + Ridge(0.3), (3,)),
    "envelope": ((Penalty(ntr.L1(), 0.2) + Ridge(0.3)).conjugate, (3,)),
    "box and ridge": (Box(0, 1) + Ridge(2.0), (3,)),
    "its envelope": ((Box(0, 1) + Ridge(2.0)).conjugate, (3,)),
    "low rank": (Penalty(ntr.Nuclear(), 0.2) + Ridge(0.3), (2, 3)),
    "scaled box": (Ball(ntr.Weighted(ntr.LInf(), [1, 2, 4]), 0.5), (3,)),
    "weighted sum": (Penalty(ntr.Weighted(ntr.L1(), [1, 2, 4], True), 0.5), (3,)),
    "sums of sums": (Penalty(ntr.Mixed(ntr.Weighted(ntr.L1(), [1, 2]), ntr.Scaled(ntr.L1(), 3), 1), 0.5), (2, 3)),
    "stacked sums": (Penalty(ntr.Stacked(ntr.L1(), ntr.L1()), 0.5), (2, 3)),
    "leaves": (Penalty(PerLeaf(ntr.L1(), outer=ntr.L1()), 0.5), {"W": (2, 2), "b": (3,)}),
    "blocks": (Product({"W": Penalty(ntr.Nuclear(), 0.1), "b": Box(0)}), {"W": (2, 3), "b": (2,)}),
    "sum over blocks": (Product({"W": Penalty(ntr.L1(), 0.1), "b": Box(0, 1)}), {"W": (2, 3), "b": (2,)}),
    "product norm": (Penalty(ntr.Product({"u": ntr.L1(), "v": ntr.L2()}), 0.2), {"u": (3,), "v": (2,)}),
    "product ball": (Ball(ntr.Product({"u": ntr.LInf(), "v": ntr.Scaled(ntr.LInf(), 2)}), 0.2), {"u": (3,), "v": (2,)}),
}
every = pytest.mark.parametrize("name", EVERY)


def is_shape(spec):
    return isinstance(spec, tuple)


def draws(spec, rng):
    """Points that make trouble: ties, zeros, several magnitudes."""

    def one(shape, style):
        plain = rng.normal(size=shape)
        return [
            plain,
            rng.integers(-2, 3, shape).astype(float),
            0 * plain,
            plain * 10.0 ** rng.integers(-6, 7),
            np.full(shape, rng.normal()) * rng.choice([-1, 1], shape),
        ][style]

    return [one(spec, k) if is_shape(spec) else {key: one(s, k) for key, s in spec.items()} for k in range(5)]


def judge(R, law, values, dtype):
    if law.admit is not None:
        values = law.admit(R, {name: value for (name, _), value in zip(law.variables, values, strict=True)}).values()
    cast = [tree_map(lambda leaf: np.asarray(leaf, dtype=dtype), v) for v in values]
    slack = tolerance(float(np.finfo(dtype).eps), sum(leaf.size for leaf in leaves(cast[0])))
    said = 0
    for relation in law.relation(R, *cast):
        if relation.given is not None and not bool(relation.given):
            continue
        said += 1
        lhs, rhs = float(relation.lhs), float(relation.rhs)
        scale = max(abs(lhs), abs(rhs), 0.0 if relation.scale is None else float(relation.scale))
        excess = abs(lhs - rhs) if relation.op == "==" else lhs - rhs
        assert np.isfinite([lhs, rhs]).all(), (law.name, values)
        assert excess <= slack * scale, (law.name, values, lhs, relation.op, rhs)
    return said


@every
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_every_law_holds(name, dtype):
    R, spec = EVERY[name]
    rng = np.random.default_rng(3)
    for law in REGULARIZER_LAWS:
        if law.missing(R) is not None:
            continue
        said = 0
        for first, second in itertools.product(range(5), range(0, 5, 2) if dtype == "float64" else [1]):
            mine, other, third = draws(spec, rng), draws(spec, rng), draws(spec, rng)
            drawn = iter([mine[first], other[second], third[(first + second) % 5]])
            values = [next(drawn) if kind.value == "point" else 10.0 ** rng.uniform(-2, 2) for _, kind in law.variables]
            said += judge(R, law, values, dtype)
        assert said >= 5, law.name


def test_what_the_laws_leave_out_is_said():
    missing = {law.name: law.missing(Huber()) for law in REGULARIZER_LAWS}
    assert {name for name, reason in missing.items() if reason is None} == {"convex", "prox_optimal"}
    assert "no conjugate is declared" in missing["fenchel_young"]
    assert "finite everywhere" in missing["prox_in_domain"]
    assert {law.name for law in REGULARIZER_FLOAT_LAWS} >= {"nan_propagates", "input_unchanged", "no_host_sync"}


class Huber(Regularizer):
    """A user's: value and prox, nothing else."""

    def _value(self, x, xp):
        size = xp.abs(x)
        return xp.sum(xp.where(size <= 1, x * x / 2, size - 0.5))

    def _prox(self, x, step, xp):
        size = xp.abs(x)
        return xp.where(size <= 1 + step, x / (1 + step), x - step * xp.sign(x))


class Entropy(Regularizer):
    """A user's with a domain that it only describes: −Σ log xᵢ on x > 0, as the prox has a closed form."""

    def _value(self, x, xp):
        return -xp.sum(xp.log(xp.where(x > 0, x, xp.ones_like(x))))

    def _domain(self, x, xp):
        from ntr_spec.steps import Bound

        return (Bound(xp.max(-x), 0 * xp.max(-x)),)

    def _prox(self, x, step, xp):
        return (x + xp.sqrt(x * x + 4 * step)) / 2


@pytest.mark.parametrize("R", [Huber(), Entropy()], ids=["huber", "entropy"])
def test_laws_hold_for_a_regularizer_of_a_users_own(R):
    rng = np.random.default_rng(4)
    for law in REGULARIZER_LAWS:
        if law.missing(R) is None:
            for _ in range(20):
                values = [rng.normal(size=3) if kind.value == "point" else 0.7 for _, kind in law.variables]
                assert judge(R, law, values, "float64")


class Steep(Huber):
    """A wrong prox."""

    def _prox(self, x, step, xp):
        return x / (1 + step)


class Concave(Huber):
    """Not convex."""

    def _value(self, x, xp):
        return xp.sum(xp.sqrt(xp.abs(x)))


@pytest.mark.parametrize(("R", "name"), [(Steep(), "prox_optimal"), (Concave(), "convex")], ids=["steep", "concave"])
def test_laws_catch_wrong_ones(R, name):
    law = next(law for law in REGULARIZER_LAWS if law.name == name)
    rng = np.random.default_rng(5)

    def holds(values):
        try:
            return judge(R, law, values, "float64") > 0
        except AssertionError:
            return False

    tries = [[3 * rng.normal(size=3) if kind.value == "point" else 0.7 for _, kind in law.variables] for _ in range(20)]
    assert not all(map(holds, tries))


@every
def test_the_pair_of_a_prox_is_tight_in_fenchel_youngs_inequality(name):
    R, spec = EVERY[name]
    if isinstance(R.conjugate, Conjugate) or not R.has_prox:
        pytest.skip("no conjugate or no prox")
    rng = np.random.default_rng(6)
    for x in draws(spec, rng)[:2]:
        p = R.prox(x, 1.0)
        s = R.conjugate.domain.prox(tree_map(lambda a, b: a - b, x, p))
        assert abs(float(fenchel_gap(R, p, s))) <= 1e-12
        q = R.conjugate.prox(x, 1.0)  # Moreau: x = p + q
        for a, b, c in zip(leaves(x), leaves(p), leaves(q), strict=True):
            np.testing.assert_allclose(b + c, a, atol=1e-13)


# ---- sums over entries, by brute force -------------------------------------------------------------------------

_BIG = 1e9


def entry_of(slopes=(0.0, 0.0), curvature=0.0, bounds=(-INF, INF)):
    """The value and the subdifferential of max(lx, rx) + (c/2)x² on an interval, at one number."""
    left, right = slopes

    def value(x):
        inside = bounds[0] <= x <= bounds[1]
        return max(left * x, right * x) + curvature / 2 * x * x if inside else INF

    def subdifferential(x):
        low = (left if x <= 0 else right) + curvature * x
        high = (right if x >= 0 else left) + curvature * x
        return (-INF if x == bounds[0] else low), (INF if x == bounds[1] else high)

    return value, subdifferential


SEPARABLE = {
    "zero": (Zero(), entry_of()),
    "penalty": (Penalty(ntr.L1(), 2.0), entry_of((-2, 2))),
    "scaled penalty": (Penalty(ntr.Scaled(ntr.L1(), 0.5), 2.0), entry_of((-1, 1))),
    "ridge": (Ridge(0.5), entry_of(curvature=0.5)),
    "box": (Box(-1, 2), entry_of(bounds=(-1, 2))),
    "half line": (Box(0), entry_of(bounds=(0, INF))),
    "point": (Box(1, 1), entry_of(bounds=(1, 1))),
    "origin": (Origin(), entry_of(bounds=(0, 0))),
    "ball": (Ball(ntr.LInf(), 1.5), entry_of(bounds=(-1.5, 1.5))),
    "support": (Box(-1, 3).conjugate, entry_of((-1, 3))),
    "positive support": (Box(1, 3).conjugate, entry_of((1, 3))),
    "support of a half line": (Box(0).conjugate, entry_of((0, 0), bounds=(-INF, 0))),
    "elastic net": (Penalty(ntr.L1(), 2.0) + Ridge(0.5), entry_of((-2, 2), 0.5)),
    "box and ridge": (Box(-1, 2) + Ridge(0.5), entry_of(curvature=0.5, bounds=(-1, 2))),
    "ball and ridge": (Ball(ntr.LInf(), 1.5) + Ridge(2.0), entry_of(curvature=2.0, bounds=(-1.5, 1.5))),
}


@pytest.mark.parametrize("name", SEPARABLE)
def test_box_argmin_against_brute_force(name):
    R, (value, subdifferential) = SEPARABLE[name]
    assert R.separable
    slopes = np.array([-4.0, -3, -2, -1, -0.5, 0, 0.5, 1, 2, 3, 4])
    ends = [(-3.0, 3.0), (-3.0, 0.0), (0.0, 3.0), (-2.0, -1.0), (1.0, 2.5), (-0.25, 0.5), (1.0, 1.0), (0.0, 0.0)]
    for low, high in ends:
        lower, upper = np.full(slopes.shape, low), np.full(slopes.shape, high)
        x, s = R.box_argmin(slopes, lower, upper)
        grid = np.unique(np.concatenate([np.linspace(low, high, 2001), np.clip([0, -1, 1, 1.5, -1.5, 2], low, high)]))
        for k, g in enumerate(slopes):
            objective = [g * y + value(y) for y in grid]
            if min(objective) == INF:  # the box misses dom R: a point of dom R outside the box, so that it shows
                assert value(x[k]) < INF
                assert not low <= x[k] <= high
                continue
            assert low <= x[k] <= high
            assert g * x[k] + value(x[k]) <= min(objective) + 1e-12
            least, most = subdifferential(x[k])
            np.testing.assert_allclose(s[k], np.clip(-g, least, most), atol=1e-12)


def test_box_argmin_misses_a_domain_by_the_nearest_point():
    g, lower, upper = np.array([1.0, -1.0, 0.0]), np.full(3, 5.0), np.full(3, 6.0)
    for R in (Box(-1, 2), Ball(ntr.LInf(), 2.0), Box(-1, 2) + Ridge(3.0)):
        x, s = R.box_argmin(g, lower, upper)
        assert x.tolist() == [2.0, 2.0, 2.0]
        assert np.all(s[1:] >= 0)


def test_box_argmin_of_blocks_is_that_of_each_block():
    R = Product({"W": Penalty(ntr.L1(), 1.0), "b": Box(0)})
    g = {"W": np.array([[2.0, -0.5]]), "b": np.array([1.0])}
    ones = tree_map(np.ones_like, g)
    x, s = R.box_argmin(g, tree_map(np.negative, ones), ones)
    assert (x["W"].tolist(), x["b"].tolist()) == ([[-1.0, 0.0]], [0.0])
    assert (s["W"].tolist(), s["b"].tolist()) == ([[-1.0, 0.5]], [-1.0])


def test_rounding_is_forgiven_in_bounds_of_entries_no_more_in_long_arrays():
    x = np.full(10**6, 0.1, dtype=np.float32)
    for R in (Box(-0.05, 0.05), Box(np.full(10**6, -0.05), np.full(10**6, 0.05)), Ball(ntr.LInf(), 0.05)):
        assert R(x) == INF
        assert R(x / 2) == 0
        assert R(x / 2 * np.float32(1 + 1e-3)) == INF
    for norm in (ntr.L1(), ntr.L2()):
        R = Ball(norm, float(norm(x)))
        assert (R(x), R(x * np.float32(1.1))) == (0, INF)


def test_minimizers_of_long_arrays_are_those_of_their_entries():
    rng = np.random.default_rng(5)
    g, c = (rng.standard_normal(70_001).astype(np.float32) for _ in range(2))
    for R, _ in SEPARABLE.values():
        if not R.uniform:
            continue
        method = ntr.TrustRegion(ntr.LInf(), radius=np.float32(0.25), momentum=0.0, regularizer=R)
        start = R.domain.prox(c)
        x = method.update(method.init(start), g).x
        lower, upper = start - np.float32(0.25), start + np.float32(0.25)
        assert x.dtype == np.float32
        assert x.tolist() == R.box_argmin(g, lower, upper)[0].tolist()
    assert {R.uniform for R, _ in SEPARABLE.values()} == {True}
    assert not Box([0.0, 1.0]).uniform
    assert not Penalty(ntr.Weighted(ntr.L1(), [1.0, 2.0]), 1.0).uniform


def test_quadratic_values_that_are_finite_do_not_overflow_midway():
    x = np.array([1e20, -2e20], dtype=np.float32)
    for R, rest in ((Ridge(1e-10), 0.0), (Penalty(ntr.L1(), 1e-10) + Ridge(1e-10), 3e10)):
        assert float(R(x)) == pytest.approx(2.5e30 + rest, rel=1e-6)
        assert R(x).dtype == np.float32


# ---- arrays of every library -----------------------------------------------------------------------------------


def verbs_of(R):
    found = [R, R.contains]
    found += [lambda x: R.prox(x, 0.5)] if R.has_prox else []
    found += [R.subgradient] if R.has_subgradient else []
    return found + ([] if isinstance(R.conjugate, Conjugate) else [R.conjugate])


def check_like_numpy(name, asarray, compiled=lambda verb: verb):
    R, spec = EVERY[name]
    x = tree_map(lambda leaf: leaf.astype(np.float32), draws(spec, np.random.default_rng(7))[0])
    for verb in verbs_of(R):
        found = compiled(verb)(tree_map(asarray, x))
        for a, b in zip(leaves(found), leaves(verb(x)), strict=True):
            assert str(a.dtype).removeprefix("torch.") == str(b.dtype)
            np.testing.assert_allclose(np.asarray(a), b, rtol=2e-4, atol=2e-5)


@every
def test_torch_gives_what_numpy_gives(name):
    torch = pytest.importorskip("torch")
    check_like_numpy(name, torch.from_numpy)


@pytest.mark.parametrize("name", ["penalty L1", "ball L2", "partly bounded", "elastic net", "envelope", "blocks"])
def test_compiled_by_jax_they_give_what_numpy_gives(name):
    jax = pytest.importorskip("jax")
    check_like_numpy(name, jax.numpy.asarray, jax.jit)


@pytest.mark.parametrize("R", [Penalty(ntr.L2(), 0.5), Ridge(2.0), Product([Penalty(ntr.L1(), 1.0), Ridge(1.0)])])
def test_a_step_may_be_a_0d_array_and_widens_nothing(R):
    torch, jax = pytest.importorskip("torch"), pytest.importorskip("jax")
    x = np.array([3.0, -4.0], dtype=np.float32)
    point = [x, x] if isinstance(R, Product) else x
    wanted = R.prox(point, 0.5)
    for array, step in (
        (np.asarray, np.asarray(0.5)),
        (np.asarray, np.float64(0.5)),
        (torch.asarray, torch.tensor(0.5, dtype=torch.float64)),
        (jax.numpy.asarray, jax.numpy.asarray(0.5)),
    ):
        found = R.prox(tree_map(array, point), step)
        for a, b in zip(leaves(found), leaves(wanted), strict=True):
            assert str(a.dtype).removeprefix("torch.") == "float32"
            np.testing.assert_allclose(np.asarray(a), b, rtol=1e-6)


@every
def test_nan_is_never_lost(name):
    R, spec = EVERY[name]
    x = draws(spec, np.random.default_rng(8))[0]
    leaves(x)[-1].reshape(-1)[0] = np.nan
    assert np.isnan(R(x))
    assert not R.contains(x)
    results = [R.prox(x, 0.5)] if R.has_prox else []
    results += [R.subgradient(x)] if R.has_subgradient else []
    if R.separable:
        results += list(R.box_argmin(x, tree_map(lambda v: np.full_like(v, -1), x), tree_map(np.ones_like, x)))
    for result in results:
        assert any(np.isnan(leaf).any() for leaf in leaves(result))


def test_thresholds_give_exact_zeros():
    rng = np.random.default_rng(9)
    x = rng.normal(size=(20, 5))
    assert np.count_nonzero(Penalty(ntr.L1(), 0.5).prox(x)) == np.count_nonzero(np.abs(x) > 0.5)
    group = Penalty(ntr.Mixed(ntr.L1(), ntr.L2(), axis=1), 2.0).prox(x)
    assert np.count_nonzero(group.any(axis=1)) == np.count_nonzero(np.linalg.norm(x, axis=1) > 2.0)
    assert not Penalty(ntr.L2(), 100.0).prox(x).any()
    net = (Penalty(ntr.L1(), 0.5) + Ridge(0.1)).prox(x)
    assert np.count_nonzero(net) == np.count_nonzero(np.abs(x) > 0.5)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_extreme_steps_and_points_stay_finite(dtype):
    x = np.array([3.0, -4.0], dtype=dtype)
    for R in (Penalty(ntr.L1(), 2.0), Penalty(ntr.L2(), 2.0), Ball(ntr.L1(), 2.0), Box(0), Ridge(2.0), Zero()):
        tiny, huge = R.prox(x, 1e-30), R.prox(x, 1e30)
        large = R.prox(x * 1e30, 1.0)
        assert np.isfinite([tiny, huge, large]).all()
        assert large.dtype == dtype
    np.testing.assert_array_equal(Penalty(ntr.L2(), 2.0).prox(x, 1e30), 0)
    np.testing.assert_array_equal(Penalty(ntr.L1(), 2.0).prox(x, 1e-30), x)
    np.testing.assert_array_equal(Ridge(2.0).prox(x, 1e-30), x)


def test_a_single_number_is_a_point():
    x = np.asarray(-3.0)
    for R, wanted in ((Penalty(ntr.L1(), 1.0), -2.0), (Box(0), 0.0), (Ridge(1.0), -1.5), (Ball(ntr.L2(), 1.0), -1.0)):
        assert float(R.prox(x)) == wanted
        assert R.prox(x).shape == ()


def test_values_run_on_symbols():
    from ntr_spec.verify.symbolic import symbols

    x, t = symbols("x", 2), symbols("t", (), positive=True)
    assert str((Ridge(3.0).prox(x, t)).expressions.tolist()) == "[x1/(3*t + 1), x2/(3*t + 1)]"
    for R in (Penalty(ntr.L1(), 0.1), Ball(ntr.L1(), 0.1), Box([0, -INF], [1, 2]), Box([0, -INF], [1, 2]).conjugate):
        assert (R(x).shape, R.prox(x, t).shape, R.contains(x).shape) == ((), (2,), ())


# ---- values as values ------------------------------------------------------------------------------------------


@every
def test_regularizers_are_immutable_values(name):
    R, _ = EVERY[name]
    for other in (pickle.loads(pickle.dumps(R)), copy.deepcopy(R)):
        assert (other, hash(other), repr(other)) == (R, hash(R), repr(R))
    assert str(R)
    with pytest.raises(AttributeError):
        R.weight = 3.0
    for derived in (R.conjugate, R.domain, Conjugate(R), Domain(R)):
        assert pickle.loads(pickle.dumps(derived)) == derived


def test_numbers_are_plain_floats():
    assert Penalty(ntr.L1(), np.float64(0.5)) == Penalty(ntr.L1(), 0.5)
    assert type(Penalty(ntr.L1(), np.float64(0.5)).weight) is float
    assert Penalty(ntr.L1(), np.float64(0.5)).prox(np.ones(2, dtype=np.float32)).dtype == np.float32
    assert Box(np.float32(0), np.asarray(1)) == Box(0, 1.0)
    assert Box([0, 1]) == Box(np.array([0.0, 1.0])) != Box([0, 2])
    assert Box(-INF, INF) == Box() == Box([-INF, -INF])


def test_sums_with_a_ridge():
    R = Penalty(ntr.L1(), 0.5)
    assert R + Ridge(1.0) == Ridge(1.0) + R == Sum(R, 1.0)
    assert R + Ridge(1.0) + Ridge(2.0) == Sum(R, 3.0)
    assert Ridge(1.0) + Ridge(2.0) == Ridge(3.0)
    assert R + Zero() == Zero() + R == R
    assert (R + Ridge(1.0)).conjugate.conjugate == R + Ridge(1.0)
    with pytest.raises(InputError, match="the prox of such a sum is not known"):
        R + Box(0)
    with pytest.raises(TypeError):
        R + 1


def test_a_pytree_of_regularizers_is_their_product():
    assert as_regularizer("f", {"a": Zero()}) == Product({"a": Zero()})
    assert as_regularizer("f", Zero()) == Zero()
    assert Sum({"a": Zero()}, 1.0).regularizer == Product({"a": Zero()})
    nested = Product({"a": [Ridge(1.0), Zero()], "b": Penalty(ntr.L2(), 1.0)})
    x = {"a": [np.ones(2), np.ones(3)], "b": np.array([3.0, 4.0])}
    assert float(nested(x)) == 6.0
    assert float(dot(nested.subgradient(x), x)) == 7.0


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: Penalty(ntr.L1, 0.1), "Penalty: expected a norm"),
        (lambda: Penalty(Zero(), 0.1), "Penalty: expected a norm"),
        (lambda: Penalty(ntr.L1(), 0), "Penalty: expected a finite weight greater than 0, got 0"),
        (lambda: Penalty(ntr.L1(), -1), "Penalty: expected a finite weight greater than 0, got -1"),
        (lambda: Penalty(ntr.L1(), "0.1"), "Penalty: expected a finite weight"),
        (lambda: Penalty(ntr.L1(), True), "Penalty: expected a finite weight"),
        (lambda: Ball(ntr.L2(), 0), "Ball: expected a finite radius greater than 0"),
        (lambda: Ball(ntr.L2(), np.nan), "Ball: expected a finite radius"),
        (lambda: Ball(ntr.L2(), INF), "Ball: expected a finite radius"),
        (lambda: Ridge(1e-320), "Ridge: expected a finite weight"),
        (lambda: Box(2, 1), "expected lower ≤ upper, got 2.0 and 1.0; swap them"),
        (lambda: Box([0, 3], [1, 2]), "expected lower ≤ upper"),
        (lambda: Box([1, 2], [1, 2, 3]), r"bounds of one shape, got \(2,\) and \(3,\)"),
        (lambda: Box([1, 2], [[1, 2]]), "bounds of one shape"),
        (lambda: Box(np.nan), "Box.lower"),
        (lambda: Box(INF), "Box.lower"),
        (lambda: Box(None, [1, -INF]), "Box.upper"),
        (lambda: Box("0"), "Box.lower: expected a number"),
        (lambda: Box(True), "Box.lower: expected a number"),
        (lambda: Product({}), "Product: expected a dict, list or tuple"),
        (lambda: Product({"a": ntr.L1()}), "expected a regularizer for every block"),
        (lambda: Sum(ntr.L1(), 1.0), r"Sum: expected a regularizer.*Penalty\(L1\(\), 0.1\)"),
        (lambda: as_regularizer("minimize", 3), "minimize: expected a regularizer or a pytree of them, got 3"),
        (lambda: Zero().prox(np.ones(2), 0), "Zero.prox: expected a finite step greater than 0, got 0"),
        (lambda: Zero().prox(np.ones(2), np.asarray(-1.0)), "expected a finite step greater than 0"),
        (lambda: Zero().prox(np.ones(2), np.ones(2)), "a number or a 0-d array of numpy"),
        (lambda: Zero().prox(np.ones(2), None), "a number or a 0-d array of numpy"),
        (lambda: Box([1, 2])(np.ones(3)), r"the shape of its bounds, \(2,\); got shape \(3,\)"),
        (lambda: Penalty(ntr.Spectral(), 1.0)(np.ones(3)), "a matrix"),
        (lambda: Box(0)({"a": np.ones(1)}), "not a pytree"),
        (lambda: Product({"a": Zero()})({"b": np.ones(2)}), "a pytree of blocks"),
        (lambda: Product({"a": Box([1.0])})({"a": np.ones(2)}), "block a to be the shape of its bounds"),
        (lambda: Zero().box_argmin(np.ones(2), np.ones(2), np.ones(3)), "give all three one shape"),
    ],
)
def test_bad_arguments_are_named(wrong, message):
    with pytest.raises(InputError, match=message):
        wrong()


def test_wrong_dtypes_and_what_is_not_declared_are_named():
    with pytest.raises(DTypeError, match=r"Penalty.prox: expected a floating array, got int64"):
        Penalty(ntr.L1(), 1.0).prox(np.ones(2, dtype=int))
    with pytest.raises(DTypeError):
        Zero()([1.0, 2.0])
    with pytest.raises(NotDeclaredError, match="not known to be a sum over entries"):
        Penalty(ntr.L2(), 1.0).box_argmin(np.ones(2), np.ones(2), np.ones(2))
    with pytest.raises(NotDeclaredError, match="override the property `conjugate`"):
        Huber().conjugate(np.ones(2))
    with pytest.raises(NotDeclaredError, match="define _subgradient"):
        Huber().subgradient(np.ones(2))
    with pytest.raises(NotDeclaredError, match="override the property `domain`"):
        Entropy().domain.prox(np.ones(2))
