"""Experiment ``bounds``: no run of T1 to T5's settings exceeds its bound beyond the stated confidence.

With exact gradients a theorem bounds every run, and a single one above its bound refutes it. With noise it bounds an
expectation, of which runs with many seeds are independent draws; what they say for and against it is measured by
e-values (:mod:`ntr_spec.experiments.evidence`), with no assumption on their distribution.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, final

from ntr_spec.experiments import evidence
from ntr_spec.experiments.exceeding import CHANCE, Group, excesses, grouped, terms_found_out
from ntr_spec.experiments.experiment import Experiment, Row, Size, Task, claim, seed_of
from ntr_spec.experiments.settings import Kind, Setting, drawn_setting
from ntr_spec.theory import THEOREMS, Theorem


class Amounts(NamedTuple):
    """How much is drawn, for each theorem.

    Attributes:
        first: settings of T1, each with a run.
        exact: settings of each other theorem with exact gradients, each with a run.
        noisy: settings of each other theorem with noise.
        runs: seeds of the noise for each of them.
        most_steps: K is at most this.
    """

    first: int
    exact: int
    noisy: int
    runs: int
    most_steps: int


AMOUNTS: dict[Size, Amounts] = {"small": Amounts(30, 10, 2, 25, 30), "full": Amounts(1000, 300, 20, 100, 100)}


@final
@dataclasses.dataclass(frozen=True)
class Bounds(Experiment):
    """Random problems, norms, noise, regularizers, inexact LMOs and parameters, each run set beside its bound.

    Args:
        theorems: whose bounds; a falsified one is to be found out.
    """

    theorems: tuple[Theorem, ...] = THEOREMS

    name: ClassVar[str] = "bounds"
    title: ClassVar[str] = "Runs beside their bounds"
    question: ClassVar[str] = (
        "Does any run of T1–T5 exceed its bound, over random problems, norms, noise and parameters?"
    )
    columns: ClassVar[tuple[str, ...]] = (
        "theorem",
        "problem",
        "shape",
        "norm",
        "noise",
        "regularizer",
        "delta",
        "source",
        "radius",
        "momentum",
        "decay",
        "steps",
        "setting",
        "run",
        "bound",
        "ceiling",
        "measured",
    )

    def tasks(self, size: Size, seed: int) -> list[dict[str, Any]]:
        """One run each."""
        amounts = AMOUNTS[size]
        found: list[dict[str, Any]] = []
        for index, theorem in enumerate(self.theorems):
            kinds: list[tuple[Kind, int, int]] = [("exact", amounts.exact if theorem.momentum else amounts.first, 1)]
            if theorem.momentum:
                kinds.append(("noisy", amounts.noisy, amounts.runs))
            for sort, (kind, settings, runs) in enumerate(kinds):
                common = {"theorem": theorem.name, "kind": kind, "most_steps": amounts.most_steps}
                for k in range(settings):
                    setting = seed_of(seed, index, sort, k)
                    found += [common | {"setting": setting, "run": seed_of(setting, run)} for run in range(runs)]
        return found

    def run(self, task: Task) -> dict[str, Any]:
        """Run a setting with a seed of its noise."""
        setting = self._setting(task)
        numbers = {"bound": setting.bound, "ceiling": setting.ceiling, "measured": setting.measure(task["run"])}
        finite = {
            name: value if value is not None and math.isfinite(value) else None for name, value in numbers.items()
        }
        # 53 bits, which every reader of JSON keeps.
        return (
            setting.words()
            | finite
            | {
                "setting": task["setting"] >> 10,
                "run": task["run"] >> 10,
                "terms": setting.terms,
            }
        )

    def _setting(self, task: Task) -> Setting:
        (theorem,) = (each for each in self.theorems if each.name == task["theorem"])
        drawn = drawn_setting(task["theorem"], task["kind"], task["most_steps"], task["setting"])
        return drawn if theorem == drawn.theorem else dataclasses.replace(drawn, theorem=theorem)

    def summary(self, rows: Sequence[Row]) -> dict[str, Any]:
        """Whether a bound was exceeded, where expectations are established to be below, and the largest ratios."""
        groups = grouped(rows)
        noisy = [group for group in groups if not group.exact]
        found = excesses(groups)
        capped = [group for group in noisy if group.ceiling is not None]
        level = evidence.threshold(CHANCE, len(capped))
        established = [group for group in capped if group.below >= level]
        exact, runs = len(groups) - len(noisy), sum(len(group.ratios) for group in noisy)
        claims = [
            claim(f"exact gradients: {exact - found.runs} of {exact} runs are below their bound", not found.runs),
            claim(
                f"noisy gradients: in {len(noisy) - found.settings} of {len(noisy)} settings with {runs} runs, and in "
                f"{found.pools - found.pooled} of {found.pools} theorems with all their runs pooled, nothing speaks "
                "against E measured ≤ bound; were every bound true, this would fail with a probability of at most "
                f"{CHANCE:g}",
                not found.settings and not found.pooled,
            ),
        ]
        return {
            "claims": claims,
            "established": (
                f"E measured < bound in {len(established)} of {len(noisy)} noisy settings, all at once with confidence "
                f"1 − {CHANCE:g}; in {sum(group.below == math.inf for group in capped)} of them no run can exceed it"
            ),
            "runs": len(rows),
            "largest ratios": _largest_ratios(groups),
            "terms found out": terms_found_out(groups),
        }

    def plot(self, rows: Sequence[Row], path: Path) -> None:
        """Measured over bound, a mark for each setting."""
        from ntr_spec.experiments.bounds_plot import plot

        plot(grouped(rows), path)


def _largest_ratios(groups: Sequence[Group]) -> list[dict[str, Any]]:
    """For each theorem, with exact and with noisy gradients, the largest mean over runs and the largest run."""
    found: dict[tuple[str, bool], list[Group]] = {}
    for group in groups:
        found.setdefault((group.theorem, group.exact), []).append(group)
    table = []
    for (name, exact), mine in sorted(found.items(), key=lambda item: (item[0][0], not item[0][1])):
        top = max(mine, key=lambda group: group.mean)
        table.append(
            {
                "theorem": name,
                "gradients": "exact" if exact else "noisy",
                "settings": len(mine),
                "runs": sum(len(group.ratios) for group in mine),
                "largest": top.mean,
                "of a run": max(group.largest for group in mine),
                "at": _words(top.row),
            }
        )
    return table


def _words(row: Row) -> str:
    parts = [f"{row['problem']} {row['shape']}", row["norm"]]
    parts += [f"R {row['regularizer']}"] if row["regularizer"] != "Zero" else []
    parts += [f"noise {row['noise']}"] if row["noise"] != "none" else []
    parts += [f"δ {row['delta']:.2g}"] if row["delta"] else []
    return ", ".join([*parts, row["source"], f"K {row['steps']}"])
