"""Real ``cupy.ndarray`` objects over host memory: which namespace they get, what is refused before it is computed.

Such an array has a shape, a dtype, strides and a device, but nothing can be computed with it without a GPU: what raises
here, and where, shows how far a call came.
"""

import numpy as np
import pytest

import ntr_spec as ntr
from ntr_spec.algorithms.method import State
from ntr_spec.arrays import admit, device_of, free_to_read, namespace_of, product_eps
from ntr_spec.arrays.bits import dtype_name
from ntr_spec.errors import NtrError
from ntr_spec.trees import Shape, shapes
from ntr_spec.verify.backends import CuPyBackend

cupy = pytest.importorskip("cupy", reason="CuPy is not installed: no arrays of its own to look at")

FAILURE = cupy.cuda.runtime.CUDARuntimeError


def header(shape, dtype="float32"):
    """An array of CuPy's own class whose memory lies on the host."""
    memory = np.zeros(shape, dtype)
    held = cupy.cuda.UnownedMemory(memory.ctypes.data, max(memory.nbytes, 1), memory, device_id=0)
    return cupy.ndarray(memory.shape, memory.dtype, cupy.cuda.MemoryPointer(held, 0))


def test_the_namespace_is_cupys_and_mended():
    x = header((2, 3))
    xp = namespace_of(x)
    assert (xp.name, xp.exact, repr(xp)) == ("cupy", False, "Namespace(cupy)")
    assert xp.float32 == np.float32
    assert xp.sign.func.name == "ntr_sign"
    assert type(xp.linalg).__name__ == "Decompositions"
    assert not free_to_read(x, xp)
    assert xp.ElementwiseKernel is cupy.ElementwiseKernel
    with pytest.raises(AttributeError):
        xp.addmm  # noqa: B018


def test_facts_are_read_from_headers():
    x = header((2, 3), "float64")
    xp = namespace_of(x)
    assert str(device_of(x)) == "<CUDA Device 0>"
    assert dtype_name(x) == "float64"
    assert shapes({"a": x})["a"] == Shape((2, 3))
    assert product_eps(x, xp) == xp.limits(x.dtype).eps == 2.0**-52
    assert xp.limits(np.dtype("float16")).smallest == 2.0**-24
    assert xp.limits(np.dtype("int32")) is None


def test_tf32_products_are_known(monkeypatch):
    x = header((2, 3))
    monkeypatch.setenv("CUPY_TF32", "1")
    assert product_eps(x, namespace_of(x)) == 2.0**-10
    monkeypatch.delenv("CUPY_TF32")
    assert product_eps(x, namespace_of(x)) == 2.0**-23


@pytest.mark.parametrize(
    ("dtype", "shape", "norm", "message"),
    [
        ("int64", (2,), ntr.L2(), r"expected a floating array, got int64; cast with x.astype\(float\)"),
        ("complex64", (2,), ntr.L2(), "expected a floating array, got complex64; take x.real"),
        ("float32", (0,), ntr.L2(), "expected at least one entry"),
        ("float32", (2,), ntr.Spectral(), "expected a matrix"),
        ("float32", (2, 2), ntr.Stacked(ntr.Spectral()), "got shape"),
    ],
)
def test_what_is_wrong_is_refused_before_it_is_touched(dtype, shape, norm, message):
    for verb in (norm, norm.lmo):
        with pytest.raises(
            ntr.InputError if "got shape" in message or "entry" in message else Exception, match=message
        ):
            verb(header(shape, dtype))


def test_libraries_and_radii_are_not_mixed():
    with pytest.raises(ntr.InputError, match="blocks come from cupy and numpy"):
        admit("Product.lmo", {"a": header((2,)), "b": np.ones(2)})
    with pytest.raises(ntr.InputError, match="an array of numpy for one of cupy"):
        ntr.L2().lmo(header((2,)), np.array(0.5))
    with pytest.raises(ntr.InputError, match="expected a radius of at least 0, got -1"):
        ntr.L2().lmo(header((2,)), -1.0)


@pytest.mark.skipif(
    CuPyBackend().installed, reason="there is a device here: arrays over host memory are for where none is"
)
@pytest.mark.parametrize("norm", [ntr.L2(), ntr.LInf(), ntr.Spectral(polar=ntr.polar.PolarExpress())], ids=repr)
def test_what_is_right_comes_as_far_as_the_device(norm):
    for call in (norm, norm.lmo):
        with pytest.raises(FAILURE, match="cudaError"):
            call(header((2, 2)))


def test_methods_check_states_first():
    method = ntr.presets.signum(0.1)
    x = header((3,))
    state = State(x, header((3,)), None, 0)
    with pytest.raises(ntr.InputError, match="shape"):
        method.update(state, header((4,)))
    with pytest.raises(NtrError):
        method.update(state, np.ones(3, "float32"))
    with pytest.raises(NtrError, match="float64"):
        method.update(state, header((3,), "float64"))


def test_the_backend_says_that_it_is_not_usable():
    if not CuPyBackend().installed:
        assert CuPyBackend().version == ""
