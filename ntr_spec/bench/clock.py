"""Times of several functions, taken in turns, so that what disturbs the machine disturbs all of them alike."""

from __future__ import annotations

import dataclasses
import gc
import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any, final

import numpy as np

LEAST = 3
"""Rounds that are run even where the time is up: fewer have no quartiles worth telling."""


@final
@dataclasses.dataclass(frozen=True)
class Quartiles:
    """A median with its spread."""

    low: float
    median: float
    high: float

    @classmethod
    def of(cls, samples: Sequence[float]) -> Quartiles:
        """Of at least one sample.

        >>> Quartiles.of([4.0, 1.0, 2.0, 3.0, 5.0])
        Quartiles(low=2.0, median=3.0, high=4.0)
        """
        if len(samples) == 1:
            return cls(samples[0], samples[0], samples[0])
        return cls(*statistics.quantiles(samples, n=4, method="inclusive"))


def interleaved(
    calls: Sequence[Callable[[], Any]],
    wait: Callable[[Any], None],
    *,
    repeat: int,
    seconds: float,
    seed: int = 0,
    clock: Callable[[], float] = time.perf_counter,
) -> list[list[float]]:
    """Seconds of every call in every round; a round runs each once, in an order drawn anew.

    Rounds end after ``repeat`` of them, or when ``seconds`` are over, though not before the third. The garbage
    collector runs between rounds only; results are freed outside the clock.

    >>> [len(samples) for samples in interleaved([list, dict], print, repeat=0, seconds=1.0)]
    [0, 0]
    """
    rng = np.random.default_rng(seed)
    samples: list[list[float]] = [[] for _ in calls]
    end = clock() + seconds
    collecting = gc.isenabled()
    try:
        for done in range(repeat):
            if done >= LEAST and clock() >= end:
                break
            gc.disable()
            for k in rng.permutation(len(calls)):
                start = clock()
                result = calls[k]()
                wait(result)
                samples[k].append(clock() - start)
                del result
            if collecting:
                gc.enable()
    finally:
        if collecting:
            gc.enable()
    return samples
