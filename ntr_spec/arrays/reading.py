"""Where a value may be read on the host for nothing, and code may therefore branch on it."""

from __future__ import annotations

import sys
from typing import Any

from ntr_spec.arrays.namespace import Namespace

Array = Any


def free_to_read(x: Array, xp: Namespace) -> bool:
    """Whether reading a value of x costs nothing: NumPy's arrays, and torch's own on the CPU.

    Everywhere else a read is a synchronisation with a device (CuPy, CUDA), or there is no value to read (JAX under its
    transformations, torch's meta and fake tensors). JAX is left out as a whole, so that code runs the same with and
    without ``jax.jit``; so is array-api-strict, which stands for the devices that are not at hand.

    >>> import numpy as np
    >>> from ntr_spec.arrays import namespace_of
    >>> x = np.ones(3)
    >>> free_to_read(x, namespace_of(x))
    True
    """
    if xp.name == "torch":
        # Subclasses of Tensor (fake, distributed) may say "cpu" and still have no value at hand.
        if x.device.type != "cpu" or type(x).__name__ not in ("Tensor", "Parameter"):
            return False
        # Under torch.func.vmap and its like a tensor stands for many. There is no public way to ask.
        torch: Any = sys.modules["torch"]
        return not torch._C._functorch.is_functorch_wrapped_tensor(x)
    return xp.name == "numpy"
