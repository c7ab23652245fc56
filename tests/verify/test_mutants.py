"""The kill matrix: every wrong declaration is refuted by the laws that the table names, and by no law that holds."""

from __future__ import annotations

import pytest

from ntr_spec.verify import Status
from tests.mutants import MUTANTS, Mutant, Reach
from tests.verify.verdicts import ENGINES, LAWS, applicable, evidence, refuted

every_mutant = pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)

CATEGORIES = {
    "wrong dual",
    "wrong LMO of the dual only",
    "impostor",
    "sign flip",
    "infeasible LMO",
    "non-attaining LMO",
    "not subadditive",
    "not homogeneous",
    "seminorm",
    "not symmetric",
    "wrong on ties",
    "wrong at zero",
    "wrong for n ≥ 3",
    "wrong for n ≥ 5",
    "wrong off the square",
    "wrong ρ",
    "wrong claim",
    "wrong projection",
    "wrong promise",
    "float32 only",
    "tiny scale only",
    "large scale only",
    "mutates its input",
    "random",
    "leaks to NumPy",
    "syncs with the host",
    "prints",
    "wrong type",
    "wrong shape",
    "swallows NaN",
    "returns NaN",
    "raises",
}


def test_the_table_is_large_and_has_every_kind_of_mistake() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) >= 80
    assert {mutant.category for mutant in MUTANTS} >= CATEGORIES
    assert all(mutant.kills and mutant.false | mutant.exact <= set(LAWS) for mutant in MUTANTS)


@every_mutant
def test_every_named_law_refutes(mutant: Mutant) -> None:
    survived = {
        law for law in mutant.kills if not any(refuted(mutant.name, law, engine) for engine in ("exact", "property"))
    }
    assert not survived


@every_mutant
def test_the_exact_engine_refutes_what_it_can_see(mutant: Mutant) -> None:
    assert {law for law in mutant.exact if refuted(mutant.name, law, "exact")} == mutant.exact


@every_mutant
def test_no_law_that_holds_is_refuted(mutant: Mutant) -> None:
    alarms = {
        (law, engine): [str(e.witness) for e in evidence(mutant.name, law, engine) if e.witness]
        for law in applicable(mutant)
        if law not in mutant.false
        for engine in ENGINES
        if refuted(mutant.name, law, engine)
    }
    assert not alarms


@every_mutant
def test_nothing_false_is_called_proved(mutant: Mutant) -> None:
    """What fails for some n is never proved for every n; what fails in R² or R³ is not proved there."""
    if mutant.reach is Reach.FLOATS:
        return  # its laws hold over the reals
    for law in sorted((mutant.kills | mutant.exact) & set(applicable(mutant))):
        for engine in ENGINES:
            for found in evidence(mutant.name, law, engine):
                if found.status in (Status.PROVED, Status.DERIVED):
                    assert "every" not in found.scope, found
                    spaces = {f"{law}@{space}" for space in found.scope.split(", ")}
                    assert mutant.reach is Reach.LARGE or spaces <= mutant.tame, found
