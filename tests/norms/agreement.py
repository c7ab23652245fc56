"""What every norm's test module asks: agreement with the convex program, and with itself."""

from __future__ import annotations

import numpy as np

from ntr_spec.arrays import dot
from ntr_spec.trees import leaves
from tests.norms import oracle


def check_against_oracle(norm, x, radii=(0.3, 1.0)):
    """Value, dual value, LMO objective and feasibility, and projection at fractions of ‖x‖, against the solver."""
    size = oracle.value(norm, x)
    np.testing.assert_allclose(norm(x), size, rtol=oracle.PRECISION)
    largest = oracle.dual_value(norm, x)
    np.testing.assert_allclose(norm.dual(x), largest, rtol=oracle.PRECISION)
    v = norm.lmo(x)
    np.testing.assert_allclose(dot(x, v), -largest, rtol=oracle.PRECISION)
    assert norm(v) <= 1 + 1e-12
    if norm.has_projection:
        for fraction in radii:
            radius = fraction * size
            p = norm.project(x, radius)
            assert norm(p) <= radius * (1 + 1e-12)
            np.testing.assert_allclose(
                np.linalg.norm(p - x),
                oracle.distance(norm, x, radius),
                atol=oracle.PRECISION * max(1.0, size),
            )


def check_zero_and_nan(norm, x):
    """Zero gives zero; one NaN is never lost."""
    from ntr_spec.trees import tree_map

    zero = tree_map(np.zeros_like, x)
    verbs = [norm, norm.lmo] + ([lambda p: norm.project(p, 0.5)] if norm.has_projection else [])
    for verb in verbs:
        assert all(not np.any(leaf) for leaf in leaves(verb(zero)))
    spoiled = tree_map(np.copy, x)
    leaves(spoiled)[-1].reshape(-1)[0] = np.nan
    for verb in verbs:
        assert any(np.any(np.isnan(leaf)) for leaf in leaves(verb(spoiled)))


def check_rho(norm, shape, rng):
    """ρ is the largest ‖v‖₂ on the unit ball: a bound at random points, reached by Frank–Wolfe from some start."""
    rho = norm.rho(shape)
    reached = 0.0
    for _ in range(20):
        v = rng.normal(size=shape)
        assert norm.dual(v) <= rho * np.linalg.norm(v) * (1 + 1e-12)
        for _ in range(60):
            v = -norm.lmo(v)
        reached = max(reached, float(np.linalg.norm(v)))
    np.testing.assert_allclose(reached, rho, rtol=1e-9)
