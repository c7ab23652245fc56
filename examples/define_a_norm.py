"""Two norms that are in no library, each in ten lines, verified: ``ntr-spec verify examples/define_a_norm.py``.

``Staircase`` charges later coordinates more: ‖x‖ = max i·|xᵢ|. Its dual, Σ|gᵢ|/i, is left for ntr_spec to find.
``RowsOverColumns`` is a matrix norm for an embedding table: the largest row sum of magnitudes (the operator norm
ℓ_∞ → ℓ_∞). It gives its dual in closed form, so the dual's own LMO is verified too.
"""

from dataclasses import dataclass

import ntr_spec as ntr


def _steps(x, xp):
    return xp.arange(1, x.shape[0] + 1, dtype=x.dtype, device=x.device)


@dataclass(frozen=True)
class Staircase(ntr.Norm):
    """‖x‖ = max i·|xᵢ|."""

    event_rank = 1

    def _value(self, x, xp):
        return xp.max(_steps(x, xp) * xp.abs(x))

    def _lmo(self, g, xp):
        return -xp.sign(g) / _steps(g, xp)


@dataclass(frozen=True)
class RowsOverColumns(ntr.Norm):
    """‖X‖ = max over rows of Σ|entries|; the LMO puts all of each row's weight on its largest entry."""

    event_rank = 2

    def _value(self, x, xp):
        return xp.max(xp.sum(xp.abs(x), axis=1))

    def _lmo(self, g, xp):
        best = xp.argmax(xp.abs(g), axis=1, keepdims=True)
        columns = xp.arange(g.shape[1], dtype=best.dtype, device=g.device)
        return xp.where(columns == best, -xp.sign(g), xp.zeros_like(g))

    @property
    def dual(self):
        return ntr.Mixed(outer=ntr.L1(), inner=ntr.LInf(), axis=1)


if __name__ == "__main__":
    for norm in (Staircase(), RowsOverColumns()):
        report = ntr.verify(norm)
        print(report)
        report.raise_if_failed()
