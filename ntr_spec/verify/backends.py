"""The array libraries on which laws are tested: what is installed, and what each can do on this machine.

A backend is described by a value of :class:`Backend`; its library is imported when first used. Facts that differ
between builds (does it flush subnormal numbers to zero?) are found by asking the library, not from a table.
"""

from __future__ import annotations

import abc
import dataclasses
import functools
import importlib
import importlib.metadata
import importlib.util
from typing import Any, ClassVar, final

from ntr_spec.errors import InputError

Array = Any


class Backend(abc.ABC):
    """One array library.

    Attributes:
        name: the short name that settings and the command line use.
        package: the module to import.
        distribution: the name under which it is installed, for its version.
        layouts: memory layouts that :meth:`asarray` can make. ``"C"`` is row-major; ``"transposed"`` column-major;
            ``"strided"`` every second entry of a larger buffer; ``"reversed"`` negative strides; ``"expanded"``
            stride 0 (only where the entries are equal along the first axis; else it falls back to ``"strided"``).
    """

    name: ClassVar[str]
    package: ClassVar[str]
    distribution: ClassVar[str]
    layouts: ClassVar[tuple[str, ...]] = ("C",)

    @property
    def installed(self) -> bool:
        """Whether the library can be used here; nothing is imported to find out."""
        return importlib.util.find_spec(self.package) is not None

    @property
    def version(self) -> str:
        """The installed version, or an empty string."""
        try:
            return importlib.metadata.version(self.distribution)
        except importlib.metadata.PackageNotFoundError:
            return ""

    @property
    def library(self) -> Any:
        """The imported module."""
        return importlib.import_module(self.package)

    @property
    def devices(self) -> tuple[str, ...]:
        """Devices that the library sees, as words."""
        return ("cpu",)

    @property
    def dtypes(self) -> tuple[str, ...]:
        """Real floating dtypes on which laws are tested."""
        return ("float32", "float64")

    @abc.abstractmethod
    def asarray(self, value: Any, dtype: str, layout: str = "C") -> Array:
        """An array of this library from nested lists or a NumPy array, which it never shares memory with."""

    @abc.abstractmethod
    def to_numpy(self, x: Array) -> Any:
        """A NumPy copy."""

    def flushes_subnormals(self, dtype: str) -> bool:
        """Whether a subnormal number times one becomes zero (as on XLA's CPU), found by trying."""
        return _flushes(self, dtype)


@functools.cache
def _flushes(backend: Backend, dtype: str) -> bool:
    import numpy as np

    tiny = backend.asarray([float(np.finfo(dtype).smallest_subnormal)] * 2, dtype)
    return not bool(np.all(backend.to_numpy(tiny * 1.0) > 0))


def _host(value: Any, dtype: str) -> Any:
    import numpy as np

    return np.array(value, dtype=dtype, order="C")


def _strided(host: Any) -> Any:
    """The same entries, every second one of a buffer twice as long (NumPy)."""
    import numpy as np

    if host.ndim == 0:
        return host
    buffer = np.full((*host.shape[:-1], 2 * host.shape[-1]), 7.0, dtype=host.dtype)
    buffer[..., ::2] = host
    return buffer[..., ::2]


@final
@dataclasses.dataclass(frozen=True)
class NumPyBackend(Backend):
    """NumPy, the reference."""

    name: ClassVar[str] = "numpy"
    package: ClassVar[str] = "numpy"
    distribution: ClassVar[str] = "numpy"
    layouts: ClassVar[tuple[str, ...]] = ("C", "transposed", "strided", "reversed", "expanded")

    def asarray(self, value: Any, dtype: str, layout: str = "C") -> Array:
        """See :meth:`Backend.asarray`."""
        import numpy as np

        host = _host(value, dtype)
        if layout == "transposed":
            return np.asfortranarray(host)
        if layout == "reversed":
            return np.flip(np.flip(host).copy()) if host.ndim else host
        if layout == "expanded" and host.ndim > 1 and bool(np.all(host == host[:1])):
            return np.lib.stride_tricks.as_strided(host, shape=host.shape, strides=(0, *host.strides[1:]))
        return _strided(host) if layout in ("strided", "expanded") else host

    def to_numpy(self, x: Array) -> Any:
        """See :meth:`Backend.to_numpy`."""
        import numpy as np

        return np.array(x)


@final
@dataclasses.dataclass(frozen=True)
class StrictBackend(Backend):
    """array-api-strict: NumPy's arithmetic behind the standard's functions and nothing else."""

    name: ClassVar[str] = "strict"
    package: ClassVar[str] = "array_api_strict"
    distribution: ClassVar[str] = "array-api-strict"

    def asarray(self, value: Any, dtype: str, layout: str = "C") -> Array:
        """See :meth:`Backend.asarray`."""
        strict = self.library
        return strict.asarray(_host(value, dtype), dtype=getattr(strict, dtype))

    def elsewhere(self, value: Any, dtype: str) -> Array:
        """The array on a device from which entries may be read only by moving them: a stand-in for a GPU."""
        strict = self.library
        return strict.asarray(_host(value, dtype), dtype=getattr(strict, dtype), device=strict.Device("device1"))

    @property
    def devices(self) -> tuple[str, ...]:
        """The simulated devices that laws use."""
        return ("CPU_DEVICE", "device1")

    def to_numpy(self, x: Array) -> Any:
        """See :meth:`Backend.to_numpy`."""
        import numpy as np

        strict = self.library
        return np.array(strict.asarray(x, device=strict.Device("CPU_DEVICE"), copy=True))


@final
@dataclasses.dataclass(frozen=True)
class TorchBackend(Backend):
    """PyTorch on its default device, which is the CPU unless the process has chosen another."""

    name: ClassVar[str] = "torch"
    package: ClassVar[str] = "torch"
    distribution: ClassVar[str] = "torch"
    layouts: ClassVar[tuple[str, ...]] = ("C", "transposed", "strided", "expanded")

    @property
    def devices(self) -> tuple[str, ...]:
        """The CPU and every CUDA device."""
        return ("cpu", *(f"cuda:{k}" for k in range(self.library.cuda.device_count())))

    def asarray(self, value: Any, dtype: str, layout: str = "C") -> Array:
        """See :meth:`Backend.asarray`."""
        torch = self.library
        host = _host(value, dtype)
        x = torch.from_numpy(host)
        if layout == "transposed" and host.ndim > 1:
            x = x.mT.contiguous().mT
        elif layout == "expanded" and host.ndim > 1 and bool((host == host[:1]).all()):
            x = x[:1].expand(x.shape)
        elif layout in ("strided", "expanded"):
            x = torch.from_numpy(_strided(host))
        return x.to(torch.get_default_device())  # the CPU, unless the process chose another one

    def to_numpy(self, x: Array) -> Any:
        """See :meth:`Backend.to_numpy`."""
        return x.detach().cpu().numpy().copy()


@final
@dataclasses.dataclass(frozen=True)
class JaxBackend(Backend):
    """JAX; float64 only where the process has enabled it (``jax_enable_x64``)."""

    name: ClassVar[str] = "jax"
    package: ClassVar[str] = "jax"
    distribution: ClassVar[str] = "jax"

    @property
    def devices(self) -> tuple[str, ...]:
        """Devices of the default platform."""
        return tuple(str(device) for device in self.library.devices())

    @property
    def dtypes(self) -> tuple[str, ...]:
        """float32, and float64 where it is enabled."""
        return ("float32", "float64") if self.library.config.jax_enable_x64 else ("float32",)

    def asarray(self, value: Any, dtype: str, layout: str = "C") -> Array:
        """See :meth:`Backend.asarray`."""
        return self.library.numpy.asarray(_host(value, dtype))

    def to_numpy(self, x: Array) -> Any:
        """See :meth:`Backend.to_numpy`."""
        import numpy as np

        return np.array(x)


@final
@dataclasses.dataclass(frozen=True)
class CuPyBackend(Backend):
    """CuPy; installed counts only where it finds a CUDA device."""

    name: ClassVar[str] = "cupy"
    package: ClassVar[str] = "cupy"
    distribution: ClassVar[str] = "cupy"
    layouts: ClassVar[tuple[str, ...]] = ("C", "transposed", "strided")

    @property
    def installed(self) -> bool:
        """Whether CuPy is importable and a CUDA device answers."""
        if importlib.util.find_spec(self.package) is None:
            return False
        try:
            return bool(self.library.cuda.runtime.getDeviceCount() > 0)
        except Exception:  # a broken driver shows itself in many ways; all of them mean: not usable
            return False

    @property
    def version(self) -> str:
        """The version that the module states (its distribution is named after the CUDA release)."""
        return str(self.library.__version__) if self.installed else ""

    @property
    def devices(self) -> tuple[str, ...]:
        """Every CUDA device."""
        return tuple(f"cuda:{k}" for k in range(self.library.cuda.runtime.getDeviceCount()))

    def asarray(self, value: Any, dtype: str, layout: str = "C") -> Array:
        """See :meth:`Backend.asarray`."""
        host = _host(value, dtype)
        if layout == "transposed":
            return self.library.asfortranarray(self.library.asarray(host))
        if layout == "strided" and host.ndim:
            return self.library.repeat(self.library.asarray(host), 2, axis=-1)[..., ::2]
        return self.library.asarray(host)

    def to_numpy(self, x: Array) -> Any:
        """See :meth:`Backend.to_numpy`."""
        return x.get()


BACKENDS: tuple[Backend, ...] = (NumPyBackend(), StrictBackend(), TorchBackend(), JaxBackend(), CuPyBackend())
"""Every library that ntr_spec knows, installed or not."""


def available_backends() -> tuple[Backend, ...]:
    """Those backends that can be used on this machine.

    >>> [backend.name for backend in available_backends()][:2]
    ['numpy', 'strict']
    """
    return tuple(backend for backend in BACKENDS if backend.installed)


def backend(name: str) -> Backend:
    """The backend of this name.

    Raises:
        InputError: there is none of this name, or its library is not usable here.

    >>> backend("numpy").layouts[0]
    'C'
    """
    for candidate in BACKENDS:
        if candidate.name == name:
            if not candidate.installed:
                raise InputError(f"backend {name}: {candidate.package} is not usable here; install it or leave it out")
            return candidate
    known = ", ".join(b.name for b in BACKENDS)
    raise InputError(f"backend {name}: expected one of {known}; check the spelling")
