"""The algorithm: one state machine with momentum, decay, extrapolation and a regularizer, and its named presets."""

from ntr_spec.algorithms.convention import Convention
from ntr_spec.algorithms.method import Method, State
from ntr_spec.algorithms.setting import Schedule
from ntr_spec.algorithms.trust_region import TrustRegion

__all__ = ["Convention", "Method", "Schedule", "State", "TrustRegion"]
