"""Expressions on the command line: what a name inside another means, and what is said where it means nothing."""

import pytest

import ntr_spec as ntr
from ntr_spec.cli.expression import solver_from, subject_from

POLAR = "choose one of Auto, GramEigh, NewtonSchulz, PolarExpress, QDWH, SVD"
LEADING = "choose one of FullSVD, Lanczos, Power"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Spectral(polar=Nope())", POLAR),
        ("Spectral(Polarexpress(6))", POLAR),
        ("muon(0.1, polar=Nope())", POLAR),
        ("Stacked(Nuclear(leading=polar.Nope()))", LEADING),
        ("KyFan(2, polar=SVD(), leading=Nope())", LEADING),
    ],
)
def test_a_solver_that_does_not_exist_is_answered_with_those_that_do(text, says):
    with pytest.raises(ntr.InputError) as caught:
        subject_from(text)
    assert str(caught.value).startswith(f"{text}: there is no solver ")
    assert str(caught.value).endswith(says)


def test_other_names_are_answered_with_their_like():
    with pytest.raises(ntr.InputError, match=r"did you mean TopK"):
        subject_from("Stacked(TopKK(2))")


def test_solvers_by_name_or_expression():
    assert solver_from("polar.PolarExpress(6)") == ntr.polar.PolarExpress(6)
    assert solver_from("Lanczos") == ntr.leading.Lanczos()
    with pytest.raises(ntr.InputError, match=r"^L2: expected a solver, got L2; choose one of Auto, FullSVD, "):
        solver_from("L2")
