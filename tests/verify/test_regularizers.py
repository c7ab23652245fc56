"""The verifier on regularizers: wrong ones are refuted by the laws that the table names, right ones by none."""

from __future__ import annotations

import importlib
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

import ntr_spec as ntr
from ntr_spec.laws import FloatLaw
from ntr_spec.steps import Regularizer
from ntr_spec.steps.catalogue import catalogue
from ntr_spec.testing.strategies import regularizers
from ntr_spec.verify import Evidence, Settings, Status
from ntr_spec.verify.misbehaviour import MisbehaviourError
from ntr_spec.verify.subjects import kind_named
from ntr_spec.verify.subjects.regularizers import WatchedRegularizer
from tests import right_regularizers
from tests.wrong import regularizers as wrong

KIND = kind_named("regularizer")
_FULL = {"exact": Settings(dims=(1,), timeout=3.0), "property": Settings()}
_LOOK = {"exact": Settings(dims=(1,), timeout=0.2), "property": Settings(max_examples=10)}
_GLANCE = {"property": Settings(max_examples=5)}


def mistakes(kills: str, exact: str = "", also: str = "") -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    return frozenset(kills.split()), frozenset(exact.split()), frozenset(also.split())


# Of a hook that raises or returns nonsense no law holds, as a program either.
PROGRAM = " nan_propagates input_unchanged deterministic dtype_and_device_kept no_host_sync silent"

# What must be refuted; what the exact engine must refute by itself; what else is false, noticed or not.
MISTAKES: dict[type[Regularizer], tuple[frozenset[str], frozenset[str], frozenset[str]]] = {
    wrong.Uphill: mistakes("prox_optimal prox_fenchel_young moreau", "prox_optimal moreau"),
    wrong.IgnoresStep: mistakes("prox_optimal prox_fenchel_young moreau", "prox_optimal moreau"),
    wrong.TwiceTheStep: mistakes("prox_optimal prox_fenchel_young moreau", "prox_optimal moreau"),
    wrong.WrongAtTheKink: mistakes("prox_optimal prox_fenchel_young moreau", "prox_optimal moreau"),
    wrong.Hard: mistakes("prox_optimal prox_fenchel_young moreau", "prox_optimal moreau"),
    wrong.ForgetsToShrink: mistakes("prox_optimal", "prox_optimal"),
    wrong.HuberWithoutStep: mistakes("prox_optimal", "prox_optimal"),
    wrong.Capped: mistakes("convex prox_optimal fenchel_young prox_fenchel_young biconjugate subgradient", "convex"),
    wrong.Twice: mistakes(
        "prox_optimal prox_fenchel_young biconjugate subgradient", "prox_optimal biconjugate subgradient"
    ),
    wrong.DomainTooSmall: mistakes("prox_in_domain", "prox_in_domain", "prox_optimal"),
    wrong.DomainTooLarge: mistakes("prox_optimal", "prox_optimal"),
    wrong.Outside: mistakes("convex prox_optimal", "convex"),
    wrong.LargeConjugate: mistakes("fenchel_young moreau biconjugate", "fenchel_young moreau biconjugate"),
    wrong.SmallConjugate: mistakes("prox_fenchel_young moreau biconjugate", "moreau biconjugate"),
    wrong.SelfConjugate: mistakes("prox_fenchel_young moreau biconjugate", "moreau biconjugate"),
    wrong.BackwardSubgradient: mistakes("subgradient", "subgradient"),
    wrong.SteepSubgradient: mistakes("subgradient", "subgradient"),
    wrong.SteepAtZero: mistakes("subgradient", "subgradient"),
    wrong.OtherCorner: mistakes("separable_argmin", "separable_argmin"),
    wrong.Mutates: mistakes("input_unchanged", also="prox_optimal prox_fenchel_young moreau deterministic"),
    wrong.SwallowsNaN: mistakes("nan_propagates"),
    wrong.SwallowsNaNInProx: mistakes("nan_propagates"),
    wrong.Widens: mistakes("dtype_and_device_kept", also="no_host_sync"),
    wrong.Prints: mistakes("silent"),
    wrong.Remembers: mistakes(
        "deterministic", also="convex biconjugate fenchel_young prox_fenchel_young prox_optimal subgradient"
    ),
    wrong.ReadsOnHost: mistakes("no_host_sync"),
    wrong.ReturnsNothing: mistakes("prox_optimal prox_fenchel_young moreau", also=PROGRAM),
    wrong.WrongShape: mistakes(
        "convex prox_optimal fenchel_young biconjugate prox_fenchel_young subgradient", also=PROGRAM
    ),
    wrong.Unbound: mistakes("convex prox_in_domain prox_optimal", also=PROGRAM),
    wrong.Raises: mistakes("prox_optimal prox_fenchel_young moreau", also=PROGRAM),
    wrong.NotANumber: mistakes("prox_optimal prox_fenchel_young moreau", "moreau"),
    wrong.BarrierForgetsTheStep: mistakes("prox_optimal"),
    wrong.QuarterBox: mistakes("prox_optimal"),
    wrong.HalfDomain: mistakes("domain_agrees", "domain_agrees"),
    wrong.SpectralHalf: mistakes("prox_optimal"),
    wrong.Barycentre: mistakes("prox_optimal", also="nan_propagates"),
    wrong.InfiniteValue: mistakes("convex prox_optimal", also=PROGRAM),
    wrong.Empty: mistakes("prox_in_domain", "prox_in_domain", "prox_optimal"),
    wrong.Hinge: mistakes("nan_propagates"),
}


BLAMED = {
    wrong.ReturnsNothing: "ReturnsNothing._prox returned None",
    wrong.WrongShape: "WrongShape._value returned shape",
    wrong.Unbound: "Unbound._domain returned",
    wrong.Raises: "Raises._prox raised KeyError: 'later' (regularizers.py, line",
    wrong.InfiniteValue: "declare `_domain` instead of returning infinity",
}


def _asked(regularizer: Regularizer, law: str, engine: str, setting: Settings) -> tuple[Evidence, ...]:
    check = importlib.import_module(f"ntr_spec.verify.{engine}").check
    found: tuple[Evidence, ...] = check(regularizer, KIND.laws[law], setting)
    return found


def _engines(law: str) -> tuple[str, ...]:
    return ("property",) if isinstance(KIND.laws[law], FloatLaw) else ("property", "exact")


def _applies(regularizer: Regularizer, law: str) -> bool:
    return KIND.laws[law].missing(regularizer) is None


def _reasons(kind: type[Regularizer], law: str) -> dict[str, list[Any]]:
    """The witnesses of each engine that refutes the law; exact engines look long only where they must see it."""
    kills, exact, also = MISTAKES[kind]
    found = {}
    for engine in _engines(law):
        long = law in (exact if engine == "exact" else kills | also)
        evidence = _asked(kind(), law, engine, (_FULL if long else _LOOK)[engine])
        found[engine] = [e.witness for e in evidence if e.status is Status.REFUTED]
    return {engine: witnesses for engine, witnesses in found.items() if witnesses}


@pytest.mark.parametrize("kind", MISTAKES, ids=lambda kind: kind.__name__)
def test_every_named_law_refutes_and_no_other(kind: type[Regularizer]) -> None:
    kills, exact, also = MISTAKES[kind]
    refuted = {law: _reasons(kind, law) for law in KIND.laws if _applies(kind(), law)}
    assert {law for law, reasons in refuted.items() if reasons} - also == kills
    assert {law for law in exact if "exact" in refuted[law]} == exact
    for law in kills:
        for witness in (w for witnesses in refuted[law].values() for w in witnesses):
            assert all(np.size(point) <= 3 for point in witness.points.values()), (law, witness)
            assert len(str(witness)) < 400, (law, witness)


@pytest.mark.parametrize("kind", BLAMED, ids=lambda kind: kind.__name__)
def test_hooks_that_misbehave_are_named(kind: type[Regularizer]) -> None:
    (witness,) = _reasons(kind, "prox_optimal")["property"]
    assert BLAMED[kind] in witness.note


def test_a_witness_is_the_point_that_was_tried() -> None:
    (witness,) = _reasons(wrong.QuarterBox, "prox_optimal")["property"]
    R = wrong.QuarterBox()
    x, t, y = (np.asarray(eval(witness.inputs[name])) for name in "xty")
    p = R.prox(x, float(t))
    assert bool(R.contains(y))
    assert float(R(p) + np.sum((x - p) * (y - p)) / t) > float(R(y))


def test_where_no_point_of_the_domain_is_found_laws_stay_open() -> None:
    (found,) = _asked(wrong.Empty(), "convex", "property", _LOOK["property"])
    assert found.status is Status.UNDECIDED
    assert "no drawn point meets the law's condition" in found.reason


def test_advice_for_slopes_that_forget_nan() -> None:
    (witness,) = _reasons(wrong.Hinge, "nan_propagates")["property"]
    assert "add `+ 0 * x` to the subgradient" in witness.note


# ---- right ones ------------------------------------------------------------------------------------------------


def alarms(regularizer: Regularizer, look: dict[str, Settings]) -> list[str]:
    """Every refutation of a law, and what drawn examples leave open, as text."""
    ringing = {"property": {Status.REFUTED, Status.UNDECIDED}, "exact": {Status.REFUTED}}
    return [
        f"{law}: {e.witness or e.reason}"
        for law in KIND.laws
        if _applies(regularizer, law)
        for engine in _engines(law)
        if engine in look
        for e in _asked(regularizer, law, engine, look[engine])
        if e.status in ringing[engine]
    ]


RIGHT = (*catalogue(), ("Huber", wrong.Huber()), ("Absolute", wrong.Absolute()), ("Clipped", wrong.Clipped()))
RIGHT += tuple((type(regularizer).__name__, regularizer) for regularizer in right_regularizers.RIGHT)


@pytest.mark.parametrize(("name", "regularizer"), RIGHT, ids=[name for name, _ in RIGHT])
def test_right_ones_raise_no_alarm(name: str, regularizer: Regularizer) -> None:
    assert alarms(regularizer, _LOOK) == []


@settings(max_examples=15, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(regularizers())
def test_combinations_raise_no_alarm(regularizer: Regularizer) -> None:
    assert alarms(regularizer, _GLANCE) == []


# ---- the way in ------------------------------------------------------------------------------------------------


def test_verify_takes_a_regularizer() -> None:
    report = ntr.verify(ntr.Penalty(ntr.L1(), 0.5), dims=[2], max_examples=20, timeout=2.0, jobs=0)
    assert report.ok
    assert report.kind == "regularizer"
    assert report["moreau"].status is Status.PROVED
    assert str(report).startswith("Penalty(norm=L1(), weight=0.5)   0.5·‖x‖₁   conjugate δ(‖s‖_∞ ≤ 0.5)\n")
    assert "1 regularizer, " in str(report)
    assert json.loads(report.to_json())["norms"][0]["kind"] == "regularizer"
    assert "<dt>conjugate</dt>" in report.to_html()


def test_verify_refutes_a_wrong_one_and_takes_expectations() -> None:
    quick = {"dims": [1], "max_examples": 20, "timeout": 2.0, "jobs": 0}
    report = ntr.verify(wrong.BackwardSubgradient(), **quick)
    assert not report.ok
    assert "REFUTED subgradient" in str(report)
    assert ntr.verify(wrong.BackwardSubgradient(), expected={"subgradient": "on purpose"}, **quick).ok
    with pytest.raises(ntr.InputError, match=r"unknown law 'holder'; .*the laws are convex, "):
        ntr.verify(wrong.Absolute(), expected={"holder": "a norm's law"})
    with pytest.raises(
        ntr.InputError, match=r"expected a norm, a regularizer, a method or a problem, got the class Penalty; write"
    ):
        ntr.verify(ntr.Penalty)


def test_the_watch_passes_on_what_is_right() -> None:
    x = np.array([3.0, -0.25])
    mine, watched = wrong.Absolute(), WatchedRegularizer(wrong.Absolute())
    assert float(watched(x)) == float(mine(x))
    assert watched.prox(x, 0.5).tolist() == mine.prox(x, 0.5).tolist()
    assert watched.conjugate.prox(x, 0.5).tolist() == mine.conjugate.prox(x, 0.5).tolist()
    assert (watched.has_prox, watched.separable, watched.has_subgradient) == (True, False, True)
    with pytest.raises(MisbehaviourError, match="returned None"):
        WatchedRegularizer(wrong.ReturnsNothing()).prox(x)
    huber = WatchedRegularizer(wrong.Huber()).conjugate  # its prox is the watched regularizer's, by Moreau
    assert huber.prox(x, 0.5).tolist() == wrong.Huber().conjugate.prox(x, 0.5).tolist()
