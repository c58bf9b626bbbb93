"""A short form of `make simulate`: seeded, so that every run has the same figures."""

from benchmarks.ab_tests.simulations import (
    UNCAPPED_REVENUE,
    measure_interleaving,
    measure_mismatch_alarms,
    measure_misses,
    measure_off_policy_coverage,
    measure_power,
)
from recommendations.trials.metrics import CLICK_THROUGH


def test_equal_arms_are_called_different_as_rarely_as_promised() -> None:
    clicks, revenue = measure_misses([CLICK_THROUGH, UNCAPPED_REVENUE], n_runs=100, seed=21)

    assert clicks.at_end <= 0.1
    assert clicks.ever <= 0.05
    assert clicks.claimed <= 0.1
    # What peeking at ordinary intervals would do: this shows that the simulation can find it.
    assert clicks.ever_fixed > 0.15
    # Heavy tails do not change that, even without a cap.
    assert revenue.at_end <= 0.1
    assert revenue.ever <= 0.05


def test_a_sequence_covers_the_true_difference_on_all_days() -> None:
    (found,) = measure_misses([CLICK_THROUGH], n_runs=60, seed=23, lift=0.1, uses_before=True)

    assert found.ever <= 0.05


def test_as_many_subjects_as_planned_find_the_lift_as_often_as_planned() -> None:
    # 80 % is planned; two standard errors of 120 runs are 7 points.
    assert 0.73 <= measure_power(CLICK_THROUGH, n_runs=120, seed=28) <= 0.87


def test_the_alarm_of_the_sample_ratio_is_rare_and_sounds_when_it_should() -> None:
    assert measure_mismatch_alarms(n_runs=200, seed=25, share=0.5)[1] <= 0.01
    assert measure_mismatch_alarms(n_runs=50, seed=25, share=0.48)[0] >= 0.95


def test_interleaving_finds_a_better_model_with_a_fifth_of_the_subjects() -> None:
    found = measure_interleaving(n_runs=20, seed=26, fractions=(5,))

    assert 0.045 <= found.lift <= 0.055
    assert found.interleaving[5] >= max(found.ab_test, 0.8)
    assert found.false_positives <= 0.1


def test_off_policy_intervals_cover_the_true_value() -> None:
    covered, refused = measure_off_policy_coverage(n_runs=200, seed=27, n_subjects=1_000)

    assert refused == 0
    assert min(covered.values()) >= 0.93
