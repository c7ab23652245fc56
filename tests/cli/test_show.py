"""``ntr-spec list``, ``show`` and ``doctor``, and how tables look on a terminal."""

import io
import re
import sys

import pytest
from rich.console import Console

import ntr_spec as ntr
from ntr_spec.cli import app as cli
from ntr_spec.cli.display import Live, Plain, choose, table
from ntr_spec.cli.expression import subject_from
from ntr_spec.norms.catalogue import catalogue
from ntr_spec.steps.catalogue import catalogue as steps_catalogue
from ntr_spec.verify import Settings, runner
from ntr_spec.verify.plan import Subject
from tests.verify import fakes


@pytest.fixture
def command(monkeypatch, capsys):
    def call(*words):
        monkeypatch.setattr(sys, "argv", ["ntr-spec", *words])
        with pytest.raises(SystemExit) as caught:
            cli.run_app()
        out, err = capsys.readouterr()
        return caught.value.code, out, err

    return call


def test_list_has_a_row_per_norm_with_its_dual(command):
    status, out, err = command("list")
    norms, regularizers, methods, problems = (table.splitlines() for table in out.split("\n\n"))
    rows = norms
    assert (status, err) == (0, "")
    assert len(norms) == len(catalogue())
    assert len(regularizers) == len(steps_catalogue())
    assert any(
        re.match(r"Penalty\(norm=L1\(\), weight=0.5\) +0.5·‖x‖₁ +δ\(‖s‖_∞ ≤ 0.5\) +prox", row) for row in regularizers
    )
    assert all(row.startswith("TrustRegion(") for row in methods)
    assert re.match(r"quadratic +f\(x\) = ½⟨x − t, A\(x − t\)⟩ .* star-convex, L in \d+ norms, tight in", problems[0])
    assert re.fullmatch(r"L1\(\) +‖x‖₁ +‖g‖_∞ +absolute, polyhedral, symmetric", rows[0])


def test_show_gives_formulas_rho_and_claims(command):
    status, out, _ = command("show", "L2")
    facts = dict(re.split(r" {2,}", line, maxsplit=1) for line in out.splitlines())
    assert status == 0
    assert facts["dual"] == "L2()"
    assert facts["ρ on (2,)"] == "1"
    assert facts["claims"] == "absolute, euclidean, symmetric"
    assert facts["value on R^2"] == "sqrt(x1**2 + x2**2)"
    assert "g1" in facts["lmo on R^2"]


def test_show_leaves_out_formulas_that_nobody_can_read(command):
    status, out, _ = command("show", "OWL([3, 2, 1])")
    facts = dict(re.split(r" {2,}", line, maxsplit=1) for line in out.splitlines())
    assert status == 0
    assert facts["value on R^3"].startswith("2*Max(")
    assert re.fullmatch(r"too long to print: \d+ characters", facts["lmo on R^3"])


def test_show_takes_the_names_that_reports_print(command, tmp_path):
    (tmp_path / "two.py").write_text("import ntr_spec as ntr\nclass A(ntr.L1): pass\nclass B(ntr.L2): pass\n")
    _, _, err = command("show", str(tmp_path / "two.py"))
    assert "declares A(), B(); name one" in err
    status, out, err = command("show", f"{tmp_path / 'two.py'}:B()")
    assert (status, err) == (0, "")
    assert "‖x‖₂" in out


def test_show_survives_hooks_that_raise(command, tmp_path):
    (tmp_path / "bad.py").write_text(
        "import ntr_spec as ntr\nclass Bad(ntr.Norm):\n  def _value(self, x, xp): raise ValueError('no value')\n"
        "  def _lmo(self, g, xp): raise ValueError('no lmo')\n  def _notation(self, x): raise ValueError('no name')\n"
    )
    status, out, err = command("show", str(tmp_path / "bad.py"))
    assert (status, err) == (0, "")
    assert "— (ValueError: no name)" in out


def test_show_with_verify_ends_with_the_tally(command, monkeypatch):
    real = runner.run
    engines = {"exact": fakes.proves, "property": fakes.proves}
    monkeypatch.setattr(runner, "run", lambda s, t, **o: real(s, t, **{**o, "jobs": 0, "engines": engines}))
    status, out, _ = command("show", "L1", "--verify")
    assert status == 0
    assert "definite" in out
    assert out.splitlines()[-1].startswith("1 norm, ")


def test_show_names_what_it_cannot_show(command):
    status, out, err = command("show", "Lq")
    assert (status, out) == (2, "")
    assert err.startswith("ntr-spec: Lq: neither a file")


def test_doctor_names_backends_engines_and_versions(command):
    status, out, err = command("doctor")
    assert (status, err) == (0, "")
    for word in ("numpy", "strict", "torch", "jax", "cupy", "exact", "property", "lemma", "z3-solver", "float32"):
        assert word in out
    dtypes = dict(re.findall(r"^  (numpy|strict|torch|jax) .*?: (.*?) on ", out, re.MULTILINE))
    assert dtypes["torch"] == "float32, float64, bfloat16, float16"
    assert dtypes["numpy"] == "float32, float64, float16"
    assert dtypes["strict"] == "float32, float64"
    assert dtypes["jax"].endswith(", bfloat16, float16")


def test_version(command):
    assert command("--version")[:2] == (0, f"ntr-spec {ntr.__version__}\n")


def finished():
    engines = {"exact": fakes.proves, "property": fakes.examines}
    return runner.run([Subject(ntr.L1())], Settings(), jobs=0, engines=engines)


@pytest.mark.parametrize("width", [40, 80, 200])
def test_tables_fit_the_terminal(width):
    console = Console(file=io.StringIO(), width=width, force_terminal=False)
    console.print(table(finished().reports[0]))
    lines = console.file.getvalue().splitlines()
    assert max(map(len, lines)) <= width
    assert any(line.startswith("definite") for line in lines)


def test_no_colour_where_none_is_wanted(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    console = Console(file=io.StringIO(), force_terminal=True, width=100)
    console.print(table(finished().reports[0]))
    assert not re.search(r"\x1b\[(\d+;)*3\d", console.file.getvalue())
    assert "REFUTED" in console.file.getvalue()


def test_a_terminal_gets_progress_and_tables_in_order():
    console = Console(file=io.StringIO(), force_terminal=True, width=120, _environ={"TERM": "xterm"})
    subjects = [Subject(ntr.L1()), Subject(ntr.L2())]
    display = choose(subjects, console, quiet=False)
    assert isinstance(display, Live)
    with display.showing():
        run = runner.run(
            subjects, Settings(), jobs=2, listener=display,
            engines={"exact": fakes.proves, "property": fakes.examines},
        )  # fmt: skip
    display.closing(run)
    text = console.file.getvalue()
    assert text.index("‖x‖₁") < text.index("‖x‖₂")
    assert "2 norms, " in text


def test_a_pipe_a_dumb_terminal_and_quiet_get_plain_text():
    pipe = Console(file=io.StringIO(), force_terminal=False)
    dumb = Console(file=io.StringIO(), force_terminal=True, _environ={"TERM": "dumb"})
    full = Console(file=io.StringIO(), force_terminal=True, _environ={"TERM": "xterm"})
    assert isinstance(choose([], pipe, False), Plain)
    assert isinstance(choose([], dumb, False), Plain)
    assert isinstance(choose([], full, True), Plain)


def test_show_of_a_regularizer_names_its_conjugate_and_the_solvers(command):
    status, out, err = command("show", "Ridge(2)")
    facts = dict(re.split(r" {2,}", line, maxsplit=1) for line in out.splitlines())
    assert (status, err) == (0, "")
    assert facts["conjugate"] == "Ridge(weight=0.5)"
    assert facts["domain"] == "every point"
    assert "L2" in facts["step by euclidean"].split(", ")
    assert facts["value on R^2"] == "x1**2 + x2**2"
    assert facts["prox on R^2"] == "[x1/(2*t + 1), x2/(2*t + 1)]"


def test_show_of_a_regularizer_survives_hooks_that_raise(command, tmp_path):
    (tmp_path / "bad.py").write_text(
        "import ntr_spec as ntr\nclass Bad(ntr.Regularizer):\n  def _value(self, x, xp): raise ValueError('no value')\n"
        "  def _prox(self, x, step, xp): raise ValueError('no prox')\n"
        "  def _notation(self, x): raise ValueError('no name')\n"
    )
    status, out, err = command("show", str(tmp_path / "bad.py"))
    assert (status, err) == (0, "")
    assert "— (ValueError: no name)" in out


def test_show_of_nothing_lists_the_solvers_of_steps(command):
    status, out, err = command("show")
    assert (status, err) == (0, "")
    assert out.startswith("Solvers of the step argmin")
    assert out.splitlines()[1].startswith("lmo ")
    assert "splitting" in out
    assert command("show", "--steps")[1] == out


HOSTILE = """
from dataclasses import dataclass
import ntr_spec as ntr
from ntr_spec.algorithms import Method, State

@dataclass(frozen=True, repr=False)
class Base(Method):
    radius: float = 0.1
    def init(self, x0): return State(x0, 0 * x0)
    def update(self, s, g): return State(s.x - self.radius * g, g, None, s.step + 1)

class InitRaises(Base):
    def init(self, x0): raise ValueError("boom")
class InitTuple(Base):
    def init(self, x0): return (x0, 0)
class UpdateRaises(Base):
    def update(self, s, g): raise ValueError("boom")
class UpdateNone(Base):
    def update(self, s, g): return None
class UpdateExits(Base):
    def update(self, s, g): raise SystemExit(0)
class UpdateEndsTheProcess(Base):
    def update(self, s, g):
        import os
        os._exit(0)
class UpdateLoops(Base):
    def update(self, s, g):
        while True: pass

class NoRegularizer(ntr.Regularizer):
    def _value(self, x, xp): return xp.sum(x * x) / 2
    def _prox(self, x, step, xp): return x / (1 + step)
    @property
    def conjugate(self): return 3
"""


@pytest.fixture
def hostile(tmp_path):
    path = tmp_path / "hostile.py"
    path.write_text(HOSTILE)
    return path


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("InitRaises", "InitRaises.init raised ValueError: boom (hostile.py, line 13); mend the hook"),
        ("InitTuple", "InitTuple.init returned a tuple; return a State(x, momentum, ahead, step)"),
        ("UpdateRaises", "UpdateRaises.update raised ValueError: boom (hostile.py, line 17); mend the hook"),
        ("UpdateNone", "UpdateNone.update returned None; return a State(x, momentum, ahead, step)"),
        ("UpdateExits", "UpdateExits.update raised SystemExit: 0 (hostile.py, line 21); mend the hook"),
        ("UpdateEndsTheProcess", "UpdateEndsTheProcess: ended its process; a hook may have called os._exit"),
        ("UpdateLoops", "UpdateLoops: did not answer within 10 s; a hook may not return"),
    ],
)
def test_show_says_in_one_line_what_a_method_does_wrong(command, hostile, monkeypatch, name, said):
    monkeypatch.setattr("ntr_spec.cli.facts._PATIENCE", 10.0)
    status, out, err = command("show", f"{hostile}:{name}")
    assert (status, out, err) == (2, "", f"ntr-spec: {said}\n")


def test_show_of_a_method_with_plain_numbers_gives_its_equations(command, hostile):
    status, out, _ = command("show", f"{hostile}:Base")
    assert status == 0
    assert "x₊ = x − η·g" in out
    assert "η = 0.1 (radius)" in out


def test_show_says_that_a_conjugate_is_no_regularizer(command, hostile):
    status, out, _ = command("show", f"{hostile}:NoRegularizer")
    assert status == 0
    assert "— (NoRegularizer.conjugate returned int; return a Regularizer)" in out
    assert "_accepts" not in out


@pytest.mark.parametrize(
    "text",
    [
        "TrustRegion(L1(), radius=Linear(1, 0, 10))",
        "TrustRegion(L1(), Linear(1, 0, 10))",
        "TrustRegion(L1(), schedules.Linear(1, 0, 10))",
        "TrustRegion(L1(), ntr.schedules.Linear(1, 0, 10))",
    ],
)
def test_linear_is_the_schedule_where_a_number_is_wanted(command, text):
    status, out, _ = command("show", text)
    assert status == 0
    assert "TrustRegion(norm=L1(), radius=Linear(start=1, stop=0, steps=10))" in out


def test_linear_is_the_norm_elsewhere():
    assert isinstance(subject_from("TrustRegion(Linear(L1(), [[1, 0], [0, 2]]), 0.1)").norm, ntr.Linear)


def test_names_that_show_prints_are_understood():
    contrast = subject_from("orthogonal_sgdm")
    assert subject_from(repr(contrast)) == contrast


def test_show_a_problem_gives_its_constants_in_every_norm(command):
    status, out, _ = command("show", "logistic")
    assert status == 0
    assert re.search(r"^about +f\(x\) = mean over j of φ", out, re.M)
    assert re.search(r"^in L1\(\) +ρ = 1, σ = 0, Δ₀ = 0\.\d+, D = ", out, re.M)
    assert re.search(r"^ +L +0\.\d+: the largest diagonal entry", out, re.M)
    assert re.search(r"^ +H +0\.\d+, an upper bound: ", out, re.M)
    _, out, _ = command("show", "quadratic")
    assert "gradient on R^2" in out
    assert "3*x2/5" in out or "0.6" in out


def test_solvers_may_be_named_with_their_module():
    text = "KyFan(2, polar=polar.PolarExpress(5), leading=ntr.leading.Power())"
    expected = ntr.KyFan(2, polar=ntr.polar.PolarExpress(5), leading=ntr.leading.Power())
    assert subject_from(text) == expected
