"""The table for ``polar.Auto``: the fastest for each decade, merged with what other machines have measured."""

import json

import numpy as np
import pytest

from ntr_spec.arrays import namespace_of
from ntr_spec.bench import Report, merged
from ntr_spec.bench.choices import described, write
from ntr_spec.bench.contenders import Ours
from ntr_spec.errors import InputError
from ntr_spec.norms import polar
from ntr_spec.norms.polar import choices
from tests.bench.fakes import case, norm, row

FAST, MIDDLE, EXACT = polar.NewtonSchulz(steps=3), polar.NewtonSchulz(steps=7), polar.SVD()
SOLVERS = {repr(each): Ours(norm(each)) for each in (FAST, MIDDLE, EXACT)}
FAST_NAME, MIDDLE_NAME, EXACT_NAME = SOLVERS


def report(*cases):
    return Report({}, {}, cases)


def table(**seconds):
    """One case, with δ 0.05, 1e-3 and 1e-6 in the times given."""
    deltas = {"fast": (FAST_NAME, 0.05), "middle": (MIDDLE_NAME, 1e-3), "exact": (EXACT_NAME, 1e-6)}
    return [row(name, seconds=seconds[key], delta=delta) for key, (name, delta) in deltas.items() if key in seconds]


def chosen(*cases):
    (entry,) = merged(report(*cases), SOLVERS, None)["choices"]
    return entry["solvers"]


def test_each_decade_gets_the_fastest_that_certifies_it():
    found = chosen(case(*table(fast=1.0, middle=2.0, exact=5.0)))
    assert found == {
        "1e-1": {"solver": "NewtonSchulz", "steps": 3},
        "1e-2": {"solver": "NewtonSchulz", "steps": 7},
        "1e-3": {"solver": "NewtonSchulz", "steps": 7},
        "1e-4": {"solver": "SVD"},
        "1e-5": {"solver": "SVD"},
        "1e-6": {"solver": "SVD"},
    }


def test_a_better_delta_in_about_the_same_time_is_preferred():
    assert chosen(case(*table(fast=1.0, middle=1.02, exact=5.0)))["1e-1"] == {"solver": "NewtonSchulz", "steps": 7}
    assert chosen(case(*table(fast=1.0, middle=1.05, exact=5.0)))["1e-1"] == {"solver": "NewtonSchulz", "steps": 3}


def test_a_solver_must_hold_on_every_matrix_of_a_bucket_at_its_worst():
    easy = case(*table(fast=1.0, middle=2.0, exact=5.0))
    hard = case(row(FAST_NAME, delta=0.5), row(EXACT_NAME, seconds=5.0, delta=1e-6), spectrum="geometric")
    assert set(map(str, chosen(easy, hard).values())) == {str({"solver": "SVD"})}


def test_broken_and_fallen_back_rows_are_no_choice():
    rows = [row(FAST_NAME, delta=0.05, status="broken"), row(MIDDLE_NAME, delta=1e-3, fallback="gave way to SVD()")]
    assert chosen(case(*rows, row(EXACT_NAME, seconds=9.0, delta=1e-6)))["1e-1"] == {"solver": "SVD"}


def test_keys_that_were_measured_are_renewed_and_the_others_stay(tmp_path):
    path = tmp_path / "choices.json"
    write(merged(report(case(*table(exact=5.0)), case(*table(exact=1.0), device="cuda:0")), SOLVERS, path), path)
    write(merged(report(case(*table(fast=1.0, exact=5.0), shape=(60, 66))), SOLVERS, path), path)
    found = json.loads(path.read_text())
    assert [(entry["library"], entry["device"], entry["size"], entry["aspect"]) for entry in found["choices"]] == [
        ("numpy", "cpu", 64, 1),
        ("numpy", "cuda", 64, 1),
    ]
    assert found["choices"][0]["solvers"]["1e-1"] == {"solver": "NewtonSchulz", "steps": 3}
    assert found["choices"][1]["solvers"]["1e-1"] == {"solver": "SVD"}
    before = path.read_text()
    write(merged(report(case(*table(fast=1.0, exact=5.0))), SOLVERS, path), path)
    assert path.read_text() == before


def test_auto_reads_what_is_written_and_is_no_choice_itself(tmp_path, monkeypatch):
    auto = polar.Auto(1e-3)
    solvers = {**SOLVERS, repr(auto): Ours(norm(auto))}
    rows = table(fast=1.0, middle=2.0, exact=5.0)
    path = tmp_path / "choices.json"
    write(merged(report(case(*rows, row(repr(auto), seconds=0.5, delta=1e-3))), solvers, path), path)
    monkeypatch.setattr(choices.resources, "files", lambda _: tmp_path)
    choices._table.cache_clear()
    x = np.ones((60, 70), dtype=np.float32)
    try:
        found = [choices.chosen(x, tolerance, namespace_of(x)) for tolerance in (0.2, 0.1, 0.05, 1e-3, 1e-6, 1e-7)]
        assert found == [FAST, FAST, MIDDLE, MIDDLE, EXACT, None]
        assert choices.chosen(x.astype(np.float64), 0.1, namespace_of(x)) is None
        assert choices.chosen(x[None], 0.1, namespace_of(x)) is None
    finally:
        choices._table.cache_clear()


def test_the_committed_table_is_read():
    for found in choices._table().values():
        assert all(isinstance(solver, polar.Polar) for _, solver in found)


def test_nothing_certified_and_foreign_files_are_refused(tmp_path):
    with pytest.raises(InputError, match="--choices: no certified solver of the spectral norm was measured"):
        merged(report(case(*table(exact=1.0), norm="nuclear")), SOLVERS, None)
    path = tmp_path / "choices.json"
    for text in ("[]", "{", '{"format": "other", "choices": []}', '{"format": "ntr-spec choices", "choices": [{}]}'):
        path.write_text(text)
        with pytest.raises(InputError, match="is not a table of ntr-spec bench --choices"):
            merged(report(case(*table(exact=1.0))), SOLVERS, path)
    with pytest.raises(InputError, match="cannot be written"):
        write({"format": "x", "choices": []}, tmp_path)


def test_a_description_makes_the_solver_again():
    for solver in (FAST, EXACT, polar.SVD(cutoff=0.5)):
        found = described(solver)
        assert getattr(polar, found.pop("solver"))(**found) == solver
