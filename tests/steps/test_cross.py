"""Steps in ℓ₁ balls at a size at which the search puts entries aside, beside the search that looks at all of them."""

import numpy as np
import pytest

import ntr_spec as ntr
from ntr_spec.steps import Ball, Box, Penalty, Ridge, trust_region_step


@pytest.mark.parametrize("radius", [0.05, 5.0, 500.0])
def test_long_crosses_put_entries_aside_and_lose_nothing(radius):
    rng = np.random.default_rng(8)
    m, center = rng.standard_normal(20_000), np.clip(0.1 * rng.standard_normal(20_000), -0.2, 0.2)
    ones = np.ones(m.size)
    for plain, as_long in (
        (Penalty(ntr.L1(), 0.5), Penalty(ntr.Weighted(ntr.L1(), ones), 0.5)),  # looks at all entries, always
        (Box(-0.2, 0.3), Box(-0.2 * ones, 0.3 * ones)),
        (Penalty(ntr.L1(), 0.5) + Ridge(2.0), Penalty(ntr.Weighted(ntr.L1(), ones), 0.5) + Ridge(2.0)),
    ):
        step = trust_region_step(ntr.L1(), m, center, radius, plain)
        twin = trust_region_step(ntr.L1(), m, center, radius, as_long)
        assert plain.uniform
        assert not as_long.uniform
        assert float(step.relative_gap) <= 1e-9
        assert np.abs(step.point - center).sum() <= radius * (1 + 1e-12)
        np.testing.assert_allclose(step.point, twin.point, atol=1e-9 * radius)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(
    ("m", "c", "radius", "regularizer", "expected"),
    [
        ([0, 0, 0], [0, 0, 0], 1.0, Box(-5.0, 5.0), [0, 0, 0]),
        ([0, 0, 0], [1, 0, 0], 1.0, Ball(ntr.LInf(), 5.0), [1, 0, 0]),
        ([0, 0, 0], [1, 0, 0], 1.0, Box(0.0, None), [1, 0, 0]),
        ([1, 0, 0, 0], [0, 0, 0, 0], 7.0, Box(-5.0, 5.0), [-5, 0, 0, 0]),
        ([1, 0, 0, 0], [-5, 0, 0, 0], 10.0, Box(-5.0, 5.0), [-5, 0, 0, 0]),
        ([0, 0], [3, 0], 1.0, Penalty(ntr.L1(), 0.1), [2, 0]),
    ],
)
def test_entries_without_slope_stay_at_the_centre(m, c, radius, regularizer, expected, dtype):
    m, c = np.array(m, dtype=dtype), np.array(c, dtype=dtype)
    step = ntr.trust_region_step(ntr.L1(), m, c, radius, regularizer)
    np.testing.assert_allclose(step.point, expected, atol=1e-6)
    state = ntr.State(c, np.zeros_like(m))
    method = ntr.TrustRegion(ntr.L1(), radius=radius, momentum=0.0, regularizer=regularizer)
    np.testing.assert_allclose(method.update(state, m).x, expected, atol=1e-6)
