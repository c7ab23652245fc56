"""The page of experiments and the committed results: numbers come from the summaries, and the summaries from runs."""

import csv
import importlib.util
import json
import pathlib
import re

import pytest

from ntr_spec.experiments import EXPERIMENTS, failed

ROOT = pathlib.Path(__file__).parent.parent.parent
PAGES = ROOT / "docs" / "pages"
TEXT = (PAGES / "experiments.md").read_text(encoding="utf-8")
BLOCKS = dict(re.findall(r"<!-- found: (\w+) -->\n(.*?)<!-- end -->", TEXT, re.S))
# A row that takes a second at most and does not depend on rounding, as steps near a minimiser do.
CHEAP = {"orthogonal": 0, "clipping": 0, "dimension": -1, "inexact": 13}


def summary_of(name):
    return json.loads((PAGES / "results" / name / "summary.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def generator():
    spec = importlib.util.spec_from_file_location("experiments_page", ROOT / "docs" / "experiments_page.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_experiment_with_results_has_a_section_and_the_other_way_round():
    assert set(BLOCKS) == {path.parent.name for path in (PAGES / "results").glob("*/summary.json")}
    assert set(BLOCKS) <= set(EXPERIMENTS)
    for name in BLOCKS:
        assert f"](images/experiments/{name}." in TEXT


def test_the_page_has_the_numbers_of_the_summaries(generator):
    assert generator.page() == TEXT


@pytest.mark.parametrize("name", BLOCKS)
def test_every_claim_of_the_summary_is_told_and_holds(name, generator):
    summary = summary_of(name)
    assert failed(summary) == []
    for each in summary["claims"]:
        assert f"- {generator.plain(each['claim'])}\n" in BLOCKS[name]


def test_no_measured_number_is_typed_by_hand():
    prose = re.sub(r"<!-- found: (\w+) -->\n(.*?)<!-- end -->", "", TEXT, flags=re.S)
    settings = {"0.1"}  # the probability of the rare outcome, and α with noise
    assert set(re.findall(r"\d+\.\d+|\d+e-\d+", prose)) <= settings


@pytest.mark.parametrize("name", BLOCKS)
def test_results_are_of_the_full_size_with_every_task(name):
    summary = summary_of(name)
    assert summary["size"] == "full"
    assert summary["rows"] == len(EXPERIMENTS[name].tasks("full", summary["seed"]))
    assert f"ntr-spec experiment {name}`" in BLOCKS[name]


@pytest.mark.parametrize("name", BLOCKS)
def test_files_are_small(name):
    pictures = list((PAGES / "images" / "experiments").glob(f"{name}.*"))
    assert len(pictures) == 1
    assert pictures[0].stat().st_size < 200_000
    table = PAGES / "results" / name / "rows.csv"
    assert not table.exists() or table.stat().st_size < 300_000


@pytest.mark.parametrize("name", sorted(set(CHEAP) & set(BLOCKS)))
def test_a_committed_row_is_what_its_task_gives_now(name):
    summary = summary_of(name)
    with (PAGES / "results" / name / "rows.csv").open(encoding="utf-8", newline="") as file:
        told = list(csv.DictReader(file))
    assert len(told) == summary["rows"]
    row = EXPERIMENTS[name].run(EXPERIMENTS[name].tasks("full", summary["seed"])[CHEAP[name]])
    for column, cell in told[CHEAP[name]].items():
        value = row.get(column)
        if isinstance(value, float):
            # Sums may be ordered otherwise on another machine, and rounding grows over hundreds of steps.
            assert float(cell) == pytest.approx(value, rel=1e-4, abs=1e-9)
        else:
            assert cell == ("" if value is None else str(value))


def test_markdown_makes_nothing_of_stars_and_lines(generator):
    markdown = pytest.importorskip("markdown", reason="the docs extra is not installed")
    words = "F(x_K) − F* and ‖m − ∇f‖_* of x* with |x| and ‖·‖_*"
    assert markdown.markdown(generator.plain(words)) == f"<p>{words}</p>"
    left = markdown.markdown(TEXT, extensions=["tables"])
    for emphasis in re.findall(r"<em>(.*?)</em>", left, re.S):
        assert re.fullmatch(r"[A-Z].*\?|Not shown\.|\w+", emphasis, re.S), emphasis
