"""Times are taken in turns, within the clock's two readings, however long a device needs to answer."""

import gc
import statistics

import pytest

from ntr_spec.bench.clock import LEAST, Quartiles, interleaved


class Clock:
    """Time that passes only when it is told to."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now

    def passing(self, seconds, log=None, name=""):
        def call():
            self.now += seconds
            if log is not None:
                log.append(name)

        return call


def test_what_a_device_does_after_the_call_is_counted():
    clock = Clock()
    samples = interleaved([clock.passing(1.0)], lambda _: clock.passing(10.0)(), repeat=2, seconds=1e9, clock=clock)
    assert samples == [[11.0, 11.0]]


def test_wait_is_handed_what_the_call_returned():
    seen = []
    interleaved([lambda: "result"], seen.append, repeat=1, seconds=1.0)
    assert seen == ["result"]


def test_every_round_runs_each_once_in_changing_order():
    clock, log = Clock(), []
    calls = [clock.passing(k + 1.0, log, k) for k in range(5)]
    samples = interleaved(calls, lambda _: None, repeat=20, seconds=1e9, clock=clock)
    rounds = [tuple(log[k : k + 5]) for k in range(0, 100, 5)]
    assert all(sorted(each) == [0, 1, 2, 3, 4] for each in rounds)
    assert len(set(rounds)) > 10
    assert samples == [[k + 1.0] * 20 for k in range(5)]


@pytest.mark.parametrize(("repeat", "seconds", "rounds"), [(10, 0.0, LEAST), (2, 0.0, 2), (10, 5.0, 5), (10, 1e9, 10)])
def test_the_budget_ends_rounds_but_not_before_the_third(repeat, seconds, rounds):
    clock = Clock()
    (samples,) = interleaved([clock.passing(1.0)], lambda _: None, repeat=repeat, seconds=seconds, clock=clock)
    assert len(samples) == rounds


def test_the_collector_rests_within_a_round_and_is_back_afterwards_even_after_a_crash():
    seen = []

    def crash():
        seen.append(gc.isenabled())
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        interleaved([crash], lambda _: None, repeat=1, seconds=1.0)
    assert seen == [False]
    assert gc.isenabled()


def test_quartiles_are_those_of_the_samples():
    samples = [5.0, 3.0, 8.0, 1.0]
    found = Quartiles.of(samples)
    assert (found.low, found.median, found.high) == tuple(statistics.quantiles(samples, n=4, method="inclusive"))
    assert Quartiles.of([2.0]) == Quartiles(2.0, 2.0, 2.0)
