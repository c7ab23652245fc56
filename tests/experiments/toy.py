"""An experiment with nothing in it, importable by worker processes; run as a module it runs in a folder."""

import dataclasses
import os
import pathlib
import sys
import time
from typing import ClassVar

import numpy as np

from ntr_spec.experiments import Experiment, claim, run_experiment, seed_of


@dataclasses.dataclass(frozen=True)
class Toy(Experiment):
    name: ClassVar[str] = "toy"
    title: ClassVar[str] = "A toy"
    question: ClassVar[str] = "Is it resumed?"
    columns: ClassVar[tuple[str, ...]] = ("seed", "value", "nothing")

    count: int = 12
    log: str = ""
    pause: float = 0.0
    broken: int = -1

    def tasks(self, size, seed):
        return [{"index": k, "seed": seed_of(seed, k)} for k in range(self.count if size == "full" else 3)]

    def run(self, task):
        if task["index"] == self.broken:
            raise ZeroDivisionError("as it was told to")
        time.sleep(self.pause)
        if self.log:
            with open(self.log, "a", encoding="utf-8") as file:
                file.write(f"{task['index']}\n")
        draw = np.random.default_rng(task["seed"])
        return {"seed": task["seed"], "value": float(draw.normal()), "words": ["a", "é"], "nothing": None}

    def summary(self, rows):
        mean = sum(row["value"] for row in rows) / len(rows)
        return {
            "claims": [claim("the mean is small", abs(mean) < 100), claim("rows are there", bool(rows))],
            "mean": mean,
        }

    def plot(self, rows, path):
        path.write_text(f"{len(rows)} rows", encoding="utf-8")


@dataclasses.dataclass(frozen=True)
class Dying(Toy):
    """Its worker process ends."""

    def run(self, task):
        os._exit(3)


@dataclasses.dataclass(frozen=True)
class Infinite(Toy):
    """Its rows are not of JSON's types."""

    def run(self, task):
        return {"value": float("inf")}


if __name__ == "__main__":
    folder, log, jobs = sys.argv[1:4]
    run_experiment(Toy(40, log, 0.05), pathlib.Path(folder), jobs=int(jobs), resume="--resume" in sys.argv)
