"""The tables of the page on speed say what the report says, also where a target was missed."""

import sys

from docs import measure_lmo
from ntr_spec.bench import Report
from tests.bench.fakes import case, row

ROWS = (
    row("one GEMM", "product", seconds=0.01),
    row("PolarExpress(steps=4)", seconds=0.10, delta=2e-3, true=1e-3, growth=4096),
    row("PolarExpress(steps=7)", seconds=0.29, delta=7e-6, true=5e-6, growth=0),
    row("SVD()", seconds=0.42, delta=2e-6, true=1e-6),
    row("numpy.linalg.svd", "peer", seconds=0.4, true=1e-7, size=1.0),
)


def report(*cases):
    about = {"processor": "a processor", "processors": 2}
    return Report({"memory": 1000}, about, cases)


def told(monkeypatch, capsys, tmp_path, *cases):
    report(*cases).to_json(tmp_path / "bench.json")
    monkeypatch.setattr(sys, "argv", ["measure_lmo.py", str(tmp_path / "bench.json")])
    measure_lmo.main()
    return capsys.readouterr().out


def test_targets_are_met_and_missed_by_what_was_measured(monkeypatch, capsys, tmp_path):
    out = told(monkeypatch, capsys, tmp_path, case(*ROWS, shape=(1024, 1024), floor=1e-5))
    assert out.startswith("a processor, 2 processors; 3 of 3 certificates held.\n")
    svd, square = "`numpy.linalg.svd`, 1024×1024, certified", "numpy cpu, float32, 1024×1024"
    for cells in (
        (f"{svd} δ ≤ 1e-02", "0.25, `PolarExpress(steps=4)`, 100 (100–100) ms", "0.6"),
        (f"{svd} δ ≤ 1e-05", "0.72, `PolarExpress(steps=7)`, 290 (290–290) ms", "0.75"),
        # 29 products of the 21 that seven steps take
        (f"{square}, `PolarExpress`", "1.38: **missed** at worst (`PolarExpress(steps=7)`)", "1.15"),
        (f"{square}, `numpy.linalg.svd`", "0.72, `PolarExpress(steps=7)`, certified 7.0e-06 ≤ 1.0e-05", "1"),
        ("memory after 1000 calls, the worst of 2", "4 KiB (`PolarExpress(steps=4)`)", "none"),
        ("`numpy.linalg.svd` (peer)", "400 (400–400) ms", "40", "–", "1.0e-07"),
    ):
        assert f"| {' | '.join(cells)} |" in out.splitlines()


def test_what_nobody_certifies_is_missed(monkeypatch, capsys, tmp_path):
    rows = [each for each in ROWS if each.name not in ("SVD()", "PolarExpress(steps=7)")]
    out = told(monkeypatch, capsys, tmp_path, case(*rows, shape=(4096, 1024)))
    assert "certified δ ≤ 1e-05 | – (least certified δ: 2.0e-03): **missed** | 0.3 |" in out
    assert "| nothing certifies δ ≤ 1.0e-06: **missed** | 1 |" in out
    # 10 products of the 4·(2 + 1/4) = 9 that four steps take of a matrix of aspect 4
    assert "1.11 at worst (`PolarExpress(steps=4)`)" in out
