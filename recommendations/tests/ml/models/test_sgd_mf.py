import numpy as np
import pytest

from recommendations.choices import InteractionType
from recommendations.ml.data import History, Interactions
from recommendations.ml.models import sgd_mf
from recommendations.ml.models.sgd_mf import MatrixFactorizationModel
from recommendations.tests.ml.builders import Event, history_of, interactions_of

LIKE = InteractionType.LIKE

on_one_thread_and_on_four = pytest.mark.parametrize("n_threads", [1, 4])


def circles() -> Interactions:
    """200 users go four steps around a circle of 20 items."""
    steps: list[Event] = [
        (user, (user + step) % 20, InteractionType.VIEW, float(step))
        for user in range(200)
        for step in range(4)
    ]
    return interactions_of(steps, n_items=20)


@on_one_thread_and_on_four
def test_by_ratings_a_stranger_is_predicted_what_those_of_like_taste_rated(n_threads: int) -> None:
    """Even users love items 0 to 3 and loathe 4 to 7, odd users the other way round."""
    events: list[Event] = []
    ratings: list[float] = []
    for user in range(60):
        for item in range(8):
            if (user // 2 + item) % 5:
                events.append((user, item, LIKE, float(len(events))))
                ratings.append(5.0 if (item < 4) == (user % 2 == 0) else 1.0)
    model = MatrixFactorizationModel(
        objective="rating", n_factors=4, n_epochs=100, n_threads=n_threads
    )
    model.fit(interactions_of(events, n_items=8, ratings=ratings))

    loved, loathed = 2 * 5 / 3, 2 * 1 / 3
    stranger = History(
        items=np.array([0, 4], dtype=np.int32),
        weights=np.array([loved, loathed], dtype=np.float32),
        ages_in_days=np.zeros(2, dtype=np.float32),
    )
    scores = model.score([stranger])[0]

    assert scores[1:4] == pytest.approx(loved, abs=0.4)
    assert scores[5:] == pytest.approx(loathed, abs=0.4)


@on_one_thread_and_on_four
def test_what_came_next_is_told_from_what_did_not(n_threads: int) -> None:
    model = MatrixFactorizationModel(n_threads=n_threads).fit(circles())

    assert model.candidates(history_of(5, 6, 7), 1).items.tolist() == [8]


def test_passes_end_when_enough_has_been_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    interactions = circles()
    monkeypatch.setattr(sgd_mf, "MAX_TRAINING_STEPS", 6 * len(interactions))

    told, enough = (MatrixFactorizationModel(n_epochs=n).fit(interactions) for n in (20, 6))

    np.testing.assert_array_equal(told.item_factors_, enough.item_factors_)


def test_there_are_a_few_passes_however_much_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    interactions = circles()
    monkeypatch.setattr(sgd_mf, "MAX_TRAINING_STEPS", 1)

    told, few = (
        MatrixFactorizationModel(n_epochs=n).fit(interactions) for n in (20, sgd_mf.MIN_EPOCHS)
    )

    np.testing.assert_array_equal(told.item_factors_, few.item_factors_)
