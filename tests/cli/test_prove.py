"""``ntr-spec prove``: statuses and exit codes, proofs shown, theorems altered, names that are none."""

import importlib
import json
import re
import subprocess
import sys

import pytest
import sympy as sp
from typer.testing import CliRunner

from ntr_spec.cli.app import app
from ntr_spec.cli.prove_names import full_name, named
from ntr_spec.errors import InputError
from ntr_spec.theory import THEOREMS
from ntr_spec.verify.kernel import assume
from ntr_spec.verify.lemmas import LEMMAS

FAST = ["young", "direct_sum", "fenchel_moreau"]


def run(*words):
    """(exit code, what was printed)."""
    result = CliRunner().invoke(app, ["prove", *words])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


def test_proved_and_cited_are_counted_apart():
    code, printed = run(*FAST)
    assert code == 0
    rows = printed.splitlines()
    assert [row.split()[:2] for row in rows[:3]] == [
        ["young", "PROVED"],
        ["direct_sum", "PROVED"],
        ["fenchel_moreau", "CITED"],
    ]
    assert "ab ≤ aᵖ/p + b^q/q" in rows[0]
    assert rows[3] == "2 proved by certificate, 1 cited (not proved here), 0 failed"


def test_show_prints_the_proof_or_who_proved_it():
    code, printed = run("young", "fenchel_moreau", "lemma_4", "--show")
    assert code == 0
    assert "(3) ∎ ab ≤ " in printed
    assert "= b^{(r+1)/r}·(2)" in printed
    assert "rests on: nothing but the domains of the symbols" in printed
    assert "cited from Rockafellar, Convex Analysis, Theorem 15.1; not proved here" in printed
    assert "rests on: D: x₀; D: β; step: length, k; triangle inequality" in printed


def test_a_proof_that_fails_is_said_so(monkeypatch):
    module = importlib.import_module("proofs.young")
    monkeypatch.setattr(module, "proof", lambda: (assume(sp.Symbol("u", real=True), "wishful thinking"),))
    code, printed = run("young", "direct_sum", "--show")
    assert code == 1
    assert "FAILED" in printed
    assert "undeclared hypothesis, wishful thinking" in printed
    assert "1 proved by certificate, 0 cited (not proved here), 1 failed" in printed


# ---- a theorem altered -----------------------------------------------------------------------------------------------


def test_a_smaller_constant_fails_and_says_which_term_falls_short():
    code, printed = run("T2", "--change", "drift=0.9")
    assert code == 1
    assert printed.splitlines()[0].split()[:2] == ["theorem_2", "FAILED"]
    assert "drift falls short: 9/10 of 2Lη/α is Lη/(5α) less than the proof gives" in printed


def test_of_several_changes_only_the_short_ones_are_blamed():
    code, printed = run("T1", "--change", "start=0.999", "--change", "curvature=2")
    assert code == 1
    assert "start falls short: 999/1000 of Δ₀/(Kη)" in printed
    assert "curvature falls short" not in printed


def test_a_larger_constant_still_holds():
    code, printed = run("T1", "--change", "curvature=1.5", "--change", "start=3")
    assert code == 0
    assert "T1 still holds: the kernel accepts the altered proof" in printed
    assert "9·L·η/4" in printed  # the statement is the altered one


def test_without_an_assumption_the_step_that_needed_it_is_named():
    code, printed = run("T2", "--without", "A3")
    assert code == 1
    assert "(without A3)" in printed
    assert "CertificateError" not in printed
    assert "A3 was needed for [A3: n₀]  ‖n₀‖_* ≤ ρ‖n₀‖₂" in printed


def test_change_and_without_together():
    code, printed = run("T1", "--change", "start=2", "--without", "a2")
    assert code == 1
    assert "falls short" not in printed
    assert "A2 was needed for [A2: " in printed


# ---- unusable input --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["yuong"], "there is no lemma or theorem 'yuong'; did you mean young"),
        (["T9"], "there is no lemma or theorem 'T9'; did you mean theorem_"),
        (["☃"], "'☃'; ntr-spec prove without a name lists them all"),
        (["T1", "--change", "drift=2"], "T1.altered: there is no term 'drift'; its terms are start, curvature"),
        (["T1", "--change", "start"], "--change start: expected TERM=FACTOR"),
        (["T1", "--change", "start=much"], "--change start=much: expected TERM=FACTOR"),
        (["T1", "--change", "start=-1"], "--change start=-1: expected TERM=FACTOR"),
        (["T1", "--change", "start=1/0"], "--change start=1/0: expected TERM=FACTOR"),
        (["T1", "--change", "start=1e5000"], "--change start=1e5000: expected a factor of at most 40 digits"),
        (["T1", "--change", "start=1e-99999999"], "expected a factor of at most 40 digits"),
        (["T1", "--change", "start=1e99_999_999"], "expected a factor of at most 40 digits"),
        (["T1", "--change", "start=" + 5000 * "7"], "expected a factor of at most 40 digits"),
        (["T1", "--change", "start=1", "--change", "start=2"], "start was changed already"),
        (["T1", "--without", "A3"], "--without A3: T1 rests on A2; drop one of these"),
        (["T1", "T2", "--change", "start=2"], "alter one theorem; name it"),
        (["young", "--change", "start=2"], "alter one theorem; name it"),
        (["--without", "A3"], "alter one theorem; name it"),
        (["young", "--json", "/"], "is a directory"),
    ],
)
def test_unusable_input_is_one_sentence_and_nothing_is_proved(words, message, monkeypatch):
    monkeypatch.setattr("proofs.recheck.check", lambda *_, **__: pytest.fail("a proof was run"))
    with pytest.raises(InputError, match=re.escape(message)) as raised:
        run(*words)
    assert "\n" not in str(raised.value)


def test_unusable_input_exits_with_2_and_no_traceback():
    found = subprocess.run(
        [sys.executable, "-m", "ntr_spec", "prove", "yuong"], capture_output=True, text=True, check=False
    )
    assert found.returncode == 2
    assert found.stderr.startswith("ntr-spec: prove: there is no lemma or theorem 'yuong'")
    assert "Traceback" not in found.stderr
    assert found.stdout == ""


@pytest.mark.parametrize("missing", ["proofs", "proofs.recheck"])
def test_without_the_proofs_it_says_what_to_do(missing, monkeypatch):
    monkeypatch.setitem(sys.modules, missing, None)
    for name in [name for name in sys.modules if name.startswith("proofs.") and missing == "proofs"]:
        monkeypatch.delitem(sys.modules, name)
    if missing == "proofs.recheck":
        monkeypatch.delattr("proofs.recheck", raising=False)
    with pytest.raises(InputError, match="the package of proofs is not installed"):
        run("young")


# ---- names -----------------------------------------------------------------------------------------------------------


def test_every_lemma_and_theorem_answers_to_its_name():
    for lemma in LEMMAS:
        assert named(lemma.name) is lemma
        assert named(lemma.name.replace("_", " ").upper()) is lemma
    for theorem in THEOREMS:
        assert named(theorem.name).name == f"theorem_{theorem.name[1]}"
        assert named(theorem.name.lower()) is named(f"Theorem {theorem.name[1]}")
    assert named("Lemma 3'") is named("lemma_3_prime") is named("L3′")
    assert full_name("plan of T2") != full_name("T2")


# ---- JSON ------------------------------------------------------------------------------------------------------------


def test_json_has_what_was_printed(tmp_path):
    path = tmp_path / "proofs.json"
    assert run(*FAST, "--json", str(path))[0] == 0
    found = json.loads(path.read_text(encoding="utf-8"))
    assert set(found) == {"version", "ok", "counts", "altered", "results"}
    assert found["ok"] is True
    assert found["counts"] == {"PROVED": 2, "CITED": 1, "FAILED": 0}
    assert found["altered"] is None
    keys = {"name", "status", "statement", "source", "seconds", "facts", "cites", "rests_on", "failure"}
    assert [set(result) for result in found["results"]] == [keys] * 3
    young, direct, cited = found["results"]
    assert (young["name"], young["status"], young["facts"], young["rests_on"]) == ("young", "PROVED", 3, [])
    assert (young["cites"], direct["cites"]) == ([], [])
    assert direct["rests_on"] == ["a relation of the blocks"]
    assert (cited["status"], cited["facts"]) == ("CITED", 0)


def test_json_of_an_altered_theorem(tmp_path):
    path = tmp_path / "altered.json"
    assert run("T1", "--change", "start=1/2", "--json", str(path))[0] == 1
    found = json.loads(path.read_text(encoding="utf-8"))
    assert found["ok"] is False
    assert found["altered"] == {"theorem": "T1", "change": {"start": "1/2"}, "without": []}
    assert found["results"][0]["failure"].startswith("CertificateError: ")
