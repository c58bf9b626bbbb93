import csv
import gzip
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings

from recommendations.errors import InvalidInputError
from recommendations.trials.off_policy import (
    LoggedChoices,
    PolicyValue,
    Refusal,
    compare_policies,
    estimate_policy_value,
)
from recommendations.trials.subject_days import FloatArray, IntArray

BANDIT = Path(settings.BASE_DIR).parent / "shared" / "data" / "open_bandit_small"
LOG = LoggedChoices(
    choices=np.tile([0, 1], 1_000),
    propensities=np.full(2_000, 0.5),
    rewards=np.tile([1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0], 250),
    subjects=np.arange(2_000),
)
"""Choice 0 earns 1/4 on average, choice 1 earns 3/4."""


def make_log(n_choices: int, rows: int, *, seed: int = 1, repeat: int = 1) -> LoggedChoices:
    """Draw choices at random; choice k earns something with probability (k + 1) / 10."""
    rng = np.random.default_rng(seed)
    choices = rng.integers(0, n_choices, rows)
    rewards = (rng.random(rows) < (choices + 1) / 10).astype(float)
    return LoggedChoices(
        choices=np.tile(choices, repeat),
        propensities=np.full(rows * repeat, 1 / n_choices),
        rewards=np.tile(rewards, repeat),
        subjects=np.tile(np.arange(rows), repeat),
    )


def values_of(found: PolicyValue) -> list[float]:
    assert found.ips is not None
    assert found.snips is not None
    assert found.doubly_robust is not None
    return [found.ips.value, found.snips.value, found.doubly_robust.value]


def test_a_policy_that_always_chooses_one_product_earns_what_it_earned_in_the_log() -> None:
    assert values_of(estimate_policy_value(LOG, np.array([0.0, 1.0]))) == pytest.approx(
        [0.75] * 3, abs=0.001
    )


def test_the_policy_of_the_log_earns_the_mean_of_the_log() -> None:
    found = estimate_policy_value(LOG, np.array([0.5, 0.5]))

    assert values_of(found) == pytest.approx([0.5] * 3, abs=0.001)
    assert found.effective_choices == 2_000


def test_a_policy_may_differ_from_row_to_row() -> None:
    rows = np.eye(2)[LOG.choices]

    # Whatever was drawn is what the policy chooses: all weights are 2.
    assert values_of(estimate_policy_value(LOG, rows))[1] == pytest.approx(0.5)


def test_a_good_prediction_makes_the_doubly_robust_interval_narrow() -> None:
    log = make_log(5, 4_000)
    policy = np.array([0.05, 0.05, 0.1, 0.3, 0.5])

    found = estimate_policy_value(log, policy, predicted=np.arange(1, 6) / 10)

    assert found.ips is not None
    assert found.doubly_robust is not None
    # 0.05 · 0.1 + 0.05 · 0.2 + 0.1 · 0.3 + 0.3 · 0.4 + 0.5 · 0.5
    assert found.doubly_robust.interval.contains(0.415)
    widths = [one.interval.high - one.interval.low for one in (found.ips, found.doubly_robust)]
    assert widths[1] < 0.9 * widths[0]


def test_the_same_subjects_again_add_no_certainty() -> None:
    policy = np.array([0.1, 0.2, 0.7])

    once, four_times = (
        estimate_policy_value(make_log(3, 2_000, repeat=repeat), policy) for repeat in (1, 4)
    )

    assert once.ips is not None
    assert four_times.ips is not None
    assert four_times.ips.interval.low == pytest.approx(once.ips.interval.low, abs=0.001)


def test_what_the_log_never_chose_cannot_be_judged() -> None:
    found = estimate_policy_value(make_log(3, 5_000), np.array([0.1, 0.1, 0.1, 0.7]))

    assert found.refusal is Refusal.NOT_COVERED
    assert (found.ips, found.snips, found.doubly_robust) == (None, None, None)


def test_two_policies_are_compared_row_by_row() -> None:
    found = compare_policies(LOG, np.array([1.0, 0.0]), np.array([0.0, 1.0]))

    assert values_of(found.before) == pytest.approx([0.25] * 3, abs=0.001)
    assert values_of(found.after) == pytest.approx([0.75] * 3, abs=0.001)
    assert values_of(found.change) == pytest.approx([0.5] * 3, abs=0.002)


def test_the_change_is_surer_than_its_sides_where_policies_choose_alike() -> None:
    log = make_log(5, 4_000)
    before, after = np.tile(np.eye(5)[4], (4_000, 1)), np.tile(np.eye(5)[4], (4_000, 1))
    after[::10] = np.eye(5)[0]

    found = compare_policies(log, before, after)

    # In a tenth of the rows, 0.1 is earned and not 0.5.
    assert found.change.ips is not None
    assert found.change.ips.interval.contains(-0.04)
    widths = [
        side.ips.interval.high - side.ips.interval.low
        for side in (found.before, found.after, found.change)
        if side.ips is not None
    ]
    assert widths[2] < 0.5 * min(widths[:2])


def test_there_is_no_change_if_one_side_is_refused() -> None:
    log = make_log(3, 5_000)

    found = compare_policies(log, np.array([1.0, 0, 0, 0]), np.array([0, 0, 0, 1.0]))

    assert found.before.refusal is None
    assert (found.after.refusal, found.change.refusal) == (Refusal.NOT_COVERED,) * 2
    assert found.change.doubly_robust is None


def test_a_few_choices_of_large_weight_do_not_decide() -> None:
    found = estimate_policy_value(make_log(200, 5_000), np.eye(200)[3])

    assert found.refusal is Refusal.TOO_FEW_CHOICES
    assert found.effective_choices < 50


def test_hardly_any_reward_is_not_enough() -> None:
    log = make_log(3, 5_000)
    rare = LoggedChoices(
        log.choices, log.propensities, log.rewards * (log.subjects < 60), log.subjects
    )

    found = estimate_policy_value(rare, np.full(3, 1 / 3))

    assert found.refusal is Refusal.TOO_FEW_REWARDS


@pytest.mark.parametrize(
    "policy",
    [np.array([0.5, 0.6]), np.array([1.5, -0.5]), np.array([1.0]), np.full((3, 2), 0.5)],
    ids=["more than 1", "negative", "choices are missing", "rows are missing"],
)
def test_what_is_no_policy_for_the_log_is_refused(policy: FloatArray) -> None:
    with pytest.raises(InvalidInputError, match="policy"):
        estimate_policy_value(LOG, policy)


@pytest.mark.parametrize("propensity", [0.0, -0.1, 1.1, float("nan")])
def test_a_propensity_that_is_no_probability_is_refused(propensity: float) -> None:
    with pytest.raises(InvalidInputError, match="propensity"):
        LoggedChoices(np.zeros(1, int), np.array([propensity]), np.ones(1), np.zeros(1, int))


def test_an_empty_log_says_nothing() -> None:
    nothing = np.zeros(0)
    log = LoggedChoices(nothing.astype(int), nothing, nothing, nothing.astype(int))

    found = estimate_policy_value(log, np.array([0.5, 0.5]))

    assert found.refusal is Refusal.TOO_FEW_CHOICES


def read_bandit(name: str) -> tuple[LoggedChoices, IntArray]:
    """Read a log of impressions and the position of each."""
    with gzip.open(BANDIT / f"{name}.csv.gz", "rt") as file:
        rows = list(csv.DictReader(file))
    log = LoggedChoices(
        choices=np.array([int(row["item_id"]) for row in rows]),
        propensities=np.array([float(row["propensity_score"]) for row in rows]),
        rewards=np.array([float(row["click"]) for row in rows]),
        subjects=np.arange(len(rows)),
    )
    return log, np.array([int(row["position"]) for row in rows])


@pytest.mark.skipif(not BANDIT.is_dir(), reason="the Open Bandit Dataset is not here")
@pytest.mark.parametrize(("campaign", "n_items"), [("men", 34), ("women", 46)])
def test_the_random_policy_of_the_bandit_data_earns_its_own_clicks(
    campaign: str, n_items: int
) -> None:
    log, _ = read_bandit(f"random_{campaign}")

    found = estimate_policy_value(log, np.full(n_items, 1 / n_items))

    assert values_of(found) == pytest.approx([log.rewards.mean()] * 3, rel=0.02)


@pytest.mark.skipif(not BANDIT.is_dir(), reason="the Open Bandit Dataset is not here")
def test_random_choices_tell_what_the_bandit_of_the_data_earned() -> None:
    random_log, random_positions = read_bandit("random_women")
    bandit_log, bandit_positions = read_bandit("bts_women")
    shares = np.zeros((4, 46))
    np.add.at(shares, (bandit_positions, bandit_log.choices), 1)
    shares /= np.maximum(shares.sum(axis=1, keepdims=True), 1)

    found = estimate_policy_value(random_log, shares[random_positions])

    assert found.refusal is None
    for estimate in (found.ips, found.snips, found.doubly_robust):
        assert estimate is not None
        assert estimate.interval.contains(bandit_log.rewards.mean())


@pytest.mark.skipif(not BANDIT.is_dir(), reason="the Open Bandit Dataset is not here")
@pytest.mark.parametrize(
    ("campaign", "n_items", "refusal"),
    [("men", 34, Refusal.TOO_FEW_REWARDS), ("women", 46, Refusal.TOO_FEW_CHOICES)],
)
def test_the_bandit_of_the_data_knows_too_little_of_what_it_hardly_showed(
    campaign: str, n_items: int, refusal: Refusal
) -> None:
    log, _ = read_bandit(f"bts_{campaign}")

    found = estimate_policy_value(log, np.full(n_items, 1 / n_items))

    assert found.refusal is refusal
