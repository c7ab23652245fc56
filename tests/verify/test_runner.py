"""The runner: budgets, crashes, interrupts, order, and that nothing a hook does reaches the caller."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import textwrap
import time
from collections import deque

import numpy as np
import pytest

import ntr_spec as ntr
from ntr_spec.laws import CERTIFIED_LAWS, EXACT_LAWS, FLOAT_LAWS
from ntr_spec.verify import Evidence, Settings, Status, runner
from ntr_spec.verify.ledger import Ledger, Listener, Silent
from ntr_spec.verify.plan import Plan, Subject
from ntr_spec.verify.runner import run
from ntr_spec.verify.subjects import kind_named
from tests.verify.fakes import BadDual, Locked, Naughty, breaks, examines, hangs, proves, says_nothing

ROOT = pathlib.Path(__file__).parent.parent.parent
QUICK = Settings(timeout=1.0)


class Recorder(Listener):
    """Writes down what it is told."""

    def __init__(self):
        self.heard = []

    def described(self, index, description):
        self.heard.append(("described", index, description.notation))

    def evidence(self, index, evidence):
        self.heard.append(("evidence", index, evidence.law))

    def found(self, index, finding):
        self.heard.append(("found", index, finding.law))

    def finished(self, index, report):
        self.heard.append(("finished", index, report.ok))


def by_law(report):
    return {finding.law: finding for finding in report.findings}


def children():
    """Worker processes of this process that are alive (Linux)."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        try:
            status = (entry / "stat").read_text().rpartition(")")[2].split()
            command = (entry / "cmdline").read_bytes()
        except (OSError, ValueError):
            continue
        if status[1] == str(os.getpid()) and b"popen_loky" in command and status[0] != "Z":
            found.append(int(entry.name))
    return found


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    monkeypatch.setattr(runner, "_GRACE", 0.5)
    monkeypatch.setattr(runner, "_IMPATIENT", 0.5)
    monkeypatch.setattr(runner, "_DESCRIBE", 1.0)
    monkeypatch.setattr(runner, "_DRAW", 0.5)


@pytest.mark.parametrize("jobs", [0, 2])
def test_gathers_the_evidence_of_every_engine(jobs):
    heard = Recorder()
    engines = {"exact": proves, "property": examines, "derive": says_nothing}
    done = run([Subject(ntr.L1()), Subject(ntr.L2())], Settings(seed=7), jobs=jobs, listener=heard, engines=engines)
    assert done.complete
    assert not done.ok
    assert [report.name for report in done.reports] == ["L1()", "L2()"]
    for index, report in enumerate(done.reports):
        found = by_law(report)
        assert list(found) == [law.name for law in EXACT_LAWS + FLOAT_LAWS + CERTIFIED_LAWS]
        assert found["holder"].status is Status.REFUTED
        assert found["subadditive"].status is Status.PROVED
        assert {evidence.engine for evidence in found["subadditive"].evidence} == {"smt", "property"}
        assert found["nan_propagates"].scope == "seed 7"  # float laws are for the property engine alone
        assert found["unitarily_invariant"].status is Status.SKIPPED
        assert "does not claim" in found["unitarily_invariant"].reason
        assert report.picture is not None
        mine = [event for event in heard.heard if event[1] == index]
        assert mine[0][0] == "described"
        assert mine[-1] == ("finished", index, False)
        assert sorted(event[2] for event in mine if event[0] == "found") == sorted(found)


def test_the_same_seed_gives_the_same_report_whatever_the_number_of_workers():
    engines = {"exact": proves, "property": examines}

    def facts(jobs):
        done = run([Subject(ntr.L1()), Subject(ntr.LInf())], Settings(), jobs=jobs, engines=engines)
        return [(finding.law, finding.status, finding.scope) for report in done.reports for finding in report.findings]

    assert facts(0) == facts(1) == facts(3)


def test_earlier_norms_come_first_whichever_is_described_first():
    subjects = [Subject(norm) for norm in (ntr.L1(), ntr.L2())]
    ledgers = [Ledger(k, kind_named("norm"), "", "", {}, Settings(), {}, Silent()) for k in range(2)]
    plan = Plan(subjects, ledgers, Settings(), {"exact": proves, "property": proves})
    first, _ = plan.take(deque())
    second, _ = plan.take(deque())
    for task in (second, first):
        task.done(task.function(*task.arguments))
    order, group = [], deque()
    while (taken := plan.take(group)) is not None:
        task, group = taken
        order.append(task.subject)
        task.done(task.function(*task.arguments))
    assert order == sorted(order)


def test_a_hook_that_never_returns_is_undecided_and_stops_nothing_else():
    start = time.monotonic()
    done = run([Subject(Naughty("hang")), Subject(ntr.L1())], QUICK, jobs=2, engines={"exact": proves})
    assert time.monotonic() - start < 20
    bad, good = (by_law(report) for report in done.reports)
    for law in ("lmo_feasible", "lmo_attains"):
        assert bad[law].status is Status.UNDECIDED
        assert bad[law].engine == "runner"
        assert bad[law].reason.startswith(("did not finish within", "not tried: the exact engine overran twice"))
    assert bad["definite"].status is Status.PROVED
    assert good["lmo_feasible"].status is Status.PROVED
    assert not done.reports[0].ok


def test_a_hook_that_ends_its_process_is_undecided_and_stops_nothing_else():
    done = run([Subject(Naughty("die")), Subject(ntr.L1())], Settings(), jobs=2, engines={"exact": proves})
    bad, good = (by_law(report) for report in done.reports)
    assert bad["lmo_feasible"].status is Status.UNDECIDED
    assert "os._exit" in bad["lmo_feasible"].reason
    assert bad["definite"].status is Status.PROVED
    assert good["lmo_feasible"].status is Status.PROVED


@pytest.mark.parametrize("jobs", [0, 1])
def test_a_hook_that_exits_is_undecided(jobs):
    done = run([Subject(Naughty("exit"))], QUICK, jobs=jobs, engines={"exact": proves})
    assert by_law(done.reports[0])["lmo_feasible"].reason.startswith("Naughty._lmo raised SystemExit: 3 (fakes.py,")


def test_a_keyboard_interrupt_in_a_worker_is_the_hooks_own():
    done = run([Subject(Naughty("interrupt"))], QUICK, jobs=1, engines={"exact": proves})
    reason = by_law(done.reports[0])["lmo_feasible"].reason
    assert reason.startswith("Naughty._lmo raised KeyboardInterrupt (fakes.py, line")
    assert done.complete


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_norm_that_never_returns_costs_two_laws_at_most(jobs):
    start = time.monotonic()
    engines = {"derive": hangs, "property": hangs}
    done = run([Subject(ntr.L1()), Subject(ntr.L2())], Settings(timeout=2.0), jobs=jobs, engines=engines)
    assert time.monotonic() - start < 20  # 2 norms, each 2 + 0.5 s and 0.5 + 0.5 s, and processes to start
    for report in done.reports:
        reasons = [e.reason for f in report.findings for e in f.evidence if e.status is Status.UNDECIDED]
        late = [reason for reason in reasons if reason.startswith("did not finish within")]
        assert 2 <= len(late) <= jobs + 1  # what was running already when the second was given up
        assert set(reasons) - set(late) == {"not tried: its hooks did not return twice"}


@pytest.mark.parametrize("jobs", [0, 1])
def test_an_engine_that_raises_is_undecided_with_its_message_on_one_line(jobs):
    done = run([Subject(ntr.L1())], QUICK, jobs=jobs, engines={"exact": breaks})
    assert by_law(done.reports[0])["definite"].reason == "stopped with RuntimeError: the engine broke"


def test_what_hooks_print_stays_out_of_the_output(capfd):
    done = run([Subject(Naughty("print"))], Settings(), jobs=1, engines={"exact": proves})
    assert done.reports[0].findings[0].status is Status.PROVED
    out, err = capfd.readouterr()
    assert out == err == ""


@pytest.mark.parametrize(("how", "reason"), [("hang", "did not finish within 1 s"), ("die", "ended with its process")])
def test_a_norm_that_cannot_be_described_is_undecided(how, reason):
    done = run([Subject(BadDual(how)), Subject(ntr.L1())], QUICK, jobs=1, engines={"exact": proves})
    bad, good = done.reports
    assert {finding.status for finding in bad.findings} == {Status.UNDECIDED}
    assert all(reason in finding.reason for finding in bad.findings)
    assert good["definite"].status is Status.PROVED


def test_a_dual_that_raises_is_left_to_the_engines():
    done = run([Subject(BadDual("raise"))], QUICK, jobs=0, engines={"exact": proves})
    assert done.reports[0]["bidual"].status is Status.PROVED  # the fake engine answers; nothing was skipped
    assert done.reports[0].dual == "?"


def test_a_norm_that_cannot_travel_is_undecided_with_the_remedy():
    done = run([Subject(Locked()), Subject(ntr.L1())], QUICK, jobs=1, engines={"exact": proves})
    assert "cannot pickle '_thread.lock'" in done.reports[0]["definite"].reason
    assert "jobs=0" in done.reports[0]["definite"].reason
    assert done.reports[1]["definite"].status is Status.PROVED


def test_expected_failures():
    engines = {"exact": says_nothing, "property": examines}
    float_laws = {law.name for law in FLOAT_LAWS}
    expected = {"holder": "known to be wrong"}
    done = run([Subject(ntr.L1(), expected)], Settings(), jobs=0, engines=engines)
    assert done.reports[0].ok
    expected = {"holder": "known to be wrong", "definite": "it is only a seminorm"}
    done = run([Subject(ntr.L1(), expected)], Settings(), jobs=0, engines=engines)
    assert [finding.law for finding in done.reports[0].failures] == ["definite"]
    assert "UNEXPECTED PASS definite" in str(done.reports[0])
    assert "it is only a seminorm" in str(done.reports[0])
    assert float_laws <= set(by_law(done.reports[0]))


def test_an_engine_with_nothing_to_say_leaves_the_law_undecided():
    done = run([Subject(ntr.L1())], Settings(), jobs=0, engines={"exact": says_nothing, "property": says_nothing})
    assert done.reports[0]["definite"].status is Status.UNDECIDED
    assert done.reports[0]["definite"].reason == "no engine had anything to say"


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_no_process_is_left_behind():
    run([Subject(Naughty("hang"))], QUICK, jobs=2, engines={"exact": proves})
    deadline = time.monotonic() + 3
    while children() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert children() == []


SCRIPT = """
import dataclasses, sys
import ntr_spec as ntr
from ntr_spec.verify import Evidence, Settings, Status
from ntr_spec.verify.plan import Plan, Subject
from ntr_spec.verify.runner import run
from ntr_spec.verify.subjects import kind_named

FACTOR = 2.0

def proves(norm, law, settings):
    import numpy
    if norm(numpy.ones(2)) != 2.0:
        raise ValueError("travelled badly")
    return (Evidence(law.name, "smt", Status.PROVED),)

@dataclasses.dataclass(frozen=True)
class Mine(ntr.Norm):
    def _value(self, x, xp):
        return FACTOR * xp.max(xp.abs(x))
    def _lmo(self, g, xp):
        return -xp.sign(g) / FACTOR

done = run([Subject(Mine())], Settings(), jobs=1, engines={"exact": proves})
print(done.reports[0]["definite"].status.value)
"""


def test_a_norm_of_a_script_travels_without_a_main_guard(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    done = subprocess.run(
        [sys.executable, "-W", "error", str(script)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=60,
    )
    assert (done.stdout, done.stderr, done.returncode) == ("PROVED\n", "", 0)


HANGING = textwrap.dedent(
    """
    import dataclasses, time
    import ntr_spec as ntr

    @dataclasses.dataclass(frozen=True)
    class Hangs(ntr.Norm):
        def _value(self, x, xp):
            return xp.max(xp.abs(x))
        def _lmo(self, g, xp):
            while True:
                time.sleep(0.01)
    """
)


def _alive(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _descendants(pid):
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        try:
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            continue
        if parent == pid:
            found += [int(entry.name), *_descendants(int(entry.name))]
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("how", ["interrupt", "kill"])
def test_an_interrupt_keeps_what_is_finished_and_no_process_survives_its_parent(tmp_path, how):
    (tmp_path / "hanging.py").write_text(HANGING)
    command = [sys.executable, "-W", "error", "-m", "ntr_spec", "verify", "--timeout", "100"]
    command += ["--json", str(tmp_path / "out.json"), "--html", str(tmp_path / "out.html"), "hanging.py"]
    process = subprocess.Popen(
        command,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        start_new_session=True,
    )
    rows = [process.stdout.readline(), process.stdout.readline()]  # a heading and a first finding
    assert rows[0].startswith("Hangs()")
    assert "definite" in rows[1]
    workers = _descendants(process.pid)
    assert workers
    if how == "kill":
        process.kill()
        process.communicate()
    else:
        os.killpg(process.pid, signal.SIGINT)  # what a terminal does
        out, err = process.communicate(timeout=20)
        assert err == ""
        assert process.returncode == 130
        assert "interrupted: 0 of 1 norm finished" in out
        saved = json.loads((tmp_path / "out.json").read_text())
        assert not saved["complete"]
        assert saved["norms"][0]["findings"][0]["law"] == "definite"
        assert saved["norms"][0]["findings"][0]["status"] in ("PROVED", "DERIVED", "TESTED")
        assert "Interrupted" in (tmp_path / "out.html").read_text()
    deadline = time.monotonic() + 5
    while any(map(_alive, workers)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not any(map(_alive, workers))


def test_expected_needs_a_known_law_and_a_reason():
    with pytest.raises(ntr.InputError, match=r"unknown law 'holdr'; did you mean holder\? the laws are definite"):
        ntr.verify(ntr.L1(), expected={"holdr": "because"})
    with pytest.raises(ntr.InputError, match=r"expected\['holder'\] needs a reason"):
        ntr.verify(ntr.L1(), expected={"holder": " "})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"shapes": 3}, "expected shapes as a non-empty list"),
        ({"shapes": []}, "expected shapes as a non-empty list"),
        ({"shapes": ["a"]}, "expected a shape"),
        ({"dims": [0]}, "dims as a whole number of at least 1"),
        ({"dims": []}, "expected dims as a non-empty list"),
        ({"max_examples": 0}, "max_examples as a whole number of at least 1"),
        ({"backends": ["nump"]}, "nump"),
        ({"backends": "numpy"}, "expected backends as a non-empty list"),
        ({"timeout": 0}, "timeout in seconds greater than 0"),
        ({"timeout": float("nan")}, "timeout in seconds greater than 0"),
        ({"jobs": -1}, "jobs as a whole number of at least 0"),
        ({"seed": 1.5}, "seed as a whole number of at least 0"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(ntr.InputError, match=message):
        ntr.verify(ntr.L1(), **arguments)


def test_shapes_outside_the_domain_are_named():
    with pytest.raises(ntr.InputError, match=r"Spectral expects a matrix .*got shape \(3,\)"):
        ntr.verify(ntr.Spectral(), shapes=[3])


@pytest.mark.parametrize(("norm", "said"), [(ntr.L1, r"write L1\(\)"), (3, "got int"), (int, "the class int")])
def test_what_is_no_norm_is_named(norm, said):
    with pytest.raises(ntr.InputError, match=said):
        ntr.verify(norm)


def test_the_package_is_callable_however_it_was_imported():
    import importlib
    import inspect

    module = importlib.import_module("ntr_spec.verify")
    assert ntr.verify is module
    assert next(iter(inspect.signature(ntr.verify).parameters)) == "subject"
    assert isinstance(Evidence("a", "b", Status.PROVED), ntr.Evidence)
    assert np.isclose(float(ntr.L1()(np.ones(2))), 2.0)
