"""The directory of ``ntr-spec run --checkpoint``: what was run, where it stands, and its history. Nothing is replaced
but by the same run.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, final

from ntr_spec.algorithms.checkpoint import read
from ntr_spec.algorithms.history import History
from ntr_spec.algorithms.method import Method, State
from ntr_spec.errors import InputError
from ntr_spec.trees import Tree

FORMAT = "ntr-spec run of a problem"


@final
class Folder:
    """A run on disk.

    Args:
        path: the directory.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.about = path / "run.json"
        self.checkpoint = path / "checkpoint.npz"
        self.history = path / "history.csv"

    def create(self, identity: Mapping[str, Any]) -> None:
        """Prepare for a new run.

        Raises:
            InputError: the directory holds a run already, or cannot be written.
        """
        for file in (self.checkpoint, self.history):
            if file.exists():
                raise InputError(
                    f"--checkpoint {self.path}: it holds a run already ({file.name}); add --resume to go on with it, "
                    "or name another directory"
                )
        if self.about.exists():  # left by a run that was killed before it saved anything
            self._read_about()
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            partial = _partial(self.about)
            partial.write_text(json.dumps({"format": FORMAT, **identity}, indent=1) + "\n", encoding="utf-8")
            os.replace(partial, self.about)
        except OSError as error:
            raise InputError(
                f"--checkpoint {self.path}: cannot be written ({error.strerror}); name another directory"
            ) from None

    def resume(self, identity: Mapping[str, Any], method: Method, x0: Tree, steps: int) -> State:
        """The state to go on from.

        Raises:
            InputError: there is no checkpoint, or it is of another run, or further than the steps asked for.
        """
        if not self.checkpoint.exists():
            raise InputError(
                f"--resume: {self.path} holds no checkpoint ({self.checkpoint.name}); run without --resume first"
            )
        if not self.about.exists():
            raise InputError(f"--resume: {self.path} was not written by ntr-spec run; name a directory that was")
        saved = self._read_about()
        for name, mine in identity.items():
            theirs = saved.get(name)
            if theirs != mine:
                flag = "the problem" if name == "problem" else f"--{name}"
                said = [("the default" if value is None else value) for value in (theirs, mine)]
                why = ", over which the default radius falls to 0" if name == "steps" else ""
                raise InputError(
                    f"--resume: the run in {self.path} has {flag} {said[0]}{why}, not {said[1]}; resume with the "
                    "options of that run, or begin another in another directory"
                )
        state, _ = read(self.checkpoint, method, x0)
        if state.step > steps:
            raise InputError(
                f"--steps {steps}: the run in {self.path} has made {state.step} already; ask for at least as many"
            )
        return state

    def write_history(self, method: Method, x0: Tree) -> None:
        """Bring ``history.csv`` to where the checkpoint stands."""
        if self.checkpoint.exists():
            _, extra = read(self.checkpoint, method, x0)
            partial = _partial(self.history)
            History.from_array(extra["history"]).to_csv(partial)
            os.replace(partial, self.history)

    def _read_about(self) -> dict[str, Any]:
        try:
            saved = json.loads(self.about.read_text(encoding="utf-8"))
            known = saved["format"] == FORMAT
        except (OSError, ValueError, KeyError, TypeError):
            known = False
        if not known:
            raise InputError(f"{self.about}: was not written by ntr-spec run, or is damaged; name another directory")
        return dict(saved)


def _partial(path: Path) -> Path:
    """Where a file is written before it is moved to its place, so that a killed process leaves the old or the new."""
    return path.with_name(f".{path.name}.partial")
