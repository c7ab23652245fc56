"""Right over the reals, wrong as programs: dtypes, scales, side effects, other libraries, promises to the verbs."""

from __future__ import annotations

import dataclasses
import itertools
import random
from typing import Any, ClassVar, final

from tests.wrong.bases import Largest, Length, Total

Array = Any


@final
@dataclasses.dataclass(frozen=True)
class ShortInFloat32(Largest):
    """A guard that float64 does not feel."""

    def _lmo(self, g: Array, xp: Any) -> Array:
        slack = 0.01 if g.dtype == xp.float32 else 0.0
        return -xp.sign(g) * (1 - slack)


@final
@dataclasses.dataclass(frozen=True)
class GuardedDivision(Length):
    """−g/(‖g‖₂ + 10⁻⁸), as optimizers often have it."""

    scale_free: ClassVar[bool] = True

    def _lmo(self, g: Array, xp: Any) -> Array:
        return -g / (xp.sqrt(xp.sum(g * g)) + 1e-8)


@final
@dataclasses.dataclass(frozen=True)
class TinyIsZero(Largest):
    """Takes gradients below 10⁻²⁰ for zero."""

    def _lmo(self, g: Array, xp: Any) -> Array:
        return xp.where(xp.abs(g) < 1e-20, xp.zeros_like(g), -xp.sign(g))


@final
@dataclasses.dataclass(frozen=True)
class CappedFarOut(Largest):
    """Never says more than 10³⁰."""

    def _value(self, x: Array, xp: Any) -> Array:
        size = xp.max(xp.abs(x))
        return xp.where(size > 1e30, 1e30 * xp.ones_like(size), size)


@final
@dataclasses.dataclass(frozen=True)
class NotScaleFree(Length):
    """Says that it is safe at every scale, and squares its input."""

    scale_free: ClassVar[bool] = True


@final
@dataclasses.dataclass(frozen=True)
class NotBatched(Largest):
    """Promises to reduce over the last axis only, and reduces over all."""

    batched: ClassVar[bool] = True


@final
@dataclasses.dataclass(frozen=True)
class OverwritesGradient(Largest):
    def _lmo(self, g: Array, xp: Any) -> Array:
        v = -xp.sign(g)
        g *= 0.5
        return v


@final
@dataclasses.dataclass(frozen=True)
class OverwritesPoint(Total):
    def _value(self, x: Array, xp: Any) -> Array:
        size = xp.sum(xp.abs(x))
        x *= 0.5
        return size


@final
@dataclasses.dataclass(frozen=True)
class BreaksTiesAtRandom(Total):
    """Every answer is right, but two calls may differ."""

    def _lmo(self, g: Array, xp: Any) -> Array:
        if random.random() < 0.5:
            return Total()._lmo(g, xp)
        return xp.flip(Total()._lmo(xp.flip(g), xp))


@final
@dataclasses.dataclass(frozen=True)
class NoisyValue(Largest):
    def _value(self, x: Array, xp: Any) -> Array:
        return xp.max(xp.abs(x)) * (1 + 0.01 * random.random())


_CALLS = itertools.count()


@final
@dataclasses.dataclass(frozen=True)
class DependsOnHistory(Largest):
    """Every second call returns the LMO of the ball of half the radius."""

    def _lmo(self, g: Array, xp: Any) -> Array:
        return -xp.sign(g) * (1 - 0.5 * (next(_CALLS) % 2))


@final
@dataclasses.dataclass(frozen=True)
class LeaksToNumPy(Largest):
    def _lmo(self, g: Array, xp: Any) -> Array:
        import numpy as np

        return xp.asarray(-np.sign(np.asarray(g)), dtype=g.dtype, device=g.device)


@final
@dataclasses.dataclass(frozen=True)
class ValueInNumPy(Largest):
    def _value(self, x: Array, xp: Any) -> Array:
        import numpy as np

        return np.max(np.abs(x))


@final
@dataclasses.dataclass(frozen=True)
class AsksTheHost(Length):
    """Branches on a value, so that an accelerator must stop and answer."""

    def _lmo(self, g: Array, xp: Any) -> Array:
        size = xp.sqrt(xp.sum(g * g))
        return xp.zeros_like(g) if float(size) == 0.0 else -g / size


@final
@dataclasses.dataclass(frozen=True)
class BranchesOnArray(Largest):
    """The same with an array as a condition."""

    def _value(self, x: Array, xp: Any) -> Array:
        size = xp.abs(x)
        if xp.all(size == 0):
            return xp.sum(size)
        return xp.max(size)


@final
@dataclasses.dataclass(frozen=True)
class Prints(Largest):
    def _value(self, x: Array, xp: Any) -> Array:
        print("here")
        return xp.max(xp.abs(x))


@final
@dataclasses.dataclass(frozen=True)
class ReturnsPythonFloat(Largest):
    def _value(self, x: Array, xp: Any) -> Any:
        return float(xp.max(xp.abs(x)))


@final
@dataclasses.dataclass(frozen=True)
class AlwaysFloat64(Largest):
    def _value(self, x: Array, xp: Any) -> Array:
        return xp.max(xp.abs(xp.astype(x, xp.float64)))


@final
@dataclasses.dataclass(frozen=True)
class StepInFloat64(Largest):
    def _lmo(self, g: Array, xp: Any) -> Array:
        return -xp.sign(xp.astype(g, xp.float64))


@final
@dataclasses.dataclass(frozen=True)
class ValueKeepsAnAxis(Largest):
    def _value(self, x: Array, xp: Any) -> Array:
        return xp.max(xp.abs(x), keepdims=True)


@final
@dataclasses.dataclass(frozen=True)
class StepIsAScalar(Total):
    """Returns one number for the whole point."""

    def _lmo(self, g: Array, xp: Any) -> Array:
        return -xp.sign(xp.sum(g))


@final
@dataclasses.dataclass(frozen=True)
class SwallowsNaN(Largest):
    """Cleans its input, so that a diverged run looks healthy."""

    def _value(self, x: Array, xp: Any) -> Array:
        return xp.max(xp.abs(xp.where(xp.isnan(x), xp.zeros_like(x), x)))


@final
@dataclasses.dataclass(frozen=True)
class StepSwallowsNaN(Largest):
    def _lmo(self, g: Array, xp: Any) -> Array:
        return xp.astype(g < 0, g.dtype) - xp.astype(g > 0, g.dtype)


@final
@dataclasses.dataclass(frozen=True)
class ReturnsNaN(Largest):
    """NaN wherever two coordinates are equal."""

    def _value(self, x: Array, xp: Any) -> Array:
        spread = xp.max(x) - xp.min(x)
        return xp.max(xp.abs(x)) * (spread / spread) if x.shape[0] > 1 else xp.max(xp.abs(x))


@final
@dataclasses.dataclass(frozen=True)
class Raises(Largest):
    def _lmo(self, g: Array, xp: Any) -> Array:
        raise ValueError("not written yet")


@final
@dataclasses.dataclass(frozen=True)
class RaisesOnLongVectors(Largest):
    def _value(self, x: Array, xp: Any) -> Array:
        if x.shape[0] > 4:
            raise IndexError("table too short")
        return xp.max(xp.abs(x))


@final
@dataclasses.dataclass(frozen=True)
class ForgotReturn(Largest):
    def _lmo(self, g: Array, xp: Any) -> Any:
        xp.sign(g)
