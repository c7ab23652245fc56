"""``ntr-spec run``: what it prints, writes and refuses; a run that is killed goes on as if nothing had happened."""

import csv
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from ntr_spec.cli import app as cli
from ntr_spec.cli.run_settings import DEFAULTS
from ntr_spec.problems import NAMED

ROOT = pathlib.Path(__file__).parent.parent.parent


@pytest.fixture
def command(monkeypatch, capsys, tmp_path):
    """Runs the command line in this process: (status, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)

    def call(*words):
        monkeypatch.setattr(sys, "argv", ["ntr-spec", "run", *words])
        with pytest.raises(SystemExit) as caught:
            cli.run_app()
        out, err = capsys.readouterr()
        return caught.value.code, out, err

    return call


def started(folder, *words):
    """The command line in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    line = [sys.executable, "-W", "error", "-m", "ntr_spec", "run", *words]
    return subprocess.Popen(
        line, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def rows(path):
    """The history without the last column, the seconds."""
    with open(path, encoding="utf-8", newline="") as file:
        return [row[:-1] for row in csv.reader(file)]


def timeless(line):
    """A summary without its seconds."""
    return re.sub(r"[\d.]+ s on", "s on", line)


def objective(line):
    """The objective in a summary."""
    return float(re.search(r"objective ([^,;]+)", line)[1])


def test_without_a_problem_they_are_listed(command):
    status, out, err = command()
    assert (status, err) == (0, "")
    assert [line.split()[0] for line in out.splitlines()] == list(NAMED) == list(DEFAULTS)


@pytest.mark.parametrize(("problem", "above"), [("breast-cancer", 1e-5), ("quadratic", 1e-6), ("rosenbrock", 1e-5)])
def test_a_default_run_comes_near_the_least_value(command, problem, above):
    status, out, err = command(problem)
    assert (status, err) == (0, "")
    assert "\x1b" not in out
    reached, least = out.splitlines()[-2:]
    assert least.startswith("least value")
    assert -1e-9 <= objective(reached) - objective(least) < above


def test_the_objective_holds_the_regularizer_that_is_used(command):
    status, out, _ = command("breast-cancer", "--preset", "lion", "--radius", "0.01", "--csv", "a.csv")
    reached, least = out.splitlines()[-2:]
    assert status == 0
    assert objective(reached) < objective(least) + 0.01  # lion takes its steps with the ℓ₁ term too
    assert float(re.search(r"gap of the last step ([^;]+);", reached)[1]) < 1e-12
    assert float(rows("a.csv")[-1][1]) == pytest.approx(objective(reached), rel=0.02)
    _, out, _ = command("breast-cancer", "--regularizer", "Ridge(1000)", "--radius", "0.001", "--steps", "3")
    assert objective(out.splitlines()[-2]) == pytest.approx(np.log(2), abs=1e-2)
    assert out.splitlines()[-1].startswith("baseline: none")


def test_the_certificate_is_that_of_the_last_step(command):
    _, out, _ = command("rosenbrock", "--steps", "9", "--preset", "lion(0.1)", "--regularizer", "Ball(L2(), 0.5)")
    assert float(re.search(r"gap of the last step ([^;]+);", out)[1]) < 1e-6
    assert objective(out.splitlines()[-2]) < np.inf  # the start, outside the ball, was moved to it


@pytest.mark.parametrize("library", ["torch", "jax"])
def test_another_library_takes_the_same_path(command, library):
    pytest.importorskip(library)
    words = ("breast-cancer", "--steps", "20", "--dtype", "float32", "--no-baseline", "--csv")
    assert command(*words, "a.csv")[0] == command(*words, "b.csv", "--backend", library)[0] == 0
    ours, theirs = (np.asarray(rows(name)[1:], dtype=float) for name in ("a.csv", "b.csv"))
    assert np.allclose(ours, theirs, rtol=1e-2)


def test_jax_in_float64(tmp_path):
    pytest.importorskip("jax")
    running = started(tmp_path, "quadratic", "--backend", "jax", "--steps", "5")
    out, err = running.communicate(timeout=60)
    assert (running.returncode, err) == (0, "")
    assert "on jax" in out


def wait_for(path):
    end = time.monotonic() + 60
    while not path.exists() and time.monotonic() < end:
        time.sleep(0.005)


def test_a_run_that_is_killed_goes_on_as_if_nothing_had_happened(tmp_path, command):
    words = ("digits-network", "--radius", "0.05", "--no-baseline", "--steps", "300")
    status, whole, _ = command(*words, "--csv", "whole.csv")
    assert status == 0
    running = started(tmp_path, *words, "--checkpoint", "cut", "--every", "5")
    checkpoint = tmp_path / "cut" / "checkpoint.npz"
    wait_for(checkpoint)
    running.kill()
    running.communicate()
    with np.load(checkpoint) as saved:
        assert '"step": 300' not in str(saved["metadata"])
    status, out, err = command(*words, "--checkpoint", "cut", "--resume", "--csv", "cut.csv")
    assert (status, err) == (0, "")
    assert rows("cut.csv") == rows("cut/history.csv") == rows("whole.csv")
    assert timeless(out.splitlines()[-1]) == timeless(whole.splitlines()[-1])


def test_control_c_saves_and_tells_how_to_go_on(tmp_path, command):
    words = ["digits-network", "--radius", "0.05", "--steps", "1000000", "--checkpoint", "run"]
    words += ["--every", "5", "--no-baseline"]
    running = started(tmp_path, *words)
    running.stdout.readline()
    running.stdout.readline()  # the first step is under way
    wait_for(tmp_path / "run" / "checkpoint.npz")  # and others were made
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=60)
    assert running.returncode == 130
    assert len(err.splitlines()) == 1
    assert f"go on with ntr-spec run {' '.join(words)} --resume" in err
    assert len(rows(tmp_path / "run" / "history.csv")) > 1
    with np.load(tmp_path / "run" / "checkpoint.npz") as saved:
        assert saved["x/W1"].shape == (32, 64)


def test_a_plot_is_a_picture(command):
    pytest.importorskip("matplotlib")
    for words in (["quadratic", "--steps", "20"], ["quadratic", "--steps", "1"]):
        assert command(*words, "--plot", "run.png")[0] == 0
        assert pathlib.Path("run.png").read_bytes().startswith(b"\x89PNG")


def test_what_is_not_installed_is_named(command, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    for words in (["digits-softmax"], ["quadratic", "--plot", "a.png"]):
        status, _, err = command(*words)
        assert status == 2
        assert "pip install" in err
        assert len(err.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_presets_and_their_settings(command):
    for words in (["signum", "--radius", "0.01"], ["lion(0.01, beta1=0.5)"]):
        assert command("rosenbrock", "--steps", "5", "--preset", *words)[0] == 0
    blocks = '{"W1": muon_norm(), "W2": muon_norm(), "b1": LInf(), "b2": LInf()}'
    for preset in ("scion", f"muon(norm=Product({blocks}))"):
        assert command("digits-network", "--no-baseline", "--steps", "5", "--preset", preset)[0] == 0


BAD = [
    (["rosenbrok"], "did you mean rosenbrock?"),
    (["xyz"], "choose one of digits-softmax"),
    (["rosenbrock", "--norm", "L7"], "did you mean"),
    (["rosenbrock", "--norm", "Ridge(1)"], "expected a norm"),
    (["rosenbrock", "--norm", "Spectral"], "matrix"),
    (["digits-network", "--norm", "LInf"], "write --norm 'PerLeaf(LInf())'"),
    (["rosenbrock", "--preset", "mon"], "did you mean"),
    (["rosenbrock", "--preset", "muon"], "axes"),
    (["digits-network", "--preset", "muon"], 'muon(norm=Product({"W1": …'),
    (["rosenbrock", "--preset", "lion", "--momentum", "0.5"], "has no such setting"),
    (["rosenbrock", "--preset", "lion(0.1)", "--radius", "0.5"], "write radius in it"),
    (["rosenbrock", "--preset", "lion", "--norm", "L2"], "give one of them"),
    (["breast-cancer", "--preset", "orthogonal_sgdm"], "takes no regularizer"),
    (["rosenbrock", "--radius", "wide"], "expected a number or a schedule"),
    (["rosenbrock", "--radius", "-1"], "radius"),
    (["rosenbrock", "--radius", "nan"], "radius"),
    (["rosenbrock", "--momentum", "1"], "momentum"),
    (["rosenbrock", "--decay", "2"], "decay"),
    (["rosenbrock", "--regularizer", "L1"], "expected a regularizer"),
    (["rosenbrock", "--backend", "tensorflow"], "expected one of numpy"),
    (["rosenbrock", "--dtype", "float16"], "float32 or float64"),
    (["rosenbrock", "--steps", "-3"], "--steps -3"),
    (["rosenbrock", "--every", "0"], "--every 0"),
    (["rosenbrock", "--seed", "-1"], "--seed -1"),
    (["rosenbrock", "--batch", "4"], "no examples to draw from"),
    (["digits-network", "--batch", "0"], "--batch 0"),
    (["rosenbrock", "--resume"], "add --checkpoint"),
    (["rosenbrock", "--resume", "--checkpoint", "nothing"], "holds no checkpoint"),
    (["rosenbrock", "--csv", "no/such/dir/a.csv"], "cannot be written"),
    (["rosenbrock", "--plot", "a.txt"], "picture"),
]


@pytest.mark.parametrize(("words", "message"), BAD, ids=[" ".join(words) for words, _ in BAD])
def test_bad_input_is_one_sentence_and_writes_nothing(command, words, message, tmp_path):
    status, _, err = command(*words, *([] if "--checkpoint" in words or "--resume" in words else ["--checkpoint", "D"]))
    assert status == 2
    assert message in err
    assert len(err.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


OTHER = [
    (["quadratic", "--resume"], "the problem rosenbrock"),
    (["rosenbrock", "--resume", "--seed", "1"], "--seed 0"),
    (["rosenbrock", "--resume", "--dtype", "float32"], "--dtype float64"),
    (["rosenbrock", "--resume", "--backend", "torch"], "--backend numpy"),
    (["rosenbrock", "--resume", "--momentum", "0.1"], "another method"),
    (["rosenbrock", "--resume", "--norm", "LInf"], "another method"),
    (["rosenbrock", "--resume", "--steps", "4"], "has made 5 already"),
    (["rosenbrock"], "add --resume"),
    (["quadratic"], "add --resume"),
]


def test_another_run_overwrites_nothing(command):
    base = ["--radius", "0.1", "--checkpoint", "run"]
    assert command("rosenbrock", *base, "--steps", "5")[0] == 0
    before = {path.name: path.read_bytes() for path in pathlib.Path("run").iterdir()}
    assert sorted(before) == ["checkpoint.npz", "history.csv", "run.json"]
    for words, message in OTHER:
        status, _, err = command(*base, "--steps", "9", *words)
        assert status == 2
        assert message in err
        assert len(err.splitlines()) == 1
        assert {path.name: path.read_bytes() for path in pathlib.Path("run").iterdir()} == before
    assert command("rosenbrock", *base, "--steps", "9", "--resume")[0] == 0


def test_a_longer_run_of_the_default_radius_is_another_run(command):
    assert command("rosenbrock", "--checkpoint", "run", "--steps", "5")[0] == 0
    status, _, err = command("rosenbrock", "--checkpoint", "run", "--steps", "9", "--resume")
    assert status == 2
    assert "over which the default radius falls to 0" in err


def test_foreign_files_are_left_alone(command):
    pathlib.Path("run").mkdir()
    for name in ("checkpoint.npz", "run.json", "history.csv"):
        file = pathlib.Path("run") / name
        file.write_bytes(b"not ours")
        for more in ([], ["--resume"]):
            assert command("rosenbrock", "--checkpoint", "run", *more)[0] == 2
        assert [path.read_bytes() for path in pathlib.Path("run").iterdir()] == [b"not ours"]
        file.unlink()


def test_a_run_that_leaves_the_finite_numbers_says_so(command):
    status, _, err = command("rosenbrock", "--radius", "1e200", "--momentum", "0", "--checkpoint", "run")
    assert status == 2
    assert "not finite" in err
    assert "run has the last finite state" in err
    assert len(err.splitlines()) == 1
