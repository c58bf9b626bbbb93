import numpy as np
import pytest

from recommendations.ml.data import FloatArray
from recommendations.ml.models.latent_factors import limit_factors
from recommendations.ml.models.svd import CollaborativeFilteringModel
from recommendations.tests.ml.builders import build_history, find_candidates, score_items


def model(item_factors: FloatArray, bias: FloatArray) -> CollaborativeFilteringModel:
    """Return a model to which a history of item 0 is a vector of ones."""
    return CollaborativeFilteringModel().set_factors(
        np.ones_like(item_factors), item_factors, bias, is_sequential=True
    )


def test_candidates_and_score_items_agree_to_the_last_bit() -> None:
    rng = np.random.default_rng(0)
    item_factors = rng.standard_normal((3_000, 37), dtype=np.float32)
    recommender = model(item_factors, rng.standard_normal(3_000, dtype=np.float32))

    found = find_candidates(recommender, build_history(5, 0, 9), 500)

    np.testing.assert_array_equal(
        score_items(recommender, build_history(5, 0, 9), *found.items), found.scores
    )


def test_candidates_follow_the_factors_that_were_set_last() -> None:
    recommender = model(np.array([[1], [2], [3]], np.float32), np.zeros(3, np.float32))
    before = find_candidates(recommender, build_history(0), 1)

    recommender.set_factors(
        np.ones((3, 1), np.float32),
        np.array([[1], [5], [3]], np.float32),
        np.array([9, 0, np.nan], np.float32),
        is_sequential=True,
    )

    assert before.items.tolist() == [2]
    assert find_candidates(recommender, build_history(0), 3).items.tolist() == [0, 1]


def test_input_and_item_factors_of_different_widths_are_refused() -> None:
    wide = model(np.ones((3, 2), np.float32), np.zeros(3, np.float32)).state()
    narrow = np.ones((3, 1), np.float32)

    with pytest.raises(ValueError, match="do not fit each other"):
        CollaborativeFilteringModel.from_state({}, wide | {"item_factors": narrow})


def test_an_item_past_the_end_is_refused() -> None:
    recommender = model(np.ones((3, 2), np.float32), np.zeros(3, np.float32))

    with pytest.raises(IndexError):
        score_items(recommender, build_history(0), 3)


def test_folding_in_one_history_does_not_change_the_scores_for_another() -> None:
    recommender = model(np.array([[1, 0], [0, 1]], np.float32), np.zeros(2, np.float32))
    recommender.input_factors_ = np.array([[1, 0], [0, 1]], np.float32)
    first, second = (recommender.fold_in(build_history(item)) for item in (0, 1))
    items = np.array([0, 1], dtype=np.int32)

    assert recommender.score_items(second, items).tolist() == [0, 1]
    assert recommender.score_items(first, items).tolist() == [1, 0]


def test_large_catalogues_have_fewer_factors_but_never_none() -> None:
    assert limit_factors(10_000) == (736, 64)
    assert limit_factors(100_000) == (40, 40)
    assert limit_factors(10_000_000) == (32, 32)
