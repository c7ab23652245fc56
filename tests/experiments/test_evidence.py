"""Evidence for and against bounds on expectations: e-values, checked against their definition by enumeration."""

import itertools
import math

import numpy as np
import pytest

from ntr_spec.experiments.evidence import against_mean_at_least, against_mean_at_most_one, threshold
from ntr_spec.experiments.slopes import slope, slopes

# Two values and the probability of the second; the mean is 1 exactly.
FAIR = [((0.0, 2.0), 0.5), ((0.5, 1.5), 0.5), ((0.0, 10.0), 0.1), ((0.9, 4.9), 0.025), ((1.0, 1.0), 0.3)]


def expectation(values, chance, count, evidence):
    """E exp(evidence) over all outcomes of so many draws."""
    total = 0.0
    for outcome in itertools.product((0, 1), repeat=count):
        weight = math.prod(chance if k else 1 - chance for k in outcome)
        total += weight * math.exp(evidence([values[k] for k in outcome]))
    return total


@pytest.mark.parametrize(("values", "chance"), FAIR)
@pytest.mark.parametrize("count", [1, 2, 7])
def test_the_expected_evidence_against_a_mean_of_one_is_one(values, chance, count):
    assert expectation(values, chance, count, against_mean_at_most_one) == pytest.approx(1.0, rel=1e-12)


@pytest.mark.parametrize("shrink", [0.0, 0.3, 0.9])
def test_and_less_where_the_mean_is_less(shrink):
    (low, high), chance = FAIR[2]
    assert expectation((shrink * low, shrink * high), chance, 5, against_mean_at_most_one) < 1.0


@pytest.mark.parametrize(("values", "chance"), FAIR)
def test_the_expected_evidence_against_a_mean_of_at_least_the_bound_is_one_at_the_bound(values, chance):
    mean = (1 - chance) * values[0] + chance * values[1]
    found = expectation(values, chance, 5, lambda draws: against_mean_at_least(draws, mean, 12.0))
    assert found == pytest.approx(1.0, rel=1e-12)


def test_an_excess_is_found_and_a_lack_of_one_is_not():
    rng = np.random.default_rng(0)
    level = threshold(1e-6, 100)
    assert against_mean_at_most_one(1.6 * rng.exponential(size=200)) > level
    assert against_mean_at_most_one(0.99 * rng.exponential(size=20_000)) < level
    assert against_mean_at_most_one([*[0.9] * 10, 1e9]) > 0, "a single run may be enormous"
    assert against_mean_at_most_one([math.inf]) == math.inf


def test_a_mean_below_is_established_where_runs_cannot_be_large():
    level = threshold(1e-6, 10)
    assert against_mean_at_least([0.2] * 100, 0.5, 1.0) > level
    assert against_mean_at_least([0.2] * 100, 0.5, 100.0) < level, "a rare large run could have been missed"
    assert against_mean_at_least([0.2], 0.5, 0.4) == math.inf
    assert against_mean_at_least([0.2], 0.5, 0.5) <= 0.0


@pytest.mark.parametrize("ratios", [[], [-1.0], [math.nan]])
def test_what_is_no_ratio_is_refused(ratios):
    with pytest.raises(ValueError, match="none negative"):
        against_mean_at_most_one(ratios)


def test_thresholds_share_the_chance_among_hypotheses():
    assert math.exp(-threshold(1e-6, 50)) * 50 == pytest.approx(1e-6)


def test_slopes_of_powers_and_their_spread():
    x = [10, 100, 1000]
    assert slope(x, [7 * k**-0.25 for k in x]) == pytest.approx(-0.25)
    rng = np.random.default_rng(0)
    error = slopes(x, [[k**-0.5 * math.exp(0.1 * e) for e in rng.normal(size=40)] for k in x])[1]
    # Ends alone matter: each mean's relative error is 0.1/√40, and they lie log 100 apart.
    assert error == pytest.approx(math.sqrt(2) * 0.1 / math.sqrt(40) / math.log(100), rel=0.3)
