import numpy as np
import pytest

from recommendations.choices import InteractionType
from recommendations.ml.data import History
from recommendations.ml.models.popularity import PopularityModel
from recommendations.tests.ml.builders import (
    DAY,
    build_history,
    build_interactions,
    find_candidates,
)

VIEW = InteractionType.VIEW


def test_an_interaction_one_half_life_old_counts_half() -> None:
    fresh, old = 0, 1
    events = [(0, old, VIEW, 0.0), (1, fresh, VIEW, 7 * DAY)]
    popularity = PopularityModel(half_life_days=7.0).fit(build_interactions(events, n_items=2))

    scores = popularity.score([History()])

    assert scores[0, old] == pytest.approx(0.5 * scores[0, fresh])


def test_one_visitor_who_repeats_fifty_times_does_not_beat_three_who_view_once() -> None:
    pushed, liked = 0, 1
    fake = [(0, pushed, VIEW, float(second)) for second in range(50)]
    real = [(user, liked, VIEW, 10.0) for user in (1, 2, 3)]
    popularity = PopularityModel().fit(build_interactions([*fake, *real], n_items=2))

    best = find_candidates(popularity, History(), 1)

    assert best.items.tolist() == [liked]


def test_popularity_is_the_same_for_everybody() -> None:
    events = [(0, 0, VIEW, 0.0), (1, 1, VIEW, 0.0), (2, 1, VIEW, 0.0)]
    popularity = PopularityModel().fit(build_interactions(events, n_items=3))
    histories = [build_history(), build_history(0), build_history(1), build_history(2, 1)]

    lists = [find_candidates(popularity, history, 3).items.tolist() for history in histories]

    assert lists == [[1, 0]] * 4
    np.testing.assert_array_equal(popularity.score(histories), [[1, 2, np.nan]] * 4)
