"""How precise a library's matrix products are, which is not always what the dtype says.

``torch.set_float32_matmul_precision("medium")``, common in training scripts, makes float32 products on a CPU with
bfloat16 units lose 2e-3 of their size where float32 would lose 3e-7 (measured); on CUDA devices it means TF32, and so
does ``CUPY_TF32=1`` for CuPy. These are settings of the user's process, which nothing here changes; certificates have
to know.

Reference: PyTorch, *Numerical accuracy* and *TensorFloat-32*; CuPy, *Environment variables*.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from ntr_spec.arrays.namespace import Namespace

Array = Any

_FLOAT32 = 2.0**-23
_EPS = {"tf32": 2.0**-10, "bf16": 2.0**-7, "high": 2.0**-10, "medium": 2.0**-7}


def product_eps(x: Array, xp: Namespace, dtype: Any = None) -> float:
    """The machine epsilon to which factors of a product of matrices like x are rounded: that of the dtype, or coarser.

    JAX has such settings too, but the namespace asks it for full precision each time. No value is read from a device.

    >>> import numpy as np
    >>> from ntr_spec.arrays import namespace_of
    >>> x = np.ones((2, 2))
    >>> product_eps(x, namespace_of(x)) == 2.0**-52
    True
    """
    limits = xp.limits(x.dtype if dtype is None else dtype)
    assert limits is not None  # admitted points are floating
    if limits.eps != _FLOAT32:
        return limits.eps
    if xp.name == "torch":
        return max(limits.eps, _EPS.get(_torch_setting(x.device.type), 0.0))
    if xp.name == "cupy" and os.environ.get("CUPY_TF32") == "1":
        return _EPS["tf32"]
    return limits.eps


def _torch_setting(device: str) -> str:
    """The name of the precision of float32 products on this kind of device."""
    torch: Any = sys.modules["torch"]  # there, as an array of it is at hand
    try:
        products = torch.backends.cuda.matmul if device == "cuda" else torch.backends.mkldnn.matmul
        return str(products.fp32_precision)
    except AttributeError:  # before 2.9 there was one setting for all
        return str(torch.get_float32_matmul_precision())
