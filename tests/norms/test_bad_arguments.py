"""Arguments that are no radius, no shape and no norm: one sentence, the same for every verb."""

from fractions import Fraction

import numpy as np
import pytest

import ntr_spec as ntr

X = np.array([3.0, 4.0])


@pytest.mark.parametrize(
    ("radius", "got"),
    [
        (None, "None"),
        ("1", "'1'"),
        (1j, "1j"),
        (np.float32(-1), "-1"),
        (np.int64(-2), "-2"),
        (np.float32("nan"), "nan"),
        (np.asarray(-1.0), "-1"),
        (np.asarray(np.nan), "nan"),
        (np.ones(2), r"shape \(2,\)"),
    ],
)
def test_what_is_no_radius(radius, got):
    for verb in (ntr.L2().lmo, ntr.L2().project):
        with pytest.raises(ntr.InputError, match=rf"^L2\.\w+: expected a radius.*got .*{got}.*; pass "):
            verb(X, radius)


def test_a_radius_of_another_library():
    torch = pytest.importorskip("torch")
    for x, radius in ((X, torch.tensor(1.0)), (torch.ones(2), np.asarray(1.0))):
        for verb in (ntr.L2().lmo, ntr.L2().project):
            with pytest.raises(ntr.InputError, match=r"expected a radius.*got an array of .*; pass "):
                verb(x, radius)


@pytest.mark.parametrize("radius", [2, np.float32(2), np.int64(2), Fraction(2), np.asarray(2.0)])
def test_every_number_is_a_radius(radius):
    np.testing.assert_allclose(ntr.L2().lmo(X, radius), [-1.2, -1.6])
    np.testing.assert_allclose(ntr.L2().project(X, radius), [1.2, 1.6])


@pytest.mark.parametrize("shape", [0, -1, (2, -3), (0,), "a", None, 2.5, (2, 2.5), True, np.ones(2), {"W": None}, {1}])
def test_what_is_no_shape(shape):
    with pytest.raises(ntr.InputError, match=r"^L2\.rho: expected a shape of positive sizes such as .*, got .*; pass"):
        ntr.L2().rho(shape)


def test_sizes_may_be_numpy_integers():
    assert ntr.LInf().rho((np.int64(2), 2)) == ntr.LInf().rho(np.int64(4)) == 2.0


@pytest.mark.parametrize(
    "make",
    [
        lambda n: ntr.Weighted(n, [1.0]),
        lambda n: ntr.Linear(n, [[1.0]]),
        lambda n: ntr.Scaled(n, 2),
        lambda n: ntr.Stacked(n),
        lambda n: ntr.Mixed(ntr.L1(), n, axis=0),
        lambda n: ntr.Reshaped(n, (2, 2)),
        lambda n: ntr.Product({"W": n}),
    ],
    ids=["Weighted", "Linear", "Scaled", "Stacked", "Mixed", "Reshaped", "Product"],
)
@pytest.mark.parametrize("norm", [3, ntr.L2], ids=["number", "class"])
def test_parts_are_norms(make, norm):
    with pytest.raises(ntr.InputError, match=r"^\w+: expected a norm.*, got .*; pass "):
        make(norm)


@pytest.mark.parametrize("name", ["float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz", "float8_e8m0fnu"])
def test_eight_bits_are_refused_on_every_library(name):
    torch, jnp, dtypes = (pytest.importorskip(module) for module in ("torch", "jax.numpy", "ml_dtypes"))
    points = [
        (torch.ones(2, 2).to(getattr(torch, name)), "x.to(torch.float32)"),
        (jnp.ones((2, 2)).astype(getattr(jnp, name)), "x.astype(float)"),
        (np.ones((2, 2)).astype(getattr(dtypes, name)), "x.astype(float)"),
    ]
    for x, remedy in points:
        for verb in (ntr.Spectral(), ntr.LInf().lmo, ntr.L2().project):
            with pytest.raises(ntr.DTypeError) as caught:
                verb(x)
            assert str(caught.value).endswith(f": expected a floating array, got {name}; cast with {remedy}")
