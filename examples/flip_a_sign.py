"""What a mistake looks like: one sign flipped in an LMO, refuted at the smallest input that shows it."""

from dataclasses import dataclass

import ntr_spec as ntr


@dataclass(frozen=True)
class Flipped(ntr.Norm):
    """‖x‖ = max|xᵢ| with an LMO that points uphill."""

    def _value(self, x, xp):
        return xp.max(xp.abs(x))

    def _lmo(self, g, xp):
        return xp.sign(g)  # should be -xp.sign(g)

    @property
    def dual(self):
        return ntr.L1()


if __name__ == "__main__":
    report = ntr.verify(Flipped())
    print(report)
    refuted = {finding.law: finding.witness for finding in report.findings if finding.status is ntr.Status.REFUTED}
    print("\nCheck it on paper:")
    print("  lmo_attains", refuted["lmo_attains"])
    assert not report.ok
