"""No right norm gets an alarm: the catalogue, and what Hypothesis builds from it three combinators deep."""

from __future__ import annotations

import importlib

import pytest
from hypothesis import HealthCheck, given, settings

from ntr_spec.laws import EXACT_LAWS, FLOAT_LAWS
from ntr_spec.norms import Norm
from ntr_spec.norms.catalogue import catalogue
from ntr_spec.testing.strategies import norms
from ntr_spec.verify import Settings, Status
from tests.wrong import bases

# The exact engine gets one small dimension and little time: an alarm is a counterexample, and those come fast.
_LOOK = {"property": Settings(max_examples=20), "exact": Settings(dims=(2,), timeout=0.3)}
_GLANCE = {"property": Settings(max_examples=5), "exact": Settings(dims=(2,), timeout=0.1)}


def alarms(norm: Norm, look: dict[str, Settings]) -> list[str]:
    """Every refutation of a law of the norm, as text."""
    # Drawn examples either settle a law or raise an alarm; exact engines may also give up.
    ringing = {"property": {Status.REFUTED, Status.UNDECIDED}, "exact": {Status.REFUTED}}
    found = []
    for engine, setting in look.items():
        check = importlib.import_module(f"ntr_spec.verify.{engine}").check
        for law in (*EXACT_LAWS, *(FLOAT_LAWS if engine == "property" else ())):
            if law.missing(norm) is None:
                evidence = check(norm, law, setting)
                found += [f"{law.name}: {e.witness or e.reason}" for e in evidence if e.status in ringing[engine]]
    return found


@pytest.mark.parametrize(("name", "norm"), catalogue(), ids=lambda value: value if isinstance(value, str) else "")
def test_the_catalogue_alone(name: str, norm: Norm) -> None:
    assert alarms(norm, _LOOK) == [], name


@pytest.mark.parametrize(
    "norm",
    [
        bases.Largest(),
        bases.Total(),
        bases.Length(),
        bases.Ramp(),
        bases.RunningSums(),
        bases.SteepLargest(2),
        bases.Stretch(),
        bases.Sheet(),
    ],
    ids=lambda norm: type(norm).__name__,
)
def test_the_right_norms_that_mutants_start_from(norm: Norm) -> None:
    assert alarms(norm, _LOOK) == []


@settings(max_examples=15, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(norms(max_depth=3))
def test_combinations_three_deep(norm: Norm) -> None:
    assert alarms(norm, _GLANCE) == []


def test_the_alarm_rings() -> None:
    """The same look at a wrong norm is not silent."""
    from tests.wrong.duality import SignFlipped

    assert [text.partition(":")[0] for text in alarms(SignFlipped(), _GLANCE)] == ["lmo_attains"] * 2
