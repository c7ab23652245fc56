"""The algorithm: one state machine with momentum, decay, extrapolation and a regularizer, and its named presets."""

from ntr_spec.algorithms import presets, schedules
from ntr_spec.algorithms.checkpoint import CheckpointError, load_state, save_state
from ntr_spec.algorithms.contrast import MomentumAfterLMO
from ntr_spec.algorithms.convention import Convention
from ntr_spec.algorithms.history import History, Record
from ntr_spec.algorithms.method import Method, State
from ntr_spec.algorithms.minimize import NonFiniteError, Result, minimize
from ntr_spec.algorithms.setting import Schedule
from ntr_spec.algorithms.trust_region import TrustRegion

__all__ = [
    "CheckpointError",
    "Convention",
    "History",
    "Method",
    "MomentumAfterLMO",
    "NonFiniteError",
    "Record",
    "Result",
    "Schedule",
    "State",
    "TrustRegion",
    "load_state",
    "minimize",
    "presets",
    "save_state",
    "schedules",
]
