"""``TrustRegion``: the first-order trust-region method with momentum, decay, extrapolation and a regularizer.

With η the radius, μ the weight of the momentum that is kept, β the decay:

    m ← μm + (1−μ)g(y)                      (m ← g the first time)
    x₊ ∈ argmin{⟨m, x'⟩ + R(x') : ‖x' − (1−β)x‖ ≤ η}
    y ← x₊ + μ/(1−μ)·(x₊ − x)               with extrapolation, else y ← x₊

[Kovalev25]'s α is 1 − μ; its Algorithms 1, 2 and 3 are β = 0, β > 0 and extrapolation.
"""

from __future__ import annotations

import dataclasses
import math
import numbers
from typing import Any, final

from ntr_spec.algorithms.convention import Convention
from ntr_spec.algorithms.method import Method, State, check_alike, check_state
from ntr_spec.algorithms.setting import Setting, check_setting, setting_at
from ntr_spec.arrays import Namespace, combine, device_of, times
from ntr_spec.errors import InputError
from ntr_spec.norms.base import Norm, check_norm
from ntr_spec.norms.move import move
from ntr_spec.steps import Regularizer, Zero, as_regularizer
from ntr_spec.steps.step import solve_point
from ntr_spec.trees import Tree, leaves, tree_map

Array = Any


@final
@dataclasses.dataclass(frozen=True, repr=False)
class TrustRegion(Method):
    """The method of [Kovalev25] in any norm, with any regularizer.

    Args:
        norm: the geometry: ``L2`` gives normalized SGD, ``LInf`` signSGD, ``Spectral`` Muon.
        radius: η ≥ 0, the length of a step; a number or a schedule of ``state.step``.
        momentum: μ in [0, 1), the weight KEPT; or a schedule.
        decay: β in [0, 1], how far the ball's centre moves towards 0; or a schedule.
        extrapolation: whether the gradient is wanted ahead of the iterate (Cutkosky and Mehta 2020).
        regularizer: R, or a pytree of regularizers, one for each block.
        convention: how momentum is kept and used; the default is the theory's.

    Raises:
        InputError: a setting is out of its range or of a wrong kind, or extrapolation meets a momentum that is a sum.

    >>> import numpy as np
    >>> from ntr_spec import LInf
    >>> method = TrustRegion(LInf(), radius=0.5, momentum=0.9)
    >>> state = method.init(np.array([1.0, -1.0]))
    >>> state = method.update(state, np.array([0.2, -3.0]))
    >>> state.x.tolist(), state.momentum.tolist(), state.step
    ([0.5, -0.5], [0.2, -3.0], 1)
    """

    norm: Norm
    radius: Setting = 0.02
    momentum: Setting = 0.9
    decay: Setting = 0.0
    extrapolation: bool = False
    regularizer: Regularizer = Zero()  # noqa: RUF009 (immutable)
    convention: Convention = Convention()  # noqa: RUF009 (immutable)

    def __post_init__(self) -> None:
        check_norm("TrustRegion", self.norm)
        for name in ("radius", "momentum", "decay"):
            object.__setattr__(self, name, check_setting("TrustRegion", name, getattr(self, name)))
        if not isinstance(self.extrapolation, bool):
            raise InputError(f"TrustRegion: expected extrapolation to be True or False, got {self.extrapolation!r}")
        if not isinstance(self.convention, Convention):
            raise InputError(f"TrustRegion: expected a Convention, got {self.convention!r}; pass Convention()")
        if self.extrapolation and self.convention.accumulate == "sum":
            raise InputError(
                "TrustRegion: extrapolation is defined for a momentum that is an average; choose accumulate='average'"
            )
        object.__setattr__(self, "regularizer", as_regularizer("TrustRegion", self.regularizer))

    def init(self, x0: Tree) -> State:
        """The state at x₀: no momentum yet, the first gradient wanted at x₀. It holds x₀ itself, not a copy.

        Raises:
            DTypeError: x₀ is not a real floating array (or pytree of them).
            InputError: x₀ is empty, its shape is outside the norm's or the regularizer's space, or R(x₀) is infinite.
        """
        xp = self.norm._admit("init", x0)
        self.regularizer._admit("init", x0)
        self._check_start(x0, xp)
        zeros = tree_map(xp.zeros_like, x0)
        return State(x0, zeros, x0 if self.extrapolation else None, 0)

    def update(self, state: State, gradient: Tree) -> State:
        """One step, given the gradient at ``state.query``. Pure: new arrays, nothing is changed in place.

        Raises:
            DTypeError: the gradient is not a real floating array (or pytree of them) of the state's dtype.
            InputError: the gradient's structure, shapes, library or device are not the state's, the state is of another
                method, or a schedule gave a number out of range.
        """
        check_state("TrustRegion.update", state, self.extrapolation)
        check_alike("TrustRegion.update", "gradient", gradient, state.momentum)
        xp = self.norm._admit("update", gradient)
        kept = self._at("momentum", state.step, xp)
        radius, decay = self._at("radius", state.step, xp), self._at("decay", state.step, xp)
        momentum, direction = self._accumulate(state, gradient, kept, xp)
        x = self._step(direction, state.x, radius, 1.0 - decay, xp)
        ahead = None
        if self.extrapolation:
            reach = kept / (1.0 - kept)
            # x₊ + reach·(x₊ − x): in this order nothing is lost where both are large and near.
            ahead = combine(1.0, x, reach, tree_map(lambda new, old: new - old, x, state.x))
        return State(x, momentum, ahead, state.step + 1)

    def _accepts(self, shape: Tree) -> str | None:
        return self.norm._accepts(shape) or self.regularizer._accepts(shape)

    def _shapes(self, dims: tuple[int, ...]) -> tuple[Tree, ...]:
        mine = tuple(shape for shape in self.norm._shapes(dims) if self._accepts(shape) is None)
        return mine or tuple(shape for shape in self.regularizer._shapes(dims) if self._accepts(shape) is None)

    def settings(self, step: int) -> dict[str, float]:
        """Radius, momentum and decay of the update after ``step`` updates."""
        found = {name: getattr(self, name) for name in ("radius", "momentum", "decay")}
        return {name: float(value(step) if callable(value) else value) for name, value in found.items()}

    def length(self, move: Tree) -> Array:
        """‖move‖."""
        return self.norm(move)

    def dual_length(self, gradient: Tree) -> Array:
        """‖gradient‖_*."""
        return self.norm.dual(gradient)

    @property
    def composite(self) -> bool:
        """Whether R ≠ 0."""
        return not isinstance(self.regularizer, Zero)

    def _accumulate(self, state: State, gradient: Tree, kept: Any, xp: Namespace) -> tuple[Tree, Tree]:
        """The new momentum, and what the step is taken along."""
        how = self.convention
        fresh = 1.0 - kept if how.accumulate == "average" else 1.0
        old, new = kept, fresh
        if how.start == "gradient":
            if isinstance(state.step, numbers.Integral):
                old, new = (0.0, 1.0) if state.step == 0 else (kept, fresh)
            else:  # an array, traced by a compiler or made by one
                old, new = xp.where(state.step == 0, 0.0, kept), xp.where(state.step == 0, 1.0, fresh)
        momentum = combine(old, state.momentum, new, gradient)
        if how.blend is not None:
            b = setting_at("TrustRegion", "blend", how.blend, state.step, xp)
            return momentum, combine(b, state.momentum, 1.0 - b, gradient)
        if how.nesterov:
            a, b = kept, fresh
            if how.bias_correction:
                a, b = a / (1.0 - kept ** (state.step + 2)), b / (1.0 - kept ** (state.step + 1))
            return momentum, combine(a, momentum, b, gradient)
        if how.bias_correction:
            return momentum, times(1.0 / (1.0 - kept ** (state.step + 1)), momentum)
        return momentum, momentum

    def _step(self, direction: Tree, x: Tree, radius: Any, shrink: Any, xp: Namespace) -> Tree:
        """argmin{⟨direction, x'⟩ + R(x') : ‖x' − shrink·x‖ ≤ radius}."""
        if not self.composite:
            return move(self.norm, direction, x, shrink, radius, xp)
        return self._solve(self.norm, direction, times(shrink, x), radius, self.regularizer, xp)

    # What solves the subproblem: the one thing that :mod:`ntr_spec.verify.equations` replaces, to see what it is given.
    _solve = staticmethod(solve_point)

    def _at(self, name: str, step: Any, xp: Namespace) -> Any:
        return setting_at("TrustRegion", name, getattr(self, name), step, xp)

    def _check_start(self, x0: Tree, xp: Namespace) -> None:
        """Raise InputError unless x₀ ∈ dom R, where that can be known now: not for symbols, nor while compiling."""
        if xp.exact or device_of(leaves(x0)[0]) is None or not self.regularizer._domain(x0, xp):
            return
        if float(self.regularizer(x0)) == math.inf:
            raise InputError(
                f"TrustRegion.init: expected a start where {self.regularizer} is finite, got one where it is infinite; "
                "start at regularizer.prox(x0)"
            )
