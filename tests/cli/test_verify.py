"""``ntr-spec verify``: what it accepts, says and exits with. Engines are replaced where the norms do not matter."""

import json
import os
import pathlib
import subprocess
import sys

import pytest

import ntr_spec as ntr
from ntr_spec.cli import app as cli
from ntr_spec.cli.expression import subject_from
from ntr_spec.cli.targets import collect, one
from ntr_spec.verify import runner, work
from tests.verify import fakes

ROOT = pathlib.Path(__file__).parent.parent.parent

GOOD = """
from dataclasses import dataclass
import ntr_spec as ntr
from ntr_spec import L1, Lp
from ntr_spec.norms.vector import LInf as Largest

print("printed while importing")

@dataclass(frozen=True)
class Mine(ntr.Norm):
    scale: float = 1.0
    def _value(self, x, xp):
        return self.scale * xp.max(xp.abs(x))
    def _lmo(self, g, xp):
        return -xp.sign(g) / self.scale

@dataclass(frozen=True)
class Needs(ntr.Norm):
    p: float
    def _value(self, x, xp):
        return xp.max(xp.abs(x))
    def _lmo(self, g, xp):
        return -xp.sign(g)

class Base(ntr.Norm):
    pass

same = Mine()
twice = Mine(2.0)
cubic = Lp(3)
"""


@pytest.fixture
def engines(monkeypatch):
    """Runs in this process with engines that answer at once."""
    chosen = {"exact": fakes.proves, "property": fakes.proves}
    real = runner.run
    monkeypatch.setattr(work, "draw", lambda blob, witnesses: None)

    def quick(subjects, settings, **options):
        return real(subjects, settings, **{**options, "jobs": 0, "engines": chosen})

    monkeypatch.setattr(runner, "run", quick)
    return chosen


@pytest.fixture
def command(monkeypatch, capsys, tmp_path):
    """Runs the command line in this process: (status, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)

    def call(*words):
        monkeypatch.setattr(sys, "argv", ["ntr-spec", *words])
        with pytest.raises(SystemExit) as caught:
            cli.run_app()
        out, err = capsys.readouterr()
        return caught.value.code, out, err

    return call


def write(path, text):
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_file_is_searched_for_norms(tmp_path):
    found = collect([write(tmp_path / "norms.py", GOOD)], catalogue=False)
    assert [subject.name for subject in found.subjects] == ["same", "twice", "cubic"]
    assert found.problems == ()
    assert found.notes == (
        f"{tmp_path / 'norms.py'}: Needs needs arguments; bind an instance at module level, such as my_norm = Needs(…)",
    )
    assert {subject.origin for subject in found.subjects} == {str(tmp_path / "norms.py")}


def test_a_class_of_which_no_instance_is_bound_is_constructed(tmp_path):
    found = collect([write(tmp_path / "norms.py", GOOD.replace("same = Mine()", ""))], catalogue=False)
    assert [subject.name for subject in found.subjects] == ["twice", "cubic", "Mine()"]


def test_one_norm_of_a_file(tmp_path):
    path = write(tmp_path / "norms.py", GOOD)
    found = collect([f"{path}:twice", f"{path}:Mine", path, f"{path}:twice"], catalogue=False)
    assert [subject.name for subject in found.subjects] == ["twice", "Mine()", "same", "cubic"]
    assert one(f"{path}:cubic") == ntr.Lp(3)
    with pytest.raises(ntr.InputError, match=r"declares same, twice, cubic; name one, as in .*norms.py:same"):
        one(path)


def test_files_of_one_name_do_not_meet_and_may_import_their_neighbours(tmp_path):
    for folder, size in (("a", 1), ("b", 2)):
        (tmp_path / folder).mkdir()
        write(tmp_path / folder / f"neighbour_{folder}.py", f"SIZE = {size}")
        body = f"import ntr_spec as ntr\nfrom neighbour_{folder} import SIZE\nnorm = ntr.Scaled(ntr.L1(), SIZE)\n"
        write(tmp_path / folder / "norms.py", body)
    found = collect([str(tmp_path / folder / "norms.py") for folder in "ab"], catalogue=False)
    assert [subject.declaration.c for subject in found.subjects] == [1, 2]


BAD_FILES = [
    ("x = 1\n", r"bad.py: expected a norm, regularizer, method or problem at module level, found none; declare"),
    ("def helper(): pass\nfrom ntr_spec import L1\n", r"found only helper; declare"),
    ("import ntr_spec as ntr\nx = (\n", r"bad.py:2: SyntaxError: '\(' was never closed; correct the file"),
    ("\n\nraise ValueError('no\\nway')\n", r"bad.py:3: importing the file raised ValueError: no way; it must import"),
    ("def f():\n  return 1/0\nf()\n", r"bad.py:2: importing the file raised ZeroDivisionError: division by zero"),
    ("import sys\nsys.exit(3)\n", r"bad.py:2: importing the file raised SystemExit: 3"),
    ("import not_a_module\n", r"bad.py:1: importing the file raised ModuleNotFoundError: No module named"),
    ("import ntr_spec as ntr\nclass A(ntr.Norm):\n  def _value(self, x, xp): pass\n  def _lmo(self, g, xp): pass\n"
     "  def __init__(self):\n    raise ValueError('no')\n", r"A\(\) raises ValueError: no; mend its constructor"),
    ("x = '\0'", "holds binary data"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), BAD_FILES)
def test_a_bad_file_is_one_line_and_status_2(text, message, command, tmp_path):
    import re

    write(tmp_path / "bad.py", text)
    status, out, err = command("verify", "bad.py")
    assert (status, out) == (2, "")
    assert re.search(message, err)
    assert err.startswith("ntr-spec: bad.py")
    assert err.count("\n") == 1


BAD_WORDS = [
    ("missing.py", "missing.py: no such file; check the path"),
    (".", ".: is a directory; name a Python file in it"),
    ("good.py:Mien", "good.py: there is no Mien in the file; did you mean Mine?"),
    ("good.py:ntr", "good.py: ntr is module, not a norm, regularizer, method or problem"),
    ("good.py:Needs", "good.py: Needs needs arguments"),
    ("notes.txt", "notes.txt: not a Python file"),
    ("book.ipynb", "is a notebook; call ntr_spec.verify(norm) in it"),
    ("Lq", "Lq: neither a file nor a norm, regularizer, method or problem of the catalogue; did you mean"),
    ("Lp()", "Lp(): missing a required argument: 'p'; the arguments are Lp(p:"),
    ("Lp(0.5)", "Lp(0.5): Lp: expected 1 < p < ∞, got p=0.5"),
    ("Lp(1/0)", "division by zero"),
    ("L1().dual", "'L1().dual' is not understood here"),
    ("[L1()]", "expected a norm, regularizer, method or problem, got list"),
    ("__import__('os').system('touch hacked')", "neither a file nor a norm, regularizer, method or problem of the"),
    ("Scaled(L1(), open('hacked', 'w'))", "neither a file nor a norm"),
    ("Lp(**{'p': 3})", "is not understood here"),
    ("(" * 5000, "neither a file nor a norm"),
]


@pytest.mark.parametrize(("word", "message"), BAD_WORDS, ids=lambda w: w[:30])
def test_an_unusable_word_is_one_line_and_status_2(word, message, command, tmp_path):
    write(tmp_path / "good.py", GOOD)
    (tmp_path / "notes.txt").touch()
    (tmp_path / "book.ipynb").touch()
    status, out, err = command("verify", word)
    assert (status, out) == (2, "")
    assert message in err
    assert [line for line in err.splitlines() if line.startswith("ntr-spec: ")] == err.splitlines()[-1:]
    assert not (tmp_path / "hacked").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["--json", "no/such/folder.json"],
            "--json no/such/folder.json: cannot be written (No such file or directory)",
        ),
        (["--html", "."], "--html .: is a directory"),
        (["--backend", "numpi"], "numpi"),
        (["--dims", "2,x"], "--dims: expected whole numbers separated by commas, got '2,x'"),
        (["--timeout", "0"], "timeout in seconds greater than 0"),
        (["--jobs", "-1"], "jobs as a whole number of at least 0"),
        (["--examples", "0"], "max_examples as a whole number of at least 1"),
        (["--nonsense"], "No such option: --nonsense"),
    ],
)
def test_unusable_options_are_named_before_anything_runs(words, message, command, monkeypatch):
    monkeypatch.setattr(runner, "run", None)
    status, out, err = command("verify", "L1", *words)
    assert (status, out) == (2, "")
    assert message in err


def test_norms_are_verified_although_other_arguments_are_unusable(command, engines, tmp_path):
    write(tmp_path / "norms.py", GOOD)
    status, out, err = command("verify", "missing.py", "norms.py", "Lq", "L1")
    assert status == 2
    assert "missing.py" in err
    assert "Lq" in err
    assert "printed while importing" in err
    assert "4 norms, " in out.splitlines()[-1]
    assert [line for line in out.splitlines() if line.startswith(("same", "twice", "cubic", "L1()"))]


def test_status_0_and_reports_are_written(command, engines, tmp_path):
    status, out, err = command("verify", "L1", "Lp(4/3)", "--json", "a.json", "--html", "b.html", "--seed", "5")
    assert (status, err) == (0, "")
    saved = json.loads((tmp_path / "a.json").read_text())
    assert [norm["name"] for norm in saved["norms"]] == ["L1()", "Lp(p=1.3333333333333333)"]
    assert saved["settings"]["seed"] == 5
    assert "Every law holds" in (tmp_path / "b.html").read_text()
    assert out.splitlines()[-1].startswith("2 norms, ")


def test_status_1_where_a_law_is_refuted(command, engines):
    engines["property"] = fakes.examines
    status, out, _ = command("verify", "L1")
    assert status == 1
    assert "REFUTED holder" in out
    assert "g = [1, -1/2]" in out


def test_quiet_prints_failures_and_the_closing_line(command, engines):
    status, out, _ = command("verify", "L1", "--quiet")
    assert status == 0
    assert len(out.splitlines()) == 1
    engines["property"] = fakes.examines
    status, out, _ = command("verify", "L1", "L2", "-q")
    assert status == 1
    assert out.count("REFUTED holder") == 2
    assert "definite" not in out


def test_no_argument_means_the_catalogue_and_an_option_adds_it(command, engines, tmp_path):
    from ntr_spec.norms.catalogue import catalogue

    status, out, _ = command("verify", "--quiet")
    assert status == 0
    assert out.startswith(f"{len(catalogue())} norms, ")
    write(tmp_path / "norms.py", GOOD)
    status, out, _ = command("verify", "--quiet", "--catalogue", "norms.py", "L1")
    assert out.startswith(f"{len(catalogue()) + 3} norms, ")


def test_rows_come_in_the_order_of_the_laws_whatever_order_they_finish_in():
    import io

    from rich.console import Console

    from ntr_spec.cli.display import Plain
    from ntr_spec.verify import Settings
    from ntr_spec.verify.plan import Subject

    def text(jobs):
        console = Console(file=io.StringIO())
        subjects = [Subject(norm) for norm in (ntr.L1(), ntr.L2(), ntr.LInf())]
        display = Plain(subjects, console, quiet=False)
        engines = {"exact": fakes.proves, "property": fakes.examines}
        display.closing(runner.run(subjects, Settings(), jobs=jobs, listener=display, engines=engines))
        return console.file.getvalue().splitlines()[:-1]

    here = text(0)
    assert here == text(3)
    assert [line for line in here if line.startswith("L")] == ["L1()   ‖x‖₁", "L2()   ‖x‖₂", "LInf()   ‖x‖_∞"]
    assert here[1].split()[:2] == ["definite", "PROVED"]


def test_expressions_are_read_without_being_evaluated():
    assert subject_from("Lp(4/3)") == ntr.Lp(4 / 3)
    assert subject_from(" ntr.Scaled(LInf(), c=-(-0.5)) ") == ntr.Scaled(ntr.LInf(), 0.5)
    assert subject_from("Mixed(LInf(), L1(), axis=1)") == ntr.Mixed(ntr.LInf(), ntr.L1(), axis=1)
    assert subject_from("Product({'a': L1(), 'b': L2()})") == ntr.Product({"a": ntr.L1(), "b": ntr.L2()})
    assert subject_from("L1") == ntr.L1()
    assert subject_from("Lp") == ntr.Lp(3)  # the catalogue's


def shell(*words, **environment):
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "ntr_spec", *words],
        capture_output=True, text=True, timeout=120, cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
    )  # fmt: skip


def test_a_flipped_sign_is_refuted_end_to_end(tmp_path):
    path = write(
        tmp_path / "flipped.py",
        "from dataclasses import dataclass\nimport ntr_spec as ntr\n\n"
        "@dataclass(frozen=True)\nclass Flipped(ntr.Norm):\n"
        "    def _value(self, x, xp):\n        return xp.max(xp.abs(x))\n"
        "    def _lmo(self, g, xp):\n        return xp.sign(g)\n",
    )
    done = shell("verify", path, "--examples", "20", "--dims", "2", "--json", str(tmp_path / "out.json"), NO_COLOR="1")
    assert done.returncode == 1, done.stderr
    assert done.stderr == ""
    assert "which is false" in done.stdout
    saved = json.loads((tmp_path / "out.json").read_text())
    refuted = {f["law"]: f["witness"] for f in saved["norms"][0]["findings"] if f["status"] == "REFUTED"}
    assert refuted
    assert all(witness["inputs"] for witness in refuted.values())


def test_output_survives_a_reader_that_leaves_and_a_terminal_without_unicode():
    done = shell("list", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("L1()")
    done = subprocess.run(
        f"{sys.executable} -W error -m ntr_spec list | head -1; exit ${{PIPESTATUS[0]}}",
        shell=True, executable="/bin/bash", capture_output=True, text=True, timeout=60, cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    assert done.stderr == ""
    assert done.returncode in (0, 1)  # 1: Typer's answer to a closed pipe


MIXED = """
from dataclasses import dataclass
import ntr_spec as ntr

@dataclass(frozen=True)
class Huber(ntr.Regularizer):
    def _value(self, x, xp):
        size = xp.abs(x)
        return xp.sum(xp.where(size <= 1, x * x / 2, size - 0.5))
    def _prox(self, x, step, xp):
        size = xp.abs(x)
        return xp.where(size <= 1 + step, x / (1 + step), x - step * xp.sign(x))

class Still(ntr.Method):
    def init(self, x0):
        return ntr.State(x0, 0 * x0)
    def update(self, state, gradient):
        return ntr.State(state.x, gradient, None, state.step + 1)

norm = ntr.L1()
ridge = ntr.Ridge(2.0)
several = [ridge, ntr.Penalty(norm, 0.5), 3]
named = {"slow": ntr.TrustRegion(norm, radius=0.1)}
"""


def test_a_file_may_declare_every_kind_also_in_lists(tmp_path):
    path = write(tmp_path / "mixed.py", MIXED)
    found = collect([path, f"{path}:several[1]", f"{path}:named['slow']"], catalogue=False)
    assert {subject.name: subject.kind.name for subject in found.subjects} == {
        "norm": "norm",
        "ridge": "regularizer",
        "several[1]": "regularizer",
        "named['slow']": "method",
        "Huber()": "regularizer",
        "Still()": "method",
    }
    assert (found.problems, found.notes) == ((), ())
    assert collect([f"{path}:several[7]"], catalogue=False).problems


def test_a_file_of_every_kind_is_verified(command, engines, tmp_path):
    write(tmp_path / "mixed.py", MIXED)
    status, out, err = command("verify", "mixed.py", "--json", "out.json")
    assert (status, err) == (0, "")
    assert out.splitlines()[-1].startswith("1 norm, 3 regularizers, 2 methods, ")
    assert "several[1]   0.5·‖x‖₁   conjugate δ(‖s‖_∞ ≤ 0.5)" in out
    kinds = [found["kind"] for found in json.loads((tmp_path / "out.json").read_text())["norms"]]
    assert sorted(kinds) == ["method"] * 2 + ["norm"] + ["regularizer"] * 3


def test_expressions_of_regularizers_and_methods():
    found = subject_from("Penalty(L1(), 0.1) + Ridge(1)")
    assert found == ntr.Penalty(ntr.L1(), 0.1) + ntr.Ridge(1)
    assert subject_from("Ridge(2)") == ntr.Ridge(2)
    assert subject_from("Penalty") == ntr.Penalty(ntr.L1(), 0.5)  # the catalogue's
    blocks = subject_from("Product({'W': Penalty(L1(), 0.1), 'b': Ridge(1)})")
    assert isinstance(blocks, ntr.Regularizer)
    method = subject_from("TrustRegion(L2(), radius=0.1, regularizer=Ridge(1), convention=Convention(nesterov=True))")
    assert method.convention.nesterov
    assert subject_from("lion(1e-3)") == ntr.algorithms.presets.lion(1e-3)
    assert subject_from("signum") == ntr.algorithms.presets.signum()
    assert subject_from("TrustRegion(L2(), radius=0.02 * Cosine(1.0, 0.1, 100))").radius(0) == 0.02
    for text, message in (
        ("Penalty(L1(), 0.1) + Penalty(L2(), 1)", "prox of such a sum is not known"),
        ("Ridge(1) * 2", "expected a number, got Ridge"),
        ("Penalty(L1())", "missing a required argument: 'weight'"),
        ("Cosine(1.0, 0.1, 100)", "expected a norm, regularizer, method or problem, got Cosine"),
    ):
        with pytest.raises(ntr.InputError, match=message):
            subject_from(text)


GATHERED = """
import ntr_spec as ntr
class Longer(ntr.Norm):
    def __init__(self, c): self.c = c
    def _value(self, x, xp): return self.c * xp.max(xp.abs(x))
    def _lmo(self, g, xp): return -xp.sign(g) / self.c
    def _shapes(self, dims): return [(n,) for n in dims]
    def _accepts(self, shape):
        (n,) = shape
        return None if n > 1 and shape == (n,) else "two entries or more"
many = [Longer(0.5), Longer(2.0)]
named = {"one": Longer(1.0)}
"""


def test_lists_and_dictionaries_can_be_named(tmp_path):
    path = tmp_path / "gathered.py"
    path.write_text(GATHERED)

    def names(word):
        found = collect([word], False)
        assert (found.problems, found.notes) == ((), ())
        return [subject.name for subject in found.subjects]

    assert names(f"{path}:many") == ["many[0]", "many[1]"]
    assert names(f"{path}:many[1]") == ["many[1]"]
    assert names(f"{path}:named") == ["named['one']"]
    # A class of which a list holds instances needs no other.
    assert names(str(path)) == ["many[0]", "many[1]", "named['one']"]


def test_shapes_may_be_tuples(tmp_path):
    path = tmp_path / "gathered.py"
    path.write_text(GATHERED.replace("for n in dims", "for n in dims if n > 1"))
    (subject,) = collect([f"{path}:many[0]"], False).subjects
    report = ntr.verify(subject.declaration, jobs=0, max_examples=5)
    assert report.ok, report
