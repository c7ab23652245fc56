"""``NewtonSchulz`` made feasible: divided by the rigorous maximum, certified, guards and peers' tables kept."""

from fractions import Fraction

import numpy as np
import pytest
import torch

import ntr_spec as ntr
from ntr_spec.arrays import namespace_of
from ntr_spec.norms.polar import DION, MUON, NewtonSchulz, newton_schulz
from tests.norms import spectra
from tests.norms.spectra import held

SOLVERS = [
    NewtonSchulz(),
    NewtonSchulz(steps=5, coefficients=DION),
    NewtonSchulz(steps=8, coefficients=(15 / 8, -10 / 8, 3 / 8)),
    NewtonSchulz(steps=12, coefficients=(1.5, -0.5, 0.0)),
    NewtonSchulz(steps=1, coefficients=(1.0, 0.0, 0.0)),
    NewtonSchulz(eps=1e-7),
    NewtonSchulz(eps=0.1, guard="max"),
]
every_solver = pytest.mark.parametrize("solver", SOLVERS, ids=repr)


def certified(solver, x):
    return solver.certified(x, namespace_of(x))


@every_solver
@pytest.mark.parametrize("dtype", ["float64", "float32", "bfloat16"])
@pytest.mark.parametrize("shape", [(16, 16), (40, 12), (3, 8)])
def test_certificates_hold(solver, dtype, shape):
    """A guard takes x as it is, of whatever size; the others get it as norms hand it on."""
    x = torch.tensor(spectra.stack(shape, dtype)).to(getattr(torch, dtype))
    if not solver.absolute:
        x = x / torch.clamp(torch.amax(torch.abs(x), dim=(-2, -1), keepdim=True), min=1e-30)
    found = certified(solver, x)
    assert not held(x, found.factor, found.delta)


@every_solver
def test_feasible_is_the_others_factor_over_one_number(solver):
    """In exact arithmetic; slack and allowance for rounding are of the order of 1e-12 in float64."""
    x = np.random.default_rng(0).normal(size=(7, 4))
    theirs = NewtonSchulz(solver.steps, solver.coefficients, solver.eps, solver.guard, feasible=False)
    largest = theirs.image(0.0)[1]
    xp = namespace_of(x)
    np.testing.assert_allclose(solver.factor(x, xp), theirs.factor(x, xp) / largest, atol=1e-10)
    assert solver.image(0.0)[1] <= 1


def test_what_muon_certifies_on_gaussian_matrices():
    """Feasible, its five steps reach no better than 0.69 of Σσᵢ; the certificate says so within a factor of three."""
    for shape in [(20, 20), (64, 64), (128, 64)]:
        x = np.random.default_rng(1).normal(size=shape)
        found = certified(NewtonSchulz(), x)
        true = 1 - np.sum(x * found.factor) / np.sum(np.linalg.svd(x, compute_uv=False))
        assert 0.15 < true <= found.delta < 3 * true


def test_a_guard_is_paid_for_at_every_scale():
    """Far below eps there is no update, hence δ = 1, also where squares underflow; zero is zero with δ = 0."""
    x = np.random.default_rng(2).normal(size=(5, 4, 3)) * np.reshape([1.0, 1e-12, 1e-200, 0.0, 1e200], (5, 1, 1))
    found = certified(NewtonSchulz(eps=1e-7), x)
    assert found.delta[0] < 0.6 < 0.9 < found.delta[1] <= 1
    np.testing.assert_array_equal(found.delta[2:4], [1.0, 0.0])
    assert not held(x, found.factor, found.delta)


def test_no_guard_no_scale():
    x = np.random.default_rng(3).normal(size=(6, 5))
    norm = ntr.Spectral(NewtonSchulz())
    v, certificate = norm.lmo(x, certificate=True)
    for scale in (1e-300, 1e300):
        again, delta = norm.lmo(scale * x, certificate=True)
        np.testing.assert_allclose(again, v, atol=1e-12)
        assert float(delta.delta) == pytest.approx(float(certificate.delta), rel=1e-9)


@every_solver
def test_zero_nan_and_infinity_stay_in_their_matrix(solver):
    x = np.random.default_rng(4).normal(size=(4, 5, 3))
    x[0], x[1, 0, 0], x[2, 3, 1] = 0.0, np.nan, np.inf
    found = certified(solver, x)
    assert not np.any(found.factor[0])
    assert np.all(np.isnan(found.factor[1:3]))
    np.testing.assert_array_equal(np.isnan(found.delta), [False, True, True, False])
    assert found.delta[0] == 0


def test_what_is_not_feasible_has_no_certificate():
    x = np.ones((2, 2))
    theirs = NewtonSchulz(feasible=False)
    for ask in (lambda: certified(theirs, x), lambda: theirs.delta(0.1)):
        with pytest.raises(ntr.NotDeclaredError, match=r"feasible=False ‖v‖₂ may be 1\.202, .*take feasible=True"):
            ask()


def test_delta_a_priori():
    assert NewtonSchulz(steps=20, coefficients=(15 / 8, -10 / 8, 3 / 8)).delta(0.01) < 1e-12
    assert 0.4 < NewtonSchulz().delta(0.1) < 0.5
    assert NewtonSchulz().delta(1e-9) > 0.99


def test_a_delta_a_priori_is_rounded_up():
    """1 − least is rounded itself: exactly, no σ on [ℓ, 1] is mapped to less than 1 − δ."""
    solver = NewtonSchulz(steps=1, coefficients=(1.0, -0.25, 0.0))
    (step,) = solver.steps_of(2.0**-52)
    for low in np.random.default_rng(5).uniform(0, 1, size=200):
        x, delta = Fraction(float(low)), Fraction(solver.delta(float(low)))
        value = x * (Fraction(step.a) + Fraction(step.b) * x * x)  # which grows on [0, 1]
        assert 1 - delta <= value
        assert delta < 1 - value + Fraction(2.0**-53)


# ---- coefficients that map some σ to less than zero ------------------------------------------------------


@pytest.mark.parametrize(
    ("steps", "coefficients", "least"),
    [
        (1, (-1.0, 0.0, 0.0), "-1"),
        (3, (-1.5, 0.5, 0.0), "-1"),
        (1, (1.0, -6.0, 5.5), "-0.4805"),
        (2, ((1.5, -0.5, 0.0), (1.0, -1.5, 0.0)), "-0.5"),
    ],
)
def test_coefficients_that_map_to_less_than_zero_are_refused(steps, coefficients, least):
    """⟨x, V⟩ could be negative, and no δ in [0, 1] would be true of it."""
    with pytest.raises(
        ntr.InputError,
        match=f"^NewtonSchulz: expected coefficients that map no σ in .0, 1. to less than 0, got one to {least}; "
        "take others, or feasible=False, which has no certificate$",
    ):
        NewtonSchulz(steps, coefficients)
    assert NewtonSchulz(steps, coefficients, feasible=False).image(0.0)[0] == pytest.approx(float(least), abs=1e-4)


@pytest.mark.parametrize(
    ("steps", "coefficients"),
    [
        (2, (-1.0, 0.0, 0.0)),  # two signs that cancel
        (1, (1.0, -2.0, 1.0)),  # x(1 − x²)², which touches zero
        (1, (1.1, -2.2, 1.1)),
        (1, (1.0, -1.0, 0.0)),  # x(1 − x²), which ends there
        (4, (0.0, 0.0, 0.0)),
        (5, MUON),
        (5, DION),
    ],
)
def test_what_is_least_at_zero_is_not_refused(steps, coefficients):
    solver = NewtonSchulz(steps, coefficients)
    assert 0 <= solver.delta(0.5) <= 1
    assert solver.delta(0.0) == 1


def test_only_what_is_to_be_feasible_is_looked_at(monkeypatch):
    """Presets are made when the package is imported, which loads no ball arithmetic."""
    monkeypatch.setattr(newton_schulz, "dip", lambda steps: pytest.fail("looked at"))
    NewtonSchulz(feasible=False)
    NewtonSchulz(1, (-1.0, 0.0, 0.0), feasible=False)


def test_the_tables_are_those_of_their_authors():
    assert MUON == (3.4445, -4.7750, 2.0315)
    assert len(DION) == 5
    assert NewtonSchulz().coefficients == MUON
    at_one = [a + b + c for a, b, c in DION]
    np.testing.assert_allclose(at_one, [0.1172, 0.2853, 0.4542, 0.9388, 0.9853], atol=1e-12)
