"""What the engines say about the mutants, each asked once per process."""

from __future__ import annotations

import functools
import importlib

from ntr_spec.laws import EXACT_LAWS, FLOAT_LAWS, FloatLaw, Law
from ntr_spec.verify import Evidence, Settings, Status
from tests.mutants import MUTANTS, Mutant

LAWS: dict[str, Law | FloatLaw] = {law.name: law for law in (*EXACT_LAWS, *FLOAT_LAWS)}
BY_NAME: dict[str, Mutant] = {mutant.name: mutant for mutant in MUTANTS}
ENGINES = ("exact", "property")

# Laws that must be refuted get what a user's run gets; the others a look that is long enough to raise a false alarm.
_FULL = Settings()
_LOOK = {
    "exact": Settings(dims=(2,), timeout=0.4),
    "property": Settings(max_examples=20),
    "derive": Settings(dims=(2,), timeout=0.4),
}


def applicable(mutant: Mutant) -> list[str]:
    """The laws that apply to the mutant."""
    return [name for name, law in LAWS.items() if law.missing(mutant.norm) is None]


@functools.cache
def evidence(name: str, law: str, engine: str) -> tuple[Evidence, ...]:
    """What an engine says about a law of a mutant; nothing where it does not deal with such laws."""
    if engine != "property" and isinstance(LAWS[law], FloatLaw):
        return ()
    mutant = BY_NAME[name]
    check = importlib.import_module(f"ntr_spec.verify.{engine}").check
    found: tuple[Evidence, ...] = check(mutant.norm, LAWS[law], _FULL if law in mutant.false else _LOOK[engine])
    return found


def refuted(name: str, law: str, engine: str) -> bool:
    """Whether the engine refutes it."""
    return any(e.status is Status.REFUTED for e in evidence(name, law, engine))
