"""The runs of each setting together, and what they say against its bound."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any, NamedTuple, final

from ntr_spec.experiments import evidence
from ntr_spec.experiments.experiment import Row

CHANCE = 1e-6
"""With which any true theorem is called exceeded, and any false statement established, over the whole experiment."""


class Excesses(NamedTuple):
    """How many bounds are exceeded beyond the stated confidence.

    Attributes:
        runs: with exact gradients.
        settings: with noise.
        pooled: theorems, all their noisy runs pooled.
        pools: theorems with noisy runs.
    """

    runs: int
    settings: int
    pooled: int
    pools: int


@final
@dataclasses.dataclass(frozen=True)
class Group:
    """The runs of a setting.

    Attributes:
        row: of one of them.
        ratios: measured over bound, for each run.
        bound: of all of them.
        ceiling: what none can exceed, or None.
    """

    row: Row
    ratios: tuple[float, ...]
    bound: float
    ceiling: float | None

    @property
    def theorem(self) -> str:
        """The theorem's name."""
        return str(self.row["theorem"])

    @property
    def exact(self) -> bool:
        """Whether gradients are exact."""
        return bool(self.row["noise"] == "none")

    @property
    def largest(self) -> float:
        """The largest ratio of a run."""
        return max(self.ratios)

    @property
    def mean(self) -> float:
        """The mean ratio."""
        return math.fsum(self.ratios) / len(self.ratios)

    @property
    def against(self) -> float:
        """ln of the evidence against E measured ≤ bound."""
        return evidence.against_mean_at_most_one(self.ratios)

    def altered(self, term: str, factor: float) -> Group:
        """As if this term of the bound were multiplied."""
        bound = sum(factor * value if name == term else value for name, value in self.row["terms"].items())
        scale = self.bound / bound if bound > 0 else math.inf
        ratios = tuple(ratio * scale if ratio else 0.0 for ratio in self.ratios)
        return dataclasses.replace(self, ratios=ratios, bound=bound)

    @property
    def below(self) -> float:
        """ln of the evidence against E measured ≥ bound."""
        assert self.ceiling is not None
        return evidence.against_mean_at_least([r * self.bound for r in self.ratios], self.bound, self.ceiling)


def grouped(rows: Sequence[Row]) -> list[Group]:
    """The rows of each setting together. A measure that is not finite exceeds every bound."""
    found: dict[tuple[str, int], list[Row]] = {}
    for row in rows:
        found.setdefault((row["theorem"], row["setting"]), []).append(row)
    groups = []
    for together in found.values():
        bound, ceiling = together[0]["bound"], together[0]["ceiling"]
        measured = [math.inf if row["measured"] is None else row["measured"] for row in together]
        ratios = tuple(m / bound if bound else math.inf if m else 0.0 for m in measured)
        groups.append(Group(together[0], ratios, bound, ceiling))
    return groups


def excesses(groups: Sequence[Group]) -> Excesses:
    """Single runs above a bound where gradients are exact, and evidence against bounds on expectations elsewhere.

    Half of the chance of a false alarm is spent on the settings, half on the theorems.
    """
    exact = [group for group in groups if group.exact]
    noisy = [group for group in groups if not group.exact]
    names = sorted({group.theorem for group in noisy})
    pools = [[ratio for group in noisy if group.theorem == name for ratio in group.ratios] for name in names]
    one, all_together = evidence.threshold(CHANCE / 2, len(noisy)), evidence.threshold(CHANCE / 2, len(pools))
    return Excesses(
        sum(not group.largest <= 1 for group in exact),
        sum(group.against >= one for group in noisy),
        sum(evidence.against_mean_at_most_one(pool) >= all_together for pool in pools),
        len(pools),
    )


def terms_found_out(groups: Sequence[Group]) -> list[dict[str, Any]]:
    """For each theorem and term of its bound, the largest of some factors with which these runs would refute it."""
    by_name: dict[str, list[Group]] = {}
    for group in groups:
        by_name.setdefault(group.theorem, []).append(group)
    names = dict.fromkeys(term for mine in by_name.values() for term in mine[0].row["terms"])
    return [
        {"theorem": name} | {term: _found_out(mine, term) if term in mine[0].row["terms"] else None for term in names}
        for name, mine in sorted(by_name.items())
    ]


def _found_out(groups: Sequence[Group], term: str) -> str:
    for factor in (0.9, 0.7, 0.5, 0.3, 0.2, 0.1, 0.05, 0.0):
        found = excesses([group.altered(term, factor) for group in groups])
        if found.runs or found.settings or found.pooled:
            return f"× {factor:g}"
    return "no"
