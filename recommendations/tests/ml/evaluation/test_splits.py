import numpy as np

from recommendations.choices import InteractionType
from recommendations.ml.data import INTERACTION_TYPES
from recommendations.ml.evaluation.rolling import split_rolling
from recommendations.ml.evaluation.splits import (
    LeaveLastOut,
    TimeSplit,
    build_histories,
)
from recommendations.tests.ml.builders import DAY, build_catalogue, build_interactions

VIEW, CART, PURCHASE = InteractionType.VIEW, InteractionType.CART, InteractionType.PURCHASE


def test_leave_last_out_trains_on_all_but_two_items_and_keeps_all_but_one_in_the_history() -> None:
    events = [(0, item, VIEW, float(item)) for item in range(5)] + [(0, 4, PURCHASE, 9.0)]
    too_short = [(1, 0, VIEW, 0.0), (1, 1, VIEW, 1.0)]

    split = LeaveLastOut().split(build_interactions([*events, *too_short], n_items=5))

    assert split.users.tolist() == [0]
    assert [target.tolist() for target in split.ground_truth] == [[4]]
    assert split.histories[0].items.tolist() == [0, 1, 2, 3]
    learnt = zip(split.training.users.tolist(), split.training.items.tolist(), strict=True)
    assert sorted(learnt) == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1)]


def test_a_time_split_asks_for_new_items_and_has_a_new_users_first_item_in_the_history() -> None:
    known, new, alone = 0, 1, 2
    before = [(known, item, VIEW, item * DAY) for item in range(8)]
    after = [
        (known, 3, PURCHASE, 20 * DAY),
        (known, 8, VIEW, 21 * DAY),
        (new, 5, VIEW, 22 * DAY),
        (new, 6, VIEW, 23 * DAY),
        (alone, 7, VIEW, 24 * DAY),
    ]

    split = TimeSplit(test_share=5 / 13).split(build_interactions([*before, *after], n_items=9))

    assert len(split.training) == 8
    assert split.users.tolist() == [known, new]
    assert split.is_warm.tolist() == [True, False]
    assert [target.tolist() for target in split.ground_truth] == [[8], [6]]
    assert split.histories[0].items.tolist() == list(range(8))
    assert split.histories[1].items.tolist() == [5]


def test_history_ages_count_days_from_the_users_newest_interaction() -> None:
    interactions = build_interactions([(0, 0, VIEW, 0.0), (0, 1, VIEW, 2.5 * DAY)], n_items=2)

    history = build_histories(interactions, np.array([0], dtype=np.int32))[0]

    assert history.ages_in_days.tolist() == [2.5, 0]


def test_the_validation_split_of_leave_last_out_asks_for_the_last_item_but_one() -> None:
    events = [(0, item, VIEW, item * DAY) for item in range(4)]
    log = build_interactions(events, n_items=4, merged=False)

    earlier = LeaveLastOut().split_validation(log)

    assert [target.tolist() for target in earlier.ground_truth] == [[2]]
    assert earlier.histories[0].items.tolist() == [0, 1]
    assert earlier.histories[0].ages_in_days.tolist() == [1, 0]
    assert earlier.training.items.tolist() == [0, 1]


def test_the_last_item_bought_is_asked_for_from_the_history_before_its_first_touch() -> None:
    bought = [(0, 1, VIEW, 1.0), (0, 1, PURCHASE, 2.0), (0, 3, VIEW, 4.0), (0, 3, PURCHASE, 6.0)]
    viewed = [(0, 0, VIEW, 0.0), (0, 2, VIEW, 3.0), (0, 4, VIEW, 5.0)]
    log = build_interactions([*bought, *viewed], n_items=5, merged=False)

    split = LeaveLastOut(interaction_types=[PURCHASE]).split(log)

    assert [target.tolist() for target in split.ground_truth] == [[3]]
    assert split.histories[0].items.tolist() == [0, 1, 1, 2]
    assert split.training.items.tolist() == [0], (
        "training data end before the last but one item bought"
    )


def test_with_seen_items_the_last_purchase_may_be_of_an_item_touched_before() -> None:
    events = [
        (0, 0, VIEW, 0.0),
        (0, 1, PURCHASE, 1.0),
        (0, 0, PURCHASE, 2.0),
        (0, 2, VIEW, 3.0),
        (0, 1, PURCHASE, 4.0),
    ]

    split = LeaveLastOut(interaction_types=[PURCHASE], include_seen=True).split(
        build_interactions(events, n_items=3, merged=False)
    )

    assert split.excluded[0].tolist() == []
    assert [target.tolist() for target in split.ground_truth] == [[1]]
    assert split.histories[0].items.tolist() == [0, 1, 0, 2]
    assert split.training.items.tolist() == [0, 1]


def test_with_seen_items_everything_after_a_cut_is_asked_for() -> None:
    before = [(0, 0, PURCHASE, 1 * DAY), (0, 0, PURCHASE, 2 * DAY), (0, 1, PURCHASE, 3 * DAY)]
    after = [(0, 0, PURCHASE, 10 * DAY), (0, 2, PURCHASE, 11 * DAY)]
    log = build_interactions([*before, *after], n_items=3, merged=False)

    everything = TimeSplit(cut=10 * DAY, include_seen=True).split(log)
    new = TimeSplit(cut=10 * DAY).split(log)

    assert [target.tolist() for target in everything.ground_truth] == [[0, 2]]
    assert [target.tolist() for target in new.ground_truth] == [[2]]
    assert everything.histories[0].items.tolist() == [0, 1]
    assert everything.histories[0].repeats.tolist() == [2, 1]
    assert everything.training.timestamps.tolist() == [2 * DAY, 3 * DAY]


def test_a_repeatable_item_is_asked_for_again_and_another_one_is_not_listed_again() -> None:
    coffee, lamp, new = 0, 1, 2
    catalogue = build_catalogue(3, repeatable=[coffee])
    events = [
        (0, coffee, PURCHASE, 1 * DAY),
        (0, lamp, PURCHASE, 2 * DAY),
        (0, lamp, VIEW, 10 * DAY),
        (0, coffee, PURCHASE, 11 * DAY),
        (0, new, VIEW, 12 * DAY),
    ]
    log = build_interactions(events, n_items=3, catalogue=catalogue, merged=False)

    split = TimeSplit(cut=9 * DAY, include_repeatable=True).split(log)

    assert [target.tolist() for target in split.ground_truth] == [[coffee, new]]
    assert [excluded.tolist() for excluded in split.excluded] == [[lamp]]


def test_the_first_item_of_a_new_user_is_the_history_however_often_it_is_touched() -> None:
    events = [
        (0, 0, VIEW, 1 * DAY),
        (1, 1, VIEW, 10 * DAY),
        (1, 2, VIEW, 11 * DAY),
        (1, 1, PURCHASE, 12 * DAY),
    ]
    log = build_interactions(events, n_items=3, merged=False)

    split = TimeSplit(cut=9 * DAY, include_seen=True).split(log)

    assert split.users.tolist() == [1]
    assert split.histories[0].items.tolist() == [1, 1]
    assert [target.tolist() for target in split.ground_truth] == [[2]]


def test_the_validation_period_before_a_cut_is_as_long_as_the_test_period() -> None:
    log = build_interactions(
        [(0, day, VIEW, day * DAY) for day in range(11)], n_items=11, merged=False
    )

    earlier = TimeSplit(cut=8 * DAY).split_validation(log)

    assert earlier.training.items.tolist() == [0, 1, 2, 3, 4]
    assert [target.tolist() for target in earlier.ground_truth] == [[5, 6, 7]]


def test_a_log_stamped_by_the_day_is_tuned_on_the_day_before_the_last() -> None:
    log = build_interactions(
        [(0, day, VIEW, day * DAY) for day in range(11)], n_items=11, merged=False
    )

    earlier = TimeSplit(cut=10 * DAY).split_validation(log)

    assert earlier.training.items.tolist() == list(range(9))
    assert [target.tolist() for target in earlier.ground_truth] == [[9]]


def test_moments_of_any_precision_leave_a_period_as_long_before_the_cut() -> None:
    moments = [0.25, 1.0, 2.5, 3.75, 4.0, 4.5]
    log = build_interactions(
        [(0, item, VIEW, moment) for item, moment in enumerate(moments)], n_items=6, merged=False
    )

    earlier = TimeSplit(cut=4.0).split_validation(log)

    assert earlier.training.items.tolist() == [0, 1, 2]
    assert [target.tolist() for target in earlier.ground_truth] == [[3]]


ROLLING = [
    (0, 0, VIEW, 0.0),
    (0, 1, VIEW, 2 * DAY),
    (1, 0, VIEW, 3 * DAY),
    (0, 2, CART, 6 * DAY),
    (0, 1, PURCHASE, 6 * DAY),
    (1, 0, PURCHASE, 7 * DAY),
    (0, 2, PURCHASE, 8 * DAY),
]
"""Eight days; of two windows, the first is training data only."""


def test_every_moment_of_a_window_is_asked_for_from_everything_before_it() -> None:
    log = build_interactions(ROLLING, n_items=3, merged=False)

    (split,) = split_rolling(log, n_windows=2, interaction_types=[PURCHASE], include_seen=True)

    assert [excluded.tolist() for excluded in split.excluded] == [[]] * len(split)
    assert split.training.items.tolist() == [0, 1, 0]
    assert split.users.tolist() == [0, 0, 1]
    assert [target.tolist() for target in split.ground_truth] == [[1], [2], [0]]
    assert [history.items.tolist() for history in split.histories] == [[0, 1], [0, 1, 2, 1], [0]]
    assert split.histories[1].ages_in_days.tolist() == [6, 4, 0, 0]


def test_new_items_of_a_window_are_asked_for_from_the_history_before_their_first_touch() -> None:
    log = build_interactions(ROLLING, n_items=3, merged=False)

    (touched,) = split_rolling(log, n_windows=2)
    (bought,) = split_rolling(log, n_windows=2, interaction_types=[PURCHASE])

    assert touched.users.tolist() == bought.users.tolist() == [0]
    assert touched.ground_truth[0].tolist() == bought.ground_truth[0].tolist() == [2]
    assert bought.histories[0].items.tolist() == [0, 1]


def test_a_purchase_after_a_window_is_not_in_its_ground_truth() -> None:
    log = build_interactions(ROLLING, n_items=3, merged=False)

    earlier, later = split_rolling(log, n_windows=4, interaction_types=[PURCHASE])[1:]

    assert len(earlier) == 0, "item 2 is first touched there and bought later"
    assert len(later) == 0


def test_a_user_without_a_past_is_in_no_case() -> None:
    log = build_interactions([*ROLLING, (2, 1, PURCHASE, 7 * DAY)], n_items=3, merged=False)

    (split,) = split_rolling(log, n_windows=2, interaction_types=[PURCHASE], include_seen=True)

    assert 2 not in split.users


def test_histories_hold_the_interaction_types() -> None:
    log = build_interactions(ROLLING, n_items=3, merged=False)

    history = build_histories(log, np.array([0], dtype=np.int32))[0]

    assert [INTERACTION_TYPES[code] for code in history.interaction_types] == [
        VIEW,
        VIEW,
        CART,
        PURCHASE,
        PURCHASE,
    ]
