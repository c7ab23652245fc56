"""What a method's numbers may be: constants, or schedules of the step; and the ranges that they must keep to.

Only numbers of the host are read (Python's and NumPy's). An array of another library, traced by a compiler or lying on
a device, is used as it is: looking at its value would wait for the device.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable
from typing import Any, NamedTuple

from ntr_spec.arrays import Namespace, namespace_of
from ntr_spec.errors import InputError

Array = Any
Schedule = Callable[[Any], Any]
"""A function of ``state.step`` (0 at the first update) that gives a number or a 0-d array."""
Setting = float | Schedule


class Range(NamedTuple):
    """The numbers from ``least`` to ``most``, and words for them."""

    least: float
    most: float
    words: str
    open_above: bool = False

    def holds(self, value: float) -> bool:
        """Whether a number is inside; NaN is not."""
        return self.least <= value < self.most or (value == self.most and not self.open_above)


RANGES = {
    "radius": Range(0.0, math.inf, "a finite number of at least 0", open_above=True),
    "momentum": Range(0.0, 1.0, "a number in [0, 1), the weight that is KEPT", open_above=True),
    "decay": Range(0.0, 1.0, "a number in [0, 1]"),
    "blend": Range(0.0, 1.0, "a number in [0, 1]"),
}


def check_setting(subject: str, name: str, setting: Any) -> Any:
    """A schedule or 0-d array as it is, a number as a Python float, so that equal settings print alike.

    Raises:
        InputError: it is none of these, or a number out of range.
    """
    number = _host_number(setting)
    if number is None:
        if callable(setting) or _is_scalar_array(setting):
            return setting
        raise InputError(f"{subject}: expected {name} to be a number or a schedule of the step, got {setting!r}")
    if not RANGES[name].holds(number):
        raise InputError(f"{subject}: expected {name} to be {RANGES[name].words}, got {number}; pass one")
    return number


def setting_at(subject: str, name: str, setting: Any, step: Any, xp: Namespace) -> Any:
    """The value of a setting at a step: a Python float, which never widens an array, or a 0-d array of ``xp``.

    Where numbers are exact, a float becomes the rational that its author meant: 1 − 0.9 is 1/10.

    Raises:
        InputError: the schedule gave something else, or a number out of range.
    """
    if type(setting) is float and not xp.exact:  # checked when the method was made
        return setting
    value = setting(step) if callable(setting) else setting
    number = _host_number(value)
    if number is None:
        if xp.exact or (_is_scalar_array(value) and namespace_of(value) is xp):
            return value
    elif RANGES[name].holds(number):
        return xp.asarray(number) if xp.exact else number
    raise InputError(
        f"{subject}: expected {name} to be {RANGES[name].words}, but its schedule gave {value!r} at step {step}; "
        f"return a number or a 0-d array of {xp.name}"
    )


def _host_number(value: Any) -> float | None:
    """A Python or NumPy number as a float; None for anything else, without waiting for a device."""
    if isinstance(value, bool):
        return None
    if isinstance(value, numbers.Real):
        return float(value)
    if type(value).__module__ == "numpy" and getattr(value, "ndim", None) == 0 and value.dtype.kind in "iuf":
        return float(value)
    return None


def _is_scalar_array(value: Any) -> bool:
    """Whether this is a 0-d array of a library whose values are not read here."""
    try:
        name = namespace_of(value).name
    except TypeError:
        return False
    return name != "numpy" and bool(value.ndim == 0)
