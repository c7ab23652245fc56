"""Products that come out wrong, on purpose: each certificate holds whichever product of a solver has lost a little.

The namespace that a solver gets multiplies matrices a few hundred eps worse than it should, once: too large, too small,
or off in one direction, as long sums of one sign are. Products with vectors, by which errors are measured, are left
alone, as their sums are short.
"""

import numpy as np
import pytest

from ntr_spec import polar
from ntr_spec.arrays import namespace_of
from tests.norms import spectra

EPS = 2.0**-52
LARGE = 300 * EPS

SOLVERS = (
    polar.SVD(),
    polar.GramEigh(),
    polar.QDWH(),
    polar.PolarExpress(6, 1e-2, gram=False),
    polar.PolarExpress(6, 1e-2, gram=True),
    polar.PolarExpress(1, 0.5, gram=False),
    polar.NewtonSchulz(),
)


class Faulty:
    """A namespace whose k-th product of matrices is wrong."""

    def __init__(self, xp, which, fault):
        self._xp, self._which, self._fault = xp, which, fault
        self.products = 0

    def __getattr__(self, name):
        return getattr(self._xp, name)

    def matmul(self, a, b):
        found = self._xp.matmul(a, b)
        if min(found.shape[-2:]) > 1:
            if self.products == self._which:
                found = self._fault(found)
            self.products += 1
        return found


def too_large(found):
    return found * (1 + LARGE)


def too_small(found):
    return found * (1 - LARGE)


def in_one_direction(found):
    """As large as what was found, in the direction of two vectors of signs; symmetric where the product is."""
    rng = np.random.default_rng(5)
    left = rng.choice([-1.0, 1.0], size=found.shape[-2])
    right = left if found.shape[-2] == found.shape[-1] else rng.choice([-1.0, 1.0], size=found.shape[-1])
    return found + LARGE * np.linalg.norm(found, 2) * np.outer(left, right) / np.sqrt(found.size)


@pytest.mark.parametrize("tall", [False, True])
@pytest.mark.parametrize("solver", SOLVERS, ids=repr)
@pytest.mark.parametrize("name", ["linear", "orthogonal", "one_small", "low_rank_and_noise"])
def test_one_product_may_be_wrong(name, solver, tall):
    x = spectra.matrix(name, (48, 96))
    x = np.ascontiguousarray(x.T if tall else x)
    x /= np.max(np.abs(x))
    plain = Faulty(namespace_of(x), -1, None)
    assert not spectra.held(x, *answer(solver, x, plain))
    assert plain.products > 2
    for which in range(plain.products):
        for fault in (too_large, too_small, in_one_direction):
            xp = Faulty(namespace_of(x), which, fault)
            factor, delta = answer(solver, x, xp)
            assert not spectra.held(x, factor, delta), (which, fault)


def answer(solver, x, xp):
    found = solver.certified(x, xp)
    return found.factor, found.delta
