"""The certificate that the cosine bowl is star-convex: what it proves, and false siblings that it must reject."""

import numpy as np
import pytest
import sympy as sp

from ntr_spec.verify.kernel import CertificateError
from proofs import star_convex_cosine as lemma
from proofs.recheck import recheck


def test_it_rechecks():
    (result,) = recheck(["star_convex_cosine"])
    assert result.status == "PROVED", result.failure


def test_it_proves_the_gap_of_the_code_on_both_sides_of_the_cut():
    before, beyond = lemma.proof()
    for fact in (before, beyond):
        assert sp.expand(fact.gap - lemma.gap(lemma.t, lemma.a)) == 0
        assert fact.hypotheses <= set(lemma.HYPOTHESES)
    assert before.hypotheses == {"Taylor sums", "0 ≤ a ≤ 3/2", "0 ≤ t ≤ 9/2"}


@pytest.mark.parametrize("part", [lemma.before, lemma.beyond])
def test_a_steeper_bowl_is_rejected_and_refuted(monkeypatch, part):
    """At a = 1.72 star-convexity fails, at t ≈ 4; the certificate fails with it, on both sides of the cut."""
    a = 1.72
    t = np.linspace(3.5, 4.5, 1001)
    assert (t**2 / 2 + a * (t * np.sin(t) + np.cos(t) - 1)).min() < 0
    monkeypatch.setattr(lemma, "STEEPEST", sp.Rational(172, 100))
    with pytest.raises(CertificateError):
        part()


def test_the_cut_cannot_be_moved_where_the_crude_bound_fails(monkeypatch):
    monkeypatch.setattr(lemma, "CUT", sp.Integer(4))
    lemma.before()
    with pytest.raises(CertificateError):
        lemma.beyond()


def test_shorter_taylor_sums_are_not_enough(monkeypatch):
    monkeypatch.setattr(lemma, "LAST", 3)
    with pytest.raises(CertificateError):
        lemma.before()


def test_taylor_sums_lie_below():
    t = np.linspace(0, 12, 4001)
    for fact, function in zip(lemma.below(), (np.sin, np.cos), strict=True):
        symbol = lemma.SINE if function is np.sin else lemma.COSINE
        below = sp.lambdify(lemma.t, symbol - fact.gap)
        assert (below(t) <= function(t) + 1e-12).all()


def test_code_of_another_function_is_not_taken_for_it(monkeypatch):
    monkeypatch.setattr(lemma.Cosine, "slope", lambda self, t, xp: t + 2 * self.a * xp.sin(t))
    with pytest.raises(CertificateError, match="not those of the lemma"):
        lemma.proof()
