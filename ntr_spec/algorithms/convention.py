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
from collections.abc import Callable
from typing import Any, Literal

Array = Any
Schedule = Callable[[Any], Any]
"""A function of ``state.step`` (0 at the first update) that gives a number or a 0-d array."""


@dataclasses.dataclass(frozen=True)
class Convention:
    """A momentum convention; the default is that of [Kovalev25].

    Attributes:
        accumulate: ``"average"`` or ``"sum"``.
        start: ``"gradient"``: the first gradient is the first momentum; ``"zero"``: it enters with its usual weight.
        nesterov: whether the step looks one gradient ahead.
        blend: weight of the old momentum in the step, a number in [0, 1] or a schedule; None: the momentum is taken.
        bias_correction: whether an average that started at zero is divided by the sum of its weights.
    """

    accumulate: Literal["average", "sum"] = "average"
    start: Literal["gradient", "zero"] = "gradient"
    nesterov: bool = False
    blend: float | Schedule | None = None
    bias_correction: bool = False
