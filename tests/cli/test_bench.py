"""``ntr-spec bench``: what it prints, writes and refuses, and how it ends."""

import io
import json
import pathlib
import re
import sys

import pytest
from rich.console import Console

from ntr_spec.bench import measuring
from ntr_spec.bench.contenders import Ours
from ntr_spec.cli import app as cli
from ntr_spec.cli.bench import lines, table
from ntr_spec.norms import polar
from tests.bench.fakes import Crashing, Fake, case, norm, row

QUICK = ("--shape", "12x8", "--library", "numpy", "--repeat", "2", "--seconds", "0")


@pytest.fixture
def command(monkeypatch, capsys, tmp_path):
    """Runs the command line in this process: (status, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)

    def call(*words):
        monkeypatch.setattr(sys, "argv", ["ntr-spec", "bench", *words])
        with pytest.raises(SystemExit) as caught:
            cli.run_app()
        out, err = capsys.readouterr()
        return caught.value.code, out, err

    return call


def test_tables_are_told_with_peers_and_a_closing_line(command):
    status, out, err = command(*QUICK, "--solver", "SVD()", "--shape", "12x8,3x6x6", "--dtype", "float32,float64")
    assert (status, err) == (0, "")
    titles = re.findall(r"^numpy cpu · (.*) · gaussian · spectral$", out, re.MULTILINE)
    assert titles == ["float32 · 12×8", "float32 · 3 × (6×6)", "float64 · 12×8", "float64 · 3 × (6×6)"]
    assert re.search(r"^ +one GEMM +[\d.]+ \([\d.]+–[\d.]+\) µs +1$", out, re.MULTILINE)
    assert re.search(r"^scipy\.linalg\.polar at δ ≤ \S+: ", out, re.MULTILINE)
    assert out.endswith("4 of 4 certificates held\n")


def test_files_are_written_and_named(command, tmp_path):
    words = ("--json", "b.json", "--plot", "b.png", "--choices", "c.json", "--memory", "3")
    status, out, _ = command(*QUICK, *words, "--solver", "SVD()", "--solver", "PolarExpress(steps=12)")
    assert status == 0
    assert "written: b.json, c.json, b.png\n" in out
    found = json.loads((tmp_path / "b.json").read_text())
    assert found["settings"]["shapes"] == [[12, 8]]
    assert {case["library"] for case in found["cases"]} == {"numpy"}
    assert all(row["growth"] is not None for row in found["cases"][0]["rows"] if row["status"] == "held")
    (entry,) = json.loads((tmp_path / "c.json").read_text())["choices"]
    assert (entry["library"], entry["device"], entry["dtype"], entry["size"], entry["aspect"]) == (
        "numpy",
        "cpu",
        "float32",
        8,
        2,
    )
    assert {"SVD", "PolarExpress"} >= {each["solver"] for each in entry["solvers"].values()}
    assert (tmp_path / "b.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("solver", "says", "closing"),
    [
        (Fake(0.5, 0.25), "ERROR: certified δ = 0.25, but ‖v‖ − 1 = -0.5", "0 of 1 certificates held\n"),
        (Crashing(), "failed: ZeroDivisionError: in the", "0 of 0 certificates held; 1 solvers failed\n"),
    ],
)
def test_a_broken_certificate_and_a_crash_end_with_1(solver, says, closing, command, monkeypatch):
    monkeypatch.setattr(measuring, "solvers", lambda *_: (Ours(norm(solver)),))
    status, out, err = command(*QUICK)
    assert (status, err) == (1, "")
    assert says in out
    assert out.endswith(closing)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--shape", "12"), "--shape 12: expected a matrix such as 1024x512 or a stack such as 128x64x64;"),
        (("--shape", "12x0"), "--shape 12x0: expected a matrix"),
        (("--shape", "-3x4"), "--shape -3x4: expected a matrix"),
        (("--dtype", "int8"), "--dtype int8: expected one of float32, float64, bfloat16, float16; check the spelling"),
        (("--dtype", "bfloat16"), "--dtype: no library asked for has such a dtype;"),
        (("--library", "theano"), "--library theano: expected one of numpy, torch, jax, cupy; check the spelling"),
        (("--device", "cuda"), "--device cuda: numpy has cpu;"),
        (("--repeat", "0"), "--repeat: expected a whole number of at least 1, got 0"),
        (("--seconds", "-1"), "--seconds: expected a number of at least 0, got -1.0"),
        (("--norm", "l1"), "--norm l1: expected one of spectral, nuclear; check the spelling"),
        (("--solver", "Nonsense()"), "--solver Nonsense(): there is no solver Nonsense; choose one of Auto, "),
        (("--solver", "L1()"), "--solver L1(): expected a solver, got L1; choose one of Auto, "),
        (("--solver", "SVD("), "--solver SVD(: is no expression; write one such as 'PolarExpress(steps=7)'"),
        (("--solver", "SVD()", "--norm", "nuclear"), "--solver SVD(): finds the polar factor; measure it alone, "),
        (("--solver", "SVD()", "--norm", "spectral,nuclear"), "--solver SVD(): finds the polar factor; measure it"),
        (("--solver", "SVD()", "--solver", "Power()"), "--solver Power(): finds the leading pair; measure it alone,"),
        (("--solver", "NewtonSchulz(feasible=False)"), "--solver NewtonSchulz(feasible=False): NewtonSchulz: with "),
        (("--solver", "no.py:Mine"), "--solver no.py: no such file; check the path"),
        (("--plot", "x.foo"), "--plot x.foo: not a picture's name; let it end in .png, .svg, .pdf"),
        (("--choices", "c.json", "--norm", "nuclear"), "--choices: Auto picks for the spectral norm; measure it, "),
        (("--choices", "no/where.json"), "--choices no/where.json: cannot be written"),
        (("--json", "no/where.json"), "--json no/where.json: cannot be written"),
        (("--plot", "."), "--plot .: is a directory; name a file in it"),
    ],
)
def test_refusals_are_one_sentence_and_leave_nothing_behind(words, says, command, tmp_path):
    status, out, err = command(*QUICK, *words)
    assert (status, out) == (2, "")
    assert err.startswith(f"ntr-spec: {says}")
    assert err.count("\n") == 1
    assert list(pathlib.Path(tmp_path).iterdir()) == []


def test_nothing_is_measured_for_a_table_that_cannot_be_renewed(command, tmp_path):
    (tmp_path / "c.json").write_text("{}")
    status, out, err = command(*QUICK, "--choices", "c.json")
    assert (status, out) == (2, "")
    assert err == "ntr-spec: c.json: is not a table of ntr-spec bench --choices; name another file\n"
    assert (tmp_path / "c.json").read_text() == "{}"


def test_solvers_of_leading_pairs_are_measured_in_the_nuclear_norm(command):
    status, out, _ = command(*QUICK, "--solver", "Lanczos()")
    assert status == 0
    assert "numpy cpu · float32 · 12×8 · gaussian · nuclear" in out
    assert out.endswith("1 of 1 certificates held\n")


OWN = """
from dataclasses import dataclass
from ntr_spec.norms.polar import SVD, Polar

@dataclass(frozen=True, repr=False)
class Mine(Polar):
    def factor(self, x, xp):
        return SVD().factor(x, xp)

    def certified(self, x, xp):
        return SVD().certified(x, xp)

@dataclass(frozen=True, repr=False)
class Plain(Polar):
    def factor(self, x, xp):
        return SVD().factor(x, xp)

both = [Mine(), SVD()]
"""


def test_a_solver_of_a_file_is_measured(command, tmp_path):
    (tmp_path / "own.py").write_text(OWN)
    status, out, _ = command(*QUICK, "--solver", "own.py:Mine", "--solver", "own.py:both[1]")
    assert status == 0
    assert re.search(r"^ *●? +Mine\(\) ", out, re.MULTILINE)
    assert out.endswith("2 of 2 certificates held\n")
    for word, says in (
        ("own.py:Plain", "--solver own.py:Plain: Plain(): no certificate is declared;"),
        ("own.py:Mime", "--solver own.py: there is no Mime in the file; did you mean Mine?"),
        ("own.py", "--solver own.py: which solver of the file is not said; name one, as in own.py:NAME"),
        ("own.py:both", "--solver own.py: both holds both[0], both[1]; name one, as in own.py:both[0]"),
        ("own.py:dataclass", "--solver own.py: dataclass is function, not a solver; name an instance or a subclass"),
    ):
        assert command(*QUICK, "--solver", word)[2].startswith(f"ntr-spec: {says}")
    err = command(*QUICK, "--solver", "own.py:Mine", "--choices", "c.json")[2]
    assert err.startswith("ntr-spec: --choices: Auto picks solvers of this package, and Mine() is none;")


ROWS = (
    row("one GEMM", "product", seconds=0.001),
    row("PolarExpress(steps=5)", seconds=0.0153, plain=(0.015,) * 3, delta=0.01, true=0.002, growth=2048),
    row("GramEigh()", seconds=0.02, delta=1e-5, true=1e-6, solver="SVD()", fallback="ill-conditioned"),
    row("QDWH()", status="failed", seconds=0.0, reason="ZeroDivisionError: in"),
    row("torch.optim.Muon", "peer", seconds=0.03, true=0.15, size=1.18),
    row("Lying()", seconds=0.5, delta=0.1, true=0.2, status="broken", reason="certified δ = 0.1, but …"),
)


def test_a_pipe_gets_aligned_lines():
    told = list(lines(case(*ROWS)))
    assert told[0] == "numpy cpu · float32 · 64×64 · gaussian · spectral"
    found = {line.split()[0] if line[0] not in "●○" else line.split()[1]: line for line in told[2:-1]}
    assert found["PolarExpress(steps=5)"].split()[2:] == [
        "15.3", "(15.3–15.3)", "ms", "15.3", "1.0e-02", "2.0e-03", "+2%", "memory", "+2", "KiB",
    ]  # fmt: skip
    assert found["GramEigh()"].endswith("SVD() (ill-conditioned)")
    assert found["Lying()"].endswith("ERROR: certified δ = 0.1, but …")
    assert "peer; ‖v‖ = 1.18" in found["torch.optim.Muon"]
    assert told[-1] == "torch.optim.Muon at δ ≤ 0.15: PolarExpress(steps=5) takes 0.51× its time, certified 1.0e-02"


def test_a_terminal_gets_a_table_with_the_same_words():
    console = Console(file=io.StringIO(), force_terminal=True, width=160, highlight=False)
    console.print(table(case(*ROWS)))
    out = re.sub(r"\x1b\[[\d;]*m", "", console.file.getvalue())
    for line in lines(case(*ROWS)):
        for word in line.split():
            assert word in out


def test_the_table_of_choices_has_shapes_of_its_own():
    from ntr_spec.bench.settings import SHAPES, SHAPES_OF_CHOICES
    from ntr_spec.cli.bench import Options
    from ntr_spec.norms.polar.choices import bucket

    assert Options().settings().shapes == SHAPES
    assert Options(choices=pathlib.Path("c.json")).settings().shapes == SHAPES_OF_CHOICES
    assert Options(choices=pathlib.Path("c.json"), shape="4x4").settings().shapes == ((4, 4),)
    assert len(set(map(bucket, SHAPES_OF_CHOICES))) == len(SHAPES_OF_CHOICES)


def test_the_bar_of_a_terminal_tells_what_is_run(monkeypatch, tmp_path):
    from ntr_spec.cli.bench import Options, run

    console = Console(file=io.StringIO(), force_terminal=True, width=120, highlight=False)
    options = Options(shape="6x4", library="numpy", solver=("SVD()",), repeat=1, seconds=0.0)
    assert run(options, console) == 0
    assert "1 of 1 certificates held" in console.file.getvalue()


def test_ctrl_c_ends_with_130_and_keeps_the_tables_that_are_done(command, monkeypatch, tmp_path):
    seen = []

    def contenders(task, chosen):
        seen.append(task)
        if len(seen) == 2:
            raise KeyboardInterrupt
        return real(task, chosen)

    real = measuring.contenders
    monkeypatch.setattr(measuring, "contenders", contenders)
    words = ("--shape", "12x8,8x8,6x6", "--solver", "SVD()", "--json", "b.json", "--choices", "c.json")
    status, out, err = command(*QUICK, *words)
    assert (status, err) == (130, "ntr-spec: interrupted after 1 of 3 tables\n")
    assert out.endswith("written: b.json\n")
    assert [case["shape"] for case in json.loads((tmp_path / "b.json").read_text())["cases"]] == [[12, 8]]
    assert not (tmp_path / "c.json").exists()


def test_a_solver_expression_means_that_solver(command):
    status, out, _ = command(*QUICK, "--solver", "SVD(cutoff=0.25)", "--solver", "SVD()")
    assert status == 0
    assert repr(polar.SVD(cutoff=0.25)) in out
    status, out, _ = command(*QUICK, "--norm", "nuclear", "--solver", "Power(tolerance=0.1)")
    assert (status, "Power(tolerance=0.1)" in out) == (0, True)
