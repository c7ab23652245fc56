"""What the engines say about the mutants, each asked once per process."""

from __future__ import annotations

import functools
import importlib

from ntr_spec.laws import EXACT_LAWS, FLOAT_LAWS, FloatLaw, Law
from ntr_spec.verify import Evidence, Settings, Status
from tests.mutants import MUTANTS, Mutant

LAWS: dict[str, Law | FloatLaw] = {law.name: law for law in (*EXACT_LAWS, *FLOAT_LAWS)}
BY_NAME: dict[str, Mutant] = {mutant.name: mutant for mutant in MUTANTS}
ENGINES = ("exact", "property", "derive")

# Laws that must be refuted get what a user's run gets. The lemma engine only proves, so on false laws it is tempted for
# a while; on all others every engine gets a look that is long enough to raise a false alarm.
_FULL = {"exact": Settings(), "property": Settings(), "derive": Settings(timeout=1.0)}
_LOOK = {"exact": Settings(dims=(2,), timeout=0.2), "property": Settings(max_examples=10)}


def applicable(mutant: Mutant) -> list[str]:
    """The laws that apply to the mutant."""
    return [name for name, law in LAWS.items() if law.missing(mutant.norm) is None]


@functools.cache
def evidence(name: str, law: str, engine: str) -> tuple[Evidence, ...]:
    """What an engine says about a law of a mutant; nothing where it is not asked."""
    mutant = BY_NAME[name]
    settings = _FULL if law in mutant.false else _LOOK
    if engine not in settings or (engine != "property" and isinstance(LAWS[law], FloatLaw)):
        return ()
    check = importlib.import_module(f"ntr_spec.verify.{engine}").check
    found: tuple[Evidence, ...] = check(mutant.norm, LAWS[law], settings[engine])
    return found


def refuted(name: str, law: str, engine: str) -> bool:
    """Whether the engine refutes it, or has searched in vain for the point that a law for *some* point needs."""
    return any(
        e.status is Status.REFUTED or (e.status is Status.UNDECIDED and e.reason.startswith("a search found no point"))
        for e in evidence(name, law, engine)
    )
