"""How momentum is kept and used: the theory's way, and the ways of other implementations.

With μ the weight kept, m the momentum, g the gradient and t = 1, 2, … the update:

* average: m ← μm + (1−μ)g; sum: m ← μm + g.
* the step takes u = m; with ``nesterov`` u = μm + (1−μ)g (sum: g + μm), of the new m;
  with ``blend`` b (Lion) u = bm + (1−b)g, of the old m.
* ``bias_correction`` divides an average by 1 − μ^t; its Nesterov form divides m by 1 − μ^{t+1} and g by 1 − μ^t
  (Dozat 2016).
"""

from __future__ import annotations

import dataclasses
from typing import Literal, final

from ntr_spec.algorithms.setting import Setting, check_setting
from ntr_spec.errors import InputError
from ntr_spec.typed import typed


@final
@dataclasses.dataclass(frozen=True, repr=False)
class Convention:
    """A momentum convention; the default is that of [Kovalev25].

    Attributes:
        accumulate: ``"average"`` or ``"sum"``.
        start: ``"gradient"``: the first gradient is the first momentum; ``"zero"``: it enters with its usual weight.
        nesterov: whether the step looks one gradient ahead.
        blend: weight of the old momentum in the step, a number in [0, 1] or a schedule; None: the momentum is taken.
        bias_correction: whether an average that started at zero is divided by the sum of its weights, 1 − μ^t with
            the μ of the step (the exact sum where μ is constant).

    Raises:
        InputError: a word is unknown, the blend is outside [0, 1], or two settings contradict each other.

    >>> Convention(accumulate="sum", start="zero", nesterov=True).accumulate
    'sum'
    """

    accumulate: Literal["average", "sum"] = "average"
    start: Literal["gradient", "zero"] = "gradient"
    nesterov: bool = False
    blend: Setting | None = None
    bias_correction: bool = False

    def __repr__(self) -> str:
        return typed(self)

    def __post_init__(self) -> None:
        _check_word("accumulate", self.accumulate, ("average", "sum"))
        _check_word("start", self.start, ("gradient", "zero"))
        for name in ("nesterov", "bias_correction"):
            if not isinstance(getattr(self, name), bool):
                raise InputError(f"Convention: expected {name} to be True or False, got {getattr(self, name)!r}")
        if self.blend is not None:
            object.__setattr__(self, "blend", check_setting("Convention", "blend", self.blend))
        if self.nesterov and self.blend is not None:
            raise InputError("Convention: nesterov and blend both say what the step is taken along; choose one")
        if self.bias_correction and self.accumulate == "sum":
            raise InputError("Convention: bias correction divides an average, not a sum; drop it or choose 'average'")
        if self.bias_correction and self.start == "gradient":
            raise InputError(
                "Convention: an average that starts at the first gradient has no bias to correct; choose start='zero'"
            )
        if self.bias_correction and self.blend is not None:
            raise InputError("Convention: bias correction is not defined with blend; drop one of them")


def _check_word(name: str, word: object, known: tuple[str, ...]) -> None:
    if word not in known:
        raise InputError(f"Convention: expected {name} to be one of {', '.join(map(repr, known))}, got {word!r}")
