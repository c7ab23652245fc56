"""The mended namespace and the admission of points, on every installed library."""

import array_api_strict
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import ntr_spec as ntr
from ntr_spec.arrays import admit, device_of, dot, euclidean, largest_entry, namespace_of, tolerance
from ntr_spec.trees import leaves, tree_map

MAKERS = {
    "numpy": np.asarray,
    "torch": torch.tensor,
    "jax": jnp.asarray,
    "array_api_strict": array_api_strict.asarray,
}


def _host(x):
    """An array of any library as a NumPy array, entry by entry."""
    flat = namespace_of(x).reshape(x, (-1,))
    return np.asarray([float(flat[k]) for k in range(flat.shape[0])]).reshape(x.shape)


@pytest.mark.parametrize("name", MAKERS)
def test_namespaces_are_found_named_and_remembered(name):
    x = MAKERS[name]([1.0, 2.0])
    xp = namespace_of(x)
    assert (xp.name, xp.exact) == (name, False)
    assert namespace_of(x) is xp
    assert repr(xp) == f"Namespace({name})"
    assert float(xp.sum(x)) == 3.0
    assert device_of(x) == x.device


@pytest.mark.parametrize("name", MAKERS)
def test_sign_keeps_nan(name):
    x = MAKERS[name]([np.nan, -2.0, 0.0])
    found = [float(v) for v in namespace_of(x).sign(x)]
    assert np.isnan(found[0])
    assert found[1:] == [-1.0, 0.0]


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_singular_values_of_what_is_not_finite_are_nan(name, bad):
    # The second matrix of the stack is sound and must stay so.
    x = MAKERS[name]([[[1.0, bad], [0.0, 1.0]], [[3.0, 0.0], [0.0, 4.0]]])
    xp = namespace_of(x)
    s = _host(xp.linalg.svdvals(x))
    assert np.all(np.isnan(s[0]))
    np.testing.assert_allclose(s[1], [4.0, 3.0], rtol=1e-6)
    u, t, vh = xp.linalg.svd(x, full_matrices=False)
    assert np.all(np.isnan(_host(u)[0]))
    assert np.all(np.isnan(_host(vh)[0]))
    np.testing.assert_allclose(_host(t)[1], [4.0, 3.0], rtol=1e-6)


@pytest.mark.parametrize("name", MAKERS)
def test_limits_are_those_of_the_dtype(name):
    x = MAKERS[name]([1.0])
    xp = namespace_of(x)
    limits = xp.limits(xp.float32)
    assert limits.eps == 2.0**-23
    assert limits.smallest == (2.0**-126 if name == "jax" else 2.0**-149)
    assert xp.limits(xp.int32) is None


@pytest.mark.parametrize("name", MAKERS)
def test_operations_on_points(name):
    make = MAKERS[name]
    x = {"a": make([3.0, 0.0]), "b": make([[-4.0]])}
    assert float(dot(x, x)) == 25.0
    assert float(euclidean(x)) == 5.0
    assert float(largest_entry(x)) == 4.0


@pytest.mark.parametrize("name", ["torch", "jax", "array_api_strict"])
def test_every_library_is_told_how_to_cast(name):
    advice = "x.to\\(torch.float32\\)" if name == "torch" else "x.astype\\(float\\)"
    with pytest.raises(
        ntr.DTypeError, match=rf"L2.norm: expected a floating array, got int(32|64); cast with {advice}"
    ):
        ntr.L2()(MAKERS[name]([1, 2]))


def test_libraries_are_not_mixed():
    with pytest.raises(ntr.InputError, match=r"blocks come from numpy and torch; convert all of them to one library"):
        admit("Product.lmo", {"a": np.ones(2), "b": torch.ones(2)})


def test_devices_are_not_mixed():
    other = array_api_strict.Device("device1")
    point = {"a": array_api_strict.ones(2), "b": array_api_strict.ones(2, device=other)}
    with pytest.raises(ntr.InputError, match=r"blocks lie on .*CPU_DEVICE.* and .*device1.*; move all of them"):
        admit("Product.lmo", point)


@pytest.mark.parametrize("name", ["torch", "array_api_strict"])
def test_norms_stay_on_the_second_device(name):
    if name == "torch":
        norms = [ntr.L1(), ntr.TopK(2), ntr.Weighted(ntr.L1(), [1, 2, 3])]
        for norm in norms:  # shapes and devices without data
            assert norm.lmo(torch.ones(3, device="meta")).device.type == "meta"
        return
    device = array_api_strict.Device("device1")
    x = array_api_strict.asarray([1.0, -2.0, 0.5], device=device)
    for norm in (
        ntr.L1(),
        ntr.TopK(2),
        ntr.OWL([3, 2, 1]),
        ntr.Weighted(ntr.LInf(), [1, 2, 3]),
        ntr.OWLDual([3, 2, 1]),
    ):
        assert norm(x).device == norm.lmo(x).device == device
        if norm.has_projection:
            assert norm.project(x, 0.5).device == device


def test_the_whole_catalogue_is_traceable_by_jax():
    # Shapes only: a hook that looked at a value, or at a device, would raise. Compiling all of them takes a minute.
    import jax

    for _, norm in ntr.catalogue():
        x = tree_map(lambda s: jax.ShapeDtypeStruct(s.dims, "float32"), norm._shapes((2, 3))[-1])
        found = jax.eval_shape(norm, x), jax.eval_shape(norm.lmo, x, 0.5)
        assert found[0].shape == ()
        assert [(a.shape, a.dtype) for a in leaves(found[1])] == [(b.shape, b.dtype) for b in leaves(x)]
        if norm.has_projection:
            assert leaves(jax.eval_shape(norm.project, x))[0].shape == leaves(x)[0].shape


@pytest.mark.parametrize("norm", [ntr.L2(), ntr.Spectral()], ids=str)
def test_compiled_by_jax(norm):
    import jax

    x = jnp.asarray([[3.0, -4.0], [1.0, 0.5]])
    value, v, p = jax.jit(lambda y: (norm(y), norm.lmo(y, 0.5), norm.project(y, 0.5)))(x)
    y = np.asarray(x, dtype=float)
    np.testing.assert_allclose(value, norm(y), rtol=1e-5)
    np.testing.assert_allclose(v, norm.lmo(y, 0.5), atol=1e-5)
    np.testing.assert_allclose(p, norm.project(y, 0.5), atol=1e-5)


def test_the_whole_catalogue_agrees_across_libraries():
    rng = np.random.default_rng(0)
    for name, norm in ntr.catalogue():
        x = tree_map(lambda s: rng.normal(size=s.dims), norm._shapes((2, 3))[-1])
        expected = [*leaves(norm.lmo(x)), norm(x), norm.dual(x)]
        for make in (torch.tensor, array_api_strict.asarray):
            y = tree_map(lambda leaf, make=make: make(leaf), x)
            found = [*leaves(norm.lmo(y)), norm(y), norm.dual(y)]
            for a, b in zip(expected, found, strict=True):
                np.testing.assert_allclose(_host(b), a, rtol=1e-12, atol=1e-12, err_msg=name)


def test_tolerance_grows_with_size_and_eps():
    assert tolerance(2.0**-52, 4) == 64 * 4 * 2.0**-52
    assert tolerance(2.0**-52, 400) == 100 * tolerance(2.0**-52, 4)
    assert tolerance(2.0**-23, 1) == tolerance(2.0**-23, 4)


@pytest.mark.parametrize("kind", ["numpy float16", "torch float16", "torch bfloat16", "jax bfloat16", "jax float16"])
def test_half_precision_reaches_lapack_through_float32(kind):
    library, dtype = kind.split()
    if library == "numpy":
        x = np.array([[3.0, 0.0], [0.0, -4.0]], dtype=dtype)
    elif library == "torch":
        torch = pytest.importorskip("torch")
        x = torch.tensor([[3.0, 0.0], [0.0, -4.0]], dtype=getattr(torch, dtype))
    else:
        x = pytest.importorskip("jax.numpy").asarray([[3.0, 0.0], [0.0, -4.0]], dtype=dtype)
    v = ntr.Spectral().lmo(x)
    assert v.dtype == x.dtype
    np.testing.assert_allclose(np.array(v.tolist()), [[-1, 0], [0, 1]], atol=1e-2)
    assert float(ntr.Nuclear()(x)) == pytest.approx(7, rel=1e-2)


@pytest.mark.parametrize(
    "x",
    [np.ones((2, 2), np.longdouble), np.ones((2, 2)).view(np.matrix), np.ma.ones((2, 2))],
    ids=lambda x: type(x).__name__,
)
def test_arrays_that_only_look_plain_are_refused(x):
    with pytest.raises(ntr.DTypeError, match=r"^L2\.lmo: expected .*; c"):
        ntr.L2().lmo(x)


def test_high_exponents_survive_the_largest_numbers():
    g = np.array([np.finfo(np.float32).max], dtype=np.float32)
    assert ntr.Lp(1.01).lmo(g) == -1
    assert ntr.Lp(1.01).dual(g) == pytest.approx(g[0], rel=1e-5)


@pytest.mark.parametrize("x", [[1.0, 2.0], [[1, 2], [3, 4]], (1.0,)])
def test_a_list_of_numbers_is_called_by_its_name(x):
    with pytest.raises(ntr.DTypeError, match=f"expected an array, got {type(x).__name__}; convert"):
        ntr.L2()(x)
