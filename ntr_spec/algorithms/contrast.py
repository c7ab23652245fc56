"""``MomentumAfterLMO``: the wrong order, momentum on the oracle's answers instead of on the gradients. A contrast.

    v = lmo(g); b ← μb + v (or μb + (1−μ)v); x₊ = (1−β)x + ηb

Noise enters the oracle before it is averaged, and an average of answers is no answer: neither the descent lemma nor any
theorem of [Kovalev25] covers it (its Appendix B says what is lost). With the spectral norm it is Orthogonal-SGDM.
Reference: Tuddenham, Prügel-Bennett and Hare, *Orthogonalising gradients to speed up neural network optimisation*
(2022).
"""

from __future__ import annotations

import dataclasses
from typing import Any, Literal, final

from ntr_spec.algorithms.method import Method, State, check_alike, check_state
from ntr_spec.algorithms.setting import Setting, check_setting, setting_at
from ntr_spec.arrays import combine
from ntr_spec.errors import InputError
from ntr_spec.norms.apply import apply_lmo
from ntr_spec.norms.base import Norm, check_norm
from ntr_spec.trees import Tree, tree_map


@final
@dataclasses.dataclass(frozen=True, repr=False)
class MomentumAfterLMO(Method):
    """b ← μb + lmo(g) from zero; x₊ = (1−β)x + ηb. NOT a trust-region method: a step is up to η/(1−μ) long.

    Args:
        norm: the geometry; ``Spectral`` gives Orthogonal-SGDM.
        radius: η, a number or a schedule.
        momentum: μ in [0, 1), the weight kept; or a schedule.
        decay: β in [0, 1]; or a schedule.
        accumulate: ``"sum"``, or ``"average"`` for b ← μb + (1−μ)·lmo(g), whose steps are at most η long.

    Raises:
        InputError: a setting is out of its range or of a wrong kind.

    >>> import numpy as np
    >>> from ntr_spec import LInf
    >>> method = MomentumAfterLMO(LInf(), radius=1.0, momentum=0.5)
    >>> state = method.init(np.zeros(2))
    >>> for g in ([1.0, 1.0], [1e-6, -1.0]):
    ...     state = method.update(state, np.array(g))
    >>> state.x.tolist()
    [-2.5, -0.5]
    """

    norm: Norm
    radius: Setting = 0.02
    momentum: Setting = 0.9
    decay: Setting = 0.0
    accumulate: Literal["sum", "average"] = "sum"

    def __post_init__(self) -> None:
        check_norm("MomentumAfterLMO", self.norm)
        for name in ("radius", "momentum", "decay"):
            object.__setattr__(self, name, check_setting("MomentumAfterLMO", name, getattr(self, name)))
        if self.accumulate not in ("sum", "average"):
            raise InputError(
                f"MomentumAfterLMO: expected accumulate to be 'sum' or 'average', got {self.accumulate!r}; choose one"
            )

    def init(self, x0: Tree) -> State:
        """The state at x₀, which it holds itself.

        Raises:
            DTypeError, InputError: x₀ is no point of the norm's space.
        """
        xp = self.norm._admit("init", x0)
        return State(x0, tree_map(xp.zeros_like, x0))

    def update(self, state: State, gradient: Tree) -> State:
        """One step, given the gradient at ``state.x``. Pure.

        Raises:
            DTypeError, InputError: the gradient is not like the state, or a schedule gave a number out of range.
        """
        xp = self.norm._admit("update", gradient)
        check_state("MomentumAfterLMO.update", state, ahead=False)
        check_alike("MomentumAfterLMO.update", "gradient", gradient, state.momentum)
        radius, kept, decay = (
            setting_at("MomentumAfterLMO", name, getattr(self, name), state.step, xp)
            for name in ("radius", "momentum", "decay")
        )
        fresh = 1.0 if self.accumulate == "sum" else 1.0 - kept
        momentum = combine(kept, state.momentum, fresh, apply_lmo(self.norm, gradient, 1.0, xp))
        return State(combine(1.0 - decay, state.x, radius, momentum), momentum, None, state.step + 1)

    def _accepts(self, shape: Tree) -> str | None:
        return self.norm._accepts(shape)

    def _shapes(self, dims: tuple[int, ...]) -> tuple[Tree, ...]:
        return self.norm._shapes(dims)

    def settings(self, step: int) -> dict[str, Any]:
        """Radius, momentum and decay of the update after ``step`` updates."""
        found = {name: getattr(self, name) for name in ("radius", "momentum", "decay")}
        return {name: float(value(step) if callable(value) else value) for name, value in found.items()}
