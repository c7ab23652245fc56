"""ntr_spec: norms, regularizers and the trust-region method, declared once; proved, tested and run.

Verification is imported when first asked for: using a norm costs NumPy alone.
"""

from typing import TYPE_CHECKING, Any

from ntr_spec import algorithms, steps
from ntr_spec.algorithms import (
    CheckpointError,
    Convention,
    History,
    Method,
    MomentumAfterLMO,
    NonFiniteError,
    Record,
    Result,
    State,
    TrustRegion,
    load_state,
    minimize,
    presets,
    save_state,
    schedules,
)
from ntr_spec.errors import (
    DTypeError,
    InfeasibleError,
    InputError,
    NotDeclaredError,
    NtrError,
    StepError,
    UntraceableError,
)
from ntr_spec.norms import *  # noqa: F403
from ntr_spec.norms import __all__ as _norms
from ntr_spec.steps import Ball, Box, Penalty, Regularizer, Ridge, Step, Zero, trust_region_step
from ntr_spec.trees import Shape
from ntr_spec.version import __version__ as __version__

if TYPE_CHECKING:
    from ntr_spec import problems, theory
    from ntr_spec.verify.findings import Evidence, Finding, Status, Witness
    from ntr_spec.verify.report import Report, VerificationError
    from ntr_spec.verify.verify import verify

_LAZY = {
    "problems": "ntr_spec.problems",
    "theory": "ntr_spec.theory",
    "verify": "ntr_spec.verify",  # the package is callable; see there
    "Report": "ntr_spec.verify.report",
    "VerificationError": "ntr_spec.verify.report",
    "Evidence": "ntr_spec.verify.findings",
    "Finding": "ntr_spec.verify.findings",
    "Status": "ntr_spec.verify.findings",
    "Witness": "ntr_spec.verify.findings",
}

__all__ = [
    *_norms,
    "Ball",
    "Box",
    "CheckpointError",
    "Convention",
    "DTypeError",
    "Evidence",
    "Finding",
    "History",
    "InfeasibleError",
    "InputError",
    "Method",
    "MomentumAfterLMO",
    "NonFiniteError",
    "NotDeclaredError",
    "NtrError",
    "Penalty",
    "Record",
    "Regularizer",
    "Report",
    "Result",
    "Ridge",
    "State",
    "Shape",
    "Status",
    "Step",
    "StepError",
    "TrustRegion",
    "UntraceableError",
    "VerificationError",
    "Witness",
    "Zero",
    "algorithms",
    "load_state",
    "minimize",
    "presets",
    "problems",
    "save_state",
    "schedules",
    "steps",
    "theory",
    "trust_region_step",
    "verify",
]


def __getattr__(name: str) -> Any:
    try:
        home = _LAZY[name]
    except KeyError:
        raise AttributeError(f"module 'ntr_spec' has no attribute {name!r}") from None
    import importlib

    module = importlib.import_module(home)
    return module if name in ("verify", "problems", "theory") else getattr(module, name)


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(_LAZY))
