"""Norms that misbehave and engines that answer at once, for tests of the runner and the reports."""

import dataclasses
import os
import sys
import threading
import time

import numpy as np

import ntr_spec as ntr
from ntr_spec.verify import Evidence, Status, Witness


@dataclasses.dataclass(frozen=True)
class Naughty(ntr.Norm):
    """max |x|, with an LMO that does something it should not."""

    how: str

    def _value(self, x, xp):
        return xp.max(xp.abs(x))

    def _lmo(self, g, xp):
        if self.how == "hang":
            while True:
                time.sleep(0.01)
        if self.how == "die":
            os._exit(3)
        if self.how == "exit":
            sys.exit(3)
        if self.how == "interrupt":
            raise KeyboardInterrupt
        if self.how == "print":
            print("printed by a hook")
            os.write(1, b"written by a hook\n")
        return -xp.sign(g)


@dataclasses.dataclass(frozen=True)
class BadDual(ntr.Norm):
    """Its ``dual`` raises, hangs or ends the process."""

    how: str

    def _value(self, x, xp):
        return xp.max(xp.abs(x))

    def _lmo(self, g, xp):
        return -xp.sign(g)

    @property
    def dual(self):
        if self.how == "hang":
            time.sleep(60)
        if self.how == "die":
            os._exit(3)
        raise ValueError("no dual today")


class Locked(ntr.Norm):
    """Cannot be pickled."""

    def __init__(self):
        self.lock = threading.Lock()

    def _value(self, x, xp):
        return xp.max(xp.abs(x))

    def _lmo(self, g, xp):
        return -xp.sign(g)


def proves(norm, law, settings):
    """Calls a naughty norm's LMO for the laws that are about it, and proves everything."""
    if "lmo" in law.name and isinstance(norm, Naughty):
        norm.lmo(np.ones(2))
    return (Evidence(law.name, "smt", Status.PROVED, "R^2"),)


def examines(norm, law, settings):
    """Tests everything; refutes Hölder."""
    if law.name == "holder":
        witness = Witness({"g": "[1, -1/2]", "x": "[2, 0]"}, "2 <= 1", "exact arithmetic", {"g": [1.0, -0.5]})
        return (Evidence(law.name, "property", Status.REFUTED, "numpy", witness=witness, seconds=0.25),)
    return (Evidence(law.name, "property", Status.TESTED, f"seed {settings.seed}"),)


def hangs(norm, law, settings):
    """Never returns."""
    while True:
        time.sleep(0.01)


def says_nothing(norm, law, settings):
    """An engine with nothing to say."""
    return ()


def breaks(norm, law, settings):
    """An engine with a bug."""
    raise RuntimeError("the engine\nbroke")
