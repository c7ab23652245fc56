"""``TrustRegion``: the first-order trust-region method with momentum, decay, extrapolation and a regularizer.

With η the radius, μ the weight of the momentum that is kept, β the decay:

    m ← μm + (1−μ)g(y)                      (m ← g the first time)
    x₊ ∈ argmin{⟨m, x⟩ + R(x) : ‖x − (1−β)x‖ ≤ η}
    y ← x₊ + μ/(1−μ)·(x₊ − x)               with extrapolation, else y ← x₊

[Kovalev25]'s α is 1 − μ; its Algorithms 1, 2 and 3 are β = 0, β > 0 and extrapolation.
"""

from __future__ import annotations

import dataclasses
import numbers
from typing import Any, final

from ntr_spec.algorithms.convention import Convention, Schedule
from ntr_spec.algorithms.method import Method, State
from ntr_spec.arrays import Namespace, admit
from ntr_spec.norms.apply import apply_lmo
from ntr_spec.norms.base import Norm, check_norm
from ntr_spec.steps import Regularizer, Zero, as_regularizer
from ntr_spec.trees import Tree, tree_map

Array = Any


@final
@dataclasses.dataclass(frozen=True)
class TrustRegion(Method):
    """The method of [Kovalev25] in any norm, with any regularizer.

    Args:
        norm: the geometry: ``L2`` gives normalized SGD, ``LInf`` signSGD, ``Spectral`` Muon.
        radius: η > 0, the length of a step; a number or a schedule of ``state.step``.
        momentum: μ in [0, 1), the weight KEPT; or a schedule.
        decay: β in [0, 1], how far the ball's centre moves towards 0; or a schedule.
        extrapolation: whether the gradient is wanted ahead of the iterate (Cutkosky and Mehta 2020).
        regularizer: R, or a pytree of regularizers, one for each block.
        convention: how momentum is kept and used; the default is the theory's.

    >>> import numpy as np
    >>> from ntr_spec import LInf
    >>> method = TrustRegion(LInf(), radius=0.5, momentum=0.9)
    >>> state = method.init(np.array([1.0, -1.0]))
    >>> state = method.update(state, np.array([0.2, -3.0]))
    >>> state.x.tolist(), state.momentum.tolist(), state.step
    ([0.5, -0.5], [0.2, -3.0], 1)
    """

    norm: Norm
    radius: float | Schedule = 0.02
    momentum: float | Schedule = 0.9
    decay: float | Schedule = 0.0
    extrapolation: bool = False
    regularizer: Regularizer = Zero()  # noqa: RUF009 (immutable)
    convention: Convention = Convention()  # noqa: RUF009 (immutable)

    def __post_init__(self) -> None:
        check_norm("TrustRegion", self.norm)
        object.__setattr__(self, "regularizer", as_regularizer("TrustRegion", self.regularizer))

    def init(self, x0: Tree) -> State:
        """The state at x₀: no momentum yet, the first gradient wanted at x₀."""
        xp = self.norm._admit("init", x0)
        zeros = tree_map(xp.zeros_like, x0)
        return State(x0, zeros, x0 if self.extrapolation else None, 0)

    def update(self, state: State, gradient: Tree) -> State:
        """One step, given the gradient at ``state.query``."""
        xp = admit("TrustRegion.update", gradient)
        kept = self._at(self.momentum, state.step)
        radius, decay = self._at(self.radius, state.step), self._at(self.decay, state.step)
        momentum, direction = self._accumulate(state, gradient, kept, xp)
        center = state.x if _is_zero(decay) else tree_map(lambda x: x * (1 - decay), state.x)
        x = self._step(direction, center, radius, xp)
        ahead = None
        if self.extrapolation:
            reach = kept / (1 - kept)
            ahead = tree_map(lambda new, old: new + (new - old) * reach, x, state.x)
        return State(x, momentum, ahead, state.step + 1)

    def _accumulate(self, state: State, gradient: Tree, kept: Any, xp: Namespace) -> tuple[Tree, Tree]:
        """The new momentum, and what the step is taken along."""
        how = self.convention
        fresh = 1 - kept if how.accumulate == "average" else 1.0
        old, new = kept, fresh
        if how.start == "gradient":
            first = state.step == 0
            if isinstance(first, bool):
                old, new = (0.0, 1.0) if first else (kept, fresh)
            else:  # traced by a compiler
                old, new = xp.where(first, 0.0, kept), xp.where(first, 1.0, fresh)
        momentum = _combine(old, state.momentum, new, gradient)
        if how.blend is not None:
            b = self._at(how.blend, state.step)
            return momentum, _combine(b, state.momentum, 1 - b, gradient)
        if how.nesterov:
            a, b = kept, fresh
            if how.bias_correction:
                a, b = a / (1 - kept ** (state.step + 2)), b / (1 - kept ** (state.step + 1))
            return momentum, _combine(a, momentum, b, gradient)
        if how.bias_correction:
            return momentum, tree_map(lambda m: m / (1 - kept ** (state.step + 1)), momentum)
        return momentum, momentum

    def _step(self, direction: Tree, center: Tree, radius: Any, xp: Namespace) -> Tree:
        if isinstance(self.regularizer, Zero):
            move = apply_lmo(self.norm, direction, radius, xp)
            return tree_map(lambda c, v: c + v, center, move)
        from ntr_spec.steps.step import trust_region_step

        return trust_region_step(self.norm, direction, center, radius, self.regularizer).point

    def _at(self, setting: Any, step: Any) -> Any:
        """The value of a setting at a step; plain numbers stay plain, so that they never widen an array."""
        value = setting(step) if callable(setting) else setting
        return float(value) if isinstance(value, numbers.Real) else value


def _combine(a: Any, x: Tree, b: Any, y: Tree) -> Tree:
    """a·x + b·y, leaf by leaf."""
    return tree_map(lambda p, q: a * p + b * q, x, y)


def _is_zero(value: Any) -> bool:
    return isinstance(value, float) and value == 0.0
