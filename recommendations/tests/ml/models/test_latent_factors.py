import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from recommendations.ml.data import FloatArray
from recommendations.ml.models.base import top_k
from recommendations.ml.models.svd import CollaborativeFilteringModel
from recommendations.tests.ml.builders import history_of

small_numbers = st.integers(-3, 3).map(np.float32)
biases = st.sampled_from([-1.0, 0.0, 0.25, 2.0, float("nan")]).map(np.float32)


def model(targets: FloatArray, bias: FloatArray) -> CollaborativeFilteringModel:
    """Return a model to which a history of item 0 is a vector of ones."""
    state = {
        "input_factors": np.ones_like(targets),
        "item_factors": targets,
        "bias": bias,
        "is_sequential": np.array([True]),
    }
    return CollaborativeFilteringModel.from_state({}, state)


@settings(deadline=None)  # The first case may compile.
@given(data=st.data(), n_items=st.integers(1, 400), k=st.integers(0, 450))
def test_candidates_are_those_that_a_full_sort_puts_first(
    data: st.DataObject, n_items: int, k: int
) -> None:
    targets = data.draw(hnp.arrays(np.float32, (n_items, 5), elements=small_numbers))
    bias = data.draw(hnp.arrays(np.float32, n_items, elements=biases))
    bias[0] = 0

    found = model(targets, bias).candidates(history_of(0), k)

    # Sums of small whole numbers: exact in whatever order, with many ties.
    expected = top_k(targets.sum(axis=1) + bias, k)
    np.testing.assert_array_equal(found.items, expected.items)
    np.testing.assert_array_equal(found.scores, expected.scores)


def test_candidates_and_score_items_agree_to_the_last_bit() -> None:
    rng = np.random.default_rng(0)
    targets = rng.standard_normal((3_000, 37), dtype=np.float32)
    recommender = model(targets, rng.standard_normal(3_000, dtype=np.float32))

    found = recommender.candidates(history_of(5, 0, 9), 500)

    np.testing.assert_array_equal(
        recommender.score_items(history_of(5, 0, 9), found.items), found.scores
    )


def test_candidates_follow_what_was_learnt_last() -> None:
    recommender = model(np.array([[1], [2], [3]], dtype=np.float32), np.zeros(3, dtype=np.float32))
    before = recommender.candidates(history_of(0), 1)

    recommender.item_factors_ = np.array([[1], [5], [3]], dtype=np.float32)
    after = recommender.candidates(history_of(0), 1)
    recommender.bias_ = np.array([9, 0, np.nan], dtype=np.float32)
    biased = recommender.candidates(history_of(0), 3)

    assert (before.items[0], after.items[0]) == (2, 1)
    assert biased.items.tolist() == [0, 1]


def test_sources_and_targets_of_different_widths_are_refused() -> None:
    wide = model(np.ones((3, 2), np.float32), np.zeros(3, np.float32)).state()
    narrow = np.ones((3, 1), np.float32)

    with pytest.raises(ValueError, match="do not fit each other"):
        CollaborativeFilteringModel.from_state({}, wide | {"item_factors": narrow})


def test_an_item_past_the_end_is_refused() -> None:
    recommender = model(np.ones((3, 2), np.float32), np.zeros(3, np.float32))

    with pytest.raises(IndexError):
        recommender.score_items(history_of(0), np.array([3], dtype=np.int32))


def test_a_history_is_folded_in_anew_after_another_fit() -> None:
    targets = np.array([[1, 0], [0, 1]], dtype=np.float32)
    recommender = model(targets, np.zeros(2, dtype=np.float32))
    history = history_of(0)
    before = recommender.score_items(history, np.array([1]))

    recommender.input_factors_ = 2 * recommender.input_factors_

    np.testing.assert_allclose(recommender.score_items(history, np.array([1])), 2 * before)
