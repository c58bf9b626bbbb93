from dataclasses import replace

import numpy as np
import pytest

from recommendations.choices import InteractionType
from recommendations.ml.data import TYPE_CODES, Catalogue, History, compute_signal_weights
from recommendations.tests.ml.builders import DAY, WEIGHTS, build_history, build_interactions

VIEW, LIKE = InteractionType.VIEW, InteractionType.LIKE
CART, PURCHASE = InteractionType.CART, InteractionType.PURCHASE


def test_each_interaction_type_weighs_what_the_settings_say() -> None:
    codes = np.array([TYPE_CODES[each] for each in InteractionType], dtype=np.int8)

    no_ratings = np.full(len(codes), np.nan, dtype=np.float32)
    weights = compute_signal_weights(codes, no_ratings, {**WEIGHTS, LIKE: 2.5})

    known = [TYPE_CODES[each] for each in (VIEW, LIKE, CART, PURCHASE)]
    assert weights[known].tolist() == [1, 2.5, 3, 5]


def test_a_rating_scales_the_weight_and_a_rating_of_three_leaves_it_as_it_is() -> None:
    likes = np.full(3, TYPE_CODES[LIKE], dtype=np.int8)

    weights = compute_signal_weights(likes, np.array([1.5, 3, 4.5], dtype=np.float32), WEIGHTS)

    assert weights.tolist() == [1, 2, 3]


def test_repeats_are_one_interaction_at_the_newest_time_with_a_capped_weight() -> None:
    twice = [(0, 1, VIEW, 10.0), (0, 1, VIEW, 30.0)]
    fifty_times = [(1, 1, VIEW, float(second)) for second in range(50)]

    interactions = build_interactions([*twice, *fifty_times], n_items=2)

    assert interactions.users.tolist() == [0, 1]
    assert interactions.timestamps.tolist() == [30, 49]
    assert interactions.weights == pytest.approx([1 + np.log(2), 2])


def test_interactions_of_different_types_with_one_product_stay_apart() -> None:
    interactions = build_interactions([(0, 1, VIEW, 1.0), (0, 1, PURCHASE, 2.0)], n_items=2)

    assert interactions.weights.tolist() == [1, 5]


def test_with_uniform_type_weights_ratings_and_repeats_still_count() -> None:
    bought_twice = [(0, 0, PURCHASE, 1.0), (0, 0, PURCHASE, 2.0)]
    rated = [(0, 1, VIEW, 3.0), (0, 2, CART, 4.0)]
    interactions = build_interactions(
        [*bought_twice, *rated], n_items=3, ratings=[np.nan, np.nan, np.nan, 1.5]
    )

    uniform = interactions.with_uniform_type_weights()

    assert interactions.weights == pytest.approx([5 * (1 + np.log(2)), 1, 1.5])
    assert uniform.weights == pytest.approx([1 + np.log(2), 1, 0.5])


def test_with_uniform_type_weights_a_weight_of_zero_stays_zero() -> None:
    interactions = build_interactions([(0, 0, VIEW, 1.0), (0, 1, VIEW, 2.0)], n_items=2)
    without_the_first = replace(interactions, weights=np.array([0, 1], dtype=np.float32))

    assert without_the_first.with_uniform_type_weights().weights.tolist() == [0, 1]


def test_interactions_are_in_the_order_of_their_times() -> None:
    interactions = build_interactions([(0, 0, VIEW, 3.0), (1, 1, CART, 1.0)], n_items=2)

    assert interactions.items.tolist() == [1, 0]
    assert interactions.weights.tolist() == [3, 1]


def test_weights_decay_with_the_days_before_the_newest_interaction() -> None:
    interactions = build_interactions([(0, 0, VIEW, 0.0), (1, 1, VIEW, 10 * DAY)], n_items=2)

    decayed = interactions.decay_weights(0.1)

    assert decayed == pytest.approx([np.exp(-1), 1])


def test_rows_of_some_interaction_types_are_found() -> None:
    events = [(0, 0, VIEW, 1.0), (0, 1, PURCHASE, 2.0), (1, 0, CART, 3.0)]

    found = build_interactions(events, n_items=2).have_type([CART, PURCHASE])

    assert found.tolist() == [False, True, True]


def test_a_history_from_items_gives_each_the_weight_one_and_the_age_zero() -> None:
    history = History.from_items([4, 2])

    assert history.items.tolist() == [4, 2]
    assert history.weights.tolist() == [1, 1]
    assert history.ages_in_days.tolist() == [0, 0]
    assert history.full_repeat_weights.tolist() == [1, 1]


def test_entries_are_selected_from_every_column_that_a_history_has() -> None:
    history = build_history(7, 8, 9, ages_in_days=[2, 1, 0], interaction_types=[VIEW, CART, LIKE])

    selected = history.select(np.array([True, False, True]))

    assert selected.items.tolist() == [7, 9]
    assert selected.ages_in_days.tolist() == [2, 0]
    assert selected.interaction_types.tolist() == [TYPE_CODES[VIEW], TYPE_CODES[LIKE]]
    assert selected.repeats.tolist() == []


def test_outside_ids_have_rows_and_unknown_ids_have_minus_one() -> None:
    catalogue = Catalogue.from_ids(np.array([70, 20, 50]))

    rows = catalogue.find_rows([20, 99, 70, 0])

    assert rows.tolist() == [1, -1, 0, -1]


def test_an_empty_catalogue_has_no_row_for_any_id() -> None:
    assert Catalogue.from_ids(np.array([], dtype=np.int64)).find_rows([1]).tolist() == [-1]


def test_a_log_keeps_every_event_and_merging_its_repeats_twice_is_merging_them_once() -> None:
    events = [(0, 0, VIEW, 3.0), (0, 0, VIEW, 1.0), (0, 0, VIEW, 2.0), (0, 1, VIEW, 4.0)]
    log = build_interactions(events, n_items=2, merged=False)

    merged = log.merge_repeats()

    assert log.timestamps.tolist() == [1, 2, 3, 4]
    assert log.weights.tolist() == [1, 1, 1, 1]
    assert merged.timestamps.tolist() == [3, 4]
    assert merged.repeats.tolist() == [3, 1]
    assert merged.weights.tolist() == pytest.approx([2, 1])
    again = merged.merge_repeats()
    assert again.repeats.tolist() == [3, 1]
    assert again.weights.tolist() == pytest.approx([2, 1])
