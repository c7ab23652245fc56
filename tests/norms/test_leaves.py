"""PerLeaf against Product with the same norm in every block; ShapeScaled against Scaled at each shape."""

import pickle

import numpy as np
import pytest

import ntr_spec as ntr
from ntr_spec.trees import leaves
from tests.norms.agreement import check_against_oracle, check_zero_and_nan

TREES = {
    "flat": {"a": (3, 2), "b": (2, 2)},
    "nested": {"layers": [{"W": (2, 3)}, {"W": (3, 1)}], "head": ((2, 2),)},
    "list": [(2, 4), (1, 1)],
}
NORMS = [
    ntr.PerLeaf(ntr.LInf()),
    ntr.PerLeaf(ntr.Spectral()),
    ntr.PerLeaf(ntr.L2(), outer=ntr.L2()),
    ntr.PerLeaf(ntr.L1(), outer=ntr.TopK(2)),
    ntr.PerLeaf(ntr.ShapeScaled(ntr.Nuclear(), "out/in"), outer=ntr.L1()),
]


def draw(spec, rng):
    if isinstance(spec, dict):
        return {key: draw(part, rng) for key, part in spec.items()}
    if isinstance(spec, list) or isinstance(spec[0], tuple):
        return type(spec)(draw(part, rng) for part in spec)
    return rng.normal(size=spec)


def blocks(spec, norm):
    if isinstance(spec, dict):
        return {key: blocks(part, norm) for key, part in spec.items()}
    if isinstance(spec, list) or isinstance(spec[0], tuple):
        return type(spec)(blocks(part, norm) for part in spec)
    return norm


@pytest.mark.parametrize("tree", TREES)
@pytest.mark.parametrize("norm", NORMS, ids=repr)
def test_it_is_the_product_with_one_norm(norm, tree):
    twin = ntr.Product(blocks(TREES[tree], norm.norm), outer=norm.outer)
    x = draw(TREES[tree], np.random.default_rng(0))
    assert norm(x) == twin(x)
    assert norm.dual(x) == twin.dual(x)
    assert norm.rho(TREES[tree]) == twin.rho(TREES[tree])
    assert norm.claims == twin.claims
    for a, b in zip(leaves(norm.lmo(x, 0.3)), leaves(twin.lmo(x, 0.3)), strict=True):
        np.testing.assert_array_equal(a, b)
    assert norm.has_projection == twin.has_projection
    if norm.has_projection:
        for a, b in zip(leaves(norm.project(x, 0.3)), leaves(twin.project(x, 0.3)), strict=True):
            np.testing.assert_array_equal(a, b)
    else:
        with pytest.raises(ntr.NotDeclaredError, match=r"PerLeaf\.project: no projection is known"):
            norm.project(x)
    assert type(norm.lmo(x)) is type(x)
    check_zero_and_nan(norm, x)


def test_a_bare_array_is_one_leaf():
    x = np.random.default_rng(1).normal(size=(3, 4))
    for inner in (ntr.LInf(), ntr.Spectral(), ntr.L2()):
        norm = ntr.PerLeaf(inner)
        assert norm(x) == inner(x)
        np.testing.assert_array_equal(norm.lmo(x), inner.lmo(x))
        np.testing.assert_array_equal(norm.project(x, 0.1), inner.project(x, 0.1))
        assert norm.rho((3, 4)) == inner.rho((3, 4))
    check_against_oracle(ntr.Reshaped(ntr.Spectral(), (2, 3)), np.arange(6.0))  # the oracle knows arrays only


def test_leaves_do_not_share_a_scale():
    g = {"a": np.array([1e-200, -2e-200]), "b": np.array([1e200, 0.0])}
    v = ntr.PerLeaf(ntr.L2()).lmo(g)
    np.testing.assert_allclose(np.linalg.norm(v["a"]), 1.0)
    np.testing.assert_allclose(v["b"], [-1.0, 0.0])


def test_words():
    with pytest.raises(ntr.InputError, match=r"PerLeaf\.lmo: expected leaf net\.b to be a matrix .*Product"):
        ntr.PerLeaf(ntr.Spectral()).lmo({"net": {"W": np.ones((2, 2)), "b": np.ones(2)}})
    with pytest.raises(ntr.InputError, match=r"PerLeaf\.norm: expected a matrix"):
        ntr.PerLeaf(ntr.Spectral())(np.ones(2))
    with pytest.raises(ntr.InputError, match=r"PerLeaf\.norm: expected at least k=3"):
        ntr.PerLeaf(ntr.L1(), outer=ntr.TopK(3))([np.ones(2), np.ones(2)])
    with pytest.raises(ntr.InputError, match=r"PerLeaf: expected an outer norm that claims to be ABSOLUTE"):
        ntr.PerLeaf(ntr.L1(), outer=ntr.Spectral())
    with pytest.raises(ntr.InputError, match=r"PerLeaf: expected a norm"):
        ntr.PerLeaf(ntr.L1)
    assert str(ntr.PerLeaf(ntr.L1())) == "max_l ‖xₗ‖₁"
    assert repr(ntr.PerLeaf(ntr.L1(), ntr.L2())) == "PerLeaf(norm=L1(), outer=L2())"
    assert ntr.PerLeaf(ntr.L1(), ntr.L2()).dual == ntr.PerLeaf(ntr.LInf(), ntr.L2())


# ---- ShapeScaled ---------------------------------------------------------------------------------

FACTORS = {  # s, from outputs, input channels and the kernel's volume
    "1": lambda out, channels, volume: 1,
    "out": lambda out, channels, volume: out**0.5,
    "out/in": lambda out, channels, volume: (out / channels / volume) ** 0.5,
    "max(1, out/in)": lambda out, channels, volume: max(1, (out / channels / volume) ** 0.5),
    "max(out, in)": lambda out, channels, volume: max(out, channels * volume) ** 0.5,
    "1/in": lambda out, channels, volume: (channels * volume) ** -0.5,
    "1/in²": lambda out, channels, volume: 1 / (channels * volume),
    "out/in²": lambda out, channels, volume: out**0.5 / channels / volume,
    "conv": lambda out, channels, volume: (out / channels) ** 0.5 / volume,
}
WEIGHTS = [((6, 2), (6, 2, 1), 0), ((2, 6), (2, 6, 1), 0), ((8, 3, 2, 2), (8, 3, 4), 0), ((4, 1, 3), (4, 1, 3), 0)]
WEIGHTS += [((2, 6), (6, 2, 1), -1), ((3, 3, 1, 16), (16, 1, 9), -1)]


@pytest.mark.parametrize(("shape", "fans", "axis"), WEIGHTS)
@pytest.mark.parametrize("square", FACTORS)
def test_shape_scaled_is_scaled_at_each_shape(square, shape, fans, axis):
    s = 0.7 * FACTORS[square](*fans)
    out, rest = fans[0], fans[1] * fans[2]
    matrix = (out, rest) if axis == 0 else (rest, out)
    x = np.random.default_rng(2).normal(size=shape)
    for inner in (ntr.Spectral(), ntr.Nuclear(), ntr.LInf(), ntr.Mixed(ntr.L1(), ntr.L2(), 0)):
        norm = ntr.ShapeScaled(inner, square, 0.7, axis)
        twin = ntr.Scaled(inner, 1 / s)
        assert norm.scale(shape) == pytest.approx(s, rel=1e-15)
        for ours, theirs in ((norm, twin), (norm.dual, twin.dual)):
            assert ours(x) == pytest.approx(theirs(x.reshape(matrix)), rel=1e-13)
            np.testing.assert_allclose(ours.lmo(x), theirs.lmo(x.reshape(matrix)).reshape(shape), atol=1e-12)
            if ours.has_projection:
                expected = theirs.project(x.reshape(matrix), 0.2).reshape(shape)
                np.testing.assert_allclose(ours.project(x, 0.2), expected, atol=1e-13)
            if ours.has_rho:
                assert ours.rho(shape) == pytest.approx(theirs.rho(matrix), rel=1e-13)
        assert norm.dual.dual == norm
        check_zero_and_nan(norm, x)


def test_with_spectral_and_out_over_in_it_is_the_rms_operator_norm():
    x = np.random.default_rng(3).normal(size=(5, 3))
    ours, theirs = ntr.ShapeScaled(ntr.Spectral(), "out/in"), ntr.RMSOperator()
    np.testing.assert_allclose([ours(x), ours.dual(x)], [theirs(x), theirs.dual(x)], rtol=1e-15)
    np.testing.assert_allclose(ours.lmo(x), theirs.lmo(x), atol=1e-15)


def test_no_overflow_before_the_division():
    x = np.full((2, 1), 1.7e308)
    assert np.isfinite(ntr.ShapeScaled(ntr.Mixed(ntr.LInf(), ntr.L2(), 0), "out", 2.0)(x))
    assert np.isfinite(ntr.ShapeScaled(ntr.Spectral(), "out", 2.0)(x))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("in",), "expected a square among"),
        (("out", 0.0), "expected a factor"),
        (("out", "2"), "expected a factor"),
        (("out", 1.0, 1), "expected out_axis 0 or -1"),
        (("out", 1.0, True), "expected out_axis 0 or -1"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ntr.InputError, match=f"^ShapeScaled: {message}"):
        ntr.ShapeScaled(ntr.L2(), *arguments)


def test_more_words():
    norm = ntr.ShapeScaled(ntr.Spectral(), "max(out, in)", 0.2)
    assert str(norm) == "‖σ(x)‖_∞/((1/5)·√max(out, in))"
    assert str(norm.dual) == "(1/5)·√max(out, in)·‖σ(x)‖₁"
    assert repr(norm) == "ShapeScaled(norm=Spectral(), square='max(out, in)', factor=0.2)"
    assert pickle.loads(pickle.dumps(norm)) == norm
    with pytest.raises(ntr.InputError, match=r"expected a weight of at least 2 axes; give biases a norm of their own"):
        norm(np.ones(3))
    with pytest.raises(ntr.InputError, match=r"expected a weight of at least one axis"):
        norm(np.asarray(1.0))
