import numpy as np
import pytest

from recommendations.choices import InteractionType
from recommendations.ml.models.own_items import OwnLatestModel, OwnMostFrequentModel
from recommendations.tests.ml.builders import (
    Event,
    build_history,
    build_interactions,
    find_candidates,
    find_contributions,
    score_items,
)

VIEW = InteractionType.VIEW
LOG: list[Event] = [(0, item, VIEW, float(item)) for item in range(4)]


def test_the_item_touched_last_is_first_and_each_other_is_a_step_behind() -> None:
    latest = OwnLatestModel(position_decay=0.5).fit(build_interactions(LOG, n_items=4))

    best = find_candidates(latest, build_history(2, 0, 1, 0), 4)

    assert best.items.tolist() == [0, 1, 2]
    assert best.scores.tolist() == pytest.approx([1, 0.5, 0.25])


def test_the_item_touched_most_often_is_first_and_the_newer_one_of_two_equal_ones() -> None:
    frequent = OwnMostFrequentModel().fit(build_interactions(LOG, n_items=4))

    best = find_candidates(frequent, build_history(2, 0, 1, repeats=[2, 3, 2]), 4)

    assert best.items.tolist() == [0, 1, 2]
    assert score_items(frequent, build_history(2), 3).tolist() == pytest.approx(
        [np.nan], nan_ok=True
    )


def test_the_last_entry_of_an_item_explains_the_latest_all_of_them_the_most_frequent() -> None:
    history = build_history(2, 0, 2, repeats=[3, 1, 1])
    log = build_interactions(LOG, n_items=4)
    latest, frequent = OwnLatestModel().fit(log), OwnMostFrequentModel().fit(log)

    assert find_contributions(latest, history, 2)[0].tolist() == pytest.approx([0, 0, 1])
    total = score_items(frequent, history, 2)[0]
    assert find_contributions(frequent, history, 2)[0].tolist() == pytest.approx(
        [total * 3 / 4, 0, total / 4]
    )
