"""Whether many calls leave memory behind: in Python's own allocator, in the process as a whole, on the device."""

from __future__ import annotations

import dataclasses
import gc
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any, final

WARM = 100
"""Calls before counting: caches and Python's free lists fill, libraries plan, threads start."""


@final
@dataclasses.dataclass(frozen=True)
class Growth:
    """By how many bytes memory grew over a number of calls.

    Attributes:
        calls: how many.
        traced: in what Python and NumPy allocate.
        resident: in the process's resident memory, which other allocators and the operating system round; None where it
            is not told (Linux tells it).
        device: on the device; None where the library does not count.
    """

    calls: int
    traced: int
    resident: int | None
    device: int | None

    @property
    def largest(self) -> int:
        """The largest of those that are known."""
        return max(self.traced, self.resident or 0, self.device or 0)


def growth(
    call: Callable[[], Any], calls: int, wait: Callable[[Any], None], allocated: Callable[[], int | None]
) -> Growth:
    """Run ``call`` so many times after a few that do not count; nothing of its results is kept.

    >>> kept = []
    >>> growth(lambda: kept.append(bytes(1000)), 50, lambda _: None, lambda: None).traced > 50_000
    True
    """
    tracing = tracemalloc.is_tracing()
    if not tracing:
        tracemalloc.start()
    try:
        for _ in range(WARM):
            wait(call())
        before = _state(allocated)
        for _ in range(calls):
            wait(call())
        after = _state(allocated)
    finally:
        if not tracing:
            tracemalloc.stop()
    traced, resident, device = (None if a is None or b is None else a - b for a, b in zip(after, before, strict=True))
    assert traced is not None
    return Growth(calls, traced, resident, device)


def _state(allocated: Callable[[], int | None]) -> tuple[int, int | None, int | None]:
    gc.collect()
    return tracemalloc.get_traced_memory()[0], _resident(), allocated()


def _resident() -> int | None:
    import os

    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")
