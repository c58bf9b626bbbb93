import numpy as np
import pytest

from recommendations.choices import InteractionType
from recommendations.ml.factorization import MatrixFactorizationModel
from recommendations.ml.interactions import History
from recommendations.tests.ml.builders import Event, interactions_of

LIKE = InteractionType.LIKE


def test_by_ratings_a_stranger_is_predicted_what_those_of_like_taste_rated() -> None:
    """Even users love items 0 to 3 and loathe 4 to 7, odd users the other way round."""
    events: list[Event] = []
    ratings: list[float] = []
    for user in range(60):
        for item in range(8):
            if (user // 2 + item) % 5:
                events.append((user, item, LIKE, float(len(events))))
                ratings.append(5.0 if (item < 4) == (user % 2 == 0) else 1.0)
    model = MatrixFactorizationModel(objective="rating", n_factors=4, n_epochs=100)
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


def test_what_came_next_is_told_from_what_did_not() -> None:
    cycle = 20
    events = [
        (user, (user + step) % cycle, InteractionType.VIEW, float(step))
        for user in range(200)
        for step in range(4)
    ]
    model = MatrixFactorizationModel().fit(interactions_of(events, n_items=cycle))

    history = History(
        items=np.array([5, 6, 7], dtype=np.int32),
        weights=np.ones(3, dtype=np.float32),
        ages_in_days=np.zeros(3, dtype=np.float32),
    )
    assert model.candidates(history, 1).items.tolist() == [8]
