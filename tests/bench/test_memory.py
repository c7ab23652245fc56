"""A thousand LMOs leave nothing behind; and a solver that keeps its results is caught."""

import itertools

import numpy as np
import pytest

from ntr_spec.bench import Settings, growth, measure, places
from ntr_spec.bench.contenders import Ours
from ntr_spec.bench.memory import WARM
from ntr_spec.bench.solvers import solvers
from tests.bench.fakes import Leaking, norm

CALLS = 1000
ALLOWED = 100_000  # bytes


def grown(contenders, library, side):
    """Over a thousand calls of all contenders in turns."""
    (place,) = places([library], "cpu")
    x = place.array(np.random.default_rng(0).normal(size=(side, side)), "float32")
    calls = itertools.cycle([contender.prepared(x, place).call for contender in contenders])
    return growth(lambda: next(calls)(), CALLS, place.wait, place.allocated)


# One setting of each solver: what differs between settings is numbers.
KINDS = {
    type(each.solver): each
    for geometry in ("spectral", "nuclear")
    for each in reversed(solvers(geometry, "numpy", "float32"))
}


def test_a_thousand_calls_leave_nothing_behind():
    # One solver that keeps its results, among all of them, would keep several times as much as is allowed here for
    # Python's own free lists.
    assert 32 * 32 * 4 * CALLS / len(KINDS) > 3 * ALLOWED
    found = grown(KINDS.values(), "numpy", 32)
    assert found.traced < ALLOWED


def test_nor_do_torch_and_its_allocator():
    pytest.importorskip("torch")
    (contender,) = (each for each in solvers("spectral", "torch", "float32") if each.name == "PolarExpress(steps=3)")
    found = grown([contender], "torch", 64)
    assert found.traced < ALLOWED
    assert found.resident is None or found.resident < 64 * 64 * 4 * CALLS / 2


def test_one_leak_among_all_is_caught():
    found = grown([*KINDS.values(), Ours(norm(Leaking()))], "numpy", 32)
    assert found.traced > 3 * ALLOWED


@pytest.mark.parametrize("library", ["numpy", "torch"])
def test_a_leak_is_caught(library):
    pytest.importorskip(library)
    side = 128  # 65 MB, beside which it does not matter what earlier tests have left to be used again
    found = grown([Ours(norm(Leaking()))], library, side)
    assert max(found.traced, found.resident or 0) > side * side * 4 * CALLS / 2


def test_every_call_is_waited_for_and_the_device_is_asked():
    waited, used = [], iter((100, 160))
    found = growth(lambda: "result", 7, waited.append, lambda: next(used))
    assert waited == ["result"] * (WARM + 7)
    assert (found.calls, found.device) == (7, 60)


def test_growth_is_told_in_the_table():
    settings = Settings(((8, 8),), libraries=("numpy",), repeat=1, seconds=0.0, memory=5, solvers=(norm(Leaking()),))
    (case,) = measure(settings).cases
    kept = {row.kind: row.growth for row in case.rows}
    assert kept["solver"] >= 5 * 8 * 8 * 4
    assert kept["product"] is None
