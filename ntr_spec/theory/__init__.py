"""The theorems of [Kovalev25] as objects: statement, bound, plan, complexity; checked by ``python -m proofs``.

>>> from ntr_spec.theory import T2, Constants
>>> constants = Constants(L=1.0, rho=2.0, sigma=0.1, delta0=1.0)
>>> plan = T2.plan(constants, eps=0.5)
>>> plan.steps, T2.bound(constants, plan, plan.steps) <= 0.5
(1311, True)
"""

from ntr_spec.theory.constants import MEANINGS, Constants
from ntr_spec.theory.plan import Plan
from ntr_spec.theory.theorem import Theorem
from ntr_spec.theory.theorems import T1, T2, T3, T4, T5, THEOREMS

__all__ = ["MEANINGS", "T1", "T2", "T3", "T4", "T5", "THEOREMS", "Constants", "Plan", "Theorem"]
