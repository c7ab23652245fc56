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
        if found.ndim > 1 and min(found.shape[-2:]) > 1:
            if self.products == self._which:
                found = self._fault(found)
            self.products += 1
        return found


def too_large(found):
    return found * (1 + LARGE)


def too_small(found):
    return found * (1 - LARGE)


def in_one_direction(found, large=LARGE):
    """Off in the direction of two vectors of signs; symmetric where the product is."""
    rng = np.random.default_rng(5)
    left = rng.choice([-1.0, 1.0], size=found.shape[-2])
    right = left if found.shape[-2] == found.shape[-1] else rng.choice([-1.0, 1.0], size=found.shape[-1])
    return found + large * np.linalg.norm(found, 2) * np.outer(left, right) / np.sqrt(found.size)


def against_it(found):
    return in_one_direction(found, -LARGE)


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
        for fault in (too_large, too_small, in_one_direction, against_it):
            xp = Faulty(namespace_of(x), which, fault)
            factor, delta = answer(solver, x, xp)
            assert not spectra.held(x, factor, delta), (which, fault)


def answer(solver, x, xp):
    found = solver.certified(x, xp)
    return found.factor, found.delta


class Decomposed:
    """A namespace whose decompositions are those of X + F, with singular values that are off by a share."""

    def __init__(self, xp, units, share):
        self._xp, self._units, self._share = xp, units, share
        self.linalg = self

    def __getattr__(self, name):
        return getattr(self._xp, name)

    def svd(self, x, full_matrices=True):
        u, s, vh = np.linalg.svd(x, full_matrices=False)
        moved = s - self._units * EPS * np.linalg.norm(s) / np.sqrt(s.size)  # F along the polar factor
        return u, moved * (1 - self._share), vh


@pytest.mark.parametrize(("units", "share"), [(0.0, 0.0), (3.0, 0.0), (0.0, LARGE), (0.0, -LARGE)])
@pytest.mark.parametrize("name", ["linear", "one_large", "rank_one", "half_rank_spread"])
def test_a_decomposition_may_be_that_of_a_matrix_nearby(name, units, share):
    """By ‖F‖_F = 3 eps‖X‖_F, LAPACK's usual backward error; a share is what long sums of one sign make of it."""
    x = spectra.matrix(name, (48, 96))
    x = x / np.max(np.abs(x))
    factor, delta = answer(polar.SVD(cutoff=0.0), x, Decomposed(namespace_of(x), units, share))
    assert not spectra.held(x, factor, delta)
    assert delta < 100 * EPS + 3 * abs(share)
