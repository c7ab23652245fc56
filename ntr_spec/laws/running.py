"""Float laws of methods: what is asked of a norm's verbs as programs is asked of ``init`` and ``update``."""

from __future__ import annotations

import dataclasses
from typing import Any

from ntr_spec.algorithms import Method, TrustRegion
from ntr_spec.laws.floating import FLOAT_LAWS
from ntr_spec.laws.floatlaw import FloatLaw
from ntr_spec.steps import Zero


def _iterates(method: Method) -> str | None:
    if isinstance(method, TrustRegion) and not isinstance(method.regularizer, Zero):
        return "a step with a regularizer may need a solver that looks at its own progress"
    return None


_CHANGES: dict[str, dict[str, Any]] = {
    "nan_propagates": {"statement": "NaN in, NaN out"},
    "input_unchanged": {},
    "deterministic": {},
    "dtype_and_device_kept": {},
    "no_host_sync": {"missing": _iterates},
    "silent": {},
}
METHOD_FLOAT_LAWS: tuple[FloatLaw, ...] = tuple(
    dataclasses.replace(law, **_CHANGES[law.name]) for law in FLOAT_LAWS if law.name in _CHANGES
)
