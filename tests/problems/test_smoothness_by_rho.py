"""The certificate behind L = ρ²λ and H ≤ ρ³H₂: what it rests on, and false siblings that it must reject."""

import pytest
import sympy as sp

from ntr_spec.verify.kernel import CertificateError, Fact, Sign, certify
from proofs import smoothness_by_rho as lemma
from proofs.recheck import recheck


def test_it_rechecks():
    (result,) = recheck(["smoothness_by_rho"])
    assert result.status == "PROVED", result.failure


def test_what_the_bounds_rest_on():
    smoothness, attained, second = lemma.proof()
    assert smoothness.hypotheses == {"‖u‖_* ≤ ρ‖u‖₂", "⟨u, u⟩ ≤ ‖u‖_*‖u‖", "|∇²f| ≤ λ"}
    assert attained.hypotheses == {"‖g‖_* = ρ‖g‖₂", "⟨g, u⟩ = ‖g‖_*", "⟨g, u⟩ ≤ ‖g‖₂‖u‖₂"}
    assert second.hypotheses == {"‖u‖_* ≤ ρ‖u‖₂", "⟨u, u⟩ ≤ ‖u‖_*‖u‖", "|∇³f| ≤ H₂"}
    assert all(fact.sign is Sign.NONNEGATIVE for fact in (smoothness, attained, second))


def without(monkeypatch, name):
    """The lemma's proofs, with one assumption turned into 0 ≥ 0."""
    assume = lemma.assume

    def poorer(gap, said, sign=Sign.NONNEGATIVE) -> Fact:
        return assume(sp.S.Zero if said == name else gap, said, sign)

    monkeypatch.setattr(lemma, "assume", poorer)


@pytest.mark.parametrize("name", lemma.HYPOTHESES)
def test_no_assumption_can_be_left_out(monkeypatch, name):
    without(monkeypatch, name)
    with pytest.raises(CertificateError):
        lemma.proof()


@pytest.mark.parametrize(("power", "factor"), [(1, 1), (2, sp.Rational(9, 10)), (3, 1)])
def test_no_other_power_of_rho_and_no_smaller_constant(power, factor):
    """At ρ = 2, λ = 1 and u = w the form can be 4‖u‖²; ρ³ is larger there, but not for ρ < 1."""
    bound = lemma.assume(lemma.lam * lemma.u2 * lemma.w2 - lemma.form, "|∇²f| ≤ λ")
    longer_u = lemma.euclidean(lemma.u, lemma.u2, lemma.u_dual)
    longer_w = lemma.euclidean(lemma.w, lemma.w2, lemma.w_dual)
    target = factor * lemma.rho**power * lemma.lam * lemma.u * lemma.w - lemma.form
    with pytest.raises(CertificateError):
        certify(target, [(1, bound), (lemma.lam * lemma.w2, longer_u), (lemma.lam * lemma.rho * lemma.u, longer_w)])
