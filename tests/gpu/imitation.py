"""Arrays that behave like CuPy's where no GPU is: NumPy computes, but only what CuPy allows, and with CuPy's faults.

* The namespace has the names of ``cupy_names.json`` and no others, and so have arrays.
* Reading a value on the host raises, and so does mixing in a NumPy array, or calling a NumPy function (but for
  ``numpy.asarray``, which asks nobody; array-api-strict's second device refuses it).
* float32 loses its subnormals before and after each operation, as CuPy compiles every kernel with ``-ftz=true``.
* ``sign(nan)`` is 0; ``linalg`` refuses float16, ``solve`` does not broadcast, and nothing there ever raises for
  values: what has no decomposition gives garbage.
* ``ElementwiseKernel`` runs the CUDA source as C++.

It stands for CuPy's manners, not for its numbers: no claim about a GPU rests on it alone.
"""

from __future__ import annotations

import contextlib

import array_api_compat.numpy
import numpy as np

from ntr_spec.arrays.fused import Kernel
from ntr_spec.arrays.namespace import Namespace
from ntr_spec.verify.backends import Backend
from tests.gpu import cuda
from tests.gpu.names import CUPY

DEVICE = "imitated"
_HOST = np.ndarray
_ATTRIBUTES = {*CUPY["array"]}


class HostReadError(Exception):
    """A value was wanted on the host."""


def _flushed(a):
    """A copy without subnormals, in float32; anything else as it is."""
    if isinstance(a, np.ndarray) and a.dtype == np.float32:
        with np.errstate(all="ignore"):
            return np.where(np.abs(a) < np.finfo(np.float32).tiny, np.copysign(np.float32(0), a), a)
    return a


def wrap(value):
    """NumPy's results as device arrays; scalars are 0-d arrays."""
    if isinstance(value, tuple):
        return type(value)(*map(wrap, value)) if hasattr(value, "_fields") else tuple(map(wrap, value))
    if isinstance(value, np.ndarray | np.generic):
        return np.asarray(_flushed(np.asarray(value))).view(DeviceArray)
    return value


def host(value):
    """What a device array holds; NumPy's arrays are refused."""
    if isinstance(value, DeviceArray):
        return _flushed(value.view(_HOST))
    if isinstance(value, np.ndarray):
        raise TypeError("Unsupported type <class 'numpy.ndarray'>")
    if isinstance(value, list | tuple):
        return type(value)(map(host, value))
    return value


def fetch(value):
    """A NumPy copy, for tests."""
    return value.view(_HOST).copy()


# Whether values may be read, as real CuPy lets one at the price of waiting: laws judge what they have computed.
_READABLE = []


@contextlib.contextmanager
def readable():
    """While this lasts, reading a value on the host is what it is with CuPy: slow, but allowed."""
    _READABLE.append(True)
    try:
        yield
    finally:
        _READABLE.pop()


def _refused(name):
    def refuse(self, *args, **kwargs):
        if _READABLE and name not in ("__array__", "__index__"):
            return getattr(self.view(_HOST), name)(*args, **kwargs)
        raise HostReadError(f"{name} of an array on a device")

    return refuse


class DeviceArray(np.ndarray):
    """An array on the imitated device."""

    def __getattribute__(self, name):
        if not name.startswith("_") and name not in _ATTRIBUTES and name != "view":
            raise AttributeError(f"'ndarray' object has no attribute {name!r}")
        if name in ("item", "tolist", "get") and not _READABLE:
            raise HostReadError(f"{name} of an array on a device")
        if name == "device":
            return DEVICE
        return super().__getattribute__(name)

    def __array_function__(self, function, types, args, kwargs):
        raise TypeError(f"numpy.{function.__name__} of an array on a device")

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **kwargs):
        if method != "__call__":
            raise TypeError(f"numpy.{ufunc.__name__}.{method} of an array on a device")
        with np.errstate(all="ignore"):
            found = ufunc(*map(host, inputs), **kwargs)
        if out is None:
            return wrap(found)
        out[0].view(_HOST)[...] = _flushed(found)
        return out[0]

    def __getitem__(self, key):
        for part in key if isinstance(key, tuple) else (key,):
            if isinstance(part, np.ndarray) and part.dtype.kind == "b":
                raise HostReadError("a mask as an index, whose result has a shape that depends on values")
        return np.asarray(self.view(_HOST)[host(key)]).view(DeviceArray)

    def __setitem__(self, key, value):
        self.view(_HOST)[host(key)] = host(value)


for _name in ("bool", "float", "int", "index", "complex", "array", "iter", "contains"):
    setattr(DeviceArray, f"__{_name}__", _refused(f"__{_name}__"))


class Linalg:
    """``cupy.linalg``: never a word about what went wrong.

    Args:
        broken: functions that give garbage even for a finite matrix, as cuSOLVER does where it does not converge.
    """

    def __init__(self, broken=()):
        self.broken = broken

    def __getattr__(self, name):
        if name not in CUPY["linalg"]:
            raise AttributeError(f"module 'cupy.linalg' has no attribute {name!r}")
        function = getattr(array_api_compat.numpy.linalg, name)

        def called(*args, **kwargs):
            args = [host(a) for a in args]
            arrays = [a for a in args if isinstance(a, np.ndarray)]
            if name in ("svd", "svdvals", "eigh", "eigvalsh", "qr", "cholesky"):
                if any(a.dtype == np.float16 for a in arrays):
                    raise TypeError("float16 is unsupported in linalg")
                if not all(np.isfinite(a).all() for a in arrays):
                    args = [np.nan_to_num(a, nan=1.0, posinf=2.0, neginf=3.0) for a in args]
            if name == "cholesky":
                return wrap(_potrf(args[0]))
            if name == "solve" and args[1].ndim > 1 and args[0].shape[:-1] != args[1].shape[:-1]:
                raise ValueError("a must have (..., M, M) shape and b must have (..., M, K)")
            found = function(*args, **kwargs)
            if name in self.broken:
                found = type(found)(*(0.9 * part for part in found)) if isinstance(found, tuple) else 0.9 * found
            return wrap(found)

        return called


def _potrf(x):
    """LAPACK's unfinished factor where a matrix is not positive definite."""
    from scipy.linalg import lapack

    flat = x.reshape(-1, *x.shape[-2:])
    potrf = lapack.spotrf if x.dtype == np.float32 else lapack.dpotrf
    return np.stack([np.tril(potrf(a, lower=1)[0]) for a in flat]).reshape(x.shape)


class Imitation:
    """``array_api_compat.cupy``."""

    __name__ = "array_api_compat.cupy"

    def __init__(self, broken=()):
        self.linalg = Linalg(broken)
        self.kernels = []

    def ElementwiseKernel(self, parameters, out, operation, name, options):  # noqa: N802
        """A kernel that runs on the host."""
        arguments = tuple(p.split()[1] for p in parameters.split(", "))
        assert (out, {p.split()[0] for p in parameters.split(", ")}) == ("T out", {"T"})
        self.kernels.append(name)

        def run(*values):
            assert {type(value) for value in values} <= {DeviceArray, float}
            return wrap(cuda.on_host(Kernel(name, arguments, operation), *map(host, values)))

        return run

    def asarray(self, value, dtype=None, device=None, copy=None):
        """Lists, numbers and NumPy's arrays are moved to the device."""
        assert device in (None, DEVICE)
        value = fetch(value) if isinstance(value, DeviceArray) and copy is not False else value
        return np.array(value, dtype=dtype).view(DeviceArray)

    def sign(self, x):
        """sign(nan) = 0."""
        x = host(x)
        return wrap(np.where(np.isnan(x), np.zeros_like(x), np.sign(x)))

    def __getattr__(self, name):
        if name not in CUPY["names"]:
            raise AttributeError(f"module 'cupy' has no attribute {name!r}")
        found = getattr(array_api_compat.numpy, name)
        if not callable(found) or isinstance(found, type):
            return found

        def called(*args, **kwargs):
            assert kwargs.pop("device", DEVICE) in (None, DEVICE)
            args, kwargs = [host(a) for a in args], {key: host(value) for key, value in kwargs.items()}
            with np.errstate(all="ignore"):
                return wrap(found(*args, **kwargs))

        return called


class ImitatedBackend(Backend):
    """The backend ``cupy``, for the laws."""

    name = "cupy"
    package = "cupy"
    distribution = "cupy"
    installed = True

    def asarray(self, value, dtype, layout="C"):
        return np.array(value, dtype=dtype).view(DeviceArray)

    def to_numpy(self, x):
        return fetch(x)


def namespace(broken=()):
    """The mended namespace of imitated arrays."""
    return Namespace(Imitation(broken))
