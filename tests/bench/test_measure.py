"""Whole tables: certificates that lie are found out, crashes are told and the rest goes on."""

import dataclasses
import itertools

import numpy as np
import pytest

from ntr_spec.bench import Settings, measure, measure_case, places
from ntr_spec.bench.contenders import Ours
from ntr_spec.bench.judge import Judge
from ntr_spec.bench.matrices import matrices
from ntr_spec.bench.measuring import contenders, environment, tasks
from ntr_spec.bench.peers import peers
from ntr_spec.bench.solvers import by_name, solvers
from ntr_spec.errors import InputError
from ntr_spec.norms.polar import SVD
from tests.bench.fakes import Crashing, Fake, Silent, norm

SMALL = Settings(shapes=((12, 8),), libraries=("numpy",), repeat=3, seconds=0.0, solvers=(norm(SVD()),))
LIBRARIES = ("numpy", "torch", "jax")


def only(solver, **changes):
    """The row of one solver of one's own."""
    settings = dataclasses.replace(SMALL, solvers=(norm(solver),), **changes)
    (case,) = measure(settings).cases
    (row,) = [row for row in case.rows if row.kind == "solver"]
    return row


def test_an_honest_certificate_holds_and_tells_what_it_says():
    row = only(Fake(stretch=0.75, delta=0.25), dtypes=("float64",))
    assert (row.status, row.delta, row.solver, row.fallback) == ("held", 0.25, "Fake()", "because")
    assert row.true == pytest.approx(0.25, abs=1e-12)
    assert row.size == pytest.approx(0.75, abs=1e-12)
    assert len(row.samples) == len(row.plain) == 3


@pytest.mark.parametrize(
    ("stretch", "delta"),
    [(0.75, 0.24), (1.001, 0.5), (0.5, float("nan")), (0.5, 1.5), (0.5, -0.1), (-1.0, 0.9), (float("nan"), 1.0)],
)
@pytest.mark.parametrize(("library", "shape"), [("numpy", (12, 8)), ("numpy", (2, 6, 9)), ("torch", (2, 9, 6))])
def test_lies_are_broken_certificates(stretch, delta, library, shape):
    pytest.importorskip(library)
    row = only(Fake(stretch, delta), libraries=(library,), shapes=(shape,))
    assert row.status == "broken"
    assert row.reason.startswith("certified δ = ")


def test_a_crash_is_told_and_the_others_are_measured():
    settings = dataclasses.replace(SMALL, solvers=(norm(Crashing()), norm(Silent()), norm(Fake(0.5, 0.51))))
    report = measure(settings)
    rows = {row.name: row for row in report.cases[0].rows}
    assert (rows["Crashing()"].status, rows["Crashing()"].reason) == ("failed", "ZeroDivisionError: in the")
    assert rows["Silent()"].status == "declined"
    assert "no certificate is declared" in rows["Silent()"].reason
    assert rows["Fake(stretch=0.5, delta=0.51)"].status == "held"
    assert not report.ok


@pytest.mark.parametrize("library", ["numpy", "torch"])
@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16"])
@pytest.mark.parametrize("shape", [(16, 16), (24, 8), (3, 8, 8)])
def test_every_certificate_of_this_package_holds(library, dtype, shape):
    pytest.importorskip(library)
    settings = Settings((shape,), (dtype,), (library,), repeat=1, seconds=0.0, spectra=("gaussian", "geometric"))
    report = measure(settings)
    assert len(report.cases) == (0 if (library, dtype) == ("numpy", "bfloat16") else 2)
    for case in report.cases:
        assert case.wrong == ()
        kinds = {row.kind for row in case.rows if row.samples}
        assert {"product", "solver"} <= kinds
        assert ("peer" in kinds) == bool(peers("spectral", library, dtype))
        for row in case.rows:
            assert (row.status == "measured") == (row.kind != "solver") or row.status == "declined", row


@pytest.mark.parametrize("library", ["numpy", "torch"])
def test_leading_pairs_are_measured_too(library):
    pytest.importorskip(library)
    report = measure(Settings(((16, 12),), libraries=(library,), norms=("nuclear",), repeat=1, seconds=0.0))
    assert report.ok
    assert [row.kind for row in report.cases[0].rows if row.status == "held"]


def test_jax_compiles_solvers_and_finds_lies():
    pytest.importorskip("jax")
    chosen = tuple(map(norm, (SVD(), Fake(0.5, 0.51), Fake(0.5, 0.49))))
    report = measure(dataclasses.replace(SMALL, libraries=("jax",), solvers=chosen))
    assert [row.status for row in report.cases[0].rows if row.kind == "solver"] == ["held", "held", "broken"]


def test_jax_gets_float64_for_the_while_only():
    jax = pytest.importorskip("jax")
    before = jax.config.jax_enable_x64
    (case,) = measure(dataclasses.replace(SMALL, libraries=("jax",), dtypes=("float64",))).cases
    assert min(row.true for row in case.rows if row.true is not None) < 1e-13
    assert jax.config.jax_enable_x64 == before


def test_tables_come_in_order_and_are_told_of_as_they_are_done():
    settings = dataclasses.replace(SMALL, shapes=((4, 3), (3, 4)), dtypes=("float32", "bfloat16", "float64"))
    seen, told = [], []
    report = measure(settings, lambda case: seen.append(case), told.append)
    assert seen == list(report.cases)
    assert [(case.dtype, case.shape) for case in seen] == list(
        itertools.product(("float32", "float64"), ((4, 3), (3, 4)))  # NumPy has no bfloat16
    )
    assert "numpy cpu float32: SVD()" in told


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("shape", [(9, 6), (6, 9), (2, 7, 5)])
@pytest.mark.parametrize("geometry", ["spectral", "nuclear"])
def test_peers_run_and_are_right_where_they_are_exact(library, shape, geometry):
    """Tried only: nothing is timed, so that what has to be compiled is compiled once."""
    pytest.importorskip(library)
    (place,) = places([library], "cpu")
    x = place.array(matrices("gaussian", shape), "float32")
    judge = Judge(geometry, place.host(x))
    for peer in peers(geometry, library, "float32"):
        prepared = peer.prepared(x, place)
        v = prepared.answer(prepared.call()).v
        truth = judge(v if isinstance(v, np.ndarray) else place.host(v))
        exact = "muon" not in peer.name.lower() and "lowrank" not in peer.name
        assert -1e-6 < truth.rescaled < (1e-4 if exact else 0.5), peer.name


def test_nothing_has_two_names_in_a_table():
    every = Settings(shapes=((4, 4),), dtypes=("float32", "float64", "bfloat16"), norms=("spectral", "nuclear"))
    for task in tasks(every):
        names = [contender.name for contender in contenders(task)]
        assert len(set(names)) == len(names)


def test_names_lead_back_to_solvers():
    for name, found in by_name().items():
        assert isinstance(found, Ours)
        assert found.name == name
    assert {each.name for each in solvers("spectral", "torch", "float32")} <= set(by_name())


def test_the_environment_is_told():
    found = environment()
    assert found["processors"] >= 1
    assert {"numpy", "python", "processor", "threads"} <= set(found)


def test_a_single_task_can_be_measured_alone():
    (task,) = tasks(SMALL)
    assert measure_case(task, SMALL, lambda _: None).shape == (12, 8)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"dtypes": ("int8",)}, "--dtype int8: expected one of float32, float64, bfloat16, float16"),
        ({"libraries": ()}, "--library: expected at least one of numpy"),
        ({"shapes": ((4,),)}, "--shape: expected matrices such as 1024x512"),
        ({"shapes": ((4, 0),)}, "--shape: expected matrices"),
        ({"repeat": 0}, "--repeat: expected a whole number of at least 1, got 0"),
        ({"seconds": float("nan")}, "--seconds: expected a number of at least 0, got nan"),
        ({"memory": -1}, "--memory: expected a whole number of at least 0"),
        ({"spectra": ("flat",)}, "--spectrum flat: expected one of gaussian, geometric, lowrank"),
        ({"norms": ("l1",)}, "--norm l1: expected one of spectral, nuclear"),
    ],
)
def test_settings_out_of_range_are_refused(changes, says):
    with pytest.raises(InputError) as caught:
        dataclasses.replace(SMALL, **changes)
    assert str(caught.value).startswith(says)
