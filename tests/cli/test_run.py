"""``ntr-spec run``: what it prints, writes and refuses; a run that is killed goes on as if nothing had happened."""

import csv
import pathlib
import signal
import subprocess
import sys

import numpy as np
import pytest

from ntr_spec.cli import app as cli


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


def rows(path):
    """The history without the last column, the seconds."""
    with open(path, encoding="utf-8", newline="") as file:
        return [row[:-1] for row in csv.reader(file)]


def test_a_run_prints_what_was_reached_and_the_least_value(command):
    status, out, err = command("digits-softmax", "--radius", "Cosine(1.0, 0, 150)", "--momentum", "0", "--steps", "150")
    assert (status, err) == (0, "")
    assert "\x1b" not in out
    reached, least = out.splitlines()[-2:]
    assert "test accuracy 0.9" in reached
    assert "150 steps" in reached
    assert least.startswith("least value: objective 0.26281174")
    assert float(reached.partition("objective ")[2].partition(",")[0]) < 0.29


def test_a_composite_run_finds_the_nonzeros_of_the_baseline(command):
    _, out, _ = command("breast-cancer", "--radius", "Cosine(0.1, 0, 800)", "--momentum", "0", "--steps", "800")
    reached, least = out.splitlines()[-2:]
    assert "nonzeros 10," in reached
    assert "nonzeros 10," in least


@pytest.mark.parametrize("library", ["torch", "jax"])
def test_another_library_takes_the_same_path(command, library):
    pytest.importorskip(library)
    words = ("rosenbrock", "--steps", "40", "--dtype", "float32", "--csv")
    assert command(*words, "a.csv")[0] == command(*words, "b.csv", "--backend", library)[0] == 0
    ours, theirs = (np.asarray(rows(name)[1:], dtype=float) for name in ("a.csv", "b.csv"))
    assert np.allclose(ours, theirs, rtol=1e-3)


def test_a_run_cut_in_two_is_the_run_in_one(command):
    words = ("digits-network", "--radius", "0.05", "--no-baseline")
    assert command(*words, "--steps", "40", "--csv", "whole.csv", "--checkpoint", "whole")[0] == 0
    assert command(*words, "--steps", "25", "--checkpoint", "cut", "--every", "5")[0] == 0
    assert command(*words, "--steps", "40", "--checkpoint", "cut", "--resume", "--csv", "cut.csv")[0] == 0
    assert rows("cut.csv") == rows("whole.csv")
    with np.load("cut/run.npz") as ours, np.load("whole/run.npz") as theirs:
        for name in ("x/W1", "momentum/W2", "x/b1"):
            assert ours[name].tobytes() == theirs[name].tobytes()


def test_control_c_saves_and_exits_with_130(tmp_path):
    words = ["digits-network", "--steps", "1000000", "--checkpoint", "run", "--every", "20", "--no-baseline"]
    running = subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "ntr_spec", "run", *words],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stdout is not None
    running.stdout.readline()
    running.stdout.readline()  # a step was made
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "Traceback" not in err
    with np.load(tmp_path / "run" / "run.npz") as saved:
        assert saved["x/W1"].shape == (32, 64)


def test_a_plot_is_a_picture(command):
    pytest.importorskip("matplotlib")
    assert command("quadratic", "--steps", "20", "--plot", "run.png")[0] == 0
    assert pathlib.Path("run.png").read_bytes().startswith(b"\x89PNG")


def test_presets_and_their_settings(command):
    assert command("rosenbrock", "--preset", "signum", "--radius", "0.01", "--steps", "5")[0] == 0
    assert command("rosenbrock", "--preset", "lion(0.01, beta1=0.5)", "--steps", "5")[0] == 0


BAD = [
    (["rosenbrok"], "did you mean rosenbrock?"),
    (["xyz"], "choose one of digits-softmax"),
    (["rosenbrock", "--norm", "L7"], "did you mean"),
    (["rosenbrock", "--norm", "Ridge(1)"], "expected a norm"),
    (["rosenbrock", "--norm", "Spectral"], "matrix"),
    (["rosenbrock", "--preset", "mon"], "did you mean"),
    (["rosenbrock", "--preset", "scion"], "it needs norms"),
    (["rosenbrock", "--preset", "muon"], "Product"),
    (["rosenbrock", "--preset", "lion", "--momentum", "0.5"], "has no such setting"),
    (["rosenbrock", "--preset", "lion", "--norm", "L2"], "give one of them"),
    (["rosenbrock", "--radius", "wide"], "expected a number or a schedule"),
    (["rosenbrock", "--radius", "-1"], "radius"),
    (["rosenbrock", "--momentum", "1"], "momentum"),
    (["rosenbrock", "--regularizer", "L1"], "expected a regularizer"),
    (["rosenbrock", "--backend", "tensorflow"], "expected one of numpy"),
    (["rosenbrock", "--dtype", "float16"], "float32 or float64"),
    (["rosenbrock", "--steps", "-3"], "steps"),
    (["rosenbrock", "--resume"], "add --checkpoint"),
    (["rosenbrock", "--resume", "--checkpoint", "nothing"], "holds no checkpoint"),
    (["rosenbrock", "--csv", "no/such/dir/a.csv"], "cannot be written"),
    (["rosenbrock", "--plot", "a.txt"], "picture"),
]


@pytest.mark.parametrize(("words", "message"), BAD, ids=[" ".join(words) for words, _ in BAD])
def test_bad_input_is_one_sentence_and_writes_nothing(command, words, message, tmp_path):
    status, _, err = command(*words)
    assert status == 2
    assert message in err
    assert len(err.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_resuming_with_another_method_overwrites_nothing(command):
    assert command("rosenbrock", "--steps", "5", "--checkpoint", "run")[0] == 0
    before = pathlib.Path("run/run.npz").read_bytes()
    for words in (["--resume", "--radius", "0.3"], ["--norm", "LInf"], ["--resume", "--momentum", "0.1"]):
        status, _, err = command("rosenbrock", "--steps", "9", "--checkpoint", "run", *words)
        assert status == 2
        assert "another method" in err
        assert pathlib.Path("run/run.npz").read_bytes() == before


def test_a_damaged_checkpoint_is_left_alone(command):
    pathlib.Path("run").mkdir()
    pathlib.Path("run/run.npz").write_bytes(b"no checkpoint")
    for more in ([], ["--resume"]):
        status, _, err = command("rosenbrock", "--checkpoint", "run", *more)
        assert status == 2
        assert "damaged" in err
    assert pathlib.Path("run/run.npz").read_bytes() == b"no checkpoint"
