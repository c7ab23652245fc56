"""What a report was made with: versions of Python, of this package and of the libraries that its engines use."""

from __future__ import annotations

import importlib.metadata
import platform
from collections.abc import Mapping

from ntr_spec.version import __version__

_PACKAGES = (
    "numpy",
    "sympy",
    "z3-solver",
    "scipy",
    "python-flint",
    "hypothesis",
    "array-api-compat",
    "array-api-strict",
    "torch",
    "jax",
)
_CUPY = ("cupy", "cupy-cuda12x", "cupy-cuda13x")


def environment() -> Mapping[str, str]:
    """Names and versions, read from package metadata; nothing is imported for it.

    >>> sorted(environment())[:2]
    ['array-api-compat', 'array-api-strict']
    """
    found = {
        "ntr-spec": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(terse=True),
    }
    for name in _PACKAGES + _CUPY:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
