"""minimize: stop rules, history, what a dying run leaves behind, and the same bits after it is resumed."""

import csv
import os
import pickle
import signal
import subprocess
import sys
import textwrap

import numpy as np
import pytest

import ntr_spec as ntr
from ntr_spec.algorithms import CheckpointError, NonFiniteError, load_state, minimize, schedules

METHOD = ntr.TrustRegion(ntr.L2(), radius=0.1, momentum=0.5)
X0 = np.array([3.0, -4.0])


def quadratic(x):
    return 0.5 * np.sum(x * x), 1.0 * x


def plain(x):
    return quadratic(x)[1]


def test_it_is_the_loop_around_update():
    state = METHOD.init(X0)
    for _ in range(25):
        state = METHOD.update(state, plain(state.query))
    result = minimize(plain, X0, METHOD, 25)
    np.testing.assert_array_equal(result.x, state.x)
    np.testing.assert_array_equal(result.state.momentum, state.momentum)
    assert (result.steps, result.reason) == (25, "steps")


def test_the_gradient_is_asked_for_where_the_state_wants_it():
    asked = []
    method = ntr.TrustRegion(ntr.L2(), 0.1, 0.5, extrapolation=True)
    minimize(lambda x: asked.append(x) or 1.0 * x, X0, method, 3)
    state = method.init(X0)
    for x in asked:
        np.testing.assert_array_equal(x, state.query)
        state = method.update(state, 1.0 * x)


def test_no_step_at_all():
    result = minimize(plain, X0, METHOD, 0)
    assert result.x is X0
    assert len(result.history) == 0


@pytest.mark.parametrize("library", ["numpy", "torch", "jax"])
def test_any_library_and_trees(library):
    import jax
    import torch

    make = {"numpy": np.asarray, "torch": torch.tensor, "jax": jax.numpy.asarray}[library]
    x0 = {"a": make([3.0, 1.0]), "b": [make([[2.0]])]}
    method = ntr.TrustRegion(ntr.Product({"a": ntr.LInf(), "b": [ntr.Spectral()]}), 0.05, 0.0)
    result = minimize(lambda x: {"a": 1 * x["a"], "b": [1 * x["b"][0]]}, x0, method, 70)
    assert type(result.x["a"]) is type(x0["a"])
    assert float(abs(result.x["a"]).max()) < 0.06
    assert float(abs(result.x["b"][0]).max()) < 0.06


def test_the_value_and_gradient_of_jax():
    import jax

    result = minimize(
        jax.value_and_grad(lambda x: (x**2).sum() / 2), jax.numpy.asarray([3.0, -4.0]), METHOD, 3, with_value=True
    )
    np.testing.assert_allclose(result.history.column("value")[0], 12.5)


def test_torch_does_not_record_the_run():
    import torch

    x0 = torch.nn.Parameter(torch.tensor([3.0, -4.0]))

    def through_autograd(x):
        x = x.clone().requires_grad_()
        value = (x**2).sum() / 2
        return value, torch.autograd.grad(value, x, create_graph=True)[0]

    result = minimize(through_autograd, x0, METHOD, 12, with_value=True)
    assert not any(leaf.requires_grad for leaf in (result.x, result.state.momentum))
    np.testing.assert_allclose(result.x.numpy(), minimize(plain, X0, METHOD, 12).x, rtol=1e-5)
    assert x0.tolist() == [3.0, -4.0]


# ---- history ------------------------------------------------------------------------------------------------------


def test_every_number_of_a_record():
    radius = schedules.Linear(0.2, 0.1, 10)
    method = ntr.TrustRegion(ntr.L1(), radius, 0.0, 0.1)
    result = minimize(quadratic, X0, method, 5, with_value=True, record_every=2)
    state = method.init(X0)
    rows = []
    for k in range(5):
        new = method.update(state, plain(state.x))
        if k in (0, 2, 4):
            move = np.sum(np.abs(new.x - state.x))
            rows.append([k, 0.5 * state.x @ state.x, np.max(np.abs(state.x)), 0.2 - 0.01 * k, 0.1, move])
        state = new
    table = result.history.to_array()
    np.testing.assert_allclose(table[:, :-1], rows, rtol=1e-12)
    assert (np.diff(table[:, -1]) > 0).all()


def test_what_is_not_known_is_nan():
    class Plain(ntr.Method):
        def init(self, x0):
            return ntr.State(x0, 0 * x0)

        def update(self, state, gradient):
            return ntr.State(state.x - 0.1 * gradient, gradient, None, state.step + 1)

    record = minimize(plain, X0, Plain(), 1).history[0]
    assert np.isnan([record.value, record.radius, record.decay]).all()
    np.testing.assert_allclose([record.gradient, record.length], [5.0, 0.5])


def test_a_table_with_every_digit(tmp_path):
    history = minimize(quadratic, X0, METHOD, 20, with_value=True, record_every=3).history
    history.to_csv(tmp_path / "history.csv")
    with open(tmp_path / "history.csv", newline="") as file:
        header, *rows = csv.reader(file)
    assert header == ["step", "value", "gradient", "radius", "decay", "length", "seconds"]
    np.testing.assert_array_equal(np.array(rows, dtype=float), history.to_array())
    assert [record.step for record in history] == [0, 3, 6, 9, 12, 15, 18, 19]
    with pytest.raises(ntr.InputError, match=r"History: there is no 'loss'; choose one of step, value"):
        history.column("loss")


def test_progress_is_told_what_is_recorded():
    told = []
    result = minimize(plain, X0, METHOD, 25, progress=told.append)
    assert told == list(result.history)


# ---- stop rules ---------------------------------------------------------------------------------------------------


def test_tolerance_stops_where_the_gradient_is_small():
    result = minimize(plain, X0, ntr.TrustRegion(ntr.L2(), 0.5, 0.0), 100, tolerance=0.26, record_every=1)
    assert result.reason == "tolerance"
    assert result.steps == 10
    assert np.linalg.norm(result.x) <= 0.26
    assert result.history[-1].step == 10
    assert result.history[-1].gradient <= 0.26 < result.history[-2].gradient


def test_a_callback_stops():
    seen = []
    result = minimize(plain, X0, METHOD, 100, lambda state: seen.append(state) or state.step == 7)
    assert (result.steps, result.reason) == (7, "callback")
    assert [state.step for state in seen] == list(range(1, 8))
    assert result.state is seen[-1]


def test_a_time_limit_stops():
    result = minimize(plain, X0, METHOD, 10**9, seconds=0.05)
    assert result.reason == "seconds"
    assert 0 < result.steps < 10**9


# ---- non-finite numbers -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("library", ["numpy", "torch", "jax"])
def test_a_gradient_that_is_not_finite(tmp_path, bad, library):
    import jax
    import torch

    make = {"numpy": np.asarray, "torch": torch.tensor, "jax": jax.numpy.asarray}[library]
    x0 = make([3.0, -4.0])
    path = tmp_path / "run.npz"

    def breaks(x, k):
        return 1 * x if k < 12 else make([1.0, bad])

    with pytest.raises(
        NonFiniteError, match=r"minimize: the gradient at step 12 is not finite; .*error\.state"
    ) as info:
        minimize(breaks, x0, METHOD, 100, by_step=True, checkpoint=path, every=5)
    expected = minimize(lambda x: 1 * x, x0, METHOD, 12)
    for state in (info.value.state, load_state(path, METHOD, like=x0)):
        assert state.step == 12
        np.testing.assert_array_equal(np.asarray(state.x), np.asarray(expected.x))
    assert [record.step for record in info.value.history] == [0, 10]
    again = pickle.loads(pickle.dumps(info.value))
    assert (str(again), again.state.step) == (str(info.value), 12)


@pytest.mark.filterwarnings("ignore:overflow")
def test_an_iterate_that_leaves_its_dtype():
    method = ntr.TrustRegion(ntr.LInf(), 30000.0, 0.0)
    with pytest.raises(NonFiniteError, match=r"step 2 leaves the range of its dtype") as info:
        minimize(lambda x: -np.ones_like(x), np.zeros(2, dtype=np.float16), method, 10)
    assert info.value.state.x.tolist() == [60000.0, 60000.0]


# ---- checkpoints --------------------------------------------------------------------------------------------------


def noisy(x, k):
    return quadratic(x + np.random.default_rng(k).normal(size=x.shape))


SETTINGS = {"with_value": True, "by_step": True, "record_every": 3}
LONG = ntr.TrustRegion(ntr.L2(), schedules.Cosine(0.3, 0.01, 60), 0.9, 0.01, extrapolation=True)


def without_seconds(history):
    return history.to_array()[:, :-1].tobytes()


@pytest.mark.parametrize("stop", [1, 19, 20, 21, 59])
def test_a_run_in_two_parts_is_the_run_in_one(tmp_path, stop):
    path = tmp_path / "run.npz"
    whole = minimize(noisy, X0, LONG, 60, **SETTINGS)

    def breaks(x, k):
        if k == stop:
            raise RuntimeError("power cut")
        return noisy(x, k)

    with pytest.raises(RuntimeError, match="power cut"):
        minimize(breaks, X0, LONG, 60, **SETTINGS, checkpoint=path, every=10)
    assert load_state(path, LONG, like=X0).step == stop
    rest = minimize(noisy, X0, LONG, 60, **SETTINGS, checkpoint=path, every=10, resume=True)
    assert [leaf.tobytes() for leaf in rest.state[:3]] == [leaf.tobytes() for leaf in whole.state[:3]]
    assert without_seconds(rest.history) == without_seconds(whole.history)
    assert (np.diff(rest.history.column("seconds")) > 0).all()
    done = minimize(noisy, X0, LONG, 60, **SETTINGS, checkpoint=path, resume=True)  # nothing left to do
    assert done.x.tobytes() == whole.x.tobytes()
    assert without_seconds(done.history) == without_seconds(whole.history)


RUN = """
    import os, pathlib, signal, sys
    import numpy as np
    import ntr_spec as ntr
    from ntr_spec.algorithms import minimize, schedules

    def gradient(x, k):
        g = x + np.random.default_rng(k).normal(size=x.shape).astype(np.float32)
        if k == KILL_AT:
            os.kill(os.getpid(), signal.SIGKILL)
        return float(np.sum(g * g)), g

    method = ntr.TrustRegion(ntr.Spectral(), schedules.Warmup(0.1, 10), 0.9, 0.01, extrapolation=True)
    x0 = np.random.default_rng(0).normal(size=(5, 4)).astype(np.float32)
    result = minimize(gradient, x0, method, 50, with_value=True, by_step=True, record_every=4,
                      checkpoint=sys.argv[1], every=7, resume=True)
    np.savez(sys.argv[2], *result.state[:3], history=result.history.to_array()[:, :-1])
"""


def run_script(kill_at, *arguments):
    code = textwrap.dedent(RUN).replace("KILL_AT", repr(kill_at))
    return subprocess.run([sys.executable, "-W", "error", "-c", code, *arguments], timeout=120, check=False).returncode


def test_a_killed_process_goes_on_with_the_same_bits(tmp_path):
    whole, parts, path = tmp_path / "whole.npz", tmp_path / "parts.npz", tmp_path / "run.npz"
    assert run_script(None, str(tmp_path / "other.npz"), str(whole)) == 0
    assert run_script(17, str(path), str(parts)) == -signal.SIGKILL
    assert run_script(38, str(path), str(parts)) == -signal.SIGKILL
    assert run_script(None, str(path), str(parts)) == 0
    with np.load(whole) as a, np.load(parts) as b:
        assert sorted(a.files) == sorted(b.files)
        for name in a.files:
            assert a[name].tobytes() == b[name].tobytes()
    assert not list(tmp_path.glob("*.partial"))


def test_ctrl_c_keeps_what_was_done(tmp_path):
    path = tmp_path / "run.npz"

    def interrupted(x, k):
        if k == 23:
            os.kill(os.getpid(), signal.SIGINT)
        return noisy(x, k)

    with pytest.raises(KeyboardInterrupt):
        minimize(interrupted, X0, LONG, 60, **SETTINGS, checkpoint=path, every=10)
    assert load_state(path, LONG, like=X0).step in (23, 24)
    rest = minimize(noisy, X0, LONG, 60, **SETTINGS, checkpoint=path, resume=True)
    whole = minimize(noisy, X0, LONG, 60, **SETTINGS)
    assert rest.x.tobytes() == whole.x.tobytes()
    assert without_seconds(rest.history) == without_seconds(whole.history)


def test_a_record_of_a_step_that_was_not_finished_is_dropped(tmp_path):
    path = tmp_path / "run.npz"

    def interrupts(record):
        if record.step == 21:
            raise KeyboardInterrupt  # between the update and the state's taking over

    with pytest.raises(KeyboardInterrupt):
        minimize(noisy, X0, LONG, 60, **SETTINGS, checkpoint=path, progress=interrupts)
    with np.load(path) as archive:
        assert archive["extra/history"][:, 0].tolist() == [0, 3, 6, 9, 12, 15, 18]
    rest = minimize(noisy, X0, LONG, 60, **SETTINGS, checkpoint=path, resume=True)
    assert without_seconds(rest.history) == without_seconds(minimize(noisy, X0, LONG, 60, **SETTINGS).history)


def test_a_new_run_that_breaks_at_once_spares_the_old_one(tmp_path):
    path = tmp_path / "run.npz"
    minimize(plain, X0, METHOD, 5, checkpoint=path)
    before = path.read_bytes()
    with pytest.raises(ntr.DTypeError):
        minimize(lambda x: None, X0, METHOD, 5, checkpoint=path)
    assert path.read_bytes() == before
    minimize(plain, X0, METHOD, 3, checkpoint=path)
    assert load_state(path, METHOD, like=X0).step == 3


def test_a_checkpoint_that_cannot_be_written_is_told_before_the_first_step(tmp_path):
    calls = []
    with pytest.raises(CheckpointError, match="there is no directory"):
        minimize(calls.append, X0, METHOD, 5, checkpoint=tmp_path / "missing" / "run.npz")
    assert not calls


def test_tolerance_holds_again_after_resuming(tmp_path):
    path = tmp_path / "run.npz"
    method = ntr.TrustRegion(ntr.L2(), 0.5, 0.0)
    settings = {"tolerance": 0.26, "record_every": 1, "checkpoint": path}
    first = minimize(plain, X0, method, 100, **settings)
    again = minimize(plain, X0, method, 100, **settings, resume=True)
    assert (again.steps, again.reason) == (first.steps, "tolerance")
    assert without_seconds(again.history) == without_seconds(first.history)


# ---- bad input ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"steps": -1}, "steps to be a whole number of at least 0, got -1"),
        ({"steps": 2.5}, "steps"),
        ({"steps": True}, "steps"),
        ({"record_every": 0}, "record_every"),
        ({"every": 0}, "every"),
        ({"tolerance": -1.0}, "tolerance"),
        ({"tolerance": float("nan")}, "tolerance"),
        ({"seconds": -1}, "seconds"),
        ({"resume": True}, r"nothing to resume from; pass checkpoint=PATH"),
        ({"with_value": True}, r"expected gradient_fn to give \(value, gradient\), got ndarray"),
        ({"method": ntr.L2()}, r"expected a method, got L2\(\)"),
        (
            {"method": ntr.TrustRegion(ntr.L2(), regularizer=ntr.Ridge(1.0)), "tolerance": 0.1},
            "with a regularizer a small gradient does not tell a stationary point",
        ),
    ],
    ids=str,
)
def test_bad_arguments(settings, words):
    with pytest.raises(ntr.InputError, match=f"^minimize: .*{words}"):
        minimize(plain, X0, **({"method": METHOD} | settings))


def test_a_gradient_of_another_shape_is_told_by_update():
    with pytest.raises(ntr.InputError, match=r"^minimize: the gradient has shape"):
        minimize(lambda x: x[:1], X0, METHOD)


# ---- what strangers tried ----------------------------------------------------------------------------------


def test_a_state_saved_by_hand_can_be_resumed(tmp_path):
    path, method, x0 = tmp_path / "s.npz", ntr.TrustRegion(ntr.L2()), np.ones(3)
    ntr.save_state(path, method.init(x0), method)
    result = ntr.minimize(lambda x: x, x0, method, steps=5, checkpoint=path, resume=True)
    assert result.steps == 5
    assert result.history.column("step").tolist() == [0, 4]


def test_going_on_after_the_last_step_leaves_no_trace_in_the_history(tmp_path):
    path, method, x0 = tmp_path / "s.npz", ntr.TrustRegion(ntr.L2()), np.ones(3)
    ntr.minimize(lambda x: x, x0, method, steps=15, checkpoint=path)
    again = ntr.minimize(lambda x: x, x0, method, steps=30, checkpoint=path, resume=True)
    whole = ntr.minimize(lambda x: x, x0, method, steps=30)
    assert again.history.column("step").tolist() == whole.history.column("step").tolist()


def test_a_state_is_a_start(tmp_path):
    first, second = ntr.TrustRegion(ntr.L2(), radius=0.1), ntr.TrustRegion(ntr.L2(), radius=0.01)
    state = ntr.minimize(lambda x: x, np.ones(3), first, steps=5).state
    result = ntr.minimize(lambda x: x, state, second, steps=8)
    expected = state
    for _ in range(3):
        expected = second.update(expected, expected.query)
    assert result.x.tobytes() == expected.x.tobytes()


def test_a_link_stays_a_link_and_a_relative_path_where_it_was(tmp_path, monkeypatch):
    method, store, link = ntr.TrustRegion(ntr.L2()), tmp_path / "store", tmp_path / "link.npz"
    store.mkdir()
    link.symlink_to(store / "run.npz")
    ntr.save_state(link, method.init(np.ones(2)), method)
    ntr.save_state(link, method.init(np.zeros(2)), method)
    assert link.is_symlink()
    assert not ntr.load_state(store / "run.npz", method, np.ones(2)).x.any()
    monkeypatch.chdir(tmp_path)

    def wanders(x):
        monkeypatch.chdir(store)
        return x

    ntr.minimize(wanders, np.ones(2), method, steps=4, checkpoint="here.npz", every=1)
    assert ntr.load_state(tmp_path / "here.npz", method, np.ones(2)).step == 4
    assert not (store / "here.npz").exists()


def test_numbers_of_numpy_and_of_python_are_the_same_settings(tmp_path):
    path, x0 = tmp_path / "s.npz", np.ones(3)
    saved = ntr.TrustRegion(ntr.L2(), radius=np.float64(0.1), momentum=np.array(0.5))
    assert saved == ntr.TrustRegion(ntr.L2(), radius=0.1, momentum=0.5)
    ntr.save_state(path, saved.init(x0), saved)
    ntr.load_state(path, ntr.TrustRegion(ntr.L2(), radius=0.1, momentum=0.5), x0)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"tolerance": "a"}, "expected tolerance to be a number"),
        ({"checkpoint": 3}, "expected the checkpoint to be a path"),
        ({"with_value": True}, "expected gradient_fn to give a number as the value"),
    ],
)
def test_what_is_no_number_and_no_path_is_named(arguments, words):
    def gradient(x):
        return (np.ones(2), x) if "with_value" in arguments else x

    with pytest.raises(ntr.InputError, match=words):
        ntr.minimize(gradient, np.ones(2), ntr.TrustRegion(ntr.L2()), steps=3, **arguments)


def test_only_states_are_saved(tmp_path):
    with pytest.raises(ntr.CheckpointError, match="expected a State to save, got dict"):
        ntr.save_state(tmp_path / "s.npz", {"a": 1}, ntr.TrustRegion(ntr.L2()))
