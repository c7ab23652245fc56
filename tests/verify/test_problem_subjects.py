"""The verifier on problems: wrong ones are refuted by the laws that the table names, right ones by none."""

from __future__ import annotations

import dataclasses
import importlib
import json
from typing import Any

import numpy as np
import pytest

import ntr_spec as ntr
from ntr_spec.laws import FloatLaw
from ntr_spec.laws.objectives import measured
from ntr_spec.norms import L1, L2, LInf, Nuclear, Spectral
from ntr_spec.problems import Known, LinearModel, Rosenbrock, Samples, SoftmaxRegression, Square, robust_regression
from ntr_spec.problems.catalogue import catalogue
from ntr_spec.testing import parametrize_laws
from ntr_spec.verify import Evidence, Settings, Status, work
from ntr_spec.verify.misbehaviour import MisbehaviourError
from ntr_spec.verify.subjects import kind_named, kind_of
from ntr_spec.verify.subjects.problems import WatchedProblem
from tests.wrong import problems as wrong

KIND = kind_named("problem")
_FULL = {"exact": Settings(), "property": Settings()}
_LOOK = {"property": Settings(max_examples=5)}

Mistakes = tuple[frozenset[str], frozenset[str], frozenset[str]]


def mistakes(kills: str, exact: str = "", also: str = "") -> Mistakes:
    return frozenset(kills.split()), frozenset(exact.split()), frozenset(also.split())


EVERY_LAW = " ".join(KIND.laws)
OF_HESSIAN = "hessian hessian_symmetric hessian_linear curvature second_order_smooth"
OF_CONSTANTS = "gradient hessian smooth quadratic_bound curvature second_order_smooth norm_equivalence minimizer"
PROGRAM = "nan_propagates input_unchanged deterministic dtype_and_device_kept no_host_sync silent faces_agree"
UPHILL = "gradient hessian quadratic_bound second_order_smooth"

# What must be refuted; what the exact engine must refute by itself; what else is false, noticed or not.
MISTAKES: dict[str, tuple[Known, Mistakes]] = {
    KIND.label(problem): (problem, found)
    for problem, found in (
        (wrong.Uphill(), mistakes(UPHILL, UPHILL)),
        (wrong.UphillCone(), mistakes(UPHILL)),
        (wrong.ForgetsTarget(), mistakes("gradient quadratic_bound minimizer", "gradient quadratic_bound minimizer")),
        (wrong.ForgetsHalf(), mistakes("gradient quadratic_bound", "gradient quadratic_bound")),
        (
            wrong.SlightlySteep(),
            mistakes("gradient", also="hessian smooth quadratic_bound second_order_smooth faces_agree"),
        ),
        (wrong.OtherHessian(), mistakes("hessian second_order_smooth second_order_attained")),
        (wrong.Asymmetric(), mistakes("hessian hessian_symmetric curvature second_order_smooth", "hessian_symmetric")),
        (
            wrong.AbsoluteHessian(),
            mistakes("hessian hessian_symmetric hessian_linear second_order_smooth", "hessian_linear"),
        ),
        (wrong.FlatL(), mistakes("smooth quadratic_bound curvature", "smooth quadratic_bound curvature")),
        (
            wrong.FlatLInf(),
            mistakes("smooth quadratic_bound curvature second_order_attained"),
        ),
        (wrong.SteepL(), mistakes("smooth_attained")),
        (wrong.FlatH(), mistakes("second_order_smooth", also="hessian gradient")),
        (wrong.SteepH(), mistakes("second_order_attained")),
        (wrong.NoH(), mistakes("second_order_smooth", also="gradient hessian")),
        (wrong.Wells(), mistakes("star_convex")),
        (wrong.Saddle(), mistakes("star_convex infimum minimizer start", "star_convex infimum minimizer start")),
        (wrong.Elsewhere(), mistakes("minimizer minimum start", "minimizer minimum start", "star_convex")),
        (wrong.TooHigh(), mistakes("infimum minimum start", "infimum minimum start")),
        (wrong.TooLow(), mistakes("minimum start", "minimum start")),
        (wrong.noisy(wrong.Louder()), mistakes("noise_variance noise_dual")),
        (wrong.noisy(wrong.LouderGaussian()), mistakes("noise_variance")),
        (wrong.noisy(wrong.Biased()), mistakes("noise_unbiased")),
        (wrong.noisy(wrong.Constantly()), mistakes("noise_unbiased")),
        (wrong.noisy(wrong.Remembers()), mistakes("deterministic")),
        (wrong.noisy(wrong.WrongInTheDual()), mistakes("noise_dual")),
        (wrong.Undeclared(), mistakes("noise_variance", also="noise_unbiased")),
        (wrong.Mutates(), mistakes("input_unchanged", also=EVERY_LAW)),
        (wrong.Widens(), mistakes("dtype_and_device_kept")),
        (wrong.SwallowsNaN(), mistakes("nan_propagates")),
        (wrong.Prints(), mistakes("silent")),
        (wrong.ReadsOnHost(), mistakes("no_host_sync")),
        (wrong.OnlyValue(), mistakes(OF_CONSTANTS, also=EVERY_LAW)),
        (wrong.WrongShape(), mistakes(OF_HESSIAN, also=PROGRAM + " smooth_attained second_order_attained")),
        (wrong.BareNumber(), mistakes(OF_CONSTANTS, also=EVERY_LAW)),
        (wrong.Unfinished(), mistakes(OF_HESSIAN, also=PROGRAM + " smooth_attained second_order_attained")),
    )
}

BLAMED = {
    "OnlyValue": ("gradient", "OnlyValue._value_and_gradient returned a float64; return the pair of f(x) and ∇f(x)"),
    "WrongShape": ("hessian", "WrongShape._hessian_vector returned shape () where (2,) was expected"),
    "BareNumber": ("smooth", "BareNumber._smoothness returned a float; return a Constant(value, tight, why), or None"),
    "Unfinished": ("hessian", "Unfinished._hessian_vector raised KeyError: 'later' (problems.py, line"),
}


def _asked(problem: Known, law: str, engine: str, setting: Settings) -> tuple[Evidence, ...]:
    check = importlib.import_module(f"ntr_spec.verify.{engine}").check
    found: tuple[Evidence, ...] = check(problem, KIND.laws[law], setting)
    return found


def _applies(problem: Known, law: str) -> bool:
    try:
        return KIND.laws[law].missing(problem) is None
    except Exception:  # a wrong declaration; engines are asked
        return True


def _rings(evidence: Evidence) -> bool:
    """Refuted, or the point that a law for *some* point asks for was searched in vain."""
    return evidence.status is Status.REFUTED or (
        evidence.status is Status.UNDECIDED and evidence.reason.startswith("a search found no point")
    )


@pytest.mark.parametrize("name", MISTAKES)
def test_every_named_law_refutes_and_no_other(name: str) -> None:
    problem, (kills, exact, also) = MISTAKES[name]
    refuted: dict[str, list[Evidence]] = {}
    for law in KIND.laws:
        if law in also - kills or not _applies(problem, law):
            continue
        look = (_FULL if law in kills else _LOOK)["property"]
        refuted[law] = [e for e in _asked(problem, law, "property", look) if _rings(e)]
    assert {law for law, found in refuted.items() if found} == kills
    for law in exact:
        (found,) = [e for e in _asked(problem, law, "exact", _FULL["exact"]) if e.status is Status.REFUTED]
        refuted[law].append(found)
    for evidence in (e for law in kills for e in refuted[law] if e.witness is not None):
        assert all(np.size(point) <= 2 for point in evidence.witness.points.values()), evidence
        assert len(str(evidence.witness)) < 400, evidence


@pytest.mark.parametrize("name", BLAMED)
def test_hooks_that_misbehave_are_named(name: str) -> None:
    law, words = BLAMED[name]
    problem, _ = MISTAKES[f"{name}()"]
    (found,) = _asked(problem, law, "property", _LOOK["property"])
    assert found.witness is not None
    assert words in found.witness.note


def test_a_witness_names_the_norm_and_is_what_it_says() -> None:
    (found,) = _asked(wrong.FlatLInf(), "curvature", "property", _FULL["property"])
    assert found.witness is not None
    assert found.witness.relation == "4 <= 3 for LInf()"
    x, v = (np.asarray(eval(found.witness.inputs[name])) for name in "xv")
    image = wrong.FlatLInf().hessian_vector(x, v)
    assert np.sum(np.abs(image)) == 4.0
    assert np.max(np.abs(v)) == 1.0
    (searched,) = _asked(wrong.SteepL(), "smooth_attained", "property", _FULL["property"])
    assert "the nearest gives 4.4955 <= 4 for LInf()" in searched.reason


def test_exact_witnesses_can_be_checked_on_paper() -> None:
    (found,) = _asked(wrong.Uphill(), "gradient", "exact", _FULL["exact"])
    assert found.witness is not None
    assert found.witness.inputs == {"x": "[0, 0]", "y": "[1, 0]"}
    assert found.witness.relation == "1/2 <= -1/2"


# ---- right ones ------------------------------------------------------------------------------------------------

CLASSES = Samples(np.asarray([[1.0], [2.0], [-1.0], [0.5]]), np.eye(3)[[0, 1, 2, 1]])
RIGHT = {
    **dict(catalogue()),
    "Bowl": wrong.Bowl(),
    "Cone": wrong.Cone(),
    "Plain": wrong.noisy(wrong.Plain()),
    "three classes": SoftmaxRegression(CLASSES, CLASSES),
    "robust": robust_regression(3, 8),
    "least squares": LinearModel(Square(), np.asarray([[1.0, 2.0], [0.0, 1.0], [1.0, 1.0]]), np.asarray([1.0, 0, 3])),
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_ones_raise_no_alarm(name: str) -> None:
    problem = RIGHT[name]
    assert len([m for m in measured(problem) if "L" in m.known]) >= 2
    ringing = {Status.REFUTED, Status.UNDECIDED}
    alarms = [
        f"{law}: {e.witness or e.reason}"
        for law in KIND.laws
        if _applies(problem, law)
        for e in _asked(problem, law, "property", Settings(max_examples=15))
        if e.status in ringing
    ]
    assert alarms == []


@pytest.mark.parametrize("name", ["quadratic", "Bowl"])
def test_quadratics_are_proved_and_never_refuted(name: str) -> None:
    found = {
        law: {e.status for e in _asked(RIGHT[name], law, "exact", Settings(timeout=4.0))}
        for law in KIND.laws
        if not isinstance(KIND.laws[law], FloatLaw) and _applies(RIGHT[name], law)
    }
    exactly = set(found) - {"smooth_attained"}  # which needs an eigenvector
    assert {law for law, statuses in found.items() if statuses == {Status.PROVED}} >= exactly
    assert not any(Status.REFUTED in statuses for statuses in found.values())


def test_all_backends_agree() -> None:
    settings = Settings(max_examples=3, backends=("torch", "jax"))
    for law in KIND.laws:
        if _applies(RIGHT["Plain"], law) and not law.startswith("noise_") and law != "faces_agree":
            (found,) = _asked(RIGHT["Plain"], law, "property", settings)
            assert found.status is Status.TESTED, found
            assert "torch" in found.scope
            assert "jax" in found.scope or law.endswith("_attained"), (
                found
            )  # in float64 only, which JAX is not asked for


# ---- the way in ------------------------------------------------------------------------------------------------


def test_verify_takes_a_problem() -> None:
    report = ntr.verify(wrong.Bowl(), max_examples=10, timeout=2.0, jobs=0)
    assert report.ok
    assert (report.kind, report.name) == ("problem", "Bowl()")
    assert report["gradient"].status is Status.PROVED
    assert report["gradient"].scope == "R^2"
    assert report["smooth"].status in (Status.PROVED, Status.TESTED)
    assert report["second_order_attained"].status is Status.SKIPPED
    assert report["second_order_attained"].reason == "H = 0, and no constant is less"
    assert str(report).startswith("Bowl()   f(x) = ½Σaᵢ(xᵢ − tᵢ)², all of it right")
    assert "1 problem, " in str(report)
    assert json.loads(report.to_json())["norms"][0]["kind"] == "problem"
    assert "L in" in report.to_html()


def test_verify_refutes_a_wrong_one_and_takes_expectations() -> None:
    quick: dict[str, Any] = {"max_examples": 10, "timeout": 2.0, "jobs": 0}
    reasons = {"minimum": "on purpose", "start": "on purpose"}
    report = ntr.verify(wrong.TooLow(), **quick)
    assert not report.ok
    assert "REFUTED minimum" in str(report)
    assert ntr.verify(wrong.TooLow(), expected=reasons, **quick).ok
    with pytest.raises(ntr.InputError, match=r"unknown law 'holder'; .*the laws are gradient, "):
        ntr.verify(wrong.Bowl(), expected={"holder": "a norm's law"})
    with pytest.raises(ntr.InputError, match=r"verify: Bowl expects points of shape \(2,\); got shape \(3,\)"):
        ntr.verify(wrong.Bowl(), shapes=[3])
    with pytest.raises(
        ntr.InputError, match=r"got Rosenbrock, a problem that knows no constants; declare it as a Known"
    ):
        ntr.verify(Rosenbrock())  # a problem without known constants


def test_workers_take_problems() -> None:
    import cloudpickle

    blob = cloudpickle.dumps(RIGHT["noisy-star-convex"])
    told = work.describe(blob)
    assert told.broken == ""
    assert "star-convex" in told.claims
    (found,) = work.check(blob, "curvature", "property", Settings(max_examples=5))
    assert found.status is Status.TESTED


@parametrize_laws(wrong.noisy(wrong.Plain()), max_examples=5, laws=["gradient", "smooth_attained", "noise_variance"])
def test_the_decorator_takes_problems(check: Any) -> None:
    assert check().status is Status.TESTED


def test_labels_leave_arrays_out() -> None:
    assert KIND.label(RIGHT["least squares"]) == "LinearModel(scalar=Square(), weight=0.0)"
    assert KIND.label(RIGHT["Plain"]) == "Noisy(problem=Bowl(), noise=Plain(sigma=1.0), seed=0)"
    assert KIND.label(RIGHT["Bowl"], "bowl") == "bowl"
    assert kind_of(RIGHT["Bowl"]) is KIND


def test_the_watch_passes_on_what_is_right() -> None:
    x, v = np.asarray([3.0, -0.25]), np.asarray([1.0, 2.0])
    mine = RIGHT["Plain"]
    watched = WatchedProblem(mine)
    assert float(watched.value_and_gradient(x)[0]) == float(mine.value_and_gradient(x)[0])
    assert watched.stochastic(x, 5)[1].tolist() == mine.stochastic(x, 5)[1].tolist()
    assert watched.hessian_vector(x, v).tolist() == mine.hessian_vector(x, v).tolist()
    assert watched.known(LInf()) == mine.known(LInf())
    assert watched.constants(L1()) == mine.constants(L1())
    with pytest.raises(MisbehaviourError, match="return the pair"):
        WatchedProblem(wrong.OnlyValue()).value_and_gradient(x)

    class Flat(wrong.Bowl):
        @property
        def minimizer(self) -> Any:
            return np.zeros(3)

    with pytest.raises(MisbehaviourError, match=r"Flat.minimizer has shape \(3,\) where x0 has \(2,\)"):
        WatchedProblem(Flat()).minimizer  # noqa: B018


def test_constants_are_asked_about_in_many_norms() -> None:
    asked = {name: {m.norm for m in measured(problem)} for name, problem in RIGHT.items()}
    assert {L1(), L2(), LInf()} <= asked["quadratic"]
    assert {L1(), L2(), LInf(), Spectral(), Nuclear()} <= asked["noisy-waves"]
    assert all(len(norms) >= 3 for norms in asked.values())
    assert dataclasses.is_dataclass(measured(RIGHT["quadratic"])[0].constants)
