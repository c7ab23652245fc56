"""Checkpoints: every library and dtype bit by bit, and every file that is not one."""

import dataclasses
import json
import os
import pickle

import numpy as np
import pytest

import ntr_spec as ntr
from ntr_spec.algorithms import CheckpointError, load_state, save_state, schedules
from ntr_spec.arrays.bits import to_bits

METHOD = ntr.TrustRegion(ntr.L2(), radius=0.1, momentum=0.9, extrapolation=True)
PLAIN = dataclasses.replace(METHOD, extrapolation=False)
X0 = np.array([1.0, -2.0, 3.0])


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run.npz"


def same_bits(a, b):
    assert a.dtype == b.dtype
    assert tuple(a.shape) == tuple(b.shape)
    assert to_bits(a).tobytes() == to_bits(b).tobytes()


def make(library, dtype, values):
    import jax.numpy as jnp
    import torch

    if library == "torch":
        return torch.tensor(values).to(getattr(torch, dtype))
    if library == "jax":
        return jnp.asarray(values, dtype=getattr(jnp, dtype))
    return np.asarray(values, dtype=dtype)


PAIRS = [("numpy", d) for d in ("float16", "float32", "float64")]
PAIRS += [("torch", d) for d in ("float16", "bfloat16", "float32", "float64")]
PAIRS += [("jax", d) for d in ("float16", "bfloat16", "float32")]


@pytest.mark.parametrize(("library", "dtype"), PAIRS)
@pytest.mark.parametrize("values", [[1.1, -0.0, 6e-8, np.nan, np.inf], [[0.1], [0.2]], 0.3], ids=str)
def test_every_library_and_dtype_bit_by_bit(path, library, dtype, values):
    x0 = make(library, dtype, values)
    state = ntr.State(x0, x0 * 3, x0 / 3, 7)
    save_state(path, state, METHOD)
    found = load_state(path, METHOD, like=x0)
    for a, b in zip(found[:3], state[:3], strict=True):
        same_bits(a, b)
        assert type(a).__module__ == type(b).__module__
    assert found.step == 7


def test_every_bit_pattern_of_half_precision(path):
    import torch

    for dtype in (torch.float16, torch.bfloat16):
        x0 = torch.arange(-(2**15), 2**15, dtype=torch.int32).to(torch.int16).view(dtype)
        save_state(path, PLAIN.init(x0), PLAIN)
        same_bits(load_state(path, PLAIN, like=x0).x, x0)


def test_trees_with_hostile_keys(path):
    x0 = {
        "a/b": np.ones(1),
        "a": {"b": np.full(1, 2.0), "%2F": np.full(1, 3.0)},
        "file": [np.full(1, 4.0), (np.full(1, 5.0),)],
        "слой ∞": np.full(1, 6.0),
        "": np.full(1, 7.0),
        "../../etc": np.full(1, 8.0),
    }
    method = ntr.TrustRegion(
        ntr.Product({k: ntr.Product(v) if isinstance(v, dict) else v for k, v in norms(x0).items()})
    )
    state = method.update(method.init(x0), x0)
    save_state(path, state, method)
    found = load_state(path, method, like=x0)
    import optree

    for a, b in zip(optree.tree_leaves(found), optree.tree_leaves(state), strict=True):
        np.testing.assert_array_equal(a, b)
    assert optree.tree_structure(found.x) == optree.tree_structure(x0)


def norms(x0):
    import optree

    return optree.tree_map(lambda _: ntr.L2(), x0)


def test_one_and_its_name_as_keys_of_one_dictionary(path):
    x0 = [{1: np.ones(1)}, {"1": np.full(1, 2.0)}]
    method = ntr.TrustRegion(ntr.Product([ntr.Product({1: ntr.L2()}), ntr.Product({"1": ntr.L2()})]))
    save_state(path, method.init(x0), method)
    assert load_state(path, method, like=x0).x[1]["1"] == 2.0


def test_numpy_reads_it_without_pickle(path):
    x0 = {"W": np.eye(2), "b": np.ones(2)}
    method = ntr.TrustRegion(ntr.Product({"W": ntr.Spectral(), "b": ntr.L2()}))
    save_state(path, method.init(x0), method)
    with np.load(path, allow_pickle=False) as archive:
        assert sorted(archive.files) == ["metadata", "momentum/W", "momentum/b", "x/W", "x/b"]
        np.testing.assert_array_equal(archive["x/W"], np.eye(2))
        metadata = json.loads(str(archive["metadata"]))
    assert metadata["version"] == 1
    assert metadata["library"] == "numpy"
    assert metadata["method"]["radius"] == "0.02"


def test_a_state_moves_to_another_library(path):
    import torch

    save_state(path, METHOD.init(X0), METHOD)
    found = load_state(path, METHOD, like=torch.zeros(3, dtype=torch.float64))
    assert isinstance(found.x, torch.Tensor)
    assert found.x.tolist() == X0.tolist()
    again = METHOD.update(found, torch.ones(3, dtype=torch.float64))
    np.testing.assert_allclose(again.x.numpy(), METHOD.update(METHOD.init(X0), np.ones(3)).x, rtol=1e-12)


def test_a_compiled_step_count_is_saved(path):
    import jax
    import jax.numpy as jnp

    x0 = jnp.ones(2)
    state = jax.jit(PLAIN.update)(PLAIN.init(x0), x0)
    save_state(path, state, PLAIN)
    assert load_state(path, PLAIN, like=x0).step == 1


def test_a_file_is_replaced_in_one_operation(path, monkeypatch):
    save_state(path, METHOD.init(X0), METHOD)
    before = path.read_bytes()

    def dies(*_):
        raise OSError("No space left on device")

    monkeypatch.setattr(os, "fsync", dies)
    with pytest.raises(CheckpointError, match=r"cannot be written \(No space left on device\)"):
        save_state(path, METHOD.update(METHOD.init(X0), X0), METHOD)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_norm_with_many_weights_is_told_by_a_digest(path):
    weights = np.linspace(1, 2, 5000)
    method = ntr.TrustRegion(ntr.Weighted(ntr.L2(), weights))
    save_state(path, method.init(np.ones(5000)), method)
    assert path.stat().st_size < 3 * 5000 * 8
    load_state(path, method, like=np.ones(5000))
    weights[4000] += 1e-9
    with pytest.raises(CheckpointError, match="of another method, with norm"):
        load_state(path, ntr.TrustRegion(ntr.Weighted(ntr.L2(), weights)), like=np.ones(5000))


# ---- files that are no checkpoint, or of something else ----------------------------------------------------------


def foreign_npz(path):
    np.savez(path, x=np.ones(3))


def other_metadata(path):
    np.savez(path, metadata=np.array('{"format": "something"}'), x=np.ones(3))


def list_metadata(path):
    np.savez(path, metadata=np.array("[1, 2]"))


def pickled(path):
    np.savez(path, metadata=np.array({"format": "ntr_spec checkpoint"}, dtype=object), allow_pickle=True)


def plain_npy(path):
    with open(path, "wb") as file:
        np.save(file, np.ones(3))


def text(path):
    path.write_text("radius = 0.1\n")


def empty(path):
    path.write_bytes(b"")


def a_pickle(path):
    path.write_bytes(pickle.dumps({"x": 1}))


def cut_off(path):
    save_state(path, METHOD.init(X0), METHOD)
    path.write_bytes(path.read_bytes()[:-200])


def flipped(path):
    save_state(path, METHOD.init(X0), METHOD)
    data = bytearray(path.read_bytes())
    place = bytes(data).index(X0.tobytes())
    data[place + 3] ^= 1
    path.write_bytes(bytes(data))


BAD = [foreign_npz, other_metadata, list_metadata, pickled, plain_npy, text, empty, a_pickle, cut_off, flipped]


@pytest.mark.parametrize("spoil", BAD, ids=lambda f: f.__name__)
def test_files_that_are_no_checkpoint_are_named_and_left_alone(path, spoil):
    spoil(path)
    before = path.read_bytes()
    for attempt in (
        lambda: load_state(path, METHOD, like=X0),
        lambda: save_state(path, METHOD.init(X0), METHOD),
        lambda: ntr.algorithms.minimize(lambda x: x, X0, METHOD, 3, checkpoint=path),
        lambda: ntr.algorithms.minimize(lambda x: x, X0, METHOD, 3, checkpoint=path, resume=True),
    ):
        with pytest.raises(CheckpointError, match=f"checkpoint {path}: it .*; choose another file"):
            attempt()
        assert path.read_bytes() == before


def test_every_cut_is_noticed(path):
    save_state(path, METHOD.init(X0), METHOD)
    whole = path.read_bytes()
    for length in range(0, len(whole), 37):
        path.write_bytes(whole[:length])
        with pytest.raises(CheckpointError):
            load_state(path, METHOD, like=X0)


def test_every_flipped_byte_is_noticed_or_harmless(path):
    state = METHOD.update(METHOD.init(X0), X0)
    save_state(path, state, METHOD)
    whole = path.read_bytes()
    for place in range(len(whole)):
        data = bytearray(whole)
        data[place] ^= 0x01  # one of them says that the file is encrypted
        path.write_bytes(bytes(data))
        try:
            found = load_state(path, METHOD, like=X0)
        except CheckpointError:
            continue
        for a, b in zip(found[:3], state[:3], strict=True):  # a date, say, in the archive's directory
            same_bits(a, b)
        assert found.step == 1


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"radius": 0.2}, "with radius 0.1 where this one has 0.2"),
        ({"norm": ntr.LInf()}, r"with norm L2\(\) where this one has LInf\(\)"),
        ({"extrapolation": False}, "with extrapolation True where this one has False"),
        ({"regularizer": ntr.Ridge(1.0)}, "with regularizer Zero"),
        ({"convention": ntr.Convention(start="zero")}, "with convention "),
        ({"decay": schedules.Linear(0.0, 0.1, 5)}, "with decay 0.0 where this one has Linear"),
    ],
    ids=str,
)
def test_another_method_is_told_by_the_setting(path, settings, words):
    save_state(path, METHOD.init(X0), METHOD)
    before = path.read_bytes()
    other = dataclasses.replace(METHOD, **settings)
    for attempt in (
        lambda: load_state(path, other, like=X0),
        lambda: save_state(path, other.init(X0), other),
        lambda: ntr.algorithms.minimize(lambda x: x, X0, other, 3, checkpoint=path, resume=True),
    ):
        with pytest.raises(CheckpointError, match=f"of another method, {words}"):
            attempt()
        assert path.read_bytes() == before


def test_a_schedule_that_is_a_function_is_known_by_its_name(path):
    def shrinking(k):
        return 0.1 / (k + 1)

    method = dataclasses.replace(METHOD, radius=shrinking)
    save_state(path, method.init(X0), method)
    address = hex(id(shrinking))[2:]
    assert address not in path.read_bytes().replace(b"\x00", b"").decode("latin1")
    load_state(path, method, like=X0)


@pytest.mark.parametrize(
    ("like", "words"),
    [
        (np.ones(4), r"x is float64 of shape \(3,\), the parameters have float64 of shape \(4,\)"),
        (np.ones(3, dtype=np.float32), r"x is float64 of shape \(3,\), the parameters have float32"),
        ({"a": np.ones(3)}, "another structure .it lacks ahead/a, momentum/a, x/a; it has ahead"),
        ([np.ones(3), np.ones(3)], "another structure"),
    ],
    ids=repr,
)
def test_other_parameters(path, like, words):
    save_state(path, METHOD.init(X0), METHOD)
    with pytest.raises(CheckpointError, match=words):
        load_state(path, METHOD, like=like)


def test_a_newer_format(path):
    save_state(path, METHOD.init(X0), METHOD)
    with np.load(path) as archive:
        arrays = dict(archive)
    metadata = json.loads(str(arrays["metadata"])) | {"version": 2}
    np.savez(path, **(arrays | {"metadata": np.array(json.dumps(metadata))}))
    with pytest.raises(CheckpointError, match="its format is version 2, newer than the 1 known here; update ntr_spec"):
        load_state(path, METHOD, like=X0)


def test_places_where_nothing_can_be_written(tmp_path):
    (tmp_path / "file").write_text("x")
    for place, words in (
        (tmp_path, "it is a directory; name a file in it"),
        (tmp_path / "missing" / "run.npz", "there is no directory"),
        (tmp_path / "file" / "run.npz", "there is no directory"),
    ):
        with pytest.raises(CheckpointError, match=words):
            save_state(place, METHOD.init(X0), METHOD)
        with pytest.raises(CheckpointError, match=r"it is a directory|there is no such file"):
            load_state(place, METHOD, like=X0)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_directory_without_permission(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(CheckpointError, match="cannot be written"):
        save_state(tmp_path / "run.npz", METHOD.init(X0), METHOD)


def test_refused_by_the_system(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(CheckpointError, match="cannot be written; choose another"):
        save_state(tmp_path / "run.npz", METHOD.init(X0), METHOD)
