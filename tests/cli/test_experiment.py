"""``ntr-spec experiment``: what it prints, writes and refuses, and how it ends."""

import json
import os
import pathlib
import re
import shlex
import signal
import subprocess
import sys
import time

import pytest

from ntr_spec import experiments
from ntr_spec.cli import app as cli
from ntr_spec.experiments import EXPERIMENTS, catalogue, claim
from tests.experiments.toy import Toy

ROOT = pathlib.Path(__file__).parent.parent.parent

# The command line with the toy among the experiments.
PROGRAM = """
import sys
from ntr_spec.experiments import EXPERIMENTS
from tests.experiments.toy import Toy
EXPERIMENTS["toy"] = Toy(60, pause=0.1)
from ntr_spec.cli import main
main()
"""


@pytest.fixture
def command(monkeypatch, capsys, tmp_path):
    """Runs the command line in this process: (status, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)
    known = {**EXPERIMENTS, "toy": Toy()}
    for module in (catalogue, experiments):
        monkeypatch.setattr(module, "EXPERIMENTS", known)

    def call(*words):
        monkeypatch.setattr(sys, "argv", ["ntr-spec", "experiment", *words])
        with pytest.raises(SystemExit) as caught:
            cli.run_app()
        out, err = capsys.readouterr()
        return caught.value.code, out, err

    call.known = known
    return call


def test_without_a_name_experiments_are_listed_with_their_questions(command):
    status, out, err = command()
    assert (status, err) == (0, "")
    for name, experiment in EXPERIMENTS.items():
        assert re.search(rf"^{name} +{re.escape(experiment.question)}$", out, re.MULTILINE)


def test_all_of_the_issue_are_there():
    expected = {"bounds", "rates", "extrapolation", "decay", "orthogonal", "clipping", "dimension", "inexact"}
    assert set(EXPERIMENTS) == expected


def test_a_run_tells_what_it_asks_what_holds_and_what_it_wrote(command, tmp_path):
    status, out, err = command("toy", "--jobs", "0")
    assert (status, err) == (0, "")
    assert out.startswith("A toy\nIs it resumed?\n0 of 12 rows\n")
    assert "holds  the mean is small\nholds  rows are there\nmean: " in out
    assert out.endswith("written: experiments/toy/rows.csv, experiments/toy/summary.json, experiments/toy/plot.svg\n")
    assert json.loads((tmp_path / "experiments/toy/summary.json").read_text())["rows"] == 12


def test_small_runs_have_a_directory_of_their_own(command, tmp_path):
    assert command("toy", "--small", "--jobs", "0")[0] == 0
    assert json.loads((tmp_path / "experiments/toy-small/summary.json").read_text())["size"] == "small"


def test_a_claim_that_fails_ends_with_1(command):
    class Failing(Toy):
        def summary(self, rows):
            return {
                "claims": [claim("rows are there", True), claim("pigs fly", False)],
                "table": [{"a": 0.25, "b": None}],
            }

    command.known["toy"] = Failing()
    status, out, _ = command("toy", "--jobs", "0")
    assert status == 1
    assert "FAILS  pigs fly\n" in out
    assert "table:\n  a     b\n  0.25  -\n" in out


def test_a_second_run_is_refused_and_resumed_on_request(command):
    assert command("toy", "--jobs", "0", "--out", "here")[0] == 0
    status, _, err = command("toy", "--jobs", "0", "--out", "here")
    assert (status, err) == (
        2,
        "ntr-spec: here: holds a run already; add --resume to go on with it, or name another --out\n",
    )
    status, out, _ = command("toy", "--jobs", "0", "--out", "here", "--resume")
    assert status == 0
    assert "12 of 12 rows\n" in out
    status, _, err = command("toy", "--jobs", "0", "--out", "here", "--resume", "--seed", "1")
    assert status == 2
    assert err.startswith("ntr-spec: --resume: the run in here has seed 0, not 1;")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("bound",), "bound: there is no experiment of this name; did you mean bounds?"),
        (("toy", "--jobs", "-1"), "--jobs: expected a whole number of at least 0, got -1; 0 works in this process"),
        (("toy", "--seed", "-1"), "--seed: expected a whole number of at least 0, got -1"),
        (("toy", "--resume"), "--resume: experiments/toy holds no experiment; run it without --resume first"),
    ],
)
def test_refusals_are_one_sentence(words, says, command, tmp_path):
    status, _, err = command(*words)
    assert (status, err) == (2, f"ntr-spec: {says}\n")
    assert not (tmp_path / "experiments").exists()


def test_without_matplotlib_the_rest_is_written_and_it_is_said(command, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    status, out, err = command("toy", "--jobs", "0")
    assert (status, "plot.svg" in out) == (0, False)
    assert err.startswith("ntr-spec: no plot: plots are drawn with matplotlib, which is not installed; run pip install")


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT")
@pytest.mark.parametrize("jobs", ["0", "2"])
def test_ctrl_c_ends_with_130_and_tells_how_to_go_on(jobs, tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    start = [sys.executable, "-W", "error", "-c", PROGRAM]
    words = ["experiment", "toy", "--out", "a run", "--jobs", jobs]
    child = subprocess.Popen(
        [*start, *words], cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    rows, until = tmp_path / "a run" / "rows.jsonl", time.monotonic() + 60
    while time.monotonic() < until and (not rows.exists() or rows.read_bytes().count(b"\n") < 5):
        time.sleep(0.02)
    os.kill(child.pid, signal.SIGINT)
    _, err = child.communicate(timeout=30)
    assert child.returncode == 130
    told = re.fullmatch(
        r"ntr-spec: interrupted after (\d+) of 60 rows; a run keeps what is done; go on with ntr-spec (.*)\n", err
    )
    assert told, err
    assert int(told[1]) == rows.read_bytes().count(b"\n") < 60
    done = subprocess.run(
        [*start, *shlex.split(told[2])], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert rows.read_bytes().count(b"\n") == 60
