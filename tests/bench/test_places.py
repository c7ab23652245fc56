"""Libraries and devices: what is there is found, and cards are waited for in each library's own way."""

import sys
import types

import numpy as np
import pytest

from ntr_spec.bench import devices, places
from ntr_spec.bench.devices import LIBRARIES
from ntr_spec.bench.places import DTYPES, CuPyPlace, JaxPlace, NumPyPlace, TorchPlace
from ntr_spec.errors import InputError


@pytest.mark.parametrize("library", ["numpy", "torch", "jax"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_arrays_go_there_and_back(library, dtype):
    pytest.importorskip(library)
    (place,) = places([library], "cpu")
    if dtype not in place.dtypes:
        assert (library, dtype) == ("numpy", "bfloat16")
        return
    host = np.array([[1.0, -2.5], [0.0, 3.0]])
    with place.admitting(dtype):
        x = place.array(host, dtype)
        assert dtype in str(x.dtype)
        back = place.host(x)
    assert back.dtype == np.float64
    assert np.array_equal(back, host)
    place.wait(x)
    assert place.kind == "cpu"
    assert place.model == ""


def test_torch_on_a_card_is_synchronised_and_its_memory_counted(monkeypatch):
    torch = pytest.importorskip("torch")
    seen = []
    monkeypatch.setattr(torch.cuda, "synchronize", seen.append)
    monkeypatch.setattr(torch.cuda, "memory_allocated", lambda device: 7)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: f"card {device}")
    place = TorchPlace("cuda:1")
    place.wait(None)
    assert (seen, place.allocated(), place.model, place.kind) == (["cuda:1"], 7, "card cuda:1", "cuda")
    TorchPlace().wait(None)
    assert (seen, TorchPlace().allocated()) == (["cuda:1"], None)


def test_jax_waits_for_what_the_call_returned(monkeypatch):
    jax = pytest.importorskip("jax")
    seen = []
    monkeypatch.setattr(jax, "block_until_ready", seen.append)
    JaxPlace().wait("result")
    assert seen == ["result"]


class FakeCuPy(types.ModuleType):
    """As much of CuPy as a place calls."""

    def __init__(self):
        super().__init__("cupy")
        self.seen = seen = []

        class Device:
            def __init__(self, number):
                self.number = number

            def __enter__(self):
                seen.append(("enter", self.number))

            def __exit__(self, *_):
                seen.append(("leave", self.number))

            def synchronize(self):
                seen.append(("wait", self.number))

        properties = lambda number: {"name": b"card %d" % number}  # noqa: E731
        runtime = types.SimpleNamespace(getDeviceCount=lambda: 2, getDeviceProperties=properties)
        self.cuda = types.SimpleNamespace(Device=Device, runtime=runtime)
        self.asarray = lambda host, dtype: np.asarray(host, dtype=dtype)
        self.get_default_memory_pool = lambda: types.SimpleNamespace(used_bytes=lambda: 5)


def test_cupy_is_waited_for_on_its_own_card(monkeypatch):
    fake = FakeCuPy()
    monkeypatch.setitem(sys.modules, "cupy", fake)
    place = CuPyPlace("cuda:1")
    with place.admitting("float32"):
        place.wait(None)
    assert place.array(np.ones(2), "float32").dtype == np.float32
    assert fake.seen == [("enter", 1), ("wait", 1), ("leave", 1), ("enter", 1), ("leave", 1)]
    assert (place.allocated(), place.model, place.kind) == (5, "card 1", "cuda")
    assert "bfloat16" not in place.dtypes


@pytest.mark.parametrize(
    ("cards", "device", "found"),
    [
        (0, None, ["numpy cpu", "torch cpu", "jax cpu"]),
        (2, None, ["numpy cpu", "torch cuda:0", "jax cuda:0", "cupy cuda:0"]),
        (2, "cpu", ["numpy cpu", "torch cpu", "jax cpu"]),
        (2, "cuda", ["torch cuda:0", "jax cuda:0", "cupy cuda:0"]),
        (2, "cuda:1", ["torch cuda:1", "jax cuda:1", "cupy cuda:1"]),
    ],
)
def test_each_library_takes_its_card_if_it_has_one(cards, device, found, monkeypatch):
    def known(name):
        if name == "cupy" and not cards:
            raise InputError("not here")
        return types.SimpleNamespace(devices=())

    monkeypatch.setattr(devices, "backend", known)
    for name in ("torch", "jax", "cupy"):
        monkeypatch.setattr(devices, f"_{name}_cards", lambda: cards)
    assert [str(place) for place in places(None, device)] == found


def test_what_is_not_there_is_refused():
    with pytest.raises(InputError, match="--library theano: expected one of numpy, torch, jax, cupy"):
        places(["theano"])
    with pytest.raises(InputError, match="--device cuda: numpy has cpu; name one of them"):
        places(["numpy"], "cuda")
    with pytest.raises(InputError, match="--device tpu:"):
        places(["numpy"], "tpu")
    with pytest.raises(InputError, match="--device cuda:99: no installed library can use it"):
        places(None, "cuda:99")


def test_libraries_are_named_once():
    assert LIBRARIES == ("numpy", "torch", "jax", "cupy")
    assert NumPyPlace() == NumPyPlace("cpu")
