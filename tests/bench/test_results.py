"""Fronts, standings and reports, against what is written out by hand and by brute force."""

import itertools
import json
import random

import pytest

from ntr_spec.bench import Report, report_from
from ntr_spec.errors import InputError
from tests.bench.fakes import case, row


def test_the_front_is_what_nobody_dominates():
    rng = random.Random(0)
    for _ in range(50):
        rows = [row(f"s{k}", seconds=rng.choice((1, 2, 3, 4)), delta=rng.choice((0.1, 0.2, 0.3))) for k in range(8)]
        front = case(*rows).front()
        for a, b in itertools.permutations(front, 2):
            assert not (a.samples <= b.samples and a.delta <= b.delta)
        for each in rows:
            assert any(f.samples <= each.samples and f.delta <= each.delta for f in front)


def test_certificates_that_broke_and_what_was_not_timed_are_on_no_front():
    broken = row("fast", seconds=0.1, delta=0.0, status="broken")
    crashed = row("crashed", seconds=0.1, status="failed")
    sound = row("sound", delta=0.5)
    assert case(broken, crashed, sound).front() == (sound,)


def test_peers_compare_at_their_true_delta_and_ours_at_the_certified_one():
    ours = [row("a", seconds=1.0, delta=0.2, true=0.01), row("b", seconds=2.0, delta=0.05, true=0.04)]
    peer = row("peer", "peer", seconds=4.0, true=0.1, size=1.2)
    (standing,) = case(*ours, peer).standings()
    assert (standing.ours, standing.delta, standing.level, standing.ratio) == ("b", 0.05, 0.1, 0.5)


def test_an_exact_peer_is_compared_at_what_can_be_certified_in_its_dtype():
    peer = row("svd", "peer", true=1e-9)
    assert next(case(row("ours", delta=2e-6), peer).standings()).ours == ""
    assert next(case(row("ours", delta=9e-7), peer).standings()).ours == "ours"


def test_ratios_are_paired_by_rounds():
    product = row("one GEMM", "product")
    slow = row("ours", delta=0.1)
    rounds = {"product": (1.0, 10.0, 100.0), "solver": (3.0, 20.0, 300.0)}
    found = case(*(type(each)(**(vars(each) | {"samples": rounds[each.kind]})) for each in (product, slow)))
    assert found.gemms(found.rows[1]) == 3.0


def test_overhead_is_what_the_certificate_adds():
    assert row("ours", delta=0.1, plain=(0.8, 0.8, 0.8)).overhead == pytest.approx(0.25)
    assert row("peer", "peer").overhead is None


def report(*cases):
    return Report({"seed": 0}, {"numpy": "2"}, cases)


def test_a_broken_certificate_or_a_crash_of_ours_is_not_ok_and_a_peers_crash_is():
    assert report(case(row("a", delta=0.1), row("p", "peer", status="failed"))).ok
    assert not report(case(row("a", delta=0.1, status="broken"))).ok
    assert not report(case(row("a", status="failed"))).ok
    assert report(case(row("a", status="declined"))).ok
    assert report(case(row("a", delta=0.1)), case(row("a", status="broken"))).certificates == (1, 2)


def test_reports_come_back_from_json(tmp_path):
    rows = row("a", delta=0.1, plain=(0.5,) * 3, true=0.05, size=1.0), row("p", "peer", true=float("nan"))
    made = report(case(row("one GEMM", "product"), *rows), case(shape=(3, 8, 8)))
    made.to_json(tmp_path / "bench.json")
    text = (tmp_path / "bench.json").read_text()
    assert "NaN" not in text
    found = json.loads(text)
    assert found["format"] == "ntr-spec bench"
    assert found["cases"][0]["rows"][1]["gemms"] == 1.0
    assert found["cases"][0]["rows"][1]["front"] is True
    again = report_from(tmp_path / "bench.json")
    assert again.cases[1] == made.cases[1]
    assert again.cases[0].rows[:2] == made.cases[0].rows[:2]
    assert again.cases[0].rows[2].true is None


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "ntr-spec bench", "cases": [{}]}', '{"format": "x"}'])
def test_files_of_others_are_refused(text, tmp_path):
    (tmp_path / "bench.json").write_text(text)
    with pytest.raises(InputError, match=r"bench\.json: was not written by ntr-spec bench, or is damaged"):
        report_from(tmp_path / "bench.json")
    with pytest.raises(InputError, match="cannot be read"):
        report_from(tmp_path / "nothing.json")
    with pytest.raises(InputError, match="cannot be written"):
        report().to_json(tmp_path / "no" / "where.json")
