"""Arrays of any library as NumPy arrays and back, bit by bit, and apart from what recorded them.

float16, float32 and float64 become NumPy's own; what NumPy does not know, bfloat16, becomes the int16 of the same bits.
"""

from __future__ import annotations

from typing import Any

from ntr_spec.arrays.namespace import device_of, namespace_of
from ntr_spec.arrays.parameter import to_host

Array = Any

_NATIVE = ("float16", "float32", "float64")


def dtype_name(x: Array) -> str:
    """The name of an array's dtype, the same for every library.

    >>> import numpy as np
    >>> dtype_name(np.ones(2, dtype=np.float32))
    'float32'
    """
    return str(getattr(x.dtype, "name", x.dtype)).removeprefix("torch.")


def to_bits(x: Array) -> Array:
    """A NumPy array of the same bits, in a dtype that ``numpy.save`` writes without pickle."""
    import numpy as np

    if dtype_name(x) in _NATIVE:
        return np.asarray(to_host(x))
    xp = namespace_of(x)
    if xp.name == "torch":
        return np.asarray(to_host(x.detach().view(xp.int16)))
    return np.asarray(to_host(x)).view(np.int16)


def from_bits(bits: Array, like: Array) -> Array:
    """The array that ``to_bits`` turned into ``bits``, in the library, on the device and in the dtype of ``like``."""
    xp = namespace_of(like)
    if xp.name == "numpy":
        return bits.astype(like.dtype, copy=False) if dtype_name(like) in _NATIVE else bits.view(like.dtype)
    if xp.name == "torch":
        found = xp.asarray(bits, copy=True)
        return (found if found.dtype == like.dtype else found.view(like.dtype)).to(device_of(like))
    native = dtype_name(like) in _NATIVE
    return xp.asarray(bits if native else bits.view(like.dtype), device=device_of(like), copy=True)


def detached(x: Array) -> Array:
    """The same numbers, which torch no longer records for differentiation; anything else as it is.

    >>> detached(2.0)
    2.0
    """
    return x.detach() if type(x).__module__.partition(".")[0] == "torch" else x
