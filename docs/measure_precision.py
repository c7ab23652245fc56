"""Prints the table of docs/pages/precision.md: what each solver certifies in each precision, rounded up.

python docs/measure_precision.py
"""

import math
from collections.abc import Iterator

import numpy as np
import torch

import ntr_spec as ntr

SIDE = 128
DTYPES = ("float64", "float32", "bfloat16", "float16")
SOLVERS = {
    "`SVD()`": ntr.polar.SVD(),
    "`GramEigh()`": ntr.polar.GramEigh(),
    "`QDWH()`": ntr.polar.QDWH(),
    "`PolarExpress()`": ntr.polar.PolarExpress(),
    "`PolarExpress(16, 1e-7)`": ntr.polar.PolarExpress(16, 1e-7),
    "`NewtonSchulz()`": ntr.polar.NewtonSchulz(),
}


def matrices() -> dict[str, np.ndarray]:
    """One without small singular values to speak of, one with nothing else but the first."""
    rng = np.random.default_rng(0)
    u, v = rng.normal(size=SIDE), rng.normal(size=SIDE)
    return {"Gaussian": rng.normal(size=(SIDE, SIDE)), "rank one": np.outer(u, v)}


def certified(solver: ntr.polar.Polar, x: np.ndarray, dtype: str) -> float:
    """The δ that a solver certifies, on torch, which has all dtypes."""
    g = torch.tensor(x).to(getattr(torch, dtype))
    return float(ntr.Spectral(polar=solver).lmo(g, certificate=True)[1].delta)


def rounded_up(delta: float) -> str:
    """To one digit, with a third to spare for other machines.

    >>> rounded_up(2.1e-6), rounded_up(0.0078)
    ('3e-06', '2e-02')
    """
    wanted = min(1.0, 1.33 * delta)
    power = 10.0 ** math.floor(math.log10(wanted))
    return f"{math.ceil(wanted / power) * power:.0e}"


def table() -> Iterator[str]:
    """Markdown, a line at a time; each cell Gaussian / rank one."""
    yield "| solver | " + " | ".join(DTYPES) + " |"
    yield "|---|" + "---|" * len(DTYPES)
    points = matrices().values()
    for name, solver in SOLVERS.items():
        cells = (" / ".join(rounded_up(certified(solver, x, dtype)) for x in points) for dtype in DTYPES)
        yield f"| {name} | " + " | ".join(cells) + " |"


if __name__ == "__main__":
    print("\n".join(table()))
