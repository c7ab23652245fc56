"""``Place``: one library on one device, as a benchmark needs it: arrays of any dtype made and read, and waited for.

A card runs behind the program that feeds it. A time is that of the work only if the clock is stopped after the device
was waited for, which every library spells in its own way.
"""

from __future__ import annotations

import abc
import contextlib
import dataclasses
from collections.abc import Callable, Iterator
from typing import Any, ClassVar, final

import numpy as np
from numpy.typing import NDArray

Array = Any

DTYPES = ("float32", "float64", "bfloat16", "float16")


class Place(abc.ABC):
    """One library on one device.

    Attributes:
        library: its short name.
        device: the device, as the library calls it.
    """

    library: ClassVar[str]
    device: str

    @property
    def kind(self) -> str:
        """What sort of device it is: ``"cpu"``, ``"cuda"``, …, without a number."""
        return self.device.partition(":")[0]

    @property
    def model(self) -> str:
        """The device's own name, where it tells one."""
        return ""

    @property
    def dtypes(self) -> tuple[str, ...]:
        """The real floating dtypes that it has."""
        return DTYPES

    @abc.abstractmethod
    def array(self, host: NDArray[Any], dtype: str) -> Array:
        """An array here, rounded to the dtype."""

    @abc.abstractmethod
    def host(self, x: Array) -> NDArray[np.float64]:
        """The same values in NumPy, in float64."""

    @abc.abstractmethod
    def wait(self, result: Any) -> None:
        """Until what was asked of the device is done; ``result`` is what the last call returned."""

    def compiled(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function as the library's users run it: compiled where that is usual."""
        return function

    @contextlib.contextmanager
    def admitting(self, dtype: str) -> Iterator[None]:
        """Around work in this dtype, where the library has to be told beforehand."""
        yield

    def allocated(self) -> int | None:
        """Bytes of the device's memory that are in use, or None where the library does not count them."""
        return None

    def __str__(self) -> str:
        return f"{self.library} {self.device}"


@final
@dataclasses.dataclass(frozen=True)
class NumPyPlace(Place):
    """NumPy, on the processor."""

    library: ClassVar[str] = "numpy"
    device: str = "cpu"

    @property
    def dtypes(self) -> tuple[str, ...]:
        """All but bfloat16."""
        return tuple(dtype for dtype in DTYPES if dtype != "bfloat16")

    def array(self, host: NDArray[Any], dtype: str) -> Array:
        """See :meth:`Place.array`."""
        return np.array(host, dtype=dtype, order="C")

    def host(self, x: Array) -> NDArray[np.float64]:
        """See :meth:`Place.host`."""
        return np.array(x, dtype=np.float64)

    def wait(self, result: Any) -> None:
        """See :meth:`Place.wait`; a call has ended when it returns."""


@final
@dataclasses.dataclass(frozen=True)
class TorchPlace(Place):
    """PyTorch, on the processor or a card."""

    library: ClassVar[str] = "torch"
    device: str = "cpu"

    @property
    def model(self) -> str:
        """The card's name."""
        import torch

        return str(torch.cuda.get_device_name(self.device)) if self.kind == "cuda" else ""

    def array(self, host: NDArray[Any], dtype: str) -> Array:
        """See :meth:`Place.array`."""
        import torch

        return torch.tensor(host, dtype=getattr(torch, dtype), device=self.device)

    def host(self, x: Array) -> NDArray[np.float64]:
        """See :meth:`Place.host`."""
        import torch

        found: NDArray[np.float64] = x.detach().to("cpu", torch.float64).numpy()
        return found

    def wait(self, result: Any) -> None:
        """See :meth:`Place.wait`."""
        if self.kind == "cuda":
            import torch

            torch.cuda.synchronize(self.device)

    def allocated(self) -> int | None:
        """Of the card."""
        if self.kind != "cuda":
            return None
        import torch

        return int(torch.cuda.memory_allocated(self.device))


@final
@dataclasses.dataclass(frozen=True)
class JaxPlace(Place):
    """JAX, on the processor or a card; functions are compiled with ``jax.jit``."""

    library: ClassVar[str] = "jax"
    device: str = "cpu"

    @property
    def model(self) -> str:
        """The card's name."""
        return "" if self.kind == "cpu" else str(self._device.device_kind)

    def array(self, host: NDArray[Any], dtype: str) -> Array:
        """See :meth:`Place.array`."""
        import jax

        return jax.device_put(jax.numpy.asarray(host, dtype=dtype), self._device)

    def host(self, x: Array) -> NDArray[np.float64]:
        """See :meth:`Place.host`."""
        exact = x if x.dtype in ("float32", "float64") else x.astype("float32")  # wider, so nothing is lost
        return np.array(exact, dtype=np.float64)

    def wait(self, result: Any) -> None:
        """See :meth:`Place.wait`."""
        import jax

        jax.block_until_ready(result)

    def compiled(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """With ``jax.jit``."""
        import jax

        found: Callable[..., Any] = jax.jit(function)
        return found

    @contextlib.contextmanager
    def admitting(self, dtype: str) -> Iterator[None]:
        """JAX has float64 only where it was enabled."""
        import jax

        before = jax.config.jax_enable_x64
        jax.config.update("jax_enable_x64", before or dtype == "float64")
        try:
            yield
        finally:
            jax.config.update("jax_enable_x64", before)

    def allocated(self) -> int | None:
        """What the device's own statistics say."""
        found = self._device.memory_stats()
        return None if not found else int(found.get("bytes_in_use", 0))

    @property
    def _device(self) -> Any:
        import jax

        name, _, number = self.device.partition(":")
        return jax.devices(name)[int(number or 0)]


@final
@dataclasses.dataclass(frozen=True)
class CuPyPlace(Place):
    """CuPy, on a card."""

    library: ClassVar[str] = "cupy"
    device: str = "cuda:0"

    @property
    def model(self) -> str:
        """The card's name."""
        import cupy

        return str(cupy.cuda.runtime.getDeviceProperties(self._number)["name"].decode())

    @property
    def dtypes(self) -> tuple[str, ...]:
        """All but bfloat16."""
        return tuple(dtype for dtype in DTYPES if dtype != "bfloat16")

    def array(self, host: NDArray[Any], dtype: str) -> Array:
        """See :meth:`Place.array`."""
        import cupy

        with cupy.cuda.Device(self._number):
            return cupy.asarray(host, dtype=dtype)

    def host(self, x: Array) -> NDArray[np.float64]:
        """See :meth:`Place.host`."""
        return np.array(x.get(), dtype=np.float64)

    def wait(self, result: Any) -> None:
        """See :meth:`Place.wait`."""
        import cupy

        cupy.cuda.Device(self._number).synchronize()

    @contextlib.contextmanager
    def admitting(self, dtype: str) -> Iterator[None]:
        """CuPy works on the current device."""
        import cupy

        with cupy.cuda.Device(self._number):
            yield

    def allocated(self) -> int | None:
        """Of CuPy's pool."""
        import cupy

        return int(cupy.get_default_memory_pool().used_bytes())

    @property
    def _number(self) -> int:
        return int(self.device.partition(":")[2] or 0)
