"""A thousand LMOs leave nothing behind; and a solver that keeps its results is caught."""

import numpy as np
import pytest

from ntr_spec.bench import Settings, growth, measure, places
from ntr_spec.bench.contenders import Ours
from ntr_spec.bench.solvers import solvers
from tests.bench.fakes import Leaking, norm

CALLS = 1000
SIDE = 32
KEPT = SIDE * SIDE * 4 * CALLS  # bytes that keeping every float32 result would take


def grown(contender, place):
    x = place.array(np.random.default_rng(0).normal(size=(SIDE, SIDE)), "float32")
    prepared = contender.prepared(x, place)
    return growth(prepared.call, CALLS, place.wait, place.allocated)


# Under JAX the same code runs once, to be compiled. What torch allocates itself shows in resident memory only.
CASES = [
    (library, contender)
    for library in ("numpy", "torch")
    for geometry in ("spectral", "nuclear")
    for contender in solvers(geometry, library, "float32")
]


@pytest.mark.parametrize(("library", "contender"), CASES, ids=[f"{lib}-{one.name}" for lib, one in CASES])
def test_a_thousand_calls_leave_nothing_behind(library, contender):
    pytest.importorskip(library)
    (place,) = places([library], "cpu")
    found = grown(contender, place)
    assert found.traced < 32 * CALLS
    assert found.resident is None or found.resident < KEPT / 2


@pytest.mark.parametrize("library", ["numpy", "torch"])
def test_a_leak_is_caught(library):
    pytest.importorskip(library)
    (place,) = places([library], "cpu")
    found = grown(Ours(norm(Leaking())), place)
    assert max(found.traced, found.resident or 0) > KEPT / 2


def test_growth_is_told_in_the_table():
    settings = Settings(((8, 8),), libraries=("numpy",), repeat=1, seconds=0.0, memory=5, solvers=(norm(Leaking()),))
    (case,) = measure(settings).cases
    kept = {row.kind: row.growth for row in case.rows}
    assert kept["solver"] >= 5 * 8 * 8 * 4
    assert kept["product"] is None
