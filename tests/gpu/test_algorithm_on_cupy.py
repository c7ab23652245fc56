"""Methods, steps with a regularizer and checkpoints on CuPy arrays, beside NumPy. Needs a CUDA device."""

import numpy as np
import pytest

import ntr_spec as ntr
from ntr_spec.verify.backends import CuPyBackend

cupy = pytest.importorskip("cupy", reason="CuPy is not installed")

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not CuPyBackend().installed, reason="CuPy with a CUDA device is not here"),
]

METHODS = {
    "muon": ntr.presets.muon(0.05),
    "muon exact": ntr.presets.muon(0.05, polar=ntr.polar.SVD()),
    "signum": ntr.presets.signum(0.01, weight_decay=0.1),
    "lion": ntr.presets.lion(0.01),
    "normalized_sgd": ntr.presets.normalized_sgd(0.1),
    "orthogonal_sgdm": ntr.presets.orthogonal_sgdm(0.05),
    "decay": ntr.TrustRegion(ntr.Frobenius(), radius=0.1, decay=0.01, extrapolation=True),
    "sparse": ntr.TrustRegion(ntr.LInf(), radius=0.05, regularizer=ntr.Penalty(ntr.L1(), 0.1)),
    "low rank": ntr.TrustRegion(ntr.Frobenius(), radius=0.1, regularizer=ntr.Ball(ntr.Nuclear(), 2.0)),
    "split": ntr.TrustRegion(ntr.Spectral(), radius=0.1, regularizer=ntr.Penalty(ntr.L1(), 0.1)),
}


def run(method, target, steps=10):
    state = method.init(0 * target)
    for _ in range(steps):
        state = method.update(state, state.query - target)
    return state


@pytest.mark.parametrize("name", METHODS)
def test_trajectories_are_those_of_numpy(name):
    host = np.random.default_rng(0).normal(size=(6, 4))
    there, here = run(METHODS[name], cupy.asarray(host)), run(METHODS[name], host)
    assert isinstance(there.x, cupy.ndarray)
    np.testing.assert_allclose(cupy.asnumpy(there.x), here.x, atol=1e-6)


def test_a_checkpoint_comes_back_to_its_device(tmp_path):
    target = cupy.asarray(np.random.default_rng(0).normal(size=(6, 4)))
    method = METHODS["muon"]
    state = run(method, target)
    ntr.save_state(tmp_path / "run.npz", state, method)
    again = ntr.load_state(tmp_path / "run.npz", method, like=target)
    assert isinstance(again.x, cupy.ndarray)
    assert bool((again.x == state.x).all())
