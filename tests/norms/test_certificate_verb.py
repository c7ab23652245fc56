"""``lmo(g, certificate=True)`` where users meet it: libraries, kinds of norms, radii, half precision, transforms."""

import jax
import numpy as np
import pytest
import torch

import ntr_spec as ntr
from tests.norms.spectra import held

LIBRARIES = {
    "numpy": lambda x: np.asarray(x, dtype=np.float32),
    "torch": lambda x: torch.tensor(x, dtype=torch.float32),
    "jax": lambda x: jax.numpy.asarray(x, dtype="float32"),
}
every_library = pytest.mark.parametrize("array", LIBRARIES.values(), ids=LIBRARIES)


@every_library
def test_closed_forms_and_pytrees_have_certificates_on_every_library(array):
    x = array(np.random.default_rng(0).normal(size=(6, 4)))
    for norm in (
        ntr.L2(),
        ntr.LInf(),
        ntr.Frobenius(),
        ntr.Schatten(3),
        ntr.Mixed(ntr.L1(), ntr.L2(), 0),
    ):
        v, certificate = norm.lmo(x, certificate=True)
        assert 0 <= float(certificate.delta) < 1e-5, norm
        assert certificate.solvers == ()
        np.testing.assert_array_equal(np.asarray(v), np.asarray(norm.lmo(x)))
    norm = ntr.Product({"W": ntr.Spectral(), "b": ntr.L2()})
    _, certificate = norm.lmo({"W": x, "b": x[0]}, certificate=True)
    assert certificate.solvers == ("SVD()",)
    assert 0 < float(certificate.delta) < 1e-5


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16], ids=str)
@pytest.mark.parametrize("solver", [ntr.polar.SVD(), ntr.polar.PolarExpress(), ntr.polar.Auto(1e-2)], ids=repr)
def test_a_factor_that_is_rounded_again_is_certified_as_it_is(dtype, solver):
    """A radius or a scale multiplies the factor, and its entries are rounded once more."""
    generator = torch.Generator().manual_seed(0)
    cases = [
        (ntr.Spectral(polar=solver), 0.3, 0.3),
        (ntr.RMSOperator(polar=solver), 1.0, np.sqrt(2)),
        (ntr.Scaled(ntr.Spectral(polar=solver), 0.3), 1.0, 1 / 0.3),
    ]
    for norm, radius, size in cases:
        for _ in range(8):
            g = torch.randn(64, 32, generator=generator).to(dtype)
            v, certificate = norm.lmo(g, radius, certificate=True)
            assert not held(g, -v.double() / size, certificate.delta), norm


def test_a_factor_that_is_not_rounded_again_costs_no_more():
    g = torch.randn(64, 32, generator=torch.Generator().manual_seed(0)).bfloat16()
    plain = ntr.Spectral().lmo(g, certificate=True)[1].delta
    again = ntr.Spectral().lmo(g, 0.3, certificate=True)[1].delta
    assert float(plain) < 2.0**-7 + 1e-4
    assert float(again) == pytest.approx(float(plain) + 2.0**-7)


def test_a_stack_is_as_good_as_its_worst_matrix():
    x = np.random.default_rng(0).normal(size=(5, 8, 8))
    x[3] = np.outer(x[3, 0], x[3, 1])
    norm = ntr.Spectral(polar=ntr.polar.PolarExpress(4))
    alone = [float(norm.lmo(one, certificate=True)[1].delta) for one in x]
    together = float(ntr.Stacked(norm).lmo(x, certificate=True)[1].delta)
    assert together == pytest.approx(max(alone))
    assert together > 5 * sorted(alone)[-2]


def test_half_precision_where_nothing_is_read_is_as_good_as_rounding_lets_it_be():
    x = jax.numpy.asarray(np.random.default_rng(0).normal(size=(64, 64)), dtype="bfloat16")
    for tolerance in (0.3, 1e-1, 1e-2, 1e-3):
        v, certificate = ntr.Spectral(polar=ntr.polar.Auto(tolerance)).lmo(x, certificate=True)
        assert float(certificate.delta) < max(tolerance, 1e-2)
        assert not held(x, -v, certificate.delta)


def test_under_vmap_nothing_is_read():
    x = torch.randn(3, 5, 4, generator=torch.Generator().manual_seed(0))
    for solver in (ntr.polar.Auto(), ntr.polar.GramEigh(), ntr.polar.PolarExpress()):
        norm = ntr.Spectral(polar=solver)
        together = torch.func.vmap(norm.lmo)(x)
        for one, v in zip(x, together, strict=True):
            assert float(torch.sum(one * v)) == pytest.approx(float(torch.sum(one * norm.lmo(one))), rel=1e-3)
    norm = ntr.Nuclear(leading=ntr.leading.Lanczos())
    assert torch.func.vmap(norm.lmo)(x).shape == x.shape


def test_the_certificate_is_asked_for_by_name():
    g = np.ones((2, 3))
    with pytest.raises(ntr.InputError, match=r"^Spectral\.lmo: expected a radius, got True; pass a number"):
        ntr.Spectral().lmo(g, True)
    with pytest.raises(TypeError):
        ntr.Spectral().lmo(g, 1.0, True)


@pytest.mark.parametrize("given", [ntr.polar.SVD, "svd", None, ntr.leading.Lanczos()], ids=str)
@pytest.mark.parametrize(
    "norm",
    [
        lambda polar: ntr.Spectral(polar=polar),
        lambda polar: ntr.RMSOperator(polar=polar),
        lambda polar: ntr.KyFan(2, polar=polar),
    ],
    ids=["Spectral", "RMSOperator", "KyFan"],
)
def test_what_is_no_solver_is_refused(norm, given):
    with pytest.raises(ntr.InputError, match=r": expected a polar solver, got .*; pass an instance such as polar.SVD"):
        norm(given)


@pytest.mark.parametrize("lower", [np.nan, 1.5, -0.1, "a"])
@pytest.mark.parametrize("solver", [ntr.polar.PolarExpress(), ntr.polar.NewtonSchulz(), ntr.polar.QDWH()], ids=repr)
def test_an_interval_that_is_none_has_no_delta(solver, lower):
    with pytest.raises(ntr.InputError, match="expected an interval with 0 ≤ lower ≤ upper ≤ 1"):
        solver.delta(lower)


def test_every_block_and_slice_has_a_delta_of_its_own():
    x = np.random.default_rng(0).normal(size=(3, 8, 8))
    x[1] = np.outer(x[1, 0], x[1, 1])
    spectral = ntr.Spectral(polar=ntr.polar.PolarExpress(4))
    alone = [spectral.lmo(one, certificate=True)[1] for one in x]
    assert [float(d) for (d,) in (one.deltas for one in alone)] == [float(one.delta) for one in alone]
    (stacked,) = ntr.Stacked(spectral).lmo(x, certificate=True)[1].deltas
    np.testing.assert_allclose(stacked, [float(one.delta) for one in alone])
    blocks = {"a": x[0], "b": x[1, 0], "c": x[1]}
    norm = ntr.Product({"a": spectral, "b": ntr.L2(), "c": ntr.Nuclear()})
    found = norm.lmo(blocks, certificate=True)[1]
    first, last = found.deltas  # L2 is a closed form
    assert float(first) == float(alone[0].delta)
    assert float(last) == float(ntr.Nuclear().lmo(x[1], certificate=True)[1].delta)
    assert found.solvers == ("PolarExpress(steps=4)", "FullSVD()")
    assert ntr.L2().lmo(x[0], certificate=True)[1].deltas == ()


def test_what_jax_compiles_returns_the_delta():
    g = jax.numpy.asarray(np.random.default_rng(0).normal(size=(6, 4)), dtype="float32")
    norm = ntr.Product({"w": ntr.Spectral(polar=ntr.polar.PolarExpress(6)), "b": ntr.L2()})

    def certified(g):
        v, certificate = norm.lmo({"w": g, "b": g[0]}, certificate=True)
        return v, certificate.delta, certificate.deltas

    v, delta, deltas = jax.jit(certified)(g)
    np.testing.assert_allclose(v["w"], certified(g)[0]["w"], atol=1e-5)
    assert not held(g, -v["w"], deltas[0])
    assert deltas[0] <= delta < 1e-4


@pytest.mark.parametrize("solver", [ntr.polar.PolarExpress(), ntr.polar.NewtonSchulz(), ntr.polar.Auto()], ids=repr)
def test_tensors_that_require_a_gradient_are_not_differentiated(solver):
    norm = ntr.Spectral(polar=solver)
    g = torch.randn(6, 4, generator=torch.Generator().manual_seed(0)).requires_grad_()
    with torch.no_grad():
        v, certificate = norm.lmo(g, certificate=True)
    assert not v.requires_grad
    assert not certificate.delta.requires_grad
    torch.testing.assert_close(norm.lmo(g.detach()), v)
    assert not held(g.detach(), -v, certificate.delta)
    torch.sum(g * v).backward()  # v is a constant, as in a Frank–Wolfe gap
    torch.testing.assert_close(g.grad, v)
    state = ntr.TrustRegion(norm, radius=0.1).init(g.detach())
    assert not ntr.TrustRegion(norm, radius=0.1).update(state, g.grad).x.requires_grad
    run = ntr.minimize(lambda x: torch.autograd.grad(torch.sum(g**3), g)[0] + 0 * g, g, ntr.TrustRegion(norm), steps=2)
    assert not run.x.requires_grad
