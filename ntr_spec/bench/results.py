"""What a benchmark found: ``Row`` of one contender, ``Case`` of one table, ``Standing`` beside a peer."""

from __future__ import annotations

import dataclasses
import math
import statistics
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal, final

from ntr_spec.bench.clock import Quartiles
from ntr_spec.bench.contenders import Kind
from ntr_spec.bench.settings import written

Status = Literal["held", "broken", "measured", "declined", "failed"]
"""``held``, ``broken``: whether a certificate did. ``measured``: there was none to judge. ``declined``: refused in
words (no such dtype, say). ``failed``: raised anything else."""


@final
@dataclasses.dataclass(frozen=True)
class Row:
    """One contender of a table.

    Attributes:
        name, kind, status: who, and how it went.
        reason: why it declined or failed, or in what its certificate was wrong.
        samples: seconds of each round, with the certificate where there is one.
        plain: seconds of the same rounds without it; empty where there is none.
        delta: what was certified.
        true: what δ was, in float64; of a peer, after a division by its result's norm.
        size: ‖v‖, in float64.
        solver: which solver ran.
        fallback: why it gave way to another.
        growth: bytes by which memory grew over the calls that were asked for.
    """

    name: str
    kind: Kind
    status: Status
    reason: str = ""
    samples: tuple[float, ...] = ()
    plain: tuple[float, ...] = ()
    delta: float | None = None
    true: float | None = None
    size: float | None = None
    solver: str = ""
    fallback: str = ""
    growth: int | None = None

    @property
    def seconds(self) -> Quartiles | None:
        """The median time with its spread."""
        return Quartiles.of(self.samples) if self.samples else None

    @property
    def accuracy(self) -> float | None:
        """δ by which it is compared: certified, or a peer's true one, which is never below what float64 can tell."""
        if self.kind == "solver":
            return self.delta if self.status == "held" else None
        return None if self.true is None or math.isnan(self.true) else max(self.true, 1e-16)

    @property
    def overhead(self) -> float | None:
        """What the certificate adds to the time, as a fraction of it, paired by rounds."""
        return paired(self.samples, self.plain, lambda mine, other: mine / other - 1)


@final
@dataclasses.dataclass(frozen=True)
class Standing:
    """A peer beside the fastest of this package's solvers whose certified δ is at most the peer's true one.

    Attributes:
        peer: its name.
        level: the δ at which the two are compared.
        ours: the solver; empty if none certifies as much.
        delta: what it certified.
        ratio: its time over the peer's, paired by rounds; None if there is no such solver.
    """

    peer: str
    level: float
    ours: str = ""
    delta: float | None = None
    ratio: float | None = None


@final
@dataclasses.dataclass(frozen=True)
class Case:
    """One table: one norm on one library, device, dtype, shape and spectrum."""

    library: str
    device: str
    model: str
    dtype: str
    shape: tuple[int, ...]
    spectrum: str
    norm: str
    floor: float
    rows: tuple[Row, ...]

    @property
    def title(self) -> str:
        """The case in a few words."""
        return " · ".join((self.place, self.dtype, written(self.shape), self.spectrum, self.norm))

    @property
    def place(self) -> str:
        """Library and device."""
        return f"{self.library} {self.device}" + (f" ({self.model})" if self.model else "")

    @property
    def product(self) -> Row | None:
        """The yardstick's row."""
        return next((row for row in self.rows if row.kind == "product" and row.samples), None)

    def gemms(self, row: Row) -> float | None:
        """The row's time in matrix products, paired by rounds."""
        product = self.product
        return None if product is None else paired(row.samples, product.samples, lambda mine, unit: mine / unit)

    def front(self) -> tuple[Row, ...]:
        """Rows that no other beats in both time and δ, fastest first."""
        comparable = [row for row in self.rows if row.accuracy is not None and row.seconds is not None]
        best, found = math.inf, []
        for row in sorted(comparable, key=lambda row: (_median(row), row.accuracy)):
            accuracy = row.accuracy
            assert accuracy is not None
            if accuracy < best:
                best = accuracy
                found.append(row)
        return tuple(found)

    def standings(self) -> Iterator[Standing]:
        """This package beside each peer.

        Peers are compared at their true δ, but not below ``floor``: about what a full decomposition can certify in this
        dtype.
        """
        ours = [row for row in self.rows if row.kind == "solver" and row.accuracy is not None and row.samples]
        for peer in self.rows:
            if peer.kind != "peer" or peer.accuracy is None or not peer.samples:
                continue
            level = max(peer.accuracy, self.floor)
            fitting = [row for row in ours if row.delta is not None and row.delta <= level]
            if not fitting:
                yield Standing(peer.name, level)
                continue
            best = min(fitting, key=_median)
            ratio = paired(best.samples, peer.samples, lambda mine, other: mine / other)
            yield Standing(peer.name, level, best.name, best.delta, ratio)

    @property
    def wrong(self) -> tuple[Row, ...]:
        """Rows of this package that must not be: certificates that did not hold, solvers that crashed."""
        return tuple(row for row in self.rows if row.kind != "peer" and row.status in ("broken", "failed"))

    def as_json(self) -> dict[str, Any]:
        """Of JSON's types."""
        front = {id(row) for row in self.front()}
        rows = []
        for row in self.rows:
            found = {key: _plain(value) for key, value in dataclasses.asdict(row).items()}
            found["seconds"] = None if row.seconds is None else dataclasses.asdict(row.seconds)
            found["gemms"] = _plain(self.gemms(row))
            found["overhead"] = _plain(row.overhead)
            found["front"] = id(row) in front
            rows.append(found)
        about = {key: getattr(self, key) for key in ABOUT}
        standings = [dataclasses.asdict(each) for each in self.standings()]
        return about | {"shape": list(self.shape), "rows": rows, "standings": standings}


ABOUT = ("library", "device", "model", "dtype", "shape", "spectrum", "norm", "floor")


def _median(row: Row) -> float:
    return statistics.median(row.samples)


def paired(mine: Sequence[float], other: Sequence[float], combine: Callable[[float, float], float]) -> float | None:
    """The median over rounds of what is made of the two times of a round; None where either was not timed."""
    if not mine or len(mine) != len(other):
        return None
    return float(statistics.median([combine(a, b) for a, b in zip(mine, other, strict=True)]))


def _plain(value: Any) -> Any:
    """JSON has no NaN and needs no more than six digits of a time."""
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, float):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    return value
