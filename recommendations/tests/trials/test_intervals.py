import math

import numpy as np
import pytest

from recommendations.trials.intervals import (
    Widths,
    compute_fixed_width,
    compute_ratio_interval,
    compute_sequence_width,
)


def test_the_fixed_width_is_the_well_known_one() -> None:
    assert compute_fixed_width() == pytest.approx(1.959964, abs=1e-6)


@pytest.mark.parametrize("alpha", [0.05, 0.01])
def test_a_sequence_is_narrowest_at_the_planned_clock(alpha: float) -> None:
    widths = {
        clock: compute_sequence_width(clock, planned_clock=1_000, alpha=alpha)
        for clock in (10, 100, 900, 1_000, 1_100, 10_000, 100_000)
    }

    assert min(widths, key=widths.__getitem__) == 1_000
    # There the clock cancels: the half-width w solves w² = 1 + log(w²) − log(α²).
    assert widths[1_000] ** 2 == pytest.approx(1 + math.log(widths[1_000] ** 2 / alpha**2))


def test_a_random_walk_leaves_its_sequence_in_less_than_one_of_twenty_walks() -> None:
    rng = np.random.default_rng(1)
    steps = np.arange(1, 3_001)
    widths = np.array([compute_sequence_width(float(step), planned_clock=500) for step in steps])
    z_scores = rng.normal(0, 1, (1_000, 3_000)).cumsum(axis=1) / np.sqrt(steps)

    ever_outside = (np.abs(z_scores) > widths).any(axis=1).mean()
    ever_outside_fixed = (np.abs(z_scores) > compute_fixed_width()).any(axis=1).mean()

    assert 0 < ever_outside <= 0.05
    assert ever_outside_fixed > 0.5


def test_the_interval_of_a_ratio_is_that_of_simulated_ratios() -> None:
    rng = np.random.default_rng(2)
    numerators, denominators = rng.normal(12, 0.5, 200_000), rng.normal(10, 0.5, 200_000)

    interval = compute_ratio_interval(
        12,
        10,
        variances=(0.25, 0.25),
        covariance=0.0,
        widths=Widths(compute_fixed_width(), compute_fixed_width()),
    )

    assert interval is not None
    low, high = np.quantile(numerators / denominators, [0.025, 0.975])
    assert interval.low == pytest.approx(low, abs=0.005)
    assert interval.high == pytest.approx(high, abs=0.005)


@pytest.mark.parametrize("denominator", [0.5, -10.0, 0.0])
def test_a_denominator_that_may_be_nothing_has_no_ratio(denominator: float) -> None:
    interval = compute_ratio_interval(
        1,
        denominator,
        variances=(0.25, 0.25),
        covariance=0.0,
        widths=Widths(compute_fixed_width(), compute_fixed_width()),
    )

    assert interval is None
