"""Element-wise code as one CuPy kernel: each entry passes through the device's memory once.

CuPy launches one kernel per operation, and each writes its result to memory and reads it back: a momentum average is
three, signSGD's step seven. A :class:`Kernel` is one, generated from the array code that runs elsewhere (see
:mod:`ntr_spec.arrays.entries`), and compiled without contraction of a·x + y to one rounding, so that its bits are those
of the operations one by one.

Reference: CuPy user guide, *User-defined kernels*: ``cupy.ElementwiseKernel``.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from typing import Any, final

from ntr_spec.arrays.entries import Body, Entries, Entry

Array = Any

# Products and sums are rounded one by one, as by separate kernels and by NumPy.
OPTIONS = ("--fmad=false",)


@final
@dataclasses.dataclass(frozen=True)
class Kernel:
    """An element-wise kernel, called with CuPy's arrays.

    Arrays have one dtype ``T``, that of the result, and shapes that broadcast; numbers and 0-d arrays are taken in it.

    Attributes:
        name: of the kernel in CUDA.
        arguments: names of the arguments in order.
        operation: CUDA C that sets ``out``.
    """

    name: str
    arguments: tuple[str, ...]
    operation: str

    @property
    def parameters(self) -> str:
        """The arguments as CuPy declares them."""
        return ", ".join(f"T {argument}" for argument in self.arguments)

    def __call__(self, xp: Any, *arguments: Any) -> Array:
        """The result, in a new array; ``xp`` is CuPy's namespace."""
        # NumPy's scalars have a dtype of their own, which need not be that of the arrays.
        plain = (float(a) if isinstance(a, int | float) else a for a in arguments)
        return _made(self, xp.ElementwiseKernel)(*plain)


@functools.cache
def _made(kernel: Kernel, kind: Callable[..., Callable[..., Array]]) -> Callable[..., Array]:
    return kind(kernel.parameters, "T out", kernel.operation, kernel.name, options=OPTIONS)


def kernel_of(name: str, result: Entry, arguments: tuple[str, ...]) -> Kernel:
    """The kernel that computes an entry from entries of these names."""
    body = result._body
    return Kernel(name, arguments, "\n".join([*body.statements, f"out = {body.text(result)};"]))


def read(name: str, function: Callable[..., Any], arguments: tuple[str, ...]) -> Kernel:
    """The kernel of a function of the namespace and of these arguments.

    Raises:
        NotEntrywiseError: the function does more than one entry allows.

    >>> read("relu", lambda xp, x: xp.maximum(x, 0.0), ("x",)).operation
    'T t0 = x != x || x > T(0.0) ? x : T(0.0);\\nout = t0;'
    """
    return kernel_of(name, function(Entries(), *map(Body().entry, arguments)), arguments)


COMBINE = read("ntr_combine", lambda xp, a, x, b, y: x * a + y * b, ("a", "x", "b", "y"))
"""a·x + b·y."""

SIGN = read("ntr_sign", lambda xp, x: xp.sign(x), ("x",))
"""The sign, which keeps NaN."""
