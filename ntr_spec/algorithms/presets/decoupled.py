"""Decoupled weight decay: W ← (1 − λη)W, with the radius η of the step.

Reference: Loshchilov and Hutter, *Decoupled Weight Decay Regularization* (2019).
"""

from __future__ import annotations

import math
from typing import Any

from ntr_spec.algorithms.schedules import Times, as_curve
from ntr_spec.algorithms.setting import Setting, check_setting
from ntr_spec.errors import InputError


def decoupled(subject: str, weight_decay: Any, radius: Any) -> Setting:
    """The decay λ·η of a method's radius η, a number or a schedule.

    Raises:
        InputError: the radius is not one, or λ is not a number of at least 0, or λη exceeds 1.

    >>> decoupled("muon", 0.1, 0.02), decoupled("muon", 0.5, lambda step: 1 / (1 + step))(1)
    (0.002, 0.25)
    """
    check_setting(subject, "radius", radius)
    if isinstance(weight_decay, bool) or not isinstance(weight_decay, int | float) or not 0 <= weight_decay < math.inf:
        raise InputError(f"{subject}: expected a weight decay of at least 0, got {weight_decay!r}; 0 means none")
    if not weight_decay:
        return 0.0
    if callable(radius):
        return Times(as_curve(subject, weight_decay), radius)
    decay: Setting = weight_decay * radius
    if isinstance(decay, float | int) and decay > 1:
        raise InputError(
            f"{subject}: expected weight_decay·radius of at most 1, got {decay:g}; it is what each step removes"
        )
    return decay
