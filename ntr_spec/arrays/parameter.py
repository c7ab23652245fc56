"""Constants inside a norm (weights, matrices): immutable, comparable, usable on every backend."""

from __future__ import annotations

from typing import Any

from ntr_spec.arrays.namespace import Namespace, device_of, namespace_of
from ntr_spec.errors import InputError

Array = Any


class Parameter:
    """A constant real array that a norm carries.

    Lists and NumPy arrays are copied to a read-only float64 NumPy array. An array of another library is copied where it
    is, so that weights live on the device on which they are used; anything else is moved there at every call.

    Args:
        value: nested lists or a real array with finite entries.
        subject: who asks, for the error message.

    Raises:
        InputError: the entries are not finite real numbers, or there are none.

    >>> Parameter([1, 2]) == Parameter([1.0, 2.0]), Parameter([1, 2])
    (True, [1.0, 2.0])
    """

    __slots__ = ("_value", "host")

    _value: Array
    host: Array

    def __init__(self, value: Any, subject: str = "parameter") -> None:
        import numpy as np

        frozen = isinstance(value, Parameter)
        if frozen:
            value = value._value  # keep the device
        try:
            host = np.array(to_host(value), dtype=np.float64)
        except (TypeError, ValueError):
            raise InputError(f"{subject}: expected a rectangular array of real numbers, got {value!r}") from None
        if host.size == 0 or not bool(np.all(np.isfinite(host))):
            raise InputError(f"{subject}: expected at least one entry, all finite, got {host.tolist()!r}")
        host.setflags(write=False)
        self.host = host
        if isinstance(value, list | tuple | np.ndarray | np.generic | int | float):
            value = host
        elif not frozen:
            try:
                value = namespace_of(value).asarray(value, copy=True)
            except TypeError:  # array-like, but of no array library: a table's column, say
                value = host
        self._value = value

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the constant."""
        return tuple(int(d) for d in self.host.shape)

    def like(self, x: Array, xp: Namespace) -> Array:
        """The constant in the namespace, dtype and device of ``x``."""
        if xp.exact:
            return xp.asarray(self.host)
        if type(self._value) is type(x) and device_of(self._value) == device_of(x):
            return xp.astype(self._value, x.dtype, copy=False)
        return xp.asarray(self.host.tolist(), dtype=x.dtype, device=device_of(x))

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Parameter) and self.shape == other.shape and self.host.tobytes() == other.host.tobytes()
        )

    def __hash__(self) -> int:
        return hash((self.shape, self.host.tobytes()))

    def __repr__(self) -> str:
        return repr(self.host.tolist())

    def __reduce__(self) -> tuple[type[Parameter], tuple[Any]]:
        return (Parameter, (self._value,))


def to_host(value: Any) -> Any:
    """Arrays of other libraries to something that NumPy reads, without importing those libraries."""
    kind = type(value).__module__.partition(".")[0]
    if kind == "torch":
        return value.detach().cpu().numpy()
    if kind == "cupy":
        return value.get()
    return value
