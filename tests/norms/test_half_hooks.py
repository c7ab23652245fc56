"""LMOs in closed form, in half precision: powers and sums that leave the dtype's range long before the result does.

The twin takes norms of the stored entries in long double, of entries divided by the largest one.
"""

import jax
import numpy as np
import pytest
import torch

import ntr_spec as ntr

EXPONENTS = [1 + 1e-9, 1.0001, 1.01, 1.1, 1.5, 2, 3, 10, 100, 1e4, 1e9]
VECTORS = {
    "equal": np.ones,
    "spike": lambda n: np.eye(1, n, n // 2)[0],
    "geometric": lambda n: 0.9 ** np.arange(n),
    "on a floor": lambda n: 1e-3 + np.eye(1, n, n // 3)[0],
    "nearly equal": lambda n: 1 + 1e-2 * np.random.default_rng(0).standard_normal(n),
    "gaussian": lambda n: np.random.default_rng(1).standard_normal(n),
}
DTYPES = {"float16": 2.0**-10, "bfloat16": 2.0**-7, "float32": 2.0**-23, "float64": 2.0**-52}


def _length(x, p):
    """‖x‖_p in long double."""
    size = np.abs(np.asarray(x, dtype=np.longdouble))
    largest = np.max(size)
    return largest * np.sum((size / largest) ** p) ** (1 / p)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("p", EXPONENTS)
def test_lp_is_exact_up_to_the_rounding_of_its_result(p, dtype):
    eps, exact = DTYPES[dtype], np.longdouble(repr(p))  # p as it is written, which is how norms read it
    for make in VECTORS.values():
        for n in (1, 2, 3, 10, 100, 1000, 5000):
            g = torch.tensor(make(n)).to(getattr(torch, dtype))
            v, certificate = ntr.Lp(p).lmo(g, certificate=True)
            assert v.dtype == g.dtype
            stored, moved = g.double().numpy(), v.double().numpy()
            short = 1 + float(np.sum(stored.astype(np.longdouble) * moved) / _length(stored, exact / (exact - 1)))
            allowed = (4 + np.log(n)) * eps  # a sum of n, to the power of an exponent that is rounded once
            assert short <= min(float(certificate.delta), allowed)
            assert float(_length(moved, exact)) <= 1 + allowed


@pytest.mark.parametrize("norm", [ntr.L2(), ntr.Frobenius(), ntr.Lp(1.01), ntr.Schatten(1.01)], ids=str)
@pytest.mark.parametrize(
    "array",
    [
        lambda x: x.astype(np.float16),
        lambda x: torch.tensor(x).half(),
        lambda x: jax.numpy.asarray(x, dtype="float16"),
    ],
    ids=["numpy", "torch", "jax"],
)
def test_sums_beyond_the_largest_float16(norm, array):
    g = array(np.full((300, 200), 1.9))  # squares add up to three times the largest number
    v = norm.lmo(g)
    assert v.dtype == g.dtype
    value = -np.sum(np.asarray(g, dtype=float) * np.asarray(v, dtype=float))
    exact = float(norm.dual(np.asarray(g, dtype=float)))
    assert value == pytest.approx(exact, rel=2e-3)
    assert float(norm(v)) == pytest.approx(1, abs=2e-3)
    assert norm(g / 100).dtype == g.dtype


def test_a_projection_in_float16_does_not_overflow_either():
    x = np.full(40_000, 1.9, dtype=np.float16)
    y = ntr.L2().project(x, 100.0)
    assert y.dtype == x.dtype
    np.testing.assert_allclose(y.astype(float), 0.5, rtol=1e-3)


def test_within_combinators_hooks_see_single_precision_too():
    g = torch.full((300, 200), 1.9, dtype=torch.float16)
    for norm, size in [
        (ntr.Scaled(ntr.Frobenius(), 2.0), 0.5),
        (ntr.Reshaped(ntr.L2(), (-1,)), 1.0),
        (ntr.ShapeScaled(ntr.Frobenius(), "1", 2.0), 2.0),
        (ntr.Product({"a": ntr.Lp(1.01)}), None),
    ]:
        v = norm.lmo({"a": g})["a"] if size is None else norm.lmo(g)
        length = float(ntr.L2()(v)) if size is not None else float(ntr.Lp(1.01)(v))
        assert length == pytest.approx(size or 1, rel=2e-3), norm


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize(
    "norm",
    [ntr.LInf(), ntr.L1(), ntr.L2(), ntr.Lp(1.01), ntr.Lp(3), ntr.Scaled(ntr.LInf(), 3e5), ntr.TopK(9)],
    ids=str,
)
def test_long_vectors_in_half_precision_have_a_delta_that_holds_and_says_something(norm, dtype):
    """At a million entries those of v may be subnormal; no sum is as long as that in half precision."""
    for x in (torch.randn(1_000_000, generator=torch.Generator().manual_seed(0)), torch.full((1_000_000,), 0.3)):
        g = x.to(getattr(torch, dtype))
        v, certificate = norm.lmo(g, certificate=True)
        short = 1 + float(torch.sum(g.double() * v.double())) / float(norm.dual(g.double()))
        assert short <= float(certificate.delta) <= 1
        if dtype == "bfloat16" or norm in (ntr.LInf(), ntr.L1(), ntr.L2()):
            assert float(certificate.delta) < 0.1


def test_zero_and_a_radius_of_zero_in_half_precision():
    assert float(ntr.L2().lmo(np.zeros(5, dtype=np.float16), certificate=True)[1].delta) == 0
    g = torch.zeros(5).half()
    assert float(ntr.L2().lmo(g, certificate=True)[1].delta) == 0
    v, certificate = ntr.L2().lmo(g + 1, 0.0, certificate=True)
    assert 0 <= float(certificate.delta) <= 1
    assert not bool(v.any())
    g[2] = float("nan")
    assert np.isnan(float(ntr.L2().lmo(g, certificate=True)[1].delta))


def test_solvers_see_half_precision_as_it_is():
    seen = []

    class Spy(ntr.polar.Polar):
        def factor(self, x, xp):
            seen.append(x.dtype)
            return x

    g = torch.ones(2, 3, 3, dtype=torch.bfloat16)
    ntr.Spectral(polar=Spy()).lmo(g[0])
    ntr.Scaled(ntr.Spectral(polar=Spy()), 2.0).lmo(g[0])
    ntr.Stacked(ntr.RMSOperator(polar=Spy())).lmo(g)
    assert seen == [torch.bfloat16] * 3
