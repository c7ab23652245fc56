"""Each law about certificates passes for an honest solver and refutes a dishonest one; exact laws step aside."""

import dataclasses
from typing import Any, ClassVar

import numpy as np
import pytest

from ntr_spec.arrays import rounding
from ntr_spec.arrays.sums import widened
from ntr_spec.laws import CERTIFIED_LAWS, EXACT_LAWS, FLOAT_LAWS
from ntr_spec.laws.certified import approximate, solvers
from ntr_spec.norms import (
    L1,
    LInf,
    Mixed,
    Norm,
    Nuclear,
    Product,
    Reshaped,
    RMSOperator,
    Scaled,
    Spectral,
    Stacked,
)
from ntr_spec.norms.polar import Certified, NewtonSchulz, Polar
from ntr_spec.verify import Settings, Status, verify
from ntr_spec.verify.property import check

LAWS = {law.name: law for law in CERTIFIED_LAWS}
SETTINGS = Settings(max_examples=30)


@dataclasses.dataclass(frozen=True, repr=False)
class Damped(Polar):
    """0.9·UVᵀ, hence δ = 0.1 and what rounding adds; mutants override a member."""

    def factor(self, x: Any, xp: Any) -> Any:
        u, s, vh = xp.linalg.svd(x, full_matrices=False)
        dropped = s <= xp.limits(x.dtype).eps * s[..., :1]
        return xp.matmul(xp.where(dropped[..., None, :], xp.zeros_like(u), u), vh) * self.length(s)

    def length(self, s: Any) -> Any:
        return 0.9

    def certified(self, x: Any, xp: Any) -> Certified:
        return Certified(self.factor(x, xp), self.delta(x, xp), repr(self))

    def loss(self) -> float:
        return 0.1

    def delta(self, x: Any, xp: Any) -> Any:
        x, eps = widened(x, xp), xp.limits(x.dtype).eps
        size = xp.sum(xp.abs(x), axis=(-2, -1))
        safe = xp.where(size == 0, xp.ones_like(size), size)
        return size / safe * (self.loss() + rounding(eps, 8 * x.shape[-1] * x.shape[-2]))


def mutant(**members: Any) -> Norm:
    return Spectral(dataclasses.dataclass(frozen=True, repr=False)(type("Mutant", (Damped,), members))())


def thinks_of_full_rank(self, x, xp):
    """Small singular directions are dropped without a word."""
    u, s, vh = xp.linalg.svd(x, full_matrices=False)
    dropped = s <= 0.3 * s[..., :1]
    return xp.matmul(xp.where(dropped[..., None, :], xp.zeros_like(u), u), vh) * 0.95


def a_hair_too_long(self, x, xp):
    """UVᵀ, longer than 1 by what no rounding explains."""
    return Damped.factor(self, x, xp) * ((1 + 100 * xp.limits(x.dtype).eps) / 0.9)


def swallows(self, x, xp):
    size = xp.max(xp.abs(x), axis=(-2, -1))
    return xp.where(size > 0, 0.1 + 1e-5 * xp.ones_like(size), xp.zeros_like(size))


def reads(self, x, xp):
    delta = Damped.delta(self, x, xp)
    return delta if float(xp.sum(x)) == 0 else delta + 1e-6


def reads_numpy(self, x, xp):
    return xp.asarray(np.full(x.shape[:-2], 0.11), dtype=x.dtype)


def rounds_too_often(self, x, xp):
    """As if half precision cost nothing."""
    eps = xp.limits(x.dtype).eps
    return Damped.factor(self, x, xp) * ((1 - 8 * eps if eps > 1e-6 else 1.0) / 0.9)


def other_steps(self, x, xp):
    return Certified(self.factor(x, xp) * 1.05, Damped.delta(self, x, xp), repr(self))


def guarded(self, x, xp):
    size = xp.max(xp.abs(x), axis=(-2, -1), keepdims=True)
    return Damped.factor(self, x, xp) * (size / (size + 1e-12))


WRONG = {
    "lmo_within_delta": [
        mutant(factor=a_hair_too_long),
        mutant(loss=lambda self: 0.05),
        mutant(loss=lambda self: 0.1 - 1e-3),
        mutant(factor=thinks_of_full_rank, loss=lambda self: 0.05),
        mutant(length=lambda self, s: 1.1, loss=lambda self: 0.0),
        mutant(length=lambda self, s: 1.001, loss=lambda self: 0.0),
        mutant(length=lambda self, s: -0.9),
        mutant(loss=lambda self: 1.1),
        mutant(length=lambda self, s: 1.0, loss=lambda self: -0.01),
        mutant(certified=other_steps),
        mutant(delta=lambda self, x, xp: xp.astype(Damped.delta(self, x, xp), xp.float64)),
    ],
    "delta_scale_invariant": [
        mutant(absolute=property(lambda self: True), factor=guarded),
        mutant(
            absolute=property(lambda self: True),
            delta=lambda self, x, xp: Damped.delta(self, x, xp) + 0.1 * xp.tanh(xp.max(xp.abs(x), axis=(-2, -1))),
        ),
    ],
    "delta_special": [
        mutant(delta=lambda self, x, xp: 0.11 + xp.sum(0 * x, axis=(-2, -1))),
        mutant(delta=lambda self, x, xp: xp.sum(x, axis=(-2, -1)) / xp.sum(xp.abs(x), axis=(-2, -1)) * 0 + 0.11),
        mutant(delta=swallows),
    ],
    "delta_of_stacks": [
        mutant(delta=lambda self, x, xp: xp.max(Damped.delta(self, x, xp))),
        mutant(delta=lambda self, x, xp: 0 * Damped.delta(self, x, xp) + xp.max(Damped.delta(self, x, xp))),
        mutant(delta=lambda self, x, xp: Damped.delta(self, xp.flip(x, axis=0) if x.ndim > 2 else x, xp)),
        mutant(length=lambda self, s: 0.9 if s.ndim < 2 else 0.8),
    ],
    "delta_half_precision": [
        mutant(factor=rounds_too_often, delta=lambda self, x, xp: 1e-3 + xp.zeros_like(widened(x[..., 0, 0], xp))),
        mutant(length=lambda self, s: 1.05, delta=lambda self, x, xp: 0.1 + xp.zeros_like(widened(x[..., 0, 0], xp))),
    ],
    "delta_no_host_sync": [mutant(delta=reads), mutant(delta=reads_numpy)],
}

RIGHT = [
    Spectral(Damped()),
    RMSOperator(Damped()),
    Stacked(Spectral(Damped())),
    Product({"W": Spectral(Damped()), "b": LInf()}),
    Product({"W": Spectral(Damped()), "V": RMSOperator(Damped())}, outer=L1()),
    Reshaped(Scaled(Spectral(Damped()), 3), (2, -1)),
    Mixed(LInf(), L1(), axis=1),
]


def test_every_law_has_somebody_who_breaks_it():
    assert set(WRONG) == set(LAWS)
    names = [law.name for law in EXACT_LAWS + FLOAT_LAWS + CERTIFIED_LAWS]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("name", LAWS)
@pytest.mark.parametrize("norm", RIGHT, ids=repr)
def test_honest_certificates_pass(name, norm):
    if LAWS[name].missing(norm) is None:
        (evidence,) = check(norm, LAWS[name], SETTINGS)
        assert evidence.status is Status.TESTED, evidence


@pytest.mark.parametrize(("name", "k"), [(name, k) for name, wrong in WRONG.items() for k in range(len(wrong))])
def test_each_law_refutes(name, k):
    (evidence,) = check(WRONG[name][k], LAWS[name], SETTINGS)
    assert evidence.status is Status.REFUTED, evidence
    assert evidence.witness.relation


@pytest.mark.parametrize("library", ["torch", "jax"])
def test_other_libraries(library):
    pytest.importorskip(library)
    settings = Settings(max_examples=6, shapes=((2, 2), (3, 2)), backends=(library,), timeout=60.0)
    for name, law in LAWS.items():
        (evidence,) = check(Spectral(Damped()), law, settings)
        assert evidence.status is Status.TESTED, evidence
        if name in ("lmo_within_delta", "delta_of_stacks"):
            (evidence,) = check(WRONG[name][0], law, settings)
            assert evidence.status is Status.REFUTED, evidence
    (evidence,) = check(WRONG["delta_no_host_sync"][0], LAWS["delta_no_host_sync"], settings)
    assert evidence.status is Status.REFUTED, evidence


# ---- exact laws step aside, and say why ------------------------------------------------------------------------------


def silent(norm: Norm) -> dict[str, str]:
    """The laws that say nothing of the norm because of what its LMO is, with their reasons."""
    about = ("lmo_feasible", "lmo_attains", "holder", "bidual", "rho_holds", "rho_attained", *LAWS)
    laws = {law.name: law for law in (*EXACT_LAWS, *CERTIFIED_LAWS)}
    found = {name: laws[name].missing(norm) for name in about}
    return {name: reason for name, reason in found.items() if reason is not None}


class OnlyAnLMO(Norm):
    """Spectral, but its dual norm is declared by its LMO alone."""

    event_rank: ClassVar[int | None] = 2

    def __init__(self, polar: Polar) -> None:
        self.polar = polar

    def _value(self, x: Any, xp: Any) -> Any:
        return Spectral()._value(x, xp)

    def _lmo(self, g: Any, xp: Any) -> Any:
        return -self.polar.solve(g, xp)


def test_exact_laws_are_not_asked_of_an_approximate_lmo():
    found = silent(Spectral(Damped()))
    assert set(found) == {"lmo_attains", "rho_attained"}
    assert all("Damped() is approximate" in reason for reason in found.values())
    # Of its dual, whose dual is exact again, nothing is left out; nor of a norm whose solver is exact.
    assert not set(silent(Nuclear())) & {"lmo_attains", "bidual"}
    assert not silent(Spectral())
    assert approximate(Product({"W": Spectral(), "b": LInf()})) is None
    assert set(silent(LInf())) == set(LAWS)
    assert silent(LInf())["lmo_within_delta"] == "the LMO is a closed form, held to the exact laws"


def test_a_dual_known_by_an_approximate_lmo_alone_is_nothing_to_judge_by():
    found = silent(OnlyAnLMO(Damped()))
    assert {"lmo_within_delta", "holder", "lmo_attains"} <= set(found)
    assert "override the property `dual`" in found["lmo_within_delta"]
    assert list(solvers(OnlyAnLMO(Damped()))) == [Damped()]


def test_a_solver_without_a_certificate_is_skipped_with_the_remedy():
    report = verify(Spectral(Plain()), jobs=0, max_examples=8, backends=("numpy",), shapes=((2, 2),))
    found = {finding.law: finding for finding in report.findings}
    assert found["lmo_within_delta"].status is Status.SKIPPED
    assert "no certificate is declared" in found["lmo_within_delta"].reason
    assert found["lmo_attains"].status is Status.SKIPPED


@dataclasses.dataclass(frozen=True, repr=False)
class Plain(Polar):
    """An approximate factor of which nothing is certified."""

    def factor(self, x: Any, xp: Any) -> Any:
        return Damped().factor(x, xp)


def test_a_report_on_a_dishonest_solver_shows_the_witness():
    report = verify(mutant(loss=lambda self: 0.05), jobs=0, max_examples=8, backends=("numpy",), shapes=((2, 2),))
    assert not report.ok
    found = {finding.law: finding for finding in report.findings}
    assert found["lmo_within_delta"].status is Status.REFUTED
    assert "was certified" in str(found["lmo_within_delta"].witness)
    assert found["lmo_feasible"].status in (Status.TESTED, Status.DERIVED)
    assert found["lmo_attains"].status is Status.SKIPPED


@pytest.mark.parametrize(
    ("feasible", "ball", "certificate"),
    [(True, Status.TESTED, Status.TESTED), (False, Status.REFUTED, Status.SKIPPED)],
)
def test_newton_schulz_as_muon_has_it_is_not_feasible_unless_it_is_divided(feasible, ball, certificate):
    norm = Spectral(NewtonSchulz(feasible=feasible))
    report = verify(norm, jobs=0, max_examples=8, backends=("numpy",), shapes=((2, 2),))
    found = {finding.law: finding for finding in report.findings}
    assert found["lmo_feasible"].status is ball
    assert found["lmo_within_delta"].status is certificate
    assert found["lmo_attains"].status is Status.SKIPPED
    assert report.ok is feasible
