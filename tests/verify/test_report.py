"""Reports as values, as text and as JSON."""

import json

import pytest

import ntr_spec as ntr
from ntr_spec.verify import Evidence, Finding, Report, Run, Settings, Status, Witness
from ntr_spec.verify.ledger import Ledger, Silent
from ntr_spec.verify.record import FORMAT, VERSION, record
from ntr_spec.verify.subjects import kind_named
from ntr_spec.verify.text import closing, failure_lines, remark, report_text, run_text, tally
from ntr_spec.verify.work import Description

WITNESS = Witness({"g": "[1, -1/2]"}, "3/2 <= 1", "exact arithmetic", {"g": [1.0, float("inf")]}, "a note")
PROVED = Finding("definite", "‖x‖ > 0", (Evidence("definite", "smt", Status.PROVED, "R^2, R^3", seconds=0.5),))
DERIVED = Finding("holder", "⟨g, x⟩ ≤ 1", (Evidence("holder", "lemma", Status.DERIVED, "every n", lemmas=("young",)),))
REFUTED = Finding("lmo_feasible", "‖v‖ ≤ 1", (Evidence("lmo_feasible", "smt", Status.REFUTED, "R^2", witness=WITNESS),))
UNDECIDED = Finding("bidual", "x = x", (Evidence("bidual", "smt", Status.UNDECIDED, reason="did not finish"),))
SKIPPED = Finding("rho_holds", "ρ", (Evidence("rho_holds", "runner", Status.SKIPPED, reason="no rho is declared"),))
ALL = (PROVED, DERIVED, REFUTED, UNDECIDED, SKIPPED)


def report(*findings, complete=True):
    return Report("Mine()", "‖x‖_Mine", "‖g‖_*", ("absolute",), findings, Settings(), {"python": "3"}, 1.25, complete)


def test_ok_means_that_nothing_failed_and_nothing_was_cut_short():
    assert report(PROVED, DERIVED, SKIPPED).ok
    assert not report(PROVED, REFUTED).ok
    assert not report(PROVED, UNDECIDED).ok
    assert not report(PROVED, complete=False).ok
    assert report(*ALL).failures == (REFUTED, UNDECIDED)


def test_a_finding_is_found_by_its_law():
    assert report(*ALL)["holder"] is DERIVED
    with pytest.raises(KeyError):
        report(*ALL)["holdr"]


def test_raise_if_failed_lists_failures_with_witnesses():
    report(PROVED).raise_if_failed()
    with pytest.raises(ntr.VerificationError) as caught:
        report(*ALL).raise_if_failed()
    text = str(caught.value)
    assert "REFUTED lmo_feasible" in text
    assert "g = [1, -1/2]" in text
    assert "3/2 <= 1, which is false (exact arithmetic)" in text
    assert "UNDECIDED bidual" in text
    assert isinstance(caught.value, ntr.NtrError)
    with pytest.raises(ntr.VerificationError, match="interrupted"):
        report(PROVED, complete=False).raise_if_failed()


def test_the_text_of_a_report():
    assert report_text(report(*ALL)).splitlines() == [
        "Mine()   ‖x‖_Mine",
        "  definite               PROVED       0.50 s  R^2, R^3 [smt]",
        "  holder                 DERIVED      0.00 s  every n by young [lemma]",
        "  lmo_feasible           REFUTED      0.00 s  see below [smt]",
        "  bidual                 UNDECIDED    0.00 s  see below [smt]",
        "  skipped: rho_holds (no rho is declared)",
        "  REFUTED lmo_feasible: ‖v‖ ≤ 1",
        "    g = [1, -1/2]",
        "    gives 3/2 <= 1, which is false (exact arithmetic)",
        "    a note",
        "  UNDECIDED bidual: x = x",
        "    did not finish",
        "",
        "1 norm, 4 laws: 1 PROVED, 1 DERIVED, 0 TESTED, 1 REFUTED, 1 UNDECIDED in 1.2 s",
    ]
    assert str(report(*ALL)) == report_text(report(*ALL))


def test_long_witnesses_are_wrapped():
    long = Witness({"x": ", ".join(["1234567"] * 60)}, "2 <= 1", "numpy float64")
    finding = Finding("definite", "‖x‖ > 0", (Evidence("definite", "property", Status.REFUTED, witness=long),))
    assert max(map(len, report_text(report(finding)).splitlines())) <= 120


def test_an_engine_that_crashed_is_mentioned_although_another_settled_the_law():
    crash = Evidence("definite", "runner", Status.UNDECIDED, "property engine", "ended with its process")
    both = Finding("definite", "‖x‖ > 0", (*PROVED.evidence, crash))
    assert both.ok
    assert "R^2, R^3 [smt] (property engine ended with its process)" in report_text(report(both))


def test_quiet_lines_hold_only_failures():
    lines = failure_lines(report(*ALL))
    assert lines[0].startswith("Mine()")
    assert not any("definite" in line for line in lines)


def run(*reports, complete=True, asked=None):
    return Run(reports, Settings(), {"python": "3"}, 61.4, complete, len(reports) if asked is None else asked)


def test_the_closing_line():
    assert closing(run(report(PROVED), report(*ALL))) == (
        "2 norms, 5 laws: 2 PROVED, 1 DERIVED, 0 TESTED, 1 REFUTED, 1 UNDECIDED in 61 s"
    )
    cut = run(report(PROVED), report(PROVED, complete=False), complete=False, asked=23)
    assert closing(cut).endswith("in 61 s; interrupted: 1 of 23 norms finished")
    assert tally((), 0.0).startswith("0 norms, 0 laws")
    assert run_text(cut).endswith(closing(cut))


KINDS = {"str": str, "bool": bool, "int": int, "float": (int, float), "list": list, "dict": dict}


def shaped(value, form):
    """Whether a JSON value has the documented form."""
    if isinstance(form, dict):
        return isinstance(value, dict) and value.keys() == form.keys() and all(shaped(value[k], form[k]) for k in form)
    if isinstance(form, list):
        return isinstance(value, list) and all(shaped(item, form[0]) for item in value)
    if isinstance(form, tuple):
        return any(shaped(value, option) for option in form)
    return value is None if form is None else isinstance(value, KINDS[form])


WITNESS_FORM = {"inputs": "dict", "points": "dict", "relation": "str", "context": "str", "note": "str"}
EVIDENCE_FORM = {
    "engine": "str", "status": "str", "scope": "str", "reason": "str", "lemmas": ["str"], "seconds": "float",
    "witness": (None, WITNESS_FORM),
}  # fmt: skip
FINDING_FORM = {
    "law": "str", "statement": "str", "status": "str", "ok": "bool", "scope": "str", "reason": "str", "engine": "str",
    "lemmas": ["str"], "expected": (None, "str"), "seconds": "float", "witness": (None, WITNESS_FORM),
    "evidence": [EVIDENCE_FORM],
}  # fmt: skip
RUN_FORM = {
    "format": "str", "version": "int", "ok": "bool", "complete": "bool", "asked": "int", "seconds": "float",
    "counts": {status.value: "int" for status in Status}, "environment": "dict",
    "settings": {"shapes": (None, ["str"]), "dims": ["int"], "max_examples": "int", "backends": ["str"],
                 "timeout": "float", "seed": "int"},
    "norms": [{"kind": "str", "name": "str", "notation": "str", "dual": "str", "claims": ["str"], "origin": "str",
               "ok": "bool", "complete": "bool", "seconds": "float", "findings": [FINDING_FORM]}],
}  # fmt: skip


def test_the_json_has_the_documented_form():
    text = report(*ALL).to_json()
    data = json.loads(text, parse_constant=pytest.fail)  # NaN and Infinity are not JSON
    assert shaped(data, RUN_FORM)
    assert (data["format"], data["version"]) == (FORMAT, VERSION)
    assert data == json.loads(json.dumps(record(run(report(*ALL), asked=1)) | {"seconds": 1.25}))
    assert data["norms"][0]["findings"][2]["witness"]["points"] == {"g": [1.0, "inf"]}
    assert data["counts"]["REFUTED"] == 1
    assert not shaped({**data, "extra": 1}, RUN_FORM)


def test_json_and_html_are_written_where_asked(tmp_path):
    assert (tmp_path / "a.json").write_text("") == 0
    text = report(*ALL).to_json(tmp_path / "a.json")
    assert (tmp_path / "a.json").read_text() == text
    page = report(*ALL).to_html(tmp_path / "a.html")
    assert (tmp_path / "a.html").read_text(encoding="utf-8") == page


def test_a_ledger_that_was_interrupted_reports_what_it_has():
    ledger = Ledger(0, kind_named("norm"), "L1()", "", {}, Settings(), {}, Silent())
    assert not ledger.begun
    ledger.describe(Description("‖x‖₁"), dict.fromkeys(kind_named("norm").laws, 2))
    ledger.enter("definite", (Evidence("definite", "smt", Status.PROVED, "R^2"),))
    found = ledger.report()
    assert ledger.begun
    assert not found.complete
    assert not found.ok
    assert found["definite"].status is Status.PROVED
    assert found["holder"].reason == "interrupted before it was settled"


def test_a_derivation_for_every_size_is_shown_beside_a_proof_in_small_spaces():
    proved = Evidence("holder", "smt", Status.PROVED, scope="R^2")
    derived = Evidence("holder", "lemma", Status.DERIVED, scope="every size", lemmas=("mixed_norm",))
    finding = Finding("holder", "…", (proved, derived))
    assert finding.status is Status.PROVED
    assert finding.scope == "R^2"  # never rounded up
    assert remark(finding) == "R^2 [smt] and DERIVED every size by mixed_norm [lemma]"


def test_laws_that_one_hook_broke_are_one_block_in_text_and_page():
    note = "Mine._value raised KeyError: 'boom' (mine.py, line 3); mend the hook"

    def broken(law):
        witness = Witness({"x": "[0.0]"}, f"statement of {law}", "numpy float64, shape (1,)", note=note)
        evidence = (Evidence(law, "property", Status.REFUTED, witness=witness),)
        return Finding(law, f"statement of {law}", evidence)

    def lost(law, reason):
        return Finding(law, "…", (Evidence(law, "runner", Status.UNDECIDED, "property engine", reason),))

    exact = Witness({"g": "[1]"}, "1 <= 0", "exact arithmetic")
    both = broken("holder")  # what the exact engine makes of a broken hook explains nothing
    both = Finding("holder", both.statement, (Evidence("holder", "smt", Status.REFUTED, witness=exact), *both.evidence))
    late = (lost("rho_holds", "did not finish within 1 s"), lost("rho_tight", "not tried: twice"))
    findings = (broken("definite"), REFUTED, broken("bidual"), both, broken("silent"), *late)
    assert failure_lines(report(*findings))[1:] == [
        f"  REFUTED definite, bidual, holder, … (4 laws): {note}",
        "    x = [0.0]",
        "    in numpy float64, shape (1,), for definite",
        "  REFUTED lmo_feasible: ‖v‖ ≤ 1",
        "    g = [1, -1/2]",
        "    gives 3/2 <= 1, which is false (exact arithmetic)",
        "    a note",
        "  UNDECIDED rho_holds, rho_tight: did not finish within 1 s; not tried: twice",
    ]
    page = report(*findings).to_html()
    assert page.count('<div class="failure">') == 3
    assert "definite, bidual, holder, silent" in page
    assert "statement of silent</code>, which is false" not in page
    assert len(json.loads(report(*findings).to_json())["norms"][0]["findings"]) == 7


def test_a_broken_hook_of_one_law_is_told_by_its_note_alone():
    witness = Witness({"x": "[0.0]"}, "no hook prints", "numpy float64", note="it raised")
    finding = Finding("silent", "no hook prints", (Evidence("silent", "property", Status.REFUTED, witness=witness),))
    assert failure_lines(report(finding))[1:] == [
        "  REFUTED silent: no hook prints",
        "    x = [0.0]",
        "    it raised (numpy float64)",
    ]
