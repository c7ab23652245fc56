"""Scale normalisation and stacks: what every hook may rely on."""

import numpy as np
import pytest

import ntr_spec as ntr
from ntr_spec.arrays import namespace_of
from ntr_spec.norms.apply import apply_lmo, apply_project, apply_value, magnitude
from ntr_spec.trees import leaves, tree_map


class Spy(ntr.Norm):
    """ℓ₂, written so plainly that it overflows; remembers the largest entry that it has seen."""

    def __init__(self):
        self.seen = []

    def _value(self, x, xp):
        self.seen.append(float(xp.max(xp.abs(x))))
        return xp.sqrt(xp.sum(x * x))

    def _lmo(self, g, xp):
        self.seen.append(float(xp.max(xp.abs(g))))
        size = xp.sqrt(xp.sum(g * g))
        return -g / xp.where(size == 0, xp.ones_like(size), size)

    def _project(self, x, radius, xp):
        self.seen.append(float(xp.max(xp.abs(x))))
        return x * xp.minimum(radius / xp.sqrt(xp.sum(x * x)), 1.0)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_hooks_see_points_of_magnitude_one(dtype):
    spy, info = Spy(), np.finfo(dtype)
    for scale in (info.max / 2, 1.0, info.smallest_normal, info.smallest_subnormal * 4):
        x = np.array([1.0, -0.5, 0.25], dtype=dtype) * dtype(scale)
        value, v = spy(x), spy.lmo(x)
        p = spy.project(x, 1.0)
        assert value.dtype == v.dtype == p.dtype == dtype
        assert np.isfinite(value)
        assert value > 0
        np.testing.assert_allclose(np.linalg.norm(v.astype(float)), 1.0, rtol=1e-6)
        assert np.all(np.isfinite(p))
    assert max(spy.seen) <= 4.0  # the top of the range is divided by a quarter of it


def test_projections_at_extreme_ratios_of_radius_to_point():
    norm = ntr.L2()
    for x, radius in ((1e-300, 1e300), (1e300, 1e-5), (5e-324, 1e308), (0.0, np.inf), (1e308, 1e308)):
        p = norm.project(np.array([x, 0.0]), radius)
        np.testing.assert_allclose(p, [min(x, radius), 0.0], rtol=1e-15)


def test_magnitude_is_clipped_to_numbers_that_may_divide():
    for dtype in (np.float32, np.float64):
        x, info = np.zeros(3, dtype=dtype), np.finfo(dtype)
        xp = namespace_of(x)
        assert magnitude(x, xp) == info.smallest_subnormal
        assert magnitude(x - np.inf, xp) == info.max
        assert np.isnan(magnitude(np.array([1, np.nan], dtype=dtype), xp))
        assert magnitude(x, xp).dtype == dtype
        stack = np.array([[[1.0, -3.0]], [[0.0, 0.0]]], dtype=dtype)
        np.testing.assert_array_equal(
            magnitude(stack, xp, 1), np.array([[[3]], [[info.smallest_subnormal]]], dtype=dtype)
        )
        assert magnitude({"a": x + 1, "b": x - 7}, xp) == 7


def test_norms_that_take_one_point_at_a_time_are_looped_over():
    x = np.random.default_rng(0).normal(size=(2, 3, 4))
    xp, spy, radii = namespace_of(x), Spy(), np.linspace(0.1, 5.0, 6).reshape(2, 3)
    np.testing.assert_allclose(apply_value(spy, x, xp, 2), np.linalg.norm(x, axis=-1), rtol=1e-14)
    np.testing.assert_allclose(apply_lmo(spy, x, radii, xp, 2), apply_lmo(ntr.L2(), x, radii, xp, 2), rtol=1e-14)
    np.testing.assert_allclose(
        apply_project(spy, x, radii, xp, 2), apply_project(ntr.L2(), x, radii, xp, 2), rtol=1e-14
    )
    np.testing.assert_allclose(apply_project(spy, x, 0.5, xp, 2), apply_project(ntr.L2(), x, 0.5, xp, 2), rtol=1e-14)


def test_each_point_of_a_stack_has_its_own_scale():
    x = np.array([[1e-300, 2e-300], [1e300, 2e300], [0.0, 0.0]])
    xp = namespace_of(x)
    np.testing.assert_allclose(
        apply_value(ntr.L2(), x, xp, 1) / [1e-300, 1e300, 1.0], [5**0.5, 5**0.5, 0.0], rtol=1e-14
    )
    v = apply_lmo(ntr.L2(), x, 1.0, xp, 1)
    np.testing.assert_allclose(v, [[-(0.2**0.5), -(0.8**0.5)]] * 2 + [[0.0, 0.0]], rtol=1e-14)


def test_inputs_are_never_written_to():
    rng = np.random.default_rng(1)
    for _, norm in ntr.catalogue():
        x = tree_map(lambda shape: rng.normal(size=shape.dims), norm._shapes((3,))[0])
        for leaf in leaves(x):
            leaf.setflags(write=False)
        norm(x), norm.lmo(x, 0.5)
        if norm.has_projection:
            norm.project(x, 0.5)
        assert not any(a is b for a, b in zip(leaves(norm.lmo(x)), leaves(x), strict=True))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("norm", [ntr.L2(), ntr.Lp(1.1), ntr.Lp(20)], ids=repr)
def test_subnormal_points_are_lifted_to_one(norm, dtype):
    # A power of a number that is small even after scaling underflows: Lp(1.1) raises magnitudes to the 11th power.
    smallest = np.finfo(dtype).smallest_subnormal
    g = np.array([2 * smallest, -smallest, 0], dtype=dtype)
    np.testing.assert_allclose(norm.lmo(g), norm.lmo(np.array([2, -1, 0], dtype=dtype)), rtol=1e-6)
    assert norm.dual(g) > 0
