import numpy as np
import pytest

from recommendations.choices import InteractionType
from recommendations.ml.data import Interactions
from recommendations.ml.models import sgd_mf
from recommendations.ml.models.sgd_mf import MatrixFactorizationModel
from recommendations.tests.ml.builders import (
    Event,
    build_history,
    build_interactions,
    find_candidates,
    make_two_taste_events,
)


def make_circles() -> Interactions:
    """200 users go four steps around a circle of 20 items."""
    steps: list[Event] = [
        (user, (user + step) % 20, InteractionType.VIEW, float(step))
        for user in range(200)
        for step in range(4)
    ]
    return build_interactions(steps, n_items=20)


def test_the_next_item_of_a_sequence_is_found() -> None:
    model = MatrixFactorizationModel().fit(make_circles())

    assert find_candidates(model, build_history(5, 6, 7), 1).items.tolist() == [8]


def test_training_ends_after_enough_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    interactions = make_circles()
    monkeypatch.setattr(sgd_mf, "MAX_TRAINING_STEPS", 6 * len(interactions))

    ended, six_epochs = (MatrixFactorizationModel(n_epochs=n).fit(interactions) for n in (20, 6))

    np.testing.assert_array_equal(ended.item_factors_, six_epochs.item_factors_)


def test_training_has_a_few_epochs_however_many_interactions_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    interactions = make_circles()
    monkeypatch.setattr(sgd_mf, "MAX_TRAINING_STEPS", 1)

    ended, few = (
        MatrixFactorizationModel(n_epochs=n).fit(interactions) for n in (20, sgd_mf.MIN_EPOCHS)
    )

    np.testing.assert_array_equal(ended.item_factors_, few.item_factors_)


def test_another_seed_gives_other_factors() -> None:
    interactions = build_interactions(make_two_taste_events(), n_items=17)

    first, second = (MatrixFactorizationModel(seed=seed).fit(interactions) for seed in (1, 2))

    assert not np.allclose(first.item_factors_, second.item_factors_)
