import numpy as np
import pytest

from recommendations.choices import InteractionType
from recommendations.ml.models.ease import MAX_ITEMS, EaseModel
from recommendations.tests.ml.builders import (
    build_catalogue,
    build_history,
    build_interactions,
    find_candidates,
)

VIEW = InteractionType.VIEW
EVENTS = [
    (user, item, VIEW, float(user))
    for user, items in enumerate([(0, 1), (0, 1), (0, 2), (1, 2), (0, 1, 2)])
    for item in items
]


def test_each_column_is_the_ridge_regression_of_an_item_on_the_others() -> None:
    touched = np.zeros((5, 3))
    for user, item, _, _ in EVENTS:
        touched[user, item] = 1

    ease = EaseModel(regularization=2.0).fit(build_interactions(EVENTS, n_items=3))

    for item in range(3):
        others = [other for other in range(3) if other != item]
        known = touched[:, others]
        expected = np.linalg.solve(known.T @ known + 2 * np.eye(2), known.T @ touched[:, item])
        found = [ease.score([build_history(other)])[0, item] for other in others]
        assert found == pytest.approx(expected.tolist(), rel=1e-4)


def test_attributes_lead_to_an_item_that_nobody_touched() -> None:
    catalogue = build_catalogue(4, categories=["Pans", "Hats", "Hats", "Pans"])
    log = build_interactions(EVENTS, n_items=4, catalogue=catalogue)

    with_attributes = EaseModel().fit(log).score([build_history(0)])[0]
    without = EaseModel(attribute_weight=0.0).fit(log).score([build_history(0)])[0]

    assert with_attributes[3] > 0
    assert np.isnan(without[3])


def test_a_catalogue_too_large_for_a_dense_matrix_leaves_no_opinions() -> None:
    ease = EaseModel().fit(build_interactions(EVENTS, n_items=MAX_ITEMS + 1))

    assert len(find_candidates(ease, build_history(0), 5).items) == 0
