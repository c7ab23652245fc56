import subprocess
import sys

import numpy as np
import pytest

from ntr_spec.errors import InputError
from ntr_spec.verify.backends import BACKENDS, StrictBackend, TorchBackend, available_backends, backend

AVAILABLE = available_backends()
X = np.array([[1.0, -2.0, 3.0], [0.5, 0.0, 7.0]])


@pytest.mark.parametrize("one", AVAILABLE, ids=lambda b: b.name)
def test_round_trip_in_every_layout(one):
    for dtype in one.dtypes:
        for layout in one.layouts:
            for value in (X, X[0], X[:1, :1], np.float64(2.5), np.ones((3, 2))):
                made = one.asarray(value, dtype, layout)
                back = one.to_numpy(made)
                assert back.dtype == dtype
                np.testing.assert_array_equal(back, np.asarray(value, dtype=dtype))


@pytest.mark.parametrize("one", AVAILABLE, ids=lambda b: b.name)
def test_no_memory_is_shared(one):
    host = X.copy()
    made = one.asarray(host, "float32" if one.name == "jax" else "float64")
    back = one.to_numpy(made)
    host[...] = 9
    back[...] = 8
    np.testing.assert_array_equal(one.to_numpy(made), X)


def test_numpy_layouts_are_what_they_say():
    one = backend("numpy")
    assert one.asarray(X, "float64", "transposed").flags.f_contiguous
    assert one.asarray(X, "float64", "strided").strides == (48, 16)
    assert one.asarray(X, "float64", "reversed").strides == (-24, -8)
    assert one.asarray(np.ones((3, 2)), "float64", "expanded").strides[0] == 0


def test_torch_layouts_are_what_they_say():
    pytest.importorskip("torch")
    one = TorchBackend()
    assert not one.asarray(X, "float64", "transposed").is_contiguous()
    assert one.asarray(X, "float64", "strided").stride() == (6, 2)
    assert one.asarray(np.ones((3, 2)), "float64", "expanded").stride()[0] == 0


def test_subnormals_are_found_out_by_trying():
    assert not backend("numpy").flushes_subnormals("float32")
    if any(b.name == "jax" for b in AVAILABLE):
        import jax.numpy as jnp

        kept = float(jnp.asarray(np.float32(1e-45)) * jnp.asarray(np.float32(1.0))) > 0
        assert backend("jax").flushes_subnormals("float32") is not kept


def test_strict_second_device_hides_its_values():
    x = StrictBackend().elsewhere([1.0], "float64")
    with pytest.raises(RuntimeError):
        np.asarray(x)
    assert StrictBackend().to_numpy(x).tolist() == [1.0]


def test_facts_for_the_doctor():
    for one in AVAILABLE:
        assert one.version
        assert one.devices
        assert "float32" in one.dtypes
    assert {"numpy", "strict"} <= {b.name for b in AVAILABLE}
    assert [b.name for b in BACKENDS] == ["numpy", "strict", "torch", "jax", "cupy"]


def test_unknown_and_missing_backends_are_named():
    with pytest.raises(InputError, match="backend numpi: expected one of numpy, strict"):
        backend("numpi")
    missing = [b.name for b in BACKENDS if not b.installed]
    for name in missing:
        with pytest.raises(InputError, match="not usable here"):
            backend(name)


def test_listing_backends_imports_none_of_them():
    code = (
        "import sys\nfrom ntr_spec.verify.backends import available_backends\navailable_backends()\n"
        "print([m for m in ('torch', 'jax', 'array_api_strict', 'hypothesis', 'sympy') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
