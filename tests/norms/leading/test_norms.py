"""Nuclear, Ky Fan and RMS dual norms with solvers inside, against singular values by LAPACK."""

import numpy as np
import pytest
import torch

import ntr_spec as ntr
from ntr_spec.arrays import namespace_of
from ntr_spec.norms.apply import apply_lmo
from ntr_spec.norms.leading import FullSVD, Lanczos, Power
from ntr_spec.verify.rules import _shared_hooks
from tests.norms import spectra
from tests.norms.spectra import NUCLEAR, judged, ky_fan

EXPRESS = ntr.polar.PolarExpress()


def fan_verdict(norm, k, x):
    v, certificate = norm.lmo(x, certificate=True)
    return judged(x, -v, certificate.delta, ky_fan(k))


@pytest.mark.parametrize("leading", [Power(1e-4), Lanczos(1e-4)], ids=repr)
def test_nuclear_lmo_is_the_leading_pair(leading):
    x = spectra.matrix("gaussian", (40, 30))
    exact, near = ntr.Nuclear().lmo(x), ntr.Nuclear(leading=leading).lmo(x, radius=2.5)
    assert np.sum(x * near) <= -(1 - 1e-4) * 2.5 * np.linalg.norm(x, 2)
    assert np.linalg.svd(near, compute_uv=False)[1] < 1e-14
    assert np.sum(exact * x) == pytest.approx(-np.linalg.norm(x, 2), rel=1e-12)


@pytest.mark.parametrize("k", [1, 2, 5, 9])
@pytest.mark.parametrize("leading", [FullSVD(), Power(1e-6), Lanczos(1e-6)], ids=repr)
@pytest.mark.parametrize("polar", [ntr.polar.SVD(), EXPRESS], ids=repr)
def test_ky_fan_takes_the_better_candidate(k, leading, polar):
    norm = ntr.KyFan(k, polar=polar, leading=leading)
    for name in ("gaussian", "orthogonal", "one_large", "geometric_1e4", "linear", "rank_two_ties", "power_1"):
        for shape in ((9, 14), (14, 9)):
            x = spectra.matrix(name, shape)
            verdict = fan_verdict(norm, k, x)
            assert verdict, (name, verdict.fault)
            assert verdict.true_delta < 2e-2
            assert float(np.sum(x * ntr.KyFan(k).lmo(x))) == pytest.approx(-norm.dual(x), rel=1e-12)


def test_ky_fan_decides_for_each_matrix_of_a_stack():
    flat, steep = spectra.matrix("orthogonal", (8, 8)), spectra.matrix("one_large", (8, 8))
    broken = flat.copy()
    broken[0, 0] = np.nan
    x = np.stack([flat, steep, 0 * flat, broken])
    xp = namespace_of(x).certifying()
    v = apply_lmo(ntr.KyFan(2, polar=EXPRESS, leading=Power()), x, 1.0, xp, batch=1)
    (found,) = xp.certificates
    assert np.linalg.svd(v[0], compute_uv=False)[-1] > 0.4
    assert np.linalg.svd(v[1], compute_uv=False)[1] < 1e-12
    assert not np.any(v[2])
    assert np.all(np.isnan(v[3]))
    assert found.delta[2] == 0
    assert np.isnan(found.delta[3])
    for k in range(4):
        verdict = judged(x[k], -v[k], found.delta[k], ky_fan(2))
        assert verdict, verdict.fault


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "bfloat16"])
@pytest.mark.parametrize("polar", [EXPRESS, ntr.polar.PolarExpress(steps=2), ntr.polar.SVD()], ids=repr)
def test_ky_fan_certificates_hold_for_every_hostile_matrix(dtype, polar):
    host = spectra.stack((12, 9), dtype, 1.0, spectra.NAMES)
    x = torch.tensor(host).to(torch.bfloat16) if dtype == "bfloat16" else host.astype(dtype)
    norm, xp = ntr.KyFan(3, polar=polar, leading=Power(0.05)), namespace_of(x)
    asking = xp.certifying()
    v = apply_lmo(norm, x, 1.0, asking, batch=1)
    assert bool(xp.all(v == apply_lmo(norm, x, 1.0, xp, batch=1)))
    (found,) = asking.certificates
    faults = {n: judged(x[k], -v[k], found.delta[k], ky_fan(3)).fault for k, n in enumerate(spectra.NAMES)}
    assert not any(faults.values()), faults


def test_ky_fan_certificate_is_as_good_as_the_side_that_matters():
    """A poor solver on the side that is far below costs nothing; on the side that counts it shows."""
    flat, steep = spectra.matrix("orthogonal", (30, 30)), spectra.matrix("one_large", (30, 30))
    poor, good = Power(0.5), Power(1e-9)
    exact = ntr.polar.SVD(cutoff=1e-12)
    assert float(ntr.KyFan(3, polar=exact, leading=poor).lmo(flat, certificate=True)[1].delta) < 1e-9
    rough = ntr.polar.PolarExpress(steps=1)
    assert float(ntr.KyFan(3, polar=rough, leading=good).lmo(steep, certificate=True)[1].delta) < 1e-8
    assert float(ntr.KyFan(3, polar=rough, leading=good).lmo(flat, certificate=True)[1].delta) > 1e-3
    for leading, polar, x in ((poor, exact, flat), (good, rough, steep), (good, rough, flat)):
        verdict = fan_verdict(ntr.KyFan(3, polar=polar, leading=leading), 3, x)
        assert verdict, verdict.fault


def test_ky_fan_of_one_and_of_all_call_one_solver():
    x = spectra.matrix("gaussian", (6, 4))
    one = ntr.KyFan(1, polar=EXPRESS, leading=Power()).lmo(x, certificate=True)[1]
    every = ntr.KyFan(4, polar=EXPRESS, leading=Power()).lmo(x, certificate=True)[1]
    both = ntr.KyFan(2, polar=EXPRESS, leading=Power()).lmo(x, certificate=True)[1]
    assert (one.solvers, every.solvers) == (("PolarExpress()",), ("Power()",))
    assert both.solvers == ("Power()", "PolarExpress()")


def test_every_solver_that_ran_is_named():
    """Of a Ky Fan norm with its default solvers too, and those that others gave way to."""
    x = np.stack([spectra.matrix(name, (40, 40)) for name in ("rank_one", "linear")])
    norm = ntr.KyFan(2, polar=ntr.polar.GramEigh(), leading=Lanczos(1e-6, steps=3))
    certificate = ntr.Stacked(norm).lmo(x, certificate=True)[1]
    assert set(certificate.solvers) > {"Lanczos(tolerance=1e-06, steps=3)", "Power(tolerance=1e-06)"}
    assert ntr.KyFan(2).lmo(x[0], certificate=True)[1].solvers == ("FullSVD()", "SVD()")


@pytest.mark.parametrize("leading", [FullSVD(), Power(1e-6), Lanczos(1e-6)], ids=repr)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_rms_dual_is_feasible_after_its_factor_too(leading, dtype):
    for shape in ((3, 8), (8, 3), (20, 20)):
        x = spectra.matrix("gaussian", shape).astype(dtype)
        v, certificate = ntr.RMSOperatorDual(leading=leading).lmo(x, certificate=True)
        ratio = np.sqrt(shape[0] / shape[1])
        assert v.dtype == x.dtype
        size = ratio * np.linalg.svd(v.astype("float64"), compute_uv=False).sum()
        wide = x.astype("float64")
        reached = -np.sum(wide * v) / (np.linalg.norm(wide, 2) / ratio)
        assert size <= 1
        assert reached >= 1 - certificate.delta


def test_certificates_of_combinators_hold_the_worst_block():
    x = np.stack([spectra.matrix(name, (6, 4)) for name in ("gaussian", "linear")])
    v, certificate = ntr.Stacked(ntr.Nuclear(leading=Power(1e-2)), outer=ntr.L1()).lmo(x, certificate=True)
    assert certificate.solvers == ("Power(tolerance=0.01)",)
    assert 0 <= float(certificate.delta) <= 1e-2
    alone = [judged(one, -move, certificate.delta, NUCLEAR) for one, move in zip(x, v, strict=True) if np.any(move)]
    assert all(alone)


def test_only_exact_solvers_are_covered_by_the_lemmas():
    assert all(_shared_hooks(norm) for norm in (ntr.Nuclear(), ntr.KyFan(2), ntr.Spectral()))
    approximate = (
        ntr.Nuclear(leading=Power()),
        ntr.KyFan(2, leading=Power()),
        ntr.KyFan(2, polar=EXPRESS),
    )
    assert not any(_shared_hooks(norm) for norm in approximate)


@pytest.mark.parametrize("norm", [ntr.Nuclear, ntr.RMSOperatorDual, lambda leading: ntr.KyFan(2, leading=leading)])
def test_solvers_of_the_wrong_kind_are_refused(norm):
    with pytest.raises(
        ntr.InputError, match=r"expected a solver for leading pairs, got SVD\(\); pass one such as Power"
    ):
        norm(leading=ntr.polar.SVD())


def test_ky_fan_refuses_polar_solvers_that_see_the_scale():
    with pytest.raises(ntr.InputError, match=r"KyFan: expected a polar solver that takes matrices of every scale"):
        ntr.KyFan(2, polar=ntr.polar.NewtonSchulz(eps=1e-7))


def test_norms_are_typed_without_their_defaults():
    assert [repr(n) for n in (ntr.Nuclear(), ntr.KyFan(3), ntr.RMSOperatorDual())] == [
        "Nuclear()",
        "KyFan(k=3)",
        "RMSOperatorDual()",
    ]
    assert repr(ntr.Nuclear(leading=Power(1e-2))) == "Nuclear(leading=Power(tolerance=0.01))"
