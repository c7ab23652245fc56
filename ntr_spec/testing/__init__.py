"""The user's own test suite: laws as pytest cases, Hypothesis strategies for points, norms and regularizers.

``parametrize_laws`` needs pytest, :mod:`ntr_spec.testing.strategies` needs Hypothesis; each is imported when used.
"""

from __future__ import annotations

from typing import Any

from ntr_spec.testing.parametrize import LawCheck, LawError, parametrize_laws

_STRATEGIES = ("gradients", "norms", "norms_on", "points", "regularizers")

__all__ = ["LawCheck", "LawError", "gradients", "norms", "norms_on", "parametrize_laws", "points", "regularizers"]


def __getattr__(name: str) -> Any:
    if name not in _STRATEGIES:
        raise AttributeError(f"module 'ntr_spec.testing' has no attribute {name!r}")
    from ntr_spec.testing import strategies

    return getattr(strategies, name)
