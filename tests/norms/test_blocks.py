"""Mixed, Stacked and Product against convex programs and block-by-block arithmetic."""

import dataclasses
import pickle

import numpy as np
import optree
import pytest

import ntr_spec as ntr
from ntr_spec.arrays import dot
from ntr_spec.trees import leaves
from tests.norms.agreement import check_against_oracle, check_rho, check_zero_and_nan

MIXED = [
    ntr.Mixed(ntr.LInf(), ntr.L1(), axis=1),
    ntr.Mixed(ntr.LInf(), ntr.L1(), axis=0),
    ntr.Mixed(ntr.L1(), ntr.L2(), axis=1),
    ntr.Mixed(ntr.L1(), ntr.L2(), axis=-2),
    ntr.Mixed(ntr.L2(), ntr.L1(), axis=1),
    ntr.Mixed(ntr.TopK(2), ntr.L2(), axis=1),
    ntr.Mixed(ntr.Weighted(ntr.L1(), [1, 2, 3]), ntr.LInf(), axis=1),
    ntr.Mixed(ntr.L1(), ntr.Linear(ntr.L2(), [[1, 1], [0, 2]]), axis=1),
]
X = np.array([[3.0, -4.0], [1.0, 0.5], [0.0, 2.0]])


@pytest.mark.parametrize("norm", MIXED, ids=repr)
def test_mixed_against_the_convex_program(norm):
    check_against_oracle(norm, X if norm.axis != 0 else X[:2])


@pytest.mark.parametrize("norm", MIXED, ids=repr)
def test_zero_nan_and_rho(norm):
    check_zero_and_nan(norm, X)
    if norm.has_rho:
        check_rho(norm, (3, 2), np.random.default_rng(0))


def test_mixed_on_three_axes():
    x = np.random.default_rng(1).normal(size=(2, 3, 4))
    for axis in (0, 1, 2, -1, -3):
        norm = ntr.Mixed(ntr.L1(), ntr.L2(), axis)
        assert norm(x) == pytest.approx(np.sum(np.linalg.norm(x, axis=axis)), rel=1e-14)
        assert dot(x, norm.lmo(x)) == pytest.approx(-np.max(np.linalg.norm(x, axis=axis)), rel=1e-14)
        p = norm.project(x, 2.0)
        assert p.shape == x.shape
        assert norm(p) == pytest.approx(2.0, rel=1e-13)


def test_mixed_with_an_inner_norm_that_takes_one_point_at_a_time():
    class Largest(ntr.Norm):
        def _value(self, x, xp):
            assert x.ndim == 1
            return xp.max(xp.abs(x))

        def _lmo(self, g, xp):
            assert g.ndim == 1
            return -xp.sign(g)

    slow, fast = ntr.Mixed(ntr.L1(), Largest(), axis=0), ntr.Mixed(ntr.L1(), ntr.LInf(), axis=0)
    assert slow(X) == fast(X)
    np.testing.assert_array_equal(slow.lmo(X), fast.lmo(X))
    assert isinstance(slow.dual, ntr.SupportFunction)
    assert slow.dual(X) == fast.dual(X)


def test_stacked_is_the_outer_norm_of_the_slices():
    x = np.random.default_rng(2).normal(size=(3, 2, 4))
    for inner in (ntr.Spectral(), ntr.L2(), ntr.KyFan(2), ntr.Frobenius()):
        layers, total = ntr.Stacked(inner), ntr.Stacked(inner, outer=ntr.L1())
        assert layers(x) == max(inner(s) for s in x)
        assert total(x) == pytest.approx(sum(inner(s) for s in x), rel=1e-14)
        assert layers.dual(x) == pytest.approx(sum(inner.dual(s) for s in x), rel=1e-14)
        np.testing.assert_allclose(layers.lmo(x), np.stack([inner.lmo(s) for s in x]), atol=1e-14)
        np.testing.assert_allclose(layers.project(x, 0.7), np.stack([inner.project(s, 0.7) for s in x]), atol=1e-14)
        winner = int(np.argmax([inner.dual(s) for s in x]))
        expected = np.zeros_like(x)
        expected[winner] = inner.lmo(x[winner])
        np.testing.assert_allclose(total.lmo(x), expected, atol=1e-14)
        check_rho(layers, x.shape, np.random.default_rng(3))


def test_stacks_of_stacks_run_at_once():
    x = np.random.default_rng(4).normal(size=(2, 3, 2, 4))
    norm = ntr.Stacked(ntr.Stacked(ntr.Spectral(), ntr.L1()), ntr.L2())
    assert norm.norm.batched
    assert norm(x) == pytest.approx(np.sqrt(sum(sum(np.linalg.norm(m, 2) for m in s) ** 2 for s in x)), rel=1e-14)
    assert dot(x, norm.lmo(x)) == pytest.approx(-norm.dual(x), rel=1e-13)
    assert norm(norm.lmo(x)) == pytest.approx(1.0, rel=1e-13)
    boxes = ntr.Stacked(ntr.Stacked(ntr.Spectral()))
    np.testing.assert_allclose(boxes.project(x, 0.5)[1, 2], ntr.Spectral().project(x[1, 2], 0.5), atol=1e-14)


LAYERS = ntr.Product({"W": ntr.Spectral(), "b": ntr.LInf()})


def _layers(rng, scale=1.0):
    return {"W": scale * rng.normal(size=(3, 2)), "b": rng.normal(size=4)}


def test_layerwise_lmo_is_that_of_every_block_to_the_last_bit():
    for scale in (1.0, 1e-200, 1e200):  # blocks do not share a scale
        g = _layers(np.random.default_rng(5), scale)
        v = LAYERS.lmo(g)
        np.testing.assert_array_equal(v["W"], ntr.Spectral().lmo(g["W"]))
        np.testing.assert_array_equal(v["b"], ntr.LInf().lmo(g["b"]))
        assert LAYERS(g) == max(ntr.Spectral()(g["W"]), ntr.LInf()(g["b"]))
        assert LAYERS.dual(g) == pytest.approx(ntr.Nuclear()(g["W"]) + ntr.L1()(g["b"]), rel=1e-13)


def test_layerwise_lmo_needs_no_dual_norm():
    calls = []

    class Counting(ntr.Norm):
        def _value(self, x, xp):
            calls.append("value")
            return xp.max(xp.abs(x))

        def _lmo(self, g, xp):
            calls.append("lmo")
            return -xp.sign(g)

    g = {"a": np.ones(2), "b": np.ones(3)}
    ntr.Product({"a": Counting(), "b": Counting()}).lmo(g)
    assert calls == ["lmo", "lmo"]
    calls.clear()
    ntr.Product({"a": Counting(), "b": Counting()}, outer=ntr.L2()).lmo(g)
    assert calls == ["lmo", "lmo"]


OUTERS = [
    ntr.L1(),
    ntr.L2(),
    ntr.LInf(),
    ntr.Lp(3),
    ntr.TopK(2),
    ntr.OWL([2, 1]),
    ntr.Weighted(ntr.L2(), [1, 3]),
]


@pytest.mark.parametrize("outer", OUTERS, ids=repr)
def test_any_outer_norm(outer):
    norm = ntr.Product({"W": ntr.Nuclear(), "b": ntr.L2()}, outer=outer)
    rng = np.random.default_rng(6)
    rho = norm.rho({"W": (3, 2), "b": 4})
    reached = 0.0
    for _ in range(10):
        g = _layers(rng)
        sizes = np.array([ntr.Nuclear()(g["W"]), ntr.L2()(g["b"])])
        duals = np.array([ntr.Spectral()(g["W"]), ntr.L2()(g["b"])])
        assert norm(g) == pytest.approx(outer(sizes), rel=1e-13)
        assert norm.dual(g) == pytest.approx(outer.dual(duals), rel=1e-13)
        v = norm.lmo(g)
        assert norm(v) <= 1 + 1e-12
        assert dot(g, v) == pytest.approx(-norm.dual(g), rel=1e-12)
        assert norm.dual(g) <= rho * np.sqrt(dot(g, g)) * (1 + 1e-12)
        for _ in range(100):
            v = optree.tree_map(np.negative, norm.lmo(v))
        reached = max(reached, float(np.sqrt(dot(v, v))))
    assert reached == pytest.approx(rho, rel=1e-8)


def test_product_projections():
    x = _layers(np.random.default_rng(7))
    p = LAYERS.project(x, 0.5)
    np.testing.assert_allclose(p["W"], ntr.Spectral().project(x["W"], 0.5), atol=1e-15)
    np.testing.assert_allclose(p["b"], np.clip(x["b"], -0.5, 0.5), atol=1e-15)
    norm = ntr.Product({"W": ntr.Frobenius(), "b": ntr.L2()}, outer=ntr.L1())
    sizes = np.array([np.linalg.norm(x["W"]), np.linalg.norm(x["b"])])
    shrunk = ntr.L1().project(sizes, 0.5)
    p = norm.project(x, 0.5)
    np.testing.assert_allclose([np.linalg.norm(p["W"]), np.linalg.norm(p["b"])], shrunk, atol=1e-14)
    outside = ntr.Product({"W": ntr.Spectral(), "b": ntr.L2()}, outer=ntr.L1())
    assert not outside.has_projection
    with pytest.raises(ntr.NotDeclaredError, match=r"Product.project: no projection is known"):
        outside.project(x)


def test_zero_and_nan_in_a_product():
    for norm in (LAYERS, ntr.Product({"W": ntr.Spectral(), "b": ntr.L1()}, outer=ntr.L1())):
        check_zero_and_nan(norm, _layers(np.random.default_rng(8)))


def test_products_nest_in_pytrees_and_in_each_other():
    inner = ntr.Product([ntr.L1(), ntr.L2()], outer=ntr.L1())
    norm = ntr.Product({"first": inner, "rest": (ntr.LInf(), {"deep": ntr.L2()})})
    x = {
        "first": [np.array([1.0, -2.0]), np.array([3.0, 4.0])],
        "rest": (np.array([7.0]), {"deep": np.array([-2.0])}),
    }
    assert norm(x) == 8.0
    assert norm.dual(x) == 5.0 + 7.0 + 2.0
    v = norm.lmo(x)
    np.testing.assert_allclose(np.concatenate([a.ravel() for a in leaves(v)]), [0, 0, -0.6, -0.8, -1, 1])
    assert ntr.Scaled(norm, 2)(x) == 16.0


def test_blocks_of_two_precisions_keep_their_own():
    for outer in (ntr.LInf(), ntr.L1(), ntr.L2()):
        norm = ntr.Product({"a": ntr.L2(), "b": ntr.L2()}, outer=outer)
        g = {"a": np.ones(2, dtype=np.float32), "b": np.ones(3)}
        assert {k: v.dtype.name for k, v in norm.lmo(g).items()} == {"a": "float32", "b": "float64"}
        assert {k: v.dtype.name for k, v in norm.project(g, 0.5).items()} == {"a": "float32", "b": "float64"}


@pytest.mark.parametrize(
    ("point", "message"),
    [
        ({"W": np.ones((2, 2))}, "missing b"),
        ({"W": np.ones((2, 2)), "b": np.ones(2), "c": np.ones(2)}, "unknown c"),
        ({"w": np.ones((2, 2)), "b": np.ones(2)}, "missing W; unknown w"),
        ([np.ones((2, 2)), np.ones(2)], "missing W, b; unknown 0, 1"),
        (np.ones(3), "missing W, b"),
        ({"W": np.ones(2), "b": np.ones(2)}, r"block W to be a matrix \(2 axes\)"),
        ({"W": np.ones((2, 2)), "b": {"x": np.ones(2)}}, "block b to be an array, not a pytree"),
    ],
)
def test_points_of_another_structure_are_one_clear_error(point, message):
    with pytest.raises(ntr.InputError, match=r"Product\.lmo: expected .*" + message):
        LAYERS.lmo(point)


@pytest.mark.parametrize("blocks", [{}, [], ntr.L1(), {"a": 3}, {"a": "L1"}, {"a": ntr.L1}])
def test_blocks_are_norms(blocks):
    with pytest.raises(ntr.InputError, match=r"Product: expected"):
        ntr.Product(blocks)


@pytest.mark.parametrize(
    "make",
    [
        lambda outer: ntr.Product([ntr.L1(), ntr.L1()], outer=outer),
        lambda outer: ntr.Stacked(ntr.L1(), outer),
        lambda outer: ntr.Mixed(outer, ntr.L1(), 0),
    ],
)
@pytest.mark.parametrize("outer", [ntr.Linear(ntr.L1(), [[1, 1], [0, 1]]), ntr.Spectral(), "L1"])
def test_outer_norms_claim_to_be_absolute(make, outer):
    with pytest.raises(ntr.InputError, match=r"expected an outer norm that claims to be ABSOLUTE"):
        make(outer)


def test_other_bad_points():
    with pytest.raises(ntr.InputError, match=r"Mixed.norm: expected at least 3 axes"):
        ntr.Mixed(ntr.L1(), ntr.L2(), axis=2)(np.ones((2, 2)))
    with pytest.raises(ntr.InputError, match=r"Mixed: expected one axis"):
        ntr.Mixed(ntr.L1(), ntr.L2(), axis=(0, 1))
    with pytest.raises(ntr.InputError, match=r"Stacked.norm: expected at least 2 axes"):
        ntr.Stacked(ntr.L2())(np.ones(3))
    with pytest.raises(ntr.InputError, match=r"Stacked.norm: expected slices each of which is a matrix"):
        ntr.Stacked(ntr.Spectral())(np.ones((3, 2)))
    with pytest.raises(
        ntr.InputError, match=r"Mixed.norm: expected an array that has, apart from axis 1, at least k=3"
    ):
        ntr.Mixed(ntr.TopK(3), ntr.L2(), axis=1)(np.ones((2, 2)))


def test_a_product_is_a_value():
    blocks = {"W": ntr.Spectral(), "b": ntr.L1()}
    norm = ntr.Product(blocks)
    twin = ntr.Product({"b": ntr.L1(), "W": ntr.Spectral()})
    assert norm == twin
    assert hash(norm) == hash(twin)
    assert norm != ntr.Product(blocks, outer=ntr.L1())
    assert norm != ntr.Product({"W": ntr.Spectral(), "c": ntr.L1()})
    assert norm != ntr.L1()
    assert pickle.loads(pickle.dumps(norm)) == norm
    assert eval(repr(norm), {**vars(ntr), "SVD": ntr.polar.SVD}) == norm
    blocks["b"] = ntr.L2()
    norm.blocks["b"] = ntr.L2()
    assert norm == twin
    with pytest.raises(dataclasses.FrozenInstanceError):
        norm.outer = ntr.L1()
    with pytest.raises(dataclasses.FrozenInstanceError):
        del norm.outer


def test_notation():
    assert str(LAYERS) == "max(‖σ(W)‖_∞, ‖b‖_∞)"
    assert str(ntr.Product({"a": ntr.L1(), "b": LAYERS}, ntr.L2())) == "‖(‖a‖₁, max(‖σ(b.W)‖_∞, ‖b.b‖_∞))‖₂"
    assert str(ntr.Mixed(ntr.L1(), ntr.L2(), axis=1)) == "‖(‖xᵢ,:‖₂)_i‖₁"


def test_claims_are_those_that_all_parts_share():
    absolute = ntr.Product([ntr.L1(), ntr.L2()])
    assert absolute.claims == {ntr.Claim.ABSOLUTE}
    assert ntr.Product([ntr.L2(), ntr.Frobenius()], ntr.L2()).claims == {
        ntr.Claim.ABSOLUTE,
        ntr.Claim.EUCLIDEAN,
        ntr.Claim.STRICTLY_CONVEX,
    }
    assert LAYERS.claims == frozenset()
    assert ntr.Claim.POLYHEDRAL in ntr.Mixed(ntr.LInf(), ntr.L1(), 0).claims
