"""Which solver was fastest for a library, dtype, shape and δ: the table that ``ntr-spec bench --choices`` writes.

The file beside this one is plain data, so that it can be made again on any machine and be read as it is.
"""

from __future__ import annotations

import functools
import json
import math
from importlib import resources
from typing import Any

from ntr_spec.arrays import Namespace
from ntr_spec.norms.polar.base import Polar

Array = Any

FILE = "choices.json"


def chosen(x: Array, tolerance: float, xp: Namespace) -> Polar | None:
    """The solver that was the fastest to certify δ ≤ tolerance for matrices like x; None where none was measured.

    Matrices are alike if their smaller sides and aspect ratios are the same to the nearest power of two.
    """
    place = (xp.name, _device(x, xp), str(x.dtype).removeprefix("torch."), *bucket(tuple(x.shape)))
    exponent = math.floor(math.log10(tolerance) + 1e-9)
    for key, solver in _table().get(place, ()):
        if key <= exponent:
            return solver
    return None


def bucket(shape: tuple[int, ...]) -> tuple[bool, int, int]:
    """Whether it is a stack, its smaller side and its aspect ratio, both to the nearest power of two, aspect up to 4.

    >>> bucket((4000, 1000)), bucket((128, 64, 48))
    ((False, 1024, 4), (True, 64, 1))
    """
    *stack, m, n = shape
    small, large = min(m, n), max(m, n)
    return bool(stack), _power(small, 1), min(4, _power(large, small))


def _power(number: int, over: int) -> int:
    """The power of two nearest to number/over in ratio; in whole numbers, so that every machine agrees."""
    power = 1
    while 2 * power * power * over * over < number * number:
        power *= 2
    return power


def _device(x: Array, xp: Namespace) -> str:
    return str(x.device.type) if xp.name == "torch" else "cuda" if xp.name == "cupy" else "cpu"


@functools.cache
def _table() -> dict[tuple[Any, ...], tuple[tuple[int, Polar], ...]]:
    from ntr_spec.norms import polar

    text = resources.files(__package__).joinpath(FILE).read_text(encoding="utf-8")
    found = {}
    for entry in json.loads(text)["choices"]:
        place = tuple(entry[name] for name in ("library", "device", "dtype", "stack", "size", "aspect"))
        levels = ((int(level.removeprefix("1e")), dict(given)) for level, given in entry["solvers"].items())
        solvers = [(level, getattr(polar, given.pop("solver"))(**given)) for level, given in levels]
        found[place] = tuple(sorted(solvers, key=lambda each: -each[0]))
    return found
