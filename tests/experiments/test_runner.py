"""The framework: results that depend on neither interruptions nor jobs, and folders that belong to one run."""

import collections
import dataclasses
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest

from ntr_spec.errors import InputError
from ntr_spec.experiments import EXPERIMENTS, Experiment, WorkerError, experiment_named, failed, run_experiment, seed_of
from ntr_spec.experiments.folder import Folder
from tests.experiments.toy import Dying, Infinite, Toy

ROOT = pathlib.Path(__file__).parent.parent.parent
RESULTS = ("rows.csv", "summary.json", "plot.svg")


def results(folder):
    return {name: (folder / name).read_bytes() for name in RESULTS}


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    """What a run leaves that nothing disturbed: the folder of 12 rows."""
    folder = tmp_path_factory.mktemp("reference") / "run"
    run_experiment(Toy(), folder, jobs=0)
    return folder


# ---- what a run leaves ------------------------------------------------------------------------------------------


def test_rows_summary_and_plot_are_written(reference):
    outcome = run_experiment(Toy(), reference, jobs=0, resume=True)
    assert [path.name for path in outcome.files] == list(RESULTS)
    assert len(outcome.rows) == 12
    assert outcome.ok
    assert outcome.unplotted == ""
    lines = (reference / "rows.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "seed,value,nothing"
    assert len(lines) == 13
    assert lines[1].endswith(",")
    summary = json.loads((reference / "summary.json").read_text(encoding="utf-8"))
    assert (summary["experiment"], summary["size"], summary["seed"], summary["rows"]) == ("toy", "full", 0, 12)
    assert sorted(path.name for path in reference.iterdir()) == sorted(("experiment.json", "rows.jsonl", *RESULTS))


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_results_do_not_depend_on_jobs(jobs, reference, tmp_path):
    run_experiment(Toy(), tmp_path / "run", jobs=jobs)
    assert results(tmp_path / "run") == results(reference)


def test_results_depend_on_the_seed(reference, tmp_path):
    run_experiment(Toy(), tmp_path / "run", seed=1, jobs=0)
    assert results(tmp_path / "run")["rows.csv"] != results(reference)["rows.csv"]


def test_progress_counts_every_row(tmp_path):
    seen = []
    run_experiment(Toy(), tmp_path / "run", "small", jobs=0, progress=lambda *at: seen.append(at))
    assert seen == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_seeds_of_tasks_differ():
    assert len({seed_of(seed, k) for seed in range(10) for k in range(100)}) == 1000


def test_without_matplotlib_there_is_everything_but_the_plot(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    outcome = run_experiment(Toy(), tmp_path / "run", jobs=0)
    assert outcome.unplotted.startswith("plots are drawn with matplotlib, which is not installed")
    assert [path.name for path in outcome.files] == ["rows.csv", "summary.json"]


# ---- interruptions ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cut", [0, 1, 5, 12])
@pytest.mark.parametrize("torn", ["", '{"task": 7, "row": {"val'])
def test_a_run_goes_on_after_whole_rows(cut, torn, reference, tmp_path):
    folder, log = tmp_path / "run", tmp_path / "log"
    folder.mkdir()
    (folder / "experiment.json").write_bytes((reference / "experiment.json").read_bytes())
    lines = (reference / "rows.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / "rows.jsonl").write_text("".join(lines[:cut]) + torn, encoding="utf-8")
    run_experiment(Toy(log=str(log)), folder, jobs=0, resume=True)
    assert results(folder) == results(reference)
    done = [] if cut == 12 else [int(line) for line in log.read_text().split()]
    assert done == list(range(cut, 12))
    assert (folder / "rows.jsonl").read_text(encoding="utf-8").splitlines() == [line.strip() for line in lines]


def test_a_row_torn_within_a_letter_is_dropped(reference, tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "experiment.json").write_bytes((reference / "experiment.json").read_bytes())
    content = (reference / "rows.jsonl").read_bytes()
    (folder / "rows.jsonl").write_bytes(content[: content.index("é".encode()) + 1])
    run_experiment(Toy(), folder, jobs=0, resume=True)
    assert results(folder) == results(reference)


@pytest.mark.parametrize("jobs", [0, 2])
def test_a_killed_run_loses_and_repeats_no_finished_row(jobs, tmp_path):
    folder, log = tmp_path / "run", tmp_path / "log"
    line = [sys.executable, "-W", "error", "-m", "tests.experiments.toy", str(folder), str(log), str(jobs)]
    child = subprocess.Popen(line, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
    until = time.monotonic() + 60
    while time.monotonic() < until and (not log.exists() or len(log.read_text().split()) < 8):
        time.sleep(0.01)
    child.send_signal(signal.SIGKILL)
    child.wait(30)
    kept = [json.loads(row)["task"] for row in (folder / "rows.jsonl").read_bytes().split(b"\n")[:-1]]
    assert 0 < len(kept) < 40, "it was to be killed in the middle"
    time.sleep(2.5 if jobs else 0.0)  # workers end by themselves
    log.unlink()
    subprocess.run([*line, "--resume"], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True, timeout=60)
    again = [int(index) for index in log.read_text().split()]
    assert collections.Counter(kept + again) == collections.Counter(range(40))
    run_experiment(Toy(40), tmp_path / "whole", jobs=0)
    assert results(folder) == results(tmp_path / "whole")


def test_a_failing_task_is_told_and_the_others_are_kept(tmp_path):
    with pytest.raises(WorkerError, match=r"task 7 failed \(ZeroDivisionError: as it was told to\); .* with --resume"):
        run_experiment(Toy(broken=7), tmp_path / "run", jobs=1)
    kept = {json.loads(line)["task"] for line in (tmp_path / "run" / "rows.jsonl").read_bytes().splitlines()}
    assert set(range(7)) <= kept <= set(range(12)) - {7}
    with pytest.raises(ZeroDivisionError):
        run_experiment(Toy(broken=7), tmp_path / "run", jobs=0, resume=True)


def test_a_worker_that_ends_is_told(tmp_path):
    with pytest.raises(WorkerError, match="a worker process ended"):
        run_experiment(Dying(), tmp_path / "run", jobs=1)


def test_a_row_that_json_cannot_hold_is_refused(tmp_path):
    with pytest.raises(ValueError, match="not JSON compliant"):
        run_experiment(Infinite(), tmp_path / "run", jobs=0)
    assert (tmp_path / "run" / "rows.jsonl").read_bytes() == b""


# ---- refusals ---------------------------------------------------------------------------------------------------


def unchanged(folder, match, **options):
    before = {path.name: path.read_bytes() for path in folder.iterdir()} if folder.is_dir() else None
    with pytest.raises(InputError, match=match):
        run_experiment(options.pop("experiment", Toy()), folder, jobs=0, **options)
    after = {path.name: path.read_bytes() for path in folder.iterdir()} if folder.is_dir() else None
    assert before == after


def test_a_run_is_never_replaced(reference):
    unchanged(reference, "holds a run already; add --resume")


@pytest.mark.parametrize("name", ["rows.csv", "summary.json", "plot.svg"])
def test_files_of_another_s_are_never_replaced(name, tmp_path):
    (tmp_path / name).write_text("mine")
    unchanged(tmp_path, f"holds {name}, which no run here wrote")


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"seed": 1}, "has seed 0, not 1"),
        ({"size": "small"}, "has size full, not small"),
        ({"experiment": Toy(13)}, r"has tasks 12 \(.*\), not 13"),
    ],
)
def test_another_run_is_not_resumed(options, match, reference):
    unchanged(reference, match, resume=True, **options)


def test_another_experiment_or_version_is_not_resumed(reference, tmp_path):
    class Other(Toy):
        name = "other"

    unchanged(reference, "has experiment toy, not other", experiment=Other(), resume=True)
    folder = tmp_path / "run"
    folder.mkdir()
    about = json.loads((reference / "experiment.json").read_text())
    (folder / "experiment.json").write_text(json.dumps(about | {"version": "0.0.1"}))
    unchanged(folder, "has version 0.0.1, not", resume=True)


def test_what_is_no_run_is_not_resumed(tmp_path):
    unchanged(tmp_path / "none", "holds no experiment; run it without --resume first", resume=True)
    for content in ("", "[]", '{"format": "mine"}', "\x00"):
        (tmp_path / "experiment.json").write_text(content)
        unchanged(tmp_path, "was not written by ntr-spec experiment, or is damaged", resume=True)


@pytest.mark.parametrize(
    "line",
    ["garbage", '{"task": 1}', '{"task": 99, "row": {}}', '{"task": -1, "row": {}}', '{"task": 0, "row": {}}', ""],
)
def test_a_damaged_line_is_named(line, reference, tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "experiment.json").write_bytes((reference / "experiment.json").read_bytes())
    lines = (reference / "rows.jsonl").read_text(encoding="utf-8").splitlines()
    (folder / "rows.jsonl").write_text("\n".join([lines[0], line, lines[1]]) + "\n", encoding="utf-8")
    unchanged(folder, "line 2 is damaged", resume=True)


def test_two_processes_do_not_share_a_folder(reference):
    identity = json.loads((reference / "experiment.json").read_text())
    identity.pop("format")
    with Folder(reference).opened(identity, 12, resume=True):
        unchanged(reference, "another process is running it", resume=True)
    run_experiment(Toy(), reference, jobs=0, resume=True)


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"cannot be written \(.*\); name another --out"):
        run_experiment(Toy(), tmp_path / "file" / "run", jobs=0)


@pytest.mark.parametrize(
    "options",
    [{"size": "huge"}, {"seed": -1}, {"seed": True}, {"seed": 1.0}, {"jobs": -1}, {"jobs": True}, {"jobs": 1.5}],
)
def test_arguments_out_of_range_are_refused(options, tmp_path):
    with pytest.raises(InputError, match=f"{next(iter(options))}.*expected|expected size"):
        run_experiment(Toy(), tmp_path / "run", **({"jobs": 0} | options))
    assert not (tmp_path / "run").exists()


# ---- the catalogue ----------------------------------------------------------------------------------------------


def test_names_are_unique_and_misspelt_ones_are_helped():
    assert all(isinstance(each, Experiment) and dataclasses.is_dataclass(each) for each in EXPERIMENTS.values())
    with pytest.raises(InputError, match="did you mean bounds"):
        experiment_named("bound")


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_experiment_says_what_it_asks_and_lists_its_tasks(name):
    experiment = EXPERIMENTS[name]
    assert experiment.name == name
    assert experiment.question.endswith("?")
    assert "\n" not in experiment.question
    for size in ("small", "full"):
        tasks = experiment.tasks(size, 0)
        assert tasks == experiment.tasks(size, 0) == json.loads(json.dumps(tasks))
        assert len({json.dumps(task, sort_keys=True) for task in tasks}) == len(tasks), "a draw twice"


def test_failed_claims_are_told():
    assert failed({"claims": [{"claim": "a", "holds": False}, {"claim": "b", "holds": True}]}) == ["a"]
