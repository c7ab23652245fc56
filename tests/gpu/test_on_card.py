"""On a real card, with ``pytest -m gpu``: the checks of ``ntr-spec doctor --gpu``, checkpoints, a short benchmark.

Nothing here counts as tested until it has run; without a card each test is skipped, and says so.
"""

import functools

import numpy as np
import pytest

import ntr_spec as ntr
from ntr_spec.bench import Settings, measure
from ntr_spec.cli.card import cards
from ntr_spec.cli.card_checks import CHECKS, METHODS
from ntr_spec.cli.doctor_gpu import NO_CARD

pytestmark = pytest.mark.gpu


@functools.cache
def places():
    return cards()


@pytest.fixture(params=["cupy", "torch", "jax"])
def place(request):
    for found in places():
        if found.library == request.param:
            return found
    pytest.skip(NO_CARD if not places() else f"{request.param} sees no card")


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_every_case_holds(check, place):
    failed = {outcome.case: outcome.detail for outcome in check.run(place) if outcome.status == "failed"}
    assert not failed


def test_a_checkpoint_comes_back_to_its_device(place, tmp_path):
    method, target = METHODS["muon"], place.array(np.random.default_rng(0).normal(size=(6, 4)), "float32")
    state = method.init(0 * target)
    for _ in range(3):
        state = method.update(state, state.query - target)
    ntr.save_state(tmp_path / "run.npz", state, method)
    again = ntr.load_state(tmp_path / "run.npz", method, like=target)
    assert type(again.x) is type(target)
    assert str(again.x.device) == str(target.device)
    np.testing.assert_array_equal(place.host(again.x), place.host(state.x))


def test_every_certificate_of_a_benchmark_holds(place):
    dtypes = ("float32", "bfloat16") if "bfloat16" in place.dtypes else ("float32",)
    settings = Settings(libraries=(place.library,), device=place.device, dtypes=dtypes, seconds=1.0)
    report = measure(settings)
    assert report.ok, [row for case in report.cases for row in case.wrong]
