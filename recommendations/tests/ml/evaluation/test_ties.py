import numpy as np
import pytest

from recommendations.choices import InteractionType
from recommendations.ml.evaluation.splits import LeaveLastOut
from recommendations.ml.evaluation.ties import compute_tied_share, shuffle_ties
from recommendations.tests.ml.builders import DAY, build_interactions

VIEW = InteractionType.VIEW
LOG = build_interactions(
    [(user, item, VIEW, DAY * (item // 4)) for user in range(30) for item in range(8)],
    n_items=8,
    merged=False,
)


def test_the_last_of_a_day_is_any_of_the_day_once_ties_are_shuffled() -> None:
    in_file = {int(items[0]) for items in LeaveLastOut().split(LOG).ground_truth}
    split = LeaveLastOut().split(shuffle_ties(LOG, seed=1))
    shuffled = {int(items[0]) for items in split.ground_truth}

    assert in_file == {7}
    assert shuffled == {4, 5, 6, 7}
    assert all(set(history.items[:4]) == {0, 1, 2, 3} for history in split.histories)


def test_a_seed_gives_the_same_order() -> None:
    once, again, other = (shuffle_ties(LOG, seed=seed).items for seed in (1, 1, 2))

    np.testing.assert_array_equal(once, again)
    assert (once != other).any()


def test_the_share_of_ties_counts_consecutive_interactions_of_one_user() -> None:
    # Of seven steps of each user, the fourth is to the next day.
    assert compute_tied_share(LOG) == pytest.approx(6 / 7)
