import numpy as np
import pytest

from recommendations.choices import InteractionType
from recommendations.ml.data import FloatArray, History
from recommendations.ml.numerics.scoring_kernels import (
    AFTER_PURCHASE_FACTOR,
    mark_superseded,
    normalize_rows,
    score_rows,
    weigh_history,
    weigh_rows,
)
from recommendations.tests.ml.builders import build_history

VIEW, CART, PURCHASE = InteractionType.VIEW, InteractionType.CART, InteractionType.PURCHASE
PHONE, COVER = 0, 1
FACTORS = np.array([[3, 4], [0, 0], [1, 2]], dtype=np.float32)


def weigh(history: History, position_decay: float, decay_per_day: float) -> FloatArray:
    weights: FloatArray = weigh_history(
        history.items,
        history.weights,
        history.ages_in_days,
        history.interaction_types,
        position_decay,
        decay_per_day,
    )
    return weights


def find_superseded(history: History) -> list[bool]:
    marks = mark_superseded(history.items, history.ages_in_days, history.interaction_types)
    return list(marks.tolist())


def compute_relative_weights(history: History) -> list[float]:
    """Return the weights relative to that of the newest entry, without decay."""
    weights = weigh(history, position_decay=1.0, decay_per_day=0.0)
    return [float(weight / weights[-1]) for weight in weights]


def test_history_weights_fall_by_position_and_sum_to_one() -> None:
    weights = weigh(build_history(5, 6, 7), position_decay=0.5, decay_per_day=0.0)

    np.testing.assert_allclose(weights, np.array([1, 2, 4]) / 7, rtol=1e-6)


def test_entries_of_one_product_share_its_position() -> None:
    weights = weigh(build_history(5, 6, 6), position_decay=0.5, decay_per_day=0.0)

    np.testing.assert_allclose(weights, np.array([1, 2, 2]) / 5, rtol=1e-6)


def test_history_weights_age_from_the_newest_entry() -> None:
    history = build_history(5, 6, ages_in_days=[1010.0, 1000.0])

    weights = weigh(history, position_decay=1.0, decay_per_day=0.1)

    np.testing.assert_allclose(weights[0] / weights[1], np.exp(-1), rtol=1e-5)


def test_a_purchase_supersedes_what_was_done_to_the_product_until_then() -> None:
    history = build_history(
        *(PHONE, PHONE, PHONE, COVER),
        ages_in_days=[3.0, 2.0, 2.0, 1.0],
        interaction_types=[VIEW, CART, PURCHASE, VIEW],
    )

    assert find_superseded(history) == [True, True, True, False]
    assert compute_relative_weights(history) == pytest.approx([*[AFTER_PURCHASE_FACTOR] * 3, 1])


def test_a_view_after_the_purchase_is_not_superseded() -> None:
    history = build_history(
        PHONE, PHONE, ages_in_days=[2.0, 1.0], interaction_types=[PURCHASE, VIEW]
    )

    assert find_superseded(history) == [True, False]


def test_where_everything_was_bought_nothing_counts_less_than_the_rest() -> None:
    bought = build_history(
        PHONE, COVER, ages_in_days=[2.0, 1.0], interaction_types=[PURCHASE, PURCHASE]
    )

    assert compute_relative_weights(bought) == pytest.approx([1, 1])


def test_a_history_without_interaction_types_is_one_of_views() -> None:
    assert not any(find_superseded(build_history(PHONE, COVER, ages_in_days=[2.0, 1.0])))


def test_rows_are_scored_weighted_and_brought_to_unit_length() -> None:
    vector, bias = np.array([1, 10], np.float32), np.array([0.5, 0, np.nan], np.float32)
    rows = np.array([2, 0], dtype=np.int32)

    scores = score_rows(vector, FACTORS, bias, rows)

    assert scores.tolist() == pytest.approx([np.nan, 43.5], nan_ok=True)
    assert weigh_rows(FACTORS, rows, np.array([2, 0.5], np.float32)).tolist() == [[2, 4], [1.5, 2]]
    unit = normalize_rows(FACTORS, np.array([0, 1, -1], np.int32))
    assert unit.ravel().tolist() == pytest.approx([0.6, 0.8, 0, 0, 0, 0])


@pytest.mark.parametrize("row", [3, -1])
def test_a_row_that_does_not_exist_is_refused(row: int) -> None:
    rows, ones = np.array([row], np.int32), np.ones(1, np.float32)

    with pytest.raises(IndexError):
        score_rows(np.ones(2, np.float32), FACTORS, np.zeros(3, np.float32), rows)
    with pytest.raises(IndexError):
        weigh_rows(FACTORS, rows, ones)
