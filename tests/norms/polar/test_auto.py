"""``Auto``: the accuracy that was asked for is reached wherever it can be, and what was not reached is said."""

import dataclasses
import json

import jax
import numpy as np
import pytest
import torch

import ntr_spec as ntr
from ntr_spec.arrays import namespace_of
from ntr_spec.norms.polar import SVD, Auto, Polar, PolarExpress, choices
from tests.norms import spectra
from tests.norms.spectra import NAMES, held


def certified(solver, x):
    return solver.certified(x, namespace_of(x))


@pytest.mark.parametrize("tolerance", [0.3, 1e-2, 1e-3, 1e-5, 1e-9])
@pytest.mark.parametrize("shape", [(16, 16), (40, 12), (3, 8), (1, 6)])
def test_every_matrix_of_a_stack_reaches_the_tolerance(tolerance, shape):
    x = spectra.stack(shape, "float64")
    found = certified(Auto(tolerance), x)
    assert np.max(found.delta) <= tolerance
    assert not [name for k, name in enumerate(NAMES) if held(x[k], found.factor[k], found.delta[k])]


@pytest.mark.parametrize("library", [np.asarray, torch.tensor], ids=["numpy", "torch"])
def test_float32_reaches_what_float32_can(library):
    x = library(spectra.stack((16, 16), "float32").astype(np.float32))
    for tolerance in (1e-1, 1e-2, 1e-3, 2e-5):
        found = certified(Auto(tolerance), x)
        assert float(max(found.delta)) <= tolerance
        assert not [name for k, name in enumerate(NAMES) if held(x[k], found.factor[k], found.delta[k])]
    found = certified(Auto(1e-9), x)
    assert "leaves δ" in found.fallback
    assert "SVD" in found.solver


def test_only_matrices_that_need_it_are_solved_again(monkeypatch):
    # 399 singular values of zero: what rounding may have made of them is more than was asked for.
    x = np.stack([spectra.matrix(name, (400, 400)) for name in ("gaussian", "rank_one", "orthogonal")])
    asked = []
    whole = SVD.certified

    def counted(self, y, xp):
        asked.append(y.shape)
        return whole(self, y, xp)

    monkeypatch.setattr(SVD, "certified", counted)
    x = x.astype(np.float32)
    tolerance = 64 * 2.0**-23  # the least for which an iteration comes first
    found = certified(Auto(tolerance), x)
    assert asked == [(1, 400, 400)]
    assert found.fallback.startswith("SVD(), as δ was")
    assert found.delta[0] <= tolerance
    assert found.delta[2] <= tolerance
    assert not [k for k in range(3) if held(x[k], found.factor[k], found.delta[k])]


def test_it_goes_on_from_where_it_stands():
    x = np.outer(np.arange(1.0, 33.0), np.ones(32))  # rank one: 31 singular values that nobody can tell from tiny ones
    found = certified(Auto(1e-3), x)
    assert found.delta <= 1e-3
    assert "steps, as δ was" in found.fallback
    assert not held(x, found.factor, found.delta)
    # The steps that it took make one composition, whose certificate is that of the whole.
    assert int(found.fallback.split()[0]) > PolarExpress().steps


def test_falling_back_can_be_forbidden():
    x = spectra.matrix("rank_one", (16, 16)).astype(np.float32)
    with pytest.raises(
        ntr.InputError, match=r"^Auto: δ = .* more than tolerance=1e-06; allow a larger one, or fallback"
    ):
        certified(Auto(1e-6, fallback=False), x)
    assert certified(Auto(1e-2, fallback=False), x).delta <= 1e-2  # further steps are no other solver


@pytest.mark.parametrize("tolerance", [1e-1, 1e-3])
def test_where_nothing_may_be_read_there_is_one_schedule_for_every_matrix(tolerance):
    norm = ntr.Spectral(Auto(tolerance))

    def run(g):
        v, certificate = norm.lmo(g, certificate=True)
        return v, certificate.delta

    for name in NAMES:
        x = spectra.matrix(name, (12, 7)).astype(np.float32)
        v, delta = jax.jit(run)(jax.numpy.asarray(x))
        assert float(delta) <= tolerance, name
        assert not held(x, -v, delta), name
    traced = jax.eval_shape(run, jax.ShapeDtypeStruct((12, 7), "float32"))
    assert traced[0].shape == (12, 7)
    assert run(torch.empty((12, 7), device="meta"))[0].shape == (12, 7)


def test_half_precision_is_iterated_in_float32_where_it_must():
    x = torch.randn(24, 16, generator=torch.Generator().manual_seed(0)).bfloat16()
    found = certified(Auto(1e-2), x)
    assert found.factor.dtype == torch.bfloat16
    assert not held(x, found.factor, found.delta)
    assert float(found.delta) < 2e-2  # what rounding the factor itself to eight bits costs


def test_zero_nan_and_their_neighbours():
    x = np.random.default_rng(0).normal(size=(3, 5, 4))
    x[0], x[1, 2, 2] = 0, np.nan
    found = certified(Auto(1e-6), x)
    assert not np.any(found.factor[0])
    assert found.delta[0] == 0
    assert np.all(np.isnan(found.factor[1]))
    assert np.isnan(found.delta[1])
    assert found.delta[2] <= 1e-6
    assert not held(x[2], found.factor[2], found.delta[2])


@pytest.mark.parametrize("tolerance", [0, 1, -1e-3, np.nan, "1e-3", True, None])
def test_bad_tolerance(tolerance):
    with pytest.raises(
        ntr.InputError, match=r"^Auto: expected 0 < tolerance < 1, got tolerance=.*; 1e-3 suits training"
    ):
        Auto(tolerance)


# ---- the table of choices --------------------------------------------------------------------------------------------


def test_the_committed_table_is_of_solvers_that_exist():
    for place, solvers in choices._table().items():
        assert len(place) == 6
        assert [level for level, _ in solvers] == sorted((level for level, _ in solvers), reverse=True)
        for _, solver in solvers:
            assert isinstance(solver, Polar)
            assert not isinstance(solver, Auto)


def test_a_choice_is_by_library_dtype_shape_and_accuracy(monkeypatch, tmp_path):
    entry = {"library": "numpy", "device": "cpu", "dtype": "float32", "stack": False, "size": 16, "aspect": 2}
    entry["solvers"] = {
        "1e-1": {"solver": "PolarExpress", "steps": 3, "lower": 0.1},
        "1e-2": {"solver": "PolarExpress", "steps": 3, "lower": 0.1},
        "1e-4": {"solver": "SVD"},
    }
    (tmp_path / "choices.json").write_text(json.dumps({"format": "ntr-spec choices", "choices": [entry]}))
    monkeypatch.setattr(choices.resources, "files", lambda package: tmp_path)
    choices._table.cache_clear()
    try:
        x = np.ones((30, 15), dtype=np.float32)
        few = PolarExpress(steps=3, lower=0.1)
        for tolerance, expected in [(0.5, few), (1e-1, few), (1e-2, few), (9e-3, SVD()), (1e-4, SVD()), (9e-5, None)]:
            assert choices.chosen(x, tolerance, namespace_of(x)) == expected, tolerance
        for other in (x.astype(float), x[:15], x[None], torch.tensor(x)):
            assert choices.chosen(other, 1e-2, namespace_of(other)) is None
        assert certified(Auto(1e-4), x).solver == "SVD()"
    finally:
        choices._table.cache_clear()


def test_it_is_a_value():
    assert Auto() == Auto(1e-3)
    assert dataclasses.replace(Auto(), tolerance=0.1) == Auto(0.1)
    assert repr(Auto(0.1, fallback=False)) == "Auto(tolerance=0.1, fallback=False)"
